"""A run killed at any moment is finished or removed by the next one, and runs that end at once lose nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from dying_writer import KILLED, write_and_die

from forecast.errors import ArchiveError
from forecast.publish import list_runs, read_run, write_run
from forecast.publish.ledger import faults
from forecast.publish.leftovers import TEMPORARY, WAITING
from forecast.publish.lock import locked
from forecast.publish.manifest import MANIFEST

HERE = str(Path(__file__).parent)
AT_ONCE = """
import sys
sys.path.insert(0, sys.argv[1])
from made_up_forecast import example_meta, example_tables
from forecast.publish import write_run
from forecast.publish.index import write_index
sys.stdin.readline()
write_run(sys.argv[2], {**example_meta(), "seed": int(sys.argv[3])}, example_tables())
write_index(sys.argv[2])
"""


def strays(out: Path) -> list[Path]:
    """Folders that are no finished run."""
    return [path for path in out.rglob("*") if path.name.startswith(TEMPORARY)] + [
        Path(path) for path in list_runs(out).query("state != 'complete'")["path"]
    ]


def killed_then_again(out: Path, meta, tables, stop: int) -> None:
    good = write_run(out, {**meta, "as_of": "2026-01-31"}, tables)
    assert write_and_die(out, stop) in {0, KILLED}
    assert read_run(good).meta["as_of"] == "2026-01-31"
    assert strays(out) or len(list_runs(out)) == 2, "either it left something behind, or it was done"
    write_run(out, {**meta, "created": "2026-11-24T00:00:00+00:00"}, tables)
    assert not strays(out)
    for path in list_runs(out)["path"]:
        read_run(path)


@pytest.mark.parametrize("stop", [1, 17, 30, 33])
def test_the_next_run_settles_what_a_killed_one_left(tmp_path, meta, tables, stop) -> None:
    killed_then_again(tmp_path, meta, tables, stop)


@pytest.mark.nightly
@pytest.mark.parametrize("stop", range(1, 101))
def test_a_run_may_be_killed_at_any_moment(tmp_path, meta, tables, stop) -> None:
    killed_then_again(tmp_path, meta, tables, stop)


@pytest.mark.parametrize("renamed", [True, False])
def test_a_run_that_had_all_its_files_is_finished(tmp_path, meta, tables, renamed) -> None:
    path = write_run(tmp_path, meta, tables)
    before = (path / MANIFEST).read_bytes()
    (path / MANIFEST).rename(path / WAITING)
    if not renamed:
        path.rename(path.with_name(f"{TEMPORARY}{path.name}-0badcafe"))
    write_run(tmp_path, {**meta, "as_of": "2026-01-31"}, tables)
    assert (path / MANIFEST).read_bytes() == before
    assert read_run(path).meta["as_of"] == meta["as_of"]
    assert not strays(tmp_path)


def test_a_run_whose_files_are_not_as_they_should_be_is_removed(tmp_path, meta, tables) -> None:
    path = write_run(tmp_path, meta, tables)
    (path / MANIFEST).rename(path / WAITING)
    (path / "forecast.csv").write_text("cut", encoding="utf-8")
    write_run(tmp_path, {**meta, "as_of": "2026-01-31"}, tables)
    assert not path.exists()
    assert not strays(tmp_path)


def test_what_no_run_leaves_behind_is_not_touched(tmp_path, meta, tables) -> None:
    path = write_run(tmp_path, meta, tables)
    (path / MANIFEST).unlink()
    mine = path.parent / "my-notes"
    mine.mkdir()
    write_run(tmp_path, {**meta, "as_of": "2026-01-31"}, tables)
    assert (path / "forecast.csv").exists()
    assert mine.is_dir()


@pytest.mark.parametrize("number", [3, pytest.param(8, marks=pytest.mark.slow)])
def test_runs_that_end_at_once_are_all_archived(tmp_path, number) -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", AT_ONCE, HERE, str(tmp_path), str(seed)], stdin=subprocess.PIPE, text=True
        )
        for seed in range(number)
    ]
    for run in runs:
        assert run.stdin is not None
        run.stdin.close()  # all are waiting for this
    assert [run.wait(timeout=300) for run in runs] == [0] * number
    assert list(list_runs(tmp_path)["state"]) == ["complete"] * number
    assert sorted(read_run(path).meta["seed"] for path in list_runs(tmp_path)["path"]) == list(range(number))
    assert not strays(tmp_path)


def test_a_case_is_written_while_another_is_and_one_case_once_at_a_time(tmp_path, meta, tables) -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow(path: Path) -> None:
        entered.set()
        leave.wait(20)
        path.write_text("at last", encoding="utf-8")

    thread = threading.Thread(target=write_run, args=(tmp_path, meta, tables), kwargs={"extra_files": {"slow": slow}})
    thread.start()
    assert entered.wait(20)
    try:
        assert write_run(tmp_path, {**meta, "case": "another"}, tables).exists()
        with pytest.raises(ArchiveError, match="another process"), locked(tmp_path, f"case-{meta['case']}", wait=0.1):
            raise AssertionError("the case is written by two at a time")
    finally:
        leave.set()
        thread.join()
    assert list(list_runs(tmp_path)["state"]) == ["complete"] * 2
    assert not faults(tmp_path)


def test_who_waits_too_long_is_told(tmp_path) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with locked(tmp_path):
            entered.set()
            leave.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait(20)
    try:
        with pytest.raises(ArchiveError, match="another process"), locked(tmp_path, wait=0.1):
            raise AssertionError("the lock was given twice")
    finally:
        leave.set()
        thread.join()
    with locked(tmp_path), locked(tmp_path):
        assert (tmp_path / ".archive.lock").exists()
