"""Do events come as often as was said? Reliability curves and the score split by them, without bins to choose (CORP).

Forecasts are recalibrated by isotonic regression (pool adjacent violators). The mean score S of the forecasts, S_r of
the recalibrated ones and S_c of the constant base rate give

    miscalibration MCB = S − S_r,  discrimination DSC = S_c − S_r,  uncertainty UNC = S_c,  S = MCB − DSC + UNC,

exactly, for every proper score; MCB and DSC are never negative (save for what the floor of the log score takes).
MCB is never 0 in a finite sample, even of perfect forecasts: hold it against its p-value or the bands.

For the ordered ladder the split is made threshold by threshold ("this rung or higher") and summed: the Brier scores of
the thresholds sum to the ranked probability score, and so do their parts. Recalibrated thresholds need not fit together
to one distribution, so this tells where a ladder is off; it is no recipe for a better one.

References
----------
Dimitriadis, Gneiting & Jordan (2021), Stable reliability diagrams for probabilistic classifiers, PNAS 118, e2016191118.
Arnold, Walz, Ziegel & Gneiting (2024), Decompositions of the mean continuous ranked probability score, Electron. J.
Stat. 18, 4992–5044, for the split by thresholds and its alternatives.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression

from forecast.errors import UsageError
from forecast.evaluation.inputs import check_binary, check_cluster, check_ladder, check_weight
from forecast.evaluation.scores import BINARY_SCORES, LOG_FLOOR, exceedance
from forecast.terms import LADDER

REPLICATES: Final = 1000
POINTS: Final = 200
"""Points of a curve beside the ends of its steps, so that the table of many thousand forecasts stays readable."""
DIGITS: Final = 12
"""Decimals to which forecasts are told apart: sums of the same chances in another order are the same forecast."""
ALL: Final = "all"
"""Label of the rows that sum over the thresholds of the ladder."""
CURVE_COLUMNS: Final = ("threshold", "forecast", "recalibrated", "low", "high", "n", "weight")
SPLIT_COLUMNS: Final = ("threshold", "score", "mean_score", "mcb", "dsc", "unc", "p_value", "n", "void")


class Decomposition(NamedTuple):
    """Mean score and its parts; `mean_score` = `mcb` − `dsc` + `unc`, all in the unit of the score."""

    mean_score: float
    mcb: float
    dsc: float
    unc: float


class Reliability(NamedTuple):
    """Tables of a calibration check.

    Attributes
    ----------
    curve
        `threshold`; `forecast` (ascending) and `recalibrated`, the frequency with which the event came by isotonic
        regression; `low` and `high`, between which it would lie, point by point, if the forecasts were calibrated;
        `n` rows and `weight` of forecasts above the point before and up to this one. Points are the ends of each step
        of the curve and up to `POINTS` between them.
    decomposition
        `threshold`, `score`, `mean_score`, `mcb`, `dsc`, `unc`; `p_value`, the share of calibrated replicates whose
        MCB is as large; `n` rows scored and `void` rows without an outcome. For a ladder the last row, of threshold
        `ALL`, is the ranked probability score.
    """

    curve: pd.DataFrame
    decomposition: pd.DataFrame


class _Groups(NamedTuple):
    """Rows with an outcome, gathered by forecasts that are equal up to rounding, in ascending order."""

    forecast: np.ndarray  # [group]
    row_group: np.ndarray  # [row]
    row_forecast: np.ndarray  # [row]
    row_weight: np.ndarray  # [row]
    weight: np.ndarray  # [group]
    n: np.ndarray  # [group]


class _Draws(NamedTuple):
    """How events of calibrated forecasts are drawn; the same seed gives every threshold of a ladder the same draws."""

    source: np.ndarray  # [row], number of the draw that decides the row
    replicates: int
    level: float
    seed: int


class _Curve(NamedTuple):
    """One threshold: its curve, its splits by score, and the MCB of calibrated replicates by score."""

    table: pd.DataFrame
    splits: dict[str, Decomposition]
    null: dict[str, np.ndarray]


def recalibrate(probability: ArrayLike, event: ArrayLike, weight: ArrayLike | None = None) -> np.ndarray:
    """Forecasts replaced by the frequencies that isotonic regression gives them.

    Parameters
    ----------
    probability
        Array [row] of the chance of the event.
    event
        Array [row]: 1 it came, 0 it did not, missing where void.
    weight
        Array [row]; 1 each where not given.

    Returns
    -------
    numpy.ndarray
        Array [row], not falling in the forecast; NaN where the row is void or of weight 0.

    Raises
    ------
    UsageError
        Inputs that break a rule of `forecast.evaluation.inputs`, or no row with an outcome and a weight.
    """
    checked = check_binary(probability, event)
    used, weights = _used(checked.void, weight)
    groups = _grouped(checked.probabilities[used], weights[used])
    found = np.full(len(used), np.nan)
    found[used] = _isotonic(groups, _hits(groups, checked.outcome[used]))[groups.row_group]
    return found


def decompose(
    probability: ArrayLike, event: ArrayLike, score: str = "brier", weight: ArrayLike | None = None
) -> Decomposition:
    """Split the mean score of a yes-no question into miscalibration, discrimination and uncertainty.

    Parameters
    ----------
    probability, event, weight
        As in `recalibrate`.
    score
        `brier` or `log`.

    Raises
    ------
    UsageError
        As in `recalibrate`, or a score of another name.
    """
    if score not in BINARY_SCORES:
        raise UsageError(f"score: {score!r} is not known here; use one of {', '.join(BINARY_SCORES)}")
    checked = check_binary(probability, event)
    used, weights = _used(checked.void, weight)
    groups = _grouped(checked.probabilities[used], weights[used])
    event = checked.outcome[used]
    return _split(groups, event, _isotonic(groups, _hits(groups, event)), score)


def reliability(
    probability: ArrayLike,
    event: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    replicates: int = REPLICATES,
    level: float = 0.9,
    seed: int = 0,
    label: str = "event",
) -> Reliability:
    """Reliability curve of a yes-no question with consistency bands, and the split of its Brier and log score.

    The bands are those of forecasts that are calibrated: the forecasts stay, events are drawn with their probabilities,
    and the curve is fitted again. They hold point by point, so some points of a long curve leave them by chance.

    Parameters
    ----------
    probability, event, weight
        As in `recalibrate`.
    cluster
        Array [row] of labels. Without it, events are drawn independently; where windows overlap or rows share their
        fate this makes bands too narrow. With it, the rows of a cluster share one draw: the bands of rows as dependent
        as they can be, which are too wide rather than too narrow.
    replicates
        Draws behind bands and p-values; 0 leaves both NaN.
    level
        Probability that a band is to hold at each point, between 0 and 1.
    seed
        Seed of the draws.
    label
        What to write in column `threshold`.

    Returns
    -------
    Reliability
        Two tables.

    Raises
    ------
    UsageError
        As in `recalibrate`, or a missing cluster label, negative replicates, or a level outside 0 to 1.
    """
    checked = check_binary(probability, event)
    used, weights = _used(checked.void, weight)
    draws = _draws(used, cluster, replicates, level, seed)
    curve = _curve(label, checked.probabilities[used], checked.outcome[used], weights[used], draws)
    counts = int(used.sum()), int(checked.void.sum())
    rows = [_row(label, name, curve.splits[name], curve.null[name], counts) for name in BINARY_SCORES]
    return Reliability(curve.table, pd.DataFrame(rows, columns=pd.Index(SPLIT_COLUMNS)))


def ladder_reliability(
    probabilities: ArrayLike,
    outcome: ArrayLike,
    *,
    labels: Sequence[str] = LADDER,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    replicates: int = REPLICATES,
    level: float = 0.9,
    seed: int = 0,
) -> Reliability:
    """Reliability of a forecast over ordered classes: a curve for every threshold, and the split of its RPS.

    Parameters
    ----------
    probabilities
        Array [row, class], classes in order.
    outcome
        Array [row]: position of the class that came, missing where void.
    labels
        Names of the classes; a threshold is named by the lowest class that counts as the event.
    weight, cluster, replicates, level, seed
        As in `reliability`. Each replicate draws one class per row, common to all thresholds.

    Returns
    -------
    Reliability
        Two tables. The last row of the second is the ranked probability score: the sum of the thresholds' Brier rows.

    Raises
    ------
    UsageError
        As in `reliability`, or another number of labels than classes.
    """
    checked = check_ladder(probabilities, outcome)
    classes = checked.probabilities.shape[1]
    if len(labels) != classes:
        raise UsageError(f"labels: {len(labels)} names for {classes} classes; name each class once, in order")
    used, weights = _used(checked.void, weight)
    draws = _draws(used, cluster, replicates, level, seed)
    chance, came = exceedance(checked.probabilities[used]), checked.outcome[used]
    curves = {
        label: _curve(label, chance[:, k - 1], (came >= k).astype(int), weights[used], draws)
        for k, label in enumerate(labels)
        if k
    }
    counts = int(used.sum()), int(checked.void.sum())
    rows = [
        _row(label, name, curve.splits[name], curve.null[name], counts)
        for label, curve in curves.items()
        for name in BINARY_SCORES
    ]
    total = Decomposition(*np.sum([curve.splits["brier"] for curve in curves.values()], axis=0).tolist())
    null = np.sum([curve.null["brier"] for curve in curves.values()], axis=0)
    rows.append(_row(ALL, "rps", total, null, counts))
    table = pd.concat([curve.table for curve in curves.values()], ignore_index=True)
    return Reliability(table, pd.DataFrame(rows, columns=pd.Index(SPLIT_COLUMNS)))


def _used(void: np.ndarray, weight: ArrayLike | None) -> tuple[np.ndarray, np.ndarray]:
    weights = check_weight(weight, len(void))
    used = ~void & (weights > 0)
    if not used.any():
        raise UsageError(f"calibration: none of {len(void)} rows has both an outcome and a weight; wait for outcomes")
    return used, weights


def _draws(used: np.ndarray, cluster: ArrayLike | None, replicates: int, level: float, seed: int) -> _Draws:
    if replicates < 0 or not 0 < level < 1:
        raise UsageError(
            f"calibration: {replicates} replicates, level {level:g}; take 0 replicates or more and a level between 0 "
            "and 1"
        )
    source = np.arange(len(used)) if cluster is None else check_cluster(cluster, len(used))
    return _Draws(np.unique(source[used], return_inverse=True)[1], replicates, level, seed)


def _grouped(forecast: np.ndarray, weight: np.ndarray) -> _Groups:
    distinct, group = np.unique(forecast.round(DIGITS), return_inverse=True)
    return _Groups(distinct, group, forecast, weight, np.bincount(group, weight), np.bincount(group))


def _hits(groups: _Groups, event: np.ndarray) -> np.ndarray:
    """Weight of the events [group]."""
    return np.bincount(groups.row_group, groups.row_weight * event, minlength=len(groups.forecast))


def _isotonic(groups: _Groups, hits: np.ndarray) -> np.ndarray:
    """Recalibrated forecast [group]; clipped, as a mean of ones may round to more than 1."""
    return np.clip(isotonic_regression(hits / groups.weight, weights=groups.weight).x, 0, 1)


def _mean(weight: np.ndarray, hits: np.ndarray, forecast: np.ndarray, score: str) -> float:
    """Mean score of forecasts [n] (rows or groups) from their weight and the weight of their events."""
    if score == "brier":
        if_event, if_not = np.square(1 - forecast), np.square(forecast)
    else:
        if_event, if_not = -np.log(np.maximum(forecast, LOG_FLOOR)), -np.log(np.maximum(1 - forecast, LOG_FLOOR))
    return float((hits * if_event + (weight - hits) * if_not).sum() / weight.sum())


def _given(groups: _Groups, event: np.ndarray, score: str) -> float:
    """Mean score of the forecasts as they were made."""
    return _mean(groups.row_weight, groups.row_weight * event, groups.row_forecast, score)


def _split(groups: _Groups, event: np.ndarray, recalibrated: np.ndarray, score: str) -> Decomposition:
    hits = _hits(groups, event)
    given = _given(groups, event, score)
    best = _mean(groups.weight, hits, recalibrated, score)
    base = _mean(groups.weight, hits, np.full(len(hits), hits.sum() / groups.weight.sum()), score)
    return Decomposition(given, given - best, base - best, base)


def _curve(label: str, forecast: np.ndarray, event: np.ndarray, weight: np.ndarray, draws: _Draws) -> _Curve:
    groups = _grouped(forecast, weight)
    recalibrated = _isotonic(groups, _hits(groups, event))
    splits = {name: _split(groups, event, recalibrated, name) for name in BINARY_SCORES}
    points = _points(recalibrated)
    fitted, null = _calibrated(groups, points, draws)
    tail = (1 - draws.level) / 2
    low, high = np.quantile(fitted, [tail, 1 - tail], axis=0) if draws.replicates else np.full((2, len(points)), np.nan)
    columns = (
        label,
        groups.forecast[points],
        recalibrated[points],
        low,
        high,
        np.diff(np.cumsum(groups.n)[points], prepend=0),
        np.diff(np.cumsum(groups.weight)[points], prepend=0),
    )
    return _Curve(pd.DataFrame(dict(zip(CURVE_COLUMNS, columns, strict=True))), splits, null)


def _calibrated(groups: _Groups, points: np.ndarray, draws: _Draws) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Curve [replicate, point] and MCB by score [replicate] of events drawn with the forecast probabilities."""
    rng = np.random.default_rng(draws.seed)
    fitted = np.empty((draws.replicates, len(points)))
    null = {name: np.empty(draws.replicates) for name in BINARY_SCORES}
    sources = int(draws.source.max()) + 1
    for n in range(draws.replicates):
        event = rng.random(sources)[draws.source] < groups.row_forecast
        hits = _hits(groups, event)
        recalibrated = _isotonic(groups, hits)
        fitted[n] = recalibrated[points]
        for name in BINARY_SCORES:
            null[name][n] = _given(groups, event, name) - _mean(groups.weight, hits, recalibrated, name)
    return fitted, null


def _points(recalibrated: np.ndarray) -> np.ndarray:
    """Groups to show: both ends of each step, and some between."""
    rise = np.flatnonzero(np.diff(recalibrated) > 0)
    last = len(recalibrated) - 1
    between = np.linspace(0, last, min(POINTS, last + 1)).round().astype(int)
    return np.unique(np.concatenate([rise, rise + 1, between]))


def _row(
    threshold: str, score: str, split: Decomposition, null: np.ndarray, counts: tuple[int, int]
) -> tuple[object, ...]:
    as_large = int((null >= split.mcb - 1e-12).sum())
    p_value = (1 + as_large) / (1 + len(null)) if len(null) else np.nan
    return (threshold, score, *split, p_value, *counts)
