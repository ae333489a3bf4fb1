"""Every score has the value worked by hand, and the one of an independent library."""

from __future__ import annotations

import numpy as np
import pytest
import scoringrules
from drawn_forecasts import Drawn

from forecast.evaluation.scores import (
    BINARY_SCORES,
    LADDER_SCORES,
    LOG_FLOOR,
    SCORES,
    binary_brier,
    binary_log,
    brier_at_least,
    brier_score,
    entropy,
    exceedance,
    expected_rps,
    log_score,
    ranked_probability_score,
    threshold_scores,
)
from forecast.terms import LADDER

HALVES = [[0.2, 0.3, 0.5]]


@pytest.mark.parametrize(
    ("score", "outcome", "value"),
    [
        (ranked_probability_score, 0, 0.8**2 + 0.5**2),
        (ranked_probability_score, 1, 0.2**2 + 0.5**2),
        (ranked_probability_score, 2, 0.2**2 + 0.5**2),
        (brier_score, 0, 0.8**2 + 0.3**2 + 0.5**2),
        (brier_score, 2, 0.2**2 + 0.3**2 + 0.5**2),
        (log_score, 1, -np.log(0.3)),
    ],
)
def test_worked_by_hand(score, outcome, value):
    np.testing.assert_allclose(score(HALVES, [outcome]), [value], atol=1e-14)


def test_the_rps_is_not_divided_by_the_number_of_thresholds():
    worst = np.eye(7)[[0]]
    assert ranked_probability_score(worst, [6]) == pytest.approx(6)
    assert ranked_probability_score(worst, [0]) == pytest.approx(0)


def test_another_library_agrees(calibrated: Drawn):
    known = ~np.isnan(calibrated.outcome)
    chance, came = calibrated.probabilities[known], calibrated.outcome[known].astype(int)
    theirs = scoringrules.rps_score(came + 1, chance)
    np.testing.assert_allclose(ranked_probability_score(chance, came), theirs, atol=1e-12)
    for k in range(1, 7):
        event, p = came >= k, exceedance(chance)[:, k - 1]
        theirs = scoringrules.brier_score(event.astype(float), p)
        np.testing.assert_allclose(brier_at_least(chance, came, k), theirs, atol=1e-12)
        np.testing.assert_allclose(binary_brier(p, event), theirs, atol=1e-12)
        inside = np.abs(p - 0.5) < 0.4999
        ours = binary_log(p, event)[inside]
        np.testing.assert_allclose(ours, scoringrules.log_score(event.astype(float), p)[inside], atol=1e-9)


def test_thresholds_sum_to_the_rps(calibrated: Drawn):
    parts = [score(calibrated.probabilities, calibrated.outcome) for score in threshold_scores().values()]
    np.testing.assert_allclose(np.sum(parts, axis=0), ranked_probability_score(*calibrated[:2]), atol=1e-12)
    assert list(threshold_scores()) == [f"brier_ge_{rung}" for rung in LADDER[1:]]


def test_two_classes_are_a_question():
    chance, event = np.array([0.1, 0.7, 1.0, 0.0]), np.array([1, 1, 0, 0])
    both = np.column_stack([1 - chance, chance])
    np.testing.assert_allclose(ranked_probability_score(both, event), binary_brier(chance, event))
    np.testing.assert_allclose(brier_score(both, event), 2 * binary_brier(chance, event))
    np.testing.assert_allclose(log_score(both, event), binary_log(chance, event))


def test_the_log_score_has_its_floor():
    assert LOG_FLOOR == 1e-6
    assert log_score([[1.0, 0.0]], [1]) == pytest.approx(-np.log(1e-6))
    assert binary_log([1.0, 0.0], [0, 1]) == pytest.approx([-np.log(1e-6)] * 2)
    assert log_score([[1 + 5e-7, 0.0]], [0])[0] == 0


def test_every_score_is_a_function_of_probabilities_and_outcome(calibrated: Drawn):
    assert set(SCORES) < set(LADDER_SCORES)
    assert set(BINARY_SCORES) == {"brier", "log"}
    for name, score in LADDER_SCORES.items():
        found = score(calibrated.probabilities, calibrated.outcome)
        assert found.shape == calibrated.outcome.shape, name
        one_by_one = [score(p[None], [y])[0] for p, y in zip(*calibrated[:2], strict=True)]
        np.testing.assert_array_equal(found, one_by_one, err_msg=name)


def test_sharpness_is_the_score_that_a_forecast_expects_of_itself(calibrated: Drawn):
    chance = np.maximum(calibrated.probabilities, 1e-4)
    chance /= chance.sum(axis=1, keepdims=True)
    for sharpness, score in ((expected_rps, ranked_probability_score), (entropy, log_score)):
        by_outcome = np.column_stack([score(chance, np.full(len(chance), k)) for k in range(7)])
        np.testing.assert_allclose(sharpness(chance), (chance * by_outcome).sum(axis=1), atol=1e-12)
        assert sharpness(np.eye(7)) == pytest.approx(np.zeros(7))
