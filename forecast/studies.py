"""The command `forecast study`: evidence that inference is right, each study written as tables."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

study = typer.Typer(
    help="Evidence that inference is right: calibration, recovery, predictive checks, gates. Long; most resume.",
    no_args_is_help=True,
)
say = Console(stderr=True, highlight=False)
Folder = Annotated[Path, typer.Option("--out", help="Folder for the tables; finished parts in it are kept.")]


@study.command(epilog="Example: forecast study sbc --simulations 1000 --out evidence/sbc")
def sbc(
    out: Folder,
    simulations: Annotated[int, typer.Option(help="Worlds drawn from the prior.", min=1)] = 1000,
    workers: Annotated[int, typer.Option(help="Parallel processes.", min=1)] = 2,
    *,
    certify: Annotated[bool, typer.Option(help="Write the certificate that ships with the package.")] = False,
) -> None:
    """Simulation-based calibration on small panels; ranks, tests, coverage, certificate, figure."""
    from forecast.evaluation.sbc import CERTIFICATE, certificate, run, uniformity
    from forecast.evaluation.sbc_figure import rank_figure
    from forecast.model.priors import read_priors

    table = run(out, simulations=simulations, workers=workers, progress=say.print)
    tests = uniformity(table)
    tests.to_csv(out / "uniformity.csv", index=False)
    found = certificate(table, read_priors())
    text = json.dumps(found, indent=1) + "\n"
    (out / "certificate.json").write_text(text, encoding="utf-8")
    rank_figure(table).savefig(out / "ranks.png", dpi=120)
    if certify:
        CERTIFICATE.write_text(text, encoding="utf-8")
    typer.echo(text)


@study.command(epilog="Example: forecast study recovery posterior.nc --worlds 10 --out evidence/recovery")
def recovery(
    posterior: Annotated[Path, typer.Argument(help="A posterior (netCDF) whose panel and draws make the worlds.")],
    out: Folder,
    worlds: Annotated[int, typer.Option(help="Worlds to draw and fit.", min=1)] = 10,
    *,
    credibility: Annotated[
        bool,
        typer.Option(help="True effect of credibility 0, 0.5 and 1, and 1 with the record moved; dense track record."),
    ] = False,
) -> None:
    """Fit worlds of the record's size whose parameters are known."""
    from forecast.evaluation.recovery import PLACEBO_PERIODS, coverage, recover
    from forecast.inference.fit import load_posterior

    tree = load_posterior(posterior)
    out.mkdir(parents=True, exist_ok=True)
    effects = {f"credibility-{v:g}": ({"overt_credibility": v or 1e-6}, 0) for v in (0.0, 0.5, 1.0)}
    effects["credibility-1-moved"] = ({"overt_credibility": 1.0}, PLACEBO_PERIODS)
    runs: dict[str, tuple[dict[str, float], int]] = effects if credibility else {"plain": ({}, 0)}
    for name, (change, shift) in runs.items():
        table = recover(tree, range(worlds), change=change, dense_track=credibility, shift=shift, progress=say.print)
        table.to_csv(out / f"{name}.csv", index=False)
        coverage(table).to_csv(out / f"{name}-coverage.csv", index=False)
        typer.echo(coverage(table).to_string(index=False))


@study.command(epilog="Example: forecast study predictive posterior.nc --out evidence/predictive")
def predictive(
    posterior: Annotated[Path, typer.Argument(help="A posterior (netCDF) with its panel.")],
    out: Folder,
    replicates: Annotated[int, typer.Option(help="Replicates of each kind.", min=20)] = 500,
    experiment: Annotated[
        str,
        typer.Option(help="plain, or a change of the replicates that tests an explanation; a wrong name lists them."),
    ] = "plain",
) -> None:
    """Prior and posterior predictive checks: replicates of the panel beside what was observed; table and figures."""
    from forecast.errors import UsageError
    from forecast.evaluation.predictive import EXPERIMENTS, check, failures
    from forecast.evaluation.predictive_figure import pages
    from forecast.inference.fit import load_posterior

    if experiment not in EXPERIMENTS:
        raise UsageError(f"--experiment {experiment!r} is not one of {', '.join(EXPERIMENTS)}")
    tree = load_posterior(posterior)
    out.mkdir(parents=True, exist_ok=True)
    table = check(tree, replicates, change=EXPERIMENTS[experiment])
    name = "predictive" if experiment == "plain" else f"predictive-{experiment}"
    table.to_csv(out / f"{name}.csv", index=False, float_format="%.5g")
    for page, figure in pages(table).items():
        figure.savefig(out / f"{name}-{page}.png", dpi=120, facecolor="white")
    columns = ["topic", "quantity", "observed", "mean", "low_95", "high_95", "rank"]
    for kind, rows in failures(table).groupby("kind", sort=False):
        typer.echo(f"{kind}: {len(rows)} of {int((table['kind'] == kind).sum())} quantities in the outer 2 %")
        typer.echo(rows[columns].round(3).to_string(index=False))


