"""News about a few scalars, brought in step by step while these scalars move with it."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from forecast.inference.columns import SOURCES, fill, labelled_coords, latent_columns, looked_up, places
from forecast.inference.likelihood import Choices, Gathered, gather, joined, totals
from forecast.model.priors import prior_arrays

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from forecast.inference.blocks import Block
    from forecast.inference.columns import Get
    from forecast.model.priors import Prior

STAGES = 12
MOVES = 2  # of each draw at each stage
JITTER = 1e-3  # of the prior's scale, so that equal draws part
NO_NEWS = 0.3  # standard deviation over draws of the log-likelihood of the news, below which nothing needs to move


class Annealed(NamedTuple):
    """Draws with a block of scalars moved, and the log weights that bring them to the news."""

    draws: xr.Dataset
    log_weight: np.ndarray  # [sample]
    moved: bool  # False where the news says so little that the scalars stay


class Free(NamedTuple):
    """The scalars of a block on the unbounded scale, and how they go back to parameters by name."""

    z: np.ndarray  # [sample, scalar]
    location: np.ndarray  # [scalar] of the prior
    scale: np.ndarray
    parts: list[tuple[str, np.ndarray, np.ndarray, bool]]  # name, whole values, entries that move, whether in logs

    def log_prior(self, z: np.ndarray) -> np.ndarray:
        """Log prior density [sample], up to a constant."""
        return -0.5 * np.sum(((z - self.location) / self.scale) ** 2, axis=1)

    def named(self, z: np.ndarray) -> dict[str, np.ndarray]:
        """Parameters by name [sample, ...]."""
        out, begin = {}, 0
        for name, whole, at, logs in self.parts:
            part = z[:, begin : begin + len(at)]
            begin += len(at)
            moved = whole.reshape(len(whole), -1).copy()
            moved[:, at] = np.exp(part) if logs else part
            out[name] = moved.reshape(whole.shape)
        return out


def anneal(
    draws: xr.Dataset,
    panel: xr.Dataset,
    priors: Mapping[str, Prior],
    block: Block,
    known: Choices,
    fresh: Choices,
    seed: int,
) -> Annealed:
    """Annealed importance sampling (Neal 2001) of a block of scalars, all else held.

    The news enters with a power that grows from 0 to 1; at each stage a draw's weight takes the increment, and its
    scalars move by Metropolis steps along differences between two draws of the population that came in, which leave
    the target of that stage as it is (ter Braak 2006, with a fixed population). The better the moves, the closer is the
    weight to the chance of the news with the block integrated out; it is right in any case.

    Parameters
    ----------
    draws
        Parameters and latent paths by name, dims (sample, ...), from the posterior without the news.
    panel, priors
        Those of the choices.
    block
        From `blocks_of`.
    known
        All choices that depend on the block, without the news.
    fresh
        The news: choices with what it adds to their counts.
    seed
        Seed of the moves.
    """
    both, split, get = joined(known, fresh), len(known.kind), looked_up(draws)
    gathered = gather(both, get, panel, priors)
    told = totals(both, gathered, split)
    if told[:, 1].std() < NO_NEWS:
        return Annealed(draws, told[:, 1], moved=False)
    free = free_scalars(get, panel, priors, block)
    score = _scorer(get, panel, priors, block, both, split, gathered, free)
    rng = np.random.default_rng(seed)
    z, others, log_prior = free.z, free.z, free.log_prior(free.z)
    size, before = len(z), 0.0
    weight, jump = np.zeros(size), 2.38 / math.sqrt(2.0 * z.shape[1])
    for power in (np.arange(1, STAGES + 1) / STAGES) ** 2:
        weight += (power - before) * told[:, 1]
        before = power
        for _ in range(MOVES):
            a, b = (others[rng.integers(size, size=size)] for _ in range(2))
            proposed = z + jump * (a - b) + JITTER * free.scale * rng.standard_normal(z.shape)
            found, prior = score(proposed), free.log_prior(proposed)
            gain = prior - log_prior + (found - told) @ np.array([1.0, power])
            taken = np.log(rng.random(size)) < gain
            z = np.where(taken[:, None], proposed, z)
            told, log_prior = np.where(taken[:, None], found, told), np.where(taken, prior, log_prior)
    named = {name: (("sample", *priors[name].dims), moved) for name, moved in free.named(z).items()}
    return Annealed(draws.assign(named), weight, moved=True)


def free_scalars(get: Get, panel: xr.Dataset, priors: Mapping[str, Prior], block: Block) -> Free:
    """The scalars of a block at each draw."""
    coords = labelled_coords(panel)
    parts, z, location, scale = [], [], [], []
    for name, at in block.scalars.items():
        whole, logs = get(name), priors[name].family == "lognormal"
        flat = whole.reshape(len(whole), -1)[:, at]
        z.append(np.log(flat) if logs else flat)
        center, spread = prior_arrays({name: priors[name]}, coords, priors[name].family)
        location.append(center[at])
        scale.append(spread[at])
        parts.append((name, whole, at, logs))
    return Free(np.concatenate(z, axis=1), np.concatenate(location), np.concatenate(scale), parts)


def _scorer(
    get: Get,
    panel: xr.Dataset,
    priors: Mapping[str, Prior],
    block: Block,
    choices: Choices,
    split: int,
    gathered: Gathered,
    free: Free,
) -> Callable[[np.ndarray], np.ndarray]:
    """Log-likelihood of the known choices and of the news [sample, 2] as a function of the scalars of a block."""
    parameters = np.unique(np.concatenate([choices.fixed.parameter, choices.latent.parameter, choices.coupling]))
    where = {
        name: place
        for name, place in places(panel, priors, parameters).items()
        if not block.scalars.keys().isdisjoint({name, *SOURCES.get(name, ())})
    }
    own = np.unique(np.concatenate([column for column, _ in where.values()])) if where else np.zeros(0, dtype=int)
    positions = np.unique(choices.latent.position)
    moving = np.flatnonzero(np.isin(positions, block.latents))
    size, width = gathered.parameters.shape
    halves = [slice(begin, begin + -(-size // 2)) for begin in (0, -(-size // 2))]

    def score(z: np.ndarray) -> np.ndarray:
        named = free.named(z)

        def now(name: str) -> np.ndarray:
            return named[name] if name in named else get(name)

        table, levels = gathered.parameters.copy(), gathered.levels
        table[:, own] = fill(now, panel, where, width, size)[:, own]
        if len(moving):
            levels = levels.copy()
            levels[:, moving] = latent_columns(now, panel, positions[moving], size)
        parts = [gathered._replace(parameters=table[at], levels=levels[at]) for at in halves]
        with ThreadPoolExecutor(2) as pool:
            return np.concatenate(list(pool.map(lambda part: totals(choices, part, split), parts)))

    return score
