"""The verbs on a record: check, questions, init, add, import."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from forecast.errors import RecordError
from forecast.verbs.options import AsOf, CaseName, RecordFolder, day_of, say

# Each verb imports what it needs itself: the libraries of the sampler are slow to load.

AsJson = Annotated[bool, typer.Option("--json", help="As JSON on standard output.")]


def check(
    folder: Annotated[Path | None, typer.Argument(help="Folder of the record; the shipped one by default.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Check a record: every problem with file, line, column, value, rule and suggestion."""
    from forecast.record import check_record, read_questions
    from forecast.record.interventions import read_scenarios
    from forecast.record.read import read_record, shipped_path

    where = shipped_path() if folder is None else folder
    problems = check_record(where)
    out = Console(highlight=False)
    if as_json:
        typer.echo(json.dumps([asdict(problem) for problem in problems], indent=1))
    if problems:
        for problem in () if as_json else problems:
            out.print(escape(str(problem)), soft_wrap=True)
        raise RecordError(f"{where}: {len(problems)} problem{'s' if len(problems) > 1 else ''} found")
    record = read_record(where)
    beside = [("questions", read_questions(record=record)), ("scenarios", read_scenarios(record=record))]
    sizes = ", ".join(f"{len(rows)} {name}" for name, rows in [*record.tables.items(), *beside])
    (say if as_json else out).print(f"{escape(str(where))}: keeps every rule ({sizes}).", soft_wrap=True)


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
    as_json: AsJson = False,
) -> None:
    """Check and list questions: window, rule in words, and whether the model can express it, or why not."""
    from forecast.evaluation.answers import answer_table, archived_questions, expressible_table
    from forecast.publish import read_run
    from forecast.record import read_questions, read_record, with_reference
    from forecast.record.asof import default_as_of
    from forecast.record.questions import standing_questions

    own = read_record(record)
    day = day_of(as_of) or default_as_of(own)
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
    # a window that the record does not cover to its end is void only for now
    said = said.mask((said == "void") & told["reason"].str.startswith("the record covers events up to"), "not yet")
    if as_json:
        days = {name: told[name].astype(str).str[:10] for name in ("opens", "closes")}
        typer.echo(json.dumps(json.loads(told.assign(**days).to_json(orient="records")), indent=1))
    for row, verdict in () if as_json else zip(told.to_dict("records"), said, strict=True):
        window, why = f"{row['opens']} to {row['closes']}", f": {row['reason']}" if row["reason"] else ""
        text = f"[bold]{escape(row['question_id'])}[/] [dim]{window}[/] {escape(row['in_words'])} – {verdict}"
        out.print(text + escape(why), soft_wrap=True)
    listed = ", ".join(f"{count} {verdict}" for verdict, count in said.value_counts(sort=False).items())
    say.print(f"{len(told)} questions, as of {day}: {listed}", soft_wrap=True)


def init(
    folder: Annotated[Path, typer.Argument(help="New folder for the record.")],
    side_a: Annotated[str, typer.Option(help="Three-letter code of the first side's lead.")] = "AAA",
    side_b: Annotated[str, typer.Option(help="Three-letter code of the second side's lead.")] = "BBB",
    start: Annotated[
        str | None,
        typer.Option("--start", help="First day that you follow (YYYY-MM-DD); 1 January two years ago by default."),
    ] = None,
    onset: Annotated[
        str | None, typer.Option("--onset", help="Day on which the crisis that is on broke out, if one is.")
    ] = None,
) -> None:
    """Write an empty, commented record for any two sides; it passes `check` and tells what to fill in."""
    from forecast.record import init_record, read_record
    from forecast.record.columns import COVARIATES

    init_record(folder, side_a=side_a, side_b=side_b, start=day_of(start, "--start"), onset=day_of(onset, "--onset"))
    where = escape(str(folder))
    taken = read_record(folder).episodes.iloc[0]
    guessed = ", ".join(f"{name} {taken[name]}" for name in COVARIATES)
    Console(highlight=False).print(
        f"{where}: an empty record; {side_a} demands or threatens (side a), {side_b} is its target (side b).\n"
        f"  1. Look whether what was filled in holds, in {where}/episodes.csv: {guessed}\n"
        f"  2. Write facts into {where}/facts.csv, then: forecast add {where}\n"
        f"  3. forecast check {where}\n"
        f"  4. forecast run --record {where} --quick     (a look; without --quick: a forecast)\n"
        f"  More in {where}/README.md; step by step: docs/how-to/my-own-crisis.md",
        soft_wrap=True,
    )


def add(
    folder: Annotated[Path, typer.Argument(help="Folder of the record.")],
    file: Annotated[
        Path | None,
        typer.Argument(help="Short table: date, actor, type, …; facts.csv in the record by default."),
    ] = None,
    case: CaseName = None,
) -> None:
    """Add facts of a short table to a record: eight cells each, the rest is filled in; what is there is passed over."""
    from forecast.record import add_facts
    from forecast.record.facts import FACTS_FILE

    added = add_facts(folder, file, case=case)
    there = f"; {added.there} stood there already" if added.there else ""
    where = escape(str(folder))
    lines = [f"{where}: {added.moves} moves and {added.sources} sources added{there}."]
    if not added.moves + added.there:
        lines = [f"{where}: nothing to add, {escape(str(file or folder / FACTS_FILE))} holds no facts yet."]
    if added.observers:
        lines.append(
            f"  {', '.join(added.observers)}: added as observers, of neither side. Who stands with a side gets another "
            f"side and role in {where}/sides.csv: partner, member or proxy."
        )
    Console(highlight=False).print("\n".join(lines), soft_wrap=True)


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
