"""Void questions are counted, and inputs that make no sense are refused with their row; nothing is dropped unsaid."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn_forecasts import Drawn
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import UsageError
from forecast.evaluation.scores import (
    LADDER_SCORES,
    SCORES,
    binary_brier,
    brier_at_least,
    interval_coverage,
    log_score,
    mean_score,
    ranked_probability_score,
    score_table,
    skill,
)

TWO = [[0.5, 0.5], [0.2, 0.8]]


@pytest.mark.parametrize(
    "outcome",
    [
        [1, np.nan],
        [1, None],
        pd.array([1, pd.NA], dtype="Int64"),
        pd.Series([1, None], dtype="object"),
        np.ma.masked_array([1, 0], [False, True]),
    ],
)
def test_a_missing_outcome_is_void_however_it_is_written(outcome):
    found = log_score(TWO, outcome)
    assert found[0] == pytest.approx(np.log(2))
    assert np.isnan(found[1])
    assert mean_score(found) == (pytest.approx(np.log(2)), 1, 1)


@pytest.mark.parametrize(
    ("probabilities", "outcome", "told"),
    [
        ([[0.5, 0.6]], [0], r"row 0: the sum is 1\.1"),
        ([[0.5, 0.5], [1.0, 1.0]], [0, 0], "row 1: the sum is 2"),
        ([[0.5, 0.5], [1.2, -0.2]], [0, 0], "row 1: .* negative"),
        ([[np.nan, 1.0]], [0], "row 0: .* missing"),
        ([[0.5, 0.5]], [2], "outcome row 0: 2 is not a whole number from 0 to 1"),
        ([[0.5, 0.5]], [-1], "outcome row 0: -1"),
        ([[0.5, 0.5]], [0.5], "outcome row 0: 0.5"),
        ([[0.5, 0.5]], [np.inf], "outcome row 0: inf"),
        ([[0.5, 0.5]], ["O1"], "outcome: .*O1"),
        ([[0.5, 0.5]], np.array(["2026-01-01"], "datetime64[D]"), "outcome: .*datetime64"),
        ([[0.5, 0.5]], [0, 1], "as many outcomes"),
        ([0.5, 0.5], [0], "shape"),
        ([[1.0]], [0], "two classes"),
        ([[0.5, 0.5], [1.0]], [0], "probabilities"),
    ],
)
def test_what_makes_no_sense_is_refused(probabilities, outcome, told):
    for score in SCORES.values():
        with pytest.raises(UsageError, match=told):
            score(probabilities, outcome)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=3, max_size=3))
def test_any_three_numbers_are_scored_or_refused(numbers):
    try:
        found = ranked_probability_score([numbers], [1])
    except UsageError:
        assert not (min(numbers) >= 0 and abs(sum(numbers) - 1) < 0.9e-6)
    else:
        assert 0 <= found[0] <= 2
        assert sum(numbers) == pytest.approx(1, abs=1.1e-6)


def test_questions_are_checked_too():
    with pytest.raises(UsageError, match=r"row 1: 1\.5"):
        binary_brier([0.5, 1.5], [0, 1])
    with pytest.raises(UsageError, match="row 0: nan"):
        binary_brier([np.nan], [0])
    with pytest.raises(UsageError, match="one number per row"):
        binary_brier([[0.5]], [0])
    with pytest.raises(UsageError, match="from 1 to 1"):
        brier_at_least([[0.5, 0.5]], [0], 2)


def test_the_table_counts_what_it_scored(calibrated: Drawn):
    void = int(np.isnan(calibrated.outcome).sum())
    table = score_table(*calibrated[:2], LADDER_SCORES, calibrated.weight).set_index("score")
    assert list(table.index) == list(LADDER_SCORES)
    assert set(table["n"]) == {400 - void}
    assert set(table["void"]) == {void}
    assert void > 0
    known = ~np.isnan(calibrated.outcome)
    rps = ranked_probability_score(calibrated.probabilities[known], calibrated.outcome[known])
    assert table.loc["rps", "mean"] == pytest.approx(np.average(rps, weights=calibrated.weight[known]))
    parts = table.loc[table.index.str.startswith("brier_ge"), "mean"]
    assert parts.sum() == pytest.approx(table.loc["rps", "mean"])


def test_nothing_to_score_gives_no_number():
    assert np.isnan(mean_score([np.nan, np.nan]).mean)
    assert mean_score([np.nan, np.nan])[1:] == (0, 2)
    assert ranked_probability_score(np.empty((0, 7)), []).shape == (0,)


def test_a_mean_is_of_finite_numbers():
    with pytest.raises(UsageError, match="infinite ones 1"):
        mean_score([1.0, np.inf])
    with pytest.raises(UsageError, match="one finite number per row"):
        mean_score([[1.0]])


@pytest.mark.parametrize(
    ("weight", "told"), [([1], "as many"), ([1, -1], "row 1"), ([0, 0], "every weight is 0"), ([1, np.nan], "row 1")]
)
def test_weights_are_weights(weight, told):
    with pytest.raises(UsageError, match=told):
        mean_score([1.0, 2.0], weight)


def test_skill_compares_the_same_rows():
    assert skill([1.0, 2.0, np.nan], [2.0, 4.0, np.nan]) == pytest.approx(0.5)
    assert skill([1.0, 4.0], [2.0, 1.0], [1, 0]) == pytest.approx(0.5)
    assert skill([4.0], [2.0]) == -1
    assert np.isnan(skill([1.0], [0.0]))
    with pytest.raises(UsageError, match=r"row 1: 3\.0 beside nan"):
        skill([1.0, np.nan], [2.0, 3.0])
    with pytest.raises(UsageError, match="same rows"):
        skill([1.0], [2.0, 3.0])


def test_coverage_counts_ends_and_voids():
    found = interval_coverage([0, 0, 0, 0], [1, 1, 1, 1], [1, 2, np.nan, 0.5])
    np.testing.assert_array_equal(found, [1, 0, np.nan, 1])
    assert mean_score(found) == (pytest.approx(2 / 3), 3, 1)
    with pytest.raises(UsageError, match=r"row 0: 2\.0 to 1\.0"):
        interval_coverage([2], [1], [0])
