"""Clocks of a crisis: how long a step takes, and how often it comes on a day, by age; conjugate, with draws.

A *lag* is a distribution over days whose bins have a Dirichlet prior. A *hazard* is a chance per day that is constant
within bins of age, each with a gamma prior (piecewise-constant hazard; Friedman 1982); its posterior is a gamma of the
events and days at risk in the bin.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

LAG_EDGES: Final = (0, 1, 2, 4, 8, 15, 31, 61, 91, 181, 366, 731)
"""First day of each bin of a lag; the last number ends the last bin."""
LAG_PRIOR: Final = 0.5
"""Prior weight of each bin, in crises: the bins widen like days on a logarithmic scale."""
NEVER: Final = 10_000
"""A day beyond every horizon."""


class Lag(NamedTuple):
    """Posterior of a distribution over days: Dirichlet weight [bin]."""

    weight: np.ndarray


class Hazard(NamedTuple):
    """Posterior of a chance per day: first age of each bin, gamma shape and rate [bin]."""

    edges: np.ndarray
    shape: np.ndarray
    rate: np.ndarray


def fit_lag(days: np.ndarray) -> Lag:
    """Learn a lag from days [crisis] that were seen; later ones than the last bin holds count as its last day."""
    last = LAG_EDGES[-1] - 1
    counts = np.histogram(np.clip(days, 0, last), bins=LAG_EDGES)[0]
    return Lag(counts + LAG_PRIOR)


def draw_lag(lag: Lag, rng: np.random.Generator) -> np.ndarray:
    """One draw of the chance of each day [day], day 0 first."""
    width = np.diff(LAG_EDGES)
    return np.repeat(rng.dirichlet(lag.weight) / width, width)


def lag_days(chance: np.ndarray, after: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Days [size] drawn from the chance of each day, given that it comes later than day `after` (-1: no matter when).

    Where the age is beyond the last bin, the day is `NEVER`.
    """
    later = np.cumsum(np.where(np.arange(len(chance)) > after, chance, 0.0))
    if later[-1] <= 0:
        return np.full(size, NEVER)
    return np.searchsorted(later, rng.random(size) * later[-1], side="right").clip(max=len(chance) - 1)


def fit_hazard(
    edges: tuple[int, ...], events: np.ndarray, exposed: np.ndarray, *, prior_events: float, prior_days: float
) -> Hazard:
    """Learn a hazard by age.

    Parameters
    ----------
    edges
        First age of each bin, in days; the last bin is open.
    events
        Ages [event] at which it came.
    exposed
        Days at risk [age], by age from 0.
    prior_events, prior_days
        The prior of each bin: as if so many events had been seen in so many days.
    """
    place = np.asarray(edges)
    bins = np.searchsorted(place, np.arange(len(exposed)), side="right") - 1
    days = np.bincount(bins[bins >= 0], exposed[bins >= 0], len(place))
    seen = np.searchsorted(place, events, side="right") - 1
    return Hazard(place, np.bincount(seen[seen >= 0], minlength=len(place)) + prior_events, days + prior_days)


def draw_hazard(hazard: Hazard, rng: np.random.Generator) -> np.ndarray:
    """One draw of the chance per day [bin]."""
    return rng.gamma(hazard.shape) / hazard.rate


def by_age(hazard: Hazard, values: np.ndarray, first: int, days: int) -> np.ndarray:
    """Chance per day [day] at ages `first`, `first` + 1, … of a draw of a hazard."""
    return values[(np.searchsorted(hazard.edges, first + np.arange(days), side="right") - 1).clip(min=0)]


def first_days(per_day: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Day [size], from 1, on which something with these chances per day [day] comes first; `NEVER` if on none."""
    found = np.searchsorted(np.cumsum(per_day), rng.exponential(size=size)) + 1
    return np.where(found > len(per_day), NEVER, found)
