"""What is learned from history is the posterior less its prior: put together again they give the posterior back."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.inference.pretrain import AGREEMENTS, CONFRONTATIONS, INFORMED, likelihood_part
from forecast.model.learned import Learned, combined
from forecast.model.priors import read_priors


@pytest.mark.parametrize(("location", "scale"), [(-4.7, 0.8), (0.0, 0.4)])
def test_prior_times_part_is_the_posterior(location: float, scale: float):
    draws = np.random.default_rng(1).normal(-3.0, 0.25, 4000)
    part = likelihood_part(draws, location, scale)
    assert part is not None
    one = Learned(label="x", mean=part[0], sd=part[1], posterior=(0, 0), rhat=1.0)
    assert combined(location, scale, one, 1.0) == pytest.approx((draws.mean(), draws.std()), rel=1e-9)
    assert combined(location, scale, one, 0.0) == pytest.approx((location, scale))


def test_data_that_tell_the_same_from_two_priors_have_the_same_part():
    mean, sd = -1.5, 0.5
    parts = []
    for location, scale in ((-4.7, 0.8), (0.0, 2.0)):
        precision = sd**-2 + scale**-2
        centre = (mean / sd**2 + location / scale**2) / precision
        z = np.random.default_rng(2).standard_normal(2000)
        parts.append(likelihood_part(centre + (z - z.mean()) / z.std() * precision**-0.5, location, scale))
    assert parts[0] == pytest.approx((mean, sd), rel=1e-6)
    assert parts[1] == pytest.approx((mean, sd), rel=1e-6)


def test_a_posterior_that_is_hardly_narrower_than_its_prior_teaches_nothing():
    z = np.random.default_rng(3).standard_normal(1000)
    z = (z - z.mean()) / z.std()
    barely = np.sqrt(1 - INFORMED)
    assert likelihood_part(0.8 * z * (barely + 1e-6), 0.0, 0.8) is None
    assert likelihood_part(1.1 * z, 0.0, 0.8) is None
    assert likelihood_part(0.8 * z * (barely - 1e-6), 0.0, 0.8) is not None


def test_no_parameter_is_both_learned_and_held_and_all_are_known():
    priors = read_priors()
    for lesson in (CONFRONTATIONS, AGREEMENTS):
        assert set(lesson.parameters) <= set(priors)
        assert set(lesson.unseen) <= set(priors)
        assert not set(lesson.parameters) & set(lesson.unseen)
        assert all(len(priors[name].dims) <= 1 for name in lesson.parameters)
    assert not set(CONFRONTATIONS.parameters) & set(AGREEMENTS.parameters)
    case = {name for name in priors if name.endswith("_case")}
    assert not case & {*CONFRONTATIONS.parameters, *AGREEMENTS.parameters}
