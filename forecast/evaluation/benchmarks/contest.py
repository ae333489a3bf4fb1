"""A contest: candidates and baselines on the same splits of one task, scored with paired intervals by cluster.

Pools learn their weights inside the training rows of each split, from predictions out of fold; nothing of a test row
reaches a fit, a choice or a weight.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from forecast.evaluation.baselines import BASELINES, Fit, Predict, Table, out_of_fold, settled
from forecast.evaluation.intervals import mean_interval, paired_difference
from forecast.evaluation.scores import SCORES
from forecast.outside.pool import Kind, combine, pool_weights

COLUMNS: Final = (
    "benchmark", "task", "candidate", "role", "score", "mean", "low", "high", "reference", "difference",
    "difference_low", "difference_high", "better", "rows", "clusters", "seconds",
)  # fmt: skip
"""Columns of the table of scores: `low` and `high` bound the mean, `difference` is candidate less reference (the best
baseline by this score, or a rival of the task), `better` whether the interval of the difference lies below 0; `seconds`
to fit and predict."""
WEIGHT_COLUMNS: Final = ("benchmark", "task", "pool", "member", "weight")


class Pool(NamedTuple):
    """Candidates that are combined, and how."""

    kind: Kind
    members: tuple[str, ...]


class Part(NamedTuple):
    """A split by years: train up to a year, test from the next to a last one."""

    suffix: str
    train: int
    first: int
    last: int

    def split(self, year: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Positions of training and test rows, from the year [row]."""
        return np.flatnonzero(year <= self.train), np.flatnonzero((year >= self.first) & (year <= self.last))


def parts(train: int, test: int, last: int) -> tuple[Part, ...]:
    """Return the test and, where the data go further, a second one, by what was learned up to `train` and to `test`."""
    later = f" after {test}"
    every = (
        Part("", train, train + 1, test),
        Part(later, train, test + 1, last),
        Part(f"{later}, trained to {test}", test, test + 1, last),
    )
    return tuple(part for part in every if part.first <= last)


class Renewed(NamedTuple):
    """A candidate whose parameters are fitted anew as time passes (`Task.renewals`); what is tuned stays as it was."""

    fit: Fit

    def __call__(self, table: Table) -> Predict:
        """Fit once."""
        return self.fit(table)


class Task(NamedTuple):
    """Rows, and which of them are predicted from which.

    Attributes
    ----------
    benchmark, name
        Which benchmark and which of its tasks.
    table
        All rows of the task, with the weights that are scored.
    splits
        Positions of (training, test) rows. A row may be tested in several splits (repeats); its scores are averaged.
    scores
        Names in `forecast.evaluation.scores.SCORES`.
    rivals
        Candidates against which every entrant is held as well, in rows of their own.
    renewals
        Positions of (past, block) rows: before the rows of a block are predicted, a renewed candidate is fitted to the
        past ones, whose outcomes were known by then. The blocks, in order of time, hold every test row once.
    """

    benchmark: str
    name: str
    table: Table
    splits: tuple[tuple[np.ndarray, np.ndarray], ...]
    scores: tuple[str, ...] = ("log", "rps")
    rivals: tuple[str, ...] = ()
    renewals: tuple[tuple[np.ndarray, np.ndarray], ...] = ()


class Result(NamedTuple):
    """Scores in the columns of `COLUMNS`, mean weights of pools in those of `WEIGHT_COLUMNS`."""

    scores: pd.DataFrame
    weights: pd.DataFrame


class _Run(NamedTuple):
    """Scores [split][score, row] of each entrant, seconds that it took, and weights of pools by split."""

    scores: dict[str, list[np.ndarray]]
    seconds: dict[str, float]
    weights: dict[str, list[np.ndarray]]


