"""Tables and intervals in Markdown, for the pages that are written from stored results."""

from __future__ import annotations

from typing import Any, Protocol


class Row(Protocol):
    """A row of a table: a value by the name of its column."""

    def __getitem__(self, name: str, /) -> Any:  # noqa: ANN401 - what pandas gives
        """Value of a column."""


def grid(head: tuple[str, ...], rows: list[tuple]) -> str:
    """A table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def interval(estimate: float, low: float, high: float, digits: int = 3, sign: str = "+") -> str:
    """An estimate with its interval; an empty `sign` leaves out plus signs."""
    return "{} [{}, {}]".format(*(f"{value:{sign}.{digits}f}" for value in (estimate, low, high)))


def column_interval(one: Row, name: str = "difference", digits: int = 3, sign: str = "+") -> str:
    """The interval of a row whose bounds stand in columns named like the estimate, with `_low` and `_high`."""
    return interval(one[name], one[f"{name}_low"], one[f"{name}_high"], digits, sign)
