"""ICB codes of the whole crisis reach the outcome only; what is not a day becomes a month, and inaction is kept."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from made_up import ICB_ACTOR, ICB_CRISIS, icb_files, imported, rows_of

from forecast.record import as_of

VIOLENCE = [  # viol, forout; ended_by, highest rung, place on the ladder
    (1, 1, "no_force_deal", 0, "O0"), (1, 7, "no_force_standoff", 0, "O1"), (2, 1, "ceasefire", None, ""),
    (3, 4, "unknown", None, ""), (4, 5, "military_victory", 8, "O6"),
]  # fmt: skip


def test_viol_is_of_the_whole_crisis(tmp_path: Path):
    crises = [ICB_CRISIS | {"crisno": n, "viol": row[0], "forout": row[1]} for n, row in enumerate(VIOLENCE)]
    actors = [ICB_ACTOR | {"crisno": n, "cracno": n, "majres": 2} for n in range(len(VIOLENCE))]
    record, _ = imported("icb", icb_files(tmp_path, crises, actors), tmp_path)
    for outcome, (_, _, ended_by, rung, place) in zip(record.outcomes.to_dict("records"), VIOLENCE, strict=True):
        assert (outcome["ended_by"], outcome["outcome"]) == (ended_by, place)
        for column in ("max_rung", "max_rung_a", "max_rung_b"):
            assert pd.isna(outcome[column]) if rung is None else outcome[column] == rung
    assert record.moves["rung"].isna().all()
    assert as_of(record, "1990-06-19").outcomes.empty


def test_only_the_day_of_the_trigger_is_watched_unless_the_crisis_saw_no_violence(tmp_path: Path):
    crises = [ICB_CRISIS, ICB_CRISIS | {"crisno": 902, "viol": 1}]
    folder = icb_files(tmp_path, crises, [ICB_ACTOR, ICB_ACTOR | {"crisno": 902, "cracno": 2, "majres": 2}])
    record, _ = imported("icb", folder, tmp_path)
    known = record.coverage.set_index("coverage_id")["end"].dt.strftime("%Y-%m-%d")
    assert known.to_dict() == {
        "icb-901/trigger": "1990-03-10", "icb-902/trigger": "1990-03-10", "icb-902/calm": "1990-06-20",
    }  # fmt: skip
    early = as_of(record, "1990-06-19").coverage["coverage_id"]
    assert "icb-902/calm" not in set(early)


def test_day_codes_leave_the_month(tmp_path: Path):
    days = {66: 5, 77: 15, 88: 25, 99: 15, "": 15}
    crises = [ICB_CRISIS | {"crisno": n, "datrig": code, "daterm": code} for n, code in enumerate(days)]
    actors = [ICB_ACTOR | {"crisno": n, "cracno": n, "datrig": code} for n, code in enumerate(days)]
    record, _ = imported("icb", icb_files(tmp_path, crises, actors), tmp_path)
    assert set(record.episodes["date_precision"]) == {"month"}
    assert list(record.episodes["start"].dt.day) == list(days.values())
    assert set(record.episodes["known_date"].dt.day) == {31}
    triggers = record.moves[record.moves["type"] == "deployment"]
    assert set(triggers["date_precision"]) == {"month"}
    assert set(record.moves["known_date"].dt.day) == {31}
    assert set(record.outcomes["date"].dt.day) == set(record.outcomes["known_date"].dt.day) == {30}


def test_a_response_of_nothing_is_no_move_but_a_known_reply_of_none(tmp_path: Path):
    actor = ICB_ACTOR | {"triggr": 9, "majres": 1}
    record, done = imported("icb", icb_files(tmp_path, [ICB_CRISIS | {"viol": 2}], [actor]), tmp_path)
    assert list(record.moves["actor"]) == ["USA"]
    (outcome,) = record.outcomes.to_dict("records")
    assert (outcome["initiator"], outcome["first_strike_rung"], outcome["retaliation_rung"]) == ("USA", 4, 0)
    assert rows_of(done, "masked", "no response") == 1


def test_sides_follow_the_threat_and_are_known_when_seen(tmp_path: Path):
    second = {"cracno": 2, "cracid": 645, "motrig": 4, "trigent": 996, "southv": 630, "majres": 7, "monres": 4}
    third = {"cracno": 3, "cracid": 652, "motrig": 5, "trigent": 995, "southv": "", "majres": 4, "monres": 5}
    folder = icb_files(tmp_path, [ICB_CRISIS], [ICB_ACTOR, ICB_ACTOR | second, ICB_ACTOR | third])
    record, _ = imported("icb", folder, tmp_path)
    sides = record.sides.set_index("actor")
    assert sides["side"][["USA", "IRN", "IRQ", "SYR"]].tolist() == ["a", "b", "a", "none"]
    assert str(sides["known_date"]["IRQ"].date()) == "1990-04-10"
    assert sides["role"]["NON-STATE"] == "observer"


def test_an_internal_challenge_is_no_act_of_the_other_side(tmp_path: Path):
    record, _ = imported(
        "icb", icb_files(tmp_path, [ICB_CRISIS], [ICB_ACTOR | {"triggr": 6, "trigent": 996}]), tmp_path
    )
    move = record.moves.set_index("type").loc["elite_split"]
    assert (move["actor"], move["target"]) == ("IRN", "DOMESTIC")


def test_names_tell_no_ending(tmp_path: Path):
    record, _ = imported("icb", icb_files(tmp_path, [ICB_CRISIS], [ICB_ACTOR]), tmp_path)
    assert list(record.episodes["name"]) == ["USA - IRN, March 1990"]
    assert list(record.outcomes["name"]) == ["MADE-UP WAR"]


def test_a_crisis_without_end_has_no_outcome(tmp_path: Path):
    folder = icb_files(tmp_path, [ICB_CRISIS | {"yrterm": "", "moterm": "", "daterm": ""}], [ICB_ACTOR])
    record, done = imported("icb", folder, tmp_path)
    assert record.outcomes.empty
    assert rows_of(done, "masked", "without a date of termination") == 1
