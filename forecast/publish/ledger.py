"""The ledger of an archive: one line a run, each sealed with the one before it, so that no run is lost or rewritten."""

from __future__ import annotations

import csv
import hashlib
import os
from pathlib import Path
from typing import Final, NamedTuple

from forecast.errors import ArchiveError
from forecast.publish.manifest import MANIFEST, read_manifest

LEDGER: Final = "ledger.csv"
COLUMNS: Final = ("run", "digest", "seal")


class Line(NamedTuple):
    """A run of the archive by its path in it, the digest of its manifest, and the seal over all lines so far."""

    run: str
    digest: str
    seal: str


def enter(out: Path | str, runs: list[Path]) -> None:
    """Add runs to the ledger that it does not hold; call it only with the lock of the archive held.

    A run that was archived, and whose process was killed before it could be entered, is entered with the next one.

    Raises
    ------
    OSError
        The archive cannot be written.
    """
    archive = Path(out)
    lines = read_ledger(archive)
    known, last = {line.run for line in lines}, lines[-1].seal if lines else ""
    fresh = []
    for folder in runs:
        name = folder.relative_to(archive).as_posix()
        if name in known or not (folder / MANIFEST).exists():
            continue
        try:
            digest = read_manifest(folder).digest
        except ArchiveError:
            continue  # damaged; `faults` says so
        last = _seal(last, name, digest)
        fresh.append(Line(name, digest, last))
    if not fresh:
        return
    text = "" if lines else ",".join(COLUMNS) + "\n"
    text += "".join(",".join(line) + "\n" for line in fresh)
    with (archive / LEDGER).open("ab") as file:
        file.truncate(_whole(archive / LEDGER))  # a last line that was cut short
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def read_ledger(out: Path | str) -> list[Line]:
    """Lines of the ledger, oldest first; none where there is no ledger. A last line cut short is left out."""
    file = Path(out) / LEDGER
    if not file.exists():
        return []
    text = file.read_bytes()[: _whole(file)].decode("utf-8", errors="replace")
    rows = list(csv.reader(text.splitlines()))
    return [Line(*row) for row in rows[1:] if len(row) == len(COLUMNS)]


def faults(out: Path | str) -> list[str]:
    """Where the runs of an archive are not those of its ledger: changed, gone, or a line of the ledger itself."""
    archive, told, last = Path(out), [], ""
    for number, line in enumerate(read_ledger(archive), start=2):
        seal = _seal(last, line.run, line.digest)
        if seal != line.seal:
            told.append(f"{archive / LEDGER} line {number}: its seal does not follow from the lines before it; the "
                        "ledger was changed; restore it from a copy")  # fmt: skip
        last = line.seal
        if not (archive / line.run / MANIFEST).exists():
            told.append(f"{archive / line.run}: this run stands in the ledger and is gone; restore it from a copy")
            continue
        try:
            digest = read_manifest(archive / line.run).digest
        except ArchiveError as error:
            told.append(str(error))
            continue
        if digest != line.digest:
            told.append(f"{archive / line.run / MANIFEST}: its digest is {digest[:12]}…, the ledger says "
                        f"{line.digest[:12]}…; the run was rewritten; restore it from a copy")  # fmt: skip
    return told


def _whole(ledger: Path) -> int:
    """Number of bytes of the lines that are whole."""
    return ledger.read_bytes().rfind(b"\n") + 1


def _seal(before: str, run: str, digest: str) -> str:
    return hashlib.sha256(f"{before}\n{run}\n{digest}".encode()).hexdigest()
