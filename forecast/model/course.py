"""The course of crises and campaigns as likelihood terms: how they open, how long they last, how far they reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.model.past import FULL, OVERT, REGIONAL, crisis, lag
from forecast.model.rows import collapse, rows_of

if TYPE_CHECKING:
    import xarray as xr

    from forecast.model.past import History

ESCALATION_CAP_WEEKS = 13.0  # a war that has not widened in a quarter tells little more about widening


def crisis_cells(panel: xr.Dataset, past: History, latent: np.ndarray, later: np.ndarray) -> dict[str, pd.DataFrame]:
    """Crises of the case that open, period by period while none is open, and crises that close while one is.

    A crisis is open as long as a campaign runs, and opens at the latest in the period after one began: those periods
    are no choices. A case whose crises nobody tells has none of these rows.
    """
    state = crisis(panel)
    campaign, overt = panel["campaign"].values, (panel["force"].values >= OVERT).any(axis=1)
    case = np.arange(len(campaign))[:, None] == 0
    settled = panel["ceasefire"].values | panel["deal"].values
    at_risk = later & state.watched & lag(state.watched) & ~state.was & ~past.after_campaign & case
    opens = rows_of(
        at_risk,
        latent_a=latent[:, 0],
        latent_b=latent[:, 1],
        recent=past.crisis_recent.astype(float),
        force=past.own_last.any(axis=1).astype(float),
        y=state.opens * 1,
        n=1,
    )
    closes = rows_of(
        later & state.watched & state.open & ~campaign,
        case=case.astype(float),
        fresh=state.fresh,
        force=(overt | past.after_campaign).astype(float),
        settled=(settled | lag(settled)).astype(float),
        y=state.closes * 1,
        n=1,
    )
    return {"crisis_opens": collapse(opens, ["y", "n"]), "crisis_closes": collapse(closes, ["y", "n"])}


def spell_cells(panel: xr.Dataset, latent: np.ndarray) -> dict[str, pd.DataFrame]:
    """Campaign spells: halting period by period for the case, days of fighting for past crises, and their scope."""
    step = float(panel.attrs["period_days"])
    spells = panel[[v for v in panel.data_vars if str(v).startswith("spell_")]].to_dataframe()
    spells.columns = [c.removeprefix("spell_") for c in spells.columns]
    spells = spells.assign(spell=np.arange(len(spells)), case=(spells["episode"] == 0).astype(int))
    spells = spells[spells["episode"] >= 0]  # a panel may reserve spells, so that panels share their dims
    for name in ("ground_access", "chokepoint"):
        spells[name.removesuffix("_access")] = panel[name].values[spells["episode"]]
    halt = []
    for spell in spells[spells["case"] == 1].itertuples():
        lasted = round(spell.days / step)
        at = spell.onset + np.arange(1, lasted + 1)
        y = np.zeros(lasted, dtype=int)
        y[-1] = int(spell.halted)
        at = np.minimum(at, int(panel["length"].values[0]) - 1)
        known = np.ones(lasted, dtype=bool)
        if not spell.halted:  # it was seen to go on only as long as somebody watched
            watched = np.flatnonzero(panel["force_observed"].values[0, at[:-1]])
            known = np.arange(lasted) <= (watched[-1] if len(watched) else -1)
        rows = pd.DataFrame(
            {"spell": spell.spell, "latent_a": latent[0, 0, at], "latent_b": latent[0, 1, at], "ground": spell.ground,
             "y": y, "n": 1}
        )  # fmt: skip
        halt.append(rows[known])
    past = spells[spells["case"] == 0]
    days = past.assign(
        latent_a=latent[past["episode"], 0, past["onset"]], latent_b=latent[past["episode"], 1, past["onset"]]
    )[["spell", "latent_a", "latent_b", "ground", "days", "halted"]]
    dated = spells[spells["dated"]]
    covariates = ["case", "ground", "chokepoint"]
    opening = dated[covariates].assign(
        full=(dated["opening"] == FULL).astype(int), regional=(dated["opening"] == REGIONAL).astype(int)
    )
    widening = spells[[*covariates, "opening"]].assign(
        weeks=(spells["days"] / 7.0).clip(upper=ESCALATION_CAP_WEEKS),
        full=(spells["scope"] == FULL).astype(int),
        regional=(spells["scope"] == REGIONAL).astype(int),
    )
    ended = spells[spells["halted"]]
    empty = pd.DataFrame({"spell": [], "latent_a": [], "latent_b": [], "ground": [], "y": [], "n": []}).astype(int)
    return {
        "halt": pd.concat(halt) if halt else empty,
        "spell_days": days,
        "opening": opening,
        "widening": widening,
        "truce": pd.DataFrame({"y": ended["truce"].astype(int), "n": 1}),
    }
