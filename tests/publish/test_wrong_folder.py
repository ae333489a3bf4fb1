"""A folder that is no run, or no record, is told for what it is, with the way out; no record is to be deleted."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast.errors import ArchiveError, UsageError
from forecast.publish import read_run
from forecast.publish.manifest import MANIFEST
from forecast.record import add_facts, check_record, init_record
from forecast.scenarios import scenario


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    for day in ("2026-02-13", "2026-02-20"):
        run = tmp_path / "archive" / "tur-grc" / f"{day}_made"
        run.mkdir(parents=True)
        (run / MANIFEST).write_text("{}", encoding="utf-8")
    return tmp_path / "archive"


def test_an_archive_named_as_a_run_names_a_run_of_it(archive: Path):
    for folder in (archive, archive / "tur-grc"):
        with pytest.raises(ArchiveError, match=r"a folder of 2 runs; name one of them, e.g. .*2026-02-20_made$"):
            read_run(folder)
        with pytest.raises(ArchiveError, match=r"a folder of 2 runs; name one of them"):
            scenario(folder)


def test_a_record_named_as_a_run(tmp_path: Path):
    init_record(tmp_path / "own", side_a="TUR", side_b="GRC")
    with pytest.raises(ArchiveError, match="this is a record and no run; name it by --record") as told:
        read_run(tmp_path / "own")
    assert "delete" not in str(told.value)


def test_nothing_named_as_a_run(tmp_path: Path):
    with pytest.raises(ArchiveError, match="there is no such folder"):
        read_run(tmp_path / "nowhere")


def test_what_is_no_record_is_one_problem(archive: Path, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "moves.csv").write_text("", encoding="utf-8")
    for path, told in (
        (archive, "is an archive of forecasts, not a record – name it by --out"),
        (tmp_path / "empty", "holds none of the files of a record"),
        (tmp_path / "moves.csv", f"is a file – name its folder: {tmp_path}"),
        (tmp_path / "nowhere", "there is no folder"),
    ):
        (problem,) = check_record(path)
        assert told in str(problem)


def test_facts_need_a_file(tmp_path: Path):
    init_record(tmp_path / "own", side_a="TUR", side_b="GRC")
    with pytest.raises(UsageError, match="there is no file"):
        add_facts(tmp_path / "own", tmp_path / "none.csv")
