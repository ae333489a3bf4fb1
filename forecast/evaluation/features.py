"""What a statistical baseline sees on a day: the panel of a case as it was known then, as one row of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from forecast.record.acts import find_case, pose
from forecast.record.asof import as_of
from forecast.record.panel import build_panel
from forecast.terms import DENSITIES, SIDES, SIGNAL_CHANNELS

if TYPE_CHECKING:
    from datetime import date

    import xarray as xr

    from forecast.record.read import Record

STATE: Final = ("height", "truce_or_talks")
"""State of the Markov chain: the highest act of the last four weeks (0 none, 1 sub-threshold, 2 overt, 3 a campaign
that runs), and whether a truce or talks were told in them."""
WEEKS: Final = (1, 4, 13)
_OVERT: Final = 2
_CAMPAIGN: Final = 4
_LONG_AGO: Final = 104.0


def situation(record: Record, case: str, day: date) -> dict[str, float]:
    """Return the features of a case on a day, from nothing that became known later.

    Parameters
    ----------
    record
        Any record that holds what was known by the day, with its superseded versions.
    case
        Id of a case or crisis; before the onset of a crisis the question is posed (`forecast.record.acts.pose`).
    day
        As-of day.

    Returns
    -------
    dict
        The same names for every case; weeks and counts as logarithms (log1p).
    """
    posed = pose(record, case, day)
    panel = build_panel(posed, day, case=case, reference=False)
    one = panel.isel(episode=0, period=slice(0, int(panel["length"].values[0])))
    seen = as_of(posed, day)
    row = seen.episodes[seen.episodes["episode_id"] == case].iloc[-1]
    onset = (pd.Timestamp(day) - row["start"]).days / 7.0
    crisis = find_case(seen, case).crisis
    found = {
        "is_case": float(not crisis),
        "before_onset": float(onset < 0),
        "weeks_since_onset": np.log1p(max(onset, 0.0)) if crisis else 0.0,
        "prior_force": float(pd.notna(row["prior_force_5y"]) and row["prior_force_5y"] > 0),
        "full_watch": float(one["density"].values[-1] not in (-1, DENSITIES.index("narrative"))),
        "signals_told": float(one["signal_observed"].values[-13:].any()),
    }
    found |= _standing(one)
    found |= _force(one)
    found |= _signals(one)
    height = max(
        3.0 if one["campaign"].values[-1] else 0.0,
        min(2.0, float(one["force"].values[:, -4:].max(initial=0))),
    )
    settling = one["talks"].values | one["ceasefire"].values | one["deal"].values
    return found | {"height": height, "truce_or_talks": float(settling[-4:].any())}


def feature_names(frame: pd.DataFrame) -> tuple[str, ...]:
    """Columns of a table of situations that regressions use."""
    return tuple(str(name) for name in frame.columns)


def _standing(one: xr.Dataset) -> dict[str, float]:
    capability, nuclear = one["capability"].values, one["nuclear"].values
    return {
        "capability": float(capability[0]),
        "capability_gap": float(abs(capability[0])),
        "nuclear_a": float(nuclear[0]),
        "nuclear_b": float(nuclear[1]),
        "nuclear_both": float(nuclear.min()),
        "high_stake": float(one["high_stake"]),
        "ground_access": float(one["ground_access"]),
        "chokepoint": float(one["chokepoint"]),
    }


def _force(one: xr.Dataset) -> dict[str, float]:
    force, campaign = one["force"].values, one["campaign"].values
    overt, sub, big = force >= _OVERT, force == 1, force >= _CAMPAIGN
    found = {
        "campaign_now": float(campaign[-1]),
        "scope_now": float(one["scope"].values[-1]) / 6.0,
        "weeks_since_campaign": _ago(campaign),
        "highest_so_far": float(force.max(initial=0)) / 6.0,
        "closure_recent": float(one["closure"].values[-6:].any()),
        "truce_recent": float((one["ceasefire"].values | one["deal"].values)[-6:].any()),
        "weeks_since_overt": _ago(overt.any(axis=0)),
        "both_overt_recent": float(overt[:, -4:].any(axis=1).all()),
    }
    for s, side in enumerate(SIDES):
        found[f"sub_{side}"] = np.log1p(float(sub[s, -13:].sum()))
        found[f"big_{side}"] = float(big[s, -4:].any())
        for weeks in WEEKS:
            found[f"overt_{side}_{weeks}"] = np.log1p(float(overt[s, -weeks:].sum()))
    return found


def _signals(one: xr.Dataset) -> dict[str, float]:
    level = one["signal"].values  # [side, period, channel]
    found = {
        "talks_recent": float(one["talks"].values[-4:].any()),
        "talks_ever": float(one["talks"].values.any()),
        "track_record": np.log1p(float(one["track_record"].values[:, -13:].sum())),
    }
    for c, channel in enumerate(SIGNAL_CHANNELS):
        found[f"signal_{channel}"] = float(level[:, -4:, c].max(initial=0)) / 3.0
    for s, side in enumerate(SIDES):
        found[f"signals_{side}"] = np.log1p(float((level[s, -4:] > 0).sum()))
    return found


def _ago(happened: np.ndarray) -> float:
    """Logarithm of the weeks since it last happened; that of two years where it never did."""
    at = np.flatnonzero(happened)
    return float(np.log1p(min(len(happened) - 1 - at[-1], _LONG_AGO) if len(at) else _LONG_AGO))