@study.command(epilog="Example: forecast study gates --first 2025-06-01 --out evidence/gates.csv")
def gates(
    out: Annotated[Path, typer.Option("--out", help="CSV file; days that it holds are not run again.")],
    first: Annotated[str, typer.Option(help="First as-of date (YYYY-MM-DD).")] = "2025-06-01",
    last: Annotated[str | None, typer.Option(help="Last as-of date; the record's end by default.")] = None,
    record: Annotated[Path | None, typer.Option("--record", help="Folder of the record.")] = None,
    every: Annotated[int, typer.Option(help="Take one week in so many.", min=1)] = 1,
    offset: Annotated[int, typer.Option(help="Weeks to leave out at first.", min=0)] = 0,
    keep: Annotated[Path | None, typer.Option(help="Folder for the posteriors (about 45 MB each).")] = None,
) -> None:
    """Fit and gate a forecast at every weekly as-of date."""
    from forecast.evaluation.gates import gates as run_gates
    from forecast.evaluation.gates import weekly
    from forecast.record import read_record

    source = read_record(record) if record else read_record()
    end = date.fromisoformat(last) if last else source.config.covered_until or date.today()  # noqa: DTZ011
    days = weekly(date.fromisoformat(first), end)[offset::every]
    table = run_gates(source, days, out=out, keep=keep, progress=say.print)
    typer.echo(f"{int(table['passed'].sum())} of {len(table)} weekly forecasts passed the gate")


@study.command(epilog="Example: forecast study comparison bt/published bt/no-pooling --out evidence/comparison.csv")
def comparison(
    folders: Annotated[list[Path], typer.Argument(help="Back-tests: of the published model, and one of each variant.")],
    out: Annotated[Path, typer.Option("--out", help="CSV file to write.")],
) -> None:
    """Score variants of the model beside the published one, on the windows that all of them forecast."""
    from forecast.evaluation.comparison import comparison as compared

    table = compared(folders)
    table.to_csv(out, index=False)
    shown = table[(table["horizon_days"] == 0) & (table["origins"] == table["origins"].iloc[0])]
    typer.echo(shown.drop(columns=["origins", "meaning"]).round(4).to_string(index=False))


@study.command(epilog="Example: forecast study reliability bt/published --out evidence/reliability.csv --figure r.png")
def reliability(
    folders: Annotated[list[Path], typer.Argument(help="Back-tests of one record.")],
    out: Annotated[Path, typer.Option("--out", help="CSV file to write: the split of every score.")],
    figure: Annotated[Path | None, typer.Option(help="Picture of the curves to write (.png or .svg).")] = None,
    model: Annotated[str, typer.Option(help="Forecaster.")] = "inside view",
    horizon: Annotated[int, typer.Option(help="Days ahead; 0 for all.", min=0)] = 0,
) -> None:
    """Reliability of a forecaster of back-tests by threshold of the ladder: curves with bands, and split scores."""
    from forecast.errors import UsageError
    from forecast.evaluation.calibration import ladder_reliability
    from forecast.evaluation.ladder_benchmark import load
    from forecast.publish.calibration_figure import calibration_figure

    found = load(folders)
    if model not in found.chances:
        raise UsageError(f"no forecasts by {model!r}; the folders hold {', '.join(found.chances)}")
    rows = (found.windows["horizon_days"] == horizon).to_numpy() | (horizon == 0)
    if not rows.any():
        raise UsageError(f"no window of {horizon} days; use one of {sorted(set(found.windows['horizon_days']))}")
    curves = ladder_reliability(
        found.chances[model][rows],
        found.windows["place"].to_numpy()[rows],
        weight=found.weights(rows)[rows],
        cluster=found.windows["cluster"].to_numpy()[rows],
    )
    curves.decomposition.to_csv(out, index=False)
    if figure is not None:
        calibration_figure(curves.curve, curves.decomposition).savefig(figure, dpi=110)
    typer.echo(curves.decomposition.round(4).to_string(index=False))


