"""A past crisis can be the case: it starts 26 quiet weeks before its onset and learns from crises that were over."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hand_made import CASE, Row, campaign, coverage, crisis, move, outcome, record

from forecast.errors import UsageError
from forecast.record import Record, as_of
from forecast.record.acts import case_moves, find_case, pose
from forecast.record.panel import build_panel

ONSET = "2016-03-07"
DAY = dt.date(2016, 4, 10)


def crises() -> list[Row]:
    return [
        crisis("over", "2010-01-04", challenger="YYY", target="ZZZ"),
        crisis("lasting", "2016-01-04", challenger="YYY", target="CCC"),
        crisis("before", "2012-01-02"),
        crisis("overlapping", "2015-11-02", challenger="HHH", target="GGG"),
        crisis("story", "2015-10-05", challenger="YYY", target="HHH", cluster="it"),
        crisis("it", ONSET, cluster="it", demand="territory"),
        crisis("later", "2016-05-02", challenger="YYY", target="ZZZ"),
    ]


def small(folder: Path, *moves: Row) -> Record:
    ends = [
        outcome("over", "2010-01-04", "2010-03-01"),
        outcome("lasting", "2016-01-04", "2016-05-02"),
        outcome("before", "2012-01-02", "2012-02-06"),
        outcome("overlapping", "2015-11-02", "2015-11-20"),
        outcome("story", "2015-10-05", "2015-10-20"),
        outcome("it", ONSET, "2016-06-06", rung_a=6, days=20),
        outcome("later", "2016-05-02", "2016-05-20"),
    ]
    covered = [coverage(row["episode_id"], "2009-01-01", known=row["start"]) for row in crises()]
    return record(folder / "record", crises=crises(), outcomes=ends, covered=covered, moves=list(moves))


def test_its_panel_starts_26_weeks_before_the_onset_and_ends_on_the_day(tmp_path: Path):
    panel = build_panel(small(tmp_path), DAY, case="it")
    one = panel.isel(episode=0)
    length = int(one["length"])
    assert panel.attrs["case"] == "it"
    assert str(one["period_start"].values[length - 1])[:10] == "2016-04-04"
    assert 0 <= (np.datetime64(ONSET) - one["period_start"].values[0]) / np.timedelta64(1, "D") - 182 < 7
    assert one["actor"].values.tolist() == ["GGG", "HHH"]
    assert one["force"].values.sum() == 0
    assert one["force_observed"].values[1:length].all()


def test_its_reference_class_was_over_and_apart(tmp_path: Path):
    panel = build_panel(small(tmp_path), DAY, case="it")
    assert list(panel["episode"].values) == ["it", "over", "before"]
    alone = build_panel(small(tmp_path / "alone"), DAY, case="it", reference=False)
    assert list(alone["episode"].values) == ["it"]


def test_a_crisis_that_is_not_over_joins_it_once_it_is(tmp_path: Path):
    made = small(tmp_path)
    assert "lasting" not in build_panel(made, dt.date(2016, 5, 1), case="it")["episode"].values
    assert "lasting" in build_panel(made, dt.date(2016, 5, 2), case="it")["episode"].values


def test_what_other_episodes_tell_of_its_two_sides_belongs_to_it(tmp_path: Path):
    strike = move("2015-11-10", "HHH", "GGG", "limited_strike", rung=4, episode="overlapping")
    talks = move("2015-11-11", "HHH", "GGG", "talks", episode="overlapping")
    threat = move("2015-11-10", "HHH", "GGG", "threat", episode="overlapping")
    other = move("2015-10-06", "YYY", "HHH", "limited_strike", rung=4, episode="story")
    made = as_of(small(tmp_path, strike, talks, threat, other), DAY)
    found = case_moves(made, find_case(made, "it"))
    assert sorted(found["type"]) == ["limited_strike", "talks"]
    one = build_panel(made, DAY, case="it").isel(episode=0)
    assert one["force"].values.max(axis=1).tolist() == [0, 2]


def test_a_campaign_that_a_narrative_opens_goes_on_until_a_truce_or_the_end(tmp_path: Path):
    opening = campaign("2016-03-15", "GGG", "HHH", episode="it")
    truce = move("2016-05-10", "GGG", "HHH", "ceasefire", episode="it")

    def spell(folder: str, day: dt.date, *moves: Row) -> tuple:
        panel = build_panel(small(tmp_path / folder, opening, *moves), day, case="it")
        own = panel["spell_episode"].values == 0
        assert panel["force"].values[0, 1].max() == 0, "only the side that fought fights on"
        return panel["spell_days"].values[own].tolist(), panel["spell_halted"].values[own].tolist()

    assert spell("running", dt.date(2016, 5, 8), truce) == ([56.0], [False])
    assert spell("truce", dt.date(2016, 6, 5), truce) == ([56.0], [True])
    assert spell("unknown", dt.date(2016, 6, 5)) == ([84.0], [False])
    assert spell("over", dt.date(2016, 6, 26)) == ([21.0], [True])


def test_a_crisis_is_no_case_before_its_onset_nor_half_a_year_after_its_end(tmp_path: Path):
    made = small(tmp_path)
    with pytest.raises(UsageError, match="nor a crisis of that id that is known by the as-of day"):
        build_panel(made, dt.date(2016, 3, 6), case="it")
    with pytest.raises(UsageError, match="182 days after the end of crisis it"):
        build_panel(made, dt.date(2016, 12, 7), case="it")
    build_panel(made, dt.date(2016, 12, 5), case="it")


def test_a_question_may_be_posed_before_the_onset_and_tells_only_whom_it_is_about(tmp_path: Path):
    early = move("2016-01-12", "GGG", "HHH", "threat", episode="it", known_date=ONSET)
    made = small(tmp_path, early)
    day = dt.date(2016, 1, 10)
    posed = pose(made, "it", day)
    assert all((frame["known_date"] <= np.datetime64(day)).all() for frame in posed.tables.values())
    panel = build_panel(posed, day, case="it")
    assert int(panel["length"][0]) == 18
    assert panel["signal"].values.sum() == panel["force"].values[0].sum() == 0
    assert panel["force_observed"].values[0, 1:18].all()
    assert panel["high_stake"].values[0] == 0
    assert "lasting" not in panel["episode"].values
    assert len(pose(made, "it", DAY).episodes) == len(as_of(made, DAY).episodes)
    assert len(pose(made, CASE, dt.date(2024, 3, 1)).episodes) == len(as_of(made, "2024-03-01").episodes)


@pytest.mark.parametrize(
    ("case", "day", "force"),
    [("1999-kosovo", "1999-05-02", 4), ("1960-rotem", "1960-02-28", 0), ("2026-us-iran-war", "2026-03-15", 5)],
)
def test_shipped_crises_are_cases(shipped: Record, case: str, day: str, force: int):
    as_of_day = dt.date.fromisoformat(day)
    panel = build_panel(shipped, as_of_day, case=case)
    assert int(panel["force"].values[0].max()) == force
    seen = as_of(shipped, as_of_day)
    ended = seen.outcomes.groupby("episode_id")["date"].max()
    others = list(panel["episode"].values[1:])
    assert case not in others
    assert (ended[others] <= np.datetime64(day)).all()
    assert others
