"""Pools of forecasts: weights learned from probabilities that were predicted out of fold, on past episodes only.

The linear pool is a weighted mean (stacking, Yao et al. 2018). The logarithmic pool multiplies powers of the members
and scales the product to sum to 1 (Genest and Zidek 1986); its powers need not sum to 1, so that it can also sharpen
members that are too timid. The equal pool is the geometric mean: nothing is learned.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from scipy.optimize import minimize

type Kind = Literal["linear", "logarithmic", "equal"]
_FLOOR: Final = 1e-6
_ROUNDS: Final = 500
_SHRINK: Final = 1.0
"""Pull towards equal weights, in rows; a row that stands for many months counts once."""


def pool_weights(
    kind: Kind, chances: np.ndarray, outcome: np.ndarray, weight: np.ndarray, shrink: float = _SHRINK
) -> np.ndarray:
    """Weights [member] that minimise the log score of the pool.

    Parameters
    ----------
    kind
        ``linear`` (weights sum to 1), ``logarithmic`` (powers, not negative) or ``equal`` (powers that are one number).
    chances
        [member, row, class], each row predicted by members that did not see it.
    outcome
        Class [row].
    weight
        Weight [row] in the score.
    shrink
        Strength of the pull towards equal weights, in rows of mean weight.
    """
    if kind == "equal":
        return np.full(len(chances), 1.0 / len(chances))
    unit = weight / weight.mean()
    clipped = np.clip(chances, _FLOOR, 1.0)
    if kind == "linear":
        return _linear(clipped[:, np.arange(len(outcome)), outcome], unit, shrink)
    return _logarithmic(np.log(clipped), outcome, unit, shrink)


def combine(kind: Kind, weights: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Pooled probabilities [row, class] of members' [member, row, class]."""
    if kind == "linear":
        return np.tensordot(weights, chances, axes=1)
    return _normalised(np.tensordot(weights, np.log(np.clip(chances, _FLOOR, 1.0)), axes=1))


def _linear(hit: np.ndarray, weight: np.ndarray, shrink: float) -> np.ndarray:
    """Expectation-maximisation for the weights of a mixture with fixed parts; `hit` [member, row]."""
    members = len(hit)
    share = np.full(members, 1.0 / members)
    for _ in range(_ROUNDS):
        part = share[:, None] * hit
        gained = (part / part.sum(axis=0)) @ weight + shrink / members
        share = gained / gained.sum()
    return share


def _logarithmic(log_chances: np.ndarray, outcome: np.ndarray, weight: np.ndarray, shrink: float) -> np.ndarray:
    members = len(log_chances)
    equal = np.full(members, 1.0 / members)
    rows = np.arange(len(outcome))

    def loss(power: np.ndarray) -> tuple[float, np.ndarray]:
        pooled = _normalised(np.tensordot(power, log_chances, axes=1))
        hit = log_chances[:, rows, outcome]
        expected = np.einsum("mrc,rc->mr", log_chances, pooled)
        value = -(weight * np.log(np.maximum(pooled[rows, outcome], 1e-300))).sum()
        pull = power - equal
        return float(value + 0.5 * shrink * pull @ pull), (expected - hit) @ weight + shrink * pull

    return minimize(loss, equal, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * members).x


def _normalised(log_chance: np.ndarray) -> np.ndarray:
    chance = np.exp(log_chance - log_chance.max(axis=-1, keepdims=True))
    return chance / chance.sum(axis=-1, keepdims=True)
