"""Pools find the better member, sharpen timid ones, and shrink to equal weights where nothing tells members apart."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.outside.pool import combine, pool_weights


@pytest.fixture(scope="module")
def members() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    good = rng.dirichlet(np.ones(3), 4000)
    outcome = np.array([rng.choice(3, p=chance) for chance in good])
    return np.stack([good, rng.dirichlet(np.ones(3), 4000)]), outcome


@pytest.mark.parametrize("kind", ["linear", "logarithmic"])
def test_the_better_member_gets_the_weight(kind, members):
    chances, outcome = members
    weights = pool_weights(kind, chances, outcome, np.ones(4000))
    assert weights[0] > 0.9
    assert weights[1] < 0.05
    pooled = combine(kind, weights, chances)
    assert pooled.sum(axis=1) == pytest.approx(np.ones(4000))


@pytest.mark.parametrize("kind", ["linear", "logarithmic"])
def test_equal_members_share(kind, members):
    chances, outcome = members
    weights = pool_weights(kind, chances[[0, 0]], outcome, np.ones(4000))
    assert weights[0] == pytest.approx(weights[1], abs=0.02)


def test_the_logarithmic_pool_sharpens_timid_members(members):
    chances, outcome = members
    timid = np.sqrt(chances[0])
    timid /= timid.sum(axis=1, keepdims=True)
    weights = pool_weights("logarithmic", timid[None], outcome, np.ones(4000))
    assert weights[0] == pytest.approx(2.0, abs=0.15)
    assert combine("logarithmic", np.array([2.0]), timid[None]) == pytest.approx(chances[0], abs=2e-3)
