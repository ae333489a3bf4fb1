"""The shipped crises join a record that asks for them, own rows win, and the whole stays sound."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_records import write_record

from forecast.record import Record, as_of, check_record, init_record, read_record, with_reference


@pytest.mark.parametrize(("side_a", "side_b", "kept"), [("AAA", "BBB", 104), ("IND", "PAK", 97), ("PAK", "IND", 97)])
def test_all_crises_but_those_of_the_same_two_come(tmp_path: Path, side_a: str, side_b: str, kept: int):
    init_record(tmp_path / "new", side_a=side_a, side_b=side_b)
    joined = with_reference(read_record(tmp_path / "new"))
    assert (joined.episodes["kind"] == "crisis").sum() == kept
    assert check_record(write_record(joined, tmp_path / "joined")) == ()


def test_own_rows_win_and_are_known_early_enough(small: Path):
    path = small / "actors.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("IND,India,state", "IND,Our India,state"), encoding="utf-8")
    joined = with_reference(read_record(small))
    india = joined.actors.set_index("actor_id").loc["IND"]
    assert india["name"] == "Our India"
    assert india["known_date"].year < 2000
    assert not joined.actors["actor_id"].duplicated().any()


def test_it_can_be_cut_before_the_record_itself_began(small: Path):
    past = as_of(with_reference(read_record(small)), "1990-01-01")
    assert len(past.episodes) > 20
    assert set(past.episodes["challenger"]) <= set(past.actors["actor_id"])


def test_cases_of_the_shipped_record_stay_behind(small: Path):
    joined = with_reference(read_record(small))
    assert set(joined.episodes["case_id"]) == {"", "ind-pak"}
    assert "us-iran" not in set(joined.moves["episode_id"])


def test_a_record_that_asks_for_none_gets_none(shipped: Record):
    assert with_reference(shipped) is shipped


def test_joining_twice_adds_nothing(small: Path):
    joined = with_reference(read_record(small))
    assert with_reference(joined).hash == joined.hash
