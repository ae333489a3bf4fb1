"""Power-scaled weights give the posterior that is known analytically, and sensitivities tell prior from likelihood."""

from __future__ import annotations

from typing import NamedTuple

import arviz_stats
import numpy as np
import pytest
import xarray as xr

from forecast.inference.power import CONFLICT, LOCAL, NONE, WEAK, diagnosis, noise, scaled, sensitivity, trusted

DRAWS = 4000


class Toy(NamedTuple):
    """A normal mean with a normal prior: draws of its posterior and the two log densities."""

    draws: np.ndarray
    prior: np.ndarray
    likelihood: np.ndarray


def posterior(prior: tuple[float, float], data: tuple[float, float]) -> tuple[float, float]:
    """Mean and precision of the posterior, of (mean, precision) of the prior and of the data."""
    precision = prior[1] + data[1]
    return (prior[0] * prior[1] + data[0] * data[1]) / precision, precision


def toy(prior: tuple[float, float], data: tuple[float, float]) -> Toy:
    mean, precision = posterior(prior, data)
    draws = mean + np.random.default_rng(5).standard_normal(DRAWS) / np.sqrt(precision)
    return Toy(draws, -0.5 * prior[1] * (draws - prior[0]) ** 2, -0.5 * data[1] * (draws - data[0]) ** 2)


PRIOR, DATA = (0.0, 1.0), (2.0, 2.0)


@pytest.mark.parametrize("which", ["prior", "likelihood"])
def test_weighted_draws_are_the_power_scaled_posterior(which: str):
    made = toy(PRIOR, DATA)
    change = scaled(getattr(made, which))
    for power, weights in zip(change.powers, (change.lower, change.upper), strict=True):
        if which == "prior":
            mean, precision = posterior((PRIOR[0], power * PRIOR[1]), DATA)
        else:
            mean, precision = posterior(PRIOR, (DATA[0], power * DATA[1]))
        assert weights.trusted
        got = weights.weight @ made.draws
        assert got == pytest.approx(mean, abs=0.03)
        assert weights.weight @ (made.draws - got) ** 2 == pytest.approx(1 / precision, rel=0.06)


def test_sensitivities_are_those_of_arviz():
    made = toy(PRIOR, DATA)
    one = {"m": (("chain", "draw"), made.draws.reshape(4, -1))}
    tree = xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset(one),
            "log_prior": xr.Dataset({"m": (("chain", "draw"), made.prior.reshape(4, -1))}),
            "log_likelihood": xr.Dataset({"y": (("chain", "draw"), made.likelihood.reshape(4, -1))}),
        }
    )
    for group, density in (("prior", made.prior), ("likelihood", made.likelihood)):
        theirs = float(arviz_stats.psense(tree, group=group)["m"])
        assert sensitivity(made.draws, scaled(density, LOCAL)) == pytest.approx(theirs, rel=0.02)
        assert sensitivity(made.draws, scaled(density)) == pytest.approx(theirs, rel=0.2)


@pytest.mark.parametrize(
    ("prior", "data", "expected"),
    [((0.0, 1.0), (3.0, 2.0), CONFLICT), ((0.0, 1.0), (0.0, 0.001), WEAK), ((0.0, 0.01), (0.5, 4.0), NONE)],
)
def test_a_conflict_a_weak_likelihood_and_neither_are_told_apart(
    prior: tuple[float, float], data: tuple[float, float], expected: str
):
    made = toy(prior, data)
    by_prior, by_data = scaled(made.prior), scaled(made.likelihood)
    found = diagnosis(sensitivity(made.draws, by_prior), sensitivity(made.draws, by_data), noise(made.draws, by_data))
    assert found == expected


def test_what_a_density_does_not_touch_is_as_sensitive_as_its_noise():
    rng = np.random.default_rng(3)
    values, density = rng.standard_normal(DRAWS), 20 * rng.standard_normal(DRAWS)
    _, change = trusted(density)
    assert change.powers == LOCAL
    assert 0.05 < noise(values, change) < 0.5
    assert sensitivity(values, change) < 1.5 * noise(values, change)
    assert diagnosis(0.1, 0.1, noise(values, change)) == WEAK


def test_a_constant_is_not_sensitive():
    assert sensitivity(np.ones(DRAWS), scaled(toy(PRIOR, DATA).prior)) == 0.0
