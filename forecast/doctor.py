"""What ails an archive, a record, or this machine: each finding with its place and the way out."""

from __future__ import annotations

import datetime as dt
import platform
import re
import shutil
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Final, Literal, NamedTuple

import pandas as pd

from forecast.errors import ForecastError
from forecast.publish.archive import list_runs, read_run
from forecast.publish.ledger import faults, read_ledger
from forecast.publish.tables import rows_of
from forecast.record import check_record
from forecast.record.read import shipped_path

DISTRIBUTION: Final = "crisis-forecast"
OLDEST_PYTHON: Final = (3, 12)
LEAST_FREE: Final = 2_000_000_000
"""Bytes that an archive should have free: some tens of posteriors."""


class Finding(NamedTuple):
    """One thing that was looked at: whether it is well, and if not, what is amiss and the way out."""

    about: Literal["machine", "record", "archive"]
    what: str
    state: Literal["well", "warning", "fault"]
    told: str


def examine(archive: Path | str | None = None, record: Path | str | None = None) -> list[Finding]:
    """Look at this machine, a record and, if one is given, an archive; nothing is changed.

    Parameters
    ----------
    archive
        Folder of an archive: every file of every run is checked by its hash, and the runs by the ledger.
    record
        Folder of a record; the shipped one by default.
    """
    found = [*_machine(Path.cwd() if archive is None else Path(archive)), _record(record)]
    return found if archive is None else [*found, *_archive(Path(archive))]


def _machine(folder: Path) -> list[Finding]:
    python = platform.python_version()
    new_enough = sys.version_info[:2] >= OLDEST_PYTHON
    oldest = ".".join(map(str, OLDEST_PYTHON))
    told = python if new_enough else f"{python} is older than {oldest}; take a newer one, e.g. uv run --python 3.13"
    return [
        Finding("machine", "Python", "well" if new_enough else "fault", told),
        _libraries(),
        _cache(),
        _space(folder),
    ]


def _libraries() -> Finding:
    """Whether every library that the package needs is installed."""
    try:
        needed = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return Finding("machine", "libraries", "warning", f"{DISTRIBUTION} is not installed; run: uv sync")
    names = [re.split(r"[^A-Za-z0-9._-]", one, maxsplit=1)[0] for one in needed if "extra ==" not in one]
    missing = [name for name in names if not _installed(name)]
    if missing:
        return Finding("machine", "libraries", "fault", f"missing: {', '.join(missing)}; run: uv sync")
    return Finding("machine", "libraries", "well", f"{len(names)} are installed")


def _installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _cache() -> Finding:
    """Whether compiled code can be kept: without that every run compiles the model anew."""
    try:
        with tempfile.TemporaryFile(dir=Path.home()):
            pass
    except (OSError, RuntimeError) as error:
        told = f"it cannot be written ({error}), so compiled code is not kept; set HOME to a folder that can be"
        return Finding("machine", "home folder", "warning", told)
    return Finding("machine", "home folder", "well", "it can be written, so compiled code is kept")


def _space(folder: Path) -> Finding:
    place = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(place).free
    told = f"{free / 1e9:.1f} GB are free at {place}"
    if free < LEAST_FREE:
        return Finding("machine", "disk", "warning", f"{told}; give up old posteriors: forecast thin ARCHIVE")
    return Finding("machine", "disk", "well", told)


def _record(folder: Path | str | None) -> Finding:
    where = shipped_path() if folder is None else Path(folder)
    try:
        problems = check_record(where)
    except (ForecastError, OSError) as error:
        return Finding("record", str(where), "fault", str(error))
    if problems:
        return Finding("record", str(where), "fault", f"{len(problems)} problems; list them by: forecast check {where}")
    return Finding("record", str(where), "well", "it keeps every rule")


def _archive(out: Path) -> list[Finding]:
    if not out.is_dir():
        return [Finding("archive", str(out), "fault", "no such folder; give the folder of an archive, e.g. forecasts")]
    runs = rows_of(list_runs(out))
    found = [finding for row in runs for finding in _run(row["path"], str(row["state"]), row["created"])]
    found += [Finding("archive", str(out), "fault", told) for told in faults(out)]
    entered = {line.run for line in read_ledger(out)}
    names = {Path(row["path"]).relative_to(out).as_posix() for row in runs if row["state"] == "complete"}
    if loose := sorted(names - entered):
        found.append(Finding("archive", str(out), "warning", f"{len(loose)} runs do not stand in the ledger, the first "
                             f"{loose[0]}; the next run of its case enters it"))  # fmt: skip
    whole = sum(finding.state == "well" for finding in found)
    summary = Finding("archive", str(out), "well", f"{whole} of {len(runs)} runs are whole and as they were published")
    return [*(finding for finding in found if finding.state != "well"), summary]


def _run(path: Path, state: str, created: object) -> list[Finding]:
    if state == "torn":
        told = "it was cut short and is no forecast; the next run of the case finishes or removes it, or delete it"
        return [Finding("archive", str(path), "warning", told)]
    try:
        read_run(path)
    except ForecastError as error:
        return [Finding("archive", str(path), "fault", str(error))]
    if pd.Timestamp(str(created)) > pd.Timestamp(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5)):
        told = f"it was made at {created}, which lies ahead: set the clock of this machine"
        return [Finding("archive", str(path), "warning", told)]
    return [Finding("archive", str(path), "well", "whole")]
