"""A past crisis has the deal it ended by; cells know how sure their surest row is; coverage is joined day by day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hand_made import CASE, coverage, crisis, move, outcome, record

from forecast.record.panel import build_panel

DAY = dt.date(2024, 6, 30)
ALL = "force;verbal;posture;diplomacy;economic;nuclear;audience;credibility"


@pytest.mark.parametrize(
    ("ended_by", "deal", "told"), [("no_force_deal", 1, True), ("tacit_halt", 0, True), ("unknown", 0, False)]
)
def test_a_deal_that_ended_a_crisis_is_in_the_week_of_its_end(tmp_path: Path, ended_by: str, deal: int, *, told: bool):
    blank = {"outcome": ""} if ended_by == "unknown" else {}
    made = record(
        tmp_path / "record",
        crises=[crisis("past", "2010-01-04")],
        outcomes=[outcome("past", "2010-01-04", "2010-03-01", ended_by=ended_by, **blank)],
        covered=[coverage("past", "2009-07-01", observes="force")],
    )
    past = build_panel(made, DAY).isel(episode=1)
    assert int(past["deal"].sum()) == deal
    if deal:
        week = past["period_start"].values[int(past["deal"].values.argmax())]
        assert week <= np.datetime64("2010-03-01") < week + np.timedelta64(7, "D")
    during = past["phase"].values[: int(past["length"])] == 1
    assert past["deal_observed"].values[: int(past["length"])][during].all() == told
    assert not past["talks_observed"].any()


def test_a_dated_deal_is_not_doubled(tmp_path: Path):
    made = record(
        tmp_path / "record",
        crises=[crisis("past", "2010-01-04")],
        moves=[move("2010-02-01", "GGG", "HHH", "deal", episode="past")],
        outcomes=[outcome("past", "2010-01-04", "2010-03-01", ended_by="no_force_deal")],
        covered=[coverage("past", "2009-07-01", observes=ALL)],
    )
    assert int(build_panel(made, DAY).isel(episode=1)["deal"].sum()) == 1


def test_the_surest_row_of_the_highest_level_counts(tmp_path: Path):
    made = record(
        tmp_path / "record",
        moves=[
            move("2024-03-05", "AAA", "BBB", "threat", level=2, confidence="confirmed"),
            move("2024-03-06", "AAA", "BBB", "ultimatum", level=3, confidence="disputed"),
            move("2024-03-07", "AAA", "BBB", "red_line", level=3, confidence="reported"),
            move("2024-03-07", "BBB", "AAA", "limited_strike", rung=4, confidence="disputed"),
        ],
    )
    panel = build_panel(made, DAY).isel(episode=0)
    assert panel["signal"].sel(side="a", channel="verbal").max() == 3
    assert panel["signal_confidence"].sel(side="a", channel="verbal").max() == 2
    assert panel["force_confidence"].sel(side="b").max() == 3
    quiet = panel["signal"].values == 0
    assert not panel["signal_confidence"].values[quiet].any()


def test_a_week_that_straddles_two_stretches_of_coverage_is_watched(tmp_path: Path):
    made = record(
        tmp_path / "record",
        covered=[
            coverage(CASE, "2024-01-01", "2024-03-06", density="regular", observes=ALL),
            coverage(CASE, "2024-03-07", density="dense", observes="force;verbal"),
        ],
        only=True,
    )
    panel = build_panel(made, DAY).isel(episode=0)
    assert panel["force_observed"].all()
    assert panel["signal_observed"].sel(channel="verbal").all()
    ends = panel["period_start"].values + np.timedelta64(6, "D")
    watched = panel["signal_observed"].sel(channel="posture").values
    np.testing.assert_array_equal(watched, ends <= np.datetime64("2024-03-06"))
    assert set(panel["density"].values[ends >= np.datetime64("2024-03-07")]) == {2}


def test_a_gap_between_stretches_masks_the_weeks_it_touches(tmp_path: Path):
    made = record(
        tmp_path / "record",
        covered=[
            coverage(CASE, "2024-01-01", "2024-03-06", density="regular", observes=ALL),
            coverage(CASE, "2024-03-09", density="dense", observes=ALL),
        ],
        only=True,
    )
    panel = build_panel(made, DAY).isel(episode=0)
    begins = panel["period_start"].values
    gap = (begins <= np.datetime64("2024-03-08")) & (begins + np.timedelta64(6, "D") >= np.datetime64("2024-03-07"))
    np.testing.assert_array_equal(panel["force_observed"].values, ~gap)
