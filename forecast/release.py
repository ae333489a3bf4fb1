"""Archive a forecast with its reports, once for each key, or refuse it with reasons."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.errors import GateError, ReportError
from forecast.inference.fit import save_posterior
from forecast.outlook.forecast import Forecast
from forecast.provenance import peak_memory
from forecast.publish import compose_report, html_page, json_document, pdf_pages, previous_run, run_id, write_run
from forecast.publish.archive import find_run
from forecast.publish.changes import compared
from forecast.publish.current import Refusal, write_current
from forecast.publish.gallery import plot
from forecast.publish.history import history_of
from forecast.publish.index import write_index
from forecast.publish.lock import case_locked, locked
from forecast.publish.write import disk_errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure

    from forecast.publish.page import Document


@dataclass(frozen=True)
class Published:
    """A forecast that passed (or a quick one), the folder it lies in, and whether it was computed now."""

    forecast: Forecast
    folder: Path
    computed: bool = True

    def to_dataframe(self, name: str = "ladder") -> pd.DataFrame:
        """One of the tables of the forecast, the ladder by default."""
        return self.forecast.to_dataframe(name)

    def plot(self, name: str = "ladder") -> Figure:
        """Draw one of the tables (see `forecast.plot`)."""
        return plot(self.forecast, name)

    def _repr_html_(self) -> str:
        return f"{self.forecast._repr_html_()}<p>{escape(str(self.folder))}</p>"


def archived(
    out: Path | str, case: str, day: date, key: str, progress: Callable[[str, str], None], *, quick: bool
) -> Published | None:
    """The archived forecast with a key (`stages.key_of`), if there is one that is whole."""
    run = find_run(out, case, day, key, quick=quick)
    if run is None:
        return None
    progress("archive", f"{run.path}: already there, from the same inputs, code, priors and seed (--again computes it "
                        "anew)")  # fmt: skip
    return Published(Forecast(dict(run.meta), dict(run.tables)), run.path, computed=False)


def release(
    made: Callable[[], tuple[Forecast, xr.DataTree]],
    out: Path | str,
    case: str,
    day: date,
    key: str,
    *,
    quick: bool,
    again: bool,
    index: bool = True,
    began: float,
    progress: Callable[[str, str], None],
) -> Published:
    """Compute a forecast and archive it if it passed the gate, or is a quick one; the same one is computed once.

    Two runs with one key that are asked for at the same time wait for each other: the second finds the first one's.

    Parameters
    ----------
    made
        Computes the forecast and its posterior.
    out
        Folder of the archive.
    case, day, key, quick
        Which forecast it is.
    again
        Whether to compute it though it is in the archive.
    index
        Whether to renew the index page, which reads every run of the archive.
    began
        `time.perf_counter()` when the run began.
    progress
        Called with the name of the stage and a line of text.

    Raises
    ------
    GateError
        The gate failed: no forecast was archived; `latest.html` and `status.json` of the case say so.
    ArchiveError
        The archive cannot be written.
    """
    with disk_errors(Path(out)), locked(out, f"run-{case}-{key[0]}", wait=-1):
        found = None if again else archived(out, case, day, key, progress, quick=quick)
        if found is not None:
            return found
        forecast, tree = made()
        if not forecast.passed and not quick:
            error = gate_failure(forecast)
            refuse(out, case, Refusal.of(day, forecast.meta["created"], _failed(forecast)), progress, index=index)
            raise error
        with case_locked(out, case):
            made_now = _write(forecast, tree, out, began, progress)
            _pages(out, case, None, progress, index=index)
            return made_now


def refuse(
    out: Path | str, case: str, refusal: Refusal, progress: Callable[[str, str], None], *, index: bool = True
) -> None:
    """Tell in the archive that a forecast was refused, and that the last good one stays current."""
    with disk_errors(Path(out)), case_locked(out, case):
        _pages(out, case, refusal, progress, index=index)


def _write(
    forecast: Forecast, tree: xr.DataTree, out: Path | str, began: float, progress: Callable[[str, str], None]
) -> Published:
    """Archive a forecast beside those before it, with its reports; the lock of the case must be held."""
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
    return Published(forecast, folder)


def _pages(
    out: Path | str, case: str, refusal: Refusal | None, progress: Callable[[str, str], None], *, index: bool
) -> None:
    """Renew what may change in an archive: what is current in a case, and the index."""
    try:
        write_current(out, case, refusal)
        if index:
            with locked(out):
                progress("archive", f"index: {write_index(out)}")
    except OSError as error:
        progress("archive", f"the index, or what is current, could not be written: {error}")


def _pdf(document: Document, progress: Callable[[str, str], None]) -> dict[str, bytes]:
    """The PDF as a file of the run; a forecast is not held back because its PDF cannot be typeset."""
    try:
        return {"report.pdf": pdf_pages(document)}
    except ReportError as error:
        progress("report", f"no PDF: {error}")
        return {}


def gate_failure(forecast: Forecast) -> GateError:
    """The error that says which quantities failed the gate and what to try."""
    lines = "\n".join(f"- {line}" for line in _failed(forecast))
    return GateError(
        f"{forecast.meta['title']}, as of {forecast.meta['as_of']}: the gate refused publication; no forecast was "
        f"archived and the last good forecast stays current.\n{lines}"
    )


def _failed(forecast: Forecast) -> tuple[str, ...]:
    """The failed checks of a forecast, and what to try."""
    failed = forecast.tables["gate"].query("not passed")
    return tuple(f"{r.check}: {r.value:.4g}, wanted {r.threshold} ({r.where}); {r.advice}" for r in failed.itertuples())
