"""Looks at growing chains show the first draws of one and the same run, whenever they are taken."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from forecast.inference.compile import Compiled
from forecast.inference.fit import Sampling, growing, sample

pytestmark = pytest.mark.slow
SCALE = np.array([1.0, 0.1, 10.0])


def bell() -> Compiled:
    """A normal density with independent dims of different scale."""

    def density(point: np.ndarray) -> tuple[float, np.ndarray]:
        return -0.5 * float(np.sum((point / SCALE) ** 2)), -point / SCALE**2

    return Compiled(density, (), {}, (("x", (3,)),), np.zeros(3))


def test_each_look_is_the_beginning_of_the_next():
    sampling = Sampling(tune=200, draws=100, chains=3, attempts=4, seed=7)
    looks = [draws for draws, _ in growing(bell(), sampling)]
    assert [draws.shape for draws in looks] == [(3, length, 3) for length in (100, 150, 200, 250)]
    for short, long in itertools.pairwise(looks):
        assert (short == long[:, : short.shape[1]]).all()
    assert (sample(bell(), sampling)[0] == looks[0]).all()
    assert looks[-1].std(axis=(0, 1)) == pytest.approx(SCALE, rel=0.2)


def test_chains_that_nobody_looks_at_any_more_are_stopped():
    looks = growing(bell(), Sampling(tune=200, draws=100, chains=2, attempts=2_000_000, seed=7))
    draws, statistics = next(looks)
    looks.close()  # returns at once: a hundred million draws would take hours
    assert draws.shape[1] == statistics.sizes["draw"] == 100
