"""A particle filter of the case's resolve within each draw of the parameters, period by period; one compiled loop."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numba
import numpy as np

from forecast.inference.columns import looked_up, values
from forecast.inference.likelihood import (
    Choices,
    Gathered,
    Terms,
    choice_log_likelihood,
    gather,
    predictors,
    some,
    some_terms,
)
from forecast.model.cells import padded
from forecast.model.latent import latent_inputs, standing_resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from forecast.model.priors import Prior

CHUNK = 250  # draws that share one stream of random numbers


class Filtered(NamedTuple):
    """What the filter found, period by period of its window."""

    log_evidence: np.ndarray  # [sample, period] log of the mean weight: p(data of the period | data before, parameters)
    ess: np.ndarray  # [sample, period] effective number of particles
    path: np.ndarray  # [sample, copy, period, side] equally likely paths of the episode part of resolve


class Moves(NamedTuple):
    """How the episode part of resolve moves, at each draw."""

    start: np.ndarray  # [sample, side] in the period before the window
    known: bool  # False where the window opens with the case: a draw from the stationary distribution
    persistence: np.ndarray  # [sample]
    together: np.ndarray  # [sample] correlation of the shocks of the two sides
    pull: np.ndarray  # [sample] what a hit adds in the next period
    standing: np.ndarray  # [sample, side] lasting part of resolve
    scale: np.ndarray  # [sample] of the episode part
    hit: np.ndarray  # [side, period of the window]


class Observed(NamedTuple):
    """The choices of the window, by period, and their terms apart from the resolve of the case."""

    choices: Choices
    gathered: Gathered
    bounds: np.ndarray  # [period + 1] first choice of each period
    load: Terms  # terms of the case's resolve; their position is the side
    load_column: np.ndarray  # [term] column of their parameter


def moves_of(draws: xr.Dataset, panel: xr.Dataset, first: int, start: np.ndarray | None) -> Moves:
    """Read the moves of resolve from draws with one `sample` dim.

    Parameters
    ----------
    draws
        Parameters by name.
    panel
        Their panel.
    first
        First period of the window.
    start
        Episode part of resolve in the period before it [sample, side]; None where the case begins with the window.
    """
    rho = 2.0 ** (-int(panel.attrs["period_days"]) / 7.0 / values(draws, "resolve_half_life"))
    length = int(panel["length"].values[0])
    return Moves(
        start=np.zeros((len(rho), 2)) if start is None else np.ascontiguousarray(start),
        known=start is not None,
        persistence=rho,
        together=np.tanh(values(draws, "shared_shocks")),
        pull=values(draws, "hit_effect") * (1.0 - rho),
        standing=standing_resolve(draws, panel),
        scale=np.sqrt(values(draws, "resolve_share")[:, -1]),
        hit=np.ascontiguousarray(latent_inputs(panel)["hit"][:, first:length]),
    )


def observed_in(
    choices: Choices, draws: xr.Dataset, panel: xr.Dataset, priors: Mapping[str, Prior], first: int
) -> Observed:
    """The choices of a panel into which the resolve of the case enters from period `first` on."""
    length, steps = int(panel["length"].values[0]), padded(int(panel["length"].values[0]))
    inside = np.flatnonzero(choices.step >= first)
    inside = inside[np.argsort(choices.step[inside], kind="stable")]
    chosen = some(choices, inside)
    own = chosen.latent.position < 2 * steps
    load = some_terms(chosen.latent, own)
    chosen = chosen._replace(latent=some_terms(chosen.latent, ~own))
    load = load._replace(position=load.position // steps)
    # the parameters of the load are looked up together with the others, as if they were fixed terms
    both = np.concatenate([chosen.fixed.parameter, load.parameter])
    gathered = gather(chosen._replace(fixed=chosen.fixed._replace(parameter=both)), looked_up(draws), panel, priors)
    fixed, column = np.split(gathered.fixed, [len(chosen.fixed.parameter)])
    bounds = np.searchsorted(chosen.step, np.arange(first, length + 1))
    return Observed(chosen, gathered._replace(fixed=fixed), bounds, load, column)


def filter_paths(moves: Moves, observed: Observed, *, particles: int, copies: int, seed: int) -> Filtered:
    """Filter the resolve of both sides within each draw: bootstrap particle filter, systematic resampling.

    Random numbers sit in slots keyed by (seed, chunk of draws) and then by period, so that two windows which begin in
    the same period and see the same data in their first periods give the same evidence there.

    Parameters
    ----------
    moves
        From `moves_of`.
    observed
        From `observed_in`, for the same draws and first period.
    particles
        Particles per draw.
    copies
        Paths per draw that are kept.
    seed
        Seed of the random numbers.
    """
    draws, periods = len(moves.persistence), moves.hit.shape[1]
    out = Filtered(
        np.zeros((draws, periods)), np.zeros((draws, periods)), np.zeros((draws, copies, periods, 2), dtype=np.float32)
    )

    def run(number: int) -> None:
        begin = number * CHUNK
        size = min(CHUNK, draws - begin)
        normal = np.empty((size, periods, particles, 2), dtype=np.float32)
        uniform = np.empty((size, periods + 1))
        for t in range(periods):
            rng = np.random.default_rng([seed, number, t])
            normal[:, t] = rng.standard_normal((size, particles, 2), dtype=np.float32)
            uniform[:, t] = rng.random(size)
        uniform[:, periods] = np.random.default_rng([seed, number, periods, 1]).random(size)
        _filter(moves, observed, begin, normal, uniform, *out)

    with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        list(pool.map(run, range(-(-draws // CHUNK))))
    return out


@numba.njit(cache=True, nogil=True)
def _filter(moves, observed, begin, normal, uniform, log_evidence, ess, path):  # noqa: ANN001, ANN202, C901
    draws, periods, particles, _ = normal.shape
    choices, gathered, load = observed.choices, observed.gathered, observed.load
    copies = path.shape[1]
    base, slope = np.zeros(len(choices.offset)), np.zeros((len(choices.offset), 2))
    x, before = np.zeros((particles, 2)), np.zeros((particles, 2))
    log_weight, weight = np.zeros(particles), np.zeros(particles)
    kept, parent = np.zeros((periods, particles, 2)), np.zeros((periods, particles), np.int64)
    for k in range(draws):
        d = begin + k
        predictors(choices, gathered, d, base)
        slope[:] = 0.0
        for p in range(len(base)):
            for j in range(load.pointer[p], load.pointer[p + 1]):
                slope[p, load.position[j]] += gathered.parameters[d, observed.load_column[j]] * load.value[j]
        rho = moves.persistence[d]
        shock = np.sqrt(1.0 - rho**2)
        together, apart = moves.together[d], np.sqrt(1.0 - moves.together[d] ** 2)
        for s in range(2):
            x[:, s] = moves.start[d, s]
        weight[:] = 1.0 / particles
        log_weight[:] = 0.0
        for t in range(periods):
            # resample where the weights of the period before have become unequal
            share = 0.0
            for m in range(particles):
                share += weight[m] ** 2
            if share * particles > 2.0:
                before[:] = x
                at, total = 0, weight[0]
                for m in range(particles):
                    u = (m + uniform[k, t]) / particles
                    while total < u and at < particles - 1:
                        at += 1
                        total += weight[at]
                    parent[t, m] = at
                    x[m] = before[at]
                log_weight[:] = 0.0
            else:
                for m in range(particles):
                    parent[t, m] = m
            old = _log_mean(log_weight)
            still = t == 0 and not moves.known
            for m in range(particles):
                for s in range(2):
                    z = normal[k, t, m, 0] if s == 0 else together * normal[k, t, m, 0] + apart * normal[k, t, m, 1]
                    x[m, s] = z if still else rho * x[m, s] + shock * z + moves.pull[d] * moves.hit[s, t]
                    kept[t, m, s] = x[m, s]
            for c in range(observed.bounds[t], observed.bounds[t + 1]):
                i, j, kind = choices.first[c], choices.second[c], choices.kind[c]
                n, e = choices.counts[c], choices.extra[c]
                counts, extra = (n[0], n[1], n[2], n[3]), (e[0], e[1], e[2])
                coupling = gathered.parameters[d, gathered.coupling[c]]
                first, second, of = base[i], base[j], moves.standing[d]  # of single choices the second is not used
                for s in range(2):
                    first += slope[i, s] * of[s]
                    second += slope[j, s] * of[s]
                a0, a1 = slope[i, 0] * moves.scale[d], slope[i, 1] * moves.scale[d]
                b0, b1 = slope[j, 0] * moves.scale[d], slope[j, 1] * moves.scale[d]
                for m in range(particles):
                    log_weight[m] += choice_log_likelihood(
                        kind, first + a0 * x[m, 0] + a1 * x[m, 1], second + b0 * x[m, 0] + b1 * x[m, 1],
                        coupling, counts, extra,
                    )  # fmt: skip
            log_evidence[d, t] = _log_mean(log_weight) - old
            total, square, top = 0.0, 0.0, log_weight.max()
            for m in range(particles):
                weight[m] = np.exp(log_weight[m] - top)
                total += weight[m]
            for m in range(particles):
                weight[m] /= total
                square += weight[m] ** 2
            ess[d, t] = 1.0 / square
        turn = int(uniform[k, periods] * copies * copies)  # which copy comes first, and the shift of the grid
        at, total = 0, weight[0]
        for c in range(copies):
            u = (c + (uniform[k, periods] * copies * copies - turn)) / copies
            while total < u and at < particles - 1:
                at += 1
                total += weight[at]
            m, place = at, (c + turn) % copies
            for t in range(periods - 1, -1, -1):
                path[d, place, t, 0], path[d, place, t, 1] = kept[t, m, 0], kept[t, m, 1]
                m = parent[t, m]


@numba.njit(cache=True, nogil=True)
def _log_mean(log_weight):  # noqa: ANN001, ANN202
    top = log_weight.max()
    total = 0.0
    for m in range(len(log_weight)):
        total += np.exp(log_weight[m] - top)
    return top + np.log(total / len(log_weight))
