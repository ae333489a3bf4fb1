"""Weights that move draws to changed panels, from the likelihood of the choices in which the panels differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from forecast.inference.carry import PATHS, carried, grid_of, moved
from forecast.inference.fit import samples
from forecast.inference.likelihood import log_likelihood
from forecast.inference.news import Told, news, told
from forecast.inference.reweight import Weights, on_panel, smoothed
from forecast.record.patched import same_panel

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from forecast.model.priors import Prior


@dataclass(frozen=True)
class Stand:
    """A panel with the draws of its posterior [sample]; numbers of labels, shared with the panels that it meets."""

    panel: xr.Dataset
    draws: xr.Dataset
    priors: Mapping[str, Prior]
    ids: dict[str, int] = field(default_factory=dict)

    @cached_property
    def told(self) -> Told:
        """Its choices."""
        return told(self.panel, self.priors, self.ids)

    @cached_property
    def alone(self) -> Stand:
        """The same without past crises: enough for panels that tell the same of them, and sooner compared."""
        panel = case_alone(self.panel)
        return Stand(panel, on_labels(self.draws, self.panel, panel, self.priors), self.priors)


def moved_to(stand: Stand, panel: xr.Dataset, seed: int = 1) -> tuple[xr.Dataset, Weights]:
    """Draws on another panel of the same case and day, and the weights that make them its posterior.

    The panel may show somewhat more, or less: other units and labels. The path of resolve follows the hits of the
    record with its shocks held fixed, as in `update_posterior`. Weights are Pareto-smoothed (Vehtari et al. 2024):
    leaving out single observations is what they were made for.

    Parameters
    ----------
    stand
        The panel and the draws to be moved, for any number of panels of the same case and day.
    panel
        The other panel.
    seed
        Seed of the draws for units that only the other panel has.
    """
    draws, own, priors = stand.draws, stand.panel, stand.priors
    carry = carried(draws, own, panel, priors, seed)
    carry = moved(carry, draws, own, panel, grid_of(own, panel, 0), seed + 1)
    return carry, smoothed(_log_ratio(stand, panel, carry))


def log_ratios[Key](
    tree: xr.DataTree, panels: Mapping[Key, xr.Dataset], priors: Mapping[str, Prior]
) -> dict[Key, np.ndarray]:
    """Log-density of each panel less that of the posterior's own, at every draw [sample].

    The shocks behind resolve are held: where a panel has other hits or another track record, the latent paths follow
    (`reweight.on_panel`).

    Parameters
    ----------
    tree
        From `fit` or `update_posterior`.
    panels
        Panels of the same dims (see `fit.same_dims`), by any key.
    priors
        Those of the posterior.
    """
    stand = Stand(tree["panel"].to_dataset(), samples(tree["posterior"].to_dataset()), priors)
    return {key: _log_ratio(stand, panel, on_panel(stand.draws, stand.panel, panel)) for key, panel in panels.items()}


def panel_weights[Key](
    tree: xr.DataTree, panels: Mapping[Key, xr.Dataset], priors: Mapping[str, Prior]
) -> dict[Key, Weights]:
    """Pareto-smoothed weights that move the draws of a posterior to each of several panels of the same dims.

    A panel whose likelihood is that of the posterior, as when only the track record of the last period differs, needs
    none: all are equal.
    """
    return {key: smoothed(ratio) for key, ratio in log_ratios(tree, panels, priors).items()}


def _log_ratio(stand: Stand, panel: xr.Dataset, there: xr.Dataset) -> np.ndarray:
    """Log-likelihood of another panel at its draws `there`, less that of the stand at its own [sample].

    Prior and all choices on which the two panels agree cancel, so that only what differs is computed; no model is
    compiled.
    """
    if same_past(stand.panel, panel):
        alone = case_alone(panel)
        there = stand.alone.draws if there is stand.draws else on_labels(there, panel, alone, stand.priors)
        stand, panel = stand.alone, alone
    fresh = news(stand.told, told(panel, stand.priors, stand.ids))
    return log_likelihood(fresh.fresh, there, panel, stand.priors) + log_likelihood(
        fresh.lost, stand.draws, stand.panel, stand.priors
    )


def case_alone(panel: xr.Dataset) -> xr.Dataset:
    """The panel of a case without its past crises."""
    return panel.isel(episode=[0], spell=np.flatnonzero(panel["spell_episode"].values == 0))


def same_past(one: xr.Dataset, other: xr.Dataset) -> bool:
    """Whether two panels tell the same of the same past crises."""
    periods = int(max(panel["length"].values[1:].max(initial=0) for panel in (one, other)))
    past = [
        panel.isel(
            episode=slice(1, None), period=slice(0, periods), spell=np.flatnonzero(panel["spell_episode"].values > 0)
        )
        for panel in (one, other)
    ]
    here, there = past
    return np.array_equal(here["episode"].values, there["episode"].values) and same_panel(here, there)


def on_labels(draws: xr.Dataset, old: xr.Dataset, new: xr.Dataset, priors: Mapping[str, Prior]) -> xr.Dataset:
    """Draws with their paths on the labels of a panel that has some of the episodes of another."""
    return carried(draws, old, new, priors, 0).assign({name: draws[name] for name in PATHS})
