"""A compiled model takes the data of another panel: of their types, all of them, and only such as it has a use for."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.inference.compile import Compiled


def scaled() -> Compiled:
    """A normal density whose scale is data."""

    def density(point: np.ndarray, scale: np.ndarray) -> tuple[float, np.ndarray]:
        return -0.5 * float(np.sum((point / scale) ** 2)), -point / scale**2

    return Compiled(density, ("scale",), {"scale": np.array([1.0])}, (("x", (1,)),), np.zeros(1))


def test_other_data_take_the_place_of_the_first_in_their_type():
    other = scaled().with_data({"scale": np.array([2])})
    assert other.data["scale"].dtype == float
    assert other.density()(np.array([2.0]))[0] == pytest.approx(-0.5)
    assert scaled().density()(np.array([2.0]))[0] == pytest.approx(-2.0)


def test_data_of_past_crises_that_there_are_not_are_passed_over():
    assert set(scaled().with_data({"scale": np.array([2.0]), "stake": np.empty(0)}).data) == {"scale"}


def test_data_that_the_function_should_know_are_refused():
    with pytest.raises(KeyError, match="stake"):
        scaled().with_data({"stake": np.ones(3)})
