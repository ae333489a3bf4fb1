"""Frailty: how much more often an episode acts than others in its place, learned on the way.

Counts of acts are Poisson around the sum of a base model's chances times a frailty with a gamma prior of mean 1 and
shape `a`; after N acts where E were expected its posterior mean is (N + a) / (E + a) (Clayton 1991). With decay, old
weeks count less, and the frailty may drift.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


def running_frailty(
    sequence: np.ndarray,
    acted: np.ndarray,
    chance: np.ndarray,
    *,
    lag: int = 1,
    shape: float = 1.0,
    half_lives: Sequence[float] = (np.inf,),
) -> np.ndarray:
    """Log posterior mean of the frailty before each row.

    Parameters
    ----------
    sequence
        Label [row] of the episode; its rows stand together and in order of time.
    acted
        Whether the window that closes at this row held an act [row]; the window opened `lag` rows earlier.
    chance
        Chance of an act in the window that opens at this row [row], by the base model.
    lag
        Rows from the opening of a window to its end.
    shape
        Shape of the gamma prior, in expected acts.
    half_lives
        Rows after which a window counts half; infinite counts all alike.

    Returns
    -------
    ndarray
        [row, half-life]; 0 where no window is closed yet.
    """
    starts = np.flatnonzero(np.concatenate([[True], sequence[1:] != sequence[:-1]]))
    age = np.arange(len(sequence)) - np.repeat(starts, np.diff(np.append(starts, len(sequence))))
    closed = age >= lag
    expected = np.where(closed, np.concatenate([np.zeros(lag), chance[:-lag]])[: len(chance)], 0.0)
    seen = np.where(closed, acted, 0.0)
    out = np.empty((len(sequence), len(half_lives)))
    for column, life in enumerate(half_lives):
        out[:, column] = np.log((_running(seen, age, life) + shape) / (_running(expected, age, life) + shape))
    return out


def _running(values: np.ndarray, age: np.ndarray, half_life: float) -> np.ndarray:
    """Sum so far within each sequence, decayed; `age` is 0 where a sequence begins."""
    factor, total, out = 0.5 ** (1.0 / half_life), 0.0, np.empty(len(values))
    for row, (value, old) in enumerate(zip(values.tolist(), age.tolist(), strict=True)):
        total = value + (factor * total if old else 0.0)
        out[row] = total
    return out
