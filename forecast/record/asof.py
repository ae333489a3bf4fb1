"""The record as it stood on a day: one filter on `known_date` for every table."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from forecast.errors import UsageError
from forecast.record.columns import TABLES
from forecast.record.read import Record
from forecast.record.schema import Table


def as_of(record: Record, day: dt.date | str) -> Record:
    """Return the record as it could be known at the end of `day`.

    Every table is cut in the same way: rows with ``known_date`` after `day` are dropped, of the versions of a row the
    latest one left holds, and a withdrawn row goes. Nothing dated later can change the result.

    Parameters
    ----------
    record : Record
        The full record: a record that was cut before no longer holds the versions that were superseded by then.
    day : date or ISO date string
        The as-of day.

    Returns
    -------
    Record
        Same config, cut tables; rows keep their order.

    Raises
    ------
    UsageError
        If `day` is not a date.
    """
    limit = pd.Timestamp(_day(day))
    return record.with_tables({name: _cut(record.tables[name], table, limit) for name, table in TABLES.items()})


def known_by(record: Record, day: dt.date | str) -> Record:
    """Return every row that was known by the end of `day`, superseded versions and withdrawn rows included.

    Unlike the record of :func:`as_of` it can still be cut at any earlier day.
    """
    limit = pd.Timestamp(_day(day))
    return record.with_tables({name: frame[frame["known_date"] <= limit] for name, frame in record.tables.items()})


def information_cutoff(record: Record) -> dt.date:
    """Return the day on which the youngest move of the record became known.

    Parameters
    ----------
    record : Record
        Usually one cut by :func:`as_of`.

    Raises
    ------
    UsageError
        If the record holds no move.
    """
    if record.moves.empty:
        message = f"{record.path}: no move is known – choose a later as-of day, or add rows to moves.csv"
        raise UsageError(message)
    return record.moves["known_date"].max().date()


def default_as_of(record: Record) -> dt.date:
    """Return the last day the record covers, or today (UTC) for a record that is kept up to date."""
    today = dt.datetime.now(dt.UTC).date()
    covered = record.config.covered_until
    return today if covered is None else min(covered, today)


def _cut(frame: pd.DataFrame, table: Table, limit: pd.Timestamp) -> pd.DataFrame:
    known = frame[frame["known_date"] <= limit].sort_values("known_date", kind="stable")
    latest = known.drop_duplicates(list(table.key), keep="last").sort_index()
    if "status" in latest and "withdrawn" in set(latest["status"]):
        latest = latest[latest["status"] != "withdrawn"]
    return latest.reset_index(drop=True)


def _day(day: dt.date | str) -> dt.date:
    if isinstance(day, dt.date):
        return day.date() if isinstance(day, dt.datetime) else day
    try:
        return dt.date.fromisoformat(day)
    except ValueError:
        message = f"as-of day {day!r} is not a date – write it as YYYY-MM-DD, for example 2026-02-13"
        raise UsageError(message) from None
