"""Carry draws over to a later panel: parameters by label, resolve by date, credibility from the track record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from forecast.inference.columns import labelled_coords, looked_up, standing_credibility, values
from forecast.model.build import model_coords
from forecast.model.latent import correlated, latent_inputs, period_ends, standing_resolve
from forecast.model.priors import Prior, prior_draws
from forecast.terms import SIDES

if TYPE_CHECKING:
    from collections.abc import Mapping

PATHS = ("resolve", "credibility")


def priors_of(tree: xr.DataTree) -> dict[str, Prior]:
    """The priors that a posterior was fitted with."""
    return {name: Prior(**row) for name, row in json.loads(str(tree.attrs["priors"])).items()}


def carried(draws: xr.Dataset, old: xr.Dataset, new: xr.Dataset, priors: Mapping[str, Prior], seed: int) -> xr.Dataset:
    """Parameters of draws on the labels of another panel; effects of units that are new come from their prior.

    Parameters
    ----------
    draws
        Parameters by name, dims (sample, ...), on the labels of `old`; paths are left out of what is returned.
    old, new
        Panels.
    priors
        Those of the fit.
    seed
        Seed of the draws for new actors, dyads, episodes, regions and campaigns.
    """
    before, after, plain = labelled_coords(old), labelled_coords(new), model_coords(new)
    changed = {dim for dim in after if before[dim] != after[dim]} - {"step"}
    kept = draws.drop_vars(PATHS)
    short = [str(name) for name, variable in kept.data_vars.items() if changed & set(variable.dims)]
    # drawn together, so that effects of new units are independent of each other
    fresh = prior_draws({name: priors[name] for name in short}, after, draws=draws.sizes["sample"], seed=seed)
    found = {}
    for name in short:
        dims = [str(d) for d in kept[name].dims if d in changed]
        known = kept[name].assign_coords({d: before[d] for d in dims}).reindex({d: after[d] for d in dims})
        filled = known.fillna(fresh[name].transpose(*known.dims))
        found[name] = filled.assign_coords({d: plain[d] for d in dims})
    return xr.Dataset({str(n): v for n, v in kept.data_vars.items() if n not in found} | found)


class Grid(NamedTuple):
    """How the periods of two panels lie to each other."""

    aligned: bool  # whether the new panel's periods end on the same days as the old ones
    old_first: int  # first period of the window in the old panel
    new_first: int  # and in the new one


def grid_of(old: xr.Dataset, new: xr.Dataset, back: int) -> Grid:
    """Where the window of a filter begins that goes `back` periods into the old panel."""
    step = np.timedelta64(int(new.attrs["period_days"]), "D")
    ends, later = (np.array(period_ends(panel), dtype="datetime64[D]") for panel in (old, new))
    aligned = bool((later[0] - ends[0]) % step == np.timedelta64(0, "D"))
    old_first = max(len(ends) - back, 0)
    if old_first == 0:
        return Grid(aligned, 0, 0)
    nearest = int(np.abs(later - ends[old_first - 1]).argmin())
    return Grid(aligned, old_first, nearest + 1)


def episode_part(draws: xr.Dataset, panel: xr.Dataset, period: int | slice = slice(None)) -> np.ndarray:
    """Episode part of the case's resolve, of unit variance in the long run [sample, side] or [sample, side, period]."""
    path = draws["resolve"].transpose("sample", "side", "period").values[:, :, period]
    standing, scale = standing_resolve(draws, panel), _scale(draws)
    if path.ndim == 2:
        return (path - standing) / scale[:, None]
    return (path - standing[:, :, None]) / scale[:, None, None]


def _scale(draws: xr.Dataset) -> np.ndarray:
    return np.sqrt(values(draws, "resolve_share")[:, -1])


def moved(carry: xr.Dataset, draws: xr.Dataset, old: xr.Dataset, new: xr.Dataset, grid: Grid, seed: int) -> xr.Dataset:
    """Give draws that were carried to another panel their latent paths; resolve is missing in the window.

    Parameters
    ----------
    carry, draws
        Draws on the labels of the new panel, and on those of the old one with their paths.
    old, new
        The panels.
    grid
        Where the window begins.
    seed
        Seed of paths drawn between the periods of the old panel.
    """
    length = int(new["length"].values[0])
    resolve = np.full((draws.sizes["sample"], 2, length), np.nan)
    part = moved_path(draws, old, new, grid.new_first, seed)
    standing = standing_resolve(carry, new)[:, :, None]
    resolve[:, :, : grid.new_first] = standing + _scale(carry)[:, None, None] * part
    dims = ("sample", "side", "period")
    return carry.assign_coords(side=list(SIDES), period=period_ends(new)).assign(
        resolve=(dims, resolve), credibility=(dims, credibility_path(carry, new))
    )


