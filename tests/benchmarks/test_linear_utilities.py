"""A flat prior gives maximum likelihood, a tight one pulls slopes to 0, and unknown actors get the prior's spread."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecast.outside.escalation import ESCALATION, probabilities
from forecast.outside.utilities import Prior, Terms, average, fit, predict

TERMS = Terms({"u11": ("1", "x"), "u14": ("1",), "u24": ("1", "z")})


@pytest.fixture(scope="module")
def drawn() -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"x": rng.normal(2, 3, 3000), "z": rng.normal(size=3000), "who": rng.integers(0, 5, 3000)})
    at = np.column_stack([0.3 * (frame["x"] - 2) / 3, 0 * frame["x"], 0.5 + 0 * frame["x"], 0.8 * frame["z"]])
    return frame, np.array([rng.multinomial(1, chance) for chance in probabilities(at)], float)


def test_a_flat_prior_recovers_what_the_data_were_drawn_from(drawn):
    frame, counts = drawn
    found = fit(ESCALATION, TERMS, frame, counts)
    coefficients = dict(zip(found.design.names(), found.mode, strict=True))
    assert coefficients["u11:x"] == pytest.approx(0.3, abs=0.1)
    assert coefficients["u24:z"] == pytest.approx(0.8, abs=0.1)
    assert found.slope < 1e-3


def test_no_other_point_is_likelier(drawn):
    frame, counts = drawn
    found = fit(ESCALATION, TERMS, frame, counts)
    for shift in 0.05 * np.random.default_rng(4).normal(size=(20, len(found.mode))):
        other = ESCALATION.rows(found.utilities(frame, found.mode + shift), counts)[0].sum()
        assert other < found.log_likelihood


def test_a_tight_prior_leaves_constants_only(drawn):
    frame, counts = drawn
    found = fit(ESCALATION, TERMS, frame, counts, Prior(10.0, 1e-3))
    slopes = [m for m, kind in zip(found.mode, found.design.kinds(), strict=True) if kind == "slope"]
    assert np.abs(slopes).max() < 1e-3


def test_the_better_prior_has_more_evidence_and_weighs_more(drawn):
    frame, counts = drawn
    tight, loose = (fit(ESCALATION, TERMS, frame, counts, Prior(2.0, slope)) for slope in (1e-3, 0.5))
    assert loose.log_evidence > tight.log_evidence + 10
    assert average([tight, loose], frame[:5]) == pytest.approx(predict(loose, frame[:5]))


def test_an_unknown_actor_is_predicted_between_the_known(drawn):
    frame, counts = drawn
    found = fit(ESCALATION, TERMS._replace(groups={"u24": ("who",)}), frame, counts, Prior(2.0, 0.5, 0.5))
    asked = frame[:1].loc[[0] * 6].assign(who=[0, 1, 2, 3, 4, 99])
    chance = predict(found, asked)
    assert chance.sum(axis=1) == pytest.approx(np.ones(6))
    assert chance[:5].min(axis=0)[2] - 0.05 < chance[5, 2] < chance[:5].max(axis=0)[2] + 0.05
