"""Ask for it: the command `forecast` and its verbs."""

from __future__ import annotations

import json
import sys
import time
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from forecast import backtests
from forecast.errors import ArchiveError, ForecastError, RecordError, UsageError
from forecast.studies import study

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecast.model.learned import History

# Each verb imports what it needs itself: the sampler's libraries are slow to load.
app = typer.Typer(
    help="Forecast coercive bargaining between two adversaries: record in, calibrated ladder of outcomes out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 the record breaks a rule, 2 wrong request, 3 the gate refused publication, "
    "4 archive damaged or not writable.",
)
app.add_typer(study, name="study")
say = Console(stderr=True, highlight=False)

RecordFolder = Annotated[
    Path | None, typer.Option("--record", help="Folder of the record; the shipped one by default.")
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="Day whose knowledge counts (YYYY-MM-DD); the last covered day by default."),
]
CaseName = Annotated[str | None, typer.Option("--case", help="Case of the record; its first one by default.")]
Out = Annotated[Path, typer.Option("--out", help="Folder of the archive.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of sampler and simulated paths.")]
Quick = Annotated[bool, typer.Option("--quick", help="Few draws and paths: a look, stamped as not for publication.")]
PeriodDays = Annotated[int, typer.Option("--period-days", min=1, max=31, help="Length of a period in days.")]
HistoryPower = Annotated[
    float | None,
    typer.Option("--history", min=0, max=1, help="Power given to published history in the priors: 0 none, 1 all."),
]
PriorFile = Annotated[Path | None, typer.Option("--priors", help="Table of priors (YAML); the shipped one by default.")]


@app.command(
    epilog="Examples: forecast run · forecast run --as-of 2026-02-13 --json - · forecast run --record my-crisis"
)
def run(
    record: RecordFolder = None,
    as_of: AsOf = None,
    case: CaseName = None,
    out: Out = Path("forecasts"),
    json_file: Annotated[
        str | None, typer.Option("--json", help="Also write the forecast as JSON to a file; - for standard output.")
    ] = None,
    seed: Seed = 20260228,
    quick: Quick = False,
    period_days: PeriodDays = 7,
    priors: PriorFile = None,
    history: HistoryPower = None,
    history_file: Annotated[
        Path | None,
        typer.Option("--history-file", help="Summary by `forecast pretrain`; the shipped one by default."),
    ] = None,
    prior_sets: Annotated[
        bool, typer.Option("--prior-sets/--no-prior-sets", help="Also the ladder under other priors: three short fits.")
    ] = True,
    questions: Annotated[
        Path | None,
        typer.Option("--questions", help="File of questions (YAML); that of the record by default.", exists=True),
    ] = None,
    attempts: Annotated[int, typer.Option(help="Attempts at most, each with chains twice as long.", min=1, max=6)] = 3,
    draws: Annotated[int, typer.Option(help="Draws per chain in the first attempt.", min=100)] = 1000,
    target_accept: Annotated[float, typer.Option(help="Acceptance rate that NUTS aims at.", min=0.5, max=0.999)] = 0.8,
) -> None:
    """Make a forecast: check, as-of, panel, fit, simulate, gate, report, archive."""
    day = _day(as_of)
    from forecast.inference.fit import Sampling
    from forecast.model.learned import POWER
    from forecast.publish import json_document, terminal_summary
    from forecast.run import Settings, publish

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
    )
    published = publish(record, settings, out=out, progress=_progress())
    meta, tables = published.forecast.meta, published.forecast.tables
    if json_file is not None:
        text = json.dumps(json_document(meta, tables), indent=1) + "\n"
        if json_file == "-":
            sys.stdout.write(text)
        else:
            Path(json_file).write_text(text, encoding="utf-8")
    to = say if json_file == "-" else Console(highlight=False)
    to.print(terminal_summary(meta, tables, folder=published.folder))


