"""The panel holds the case first and past crises as reference, without the crises that the case's own span covers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
from hand_made import CASE, campaign, coverage, crisis, move, outcome, record

from forecast.record import Record
from forecast.record.panel import build_panel

DAY = dt.date(2024, 6, 30)


def test_crises_inside_the_span_of_the_case_are_not_counted_twice(tmp_path: Path):
    crises = [
        crisis("before", "2015-01-05", challenger="AAA", target="BBB", case_id=CASE, known_date="2024-01-01"),
        crisis("inside", "2024-03-04", challenger="AAA", target="BBB", case_id=CASE),
        crisis("other", "2010-01-04"),
        crisis("later", "2024-07-01"),
    ]
    covered = [coverage(c["episode_id"], c["start"], known=c["known_date"]) for c in crises]
    panel = build_panel(record(tmp_path / "record", crises=crises, covered=covered), DAY)
    assert list(panel["episode"].values) == [CASE, "other", "before"]


def test_actors_and_covariates_are_those_of_each_episode(tmp_path: Path):
    crises = [
        crisis("war", "2010-01-04", demand="territory", capability_ratio="much_stronger", challenger_nuclear="1",
               ground_access="1"),
        crisis("spat", "2012-01-04", challenger="HHH", target="GGG", capability_ratio="weaker", chokepoint="1"),
    ]  # fmt: skip
    covered = [coverage(c["episode_id"], c["start"]) for c in crises]
    panel = build_panel(record(tmp_path / "record", crises=crises, covered=covered), DAY)
    assert panel["actor"].values.tolist() == [["AAA", "BBB"], ["GGG", "HHH"], ["HHH", "GGG"]]
    assert panel["capability"].values.tolist() == [[0, 0], [2, -2], [-1, 1]]
    assert panel["nuclear"].values.tolist() == [[0, 0], [1, 0], [0, 0]]
    assert panel["high_stake"].values.tolist() == [0, 1, 0]
    assert panel["ground_access"].values.tolist() == [0, 1, 0]
    assert panel["chokepoint"].values.tolist() == [0, 0, 1]


def test_a_past_crisis_holds_its_own_moves_only(tmp_path: Path):
    crises = [crisis("one", "2010-01-04"), crisis("two", "2010-01-04", challenger="YYY", target="ZZZ")]
    moves = [
        move("2010-01-06", "GGG", "HHH", "limited_strike", rung=4, episode="one"),
        campaign("2010-01-06", "ZZZ", "YYY", episode="two"),
        move("2024-03-05", "BBB", "AAA", "limited_strike", rung=4),
    ]
    covered = [coverage(c["episode_id"], "2009-01-01") for c in crises]
    ends = [outcome("one", "2010-01-04", "2010-03-01", rung_a=4, days=1),
            outcome("two", "2010-01-04", "2010-03-01", rung_b=6, days=9)]  # fmt: skip
    panel = build_panel(record(tmp_path / "r", crises=crises, moves=moves, outcomes=ends, covered=covered), DAY)
    assert list(panel["episode"].values) == [CASE, "one", "two"]
    assert np.argwhere(panel["force"].values).tolist() == [[0, 1, 9], [1, 0, 26], [2, 1, 26]]
    assert list(panel["spell_episode"].values) == [2]


def test_the_second_shipped_case_builds(shipped: Record):
    panel = build_panel(shipped, dt.date(2026, 10, 1), case="india-pakistan")
    assert panel.attrs["case"] == "india-pakistan"
    assert panel["actor"].values[0].tolist() == ["IND", "PAK"]
    assert panel.sizes["episode"] > 50
    start = shipped.config.cases[1].panel_start
    own = shipped.episodes.query("case_id == 'india-pakistan' and kind == 'crisis'")
    earlier = set(own.loc[own["start"] < np.datetime64(start), "episode_id"])
    assert set(own["episode_id"]) & set(panel["episode"].values) == earlier
    case = panel.isel(episode=0)
    overt = case["force"].values >= 2
    assert overt.any(axis=1).all()
    assert 0 < case["force_observed"].values.mean() < 1
    assert case["force_observed"].values[overt.any(axis=0)].mean() > 0.9
