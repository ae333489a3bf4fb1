"""A panel in which only the case is built anew: records that differ in its moves share their past crises."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from forecast.record.panel import build_panel

if TYPE_CHECKING:
    import xarray as xr

    from forecast.record.read import Record


def patched_panel(whole: xr.Dataset, record: Record) -> xr.Dataset:
    """Build the panel of a record that differs from that of another panel in the moves of the case only.

    The past crises are taken from the other panel, which is many times as fast. Where the campaigns of the case
    differ, everything is built.

    Parameters
    ----------
    whole
        From `build_panel`, of the same case, day and past crises.
    record
        The other record.
    """
    day, case, step = date.fromisoformat(whole.attrs["as_of"]), whole.attrs["case"], int(whole.attrs["period_days"])
    alone = build_panel(record, day, case=case, period_days=step, reference=False)
    if not _same_campaigns(whole, alone):
        return build_panel(record, day, case=case, period_days=step)
    out = whole.copy(deep=True)
    for name, variable in alone.data_vars.items():
        if variable.dims[0] == "episode":
            own = variable.values[0]
            out[name].values[(0, *map(slice, np.shape(own)))] = own
    return out


def same_panel(one: xr.Dataset, other: xr.Dataset) -> bool:
    """Whether two panels say the same, whatever the types in which their values are kept."""
    if one.attrs["as_of"] != other.attrs["as_of"] or dict(one.sizes) != dict(other.sizes):
        return False
    if set(one.data_vars) != set(other.data_vars):
        return False
    values = [(one[name].values, other[name].values) for name in other.data_vars]
    return all(np.array_equal(a.astype(b.dtype), b, equal_nan=b.dtype.kind in "fM") for a, b in values)


def _same_campaigns(whole: xr.Dataset, alone: xr.Dataset) -> bool:
    own = whole["spell_episode"].values == 0
    names = [name for name in alone.data_vars if alone[name].dims == ("spell",)]
    return all(np.array_equal(whole[name].values[own], alone[name].values) for name in names)
