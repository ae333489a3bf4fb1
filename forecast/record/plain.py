"""Rows of a record by episode as plain dicts, grouped once: selecting from tables for every episode is slow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from forecast.record.read import Record

    type Rows = Mapping[str, list[dict[str, Any]]]


class Plain(NamedTuple):
    """What a record tells of episodes beside their moves; an episode of which it tells nothing is not in it."""

    endings: Rows  # dated rows of `outcomes`
    coverage: Rows  # by their start


def plain(record: Record) -> Plain:
    """Group the dated outcomes and the coverage of a record by episode."""
    outcomes, coverage = record.outcomes, record.coverage
    return Plain(_grouped(outcomes[outcomes["date"].notna()]), _grouped(coverage.sort_values("start", kind="stable")))


def last_day(endings: list[dict[str, Any]]) -> pd.Timestamp | None:
    """Latest day of dated outcomes; None of none."""
    return max((row["date"] for row in endings), default=None)


def largest(endings: list[dict[str, Any]], name: str) -> float:
    """Largest value of a column of dated outcomes, missing ones left out; NaN of none."""
    values = [float(row[name]) for row in endings if row[name] == row[name] and row[name] is not None]
    return max(values, default=np.nan)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as dicts by column."""
    return cast("list[dict[str, Any]]", table.to_dict("records"))


def _grouped(table: pd.DataFrame) -> Rows:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in records(table.astype(object).where(table.notna(), None)):
        found.setdefault(row["episode_id"], []).append(row)
    return found
