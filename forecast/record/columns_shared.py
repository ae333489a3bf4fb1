"""Columns that many tables of the record share, and the flag of 0 or 1."""

from __future__ import annotations

from typing import Final

from forecast.record.schema import Column
from forecast.terms import CONFIDENCES

PRECISIONS: Final = ("day", "month", "year")

KNOWN_DATE: Final = Column("known_date", "date", "the day from which the row could be known")
DATE_PRECISION: Final = Column("date_precision", "word", "how exactly the date is known", words=PRECISIONS)
CONFIDENCE: Final = Column(
    "confidence",
    "word",
    "confirmed: not contested; reported: one side or one outlet; disputed: contested",
    words=CONFIDENCES,
)
SOURCES_OF_ROW: Final = Column("sources", "refs", "sources of the row, the best first", table="sources")
EPISODE_OF_ROW: Final = Column("episode_id", "ref", "episode of the row", table="episodes")


def flag(name: str, meaning: str, *, required: bool = True, rule: str = "") -> Column:
    """A column that is 1 where something holds, else 0."""
    return Column(name, "int", meaning, required, low=0, high=1, rule=rule)
