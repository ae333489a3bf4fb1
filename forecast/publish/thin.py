"""Posteriors of old runs given up, to save space; forecasts, tables and reports are never touched."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Final, NamedTuple

from forecast.publish.archive import list_runs
from forecast.publish.lock import case_locked
from forecast.publish.manifest import POSTERIOR, THINNED, read_manifest
from forecast.publish.tables import Row, rows_of

KEEP: Final = 10
"""Newest runs of a case that keep their posterior by default."""


class Thinned(NamedTuple):
    """A posterior that was given up, or would be: its run and its size in bytes."""

    run: Path
    size: int


def thin(out: Path | str, *, keep: int = KEEP, case: str | None = None, only_tell: bool = False) -> list[Thinned]:
    """Remove the posteriors of all but the newest runs of each case, by as-of day.

    Kept as well are the posteriors of fits that a newer update came from. A note beside each removed one says what it
    was and when it went, so that the run still counts as whole.

    Parameters
    ----------
    out
        Folder of the archive.
    keep
        Number of runs of each case that keep theirs; quick runs are counted apart.
    case
        Only this case.
    only_tell
        Remove nothing.

    Raises
    ------
    ArchiveError
        A manifest is damaged, or the archive is in use.
    OSError
        The archive cannot be written.
    """
    runs = list_runs(out, case)
    found = []
    for (name, _), rows in runs[runs["state"] == "complete"].groupby(["case", "quick"], sort=True):
        with case_locked(out, str(name)):
            found += _of_case(rows_of(rows), keep, only_tell=only_tell)
    return found


def _of_case(rows: list[Row], keep: int, *, only_tell: bool) -> list[Thinned]:
    newest = rows[max(len(rows) - keep, 0) :]
    kept = {str(row["run_id"]) for row in newest}
    kept |= {str(read_manifest(row["path"]).meta.get("updated_from")) for row in newest}
    found = []
    for row in rows:
        file = Path(row["path"]) / POSTERIOR
        if str(row["run_id"]) in kept or not file.exists():
            continue
        found.append(Thinned(file.parent, file.stat().st_size))
        if not only_tell:
            entry = read_manifest(file.parent).files.get(POSTERIOR)
            now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
            note = {"file": POSTERIOR, "sha256": entry.sha256 if entry else "", "removed": now}
            (file.parent / THINNED).write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
            file.unlink()
    return found
