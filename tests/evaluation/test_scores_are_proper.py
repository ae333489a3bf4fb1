"""No score can be gamed: whoever holds p expects the best score from saying p."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.evaluation.scores import BINARY_SCORES, LOG_FLOOR, SCORES, threshold_scores


@st.composite
def two_beliefs(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Two distributions over the same classes, with no chance below the floor of the log score."""
    classes = draw(st.integers(2, 7))
    weights = st.lists(st.floats(0, 1), min_size=classes, max_size=classes)
    mixed = []
    for _ in range(2):
        raw = np.array(draw(weights)) ** draw(st.sampled_from([1, 4]))
        share = raw / raw.sum() if raw.sum() > 1e-9 else np.full(classes, 1 / classes)
        mixed.append(0.999 * share + 0.001 / classes)
    assert min(map(np.min, mixed)) > LOG_FLOOR
    return mixed[0], mixed[1]


def expected(score, held: np.ndarray, said: np.ndarray) -> float:
    return float(held @ score(np.tile(said, (len(held), 1)), np.arange(len(held))))


@settings(max_examples=150, deadline=None)
@given(two_beliefs())
def test_saying_what_one_holds_is_best(beliefs):
    held, said = beliefs
    for name, score in {**SCORES, **threshold_scores([str(n) for n in range(len(held))])}.items():
        assert expected(score, held, held) <= expected(score, held, said) + 1e-12, name


@settings(max_examples=150, deadline=None)
@given(two_beliefs())
def test_saying_something_else_costs(beliefs):
    held, said = beliefs
    if np.abs(held - said).max() > 1e-4:
        for name, score in SCORES.items():
            assert expected(score, held, held) < expected(score, held, said), name


@settings(max_examples=100, deadline=None)
@given(held=st.floats(0.001, 0.999), said=st.floats(0.0, 1.0))
def test_questions_too(held: float, said: float):
    for name, score in BINARY_SCORES.items():
        own, other = score(np.repeat([held, said], 2), np.array([1, 0, 1, 0])).reshape(2, 2) @ [held, 1 - held]
        assert own <= other + 1e-12, name


def test_the_rps_prefers_a_near_miss_and_the_others_do_not():
    near, far = [[0.1, 0.2, 0.7, 0.0]], [[0.7, 0.2, 0.1, 0.0]]
    assert SCORES["rps"](near, [3]) < SCORES["rps"](far, [3])
    assert SCORES["brier"](near, [3]) == pytest.approx(SCORES["brier"](far, [3]))
