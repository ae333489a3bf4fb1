"""Signals: what each side says, deploys, decrees at home and offers, as ordinal channels that load on its resolve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast.model.nodes import Binary, binary, effect, on_credibility, on_resolve
from forecast.terms import DENSITIES, SIGNAL_CHANNELS

if TYPE_CHECKING:
    import pandas as pd

ANCHORS = ("verbal", "posture")
FREE = tuple(c for c in SIGNAL_CHANNELS if c not in ANCHORS)
REPORTED = ("dense", "sampled", "narrative")  # densities with signals, against regular coverage


def signal_levels(rows: pd.DataFrame, steps: pd.DataFrame, offset: float) -> list[Binary]:
    """Sequential graded response: any signal in the channel, then level 2, then level 3, each loading on own resolve.

    Whether any signal is reported also depends on how densely the period was covered, so that effort of the coders
    is not taken for resolve. Conciliatory signals may also answer to the opponent's credibility and to the own public
    commitments of the last period.
    """
    channel, density = rows["channel"].to_numpy(), rows["density"].to_numpy()
    column = np.array([REPORTED.index(d) if d in REPORTED else 0 for d in DENSITIES])[density]
    thick = np.isin(density, [DENSITIES.index(d) for d in REPORTED]).astype(float)
    conciliatory = (channel == SIGNAL_CHANNELS.index("diplomacy")).astype(float)
    any_signal = [
        effect("signal_any", at=(channel, rows["side"].to_numpy())),
        effect("signal_density", thick, column),
        effect("signal_density_channel", thick, (column, channel)),
        effect("signal_last", rows["last"], channel),
        effect("signal_incoming", rows["incoming"], channel),
        effect("concession_audience", conciliatory * rows["audience"].to_numpy()),
        on_resolve("signal_resolve", rows["latent"].to_numpy(), at=channel),
        on_credibility("concession_credibility", rows["opponent"].to_numpy(), conciliatory),
    ]
    at = steps["channel"].to_numpy()
    level = [
        effect("signal_step", at=(at, steps["step"].to_numpy())),
        on_resolve("signal_resolve", steps["latent"].to_numpy(), at=at),
    ]
    return [
        binary("signal", rows, any_signal, offset=offset, error=rows["error"].to_numpy()),
        binary("signal_level", steps, level, error=steps["error"].to_numpy()),
    ]
