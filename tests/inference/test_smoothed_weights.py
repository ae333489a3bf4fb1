"""Smoothed weights move draws to the target they name, are equal where nothing differs, and say when they fail."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.inference.reweight import smoothed


@pytest.mark.parametrize("shift", [-0.5, 0.5])
def test_draws_of_a_normal_are_moved_to_another_mean(shift: float):
    draws = np.random.default_rng(1).standard_normal(4000)
    weights = smoothed(shift * draws - 0.5 * shift**2)
    assert weights.trusted
    assert weights.weight.sum() == pytest.approx(1)
    assert weights.weight @ draws == pytest.approx(shift, abs=0.08)
    assert weights.weight @ draws**2 == pytest.approx(1 + shift**2, abs=0.15)
    assert weights.ess == pytest.approx(4000 * np.exp(-(shift**2)), rel=0.1)


def test_equal_ratios_give_equal_weights():
    weights = smoothed(np.full(50, -3.0))
    assert weights.trusted
    assert weights.ess == 50
    assert (weights.weight == 0.02).all()


def test_a_target_far_away_is_not_trusted():
    draws = np.random.default_rng(2).standard_normal(2000)
    assert not smoothed(6.0 * draws).trusted
