"""ICBe moves stand in the order of time, on days that exist, and are known no earlier than told."""

from __future__ import annotations

from pathlib import Path

from made_up import BEGINS, ICBE_ROW, icbe_files, imported, rows_of, write_rows

from forecast.record.importers import icbe

USA, IRAN = "United States of America", "Iran"
ACT = {"event_type": "action", "do_actor_a": USA, "do_actor_b": IRAN, "interact_escalate": "blockade"}


def test_the_order_is_that_of_time_not_of_the_narrator(tmp_path: Path):
    days = (25, 12, 18)
    rows = [ACT | {"date_earliest_day": day} for day in days]
    record, _ = imported("icbe", icbe_files(tmp_path, *rows), tmp_path)
    assert list(record.moves["date"].dt.day) == [10, 12, 18, 25]


def test_a_slip_of_the_year_and_missing_dates_are_dropped(tmp_path: Path):
    rows = (ACT | {"date_earliest_year": 2986}, ACT | {"date_earliest_month": ""}, ACT | {"date_earliest_year": ""},
            ACT | {"date_earliest_month": 23})  # fmt: skip
    record, done = imported("icbe", icbe_files(tmp_path, *rows), tmp_path)
    assert len(record.moves) == 1
    assert rows_of(done, "dropped", "years outside") == 1
    assert rows_of(done, "dropped", "without month or year") == 3


def test_a_month_without_day_is_known_at_its_end(tmp_path: Path):
    late = ACT | {"date_earliest_day": "", "date_earliest_month": 4, "date_earliest_month_part": 3}
    impossible = ACT | {"date_earliest_day": 32, "date_earliest_month": 5}
    record, _ = imported("icbe", icbe_files(tmp_path, late, impossible), tmp_path)
    april, may = record.moves.iloc[1:].to_dict("records")
    assert (april["date_precision"], str(april["date"].date()), str(april["known_date"].date())) == (
        "month", "1990-04-25", "1990-04-30",
    )  # fmt: skip
    assert (may["date_precision"], str(may["known_date"].date())) == ("month", "1990-05-31")


def test_raters_who_disagree_give_the_earliest_day_known_on_the_latest(tmp_path: Path):
    near = ACT | {"date_earliest_day": "27;28"}
    far = ACT | {"date_earliest_year": "1989;1990"}
    record, done = imported("icbe", icbe_files(tmp_path, near, far), tmp_path)
    (move,) = record.moves.iloc[1:].to_dict("records")
    assert (move["date"].day, move["known_date"].day) == (27, 28)
    assert rows_of(done, "dropped", "days apart") == 1


def test_background_is_known_with_the_crisis_and_old_background_is_dropped(tmp_path: Path):
    fresh = ACT | {"date_earliest_month": 1}
    old = ACT | {"date_earliest_year": 1985}
    record, done = imported("icbe", icbe_files(tmp_path, fresh, old), tmp_path)
    move = record.moves.iloc[0]
    assert (str(move["date"].date()), str(move["known_date"].date())) == ("1990-01-10", "1990-03-10")
    assert rows_of(done, "dropped", "before the onset") == 1
    assert rows_of(done, "assumed", "moves before the onset") == 1


def test_the_assumption_on_known_dates_is_stated(tmp_path: Path):
    record, done = imported("icbe", icbe_files(tmp_path, ACT), tmp_path)
    assert record.moves["known_date"].ge(record.moves["date"]).all()
    assert rows_of(done, "assumed", "known_date") is None
    assert "known_date of all moves" in (done.folder / "import-report.md").read_text(encoding="utf-8")


def test_crises_without_a_date_are_left_out(tmp_path: Path):
    folder = icbe_files(tmp_path)
    undated = ICBE_ROW | BEGINS | {"crisno": 902, "row_id": 2, "date_earliest_year": ""}
    write_rows(folder / "icbe_v1.1_events_agreed.csv", icbe.COLUMNS, [ICBE_ROW | BEGINS, undated])
    record, done = imported("icbe", folder, tmp_path)
    assert list(record.episodes["episode_id"]) == ["icbe-901"]
    assert rows_of(done, "dropped", "crises without dated events") == 1
