"""International crises (ICB 15) with the events of their narratives (ICBe 1.1) and the states in them, for benchmark I.

Dates: a day that is missing or no day of a month is the 15th, any later than the 28th is the 28th, a missing month of
an end is June. A crisis counts as over only after the last day that its coded end allows.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd

from forecast.errors import RecordError, UsageError
from forecast.record.importers import icbe_rows
from forecast.record.importers.icbe_acts import actor_pairs, meaning, words
from forecast.record.importers.icbe_words import ENDING_THOUGHTS, REAL_THOUGHTS
from forecast.record.importers.shape import month_end
from forecast.record.importers.source import find_file, read_published, to_number

CRISIS_FILE: Final = "the crisis file of ICB version 15 (icb1v15.csv)"
ACTOR_FILE: Final = "the actor file of ICB version 15 (icb2v15.csv)"
CRISIS_COLUMNS: Final = (
    "crisno", "break", "trigent", "yrtrig", "motrig", "datrig", "yrterm", "moterm", "daterm", "viol", "iwcmb",
    "hetero", "geog", "geogrel", "syslevsy", "protrac", "pcid", "powdissy", "ethnic",
)  # fmt: skip
ACTOR_COLUMNS: Final = (
    "crisno", "cracno", "cracid", "triggr", "yrtrig", "motrig", "datrig", "trigent", "southv", "territ", "regime",
    "durreg", "allycap", "nuclear", "powsta", "issue", "econdt", "socunr", "massvl", "gvinst", "pc",
)  # fmt: skip
EVENT_COLUMNS: Final = (*icbe_rows.COLUMNS, "interact_domains")
LEVELS: Final = ("no violence", "minor clashes", "serious clashes", "full-scale war")
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2020
AFTERMATH_DAYS: Final = 92
LONGEST_DAYS: Final = 3652
_STATE_TABLES: Final = ("cow_majors", "cow_nmc", "tss_rivalries", "atop_alliance")


class States(NamedTuple):
    """What was known of states and pairs.

    Attributes
    ----------
    capability
        Composite index of national capability by (state number, year).
    majors
        Rows ``ccode``, ``styear``, ``endyear`` of major powers.
    rivalries
        Rows ``low``, ``high``, ``start``, ``end`` of strategic rivalries.
    pacts
        (low, high, year) in which two states had a defence pact.
    """

    capability: dict[tuple[int, int], float]
    majors: pd.DataFrame
    rivalries: pd.DataFrame
    pacts: frozenset[tuple[int, int, int]]


class Crises(NamedTuple):
    """Crises and what is known of them.

    Attributes
    ----------
    crises
        One row per crisis, by trigger: `crisis`, `year`, `trigger`, `end` (missing where no year is coded), `over`
        (the last day that the coded end allows), `outcome` (0-3, see `LEVELS`), and columns of the crisis file.
    actors
        One row per crisis actor: `crisis`, `number`, `actor`, `date`, `source` (of the threat, else of the trigger),
        and columns of the actor file.
    events
        One row per actor and target of a dated row of a narrative: `crisis`, `row`, `date`, `kind` (``action``,
        ``speech`` or ``thought``), `act` (key of the act, blank where it has none), `actor`, `target`, `state` (the
        actor is one), and columns of the event file. No thought of an end, of victory or defeat is among them.
    states
        What was known of states; None where their tables are not there.
    files
        Name and SHA-256 of each file that was read.
    """

    crises: pd.DataFrame
    actors: pd.DataFrame
    events: pd.DataFrame
    states: States | None
    files: dict[str, str]


def read(path: Path) -> Crises:
    """Read both files of ICB, both of ICBe and, where they are there, the tables of states.

    Parameters
    ----------
    path
        The crisis file of ICB. The others lie beside it, or in folders ``icb``, ``icbe`` and ``states`` beside its own.

    Raises
    ------
    UsageError
        A file is not there or of another form.
    """
    files: dict[str, str] = {}
    try:
        crises = _crises(path, files)
        actors = _actors(_beside(path, "icb", "icb2v*.csv", ACTOR_FILE), files)
        names = _beside(path, "icbe", icbe_rows.NAMES_FILE, icbe_rows.NAMES)
        events = _events(_beside(path, "icbe", "icbe_v*events_agreed.csv", icbe_rows.WHAT), names, files)
    except RecordError as error:
        raise UsageError(str(error)) from error
    lacking = sorted(set(crises["crisis"]) - set(actors["crisis"]))
    if lacking:
        raise UsageError(f"{path}: crisis {lacking[0]} has no crisis actor; take both files from the same version")
    return Crises(crises, actors, _within(events, crises), _states(path, files), files)


def day_of(year: pd.Series, month: pd.Series, day: pd.Series) -> pd.Series:
    """Return the date; a missing day, or one that is none, is the 15th, and no day is later than the 28th."""
    parts = {"year": year, "month": month, "day": day.where(day.between(1, 31), 15).fillna(15).clip(upper=28)}
    return pd.to_datetime(pd.DataFrame(parts).astype("Float64"), errors="coerce")


def _beside(path: Path, folder: str, pattern: str, what: str) -> Path:
    """Return the file that `pattern` finds beside `path`, or in a folder beside its own."""
    for place in (path.parent, path.parent.parent / folder):
        if place.is_dir() and any(place.glob(pattern)):
            return find_file(place, pattern, what)
    raise UsageError(
        f"{path.parent}: {what} is not here, nor in {path.parent.parent / folder}; download it from its publisher"
    )


def _numbers(path: Path, columns: tuple[str, ...], what: str, files: dict[str, str]) -> pd.DataFrame:
    published = read_published(path, columns, what)
    files[path.name] = published.sha256
    return pd.DataFrame({name: to_number(published.rows, name, path) for name in columns})


def _crises(path: Path, files: dict[str, str]) -> pd.DataFrame:
    rows = _numbers(path, CRISIS_COLUMNS, CRISIS_FILE, files)
    trigger = day_of(rows["yrtrig"], rows["motrig"], rows["datrig"])
    for wrong, column, right in (
        (trigger.isna(), "motrig", "a year and a month of the trigger"),
        (~rows["viol"].between(1, len(LEVELS)).fillna(False).astype(bool), "viol", f"1 to {len(LEVELS)}"),
        (rows["crisno"].duplicated(), "crisno", "one row per crisis"),
    ):
        if wrong.any():
            line = wrong.index[wrong][0]
            raise UsageError(f"{path} line {line}, {column}: found {rows[column][line]}; right is {right}")
    exact = rows["daterm"].between(1, 31).fillna(False).astype(bool)
    end = day_of(rows["yrterm"], rows["moterm"].fillna(6), rows["daterm"])
    over = month_end(day_of(rows["yrterm"], rows["moterm"].fillna(12), rows["daterm"]))
    rows = rows.assign(
        crisis=rows["crisno"].astype(int),
        year=rows["yrtrig"].astype(int),
        trigger=trigger,
        end=end,
        over=end.where(exact & (rows["daterm"] <= 28), over),
        outcome=rows["viol"].fillna(1).astype(int) - 1,
    )
    return rows.drop(columns="viol").sort_values(["trigger", "crisis"], ignore_index=True)


def _actors(path: Path, files: dict[str, str]) -> pd.DataFrame:
    rows = _numbers(path, ACTOR_COLUMNS, ACTOR_FILE, files)
    threat = rows["southv"].where(rows["southv"].lt(990))
    source = threat.fillna(rows["trigent"].where(rows["trigent"].lt(990)))
    rows = rows.assign(
        crisis=rows["crisno"].astype(int),
        number=rows["cracno"],
        actor=rows["cracid"],
        date=day_of(rows["yrtrig"], rows["motrig"], rows["datrig"]),
        source=source.where(source.ne(rows["cracid"])),
    )
    return rows.sort_values(["crisis", "date", "number"], ignore_index=True)


def _events(path: Path, names: Path, files: dict[str, str]) -> pd.DataFrame:
    published = read_published(path, EVENT_COLUMNS, icbe_rows.WHAT)
    listed = read_published(names, icbe_rows.NAME_COLUMNS, icbe_rows.NAMES)
    files |= {path.name: published.sha256, names.name: listed.sha256}
    rows, _ = icbe_rows.dated(published)
    # The date of a month without a day is its 15th, whichever third of it the raters chose.
    middle = rows["date"].dt.to_period("M").dt.to_timestamp() + pd.Timedelta(days=14)
    rows = rows.assign(date=rows["date"].where(rows["date_precision"].eq("day"), middle))
    rows = rows[rows["date"].dt.year.between(FIRST_YEAR, LAST_YEAR)]
    ending = rows["event_type"].eq("thought") & rows["thinkkind"].map(
        lambda cell: bool(words(cell) & {*ENDING_THOUGHTS})
    )
    rows = rows[~ending].assign(act=lambda kept: meaning(kept))
    who = icbe_rows.named(published, listed)
    pairs = actor_pairs(rows, who)
    states = {entry["actor_id"] for entry in who.values() if entry["kind"] == "state"}
    # A row without actor is no act of anyone, but its date still says how far the narrative goes.
    nobody = rows[~rows["order"].isin(pairs["order"])].assign(actor="", target="")
    events = pd.concat([pairs, nobody], ignore_index=True)
    real = events["thinkkind"].map(lambda cell: words(cell) <= set(REAL_THOUGHTS)) & events["thinkkind"].ne("")
    unreal = events["event_type"].eq("thought") & ~real
    return events.assign(
        crisis=events["crisno"].str.strip().astype(int),
        row=events["order"],
        kind=events["event_type"],
        act=events["act"].mask(unreal, ""),
        state=events["actor"].isin(states),
    )


def _within(events: pd.DataFrame, crises: pd.DataFrame) -> pd.DataFrame:
    """Drop events of other crises, and those dated later than 92 days after the end (no end: ten years)."""
    known = crises.set_index("crisis")
    events = events[events["crisis"].isin(known.index)]
    last = events["crisis"].map(known["end"]) + pd.Timedelta(days=AFTERMATH_DAYS)
    last = last.fillna(events["crisis"].map(known["trigger"]) + pd.Timedelta(days=LONGEST_DAYS))
    return events[events["date"] <= last].sort_values(["crisis", "date", "row"], kind="stable", ignore_index=True)


def _states(path: Path, files: dict[str, str]) -> States | None:
    places = (path.parent, path.parent.parent / "states")
    folder = next((place for place in places if any((place / f"{n}.parquet").is_file() for n in _STATE_TABLES)), None)
    if folder is None:
        return None
    tables = {}
    for name in _STATE_TABLES:
        file = folder / f"{name}.parquet"
        if not file.is_file():
            raise UsageError(f"{file}: there is no such file; take all of {', '.join(_STATE_TABLES)}, or none")
        files[file.name] = hashlib.sha256(file.read_bytes()).hexdigest()
        tables[name] = pd.read_parquet(file)
    power, rivals, pacts = tables["cow_nmc"].dropna(subset=["cinc"]), tables["tss_rivalries"], tables["atop_alliance"]
    capability = {
        (int(state), int(year)): float(value)
        for state, year, value in power[["ccode", "year", "cinc"]].itertuples(index=False, name=None)
    }
    rivals = rivals.assign(low=rivals[["ccode1", "ccode2"]].min(axis=1), high=rivals[["ccode1", "ccode2"]].max(axis=1))
    pacts = pacts[pacts["atop_defense"].eq(1)]
    keys = {
        (min(int(a), int(b)), max(int(a), int(b)), int(year))
        for a, b, year in pacts[["ccode1", "ccode2", "year"]].itertuples(index=False, name=None)
    }
    return States(capability, tables["cow_majors"], rivals[["low", "high", "start", "end"]], frozenset(keys))
