"""From indicators on paths to a probability, its epistemic interval and its Monte Carlo error."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from arviz_stats.base.array import array_stats

LEVELS = (0.10, 0.90)


class Estimate(NamedTuple):
    """A probability with its 80 % epistemic interval (spread over posterior draws) and Monte Carlo standard error."""

    probability: float
    low: float
    high: float
    mcse: float


def estimate(event: np.ndarray, given: np.ndarray | None = None, draws: np.ndarray | None = None) -> Estimate:
    """Probability of `event` (given `given`), from indicators [draw, path]; draws may carry weights [draw].

    The interval is the 10-90 % range over draws of the per-draw probability. A per-draw share over finitely many
    paths is noisy, which would widen the interval; the part of its variance that binomial noise explains is taken out
    by shrinking towards the mean (method of moments). Where few draws carry the event the mean may lie outside the
    10-90 % range; the interval is then stretched to hold it. The Monte Carlo error is that of the mean over draws.

    Returns
    -------
    Estimate
        All NaN where the condition never holds.
    """
    base = np.ones_like(event, dtype=bool) if given is None else given
    carried = np.ones(len(event)) if draws is None else draws
    trials = base.sum(axis=1) * carried
    hits = (event & base).sum(axis=1) * carried
    total = trials.sum()
    if total == 0:
        return Estimate(np.nan, np.nan, np.nan, np.nan)
    mean = float(hits.sum() / total)
    mcse = float(np.sqrt(np.sum((hits - mean * trials) ** 2)) / total) if len(trials) > 1 else np.nan
    low, high = _weighted_quantile(*shares(event, given, draws), LEVELS)
    return Estimate(mean, max(min(low, mean), 0.0), min(max(high, mean), 1.0), mcse)


def shares(
    event: np.ndarray, given: np.ndarray | None = None, draws: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Probability of `event` (given `given`) by draw, without the noise of finitely many paths (see `estimate`).

    Returns
    -------
    ndarray, ndarray
        Per-draw probabilities and weights that sum to one: how much of the condition each draw carries. Draws in which
        it never holds are left out; both are empty where it holds in none.
    """
    base = np.ones_like(event, dtype=bool) if given is None else given
    trials = base.sum(axis=1).astype(float)
    used = trials > 0
    trials, hits = trials[used], (event & base).sum(axis=1).astype(float)[used]
    if not len(trials):
        return trials, trials
    share, weight = hits / trials, trials if draws is None else trials * draws[used]
    weight = weight / weight.sum()
    mean = float(np.sum(weight * share))
    spread = float(np.sum(weight * (share - mean) ** 2))
    noise = float(np.sum(weight * mean * (1 - mean) / trials))
    keep = np.sqrt(max(spread - noise, 0.0) / spread) if spread > 0 else 0.0
    return mean + keep * (share - mean), weight


def effective_draws(values: np.ndarray, chains: tuple[int, int]) -> float:
    """Effective number of draws behind a mean over draws in order of chains; all of them where they are equal."""
    if np.ptp(values) == 0:
        return float(len(values))
    found = array_stats.ess(values.reshape(chains), chain_axis=0, draw_axis=1, method="mean")
    return min(float(np.asarray(found)), float(len(values)))


def _weighted_quantile(values: np.ndarray, weight: np.ndarray, levels: tuple[float, ...]) -> list[float]:
    order = np.argsort(values)
    position = np.cumsum(weight[order]) - 0.5 * weight[order]
    return [float(np.interp(level, position, values[order])) for level in levels]
