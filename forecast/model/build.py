"""The model, written as the model section of a paper: latents, signals, choices, settlement."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from forecast.model.cells import PHASES, dyads, node_tables
from forecast.model.choices import campaign_course, campaign_onset, campaign_scope, kinds_of_force, overt_force
from forecast.model.latent import actor_index, credibility_of, padded, resolve_of
from forecast.model.nodes import Binary, Joint
from forecast.model.priors import Prior, declare, read_priors, vector_coords
from forecast.model.settlement import talks_and_deals
from forecast.model.signals import ANCHORS, FREE, REPORTED, signal_levels
from forecast.terms import SIDES, SIGNAL_CHANNELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xarray as xr
    from pytensor.tensor import TensorVariable


def build_model(panel: xr.Dataset, priors: Mapping[str, Prior] | None = None) -> pm.Model:
    """Build the model of one panel.

    resolve and credibility of both sides are latent. Own resolve moves a side's signals and its force; the opponent's
    credibility restrains its force and moves its concessions: that exclusion is what tells the two apart. Force is a
    tree: overt or not, by both sides jointly; the opening of a campaign, a state with a duration and a scope; within
    single acts leadership and symbolic strikes; below the threshold any act. Talks and deals have hazards.

    Parameters
    ----------
    panel
        From `forecast.build_panel`; dims (episode, side, period, channel, track, spell).
    priors
        From `read_priors`; the shipped table by default.

    Returns
    -------
    pymc.Model
        With named dims; its free variables are vectors that hold the parameters of the prior table by name.
    """
    priors = read_priors() if priors is None else priors
    tables, coords = node_tables(panel), model_coords(panel)
    step = int(panel.attrs["period_days"])
    offset = math.log(step / 7.0)  # intercepts are per week
    with pm.Model(coords=coords | vector_coords(priors, coords)) as model:
        p = declare(priors, coords)
        resolve = resolve_of(panel, p)
        credibility = credibility_of(panel, p)
        nodes = [
            *signal_levels(tables["signal"], tables["signal_step"], resolve, credibility, p, offset),
            *overt_force(tables["overt"], resolve, credibility, p, offset),
            *campaign_onset(tables, resolve, panel["ground_access"].values, p),
            *campaign_course(tables, resolve, p, step),
            *campaign_scope(tables, p),
            *kinds_of_force(tables, resolve, p, offset),
            *talks_and_deals(tables, resolve, p, offset),
        ]
        observe(nodes)
    return model


def observe(nodes: Sequence[Binary | Joint]) -> None:
    """One likelihood term per cell: binomial for binary nodes, multinomial for joint ones, each over all its nodes."""
    single = [n for n in nodes if isinstance(n, Binary) and len(n.events)]
    both = [n for n in nodes if isinstance(n, Joint) and len(n.counts)]
    model = pm.modelcontext(None)
    model.add_coord("choice", [f"{n.name} {i}" for n in single for i in range(len(n.events))])
    model.add_coord("joint_choice", [f"{n.name} {i}" for n in both for i in range(len(n.counts))])
    model.add_coord("pattern", ["neither", "a", "b", "both"])
    pm.CustomDist(
        "choices",
        pt.concatenate([n.logit for n in single]),
        np.concatenate([n.trials for n in single]).astype(float),
        logp=binary_log_density,
        random=_draw_binary,
        dtype="int64",
        observed=np.concatenate([n.events for n in single]),
        dims="choice",
    )
    pm.CustomDist(
        "joint_choices",
        pt.concatenate([n.weight for n in both]),
        logp=joint_log_density,
        signature="(p)->(p)",
        dtype="int64",
        observed=np.concatenate([n.counts for n in both]),
        dims=("joint_choice", "pattern"),
    )


def binary_log_density(events: TensorVariable, logit: TensorVariable, trials: TensorVariable) -> TensorVariable:
    """Log-likelihood of binary choices [cell], without the binomial coefficient (cells are sums of single choices)."""
    return events * logit - trials * pt.softplus(logit)


def joint_log_density(counts: TensorVariable, weight: TensorVariable) -> TensorVariable:
    """Log-likelihood of joint choices [cell], without the multinomial coefficient."""
    return pt.sum(counts * pt.special.log_softmax(weight, axis=-1), axis=-1)


def _draw_binary(
    logit: np.ndarray, trials: np.ndarray, rng: np.random.Generator | None = None, size: tuple[int, ...] | None = None
) -> np.ndarray:
    generator = np.random.default_rng() if rng is None else rng
    return generator.binomial(np.asarray(trials, dtype=int), 1 / (1 + np.exp(-logit)), size=size)


def model_coords(panel: xr.Dataset) -> dict[str, list]:
    """Coordinates of every named dim of the model."""
    length = int(panel["length"].values[0])
    actors, _ = actor_index(panel)
    names, side_names, _, _ = dyads(panel)
    episodes = [str(e) for e in panel["episode"].values]
    ends = panel["period_start"].values[0, :length] + np.timedelta64(int(panel.attrs["period_days"]) - 1, "D")
    return {
        "side": list(SIDES),
        "role": ["challenger", "target"],
        "period": [str(d)[:10] for d in ends],
        "step": list(range(padded(length))),
        "component": ["actor", "dyad", "episode"],
        "actor": actors,
        "dyad": names,
        "dyad_side": side_names,
        "episode": episodes,
        "reference_side": [f"{e}: {s}" for e in episodes[1:] for s in SIDES],
        "phase": list(PHASES),
        "spell": list(range(panel.sizes["spell"])),
        "track": [str(t) for t in panel["track"].values],
        "channel": list(SIGNAL_CHANNELS),
        "anchor_channel": list(ANCHORS),
        "free_channel": list(FREE),
        "density": list(REPORTED),
        "level": ["senior", "highest"],
    }
