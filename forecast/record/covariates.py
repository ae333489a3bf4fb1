"""Covariates of episodes that are known at their onset: actors, regions, capability, stakes, land and straits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    import pandas as pd

    from forecast.record.read import Record


def covariates(record: Record, windows: list[dict]) -> xr.Dataset:
    """Covariates known at onset, one row an episode; those of a side as (episode, side)."""
    rows = record.episodes.set_index("episode_id").loc[[w["id"] for w in windows]]
    capability = rows["capability_ratio"].map(
        {"much_weaker": -2.0, "weaker": -1.0, "parity": 0.0, "stronger": 1.0, "much_stronger": 2.0}
    )
    capability = capability.fillna(0.0).to_numpy(dtype=float)
    nuclear = rows[["challenger_nuclear", "target_nuclear"]].fillna(0).to_numpy(dtype=float)
    high_stake = rows["demand"].isin(["territory", "regime"]).to_numpy(dtype=float)
    return xr.Dataset(
        {
            "actor": (("episode", "side"), rows[["challenger", "target"]].to_numpy(dtype=str)),
            "region": (("episode", "side"), _regions(record, rows)),
            "capability": (("episode", "side"), np.stack([capability, -capability], axis=1)),
            "nuclear": (("episode", "side"), nuclear),
            "high_stake": ("episode", high_stake),
            "ground_access": ("episode", rows["ground_access"].fillna(0).to_numpy(dtype=float)),
            "chokepoint": ("episode", rows["chokepoint"].fillna(0).to_numpy(dtype=float)),
        }
    )


def _regions(record: Record, rows: pd.DataFrame) -> np.ndarray:
    """Region of both leads of each episode; an actor without one stands alone under "elsewhere"."""
    regions = record.actors.set_index("actor_id")["region"].replace("", np.nan)
    return rows[["challenger", "target"]].apply(lambda c: c.map(regions)).fillna("elsewhere").to_numpy(dtype=str)
