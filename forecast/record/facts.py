"""Facts from a short table: a few cells a row become moves of the record, the rest filled in with what is usual."""

from __future__ import annotations

import csv
import io
import re
import shutil
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from forecast.errors import RecordError, UsageError
from forecast.record.check import check_record, inspect
from forecast.record.columns import TABLES
from forecast.record.problem import Problem, nearest
from forecast.record.read import shipped_path
from forecast.record.rule import CHANNEL_OF
from forecast.record.sheet import Sheet, read_sheet
from forecast.record.vocabulary import DIRECTION, RUNGS_BY_TYPE

FACTS_FILE: Final = "facts.csv"
FACT_COLUMNS: Final = ("date", "actor", "target", "type", "level", "summary", "source", "rung")
_EXTRA: Final = frozenset({"move_id", "known_date", "date_precision", "sponsor", "direction", "theatre", "confidence"})
_SAME: Final = ("date", "actor", "target", "type", "summary")

type Row = dict[str, str]


class Added(NamedTuple):
    """What `add_facts` wrote: moves, sources and observers, and how many facts stood in the record already."""

    moves: int
    sources: int
    observers: tuple[str, ...]
    there: int


def add_facts(folder: Path | str, file: Path | str | None = None, *, case: str | None = None) -> Added:
    """Add the facts of a short table to a record, as moves; facts that stand there already are passed over.

    The table has one row per fact and, in any order, the columns ``date, actor, target, type, level, summary, source``
    and where they matter ``rung, known_date, date_precision, sponsor, direction, theatre, confidence, move_id``. What
    it leaves out is filled in: the channel and the usual direction of the type, the rung where the type has but one,
    the other side's lead as target (the own public for moves of the channel ``audience``), the date as day on which it
    was known, confidence ``reported``. A source is an id of ``sources.csv``, or any citation or address, which gets a
    row there. An actor that only the package's own record knows is added as an observer of neither side.

    Parameters
    ----------
    folder : path-like
        The record, which must keep every rule.
    file : path-like, optional
        The short table: CSV in UTF-8, with commas or semicolons; by default ``facts.csv`` in the record.
    case : str, optional
        The case; by default the first one of the record.

    Returns
    -------
    Added
        What was written.

    Raises
    ------
    RecordError
        The record breaks a rule, or would with these facts; then nothing is written.
    UsageError
        There is no such file or case.
    """
    where, path = Path(folder), Path(file) if file is not None else Path(folder) / FACTS_FILE
    config, sheets, found = inspect(where)
    if found or config is None:
        told = "\n".join(str(problem) for problem in found[:3])
        message = f"{where} breaks a rule already, nothing was added – mend it first: forecast check {where}\n{told}"
        raise RecordError(message, tuple(found))
    cases = [one.id for one in config.cases]
    if not cases or (case is not None and case not in cases):
        raise UsageError(f"{where} has no case {case or ''} – {nearest(case or '', cases)}")
    episode = case or cases[0]
    facts = _facts(path)
    moves, old = [], _rows(sheets["moves"])
    there, lines = 0, []
    for line, fact in facts:
        row = _move(fact, episode, _leads(sheets, episode), [*old, *moves])
        same = [other for other in old if all(other[name] == row[name] for name in _SAME)]
        if same and (differs := _differs(fact, same[-1])):
            advice = f"correct {same[-1]['move_id']} in moves.csv, or tell in the summary how the two facts differ"
            rule = f"the fact stands in the record, where {differs[0]} is {differs[1] or 'blank'}"
            raise RecordError(str(Problem(path.name, line, differs[0], fact[differs[0]], rule, advice)))
        there += bool(same)
        if not same:
            moves.append(row)
            lines.append(line)
    new = _beside(moves, sheets, episode)
    _write(where, path, sheets, {"moves": moves, **new}, lines)
    observers = tuple(row["actor"] for row in new["sides"])
    return Added(len(moves), len(new["sources"]), observers, there)


