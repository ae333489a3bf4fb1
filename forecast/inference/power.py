"""Power scaling: how much a posterior moves when a prior, or the likelihood, counts a little more or less."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from arviz_stats.base.array import array_stats

from forecast.inference.reweight import Weights, points, smoothed
from forecast.model.build import model_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from forecast.inference.compile import Compiled
    from forecast.model.priors import Prior

POWERS = (0.8, 1.25)
LOCAL = (0.99, 1.01)  # where the weights of POWERS are not to be trusted
THRESHOLD = 0.05  # of the sensitivity, as in Kallioinen et al. (2024) and arviz_stats.psense_summary
SHIFTS = 39
NOISE_QUANTILE = 0.95
CONFLICT, WEAK, NONE = "prior-data conflict", "weak likelihood", "none"


class Scaled(NamedTuple):
    """Draws re-weighted to a component at a lower and a higher power (alpha)."""

    powers: tuple[float, float]
    lower: Weights
    upper: Weights

    @property
    def khat(self) -> float:
        """The worse of the two Pareto k-hats."""
        return max(self.lower.khat, self.upper.khat)


def scaled(log_density: np.ndarray, powers: tuple[float, float] = POWERS) -> Scaled:
    """Weights of draws under a component of the model to the power alpha.

    Parameters
    ----------
    log_density
        Log density of the component at each draw [sample], up to a constant.
    powers
        A power below and one above 1.
    """
    low, high = powers
    return Scaled(powers, smoothed((low - 1.0) * log_density), smoothed((high - 1.0) * log_density))


def trusted(log_density: np.ndarray) -> tuple[Scaled, Scaled]:
    """Weights at `POWERS`, and those to take a sensitivity from: the same if they can be trusted, else at `LOCAL`."""
    wide = scaled(log_density)
    return wide, wide if wide.lower.trusted and wide.upper.trusted else scaled(log_density, LOCAL)


def sensitivity(values: np.ndarray, change: Scaled) -> float:
    """Cumulative Jensen-Shannon distance by which a quantity moves, per doubling of the power.

    The measure of `arviz_stats.psense` (its array function), on weights of any component; that function itself takes
    them from the groups `log_prior` and `log_likelihood` only.

    Parameters
    ----------
    values
        The quantity at each draw [sample].

    Returns
    -------
    float
        0.05 is what a normal quantity shows that moves by about 0.3 standard deviations when the power doubles.
    """
    if np.ptp(values) == 0:
        return 0.0
    rows = (np.asarray(v, dtype=float)[None] for v in (values, change.lower.weight, change.upper.weight))
    found = array_stats.power_scale_sense(*rows, lower_alpha=change.powers[0], upper_alpha=change.powers[1])
    return float(np.asarray(found).item())


def noise(values: np.ndarray, change: Scaled, seed: int = 1) -> float:
    """Sensitivity that a quantity would show by chance: a 95 % quantile over random shifts of the draws.

    A shift breaks the tie between quantity and weights and keeps the autocorrelation of both. The log density of a
    likelihood with hundreds of latent states varies by tens between draws, so that its chance level exceeds the
    threshold; that of a single prior is far below it.
    """
    rng = np.random.default_rng(seed)
    places = rng.integers(1, len(values), SHIFTS)
    return float(np.quantile([sensitivity(np.roll(values, k), change) for k in places], NOISE_QUANTILE))


def diagnosis(prior: float, likelihood: float, likelihood_noise: float = 0.0) -> str:
    """What two sensitivities of one quantity say, by the rule of `arviz_stats.psense_summary`.

    Both above the threshold: prior and data pull apart. The prior only: the likelihood is weak, or lost in noise.
    """
    if prior < THRESHOLD:
        return NONE
    return CONFLICT if likelihood >= max(THRESHOLD, likelihood_noise) else WEAK


def log_likelihood(tree: xr.DataTree, priors: Mapping[str, Prior], compiled: Compiled) -> np.ndarray:
    """Log-likelihood of every draw [sample], up to a constant: total log density less that of all free variables.

    Parameters
    ----------
    tree
        From `fit`.
    priors
        Those it was fitted with.
    compiled
        From `compile_panel`, of any panel whose parameters have the same dims.
    """
    ready = compiled.with_data(model_data(tree["panel"].to_dataset(), priors))
    density, at = ready.density(), points(tree, priors, ready)
    total = np.array([density(x)[0] for x in at])
    begin = 0
    for name, shape in ready.variables:
        size = int(np.prod(shape))
        total -= _log_free(at[:, begin : begin + size], name, ready.data)
        begin += size
    return total


def _log_free(values: np.ndarray, name: str, data: Mapping[str, np.ndarray]) -> np.ndarray:
    """Log density [sample] of one free variable on its unconstrained scale [sample, unknown], up to a constant."""
    if name.endswith("_simplex__"):
        full = np.concatenate([values, -values.sum(axis=1, keepdims=True)], axis=1)
        log_share = full - np.log(np.exp(full).sum(axis=1, keepdims=True))
        return log_share @ data[f"{name.removesuffix('_simplex__')}_weights"]  # the Jacobian adds 1 to each weight - 1
    z = (values - data[f"{name}_location"]) / data[f"{name}_scale"]
    return -0.5 * np.sum(z**2, axis=1)
