"""UCDP events are deadly force between two sides, with no attacker: nothing else is claimed to have been watched."""

from __future__ import annotations

from pathlib import Path

from made_up import ged_file, imported, rows_of

DAY = "1998-05-{} 00:00:00.000"


def test_both_sides_act_and_the_dead_are_counted_once(tmp_path: Path):
    record, _ = imported("ucdp", ged_file(tmp_path, {}), tmp_path)
    assert set(zip(record.moves["actor"], record.moves["target"], strict=True)) == {("ERI", "ETH"), ("ETH", "ERI")}
    assert (record.moves["fatalities_low"].sum(), record.moves["fatalities_high"].sum()) == (3, 9)
    assert set(record.coverage["observes"]) == {"force"}
    assert set(record.coverage["density"]) == {"sparse"}
    assert record.outcomes.empty


def test_what_is_not_between_two_states_on_a_known_day_is_dropped(tmp_path: Path):
    dropped = [
        ({"type_of_violence": 3}, "one-sided"),
        ({"gwnob": ""}, "armed group"),
        ({"date_end": "1998-12-31 00:00:00.000", "date_prec": 5}, "more than 31 days"),
    ]
    record, done = imported("ucdp", ged_file(tmp_path, {}, *(change for change, _ in dropped)), tmp_path)
    assert len(record.moves) == 2
    for change, why in dropped:
        assert rows_of(done, "dropped", why) == 1, change


def test_an_event_is_known_on_its_last_day(tmp_path: Path):
    month = {"date_start": DAY.format("01"), "date_end": DAY.format("31"), "date_prec": 4}
    week = {"date_start": DAY.format("02"), "date_end": DAY.format("08"), "date_prec": 3}
    record, done = imported("ucdp", ged_file(tmp_path, month, week), tmp_path)
    long, short = record.moves.drop_duplicates("date").to_dict("records")
    assert (long["date_precision"], long["date"].day, long["known_date"].day) == ("month", 1, 31)
    assert (short["date_precision"], short["date"].day, short["known_date"].day) == ("day", 2, 8)
    assert rows_of(done, "assumed", "8-31 days") == 1


def test_state_numbers_may_be_written_as_decimals(tmp_path: Path):
    record, _ = imported("ucdp", ged_file(tmp_path, {"gwnoa": "531.0", "gwnob": "530.0"}), tmp_path)
    assert list(record.episodes["episode_id"]) == ["eri-eth"]


def test_the_third_deadly_day_in_a_fortnight_is_a_campaign(tmp_path: Path):
    days = [{"date_start": DAY.format(day), "date_end": DAY.format(day)} for day in ("06", "08", "12")]
    record, _ = imported("ucdp", ged_file(tmp_path, *days), tmp_path)
    assert list(record.moves["rung"]) == [4, 4, 4, 4, 6, 6]