@study.command(
    epilog="Example: forecast study standings bt/all --leave-out bt/tuned --out evidence/backtest-others.csv"
)
def standings(
    folders: Annotated[list[Path], typer.Argument(help="Back-tests of one record.")],
    out: Annotated[Path, typer.Option("--out", help="CSV file to write.")],
    leave_out: Annotated[Path | None, typer.Option(help="Back-test whose crises are left out of the scores.")] = None,
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
    table = tables.standings(found, NAMES)
    table.insert(0, "origins", "all origins")
    table.to_csv(out, index=False, float_format="%.6g")
    shown = table[(table["horizon_days"] == 0) & table["score"].isin(["log", "rps"])]
    typer.echo(shown.round(4).to_string(index=False))


@study.command(epilog="Example: forecast study placebo posterior.nc --out evidence/placebo.csv")
def placebo(
    posterior: Annotated[Path, typer.Argument(help="A posterior (netCDF).")],
    out: Annotated[Path, typer.Option("--out", help="CSV file to write.")],
) -> None:
    """Does the track record lose its effect when it is moved in time? Five short fits."""
    from forecast.evaluation.placebo import placebo_table
    from forecast.inference.fit import load_posterior

    table = placebo_table(load_posterior(posterior), progress=say.print)
    table.to_csv(out, index=False)
    typer.echo(table.round(3).to_string(index=False))


@study.command(epilog="Example: forecast study pool backtests/inside backtests/others --ship")
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

    found = pool_study(folders, read_record(record) if record else read_record())
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


@study.command(epilog="Example: forecast study windows --ship")
def windows(
    out: Annotated[Path | None, typer.Option("--out", help="File to write (.csv.gz; facts beside it).")] = None,
    record: Annotated[Path | None, typer.Option("--record", help="Folder of the record.")] = None,
    *,
    ship: Annotated[bool, typer.Option(help="Write the table that ships with the package.")] = False,
) -> None:
    """Past windows from which the baselines of a forecast learn, and their tuning by half decade; some minutes."""
    from forecast.evaluation.windows import SHIPPED, make_windows, write_windows
    from forecast.record import read_record

    if out is None and not ship:
        raise typer.BadParameter("give --out FILE or --ship")
    found = make_windows(read_record(record) if record else read_record(), progress=say.print)
    for file in filter(None, (out, SHIPPED if ship else None)):
        write_windows(found, file)
        say.print(f"Written: {file}")


@study.command(epilog="Example: forecast study updates --posteriors evidence/posteriors --out evidence/updates.csv")
def updates(
    out: Annotated[Path, typer.Option("--out", help="CSV file; comparisons that it holds are not made again.")],
    posteriors: Annotated[
        Path, typer.Option(help="Folder of posteriors by day, as `study gates --keep` leaves them; fits are added.")
    ] = Path("posteriors"),
    first: Annotated[str, typer.Option(help="First as-of date (YYYY-MM-DD).")] = "2025-06-01",
    last: Annotated[str | None, typer.Option(help="Last as-of date; the record's end by default.")] = None,
    record: Annotated[Path | None, typer.Option("--record", help="Folder of the record.")] = None,
    again: Annotated[
        int, typer.Option(help="At one date in so many a second fit, for the noise of a fit; 0 for none.", min=0)
    ] = 8,
    *,
    kept_only: Annotated[bool, typer.Option(help="Fit nothing: only days whose posteriors the folder holds.")] = False,
) -> None:
    """Compare the ladder of updates, from fits one, two and four weeks older, with that of fits, week by week."""
    from forecast.evaluation.gates import weekly
    from forecast.evaluation.updates import agreement, summary
    from forecast.record import read_record

    source = read_record(record) if record else read_record()
    end = date.fromisoformat(last) if last else source.config.covered_until or date.today()  # noqa: DTZ011
    days = weekly(date.fromisoformat(first), end)
    table = agreement(
        source, days, out=out, posteriors=posteriors, again=again, kept_only=kept_only, progress=say.print
    )
    typer.echo(summary(table).round(4).to_string(index=False))


@study.command(epilog="Example: forecast study threats ties_v4.csv --out evidence/threats.csv")
def threats(
    data: Annotated[Path, typer.Argument(help="TIES 4, the publisher's CSV file.")],
    out: Annotated[Path, typer.Option("--out", help="CSV file to write.")],
) -> None:
    """Do threats carried out make later threats believed? Sanction threats as a check on the weights of credibility."""
    from forecast.evaluation.threats import read_threats, weights_of_threats

    table = weights_of_threats(read_threats(data))
    table.to_csv(out, index=False)
    typer.echo(table.round(2).to_string(index=False))


@study.command(epilog="Example: forecast study history --corpora corpora --out evidence/history")
def history(
    out: Folder,
    corpora: Annotated[
        Path | None, typer.Option("--corpora", help="Folder with a folder mie, to score it too.")
    ] = None,
    summary: Annotated[Path | None, typer.Option("--history-file", help="Summary by `forecast pretrain`.")] = None,
    record: Annotated[Path | None, typer.Option("--record", help="Folder of the record.")] = None,
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
