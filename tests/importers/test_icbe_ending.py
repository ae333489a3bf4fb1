"""No move of an ICBe crisis tells its ending: the end stands in the outcome, known on its own day."""

from __future__ import annotations

from pathlib import Path

from made_up import icbe_files, imported, rows_of

from forecast.record import as_of

USA, IRAN = "United States of America", "Iran"
STRIKE = {"event_type": "action", "do_actor_a": IRAN, "do_actor_b": USA, "interact_escalate": "attack"}
END = {"event_type": "thought", "think_actor_a": IRAN, "thinkkind": "end of crisis", "do_actor_a": USA,
       "do_actor_b": IRAN, "interact_deescalate": "withdraw from area", "date_earliest_month": 5}  # fmt: skip


def test_thoughts_of_the_end_are_no_moves(tmp_path: Path):
    kinds = ("end of crisis", "victory", "defeat", "start of crisis;end of crisis")
    rows = [END | {"thinkkind": kind} for kind in kinds]
    record, done = imported("icbe", icbe_files(tmp_path, STRIKE, *rows), tmp_path)
    assert "withdrawal" not in set(record.moves["type"])
    assert rows_of(done, "dropped", "an end of the crisis") == 4


def test_the_outcome_is_known_at_the_end_and_not_before(tmp_path: Path):
    record, _ = imported("icbe", icbe_files(tmp_path, STRIKE, END), tmp_path)
    (outcome,) = record.outcomes.to_dict("records")
    assert str(outcome["date"].date()) == str(outcome["known_date"].date()) == "1990-05-10"
    before = as_of(record, "1990-05-09")
    assert before.outcomes.empty
    assert before.coverage["end"].isna().all()
    assert as_of(record, "1990-05-10").coverage["end"].notna().all()


def test_what_is_told_from_after_the_end_is_dropped(tmp_path: Path):
    after = STRIKE | {"date_earliest_year": 1991}
    record, done = imported("icbe", icbe_files(tmp_path, STRIKE, END, after), tmp_path)
    assert record.moves["date"].dt.year.max() == 1990
    assert rows_of(done, "dropped", "after the end") == 1


def test_coverage_stops_at_the_last_act_told(tmp_path: Path):
    record, _ = imported("icbe", icbe_files(tmp_path, STRIKE | {"date_earliest_day": 20}, END), tmp_path)
    assert str(record.coverage["end"].max().date()) == "1990-03-20"


def test_an_ending_is_named_only_where_the_two_sides_agree_on_one(tmp_path: Path):
    truce = {"event_type": "action", "do_actor_a": IRAN, "do_actor_b": USA, "interact_deescalate": "cease fire"}
    deal = truce | {"interact_deescalate": "", "interact_increasecoop": "settle dispute"}
    late = {"date_earliest_month": 5, "date_earliest_day": 8}
    with_a_third = deal | {"do_actor_a": "Israel", "interact_increasecoop": "sign formal agreement"}
    cases = [
        ((), "unknown", ""),
        ((STRIKE,), "unknown", "O2"),
        ((STRIKE, truce | late), "ceasefire", "O2"),
        ((STRIKE, deal | late), "negotiated_settlement", "O2"),
        ((deal | late,), "no_force_deal", "O0"),
        ((with_a_third | late,), "unknown", ""),
    ]
    for number, (rows, ended_by, place) in enumerate(cases):
        folder = tmp_path / str(number)
        record, _ = imported("icbe", icbe_files(folder, *rows, END), folder)
        (outcome,) = record.outcomes.to_dict("records")
        assert (outcome["ended_by"], outcome["outcome"]) == (ended_by, place), rows
