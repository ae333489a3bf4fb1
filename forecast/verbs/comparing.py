"""The verb compare: what moved between two archived forecasts of a case, and why."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from forecast.verbs.options import OUTPUT, RecordFolder, progress_line, say

if TYPE_CHECKING:
    from forecast.movers import Comparison
    from forecast.publish import Run

# Each verb imports what it needs itself: the libraries of the sampler are slow to load.


def compare(
    before: Annotated[Path, typer.Argument(help="Folder of the earlier run.")],
    after: Annotated[Path, typer.Argument(help="Folder of the later run, of the same case.")],
    record: RecordFolder = None,
    horizon: Annotated[
        int | None, typer.Option("--horizon", help="Days ahead that are shown; the one nearest to 30 by default.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="CSV file for the whole table.", rich_help_panel=OUTPUT)
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", help="Also write the report of the later run with this part (HTML).", rich_help_panel=OUTPUT
        ),
    ] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="The same as PDF.", rich_help_panel=OUTPUT)] = None,
    json_file: Annotated[
        str | None,
        typer.Option(
            "--json", help="Also write the table as JSON to a file; - for standard output.", rich_help_panel=OUTPUT
        ),
    ] = None,
) -> None:
    """Split the change between two forecasts: corrected rows, time, model, refit, each new row; no fit, half a minute.

    The parts add up to the change, at every horizon and rung. What each is, and is not:
    docs/how-to/what-moved-a-forecast.md.
    """
    from forecast.movers import compare as compared
    from forecast.publish import read_run

    line = progress_line()
    runs = read_run(before), read_run(after)
    found = compared(*runs, record=record, progress=lambda text: line("compare", text))
    chosen = _horizon(found, horizon)
    written = []
    if out is not None:
        found.to_dataframe().to_csv(out, index=False, lineterminator="\n")
        written.append(out)
    if report is not None or pdf is not None:
        written += _report(found, runs[1], runs[0], report, pdf)
    if json_file is not None:
        text = json.dumps({**found.meta, "movers": json.loads(
            found.to_dataframe().to_json(orient="records", date_format="iso"))}, indent=1) + "\n"  # fmt: skip
        if json_file == "-":
            sys.stdout.write(text)
        else:
            Path(json_file).write_text(text, encoding="utf-8")
            written.append(Path(json_file))
    if json_file != "-":
        _show(found, chosen)
    if written:
        say.print(f"Written: {', '.join(escape(str(path)) for path in written)}", soft_wrap=True)


def _horizon(found: Comparison, wanted: int | None) -> int:
    from forecast.publish.scenario_figure import near_horizon
    from forecast.publish.tables import horizons_of

    table = found.to_dataframe()
    if wanted is None:
        return near_horizon(table)
    if wanted not in horizons_of(table):
        listed = ", ".join(map(str, horizons_of(table)))
        raise typer.BadParameter(f"--horizon {wanted} is none that both forecasts have; choose from {listed}")
    return wanted


def _report(found: Comparison, run: Run, previous: Run, page: Path | None, pdf: Path | None) -> list[Path]:
    """The report of the later run beside the earlier one, with what moved it."""
    from forecast.publish import compose_report, html_page, pdf_pages, run_id
    from forecast.publish.tables import readable_tables

    tables, _ = readable_tables(run.tables)
    since = {"movers_since": str(previous.meta.get("run_id") or run_id(previous.meta))}
    document = compose_report({**run.meta, **since}, {**tables, "movers": found.to_dataframe()}, previous)
    if page is not None:
        page.write_text(html_page(document), encoding="utf-8")
    if pdf is not None:
        pdf.write_bytes(pdf_pages(document))
    return [path for path in (page, pdf) if path is not None]


def _show(found: Comparison, horizon: int) -> None:
    from forecast.movers import at_horizon
    from forecast.publish.tables import rows_of
    from forecast.publish.waterfall import ends, part_name
    from forecast.publish.wording import points

    rows = at_horizon(found.to_dataframe(), horizon)
    names = list(dict.fromkeys(rows["name"]))
    before, after = (found.meta[name]["as_of"] for name in ("before", "after"))
    told = ends(rows, horizon_days=horizon)
    title = (
        f"{found.meta['title']}, from {before} to {after}: change within {horizon} days, in percentage points\n"
        f"an overt strike: {told[0]} then, {told[1]} now"
    )
    table = Table("", *(name.replace("p_strike", "strike") for name in names), title=escape(title),
                  title_justify="left", box=None)  # fmt: skip
    for _, part in rows.groupby("part", sort=True):
        lines = rows_of(part)
        cells = {row["name"]: points(row["difference"], row["mcse"]) for row in lines}
        table.add_row(escape(part_name(lines[0])), *(cells[name] for name in names))
    whole = rows.drop_duplicates("name").set_index("name")
    total = whole["now"] - whole["before"]
    error = (whole["mcse_now"] ** 2 + whole["mcse_before"] ** 2) ** 0.5
    table.add_section()
    table.add_row("[bold]in all[/]", *(points(total[name], error[name]) for name in names))
    out = Console(highlight=False)
    out.print(table)
    for note in sorted(set(rows["note"]) - {""}):
        out.print(escape(note), soft_wrap=True)
