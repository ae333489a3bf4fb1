"""The verbs of a desk that keeps an archive: score."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from forecast.errors import ArchiveError
from forecast.verbs.options import CaseName, RecordFolder, day_of, say


def score(
    archive: Annotated[Path, typer.Argument(help="Folder of an archive.")] = Path("forecasts"),
    record: RecordFolder = None,
    case: CaseName = None,
    known_by: Annotated[
        str | None, typer.Option("--known-by", help="Only what was known by this day (YYYY-MM-DD); all by default.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for scores, windows and answers (CSV).")] = None,
) -> None:
    """Resolve archived forecasts and their questions by the record as it stands: what is open, void, and how they did.

    Forecasts of a day count once: the first that preceded the outcome, or else the last. Nothing is archived anew.
    """
    from forecast.record import read_record, with_reference
    from forecast.record.acts import find_case
    from forecast.scorecard import scorecard

    if not archive.is_dir():
        raise ArchiveError(f"{archive}: no such folder; give the folder of an archive, e.g. forecasts")
    own = read_record(record)
    name = find_case(own, case).episode_id
    card = scorecard(archive, with_reference(own), name, known_by=day_of(known_by))
    tables = {"scores": card.scores, "windows": card.windows, "answers": card.questions}
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for title, table in tables.items():
            table.to_csv(out / f"{title}.csv", index=False, lineterminator="\n")
    shown = card.scores.drop(columns=["difference_low", "difference_high"])
    text = shown.to_string(index=False, float_format=lambda v: f"{v:.3f}") if len(shown) else "No forecast to score."
    Console(highlight=False, width=200).print(escape(text), soft_wrap=True)
    windows = card.windows.drop_duplicates(["run_id", "horizon_days"])
    for what, table in (("windows of the ladder", windows), ("questions", card.questions)):
        counts = ", ".join(f"{number} {state}" for state, number in table["state"].value_counts().items())
        say.print(f"{name}: {len(table)} {what}: {counts or 'none'}")
