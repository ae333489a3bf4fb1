"""Worlds are drawn with the chances that the likelihood gives: node by node, and along every parameter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from known_worlds import Told, lively, told, world_of

from forecast.evaluation.worlds import small_design

WORLDS = 24
FAR = 4.5  # standard errors; about 120 quantities are looked at


@pytest.fixture(scope="module", params=[7, 3], ids=lambda days: f"{days} days a period")
def worlds(request: pytest.FixtureRequest) -> list[Told]:
    design = small_design(periods=40, crises=30, crisis_periods=30, spells=300)
    design.attrs["period_days"] = request.param
    out = []
    for seed in range(WORLDS):
        truth = lively(design, seed)
        out.append(told(world_of(design, truth, seed), truth))
    return out


def test_every_node_meets_events_as_often_as_expected(worlds: list[Told]):
    sums = pd.concat([w.cells for w in worlds]).groupby("node")[["came", "expected", "variance"]].sum()
    z = (sums["came"] - sums["expected"]) / np.sqrt(sums["variance"])
    assert (sums["expected"] > 15).all(), sums
    assert z.abs().max() < FAR, sums.assign(z=z)


def test_the_score_of_every_parameter_has_mean_zero_at_the_truth(worlds: list[Told]):
    scores = pd.DataFrame([w.score for w in worlds]).fillna(0.0)
    t = scores.mean() / (scores.std() / np.sqrt(len(scores)))
    assert len(t) >= 68
    assert t.abs().max() < FAR, t.sort_values()
