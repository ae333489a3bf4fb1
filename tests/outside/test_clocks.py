"""Clocks hold the pace they were learned from, and what has not come by an age comes later."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.outside.clocks import (
    NEVER,
    by_age,
    draw_hazard,
    draw_lag,
    first_days,
    fit_hazard,
    fit_lag,
    lag_days,
)


def test_a_lag_is_a_distribution_and_finds_its_days():
    rng = np.random.default_rng(1)
    days = rng.exponential(20, 4000).astype(int)
    chance = draw_lag(fit_lag(days), rng)
    assert chance.sum() == pytest.approx(1.0)
    assert chance[:31].sum() == pytest.approx((days < 31).mean(), abs=0.03)


def test_after_an_age_only_later_days_come():
    rng = np.random.default_rng(2)
    chance = draw_lag(fit_lag(np.array([0, 1, 3, 10, 40, 100])), rng)
    assert lag_days(chance, 12, 500, rng).min() > 12
    assert (lag_days(chance, len(chance), 5, rng) == NEVER).all()


def test_a_hazard_is_events_over_days_at_risk():
    found = fit_hazard((1, 8), np.array([1, 2, 9]), np.array([0.0] + [10.0] * 20), prior_events=0.0, prior_days=0.0)
    assert found.shape / found.rate == pytest.approx([2 / 70, 1 / 130])
    draws = np.array([draw_hazard(found, np.random.default_rng(k)) for k in range(2000)])
    assert draws.mean(axis=0) == pytest.approx([2 / 70, 1 / 130], rel=0.1)
    assert by_age(found, np.array([0.5, 0.1]), 6, 4) == pytest.approx([0.5, 0.5, 0.1, 0.1])


def test_first_days_follow_the_hazard():
    rng = np.random.default_rng(3)
    days = first_days(np.full(180, 0.02), 20_000, rng)
    for by in (7, 30, 180):
        assert (days <= by).mean() == pytest.approx(1 - np.exp(-0.02 * by), abs=0.01)
    assert set(days[days > 180]) == {NEVER}
