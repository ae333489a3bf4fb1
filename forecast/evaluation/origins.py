"""From which days a back-test forecasts: the one place where origins, horizons and re-fit dates are declared."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import UsageError
from forecast.record.acts import QUIET_DAYS, find_case
from forecast.record.asof import as_of
from forecast.terms import HORIZONS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from forecast.record.read import Record

EVERY_DAYS: Final = 7
"""Days between the origins of a case."""
MOST: Final = 20
"""Origins of one crisis from its onset to the day before its end; of more, this many are taken evenly."""
QUIET_BEFORE_DAYS: Final = 56
"""Each crisis has one more origin this long before its onset, when nothing had happened."""
FIRST: Final = date(1975, 1, 1)
"""No origin lies before it: until then too few crises were over to learn a baseline from."""
REFIT_DAYS: Final = 28
"""The model is fitted anew at the onset of a crisis and each time this many days have passed; in between new rows move
its draws. Updates were compared with fits for four weeks, no longer."""
_FOREVER: Final = "9999-12-31"


class Target(NamedTuple):
    """A case or past crisis with the days from which it is forecast.

    Attributes
    ----------
    case
        Its id.
    cluster
        Story that it belongs to; intervals draw whole stories.
    days
        Origins in order.
    onset
        Day on which the crisis became known; an earlier origin is quiet. The first origin for a case.
    running
        Whether it is a crisis that is not known to be over.
    """

    case: str
    cluster: str
    days: tuple[date, ...]
    onset: date
    running: bool


class Plan(NamedTuple):
    """What is forecast, and what is left out, each with the reason."""

    targets: tuple[Target, ...]
    left_out: dict[str, str]


def plan(
    record: Record,
    *,
    cases: Collection[str] = (),
    first: date | None = FIRST,
    last: date | None = None,
    every: int = EVERY_DAYS,
    most: int = MOST,
    before: bool = True,
    horizons: Sequence[int] = HORIZONS,
) -> Plan:
    """Return the origins of every case that has a chronology and of every past crisis that none of these tells.

    Parameters
    ----------
    record
        As much of a record as may be known: no crisis is planned before its end is known, but for one that still runs.
    cases
        Only these cases and crises, whatever tells them; all by default.
    first, last
        First and last day on which an origin may lie.
    every
        Days between origins.
    most
        Origins of one crisis from its onset on, at most.
    before
        Whether each crisis has one more origin before its onset.
    horizons
        The last origin leaves room for the shortest of them.

    Raises
    ------
    UsageError
        One of `cases` is neither a case nor a crisis of the record, or the days are out of order.
    """
    if first is not None and last is not None and last < first:
        raise UsageError(f"last origin {last} lies before the first, {first}; exchange the two")
    seen = as_of(record, _FOREVER)
    covered = _covered(seen)
    latest = min(covered - timedelta(days=min(horizons)), last or covered)
    told = set(seen.moves["episode_id"])
    targets, left_out = [], {}
    for row in seen.episodes.sort_values(["start", "episode_id"]).to_dict("records"):
        name, one = row["episode_id"], None
        if cases and name not in cases:
            continue
        if row["kind"] == "case":
            one, reason = _of_case(seen, row, told, first, latest, every)
        elif not cases and (teller := _teller(seen, row, told)):
            reason = f"told by the chronology of case {teller}"
        else:
            one, reason = _of_crisis(seen, row, first, latest, every, most, before=before)
        if one is None:
            left_out[name] = reason
        else:
            targets.append(one)
    unknown = sorted(set(cases) - {target.case for target in targets} - set(left_out))
    if unknown:
        raise UsageError(
            f"{record.path}: {unknown[0]!r} is neither a case nor a crisis of this record; see episodes.csv"
        )
    return Plan(tuple(targets), left_out)


def refit_day(record: Record, case: str, day: date) -> date:
    """Day at which the globals used on an origin were learned: every `REFIT_DAYS` from the onset, or its own before it.

    Parameters
    ----------
    record
        What is known by the day, at least.
    """
    episode = record.episodes[record.episodes["episode_id"] == case].sort_values("known_date", kind="stable").iloc[0]
    begin = episode["known_date"].date()
    if episode["kind"] == "case":
        begin = find_case(record, case).panel_start.date() + timedelta(days=QUIET_DAYS)
    if day < begin:
        return day
    return begin + timedelta(days=(day - begin).days // REFIT_DAYS * REFIT_DAYS)


def spread(days: list[date], most: int = MOST) -> list[date]:
    """At most so many of the days, evenly, the first and the last among them."""
    if len(days) <= most:
        return days
    return [days[k] for k in np.unique(np.linspace(0, len(days) - 1, most).round().astype(int))]


def _covered(record: Record) -> date:
    today = pd.Timestamp.now().date()
    return min(record.config.covered_until or today, today)


def _teller(record: Record, crisis: dict, told: set[str]) -> str:
    """Case with a chronology whose panel holds the crisis; "" if there is none."""
    for entry in record.config.cases:
        if entry.id == crisis["case_id"] and entry.id in told and crisis["start"].date() >= entry.panel_start:
            return entry.id
    return ""


def _of_case(
    record: Record, row: dict, told: set[str], first: date | None, latest: date, every: int
) -> tuple[Target | None, str]:
    entry = next((entry for entry in record.config.cases if entry.id == row["episode_id"]), None)
    if entry is None:
        return None, "not among the cases of record.yaml"
    if entry.id not in told:
        return None, "has no chronology of its own: it is seen only inside its crises"
    begin = max(entry.panel_start + timedelta(days=QUIET_DAYS), first or date.min)
    days = _steps(begin, latest, every)
    if not days:
        return None, "none of its days lies between the first and the last origin"
    return Target(entry.id, row["cluster"], tuple(days), days[0], running=False), ""


def _of_crisis(
    record: Record, row: dict, first: date | None, latest: date, every: int, most: int, *, before: bool
) -> tuple[Target | None, str]:
    name, start, known = row["episode_id"], row["start"].date(), row["known_date"].date()
    ends = record.outcomes.loc[record.outcomes["episode_id"] == name, "date"].dropna()
    last = min(ends.max().date() - timedelta(days=1), latest) if len(ends) else latest
    inside = spread(_steps(known, last, every), most)
    quiet = [start - timedelta(days=QUIET_BEFORE_DAYS)] if before else []
    begin = first or date.min
    days = [day for day in (*quiet, *inside) if begin <= day <= latest]
    if not days:
        return None, f"begins before {begin}" if known < begin else "begins after the last origin"
    return Target(name, row["cluster"], tuple(days), known, running=ends.empty), ""


def _steps(begin: date, end: date, every: int) -> list[date]:
    return [begin + timedelta(days=k) for k in range(0, (end - begin).days + 1, every)]
