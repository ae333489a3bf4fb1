"""The verbs on an archive: report, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from forecast.errors import ArchiveError, UsageError
from forecast.verbs.options import CaseName, RecordFolder, say

ABOUT = "About the hub"

# Each verb imports what it needs itself: the libraries of the sampler are slow to load.


def report(
    run_folder: Annotated[Path | None, typer.Argument(help="Folder of an archived run.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="HTML file to write; report.html if no other file is asked for.")
    ] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="PDF file to write.")] = None,
    previous: Annotated[Path | None, typer.Option("--previous", help="Folder of the run to compare with.")] = None,
    index: Annotated[
        Path | None, typer.Option("--index", help="Folder of an archive: write its index.html over all runs.")
    ] = None,
) -> None:
    """Render the report of an archived run anew, as a page or as PDF, or the index of an archive; no run is changed."""
    from forecast.publish import compose_report, html_page, pdf_pages, read_run, write_index
    from forecast.publish.tables import readable_tables

    if index is not None:
        if not index.is_dir():
            raise ArchiveError(f"{index}: no such folder; give the folder of an archive, e.g. forecasts")
        Console(highlight=False).print(f"{escape(str(write_index(index)))}: written")
    if run_folder is None:
        if index is None:
            raise UsageError("no run is given: name the folder of an archived run, or an archive by --index")
        return
    archived = read_run(run_folder)
    tables, gone = readable_tables(archived.tables)
    before = None if previous is None else read_run(previous)
    document = compose_report(archived.meta, tables, before, notices=_other_version(gone))
    page = out or (Path("report.html") if pdf is None else None)
    if page is not None:
        page.write_text(html_page(document), encoding="utf-8")
    if pdf is not None:
        pdf.write_bytes(pdf_pages(document))
    for file in filter(None, (page, pdf)):
        Console(highlight=False).print(f"{escape(str(file))}: written from {escape(str(run_folder))}")


def export(
    archive: Annotated[Path, typer.Argument(help="Folder of an archive.")],
    out: Annotated[Path, typer.Option("--out", help="New folder for the hub.")],
    record: RecordFolder = None,
    case: CaseName = None,
    stamp: Annotated[
        str, typer.Option("--stamp", help="Only prospective, or only retrospective, forecasts; both by default.")
    ] = "",
    team: Annotated[
        str, typer.Option("--team", help="Abbreviation in file names: letters, digits, _.", rich_help_panel=ABOUT)
    ] = "crisis",
    name: Annotated[
        str, typer.Option("--name", help="Name of the hub.", rich_help_panel=ABOUT)
    ] = "Forecasts of coercive bargaining",
    maintainer: Annotated[
        str, typer.Option("--maintainer", help="Who keeps it.", rich_help_panel=ABOUT)
    ] = "crisis-forecast",
    email: Annotated[str, typer.Option("--email", help="Address of the one who keeps it.", rich_help_panel=ABOUT)] = "",
    repository: Annotated[
        str, typer.Option("--repository", help="owner/name on GitHub, if it is kept there.", rich_help_panel=ABOUT)
    ] = "",
    licence: Annotated[
        str, typer.Option("--license", help="Licence of the forecasts.", rich_help_panel=ABOUT)
    ] = "apache-2.0",
) -> None:
    """Write all forecasts of an archive as a hub of the hubverse: model output by model and round, tasks, what came.

    The inside view, the outside view, every baseline and pool are models of their own beside the published forecast.
    """
    from forecast.hubverse import export_hub
    from forecast.publish.hub_config import About

    if stamp not in ("", "prospective", "retrospective"):
        raise UsageError(f"--stamp {stamp!r}: write prospective or retrospective, or leave it out for both")
    about = About(team, name, maintainer, email, repository, licence)
    written = export_hub(archive, out, record=record, about=about, case=case, stamp=stamp)
    Console(highlight=False).print(
        f"{escape(str(written.folder))}: {len(written.rounds)} rounds, {len(written.models)} models, {written.rows} "
        f"values, {written.resolved} of the forecast events resolved",
        soft_wrap=True,
    )
    for note in written.notes:
        say.print(escape(note), soft_wrap=True)


def _other_version(gone: tuple[str, ...]) -> tuple[str, ...]:
    """What the page says of tables that had other columns when the run was made."""
    if not gone:
        return ()
    listed = ", ".join(gone)
    return (f"Made by another version, whose tables differ: left out here are {listed}. They stand in the archive.",)
