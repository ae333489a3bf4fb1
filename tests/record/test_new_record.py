"""A new record passes the check as written, says what to fill in, and overwrites nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from forecast.errors import UsageError
from forecast.record import check_record, init_record, read_record
from forecast.record.columns import TABLES
from forecast.record.interventions import read_scenarios


@pytest.mark.parametrize("start", [None, dt.date(2020, 2, 29)])
def test_it_passes_the_check(tmp_path: Path, start: dt.date | None):
    init_record(tmp_path / "new", side_a="CHN", side_b="TWN", start=start)
    assert check_record(tmp_path / "new") == ()
    record = read_record(tmp_path / "new")
    assert record.config.cases[0].id == "chn-twn"
    assert record.moves.empty


def test_the_guide_names_every_table_and_its_example_is_valid(tmp_path: Path):
    init_record(tmp_path, side_a="CHN", side_b="TWN")
    guide = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert all(table.file in guide for table in TABLES.values())
    example = next(line.strip() for line in guide.splitlines() if "-chn-exercise" in line)
    with (tmp_path / "moves.csv").open("a", encoding="utf-8") as file:
        file.write(example + "\n")
    assert check_record(tmp_path) == ()


def test_a_folder_in_use_is_left_alone(tmp_path: Path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is not empty"):
        init_record(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_in_the_way_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be written"):
        init_record(tmp_path / "file")


@pytest.mark.parametrize(("side_a", "side_b"), [("india", "PAK"), ("IND", "P"), ("IND", "IND"), ("IND", "PA K")])
def test_bad_codes_are_refused(tmp_path: Path, side_a: str, side_b: str):
    with pytest.raises(UsageError, match="–"):
        init_record(tmp_path / "new", side_a=side_a, side_b=side_b)
    assert not (tmp_path / "new").exists()


def test_a_bad_case_id_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="case id"):
        init_record(tmp_path / "new", case="a: b")


def test_what_the_package_knows_of_two_states_is_filled_in(tmp_path: Path):
    init_record(tmp_path / "new", side_a="IND", side_b="PAK", start=dt.date(2024, 1, 1))
    record = read_record(tmp_path / "new")
    assert list(record.actors["name"]) == ["India", "Pakistan"]
    assert list(record.actors["region"]) == ["South Asia", "South Asia"]
    row = record.episodes.iloc[0]
    assert (row["challenger_nuclear"], row["target_nuclear"], row["ground_access"]) == (1, 1, 1)
    assert record.config.cases[0].title == "India - Pakistan"
    init_record(tmp_path / "before", side_a="IND", side_b="PAK", start=dt.date(1987, 1, 1))
    earlier = read_record(tmp_path / "before").episodes.iloc[0]
    assert (earlier["challenger_nuclear"], earlier["target_nuclear"]) == (0, 0)  # nothing that became known later
    init_record(tmp_path / "unknown", side_a="XYZ", side_b="PAK", start=dt.date(2024, 1, 1))
    assert list(read_record(tmp_path / "unknown").actors["name"]) == ["XYZ", "Pakistan"]


def test_scenarios_of_a_new_record_fit_it(tmp_path: Path):
    init_record(tmp_path / "new", side_a="CHN", side_b="TWN")
    found = read_scenarios(record=read_record(tmp_path / "new"))
    assert [scenario.id for scenario in found] == ["concession", "withdrawal", "strike"]


def test_columns_that_may_be_blank_may_be_left_out(tmp_path: Path):
    init_record(tmp_path, side_a="CHN", side_b="TWN")
    header = (tmp_path / "moves.csv").read_text(encoding="utf-8").strip().split(",")
    assert "theatre" not in header
    assert list(read_record(tmp_path).moves.columns) == list(TABLES["moves"].names)
    (tmp_path / "moves.csv").write_text(",".join(n for n in header if n != "summary") + "\n", encoding="utf-8")
    assert [(p.value, p.rule) for p in check_record(tmp_path)] == [("summary", "is missing from the header")]
    (tmp_path / "moves.csv").write_text(",".join([*header, "theater"]) + "\n", encoding="utf-8")
    (problem,) = check_record(tmp_path)
    assert (problem.value, problem.rule) == ("theater", "is no column of this table")
    assert "theatre" in problem.suggestion
