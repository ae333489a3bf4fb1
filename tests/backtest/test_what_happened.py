"""The rung that a record shows for a window follows the rules of the ladder, or the question is void with a reason."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hand_made import CASE, Row, campaign, coverage, crisis, move, outcome, record

from forecast.evaluation.answers import answer_table
from forecast.evaluation.resolution import Resolution, course_of, coverage_of, places, resolution_table, resolve
from forecast.record import Record, as_of
from forecast.record.acts import find_case
from forecast.record.questions import standing_questions
from forecast.terms import HORIZONS, LADDER

ORIGIN = dt.date(2024, 3, 1)


def strike(day: str, actor: str = "AAA", target: str = "BBB", rung: int = 4, episode: str = CASE) -> Row:
    kind = {1: "harassment", 3: "symbolic_strike", 4: "limited_strike", 5: "leadership_strike"}[rung]
    return move(day, actor, target, kind, rung=rung, episode=episode)


def closure(day: str) -> Row:
    return move(day, "BBB", "AAA", "chokepoint_closure", rung=7)


def rung(record: Record, case: str = CASE, origin: dt.date = ORIGIN, horizon: int = 30) -> str:
    (found,) = resolve(record, case, origin, [horizon])
    return "void" if found.place is None else LADDER[found.place]


DEAL = move("2024-03-20", "AAA", "BBB", "deal")
WORLDS = {
    "nothing": ([], "O1"),
    "talks and harassment": ([move("2024-03-05", "AAA", "BBB", "talks"), strike("2024-03-06", rung=1)], "O1"),
    "a deal": ([DEAL], "O0"),
    "a deal of low level": ([DEAL | {"level": "1"}], "O1"),
    "a deal after a strike": ([strike("2024-03-10"), DEAL], "O2"),
    "a strike without reply": ([strike("2024-03-10")], "O2"),
    "a second strike by the same side": ([strike("2024-03-10"), strike("2024-03-12", rung=5)], "O2"),
    "a symbolic reply": ([strike("2024-03-10", rung=5), strike("2024-03-12", "BBB", "AAA", 3)], "O2"),
    "a reply by proxy": ([strike("2024-03-10"), strike("2024-03-12", "EEE", "AAA")], "O2"),
    "a strike at a bystander": ([strike("2024-03-10", "AAA", "FFF")], "O1"),
    "a direct reply": ([strike("2024-03-10"), strike("2024-03-28", "BBB", "AAA")], "O3"),
    "a reply on the same day": ([strike("2024-03-10", rung=3), strike("2024-03-10", "BBB", "AAA")], "O3"),
    "a reply of rung 3 to the first strike of the day": (
        [strike("2024-03-10"), strike("2024-03-10", "BBB", "AAA", 3)], "O2",
    ),
    "a campaign": ([campaign("2024-03-10", "BBB", "AAA")], "O4"),
    "several theatres": ([campaign("2024-03-10", "BBB", "AAA"), campaign("2024-03-12", "BBB", "AAA", rung=7)], "O5"),
    "a closure": ([closure("2024-03-10")], "O5"),
    "full war": ([campaign("2024-03-10", "AAA", "BBB", rung=8)], "O6"),
    "a strike before the window": ([strike("2024-02-20"), strike("2024-03-10", "BBB", "AAA")], "O2"),
}  # fmt: skip


@pytest.mark.parametrize(("moves", "expected"), WORLDS.values(), ids=WORLDS.keys())
def test_each_rung(tmp_path: Path, moves: list[Row], expected: str):
    assert rung(record(tmp_path / "record", moves=moves)) == expected


@pytest.mark.parametrize(("day", "inside"), [("2024-03-01", False), ("2024-03-02", True), ("2024-03-08", True),
                                             ("2024-03-09", False)])  # fmt: skip
def test_the_window_starts_after_the_origin_and_holds_its_last_day(tmp_path: Path, day: str, *, inside: bool):
    made = record(tmp_path / "record", moves=[strike(day)])
    assert rung(made, horizon=7) == ("O2" if inside else "O1")


def test_only_the_date_counts_not_when_it_became_known(tmp_path: Path):
    late = strike("2024-03-05") | {"known_date": "2024-08-01"}
    made = record(tmp_path / "record", moves=[late])
    assert rung(made) == "O2"
    assert resolve(made, CASE, ORIGIN, [30], known_by=dt.date(2024, 7, 31)) == [Resolution(1)]
    assert resolve(made, CASE, ORIGIN, [30], known_by=dt.date(2024, 8, 1)) == [Resolution(2)]


def test_a_correction_supersedes_the_row_and_a_withdrawal_removes_it(tmp_path: Path):
    first = strike("2024-03-05", rung=5)
    corrected = first | {"known_date": "2024-05-01", "type": "harassment", "rung": "1", "plover": ""}
    assert rung(record(tmp_path / "one", moves=[first, corrected])) == "O1"
    withdrawn = first | {"known_date": "2024-05-01", "status": "withdrawn"}
    assert rung(record(tmp_path / "two", moves=[first, withdrawn])) == "O1"


def test_a_campaign_lasts_from_its_first_to_its_last_act_and_is_broken_by_a_truce(tmp_path: Path):
    acts = [campaign("2024-02-20", "AAA", "BBB"), campaign("2024-02-26", "AAA", "BBB", rung=7),
            campaign("2024-03-04", "BBB", "AAA")]  # fmt: skip
    made = record(tmp_path / "one", moves=acts)
    assert rung(made, horizon=2) == "O5"
    assert rung(made, origin=dt.date(2024, 3, 3), horizon=7) == "O5"
    assert rung(made, origin=dt.date(2024, 3, 4), horizon=7) == "O1"
    truce = move("2024-02-27", "AAA", "BBB", "ceasefire")
    broken = record(tmp_path / "two", moves=[*acts, truce])
    assert rung(broken, horizon=2) == "O1"
    assert rung(broken, horizon=3) == "O4"


def test_a_window_past_the_record_or_past_what_was_watched_is_void(tmp_path: Path):
    made = record(
        tmp_path / "record", moves=[strike("2024-03-05")], only=True,
        covered=[coverage(CASE, "2024-01-01", "2024-03-31", density="regular")],
    )  # fmt: skip
    known = dt.date(2024, 3, 15)
    found = resolve(made, CASE, ORIGIN, [7, 14, 15], known_by=known)
    assert [one.place for one in found] == [2, 2, None]
    assert "covers events up to 2024-03-15" in found[2].void
    found = resolve(made, CASE, ORIGIN, [30, 31, 90], known_by=dt.date(2024, 12, 31))
    assert [one.place for one in found] == [2, None, None]
    assert "not watched on 1 of 31 days" in found[1].void


ONSET, END = "2010-01-04", "2010-03-01"
DAY = dt.date(2010, 1, 4)


def past(folder: Path, *moves: Row, **ending: str | int) -> Record:
    others = [crisis("other", "2010-05-03", challenger="HHH", target="GGG"),
              crisis("third", "2010-05-03", challenger="YYY", target="HHH")]  # fmt: skip
    return record(
        folder / "record",
        crises=[crisis("past", ONSET), *others],
        outcomes=[outcome("past", ONSET, END, **ending)],
        covered=[coverage("past", "2009-07-06", "2010-08-30"), *(coverage(c["episode_id"], ONSET) for c in others)],
        moves=list(moves),
    )


def test_without_any_coverage_every_window_and_every_question_is_void(tmp_path: Path):
    made = record(tmp_path / "record", moves=[strike("2024-03-10")])
    unseen = made.with_tables({**made.tables, "coverage": made.coverage.iloc[:0]})
    assert coverage_of(unseen, find_case(unseen, CASE), "force").empty
    table = resolution_table(unseen, CASE, [ORIGIN], [7, 30])
    assert list(table["rung"]) == ["", ""]
    assert list(table["void"]) == ["force was not watched on 7 of 7 days", "force was not watched on 30 of 30 days"]
    told = answer_table(unseen, standing_questions(), ORIGIN, case=CASE)
    assert set(told["answer"]) == {"void"}
    assert "void" not in set(answer_table(made, standing_questions(), ORIGIN, case=CASE)["answer"])


def test_a_deal_that_ended_a_crisis_falls_on_its_last_day(tmp_path: Path):
    made = past(tmp_path, ended_by="no_force_deal")
    assert rung(made, "past", DAY, 55) == "O1"
    assert rung(made, "past", DAY, 56) == "O0"
    dated = past(tmp_path / "dated", move("2010-02-01", "GGG", "HHH", "deal", episode="past"), ended_by="no_force_deal")
    assert rung(dated, "past", DAY, 30) == "O0"
    assert rung(dated, "past", dt.date(2010, 2, 10), 30) == "O1"


def test_a_campaign_that_a_narrative_opens_runs_for_its_days_of_fighting_to_a_truce_at_most(tmp_path: Path):
    opening = campaign("2010-01-10", "GGG", "HHH", episode="past")
    made = past(tmp_path, opening, rung_a=6, days=20)
    assert rung(made, "past", dt.date(2010, 1, 28), 7) == "O4"
    assert rung(made, "past", dt.date(2010, 1, 29), 7) == "O1"
    truce = move("2010-01-20", "GGG", "HHH", "ceasefire", episode="past")
    halted = past(tmp_path / "truce", opening, truce, rung_a=6, days=20)
    assert rung(halted, "past", dt.date(2010, 1, 19), 7) == "O4"
    assert rung(halted, "past", dt.date(2010, 1, 20), 7) == "O1"


def test_an_escalation_without_a_day_makes_a_window_void_unless_all_of_its_days_lie_inside(tmp_path: Path):
    opening = strike("2010-01-12", "GGG", "HHH", episode="past")
    made = past(tmp_path, opening, rung_a=8, days=20, strike_date="2010-01-12", first_strike_rung="4")
    assert rung(made, "past", DAY, 60) == "O6"
    assert rung(made, "past", DAY, 7) == "O1"
    (found,) = resolve(made, "past", DAY, [30])
    assert found.place is None
    assert "past reached O6 on a day that the record does not tell" in found.void
    assert rung(made, "past", dt.date(2010, 3, 1), 30) == "O1"


def test_what_another_episode_tells_of_the_same_two_sides_counts(tmp_path: Path):
    later = strike("2010-05-10", "HHH", "GGG", episode="other")
    assert rung(past(tmp_path, later), "past", dt.date(2010, 2, 28), 90) == "O2"
    third = strike("2010-05-10", "YYY", "HHH", episode="third")
    assert rung(past(tmp_path / "third", third), "past", dt.date(2010, 2, 28), 90) == "O1"


def test_a_table_says_which_windows_are_void(tmp_path: Path):
    table = resolution_table(past(tmp_path), "past", [DAY, dt.date(2010, 8, 1)], [7, 30])
    assert table["rung"].tolist() == ["O1", "O1", "O1", ""]
    assert (table["void"] != "").tolist() == [False, False, False, True]
    assert set(table["case"]) == {"past"}


def test_every_shipped_crisis_ends_on_the_rung_that_its_outcome_says(shipped: Record):
    seen = as_of(shipped, "2026-12-31")
    endings = seen.outcomes[seen.outcomes["outcome_id"] == seen.outcomes["episode_id"]]
    closed = endings[endings["date"].notna() & (endings["outcome"] != "")]
    found = {}
    for row in closed.itertuples():
        before = row.start.date() - dt.timedelta(days=1)
        ((one,),) = places(course_of(shipped, row.episode_id), [before], [(row.date - row.start).days + 1])
        found[row.episode_id] = "" if one.place is None else LADDER[one.place]
    assert len(found) > 100
    assert found == dict(zip(closed["episode_id"], closed["outcome"], strict=True))


def test_the_seed_case_is_resolved_week_by_week(shipped: Record):
    known = {"2025-06-09": "O4", "2025-06-30": "O1", "2026-02-27": "O5", "2026-01-30": "O1", "2020-01-03": "O2"}
    course = course_of(shipped)
    found = places(course, [dt.date.fromisoformat(day) for day in known], [7])
    assert {day: LADDER[one.place] for day, (one,) in zip(known, found, strict=True)} == known
    assert all(one.place is None for one in places(course, [dt.date(2026, 10, 9)], HORIZONS)[0])
