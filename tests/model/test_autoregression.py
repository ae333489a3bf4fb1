"""The blocked autoregression is the plain recursion, within blocks and across their borders."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytensor.compile.mode import Mode

from forecast.model.latent import BLOCK, autoregression, padded, persistence

MODE = Mode("py", "fast_compile")


@cache
def compiled() -> pytensor.compile.Function:
    shocks, rho = pt.matrix("shocks"), pt.scalar("rho")
    return pytensor.function([shocks, rho], autoregression(shocks, rho), mode=MODE)


def plain(shocks: np.ndarray, rho: float) -> np.ndarray:
    out = np.zeros_like(shocks)
    for row in range(len(shocks)):
        x = 0.0
        for t in range(shocks.shape[1]):
            x = rho * x + shocks[row, t]
            out[row, t] = x
    return out


@settings(max_examples=30, deadline=None)
@given(blocks=st.integers(1, 5), rows=st.integers(1, 3), rho=st.floats(0.01, 0.999), seed=st.integers(0, 10**6))
def test_it_is_the_recursion(blocks: int, rows: int, rho: float, seed: int):
    shocks = np.random.default_rng(seed).standard_normal((rows, blocks * BLOCK))
    np.testing.assert_allclose(compiled()(shocks, rho), plain(shocks, rho), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("at", [0, 1, BLOCK - 1, BLOCK, 2 * BLOCK - 1, 2 * BLOCK])
def test_one_shock_fades_across_borders(at: int):
    shocks = np.zeros((1, 3 * BLOCK))
    shocks[0, at] = 1.0
    expected = np.concatenate([np.zeros(at), 0.9 ** np.arange(3 * BLOCK - at)])
    np.testing.assert_allclose(compiled()(shocks, 0.9)[0], expected, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(("length", "whole"), [(1, BLOCK), (BLOCK, BLOCK), (BLOCK + 1, 2 * BLOCK), (441, 448)])
def test_lengths_are_padded_to_whole_blocks(length: int, whole: int):
    assert padded(length) == whole


@pytest.mark.parametrize(
    ("weeks", "days", "left"), [(1.0, 7, 0.5), (2.0, 7, 2**-0.5), (1.0, 1, 0.5 ** (1 / 7)), (5.0, 35, 0.5)]
)
def test_persistence_is_what_is_left_after_one_period(weeks: float, days: int, left: float):
    assert float(persistence(pt.as_tensor(weeks), days).eval(mode=MODE)) == pytest.approx(left)
