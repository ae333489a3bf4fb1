"""Studies of inference: calibration, recovery, predictive checks, gates, updates, a placebo."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forecast.studies.options import Folder, RecordFolder, Table, say

if TYPE_CHECKING:
    from forecast.record.read import Record

# Each study imports what it needs itself: the libraries of the sampler are slow to load.

First = Annotated[str, typer.Option(help="First as-of date (YYYY-MM-DD).")]
Last = Annotated[str | None, typer.Option(help="Last as-of date; the record's end by default.")]


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
    import pandas as pd

    from forecast.evaluation.recovery import PLACEBO_PERIODS, coverage, recover
    from forecast.inference.fit import load_posterior

    tree = load_posterior(posterior)
    out.mkdir(parents=True, exist_ok=True)
    effects = {f"{v:g}": ({"overt_credibility": v or 1e-6}, 0) for v in (0.0, 0.5, 1.0)}
    effects[f"1, moved by {PLACEBO_PERIODS} weeks"] = ({"overt_credibility": 1.0}, PLACEBO_PERIODS)
    runs: dict[str, tuple[dict[str, float], int]] = effects if credibility else {"plain": ({}, 0)}
    kind, tables = "credibility" if credibility else "plain", []
    for name, (change, shift) in runs.items():
        table = recover(tree, range(worlds), change=change, dense_track=credibility, shift=shift, progress=say.print)
        tables.append(table.assign(run=name))
        pd.concat(tables, ignore_index=True).to_csv(out / f"recovery-{kind}.csv.gz", index=False)
        typer.echo(f"{name}:\n{coverage(table).to_string(index=False)}")
    if not credibility:
        coverage(tables[0]).to_csv(out / "recovery-coverage.csv", index=False)


def geometry(
    posterior: Annotated[Path, typer.Argument(help="A posterior (netCDF), best of an early as-of date.")],
    out: Annotated[Path | None, typer.Option("--out", help="JSON file; the shipped one by default.")] = None,
) -> None:
    """Learn where global parameters lie and how they move together, so that later fits are faster."""
    from forecast.inference.carry import priors_of
    from forecast.inference.fit import compile_panel, load_posterior
    from forecast.inference.geometry import SHIPPED, write_geometry
    from forecast.inference.reweight import fitted_geometry
    from forecast.provenance import panel_hash

    tree = load_posterior(posterior)
    panel = tree["panel"].to_dataset()
    found = fitted_geometry(tree, compile_panel(panel, priors_of(tree)))
    draws = int(tree["posterior"].sizes["chain"] * tree["posterior"].sizes["draw"])
    facts = {"case": panel.attrs["case"], "panel_hash": panel_hash(panel), "draws": draws}
    write_geometry(found, out or SHIPPED, facts)
    typer.echo(f"{len(found.labels)} parameters from {draws} draws as of {found.as_of}: {out or SHIPPED}")


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


def gates(
    out: Annotated[Path, typer.Option("--out", help="CSV file; days that it holds are not run again.")],
    first: First = "2025-06-01",
    last: Last = None,
    record: RecordFolder = None,
    every: Annotated[int, typer.Option(help="Take one week in so many.", min=1)] = 1,
    offset: Annotated[int, typer.Option(help="Weeks to leave out at first.", min=0)] = 0,
    keep: Annotated[Path | None, typer.Option(help="Folder for the posteriors (about 45 MB each).")] = None,
) -> None:
    """Fit and gate a forecast at every weekly as-of date."""
    from forecast.evaluation.gates import gates as run_gates
    from forecast.record import read_record

    source = read_record(record)
    days = _weeks(source, first, last)[offset::every]
    table = run_gates(source, days, out=out, keep=keep, progress=say.print)
    typer.echo(f"{int(table['passed'].sum())} of {len(table)} weekly forecasts passed the gate")


def updates(
    out: Annotated[Path, typer.Option("--out", help="CSV file; comparisons that it holds are not made again.")],
    posteriors: Annotated[
        Path, typer.Option(help="Folder of posteriors by day, as `study gates --keep` leaves them; fits are added.")
    ] = Path("posteriors"),
    first: First = "2025-06-01",
    last: Last = None,
    record: RecordFolder = None,
    again: Annotated[
        int, typer.Option(help="At one date in so many a second fit, for the noise of a fit; 0 for none.", min=0)
    ] = 8,
    *,
    kept_only: Annotated[bool, typer.Option(help="Fit nothing: only days whose posteriors the folder holds.")] = False,
) -> None:
    """Compare the ladder of updates, from fits one, two and four weeks older, with that of fits, week by week."""
    from forecast.evaluation.updates import agreement, summary
    from forecast.record import read_record

    source = read_record(record)
    days = _weeks(source, first, last)
    table = agreement(
        source, days, out=out, posteriors=posteriors, again=again, kept_only=kept_only, progress=say.print
    )
    typer.echo(summary(table).round(4).to_string(index=False))


def placebo(
    posterior: Annotated[Path, typer.Argument(help="A posterior (netCDF).")],
    out: Table,
) -> None:
    """Does the track record lose its effect when it is moved in time? Five short fits."""
    from forecast.evaluation.placebo import placebo_table
    from forecast.inference.fit import load_posterior

    table = placebo_table(load_posterior(posterior), progress=say.print)
    table.to_csv(out, index=False)
    typer.echo(table.round(3).to_string(index=False))


def _weeks(record: Record, first: str, last: str | None) -> list[date]:
    from forecast.evaluation.gates import weekly

    end = date.fromisoformat(last) if last else record.config.covered_until or date.today()  # noqa: DTZ011
    return weekly(date.fromisoformat(first), end)
