"""Each move lands in the cell that its rung, roles and channel say, and moves outside the rivalry land nowhere."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hand_made import CASE, Row, campaign, move, record

from forecast.record.panel import build_panel

DAY = dt.date(2024, 6, 30)
WEEK = 9  # 2024-03-04 to 2024-03-10, of the weeks that end on DAY
INSIDE = "2024-03-05"
KIND = {1: "harassment", 2: "harassment", 3: "symbolic_strike", 4: "limited_strike", 5: "leadership_strike"}


def case_of(folder: Path, *moves: Row) -> xr.Dataset:
    return build_panel(record(folder / "record", moves=list(moves)), DAY).isel(episode=0)


def test_the_week_is_the_one_meant(tmp_path: Path):
    start = case_of(tmp_path)["period_start"].values[WEEK]
    assert str(start)[:10] == "2024-03-04"


@pytest.mark.parametrize(("rung", "category"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 4), (7, 5), (8, 6)])
@pytest.mark.parametrize(("actor", "target", "side"), [("AAA", "BBB", 0), ("BBB", "AAA", 1), ("CCC", "BBB", 0)])
def test_categories_follow_rungs(tmp_path: Path, rung: int, category: int, actor: str, target: str, side: int):
    row = move(INSIDE, actor, target, KIND[rung], rung=rung) if rung < 6 else campaign(INSIDE, actor, target, rung=rung)
    panel = case_of(tmp_path, row)
    expected = np.zeros((2, panel.sizes["period"]))
    expected[side, WEEK] = category
    np.testing.assert_array_equal(panel["force"], expected)
    expected[side, WEEK] = rung
    np.testing.assert_array_equal(panel["rung"], expected)


@pytest.mark.parametrize(
    ("actor", "target"),
    [("EEE", "AAA"), ("EEE", "CCC"), ("DDD", "AAA"), ("AAA", "EEE"), ("CCC", "EEE")],
    ids=["by a proxy", "by a proxy at a member", "by a partner", "at a proxy", "by a member at a proxy"],
)
@pytest.mark.parametrize("rung", [2, 4, 5, 6, 7])
def test_force_by_or_at_proxies_and_by_partners_stays_below_the_threshold(
    tmp_path: Path, actor: str, target: str, rung: int
):
    row = move(INSIDE, actor, target, KIND[rung], rung=rung) if rung < 6 else campaign(INSIDE, actor, target, rung=rung)
    panel = case_of(tmp_path, row)
    side = 0 if actor in ("AAA", "CCC") else 1
    assert panel["force"].values[side, WEEK] == 1
    assert panel["force"].values.sum() == 1
    assert panel["rung"].values.sum() == 0
    assert not panel["campaign"].values.any()


@pytest.mark.parametrize(
    ("actor", "target"),
    [("AAA", "FFF"), ("FFF", "BBB"), ("FFF", "FFF"), ("AAA", "CCC"), ("BBB", "EEE"), ("AAA", "AAA")],
)
def test_force_outside_the_rivalry_is_not_force(tmp_path: Path, actor: str, target: str):
    panel = case_of(tmp_path, campaign(INSIDE, actor, target), move(INSIDE, actor, target, "limited_strike", rung=4))
    assert panel["force"].values.sum() == 0
    assert panel["rung"].values.sum() == 0
    assert panel.sizes["period"] == 26


def test_a_closure_is_told_apart_from_war_in_several_theatres(tmp_path: Path):
    panel = case_of(tmp_path, move(INSIDE, "BBB", "AAA", "chokepoint_closure", rung=7))
    assert list(np.flatnonzero(panel["closure"].values)) == [WEEK]
    assert panel["force"].values[1, WEEK] == 1
    assert panel["rung"].values.sum() == 0
    assert not panel["campaign"].values.any()


def test_a_closure_by_a_proxy_closes_nothing(tmp_path: Path):
    assert not case_of(tmp_path, move(INSIDE, "EEE", "AAA", "chokepoint_closure", rung=7))["closure"].values.any()


def test_the_highest_act_of_a_week_stands_for_it(tmp_path: Path):
    rows = [
        move("2024-03-04", "AAA", "BBB", "harassment", rung=1),
        move("2024-03-06", "AAA", "BBB", "leadership_strike", rung=5),
        move("2024-03-10", "AAA", "BBB", "limited_strike", rung=4),
        move("2024-03-04", "AAA", "BBB", "ultimatum", level=3),
        move("2024-03-07", "AAA", "BBB", "demand", level=1),
    ]
    panel = case_of(tmp_path, *rows)
    assert panel["force"].values[0, WEEK] == 3
    assert panel["rung"].values[0, WEEK] == 5
    assert panel["signal"].sel(side="a", channel="verbal").values[WEEK] == 3


@pytest.mark.parametrize(
    ("kind", "channel", "more"),
    [
        ("threat", "verbal", {}),
        ("reassurance", "diplomacy", {}),
        ("deployment", "posture", {}),
        ("withdrawal", "diplomacy", {}),
        ("proposal", "diplomacy", {}),
        ("rejection", "verbal", {}),
        ("walkout", "verbal", {}),
        ("mediation", "verbal", {"direction": "escalatory"}),
        ("sanctions", "economic", {}),
        ("sanctions_relief", "diplomacy", {}),
        ("enrichment_step", "nuclear", {}),
        ("inspection_access", "diplomacy", {}),
        ("public_commitment", "audience", {}),
        ("poll", "audience", {}),
        ("legislative_constraint", None, {}),
    ],
)
def test_signals_go_to_their_channel(tmp_path: Path, kind: str, channel: str | None, more: dict[str, str]):
    panel = case_of(tmp_path, move(INSIDE, "BBB", "AAA", kind, level=2, **more))
    signal = panel["signal"]
    assert signal.values.sum() == (0 if channel is None else 2)
    if channel is not None:
        assert signal.sel(side="b", channel=channel).values[WEEK] == 2


@pytest.mark.parametrize("actor", ["DDD", "EEE", "FFF"])
def test_only_leads_and_members_signal(tmp_path: Path, actor: str):
    assert case_of(tmp_path, move(INSIDE, actor, "AAA", "threat"))["signal"].values.sum() == 0


@pytest.mark.parametrize(
    ("kind", "level", "variable", "counts"),
    [
        ("talks", 1, "talks", False),
        ("talks", 2, "talks", True),
        ("deal", 1, "deal", False),
        ("deal", 2, "deal", True),
        ("ceasefire", 1, "ceasefire", True),
    ],
)
def test_talks_and_deals_count_from_level_two_and_between_the_sides(
    tmp_path: Path, kind: str, level: int, variable: str, counts: bool
):
    between = case_of(tmp_path / "one", move(INSIDE, "BBB", "CCC", kind, level=level))[variable].values
    assert list(np.flatnonzero(between)) == ([WEEK] if counts else [])
    for actor, target in (("AAA", "FFF"), ("AAA", "CCC"), ("EEE", "AAA"), ("AAA", "EEE")):
        other = case_of(tmp_path / f"{actor}{target}", move(INSIDE, actor, target, kind))[variable].values
        assert not other.any()


@pytest.mark.parametrize(
    ("actor", "target", "side"), [("AAA", "BBB", "a"), ("DDD", "AAA", "b"), ("FFF", "AAA", "a"), ("FFF", "FFF", None)]
)
def test_the_track_record_is_that_of_the_actor_or_else_of_the_target(
    tmp_path: Path, actor: str, target: str, side: str | None
):
    row = move(INSIDE, actor, target, "threat_not_fulfilled")
    again = row | {"move_id": "again", "date": "2024-03-06", "known_date": "2024-03-06"}
    track = case_of(tmp_path, row, again)["track_record"]
    assert track.values.sum() == (0 if side is None else 2)
    if side is not None:
        assert track.sel(side=side, track="threat_not_fulfilled").values[WEEK] == 2


def test_moves_outside_the_panel_are_left_out(tmp_path: Path):
    early = move("2024-01-02", "AAA", "BBB", "limited_strike", rung=4)
    made = record(tmp_path / "record", moves=[early])
    panel = build_panel(made, DAY).isel(episode=0)
    assert panel.attrs["case"] == CASE
    assert list(np.argwhere(panel["force"].values).ravel()) == [0, 0]
    config = made.config.model_copy(
        update={"cases": tuple(c.model_copy(update={"panel_start": dt.date(2024, 2, 1)}) for c in made.config.cases)}
    )
    later = build_panel(type(made)(made.path, config, made.tables), DAY).isel(episode=0)
    assert later["force"].values.sum() == 0
