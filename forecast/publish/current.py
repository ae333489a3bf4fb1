"""What is current in a case: its last good forecast, with the reason where a later one was refused."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd

from forecast.errors import ArchiveError
from forecast.publish.archive import Run, list_runs, read_run
from forecast.publish.compose import compose_report
from forecast.publish.report import html_page
from forecast.publish.summary import json_document
from forecast.publish.tables import rows_of
from forecast.publish.wording import day

STATUS: Final = "status.json"
LATEST_PAGE: Final = "latest.html"
LATEST_DOCUMENT: Final = "latest.json"


class Refusal(NamedTuple):
    """A forecast that was not published: its as-of day, when it was computed, and why it was refused."""

    as_of: str
    created: str
    reasons: tuple[str, ...]

    @classmethod
    def of(cls, as_of: object, created: object, reasons: Iterable[str]) -> Refusal:
        """From any form of the day and the time."""
        made = pd.Timestamp(str(created)).isoformat(timespec="seconds")
        return cls(str(as_of)[:10], made, tuple(reasons))


def write_current(out: Path | str, case: str, refusal: Refusal | None = None) -> dict[str, Any]:
    """Renew `status.json`, `latest.html` and `latest.json` of a case; unlike runs, these change.

    A refusal stands until a forecast as of its day or a later one is archived.

    Parameters
    ----------
    out, case
        Archive folder and id of the case.
    refusal
        The forecast that was refused just now; None after one was archived.

    Returns
    -------
    dict
        What `status.json` says: `case`, `current` (run id, as-of day and creation of the last good forecast, or null),
        `refused` (as_of, created, reasons, or null), `text`.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    folder = Path(out) / case
    run = last_good(out, case)
    before = read_status(out, case)
    standing = refusal or (Refusal(**(before["refused"])) if before and before["refused"] else None)
    if standing is not None and run is not None and not _stands(standing, run, fresh=refusal is not None):
        standing = None
    status = _status(case, run, standing)
    folder.mkdir(parents=True, exist_ok=True)
    if run is not None:
        document = json_document(run.meta, run.tables) | {"status": status}
        _replace(folder / LATEST_PAGE, _page(run, status))
        _replace(folder / LATEST_DOCUMENT, json.dumps(document, indent=1) + "\n")
    _replace(folder / STATUS, json.dumps(status, indent=1, ensure_ascii=False) + "\n")
    return status


def read_status(out: Path | str, case: str) -> dict[str, Any] | None:
    """What `status.json` of a case says; None where there is none that can be read."""
    try:
        found = json.loads((Path(out) / case / STATUS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and {"current", "refused", "text"} <= set(found) else None


def last_good(out: Path | str, case: str) -> Run | None:
    """The archived forecast of a case with the latest as-of day that passed the gate; not quick, and whole."""
    rows = [row for row in rows_of(list_runs(out, case)) if row["state"] == "complete"]
    for row in reversed([row for row in rows if row["gate_passed"] and not row["quick"]]):
        try:
            return read_run(row["path"])
        except ArchiveError:
            continue  # the index names damaged runs, with the reason
    return None


def _stands(refusal: Refusal, run: Run, *, fresh: bool) -> bool:
    """Whether a refusal is news beside the last good forecast: as of a later day, or of the same and just now."""
    as_of = str(run.meta["as_of"])[:10]
    return refusal.as_of > as_of or (fresh and refusal.as_of == as_of)


def _status(case: str, run: Run | None, refusal: Refusal | None) -> dict[str, Any]:
    current = None if run is None else {key: str(run.meta[key]) for key in ("run_id", "as_of", "created")}
    since = "No forecast has been published" if run is None else f"Not updated since {day(run.meta['as_of'])}"
    text = "" if run is None else f"Updated as of {day(run.meta['as_of'])}."
    if refusal is not None:
        reasons = "; ".join(refusal.reasons)
        text = f"{since}: the forecast as of {day(refusal.as_of)} was refused ({reasons})."
    refused = None if refusal is None else refusal._asdict() | {"reasons": list(refusal.reasons)}
    return {"case": case, "current": current, "refused": refused, "text": text}


def _page(run: Run, status: dict[str, Any]) -> str:
    """The report of a run; rendered anew only where a warning must stand at its head."""
    archived = run.path / "report.html"
    if status["refused"] is None and archived.exists():
        return archived.read_text(encoding="utf-8")
    notices = (status["text"],) if status["refused"] else ()
    return html_page(compose_report(run.meta, run.tables, notices=notices))


def _replace(file: Path, text: str) -> None:
    temporary = file.with_name(f".{file.name}-{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(file)
