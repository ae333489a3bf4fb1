"""Archive a forecast with its reports, or refuse it with reasons."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast.errors import GateError, ReportError
from forecast.inference.fit import save_posterior
from forecast.outlook.forecast import Forecast
from forecast.provenance import peak_memory
from forecast.publish import compose_report, html_page, json_document, pdf_pages, previous_run, run_id, write_run
from forecast.publish.changes import compared
from forecast.publish.history import history_of
from forecast.publish.index import write_index

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import xarray as xr

    from forecast.publish.page import Document


@dataclass(frozen=True)
class Published:
    """A forecast that passed (or a quick one), and the folder it was archived in."""

    forecast: Forecast
    folder: Path


def release(
    forecast: Forecast,
    tree: xr.DataTree,
    out: Path | str,
    *,
    began: float,
    progress: Callable[[str, str], None],
) -> Published:
    """Archive a forecast if it passed the gate, or is a quick one.

    Parameters
    ----------
    forecast, tree
        The forecast and its posterior.
    out
        Folder of the archive.
    began
        `time.perf_counter()` when the run began.
    progress
        Called with the name of the stage and a line of text.

    Raises
    ------
    GateError
        The gate failed: nothing was written.
    ArchiveError
        The archive cannot be written.
    """
    if not forecast.passed and not forecast.meta["quick"]:
        raise gate_failure(forecast)
    meta = dict(forecast.meta)
    meta["run_id"] = run_id(meta)
    earlier = previous_run(out, meta["case"], meta["as_of"], meta["created"])
    meta["wall_seconds"] = meta["wall_seconds"] | {"total": round(time.perf_counter() - began, 2)}
    meta["peak_memory_mib"] = peak_memory()
    told, tables = compared(meta, forecast.tables, earlier)
    forecast = Forecast(dict(told), {**tables, "history": history_of(out, meta, tables)})
    meta = forecast.meta
    document = compose_report(meta, forecast.tables)
    files = {
        "report.html": html_page(document),
        **_pdf(document, progress),
        "forecast.json": json.dumps(json_document(meta, forecast.tables), indent=1) + "\n",
        "posterior.nc": lambda path: save_posterior(tree, path),
    }
    folder = write_run(out, meta, forecast.tables, extra_files=files)
    progress("archive", str(folder))
    try:
        progress("archive", f"index: {write_index(out)}")
    except OSError as error:
        progress("archive", f"no index of the archive: {error}")
    return Published(forecast, folder)


def _pdf(document: Document, progress: Callable[[str, str], None]) -> dict[str, bytes]:
    """The PDF as a file of the run; a forecast is not held back because its PDF cannot be typeset."""
    try:
        return {"report.pdf": pdf_pages(document)}
    except ReportError as error:
        progress("report", f"no PDF: {error}")
        return {}


def gate_failure(forecast: Forecast) -> GateError:
    """The error that says which quantities failed the gate and what to try."""
    failed = forecast.tables["gate"].query("not passed")
    lines = [f"- {r.check}: {r.value:.4g}, wanted {r.threshold} ({r.where}); {r.advice}" for r in failed.itertuples()]
    return GateError(
        f"{forecast.meta['title']}, as of {forecast.meta['as_of']}: the gate refused publication; nothing was "
        "archived and the last good forecast stays current.\n" + "\n".join(lines)
    )
