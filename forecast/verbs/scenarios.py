"""The verb scenario: what a changed record would say, the concession curve, and what to watch next."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from forecast.errors import ArchiveError
from forecast.verbs.options import CONTENT, MODEL, OUTPUT, RecordFolder, progress_line, say

if TYPE_CHECKING:
    import pandas as pd

    from forecast.scenarios import ScenarioResult

# Each verb imports what it needs itself: the libraries of the sampler are slow to load.
MOST = 8
LEVELS = ("none", "1", "2", "3", "3, deal")


def scenario(
    file: Annotated[
        Path | None,
        typer.Argument(help="File of scenarios (YAML); scenarios.yaml of the record by default.", exists=True),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option("--run", help="Archived run that is the base; by default the last good one in the archive."),
    ] = None,
    record: RecordFolder = None,
    archive: Annotated[Path, typer.Option("--archive", help="Archive in which the base is looked for.")] = Path(
        "forecasts"
    ),
    out: Annotated[Path, typer.Option("--out", help="Folder for the tables (CSV).", rich_help_panel=OUTPUT)] = Path(
        "scenarios"
    ),
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", help="Also write the report of the base with these tables (HTML).", rich_help_panel=OUTPUT
        ),
    ] = None,
    json_file: Annotated[
        str | None,
        typer.Option(
            "--json", help="Also write the tables as JSON to a file; - for standard output.", rich_help_panel=OUTPUT
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the simulated futures.", rich_help_panel=MODEL)] = 1,
    *,
    curve: Annotated[
        bool,
        typer.Option(
            "--curve/--no-curve",
            help="Chance of a strike by the level of concession, for both sides.",
            rich_help_panel=CONTENT,
        ),
    ] = True,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch/--no-watch", help="Which next move would move the forecast most.", rich_help_panel=CONTENT
        ),
    ] = True,
) -> None:
    """Compare scenarios with an archived forecast, on common random numbers; no fit, about a minute."""
    from forecast.publish import compose_report, html_page, read_run
    from forecast.publish.tables import readable_tables
    from forecast.scenarios import scenario as compare

    base = run or _last_run(archive)
    line = progress_line()
    found = compare(
        base, file, record=record, concessions=curve, next_moves=watch, seed=seed,
        progress=lambda text: line("scenario", text),
    )  # fmt: skip
    written = found.save(out)
    if report is not None:
        archived = read_run(base)
        tables, _ = readable_tables(archived.tables)
        document = compose_report(archived.meta, {**tables, **found.tables})
        report.write_text(html_page(document), encoding="utf-8")
        written.append(report)
    if json_file is not None:
        _write_json(found, json_file)
    if json_file != "-":
        _show(found)
    say.print(f"Written: {', '.join(escape(str(path)) for path in written)}", soft_wrap=True)


def _last_run(archive: Path) -> Path:
    """The last good forecast of an archive."""
    from forecast.publish import list_runs

    runs = list_runs(archive)
    good = runs[(runs["state"] == "complete") & (runs["gate_passed"] == True) & (runs["quick"] == False)]  # noqa: E712
    if good.empty:
        raise ArchiveError(
            f"{archive}: no forecast to compare with; make one with `forecast run`, or name one by --run"
        )
    return good.sort_values(["as_of", "created"])["path"].iloc[-1]


def _write_json(found: ScenarioResult, file: str) -> None:
    tables = {name: json.loads(table.to_json(orient="records")) for name, table in found.tables.items()}
    text = json.dumps({**found.meta, **tables}, indent=1) + "\n"
    if file == "-":
        sys.stdout.write(text)
    else:
        Path(file).write_text(text, encoding="utf-8")


def _show(found: ScenarioResult) -> None:
    import pandas as pd

    from forecast.publish.scenario_figure import move_name, near_horizon, top_moves
    from forecast.publish.tables import rows_of

    out = Console(highlight=False)
    if "scenarios" in found.tables:
        horizon = near_horizon(found.tables["scenarios"])
        out.print(_table(f"Within {horizon} days: without → with the scenario (points)", found.wide()))
        notes = found.tables["scenarios"].query("note != ''").drop_duplicates("scenario")
        for name, note in zip(notes["scenario"], notes["note"], strict=True):
            out.print(escape(f"{name}: {note}"), soft_wrap=True)
    if "concessions" in found.tables:
        out.print(_table("Chance of a strike within 90 days, by the level conceded before", _curve(found)))
    if "next_moves" in found.tables:
        names = {side: str(found.meta[f"side_{side}_short"]) for side in ("a", "b")}
        rows = {
            f"{names[row['side']]}: {move_name(row)}": {
                "points": f"{100 * row['expected_change']:.1f}",
                "most telling": f"{row['wording']} ({100 * row['chance']:.0f} %, {100 * row['shift']:+.1f})",
            }
            for row in rows_of(top_moves(found.tables["next_moves"]).head(MOST))
        }
        title = "What to watch next: expected change of the chance of a strike within 30 days, in points"
        out.print(_table(title, pd.DataFrame(rows).T))


def _curve(found: ScenarioResult) -> pd.DataFrame:
    import pandas as pd

    from forecast.publish.tables import rows_of

    names = {side: str(found.meta[f"side_{side}_short"]) for side in ("a", "b")}
    lines: dict[str, dict[str, str]] = {}
    for row in rows_of(
        found.tables["concessions"].query("horizon_days == 90 and name in ('p_strike_a', 'p_strike_b')")
    ):
        who = f"{names[row['side']]} concedes, strike by {names[row['name'][-1]]}"
        value = row["probability"]
        lines.setdefault(who, {})[LEVELS[row["level"]]] = "–" if pd.isna(value) else f"{100 * value:.0f} %"
    return pd.DataFrame(lines).T


def _table(title: str, frame: pd.DataFrame) -> Table:
    table = Table("", *map(str, frame.columns), title=title, title_justify="left", box=None)
    for label, *cells in frame.itertuples():
        table.add_row(escape(str(label)), *(escape(str(cell)) for cell in cells))
    return table
