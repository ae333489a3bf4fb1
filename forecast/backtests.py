"""The commands `forecast backtest` and `forecast benchmark U`: forecast a record from every origin, and score it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape

from forecast.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from forecast.evaluation.backtest import Settings

say = Console(stderr=True, highlight=False)
BASELINES, INSIDE, ALL = "baselines", "inside", "all"
ORIGINS, MODEL, COMPUTING = "Origins and horizons", "The model", "Computing"  # groups of options in the help

Models = Annotated[
    str,
    typer.Option("--models", help="all, baselines, inside (the model), or names of forecasters joined by commas."),
]
Workers = Annotated[
    int, typer.Option("--workers", help="Processes, each with one thread.", min=1, rich_help_panel=COMPUTING)
]
Scheduler = Annotated[
    str,
    typer.Option(
        "--scheduler",
        help="Address of a Dask scheduler whose workers are used (extra dask).",
        rich_help_panel=COMPUTING,
    ),
]
Folder = Annotated[Path, typer.Option("--out", help="Folder of the back-test; an unfinished one is continued.")]


def backtest(
    record: Annotated[
        Path | None, typer.Option("--record", help="Folder of a record; the shipped one by default.")
    ] = None,
    case: Annotated[
        list[str] | None,
        typer.Option("--case", help="Only this case or past crisis (may be repeated); all by default."),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--first", help="First origin; 1975-01-01, or 'any'.", rich_help_panel=ORIGINS)
    ] = None,
    last: Annotated[
        str | None,
        typer.Option("--last", help="Last origin; as long as the record tells the end.", rich_help_panel=ORIGINS),
    ] = None,
    every: Annotated[int, typer.Option("--every", help="Days between origins.", min=1, rich_help_panel=ORIGINS)] = 7,
    most: Annotated[
        int, typer.Option("--most", help="Origins of one crisis at most.", min=1, rich_help_panel=ORIGINS)
    ] = 20,
    before: Annotated[
        bool,
        typer.Option(
            "--before/--no-before", help="One more origin eight weeks before each onset.", rich_help_panel=ORIGINS
        ),
    ] = True,
    horizons: Annotated[
        str, typer.Option("--horizons", help="Days ahead, joined by commas.", rich_help_panel=ORIGINS)
    ] = "7,30,90,180",
    models: Models = ALL,
    variant: Annotated[
        str, typer.Option("--variant", help="Variant of the model, such as no-credibility.", rich_help_panel=MODEL)
    ] = "published",
    mode: Annotated[
        Literal["update", "refit"],
        typer.Option(
            "--mode",
            help="update: few fits, moved by new rows in between; refit: one fit an origin.",
            rich_help_panel=MODEL,
        ),
    ] = "update",
    out: Folder = Path("backtest"),
    beside: Annotated[
        list[Path] | None, typer.Option("--with", help="Folder of another back-test to score beside this one.")
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", help="Seed of sampler and simulated paths.", rich_help_panel=MODEL)
    ] = 20260228,
    workers: Workers = 1,
    scheduler: Scheduler = "",
) -> None:
    """Forecast every case and past crisis from every origin as it would have been, and score it against baselines."""
    from forecast.evaluation.backtest import Settings
    from forecast.evaluation.ladder_benchmark import write_scores
    from forecast.evaluation.origins import FIRST

    settings = Settings(
        cases=tuple(case or ()),
        first=None if first == "any" else _day(first, "--first") or FIRST,
        last=_day(last, "--last"),
        every=every,
        most=most,
        before=before,
        horizons=_whole_numbers(horizons),
        models=_models(models),
        variant=variant,
        mode=mode,
        seed=seed,
    )
    run(record, out, settings, workers, scheduler)
    tables = write_scores([out, *(beside or [])], out / "scores")
    show(tables["standings"])
    say.print(f"Written: {escape(str(out))} (forecasts, facts, resolutions.csv, scores)", soft_wrap=True)


def benchmark(data: Path | None, out: Path, models: str, workers: int, scheduler: str) -> None:
    """Write to `out` the scores of the back-test in folder `data`, or of a record, by default the shipped one.

    A record is back-tested in the folder ``backtest-U``, which an unfinished run is continued in: every past crisis,
    on the days of `ladder_benchmark.PROTOCOL`. For other origins make the back-test first, by `forecast backtest`.
    """
    from forecast.evaluation.backtest import Settings
    from forecast.evaluation.files import MANIFEST
    from forecast.evaluation.ladder_benchmark import ID, PROTOCOL, past_crises, publish
    from forecast.record import read_record

    folder = Path(f"backtest-{ID}")
    if data is not None and (data / MANIFEST).is_file():
        folder = data
    else:
        settings = Settings(cases=past_crises(read_record(data)), models=_models(models), **PROTOCOL)
        run(data, folder, settings, workers, scheduler)
    scores = publish([folder], out)
    columns = ["task", "candidate", "score", "mean", "low", "high", "difference", "difference_low", "difference_high"]
    _print(scores[scores["score"].isin(["log", "rps"])][columns])


def run(record: Path | None, out: Path, settings: Settings, workers: int, scheduler: str) -> None:
    """Read a record and back-test it, with a line of text for each part."""
    from forecast.evaluation.backtest import backtest as forecast_all
    from forecast.record import read_record

    planned = forecast_all(
        read_record(record), out, settings, workers=workers, scheduler=scheduler, progress=_progress()
    )
    reasons = list(planned.left_out.values())
    for reason in sorted(set(reasons)):
        say.print(f"Left out: {reasons.count(reason)} × {escape(reason)}", soft_wrap=True)


def show(standings: pd.DataFrame) -> None:
    """Print the ranked probability and log scores over all origins."""
    columns = ["horizon_days", "model", "score", "mean", "low", "high", "skill", "difference",
               "difference_low", "difference_high", "cases"]  # fmt: skip
    shown = standings[standings["score"].isin(["rps", "log"]) & (standings["origins"] == standings["origins"].iloc[0])]
    _print(shown[columns].assign(horizon_days=shown["horizon_days"].replace(0, "all")))


def _print(table: pd.DataFrame) -> None:
    text = table.to_string(index=False, float_format=lambda v: f"{v:.4f}")
    Console(highlight=False, width=220).print(escape(text), soft_wrap=True)


def _models(words: str) -> tuple[str, ...]:
    from forecast.evaluation.backtest import INSIDE as MODEL
    from forecast.evaluation.backtest import Settings
    from forecast.evaluation.learners import NAMES

    groups = {ALL: Settings().models, BASELINES: NAMES, INSIDE: (MODEL,)}
    return tuple(name for word in words.split(",") for name in groups.get(word.strip(), (word.strip(),)))


def _whole_numbers(words: str) -> tuple[int, ...]:
    try:
        return tuple(sorted({int(word) for word in words.split(",")}))
    except ValueError:
        raise UsageError(f"--horizons {words!r}: give days as whole numbers joined by commas, such as 7,30") from None


def _day(text: str | None, option: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text!r} is not a day; write it as YYYY-MM-DD, for example 1999-03-01") from None


def _progress() -> Callable[[str], None]:
    from time import perf_counter

    began = perf_counter()
    return lambda text: say.print(f"[dim]{perf_counter() - began:7.1f} s[/]  {escape(text)}", soft_wrap=True)