@app.command(epilog="Example: forecast fit --as-of 2026-02-13 --out posterior.nc")
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
    day = _day(as_of)
    from forecast.inference.fit import Sampling, save_posterior
    from forecast.inference.fit import fit as sample_posterior
    from forecast.model.learned import POWER, applied
    from forecast.model.priors import read_priors
    from forecast.record import read_record
    from forecast.record.panel import build_panel
    from forecast.record.reference import with_reference
    from forecast.run import default_as_of

    source = read_record(record)
    day = day or default_as_of(source)
    panel = build_panel(with_reference(source), day, case=case, period_days=period_days)
    chosen, _ = applied(read_priors(priors), POWER if history is None else history, day)
    sampling = Sampling.quick(seed) if quick else Sampling(seed=seed)
    save_posterior(sample_posterior(panel, chosen, sampling, progress=say.print), out)
    say.print(f"Posterior: {out}")


@app.command(
    epilog="Examples: forecast pretrain --corpora corpora --out learned.json · "
    "forecast pretrain --corpora corpora --as-of 1985-12-31 --out to-1985.json"
)
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
    days = [day for day in map(_day, as_of or []) if day is not None]
    from forecast.inference.pretrain import CUT_OFFS
    from forecast.inference.pretrain import pretrain as learn
    from forecast.model.learned import history_text, read_history

    line = _progress()

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


@app.command(epilog="Example: forecast check my-crisis")
def check(
    folder: Annotated[Path | None, typer.Argument(help="Folder of the record; the shipped one by default.")] = None,
) -> None:
    """Check a record: every problem with file, line, column, value, rule and suggestion."""
    from forecast.record import check_record, read_questions
    from forecast.record.read import read_record, shipped_path

    where = shipped_path() if folder is None else folder
    problems = check_record(where)
    out = Console(highlight=False)
    if problems:
        for problem in problems:
            out.print(escape(str(problem)), soft_wrap=True)
        raise RecordError(f"{where}: {len(problems)} problem{'s' if len(problems) > 1 else ''} found")
    record = read_record(where)
    asked = read_questions(record=record)
    sizes = ", ".join(f"{len(frame)} {name}" for name, frame in [*record.tables.items(), ("questions", asked)])
    out.print(f"{escape(str(where))}: keeps every rule ({sizes}).")


@app.command(
    epilog="Examples: forecast questions · forecast questions mine.yaml --record my-crisis · "
    "forecast questions --as-of 2026-02-13 --answers"
)
def questions(
    file: Annotated[
        Path | None,
        typer.Argument(help="File of questions (YAML), or an archived run; the record's own by default.", exists=True),
    ] = None,
    record: RecordFolder = None,
    as_of: AsOf = None,
    case: CaseName = None,
    answers: Annotated[
        bool, typer.Option("--answers", help="What the record answers: yes, no, or void with a reason.")
    ] = False,
) -> None:
    """Check and list questions: window, rule in words, and whether the model can express it, or why not."""
    from forecast.evaluation.answers import answer_table, archived_questions, expressible_table
    from forecast.publish import read_run
    from forecast.record import read_questions, read_record, with_reference
    from forecast.record.asof import default_as_of
    from forecast.record.questions import standing_questions

    own = read_record(record)
    day = _day(as_of) or default_as_of(own)
    if file is not None and (file / "manifest.json").is_file():
        archived = read_run(file)
        asked, case = archived_questions(archived.tables["questions"]), archived.meta["case"]
        day = date.fromisoformat(archived.meta["as_of"])
    else:
        asked = (*read_questions(file, own), *standing_questions())
    whole = with_reference(own)
    told = answer_table(whole, asked, day, case=case) if answers else expressible_table(whole, asked, day, case=case)
    out = Console(highlight=False)
    said = told["answer"] if answers else told["expressible"].map({True: "expressible", False: "not expressible"})
    for row, verdict in zip(told.to_dict("records"), said, strict=True):
        window, why = f"{row['opens']} to {row['closes']}", f": {row['reason']}" if row["reason"] else ""
        text = f"[bold]{escape(row['question_id'])}[/] [dim]{window}[/] {escape(row['in_words'])} – {verdict}"
        out.print(text + escape(why), soft_wrap=True)
    listed = ", ".join(f"{count} {verdict}" for verdict, count in said.value_counts(sort=False).items())
    say.print(f"{len(told)} questions, as of {day}: {listed}", soft_wrap=True)


