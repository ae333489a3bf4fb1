"""The flip-flop index is 0 for a steady way and counts what goes to and fro."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import UsageError
from forecast.evaluation.scores import flip_flop_index, ladder_flip_flop


def test_worked_by_hand():
    assert flip_flop_index([50, 20, 40, 80]) == pytest.approx(((30 + 20 + 40) - 60) / 2)
    assert flip_flop_index([50, 20, 40]) == pytest.approx(20)


@given(st.lists(st.floats(0, 1), min_size=3, max_size=12))
def test_a_steady_way_costs_nothing_and_no_way_costs_less(series):
    assert flip_flop_index(sorted(series)) == pytest.approx(0, abs=1e-12)
    assert flip_flop_index(sorted(series)[::-1]) == pytest.approx(0, abs=1e-12)
    assert -1e-12 <= flip_flop_index(series) <= 1 + 1e-12
    assert flip_flop_index(series) == pytest.approx(flip_flop_index(series[::-1]))


def test_to_and_fro_costs_most():
    assert flip_flop_index([0, 1, 0, 1, 0]) == pytest.approx(1)


def test_several_series_at_once():
    found = flip_flop_index([[0.1, 0.2, 0.3], [0.1, 0.3, 0.2]])
    np.testing.assert_allclose(found, [0, 0.1], atol=1e-12)


def test_ladders_count_every_threshold_that_is_crossed():
    low, middle, high = np.eye(3)
    assert ladder_flip_flop([low, high, low]) == pytest.approx(2)
    assert ladder_flip_flop([low, middle, low]) == pytest.approx(1)
    assert ladder_flip_flop([low, middle, high]) == pytest.approx(0)
    assert ladder_flip_flop([[low, middle, low], [low, low, high]]) == pytest.approx([1, 0])


def test_two_forecasts_cannot_flip_flop_and_gaps_are_refused():
    assert np.isnan(flip_flop_index([0.1, 0.2]))
    with pytest.raises(UsageError, match="missing"):
        flip_flop_index([0.1, np.nan, 0.3])