def with_window(draws: xr.Dataset, panel: xr.Dataset, path: np.ndarray, first: int) -> xr.Dataset:
    """Draws whose resolve from period `first` on follows from the episode part given [sample, period, side]."""
    resolve = draws["resolve"].transpose("sample", "side", "period").values.copy()
    standing = standing_resolve(draws, panel)[:, :, None]
    resolve[:, :, first:] = standing + _scale(draws)[:, None, None] * np.moveaxis(path, 1, 2)
    return draws.assign(resolve=(("sample", "side", "period"), resolve))


def moved_path(draws: xr.Dataset, old: xr.Dataset, new: xr.Dataset, upto: int, seed: int) -> np.ndarray:
    """Episode part of resolve at the first `upto` periods of another panel [sample, side, period].

    Where the periods of the two panels end on the same days, the path is kept, its shocks held fixed if the hits of
    the record have changed since. Otherwise it is drawn in between, as from the stationary process in continuous
    time (the effect of a hit within a period left aside).
    """
    x = episode_part(draws, old)
    rho = 2.0 ** (-int(new.attrs["period_days"]) / 7.0 / values(draws, "resolve_half_life"))
    ends, later = (np.array(period_ends(panel), dtype="datetime64[D]").astype(int) for panel in (old, new))
    place = (later[:upto] - ends[0]) / int(new.attrs["period_days"])  # in periods of the old panel
    if (place == np.round(place)).all() and upto and place[0] >= 0:
        at = place.astype(int)
        return x[:, :, at] + _corrections(draws, old, new, at, rho)
    rng = np.random.default_rng(seed)
    out = np.empty((len(rho), 2, upto))
    decay, together = rho[:, None], np.tanh(values(draws, "shared_shocks"))
    for t, where in enumerate(place):
        z = np.stack(correlated(rng.standard_normal(len(rho)), rng.standard_normal(len(rho)), together), axis=1)
        if where < 0:  # before the first period known: backwards from it
            left = decay ** (-where)
            out[:, :, t] = left * x[:, :, 0] + np.sqrt(1.0 - left**2) * z
            continue
        a = int(where)
        f = where - a
        if f == 0.0 or a + 1 >= x.shape[2]:
            out[:, :, t] = x[:, :, a] * decay**f + np.sqrt(1.0 - decay ** (2 * f)) * z
            continue
        left, right = decay**f, decay ** (1.0 - f)
        whole = 1.0 - decay**2
        mean = (left * (1.0 - right**2) * x[:, :, a] + right * (1.0 - left**2) * x[:, :, a + 1]) / whole
        out[:, :, t] = mean + np.sqrt((1.0 - left**2) * (1.0 - right**2) / whole) * z
    return out


def _corrections(draws: xr.Dataset, old: xr.Dataset, new: xr.Dataset, at: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """What hits that the old panel did not know, or knew wrongly, change in the path [sample, side, period]."""
    change = latent_inputs(new)["hit"][:, : len(at)] - latent_inputs(old)["hit"][:, at]
    out = np.zeros((len(rho), 2, len(at)))
    if change.any():
        pull = values(draws, "hit_effect") * (1.0 - rho)
        for t in range(len(at)):
            last = out[:, :, t - 1] if t else 0.0
            out[:, :, t] = rho[:, None] * last + pull[:, None] * change[:, t]
    return out


def credibility_path(draws: xr.Dataset, panel: xr.Dataset) -> np.ndarray:
    """Credibility of the case [sample, side, period] (see `model.latent.credibility_of`)."""
    length = int(panel["length"].values[0])
    acts = latent_inputs(panel)["track_acts"][:, :length]
    memory = 2.0 ** (-int(panel.attrs["period_days"]) / 7.0 / values(draws, "credibility_half_life"))[:, None]
    weight = values(draws, "track_weight")
    standing = standing_credibility(looked_up(draws), panel, np.zeros(2, dtype=int), np.arange(2))
    trace = np.zeros_like(standing)
    out = np.empty((length, *standing.shape))
    for t in range(length):
        trace = memory * trace + (weight @ acts[:, t].T if acts[:, t].any() else 0.0)
        out[t] = standing + trace
    return np.moveaxis(out, 0, 2)
