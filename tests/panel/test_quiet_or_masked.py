"""A period without a row counts as quiet where the sources would have told, and is masked where they would not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hand_made import CASE, Row, coverage, crisis, move, outcome, record

from forecast.record.panel import build_panel
from forecast.terms import DENSITIES, SIGNAL_CHANNELS

DAY = dt.date(2024, 6, 30)
ALL = "force;verbal;posture;diplomacy;economic;nuclear;audience;credibility"


def case_with(folder: Path, *covered: Row, moves: tuple[Row, ...] = ()) -> xr.Dataset:
    made = record(folder / "record", moves=list(moves), covered=list(covered), only=True)
    return build_panel(made, DAY).isel(episode=0)


@pytest.mark.parametrize("density", ["regular", "dense", "sampled"])
def test_a_full_watch_makes_silence_an_observation(tmp_path: Path, density: str):
    panel = case_with(tmp_path, coverage(CASE, "2024-01-01", density=density, observes=ALL))
    for name in ("force_observed", "sub_threshold_observed", "talks_observed", "signal_observed"):
        assert panel[name].values.all(), name
    assert set(panel["density"].values) == {DENSITIES.index(density)}


def test_a_sparse_watch_sees_force_but_not_what_lies_below_it(tmp_path: Path):
    panel = case_with(tmp_path, coverage(CASE, "2024-01-01", density="sparse", observes="force;diplomacy"))
    assert panel["force_observed"].values.all()
    for name in ("sub_threshold_observed", "talks_observed", "signal_observed"):
        assert not panel[name].values.any(), name


def test_a_narrative_tells_of_a_channel_only_where_it_tells_anything(tmp_path: Path):
    threat = move("2024-03-05", "AAA", "BBB", "threat")
    strike = move("2024-04-03", "AAA", "BBB", "limited_strike", rung=4)
    panel = case_with(tmp_path, coverage(CASE, "2024-01-01", observes="force;verbal;posture"), moves=(threat, strike))
    assert panel["force_observed"].values.all()
    assert not panel["talks_observed"].values.any()
    assert not panel["sub_threshold_observed"].values.any()
    seen = panel["signal_observed"].sel(channel=["verbal", "posture"]).values
    assert list(np.flatnonzero(seen.all(axis=1))) == [9]
    assert not panel["signal_observed"].sel(channel=["audience", "diplomacy"]).values.any()
    assert seen.sum() == 2


def test_channels_not_watched_are_masked(tmp_path: Path):
    panel = case_with(tmp_path, coverage(CASE, "2024-01-01", density="regular", observes="verbal;posture"))
    assert not panel["force_observed"].values.any()
    assert not panel["sub_threshold_observed"].values.any()
    for index, name in enumerate(SIGNAL_CHANNELS):
        assert panel["signal_observed"].values[:, index].all() == (name in ("verbal", "posture"))


def test_only_whole_periods_inside_the_watch_count(tmp_path: Path):
    panel = case_with(tmp_path, coverage(CASE, "2024-02-07", "2024-03-03", density="regular", observes=ALL))
    seen = np.flatnonzero(panel["force_observed"].values)
    assert [str(d)[:10] for d in panel["period_start"].values[seen]] == ["2024-02-12", "2024-02-19", "2024-02-26"]
    assert (panel["density"].values[seen] == DENSITIES.index("regular")).all()
    assert (np.delete(panel["density"].values, seen) == -1).all()


def test_nothing_is_observed_without_a_watch(tmp_path: Path):
    panel = case_with(tmp_path, coverage(CASE, "2024-06-29", density="regular", observes=ALL))
    for name in ("force_observed", "sub_threshold_observed", "talks_observed", "signal_observed"):
        assert not panel[name].values.any(), name


def test_a_past_crisis_tells_of_talks_only_while_it_runs(tmp_path: Path):
    made = record(
        tmp_path / "record",
        crises=[crisis("c1", "2010-01-04")],
        outcomes=[outcome("c1", "2010-01-04", "2010-02-28", rung_a=4, days=1)],
        covered=[coverage("c1", "2009-01-01", observes="force;diplomacy")],
        moves=[move("2010-01-05", "GGG", "HHH", "limited_strike", rung=4, episode="c1")],
    )
    panel = build_panel(made, DAY).isel(episode=1)
    length = int(panel["length"].values)
    assert panel["force_observed"].values[:length].all()
    assert not panel["force_observed"].values[length:].any()
    told = np.flatnonzero(panel["talks_observed"].values)
    starts = panel["period_start"].values
    assert starts[told[0]] <= np.datetime64("2010-01-04") < starts[told[0] + 1]
    assert starts[told[-1]] <= np.datetime64("2010-02-28")
    assert len(told) == 8


def test_the_case_uses_the_watch_of_its_crises_where_it_has_none_of_its_own(tmp_path: Path):
    rows = [crisis("c1", "2024-03-04", challenger="AAA", target="BBB", case_id=CASE)]
    ends = [outcome("c1", "2024-03-04", "2024-03-31", rung_a=4, days=1)]
    made = record(
        tmp_path / "record",
        crises=rows,
        outcomes=ends,
        covered=[coverage("c1", "2024-03-04", "2024-03-31", density="regular", observes=ALL, known="2024-03-04")],
        moves=[move("2024-03-05", "AAA", "BBB", "limited_strike", rung=4, episode="c1")],
        only=True,
    )
    panel = build_panel(made, DAY)
    assert panel.sizes["episode"] == 1
    case = panel.isel(episode=0)
    assert list(np.flatnonzero(case["force_observed"].values)) == [9, 10, 11, 12]
    assert case["force"].values[0, 9] == 2
