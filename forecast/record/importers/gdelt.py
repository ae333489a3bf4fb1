"""GDELT 2.0: machine-coded events of the world's news, from the export files (tab-separated, no header, CAMEO)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from forecast.errors import UsageError
from forecast.record.importers.cameo import ACTS, cameo_acts
from forecast.record.importers.draft import DataSet, Draft, Tally
from forecast.record.importers.machine import as_draft
from forecast.record.importers.source import Published, read_published, refuse_where
from forecast.record.importers.states import STATE_NAMES

DATA_SET: Final = DataSet(
    "gdelt",
    "2.0",
    "GDELT Event Database",
    "Leetaru, Kalev, and Philip A. Schrodt (2013). GDELT: Global Data on Events, Location and Tone. ISA Annual "
    "Convention; and the GDELT Project, https://www.gdeltproject.org",
    "https://www.gdeltproject.org",
    "free for any use with citation and a link to the GDELT Project",
)
WHAT: Final = "an event export file of GDELT 2.0 (YYYYMMDDHHMMSS.export.CSV, 61 columns)"


def _actor(number: int) -> tuple[str, ...]:
    parts = ("Code", "Name", "CountryCode", "KnownGroupCode", "EthnicCode", "Religion1Code", "Religion2Code")
    return tuple(f"Actor{number}{part}" for part in (*parts, "Type1Code", "Type2Code", "Type3Code"))


def _place(name: str) -> tuple[str, ...]:
    parts = ("Type", "FullName", "CountryCode", "ADM1Code", "ADM2Code", "Lat", "Long", "FeatureID")
    return tuple(f"{name}Geo_{part}" for part in parts)


COLUMNS: Final = (
    "GlobalEventID", "Day", "MonthYear", "Year", "FractionDate", *_actor(1), *_actor(2), "IsRootEvent", "EventCode",
    "EventBaseCode", "EventRootCode", "QuadClass", "GoldsteinScale", "NumMentions", "NumSources", "NumArticles",
    "AvgTone", *_place("Actor1"), *_place("Actor2"), *_place("Action"), "DATEADDED", "SOURCEURL",
)  # fmt: skip
GOVERNMENT: Final = ("", "GOV", "MIL", "SPY", "LEG")
OBSERVES: Final = "force;verbal;posture;diplomacy;economic"


def read(path: Path) -> Draft:
    """Read one export file, or a folder of them, and tell the events between two states in the words of the record.

    An event is known on the day on which GDELT added it (``DATEADDED``), not on the day on which it happened.

    Raises
    ------
    UsageError, RecordError
        If there is no export file of GDELT 2.0.
    """
    files = sorted(path.glob("*.export.CSV")) if path.is_dir() else [path]
    if not files:
        raise UsageError(f"{path}: no file like *.export.CSV – name {WHAT}, or a folder of them")
    published = tuple(read_published(file, (), WHAT, sep="\t", names=COLUMNS) for file in files)
    rows = pd.concat([_checked(file) for file in published], ignore_index=True)
    twice = int(rows["GlobalEventID"].duplicated().sum())
    rows = rows.drop_duplicates("GlobalEventID")
    root = rows["IsRootEvent"].eq("1")
    states = rows["Actor1CountryCode"].isin(list(STATE_NAMES)) & rows["Actor2CountryCode"].isin(list(STATE_NAMES))
    states &= rows["Actor1CountryCode"].ne(rows["Actor2CountryCode"])
    acting = rows["Actor1Type1Code"].isin(GOVERNMENT) & rows["Actor2Type1Code"].isin(GOVERNMENT)
    kept = rows[root & states & acting]
    feed = pd.DataFrame({
        "id": "gdelt-" + kept["GlobalEventID"],
        "date": kept["date"],
        "known_date": kept["known_date"],
        "actor": kept["Actor1CountryCode"],
        "target": kept["Actor2CountryCode"],
        "code": cameo_acts(kept["EventCode"]),
        "told": "CAMEO " + kept["EventCode"],
    })  # fmt: skip
    tallies = [
        Tally("dropped", "events that stand in two files", twice, "read once"),
        Tally("dropped", "events outside the lead paragraph", int((~root).sum()), "IsRootEvent 0: asides"),
        Tally("dropped", "events not between two states", int((root & ~states).sum()),
              "an actor without country, a region, or both of one country"),
        Tally("dropped", "events of others than governments", int((root & states & ~acting).sum()),
              "the first type of an actor is not blank, GOV, MIL, SPY or LEG"),
    ]  # fmt: skip
    return as_draft(DATA_SET, published, feed, ACTS, OBSERVES, tallies)


def _checked(published: Published) -> pd.DataFrame:
    rows, path = published.rows, published.path
    for column, form, what in (
        ("GlobalEventID", r"\d+", "a number"),
        ("Day", r"\d{8}", "a day (YYYYMMDD)"),
        ("EventCode", r"\d{2,4}", "a CAMEO code"),
        ("QuadClass", r"[1-4]", "1 to 4"),
        ("DATEADDED", r"\d{14}", "a time (YYYYMMDDHHMMSS)"),
    ):
        place = f"{COLUMNS.index(column) + 1} ({column})"
        why = f"is not {what} – it should be {WHAT}; files of GDELT 1.0 have other columns"
        refuse_where(~rows[column].str.fullmatch(form), path, place, rows[column], why)
    dates = pd.to_datetime(rows["Day"], format="%Y%m%d", errors="coerce")
    known = pd.to_datetime(rows["DATEADDED"].str[:8], format="%Y%m%d", errors="coerce")
    missing = "is a day that does not exist – download the file again"
    refuse_where(dates.isna(), path, "Day", rows["Day"], missing)
    refuse_where(known.isna(), path, "DATEADDED", rows["DATEADDED"], missing)
    return rows.assign(date=dates, known_date=known)
