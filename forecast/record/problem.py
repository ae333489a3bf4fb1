"""One finding of a check: where it is, what was found, which rule it breaks, and the way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from forecast.record.columns import TABLES

_LONGEST: Final = 80


@dataclass(frozen=True)
class Problem:
    """A finding in one cell, row or file of a record.

    Attributes
    ----------
    file : str
        File name inside the record folder.
    line : int
        Line in the file, the first being 1 (the header of a CSV file).
    column : str
        Column name, or key path in ``record.yaml``; blank if the whole row or file is meant.
    value : str
        What was found.
    rule : str
        What is wrong with it, to be read after the value.
    suggestion : str
        The way out.
    """

    file: str
    line: int
    column: str
    value: str
    rule: str
    suggestion: str

    def __str__(self) -> str:
        """Return the finding as one line."""
        where = f"{self.file} line {self.line}" + (f", column {self.column}" if self.column else "")
        found = shown(self.value)
        text = f"{where}: {found + ' ' if found else ''}{self.rule}"
        if self.suggestion:
            text += f" – {self.suggestion}"
        stem = self.file.removesuffix(".csv")
        table = TABLES.get(stem, TABLES["moves"])  # a short table of facts has columns of the moves
        if self.file.endswith(".csv") and self.column in table.names:
            text += f" (see data/README.md, {table.name}.{self.column})"
        return _printable(text)


def shown(value: str) -> str:
    """Return `value` on one line, shortened, with control characters spelt out."""
    flat = _printable(value)
    return flat if len(flat) <= _LONGEST else flat[: _LONGEST - 1] + "…"


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def nearest(word: str, valid: Iterable[str], *, otherwise: int = 12) -> str:
    """Return advice that names the valid words nearest to `word`, or the first `otherwise` ones if none is near.

    Parameters
    ----------
    word : str
        What was found.
    valid : iterable of str
        What may stand there.
    otherwise : int
        How many words to list when none resembles `word`.
    """
    words = list(dict.fromkeys(valid))
    if not words:
        return "there is nothing yet to choose from"
    by_lower = {candidate.lower(): candidate for candidate in words}
    close = [by_lower[low] for low in difflib.get_close_matches(word[:_LONGEST].lower().strip(), by_lower, 3, 0.6)]
    if close:
        return "did you mean " + " or ".join(close) + "?"
    if len(words) > otherwise:
        return "use one of " + ", ".join(words[:otherwise]) + f" … ({len(words)} in all)"
    return "use " + (words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1])
