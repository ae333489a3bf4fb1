"""The shipped calibration certificate belongs to the present model and priors, and what it certifies is calibration."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecast.evaluation.sbc import KEPT, ecdf_band, holm, model_hash, ranks, read_certificate, uniformity
from forecast.model.priors import read_priors


def test_it_is_of_the_present_model_and_priors():
    found = read_certificate()
    assert found["model_hash"] == model_hash(), (
        "the density of the model or a prior changed: run "
        "`forecast study sbc --simulations 1000 --out FOLDER --certify`"
    )


def test_it_certifies_uniform_ranks_and_nominal_coverage():
    found = read_certificate()
    assert found["simulations"] >= 1000
    assert found["quantities"] > 150
    assert found["smallest_p_holm"] >= 0.01
    for name, level, slack in (("cover_50", 0.5, 0.03), ("cover_80", 0.8, 0.03), ("cover_95", 0.95, 0.02)):
        assert found["mean_coverage"][name] == pytest.approx(level, abs=slack)


def test_another_number_in_a_prior_makes_it_stale():
    priors = read_priors()
    changed = priors | {"hit_effect": priors["hit_effect"].model_copy(update={"parameters": (0.0, 0.51)})}
    told = priors | {"hit_effect": priors["hit_effect"].model_copy(update={"reason": "another reason"})}
    assert model_hash(changed) != model_hash(priors)
    assert model_hash(told) == model_hash(priors)


def test_ranks_that_lean_or_pile_up_are_told_from_uniform_ones():
    rng = np.random.default_rng(3)
    table = pd.DataFrame(
        {
            "uniform": rng.integers(0, KEPT + 1, 800),
            "leaning": rng.binomial(KEPT, rng.beta(1.3, 1.0, 800)),
            "piled up": rng.binomial(KEPT, rng.beta(0.7, 0.7, 800)),
        }
    )
    tests = uniformity(table).set_index("name")
    assert tests.loc["uniform", "p_holm"] > 0.01
    assert tests.loc["leaning", "p_holm"] < 0.01
    assert tests.loc["leaning", "mean_rank"] > 0.53
    assert tests.loc["piled up", "p_holm"] < 0.01
    assert tests.loc["piled up", "cover_80"] < 0.75


def test_the_band_holds_its_level():
    band = ecdf_band(200, draws=3000, seed=1)
    rng = np.random.default_rng(2)
    outside = 0
    for _ in range(400):
        drawn = np.sort(rng.integers(0, KEPT + 1, 200)) / KEPT
        below = np.searchsorted(drawn, (np.arange(KEPT) + 0.5) / KEPT, side="right") / 200 - band["at"].to_numpy()
        outside += bool(((below < band["low"]) | (below > band["high"])).any())
    assert outside / 400 == pytest.approx(0.05, abs=0.035)


def test_holm_by_hand():
    np.testing.assert_allclose(holm(np.array([0.04, 0.01, 0.03])), [0.06, 0.03, 0.06])


@pytest.mark.nightly
def test_thirty_worlds_are_calibrated():
    table = ranks(range(5000, 5030))
    assert len(table) >= 28
    tests = uniformity(table)
    assert tests["p_holm"].min() > 0.001
    assert tests["cover_80"].mean() == pytest.approx(0.8, abs=0.05)
