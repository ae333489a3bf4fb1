"""The two latents: resolve (own readiness to bear costs) and credibility (how far the other side believes it)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr

from forecast.model.cells import BLOCK, PHASES, dyads, padded
from forecast.model.past import OVERT
from forecast.terms import SIDES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytensor.tensor import TensorVariable

    type Parameters = Mapping[str, TensorVariable]
    type Filter = Callable[[TensorVariable, TensorVariable], TensorVariable]


def autoregression(shocks: TensorVariable, persistence: TensorVariable) -> TensorVariable:
    """Filter shocks [row, step] into x[t] = persistence * x[t-1] + shocks[t], x[-1] = 0.

    Two small triangular products (within blocks, between blocks) instead of a loop: linear cost, no scan, no powers
    that overflow. The number of steps must be a multiple of `BLOCK` (see `padded`).
    """
    rows, steps = shocks.shape
    blocks = steps // BLOCK
    log_rho = pt.log(persistence)
    gap = np.arange(BLOCK)[:, None] - np.arange(BLOCK)[None, :]
    inside = pt.where(gap >= 0, pt.exp(log_rho * np.maximum(gap, 0)), 0.0)
    local = pt.dot(shocks.reshape((rows, blocks, BLOCK)), inside.T)
    number = pt.arange(blocks)
    apart = number[:, None] - number[None, :] - 1
    between = pt.where(apart >= 0, pt.exp(log_rho * BLOCK * pt.maximum(apart, 0)), 0.0)
    carried = pt.dot(local[:, :, -1], between.T)
    decay = pt.exp(log_rho * (np.arange(BLOCK) + 1))
    return (local + carried[:, :, None] * decay[None, None, :]).reshape((rows, steps))


def persistence(half_life_weeks: TensorVariable, period_days: int) -> TensorVariable:
    """Share of a departure that is left after one period, from its half-life in weeks."""
    return pt.exp(-math.log(2.0) * period_days / 7.0 / half_life_weeks)


def correlated[V: (np.ndarray, TensorVariable)](first: V, second: V, correlation: V | float) -> tuple[V, V]:
    """Two standard normal shocks of the given correlation from two independent ones."""
    return first, correlation * first + (1.0 - correlation**2) ** 0.5 * second


def latent_inputs(panel: xr.Dataset) -> dict[str, np.ndarray]:
    """What the latents are driven by: hits and track record of the case, indices and covariates of all episodes."""
    length = int(panel["length"].values[0])
    steps = padded(length)
    _, actor_of = actor_index(panel)
    _, _, dyad_of, _ = dyads(panel)
    hit = np.zeros((2, steps))
    hit[:, 1:length] = (panel["force"].values[0, ::-1, : length - 1] >= OVERT).astype(float)
    acts = np.zeros((2, steps, panel.sizes["track"]))
    acts[:, 1:length] = panel["track_record"].values[0, :, : length - 1]
    stake = panel["high_stake"].values[1:]
    return {
        "actor_of": actor_of,
        "region_of_actor": region_index(panel)[1],
        "dyad_of": dyad_of,
        "hit": hit,
        "track_acts": acts,
        "stake": stake - (stake.mean() if len(stake) else 0.0),
        "capability": panel["capability"].values.astype(float),
        "nuclear": panel["nuclear"].values.astype(float),
    }


def resolve_of(given: Parameters, p: Parameters, period_days: int, filtered: Filter = autoregression) -> TensorVariable:
    """Resolve of all episodes, flat: the case by side and step, then past crises by side and phase [latent].

    Unit variance by construction: shares of region, actor, dyad and episode sum to one. In the case the episode part is
    a stationary AR(1) that also takes the hits of the last period; in a past crisis it is constant before, during and
    after it, a coarse picture of the same process, so that signals and strikes of one crisis share its resolve. The
    shocks of the two sides are correlated: what raises the stakes raises them for both. An actor that no past crisis
    shows is a draw around its region.

    Parameters
    ----------
    given
        From `latent_inputs`.
    p
        Parameters by name.
    period_days
        Length of a period in days.
    filtered
        `autoregression`, or what gives the same in another way.
    """
    region, actor, dyad, episode = (pt.sqrt(p["resolve_share"][k]) for k in range(4))
    rho = persistence(p["resolve_half_life"], period_days)
    together = pt.tanh(p["shared_shocks"])
    innovation = pt.stack(correlated(p["resolve_innovation"][0], p["resolve_innovation"][1], together))
    scale = pt.set_subtensor(pt.fill(innovation, pt.sqrt(1.0 - rho**2))[:, 0], 1.0)
    path = filtered(scale * innovation + p["hit_effect"] * (1.0 - rho) * given["hit"], rho)
    of_actor = region * p["region_resolve"][given["region_of_actor"]] + actor * p["actor_resolve"]
    standing = of_actor[given["actor_of"]] + dyad * p["dyad_resolve"][given["dyad_of"]][:, None]
    case = pm.Deterministic("resolve", standing[0][:, None] + episode * path, dims=("side", "step"))
    own = p["episode_resolve"].reshape((-1, 2, len(PHASES)))
    own = pt.stack(correlated(own[:, 0], own[:, 1], together), axis=1)
    past = standing[1:, :, None] + episode * own + p["stake_effect"] * given["stake"][:, None, None]
    return pt.concatenate([case.flatten(), past.flatten()])


def credibility_of(
    given: Parameters, p: Parameters, period_days: int, filtered: Filter = autoregression
) -> TensorVariable:
    """Credibility of all episodes, flat as `resolve_of` [latent].

    A standing part (capability, nuclear weapons, actor) and, in the case, a leaky integrator of the track record:
    threats carried out or not, capability and allies gained or lost, up to the period before.
    """
    standing = (
        p["capability_credibility"] * given["capability"]
        + p["nuclear_credibility"] * given["nuclear"]
        + p["actor_credibility_sd"] * p["actor_credibility"][given["actor_of"]]
    )
    moved = pt.sum(given["track_acts"] * p["track_weight"], axis=2)
    memory = filtered(moved, persistence(p["credibility_half_life"], period_days))
    case = pm.Deterministic("credibility", standing[0][:, None] + memory, dims=("side", "step"))
    return pt.concatenate([case.flatten(), pt.repeat(standing[1:].flatten(), len(PHASES))])


def actor_index(panel: xr.Dataset) -> tuple[list[str], np.ndarray]:
    """Names of the leads and the index of each episode's two sides among them [episode, side]."""
    values = panel["actor"].values
    names = sorted(set(values.ravel()))
    return names, np.array([[names.index(a) for a in both] for both in values])


