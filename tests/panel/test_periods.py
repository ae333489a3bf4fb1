"""Periods are counted back from the as-of day: the last one ends on it, whatever their length."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hand_made import coverage, crisis, move, outcome, record

from forecast.errors import UsageError
from forecast.record.panel import build_panel

START = dt.date(2024, 1, 1)


@pytest.mark.parametrize("day", [dt.date(2024, 6, 29), dt.date(2024, 6, 30), dt.date(2024, 7, 1), dt.date(2024, 2, 29)])
@pytest.mark.parametrize("step", [1, 7, 30])
def test_the_last_period_ends_on_the_day(tmp_path: Path, day: dt.date, step: int):
    panel = build_panel(record(tmp_path / "record"), day, period_days=step)
    length = int(panel["length"].values[0])
    starts = panel["period_start"].values[0, :length]
    assert starts[-1] == np.datetime64(day) - np.timedelta64(step - 1, "D")
    assert set(np.diff(starts)) <= {np.timedelta64(step, "D")}
    assert starts[0] <= np.datetime64(START) < starts[0] + np.timedelta64(step, "D")
    assert panel.attrs["period_days"] == step
    assert panel.attrs["as_of"] == day.isoformat()


@pytest.mark.parametrize(
    ("step", "cells"), [(1, {150: 2, 151: 2, 180: 3, 181: 2}), (7, {21: 2, 25: 3}), (30, {5: 2, 6: 3})]
)
def test_acts_fall_into_the_period_that_holds_their_day(tmp_path: Path, step: int, cells: dict[int, int]):
    acts = [
        move("2024-05-30", "AAA", "BBB", "limited_strike", rung=4),
        move("2024-05-31", "AAA", "BBB", "limited_strike", rung=4),
        move("2024-06-29", "AAA", "BBB", "leadership_strike", rung=5),
        move("2024-06-30", "AAA", "BBB", "limited_strike", rung=4),
    ]
    panel = build_panel(record(tmp_path / "record", moves=acts), dt.date(2024, 6, 30), period_days=step)
    force = panel["force"].values[0, 0]
    assert {int(t): int(force[t]) for t in np.flatnonzero(force)} == cells


def test_a_past_crisis_has_half_a_year_on_either_side(tmp_path: Path):
    made = record(
        tmp_path / "record",
        crises=[crisis("c1", "2010-01-05")],
        outcomes=[outcome("c1", "2010-01-05", "2010-03-01", rung_a=4, days=1)],
        covered=[coverage("c1", "2009-01-01")],
    )
    panel = build_panel(made, dt.date(2024, 6, 30))
    length = int(panel["length"].values[1])
    starts = panel["period_start"].values[1]
    assert str(starts[0])[:10] == "2009-07-07"
    last = starts[length - 1] + np.timedelta64(6, "D")
    assert np.datetime64("2010-08-23") <= last <= np.datetime64("2010-08-30")
    assert np.isnat(starts[length:]).all()
    assert panel["period_start"].isel(episode=0).notnull().sum() == panel["length"].values[0]


@pytest.mark.parametrize("step", [0, 32, -7])
def test_a_period_length_out_of_range_is_refused(tmp_path: Path, step: int):
    with pytest.raises(UsageError, match="1-31"):
        build_panel(record(tmp_path / "record"), dt.date(2024, 6, 30), period_days=step)


def test_a_day_before_the_first_period_is_refused(tmp_path: Path):
    made = record(tmp_path / "record")
    with pytest.raises(UsageError, match="panel_start"):
        build_panel(made, dt.date(2024, 1, 7))
    assert build_panel(made, dt.date(2024, 1, 14))["length"].values[0] == 2


def test_an_unknown_case_is_refused_with_those_there_are(tmp_path: Path):
    with pytest.raises(UsageError, match="aaa-bbb"):
        build_panel(record(tmp_path / "record"), dt.date(2024, 6, 30), case="nowhere")
