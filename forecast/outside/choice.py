"""One choice of one player, as a game form: yes or no by a probit of a single utility."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import log_ndtr, ndtr

from forecast.outside.escalation import mills
from forecast.outside.utilities import Game

OUTCOMES: Final = ("no", "yes")
UTILITIES: Final = ("u",)


def probabilities(utilities: np.ndarray) -> np.ndarray:
    """Probability [row, outcome] of no and yes, for the utility [row, 1] of yes over no."""
    return ndtr(utilities * (-1.0, 1.0))


def rows(utilities: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log-likelihood [row] in nats and its gradient [row, 1], for counts [row, outcome]."""
    gain, (no, yes) = utilities[:, 0], counts.T
    value = no * log_ndtr(-gain) + yes * log_ndtr(gain)
    return value, (yes * mills(gain) - no * mills(-gain))[:, None]


CHOICE: Final = Game(UTILITIES, OUTCOMES, rows, probabilities)
