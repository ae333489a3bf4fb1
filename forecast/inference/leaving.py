"""Draws of a posterior moved by weights to a panel that shows somewhat more, or less; no model is compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from forecast.inference.carry import carried, grid_of, moved
from forecast.inference.likelihood import log_likelihood
from forecast.inference.news import Told, news, told
from forecast.inference.reweight import Weights, smoothed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from forecast.model.priors import Prior


class Stand(NamedTuple):
    """A panel with the draws of its posterior [sample], and its choices with the numbers of their labels."""

    panel: xr.Dataset
    draws: xr.Dataset
    priors: Mapping[str, Prior]
    told: Told
    ids: dict[str, int]


def stand_at(panel: xr.Dataset, draws: xr.Dataset, priors: Mapping[str, Prior]) -> Stand:
    """A panel and its draws, made ready to be moved to other panels of the same case and day."""
    ids: dict[str, int] = {}
    return Stand(panel, draws, priors, told(panel, priors, ids), ids)


def moved_to(stand: Stand, panel: xr.Dataset, seed: int = 1) -> tuple[xr.Dataset, Weights]:
    """Draws on another panel of the same case and day, and the weights that make them its posterior.

    The weight of a draw is the chance that it gives to what the other panel says and this one does not, over the
    chance of what only this one says, both at its own path of resolve; where the hits of the record differ the path
    follows them with its shocks held fixed, as in `update_posterior`. Weights are Pareto-smoothed (Vehtari et al.
    2024): leaving out single observations is what they were made for.

    Parameters
    ----------
    stand
        From `stand_at`.
    panel
        The other panel.
    seed
        Seed of the draws for units that only the other panel has.
    """
    draws, own, priors = stand.draws, stand.panel, stand.priors
    carry = carried(draws, own, panel, priors, seed)
    carry = moved(carry, draws, own, panel, grid_of(own, panel, 0), seed + 1)
    fresh = news(stand.told, told(panel, priors, stand.ids))
    log_weight = log_likelihood(fresh.fresh, carry, panel, priors) + log_likelihood(fresh.lost, draws, own, priors)
    return carry, smoothed(log_weight)
