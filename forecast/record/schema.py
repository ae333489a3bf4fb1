"""What a column and a table are, for the column table in `columns`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "ref", "refs", "word", "words", "int", "date", "text", "url"]


@dataclass(frozen=True)
class Column:
    """One column of one table.

    Attributes
    ----------
    name : str
        Header of the column.
    kind : str
        ``id`` names the row; ``ref`` and ``refs`` point to another table (``refs``: several, joined by ``;``);
        ``word`` and ``words`` come from a closed list; ``int``, ``date`` (YYYY-MM-DD), ``text`` and ``url`` are values.
    meaning : str
        One line for the codebook.
    required : bool
        False if the cell may be blank.
    words : tuple of str
        The closed list of a ``word`` or ``words`` column.
    low, high : int or None
        Bounds of an ``int`` column, both included.
    table : str
        The table that a ``ref`` or ``refs`` column points to.
    rule : str
        What else holds for the cell, in words.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = True
    words: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    table: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Table:
    """One CSV file: its columns in order, and the columns that name a row (a later version has the same ones)."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def file(self) -> str:
        """Name of the CSV file."""
        return f"{self.name}.csv"

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)
