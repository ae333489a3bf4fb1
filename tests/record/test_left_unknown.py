"""What a published data set does not know may be left blank, and only that: a coder must fill it in."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_records import CRISIS, OUTCOME
from test_check_finds import edit

from forecast.record import check_record, init_record
from forecast.record.columns import COVARIATES

UNKNOWN = dict.fromkeys(("max_rung", "max_rung_a", "max_rung_b", "retaliation_rung", "retaliation_mode"), "")


def found(folder: Path) -> list[tuple[str, str]]:
    return [(problem.column, problem.rule) for problem in check_record(folder)]


@pytest.mark.parametrize("column", COVARIATES)
def test_covariates_are_blank_only_in_an_imported_episode(small: Path, column: str):
    edit(small, "episodes", 1, **(CRISIS | {column: ""}))
    assert found(small) == [(column, "is blank")]
    edit(small, "episodes", 1, **(CRISIS | {column: "", "stratum": "dataset"}))
    assert found(small) == []


def test_an_imported_case_is_of_stratum_dataset(small: Path):
    edit(small, "episodes", 0, stratum="dataset", demand="")
    assert found(small) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, []),
        ({"outcome": ""}, [("outcome", "is blank though the rungs settle it")]),
        (UNKNOWN | {"outcome": ""}, []),
        ({"max_rung": "", "max_rung_b": "", "outcome": ""}, []),
        ({"ended_by": "unknown"}, []),
        ({"ended_by": "unknown", "outcome": ""}, [("outcome", "is blank though the rungs settle it")]),
        ({"retaliation_rung": "", "retaliation_mode": "", "initiator": ""}, []),
        ({"retaliation_rung": "", "retaliation_mode": ""}, [("retaliation_rung", "is blank in a closed outcome")]),
    ],
)
def test_the_place_on_the_ladder_is_blank_only_where_it_is_open(small: Path, change: dict, told: list):
    edit(small, "outcomes", 0, **(OUTCOME | change))
    assert found(small) == told


def test_without_force_and_without_a_known_ending_the_place_is_open(small: Path):
    calm = {"first_strike_rung": "0", "strike_date": "", "retaliation_rung": "0", "retaliation_mode": "none",
            "retaliation_date": "", "max_rung": "0", "max_rung_a": "0", "max_rung_b": "0", "initiator": "",
            "ended_by": "unknown", "outcome": ""}  # fmt: skip
    edit(small, "outcomes", 0, **(OUTCOME | calm))
    assert found(small) == []
    edit(small, "outcomes", 0, **(OUTCOME | calm | {"outcome": "O1"}))
    assert [column for column, _ in found(small)] == ["outcome"]


def test_a_record_of_past_crises_has_no_case(tmp_path: Path):
    init_record(tmp_path)
    config = tmp_path / "record.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text[: text.index("cases:")] + "cases: []\n", encoding="utf-8")
    assert check_record(tmp_path) == ()
