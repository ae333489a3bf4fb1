"""The index page of an archive: every run of every case, with links, and the ladder over time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pandas as pd

from forecast.errors import ArchiveError
from forecast.publish.archive import Run, list_runs, read_run
from forecast.publish.changes import OVERT
from forecast.publish.course import ladder_line_figure, nearest_horizon, wide_ladder
from forecast.publish.current import LATEST_PAGE, read_status
from forecast.publish.history import HASHED_UP_TO, history_table
from forecast.publish.page import NOTHING, Cell, Document, Grid, Link, Section, percent_cell, plate, words
from forecast.publish.report import html_page
from forecast.publish.tables import Row, is_blank, rows_of
from forecast.publish.wording import clean, day, days, percent, rung_name

INDEX: Final = "index.html"
FILES: Final = (("page", "report.html"), ("PDF", "report.pdf"), ("JSON", "forecast.json"))
TITLE: Final = "Archive of forecasts"
CLOSING: Final = "Made from the archive beside this page, and made anew after each run."
HEAD: Final = ("as of", "overt strike", "files", "checks", "remarks")


def write_index(out: Path | str) -> Path:
    """Write the index page of an archive into its folder, in one step, over the one that was there.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    target = Path(out) / INDEX
    temporary = target.with_name(f".{INDEX}-{os.getpid()}")
    temporary.write_text(index_page(out), encoding="utf-8")
    temporary.replace(target)
    return target


def index_page(out: Path | str) -> str:
    """HTML page over all runs of an archive, newest first; damaged ones are marked with the reason, none is left out.

    Tables and reports are checked by their hashes, large files (posteriors) by their size.

    Parameters
    ----------
    out
        Folder of the archive.
    """
    runs = list_runs(out)
    found = {str(case): rows_of(rows) for case, rows in runs.groupby("case", sort=True)}
    read = {case: {str(row["run_id"]): _read(row) for row in rows} for case, rows in found.items()}
    sections = [_case_section(Path(out), case, rows, read[case]) for case, rows in found.items()]
    now = [_current_section(Path(out), read)] if len(found) > 1 else []
    counts = f"{_count(len(runs), 'run')} of {_count(len(sections), 'case')}."
    lead = counts if sections else "No run yet."
    return html_page(
        Document("Archive of forecasts", "Archive of forecasts", (lead,), (*now, *sections), closing=CLOSING)
    )


def _current_section(out: Path, read: dict[str, dict[str, Run | str]]) -> Section:
    """What holds now in each case, where an archive has several: the last good forecast, and whether it is old."""
    lines = []
    for case, runs in read.items():
        good, status = _good(runs), read_status(out, case)
        link = (Link(_title(case, runs), f"#{_anchor(case)}"),)
        refused = status is not None and bool(status["refused"])
        told = Cell("not updated", tone="failed") if refused else Cell("up to date" if good else "no forecast yet")
        as_of = Cell(str(good[-1].meta["as_of"]), tone="number") if good else NOTHING
        page = (Link("page", f"./{quote(case)}/{LATEST_PAGE}"),) if (out / case / LATEST_PAGE).is_file() else ()
        shown = _strike_cell(good[-1]) if good else NOTHING
        lines.append((Cell("", links=link), as_of, shown, Cell("", links=page) if page else NOTHING, told))
    caption = "The last good forecast of each case. Overt strike: by either side, with the 80 % interval"
    grid = Grid("current", caption, ("case", "as of", "overt strike", "page", "state"), tuple(lines))
    return Section("current", "What holds now", grids=(grid,))


def _good(runs: dict[str, Run | str]) -> list[Run]:
    """Runs that were published, by as-of day and creation."""
    return [run for run in runs.values() if isinstance(run, Run) and run.meta["gate_passed"] and not run.meta["quick"]]


def _title(case: str, runs: dict[str, Run | str]) -> str:
    """The title of the case by its last good run, or by any that can be read."""
    titles = [str(run.meta["title"]) for run in (*runs.values(), *_good(runs)) if isinstance(run, Run)]
    return titles[-1] if titles else case


