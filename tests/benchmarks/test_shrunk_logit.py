"""The block-shrunk logit finds the slopes, shrinks the blocks that say nothing, and keeps impossible classes at 0."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from forecast.outside import shrunk


def drawn(rows: int = 1500, noise: int = 12, seed: int = 3) -> tuple[shrunk.Sample, np.ndarray]:
    """Four ordered classes: one block of two telling regressors, one of noise."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, 2 + noise))
    place = values[:, 0] - 0.7 * values[:, 1] + rng.logistic(size=rows)
    outcome = np.digitize(place, [-1.0, 0.5, 1.5])
    sample = shrunk.Sample(values, outcome, np.ones(rows), np.ones((rows, 4), bool))
    return sample, np.array([0, 0] + [1] * noise)


@pytest.fixture(scope="module")
def told() -> tuple[shrunk.Sample, np.ndarray, shrunk.Posterior]:
    sample, blocks = drawn()
    return sample, blocks, shrunk.fit(sample, blocks)


def test_contrasts_are_orthonormal_and_the_first_rises():
    found = shrunk.contrasts(4)
    assert found.T @ found == pytest.approx(np.eye(3), abs=1e-12)
    assert found.sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-12)
    assert (np.diff(found[:, 0]) > 0).all()


def test_the_telling_block_keeps_its_slopes_and_noise_loses_them(told):
    _, _, posterior = told
    slopes = posterior.mode[1:, 0]
    assert slopes[0] > 1.0
    assert slopes[1] < -0.6
    assert np.abs(slopes[2:]).max() < 0.2
    assert posterior.variance[0, 0] > 20 * posterior.variance[0, 1]
    assert posterior.variance[0, 0] > 5 * posterior.variance[1:, 0].max()  # the order explains nearly all


def test_the_mode_is_one(told):
    sample, blocks, posterior = told
    # The last variances were learned after the mode was found, so the mode is found anew under them.
    again = shrunk.fit(sample, blocks, variance=posterior.variance)

    def loss(at: np.ndarray) -> float:
        slopes = at.reshape(posterior.mode.shape)
        chance = shrunk.predict(again._replace(mode=slopes), sample.values, sample.possible, draws=0)
        penalty = (slopes[1:].T ** 2 / posterior.variance[:, blocks]).sum() + (slopes[0] ** 2).sum() / 100.0
        return float(0.5 * penalty - np.log(chance[np.arange(len(chance)), sample.outcome]).sum())

    assert np.abs(approx_fprime(again.mode.ravel(), loss, 1e-6)).max() < 0.05


def test_it_predicts_better_than_frequencies_and_is_less_sure_than_its_mode(told):
    sample, _, posterior = told
    later, _ = drawn(seed=4)
    chance = shrunk.predict(posterior, later.values, later.possible)
    assert chance.sum(axis=1) == pytest.approx(np.ones(len(chance)))
    base = np.bincount(sample.outcome) / len(sample.outcome)
    hit = chance[np.arange(len(chance)), later.outcome]
    assert -np.log(hit).mean() < -np.log(base[later.outcome]).mean() - 0.1
    small, blocks = drawn(60)
    few = shrunk.fit(small, blocks)
    mode = shrunk.predict(few, later.values, later.possible, draws=0)
    assert shrunk.predict(few, later.values, later.possible).max(axis=1).mean() < mode.max(axis=1).mean()


def test_what_is_impossible_has_no_chance_and_does_not_bend_the_slopes():
    sample, blocks = drawn()
    barred = sample.outcome > 0
    possible = sample.possible.copy()
    possible[barred, 0] = False
    found = shrunk.fit(sample._replace(possible=possible), blocks)
    chance = shrunk.predict(found, sample.values, possible)
    assert (chance[barred, 0] == 0).all()
    assert (chance[~barred, 0] > 0).all()
    assert chance.sum(axis=1) == pytest.approx(np.ones(len(chance)))
