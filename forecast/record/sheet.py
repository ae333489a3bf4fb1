"""One CSV file as written: cells as text with their line numbers, and every fault of its form."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from forecast.record.problem import Problem, nearest
from forecast.record.schema import Table

_BOM: Final = b"\xef\xbb\xbf"
_FIELD_LIMIT: Final = 1_000_000


@dataclass(frozen=True)
class Sheet:
    """The rows of one table as text.

    Attributes
    ----------
    table : Table
        The table that the file should hold.
    header : tuple of str
        Column names as found, then those that may be blank and were left out.
    rows : list of list of str
        Rows with as many cells as the header.
    lines : list of int
        Line of the file on which each row begins.
    """

    table: Table
    header: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]

    def has(self, *names: str) -> bool:
        """Whether all columns `names` are there."""
        return all(name in self.header for name in names)

    def column(self, name: str) -> list[str]:
        """Return the cells of column `name`; blanks if the file has no such column."""
        if name not in self.header:
            return [""] * len(self.rows)
        position = self.header.index(name)
        return [row[position] for row in self.rows]

    def problem(self, index: int, column: str, value: str, rule: str, suggestion: str) -> Problem:
        """Return a finding in row `index` (0-based)."""
        return Problem(self.table.file, self.lines[index], column, value, rule, suggestion)


def read_sheet(folder: Path, table: Table) -> tuple[Sheet, list[Problem]]:
    """Read one table of the record in `folder`, never raising on its contents.

    Parameters
    ----------
    folder : Path
        The record.
    table : Table
        Which table.

    Returns
    -------
    sheet : Sheet
        What could be read; without rows if the file cannot be read.
    problems : list of Problem
        Faults of form: missing file, encoding, quotes, header, ragged rows. A column that may be blank throughout may
        be left out.
    """
    text, problems = _text(folder / table.file)
    if text is None:
        return Sheet(table, table.names, [], []), problems
    records, faults = _records(text, table.file)
    problems += faults
    if not records:
        if not faults:
            advice = "write the header: " + ",".join(table.names)
            problems.append(Problem(table.file, 1, "", "", "the file is empty", advice))
        return Sheet(table, table.names, [], []), problems
    header = tuple(records[0][1])
    problems += _header(header, table)
    rows, lines = [], []
    for line, cells in records[1:]:
        if len(cells) == len(header):
            rows.append(cells)
            lines.append(line)
        else:
            rule = f"the row has {len(cells)} cells where the header has {len(header)}"
            advice = 'add or remove commas, and put text with commas into "quotes"'
            problems.append(Problem(table.file, line, "", "", rule, advice))
    left_out = tuple(column.name for column in table.columns if not column.required and column.name not in header)
    rows = [[*cells, *("" for _ in left_out)] for cells in rows]
    return Sheet(table, (*header, *left_out), rows, lines), problems


def _text(path: Path) -> tuple[str | None, list[Problem]]:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None, [Problem(path.name, 1, "", "", "the file is missing", "add it, if only with its header")]
    except OSError as error:
        return None, [Problem(path.name, 1, "", "", f"the file cannot be read ({error.strerror})", "check its rights")]
    raw = raw.removeprefix(_BOM)
    if (at := raw.find(b"\0")) >= 0:
        rule = f"a NUL byte stands at byte {at}"
        return None, [Problem(path.name, _line_of(raw, at), "", "", rule, "save the file as UTF-8 text")]
    try:
        return raw.decode("utf-8"), []
    except UnicodeDecodeError as error:
        rule = f"byte {error.start} (0x{raw[error.start]:02x}) is not UTF-8"
        advice = "save the file as UTF-8"
        return None, [Problem(path.name, _line_of(raw, error.start), "", "", rule, advice)]


def _line_of(raw: bytes, at: int) -> int:
    before = raw[:at]
    return 1 + before.count(b"\n") + before.replace(b"\r\n", b"").count(b"\r")


def _records(text: str, file: str) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    records: list[tuple[int, list[str]]] = []
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                records.append((line, [cell.replace("\r\n", "\n").replace("\r", "\n") for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        rule = f"the row cannot be read from here on ({error})"
        advice = 'close every quote, and double quotes inside a quoted text ("")'
        return records, [Problem(file, line, "", "", rule, advice)]
    return records, []


def _header(header: tuple[str, ...], table: Table) -> list[Problem]:
    problems = []
    if len(header) > 2 * len(table.names):
        rule = f"the first line has {len(header)} cells, this table {len(table.names)} columns: line ends are missing"
        return [Problem(table.file, 1, "", "", rule, "begin every row on a new line; header: " + ",".join(table.names))]
    missing = [name for name in table.names if name not in header]
    needed = {column.name for column in table.columns if column.required}
    for name in dict.fromkeys(header):
        if header.count(name) > 1:
            problems.append(Problem(table.file, 1, "", name, "stands twice in the header", "keep one of them"))
        if name not in table.names:
            advice = nearest(name, missing or table.names) if name else "name the column or remove it"
            problems.append(Problem(table.file, 1, "", name or "a blank name", "is no column of this table", advice))
    problems += [
        Problem(table.file, 1, "", name, "is missing from the header", "add the column")
        for name in missing
        if name in needed
    ]
    return problems
