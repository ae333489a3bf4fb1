"""A campaign is a spell with an onset, a length, a scope and an end, censored where the end is not yet known."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import xarray as xr
from hand_made import CASE, Row, campaign, coverage, crisis, move, outcome, record

from forecast.record.panel import build_panel

DAY = dt.date(2024, 6, 30)


def spells(panel: xr.Dataset) -> list[dict]:
    names = ("episode", "onset", "days", "halted", "truce", "opening", "scope", "dated")
    return [{n: panel[f"spell_{n}"].values[k].item() for n in names} for k in range(panel.sizes["spell"])]


def case_with(folder: Path, *moves: Row, day: dt.date = DAY, step: int = 7) -> xr.Dataset:
    return build_panel(record(folder / "record", moves=list(moves)), day, period_days=step)


def test_a_campaign_of_the_case_runs_from_its_first_to_its_last_act(tmp_path: Path):
    panel = case_with(
        tmp_path,
        campaign("2024-03-05", "AAA", "BBB"),
        campaign("2024-03-12", "BBB", "AAA"),
        campaign("2024-03-19", "AAA", "BBB", rung=7),
        move("2024-03-26", "AAA", "BBB", "limited_strike", rung=4),
    )
    assert spells(panel) == [
        {"episode": 0, "onset": 9, "days": 21.0, "halted": True, "truce": False, "opening": 4, "scope": 5,
         "dated": True}
    ]  # fmt: skip
    case = panel.isel(episode=0)
    assert list(np.flatnonzero(case["campaign"].values)) == [9, 10, 11]
    assert list(case["scope"].values[8:13]) == [0, 4, 4, 5, 0]


def test_two_campaigns_are_two_spells(tmp_path: Path):
    panel = case_with(tmp_path, campaign("2024-02-06", "AAA", "BBB"), campaign("2024-04-09", "BBB", "AAA", rung=8))
    assert [(s["onset"], s["days"], s["opening"], s["halted"]) for s in spells(panel)] == [
        (5, 7.0, 4, True),
        (14, 7.0, 6, True),
    ]


def test_a_ceasefire_around_its_end_halts_it_by_truce(tmp_path: Path):
    fights = [campaign("2024-03-05", "AAA", "BBB"), campaign("2024-03-12", "AAA", "BBB")]
    near = case_with(tmp_path / "near", *fights, move("2024-03-16", "AAA", "BBB", "ceasefire"))
    far = case_with(tmp_path / "far", *fights, move("2024-03-30", "AAA", "BBB", "ceasefire"))
    assert [s["truce"] for s in spells(near)] == [True]
    assert [s["truce"] for s in spells(far)] == [False]


def test_a_campaign_that_runs_on_the_day_is_censored(tmp_path: Path):
    acts = [campaign("2024-06-18", "AAA", "BBB"), campaign("2024-06-25", "AAA", "BBB")]
    panel = case_with(tmp_path, *acts)
    assert [(s["onset"], s["days"], s["halted"]) for s in spells(panel)] == [(24, 14.0, False)]
    assert panel["campaign"].values[0, -1]
    later = case_with(tmp_path / "later", *acts, day=dt.date(2024, 7, 7))
    assert [(s["onset"], s["days"], s["halted"]) for s in spells(later)] == [(24, 14.0, True)]


def test_daily_periods_give_the_length_in_days(tmp_path: Path):
    acts = [campaign(f"2024-03-{day:02d}", "AAA", "BBB") for day in range(5, 10)]
    assert [s["days"] for s in spells(case_with(tmp_path, *acts, step=1))] == [5.0]


def past(folder: Path, ending: Row, *moves: Row, day: dt.date = DAY) -> xr.Dataset:
    made = record(
        folder / "record",
        crises=[crisis("c1", "2010-01-04")],
        outcomes=[ending],
        covered=[coverage("c1", "2009-01-01", known="2010-01-04")],
        moves=list(moves),
    )
    return build_panel(made, day)


OPENING = campaign("2010-01-12", "GGG", "HHH", episode="c1")
ENDING = outcome("c1", "2010-01-04", "2010-03-01", rung_a=6, rung_b=6, days=30, ended_by="ceasefire")


def test_a_past_campaign_takes_its_length_and_end_from_its_outcome(tmp_path: Path):
    panel = past(tmp_path, ENDING, OPENING)
    (spell,) = spells(panel)
    assert spell == {
        "episode": 1, "onset": 27, "days": 30.0, "halted": True, "truce": True, "opening": 4, "scope": 4, "dated": True,
    }  # fmt: skip
    one = panel.isel(episode=1)
    assert list(np.flatnonzero(one["campaign"].values)) == [27, 28, 29, 30, 31]
    masked = np.flatnonzero(~one["force_observed"].values[: int(one["length"].values)])
    assert list(masked) == [28, 29, 30, 31]
    assert not one["talks_observed"].values[28:32].any()


def test_a_past_campaign_known_only_from_its_outcome_begins_after_the_first_act(tmp_path: Path):
    strike = move("2010-01-12", "GGG", "HHH", "limited_strike", rung=4, episode="c1")
    panel = past(tmp_path, ENDING | {"max_rung": "8", "max_rung_a": "8", "outcome": "O6"}, strike)
    (spell,) = spells(panel)
    assert (spell["onset"], spell["opening"], spell["scope"], spell["dated"]) == (28, 4, 6, False)
    assert panel["force"].values[1, 0, 28] == 4
    assert panel["scope"].values[1, 28] == 4


def test_an_open_past_campaign_is_censored_on_the_day(tmp_path: Path):
    still = outcome("c1", "2024-03-04", "", rung_a=6, known_date="2024-03-11")
    made = record(
        tmp_path / "record",
        crises=[crisis("c1", "2024-03-04")],
        outcomes=[still],
        covered=[coverage("c1", "2023-09-04", known="2024-03-04")],
        moves=[campaign("2024-03-05", "GGG", "HHH", episode="c1")],
    )
    (spell,) = spells(build_panel(made, DAY))
    assert not spell["halted"]
    assert spell["days"] == (DAY - dt.date(2024, 3, 4)).days
    assert not spell["truce"]


def test_an_ending_not_yet_known_does_not_halt_it(tmp_path: Path):
    ending = outcome("c1", "2024-03-04", "2024-05-20", rung_a=6, days=60)
    made = record(
        tmp_path / "record",
        crises=[crisis("c1", "2024-03-04")],
        outcomes=[ending],
        covered=[coverage("c1", "2023-09-04", known="2024-03-04")],
        moves=[campaign("2024-03-05", "GGG", "HHH", episode="c1")],
    )
    (before,) = spells(build_panel(made, dt.date(2024, 5, 19)))
    (after,) = spells(build_panel(made, dt.date(2024, 5, 20)))
    assert not before["halted"]
    assert (after["halted"], after["days"]) == (True, 60.0)


def test_single_acts_are_no_campaign(tmp_path: Path):
    panel = case_with(
        tmp_path,
        move("2024-03-05", "AAA", "BBB", "leadership_strike", rung=5),
        move("2024-03-12", "BBB", "AAA", "chokepoint_closure", rung=7),
    )
    assert panel.sizes["spell"] == 0
    assert not panel["campaign"].values.any()
    assert panel["spell_days"].dims == ("spell",)
    assert panel.attrs["case"] == CASE


def test_a_gap_in_the_watch_does_not_cut_a_campaign_short(tmp_path: Path):
    made = record(
        tmp_path / "record",
        moves=[campaign("2024-03-05", "AAA", "BBB"), campaign("2024-03-19", "AAA", "BBB")],
        covered=[
            coverage(CASE, "2024-01-01", "2024-03-10", density="regular"),
            coverage(CASE, "2024-03-18", density="dense"),
        ],
        only=True,
    )
    panel = build_panel(made, DAY)
    assert [(s["onset"], s["days"]) for s in spells(panel)] == [(9, 21.0)]
    assert list(np.flatnonzero(panel["campaign"].values[0])) == [9, 10, 11]


def test_a_campaign_whose_end_was_not_watched_still_runs_on_the_day(tmp_path: Path):
    made = record(
        tmp_path / "record",
        moves=[campaign("2024-06-11", "AAA", "BBB")],
        covered=[coverage(CASE, "2024-01-01", "2024-06-16", density="regular")],
        only=True,
    )
    panel = build_panel(made, DAY)
    assert [(s["onset"], s["halted"]) for s in spells(panel)] == [(23, False)]
    assert panel["campaign"].values[0, -1]


def test_campaigns_on_either_side_of_a_long_gap_are_two(tmp_path: Path):
    made = record(
        tmp_path / "record",
        moves=[campaign("2024-02-06", "AAA", "BBB"), campaign("2024-06-25", "AAA", "BBB")],
        covered=[
            coverage(CASE, "2024-01-01", "2024-02-11", density="regular"),
            coverage(CASE, "2024-06-24", density="dense"),
        ],
        only=True,
    )
    assert [s["onset"] for s in spells(build_panel(made, DAY))] == [5, 25]
