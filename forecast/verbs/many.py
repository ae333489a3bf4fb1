"""The verb run over many cases: which options go on to each run, and the table of what came of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from forecast.errors import SomeFailedError
from forecast.verbs.options import progress_line

if TYPE_CHECKING:
    import pandas as pd

CASES = "Many cases at once"
All = Annotated[
    bool, typer.Option("--all", help="Every case of the record, each in a process of its own.", rich_help_panel=CASES)
]
Records = Annotated[
    list[Path] | None,
    typer.Option(
        "--records",
        help="Record, or folder of records, with --all; may be repeated.",
        exists=True,
        rich_help_panel=CASES,
    ),
]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Runs at a time, with --all.", rich_help_panel=CASES)]
Scheduler = Annotated[
    str, typer.Option("--scheduler", help="Address of a Dask scheduler, with --all.", rich_help_panel=CASES)
]
Retries = Annotated[
    int, typer.Option("--retries", min=0, help="Further tries of a run that broke, with --all.", rich_help_panel=CASES)
]
MANY = ("all_cases", "records", "workers", "scheduler", "retries", "index")
"""Parameters of the verb run that say how many runs are made, or what comes after all of them, and not how each is."""


class Many(NamedTuple):
    """How many runs are made: of which records, how many at a time, where, how often again; the index after them."""

    records: list[Path] | None
    workers: int
    scheduler: str
    retries: int
    renew: bool

    @property
    def alone(self) -> bool:
        """Whether nothing is asked for that goes only with many."""
        return not self.records and self.workers == 1 and not self.scheduler


def run_many(context: typer.Context, many: Many, *, record: Path | None, out: Path, json_file: str | None) -> None:
    """Run every case, print the table, and fail if any case did.

    Raises
    ------
    SomeFailedError
        At least one case has no forecast.
    """
    from forecast.many import failed, run_all

    line = progress_line()
    table = run_all(
        many.records or record, options_given(context), out=out, workers=many.workers, scheduler=many.scheduler,
        retries=many.retries, index=many.renew, progress=lambda text: line("run", text),
    )  # fmt: skip
    if json_file is not None:
        text = json.dumps(json.loads(table.to_json(orient="records")), indent=1, ensure_ascii=False) + "\n"
        if json_file == "-":
            sys.stdout.write(text)
        else:
            Path(json_file).write_text(text, encoding="utf-8")
    if json_file != "-":
        Console(highlight=False).print(shown(table))
    broken = failed(table)
    if len(broken):
        names = ", ".join(
            case or Path(record).name for case, record in zip(broken["case"], broken["record"], strict=True)
        )
        raise SomeFailedError(
            f"{len(broken)} of {len(table)} cases have no forecast: {names}; the table says why; the same command "
            "makes those that are missing"
        )


def options_given(context: typer.Context) -> list[str]:
    """Options on the command line that say how a run is made, as words for each run."""
    words: list[str] = []
    for parameter in context.command.params:
        name = parameter.name or ""
        value = context.params.get(name)
        given = context.get_parameter_source(name)
        if (
            name in (*MANY, "record", "case", "out", "json_file", "quiet")
            or given is None
            or given.name != "COMMANDLINE"
        ):
            continue
        if isinstance(value, bool):
            words.append(parameter.opts[0] if value else parameter.secondary_opts[0])
        else:
            words += [parameter.opts[0], str(value)]
    return words


def shown(table: pd.DataFrame) -> Table:
    """The table of all cases for a terminal."""
    out = Table("case", "state", "seconds", "exit code", "as of", "run, or why not", box=None)
    for row in table.to_dict("records"):
        colour = "green" if row["exit_code"] == 0 else "red"
        name = row["case"] or Path(row["record"]).name
        again = f" ({row['attempts']} tries)" if row["attempts"] > 1 else ""
        out.add_row(escape(name), f"[{colour}]{row['state']}[/]{again}", f"{row['seconds']:.0f}", str(row["exit_code"]),
                    row["as_of"], escape(row["run"] or row["told"]))  # fmt: skip
    return out
