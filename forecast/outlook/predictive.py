"""Does the model reproduce what was seen? One-step replicates of the case, period by period, and long replicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.outlook.ladder import rung_by_period
from forecast.outlook.simulate import simulate
from forecast.outlook.world import states, world_of
from forecast.terms import CAMPAIGN_RUNG, OVERT_RUNG

if TYPE_CHECKING:
    import xarray as xr

MARGINS = {
    "periods with an overt act (O2 or more)": OVERT_RUNG,
    "periods in a campaign (O4 or more)": CAMPAIGN_RUNG,
    "periods with regional war or a closure (O5 or more)": CAMPAIGN_RUNG + 1,
    "periods of full war (O6)": CAMPAIGN_RUNG + 2,
}


def one_step_check(draws: xr.Dataset, panel: xr.Dataset, *, seed: int, sample: int = 300) -> pd.DataFrame:
    """Posterior predictive p-values of the ladder's margins over the observed periods of the case.

    Each period is replicated from the state that was observed before it and the draw's latents, once per draw; the
    count over periods is compared with the count observed (mid-p, so that discrete ties count half).

    Returns
    -------
    DataFrame
        Columns margin, observed, replicated_mean, p_value.
    """
    rng = np.random.default_rng(seed)
    chosen = draws.isel(sample=np.sort(rng.choice(draws.sizes["sample"], min(sample, draws.sizes["sample"]), False)))
    length = int(panel["length"].values[0])
    seen = panel["force_observed"].values[0, :length]
    world, state_at = world_of(chosen, panel), states(chosen, panel)
    step = int(panel.attrs["period_days"])
    counts = {name: np.zeros(chosen.sizes["sample"]) for name in MARGINS}
    for t in np.flatnonzero(seen[1:]) + 1:
        paths = simulate(
            world, state_at(int(t) - 1), periods=1, paths=1, period_days=step, seed=seed + int(t), chunk=10_000
        )
        height = rung_by_period(paths)[:, 0, 0]
        for name, rung in MARGINS.items():
            counts[name] += height >= rung
    truth = observed_rungs(panel)[seen][1:]
    rows = []
    for name, rung in MARGINS.items():
        observed = int((truth >= rung).sum())
        p = float(np.mean(counts[name] > observed) + 0.5 * np.mean(counts[name] == observed))
        rows.append((name, observed, float(counts[name].mean()), p))
    return pd.DataFrame(rows, columns=["margin", "observed", "replicated_mean", "p_value"])


def observed_rungs(panel: xr.Dataset) -> np.ndarray:
    """Highest rung of either side in each period of the case, campaigns and closures included [period]."""
    length = int(panel["length"].values[0])
    one = panel.isel(episode=0, period=slice(0, length))
    category = one["force"].values.max(axis=0)
    rung = np.array([0, 1, 4, 5, 6, 7, 8])[category]
    rung = np.maximum(rung, np.array([0, 0, 0, 0, 6, 7, 8])[one["scope"].values] * one["campaign"].values)
    return np.maximum(rung, np.where(one["closure"].values, 7, 0))
