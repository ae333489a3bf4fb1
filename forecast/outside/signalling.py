"""The crisis signalling game: status quo, or a challenge that is conceded, stood firm on, or backed down from.

Lewis and Schultz (2003): A challenges or not; B concedes or resists; A stands firm or backs down. A's payoffs of
standing firm (``WA``) and of backing down (``a``) and B's payoff of a fight (``WB``) carry standard normal errors known
to their owner only, so that B learns from the challenge. The probability that B resists solves a fixed point, which may
have several solutions. Formulas and identification: Crisman-Cox and Gibilisco (2021, package *sigInt*); VB is 0.

Maximum likelihood with the equilibrium as a constraint (Su and Judd 2012) is the same as maximising over the equilibria
of every game as well; that is what `rows` does.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy.special import ndtr

from forecast.outside.utilities import Game

OUTCOMES: Final = ("status quo", "concede", "stand firm", "back down")
UTILITIES: Final = ("SA", "VA", "CB", "WA", "WB", "a")

_ROOT2: Final = np.sqrt(2.0)
_TINY: Final = float(np.finfo(float).eps)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(14)
_ANGLES: Final = (_NODES + 1.0) * np.pi / 8.0
_SINES: Final = np.sin(_ANGLES)
_COSINES2: Final = 2.0 * np.cos(_ANGLES) ** 2
_ANGLE_WEIGHTS: Final = _WEIGHTS / 16.0
_COARSE: Final = 40
_FINE: Final = 2000


class Equilibria(NamedTuple):
    """All equilibria that were found: `game` [equilibrium] is the row, `resist` [equilibrium] B's probability."""

    game: np.ndarray
    resist: np.ndarray


class _Strategies(NamedTuple):
    threshold: np.ndarray
    fights: np.ndarray
    challenges: np.ndarray
    firm: np.ndarray
    argument: np.ndarray


def equilibria(utilities: np.ndarray, grid: int = _FINE) -> Equilibria:
    """Every equilibrium of every row, by sign changes of the constraint on a grid over (0, 1), then bisection.

    Two equilibria closer than 1 / `grid` are missed together.

    Parameters
    ----------
    utilities
        [row, utility], in the order of `UTILITIES`.
    grid
        Number of steps.
    """
    ends = np.array([1e-14, 1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-3])
    points = np.unique(np.concatenate([ends, np.linspace(0.0, 1.0, grid + 1)[1:-1], 1.0 - ends]))
    games, places, signs = [], [], []
    for first in range(0, len(utilities), 200):  # in pieces, to bound memory
        part = utilities[first : first + 200]
        constraint = violation(points[None, :], part[:, None, :])
        # It is negative at 0 and positive at 1; beyond the outermost points rounding hides that.
        constraint[:, 0], constraint[:, -1] = -1.0, 1.0
        game, place = np.nonzero(constraint[:, :-1] * constraint[:, 1:] <= 0)
        games.append(game + first)
        places.append(place)
        signs.append(constraint[game, place])
    game, place, sign = map(np.concatenate, (games, places, signs))
    low, high = points[place], points[place + 1]
    for _ in range(45):
        middle = 0.5 * (low + high)
        same = violation(middle, utilities[game]) * sign > 0
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return Equilibria(game, 0.5 * (low + high))


def violation(resist: np.ndarray, utilities: np.ndarray) -> np.ndarray:
    """Equilibrium constraint: B's probability of resisting minus its best reply to itself; zero in equilibrium."""
    return resist - ndtr(_strategies(resist, utilities).argument)


def outcome_probabilities(resist: np.ndarray, utilities: np.ndarray) -> np.ndarray:
    """Probability [row, outcome] of each outcome, given that B resists with probability `resist` [row]."""
    found = _strategies(resist, utilities)
    fights, challenges = np.maximum(found.fights, 0.0), found.challenges
    return np.column_stack(
        [1.0 - challenges, challenges * (1.0 - resist), resist * fights, resist * np.maximum(challenges - fights, 0.0)]
    )


def probabilities(utilities: np.ndarray) -> np.ndarray:
    """Probability [row, outcome] of each outcome; where a game has several equilibria, their mean."""
    found = equilibria(utilities, _COARSE)
    each = outcome_probabilities(found.resist, utilities[found.game])
    total = np.zeros((len(utilities), len(OUTCOMES)))
    np.add.at(total, found.game, each)
    return total / np.bincount(found.game, minlength=len(utilities))[:, None]


