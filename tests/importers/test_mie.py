"""MIE events keep what they say: no day, attacker or diplomacy is invented, and no war is known before it was one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from made_up import imported, mie_file, rows_of

from forecast.record import as_of
from forecast.record.importers.mie import ACTIONS
from forecast.terms import CHANNELS


def test_an_unknown_day_is_a_month_known_at_its_end(tmp_path: Path):
    record, done = imported("mie", mie_file(tmp_path, {"stday": -9, "endday": -9}), tmp_path)
    move = record.moves.iloc[0]
    assert (move["date_precision"], move["date"].day, move["known_date"].day) == ("month", 15, 31)
    assert rows_of(done, "assumed", "start day -9") == 1


def test_clashes_and_battles_have_no_attacker(tmp_path: Path):
    clash = {"action": 17, "fatalmin1": 2, "fatalmax2": 7}
    record, _ = imported("mie", mie_file(tmp_path, clash), tmp_path)
    swapped = {"ccode1": 630, "ccode2": 2, "sidea1": 0, "action": 17, "fatalmin2": 2, "fatalmax1": 7}
    (tmp_path / "other").mkdir()
    other, _ = imported("mie", mie_file(tmp_path / "other", swapped), tmp_path / "other")
    for found in (record, other):
        assert set(zip(found.moves["actor"], found.moves["target"], strict=True)) == {("USA", "IRN"), ("IRN", "USA")}
        assert found.moves["fatalities_high"].sum() == 7
        assert list(found.outcomes["initiator"]) == [""]
        assert found.outcomes["retaliation_rung"].isna().all()
        assert list(found.episodes["challenger"]) == ["USA"]


def test_an_attack_keeps_its_attacker_and_its_reply(tmp_path: Path):
    reply = {"eventnum": 2, "ccode1": 630, "ccode2": 2, "sidea1": 0, "stday": 14, "endday": 14}
    record, _ = imported("mie", mie_file(tmp_path, {}, reply), tmp_path)
    (outcome,) = record.outcomes.to_dict("records")
    assert (outcome["initiator"], outcome["retaliation_rung"], outcome["outcome"]) == ("USA", 4, "O3")
    assert outcome["retaliation_date"].day == 14


def test_only_force_and_posture_are_watched(tmp_path: Path):
    record, done = imported("mie", mie_file(tmp_path, {"action": 1, "hostlev": 2}, {"eventnum": 2}), tmp_path)
    assert set(record.coverage["observes"]) == {"force;posture"}
    assert set(record.coverage["start"]) == {pd.Timestamp(1990, 3, 10)}
    assert rows_of(done, "masked", "verbal") == 1
    assert {"diplomacy", "economic", "nuclear", "audience", "credibility"} <= set(CHANNELS)
    assert rows_of(done, "masked", "diplomacy, economic, nuclear, audience, credibility") is None


def test_a_war_is_known_as_war_only_when_it_is_over(tmp_path: Path):
    battle = {"action": 22, "hostlev": 5}
    record, _ = imported("mie", mie_file(tmp_path, battle), tmp_path)
    assert set(record.moves["rung"]) == {4}
    (outcome,) = record.outcomes.to_dict("records")
    assert (outcome["outcome"], outcome["max_rung_a"], outcome["max_rung_b"]) == ("O6", 8, 8)
    assert as_of(record, "1990-03-11").outcomes.empty
    assert (outcome["known_date"] - outcome["date"]).days == 182
    clash, _ = imported("mie", mie_file(tmp_path / "clash", {"action": 17, "hostlev": 4}), tmp_path / "clash")
    same = ["move_id", "date", "actor", "target", "type", "level", "rung"]
    pd.testing.assert_frame_equal(record.moves[same], clash.moves[same])


def test_a_campaign_is_the_third_day_of_strikes_in_a_fortnight_and_looks_back_only(tmp_path: Path):
    days = (1, 5, 14, 15, 31)
    strikes = [{"eventnum": n, "stday": day, "endday": day} for n, day in enumerate(days, 1)]
    record, _ = imported("mie", mie_file(tmp_path, *strikes), tmp_path)
    assert list(record.moves["type"]) == [
        "limited_strike", "limited_strike", "sustained_campaign", "sustained_campaign", "limited_strike",
    ]  # fmt: skip
    fewer, _ = imported("mie", mie_file(tmp_path / "fewer", *strikes[:2]), tmp_path / "fewer")
    assert list(fewer.moves["type"]) == ["limited_strike", "limited_strike"]


def test_a_long_attack_does_not_look_quiet(tmp_path: Path):
    record, done = imported("mie", mie_file(tmp_path, {"endmon": 4, "endday": 2}), tmp_path)
    going_on = record.moves[record.moves["basis"] == "state"]
    assert list(going_on["date"].dt.strftime("%m-%d")) == ["03-17", "03-24", "03-31"]
    assert rows_of(done, "assumed", "more than a week") == 3


def test_a_state_that_joins_is_of_a_side_from_its_first_event_on(tmp_path: Path):
    joins = {"eventnum": 2, "ccode1": 200, "stmon": 5, "endmon": 5}
    record, _ = imported("mie", mie_file(tmp_path, {}, joins), tmp_path)
    row = record.sides.set_index("actor").loc["GBR"]
    assert (row["side"], row["role"], str(row["known_date"].date())) == ("a", "member", "1990-05-10")


def test_events_within_one_side_are_dropped_and_counted(tmp_path: Path):
    joins = {"eventnum": 2, "ccode1": 200, "stmon": 5, "endmon": 5}
    within = {"eventnum": 3, "ccode1": 200, "ccode2": 2, "stmon": 6, "endmon": 6, "sidea1": 0}
    again = {"eventnum": 4, "ccode1": 200, "stmon": 7, "endmon": 7}
    record, done = imported("mie", mie_file(tmp_path, {}, joins, within, again), tmp_path)
    assert len(record.moves) == 3
    assert rows_of(done, "dropped", "on one side") == 1


def test_every_confrontation_weighs_the_same(tmp_path: Path):
    many = [{"eventnum": n, "stday": n, "endday": n} for n in range(1, 6)]
    _, done = imported("mie", mie_file(tmp_path, *many, {"micnum": 9002}), tmp_path)
    weights = pd.read_csv(done.folder / "import-weights.csv")
    assert (weights["moves"] * weights["weight_per_move"]).round(6).tolist() == [1.0, 1.0]


def test_every_action_code_has_a_meaning(tmp_path: Path):
    events = [{"micnum": 9000 + code, "action": code} for code in ACTIONS]
    record, _ = imported("mie", mie_file(tmp_path, *events), tmp_path)
    assert len(record.episodes) == len(ACTIONS) == 22


def test_earlier_force_between_the_leads_is_a_covariate(tmp_path: Path):
    later = [{"micnum": 9000 + year, "styear": year, "endyear": year} for year in (1993, 2000)]
    record, _ = imported("mie", mie_file(tmp_path, {}, *later), tmp_path)
    assert list(record.episodes.sort_values("start")["prior_force_5y"]) == [0, 1, 0]
    assert record.episodes["capability_ratio"].eq("").all()
