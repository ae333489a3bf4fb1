"""Militarized Interstate Events (MIE 1.0, Gibler and Miller 2023): confrontations, their two main sides, their weeks.

Definitions: levels are 0 none, 1 threat, 2 display, 3 force, 4 war; an event counts on its first day, an unknown day is
the 15th; clashes and battles are acts of both sides. A confrontation's main sides are the pair of states with most
events in it; its weeks are counted from their first event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

LEVELS: Final = ("none", "threat", "display", "force", "war")
ATTACK: Final = 16
MUTUAL: Final = (17, 22)
FIRST_DAY: Final = pd.Timestamp("1946-01-01")
LAST_DAY: Final = pd.Timestamp("2014-12-31")
QUIET_WEEKS: Final = 26
MOST_WEEKS: Final = 104
_COLUMNS: Final = (
    "micnum", "eventnum", "ccode1", "ccode2", "stmon", "stday", "styear", "action", "hostlev",
    "fatalmin1", "fatalmin2",
)  # fmt: skip


class Confrontations(NamedTuple):
    """Confrontations whose first event is on or after `FIRST_DAY`.

    Attributes
    ----------
    pairs
        One row per confrontation: `confrontation`, `low` and `high` (state codes of sides 0 and 1), `start` (first
        event of anyone), `first` (first event of the pair), `last_week`.
    events
        Every event of them: `confrontation`, `number`, `date`, `actor`, `low` and `high` (state codes), `week`, `side`
        (0 or 1; -1 if not between the main sides), `mutual` (act of both), `action`, `level` (1-4), `deaths` (least
        number known).
    history
        Every event of the file: `low`, `high`, `date`, `level`, `confrontation`.
    """

    pairs: pd.DataFrame
    events: pd.DataFrame
    history: pd.DataFrame


def read(path: Path) -> Confrontations:
    """Read the published table of events; one without militarised action (`hostlev` 1) is none here.

    Raises
    ------
    UsageError
        The file is not there, lacks a column, or holds a date or level that the codebook does not know.
    """
    raw = _raw(path)
    day = raw["stday"].where(raw["stday"] > 0, 15)
    date = pd.to_datetime({"year": raw["styear"], "month": raw["stmon"], "day": day}, errors="coerce")
    _refuse(path, raw, date.isna(), "stmon, stday, styear", "a calendar day, or stday -9 for an unknown day")
    _refuse(path, raw, ~raw["hostlev"].between(1, 5), "hostlev", "1 to 5")
    militarised = raw["hostlev"] > 1
    raw, date = raw[militarised], date[militarised]
    table = pd.DataFrame(
        {
            "confrontation": raw["micnum"],
            "number": raw["eventnum"],
            "date": date,
            "actor": raw["ccode1"],
            "low": raw[["ccode1", "ccode2"]].min(axis=1),
            "high": raw[["ccode1", "ccode2"]].max(axis=1),
            "action": raw["action"],
            "level": raw["hostlev"] - 1,
            "deaths": raw["fatalmin1"].clip(lower=0) + raw["fatalmin2"].clip(lower=0),
        }
    ).sort_values(["confrontation", "date", "number"], ignore_index=True)
    start = table.groupby("confrontation")["date"].min()
    kept = table[table["confrontation"].map(start) >= FIRST_DAY]
    pairs = _main_pairs(kept).assign(start=lambda frame: frame["confrontation"].map(start))
    events = _sided(kept, pairs)
    last = events[events["side"] >= 0].groupby("confrontation")["week"].max()
    whole = ((LAST_DAY - pairs["first"]).dt.days + 1) // 7 - 1
    ends = (pairs["confrontation"].map(last) + QUIET_WEEKS).clip(upper=MOST_WEEKS - 1)
    return Confrontations(
        pairs=pairs.assign(last_week=np.minimum(ends, whole)),
        events=events.reset_index(drop=True),
        history=table[["low", "high", "date", "level", "confrontation"]],
    )


def other_pairs(found: Confrontations) -> tuple[Confrontations, pd.Series]:
    """Every other pair of states of a confrontation, as if it were the main one of a confrontation of its own.

    Returns
    -------
    Confrontations
        Numbered anew, each with all events of the one it belongs to; `last_week` is 0.
    Series
        Number of the confrontation that it belongs to [new number].
    """
    keys = ["confrontation", "low", "high"]
    counted = found.events.groupby(keys)["date"].min().rename("first").reset_index()
    main = pd.MultiIndex.from_frame(found.pairs[keys])
    others = counted[~pd.MultiIndex.from_frame(counted[keys]).isin(main)].reset_index(drop=True)
    of = others["confrontation"]
    start = of.map(found.pairs.set_index("confrontation")["start"])
    pairs = others.assign(confrontation=others.index, start=start, last_week=0)[list(found.pairs.columns)]
    renumbered = pd.DataFrame({"confrontation": of, "new": of.index})
    events = found.events.merge(renumbered, on="confrontation").drop(columns="confrontation")
    events = events.rename(columns={"new": "confrontation"}).sort_values(["confrontation", "date", "number"])
    return Confrontations(pairs, _sided(events, pairs).reset_index(drop=True), found.history), of


def _sided(events: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Give events their week and side, as seen by the pair of their confrontation."""
    main = pairs.set_index("confrontation")
    low, high, first = (events["confrontation"].map(main[name]) for name in ("low", "high", "first"))
    between = (events["low"] == low) & (events["high"] == high)
    return events.assign(
        week=(events["date"] - first).dt.days // 7,
        side=np.where(between, (events["actor"] != events["low"]).astype(int), -1),
        mutual=events["action"].isin(MUTUAL),
    )


def _raw(path: Path) -> pd.DataFrame:
    try:
        raw = pd.read_csv(path)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise UsageError(f"{path}: cannot be read as CSV ({error}); give the file mie-1.0.csv as published") from error
    lacking = [name for name in _COLUMNS if name not in raw.columns]
    if lacking:
        raise UsageError(f"{path}: lacks column {', '.join(lacking)}; give the file mie-1.0.csv as published")
    wrong = [name for name in _COLUMNS if not pd.api.types.is_integer_dtype(raw[name])]
    if wrong:
        raise UsageError(f"{path}: column {wrong[0]} holds {raw[wrong[0]].dtype} values; whole numbers are wanted")
    return raw


def _refuse(path: Path, raw: pd.DataFrame, bad: pd.Series, columns: str, right: str) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        found = ", ".join(str(raw[name].iloc[row]) for name in columns.split(", "))
        raise UsageError(f"{path} line {row + 2}, {columns}: found {found}; right is {right}")


def _main_pairs(table: pd.DataFrame) -> pd.DataFrame:
    """The pair with most events; of equals the one that began first, then the one of lowest codes."""
    counted = table.groupby(["confrontation", "low", "high"])["date"].agg(["size", "min"]).reset_index()
    order = counted.sort_values(
        ["confrontation", "size", "min", "low", "high"], ascending=[True, False, True, True, True]
    )
    chosen = order.drop_duplicates("confrontation").rename(columns={"min": "first"})
    return chosen[["confrontation", "low", "high", "first"]].reset_index(drop=True)
