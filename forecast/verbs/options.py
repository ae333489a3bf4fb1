"""Options that many verbs share, and how verbs talk: days, progress, standard error."""

from __future__ import annotations

import inspect
import time
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from collections.abc import Callable

say = Console(stderr=True, highlight=False)

MODEL, CONTENT, OUTPUT = "Model and sampling", "What is told beside the ladder", "Output"
"""Groups of options in the help of a verb; what a newcomer needs stands before them."""

RecordFolder = Annotated[
    Path | None, typer.Option("--record", help="Folder of the record; the shipped one by default.")
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="Day whose knowledge counts (YYYY-MM-DD); the last covered day by default."),
]
CaseName = Annotated[str | None, typer.Option("--case", help="Case of the record; its first one by default.")]
Out = Annotated[Path, typer.Option("--out", help="Folder of the archive.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of sampler and simulated paths.", rich_help_panel=MODEL)]
Quick = Annotated[bool, typer.Option("--quick", help="Few draws and paths: a look, stamped as not for publication.")]
PeriodDays = Annotated[
    int, typer.Option("--period-days", min=1, max=31, help="Length of a period in days.", rich_help_panel=MODEL)
]
HistoryPower = Annotated[
    float | None,
    typer.Option(
        "--history",
        min=0,
        max=1,
        help="Power given to published history in the priors: 0 none, 1 all.",
        rich_help_panel=MODEL,
    ),
]
Again = Annotated[
    bool,
    typer.Option(
        "--again", help="Compute it though the archive has it, from the same inputs and seed.", rich_help_panel=OUTPUT
    ),
]
JsonFile = Annotated[
    str | None,
    typer.Option(
        "--json", help="Also write the forecast as JSON to a file; - for standard output.", rich_help_panel=OUTPUT
    ),
]
Questions = Annotated[
    Path | None,
    typer.Option(
        "--questions",
        help="File of questions (YAML); that of the record by default.",
        exists=True,
        rich_help_panel=CONTENT,
    ),
]
PriorFile = Annotated[
    Path | None,
    typer.Option("--priors", help="Table of priors (YAML); the shipped one by default.", rich_help_panel=MODEL),
]

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error; errors are still told.")]


def hushable[**P, R](verb: Callable[P, R]) -> Callable[..., R]:
    """The same verb with an option --quiet."""

    @wraps(verb)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        say.quiet = bool(kwargs.pop("quiet", False))
        return verb(*args, **kwargs)

    given = inspect.signature(verb, eval_str=True)
    option = inspect.Parameter("quiet", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Quiet)
    shown = given.replace(parameters=[*given.parameters.values(), option])
    setattr(call, "__signature__", shown)  # noqa: B010 - what the command line is made from
    call.__annotations__ = {name: parameter.annotation for name, parameter in shown.parameters.items()}
    return call


def day_of(text: str | None, option: str = "--as-of") -> date | None:
    """The day of an option, written as YYYY-MM-DD."""
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        raise typer.BadParameter(f"{option} {text!r} is not a day; write it as YYYY-MM-DD, e.g. 2026-02-13") from None


def progress_line() -> Callable[[str, str], None]:
    """A function that prints stage and text on standard error, with the seconds since it was made."""
    began = time.perf_counter()

    def line(stage: str, text: str) -> None:
        say.print(f"[dim]{time.perf_counter() - began:6.1f} s[/]  [bold]{stage:<9}[/]{escape(text)}", soft_wrap=True)

    return line