def _anchor(case: str) -> str:
    return "case-" + "".join(c if c.isalnum() else "-" for c in case)


def _case_section(out: Path, case: str, rows: list[Row], read: dict[str, Run | str]) -> Section:
    good, title = _good(read), _title(case, read)
    newest_first = sorted(rows, key=lambda row: str(row["run_id"]), reverse=True)
    lines = tuple(_line(out, row, read[str(row["run_id"])]) for row in newest_first)
    caption = f"Runs of {case}, newest as-of day first. Overt strike: by either side, with the 80 % interval"
    grid = Grid(f"runs-{case}", caption, HEAD, lines)
    status = read_status(out, case)
    told = (clean(status["text"]),) if status and status["refused"] else ()
    history = history_table([(run.meta, run.tables) for run in good])
    name = _anchor(case)
    if history["as_of"].nunique() < 2:
        return Section(name, title, told, grids=(grid,))
    horizon = nearest_horizon(history)
    picture = plate(
        ladder_line_figure(history, horizon),
        f"line-{name}",
        f"Ladder over time: {title}",
        line_alt(history, horizon),
        f"Outcomes within {days(horizon)}, as of {day(history['as_of'].min())} to {day(history['as_of'].max())}: "
        "settlement and standoff at the foot, the most severe on top. Only forecasts that passed their checks.",
    )
    return Section(name, title, told, plates=(picture,), grids=(grid,))


def line_alt(history: pd.DataFrame, horizon: int) -> str:
    """Tell the ladder of the first and of the last as-of day."""
    wide = wide_ladder(history, horizon)
    told = []
    for place in (0, -1):
        row = wide.iloc[place]
        shares = ", ".join(f"{rung_name(str(code))} {percent(float(row[code]), 0.005)}" for code in wide.columns)
        told.append(f"As of {day(wide.index[place].date())}: {shares}.")
    return f"Outcomes within {days(horizon)}. " + " ".join(told)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _read(row: Row) -> Run | str:
    """The run, or why it cannot be read."""
    if row["state"] != "complete":
        return f"{row['state']}: {row['note']}"
    try:
        run = read_run(row["path"], hashed_up_to=HASHED_UP_TO)
        for name in ("ladder", "quantities"):
            run.tables[name]
    except (ArchiveError, KeyError) as error:
        return f"damaged: {error}"
    return run


def _line(out: Path, row: Row, run: Run | str) -> tuple[Cell, ...]:
    if isinstance(run, str):
        as_of = str(row["run_id"]).partition("_")[0] if is_blank(row["as_of"]) else str(row["as_of"])
        why = Cell(clean(run.replace(f"{out}{os.sep}", "")), tone="failed")
        return (Cell(clean(as_of), note=_made(row)), NOTHING, NOTHING, Cell("not used", tone="failed"), why)
    meta = run.meta
    checks = ("passed", "passed") if meta["gate_passed"] else ("FAILED", "failed")
    return (
        Cell(str(row["as_of"]), note=_made(row)),
        _strike_cell(run),
        Cell("", links=_links(out, run)),
        Cell(checks[0], note=words(row["stamp"]), tone=checks[1]),
        Cell("quick: not for publication" if meta["quick"] else ""),
    )


def _made(row: Row) -> str:
    return "" if is_blank(row["created"]) else f"made {row['created']:%Y-%m-%d %H:%M} UTC"


def _strike_cell(run: Run) -> Cell:
    quantities = run.tables["quantities"]
    strikes = quantities[quantities["name"] == OVERT]
    if strikes.empty:
        return NOTHING
    horizon = nearest_horizon(strikes)
    cell = percent_cell(rows_of(strikes[strikes["horizon_days"] == horizon])[0])
    return Cell(cell.text, note=f"{cell.note} in {days(horizon)}", value=cell.value, tone=cell.tone)


def _links(out: Path, run: Run) -> tuple[Link, ...]:
    folder = "/".join(quote(part) for part in run.path.relative_to(out).parts)
    return tuple(Link(name, f"./{folder}/{file}") for name, file in FILES if (run.path / file).is_file())
