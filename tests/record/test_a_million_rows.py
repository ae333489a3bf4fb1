"""A record of a million rows is checked whole, and gives the panel of its distinct rows; its report stays small."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from forecast.record import check_record, read_record
from forecast.record.panel import build_panel
from forecast.record.read import shipped_path

ROWS = 1_000_000
DAY = date(2026, 10, 9)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped record, its moves told over and over."""
    copy = tmp_path_factory.mktemp("million") / "record"
    shutil.copytree(shipped_path(), copy)
    moves = pd.read_csv(copy / "moves.csv", dtype=str, keep_default_na=False)
    told = [moves.assign(move_id=moves["move_id"] + f"-{k}" if k else moves["move_id"])
            for k in range(-(-ROWS // len(moves)))]  # fmt: skip
    pd.concat(told).iloc[:ROWS].to_csv(copy / "moves.csv", index=False)
    return copy


@pytest.mark.nightly
def test_a_million_rows_make_the_panel_of_the_distinct_ones(folder: Path):
    record = read_record(folder)
    assert len(record.moves) == ROWS
    panel, plain = build_panel(record, DAY), build_panel(read_record(), DAY)
    for name in set(plain.data_vars) - {"track_record"}:
        assert panel[name].equals(plain[name]), name
    often = ROWS // len(read_record().moves)
    more = panel["track_record"].values[plain["track_record"].values > 0]
    less = plain["track_record"].values[plain["track_record"].values > 0]
    assert ((more >= often * less) & (more <= (often + 1) * less)).all()
    assert panel["track_record"].values.min() >= 0


@pytest.mark.nightly
def test_one_wrong_row_in_a_million_is_named(folder: Path):
    lines = (folder / "moves.csv").read_bytes().splitlines(keepends=True)
    whole = lines[900_000]
    lines[900_000] = whole.replace(b",2026-", b",2O26-").replace(b",20", b",2O")
    assert lines[900_000] != whole
    (folder / "moves.csv").write_bytes(b"".join(lines))
    problems = check_record(folder)
    assert {(problem.file, problem.line) for problem in problems} == {("moves.csv", 900_001)}
