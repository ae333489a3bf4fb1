"""An estimate has the right mean, an interval that is the spread between draws and not the noise, and a true error."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.inference.reweight import Weights
from forecast.outlook.estimate import Outcome, estimate, spread


def events(chances: np.ndarray, paths: int, rng: np.random.Generator) -> np.ndarray:
    return rng.random((len(chances), paths)) < chances[:, None]


def test_the_mean_is_that_of_all_paths():
    rng = np.random.default_rng(1)
    found = [estimate(events(np.full(20, 0.2), 10, rng)).probability for _ in range(2000)]
    assert np.mean(found) == pytest.approx(0.2, abs=4 * np.std(found) / np.sqrt(2000))
    assert estimate(np.array([[True, False], [True, True]])).probability == 0.75


@pytest.mark.parametrize("paths", [30, 60, 400])
def test_the_interval_is_the_spread_of_the_draws_however_many_paths(paths: int):
    rng = np.random.default_rng(2)
    chances = rng.beta(4, 8, 4000)
    found = estimate(events(chances, paths, rng))
    low, high = np.quantile(chances, [0.1, 0.9])
    assert found.low == pytest.approx(low, abs=0.02)
    assert found.high == pytest.approx(high, abs=0.02)


@pytest.mark.parametrize(("chance", "paths"), [(0.5, 20), (0.1, 50), (0.02, 100)])
def test_it_shrinks_to_nothing_where_the_draws_agree(chance: float, paths: int):
    found = estimate(events(np.full(4000, chance), paths, np.random.default_rng(3)))
    noise = np.sqrt(chance * (1 - chance) / paths)
    assert found.high - found.low < 0.5 * noise


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_it_is_a_point_where_every_path_agrees(share: float):
    found = estimate(np.full((5, 8), bool(share)))
    assert found == (share, share, share, 0.0)


def test_the_error_is_that_of_repeated_runs():
    rng = np.random.default_rng(4)
    runs = [estimate(events(rng.beta(2, 5, 60), 30, rng)) for _ in range(1500)]
    assert np.mean([r.mcse for r in runs]) == pytest.approx(np.std([r.probability for r in runs]), rel=0.06)


def test_a_condition_restricts_the_paths():
    rng = np.random.default_rng(5)
    given_ = rng.random((50, 40)) < 0.4
    event = rng.random((50, 40)) < np.where(given_, 0.7, 0.1)
    found = estimate(event, given_)
    assert found.probability == pytest.approx((event & given_).sum() / given_.sum())
    assert found.probability == pytest.approx(0.7, abs=0.05)
    assert found.low <= found.probability <= found.high


def test_draws_in_which_the_condition_never_holds_are_left_out():
    given_ = np.array([[True, True], [False, False], [True, True]])
    found = estimate(np.array([[True, True], [True, True], [True, False]]), given_)
    assert found.probability == 0.75


def test_a_condition_that_never_holds_gives_no_number():
    assert all(math.isnan(x) for x in estimate(np.ones((3, 4), bool), np.zeros((3, 4), bool)))


def test_an_interval_holds_its_probability():
    event = np.zeros((100, 50), bool)
    event[:3] = True
    found = estimate(event)
    assert found.low <= found.probability <= found.high


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), draws=st.integers(1, 12), paths=st.integers(1, 12), share=st.floats(0, 1))
def test_an_interval_lies_in_zero_to_one_in_order(seed: int, draws: int, paths: int, share: float):
    rng = np.random.default_rng(seed)
    event, given_ = rng.random((draws, paths)) < share, rng.random((draws, paths)) < 0.7
    found = estimate(event, given_)
    if given_.any():
        assert 0 <= found.low <= found.high <= 1
        assert 0 <= found.probability <= 1
        assert math.isnan(found.mcse) == (draws == 1)


def test_the_spread_of_a_difference_is_that_between_parameter_draws():
    rng = np.random.default_rng(3)
    parents, states = 800, 8
    effect_of = rng.normal(0.1, 0.05, parents)  # what the change does at each draw of the parameters
    state = rng.uniform(0.3, 0.6, (parents, states))
    before = rng.binomial(20, state) / 20
    after = np.clip(rng.binomial(20, np.clip(state + effect_of[:, None], 0, 1)) / 20, 0, 1)
    size = parents * states
    weights = Weights(np.full(size, 1 / size), 0.0, float(size))
    parent = np.repeat(np.arange(parents), states)
    ones = np.ones(size)
    pair = Outcome(after.ravel(), ones), Outcome(before.ravel(), ones)
    low, high = spread(pair[0], weights, pair[1], weights, (parent, parent), news=False)
    true = np.quantile(effect_of, [0.1, 0.9]) - effect_of.mean()
    np.testing.assert_allclose([low, high], true, atol=0.008)
    plain = np.quantile((after - before).mean(axis=1), [0.1, 0.9]) - (after - before).mean()
    assert plain[0] < low  # the noise of finitely many paths is taken out


def test_news_that_tells_of_the_state_differs_by_how_much_the_state_matters():
    rng = np.random.default_rng(4)
    parents, states = 600, 12
    slope = rng.choice([0.0, 0.2], parents)
    state = rng.standard_normal((parents, states))
    before = (0.5 + slope[:, None] * np.clip(state, -2, 2)).ravel()
    ratio = np.exp(0.3 * state.ravel())
    size, parent = parents * states, np.repeat(np.arange(parents), states)
    ones, equal = np.ones(parents * states), Weights(np.full(size, 1 / size), 0.0, float(size))
    moved = Weights(ratio / ratio.sum(), 0.1, 500.0)
    event = Outcome(before, ones)
    low, high = spread(event, moved, event, equal, (parent, parent), news=True)
    assert high - low == pytest.approx(0.2 * 0.3, abs=0.025)  # none at half of the draws, about 0.06 at the others
    nothing = spread(event, equal, event, equal, (parent, parent), news=True)
    assert nothing == (0.0, 0.0)
    alone = spread(event, moved, event, equal, (np.arange(size), np.arange(size)), news=True)
    assert np.isnan(alone).all()
