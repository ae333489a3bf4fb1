"""The folder of a back-test: files that appear whole or not at all, parts that are joined, settings that must agree."""

from __future__ import annotations

import json
import os
import platform
import uuid
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pandas as pd

from forecast.errors import UsageError
from forecast.evaluation.benchmarks.publish import code_version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

MANIFEST: Final = "backtest.json"
KINDS: Final = ("forecasts", "facts")
_PACKAGES: Final = ("crisis-forecast", "numpy", "pandas", "scipy", "scikit-learn", "pymc", "pytensor", "nutpie")


class Part(NamedTuple):
    """Some origins of one case in a row: the number of the part, and how many the case has."""

    case: str
    number: int
    of: int
    days: tuple[date, ...]


def open_folder(out: Path, identity: Mapping[str, Any], now: datetime) -> None:
    """Make the folder of a back-test, or go on with one of the same record and settings.

    Raises
    ------
    UsageError
        It holds another back-test, or other files.
    """
    manifest = out / MANIFEST
    if manifest.exists():
        held = read_manifest(out)
        other = [name for name, value in identity.items() if held.get(name) != value]
        if other:
            raise UsageError(
                f"{out}: holds a back-test of another {' and '.join(other).replace('_', ' ')} "
                f"({ {name: held.get(name) for name in other} }); give another --out, or delete the folder"
            )
        return
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out}: is not empty and holds no back-test ({MANIFEST} is missing); give another --out")
    versions = {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}
    document = {**identity, "began": now.isoformat(timespec="seconds"), "code": code_version(), "versions": versions}
    out.mkdir(parents=True, exist_ok=True)
    _whole(manifest, json.dumps(document, indent=1) + "\n")


def read_manifest(out: Path) -> dict[str, Any]:
    """Return what a folder says of its back-test.

    Raises
    ------
    UsageError
        There is none, or it cannot be read.
    """
    try:
        return json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{out}: holds no back-test that can be read ({error}); run `forecast backtest` first"
        ) from error


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV with all digits, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _whole(path, table.to_csv(index=False, lineterminator="\n"))


def write_text(path: Path, text: str) -> None:
    """Write a text, whole or not at all."""
    _whole(path, text)


def finished(out: Path, case: str) -> bool:
    """Whether a case has all its files."""
    return all((out / kind / f"{case}.csv").exists() for kind in KINDS)


def part_file(out: Path, kind: str, part: Part) -> Path:
    """File of a part, until its case is whole."""
    return out / "parts" / f"{kind}-{part.case}-{part.number}-of-{part.of}.csv"


def gather(out: Path, parts: Sequence[Part]) -> None:
    """Join the parts of one case to its files if all are there, and take them away."""
    if not all(part_file(out, kind, part).exists() for kind in KINDS for part in parts):
        return
    for kind in KINDS[::-1]:
        text = [part_file(out, kind, part).read_text(encoding="utf-8") for part in parts]
        _whole(out / kind / f"{parts[0].case}.csv", text[0] + "".join(one.partition("\n")[2] for one in text[1:]))
    for part in parts:
        for kind in KINDS:
            part_file(out, kind, part).unlink()
    if not any((out / "parts").iterdir()):
        (out / "parts").rmdir()


def read_all(out: Path, kind: str = "forecasts") -> pd.DataFrame:
    """Read the files of all finished cases as one table.

    Raises
    ------
    UsageError
        There are none.
    """
    files = sorted((out / kind).glob("*.csv"))
    if not files:
        raise UsageError(f"{out}: holds no finished case; run `forecast backtest --out {out}` first")
    return pd.concat([pd.read_csv(file, keep_default_na=False) for file in files], ignore_index=True)


def _whole(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
