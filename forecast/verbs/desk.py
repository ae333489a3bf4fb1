"""The verbs of a desk that keeps an archive: schedule, watch, score, doctor, thin."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from forecast.errors import ArchiveError
from forecast.verbs.options import CaseName, JsonFile, Out, RecordFolder, day_of, say

if TYPE_CHECKING:
    from forecast.schedule import Outcome


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


def doctor(
    archive: Annotated[Path | None, typer.Argument(help="Folder of an archive; without one only the machine.")] = None,
    record: RecordFolder = None,
    json_file: JsonFile = None,
) -> None:
    """Look at the machine, the record and an archive: every hash, the ledger, what is missing; nothing is changed.

    Exit code 4 says that there is a fault, 0 that there is none; warnings do not count.
    """
    from forecast.doctor import examine

    found = examine(archive, record)
    to = say if json_file == "-" else Console(highlight=False)
    colours = {"well": "green", "warning": "yellow", "fault": "bold red"}
    for one in found:
        to.print(f"[{colours[one.state]}]{one.state:<8}[/]{one.about}: {escape(one.what)}: {escape(one.told)}",
                 soft_wrap=True)  # fmt: skip
    if json_file is not None:
        write_text(json.dumps([one._asdict() for one in found], indent=1) + "\n", json_file)
    faults = [one for one in found if one.state == "fault"]
    if faults:
        raise ArchiveError(f"{len(faults)} fault{'s' if len(faults) > 1 else ''} found; each is told above")


def thin(
    archive: Annotated[Path, typer.Argument(help="Folder of an archive.")],
    keep: Annotated[int, typer.Option("--keep", help="Newest runs of a case that keep their posterior.", min=0)] = 10,
    case: CaseName = None,
    *,
    only_tell: Annotated[bool, typer.Option("--dry-run", help="Tell what would go; remove nothing.")] = False,
) -> None:
    """Give up the posteriors of old runs to save space; forecasts, tables and reports stay as they are."""
    from forecast.publish.thin import thin as give_up

    if not archive.is_dir():
        raise ArchiveError(f"{archive}: no such folder; give the folder of an archive, e.g. forecasts")
    found = give_up(archive, keep=keep, case=case, only_tell=only_tell)
    out = Console(highlight=False)
    for one in found:
        gone = "would go" if only_tell else "removed"
        out.print(f"{escape(str(one.run))}: posterior {gone}, {one.size / 1e6:.0f} MB", soft_wrap=True)
    out.print(f"{len(found)} posteriors, {sum(one.size for one in found) / 1e6:.0f} MB")


Hook = Annotated[
    str, typer.Option("--hook", help="Command to run after a success, with the archive as its last word: mail, upload.")
]
Full = Annotated[
    bool, typer.Option("--full", help="A full fit each time; by default an update, and a full fit where one is due.")
]


def schedule(
    every: Annotated[str, typer.Option("--every", help="Interval, such as 90m, 6h or 1d.")] = "",
    cron: Annotated[str, typer.Option("--cron", help="Times as a cron expression of five fields (UTC).")] = "",
    record: RecordFolder = None,
    case: CaseName = None,
    out: Out = Path("forecasts"),
    hook: Hook = "",
    *,
    full: Full = False,
    now: Annotated[bool, typer.Option("--now", help="Also run at once.")] = False,
) -> None:
    """Make forecasts at set times until stopped; runs never overlap, and missed times are made up for once.

    The archive holds desk.log (JSON lines, rotated) and health.json: the last run with its exit code, the last success
    and the failures in a row.
    """
    from forecast.schedule import on_schedule, run_once, trigger_of

    trigger, words = trigger_of(every, cron), words_of(record, case, out, full=full)
    on_schedule(trigger, lambda: told(run_once(words, out, hook=hook)), first=now)


def watch(
    record: Annotated[Path, typer.Argument(help="Folder of the record.", exists=True, file_okay=False)],
    case: CaseName = None,
    out: Out = Path("forecasts"),
    hook: Hook = "",
    *,
    full: Full = False,
) -> None:
    """Make a forecast whenever a table of the record changes, until stopped; log and health file as of schedule."""
    from forecast.schedule import on_change, run_once

    words = words_of(record, case, out, full=full)
    on_change(record, lambda: told(run_once(words, out, hook=hook)))


def words_of(record: Path | None, case: str | None, out: Path, *, full: bool) -> list[str]:
    """The command that a desk runs each time."""
    words = ["run"] if full else ["update", "--fit"]
    words += ["--record", str(record)] if record else []
    return [*words, *(["--case", case] if case else []), "--out", str(out)]


def told(outcome: Outcome) -> None:
    """One line on what came of a run."""
    say.print(f"{outcome.ended} exit code {outcome.code}: {escape(outcome.told)}", soft_wrap=True)


def write_text(text: str, file: str) -> None:
    """Write text to a file, or to standard output where the file is -."""
    if file == "-":
        sys.stdout.write(text)
    else:
        Path(file).write_text(text, encoding="utf-8")