def region_index(panel: xr.Dataset) -> tuple[list[str], np.ndarray]:
    """Names of the regions and the index of each actor's region among them [actor]."""
    actors, _ = actor_index(panel)
    of = dict(zip(panel["actor"].values.ravel(), panel["region"].values.ravel(), strict=True))
    names = sorted(set(of.values()))
    return names, np.array([names.index(of[a]) for a in actors])


def paths(draws: xr.Dataset, panel: xr.Dataset) -> xr.Dataset:
    """Resolve and credibility of the case for draws of the parameters, by recursion.

    Parameters
    ----------
    draws
        Parameters by name, dims (..., own dims).
    panel
        The panel they were drawn for.

    Returns
    -------
    Dataset
        `resolve` and `credibility`, dims (..., side, period).
    """
    given = latent_inputs(panel)
    length, step = int(panel["length"].values[0]), int(panel.attrs["period_days"])
    share = np.sqrt(draws["resolve_share"])
    regions, _ = region_index(panel)
    actor_of, region_of = given["actor_of"][0], given["region_of_actor"]
    sides = []
    for side in range(2):
        region = draws["region_resolve"].sel(region=regions[region_of[actor_of[side]]], drop=True)
        actor = draws["actor_resolve"].isel(actor=actor_of[side], drop=True)
        dyad = draws["dyad_resolve"].isel(dyad=given["dyad_of"][0], drop=True)
        parts = zip(("region", "actor", "dyad"), (region, actor, dyad), strict=True)
        sides.append(sum(share.sel(component=k, drop=True) * v for k, v in parts))
    standing = xr.concat(sides, dim="side")
    known = xr.concat(
        [
            draws["capability_credibility"] * given["capability"][0, s]
            + draws["nuclear_credibility"] * given["nuclear"][0, s]
            + draws["actor_credibility_sd"] * draws["actor_credibility"].isel(actor=actor_of[s], drop=True)
            for s in range(2)
        ],
        dim="side",
    )
    lead = list(draws["resolve_half_life"].dims)
    rho = 2.0 ** (-step / 7.0 / draws["resolve_half_life"].values)[..., None]
    memory = 2.0 ** (-step / 7.0 / draws["credibility_half_life"].values)[..., None]
    shocks = draws["resolve_innovation"].transpose(*lead, "side", "step").values
    together = np.tanh(draws["shared_shocks"].values)[..., None]
    shocks = np.stack(correlated(shocks[..., 0, :], shocks[..., 1, :], together), axis=-2)
    weight = draws["track_weight"].transpose(*lead, "track").values
    hit = draws["hit_effect"].values[..., None]
    x, trace = np.empty((2, *shocks.shape[:-1], length))
    x[..., 0], trace[..., 0] = shocks[..., 0], 0.0
    for t in range(1, length):
        x[..., t] = rho * x[..., t - 1] + np.sqrt(1 - rho**2) * shocks[..., t] + hit * (1 - rho) * given["hit"][:, t]
        trace[..., t] = memory * trace[..., t - 1] + weight @ given["track_acts"][:, t].T
    dims = (*lead, "side", "period")
    episode = share.sel(component="episode", drop=True).values[..., None, None]
    axes = {"side": list(SIDES), "period": period_ends(panel)}
    return xr.Dataset(
        {
            "resolve": (dims, standing.transpose(*lead, "side").values[..., None] + episode * x),
            "credibility": (dims, known.transpose(*lead, "side").values[..., None] + trace),
        },
        coords=axes | {d: draws[d].values for d in lead if d in draws.coords},
    )


def standing_resolve(draws: xr.Dataset, panel: xr.Dataset) -> np.ndarray:
    """Return the lasting part of the case's resolve, from region, actor and dyad [sample, side]."""
    _, actor_of = actor_index(panel)
    _, _, dyad_of, _ = dyads(panel)
    pair = actor_of[0]

    def get(name: str) -> np.ndarray:
        return draws[name].transpose("sample", ...).values.astype(float)

    region, actor, dyad = np.sqrt(get("resolve_share"))[:, :3].T[:, :, None]
    shared = region * get("region_resolve")[:, region_index(panel)[1][pair]]
    return shared + actor * get("actor_resolve")[:, pair] + dyad * get("dyad_resolve")[:, [dyad_of[0]]]


def period_ends(panel: xr.Dataset) -> list[str]:
    """Last day of each period of the case, ISO."""
    length = int(panel["length"].values[0])
    ends = panel["period_start"].values[0, :length] + np.timedelta64(int(panel.attrs["period_days"]) - 1, "D")
    return [str(d)[:10] for d in ends]
