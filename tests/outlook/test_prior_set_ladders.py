"""A ladder of weighted draws is the weighted mean of theirs; the range over sets leaves out what is not trusted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from forecast.inference.reweight import Weights
from forecast.model.priors import read_priors
from forecast.outlook.ladder import Events, first_events
from forecast.outlook.outcomes import ladder_table
from forecast.outlook.prior_sets import enough, range_table, strike_chance, weighted_ladder
from forecast.outlook.sensitivity import GROUPS, group_of
from forecast.outlook.simulate import simulate
from forecast.outlook.world import start_now, world_of

HORIZONS = (7, 30)


@pytest.fixture
def events(draws: xr.Dataset, panel: xr.Dataset) -> Events:
    length = panel.sizes["period"]
    latents = {name: (("sample", "side", "period"), np.zeros((20, 2, length))) for name in ("resolve", "credibility")}
    full = draws.assign(latents)
    world, start = world_of(full, panel), start_now(full, panel)
    return first_events(simulate(world, start, periods=5, paths=40, period_days=7, seed=2))


def test_equal_weights_give_the_plain_ladder(events: Events):
    weights = Weights(np.full(20, 1 / 20), 0.0, 20.0)
    plain, weighted = ladder_table(events, HORIZONS), weighted_ladder(events, weights, HORIZONS, seed=1)
    pd.testing.assert_frame_equal(plain, weighted)


def test_weights_on_some_draws_give_the_ladder_of_these(events: Events):
    weight = np.where(np.arange(20) < 5, 0.2, 0.0)
    some = ladder_table(Events(*(values[:5] for values in events)), HORIZONS)
    weighted = weighted_ladder(events, Weights(weight, 0.1, 5.0), HORIZONS, seed=1)
    np.testing.assert_allclose(weighted["probability"], some["probability"], atol=1e-12)
    np.testing.assert_allclose(weighted["mcse"], some["mcse"], atol=1e-12)
    np.testing.assert_allclose(weighted.groupby("horizon_days")["probability"].sum(), 1.0)


def test_weights_must_be_trusted_and_carry_enough_draws():
    weight = np.full(10, 0.1)
    assert enough(Weights(weight, 0.3, 900.0))
    assert not enough(Weights(weight, 0.3, 90.0))
    assert not enough(Weights(weight, 0.8, 900.0))
    assert not enough(Weights(weight, np.nan, 900.0))


def test_the_range_holds_the_published_ladder_and_skips_sets_that_failed(events: Events):
    ladder = ladder_table(events, HORIZONS)
    good = ladder.assign(set="good", trusted=True, probability=ladder["probability"] * 0.5)
    bad = ladder.assign(set="bad", trusted=False, probability=0.0)
    spread = range_table(ladder, pd.concat([good, bad], ignore_index=True))
    assert (spread["lowest"] == ladder["probability"] * 0.5).all()
    assert (spread["highest"] == ladder["probability"]).all()
    assert "bad" not in set(spread["lowest_set"]) | set(spread["highest_set"])
    assert strike_chance(ladder)[0] == 30


def test_every_prior_belongs_to_a_group():
    priors = read_priors()
    estimated = [name for name, prior in priors.items() if prior.family != "fixed" and "episode" not in prior.dims]
    units = {"actor_resolve", "region_resolve", "dyad_resolve", "episode_resolve"}
    assert {group_of(name) for name in estimated if name not in units} == set(GROUPS)
