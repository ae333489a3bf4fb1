"""Miscalibration less discrimination plus uncertainty is the mean score, for questions and for the ladder."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_forecasts import Drawn, drawn
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.errors import UsageError
from forecast.evaluation.calibration import ALL, decompose, ladder_reliability, recalibrate
from forecast.evaluation.scores import BINARY_SCORES, exceedance, mean_score, ranked_probability_score

ROWS = st.integers(1, 12)


@st.composite
def questions(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Forecasts (often rounded, so that some are equal), events of which some are missing, and weights."""
    rows = draw(ROWS)
    forecast = draw(arrays(float, rows, elements=st.floats(0, 1)))
    forecast = forecast.round(draw(st.sampled_from([1, 6])))
    event = draw(arrays(float, rows, elements=st.sampled_from([0.0, 1.0, 1.0, np.nan])))
    event[0] = draw(st.sampled_from([0.0, 1.0]))
    weight = draw(arrays(float, rows, elements=st.floats(0.01, 10)))
    return forecast, event, weight


@settings(max_examples=150, deadline=None)
@given(questions(), st.sampled_from(sorted(BINARY_SCORES)))
def test_the_parts_make_up_the_mean_score(question, score: str):
    forecast, event, weight = question
    parts = decompose(forecast, event, score, weight)
    mean = mean_score(BINARY_SCORES[score](forecast, event), weight).mean
    assert parts.mean_score == pytest.approx(mean, abs=1e-12)
    assert parts.mcb - parts.dsc + parts.unc == pytest.approx(mean, abs=1e-12)
    assert parts.mcb >= -1e-12
    assert -1e-12 <= parts.dsc <= parts.unc + 1e-12


@settings(max_examples=100, deadline=None)
@given(questions())
def test_recalibrated_forecasts_are_the_isotonic_regression(question):
    """By its definition: the greatest over starts of the least over ends of the frequency between them."""
    forecast, event, weight = question
    found, known = recalibrate(forecast, event, weight), ~np.isnan(event)
    np.testing.assert_array_equal(np.isnan(found), ~known)
    forecast, event, weight, found = forecast[known], event[known], weight[known], found[known]
    values = np.unique(forecast)

    def frequency(start: float, end: float) -> float:
        between = (forecast >= start) & (forecast <= end)
        return np.average(event[between], weights=weight[between])

    least = {(start, at): min(frequency(start, end) for end in values[values >= at]) for start in values
             for at in values[values >= start]}  # fmt: skip
    greatest = [max(least[start, at] for start in values[values <= at]) for at in forecast]
    np.testing.assert_allclose(found, greatest, atol=1e-9)
    assert (np.diff(found[np.argsort(forecast, kind="stable")]) >= 0).all()


def test_recalibrated_forecasts_need_no_more_recalibration(calibrated: Drawn):
    chance = exceedance(calibrated.probabilities)[:, 2]
    event = np.where(np.isnan(calibrated.outcome), np.nan, calibrated.outcome >= 3)
    known = ~np.isnan(event)
    again = decompose(recalibrate(chance, event)[known], event[known], "log")
    assert again.mcb == pytest.approx(0, abs=1e-12)
    assert decompose(np.full(400, 0.3), event).dsc == pytest.approx(0, abs=1e-12)


def test_forecasts_that_differ_by_rounding_are_one():
    forecast = np.array([0.1 + 0.2, 0.3, 0.5])
    assert forecast[0] != forecast[1]
    np.testing.assert_allclose(recalibrate(forecast, [1, 0, 1]), [0.5, 0.5, 1])
    found = decompose(forecast, [1, 0, 1], "log")
    assert found.mean_score == np.mean(BINARY_SCORES["log"](forecast, [1, 0, 1]))


def test_worked_by_hand():
    np.testing.assert_allclose(recalibrate([0.1, 0.4, 0.5, 0.9], [0, 1, 0, 1]), [0, 0.5, 0.5, 1])
    found = decompose([0.1, 0.4, 0.5, 0.9], [0, 1, 0, 1])
    assert found == pytest.approx((0.63 / 4, 0.63 / 4 - 0.125, 0.125, 0.25))


@pytest.mark.parametrize("seed", range(5))
def test_the_thresholds_of_the_ladder_sum_to_the_rps(seed: int):
    case = drawn(rows=60, seed=seed)
    table = ladder_reliability(case.probabilities, case.outcome, weight=case.weight, replicates=0).decomposition
    total = table.iloc[-1]
    assert (total["threshold"], total["score"]) == (ALL, "rps")
    rps = mean_score(ranked_probability_score(case.probabilities, case.outcome), case.weight)
    assert total["mean_score"] == pytest.approx(rps.mean, abs=1e-12)
    assert total["mcb"] - total["dsc"] + total["unc"] == pytest.approx(rps.mean, abs=1e-12)
    assert (total["n"], total["void"]) == (rps.n, rps.void)
    brier = table[table["score"] == "brier"]
    assert len(brier) == 6
    for part in ("mean_score", "mcb", "dsc", "unc"):
        assert brier[part].sum() == pytest.approx(total[part], abs=1e-12)
    for _, row in table.iterrows():
        assert row["mcb"] - row["dsc"] + row["unc"] == pytest.approx(row["mean_score"], abs=1e-12)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(UsageError, match="'crps' is not known here; use one of brier, log"):
        decompose([0.5], [1], "crps")
    with pytest.raises(UsageError, match="wait for outcomes"):
        decompose([0.5], [np.nan])
    with pytest.raises(UsageError, match="7 names for 2 classes"):
        ladder_reliability([[0.5, 0.5]], [0])
