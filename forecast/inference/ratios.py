"""Weights that move draws to changed panels, from the likelihood of the choices in which the panels differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast.inference.fit import samples
from forecast.inference.likelihood import log_likelihood
from forecast.inference.news import news, told
from forecast.inference.reweight import Weights, on_panel, smoothed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from forecast.model.priors import Prior


def log_ratios[Key](
    tree: xr.DataTree, panels: Mapping[Key, xr.Dataset], priors: Mapping[str, Prior]
) -> dict[Key, np.ndarray]:
    """Log-density of each panel less that of the posterior's own, at every draw [sample].

    The shocks behind resolve are held: where a panel has other hits or another track record, the latent paths follow
    (`reweight.on_panel`). Prior and all choices on which two panels agree cancel, so that only what differs is
    computed; no model is compiled.

    Parameters
    ----------
    tree
        From `fit` or `update_posterior`.
    panels
        Panels of the same dims (see `fit.same_dims`), by any key.
    priors
        Those of the posterior.
    """
    own, draws = tree["panel"].to_dataset(), samples(tree["posterior"].to_dataset())
    ids: dict[str, int] = {}
    before = told(own, priors, ids)
    found = {}
    for key, panel in panels.items():
        fresh = news(before, told(panel, priors, ids))
        found[key] = log_likelihood(fresh.fresh, on_panel(draws, own, panel), panel, priors)
        found[key] += log_likelihood(fresh.lost, draws, own, priors)
    return found


def panel_weights[Key](
    tree: xr.DataTree, panels: Mapping[Key, xr.Dataset], priors: Mapping[str, Prior]
) -> dict[Key, Weights]:
    """Pareto-smoothed weights that move the draws of a posterior to each of several panels of the same dims.

    A panel whose likelihood is that of the posterior, as when only the track record of the last period differs, needs
    none: all are equal.
    """
    return {key: smoothed(ratio) for key, ratio in log_ratios(tree, panels, priors).items()}
