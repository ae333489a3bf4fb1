"""What a score may be given: probabilities that add up, outcomes that exist or are missing, and weights."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from forecast.errors import UsageError

TOLERANCE: Final = 1e-6
"""How far the probabilities of one row may miss the sum of 1."""


class Checked(NamedTuple):
    """Forecasts and outcomes that fit together.

    Attributes
    ----------
    probabilities
        Array [row, class] for a ladder, [row] for a yes-no question.
    outcome
        Array [row] of whole numbers; 0 where the row is void.
    void
        Array [row]: the outcome is missing, because the question was never resolved.
    """

    probabilities: np.ndarray
    outcome: np.ndarray
    void: np.ndarray


def check_ladder(probabilities: ArrayLike, outcome: ArrayLike) -> Checked:
    """Check forecasts over ordered classes against their outcomes.

    Parameters
    ----------
    probabilities
        Array [row, class]; not negative, each row sums to 1 within `TOLERANCE`. A missing probability is an error.
    outcome
        Array [row]: position of the class that came, from 0; missing (NaN, None, NA, masked) where the row is void.

    Raises
    ------
    UsageError
        The first row that breaks a rule, with what was found.
    """
    chances = check_probabilities(probabilities)
    position, void = _outcome(outcome, len(chances), chances.shape[1])
    return Checked(chances, position, void)


def check_binary(probability: ArrayLike, event: ArrayLike) -> Checked:
    """Check forecasts of a yes-no question against what came.

    Parameters
    ----------
    probability
        Array [row] of the chance of the event, from 0 to 1. A missing one is an error.
    event
        Array [row]: 1 (True) it came, 0 (False) it did not, missing where the row is void.

    Raises
    ------
    UsageError
        The first row that breaks a rule, with what was found.
    """
    chance = numbers(probability, "probability")
    if chance.ndim != 1:
        raise UsageError(f"probability: its shape is {chance.shape}; a yes-no question has one number per row")
    wrong = ~((chance >= 0) & (chance <= 1))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise UsageError(
            f"probability row {row}: {chance[row]} is not between 0 and 1; correct or leave out the forecast"
        )
    position, void = _outcome(event, len(chance), 2)
    return Checked(chance, position, void)


def check_probabilities(probabilities: ArrayLike) -> np.ndarray:
    """Check probabilities [..., class]: two classes or more, each from 0 to 1, sums of 1 within `TOLERANCE`.

    Raises
    ------
    UsageError
        The first row that breaks a rule, with what was found.
    """
    chances = numbers(probabilities, "probabilities")
    if chances.ndim < 2 or chances.shape[-1] < 2:
        raise UsageError(
            f"probabilities: the shape is {chances.shape}; give an array [row, class] with two classes or more "
            "(a single forecast is [[…]])"
        )
    wrong = ~((chances >= 0) & (chances <= 1 + TOLERANCE)).all(axis=-1)
    if wrong.any():
        row = _first(wrong)
        raise UsageError(
            f"probabilities row {_place(row)}: {chances[row].tolist()} has a number that is negative, above 1 or "
            "missing; leave out forecasts that were not made, set rounding errors to 0"
        )
    total = chances.sum(axis=-1)
    wrong = ~(np.abs(total - 1) <= TOLERANCE)
    if wrong.any():
        row = _first(wrong)
        raise UsageError(
            f"probabilities row {_place(row)}: the sum is {total[row]:.9g}; it must be 1 within {TOLERANCE:g}; "
            "divide the row by its sum where this is rounding"
        )
    return chances


def check_scores(score: ArrayLike, name: str = "score") -> np.ndarray:
    """Scores [row], finite, NaN where void.

    Raises
    ------
    UsageError
        Another shape, or a score that is infinite or no number.
    """
    values = numbers(score, name)
    if values.ndim != 1 or np.isinf(values).any():
        raise UsageError(
            f"{name}: the shape is {values.shape}, infinite ones {int(np.isinf(values).sum())}; give one finite number "
            "per row, missing where void"
        )
    return values


def check_weight(weight: ArrayLike | None, rows: int) -> np.ndarray:
    """Weights [row], not negative and not all 0; ones where none are given.

    Raises
    ------
    UsageError
        Another number of weights than rows, a weight that is negative or missing, or none above 0.
    """
    if weight is None:
        return np.ones(rows)
    weights = numbers(weight, "weight")
    if weights.shape != (rows,):
        raise UsageError(f"weight: the shape is {weights.shape}; {rows} rows need as many weights")
    wrong = ~(np.isfinite(weights) & (weights >= 0))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise UsageError(f"weight row {row}: {weights[row]} is not a weight; give a finite number from 0 up")
    if rows and not weights.any():
        raise UsageError("weight: every weight is 0; at least one row must count")
    return weights


def check_cluster(cluster: ArrayLike, rows: int) -> np.ndarray:
    """Number of the cluster [row], counted from 0 in the sorted order of the labels.

    Raises
    ------
    UsageError
        Another number of labels than rows, or a label is missing.
    """
    labels = np.asarray(cluster)
    if labels.shape != (rows,):
        raise UsageError(f"cluster: the shape is {labels.shape}; {rows} rows need as many labels")
    code, _ = pd.factorize(labels, sort=True)
    if (code < 0).any():
        row = int(np.argmax(code < 0))
        raise UsageError(f"cluster row {row}: the label is missing; name the crisis to which the row belongs")
    return code


def numbers(values: ArrayLike, name: str) -> np.ndarray:
    """Values as an array of floats.

    Raises
    ------
    UsageError
        A value is no number.
    """
    if isinstance(values, np.ma.MaskedArray):
        return np.ma.filled(values.astype(float), np.nan)
    try:
        raw = np.asarray(values)
        if raw.dtype.kind in "mMc":
            raise TypeError(f"these are values of type {raw.dtype}")
        return (np.where(pd.isna(raw), np.nan, raw) if raw.dtype == object else raw).astype(float)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name}: {error}; every value must be a number, or missing") from error


def _outcome(outcome: ArrayLike, rows: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    values = numbers(outcome, "outcome")
    if values.shape != (rows,):
        raise UsageError(
            f"outcome: the shape is {values.shape}; {rows} forecasts need as many outcomes "
            "(missing where the question is void)"
        )
    void = np.isnan(values)
    wrong = ~void & ~((values >= 0) & (values < classes) & (values == np.floor(values)))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise UsageError(
            f"outcome row {row}: {values[row]:g} is not a whole number from 0 to {classes - 1}; give the position of "
            "the class that came, or a missing value where the question is void"
        )
    return np.where(void, 0, values).astype(int), void


def _first(wrong: np.ndarray) -> tuple[int, ...]:
    return tuple(int(n) for n in np.unravel_index(int(np.argmax(wrong)), wrong.shape))


def _place(row: tuple[int, ...]) -> str:
    return ", ".join(map(str, row))
