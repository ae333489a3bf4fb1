"""The one table of columns: what a record holds, what each cell may say. Checks and codebook are both made from it."""

from __future__ import annotations

from typing import Final

from forecast.record.columns_course import ENDINGS, MOVES, OUTCOMES
from forecast.record.columns_parties import ACTORS, COVERAGE, EPISODES, PRELUDES, ROLES, SIDES, SOURCES
from forecast.record.schema import Table
from forecast.record.vocabulary import CHANNEL_MEANINGS, TYPE_MEANINGS

TABLES: Final[dict[str, Table]] = {
    table.name: table for table in (ACTORS, EPISODES, SIDES, PRELUDES, MOVES, OUTCOMES, COVERAGE, SOURCES)
}
COVARIATES: Final = (
    "demand", "challenger_nuclear", "target_nuclear", "capability_ratio", "challenger_democracy", "prior_force_5y",
    "ground_access", "chokepoint",
)  # fmt: skip
"""Columns of an episode that a coder must fill in and that a published data set may not know."""

WORD_MEANINGS: Final[dict[str, dict[str, str]]] = {
    "moves.channel": CHANNEL_MEANINGS,
    "moves.type": TYPE_MEANINGS,
    "sides.role": ROLES,
    "outcomes.ended_by": ENDINGS,
}
