"""The escalation game: a challenger escalates or not; if it does, the target gives in or resists, and that is war.

Signorino (2003), Kenkel and Signorino (2014, package *games*, ``egame12``): backward induction with normal errors on
every terminal payoff ("agent error"), so that both players choose by a probit.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import log_ndtr, ndtr

from forecast.outside.utilities import Game

OUTCOMES: Final = ("status quo", "capitulation", "war")
UTILITIES: Final = ("u11", "u13", "u14", "u24")
_ROOT2: Final = np.sqrt(2.0)
_LOG_ROOT_2PI: Final = 0.5 * np.log(2.0 * np.pi)


def probabilities(utilities: np.ndarray) -> np.ndarray:
    """Probability of each outcome.

    Parameters
    ----------
    utilities
        [row, utility], the challenger's ``u11`` (status quo), ``u13`` (target gives in), ``u14`` (war) and the target's
        ``u24`` (war, against 0 for giving in), in units of the standard deviation of one payoff's error.

    Returns
    -------
    ndarray
        [row, outcome], in the order of `OUTCOMES`.
    """
    escalate, resist = _arguments(utilities)[:2]
    p_escalate, p_resist = ndtr(escalate), ndtr(resist)
    return np.column_stack([ndtr(-escalate), p_escalate * ndtr(-resist), p_escalate * p_resist])


def rows(utilities: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log-likelihood of each row and its gradient.

    Parameters
    ----------
    utilities
        [row, utility], as in `probabilities`.
    counts
        [row, outcome], how often each outcome was seen.

    Returns
    -------
    ndarray, ndarray
        [row] in nats, and [row, utility].
    """
    escalate, resist, p_resist = _arguments(utilities)
    status_quo, capitulation, war = counts.T
    value = (
        status_quo * log_ndtr(-escalate)
        + (capitulation + war) * log_ndtr(escalate)
        + capitulation * log_ndtr(-resist)
        + war * log_ndtr(resist)
    )
    by_escalate = (capitulation + war) * mills(escalate) - status_quo * mills(-escalate)
    by_resist = war * mills(resist) - capitulation * mills(-resist)
    u13, u14 = utilities.T[1:3]
    through = by_escalate * (u14 - u13) / _ROOT2 * np.exp(-0.5 * resist**2 - _LOG_ROOT_2PI)
    gradient = [-by_escalate, by_escalate * (1.0 - p_resist), by_escalate * p_resist, by_resist + through]
    return value, np.column_stack(gradient) / _ROOT2


def _arguments(utilities: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    u11, u13, u14, u24 = utilities.T
    resist = u24 / _ROOT2
    p_resist = ndtr(resist)
    return ((1.0 - p_resist) * u13 + p_resist * u14 - u11) / _ROOT2, resist, p_resist


def mills(z: np.ndarray) -> np.ndarray:
    """Derivative of log Φ(z)."""
    return np.exp(-0.5 * z**2 - _LOG_ROOT_2PI - log_ndtr(z))


ESCALATION: Final = Game(UTILITIES, OUTCOMES, rows, probabilities)
