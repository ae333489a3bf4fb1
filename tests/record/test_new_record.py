"""A new record passes the check as written, says what to fill in, and overwrites nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from forecast.errors import UsageError
from forecast.record import check_record, init_record, read_record
from forecast.record.columns import TABLES


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
    example = next(line.strip() for line in guide.splitlines() if "-naval-drill" in line)
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
