"""Forecasts between two forecasts, and how far single changes of the record move them, with Monte Carlo errors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from forecast.inference.carry import priors_of
from forecast.inference.fit import samples
from forecast.inference.ratios import Stand, moved_to
from forecast.inference.reweight import KHAT, log_prior, smoothed
from forecast.inference.update import LEAST_PARTICLES, diagnosis_of, update_posterior
from forecast.outlook.ladder import first_events, severity
from forecast.outlook.simulate import simulate
from forecast.outlook.world import start_now, world_of
from forecast.record.patched import same_panel
from forecast.terms import LADDER

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from forecast.model.priors import Prior
    from forecast.outlook.world import Start, World

BATCHES = 20  # of the draws of each chain
FEW_PATHS = 60_000  # where a change of the record also moves the state that futures start from
CLOSE = 1e-5  # how alike two starts are that share their futures: draws are kept in single precision
UNTRUSTED = "weights not to be trusted"


class Futures(NamedTuple):
    """How futures are simulated: horizons in days, seed, and how many in all."""

    horizons: tuple[int, ...]
    seed: int
    total: int


class Effect(NamedTuple):
    """Difference of two ladders and its Monte Carlo error [horizon, name], and the k-hat of the weights behind it.

    The names are the rungs of the ladder and, last, an overt strike by either side.
    """

    difference: np.ndarray
    mcse: np.ndarray
    khat: float = np.nan


@dataclass(frozen=True)
class State:
    """A forecast that lies between two others: a posterior on its panel, and how its futures are simulated."""

    tree: xr.DataTree
    ahead: Futures

    @cached_property
    def panel(self) -> xr.Dataset:
        """What the draws know."""
        return self.tree["panel"].to_dataset()

    @cached_property
    def draws(self) -> xr.Dataset:
        """Its draws [sample], chain by chain."""
        return samples(self.tree["posterior"].to_dataset())

    @cached_property
    def priors(self) -> dict[str, Prior]:
        """The priors of its fit."""
        return priors_of(self.tree)

    @property
    def chains(self) -> tuple[int, int]:
        """Numbers of chains and of draws in each."""
        return self.tree["posterior"].sizes["chain"], self.tree["posterior"].sizes["draw"]

    @cached_property
    def shares(self) -> np.ndarray:
        """Probability of each rung, and of an overt strike, by draw [draw, horizon, name]."""
        return by_draw(*self.origin, self.panel, self.ahead)

    @cached_property
    def few(self) -> np.ndarray:
        """The same from fewer futures."""
        if self.ahead.total <= FEW_PATHS:
            return self.shares
        return by_draw(*self.origin, self.panel, self.ahead._replace(total=FEW_PATHS))

    @cached_property
    def origin(self) -> tuple[World, Start]:
        """Where its futures start."""
        return origin_of(self.draws, self.panel)

    @cached_property
    def stand(self) -> Stand:
        """Panel and draws, ready to be moved by weights."""
        return Stand(self.panel, self.draws, self.priors)


def updated_state(base: xr.DataTree, panel: xr.Dataset, ahead: Futures) -> State | None:
    """The forecast of a fit moved to another panel by `update_posterior`; None where its draws degenerate.

    How long ago the fit was made does not count here: what a longer way costs shows in the remainder.
    """
    moved = update_posterior(base, panel)
    found = diagnosis_of(moved)
    if found is None or found.khat > KHAT or found.ess_particles < LEAST_PARTICLES * found.particles:
        return None
    return State(moved, ahead)


def origin_of(draws: xr.Dataset, panel: xr.Dataset) -> tuple[World, Start]:
    """Parameters of the case and its state at the end of a panel."""
    return world_of(draws, panel), start_now(draws, panel)


def by_draw(world: World, start: Start, panel: xr.Dataset, ahead: Futures) -> np.ndarray:
    """Probability of each rung, and of an overt strike, by draw [draw, horizon, name]."""
    step = int(panel.attrs["period_days"])
    paths = simulate(
        world, start, periods=-(-max(ahead.horizons) // step), paths=max(ahead.total // len(start.standing), 10),
        period_days=step, seed=ahead.seed,
    )  # fmt: skip
    events = first_events(paths)
    reached = [severity(events, horizon) for horizon in ahead.horizons]
    rungs = np.moveaxis(np.array([[(at == k).mean(axis=1) for k in range(len(LADDER))] for at in reached]), 2, 0)
    struck = np.stack([(events.strike <= horizon).mean(axis=1) for horizon in ahead.horizons], axis=1)
    return np.concatenate([rungs, struck[:, :, None]], axis=2)


def step(before: State, after: State, *, paired: bool = True) -> Effect:
    """What lies between two forecasts; `paired` where the draws of one come from those of the other, in their order."""
    one, other = _equal(before.shares), _equal(after.shares)
    if paired and len(one) == len(other):
        error = batch_error(other - one, after.chains)
    else:
        error = np.hypot(batch_error(one, before.chains), batch_error(other, after.chains))
    found = diagnosis_of(after.tree)
    return Effect(
        after.shares.mean(axis=0) - before.shares.mean(axis=0), error, np.nan if found is None else found.khat
    )


def single(
    after: State | None, lacking: xr.Dataset, before: State | None = None, having: xr.Dataset | None = None
) -> Effect | None:
    """What one change of the record moves: the mean of taking it out last and of putting it in first.

    For changes that act on each other in pairs this mean is the Shapley value of the change, so that the changes add
    up; what three or more do together is left over.

    Parameters
    ----------
    after
        The forecast that knows the change and all others; None where there is none.
    lacking
        The panel of `after` without the change.
    before, having
        The forecast that knows none of the changes, and its panel with this one.

    Returns
    -------
    Effect or None
        From one of the two alone where the weights of the other are not to be trusted; None if neither are.
    """
    last = None if after is None else _moved(after, lacking)
    first = None if before is None or having is None else _moved(before, having)
    found = [one._replace(difference=sign * one.difference)
             for one, sign in ((last, -1.0), (first, 1.0)) if one is not None and one.khat <= KHAT]  # fmt: skip
    if not found:
        return None
    # the draws of the two are not independent, so that the error of their mean is taken as the mean of their errors
    return Effect(
        np.mean([one.difference for one in found], axis=0), np.mean([one.mcse for one in found], axis=0),
        max(one.khat for one in found),
    )  # fmt: skip


def other_priors(state: State, priors: Mapping[str, Prior]) -> Effect | None:
    """What other numbers in the priors move, by weights of the draws; None where weights cannot tell."""
    old = state.priors

    def form(prior: Prior) -> tuple:
        return prior.family, prior.dims, prior.parameters if prior.family == "fixed" else None

    if old.keys() != priors.keys() or any(form(old[name]) != form(priors[name]) for name in old):
        return None
    weights = smoothed(log_prior(state.tree, priors) - log_prior(state.tree, old))
    if not weights.trusted:
        return None
    return _weighted(state.shares, state.shares, weights.weight, state.chains)._replace(khat=weights.khat)


def batch_error(influence: np.ndarray, chains: tuple[int, int]) -> np.ndarray:
    """Standard error of a sum of influences [draw, ...] that average to nothing: batch means, chain by chain.

    Draws next to each other in a chain are alike; sums over batches of them hardly are (Flegal and Jones 2010).
    """
    chain, draw = chains
    size = min(BATCHES, max(draw // 5, 1))
    by_chain = influence.reshape(chain, draw, *influence.shape[1:])
    sums = np.concatenate([part.sum(axis=1) for part in np.array_split(by_chain, size, axis=1)])
    return np.sqrt((sums**2).sum(axis=0) * len(sums) / max(len(sums) - 1, 1))


def _moved(state: State, panel: xr.Dataset) -> Effect:
    """From a state to what it would be on another panel, by weights; futures are shared where the start is the same."""
    if same_panel(state.panel, panel):
        nothing = np.zeros(state.shares.shape[1:])
        return Effect(nothing, nothing, 0.0)
    draws, weights = moved_to(state.stand, panel)
    if not weights.trusted:
        return Effect(np.array(np.nan), np.array(np.nan), weights.khat)
    origin = origin_of(draws, panel)
    alike = all(_alike(one, other) for one, other in zip(state.origin, origin, strict=True))
    here = state.shares if alike else state.few
    few = state.ahead._replace(total=min(state.ahead.total, FEW_PATHS))
    there = here if alike else by_draw(*origin, panel, few)
    return _weighted(here, there, weights.weight, state.chains)._replace(khat=weights.khat)


def _weighted(here: np.ndarray, there: np.ndarray, weight: np.ndarray, chains: tuple[int, int]) -> Effect:
    """Weighted mean of `there` less the mean of `here`, over the same draws."""
    weights = weight[:, None, None]
    mean = (weights * there).sum(axis=0)
    error = batch_error(weights * (there - mean) - _equal(here), chains)
    return Effect(mean - here.mean(axis=0), error)


def _equal(shares: np.ndarray) -> np.ndarray:
    """What each draw adds to the error of a mean."""
    return (shares - shares.mean(axis=0)) / len(shares)


def _alike(one: tuple, other: tuple) -> bool:
    return all(
        np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=0.0, atol=CLOSE) for a, b in zip(one, other, strict=True)
    )
