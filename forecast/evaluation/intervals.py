"""Is the difference real? Intervals of mean scores by a bootstrap of whole crises.

Rows of one crisis resemble each other, so crises are drawn with replacement, each with all its rows; forecast and
reference keep their common rows together, which takes out what makes a crisis hard for both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from forecast.errors import UsageError
from forecast.evaluation.inputs import check_cluster, check_scores, check_weight
from forecast.evaluation.scores import paired

REPLICATES: Final = 2000
"""Replicates of the bootstrap, and the fewest that are allowed."""
_CELLS: Final = 4_000_000


class Interval(NamedTuple):
    """A number with its percentile interval; `_asdict()` is a row of a table.

    Attributes
    ----------
    estimate
        The number, from all rows.
    low, high
        Ends of the interval; NaN with fewer than two clusters, which say nothing about their spread.
    level
        Probability that the interval is meant to hold, 0 to 1.
    n_rows, n_clusters, n_void
        Rows and clusters that count (weight above 0, not void), and void rows beside them.
    replicates
        Replicates of the bootstrap.
    """

    estimate: float
    low: float
    high: float
    level: float
    n_rows: int
    n_clusters: int
    n_void: int
    replicates: int

    def excludes(self, value: float = 0.0) -> bool:
        """Whether the value lies outside; never where there is no interval."""
        return bool(value < self.low or value > self.high)


def paired_difference(
    score: ArrayLike,
    reference: ArrayLike,
    cluster: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    replicates: int = REPLICATES,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Mean score of a forecast less that of its reference, on the same rows; negative where the forecast is better.

    Parameters
    ----------
    score, reference
        Arrays [row] of one score; NaN in the same rows, which are void.
    cluster
        Array [row] of labels: the crisis or confrontation to which the row belongs.
    weight
        Array [row]; 1 each where not given. See `cluster_weights` to count each cluster once.
    replicates
        Samples of clusters; at least `REPLICATES`.
    level
        Probability that the interval is to hold, between 0 and 1.
    seed
        Seed of the samples. Comparisons over the same clusters with the same seed use the same samples.

    Returns
    -------
    Interval
        Percentile interval of the weighted mean difference.

    Raises
    ------
    UsageError
        Scores of other rows, a missing label, weights that are none, no row with an outcome, too few replicates.

    References
    ----------
    Field & Welsh (2007), Bootstrapping clustered data, J. R. Stat. Soc. B 69, 369–390 (the cluster bootstrap);
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, ch. 13 (percentile interval).
    """
    values, others = paired(score, reference)
    columns = np.column_stack([values - others])
    return _interval(columns, _only, cluster, weight, replicates, level, seed)


def paired_skill(
    score: ArrayLike,
    reference: ArrayLike,
    cluster: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    replicates: int = REPLICATES,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Skill of a forecast over its reference (see `forecast.evaluation.scores.skill`), with its interval.

    Parameters and errors are those of `paired_difference`. The estimate is NaN where the reference is perfect.
    """
    columns = np.column_stack(paired(score, reference))
    return _interval(columns, _saved, cluster, weight, replicates, level, seed)


def mean_interval(
    score: ArrayLike,
    cluster: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    replicates: int = REPLICATES,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Mean of one score (or of coverage) with its interval; parameters and errors as in `paired_difference`."""
    columns = np.column_stack([check_scores(score)])
    return _interval(columns, _only, cluster, weight, replicates, level, seed)


def cluster_weights(cluster: ArrayLike, void: ArrayLike | None = None) -> np.ndarray:
    """Weights [row] by which every cluster counts once, however many rows it has.

    Parameters
    ----------
    cluster
        Array [row] of labels.
    void
        Array [row], True where the row has no outcome; such rows get weight 0 and take none from the others.

    Raises
    ------
    UsageError
        A missing label, or another number of flags than labels.
    """
    rows = len(np.asarray(cluster))
    code = check_cluster(cluster, rows)
    counts = np.ones(rows, bool) if void is None else ~np.asarray(void, bool)
    if counts.shape != (rows,):
        raise UsageError(f"void: the shape is {counts.shape}; {rows} rows need as many flags")
    size = np.bincount(code[counts], minlength=rows)
    return np.where(counts, 1 / np.maximum(size[code], 1), 0.0)


def _interval(
    columns: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    cluster: ArrayLike,
    weight: ArrayLike | None,
    replicates: int,
    level: float,
    seed: int,
) -> Interval:
    """Interval of a statistic of the weighted means of columns [row, column]."""
    if replicates < REPLICATES or not 0 < level < 1:
        raise UsageError(
            f"bootstrap: {replicates} replicates, level {level:g}; take {REPLICATES} replicates or more and a level "
            "between 0 and 1"
        )
    rows = len(columns)
    code, weights = check_cluster(cluster, rows), check_weight(weight, rows)
    void = np.isnan(columns).any(axis=1)
    used = ~void & (weights > 0)
    if not used.any():
        raise UsageError(
            f"bootstrap: none of {rows} rows has both an outcome and a weight; there is nothing to compare"
        )
    # Sums by cluster are all that a sample of clusters needs, however many rows there are.
    _, code = np.unique(code[used], return_inverse=True)
    weighted = np.column_stack([columns[used], np.ones(used.sum())]) * weights[used, None]
    sums = np.column_stack([np.bincount(code, column) for column in weighted.T])
    estimate = float(statistic(_means(sums.sum(axis=0, keepdims=True)))[0])
    low = high = np.nan
    if len(sums) > 1:
        samples = statistic(_resampled(sums, replicates, np.random.default_rng(seed)))
        low, high = np.quantile(samples, [(1 - level) / 2, (1 + level) / 2])
    return Interval(estimate, float(low), float(high), level, int(used.sum()), len(sums), int(void.sum()), replicates)


def _resampled(sums: np.ndarray, replicates: int, rng: np.random.Generator) -> np.ndarray:
    """Weighted means [replicate, column] over clusters drawn with replacement."""
    clusters = len(sums)
    equal = np.full(clusters, 1 / clusters)
    chunk = max(1, _CELLS // clusters)
    sizes = [min(chunk, replicates - start) for start in range(0, replicates, chunk)]
    return np.concatenate([_means(rng.multinomial(clusters, equal, size) @ sums) for size in sizes])


def _means(sums: np.ndarray) -> np.ndarray:
    return sums[:, :-1] / sums[:, -1:]


def _only(means: np.ndarray) -> np.ndarray:
    return means[:, 0]


def _saved(means: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(means[:, 1] > 0, 1 - means[:, 0] / means[:, 1], np.nan)
