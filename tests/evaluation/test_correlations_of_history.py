"""Draws with the correlations of history keep every scalar's mean and spread, and have those correlations."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from forecast.evaluation.independence import correlated, ladders_of_history
from forecast.evaluation.worlds import small_design
from forecast.inference.fit import sample_prior
from forecast.model.learned import Correlation, CutOff, History, Learned, Scalar, with_history
from forecast.model.priors import read_priors
from forecast.terms import LADDER

DAY = dt.date(2000, 1, 1)
SCALARS = {
    "war_opening": Scalar(parameter="war_opening", family="normal", data_set="made up", prior=(-2.6, 0.6)),
    "campaign_days": Scalar(parameter="campaign_days", family="lognormal", data_set="made up", prior=(3.2, 0.6)),
    "overt_intercept[target]": Scalar(parameter="overt_intercept", index=1, size=2, family="normal", data_set="made up",
                                      prior=(-4.7, 0.8)),
}  # fmt: skip
LEARNED = tuple(
    Learned(label=label, mean=mean, sd=0.4, posterior=(mean, 0.4), rhat=1.0)
    for label, mean in zip(SCALARS, (-1.0, 2.0, -6.0), strict=True)
)
PAIRS = (Correlation(one="war_opening", other="campaign_days", value=0.7),
         Correlation(one="campaign_days", other="overt_intercept[target]", value=-0.5))  # fmt: skip
HISTORY = History(
    made=DAY, terms_hash="", corpora={}, scalars=SCALARS,
    cut_offs=(CutOff(as_of=DAY, episodes={}, learned=LEARNED, correlations=PAIRS),),
)  # fmt: skip


def test_means_and_spreads_are_kept_and_correlations_are_as_told():
    panel = small_design()
    priors = with_history(read_priors(), HISTORY, 1.0, DAY)
    draws = sample_prior(panel, priors, draws=20_000, seed=1)
    mixed = correlated(draws, priors, HISTORY, HISTORY.cut_offs[0])
    columns = [
        np.stack([d["war_opening"].values, np.log(d["campaign_days"].values), d["overt_intercept"].values[:, 1]])
        for d in (draws, mixed)
    ]
    assert columns[1].mean(axis=1) == pytest.approx(columns[0].mean(axis=1), abs=0.01)
    assert columns[1].std(axis=1) == pytest.approx(columns[0].std(axis=1), rel=0.02)
    assert np.corrcoef(columns[0])[np.triu_indices(3, 1)] == pytest.approx([0, 0, 0], abs=0.03)
    assert np.corrcoef(columns[1])[np.triu_indices(3, 1)] == pytest.approx([0.7, 0.0, -0.5], abs=0.03)
    for name in set(map(str, draws)) - {"war_opening", "campaign_days", "overt_intercept"}:
        assert mixed[name].identical(draws[name])
    assert (mixed["overt_intercept"].values[:, 0] == draws["overt_intercept"].values[:, 0]).all()


def test_the_ladders_are_of_the_priors_named():
    found = ladders_of_history(small_design(), HISTORY, DAY, draws=200, paths=20)
    shares = found.groupby(["priors", "horizon_days"])["probability"].sum()
    assert shares.to_numpy() == pytest.approx(np.ones(9))
    assert set(found["rung"]) == set(LADDER)
    at = found[found["horizon_days"] == 180].set_index(["priors", "rung"])["probability"]
    assert at["history, independent"]["O6"] > at["hand"]["O6"]
