"""A Bayesian logit of ordered classes whose slopes shrink in blocks, each by as much as the data say.

The log-odds of class k are a constant plus the sum over contrasts q of c[k, q] (x · w[:, q]), with orthogonal
polynomials of the classes as contrasts: the first is one step up the order, the others depart from it. Slopes of one
block of regressors and one contrast are normal around zero with a variance of their own, which has an inverse gamma
prior and is learned by expectation-maximisation under the Laplace approximation (MacKay 1992; Tipping 2001). Strong
shrinkage of all but the first contrast gives an ordered model, weak shrinkage a free multinomial logit.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

SHAPE: Final = 1.0
SCALE: Final = 0.01
"""Inverse gamma prior of a block's variance, in squared log-odds per standard deviation of a regressor."""
_START: Final = 0.02
_CONSTANT: Final = 100.0
_ROUNDS: Final = 40
_FIRST_STEPS: Final = 6
_STEPS: Final = 2
_DRAWS: Final = 200


class Sample(NamedTuple):
    """What is fitted.

    Attributes
    ----------
    values
        Regressors [row, regressor], of about unit spread.
    outcome
        Class [row].
    weight
        Weight [row] in the likelihood; 1 is one independent observation.
    possible
        Whether a class can occur [row, class].
    """

    values: np.ndarray
    outcome: np.ndarray
    weight: np.ndarray
    possible: np.ndarray


class Posterior(NamedTuple):
    """Normal approximation at the mode.

    Attributes
    ----------
    mode
        Constant and slopes [1 + regressor, contrast].
    root
        Square root of the covariance of the mode's entries, contrast by contrast.
    variance
        Prior variance of the slopes [contrast, block].
    """

    mode: np.ndarray
    root: np.ndarray
    variance: np.ndarray


def contrasts(classes: int) -> np.ndarray:
    """Orthonormal polynomials [class, classes - 1] of the class numbers; the first one rises."""
    powers = np.vander(np.arange(classes) - (classes - 1) / 2, classes, increasing=True)
    found = np.linalg.qr(powers)[0][:, 1:]
    return found * np.sign(found[-1])


def fit(sample: Sample, blocks: np.ndarray, *, variance: np.ndarray | None = None) -> Posterior:
    """Learn the variances and the slopes.

    Parameters
    ----------
    sample
        What is fitted.
    blocks
        Number of the block [regressor], from 0.
    variance
        Variances [contrast, block] to keep; None to learn them.
    """
    steps = sample.possible.shape[1] - 1
    members = np.bincount(blocks)
    held = np.full((steps, len(members)), _START) if variance is None else variance
    mode = np.zeros((1 + sample.values.shape[1], steps))
    values = np.column_stack([np.ones(len(sample.values)), sample.values])
    covariance = np.empty((0, 0))
    for turn in range(_ROUNDS if variance is None else 1):
        precision = np.column_stack([np.full(steps, 1.0 / _CONSTANT), 1.0 / held[:, blocks]]).ravel()
        mode, curvature = _climb(sample, values, mode, precision, _FIRST_STEPS if turn == 0 else _STEPS)
        covariance = np.linalg.inv(curvature)
        if variance is None:
            second = (mode.T.ravel() ** 2 + np.diag(covariance)).reshape(steps, -1)[:, 1:]
            sums = np.stack([np.bincount(blocks, row) for row in second])
            held = (sums + 2 * SCALE) / (members + 2 * SHAPE)
    return Posterior(mode, np.linalg.cholesky(covariance), held)


def predict(posterior: Posterior, values: np.ndarray, possible: np.ndarray, *, draws: int = _DRAWS) -> np.ndarray:
    """Posterior predictive probability [row, class], the mean over antithetic draws of the slopes; 0: the mode."""
    whole = np.column_stack([np.ones(len(values)), values])
    if draws == 0:
        return _chances(whole, posterior.mode, possible)
    size = posterior.mode.size
    normal = np.random.default_rng(0).standard_normal((draws // 2, size)) @ posterior.root.T
    moved = normal.reshape(-1, *posterior.mode.T.shape).transpose(0, 2, 1)
    total = sum(_chances(whole, posterior.mode + sign * step, possible) for step in moved for sign in (1, -1))
    return np.asarray(total) / (2 * (draws // 2))


def _chances(values: np.ndarray, slopes: np.ndarray, possible: np.ndarray) -> np.ndarray:
    odds = np.where(possible, values @ slopes @ contrasts(possible.shape[1]).T, -np.inf)
    chance = np.exp(odds - odds.max(axis=1, keepdims=True))
    return chance / chance.sum(axis=1, keepdims=True)


def _climb(
    sample: Sample, values: np.ndarray, mode: np.ndarray, precision: np.ndarray, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Newton steps, halved where they overshoot; the last mode and the curvature [slope, slope] at the last start."""
    shape, contrast = mode.T.shape, contrasts(sample.possible.shape[1])
    seen = np.eye(sample.possible.shape[1])[sample.outcome]

    def loss(at: np.ndarray) -> float:
        hit = _chances(values, at, sample.possible)[np.arange(len(values)), sample.outcome]
        return float(0.5 * precision @ at.T.ravel() ** 2 - sample.weight @ np.log(np.maximum(hit, 1e-300)))

    curvature, lowest = np.diag(precision), loss(mode)
    for _ in range(steps):
        chance = _chances(values, mode, sample.possible)
        slope = (values.T @ ((chance - seen) * sample.weight[:, None]) @ contrast).T.ravel()
        curvature = _curvature(values, chance, sample.weight, contrast) + np.diag(precision)
        step = np.linalg.solve(curvature, slope + precision * mode.T.ravel()).reshape(shape).T
        for halving in range(10):
            tried = mode - 0.5**halving * step
            if (now := loss(tried)) <= lowest:
                mode, lowest = tried, now
                break
        else:
            break
    return mode, curvature


def _curvature(values: np.ndarray, chance: np.ndarray, weight: np.ndarray, contrast: np.ndarray) -> np.ndarray:
    """Curvature of the negative log-likelihood, one square of regressors for each pair of contrasts."""
    mean, size, steps = chance @ contrast, values.shape[1], contrast.shape[1]
    found = np.empty((steps, size, steps, size))
    for r in range(steps):
        for s in range(r, steps):
            spread = (chance * contrast[:, r] * contrast[:, s]).sum(axis=1) - mean[:, r] * mean[:, s]
            found[r, :, s] = values.T @ ((weight * spread)[:, None] * values)
            found[s, :, r] = found[r, :, s]
    return found.reshape(steps * size, steps * size)
