"""The two latents: resolve (own readiness to bear costs) and credibility (how far the other side believes it)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from forecast.model.cells import PHASES, dyads

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr
    from pytensor.tensor import TensorVariable

BLOCK = 32


def padded(length: int) -> int:
    """Length rounded up to whole blocks of the autoregression."""
    return BLOCK * math.ceil(length / BLOCK)


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


def resolve_of(panel: xr.Dataset, p: Mapping[str, TensorVariable]) -> TensorVariable:
    """Resolve of all episodes, flat: the case by side and period, then past crises by side and phase [latent].

    Unit variance by construction: shares of actor, dyad and episode sum to one. In the case the episode part is a
    stationary AR(1) that also takes the hits of the last period; in a past crisis it is constant before, during and
    after it, a coarse picture of the same process, so that signals and strikes of one crisis share its resolve.
    """
    step = int(panel.attrs["period_days"])
    length = int(panel["length"].values[0])
    share = pt.sqrt(p["resolve_share"])
    rho = persistence(p["resolve_half_life"], step)
    actor, dyad = p["actor_resolve"], p["dyad_resolve"]
    innovation = p["resolve_innovation"]
    hit = np.zeros((2, padded(length)))
    incoming = (panel["force"].values[0, ::-1, :length] >= 2).astype(float)
    hit[:, 1:length] = incoming[:, : length - 1]
    scale = pt.set_subtensor(pt.fill(innovation, pt.sqrt(1.0 - rho**2))[:, 0], 1.0)
    shocks = scale * innovation + p["hit_effect"] * (1.0 - rho) * hit
    path = autoregression(shocks, rho)[:, :length]

    _, actor_of = actor_index(panel)
    _, _, dyad_of, _ = dyads(panel)
    standing = share[0] * actor[actor_of] + share[1] * dyad[dyad_of][:, None]
    case = pm.Deterministic("resolve", standing[0][:, None] + share[2] * path, dims=("side", "period"))
    stake = panel["high_stake"].values[1:] - panel["high_stake"].values[1:].mean() if len(actor_of) > 1 else np.zeros(0)
    episode = p["episode_resolve"].reshape((len(actor_of) - 1, 2, len(PHASES)))
    past = standing[1:, :, None] + share[2] * episode + p["stake_effect"] * stake[:, None, None]
    return pt.concatenate([case.flatten(), past.flatten()])


def credibility_of(panel: xr.Dataset, p: Mapping[str, TensorVariable]) -> TensorVariable:
    """Credibility of all episodes, flat as `resolve_of` [latent].

    A standing part (capability, nuclear weapons, actor) and, in the case, a leaky integrator of the track record:
    threats carried out or not, capability and allies gained or lost, up to the period before.
    """
    step = int(panel.attrs["period_days"])
    length = int(panel["length"].values[0])
    _, actor_of = actor_index(panel)
    standing = (
        p["capability_credibility"] * panel["capability"].values
        + p["nuclear_credibility"] * panel["nuclear"].values
        + p["actor_credibility_sd"] * p["actor_credibility"][actor_of]
    )
    acts = np.zeros((2, padded(length), panel.sizes["track"]))
    acts[:, 1:length] = panel["track_record"].values[0, :, : length - 1]
    moved = pt.dot(acts, p["track_weight"])
    memory = autoregression(moved, persistence(p["credibility_half_life"], step))[:, :length]
    case = pm.Deterministic("credibility", standing[0][:, None] + memory, dims=("side", "period"))
    return pt.concatenate([case.flatten(), pt.repeat(standing[1:].flatten(), len(PHASES))])


def actor_index(panel: xr.Dataset) -> tuple[list[str], np.ndarray]:
    """Names of the leads and the index of each episode's two sides among them [episode, side]."""
    values = panel["actor"].values
    names = sorted(set(values.ravel()))
    return names, np.array([[names.index(a) for a in both] for both in values])
