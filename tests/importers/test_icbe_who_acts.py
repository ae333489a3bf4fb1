"""In ICBe who acts depends on the kind of row: what a speech or a fear is about never becomes an act."""

from __future__ import annotations

from pathlib import Path

from made_up import icbe_files, imported, rows_of

USA, IRAN = "United States of America", "Iran"
CEASE_FIRE = {"do_actor_a": IRAN, "do_actor_b": USA, "interact_deescalate": "cease fire", "date_earliest_day": 15}
ATTACK = {"do_actor_a": IRAN, "do_actor_b": USA, "interact_escalate": "attack", "date_earliest_day": 15}


def later(record):
    return record.moves[record.moves["date"] == "1990-03-15"]


SAID = {
    "demand": "demand", "ultimatum": "ultimatum", "reject": "rejection", "accept": "acceptance", "offer": "proposal",
    "appeal": "demand", "threaten": "threat", "accuse": "denial",
}  # fmt: skip


def test_a_speaker_speaks_and_the_content_is_not_done(tmp_path: Path):
    speech = CEASE_FIRE | {"event_type": "speech", "say_actor_a": USA, "say_actor_b": IRAN}
    rows = [speech | {"sayintkind": said, "date_earliest_day": 15 + n} for n, said in enumerate(SAID)]
    record, _ = imported("icbe", icbe_files(tmp_path, *rows), tmp_path)
    spoken = record.moves.iloc[1:]
    assert list(spoken["type"]) == list(SAID.values())
    assert set(spoken["actor"]) == {"USA"}
    assert set(spoken["target"]) == {"IRN"}
    assert "ceasefire" not in set(record.moves["type"])


def test_an_announcement_is_a_threat_or_a_reassurance_by_its_content(tmp_path: Path):
    speech = {"event_type": "speech", "say_actor_a": USA, "say_actor_b": IRAN, "sayintkind": "express intent"}
    harm = ATTACK | speech | {"do_interact_kind": "escalatory"}
    restraint = CEASE_FIRE | speech | {"do_interact_kind": "deescalatory", "date_earliest_day": 16}
    nothing = speech | {"date_earliest_day": 17}
    record, done = imported("icbe", icbe_files(tmp_path, harm, restraint, nothing), tmp_path)
    assert list(record.moves["type"])[1:] == ["threat", "reassurance"]
    assert rows_of(done, "dropped", "speech rows without counterpart") == 1


def test_an_action_row_is_done_by_its_actor(tmp_path: Path):
    record, _ = imported("icbe", icbe_files(tmp_path, CEASE_FIRE | {"event_type": "action"}), tmp_path)
    (move,) = later(record).to_dict("records")
    assert (move["actor"], move["target"], move["type"]) == ("IRN", "USA", "ceasefire")


def test_a_thought_tells_an_act_only_if_it_is_about_something_that_happened(tmp_path: Path):
    seen = ATTACK | {"event_type": "thought", "think_actor_a": USA, "thinkkind": "discover fact"}
    feared = seen | {"thinkkind": "fear", "date_earliest_day": 16}
    wished = seen | {"thinkkind": "discover fact;desire", "date_earliest_day": 17}
    unsaid = seen | {"thinkkind": "", "date_earliest_day": 18}
    record, done = imported("icbe", icbe_files(tmp_path, seen, feared, wished, unsaid), tmp_path)
    (move,) = record.moves[record.moves["channel"] == "force"].to_dict("records")
    assert (move["actor"], move["target"], move["date"].day) == ("IRN", "USA", 15)
    assert rows_of(done, "dropped", "what did not happen") == 3


def test_an_act_told_as_act_and_as_thought_counts_once(tmp_path: Path):
    seen = ATTACK | {"event_type": "thought", "think_actor_a": USA, "thinkkind": "discover fact"}
    record, done = imported("icbe", icbe_files(tmp_path, ATTACK | {"event_type": "action"}, seen), tmp_path)
    assert len(later(record)) == 1
    assert rows_of(done, "dropped", "told twice") == 1


def test_joined_actors_become_one_move_for_every_pair(tmp_path: Path):
    joint = ATTACK | {"event_type": "action", "do_actor_a": f"{USA};Israel", "do_actor_b": "Iran;Iraq"}
    record, done = imported("icbe", icbe_files(tmp_path, joint), tmp_path)
    pairs = set(zip(later(record)["actor"], later(record)["target"], strict=True))
    assert pairs == {("USA", "IRN"), ("USA", "IRQ"), ("ISR", "IRN"), ("ISR", "IRQ")}
    assert later(record)["move_id"].is_unique
    assert rows_of(done, "assumed", "several actors") == 1


def test_a_clash_has_no_attacker(tmp_path: Path):
    clash = ATTACK | {"event_type": "action", "interact_escalate": "battle/clash", "interact_fatalities": "tens"}
    record, _ = imported("icbe", icbe_files(tmp_path, clash), tmp_path)
    assert set(later(record)["actor"]) == {"USA", "IRN"}
    assert later(record)["fatalities_high"].sum() == 99
    (outcome,) = record.outcomes.to_dict("records")
    assert outcome["initiator"] == ""


def test_groups_that_the_list_of_names_maps_wrongly_are_no_states(tmp_path: Path):
    rebel = ATTACK | {"event_type": "action", "do_actor_a": "A Rebel Army"}
    record, _ = imported("icbe", icbe_files(tmp_path, rebel), tmp_path)
    assert set(later(record)["actor"]) == {"A-REBEL-ARMY"}
    assert record.actors.set_index("actor_id")["kind"]["A-REBEL-ARMY"] == "unknown"


def test_rows_without_an_agreed_kind_are_dropped(tmp_path: Path):
    record, done = imported("icbe", icbe_files(tmp_path, ATTACK, ATTACK | {"event_type": "action;speech"}), tmp_path)
    assert later(record).empty
    assert rows_of(done, "dropped", "without an agreed kind") == 1
    assert rows_of(done, "dropped", "several kinds at once") == 1
