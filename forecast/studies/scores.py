"""Studies of scores on back-tests: variants, reliability, standings, the pool and what baselines learn from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from forecast.studies.options import RecordFolder, Table, say

# Each study imports what it needs itself: the libraries of the sampler are slow to load.


def comparison(
    folders: Annotated[list[Path], typer.Argument(help="Back-tests: of the published model, and one of each variant.")],
    out: Table,
) -> None:
    """Score variants of the model beside the published one, on the windows that all of them forecast."""
    from forecast.evaluation.comparison import comparison as compared

    table = compared(folders)
    table.to_csv(out, index=False)
    shown = table[(table["horizon_days"] == 0) & (table["origins"] == table["origins"].iloc[0])]
    typer.echo(shown.drop(columns=["origins", "meaning"]).round(4).to_string(index=False))


def reliability(
    folders: Annotated[list[Path], typer.Argument(help="Back-tests of one record.")],
    out: Annotated[Path, typer.Option("--out", help="CSV file to write: the split of every score, by horizon.")],
    figure: Annotated[Path | None, typer.Option(help="Picture of the curves to write (.png or .svg).")] = None,
    model: Annotated[str, typer.Option(help="Forecaster.")] = "inside view",
    horizon: Annotated[int, typer.Option(help="Days ahead that are drawn and shown; 0 for all.", min=0)] = 0,
) -> None:
    """Reliability of a forecaster of back-tests by threshold of the ladder: curves with bands, and split scores."""
    import pandas as pd

    from forecast.errors import UsageError
    from forecast.evaluation.calibration import ladder_reliability
    from forecast.evaluation.ladder_benchmark import load
    from forecast.publish.calibration_figure import calibration_figure

    found = load(folders)
    if model not in found.chances:
        raise UsageError(f"no forecasts by {model!r}; the folders hold {', '.join(found.chances)}")
    horizons = sorted(set(found.windows["horizon_days"]))
    if horizon not in (0, *horizons):
        raise UsageError(f"no window of {horizon} days; use one of {horizons}, or 0 for all")
    curves = {}
    for days in (0, *horizons):
        rows = (found.windows["horizon_days"] == days).to_numpy() | (days == 0)
        curves[days] = ladder_reliability(
            found.chances[model][rows],
            found.windows["place"].to_numpy()[rows],
            cluster=found.windows["cluster"].to_numpy()[rows],
        )
    pd.concat([one.decomposition.assign(horizon_days=days) for days, one in curves.items()]).to_csv(out, index=False)
    shown = curves[horizon]
    if figure is not None:
        calibration_figure(shown.curve, shown.decomposition).savefig(figure, dpi=110)
    typer.echo(shown.decomposition.round(4).to_string(index=False))


def standings(
    folders: Annotated[list[Path], typer.Argument(help="Back-tests of one record.")],
    out: Table,
    leave_out: Annotated[Path | None, typer.Option(help="Back-test whose crises are left out of the scores.")] = None,
    behaviour: Annotated[Path | None, typer.Option(help="CSV file for sharpness, steadiness and voids.")] = None,
    weigh: Annotated[Literal["crises", "windows"], typer.Option(help="What counts alike in the scores.")] = "crises",
) -> None:
    """Score all forecasters of back-tests, without the crises of another one if wanted: those a model was tuned on."""
    from forecast.errors import UsageError
    from forecast.evaluation import standings as tables
    from forecast.evaluation.ladder_benchmark import load
    from forecast.evaluation.learners import NAMES

    found = load(folders)
    if leave_out is not None:
        found = found.without(set(load([leave_out]).windows["case"]))
    if found.windows.empty:
        raise UsageError(f"{leave_out}: nothing is left; it holds every crisis of {', '.join(map(str, folders))}")
    table = tables.standings(found, NAMES, weigh=weigh)
    table.insert(0, "origins", "all origins")
    table.to_csv(out, index=False, float_format="%.6g")
    if behaviour is not None:
        tables.behaviour(found).to_csv(behaviour, index=False, float_format="%.6g")
    shown = table[(table["horizon_days"] == 0) & table["score"].isin(["log", "rps"])]
    typer.echo(shown.round(4).to_string(index=False))


def pool(
    folders: Annotated[
        list[Path], typer.Argument(help="Folders of back-tests of one record; the first is written to.")
    ],
    record: Annotated[Path | None, typer.Option("--record", help="Folder of their record; the shipped one.")] = None,
    *,
    ship: Annotated[bool, typer.Option(help="Write the weights that ship with the package.")] = False,
) -> None:
    """Pool the forecasts of back-tests: weights by half year from what was over by then, pooled forecasts, scores."""
    from forecast.errors import UsageError
    from forecast.evaluation.pool import INSIDE
    from forecast.evaluation.pool_file import write_weights
    from forecast.evaluation.pool_study import SCORES_FILE, pool_study, shown
    from forecast.record import read_record

    found = pool_study(folders, read_record(record))
    if found.left_out:
        say.print(f"Left out: {found.left_out} origins that not every forecaster forecast")
    typer.echo(shown(found.scores).round(4).to_string(index=False))
    say.print(f"All scores: {folders[0] / SCORES_FILE}")
    for entry in found.walk.entries[-1:]:
        typer.echo(f"From {entry.day}: {entry.published} is published; {entry.evidence}")
    if ship and INSIDE not in found.parts.members:
        raise UsageError(f"weights without the {INSIDE} cannot ship: give the folder of its back-test as well")
    if ship:
        write_weights(found.weights)
        say.print("Written: the weights that ship with the package")


def windows(
    out: Annotated[Path | None, typer.Option("--out", help="File to write (.csv.gz; facts beside it).")] = None,
    record: RecordFolder = None,
    *,
    ship: Annotated[bool, typer.Option(help="Write the table that ships with the package.")] = False,
) -> None:
    """Past windows from which the baselines of a forecast learn, and their tuning by half decade; some minutes."""
    from forecast.evaluation.windows import SHIPPED, make_windows, write_windows
    from forecast.record import read_record

    if out is None and not ship:
        raise typer.BadParameter("give --out FILE or --ship")
    found = make_windows(read_record(record), progress=say.print)
    for file in filter(None, (out, SHIPPED if ship else None)):
        write_windows(found, file)
        say.print(f"Written: {file}")
