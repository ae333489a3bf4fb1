"""Statistical baselines of the back-test: each learns from windows of the record that were over before the origin."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from forecast.evaluation.baselines import BASELINES, Fit, Predict, Table, climatology, settled
from forecast.evaluation.features import STATE, feature_names, situation
from forecast.evaluation.origins import plan
from forecast.evaluation.resolution import course_of, places
from forecast.record.asof import known_by
from forecast.terms import LADDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecast.record.read import Record

type Forecaster = Callable[[Record, str, date, tuple[int, ...]], np.ndarray]
"""From a record cut at the origin, a case, the origin and horizons to probabilities [horizon, rung]."""
type Memo = dict[tuple, Any]
"""Results that are kept between calls; they depend on nothing but what their key names."""

NAMES: Final = (
    "climatology", "Markov chain", "ridge ordered logit", "ridge multinomial logit", "gradient boosting",
)  # fmt: skip
REFIT_MONTHS: Final = 3
"""A baseline is fitted at the first day of each quarter."""
RETUNE_YEARS: Final = 5
"""Penalties and sizes are chosen on 1 January of every fifth year."""
FEWEST: Final = 10
"""With fewer stories to learn from, a baseline is climatology; and it is tuned when it is fitted."""


def learners(memo: Memo) -> dict[str, Forecaster]:
    """Return the baselines by name, as forecasters that share what they compute."""
    return {name: _learner(name, BASELINES[name], memo) for name in NAMES}


def past_windows(record: Record, case: str | None, until: date, horizons: tuple[int, ...], memo: Memo) -> pd.DataFrame:
    """Windows of the record that had ended by a day, with what was known at the origin of each.

    Those of crises that were over by then, of cases with a chronology, and earlier ones of the case itself.

    Parameters
    ----------
    record
        What was known by some day not before `until`, with superseded versions.
    case
        Case whose own earlier windows count although it is not over; None for none.
    until
        Day by which a window must have ended, and after which nothing may have become known.
    horizons
        Days.
    memo
        Kept results.

    Returns
    -------
    DataFrame
        Features of `forecast.evaluation.features.situation`, then `case`, `cluster`, `day` and, by horizon, `place_7`,
        …: position on the ladder, missing where the window had not ended or is void.
    """
    seen = known_by(record, until)
    rows = []
    for target in plan(seen, first=None, last=until - timedelta(days=min(horizons)), horizons=horizons).targets:
        if target.running and target.case != case:
            continue
        key = ("course", target.case, _version(seen, target.case))
        course = memo[key] if key in memo else memo.setdefault(key, course_of(seen, target.case))
        for day, windows in zip(target.days, places(course, target.days, horizons), strict=True):
            ended = {
                f"place_{h}": one.place if day + timedelta(days=h) <= until else None
                for h, one in zip(horizons, windows, strict=True)
            }
            features = _situation(record, target.case, day, memo)
            rows.append(features | {"case": target.case, "cluster": target.cluster, "day": day} | ended)
    return pd.DataFrame(rows)


def _situation(record: Record, case: str, day: date, memo: Memo) -> dict[str, float]:
    key = ("situation", case, day)
    return memo[key] if key in memo else memo.setdefault(key, situation(record, case, day))


def _version(record: Record, case: str) -> tuple[pd.Timestamp, int]:
    """What tells two states of a record apart as far as one case goes: its latest day, and how many rows it has."""
    named = [record.tables[name] for name in ("moves", "outcomes", "coverage", "sides")]
    actors = set(record.sides.loc[record.sides["episode_id"] == case, "actor"])
    between = record.moves["actor"].isin(actors) & record.moves["target"].isin(actors)
    parts = [frame.loc[frame["episode_id"] == case, "known_date"] for frame in named]
    known = pd.concat([*parts, record.moves.loc[between, "known_date"]])
    return known.max(), len(known)


def _learner(name: str, fit: Fit, memo: Memo) -> Forecaster:
    def forecaster(record: Record, case: str, origin: date, horizons: tuple[int, ...]) -> np.ndarray:
        now = pd.DataFrame([_situation(record, case, origin, memo)])
        begin = origin.replace(month=1 + (origin.month - 1) // REFIT_MONTHS * REFIT_MONTHS, day=1)
        found = []
        for horizon in horizons:
            key = ("fit", name, horizon, case, begin)
            if key not in memo:
                memo[key] = _fitted(name, fit, record, case, begin, horizon, horizons, memo)
            found.append(memo[key](now)[0])
        chance = np.clip(np.array(found), 0.0, 1.0)
        return chance / chance.sum(axis=1, keepdims=True)

    return forecaster


def _fitted(
    name: str, fit: Fit, record: Record, case: str, day: date, horizon: int, horizons: tuple[int, ...], memo: Memo
) -> Predict:
    """Fit on the windows that had ended by a day, tuned on those that had by the start of its half decade."""
    table = training_table(record, case, day, horizon, horizons, memo)
    if table is None:
        return lambda frame: np.full((len(frame), len(LADDER)), 1 / len(LADDER))
    if len(np.unique(table.cluster)) < FEWEST:
        return climatology(table)
    tuned = date(day.year // RETUNE_YEARS * RETUNE_YEARS, 1, 1)
    key = ("choice", name, horizon, tuned)
    if key not in memo:
        earlier = training_table(record, None, tuned, horizon, horizons, memo)
        enough = earlier is not None and len(np.unique(earlier.cluster)) >= FEWEST
        memo[key] = settled(fit, earlier) if enough and earlier is not None else None
    return (settled(fit, table) if memo[key] is None else memo[key])(table)


def training_table(
    record: Record, case: str | None, day: date, horizon: int, horizons: tuple[int, ...], memo: Memo
) -> Table | None:
    """Training table of one horizon, in which every case weighs 1; None without a row."""
    key = ("windows", case, day)
    if key not in memo:
        for old in [k for k in memo if k[0] == "windows"]:
            del memo[old]  # large, and asked for only while one case is under way
        memo[key] = past_windows(record, case, day, horizons, memo)
    frame = memo[key]
    if frame.empty or not (told := frame[f"place_{horizon}"].notna()).any():
        return None
    rows = frame[told].reset_index(drop=True)
    weight = 1.0 / rows.groupby("case")["case"].transform("size").to_numpy(dtype=float)
    features = rows.drop(columns=[c for c in rows.columns if c in ("case", "cluster", "day") or c.startswith("place_")])
    outcome = rows[f"place_{horizon}"].to_numpy(dtype=float).astype(int)
    cluster = rows["cluster"].to_numpy(dtype=str)
    return Table(features, feature_names(features), outcome, len(LADDER), cluster, weight, STATE)
