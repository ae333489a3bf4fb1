"""What a table of a forecast is, and the columns that many tables share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its kind (date, int, number, probability, bool or text) and what it says."""

    name: str
    kind: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """One tidy table of a forecast.

    `required` tables are in every forecast, the others where the run made them. In a `conditional` table a probability
    may be missing: its condition never held on any simulated path.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    required: bool = False
    conditional: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)


HORIZON: Final = Column("horizon_days", "int", "length of the window in days, counted from the as-of day")
ESTIMATE: Final = (
    Column("probability", "probability", "mean over posterior draws and simulated paths"),
    Column("low", "probability", "lower end of the 80 % epistemic interval: 10 % quantile over posterior draws"),
    Column("high", "probability", "upper end of the 80 % epistemic interval: 90 % quantile over posterior draws"),
    Column("mcse", "number", "Monte Carlo standard error of `probability`"),
)
WORDING: Final = Column("wording", "text", "the event in words")
