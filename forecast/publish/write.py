"""One run onto disk: whole or not at all, never over another, its manifest last."""

from __future__ import annotations

import errno
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from forecast.errors import ArchiveError
from forecast.publish.csvfile import csv_text, kinds
from forecast.publish.hub import forecast_table, interval_table
from forecast.publish.ledger import enter
from forecast.publish.leftovers import TEMPORARY, WAITING, settle
from forecast.publish.lock import case_locked, locked
from forecast.publish.manifest import (
    MANIFEST,
    NAME_PATTERN,
    FileEntry,
    TableEntry,
    build_manifest,
    file_sha256,
    run_id,
)
from forecast.publish.tables import Meta, Tables, check_meta, check_tables

FileSource = Path | str | bytes | Callable[[Path], object]
QUICK_FOLDER: Final = "quick"
_WAY_OUT: Final = {
    errno.ENOSPC: "free some space or give another archive folder",
    errno.EDQUOT: "free some space or give another archive folder",
    errno.EROFS: "the folder is read-only; give another archive folder",
    errno.EACCES: "the folder is not writable; mend its permissions or give another archive folder",
    errno.EPERM: "the folder is not writable; mend its permissions or give another archive folder",
    errno.ENOTDIR: "a file stands where a folder is needed; give another archive folder",
    errno.EEXIST: "a file stands where a folder is needed; give another archive folder",
}


def write_run(
    out: Path | str, meta: Meta, tables: Tables, *, extra_files: Mapping[str, FileSource] | None = None
) -> Path:
    """Add one forecast to the archive.

    All files are written into a temporary folder, which is then renamed; `manifest.json` follows last, by an atomic
    rename. A run that is cut short leaves at most a folder without a manifest, which no reader takes for a forecast;
    the next run of the case finishes or removes it. Writers of one case wait for each other.

    Parameters
    ----------
    out
        Folder of the archive.
    meta, tables
        The forecast (see `docs/schema.md`). `meta["run_id"]` is made by `manifest.run_id` where it is absent.
    extra_files
        Further files by path inside the run, e.g. `report.html`: text, bytes, a file to copy, or a function that is
        given the path and writes it.

    Returns
    -------
    Path
        Folder of the run: `<out>/<case>/<run_id>`, for a quick run `<out>/<case>/quick/<run_id>`.

    Raises
    ------
    ArchiveError
        The forecast breaks the contract, the run is already there, or the folder cannot be written.
    """
    check_meta(meta)
    check_tables(tables)
    meta = {**meta, "run_id": str(meta.get("run_id") or run_id(meta))}
    folder = run_folder(out, meta)
    with disk_errors(folder), case_locked(out, str(meta["case"])):
        folder.parent.mkdir(parents=True, exist_ok=True)
        settle(Path(out) / str(meta["case"]), Path(out) / str(meta["case"]) / QUICK_FOLDER)
        _refuse_existing(folder)
        with _temporary_folder(folder) as temporary:
            for name, source in _contents(meta, tables, extra_files or {}).items():
                _write_file(temporary / name, source)
            entries = {
                name: TableEntry.model_validate({"rows": len(t), "columns": kinds(t)}) for name, t in tables.items()
            }
            manifest = build_manifest(meta, entries, _entries(temporary))
            _write_file(temporary / WAITING, manifest.text())
            _sync_folders(temporary)
            _rename_folder(temporary, folder)
        (folder / WAITING).replace(folder / MANIFEST)
        _sync(folder)
        _sync(folder.parent)
        case = Path(out) / str(meta["case"])
        with locked(out):
            enter(out, sorted(path for path in (*case.iterdir(), *case.glob(f"{QUICK_FOLDER}/*")) if path.is_dir()))
    return folder


def run_folder(out: Path | str, meta: Meta) -> Path:
    """Folder that a run has in the archive.

    Raises
    ------
    ArchiveError
        Case or run id holds a character that a folder name must not have.
    """
    identifier = str(meta.get("run_id") or run_id(meta))
    for key, name in (("case", str(meta["case"])), ("run_id", identifier)):
        if not re.fullmatch(NAME_PATTERN, name) or name == QUICK_FOLDER:
            raise ArchiveError(
                f"forecast meta {key}: {name!r} cannot name a folder; use letters, digits, '-', '_' and '.', and not "
                f"the reserved word '{QUICK_FOLDER}'"
            )
    case = Path(out) / str(meta["case"])
    return case / QUICK_FOLDER / identifier if meta["quick"] else case / identifier


def _contents(meta: Meta, tables: Tables, extra: Mapping[str, FileSource]) -> dict[str, FileSource]:
    contents: dict[str, FileSource] = {
        "forecast.csv": csv_text(forecast_table(meta, tables)),
        "intervals.csv": csv_text(interval_table(meta, tables)),
    }
    for name, table in tables.items():
        contents[_inside(f"tables/{name}.csv")] = csv_text(table)
    for name, source in extra.items():
        if _inside(name) in contents or name == MANIFEST:
            raise ArchiveError(f"extra file {name}: the archive writes a file of that name itself; choose another name")
        contents[name] = source
    return contents


def _inside(name: str) -> str:
    parts = PurePosixPath(name).parts
    if not parts or any(not re.fullmatch(NAME_PATTERN, part) for part in parts):
        raise ArchiveError(f"file name {name!r}: it must lie inside the run; use plain names joined by '/'")
    return name


def _write_file(file: Path, source: FileSource) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(source, str):
        file.write_text(source, encoding="utf-8", newline="\n")
    elif isinstance(source, bytes):
        file.write_bytes(source)
    elif isinstance(source, Path):
        shutil.copyfile(source, file)
    else:
        source(file)
    _sync(file)


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():  # Windows cannot open a folder to flush it
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folders(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            _sync(path)


def _entries(folder: Path) -> dict[str, FileEntry]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): FileEntry(sha256=file_sha256(path), size=path.stat().st_size)
        for path in files
    }


@contextmanager
def _temporary_folder(folder: Path) -> Iterator[Path]:
    temporary = folder.parent / f"{TEMPORARY}{folder.name}-{uuid.uuid4().hex[:8]}"
    temporary.mkdir()
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _refuse_existing(folder: Path) -> None:
    if folder.exists():
        finished = (folder / MANIFEST).exists()
        way_out = (
            "published forecasts are never overwritten" if finished else "it was cut short; delete it to run again"
        )
        raise ArchiveError(f"{folder}: this run is already in the archive; {way_out}")


def _rename_folder(temporary: Path, folder: Path) -> None:
    try:
        temporary.rename(folder)
    except OSError as error:
        if error.errno in {errno.ENOTEMPTY, errno.EEXIST}:
            _refuse_existing(folder)
        raise


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn faults of the disk into an `ArchiveError` that says what to do."""
    try:
        yield
    except OSError as error:
        advice = _WAY_OUT.get(error.errno or 0, "check the disk and the folder")
        place = error.filename or folder
        raise ArchiveError(f"{place}: the run could not be written ({error.strerror or error}); {advice}") from error