@app.command(epilog="Example: forecast init my-crisis --side-a GRC --side-b TUR")
def init(
    folder: Annotated[Path, typer.Argument(help="New folder for the record.")],
    side_a: Annotated[str, typer.Option(help="Three-letter code of the first side's lead.")] = "AAA",
    side_b: Annotated[str, typer.Option(help="Three-letter code of the second side's lead.")] = "BBB",
) -> None:
    """Write an empty, commented record for any two sides; it passes `check` and tells what to fill in."""
    from forecast.record import init_record

    init_record(folder, side_a=side_a, side_b=side_b)
    Console(highlight=False).print(
        f"{escape(str(folder))}: an empty record for {side_a} and {side_b}. Read {escape(str(folder / 'README.md'))}, "
        f"fill it in, then: forecast check {escape(str(folder))} && forecast run --record {escape(str(folder))}"
    )


@app.command(
    name="import",
    epilog="Examples: forecast import mie mie-1.0.csv --out records/mie · forecast import icb downloads --out icb",
)
def import_(
    name: Annotated[str, typer.Argument(help="Data set: icbe, icb, mie, gdelt, polecat or ucdp.")],
    path: Annotated[Path, typer.Argument(help="The publisher's file, or the folder that holds its files.")],
    out: Annotated[Path, typer.Option("--out", help="New folder for the record.")],
) -> None:
    """Write a published data set as a record, with a report of what was mapped, masked, dropped and assumed."""
    from forecast.record.importers import import_record

    written = import_record(name, path, out)
    sizes = ", ".join(f"{rows} {table}" for table, rows in written.sizes.items() if rows)
    dropped = sum(tally.rows or 0 for tally in written.tallies if tally.fate == "dropped")
    Console(highlight=False).print(
        f"{escape(str(out))}: keeps every rule ({sizes}). {dropped} rows were dropped; what, and why, and what was "
        f"assumed: {escape(str(out / 'import-report.md'))}",
        soft_wrap=True,
    )


@app.command(
    epilog="Examples: forecast report forecasts/us-iran/RUN --out page.html · forecast report RUN --pdf page.pdf · "
    "forecast report --index forecasts"
)
def report(
    run_folder: Annotated[Path | None, typer.Argument(help="Folder of an archived run.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="HTML file to write; report.html if no other file is asked for.")
    ] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="PDF file to write.")] = None,
    previous: Annotated[Path | None, typer.Option("--previous", help="Folder of the run to compare with.")] = None,
    index: Annotated[
        Path | None, typer.Option("--index", help="Folder of an archive: write its index.html over all runs.")
    ] = None,
) -> None:
    """Render the report of an archived run anew, as a page or as PDF, or the index of an archive; no run is changed."""
    from forecast.publish import compose_report, html_page, pdf_pages, read_run, write_index

    if index is not None:
        if not index.is_dir():
            raise ArchiveError(f"{index}: no such folder; give the folder of an archive, e.g. forecasts")
        Console(highlight=False).print(f"{escape(str(write_index(index)))}: written")
    if run_folder is None:
        if index is None:
            raise UsageError("no run is given: name the folder of an archived run, or an archive by --index")
        return
    archived = read_run(run_folder)
    document = compose_report(archived.meta, archived.tables, None if previous is None else read_run(previous))
    page = out or (Path("report.html") if pdf is None else None)
    if page is not None:
        page.write_text(html_page(document), encoding="utf-8")
    if pdf is not None:
        pdf.write_bytes(pdf_pages(document))
    for file in filter(None, (page, pdf)):
        Console(highlight=False).print(f"{escape(str(file))}: written from {escape(str(run_folder))}")


@app.command(epilog="Example: forecast prior --as-of 2026-02-13")
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
    from forecast.model.learned import POWER, applied
    from forecast.model.priors import read_priors
    from forecast.outlook.tail import long_run, prior_ladder
    from forecast.record import read_record, with_reference
    from forecast.record.panel import build_panel
    from forecast.run import default_as_of

    own = read_record(record)
    day = _day(as_of) or default_as_of(own)
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


