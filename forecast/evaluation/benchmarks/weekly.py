"""M1: the weeks of a confrontation as a table – what each side did so far, and the highest level it reaches next.

A row is (confrontation, side, week w); everything up to the end of week w is known. Features are self-exciting: decayed
counts of acts, time since the last one, and how active the confrontation has been for its age.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from forecast.evaluation.benchmarks.mie import MOST_WEEKS

if TYPE_CHECKING:
    from forecast.evaluation.benchmarks.mie import Confrontations

HALF_LIVES: Final = (1, 2, 4, 13, 39)
KINDS: Final = {"any": 1, "force": 3, "war": 4}
NEVER: Final = 104
_CAP: Final = 7
_YEAR: Final = 365.25


def weekly_table(found: Confrontations, horizon: int = 1) -> pd.DataFrame:
    """Rows, features and outcome.

    Parameters
    ----------
    found
        What `mie.read` gives.
    horizon
        Weeks ahead; the outcome is the highest level of the side in weeks w + 1 to w + `horizon`.

    Returns
    -------
    DataFrame
        `confrontation`, `year` (of its start), `side`, `week`, `own` and `opponent` (levels this week), `outcome`,
        `opponent_outcome` (the other side's), and every feature of `features`.
    """
    acts, levels = _weeks(found)
    last = found.pairs["last_week"].to_numpy()
    future = np.zeros_like(levels)
    for ahead in range(1, horizon + 1):
        future[:, :, :-ahead] = np.maximum(future[:, :, :-ahead], levels[:, :, ahead:])
    known = np.broadcast_to(np.arange(MOST_WEEKS) <= (last - horizon)[:, None], (len(last), MOST_WEEKS))
    parts = []
    for side in (0, 1):
        columns = _features(found, acts, levels, side)
        columns |= {"outcome": future[:, side], "opponent_outcome": future[:, 1 - side]}
        columns["week"] = np.broadcast_to(np.arange(MOST_WEEKS), known.shape)
        columns["side"] = np.full(known.shape, side)
        for name, values in (("confrontation", found.pairs["confrontation"]), ("year", found.pairs["start"].dt.year)):
            columns[name] = np.broadcast_to(values.to_numpy()[:, None], known.shape)
        parts.append(pd.DataFrame({name: values[known] for name, values in columns.items()}))
    return pd.concat(parts).sort_values(["confrontation", "week", "side"], ignore_index=True)


def features(table: pd.DataFrame) -> tuple[str, ...]:
    """Names of the feature columns of `weekly_table`."""
    apart = {"confrontation", "year", "side", "week", "outcome", "opponent_outcome", "own", "opponent"}
    return tuple(name for name in table.columns if name not in apart)


def _weeks(found: Confrontations) -> tuple[np.ndarray, np.ndarray]:
    """Number of acts [confrontation, side, level, week] and highest level [confrontation, side, week]."""
    events = found.events[(found.events["side"] >= 0) & (found.events["week"] < MOST_WEEKS)]
    index = _position(found, events)
    acts = np.zeros((len(found.pairs), 2, 5, MOST_WEEKS))
    for side in (0, 1):
        own = ((events["side"] == side) | events["mutual"]).to_numpy()
        level, week = events["level"].to_numpy(int)[own], events["week"].to_numpy(int)[own]
        np.add.at(acts, (index[own], np.full(own.sum(), side), level, week), 1)
    levels = np.max((acts > 0) * np.arange(5)[:, None], axis=2).astype(int)
    # A week is not over, and not counted, unless it ends within the period that the source covers.
    late = np.arange(MOST_WEEKS) > found.pairs["last_week"].to_numpy()[:, None]
    return np.where(late[:, None, None], 0, acts), np.where(late[:, None], 0, levels)


def _position(found: Confrontations, events: pd.DataFrame) -> np.ndarray:
    """Row of `found.pairs` [event] to which each event belongs."""
    return pd.Index(found.pairs["confrontation"].to_numpy()).get_indexer(pd.Index(events["confrontation"].to_numpy()))


def _features(found: Confrontations, acts: np.ndarray, levels: np.ndarray, side: int) -> dict[str, np.ndarray]:
    """Every feature of one side as [confrontation, week]."""
    own, other = levels[:, side], levels[:, 1 - side]
    columns: dict[str, np.ndarray] = {"own": own, "opponent": other}
    for name, level in (("own", own), ("opponent", other)):
        for lag in range(3):
            shifted = _lagged(level, lag)
            columns |= {f"{name}_is_{k}_lag_{lag}": (shifted == k).astype(float) for k in range(1, 5)}
    columns["both_force"] = ((own >= 3) & (other >= 3)).astype(float)
    for name, who in (("own", side), ("opponent", 1 - side)):
        columns |= _activity(name, acts[:, who], levels[:, who])
    columns |= _since("any", np.maximum(own, other))
    columns["last_was_own"] = (columns["own_weeks_since"] < columns["opponent_weeks_since"]).astype(float)
    columns["unanswered"] = np.log1p(_run(own, other))
    columns["unanswered_by"] = np.log1p(_run(other, own))
    columns |= _ageing(found, acts, levels, side)
    columns |= _products(columns)
    return columns


def _activity(name: str, acts: np.ndarray, level: np.ndarray) -> dict[str, np.ndarray]:
    """Decayed counts, times since, and sums so far of one side; `acts` [confrontation, level, week]."""
    columns = {}
    for kind, least in KINDS.items():
        count = np.minimum(acts[:, least:].sum(axis=1), _CAP)
        for life in HALF_LIVES:
            columns[f"{name}_{kind}_{life}"] = np.log1p(_decayed(count, life))
        columns |= _since(f"{name}_{kind}" if kind != "any" else name, level * (level >= least))
    active = np.cumsum(level > 0, axis=1)
    weeks = np.arange(1, level.shape[1] + 1)
    columns[f"{name}_active"] = np.log1p(active)
    columns[f"{name}_share"] = active / weeks
    columns[f"{name}_highest"] = np.maximum.accumulate(level, axis=1).astype(float)
    columns[f"{name}_last"] = _last(level)
    return columns


def _since(name: str, level: np.ndarray) -> dict[str, np.ndarray]:
    weeks = np.broadcast_to(np.arange(level.shape[1]), level.shape)
    seen = np.maximum.accumulate(np.where(level > 0, weeks, -1), axis=1)
    since = np.where(seen >= 0, weeks - seen, NEVER).astype(float)
    log = np.log1p(since)
    return {
        f"{name}_weeks_since": log,
        f"{name}_weeks_since_2": log**2,
        f"{name}_within_4": (since < 4).astype(float),
        f"{name}_within_13": (since < 13).astype(float),
        f"{name}_never": (since >= NEVER).astype(float),
    }


def _ageing(found: Confrontations, acts: np.ndarray, levels: np.ndarray, side: int) -> dict[str, np.ndarray]:
    """Age, deaths, third parties, who began, and what the pair did before."""
    shape = levels[:, 0].shape
    week = np.log1p(np.broadcast_to(np.arange(shape[1]), shape).astype(float))
    columns = {"age": week, "age_2": week**2}
    index = _position(found, found.events)
    when = found.events["week"].clip(lower=0).to_numpy()
    inside, main = when < MOST_WEEKS, found.events["side"].to_numpy() >= 0
    deaths, third = np.zeros(shape), np.zeros(shape)
    np.add.at(deaths, (index[inside & main], when[inside & main]), found.events["deaths"].to_numpy()[inside & main])
    np.add.at(third, (index[inside & ~main], when[inside & ~main]), 1)
    columns["deaths"] = np.log1p(np.cumsum(deaths, axis=1))
    for life in (4, 26):
        columns[f"third_{life}"] = np.log1p(_decayed(np.minimum(third, _CAP), life))
    first = found.events[found.events["side"] >= 0].drop_duplicates("confrontation").set_index("confrontation")
    began = first.loc[found.pairs["confrontation"]]
    moved = (began["side"] == side).to_numpy(float)
    columns["began"] = np.broadcast_to(moved[:, None], shape)
    columns["began_together"] = np.broadcast_to(began["mutual"].to_numpy(float)[:, None], shape)
    for name, values in earlier_record(found).items():
        columns[name] = np.broadcast_to(values[:, None], shape)
    both = np.cumsum((levels > 0).any(axis=1), axis=1)
    columns["bursts"] = np.log1p(np.cumsum(_onsets(levels), axis=1))
    columns["active_share"] = both / np.arange(1, shape[1] + 1)
    columns["kinds"] = np.log1p((np.cumsum(acts.sum(axis=1), axis=2) > 0).sum(axis=1))
    return columns


def earlier_record(found: Confrontations) -> dict[str, np.ndarray]:
    """What the pair did in other confrontations before its first event in this one, each [confrontation]."""
    by_pair = dict(list(found.history.groupby(["low", "high"])))
    pairs = found.pairs[["low", "high", "confrontation", "first"]]
    rows = []
    for low, high, confrontation, first in pairs.itertuples(index=False, name=None):
        past = by_pair[low, high]
        past = past[(past["date"] < first) & (past["confrontation"] != confrontation)]
        years = (first - past["date"]).dt.days / _YEAR
        recent = past[years <= 10]
        rows.append(
            {
                "before_confrontations": np.log1p(recent["confrontation"].nunique()),
                "before_events": np.log1p(len(recent)),
                "before_highest": float(recent["level"].max()) if len(recent) else 0.0,
                "before_years": np.log1p(min(years.min(), 50.0)) if len(past) else np.log1p(50.0),
                "before_war": float((past["level"] == 4).any()),
            }
        )
    table = pd.DataFrame(rows)
    return {name: table[name].to_numpy() for name in map(str, table.columns)}


def _products(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Products that let recent acts mean more in a hot phase than in a cold one."""
    pairs = (
        ("own_any_4", "opponent_any_4"), ("own_any_1", "opponent_any_1"), ("own_any_13", "age"), ("own_share", "age"),
        ("own_weeks_since", "own_active"), ("own_weeks_since", "own_share"), ("any_weeks_since", "active_share"),
        ("any_weeks_since", "age"), ("own_force_4", "opponent_weeks_since"), ("own_any_4", "own_weeks_since"),
        ("opponent_force_1", "own_share"), ("own_war_4", "opponent_war_4"), ("own_any_13", "own_any_1"),
    )  # fmt: skip
    return {f"{a}*{b}": columns[a] * columns[b] for a, b in pairs}


def _lagged(values: np.ndarray, lag: int) -> np.ndarray:
    return values if lag == 0 else np.pad(values, ((0, 0), (lag, 0)))[:, :-lag]


def _decayed(count: np.ndarray, half_life: float) -> np.ndarray:
    """Sum of past counts [row, week], each halved every `half_life` weeks."""
    factor, total, out = 0.5 ** (1.0 / half_life), np.zeros(len(count)), np.empty_like(count, dtype=float)
    for week in range(count.shape[1]):
        total = factor * total + count[:, week]
        out[:, week] = total
    return out


def _last(level: np.ndarray) -> np.ndarray:
    """Level [row, week] of the last week with an act so far; 0 before the first."""
    weeks = np.broadcast_to(np.arange(level.shape[1]), level.shape)
    seen = np.maximum.accumulate(np.where(level > 0, weeks, 0), axis=1)
    return np.take_along_axis(level, seen, axis=1).astype(float)


def _run(own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Weeks of own force since the other side last used force [row, week]."""
    run, out = np.zeros(len(own)), np.empty(own.shape)
    for week in range(own.shape[1]):
        run = np.where(other[:, week] >= 3, 0.0, run + (own[:, week] >= 3))
        out[:, week] = run
    return out


def _onsets(levels: np.ndarray) -> np.ndarray:
    """Whether a week with an act follows four without one [confrontation, week]."""
    active = (levels > 0).any(axis=1)
    before = np.pad(active, ((0, 0), (4, 0)))
    quiet = ~np.stack([before[:, k : k + active.shape[1]] for k in range(4)]).any(axis=0)
    return active & quiet
