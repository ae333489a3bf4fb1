"""Panels padded to equal dims share one compiled model, and what pads them is no observation."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import xarray as xr

from forecast.evaluation.padding import MARK, Sizes, padded, sizes_for
from forecast.inference.fit import same_dims
from forecast.model.cells import node_tables
from forecast.record import Record
from forecast.record.panel import build_panel

DAYS = {"1976-entebbe": dt.date(1976, 6, 30), "1998-iran-taliban": dt.date(1998, 8, 20)}


@pytest.fixture(scope="module")
def panels(shipped: Record) -> list[xr.Dataset]:
    return [build_panel(shipped, day, case=case) for case, day in DAYS.items()]


def test_all_reach_the_same_dims(panels: list[xr.Dataset], shipped: Record):
    sizes = sizes_for(shipped)
    one, two = (padded(panel, sizes) for panel in panels)
    assert Sizes.of(one) == Sizes.of(two) == sizes
    assert not same_dims(*panels)
    assert same_dims(one, two)


def test_the_observations_of_every_node_stay_as_they_are(panels: list[xr.Dataset], shipped: Record):
    for panel in panels:
        before, after = node_tables(panel), node_tables(padded(panel, sizes_for(shipped)))
        assert before.keys() == after.keys()
        for name, table in before.items():
            other = after[name]
            assert len(other) == len(table), name
            kept = [c for c in table.columns if not c.startswith("dyad")]  # dyads are numbered by name
            np.testing.assert_array_equal(other[kept].to_numpy(float), table[kept].to_numpy(float), err_msg=name)


def test_the_episodes_of_the_panel_come_first_and_unchanged(panels: list[xr.Dataset], shipped: Record):
    panel = panels[1]
    whole = padded(panel, sizes_for(shipped))
    count = panel.sizes["episode"]
    per_episode = [v for v in panel.data_vars if "episode" in panel[v].dims]
    xr.testing.assert_equal(whole[per_episode].isel(episode=slice(count)), panel[per_episode])
    added = whole.isel(episode=slice(count, None))
    assert all(str(name).startswith(MARK) for name in added["episode"].values)
    assert not added[[v for v in per_episode if str(v).endswith("_observed")]].to_array().any()
    assert whole.attrs == panel.attrs
    assert whole["high_stake"].values[1:].mean() == pytest.approx(panel["high_stake"].values[1:].mean())


def test_a_panel_that_is_too_large_is_left_as_it_is(panels: list[xr.Dataset]):
    assert padded(panels[1], Sizes.of(panels[0])) is panels[1]
    own = Sizes.of(panels[1])
    xr.testing.assert_equal(padded(panels[1], own), panels[1])
