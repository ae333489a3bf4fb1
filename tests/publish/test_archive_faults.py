"""Nothing published is overwritten, a torn run is never taken for a forecast, and any later change is detected."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import pytest
from dying_writer import KILLED, write_and_die

from forecast.errors import ArchiveError
from forecast.publish import list_runs, previous_run, read_archive, read_run, write_run
from forecast.publish.archive import ArchiveWarning, kept_posterior
from forecast.publish.ledger import faults, read_ledger
from forecast.publish.manifest import MANIFEST

NOW = ("2026-12-31", "2026-12-31T00:00:00+00:00")


def test_a_run_is_never_overwritten(tmp_path, meta, tables) -> None:
    path = write_run(tmp_path, meta, tables)
    before = {file: file.read_bytes() for file in path.rglob("*") if file.is_file()}
    with pytest.raises(ArchiveError, match="never overwritten"):
        write_run(tmp_path, meta, tables, extra_files={"report.html": "other"})
    assert {file: file.read_bytes() for file in path.rglob("*") if file.is_file()} == before
    assert not list(path.parent.glob(".tmp-*"))


def test_a_torn_run_is_listed_but_not_read(tmp_path, meta, tables) -> None:
    path = write_run(tmp_path, meta, tables)
    (path / MANIFEST).unlink()
    assert list(list_runs(tmp_path)["state"]) == ["torn"]
    assert previous_run(tmp_path, "us-iran", *NOW) is None
    assert read_archive(tmp_path).empty
    with pytest.raises(ArchiveError, match="not a finished forecast"):
        read_run(path)
    with pytest.raises(ArchiveError, match="cut short; delete it"):
        write_run(tmp_path, meta, tables)


@pytest.mark.parametrize("stop", [9, 20])
def test_a_killed_run_leaves_the_archive_readable(tmp_path, meta, tables, stop) -> None:
    good = write_run(tmp_path, {**meta, "as_of": "2026-01-31"}, tables)
    assert write_and_die(tmp_path, stop) == KILLED
    runs = list_runs(tmp_path)
    finished = runs[runs["state"] == "complete"]
    assert good.name in set(finished["run_id"])
    for path in finished["path"]:
        read_run(path)
    other = write_run(tmp_path, {**meta, "created": "2026-11-24T00:00:00+00:00"}, tables)
    assert previous_run(tmp_path, "us-iran", *NOW).path == other


def test_a_run_cut_short_before_its_manifest_is_torn(tmp_path, meta, tables, monkeypatch) -> None:
    def die(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", die)
        with pytest.raises(KeyboardInterrupt):
            write_run(tmp_path, meta, tables)
    assert list(list_runs(tmp_path)["state"]) == ["torn"]


@pytest.mark.parametrize("name", ["forecast.csv", "tables/ladder.csv", "report.html"])
@pytest.mark.parametrize("damage", ["change", "cut", "remove"])
def test_a_changed_file_is_named(tmp_path, meta, tables, name, damage) -> None:
    path = write_run(tmp_path, meta, tables, extra_files={"report.html": "<p>text</p>"})
    file = path / name
    content = file.read_bytes()
    if damage == "change":
        file.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    elif damage == "cut":
        file.write_bytes(content[: len(content) // 2])
    else:
        file.unlink()
    with pytest.raises(ArchiveError, match=name):
        read_run(path)
    with pytest.warns(ArchiveWarning, match=name):
        assert previous_run(tmp_path, "us-iran", *NOW) is None


def test_a_changed_manifest_is_detected(tmp_path, meta, tables) -> None:
    path = write_run(tmp_path, meta, tables)
    file = path / MANIFEST
    document = json.loads(file.read_text(encoding="utf-8"))
    for changed in ({**document, "gate_passed": False}, {**document, "files": {}}, {**document, "more": 1}):
        file.write_text(json.dumps(changed), encoding="utf-8")
        with pytest.raises(ArchiveError, match="restore it"):
            read_run(path)
        assert list(list_runs(tmp_path)["state"]) == ["damaged"]
    for text in ("", "{", '{"schema_version": 1}', "\ufeff[]"):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ArchiveError, match=MANIFEST):
            read_run(path)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ArchiveError, match="UTF-8"):
        read_run(path)


def test_a_full_disk_is_explained_and_leaves_nothing(tmp_path, meta, tables, monkeypatch) -> None:
    calls = []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 5:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ArchiveError, match="free some space"):
        write_run(tmp_path, meta, tables)
    assert {path.suffix for path in tmp_path.rglob("*") if path.is_file()} == {".lock"}
    write_run(tmp_path, meta, tables)


def test_a_folder_that_cannot_be_written_is_explained(tmp_path, meta, tables, monkeypatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    with pytest.raises(ArchiveError, match="another archive folder"):
        write_run(blocked, meta, tables)

    def read_only(*args: object, **kwargs: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(tmp_path))

    monkeypatch.setattr(Path, "mkdir", read_only)
    with pytest.raises(ArchiveError, match="read-only"):
        write_run(tmp_path, meta, tables)


def test_a_posterior_that_was_changed_or_is_gone_is_not_used(tmp_path, meta, tables) -> None:
    run = write_run(tmp_path, meta, tables, extra_files={"posterior.nc": b"draws of a posterior"})
    assert kept_posterior(run) == run / "posterior.nc"
    (run / "posterior.nc").write_bytes(b"draws of a postezior")
    with pytest.raises(ArchiveError, match="changed after publication"):
        kept_posterior(run)
    (run / "posterior.nc").unlink()
    with pytest.raises(ArchiveError, match="given up to save space, or lost"):
        kept_posterior(run)


def test_a_clock_that_was_moved_back_loses_no_forecast(tmp_path, meta, tables) -> None:
    first = write_run(tmp_path, {**meta, "created": "2026-11-23T06:45:10+00:00"}, tables)
    before = {file: file.read_bytes() for file in first.rglob("*") if file.is_file()}
    later = write_run(tmp_path, {**meta, "created": "2026-11-23T05:00:00+00:00"}, tables)
    next_day = write_run(tmp_path, {**meta, "as_of": "2026-02-14", "created": "2026-11-20T05:00:00+00:00"}, tables)
    assert list(list_runs(tmp_path)["state"]) == ["complete"] * 3
    assert {file: file.read_bytes() for file in before} == before
    assert [line.run.split("/")[1] for line in read_ledger(tmp_path)] == [first.name, later.name, next_day.name]
    assert faults(tmp_path) == []
    assert previous_run(tmp_path, "us-iran", "2026-02-14", "2026-11-20T05:00:00+00:00").path == first


def test_runs_of_one_second_that_differ_in_a_setting_have_names_of_their_own(tmp_path, meta, tables) -> None:
    names = [write_run(tmp_path, {**meta, "key": key}, tables).name for key in ("a" * 64, "b" * 64)]
    assert len({name[:-8] for name in names}) == 1
    assert len(set(names)) == 2
    assert list(list_runs(tmp_path)["state"]) == ["complete"] * 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"case": "../up"}, "cannot name a folder"),
        ({"case": "quick"}, "reserved word"),
        ({"run_id": "a/b"}, "cannot name a folder"),
        ({"created": "yesterday"}, "not an ISO time"),
        ({"created": "2026-11-23T06:45:10"}, "no time zone"),
        ({"stamp": "maybe"}, "stamp"),
        ({"seed": object()}, "no plain JSON form"),
    ],
)
def test_wrong_meta_is_refused(tmp_path, meta, tables, change, message) -> None:
    with pytest.raises(ArchiveError, match=message):
        write_run(tmp_path, {**meta, **change}, tables)
    assert not list(tmp_path.rglob(MANIFEST))


def test_wrong_tables_are_refused(tmp_path, meta, tables) -> None:
    ladder = tables["ladder"]
    wrong = {
        "gate is missing": {name: table for name, table in tables.items() if name != "gate"},
        "unknown columns": {**tables, "hazard": tables["hazard"].rename(columns={"week": "weeks"})},
        "sum to": {**tables, "ladder": ladder.assign(probability=ladder["probability"] * 0.9)},
        "not a probability": {**tables, "ladder": ladder.assign(high=ladder["high"] + 1)},
        "one row for": {**tables, "ladder": ladder.iloc[1:]},
        "it has no rows": {**tables, "ladder": ladder.iloc[:0]},
    }
    for message, changed in wrong.items():
        with pytest.raises(ArchiveError, match=message):
            write_run(tmp_path, meta, changed)
    with pytest.raises(ArchiveError, match="'as_of'"):
        write_run(tmp_path, {key: value for key, value in meta.items() if key != "as_of"}, tables)


def test_a_stray_folder_does_no_harm(tmp_path, meta, tables) -> None:
    path = write_run(tmp_path, meta, tables)
    shutil.copytree(path, path.parent / ".tmp-left-over", ignore=shutil.ignore_patterns(MANIFEST))
    (tmp_path / "us-iran" / "note.txt").write_text("kept by hand", encoding="utf-8")
    runs = list_runs(tmp_path)
    assert sorted(runs["state"]) == ["complete", "torn"]
    assert previous_run(tmp_path, "us-iran", *NOW).path == path