@app.command(
    epilog="Examples: forecast treatments forecasts/us-iran/RUN · forecast treatments posterior.nc --out moved.csv"
)
def treatments(
    source: Annotated[Path, typer.Argument(help="Folder of an archived run, or a posterior (netCDF).")],
    out: Annotated[Path, typer.Option("--out", help="CSV file to write.")] = Path("treatments.csv"),
    seed: Seed = 20260228,
) -> None:
    """Had the last period shown another signal: threats, carriers, offers, allies, strikes; no fit, some minutes."""
    from forecast.inference.fit import load_posterior
    from forecast.outlook.treatments import treatment_table

    line = _progress()
    tree = load_posterior(source / "posterior.nc" if source.is_dir() else source)
    table = treatment_table(tree, seed=seed, progress=lambda text: line("treat", text))
    table.to_csv(out, index=False, lineterminator="\n")
    columns = ["treatment", "side", "outcome", "control", "treated", "difference", "mcse", "khat", "expected", "note"]
    shown = table[columns].to_string(index=False, float_format=lambda v: f"{v:.3f}")
    Console(highlight=False, width=200).print(escape(shown), soft_wrap=True)
    say.print(f"Written: {escape(str(out))}", soft_wrap=True)


@app.command(
    epilog="Examples: forecast sensitivity forecasts/us-iran/RUN · forecast sensitivity posterior.nc --out power.csv"
)
def sensitivity(
    source: Annotated[Path, typer.Argument(help="Folder of an archived run, or a posterior (netCDF).")],
    out: Annotated[Path, typer.Option("--out", help="CSV file to write; one by rung is put beside it.")] = Path(
        "sensitivity.csv"
    ),
    seed: Seed = 20260228,
) -> None:
    """Power-scale every prior, groups of them and the likelihood: what each moves; no fit, one to two minutes."""
    from forecast.inference.fit import compile_panel, load_posterior
    from forecast.inference.power import log_likelihood
    from forecast.outlook.forecast import priors_of
    from forecast.outlook.sensitivity import power_scaling

    line = _progress()
    tree = load_posterior(source / "posterior.nc" if source.is_dir() else source)
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


@app.command(epilog="Examples: forecast benchmark W · forecast benchmark M --data mie-1.0.csv --task M2")
def benchmark(
    name: Annotated[str, typer.Argument(help="W disputes, S sanctions, M confrontations, I crises, U this record.")],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help="Published file, or folder of corpora; $FORECAST_CORPORA or ../shared/corpora. "
            "For U the folder of a record.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for tables (CSV) and document (JSON).")] = Path("scores"),
    task: Annotated[str, typer.Option("--task", help="Only tasks of this first word, or that hold this text.")] = "",
    models: backtests.Models = backtests.ALL,
    workers: backtests.Workers = 1,
    scheduler: backtests.Scheduler = "",
) -> None:
    """Score models and baselines on published data, with paired intervals; minutes to hours on one core.

    U is the back-test of a record; only there do --models, --workers and --scheduler count.
    """
    if name == "U":
        backtests.benchmark(data, out, models, workers, scheduler)
        return
    from forecast.evaluation.benchmarks.publish import run_benchmark

    line = _progress()
    result = run_benchmark(name, data, out, task, lambda text: line(name, text))
    columns = ["task", "candidate", "score", "mean", "low", "high", "difference", "difference_low", "difference_high"]
    shown = result.scores[columns].to_string(index=False, float_format=lambda v: f"{v:.4f}")
    Console(highlight=False, width=200).print(escape(shown), soft_wrap=True)


app.command(
    epilog="Examples: forecast backtest --models baselines · forecast backtest --record my-crises --workers 4 · "
    "forecast backtest --models inside --variant no-credibility --out plain --with backtest"
)(backtests.backtest)


def main() -> None:
    """Run the command; errors of this package become one message and their exit code."""
    try:
        app()
    except ForecastError as error:
        say.print(f"[bold red]forecast:[/] {escape(str(error))}", soft_wrap=True)
        raise SystemExit(error.exit_code) from None


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        raise typer.BadParameter(f"--as-of {text!r} is not a day; write it as YYYY-MM-DD, e.g. 2026-02-13") from None


def _progress() -> Callable[[str, str], None]:
    began = time.perf_counter()

    def line(stage: str, text: str) -> None:
        say.print(f"[dim]{time.perf_counter() - began:6.1f} s[/]  [bold]{stage:<9}[/]{escape(text)}", soft_wrap=True)

    return line


if __name__ == "__main__":
    main()