def contest(
    task: Task,
    candidates: Mapping[str, Fit],
    pools: Mapping[str, Pool] | None = None,
    baselines: Mapping[str, Fit] = BASELINES,
    *,
    progress: Callable[[str], None] = lambda _text: None,
) -> Result:
    """Fit, predict and score every baseline, candidate and pool on a task.

    Parameters
    ----------
    task
        What is predicted.
    candidates
        Models by name.
    pools
        Pools of candidates and baselines, by name.
    baselines
        What the candidates are held against; the reference of each score is the baseline that does best by it on the
        test rows, which favours the baselines.
    progress
        Called with a line of text after each fit.
    """
    chosen = dict(pools or {})
    fits = {**baselines, **candidates}
    run = _Run({}, dict.fromkeys((*fits, *chosen), 0.0), {})
    for number, (train, test) in enumerate(task.splits):
        _one_split(task, fits, chosen, train, test, run)
        progress(f"{task.name}: split {number + 1} of {len(task.splits)}")
    roles = {**dict.fromkeys(baselines, "baseline"), **dict.fromkeys(candidates, "candidate")}
    roles |= dict.fromkeys(chosen, "pool")
    weights = [
        (task.benchmark, task.name, name, member, float(np.mean([w[i] for w in run.weights[name]])))
        for name, pool in chosen.items()
        if pool.kind != "equal"
        for i, member in enumerate(pool.members)
    ]
    return Result(_table(task, run, roles), pd.DataFrame(weights, columns=pd.Index(WEIGHT_COLUMNS)))


def _one_split(
    task: Task, fits: Mapping[str, Fit], pools: Mapping[str, Pool], train: np.ndarray, test: np.ndarray, run: _Run
) -> None:
    table, frame = task.table.take(train), task.table.frame.iloc[test]
    pooled = {member for pool in pools.values() if pool.kind != "equal" for member in pool.members}
    chances: dict[str, np.ndarray] = {}
    held: dict[str, np.ndarray] = {}
    for name, fit in fits.items():
        began = time.perf_counter()
        again = isinstance(fit, Renewed)
        chosen = settled(fit.fit if isinstance(fit, Renewed) else fit, table)
        chances[name] = _renewed(task, chosen, test) if again else chosen(table)(frame)
        run.seconds[name] += time.perf_counter() - began
        if name in pooled:
            held[name] = out_of_fold(table, chosen)
    for name, pool in pools.items():
        began = time.perf_counter()
        known = chances if pool.kind == "equal" else held
        weights = pool_weights(pool.kind, np.stack([known[m] for m in pool.members]), table.outcome, table.weight)
        chances[name] = combine(pool.kind, weights, np.stack([chances[m] for m in pool.members]))
        run.seconds[name] += time.perf_counter() - began
        run.weights.setdefault(name, []).append(weights)
    for name, chance in chances.items():
        outcome = task.table.outcome[test]
        found = np.array([SCORES[score](_proper(chance), outcome) for score in task.scores])
        run.scores.setdefault(name, []).append(found)


def _renewed(task: Task, fit: Fit, test: np.ndarray) -> np.ndarray:
    """Probabilities of the test rows, each block from a fit to its past; it is shown the blocks before it as well."""
    chance = np.full((len(test), task.table.classes), np.nan)
    shown = np.zeros(len(test), bool)
    for past, block in task.renewals:
        here = np.isin(test, block)
        shown |= here
        if here.any():
            chance[here] = fit(task.table.take(past))(task.table.frame.iloc[test[shown]])[here[shown]]
    return chance


def _proper(chance: np.ndarray) -> np.ndarray:
    """Take out rounding, so that rows sum to 1."""
    clipped = np.clip(chance, 0.0, 1.0)
    return clipped / clipped.sum(axis=1, keepdims=True)


def _table(task: Task, run: _Run, roles: Mapping[str, str]) -> pd.DataFrame:
    rows, position = np.unique(np.concatenate([test for _, test in task.splits]), return_inverse=True)
    times = np.bincount(position)
    cluster, weight = task.table.cluster[rows], task.table.weight[rows]
    lines = []
    for number, score in enumerate(task.scores):
        by_row = {
            name: np.bincount(position, np.concatenate([part[number] for part in parts])) / times
            for name, parts in run.scores.items()
        }
        means = {name: mean_interval(values, cluster, weight=weight) for name, values in by_row.items()}
        listed = [name for name in means if roles[name] == "baseline"]
        best = min(listed, key=lambda name: means[name].estimate)
        for reference in (best, *task.rivals):
            for name, values in by_row.items():
                gap = paired_difference(values, by_row[reference], cluster, weight=weight)
                mean = means[name]
                lines.append(
                    (task.benchmark, task.name, name, roles[name], score, mean.estimate, mean.low, mean.high, reference,
                     gap.estimate, gap.low, gap.high, bool(gap.high < 0), mean.n_rows, mean.n_clusters,
                     run.seconds[name])
                )  # fmt: skip
    return pd.DataFrame(lines, columns=pd.Index(COLUMNS))
