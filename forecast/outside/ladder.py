"""The outside view: the episode model set going from where a case stands, read as the ladder at each horizon."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from forecast.outside.crises import Crises, read_crises
from forecast.outside.episodes import Model, fit_episodes, onset_clock
from forecast.outside.futures import Course, draw_all, futures, stages
from forecast.outside.standing import Standing, standing
from forecast.record.asof import as_of
from forecast.terms import HORIZONS, LADDER

if TYPE_CHECKING:
    from datetime import date

    from forecast.record.read import Record

DRAWS: Final = 200
PATHS: Final = 250


class OutsideView(NamedTuple):
    """What the outside view says of a case.

    Attributes
    ----------
    ladder
        Probability [draw, horizon, rung]; the mean over draws is the forecast, their spread its interval.
    stages
        Probability [draw] of each step of a crisis like this one, whenever it comes, by name.
    standing
        Where the case stands.
    crises
        Number of past crises it was learned from.
    """

    ladder: np.ndarray
    stages: dict[str, np.ndarray]
    standing: Standing
    crises: int


def outside_view(
    record: Record, case: str | None, day: date, horizons: tuple[int, ...] = HORIZONS, *, seed: int = 1,
    draws: int = DRAWS, paths: int = PATHS, memo: dict[tuple, Any] | None = None,
) -> OutsideView:  # fmt: skip
    """Forecast a case from past crises alone, as they were known on the as-of day.

    Parameters
    ----------
    record
        Any record; it is cut at the day here. Of a past crisis that has not begun by then, pass what
        `forecast.record.acts.pose` returns.
    case
        Id of a case or of a past crisis; the first case of ``record.yaml`` by default.
    day
        As-of day.
    horizons
        Days ahead.
    seed
        Seed of the draws.
    draws, paths
        Draws of the parameters, and futures for each.
    memo
        Keeps fits between calls; a fit is made anew when the past crises or what is known of them changed.

    Raises
    ------
    UsageError
        Unknown case, or too few past crises (`forecast.outside.episodes.FEWEST`).
    """
    seen, now = as_of(record, day), pd.Timestamp(day)
    crises = read_crises(seen, without=case)
    model = _fitted(crises, now, {} if memo is None else memo)
    at = standing(seen, case, now, crises, model)
    rng = np.random.default_rng(seed)
    some = draw_all(model, at, draws, rng)
    ladder = np.empty((draws, len(horizons), len(LADDER)))
    for number in range(draws):
        course = futures(some, number, model, at, max(horizons), paths, rng)
        for k, horizon in enumerate(horizons):
            ladder[number, k] = np.bincount(places(course, horizon), minlength=len(LADDER)) / paths
    return OutsideView(ladder, stages(some, model, rng), at, model.crises)


def shares(ladder: np.ndarray, paths: int = PATHS) -> np.ndarray:
    """Probability [horizon, rung] of a ladder [draw, horizon, rung] of so many futures a draw; none of them is 0.

    Half a future is added to each rung, since one that was not drawn in finitely many is not impossible.
    """
    counts = ladder.sum(axis=0) * paths + 0.5
    return counts / counts.sum(axis=1, keepdims=True)


def _fitted(crises: Crises, day: pd.Timestamp, memo: dict[tuple, Any]) -> Model:
    content = (pd.util.hash_pandas_object(frame.astype(str), index=False).to_numpy().tobytes() for frame in crises)
    key = ("episodes", hashlib.sha256(b"|".join(content)).hexdigest())
    model = memo[key] if key in memo else memo.setdefault(key, fit_episodes(crises, day))
    return model._replace(onset=onset_clock(crises.table, day))


def places(course: Course, horizon: int) -> np.ndarray:
    """Position on the ladder [path] at a horizon, by the rule of simulated futures."""
    place = np.where(course.deal <= horizon, 0, 1)
    place = np.where(course.strike <= horizon, 2, place)
    place = np.where((course.strike <= horizon) & (course.reply <= horizon), 3, place)
    place = np.where(course.campaign <= horizon, 4, place)
    place = np.where(course.wide <= horizon, 5, place)
    return np.where(course.full <= horizon, 6, place)
