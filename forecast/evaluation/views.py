"""Other views of a forecast: outside view, baselines and pools beside the inside view, and which is published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from forecast.errors import UsageError
from forecast.evaluation.outside import OUTSIDE
from forecast.evaluation.pool import ENTRANTS, INSIDE, KINDS, Entry, pool
from forecast.evaluation.pool_file import NOTHING_YET, Weights, read_weights
from forecast.evaluation.windows import baseline_ladders, shipped_windows
from forecast.outside.ladder import outside_view, shares
from forecast.terms import LADDER

if TYPE_CHECKING:
    from datetime import date

    from forecast.record.read import Record

LEVELS: Final = (0.1, 0.9)
_NUMBERS: Final = ("probability", "low", "high")


class Views(NamedTuple):
    """Tables `baselines`, `pool` and `outside_view`; which forecast is published, and why.

    `ladder` holds the columns `horizon_days`, `rung`, `probability`, `low` and `high` of the published pool, and
    `strike` by horizon the same of O2 or higher; None where the inside view is published.
    """

    tables: dict[str, pd.DataFrame]
    published: str
    note: str
    ladder: pd.DataFrame | None = None
    strike: pd.DataFrame | None = None


def other_views(
    record: Record,
    case: str,
    day: date,
    ladder: pd.DataFrame,
    by_draw: np.ndarray | None,
    *,
    seed: int,
    weights: Weights | None = None,
) -> Views:
    """Forecast a case with every other view and pool them.

    Parameters
    ----------
    record
        As known on the as-of day, with the past crises that it refers to.
    case
        Id of the case.
    day
        As-of day.
    ladder
        Ladder of the inside view: `horizon_days`, `rung`, `probability`, `low`, `high`.
    by_draw
        The same by draw of the posterior [draw, horizon, rung]; None if it is not at hand.
    seed
        Seed of the outside view.
    weights
        Weights of the pool; those that ship with the package by default.
    """
    horizons = tuple(int(h) for h in ladder["horizon_days"].unique())
    wide = ladder.pivot_table(index="horizon_days", columns="rung", values="probability")
    inside = wide.loc[list(horizons), list(LADDER)].to_numpy()
    means, notes, tables = {INSIDE: inside}, [], {}
    draws = {} if by_draw is None else {INSIDE: by_draw}
    with threadpool_limits(1):  # as in the back-test: the last digit depends on the threads, and they cost more here
        try:
            view = outside_view(record, case, day, horizons, seed=seed)
            means[OUTSIDE], draws[OUTSIDE] = shares(view.ladder), view.ladder
            tables["outside_view"] = _stage_table(view.stages)
        except UsageError as error:
            notes.append(str(error))
        try:
            means |= baseline_ladders(record, case, day, horizons, shipped_windows())
        except UsageError as error:
            notes.append(str(error))
    told = read_weights() if weights is None else weights
    entry = told.on(day)
    absent = [name for name in told.members if name not in means]
    if entry is None or absent:
        why = f"no pool: {', '.join(absent)} could not be computed" if absent else told.note
        why = why if absent or not told.entries else f"no weights were learned by {day}"
        tables["baselines"] = _baseline_table(means, draws, ladder, {}, horizons)
        return Views(tables, INSIDE, "; ".join([why or NOTHING_YET, *notes]))
    central, spread = _pooled(entry, told.members, means, draws)
    pooled = pd.concat([_rows(n, central[k], spread[k], horizons) for k, n in enumerate(ENTRANTS)], ignore_index=True)
    kind = KINDS[ENTRANTS.index(entry.published) % len(KINDS)] if entry.published in ENTRANTS else KINDS[0]
    shown = dict(zip(told.members, entry.weights[kind].tolist(), strict=True))
    tables["baselines"] = _baseline_table(means, draws, ladder, shown, horizons)
    tables["pool"] = pooled.assign(published=pooled["candidate"] == entry.published)
    note = "; ".join([entry.evidence, *notes])
    if entry.published == INSIDE:
        return Views(tables, INSIDE, note)
    chosen = pooled[pooled["candidate"] == entry.published].drop(columns="candidate").reset_index(drop=True)
    k = ENTRANTS.index(entry.published)
    sums = spread[k][..., 2:].sum(axis=-1)
    mean = central[k][:, 2:].sum(axis=-1)
    low, high = np.quantile(sums, LEVELS, axis=0)
    strike = pd.DataFrame(
        {"probability": mean, "low": np.fmin(low, mean), "high": np.fmax(high, mean)}, index=list(horizons)
    )
    return Views(tables, entry.published, note, chosen, strike)


def published_tables(tables: dict[str, pd.DataFrame], views: Views) -> dict[str, pd.DataFrame]:
    """Tables of a forecast with the other views, and with the published ladder if that is not the inside view's.

    The chance of an overt strike (`p_strike`) then is that of O2 or higher in the published ladder.
    """
    together = tables | views.tables
    if views.ladder is None or views.strike is None:
        return together
    keys = ["horizon_days", "rung"]
    ladder = tables["ladder"].drop(columns=list(_NUMBERS)).merge(views.ladder[[*keys, *_NUMBERS]], on=keys)
    quantities = tables["quantities"].copy()
    mine = quantities["name"] == "p_strike"
    for number in _NUMBERS:
        quantities.loc[mine, number] = quantities.loc[mine, "horizon_days"].map(views.strike[number]).astype(float)
    return together | {"ladder": ladder[tables["ladder"].columns], "quantities": quantities}


def _baseline_table(
    means: dict[str, np.ndarray],
    draws: dict[str, np.ndarray],
    ladder: pd.DataFrame,
    weights: dict[str, float],
    horizons: tuple[int, ...],
) -> pd.DataFrame:
    parts = [_rows(name, mean, draws.get(name), horizons) for name, mean in means.items()]
    own = parts[0].drop(columns=list(_NUMBERS)).merge(ladder[["horizon_days", "rung", *_NUMBERS]])
    table = pd.concat([own, *parts[1:]], ignore_index=True)
    return table.assign(weight=table["candidate"].map(weights).astype(float))


def _pooled(
    entry: Entry, members: tuple[str, ...], means: dict[str, np.ndarray], draws: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Pooled ladders [pool, horizon, rung] of the means, and [pool, draw, horizon, rung] of members drawn together."""
    count = min([len(values) for values in draws.values()], default=1)
    some = [
        draws[name][np.linspace(0, len(draws[name]) - 1, count).astype(int)]
        if name in draws
        else np.broadcast_to(means[name], (count, *means[name].shape))
        for name in members
    ]
    return pool(entry, np.stack([means[name] for name in members])), pool(entry, np.stack(some))


def _rows(name: str, mean: np.ndarray, draws: np.ndarray | None, horizons: tuple[int, ...]) -> pd.DataFrame:
    """Ladder of a candidate; the 80 % interval over draws is stretched to hold the mean, blank without draws."""
    nothing = np.full(mean.shape, np.nan)
    low, high = (nothing, nothing) if draws is None else np.quantile(draws, LEVELS, axis=0)
    return pd.DataFrame(
        {
            "candidate": name,
            "horizon_days": np.repeat(horizons, len(LADDER)),
            "rung": list(LADDER) * len(horizons),
            "probability": mean.ravel(),
            "low": np.fmin(low, mean).ravel() if draws is not None else low.ravel(),
            "high": np.fmax(high, mean).ravel() if draws is not None else high.ravel(),
        }
    )


def _stage_table(stages: dict[str, np.ndarray]) -> pd.DataFrame:
    rows = [(step, float(values.mean()), *np.quantile(values, LEVELS)) for step, values in stages.items()]
    return pd.DataFrame(rows, columns=pd.Index(["step", *_NUMBERS]))
