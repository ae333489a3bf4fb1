"""A run that was changed, rewritten or lost is found, and giving up a posterior is neither."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from forecast.doctor import examine
from forecast.publish import read_run, write_run
from forecast.publish.ledger import LEDGER, faults, read_ledger
from forecast.publish.manifest import MANIFEST, POSTERIOR, THINNED, read_manifest
from forecast.publish.thin import thin

DAYS = ("2026-01-30", "2026-02-06", "2026-02-13", "2026-02-20")


@pytest.fixture
def runs(tmp_path: Path, meta, tables) -> list[Path]:
    """Four runs with something that stands for a posterior; the last is an update of the first."""
    more = [{}, {}, {}, {"updated_from": ""}]
    found: list[Path] = []
    for day, also in zip(DAYS, more, strict=True):
        also = {"updated_from": found[0].name} if also else also
        about = {**meta, "as_of": day, **also}
        found.append(write_run(tmp_path, about, tables, extra_files={POSTERIOR: b"draws of " + day.encode()}))
    return found


def told(archive: Path) -> dict[str, str]:
    return {f.told: f.state for f in examine(archive) if f.about == "archive" and f.state != "well"}


def test_a_whole_archive_is_well(runs: list[Path]) -> None:
    archive = runs[0].parents[1]
    assert told(archive) == {}
    assert [line.run for line in read_ledger(archive)] == [f"us-iran/{run.name}" for run in runs]
    assert {f.about for f in examine(archive)} == {"machine", "record", "archive"}


def test_a_changed_file_is_found(runs: list[Path]) -> None:
    (runs[1] / "forecast.csv").write_text("another", encoding="utf-8")
    ((message, state),) = told(runs[0].parents[1]).items()
    assert state == "fault"
    assert "forecast.csv" in message
    assert "restore it from a copy" in message


def test_a_run_that_was_rewritten_with_good_hashes_is_found(runs: list[Path]) -> None:
    manifest = read_manifest(runs[1])
    better = manifest.model_copy(update={"meta": {**manifest.meta, "seed": 7}}).sealed()
    (runs[1] / MANIFEST).write_text(better.text(), encoding="utf-8")
    read_run(runs[1])  # its own hashes agree
    assert any("the run was rewritten" in message for message in told(runs[0].parents[1]))


def test_a_run_that_is_gone_is_missed(runs: list[Path]) -> None:
    shutil.rmtree(runs[2])
    assert any("stands in the ledger and is gone" in message for message in told(runs[0].parents[1]))


@pytest.mark.parametrize("edit", ["drop", "change"])
def test_a_changed_ledger_is_found(runs: list[Path], edit: str) -> None:
    ledger = runs[0].parents[1] / LEDGER
    lines = ledger.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[2] = "" if edit == "drop" else lines[2].replace(",", ",0", 1)
    ledger.write_text("".join(lines), encoding="utf-8")
    assert any("its seal does not follow" in message for message in faults(ledger.parent))


def test_a_run_that_was_not_entered_is_entered_with_the_next(runs: list[Path], meta, tables) -> None:
    archive = runs[0].parents[1]
    ledger = archive / LEDGER
    text = ledger.read_text(encoding="utf-8")
    ledger.write_text(text[: text[:-1].rfind("\n") + 30], encoding="utf-8")  # the last line was cut short
    assert list(told(archive).values()) == ["warning"]
    write_run(archive, {**meta, "as_of": "2026-02-27"}, tables)
    assert len(read_ledger(archive)) == 5


def test_posteriors_of_old_runs_go_and_the_runs_stay_whole(runs: list[Path]) -> None:
    archive = runs[0].parents[1]
    others = [file for run in runs for file in run.rglob("*") if file.name != POSTERIOR and file.is_file()]
    before = {file: file.read_bytes() for file in others}
    assert [found.run for found in thin(archive, keep=1, only_tell=True)] == runs[1:3]
    assert all((run / POSTERIOR).exists() for run in runs)
    assert [found.run for found in thin(archive, keep=1)] == runs[1:3]
    assert [(run / POSTERIOR).exists() for run in runs] == [True, False, False, True], "the update's fit keeps its own"
    assert {file: file.read_bytes() for file in before} == before
    assert json.loads((runs[1] / THINNED).read_text(encoding="utf-8"))["file"] == POSTERIOR
    assert told(archive) == {}
    assert thin(archive, keep=1) == []
    (runs[1] / THINNED).unlink()
    assert any(POSTERIOR in message for message in told(archive)), "a posterior that just went missing is a fault"
