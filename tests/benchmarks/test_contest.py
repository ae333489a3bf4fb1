"""A contest lets nothing of a test row into a fit, and says by how much a candidate beats the best baseline."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecast.evaluation.baselines import Table, climatology, markov
from forecast.evaluation.benchmarks.contest import COLUMNS, WEIGHT_COLUMNS, Pool, Renewed, Task, contest

BASELINES = {"climatology": climatology, "markov": markov}


def made_up(seed: int = 0) -> Task:
    rng = np.random.default_rng(seed)
    state = rng.integers(0, 2, 400)
    outcome = (rng.random(400) < np.where(state == 1, 0.8, 0.3)).astype(int)
    table = Table(pd.DataFrame({"state": state}), ("state",), outcome, 2, np.arange(400) // 5, np.ones(400), ())
    rows = np.arange(400)
    return Task("T", "half", table, ((rows[:200], rows[200:]),))


def told(table: Table):
    chance = [np.bincount(table.outcome[table.frame["state"] == s], minlength=2) for s in (0, 1)]
    chance = np.array([count / count.sum() for count in chance])
    return lambda frame: chance[frame["state"].to_numpy()]


def test_a_better_candidate_is_called_better_and_the_pool_follows_it():
    pools = {"pool": Pool("linear", ("told", "climatology"))}
    found = contest(made_up(), {"told": told}, pools, BASELINES)
    assert tuple(found.scores.columns) == COLUMNS
    assert tuple(found.weights.columns) == WEIGHT_COLUMNS
    table = found.scores.set_index(["candidate", "score"])
    assert table.loc[("told", "log"), "better"]
    assert table.loc[("told", "log"), "difference_high"] < 0
    assert not table.loc[("climatology", "log"), "better"]
    assert found.weights.set_index("member")["weight"]["told"] > 0.6
    assert table.loc[("pool", "log"), "mean"] == pytest.approx(table.loc[("told", "log"), "mean"], abs=0.03)


def test_outcomes_of_test_rows_reach_no_forecast():
    task, made = made_up(), []

    def spy(table: Table):
        predict = told(table)

        def asked(frame: pd.DataFrame) -> np.ndarray:
            made.append(predict(frame))
            return made[-1]

        return asked

    contest(task, {"spy": spy}, {"pool": Pool("linear", ("spy", "markov"))}, BASELINES)
    flipped = task.table.outcome.copy()
    flipped[200:] = 1 - flipped[200:]
    first = list(made)
    made.clear()
    other = task._replace(table=task.table._replace(outcome=flipped))
    contest(other, {"spy": spy}, {"pool": Pool("linear", ("spy", "markov"))}, BASELINES)
    assert len(first) == len(made) > 1
    assert all(np.array_equal(a, b) for a, b in zip(first, made, strict=True))


def test_a_row_that_is_tested_twice_counts_once():
    task = made_up()
    twice = task._replace(splits=task.splits * 2)
    once, again = (contest(t, {}, None, BASELINES).scores.drop(columns="seconds") for t in (task, twice))
    pd.testing.assert_frame_equal(once, again)


def test_a_renewed_candidate_learns_from_the_past_of_each_block_and_from_nothing_else():
    task = made_up()
    rows = np.arange(400)
    task = task._replace(renewals=((rows[:200], rows[200:300]), (rows[:300], rows[300:])))
    seen: list[tuple[int, int]] = []

    def spy(table: Table):
        seen.append((int(table.cluster.min()), int(table.cluster.max())))
        return climatology(table)

    found = contest(task, {"renewed": Renewed(spy)}, {}, BASELINES).scores
    assert seen == [(0, 39), (0, 59)]
    parts = [task.table.take(rows[:200]), task.table.take(rows[:300])]
    chance = np.concatenate([climatology(part)(task.table.frame.iloc[:100]) for part in parts])
    expected = -np.log(chance[np.arange(200), task.table.outcome[200:]]).mean()
    assert found.set_index(["candidate", "score"]).loc[("renewed", "log"), "mean"] == pytest.approx(expected)


def test_an_equal_pool_is_the_geometric_mean_and_learns_nothing():
    def sure(table: Table):
        return lambda frame: np.tile([0.9, 0.1], (len(frame), 1))

    task = made_up()
    found = contest(task, {"sure": sure}, {"pool": Pool("equal", ("sure", "climatology"))}, BASELINES)
    assert found.weights.empty
    base = climatology(task.table.take(np.arange(200)))(task.table.frame[:1])[0]
    mean = np.sqrt(base * [0.9, 0.1])
    expected = -np.log((mean / mean.sum())[task.table.outcome[200:]]).mean()
    assert found.scores.set_index(["candidate", "score"]).loc[("pool", "log"), "mean"] == pytest.approx(expected)
