"""Games: probabilities sum to 1, gradients are those of the likelihood, and equilibria are all found."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from forecast.outside import escalation, signalling
from forecast.outside.utilities import Game

TYPICAL = {"escalation": (-0.5, 0.2, -0.6, 0.1), "signalling": (0.1, 1.1, -0.8, -1.2, -1.4, -1.3)}
GAMES = {"escalation": escalation.ESCALATION, "signalling": signalling.SIGNALLING}


@pytest.fixture(params=["escalation", "signalling"])
def played(request: pytest.FixtureRequest) -> tuple[Game, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    game, centre = GAMES[request.param], np.array(TYPICAL[request.param])
    utilities = centre + rng.normal(0, 0.2, (30, len(centre)))
    return game, utilities, rng.integers(0, 6, (30, len(game.outcomes))).astype(float)


def test_probabilities_sum_to_one_and_give_the_likelihood(played):
    game, utilities, counts = played
    chance = game.probabilities(utilities)
    assert chance.sum(axis=1) == pytest.approx(np.ones(30))
    assert (chance >= 0).all()
    assert game.rows(utilities, counts)[0] == pytest.approx((counts * np.log(chance)).sum(axis=1))


def test_gradients_are_differences(played):
    game, utilities, counts = played
    gradient, step = game.rows(utilities, counts)[1], 1e-6
    for i in range(utilities.shape[1]):
        shift = step * np.eye(utilities.shape[1])[i]
        up, down = game.rows(utilities + shift, counts)[0], game.rows(utilities - shift, counts)[0]
        assert gradient[:, i] == pytest.approx((up - down) / (2 * step), abs=1e-3, rel=1e-4)


def test_a_hand_worked_escalation():
    chance = escalation.probabilities(np.array([[0.0, 0.0, 1.0, 0.0]]))[0]  # the target resists with chance 1/2
    escalate = norm.cdf(0.5 / np.sqrt(2))
    assert chance == pytest.approx([1 - escalate, escalate / 2, escalate / 2])


def test_both_below_is_the_bivariate_normal():
    points = np.array([[-2.5, 1.0], [0.0, 0.0], [0.7, -1.2], [3.0, 2.0]])
    exact = multivariate_normal(cov=[[1, 0.5**0.5], [0.5**0.5, 1]]).cdf(points)
    assert signalling._both_below(points[:, 0], points[:, 1]) == pytest.approx(exact, abs=1e-6)


def test_every_equilibrium_is_found_where_there_are_three():
    several = np.array([[0.0, 1.0, -1.5, -1.9, -2.6, -1.2]])
    found = signalling.equilibria(several)
    assert len(found.resist) % 2 == 1
    assert np.abs(signalling.violation(found.resist, several[found.game])).max() < 1e-9


def test_every_game_has_an_equilibrium_however_extreme():
    extreme = np.random.default_rng(2).normal(0, 8, (300, 6))
    found = signalling.equilibria(extreme, grid=40)
    assert set(found.game) == set(range(300))
    chance = signalling.probabilities(extreme)
    assert np.isfinite(chance).all()
    assert chance.sum(axis=1) == pytest.approx(np.ones(300))
