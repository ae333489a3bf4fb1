"""Scores of probability forecasts: plain functions of (probabilities, outcome), one number per row, lower is better.

A row whose outcome is missing is void: its score is NaN, and every summary counts it. Nothing is dropped unsaid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from forecast.errors import UsageError
from forecast.evaluation.inputs import (
    Checked,
    check_binary,
    check_ladder,
    check_probabilities,
    check_scores,
    check_weight,
    numbers,
)
from forecast.terms import LADDER

LOG_FLOOR: Final = 1e-6
"""Smallest probability of the outcome that the log score sees: no row costs more than 13.8 nats.

Below it the log score no longer rewards the truth; every chance that is meant to be scored must lie above."""

type Score = Callable[[ArrayLike, ArrayLike], np.ndarray]


class MeanScore(NamedTuple):
    """Weighted mean of a score, with the number of rows behind it and of void rows beside it."""

    mean: float
    n: int
    void: int


def ranked_probability_score(probabilities: ArrayLike, outcome: ArrayLike) -> np.ndarray:
    """Ranked probability score: squared error of the chance of "this class or higher", summed over the thresholds.

    Parameters
    ----------
    probabilities
        Array [row, class], classes in order.
    outcome
        Array [row]: position of the class that came, missing where void.

    Returns
    -------
    numpy.ndarray
        Array [row] from 0 to the number of thresholds (classes less one); not divided by it. NaN where void.

    Raises
    ------
    UsageError
        Inputs that break a rule of `forecast.evaluation.inputs.check_ladder`.

    References
    ----------
    Epstein (1969), A scoring system for probability forecasts of ranked categories, J. Appl. Meteorol. 8, 985–987;
    in the form of Murphy (1971), A note on the ranked probability score, J. Appl. Meteorol. 10, 155–156.
    """
    checked = check_ladder(probabilities, outcome)
    chance, event = exceedance(checked.probabilities), _exceeded(checked)
    return _void_as_nan(np.square(chance - event).sum(axis=1), checked)


def log_score(probabilities: ArrayLike, outcome: ArrayLike) -> np.ndarray:
    """Log score: minus the natural logarithm of the probability of what came, at least `LOG_FLOOR`.

    Parameters
    ----------
    probabilities
        Array [row, class].
    outcome
        Array [row]: position of the class that came, missing where void.

    Returns
    -------
    numpy.ndarray
        Array [row] in nats. NaN where void.

    Raises
    ------
    UsageError
        Inputs that break a rule of `forecast.evaluation.inputs.check_ladder`.

    References
    ----------
    Good (1952), Rational decisions, J. R. Stat. Soc. B 14, 107–114.
    """
    checked = check_ladder(probabilities, outcome)
    hit = checked.probabilities[np.arange(len(checked.outcome)), checked.outcome]
    return _void_as_nan(-np.log(np.clip(hit, LOG_FLOOR, 1)), checked)


def brier_score(probabilities: ArrayLike, outcome: ArrayLike) -> np.ndarray:
    """Brier score over all classes: squared error of every class, summed; the order of classes plays no part.

    Parameters
    ----------
    probabilities
        Array [row, class].
    outcome
        Array [row]: position of the class that came, missing where void.

    Returns
    -------
    numpy.ndarray
        Array [row] from 0 to 2; with two classes twice `binary_brier`. NaN where void.

    Raises
    ------
    UsageError
        Inputs that break a rule of `forecast.evaluation.inputs.check_ladder`.

    References
    ----------
    Brier (1950), Verification of forecasts expressed in terms of probability, Mon. Weather Rev. 78, 1–3.
    """
    checked = check_ladder(probabilities, outcome)
    came = checked.outcome[:, None] == np.arange(checked.probabilities.shape[1])
    return _void_as_nan(np.square(checked.probabilities - came).sum(axis=1), checked)


def brier_at_least(probabilities: ArrayLike, outcome: ArrayLike, threshold: int) -> np.ndarray:
    """Brier score of the event "class `threshold` or higher"; over all thresholds they sum to the RPS.

    Parameters
    ----------
    probabilities
        Array [row, class], classes in order.
    outcome
        Array [row]: position of the class that came, missing where void.
    threshold
        Position of the lowest class that counts as the event, from 1 to the highest class.

    Returns
    -------
    numpy.ndarray
        Array [row] from 0 to 1. NaN where void.

    Raises
    ------
    UsageError
        Inputs that break a rule of `forecast.evaluation.inputs.check_ladder`, or a threshold that no class has.
    """
    checked = check_ladder(probabilities, outcome)
    highest = checked.probabilities.shape[1] - 1
    if not 1 <= threshold <= highest:
        raise UsageError(f"threshold: {threshold} splits no classes; give a position from 1 to {highest}")
    chance = exceedance(checked.probabilities)[:, threshold - 1]
    return _void_as_nan(np.square(chance - (checked.outcome >= threshold)), checked)


def binary_brier(probability: ArrayLike, event: ArrayLike) -> np.ndarray:
    """Brier score of a yes-no question: squared error of its probability, from 0 to 1.

    Parameters
    ----------
    probability
        Array [row] of the chance of the event.
    event
        Array [row]: 1 it came, 0 it did not, missing where void.

    Raises
    ------
    UsageError
        Inputs that break a rule of `forecast.evaluation.inputs.check_binary`.
    """
    checked = check_binary(probability, event)
    return _void_as_nan(np.square(checked.probabilities - checked.outcome), checked)


def binary_log(probability: ArrayLike, event: ArrayLike) -> np.ndarray:
    """Log score of a yes-no question in nats, with the floor of `log_score`.

    Parameters
    ----------
    probability
        Array [row] of the chance of the event.
    event
        Array [row]: 1 it came, 0 it did not, missing where void.

    Raises
    ------
    UsageError
        Inputs that break a rule of `forecast.evaluation.inputs.check_binary`.
    """
    checked = check_binary(probability, event)
    hit = np.where(checked.outcome == 1, checked.probabilities, 1 - checked.probabilities)
    return _void_as_nan(-np.log(np.maximum(hit, LOG_FLOOR)), checked)


SCORES: Final[Mapping[str, Score]] = {
    "rps": ranked_probability_score,
    "log": log_score,
    "brier": brier_score,
}
BINARY_SCORES: Final[Mapping[str, Score]] = {"brier": binary_brier, "log": binary_log}


def threshold_scores(labels: Sequence[str] = LADDER) -> dict[str, Score]:
    """Brier score of each threshold as a function of (probabilities, outcome), by names such as `brier_ge_O2`."""
    return {f"brier_ge_{label}": partial(brier_at_least, threshold=n) for n, label in enumerate(labels) if n}


LADDER_SCORES: Final[Mapping[str, Score]] = {**SCORES, **threshold_scores()}
"""Every score of a forecast on the ladder O0 to O6."""


def exceedance(probabilities: np.ndarray) -> np.ndarray:
    """Chance of "this class or higher" [..., threshold] for every class but the lowest, from [..., class]."""
    return np.minimum(np.cumsum(probabilities[..., :0:-1], axis=-1)[..., ::-1], 1)


def mean_score(score: ArrayLike, weight: ArrayLike | None = None) -> MeanScore:
    """Weighted mean over the rows that are not void.

    Parameters
    ----------
    score
        Array [row], NaN where void.
    weight
        Array [row]; 1 each where not given.

    Returns
    -------
    MeanScore
        The mean is NaN where every row is void.

    Raises
    ------
    UsageError
        A score or weight that is no number, weights of another length, or none above 0 on a row with a score.
    """
    values = check_scores(score, "score")
    void = np.isnan(values)
    if void.all():
        return MeanScore(np.nan, 0, int(void.sum()))
    weights = check_weight(check_weight(weight, len(values))[~void], int((~void).sum()))
    return MeanScore(float(np.average(values[~void], weights=weights)), int((~void).sum()), int(void.sum()))


def score_table(
    probabilities: ArrayLike,
    outcome: ArrayLike,
    scores: Mapping[str, Score] = SCORES,
    weight: ArrayLike | None = None,
) -> pd.DataFrame:
    """Mean of several scores of the same forecasts.

    Parameters
    ----------
    probabilities
        Array [row, class].
    outcome
        Array [row]: position of the class that came, missing where void.
    scores
        Functions of (probabilities, outcome) by name, such as `LADDER_SCORES`.
    weight
        Array [row]; 1 each where not given.

    Returns
    -------
    pandas.DataFrame
        Columns `score`, `mean`, `n` (rows scored) and `void` (rows without an outcome), one row per score.

    Raises
    ------
    UsageError
        Inputs that break a rule of `forecast.evaluation.inputs`.
    """
    means = {name: mean_score(function(probabilities, outcome), weight) for name, function in scores.items()}
    return pd.DataFrame(
        [(name, *found) for name, found in means.items()], columns=pd.Index(["score", *MeanScore._fields])
    )


def skill(score: ArrayLike, reference: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Skill: share of the reference's mean score that the forecast saves, on the same rows.

    Parameters
    ----------
    score, reference
        Arrays [row] of one score for the forecast and for the reference; NaN in the same rows, which are void.
    weight
        Array [row]; 1 each where not given.

    Returns
    -------
    float
        1 perfect, 0 no better than the reference, negative worse; NaN where the reference is perfect or all is void.

    Raises
    ------
    UsageError
        The two do not score the same rows.
    """
    values, others = paired(score, reference)
    base = mean_score(others, weight).mean
    return 1 - mean_score(values, weight).mean / base if base else np.nan


