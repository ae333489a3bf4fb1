"""Cell by cell: whether a value is one that its column allows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Final

from forecast.record.problem import Problem, nearest
from forecast.record.schema import Column
from forecast.record.sheet import Sheet

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_INT: Final = re.compile(r"-?[0-9]{1,10}")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LARGEST: Final = 1_000_000_000

Fault = tuple[str, str]


def check_cells(sheet: Sheet) -> Iterator[Problem]:
    """Yield a finding for every cell of `sheet` that its column does not allow, references apart."""
    for column in sheet.table.columns:
        if column.name not in sheet.header:
            continue
        cells = sheet.column(column.name)
        faults = {cell: fault for cell in set(cells) if (fault := fault_of(cell, column))}
        if faults:
            for index, cell in enumerate(cells):
                if cell in faults:
                    yield sheet.problem(index, column.name, cell, *faults[cell])


def fault_of(cell: str, column: Column) -> Fault | None:
    """Return what is wrong with `cell` and the way out, or None if the column allows it."""
    if not cell:
        return ("is blank", _example(column)) if column.required else None
    if cell != cell.strip():
        return "begins or ends with blanks", "remove them"
    match column.kind:
        case "id":
            advice = "use letters, digits and . _ / - only, beginning with a letter or digit"
            return None if _ID.fullmatch(cell) else ("is no valid id", advice)
        case "word":
            return None if cell in column.words else ("is not in the list", nearest(cell, column.words))
        case "words" | "refs":
            return _list_fault(cell, column)
        case "int":
            return _int_fault(cell, column)
        case "date":
            return _date_fault(cell)
        case "url":
            web = cell.startswith(("http://", "https://")) and not re.search(r"[\s<>\"]", cell)
            return None if web else ("is no web address", "begin it with https:// and leave no blank in it")
        case _:
            return None


def _example(column: Column) -> str:
    match column.kind:
        case "word":
            return nearest("", column.words)
        case "date":
            return "write a date as YYYY-MM-DD"
        case "int" if column.low is not None and column.high is not None:
            return f"use {_range(column.low, column.high)}"
        case _:
            return column.meaning


def _list_fault(cell: str, column: Column) -> Fault | None:
    parts = cell.split(";")
    if any(part != part.strip() or not part for part in parts):
        return "has a blank entry or blanks around ;", "join the entries by a bare ;"
    if len(set(parts)) < len(parts):
        return "names an entry twice", "keep it once"
    if column.kind == "words":
        for part in parts:
            if part not in column.words:
                return f"holds {part}, which is not in the list", nearest(part, column.words)
    return None


def _int_fault(cell: str, column: Column) -> Fault | None:
    if not _INT.fullmatch(cell) or abs(int(cell)) > _LARGEST:
        return "is no whole number", "use digits only"
    number, low, high = int(cell), column.low, column.high
    if low is not None and high is not None and not low <= number <= high:
        return f"is outside {low}–{high}", f"use {_range(low, high)}"
    if low is not None and number < low:
        return f"is below {low}", f"use {low} or more"
    return None


def _range(low: int, high: int) -> str:
    numbers = [str(number) for number in range(low, high + 1)]
    return ", ".join(numbers[:-1]) + " or " + numbers[-1]


def _date_fault(cell: str) -> Fault | None:
    if not _DATE.fullmatch(cell):
        return "is no date", "write it as YYYY-MM-DD"
    try:
        dt.date.fromisoformat(cell)
    except ValueError:
        return "is a day that does not exist", "correct the month or the day"
    return None
