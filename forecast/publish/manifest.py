"""The manifest of an archived run: what it holds, the hash of every file, and its own digest."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import numpy as np
import pandas as pd
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from forecast.errors import ArchiveError
from forecast.publish.tables import Meta

SCHEMA_VERSION: Final = 1
MANIFEST: Final = "manifest.json"
POSTERIOR: Final = "posterior.nc"
THINNED: Final = "posterior.removed.json"
"""Beside the files of a run whose posterior was given up to save space (`publish.thin`)."""
NAME_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
IDENTITY: Final[tuple[str, ...]] = (
    "case", "as_of", "created", "quick", "seed", "record_hash", "panel_hash", "code_hash", "prior_hash",
)  # fmt: skip

Name = Annotated[str, Field(pattern=NAME_PATTERN)]


class FileEntry(BaseModel):
    """One file of a run: SHA-256 of its bytes, and their number."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=0)]


class TableEntry(BaseModel):
    """One table of a run: number of rows, and the kind of each column by name, in order."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    rows: Annotated[int, Field(ge=0)]
    columns: dict[str, Literal["date", "time", "int", "number", "bool", "text"]]


class Manifest(BaseModel):
    """Content of `manifest.json`; a folder without it is not a forecast."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    schema_version: Literal[1] = SCHEMA_VERSION
    run_id: Name
    case: Name
    as_of: dt.date
    information_cutoff: dt.date
    created: AwareDatetime
    stamp: Literal["prospective", "retrospective"]
    quick: bool
    gate_passed: bool
    meta: dict[str, JsonValue]
    tables: dict[str, TableEntry]
    files: dict[str, FileEntry]
    digest: str = ""

    def computed_digest(self) -> str:
        """SHA-256 of the manifest's content without its digest."""
        return _sha256(self.model_dump(mode="json", exclude={"digest"}))

    def sealed(self) -> Manifest:
        """Copy of the manifest that carries its digest."""
        return self.model_copy(update={"digest": self.computed_digest()})

    def text(self) -> str:
        """JSON text of the manifest."""
        return json.dumps(self.model_dump(mode="json"), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def run_id(meta: Meta) -> str:
    """Name of a run: `<as_of>_<created, UTC>_<8 hex digits of the hash of what identifies it>`.

    The hash covers case, as-of day, time of creation, quick or not, seed, the hashes of record, panel, code and priors,
    and the key of the run, if it has one: runs of one second that differ in a setting only have names of their own.
    """
    created = created_time(meta).strftime("%Y%m%dT%H%M%SZ")
    keyed = {"key": plain(meta["key"])} if "key" in meta else {}
    key = _sha256({name: plain(meta.get(name)) for name in IDENTITY} | keyed)
    return f"{pd.Timestamp(str(meta['as_of'])).date().isoformat()}_{created}_{key[:8]}"


def created_time(meta: Meta) -> dt.datetime:
    """Time of creation in UTC.

    Raises
    ------
    ArchiveError
        `created` is not an ISO time with a time zone.
    """
    try:
        moment = dt.datetime.fromisoformat(str(meta["created"]))
    except ValueError as error:
        raise ArchiveError(f"forecast meta created: {meta['created']!r} is not an ISO time; use e.g. "
                           "2026-10-09T18:30:00+00:00") from error  # fmt: skip
    if moment.tzinfo is None:
        raise ArchiveError(f"forecast meta created: {meta['created']!r} has no time zone; write it in UTC (+00:00)")
    return moment.astimezone(dt.UTC)


def build_manifest(meta: Meta, tables: dict[str, TableEntry], files: dict[str, FileEntry]) -> Manifest:
    """Sealed manifest of a run.

    Raises
    ------
    ArchiveError
        A value of `meta` is not of the kind asked for, or cannot be written as JSON.
    """
    document = plain(dict(meta))
    if not isinstance(document, dict):
        raise ArchiveError("forecast meta: it is not a mapping")
    fields = {
        name: document.get(name) for name in ("case", "as_of", "information_cutoff", "stamp", "quick", "gate_passed")
    }
    try:
        manifest = Manifest.model_validate(
            fields | {"run_id": document["run_id"], "created": created_time(meta), "meta": document}
            | {"tables": tables, "files": files}
        )  # fmt: skip
    except ValidationError as error:
        raise ArchiveError(f"forecast meta: {_first_problem(error)}; see docs/schema.md") from error
    return manifest.sealed()


def read_manifest(path: Path) -> Manifest:
    """Manifest of the run in folder `path`, with its digest checked.

    Raises
    ------
    ArchiveError
        The folder holds no manifest (not a forecast), or the manifest is damaged.
    """
    return check_digest(path / MANIFEST)


def what_else(folder: Path) -> str:
    """What a folder without a manifest is instead of a run, and the way out, in words."""
    if not folder.is_dir():
        return "as there is no such folder; name the folder of an archived run"
    if (folder / "record.yaml").is_file():
        return "as this is a record and no run; name it by --record, and the folder of an archived run here"
    runs = sorted(folder.glob(f"*/{MANIFEST}")) or sorted(folder.glob(f"*/*/{MANIFEST}"))
    if runs:
        newest = max(runs, key=lambda path: path.parent.name).parent
        return f"as this is a folder of {len(runs)} run{'s' if len(runs) > 1 else ''}; name one of them, e.g. {newest}"
    return "so this is not a finished forecast; if a run was cut short here, delete it"


def check_digest(file: Path) -> Manifest:
    """Manifest in a file, with its digest checked; raises as `read_manifest` does."""
    try:
        manifest = Manifest.model_validate_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ArchiveError(f"{file.parent}: no {file.name}, {what_else(file.parent)}") from error
    except OSError as error:
        raise ArchiveError(f"{file}: cannot be read ({error.strerror}); check its permissions") from error
    except (ValidationError, UnicodeDecodeError) as error:
        problem = _first_problem(error) if isinstance(error, ValidationError) else "not UTF-8"
        raise ArchiveError(f"{file}: damaged ({problem}); restore it from a copy") from error
    if manifest.digest != manifest.computed_digest():
        raise ArchiveError(
            f"{file}: its content does not match its digest; it was changed after publication; restore it from a copy"
        )
    return manifest


def file_sha256(file: Path) -> str:
    """SHA-256 of the bytes of a file, as hex digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def plain(value: Any) -> JsonValue:  # noqa: ANN401 - any value that a caller puts into the meta data
    """Value as plain JSON: dates as ISO text, NumPy scalars as numbers, NaN as null.

    Raises
    ------
    ArchiveError
        The value has no plain form.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return [plain(item) for item in value]
    raise ArchiveError(
        f"forecast meta: {value!r} ({type(value).__name__}) has no plain JSON form; give text or numbers"
    )


def _sha256(value: JsonValue) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "content"
    found = f", found {first['input']!r}" if where != "content" else ""
    return f"{where}: {first['msg']}{found}"[:300]
