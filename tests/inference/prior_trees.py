"""Posteriors made without sampling: draws of the prior, which is the posterior of a panel that shows nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import xarray as xr

from forecast.inference.fit import DERIVED, sample_prior
from forecast.model.latent import paths
from forecast.model.priors import Prior, prior_hash, read_priors

MASKS = (
    "force_observed",
    "sub_threshold_observed",
    "talks_observed",
    "deal_observed",
    "signal_observed",
    "crisis_observed",
)


def drawn(panel: xr.Dataset, *, draws: int, seed: int, priors: Mapping[str, Prior] | None = None) -> xr.Dataset:
    """Draws of the prior with the latent paths of the case, one `sample` dim."""
    found = sample_prior(panel, priors, draws=draws, seed=seed)
    return found.merge(paths(found, panel)).drop_vars(DERIVED)


def tree_of(draws: xr.Dataset, panel: xr.Dataset, priors: Mapping[str, Prior] | None = None) -> xr.DataTree:
    """A posterior as `fit` returns it, of two chains."""
    priors = read_priors() if priors is None else priors
    half = draws.sizes["sample"] // 2
    index = {"chain": np.repeat([0, 1], half), "draw": np.tile(np.arange(half), 2)}
    posterior = draws.isel(sample=slice(0, 2 * half)).assign_coords({k: ("sample", v) for k, v in index.items()})
    posterior = posterior.set_index(sample=["chain", "draw"]).unstack("sample").transpose("chain", "draw", ...)
    energy = np.random.default_rng(1).standard_normal((2, half))
    lead = ("chain", "draw")
    stats = xr.Dataset({"diverging": (lead, np.zeros((2, half), dtype=bool)), "energy": (lead, energy)})
    made = xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats, "panel": panel})
    made.attrs = {
        "priors": json.dumps({name: prior.model_dump() for name, prior in priors.items()}),
        "prior_hash": prior_hash(priors), "seed": 1, "sampling": "{}", "versions": "{}",
        "compile_seconds": 0.0, "sample_seconds": 0.0,
    }  # fmt: skip
    return made


def unseen(panel: xr.Dataset, *, last: int = 0) -> xr.Dataset:
    """A panel of which nobody watched anything but the `last` periods of the case, and that has no campaign spells."""
    out = panel.copy(deep=True)
    length = int(panel["length"].values[0])
    for name in MASKS:
        seen = np.zeros_like(out[name].values)
        seen[0, length - last : length] = out[name].values[0, length - last : length]
        out[name].values[:] = seen
    return out.assign(spell_episode=("spell", np.full(panel.sizes["spell"], -1)))
