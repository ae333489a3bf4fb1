"""Studies on published data: what its history adds to the priors, and whether threats carried out are believed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from forecast.studies.options import Folder, RecordFolder, Table, say

# Each study imports what it needs itself: the libraries of the sampler are slow to load.


def history(
    out: Folder,
    corpora: Annotated[
        Path | None, typer.Option("--corpora", help="Folder with a folder mie, to score it too.")
    ] = None,
    summary: Annotated[Path | None, typer.Option("--history-file", help="Summary by `forecast pretrain`.")] = None,
    record: RecordFolder = None,
    without: Annotated[str, typer.Option(help="Case whose crises are left out.")] = "us-iran",
) -> None:
    """Score past crises kept back under priors with more and less of published history, and the ladders they imply."""
    from forecast.evaluation.independence import ladders_of_history
    from forecast.evaluation.powers import study as score
    from forecast.model.learned import read_history
    from forecast.record import read_record
    from forecast.record.panel import build_panel

    source = read_record(record)
    learned = read_history(summary)
    last = learned.cut_offs[-1].as_of
    out.mkdir(parents=True, exist_ok=True)
    panel = build_panel(source, source.config.covered_until or date.today(), reference=False)  # noqa: DTZ011
    ladders_of_history(panel, learned, last).to_csv(out / "ladders.csv", index=False)
    table, compared = score(source, learned, corpora, without=without, progress=say.print)
    table.to_csv(out / "crises.csv", index=False)
    compared.to_csv(out / "powers.csv", index=False)
    typer.echo(compared.to_string(index=False, float_format=lambda v: f"{v:.3f}"))


def threats(
    data: Annotated[Path, typer.Argument(help="TIES 4, the publisher's CSV file.")],
    out: Table,
) -> None:
    """Do threats carried out make later threats believed? Sanction threats as a check on the weights of credibility."""
    from forecast.evaluation.threats import read_threats, weights_of_threats

    table = weights_of_threats(read_threats(data))
    table.to_csv(out, index=False)
    typer.echo(table.round(2).to_string(index=False))
