"""What the sampler runs is the model's own log-density and gradient, on other panels and far out in the tails too."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import xarray as xr
from densities import Densities

from forecast.inference import fused
from forecast.inference.fused import NATIVE
from forecast.record import as_of, read_record, with_reference
from forecast.record.panel import build_panel

DAY = date(2026, 3, 1)


@pytest.fixture(scope="module")
def alone() -> xr.Dataset:
    """The shipped case without any past crisis: many arrays are empty."""
    return build_panel(as_of(read_record(None), DAY), DAY)


@pytest.fixture(scope="module")
def shipped() -> xr.Dataset:
    return build_panel(as_of(with_reference(read_record(None)), DAY), DAY)


@pytest.mark.parametrize("name", ["panel", "alone", "shipped"])
def test_density_and_gradient_are_those_of_the_model(name: str, request: pytest.FixtureRequest):
    panel = request.getfixturevalue(name)
    plain, fast = Densities(panel), Densities(panel, steps=NATIVE)
    for scale in (0.0, 0.1, 0.5, 2.0):
        point = plain.somewhere(3, scale)
        assert fast.total(point) == pytest.approx(plain.total(point), rel=1e-12)
        slopes = plain.gradient(point)
        np.testing.assert_allclose(fast.gradient(point), slopes, rtol=1e-9, atol=1e-11 * np.abs(slopes).max())


def test_its_slopes_are_those_of_its_value(panel: xr.Dataset):
    """Far from the centre, where chances are next to 0 and 1, and where the model itself loses digits."""
    fast = Densities(panel, steps=NATIVE)
    point = fast.somewhere(4, 3.0)
    rng, step = np.random.default_rng(4), 1e-6
    way = {name: rng.standard_normal(value.shape) for name, value in point.items()}
    above, below = (fast.total({k: v + sign * step * way[k] for k, v in point.items()}) for sign in (1, -1))
    flat = np.concatenate([way[str(v.name)].ravel() for v in fast.model.value_vars])
    assert float(fast.gradient(point) @ flat) == pytest.approx((above - below) / (2 * step), rel=1e-4)


def test_exponentials_are_right_to_the_last_places_and_end_at_their_bounds():
    x = np.concatenate([np.linspace(-708.0, 709.0, 100_001), np.random.default_rng(1).normal(size=100_000)])
    found = x.copy()
    fused._exps(found)
    np.testing.assert_allclose(found, np.exp(x), rtol=5e-16)
    far = np.array([-np.inf, -1e6, 1e6])
    fused._exps(far)
    np.testing.assert_allclose(far, np.exp([-708.0, -708.0, 709.0]), rtol=5e-16)


def test_logarithms_are_right_to_the_last_places():
    x = np.concatenate([10.0 ** np.linspace(-300, 300, 100_001), 1.0 + np.linspace(-0.5, 1.0, 100_001)])
    found = x.copy()
    fused._logs(found)
    np.testing.assert_allclose(found, np.log(x), rtol=5e-16, atol=3e-16)
