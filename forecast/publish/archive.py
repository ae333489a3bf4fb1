"""The append-only archive: what was published, when, and whether it is still what was published."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any, Final

import pandas as pd

from forecast.errors import ArchiveError
from forecast.publish.csvfile import read_table
from forecast.publish.hub import forecast_table, interval_table
from forecast.publish.manifest import (
    MANIFEST,
    POSTERIOR,
    THINNED,
    Manifest,
    created_time,
    file_sha256,
    read_manifest,
)
from forecast.publish.tables import rows_of
from forecast.publish.wording import interval, percent, rung_name
from forecast.publish.write import QUICK_FOLDER

RUN_COLUMNS: Final[tuple[str, ...]] = (
    "case", "run_id", "as_of", "created", "stamp", "quick", "gate_passed", "state", "path", "note",
)  # fmt: skip


class ArchiveWarning(UserWarning):
    """An archived run was passed over because it is damaged."""


@dataclass(frozen=True)
class Run:
    """One archived forecast, with the hash of every file checked."""

    path: Path
    manifest: Manifest

    @property
    def meta(self) -> Mapping[str, Any]:
        """Meta data of the forecast."""
        return self.manifest.meta

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Tables of the forecast by name, each read on first use."""
        return self._tables

    def to_dataframe(self, name: str = "ladder") -> pd.DataFrame:
        """One of the tables, the ladder by default.

        Raises
        ------
        ArchiveError
            The run holds no such table.
        """
        if name not in self.tables:
            raise ArchiveError(f"{self.path}: no table {name!r}; the run holds {', '.join(self.tables)}")
        return self.tables[name]

    def _repr_html_(self) -> str:
        ladder = self.tables["ladder"]
        told = ladder.assign(
            outcome=[f"{code} {rung_name(code)}" for code in ladder["rung"]],
            text=[
                f"{percent(row['probability'], row['mcse'])} ({interval(row['low'], row['high'], row['mcse'])})"
                for row in rows_of(ladder)
            ],
        )
        wide = told.pivot_table(index="outcome", columns="horizon_days", values="text", aggfunc="first")
        title = escape(str(self.meta["title"]))
        head = f"<b>{title}</b>, as of {str(self.meta['as_of'])[:10]} ({self.meta['stamp']}); {escape(str(self.path))}"
        return f"<p>{head}; probability by days ahead, with the 80 % interval</p>{wide.to_html(border=0)}"

    @cached_property
    def _tables(self) -> Mapping[str, pd.DataFrame]:
        return Tables(self.manifest.tables, self._table)

    def _table(self, name: str) -> pd.DataFrame:
        file = self.path / "tables" / f"{name}.csv"
        try:
            return read_table(file.read_text(encoding="utf-8"), dict(self.manifest.tables[name].columns))
        except ValueError as error:
            raise ArchiveError(f"{file}: {error}; restore it from a copy") from error


