"""Correlations within a panel: signals with signals and force, side with side, talks with pressure, and over time."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from forecast.terms import SIDES, SIGNAL_CHANNELS

if TYPE_CHECKING:
    from forecast.evaluation.quantities import Quantities, Seen

LAGS = (1, 4, 13)  # periods
PRESSURE = ("verbal", "posture")


def associations(seen: Seen) -> Quantities:
    """Pearson correlations over periods in which both values were watched; those within a side are pooled over sides.

    Force is its category, a campaign or more the highest (0-4); a signal is its level (0-3); pressure is the mean level
    of both sides' verbal and posture signals. Values are taken from their side's mean before pooling. NaN where
    something never varies.
    """
    force = np.where(seen.watched, seen.category, np.nan)
    signal = np.where(seen.signal_watched, seen.signal, np.nan)
    talks = np.where(seen.talks_watched, seen.talks, np.nan)
    pressure = signal[..., [SIGNAL_CHANNELS.index(c) for c in PRESSURE]].mean(axis=(0, 2))
    found = _signals(signal, force) | _both_sides(force, signal) | _talks(talks, pressure, force)
    return found | _over_time(force, signal, talks)


def correlations(columns: np.ndarray) -> np.ndarray:
    """Pearson correlation of every pair of columns [row, column], over the rows in which neither is NaN."""
    known = ~np.isnan(columns)
    value = np.where(known, columns, 0.0)
    n = known.T.astype(float) @ known
    sums = value.T @ known  # of the column of the row, over what the other column knows
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance = value.T @ value - sums * sums.T / n
        spread = (value**2).T @ known - sums**2 / n
        size = np.sqrt(spread * spread.T)
        return np.where(size > 1e-9, covariance / size, np.nan)


def _signals(signal: np.ndarray, force: np.ndarray) -> Quantities:
    """Signals with signals of the same side, and with own force now, own force next and the opponent's force before."""
    sides = [np.column_stack([signal[s], force[s], _later(force[s]), _earlier(force[1 - s])]) for s in range(2)]
    table = correlations(_pooled(sides))
    k = len(SIGNAL_CHANNELS)
    out = {
        ("correlations", f"{a} – {b}"): table[i, j] for (i, a), (j, b) in combinations(enumerate(SIGNAL_CHANNELS), 2)
    }
    for place, what in enumerate(("own force", "own force, next period", "opponent's force, last period")):
        out |= {("correlations", f"{c} – {what}"): table[i, k + place] for i, c in enumerate(SIGNAL_CHANNELS)}
    return out


def _both_sides(force: np.ndarray, signal: np.ndarray) -> Quantities:
    a, b = force
    table = correlations(np.column_stack([a, b, _later(a), _later(b)]))
    out = {
        ("correlations", "force of a – force of b"): table[0, 1],
        ("correlations", "force of a – force of b, next period"): table[0, 3],
        ("correlations", "force of b – force of a, next period"): table[1, 2],
    }
    for i, channel in enumerate(SIGNAL_CHANNELS):
        out[("correlations", f"{channel} of a – {channel} of b")] = correlations(signal[:, :, i].T)[0, 1]
    return out


def _talks(talks: np.ndarray, pressure: np.ndarray, force: np.ndarray) -> Quantities:
    fighting = force.max(axis=0)
    columns = [talks, pressure, _earlier(pressure), fighting, _earlier(fighting)]
    table = correlations(np.column_stack(columns))
    names = ("pressure", "pressure, last period", "force", "force, last period")
    return {("correlations", f"talks – {name}"): table[0, k] for k, name in enumerate(names, start=1)}


def _over_time(force: np.ndarray, signal: np.ndarray, talks: np.ndarray) -> Quantities:
    series = {f"force of {side}": force[[s]] for s, side in enumerate(SIDES)}
    series |= {channel: signal[:, :, i] for i, channel in enumerate(SIGNAL_CHANNELS)}
    series["talks"] = talks[None]
    return {
        ("autocorrelation", f"{name}, lag {lag}"): correlations(
            _pooled([np.column_stack([row, _later(row, lag)]) for row in rows])
        )[0, 1]
        for name, rows in series.items()
        for lag in LAGS
    }


def _pooled(sides: list[np.ndarray]) -> np.ndarray:
    """Columns of both sides one above the other, each less its mean on that side."""
    out = []
    for columns in sides:
        known = ~np.isnan(columns)
        mean = np.where(known, columns, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        out.append(columns - mean)
    return np.concatenate(out)


def _later(values: np.ndarray, periods: int = 1) -> np.ndarray:
    return np.r_[values[periods:], np.full(min(periods, len(values)), np.nan)]


def _earlier(values: np.ndarray, periods: int = 1) -> np.ndarray:
    return np.r_[np.full(min(periods, len(values)), np.nan), values[:-periods]]