def _facts(path: Path) -> list[tuple[int, Row]]:
    """The rows of a short table with their lines; rows without any text are passed over."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"there is no file {path} – write one with the columns {','.join(FACT_COLUMNS)}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({error}) – save it as CSV in UTF-8") from error
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    header = [name.strip().lower() for name in next(reader, [])]
    known = {*FACT_COLUMNS, *_EXTRA}
    wrong = [f"{name or 'a blank name'} is no column – {nearest(name, known)}" for name in header if name not in known]
    wrong += [f"the column {name} is missing – add it" for name in ("date", "actor", "type", "level", "summary")
              if name not in header]  # fmt: skip
    if wrong:
        raise RecordError(f"{path.name} line 1: " + "; ".join(wrong))
    rows, problems, line = [], [], reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            if len(cells) != len(header):
                rule = f"the row has {len(cells)} cells where the header has {len(header)}"
                advice = 'add or remove commas, and put text with commas into "quotes"'
                problems.append(str(Problem(path.name, line, "", "", rule, advice)))
            rows.append((line, dict(zip(header, (" ".join(cell.split()) for cell in cells), strict=False))))
        line = reader.line_num + 1
    if problems:
        raise RecordError("\n".join(problems))
    return [(line, {**dict.fromkeys(known, ""), **row}) for line, row in rows]


def _move(fact: Row, episode: str, leads: tuple[str, str], others: list[Row]) -> Row:
    """A fact as a move, with what is usual where it says nothing."""
    kind = fact["type"]
    channel, rungs = CHANNEL_OF.get(kind, "verbal"), RUNGS_BY_TYPE.get(kind, ())
    target = "DOMESTIC" if channel == "audience" else leads[fact["actor"] == leads[0]]
    sourced = fact["source"] not in ("", "coder")
    row = {
        "date_precision": "day", "known_date": fact["date"], "direction": DIRECTION.get(kind, "neutral"),
        "confidence": "reported", "target": target, "rung": str(rungs[0]) if len(rungs) == 1 else "",
    }  # fmt: skip
    row |= {name: cell for name, cell in fact.items() if cell and name != "source"}
    row |= {"episode_id": episode, "status": "active", "channel": channel, "sources": fact["source"] or "coder"}
    row |= {"basis": "dated_source" if sourced else "reference_knowledge"}
    taken = {other["move_id"] for other in others}
    stem = fact["move_id"] or "-".join(re.findall("[a-z0-9]+", f"{fact['date']} {fact['actor']} {kind}".lower()))
    ids = [stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))]
    return {**fact, **row, "move_id": stem if fact["move_id"] else next(name for name in ids if name not in taken)}


def _differs(fact: Row, row: Row) -> tuple[str, str] | None:
    """The first cell that a fact gives and that the same move of the record has otherwise, and what it says there."""
    names = [name for name in fact if fact[name] and name in row and name != "move_id"]
    return next(((name, row[name]) for name in names if fact[name] != row[name]), None)


def _beside(moves: list[Row], sheets: dict[str, Sheet], episode: str) -> dict[str, list[Row]]:
    """Rows of other tables that moves need: sources that are cited for the first time, actors and their sides."""
    start = min([row["start"] for row in _rows(sheets["episodes"]) if row["episode_id"] == episode]
                + [row["known_date"] for row in moves])  # fmt: skip
    known = _rows(sheets["sources"])
    ids = {row["citation"]: row["source_id"] for row in known} | {row["source_id"]: row["source_id"] for row in known}
    sources = []
    for move in moves:
        cited = move["sources"]
        if not all(part.strip() in ids.values() for part in cited.split(";")):
            if cited not in ids:
                stem = "-".join(re.findall("[a-z0-9]+", cited.lower().partition("://")[2] or cited.lower()))[:48] or "s"
                name = next(n for k in range(len(ids) + 2)
                            if (n := stem.strip("-") + (f"-{k + 1}" if k else "")) not in ids.values())  # fmt: skip
                url = cited if re.match(r"https?://\S+$", cited) else ""
                sources.append({"source_id": name, "kind": "news", "citation": cited, "url": url, "known_date": start})
                ids[cited] = name
            move["sources"] = ids[cited]
    actors = {row["actor_id"] for row in _rows(sheets["actors"])}
    placed = {row["actor"] for row in _rows(sheets["sides"]) if row["episode_id"] == episode}
    shipped = {row["actor_id"]: row for row in _rows(read_sheet(shipped_path(), TABLES["actors"])[0])}
    named = dict.fromkeys(code for move in moves for code in (move["actor"], move["target"]))
    observers = [code for code in named if code not in placed and (code in actors or code in shipped)]
    return {
        "sources": sources,
        "actors": [shipped[code] | {"sponsor": "", "known_date": start} for code in observers if code not in actors],
        "sides": [
            {"episode_id": episode, "actor": code, "side": "none", "role": "observer", "known_date": start}
            for code in observers
        ],
    }


def _write(folder: Path, path: Path, sheets: dict[str, Sheet], new: dict[str, list[Row]], lines: list[int]) -> None:
    """Append rows to a copy of the record, check it, and only then to the record."""
    with tempfile.TemporaryDirectory() as scratch:
        trial = Path(scratch)
        for file in [*folder.glob("*.csv"), *folder.glob("*.yaml")]:
            shutil.copyfile(file, trial / file.name)
        starts = {name: _append(trial, sheets[name], rows) for name, rows in new.items() if rows}
        at = dict(zip(range(starts.get("moves", 0), starts.get("moves", 0) + len(lines)), lines, strict=True))
        found = [_in_facts(problem, path.name, at) for problem in check_record(trial)]
        undated = {problem.line for problem in found if problem.column == "date"}
        found = [one for one in found if one.column != "known_date" or one.line not in undated]
        if found:
            text = "\n".join(dict.fromkeys(str(problem) for problem in found))
            raise RecordError(f"{path}: nothing was added, {len(found)} to mend\n{text}", tuple(found))
        for name in starts:
            shutil.copyfile(trial / TABLES[name].file, folder / TABLES[name].file)


def _append(folder: Path, sheet: Sheet, rows: list[Row]) -> int:
    """Append rows to a table, with the columns that they need; the line on which the first of them begins."""
    file = folder / sheet.table.file
    text = file.read_text(encoding="utf-8-sig")
    header = next(csv.reader(io.StringIO(text)))
    wanted = [name for name in sheet.table.names if name not in header and any(row.get(name) for row in rows)]
    out = io.StringIO(newline="")
    if wanted:
        header = [*header, *wanted]
        csv.DictWriter(out, header, lineterminator="\n").writeheader()
        csv.DictWriter(out, header, extrasaction="ignore", lineterminator="\n").writerows(_rows(sheet))
    else:
        out.write(text if text.endswith("\n") else text + "\n")
    first = out.getvalue().count("\n") + 1
    csv.DictWriter(out, header, restval="", extrasaction="ignore", lineterminator="\n").writerows(rows)
    file.write_text(out.getvalue(), encoding="utf-8", newline="")
    return first


def _in_facts(problem: Problem, name: str, at: dict[int, int]) -> Problem:
    """A finding in an added move, told where it stands in the short table."""
    if problem.file != TABLES["moves"].file or problem.line not in at:
        return problem
    column = {"sources": "source"}.get(problem.column, problem.column)
    return Problem(name, at[problem.line], column, problem.value, problem.rule, problem.suggestion)


def _rows(sheet: Sheet) -> list[Row]:
    return [dict(zip(sheet.header, row, strict=True)) for row in sheet.rows]


def _leads(sheets: dict[str, Sheet], episode: str) -> tuple[str, str]:
    """Leads of the two sides of a case, the challenger first."""
    row = next(row for row in _rows(sheets["episodes"]) if row["episode_id"] == episode)
    return row["challenger"], row["target"]
