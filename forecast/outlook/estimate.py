"""From indicators on paths to a probability or a difference, its epistemic interval and its Monte Carlo error."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from arviz_stats.base.array import array_stats

if TYPE_CHECKING:
    from forecast.inference.reweight import Weights

LEVELS = (0.10, 0.90)
LEAST_GROUPS = 20  # draws of the parameters from which a spread is told


class Outcome(NamedTuple):
    """An event per draw, over its condition: shares of simulated paths [draw]; both weighted alike."""

    event: np.ndarray
    given: np.ndarray


class Effect(NamedTuple):
    """Probability under control and treatment, their difference and its Monte Carlo standard error."""

    control: float
    treated: float
    difference: float
    mcse: float


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


def effect(
    after: Outcome,
    treated: Weights,
    before: Outcome,
    control: Weights,
    chains: tuple[int, int] | None = None,
    *,
    paired: bool = True,
) -> Effect:
    """Difference of two weighted means (ratios where there is a condition).

    Its error follows from the influence of each draw on the difference, with `chains` (chains, draws) also from how
    alike neighbouring draws are. `paired` says that both means are over the same draws.
    """
    after_mean, after_influence = _mean(after, treated)
    before_mean, before_influence = _mean(before, control)
    parts = [after_influence - before_influence] if paired else [after_influence, before_influence]
    error = float(np.sqrt(sum(_variance(influence, chains) for influence in parts)))
    return Effect(before_mean, after_mean, after_mean - before_mean, error)


def spread(
    after: Outcome,
    treated: Weights,
    before: Outcome,
    control: Weights,
    parents: tuple[np.ndarray, np.ndarray],
    *,
    news: bool,
) -> tuple[float, float]:
    """80 % epistemic interval of a difference, as deviations from it: how much it varies between parameter draws.

    Draws with the same parent share their parameters and differ in the state of the case. Within a parent the treated
    and the control mean are both formed by weights; their difference is what the change does if the parameters are
    those. It is noisy over finitely many states and paths: the part of its variance that two halves of a parent do not
    share is taken out by shrinking towards the mean. What they share is known with an error; one standard error is
    added, so that the interval is rather too wide than too narrow.

    Parameters
    ----------
    after, treated, before, control
        As for `effect`.
    parents
        Number of the parameter draw [sample] of the draws of `after` and of `before`.
    news
        Whether the change moves weights alone. A difference formed by weights over n states is too small by the factor
        (n - 1) / n, which is then made good.

    Returns
    -------
    float, float
        Deviations at the 10 and 90 % quantile, widened to hold zero; NaN where too few parents have several states.
    """
    names, group = np.unique(np.concatenate(parents), return_inverse=True)
    groups = np.split(group, [len(parents[0])])
    places = [_place_in_group(g) for g in groups]

    def total(side: int, chosen: np.ndarray, values: np.ndarray) -> np.ndarray:
        return np.bincount(groups[side][chosen], values[chosen], len(names))

    def within(half: int | None) -> np.ndarray:
        first, second = (np.ones(len(p), bool) if half is None else p % 2 == half for p in places)
        number = total(1, second, np.ones(len(second)))
        with np.errstate(divide="ignore", invalid="ignore"):
            then = total(0, first, treated.weight * after.event) / total(0, first, treated.weight * after.given)
            usual = total(1, second, control.weight * before.event) / total(1, second, control.weight * before.given)
            return (then - usual) * (number / (number - 1) if news else 1.0)

    whole, even, odd = (within(half) for half in (None, 0, 1))
    share = np.bincount(groups[0], treated.weight * after.given, len(names))
    told = np.isfinite(whole) & np.isfinite(even) & np.isfinite(odd) & (share > 0)
    if told.sum() < LEAST_GROUPS:
        return np.nan, np.nan
    share = share[told] / share[told].sum()
    apart, one, other = (values[told] - share @ values[told] for values in (whole, even, odd))
    variance, common = float(share @ apart**2), float(share @ (one * other))
    common = max(common, 0.0) + float(np.sqrt(np.sum((share * (one * other - common)) ** 2)))
    keep = np.sqrt(min(common / variance, 1.0)) if variance > 0 else 0.0
    low, high = _weighted_quantile(keep * apart, share, LEVELS)
    return min(low, 0.0), max(high, 0.0)


def _place_in_group(group: np.ndarray) -> np.ndarray:
    """Number of each draw among those of its group, from 0, in their order."""
    order = np.argsort(group, kind="stable")
    place = np.empty(len(group), dtype=int)
    place[order] = np.arange(len(group)) - np.searchsorted(group[order], group[order])
    return place


def _mean(outcome: Outcome, weights: Weights) -> tuple[float, np.ndarray]:
    """Weighted mean, and how much each draw adds to its error."""
    over = float(weights.weight @ outcome.given)
    if over == 0:
        return np.nan, np.full(len(outcome.event), np.nan)
    mean = float(weights.weight @ outcome.event) / over
    return mean, weights.weight * (outcome.event - mean * outcome.given) / over


def _variance(influence: np.ndarray, chains: tuple[int, int] | None) -> float:
    kept = 1.0 if chains is None else effective_draws(influence, chains) / len(influence)
    return float(np.sum(influence**2) / kept)


def _weighted_quantile(values: np.ndarray, weight: np.ndarray, levels: tuple[float, ...]) -> list[float]:
    order = np.argsort(values)
    position = np.cumsum(weight[order]) - 0.5 * weight[order]
    return [float(np.interp(level, position, values[order])) for level in levels]
