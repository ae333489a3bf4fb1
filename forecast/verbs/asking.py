"""The verbs that ask a posterior, or published data, without a forecast: treatments, sensitivity, benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from forecast import backtests
from forecast.verbs.options import Seed, progress_line, say

# Each verb imports what it needs itself: the libraries of the sampler are slow to load.


def treatments(
    source: Annotated[Path, typer.Argument(help="Folder of an archived run, or a posterior (netCDF).")],
    out: Annotated[Path, typer.Option("--out", help="CSV file to write.")] = Path("treatments.csv"),
    seed: Seed = 20260228,
) -> None:
    """Had the last period shown another signal: threats, carriers, offers, allies, strikes; no fit, some minutes."""
    from forecast.inference.fit import load_posterior
    from forecast.outlook.treatments import treatment_table
    from forecast.publish.archive import kept_posterior

    line = progress_line()
    tree = load_posterior(kept_posterior(source) if source.is_dir() else source)
    table = treatment_table(tree, seed=seed, progress=lambda text: line("treat", text))
    table.to_csv(out, index=False, lineterminator="\n")
    columns = ["treatment", "side", "outcome", "control", "treated", "difference", "mcse", "khat", "expected", "note"]
    shown = table[columns].to_string(index=False, float_format=lambda v: f"{v:.3f}")
    Console(highlight=False, width=200).print(escape(shown), soft_wrap=True)
    say.print(f"Written: {escape(str(out))}", soft_wrap=True)


def sensitivity(
    source: Annotated[Path, typer.Argument(help="Folder of an archived run, or a posterior (netCDF).")],
    out: Annotated[Path, typer.Option("--out", help="CSV file to write; one by rung is put beside it.")] = Path(
        "sensitivity.csv"
    ),
    seed: Seed = 20260228,
) -> None:
    """Power-scale every prior, groups of them and the likelihood: what each moves; no fit, one to two minutes."""
    from forecast.inference.carry import priors_of
    from forecast.inference.fit import compile_panel, load_posterior
    from forecast.inference.power import log_likelihood
    from forecast.outlook.sensitivity import power_scaling
    from forecast.publish.archive import kept_posterior

    line = progress_line()
    tree = load_posterior(kept_posterior(source) if source.is_dir() else source)
    priors = priors_of(tree)
    compiled = compile_panel(tree["panel"].to_dataset(), priors)
    line("power", "model compiled")
    likelihood = log_likelihood(tree, priors, compiled)
    tables = power_scaling(tree, likelihood, seed=seed, progress=lambda text: line("power", text))
    by_rung = out.with_name(f"{out.stem}-ladder{out.suffix}")
    tables.summary.to_csv(out, index=False, lineterminator="\n")
    tables.ladder.to_csv(by_rung, index=False, lineterminator="\n")
    columns = ["component", "where", "prior_sensitivity", "likelihood_sensitivity", "likelihood_noise", "diagnosis",
               "change_low", "change_high", "mcse", "khat"]  # fmt: skip
    shown = tables.summary[columns].to_string(index=False, float_format=lambda v: f"{v:.3f}")
    Console(highlight=False, width=200).print(escape(shown), soft_wrap=True)
    say.print(f"Written: {escape(str(out))}, {escape(str(by_rung))}", soft_wrap=True)


def benchmark(
    name: Annotated[
        str,
        typer.Argument(
            help="W disputes, S sanctions, M confrontations, I crises, U past crises of a record, K calibration."
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help="W, S, M, I: published file, or folder of corpora; $FORECAST_CORPORA or ../shared/corpora. "
            "U: folder of a record, or of a finished back-test, which is scored as it is. K: ranks of simulations "
            "(.csv, .csv.gz, or the folder of a study), which are judged without simulating.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for tables (CSV) and document (JSON).")] = Path("scores"),
    task: Annotated[str, typer.Option("--task", help="Only tasks of this first word, or that hold this text.")] = "",
    models: backtests.Models = backtests.ALL,
    workers: backtests.Workers = 1,
    scheduler: backtests.Scheduler = "",
    simulations: Annotated[
        int, typer.Option("--simulations", help="K: worlds drawn from the prior and fitted, in batches of 20.", min=1)
    ] = 1000,
) -> None:
    """Score models and baselines on published data, with paired intervals; minutes to hours on one core.

    U is the back-test of past crises of a record; only there do --models and --scheduler count. K is simulation-based
    calibration of the model, held against its bar; it keeps its ranks in --out and goes on from there.
    """
    if name == "K":
        _calibration(data, out, simulations, workers)
        return
    if name == "U":
        backtests.benchmark(data, out, models, workers, scheduler)
        return
    from forecast.evaluation.benchmarks.publish import run_benchmark

    line = progress_line()
    result = run_benchmark(name, data, out, task, lambda text: line(name, text))
    columns = ["task", "candidate", "score", "mean", "low", "high", "difference", "difference_low", "difference_high"]
    shown = result.scores[columns].to_string(index=False, float_format=lambda v: f"{v:.4f}")
    Console(highlight=False, width=200).print(escape(shown), soft_wrap=True)


def _calibration(data: Path | None, out: Path, simulations: int, workers: int) -> None:
    """Judge ranks of simulation-based calibration, or simulate them first, and print the verdict."""
    from forecast.evaluation.sbc_benchmark import publish

    line = progress_line()
    scores = publish(data, out, simulations=simulations, workers=workers, progress=lambda text: line("K", text))
    columns = ["task", "score", "mean", "low", "high", "reference", "reached"]
    shown = scores[columns].to_string(index=False, float_format=lambda v: f"{v:.4f}", na_rep="")
    Console(highlight=False, width=200).print(escape(shown), soft_wrap=True)
    missed = ", ".join(scores.loc[~scores["reached"], "task"])
    say.print(f"K: the bar is not reached: {missed}" if missed else "K: the bar is reached")
