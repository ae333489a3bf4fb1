"""Move stored draws to another panel or other priors by weights, and say when that is not good enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr
from arviz_stats.base.array import array_stats

from forecast.inference.carry import priors_of
from forecast.inference.fit import compile_panel, global_names, samples
from forecast.inference.geometry import Geometry, geometry_of, unknown_labels
from forecast.model.build import model_coords, model_data
from forecast.model.cells import padded
from forecast.model.latent import latent_inputs, standing_resolve
from forecast.model.latent import paths as latent_paths
from forecast.model.priors import VECTORS, Prior, prior_arrays, vector_coords

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast.inference.compile import Compiled

KHAT = 0.7  # above it the weights are not to be trusted (Vehtari et al. 2024)


class Weights(NamedTuple):
    """Pareto-smoothed importance weights of draws [sample], which sum to one, and their diagnostics."""

    weight: np.ndarray
    khat: float
    ess: float

    @property
    def trusted(self) -> bool:
        """Whether the weights may be used."""
        return bool(self.khat <= KHAT)


def smoothed(log_ratio: np.ndarray) -> Weights:
    """Pareto-smooth log importance ratios [sample] (Vehtari et al. 2024); equal ratios give equal weights."""
    if np.ptp(log_ratio) == 0:
        return Weights(np.full(len(log_ratio), 1.0 / len(log_ratio)), 0.0, float(len(log_ratio)))
    # psislw takes the log-likelihood that leave-one-out divides by, the negative of a ratio
    log_weight, khat = array_stats.psislw(-np.asarray(log_ratio, dtype=float))
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    return Weights(weight, float(khat), float(1.0 / np.sum(weight**2)))


def points(tree: xr.DataTree, priors: Mapping[str, Prior], compiled: Compiled) -> np.ndarray:
    """Draws of a posterior as unconstrained points of its model [sample, unknown].

    The shocks behind resolve are not stored; they are recovered from its path. Those after the last period, which no
    datum meets, are set to zero.
    """
    panel, draws = tree["panel"].to_dataset(), samples(tree["posterior"].to_dataset())
    draws = draws.assign(resolve_innovation=_innovations(draws, panel))
    labels = vector_coords(priors, model_coords(panel))
    size = draws.sizes["sample"]
    parts = {}
    for family, vector in VECTORS.items():
        names = dict.fromkeys(label.split("[")[0] for label in labels[f"{vector}_parameter"])
        blocks = [draws[n].transpose("sample", *priors[n].dims).values.reshape(size, -1) for n in names]
        values = np.concatenate(blocks, axis=1).astype(float)
        parts[vector] = np.log(values) if family == "lognormal" else values
    for name, prior in priors.items():
        if prior.family == "dirichlet":
            logs = np.log(draws[name].transpose("sample", ...).values.astype(float))
            parts[f"{name}_simplex__"] = (logs - logs.mean(axis=1, keepdims=True))[:, :-1]
    return np.concatenate([parts[name].reshape(size, -1) for name, _ in compiled.variables], axis=1)


def fitted_geometry(tree: xr.DataTree, compiled: Compiled) -> Geometry:
    """Geometry of the global parameters in a posterior, for other fits of its model (compiled) or of one like it."""
    priors, panel = priors_of(tree), tree["panel"].to_dataset()
    labels = unknown_labels(compiled, priors, model_coords(panel))
    names = global_names(priors, tree["posterior"].to_dataset())
    found = geometry_of(points(tree, priors, compiled), labels, names)
    return found._replace(past_crises=panel.sizes["episode"] - 1, as_of=str(panel.attrs["as_of"]))


def on_panel(draws: xr.Dataset, own: xr.Dataset, other: xr.Dataset) -> xr.Dataset:
    """Draws [sample] whose latent paths follow the hits and the track record of another panel of the same dims.

    The shocks stay what they are, as in the weights that move the draws to that panel.
    """
    here, there = latent_inputs(own), latent_inputs(other)
    if all(np.array_equal(here[name], there[name]) for name in ("hit", "track_acts")):
        return draws
    shocks = draws.assign(resolve_innovation=_innovations(draws, own))
    moved = latent_paths(shocks.drop_vars(("resolve", "credibility")), other)
    return draws.assign({name: moved[name] for name in ("resolve", "credibility")})


def log_densities(compiled: Compiled, at: np.ndarray) -> np.ndarray:
    """Log-density of a compiled model [sample] at unconstrained points [sample, unknown]."""
    value = compiled.density()
    return np.array([value(point)[0] for point in at])


def other_panel(tree: xr.DataTree, panel: xr.Dataset, priors: Mapping[str, Prior]) -> Weights:
    """Weights that move the draws of a posterior to another panel of the same dims (see `fit.same_dims`)."""
    compiled = compile_panel(tree["panel"].to_dataset(), priors)
    at = points(tree, priors, compiled)
    return smoothed(log_densities(compiled.with_data(model_data(panel, priors)), at) - log_densities(compiled, at))


def other_priors(tree: xr.DataTree, old: Mapping[str, Prior], new: Mapping[str, Prior]) -> Weights:
    """Weights that move the draws of a posterior to other priors of the same parameters and families."""
    return smoothed(log_prior(tree, new) - log_prior(tree, old))


def log_prior(tree: xr.DataTree, priors: Mapping[str, Prior], names: set[str] | None = None) -> np.ndarray:
    """Log density of draws under priors, up to a constant [sample], over the parameters named, or all but the shocks.

    Unit-scale effects (actors, dyads, episodes, shocks) are part of the model, not of what a prior set changes.
    """
    draws, coords = samples(tree["posterior"].to_dataset()), model_coords(tree["panel"].to_dataset())
    total = np.zeros(draws.sizes["sample"])
    for family in VECTORS:
        for name, prior in priors.items():
            if prior.family != family or name not in draws or (names is not None and name not in names):
                continue
            location, scale = prior_arrays({name: prior}, coords, family)
            values = draws[name].transpose("sample", *prior.dims).values.reshape(len(total), -1).astype(float)
            values = np.log(values) if family == "lognormal" else values
            total -= np.sum(0.5 * ((values - location) / scale) ** 2 + np.log(scale), axis=1)
    for name, prior in priors.items():
        if prior.family == "dirichlet" and (names is None or name in names):
            shares = draws[name].transpose("sample", ...).values.astype(float)
            total += np.log(shares) @ (np.array(prior.parameters, dtype=float) - 1.0)
    return total


def resampled(tree: xr.DataTree, weights: Weights, seed: int) -> xr.Dataset:
    """Draws with one `sample` dim, drawn anew by their weights (systematic resampling)."""
    draws = samples(tree["posterior"].to_dataset())
    size = draws.sizes["sample"]
    place = (np.random.default_rng(seed).random() + np.arange(size)) / size
    return draws.isel(sample=np.minimum(np.searchsorted(np.cumsum(weights.weight), place), size - 1))


def _innovations(draws: xr.Dataset, panel: xr.Dataset) -> tuple[tuple[str, ...], np.ndarray]:
    """Shocks [sample, side, step] that give the stored paths of resolve: `model.latent.paths` undone."""
    length, step = int(panel["length"].values[0]), int(panel.attrs["period_days"])
    hit = latent_inputs(panel)["hit"]
    share = np.sqrt(draws["resolve_share"].sel(component="episode").values.astype(float))[:, None, None]
    path = draws["resolve"].transpose("sample", "side", "period").values.astype(float)
    x = (path - standing_resolve(draws, panel)[:, :, None]) / share
    rho = 2.0 ** (-step / 7.0 / draws["resolve_half_life"].values.astype(float))[:, None, None]
    pull = draws["hit_effect"].values.astype(float)[:, None, None] * (1 - rho) * hit[None, :, :length]
    shocks = np.zeros((len(x), 2, padded(length)))
    shocks[:, :, 0] = x[:, :, 0]
    shocks[:, :, 1:length] = (x[:, :, 1:] - rho * x[:, :, :-1] - pull[:, :, 1:]) / np.sqrt(1 - rho**2)
    together = np.tanh(draws["shared_shocks"].values.astype(float))[:, None]
    shocks[:, 1] = (shocks[:, 1] - together * shocks[:, 0]) / np.sqrt(1 - together**2)
    return ("sample", "side", "step"), shocks