def paired(score: ArrayLike, reference: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Two scores [row] of the same rows.

    Raises
    ------
    UsageError
        Other lengths, or a row that is void for one and scored for the other.
    """
    values, others = check_scores(score, "score"), check_scores(reference, "reference")
    if len(values) != len(others):
        raise UsageError(f"reference: {len(others)} rows beside {len(values)} of the score; score the same rows")
    wrong = np.isnan(values) != np.isnan(others)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise UsageError(
            f"reference row {row}: {others[row]} beside {values[row]} of the score; a row is void for both or for "
            "neither, so score both against the same outcomes"
        )
    return values, others


def interval_coverage(low: ArrayLike, high: ArrayLike, value: ArrayLike) -> np.ndarray:
    """Whether a value lies in its interval, ends included; the mean is the coverage, to hold against the level.

    Parameters
    ----------
    low, high
        Arrays [row]: ends of the interval, in the unit of the value.
    value
        Array [row]: what came, missing where void.

    Returns
    -------
    numpy.ndarray
        Array [row]: 1 inside, 0 outside, NaN where void.

    Raises
    ------
    UsageError
        Other shapes, or an end that is missing or above the other.
    """
    lower, upper, came = numbers(low, "low"), numbers(high, "high"), numbers(value, "value")
    if not lower.shape == upper.shape == came.shape:
        raise UsageError(
            f"interval: the shapes are {lower.shape}, {upper.shape}, {came.shape}; give one of each per row"
        )
    wrong = ~(lower <= upper)
    if wrong.any():
        row = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
        raise UsageError(
            f"interval row {', '.join(map(str, row))}: {lower[row]} to {upper[row]} is no interval; give low, then high"
        )
    return np.where(np.isnan(came), np.nan, (lower <= came) & (came <= upper))


def expected_rps(probabilities: ArrayLike) -> np.ndarray:
    """Sharpness in the unit of the RPS: the score that a forecast expects of itself; 0 is a forecast without doubt.

    Σ F (1 − F) over the thresholds. Where forecasts are calibrated its mean equals the mean RPS.

    Parameters
    ----------
    probabilities
        Array [..., class], classes in order.

    Returns
    -------
    numpy.ndarray
        Array [...].

    References
    ----------
    Gneiting, Balabdaoui & Raftery (2007), Probabilistic forecasts, calibration and sharpness, J. R. Stat. Soc. B 69,
    243–268, for sharpness as a property of the forecast alone; Gneiting & Raftery (2007), Strictly proper scoring
    rules, J. Am. Stat. Assoc. 102, 359–378, for the entropy that belongs to a score.
    """
    chance = exceedance(check_probabilities(probabilities))
    return (chance * (1 - chance)).sum(axis=-1)


def entropy(probabilities: ArrayLike) -> np.ndarray:
    """Sharpness in nats: entropy [...] of probabilities [..., class]; as `expected_rps`, for the log score."""
    chances = check_probabilities(probabilities)
    return -(chances * np.log(np.where(chances > 0, chances, 1))).sum(axis=-1)


SHARPNESS: Final[Mapping[str, Callable[[ArrayLike], np.ndarray]]] = {"rps": expected_rps, "log": entropy}


def flip_flop_index(forecasts: ArrayLike) -> np.ndarray:
    """Flip-flop index of successive forecasts of one event: mean revision beyond what the way from end to end needs.

    FFI = (Σ |x_t − x_{t+1}| − (max x − min x)) / (N − 2). It is 0 for a series that only rises or only falls, and it
    says nothing of whether the forecasts were right. The forecasts must be of one fixed event (such as "a strike by
    1 May"); where the window moves with the day of the forecast, a change of the number need not be a change of mind.

    Parameters
    ----------
    forecasts
        Array [..., time] of numbers, such as the probability of the event, in the order in which they were made.

    Returns
    -------
    numpy.ndarray
        Array [...], in the unit of the forecasts; NaN where there are fewer than three.

    Raises
    ------
    UsageError
        A forecast is missing.

    References
    ----------
    Griffiths, Foley, Ioannou & Leeuwenburg (2019), Flip-Flop Index: Quantifying revision stability for fixed-event
    forecasts, Meteorol. Appl. 26, 30–35.
    """
    values = numbers(forecasts, "forecasts")
    if not values.ndim or not np.isfinite(values).all():
        raise UsageError("forecasts: one is missing or infinite; leave out the days on which none was made")
    count = values.shape[-1]
    if count < 3:
        return np.full(values.shape[:-1], np.nan)
    way = np.abs(np.diff(values, axis=-1)).sum(axis=-1)
    return (way - np.ptp(values, axis=-1)) / (count - 2)


def ladder_flip_flop(probabilities: ArrayLike) -> np.ndarray:
    """Flip-flop index of successive ladders: that of the chance of "this class or higher", summed over the thresholds.

    The index is defined for single numbers; the sum over thresholds is our extension of it, in the unit of the RPS's
    thresholds, so that a move between far classes counts for more than one between neighbours.

    Parameters
    ----------
    probabilities
        Array [..., time, class], in the order in which the forecasts were made; see `flip_flop_index`.

    Returns
    -------
    numpy.ndarray
        Array [...]; NaN where there are fewer than three forecasts.
    """
    chance = exceedance(check_probabilities(probabilities))
    return flip_flop_index(np.swapaxes(chance, -1, -2)).sum(axis=-1)


def _exceeded(checked: Checked) -> np.ndarray:
    return checked.outcome[:, None] >= np.arange(1, checked.probabilities.shape[1])


def _void_as_nan(score: np.ndarray, checked: Checked) -> np.ndarray:
    return np.where(checked.void, np.nan, score)
