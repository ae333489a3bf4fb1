"""Campaign spells: when a campaign opens, how long it runs and how far it reaches, and the periods that it covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from forecast.record.plain import largest
from forecast.terms import CAMPAIGN_RUNG, CONFIDENCES, DENSITIES

if TYPE_CHECKING:
    from forecast.record.acts import Case
    from forecast.record.plain import Plain
    from forecast.record.read import Record

CARRY_DAYS = 28


def case_spells(panel: xr.Dataset, ends: list[tuple[pd.Timestamp, float]]) -> list[dict]:
    """Campaign spells of the case: runs of periods with an act of rung 6 or above by either side.

    A quiet period that was watched is a halt. Unwatched periods are bridged for up to `CARRY_DAYS`, also at the end
    of the panel; after that the spell is cut without a halt having been seen. A narrative tells the opening of a
    campaign and not its days: there it goes on until a cease-fire or deal is told, or its crisis is known to be over;
    the sides that fought are taken to fight on.

    Parameters
    ----------
    ends
        Last day and days of fighting of crises of the case that are known to be over.
    """
    length = int(panel["length"].values[0])
    begins = pd.DatetimeIndex(panel["period_start"].values[0, :length])
    force = panel["force"].values[0, :, :length]
    seen = panel["force_observed"].values[0, :length]
    narrative = panel["density"].values[0, :length] == DENSITIES.index("narrative")
    truce = (panel["ceasefire"].values | panel["deal"].values)[0, :length]
    days = (begins[1] - begins[0]).days
    spells, running, last, act = [], None, 0, 0
    for t in range(length):
        if running is not None and (t - last) * days > CARRY_DAYS:
            running = None
        if (top := int(force[:, t].max())) >= 4:
            if running is None:
                running = {"episode": 0, "onset": t, "halted": False, "truce": False, "opening": top, "scope": 0,
                           "dated": True}  # fmt: skip
                spells.append(running)
            last = act = t
            running["scope"] = max(running["scope"], top)
        elif running is not None and narrative[t] and not (
            truce[act : t + 1].any() or _is_over(begins[running["onset"]], begins[t], ends)
        ):  # fmt: skip
            _fight_on(panel, t, running["onset"])
            last = t
        elif running is not None and seen[t]:
            running["halted"] = True
            running["truce"] = bool(truce[max(t - 2, 0) : t + 1].any())
            running = None
        elif running is not None and t == length - 1:
            last = t  # not watched to the end: as far as is known it still runs
        if running is not None:
            running["days"] = float((last - running["onset"] + 1) * days)
    return spells


def known_ends(record: Record, case: Case) -> list[tuple[pd.Timestamp, float]]:
    """Last day and days of fighting of the crises of a case that are known to be over (its own, if it is a crisis)."""
    crises = record.episodes.loc[record.episodes["kind"] == "crisis"]
    own = crises.loc[(crises["case_id"] == case.episode_id) | (crises["episode_id"] == case.episode_id), "episode_id"]
    known = record.outcomes[record.outcomes["episode_id"].isin(own) & record.outcomes["date"].notna()]
    return list(zip(known["date"], known["days_of_fighting"].astype("float").fillna(np.inf), strict=True))


def _is_over(opened: pd.Timestamp, now: pd.Timestamp, ends: list[tuple[pd.Timestamp, float]]) -> bool:
    """Whether a campaign that opened in the period of one day is known to have halted before the other."""
    return any(opened <= end and now > min(end, opened + pd.Timedelta(days=min(d, 1e5))) for end, d in ends)


def _fight_on(panel: xr.Dataset, t: int, onset: int) -> None:
    """In a period of which a narrative tells nothing the sides that have fought at campaign level fight on."""
    force = panel["force"].values[0]
    fought = (force[:, onset:t] >= 4).any(axis=1) & (force[:, t] < 4)
    force[fought, t] = 4
    panel["rung"].values[0][fought, t] = CAMPAIGN_RUNG
    panel["force_confidence"].values[0][fought, t] = 1 + CONFIDENCES.index("reported")


def crisis_spell(rows: Plain, panel: xr.Dataset, number: int, window: dict, now: pd.Timestamp) -> list[dict]:
    """The campaign of a past crisis, if it had one: onset from its moves, days and end from its outcome."""
    length = window["length"]
    force = panel["force"].values[number, :, :length].max(axis=0)
    known = rows.endings.get(window["id"], [])
    top = int(force.max(initial=0))
    final = max(top, {6.0: 4, 7.0: 5, 8.0: 6}.get(largest(known, "max_rung"), 0))
    if final < 4:
        return []
    dated = bool(top >= 4)
    acts = np.flatnonzero(force >= 4) if dated else np.flatnonzero(force >= 2) + 1
    if not len(acts) or acts[0] >= length:
        return []
    onset = int(acts[0])
    halted = bool(known) and known[0]["status"] == "closed"
    began = pd.Timestamp(panel["period_start"].values[number, onset])
    fought = largest(known, "days_of_fighting") if halted else float((now - began).days)
    return [
        {
            "episode": number,
            "onset": onset,
            "days": max(fought, 1.0),
            "halted": halted,
            "truce": halted and known[0]["ended_by"] in ("ceasefire", "negotiated_settlement"),
            "opening": int(force[onset]) if dated else 4,
            "scope": final,
            "dated": dated,
        }
    ]


def carry_campaigns(panel: xr.Dataset, spells: list[dict]) -> xr.Dataset:
    """Mark the periods in which a campaign ran and its scope so far; a past crisis is masked while it runs."""
    step = float((panel["period_start"].values[0, 1] - panel["period_start"].values[0, 0]) / np.timedelta64(1, "D"))
    for spell in spells:
        number, onset = spell["episode"], spell["onset"]
        stop = min(onset + max(int(np.ceil(spell["days"] / step)), 1), int(panel["length"].values[number]))
        panel["campaign"].values[number, onset:stop] = True
        if not spell[
            "dated"
        ]:  # the record says that it came to a campaign, not on which day: the challenger's next step
            panel["force"].values[number, 0, onset] = spell["opening"]
        reached = np.maximum.accumulate(panel["force"].values[number, :, onset:stop].max(axis=0))
        panel["scope"].values[number, onset:stop] = np.maximum(reached, spell["opening"])
        if number > 0:
            panel["force_observed"].values[number, onset + 1 : stop] = False
            panel["talks_observed"].values[number, onset + 1 : stop] = False
        panel["deal_observed"].values[number, onset + 1 : stop] = False
    return panel


def spell_table(spells: list[dict]) -> xr.Dataset:
    """Campaign spells as variables of the panel, dim (spell)."""
    columns = {"episode": int, "onset": int, "days": float, "halted": bool, "truce": bool, "opening": int, "scope": int}
    columns["dated"] = bool
    return xr.Dataset(
        {f"spell_{name}": ("spell", np.array([s[name] for s in spells], dtype=kind)) for name, kind in columns.items()},
        coords={"spell": np.arange(len(spells))},
    )
