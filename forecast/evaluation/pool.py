"""Pools of the forecasts of a back-test: weights and recalibration learned at each cut-off from what was over by then.

Members are the forecasters of a back-test. A *cut-off* is a day; what is learned there may be used from that day on,
and only windows that had ended, of crises known to be over by then, are learned from. Pooled forecasts of a
window are made with what the last cut-off before its origin had learned from other stories, so they are out of sample,
and recalibration and the choice of what is published are learned from them. Windows before the onset of a past crisis
are left out of learning: they were chosen because a crisis followed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit, logit

from forecast.errors import UsageError
from forecast.evaluation.intervals import cluster_weights, paired_difference
from forecast.evaluation.scores import exceedance, log_score, ranked_probability_score
from forecast.outside.pool import Kind, combine, pool_weights
from forecast.terms import LADDER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

INSIDE: Final = "inside view"
KINDS: Final[tuple[Kind, ...]] = ("linear", "logarithmic")
RECALIBRATED: Final = "recalibrated"
ENTRANTS: Final = ("linear pool", "logarithmic pool", "linear pool, recalibrated", "logarithmic pool, recalibrated")
FEWEST: Final = 10
"""Stories that must be over before weights are learned; before, members weigh alike."""
SHRINK: Final = 5.0
"""Pull towards equal weights, in stories; one story weighs 1 however many windows it has."""
PULL: Final = 2.0
"""The same for the pull of recalibration towards none."""
_FLOOR: Final = 1e-6


class Components(NamedTuple):
    """Forecasts of the members of a pool, and what came.

    Attributes
    ----------
    members
        Names of the forecasters.
    horizons
        Days.
    rows
        One row per origin: `case`, `cluster`, `origin` (date) and `kind` (``quiet`` or ``inside``).
    chances
        Probability [member, origin, horizon, rung].
    place
        Position on the ladder [origin, horizon] of what came; -1 where void.
    ready
        Day [origin, horizon] from which the window may be learned from; missing where it may not.
    """

    members: tuple[str, ...]
    horizons: tuple[int, ...]
    rows: pd.DataFrame
    chances: np.ndarray
    place: np.ndarray
    ready: np.ndarray


class Entry(NamedTuple):
    """What was learned at a cut-off.

    Attributes
    ----------
    day
        The cut-off; it holds for origins from this day on.
    windows, stories
        Windows that were learned from, and crises or cases that they belong to.
    weights
        Weight [member] by kind of pool; of the logarithmic pool powers, which need not sum to 1.
    recalibration
        Shift and slope of the cumulative logits by kind of pool.
    published
        Which forecast is published: an entrant of `ENTRANTS`, or the inside view.
    best
        The pool with the best log score so far; "" before there is one.
    difference, low, high
        Its mean log score less that of the inside view, with the 95 % interval over stories; missing without a score.
    """

    day: date
    windows: int
    stories: int
    weights: Mapping[str, np.ndarray]
    recalibration: Mapping[str, tuple[float, float]]
    published: str = INSIDE
    best: str = ""
    difference: float = np.nan
    low: float = np.nan
    high: float = np.nan

    @property
    def evidence(self) -> str:
        """What the choice rests on, in words."""
        where = f"weights of {self.day}, from {self.windows} windows of {self.stories} past stories"
        if not self.best:
            return f"{where}: too few to choose by"
        gap = f"{self.difference:+.3f} (95 % interval {self.low:+.3f} to {self.high:+.3f})"
        return f"{where}; out of sample the {self.best} differed from the inside view by {gap} in log score"


class Walk(NamedTuple):
    """What was learned at every cut-off, and what was made on the way.

    Attributes
    ----------
    entries
        One a cut-off, from all stories that were over.
    pooled
        Forecasts [entrant, origin, horizon, rung], each learned without the story that it is about.
    published
        Name [origin] of what was published, by the same entries as `pooled`.
    """

    entries: tuple[Entry, ...]
    pooled: np.ndarray
    published: np.ndarray


def components(
    forecasts: pd.DataFrame, resolutions: pd.DataFrame, over: Mapping[str, pd.Timestamp | None]
) -> Components:
    """Arrange forecasts and resolutions of a back-test as arrays.

    Parameters
    ----------
    forecasts
        In the columns of `forecast.evaluation.backtest.COLUMNS`.
    resolutions
        Columns `case`, `origin`, `horizon_days`, `rung` ("" where void), `cluster` and `kind`.
    over
        By case the day on which its ending was known; None where earlier windows of the same case may be learned from
        as soon as they end (a case that is no crisis). A case that is not named is never learned from.

    Raises
    ------
    UsageError
        A forecaster lacks a forecast that others made.
    """
    members = tuple(dict.fromkeys(forecasts["model_id"]))
    wide = forecasts.assign(origin=pd.to_datetime(forecasts["reference_date"])).pivot_table(
        index=["location", "origin"], columns=["model_id", "horizon", "output_type_id"], values="value"
    )
    horizons = tuple(sorted(int(h) for h in forecasts["horizon"].unique()))
    wanted = pd.MultiIndex.from_product([members, horizons, LADDER])
    chances = wide.reindex(columns=wanted).to_numpy()
    if np.isnan(chances).any():
        row, column = np.argwhere(np.isnan(chances))[0]
        member, horizon, rung = wanted[column]
        raise UsageError(
            f"back-test: {member} has no probability of {rung} within {horizon} days for {wide.index[row][0]} from "
            f"{wide.index[row][1].date()}, which others have; run `forecast backtest` on the same folder to complete it"
        )
    chances = chances.reshape(len(wide), len(members), len(horizons), len(LADDER)).transpose(1, 0, 2, 3)
    told = resolutions.assign(origin=pd.to_datetime(resolutions["origin"])).set_index(["case", "origin"])
    by_horizon = told.pivot_table(
        index=["case", "origin"], columns="horizon_days", values="rung", aggfunc="first"
    ).reindex(index=wide.index, columns=list(horizons))
    place = by_horizon.map(lambda rung: LADDER.index(rung) if rung in LADDER else -1).to_numpy(int)
    about = told[~told.index.duplicated()].reindex(wide.index)
    rows = pd.DataFrame(
        {
            "case": wide.index.get_level_values(0),
            "cluster": about["cluster"].to_numpy(str),
            "origin": wide.index.get_level_values(1),
            "kind": about["kind"].to_numpy(str),
        }
    )
    known = pd.to_datetime(pd.Series([_over(over, case) for case in rows["case"]])).to_numpy("datetime64[D]")
    ends = rows["origin"].to_numpy("datetime64[D]")[:, None] + np.array(horizons, "timedelta64[D]")
    ready = np.where(np.isnat(known)[:, None], known[:, None], np.maximum(ends, known[:, None]))
    return Components(members, horizons, rows, chances, place, ready)


def _over(over: Mapping[str, pd.Timestamp | None], case: str) -> pd.Timestamp:
    if case not in over:
        return pd.NaT  # pyright: ignore[reportReturnType]
    found = over[case]
    return pd.Timestamp(0) if found is None else found


def half_years(parts: Components) -> list[date]:
    """1 January and 1 July from the first origin to the year after the last."""
    first, last = parts.rows["origin"].min().year, parts.rows["origin"].max().year + 1
    return [pd.Timestamp(year, month, 1).date() for year in range(first, last + 1) for month in (1, 7)]


def walk(parts: Components, days: Sequence[date]) -> Walk:
    """Learn at each cut-off, in order, and pool each forecast by the last one before it, learned from other stories."""
    origin = parts.rows["origin"].to_numpy("datetime64[D]")
    cluster = parts.rows["cluster"].to_numpy(str)
    pooled = np.full((len(ENTRANTS), *parts.chances.shape[1:]), np.nan)
    published = np.full(len(origin), INSIDE, dtype=object)
    begins = [np.datetime64("0001-01-01"), *np.array(days, "datetime64[D]")]
    entries: list[Entry] = []
    for number, begin in enumerate(begins):
        now = _nothing(parts, pd.Timestamp.min.date())
        if number > 0:
            now = learn(parts, pooled, days[number - 1])
            entries.append(now)
        end = begins[number + 1] if number + 1 < len(begins) else np.datetime64("9999-12-31")
        mine = (origin >= begin) & (origin < end)
        told = set(cluster[ready_by(parts, now.day).any(axis=1)]) if number > 0 else set()
        for story in np.unique(cluster[mine]):
            at = mine & (cluster == story)
            entry = learn(parts, pooled, now.day, without=str(story)) if story in told else now
            pooled[:, at] = pool(entry, parts.chances[:, at])
            published[at] = entry.published
    return Walk(tuple(entries), pooled, published)


def learn(parts: Components, pooled: np.ndarray, day: date, without: str = "") -> Entry:
    """Learn weights, recalibration and what to publish from the windows that are ready by a cut-off.

    Parameters
    ----------
    parts
        Forecasts of the members.
    pooled
        Pooled forecasts [entrant, origin, horizon, rung] of earlier cut-offs; only those of ready windows are read.
    day
        The cut-off.
    without
        Story whose windows are kept back.
    """
    kept = parts.rows["cluster"].to_numpy(str) != without
    at, across = np.nonzero(ready_by(parts, day) & kept[:, None])
    cluster = parts.rows["cluster"].to_numpy(str)[at]
    stories = len(np.unique(cluster))
    if stories < FEWEST:
        return _nothing(parts, day)._replace(windows=len(at), stories=stories)
    outcome = parts.place[at, across]
    weight = cluster_weights(cluster)
    chances = parts.chances[:, at, across]
    shrink = SHRINK * len(at) / stories
    weights = {kind: pool_weights(kind, chances, outcome, weight, shrink) for kind in KINDS}
    made = pooled[:, at, across]
    recalibration = {
        kind: fit_recalibration(made[k], outcome, weight * stories / weight.sum()) for k, kind in enumerate(KINDS)
    }
    entry = Entry(day, len(at), stories, weights, recalibration)
    if INSIDE not in parts.members:
        return entry
    inside = chances[parts.members.index(INSIDE)]
    base = log_score(inside, outcome)
    scores = [log_score(one, outcome) for one in made]
    best = int(np.argmin([np.average(score, weights=weight) for score in scores]))
    gap = paired_difference(scores[best], base, cluster, weight=weight)
    ranked = ranked_probability_score(made[best], outcome) - ranked_probability_score(inside, outcome)
    better = gap.high < 0 and float(np.average(ranked, weights=weight)) < 0
    return entry._replace(
        published=ENTRANTS[best] if better else INSIDE,
        best=ENTRANTS[best],
        difference=gap.estimate,
        low=gap.low,
        high=gap.high,
    )


def ready_by(parts: Components, day: date) -> np.ndarray:
    """Whether a window [origin, horizon] may be learned from on a day: resolved, over, and not chosen by its sequel."""
    over = ~np.isnat(parts.ready) & (parts.ready < np.datetime64(day))
    return over & (parts.place >= 0) & (parts.rows["kind"].to_numpy(str) != "quiet")[:, None]


def pool(entry: Entry, chances: np.ndarray) -> np.ndarray:
    """Pool forecasts.

    Parameters
    ----------
    entry
        What was learned.
    chances
        Probability [member, …, horizon, rung].

    Returns
    -------
    ndarray
        [entrant, …, horizon, rung], in the order of `ENTRANTS`; the chance of an outcome from O2 up never falls with
        the horizon.
    """
    shape = chances.shape
    plain = [combine(kind, entry.weights[kind], chances.reshape(shape[0], -1, shape[-1])) for kind in KINDS]
    changed = [recalibrate(one, *entry.recalibration[kind]) for kind, one in zip(KINDS, plain, strict=True)]
    return np.stack([coherent(one.reshape(shape[1:])) for one in (*plain, *changed)])


def recalibrate(chances: np.ndarray, shift: float, slope: float) -> np.ndarray:
    """Move the logit of the chance of each rung or higher to shift + slope × logit [..., rung]."""
    above = expit(shift + slope * logit(np.clip(exceedance(chances), _FLOOR, 1 - _FLOOR)))
    return _from_exceedance(above)


def fit_recalibration(chances: np.ndarray, outcome: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Shift and slope that minimise the log score, drawn to 0 and 1 (the slope by its logarithm).

    Parameters
    ----------
    chances
        Probability [row, rung], made out of sample.
    outcome
        Position on the ladder [row].
    weight
        Weight [row], in stories.
    """

    def loss(at: np.ndarray) -> float:
        scores = log_score(recalibrate(chances, at[0], np.exp(at[1])), outcome)
        return float(weight @ scores + 0.5 * PULL * at @ at)

    found = minimize(loss, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6}).x
    return float(found[0]), float(np.exp(found[1]))


def coherent(chances: np.ndarray) -> np.ndarray:
    """Forecasts [..., horizon, rung] whose chance of O2 or higher, …, O6 never falls as the horizon grows.

    The share of settlements among futures without force is kept.
    """
    above = np.maximum.accumulate(exceedance(chances)[..., 1:], axis=-2)
    quiet = chances[..., :2].sum(axis=-1)
    settled = np.divide(chances[..., 0], quiet, out=np.full(quiet.shape, 0.5), where=quiet > 0)
    return _from_exceedance(np.concatenate([(1 - settled * (1 - above[..., 0]))[..., None], above], axis=-1))


def _from_exceedance(above: np.ndarray) -> np.ndarray:
    ends = np.concatenate([np.ones((*above.shape[:-1], 1)), above, np.zeros((*above.shape[:-1], 1))], axis=-1)
    return np.clip(-np.diff(ends, axis=-1), 0.0, 1.0)


def _nothing(parts: Components, day: date) -> Entry:
    equal = np.full(len(parts.members), 1.0 / len(parts.members))
    return Entry(day, 0, 0, dict.fromkeys(KINDS, equal), dict.fromkeys(KINDS, (0.0, 1.0)))
