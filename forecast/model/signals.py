"""Signals: what each side says, deploys, decrees at home and offers, as ordinal channels that load on its resolve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pymc as pm
import pytensor.tensor as pt

from forecast.model.nodes import Binary, binary
from forecast.terms import DENSITIES, SIGNAL_CHANNELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytensor.tensor import TensorVariable

ANCHORS = ("verbal", "posture")
FREE = tuple(c for c in SIGNAL_CHANNELS if c not in ANCHORS)
REPORTED = ("dense", "sampled", "narrative")  # densities with signals, against regular coverage


def signal_levels(
    rows: pd.DataFrame,
    steps: pd.DataFrame,
    resolve: TensorVariable,
    credibility: TensorVariable,
    p: Mapping[str, TensorVariable],
    offset: float,
) -> list[Binary]:
    """Sequential graded response: any signal in the channel, then level 2, then level 3, each loading on own resolve.

    Whether any signal is reported also depends on how densely the period was covered, so that effort of the coders
    is not taken for resolve. Conciliatory signals may also answer to the opponent's credibility.
    """
    order = [ANCHORS.index(c) if c in ANCHORS else len(ANCHORS) + FREE.index(c) for c in SIGNAL_CHANNELS]
    loadings = pt.concatenate([p["signal_resolve_anchor"], p["signal_resolve_free"]])[order]
    loading = pm.Deterministic("signal_resolve", loadings, dims="channel")
    density = p["signal_density"][:, None] + p["signal_density_channel"]
    density = pt.concatenate([pt.zeros((1, len(SIGNAL_CHANNELS))), density])
    column = [REPORTED.index(d) + 1 if d in REPORTED else 0 for d in DENSITIES]
    channel, latent = rows["channel"].to_numpy(), rows["latent"].to_numpy()
    conciliatory = (channel == SIGNAL_CHANNELS.index("diplomacy")).astype(float)
    reported = (
        offset
        + p["signal_any"][channel, rows["side"].to_numpy()]
        + density[rows["density"].map(dict(enumerate(column))).to_numpy(), channel]
        + loading[channel] * resolve[latent]
        + p["signal_last"][channel] * rows["last"].to_numpy()
        + p["signal_incoming"][channel] * rows["incoming"].to_numpy()
        + p["concession_credibility"] * conciliatory * credibility[rows["opponent"].to_numpy()]
    )
    at = steps["channel"].to_numpy()
    raised = p["signal_step"][at, steps["step"].to_numpy()] + loading[at] * resolve[steps["latent"].to_numpy()]
    return [binary("signal", rows, reported), binary("signal_level", steps, raised)]