def rows(utilities: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log-likelihood of each row at its likeliest equilibrium, and its gradient.

    Parameters
    ----------
    utilities
        [row, utility], in the order of `UTILITIES`.
    counts
        [row, outcome], how often each outcome was seen.

    Returns
    -------
    ndarray, ndarray
        [row] in nats, without the multinomial constant, and [row, utility].
    """
    found = equilibria(utilities, _COARSE)
    each = _log_likelihood(outcome_probabilities(found.resist, utilities[found.game]), counts[found.game])
    order = np.argsort(each)
    resist = np.full(len(utilities), 0.5)
    resist[found.game[order]] = found.resist[order]
    value = np.full(len(utilities), -1e6)
    value[found.game[order]] = each[order]
    return value, _gradient(resist, utilities, counts)


def _log_likelihood(probability: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return (np.log(np.clip(probability, 1e-300, 1.0)) * counts).sum(axis=1)


def _strategies(resist: np.ndarray, utilities: np.ndarray) -> _Strategies:
    """A's and B's best replies: A's threshold on `WA`'s side, its probabilities, and the probit argument of B."""
    status_quo, prize, concede, fight_a, fight_b, back = np.moveaxis(utilities, -1, 0)
    threshold = (status_quo - (1.0 - resist) * prize) / resist
    fights = _both_below((fight_a - back) / _ROOT2, fight_a - threshold)
    challenges = np.clip(1.0 - ndtr(threshold - fight_a) * ndtr(threshold - back), _TINY, 1.0 - _TINY)
    firm = np.clip(fights / challenges, 1e-12, 1.0 - 1e-12)
    return _Strategies(threshold, fights, challenges, firm, fight_b - concede / firm)


def _both_below(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Bivariate normal probability at correlation 1/√2 (Drezner and Wesolowsky 1990; error below 1e-12)."""
    first, second = np.broadcast_arrays(first, second)
    x, y = first[..., None], second[..., None]
    integrand = np.exp(-(x**2 + y**2 - 2.0 * x * y * _SINES) / _COSINES2)
    return ndtr(first) * ndtr(second) + integrand @ _ANGLE_WEIGHTS


def _gradient(resist: np.ndarray, utilities: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Gradient [row, utility] of the log-likelihood: direct, and through the equilibrium by the implicit function."""
    prize, concede, fight_a, back = utilities[:, 1], utilities[:, 2], utilities[:, 3], utilities[:, 5]
    found = _strategies(resist, utilities)
    threshold, challenges, firm = found.threshold, found.challenges, found.firm
    zero, one = np.zeros_like(resist), np.ones_like(resist)

    by_first = _density((fight_a - back) / _ROOT2) * ndtr(_ROOT2 * (fight_a - threshold) - (fight_a - back) / _ROOT2)
    by_second = _density(fight_a - threshold) * ndtr(threshold - back)
    challenge_by_fight = _density(threshold - fight_a) * ndtr(threshold - back)
    challenge_by_back = ndtr(threshold - fight_a) * _density(threshold - back)
    challenge_by_threshold = -challenge_by_fight - challenge_by_back
    firm_by_threshold = (-by_second - firm * challenge_by_threshold) / challenges
    firm_by_fight = (by_first / _ROOT2 + by_second - firm * challenge_by_fight) / challenges
    firm_by_back = (-by_first / _ROOT2 - firm * challenge_by_back) / challenges

    by_status_quo, by_prize, by_resist = 1.0 / resist, -(1.0 - resist) / resist, (prize - threshold) / resist
    threshold_by = np.column_stack([by_status_quo, by_prize, zero, zero, zero, zero])
    challenge_by = challenge_by_threshold[:, None] * threshold_by
    challenge_by[:, 3] += challenge_by_fight
    challenge_by[:, 5] += challenge_by_back
    firm_by = firm_by_threshold[:, None] * threshold_by
    firm_by[:, 3] += firm_by_fight
    firm_by[:, 5] += firm_by_back

    argument_by = (concede / firm**2)[:, None] * firm_by + np.column_stack([zero, zero, -1 / firm, zero, one, zero])
    density = _density(found.argument)
    own = 1.0 - density * concede / firm**2 * firm_by_threshold * by_resist  # zero where two equilibria merge
    own = np.where(np.abs(own) < 1e-6, np.where(own < 0, -1e-6, 1e-6), own)
    resist_by = density[:, None] * argument_by / own[:, None]

    challenge_by = challenge_by + (challenge_by_threshold * by_resist)[:, None] * resist_by
    firm_by = firm_by + (firm_by_threshold * by_resist)[:, None] * resist_by
    status_quo, conceded, stood, backed = counts.T
    on_challenge = (conceded + stood + backed) / challenges - status_quo / (1.0 - challenges)
    on_resist = (stood + backed) / resist - conceded / (1.0 - resist)
    on_firm = stood / firm - backed / (1.0 - firm)
    return on_challenge[:, None] * challenge_by + on_resist[:, None] * resist_by + on_firm[:, None] * firm_by


def _density(z: np.ndarray) -> np.ndarray:
    return np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)


SIGNALLING: Final = Game(UTILITIES, OUTCOMES, rows, probabilities)
TYPICAL: Final = {"VA:1": 1.1, "CB:1": -3.5, "WA:1": -2.4, "WB:1": -4.2, "a:1": -2.7}
"""Where to start: constants of a population in which challenges are rare. Far from them there are other modes."""
