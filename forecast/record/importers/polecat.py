"""POLECAT: machine-coded events in PLOVER categories, from the weekly or yearly text files (tab-separated)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from forecast.errors import UsageError
from forecast.record.importers.draft import Act, DataSet, Draft, Tally
from forecast.record.importers.machine import as_draft
from forecast.record.importers.source import Published, read_published, refuse_where
from forecast.record.importers.states import STATE_NAMES

DATA_SET: Final = DataSet(
    "polecat",
    "as in the column Version of the file",
    "POLECAT (POLitical Event Classification, Attributes, and Types)",
    "Halterman, Andrew, Benjamin E. Bagozzi, Andreas Beger, Philip A. Schrodt and Grace I. Scarborough (2023). PLOVER "
    "and POLECAT: A New Political Event Ontology and Dataset. doi 10.7910/DVN/AJGVIT",
    "https://doi.org/10.7910/DVN/AJGVIT",
    "research and education; see the terms of the Dataverse page",
)
WHAT: Final = "an event file of POLECAT (ngecEvents….txt, tab-separated, with header)"
COLUMNS: Final = (
    "Event ID", "Event Date", "Event Type", "Event Mode", "Actor Country", "Primary Actor Sector", "Recipient Country",
    "Primary Recipient Sector", "Publication Date",
)  # fmt: skip
TYPES: Final = (
    "AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT", "REQUEST", "ACCUSE", "REJECT", "THREATEN",
    "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT", "DEMAND",
)  # fmt: skip
GOVERNMENT: Final = ("", "None", "GOV", "MIL", "SPY", "LEG", "JUD")
OBSERVES: Final = "force;verbal;posture;diplomacy;economic"

ACTS: Final[dict[str, Act]] = {
    "AGREE": Act("acceptance", 1),
    "CONSULT": Act("talks", 1),
    "CONSULT/visit": Act("talks", 2),
    "CONSULT/third-party": Act("talks", 2),
    "CONSULT/multilateral": Act("talks", 1),
    "SUPPORT": Act("reassurance", 1),
    "CONCEDE": Act("concession", 2),
    "RETREAT": Act("withdrawal", 2),
    "RETREAT/withdraw": Act("withdrawal", 2),
    "RETREAT/disarm": Act("withdrawal", 2),
    "RETREAT/release": Act("concession", 2),
    "RETREAT/return": Act("concession", 2),
    "RETREAT/access": Act("concession", 2),
    "RETREAT/ceasefire": Act("ceasefire", 2),
    "REQUEST": Act("demand", 1),
    "DEMAND": Act("demand", 2),
    "ACCUSE": Act("denial", 1),
    "REJECT": Act("rejection", 2),
    "THREATEN": Act("threat", 1),
    "THREATEN/violence": Act("threat", 2),
    "THREATEN/territory": Act("threat", 3),
    "SANCTION": Act("sanctions", 2),
    "SANCTION/expel": Act("walkout", 2),
    "SANCTION/withdraw": Act("walkout", 2),
    "SANCTION/cancel": Act("walkout", 2),
    "SANCTION/discontinue": Act("sanctions", 2),
    "MOBILIZE": Act("deployment", 2),
    "MOBILIZE/troops": Act("deployment", 2),
    "MOBILIZE/weapons": Act("alert", 2),
    "COERCE": Act("harassment", 1, 1),
    "COERCE/seize": Act("seizure", 2),
    "COERCE/confiscate": Act("seizure", 2),
    "COERCE/arrest": Act("seizure", 1),
    "COERCE/restrict": Act("sanctions", 1),
    "COERCE/cyber": Act("cyber_attack", 2, 1),
    "COERCE/cyber-attack": Act("cyber_attack", 2, 1),
    "ASSAULT": Act("limited_strike", 3, 4),
    "ASSAULT/beat": Act("harassment", 1, 1),
    "ASSAULT/abduct": Act("harassment", 2, 1),
    "ASSAULT/torture": Act("harassment", 2, 1),
    "ASSAULT/sexual": Act("harassment", 1, 1),
    "ASSAULT/crowd-control": Act("harassment", 1, 1),
    "ASSAULT/assassinate": Act("covert_attack", 3, 1),
    "ASSAULT/suicide-attack": Act("covert_attack", 2, 1),
    "ASSAULT/territory": Act("ground_operation", 3, 4),
}
"""Category, or category and mode; a mode that is not listed counts as its category."""

DROPPED_MODES: Final = (
    "RETREAT/resign", "MOBILIZE/police", "SANCTION/convict", "COERCE/ban", "COERCE/censor", "COERCE/curfew",
    "COERCE/martial-law", "COERCE/deport", "COERCE/misinformation",
)  # fmt: skip


def read(path: Path) -> Draft:
    """Read one POLECAT file, or a folder of them, and tell the events between two states in the words of the record.

    An event is known on the day on which its story was published.

    Raises
    ------
    UsageError, RecordError
        If there is no POLECAT file, or one whose columns are shifted.
    """
    files = sorted(path.glob("*.txt")) if path.is_dir() else [path]
    if not files:
        raise UsageError(f"{path}: no file like *.txt – name {WHAT}, or a folder of them")
    published = tuple(read_published(file, COLUMNS, WHAT, sep="\t") for file in files)
    rows = pd.concat([_checked(file) for file in published], ignore_index=True)
    twice = int(rows["Event ID"].duplicated().sum())
    rows = rows.drop_duplicates("Event ID")
    undated = rows["date"].isna() | rows["known_date"].isna()
    states = rows["Actor Country"].isin(list(STATE_NAMES)) & rows["Recipient Country"].isin(list(STATE_NAMES))
    states &= rows["Actor Country"].ne(rows["Recipient Country"])
    acting = rows["Primary Actor Sector"].isin(GOVERNMENT) & rows["Primary Recipient Sector"].isin(GOVERNMENT)
    kept = rows[~undated & states & acting]
    mode = kept["Event Mode"].str.strip().str.lower().replace("none", "")
    whole = kept["Event Type"] + "/" + mode
    code = whole.where(whole.isin(list(ACTS)), kept["Event Type"])
    code = code.where(code.isin(list(ACTS)) & ~whole.isin(DROPPED_MODES), "")
    feed = pd.DataFrame({
        "id": "polecat-" + kept["Event ID"].str.replace(r"[^A-Za-z0-9._-]", "-", regex=True),
        "date": kept["date"],
        "known_date": kept["known_date"],
        "actor": kept["Actor Country"],
        "target": kept["Recipient Country"],
        "code": code,
        "told": "PLOVER " + whole.str.removesuffix("/"),
    })  # fmt: skip
    tallies = [
        Tally("dropped", "events that stand in two files", twice, "read once"),
        Tally("dropped", "events without a usable date", int(undated.sum()), "of the event or of the story"),
        Tally("dropped", "events not between two states", int((~undated & ~states).sum()),
              "an actor or recipient without country, several countries, or both of one country"),
        Tally("dropped", "events of others than governments", int((~undated & states & ~acting).sum()),
              "the first sector is not blank, GOV, MIL, SPY, LEG or JUD"),
    ]  # fmt: skip
    return as_draft(_data_set(rows), published, feed, ACTS, OBSERVES, tallies)


def _data_set(rows: pd.DataFrame) -> DataSet:
    versions = sorted(set(rows["Version"]) - {""}) if "Version" in rows else []
    return DATA_SET._replace(version=", ".join(versions[:3])) if versions else DATA_SET


def _checked(published: Published) -> pd.DataFrame:
    rows = published.rows.loc[:, lambda frame: [name for name in frame.columns if name]]
    shifted = "is no PLOVER category – some published files have shifted columns; download the file again"
    refuse_where(~rows["Event Type"].isin(TYPES), published.path, "Event Type", rows["Event Type"], shifted)
    dates = pd.to_datetime(rows["Event Date"].str[:10], format="%Y-%m-%d", errors="coerce")
    known = pd.to_datetime(rows["Publication Date"].str[:10], format="%Y-%m-%d", errors="coerce")
    return rows.assign(date=dates, known_date=known)