class Tables(Mapping[str, "pd.DataFrame"]):
    """Tables by name, each read when it is first asked for."""

    def __init__(self, names: Iterable[str], read: Callable[[str], pd.DataFrame]) -> None:
        self._names, self._read = tuple(names), functools.cache(read)

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return a table."""
        if name not in self._names:
            raise KeyError(name)
        return self._read(name)

    def __contains__(self, name: object) -> bool:
        """Whether there is such a table, without reading it."""
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        """Names in their order."""
        return iter(self._names)

    def __len__(self) -> int:
        """Number of tables."""
        return len(self._names)


def read_run(path: Path | str, *, hashed_up_to: int | None = None) -> Run:
    """Read one archived forecast and check the hash of every file.

    Parameters
    ----------
    path
        Folder of the run.
    hashed_up_to
        Larger files, in bytes, are checked by their size only: for readers of many runs who do not open these files.

    Raises
    ------
    ArchiveError
        There is no manifest, or a file is missing or differs from its hash (the message names it).
    """
    folder = Path(path)
    manifest = read_manifest(folder)
    unlisted = [name for name in manifest.tables if f"tables/{name}.csv" not in manifest.files]
    if unlisted:
        raise ArchiveError(f"{folder / MANIFEST}: tables {unlisted} have no file; restore the manifest from a copy")
    for name, entry in manifest.files.items():
        file = folder / name
        if name == POSTERIOR and (folder / THINNED).exists() and not file.exists():
            continue
        try:
            size = file.stat().st_size
            if hashed_up_to is not None and size == entry.size > hashed_up_to:
                continue
            found = file_sha256(file)
        except OSError as error:
            raise ArchiveError(f"{file}: cannot be read ({error.strerror}); restore it from a copy") from error
        if found != entry.sha256:
            raise ArchiveError(_changed(file, found, entry.sha256))
    return Run(folder, manifest)


def kept_posterior(folder: Path) -> Path:
    """File of the posterior of a run, once its hash is checked.

    Raises
    ------
    ArchiveError
        There is no manifest, or the posterior is missing or differs from its hash.
    """
    entry, file = read_manifest(folder).files.get(POSTERIOR), folder / POSTERIOR
    if entry is None or not file.is_file():
        raise ArchiveError(f"{file}: no such file; its posterior was given up to save space, or lost; name a later run")
    found = file_sha256(file)
    if found != entry.sha256:
        raise ArchiveError(_changed(file, found, entry.sha256))
    return file


def _changed(file: Path, found: str, wanted: str) -> str:
    return (
        f"{file}: SHA-256 is {found[:12]}…, the manifest says {wanted[:12]}…; the file was changed after publication; "
        "restore it from a copy"
    )


def list_runs(out: Path | str, case: str | None = None) -> pd.DataFrame:
    """Every run folder of the archive, oldest as-of day first.

    Returns
    -------
    DataFrame
        Columns `RUN_COLUMNS`. `state` is `complete`, `torn` (cut short before its manifest) or `damaged` (its manifest
        cannot be used; `note` says why). File hashes are not checked here: `read_run` does that.
    """
    rows = [_describe(folder, name) for folder, name in _run_folders(Path(out), case)]
    frame = pd.DataFrame(rows, columns=list(RUN_COLUMNS))
    return frame.sort_values(["case", "as_of", "created", "run_id"], na_position="last", ignore_index=True)


def find_run(out: Path | str, case: str, as_of: object, key: str, *, quick: bool = False) -> Run | None:
    """The archived run with a key, the newest of several; None where there is none.

    A damaged run is passed over with an `ArchiveWarning`.
    """
    base = Path(out) / case / QUICK_FOLDER if quick else Path(out) / case
    for folder in sorted(base.glob(f"{as_of}_*"), reverse=True):
        if not (folder / MANIFEST).exists():
            continue
        try:
            if read_manifest(folder).meta.get("key") == key:
                return read_run(folder)
        except ArchiveError as error:
            warnings.warn(f"{error}; it is computed anew", ArchiveWarning, stacklevel=2)
    return None


def previous_run(out: Path | str, case: str, as_of: object, created: object) -> Run | None:
    """Last archived forecast before this one: complete, gate passed, not quick.

    Parameters
    ----------
    out, case
        Archive folder and id of the case.
    as_of, created
        Those of the new forecast. Earlier means an earlier as-of day, or the same day and an earlier creation.

    Returns
    -------
    Run or None
        None where there is none. A damaged run is passed over with an `ArchiveWarning`.
    """
    now = (pd.Timestamp(str(as_of)).date(), created_time({"created": created}))
    complete = [row for row in rows_of(list_runs(out, case)) if row["state"] == "complete"]
    good = [row for row in complete if row["gate_passed"] and not row["quick"]]
    for row in reversed([row for row in good if (row["as_of"], row["created"]) < now]):
        try:
            return read_run(row["path"])
        except ArchiveError as error:
            warnings.warn(f"{error}; the run before it is taken as the last forecast", ArchiveWarning, stacklevel=2)
    return None


def read_archive(out: Path | str, case: str | None = None) -> pd.DataFrame:
    """All values of all complete runs in one tidy table, with their intervals.

    Returns
    -------
    DataFrame
        run_id, case, as_of, created, stamp, quick, gate_passed, target, horizon (days), output_type, output_type_id,
        value, low, high, mcse.

    Raises
    ------
    ArchiveError
        There is no such folder, or a file of a complete run is damaged.
    """
    if not Path(out).is_dir():
        raise ArchiveError(f"{out}: no such folder; give the folder of an archive, e.g. forecasts")
    runs = list_runs(out, case)
    frames = []
    for row in rows_of(runs[runs["state"] == "complete"]):
        run = read_run(row["path"])
        wide = _with_intervals(run)
        for position, name in enumerate(("run_id", "case", "as_of", "created", "stamp", "quick", "gate_passed")):
            wide.insert(position, name, [row[name]] * len(wide))
        frames.append(wide)
    columns = ["run_id", "case", "as_of", "created", "stamp", "quick", "gate_passed", *_VALUE_COLUMNS]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


_VALUE_COLUMNS: Final = ("target", "horizon", "output_type", "output_type_id", "value", "low", "high", "mcse")


def _with_intervals(run: Run) -> pd.DataFrame:
    keys = ["target", "horizon", "output_type_id"]
    values = forecast_table(run.meta, run.tables)
    spread = interval_table(run.meta, run.tables)
    for column, kind, level in (("low", "quantile", "0.1"), ("high", "quantile", "0.9"), ("mcse", "mcse", "NA")):
        part = spread[(spread["output_type"] == kind) & (spread["output_type_id"] == level)]
        part = part[["target", "horizon", "category", "value"]].set_axis([*keys, column], axis=1)
        values = values.merge(part, on=keys, how="left", validate="one_to_one")
    return values[list(_VALUE_COLUMNS)]


def _run_folders(out: Path, case: str | None) -> Iterator[tuple[Path, str]]:
    cases = [out / case] if case is not None else sorted(path for path in out.glob("*") if path.is_dir())
    for base in cases:
        for folder in sorted([*base.glob("*"), *base.glob(f"{QUICK_FOLDER}/*")]):
            if folder.is_dir() and folder.name != QUICK_FOLDER:
                yield folder, base.name


def _describe(folder: Path, case: str) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(RUN_COLUMNS) | {"case": case, "run_id": folder.name, "path": folder}
    if not (folder / MANIFEST).exists():
        return row | {"state": "torn", "note": f"no {MANIFEST}: cut short, not a forecast"}
    try:
        manifest = read_manifest(folder)
    except ArchiveError as error:
        return row | {"state": "damaged", "note": str(error)}
    fields = ("run_id", "as_of", "created", "stamp", "quick", "gate_passed")
    return row | {name: getattr(manifest, name) for name in fields} | {"state": "complete", "note": ""}
