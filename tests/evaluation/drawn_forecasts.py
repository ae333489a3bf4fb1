"""Forecasts over ordered classes with outcomes drawn from them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Drawn(NamedTuple):
    """Probabilities [row, class], outcome [row] with NaN where void, cluster [row] and weight [row]."""

    probabilities: np.ndarray
    outcome: np.ndarray
    cluster: np.ndarray
    weight: np.ndarray


def drawn(rows: int, seed: int, classes: int = 7) -> Drawn:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.linspace(1.5, 0.3, classes), rows)
    outcome = draw(probabilities, rng).astype(float)
    outcome[rng.random(rows) < 0.1] = np.nan
    return Drawn(probabilities, outcome, rng.integers(0, 40, rows), rng.uniform(0.2, 3, rows))


def draw(probabilities: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    above = rng.random(len(probabilities))[:, None] > probabilities.cumsum(axis=1)[:, :-1]
    return above.sum(axis=1)
