"""From a folder of CSV tables to a checked record in memory, and the hashes that say which record it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pandas as pd

from forecast.errors import RecordError
from forecast.record.check import inspect
from forecast.record.columns import TABLES
from forecast.record.config import CONFIG_FILE, RecordConfig
from forecast.record.questions import QUESTIONS_FILE, Question, inspect_questions
from forecast.record.schema import Column, Table
from forecast.record.sheet import Sheet

_SHOWN: Final = 20


@dataclass(frozen=True, eq=False)
class Record:
    """A record as data frames; treat them as read-only.

    Blank cells are ``""`` in text columns, ``<NA>`` in integer columns and ``NaT`` in date columns.

    Attributes
    ----------
    path : Path
        Folder it was read from.
    config : RecordConfig
        ``record.yaml``.
    tables : mapping of str to DataFrame
        One frame per table of :mod:`forecast.record.columns`, columns in that order.
    """

    path: Path
    config: RecordConfig
    tables: Mapping[str, pd.DataFrame]

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(table)} {name}" for name, table in self.tables.items())
        return f"<Record {self.config.title!r}: {sizes}>"

    def _repr_html_(self) -> str:
        cases = ", ".join(escape(f"{entry.title} ({entry.id})") for entry in self.config.cases) or "no case"
        sizes = pd.Series({name: len(table) for name, table in self.tables.items()}, name="rows").to_frame().T
        return f"<p><b>{escape(self.config.title)}</b>: {cases}</p>{sizes.to_html(border=0)}"

    @property
    def actors(self) -> pd.DataFrame:
        """Everyone who acts or is acted upon."""
        return self.tables["actors"]

    @property
    def episodes(self) -> pd.DataFrame:
        """Crises and cases, as known at onset."""
        return self.tables["episodes"]

    @property
    def sides(self) -> pd.DataFrame:
        """Who stands where in an episode."""
        return self.tables["sides"]

    @property
    def preludes(self) -> pd.DataFrame:
        """What was seen before the first strike."""
        return self.tables["preludes"]

    @property
    def moves(self) -> pd.DataFrame:
        """Dated signals and uses of force."""
        return self.tables["moves"]

    @property
    def outcomes(self) -> pd.DataFrame:
        """How crises and rounds ended."""
        return self.tables["outcomes"]

    @property
    def coverage(self) -> pd.DataFrame:
        """Which channels were watched, and when."""
        return self.tables["coverage"]

    @property
    def sources(self) -> pd.DataFrame:
        """What the rows rest on."""
        return self.tables["sources"]

    @cached_property
    def hash(self) -> str:
        """Hex SHA-256 of the contents; the same for any order of rows and any line endings."""
        return record_hashes(self)["record"]

    def with_tables(self, tables: Mapping[str, pd.DataFrame]) -> Record:
        """Return the same record with other tables."""
        return replace(self, tables=MappingProxyType(dict(tables)))


def shipped_path() -> Path:
    """Return the folder of the shipped record: ``data/`` in a checkout, ``forecast/_data`` in an installed wheel."""
    package = Path(__file__).resolve().parents[1]
    checkout = package.parent / "data"
    return checkout if (checkout / CONFIG_FILE).is_file() else package / "_data"


def read_record(path: Path | str | None = None) -> Record:
    """Read and check a record.

    Parameters
    ----------
    path : path-like, optional
        Folder of the record; by default the shipped one.

    Returns
    -------
    Record
        All tables, complete in time: cut it with :func:`forecast.record.as_of`.

    Raises
    ------
    RecordError
        If any rule of the codebook is broken; ``problems`` lists every finding.
    """
    folder = shipped_path() if path is None else Path(path)
    config, sheets, problems = inspect(folder)
    if problems or config is None:
        listed = [f"  {problem}" for problem in problems[:_SHOWN]]
        if len(problems) > _SHOWN:
            listed.append(f"  … and {len(problems) - _SHOWN} more: run `forecast check {folder}`")
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        raise RecordError("\n".join([f"{folder}: the record has {count}", *listed]), tuple(problems))
    return Record(folder, config, MappingProxyType({name: _frame(sheet) for name, sheet in sheets.items()}))


def read_questions(path: Path | str | None = None, record: Record | None = None) -> tuple[Question, ...]:
    """Read the questions that a forecast is asked beside those that every forecast is asked.

    Parameters
    ----------
    path : path-like, optional
        A YAML file, or the folder of a record, whose ``questions.yaml`` is read if there is one; by default the
        folder of `record`, or of the shipped record.
    record : Record, optional
        The record that the questions are about: the cases and actors that they name must be its own.

    Returns
    -------
    tuple of Question
        In the order of the file; a window that lists several lengths makes one question of each.

    Raises
    ------
    RecordError
        A question breaks a rule; ``problems`` lists every finding.
    """
    place = (shipped_path() if record is None else record.path) if path is None else Path(path)
    file = place / QUESTIONS_FILE if place.is_dir() else place
    if place.is_dir() and not file.is_file():
        return ()
    questions, problems = inspect_questions(file, None if record is None else actors_by_case(record))
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        raise RecordError("\n".join([f"{file}: {count}", *(f"  {problem}" for problem in problems)]), tuple(problems))
    return questions


def actors_by_case(record: Record) -> dict[str, set[str]]:
    """Return who stands in each case and past crisis."""
    actors = record.sides.groupby("episode_id")["actor"].agg(set)
    return {str(episode): actors.get(episode, set()) for episode in record.episodes["episode_id"]}


def record_hashes(record: Record) -> dict[str, str]:
    """Return hex SHA-256 hashes of each table, of ``config``, and of the whole (``record``).

    Parameters
    ----------
    record : Record
        Any record, cut or not.

    Returns
    -------
    dict of str to str
        Independent of the order of rows and of line endings.
    """
    hashes = {name: _digest(sorted(_canonical(record.tables[name], table))) for name, table in TABLES.items()}
    hashes["config"] = _digest([record.config.model_dump_json()])
    hashes["record"] = _digest([f"{name} {value}" for name, value in hashes.items()])
    return hashes


def _digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()


def _canonical(frame: pd.DataFrame, table: Table) -> list[str]:
    cells = [as_text(frame[column.name], column) for column in table.columns]
    return [json.dumps(row, ensure_ascii=False) for row in zip(*cells, strict=True)]


def as_text(values: pd.Series, column: Column) -> list[str]:
    """Return the cells of one column as they stand in a CSV file, blanks as ``""``."""
    if column.kind == "date":
        days = values.to_numpy().astype("datetime64[D]").astype("str")
        return ["" if day == "NaT" else str(day) for day in days]
    if column.kind == "int":
        return [str(number) for number in values.astype("Int64").to_numpy(dtype=object, na_value="")]
    return [str(text) for text in values]


def _frame(sheet: Sheet) -> pd.DataFrame:
    return pd.DataFrame({column.name: _series(sheet, column) for column in sheet.table.columns})


def _series(sheet: Sheet, column: Column) -> pd.Series:
    cells = sheet.column(column.name)
    if column.kind == "date":
        return pd.to_datetime(pd.Series([cell or None for cell in cells], dtype="str"), format="%Y-%m-%d").astype(
            "datetime64[s]"
        )
    if column.kind == "int":
        numbers = pd.Series([int(cell) if cell else None for cell in cells], dtype="Int64")
        return numbers.astype("int64") if column.required else numbers
    return pd.Series(cells, dtype="str")
