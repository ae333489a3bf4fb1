"""The proportional-odds logit with a ridge penalty, on plain arrays (McCullagh 1980)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit


class ProportionalOdds(NamedTuple):
    """A fitted logit: the chance of class k or lower is expit(edges[k] - values @ slopes)."""

    edges: np.ndarray  # [class - 1], ascending
    slopes: np.ndarray  # [feature]

    def chances(self, values: np.ndarray) -> np.ndarray:
        """Probabilities [row, class] from features [row, feature]."""
        below = expit(self.edges[None, :] - (values @ self.slopes)[:, None])
        return np.diff(np.pad(below, ((0, 0), (1, 1)), constant_values=((0, 0), (0.0, 1.0))), axis=1)


def fit_proportional_odds(
    values: np.ndarray, outcome: np.ndarray, weight: np.ndarray, chance: np.ndarray, ridge: float
) -> ProportionalOdds:
    """Fit the logit by penalised maximum likelihood.

    Parameters
    ----------
    values
        Features [row, feature].
    outcome, weight
        Class and weight [row].
    chance
        Frequency of each class [class], from which the search for the cut points starts.
    ridge
        Penalty: half of it times the sum of squared slopes is added to the loss.
    """
    steps = len(chance) - 1
    below = np.clip(np.cumsum(chance)[:-1], 1e-4, 1 - 1e-4)
    cuts = np.log(below / (1 - below))
    first = np.concatenate([cuts[:1], np.log(np.maximum(np.diff(cuts), 1e-2)), np.zeros(values.shape[1])])
    found = minimize(
        _loss, first, (values, outcome, weight, steps, ridge), jac=True, method="L-BFGS-B", options={"maxiter": 500}
    )
    return ProportionalOdds(_edges(found.x[:steps]), found.x[steps:])


def _loss(
    at: np.ndarray, values: np.ndarray, outcome: np.ndarray, weight: np.ndarray, steps: int, ridge: float
) -> tuple[float, np.ndarray]:
    """Penalised negative log-likelihood of the proportional-odds logit, and its gradient.

    The first cut point is free, the others add exponentials, which keeps them in order.
    """
    edges, slopes = _edges(at[:steps]), at[steps:]
    place = values @ slopes
    bounds = np.concatenate([[-np.inf], edges, [np.inf]])
    low, high = expit(bounds[outcome] - place), expit(bounds[outcome + 1] - place)
    hit = np.maximum(high - low, 1e-12)
    loss = -(weight * np.log(hit)).sum() + 0.5 * ridge * slopes @ slopes
    by_high, by_low = weight * high * (1 - high) / hit, weight * low * (1 - low) / hit
    by_edge = np.bincount(outcome, by_low, steps + 1)[1:] - np.bincount(outcome, by_high, steps + 1)[:-1]
    by_gap = np.cumsum(by_edge[::-1])[::-1]
    by_gap[1:] *= np.diff(edges)
    return float(loss), np.concatenate([by_gap, values.T @ (by_high - by_low) + ridge * slopes])


def _edges(free: np.ndarray) -> np.ndarray:
    return free[0] + np.concatenate([[0.0], np.cumsum(np.exp(free[1:]))])
