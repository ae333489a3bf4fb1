"""What the past crises of a panel show, in numbers: openings, replies, campaigns, endings, signals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast.model.cells import PHASES
from forecast.model.past import FULL, LEADERSHIP, OVERT, REGIONAL
from forecast.outlook.outcomes import REPLY_DAYS
from forecast.terms import OVERT_RUNG, SIGNAL_CHANNELS

if TYPE_CHECKING:
    import xarray as xr

    from forecast.evaluation.quantities import Quantities

FOLLOW_DAYS = 91
REPLY = f"single openings: overt reply within {REPLY_DAYS} days"


def past_crises(panel: xr.Dataset) -> Quantities:
    """Shares over crises, their watched weeks, openings and campaigns.

    Weeks in which a campaign ran are masked, as in the panel; a campaign is the first of its crisis, since the record
    tells one. Masks and lengths are those of the observed crises, whose ends are known.
    """
    past = panel.isel(episode=slice(1, None))
    inside = np.arange(past.sizes["period"]) < past["length"].values[:, None]
    inside[:, 0] = False
    campaign = past["campaign"].values & inside
    watched = past["force_observed"].values & inside
    category = past["force"].values * watched[:, None]
    overt = category >= OVERT
    step = int(panel.attrs["period_days"])
    found = _force(past, category, overt & ~campaign[:, None], watched) | _openings(overt, campaign, watched, step)
    during = past["phase"].values == PHASES.index("during")
    late = _openings(overt & during[:, None], campaign & during, watched, step)
    found[f"{REPLY}, openings during the crisis"] = late[REPLY]
    found |= _campaigns(panel) | _endings(past, inside) | _signals(past, inside)
    return {("past crises", name): value for name, value in found.items()}


def _force(past: xr.Dataset, category: np.ndarray, single: np.ndarray, watched: np.ndarray) -> dict[str, float]:
    crises = (category >= OVERT).any(axis=2)
    out = {
        "share with overt force": _share(crises.any(axis=1)),
        "share with overt force by both sides": _share(crises.all(axis=1)),
    }
    violent = (category >= OVERT).any(axis=1)
    phase = past["phase"].values
    for k, name in enumerate(PHASES):
        out[f"overt weeks, {name} the crisis"] = _share(violent[watched & (phase == k)])
    out["single acts: leadership"] = _share(category[single] == LEADERSHIP)
    limited = single & (category == OVERT)
    out["limited acts: symbolic"] = _share(past["rung"].values[limited] == OVERT_RUNG)
    return out


def _openings(overt: np.ndarray, campaign: np.ndarray, watched: np.ndarray, step: int) -> dict[str, float]:
    """What follows the first act of force in a crisis, where it is not a campaign."""
    violent = overt.any(axis=1) | campaign
    at = np.argmax(violent, axis=1)
    crisis = np.arange(len(at))
    single = violent.any(axis=1) & ~campaign[crisis, at]
    reach, far = -(-REPLY_DAYS // step), -(-FOLLOW_DAYS // step)
    both, answered, grew, seen = [], [], [], []
    for e in crisis[single]:
        near, later = slice(at[e], at[e] + reach + 1), slice(at[e], at[e] + far + 1)
        both.append(overt[e, :, at[e]].all())
        opener = int(np.argmax(overt[e, :, at[e]]))
        answered.append(overt[e, 1 - opener, near].any() or both[-1])
        seen.append((watched | campaign)[e, near].all())
        grew.append(campaign[e, later].any())
    known = np.array(answered, dtype=bool)[np.array(seen, dtype=bool)]
    return {
        "share that open with a single act": _share(single),
        "single openings: both sides in the same week": _share(np.array(both)),
        REPLY: _share(known),
        f"single openings: campaign within {FOLLOW_DAYS} days": _share(np.array(grew)),
    }


def _campaigns(panel: xr.Dataset) -> dict[str, float]:
    episode, onset = panel["spell_episode"].values, panel["spell_onset"].values
    order = np.lexsort([onset, episode])
    first = order[np.r_[True, np.diff(episode[order]) > 0] & (episode[order] > 0)] if len(order) else order
    days, opening, scope = (panel[f"spell_{name}"].values[first] for name in ("days", "opening", "scope"))
    halted, truce = panel["spell_halted"].values[first], panel["spell_truce"].values[first]
    return {
        "share with a campaign": len(first) / (panel.sizes["episode"] - 1),
        "campaigns: median days": float(np.median(days)) if len(days) else np.nan,
        "campaigns: longer than 91 days": _share(days > FOLLOW_DAYS),
        "campaigns: halted by truce": _share(truce[halted]),
        "campaigns: open as full war": _share(opening == FULL),
        "campaigns: reach several theatres or more": _share(scope >= REGIONAL),
        "campaigns: reach full war": _share(scope == FULL),
    }


def _endings(past: xr.Dataset, inside: np.ndarray) -> dict[str, float]:
    told, settled = past["talks_observed"].values & inside, past["deal_observed"].values & inside
    talks, deal = past["talks"].values & told, past["deal"].values & settled
    return {
        "watched weeks with talks": _share(talks[told]),
        "share with talks, of those watched": _share(talks.any(axis=1)[told.any(axis=1)]),
        "share with a deal, of those watched": _share(deal.any(axis=1)[settled.any(axis=1)]),
        "watched weeks with a deal": _share(deal[settled]),
    }


def _signals(past: xr.Dataset, inside: np.ndarray) -> dict[str, float]:
    level = past["signal"].values
    out = {}
    for c, channel in enumerate(SIGNAL_CHANNELS):
        seen = past["signal_observed"].values[..., c] & inside
        out[f"{channel}: any signal"] = _share(np.moveaxis(level[..., c] >= 1, 1, 2)[seen].ravel())
    return out


def _share(values: np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else np.nan
