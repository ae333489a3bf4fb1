"""The verbs that compute: run, update, fit, prior, pretrain."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from forecast.errors import UsageError
from forecast.verbs.many import All, Many, Records, Retries, Scheduler, Workers, run_many
from forecast.verbs.options import (
    CONTENT,
    MODEL,
    OUTPUT,
    Again,
    AsOf,
    CaseName,
    HistoryPower,
    JsonFile,
    Out,
    PeriodDays,
    PriorFile,
    Questions,
    Quick,
    RecordFolder,
    Seed,
    day_of,
    progress_line,
    say,
)

if TYPE_CHECKING:
    from forecast.look import Look
    from forecast.model.learned import History
    from forecast.release import Published

# Each verb imports what it needs itself: the libraries of the sampler are slow to load.


def run(
    context: typer.Context,
    record: RecordFolder = None,
    as_of: AsOf = None,
    case: CaseName = None,
    out: Out = Path("forecasts"),
    json_file: JsonFile = None,
    seed: Seed = 20260228,
    quick: Quick = False,
    period_days: PeriodDays = 7,
    priors: PriorFile = None,
    history: HistoryPower = None,
    history_file: Annotated[
        Path | None,
        typer.Option(
            "--history-file", help="Summary by `forecast pretrain`; the shipped one by default.", rich_help_panel=MODEL
        ),
    ] = None,
    prior_sets: Annotated[
        bool,
        typer.Option(
            "--prior-sets/--no-prior-sets",
            help="Also the ladder under other priors: three short fits.",
            rich_help_panel=CONTENT,
        ),
    ] = True,
    questions: Questions = None,
    scenarios: Annotated[
        Path | None,
        typer.Option(
            "--scenarios",
            help="File of scenarios (YAML); that of the record by default.",
            exists=True,
            rich_help_panel=CONTENT,
        ),
    ] = None,
    what_if: Annotated[
        bool,
        typer.Option(
            "--what-if/--no-scenarios",
            help="Also scenarios, the concession curve and what to watch next.",
            rich_help_panel=CONTENT,
        ),
    ] = True,
    attempts: Annotated[
        int,
        typer.Option(
            help="Looks at the chains at most; they grow by half of --draws.", min=1, max=20, rich_help_panel=MODEL
        ),
    ] = 7,
    draws: Annotated[
        int, typer.Option(help="Draws per chain at the first look.", min=100, rich_help_panel=MODEL)
    ] = 600,
    target_accept: Annotated[
        float, typer.Option(help="Acceptance rate that NUTS aims at.", min=0.5, max=0.999, rich_help_panel=MODEL)
    ] = 0.8,
    again: Again = False,
    index: Annotated[
        bool,
        typer.Option(
            "--index/--no-index",
            help="Renew the index page, which reads every run of the archive.",
            rich_help_panel=OUTPUT,
        ),
    ] = True,
    *,
    all_cases: All = False,
    records: Records = None,
    workers: Workers = 1,
    scheduler: Scheduler = "",
    retries: Retries = 1,
) -> None:
    """Make a forecast: check, as-of, panel, fit, simulate, gate, report, archive; with --all of every case.

    With --all a case that fails does not stop the others, what is in the archive is not computed again, and exit code 6
    says that at least one case has no forecast.
    """
    many = Many(records, workers, scheduler, retries, index)
    if all_cases or many.records:
        run_many(context, many, record=record, out=out, json_file=json_file)
        return
    if not many.alone:
        raise UsageError("--workers and --scheduler go with many runs; add --all, or name records by --records")
    day = day_of(as_of)
    from forecast.inference.fit import Sampling
    from forecast.model.learned import POWER
    from forecast.run import publish
    from forecast.stages import Settings

    settings = Settings(
        case=case,
        as_of=day,
        period_days=period_days,
        priors=priors,
        history=POWER if history is None else history,
        history_file=history_file,
        sampling=Sampling(draws=draws, attempts=attempts, target_accept=target_accept, seed=seed),
        quick=quick,
        prior_sets=prior_sets,
        questions=questions,
        what_if=what_if,
        scenarios=scenarios,
    )
    show(publish(record, settings, out=out, again=again, index=index, progress=progress_line()), json_file)


def update(
    base: Annotated[
        Path | None,
        typer.Argument(help="Archived run whose fit is updated; the last good fit in the archive by default."),
    ] = None,
    record: RecordFolder = None,
    as_of: AsOf = None,
    case: CaseName = None,
    out: Out = Path("forecasts"),
    json_file: JsonFile = None,
    questions: Questions = None,
    *,
    fit: Annotated[bool, typer.Option("--fit", help="Where a full fit is due, make it; refuse by default.")] = False,
    again: Again = False,
    look: Annotated[
        bool, typer.Option("--look", help="Only print the moved ladder, in seconds; no check, nothing archived.")
    ] = False,
) -> None:
    """Take in new rows without sampling: move the draws of an archived fit, forecast, gate, report, archive.

    Exit code 5 says that a full fit is due: the weights of the draws or the particles degenerate, the fit is more than
    four weeks old, or the code of the model has changed since.
    """
    day = day_of(as_of)
    from forecast.update import Newer
    from forecast.update import update as renew

    newer = Newer(as_of=day, case=case, questions=questions, fit=fit, again=again)
    if look:
        from forecast.look import look as looked

        show_look(looked(record, base, newer, out=out), json_file)
        return
    show(renew(record, base, newer, out=out, progress=progress_line()), json_file)


def show_look(found: Look, json_file: str | None) -> None:
    """Print a look, and write it as JSON where that is asked for."""
    from forecast.publish import look_summary

    if json_file is not None:
        text = json.dumps(found._asdict() | {"ladder": found.ladder.to_dict("records")}, indent=1) + "\n"
        if json_file == "-":
            sys.stdout.write(text)
        else:
            Path(json_file).write_text(text, encoding="utf-8")
    to = say if json_file == "-" else Console(highlight=False)
    to.print(look_summary(found.title, found.as_of, found.fitted_as_of, found.ladder))
    to.print(
        f"{found.ess_draws:.0f} of {found.draws} draws effective, k-hat {found.khat:.2f}; {found.seconds:.1f} s after "
        "imports.\nNot a forecast: no check was made and nothing archived."
    )


def show(published: Published, json_file: str | None) -> None:
    """Print the summary of a forecast, and write its JSON document where one is asked for."""
    from forecast.publish import json_document, terminal_summary

    meta, tables = published.forecast.meta, published.forecast.tables
    if json_file is not None:
        text = json.dumps(json_document(meta, tables), indent=1) + "\n"
        if json_file == "-":
            sys.stdout.write(text)
        else:
            Path(json_file).write_text(text, encoding="utf-8")
    to = say if json_file == "-" else Console(highlight=False)
    to.print(terminal_summary(meta, tables, folder=published.folder))


def fit(
    record: RecordFolder = None,
    as_of: AsOf = None,
    case: CaseName = None,
    out: Annotated[Path, typer.Option("--out", help="netCDF file to write.")] = Path("posterior.nc"),
    seed: Seed = 20260228,
    quick: Quick = False,
    period_days: PeriodDays = 7,
    priors: PriorFile = None,
    history: HistoryPower = None,
) -> None:
    """Sample the posterior and write it as a file that ArviZ reads; no gate, no forecast."""
    day = day_of(as_of)
    from forecast.inference.fit import Sampling, save_posterior
    from forecast.inference.fit import fit as sample_posterior
    from forecast.inference.prior_file import read_priors
    from forecast.model.learned import POWER, applied
    from forecast.record import read_record
    from forecast.record.asof import default_as_of
    from forecast.record.panel import build_panel
    from forecast.record.reference import with_reference

    source = read_record(record)
    day = day or default_as_of(source)
    panel = build_panel(with_reference(source), day, case=case, period_days=period_days)
    chosen, _ = applied(read_priors(priors), POWER if history is None else history, day)
    sampling = Sampling.quick(seed) if quick else Sampling(seed=seed)
    save_posterior(sample_posterior(panel, chosen, sampling, progress=say.print), out)
    say.print(f"Posterior: {out}")


def prior(
    record: RecordFolder = None,
    as_of: AsOf = None,
    case: CaseName = None,
    seed: Seed = 20260228,
    priors: PriorFile = None,
    history: HistoryPower = None,
) -> None:
    """Show what the priors alone say: the ladder at 30, 90 and 180 days, and shares of 400 weeks in force and war."""
    from forecast.inference.fit import sample_prior
    from forecast.inference.prior_file import read_priors
    from forecast.model.learned import POWER, applied
    from forecast.outlook.tail import long_run, prior_ladder
    from forecast.record import read_record, with_reference
    from forecast.record.asof import default_as_of
    from forecast.record.panel import build_panel

    own = read_record(record)
    day = day_of(as_of) or default_as_of(own)
    panel = build_panel(with_reference(own), day, case=case)
    chosen, told = applied(read_priors(priors), POWER if history is None else history, day)
    say.print(told, soft_wrap=True)
    draws = sample_prior(panel, chosen, draws=1000, seed=seed)
    ladder = prior_ladder(draws, panel, seed=seed)
    out = Console(highlight=False)
    wide = ladder.pivot_table(index="rung", columns="horizon_days", values="probability")
    out.print("Prior predictive ladder from a quiet start (probability by days ahead)")
    out.print(wide.to_string(float_format=lambda v: f"{v:.3f}"))
    out.print("\nShares of 400 weeks from a quiet start, over draws of the prior")
    out.print(long_run(draws, panel, seed=seed).to_string(index=False, float_format=lambda v: f"{v:.3f}"))


def pretrain(
    corpora: Annotated[Path, typer.Option("--corpora", help="Folder with folders mie, icb and icbe.")],
    out: Annotated[Path, typer.Option("--out", help="Summary to write (JSON).")],
    as_of: Annotated[
        list[str] | None,
        typer.Option("--as-of", help="Only what was over by this day; may be repeated; all cut-offs by default."),
    ] = None,
) -> None:
    """Learn the shared parameters from published confrontations and crises; about two minutes of one core a cut-off.

    Cut-offs that the file holds already are kept, so that a run that was cut short can be resumed.
    """
    days = [day for day in map(day_of, as_of or []) if day is not None]
    from forecast.inference.pretrain import CUT_OFFS
    from forecast.inference.pretrain import pretrain as learn
    from forecast.model.learned import history_text, read_history

    line = progress_line()

    def save(found: History) -> None:
        out.write_text(history_text(found), encoding="utf-8")

    history = learn(
        corpora,
        days or CUT_OFFS,
        earlier=read_history(out) if out.exists() else None,
        save=save,
        progress=lambda text: line("pretrain", text),
    )
    learned = ", ".join(f"{cut.as_of}: {len(cut.learned)}" for cut in history.cut_offs)
    Console(highlight=False).print(f"{escape(str(out))}: numbers learned by cut-off: {learned}", soft_wrap=True)
