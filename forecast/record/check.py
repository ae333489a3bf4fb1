"""Check a record folder: every problem at once, each with file, line, column and the way out."""

from __future__ import annotations

from pathlib import Path

from forecast.record.cells import check_cells
from forecast.record.columns import TABLES
from forecast.record.config import CONFIG_FILE, RecordConfig, read_config
from forecast.record.links import check_links
from forecast.record.problem import Problem
from forecast.record.questions import QUESTIONS_FILE, inspect_questions
from forecast.record.rules import check_rows
from forecast.record.sheet import Sheet, read_sheet


def check_record(path: Path | str) -> tuple[Problem, ...]:
    """Check the record in folder `path` against every rule of the codebook.

    Parameters
    ----------
    path : path-like
        Folder with ``record.yaml``, the CSV tables, and ``questions.yaml`` if questions are asked.

    Returns
    -------
    tuple of Problem
        Every finding, ordered by file and line; empty if the record is sound.
    """
    return tuple(inspect(Path(path))[2])


def inspect(folder: Path) -> tuple[RecordConfig | None, dict[str, Sheet], list[Problem]]:
    """Read and check the record in `folder`, never raising on its contents.

    Parameters
    ----------
    folder : Path
        The record.

    Returns
    -------
    config : RecordConfig or None
        ``record.yaml``; None if it is not valid.
    sheets : dict of str to Sheet
        All tables as text.
    problems : list of Problem
        Every finding.
    """
    if not folder.is_dir():
        return None, {}, [_no_record(folder)]
    if not any((folder / name).is_file() for name in (CONFIG_FILE, *(table.file for table in TABLES.values()))):
        return None, {}, [_no_record(folder)]
    config, lines, problems = read_config(folder)
    sheets: dict[str, Sheet] = {}
    for table in TABLES.values():
        sheet, faults = read_sheet(folder, table)
        faulty = list(check_cells(sheet))
        spoilt = {problem.line for problem in faulty}
        sheets[table.name] = sheet
        problems += [*faults, *faulty, *check_rows(sheet, spoilt)]
    if all(sheet.has(*sheet.table.names) for sheet in sheets.values()):
        problems += check_links(sheets, config, lines)
    if (folder / QUESTIONS_FILE).is_file():
        problems += inspect_questions(folder / QUESTIONS_FILE, _actors_by_case(sheets))[1]
    files = [CONFIG_FILE, *(table.file for table in TABLES.values()), QUESTIONS_FILE]
    order = {name: number for number, name in enumerate(files)}
    return config, sheets, sorted(problems, key=lambda problem: (order[problem.file], problem.line, problem.column))


def _no_record(folder: Path) -> Problem:
    """What a path is instead of a record, and the way out."""
    advice = "name a record, or write one with `forecast init`"
    if folder.is_file():
        return Problem(CONFIG_FILE, 1, "", "", f"{folder} is a file", f"name its folder: {folder.parent}")
    if not folder.is_dir():
        return Problem(CONFIG_FILE, 1, "", "", f"there is no folder {folder}", advice)
    if any(folder.glob("*/*/manifest.json")) or any(folder.glob("*/status.json")):
        rule = f"{folder} is an archive of forecasts, not a record"
        return Problem(CONFIG_FILE, 1, "", "", rule, f"name it by --out, and {advice}")
    return Problem(CONFIG_FILE, 1, "", "", f"{folder} holds none of the files of a record", advice)


def _actors_by_case(sheets: dict[str, Sheet]) -> dict[str, set[str]] | None:
    """Who stands in each case and past crisis; None where the tables do not tell."""
    episodes, sides = sheets["episodes"], sheets["sides"]
    if not episodes.has("episode_id") or not sides.has("episode_id", "actor"):
        return None
    found: dict[str, set[str]] = {episode: set() for episode in episodes.column("episode_id")}
    for episode, actor in zip(sides.column("episode_id"), sides.column("actor"), strict=True):
        found.setdefault(episode, set()).add(actor)
    return found
