"""What an importer hands over: acts and episodes in the words of the record, and a tally of every row that was read."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, NamedTuple

import pandas as pd

from forecast.record.importers.source import Published

ACT_COLUMNS: Final = (
    "move_id", "episode_id", "date", "date_precision", "known_date", "actor", "target", "type", "level", "rung",
    "fatalities_low", "fatalities_high", "summary", "confidence", "basis",
)  # fmt: skip


class Act(NamedTuple):
    """What one code of a data set is in the words of the record.

    Attributes
    ----------
    type : str
        Type of move.
    level : int
        1 to 3.
    rung : int
        1 to 8 for force, else 0.
    """

    type: str
    level: int
    rung: int = 0


def told(act: Act) -> str:
    """The act as the report of an import tells it."""
    return f"{act.type}, level {act.level}" + (f", rung {act.rung}" if act.rung else "")


class Tally(NamedTuple):
    """How many rows shared one fate, and why.

    Attributes
    ----------
    fate : {"mapped", "masked", "dropped", "assumed"}
        Mapped: became rows of the record. Masked: not observed by the data set, so left to coverage or blank.
        Dropped: read and not used. Assumed: used in a way that the data set does not say by itself.
    what : str
        Which rows.
    rows : int or None
        How many; None where it is not a matter of rows.
    why : str
        The reason, or what they became.
    """

    fate: Literal["mapped", "masked", "dropped", "assumed"]
    what: str
    rows: int | None
    why: str


class DataSet(NamedTuple):
    """Which data set it is, how to cite it and on which terms it may be used."""

    name: str
    version: str
    title: str
    citation: str
    url: str
    terms: str


class Draft(NamedTuple):
    """A data set in the words of the record, before it is written.

    Attributes
    ----------
    data_set : DataSet
        What was read.
    files : tuple of Published
        From which files.
    episodes : DataFrame
        One row per episode with the columns of ``episodes.csv``; columns left out are blank.
    members : DataFrame
        Rows of ``sides.csv`` apart from the observers, which are added.
    acts : DataFrame
        Moves, with the columns :data:`ACT_COLUMNS`.
    outcomes, coverage : DataFrame
        Rows of ``outcomes.csv`` and ``coverage.csv``.
    actors : DataFrame
        ``actor_id``, ``name`` and ``kind`` of everyone who may be named.
    cases : tuple of str
        Episodes of kind case that can be forecast.
    reference : {"shipped", "none"}
        Reference class of the record.
    tallies : tuple of Tally
        What became of every row.
    """

    data_set: DataSet
    files: tuple[Published, ...]
    episodes: pd.DataFrame
    members: pd.DataFrame
    acts: pd.DataFrame
    outcomes: pd.DataFrame
    coverage: pd.DataFrame
    actors: pd.DataFrame
    tallies: tuple[Tally, ...]
    cases: tuple[str, ...] = ()
    reference: Literal["shipped", "none"] = "none"


class Import(NamedTuple):
    """A finished import: the folder of the record, how many rows each table has, and what became of the rows."""

    folder: Path
    sizes: dict[str, int]
    tallies: tuple[Tally, ...]
