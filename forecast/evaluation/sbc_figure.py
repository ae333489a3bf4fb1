"""Rank plots of simulation-based calibration: ECDF differences of all quantities within simultaneous bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast.evaluation.sbc import KEPT, ecdf_band

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

GROUPS = {
    "resolve": ("resolve", "stake", "hit"),
    "credibility": ("credibility", "track", "capability", "nuclear", "actor_credibility", "concession"),
    "overt force": ("overt", "leadership", "symbolic", "sub_"),
    "campaigns": ("onset", "campaign", "halt", "war", "regional", "participation", "limited", "closure", "truce"),
    "talks and deals": ("talks", "deal"),
    "signals": ("signal",),
    "log density": ("log density",),
}


def rank_figure(ranks: pd.DataFrame) -> Figure:
    """Draw the difference of each quantity's rank ECDF from the diagonal, by group, with a 95 % simultaneous band.

    Parameters
    ----------
    ranks
        From `sbc.ranks`, one row a simulation.
    """
    from matplotlib.figure import Figure

    band = ecdf_band(len(ranks))
    figure = Figure(figsize=(11, 5.6), layout="constrained")
    panels = figure.subplots(2, 4, sharex=True, sharey=True).ravel()
    for axes, title in zip(panels, GROUPS, strict=False):
        names = [c for c in ranks.columns.drop(["divergent", "rhat"]) if group_of(c) == title]
        axes.fill_between(band["at"], band["low"], band["high"], color="#d9e2ec", lw=0, label="95 % of uniform ranks")
        for name in names:
            share = np.sort(ranks[name].to_numpy()) / KEPT
            below = np.searchsorted(share, band["at"], side="right") / len(ranks)
            axes.plot(band["at"], below - band["at"], color="#3b78ad", lw=0.7, alpha=0.6)
        axes.axhline(0, color="#8895a3", lw=0.6)
        axes.set_title(f"{title} ({len(names)})", loc="left", fontsize=10)
        axes.tick_params(labelsize=8)
    panels[-1].set_axis_off()
    told = (
        f"{len(ranks)} simulations. ECDF of ranks\nless the diagonal; shaded: where all\n"
        "of a curve lies in 95 % of cases\nif ranks are uniform"
    )
    panels[-1].text(0.02, 0.95, told, va="top", fontsize=9, color="#52606d", transform=panels[-1].transAxes)
    return figure


def group_of(name: str) -> str:
    """Group of a quantity in the figure."""
    for group in ("log density", "credibility"):
        if any(part in name for part in GROUPS[group]):
            return group
    return next((g for g, starts in GROUPS.items() if name.startswith(starts)), "signals")
