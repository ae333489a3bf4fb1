"""One cell of the panel becomes one likelihood term: weighted rows for every node, equal rows collapsed."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from forecast.terms import DENSITIES, SIDES, SIGNAL_CHANNELS

OVERT_EFFECTS = (
    "overt_own_last",
    "overt_opponent_last",
    "overt_own_sub",
    "overt_opponent_sub",
    "overt_after_campaign",
    "overt_audience",
    "overt_truce_case",
    "overt_truce_past",
    "overt_case",
    "overt_outside_crisis",
)
OVERT, LEADERSHIP, CAMPAIGN, REGIONAL, FULL = 2, 3, 4, 5, 6  # categories of force
ESCALATION_CAP_WEEKS = 13.0  # a war that has not widened in a quarter tells little more about widening
PHASES = ("before", "during", "after")  # of a past crisis; resolve is constant within each
BLOCK = 32  # periods in a block of the autoregression
TRUCE_DAYS = 42
RECENT_DAYS = 28
RELAPSE_DAYS = 91
AUDIENCE = SIGNAL_CHANNELS.index("audience")
HIGHEST_LEVEL = 3.0
LEVEL_ERROR = 3  # classes of error: 0 none, 1-3 acts by confidence, 4-6 levels by confidence


class History(NamedTuple):
    """What the past periods tell each cell; arrays [episode, side, period] or [episode, period], lags already taken."""

    own_last: np.ndarray
    own_sub: np.ndarray
    own_big: np.ndarray
    audience: np.ndarray
    after_campaign: np.ndarray
    fought: np.ndarray
    truce: np.ndarray
    closure_recent: np.ndarray
    talks_recent: np.ndarray
    overt_recent: np.ndarray


def padded(length: int) -> int:
    """Length rounded up to whole blocks of the autoregression."""
    return BLOCK * math.ceil(length / BLOCK)


def lag(values: np.ndarray, periods: int = 1) -> np.ndarray:
    """Shift along the last axis by whole periods, filling with zero."""
    out = np.zeros_like(values)
    out[..., periods:] = values[..., : values.shape[-1] - periods]
    return out


def within(values: np.ndarray, days: int, period_days: int) -> np.ndarray:
    """Whether an event fell in the periods before this one, `days` back."""
    back = max(round(days / period_days), 1)
    before = np.concatenate([np.zeros((*values.shape[:-1], 1), dtype=int), np.cumsum(values, axis=-1)], axis=-1)
    now = np.arange(values.shape[-1])
    return before[..., now] > before[..., np.maximum(now - back, 0)]


def history(panel: xr.Dataset) -> History:
    """Lagged states of every episode, from its observed record."""
    step = int(panel.attrs["period_days"])
    force, campaign = panel["force"].values, panel["campaign"].values
    overt = force >= OVERT
    return History(
        own_last=lag(overt & ~campaign[:, None]),
        own_sub=lag(force == 1),
        own_big=lag(force >= CAMPAIGN),
        audience=lag(panel["signal"].values[..., AUDIENCE]) / HIGHEST_LEVEL,
        after_campaign=lag(campaign),
        fought=within(campaign, RELAPSE_DAYS, step),
        truce=within(panel["ceasefire"].values | panel["deal"].values, TRUCE_DAYS, step),
        closure_recent=within(panel["closure"].values, TRUCE_DAYS, step),
        talks_recent=within(panel["talks"].values, RECENT_DAYS, step),
        overt_recent=within(overt.any(axis=1) | campaign, RECENT_DAYS, step),
    )


def outside_crisis(panel: xr.Dataset) -> np.ndarray:
    """Whether a period belongs to the half-years before and after a past crisis [episode, period]."""
    return (np.arange(panel.sizes["episode"]) > 0)[:, None] & (panel["phase"].values != PHASES.index("during"))


def latent_index(panel: xr.Dataset) -> np.ndarray:
    """Position of each period in the flat latent vector [episode, side, period].

    First the case's steps by side, then past crises by side and phase (before, during and after the crisis).
    """
    episodes, periods = panel.sizes["episode"], panel.sizes["period"]
    steps = padded(int(panel["length"].values[0]))
    out = np.empty((episodes, 2, periods), dtype=int)
    out[0] = np.arange(2)[:, None] * steps + np.minimum(np.arange(periods), steps - 1)
    sides = 2 * np.arange(episodes - 1)[:, None] + np.arange(2)
    out[1:] = 2 * steps + sides[:, :, None] * len(PHASES) + panel["phase"].values[1:, None]
    return out


def dyads(panel: xr.Dataset) -> tuple[list[str], list[str], np.ndarray, np.ndarray]:
    """Names of dyads and of their sides, and the indices of each episode: dyad [episode], dyad side [episode, side]."""
    actors = panel["actor"].values
    pairs = ["-".join(sorted(pair)) for pair in actors]
    names = sorted(set(pairs))
    side_names = [f"{name}: {actor}" for name in names for actor in name.split("-")]
    dyad = np.array([names.index(pair) for pair in pairs])
    side = np.array(
        [[side_names.index(f"{pair}: {a}") for a in both] for pair, both in zip(pairs, actors, strict=True)]
    )
    return names, side_names, dyad, side


def node_tables(panel: xr.Dataset) -> dict[str, pd.DataFrame]:
    """Tables of likelihood terms, one per node of the model.

    Returns
    -------
    dict
        `overt` (counts n00, n10, n01, n11 of joint patterns), `onset_one`, `onset_both`, `halt`, `spell_days`,
        `opening`, `widening`, `participation`, `limited`, `leadership`, `symbolic`, `sub`, `closure`, `truce`,
        `talks`, `deal`, `signal`, `signal_step`; binary nodes have counts `y` (events) and `n` (trials). Columns
        `error` hold the class of coding error of a cell (see `record.panel`, confidence), 0 where nothing was coded.
    """
    past, latent = history(panel), latent_index(panel)
    inside = np.arange(panel.sizes["period"]) < panel["length"].values[:, None]
    later = inside & (np.arange(panel.sizes["period"]) > 0)  # the first period has no past
    seen = panel["force_observed"].values & later
    tables = _overt_cells(panel, past, latent, seen)
    tables |= _kind_cells(panel, past, latent, seen)
    tables |= _campaign_cells(panel, past, seen)
    tables |= _settlement_cells(panel, past, latent, later)
    tables |= _signal_cells(panel, past, latent, inside)
    return tables | _spell_cells(panel, latent)


def _rows(mask: np.ndarray, **columns: np.ndarray | float) -> pd.DataFrame:
    """One row for each cell of the mask, with the columns broadcast to its shape."""
    return pd.DataFrame({name: np.broadcast_to(values, mask.shape)[mask] for name, values in columns.items()})


def _collapse(table: pd.DataFrame, counts: list[str]) -> pd.DataFrame:
    """Add up the counts of rows that are equal in everything else."""
    keys = [c for c in table.columns if c not in counts]
    if table.empty:
        return table
    if not keys:
        return table[counts].sum().to_frame().T
    return table.groupby(keys, as_index=False, sort=False)[counts].sum()


def _patterns(a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    return {"n00": (~a & ~b) * 1, "n10": (a & ~b) * 1, "n01": (~a & b) * 1, "n11": (a & b) * 1}


def _overt_cells(panel: xr.Dataset, past: History, latent: np.ndarray, seen: np.ndarray) -> dict[str, pd.DataFrame]:
    force, campaign = panel["force"].values, panel["campaign"].values
    confidence = panel["force_confidence"].values
    overt, big, was = force >= OVERT, force >= CAMPAIGN, past.after_campaign
    case = np.arange(len(force))[:, None] == 0
    outside = outside_crisis(panel)
    *_, dyad_side = dyads(panel)
    free = seen & ~(was & campaign)
    columns: dict[str, np.ndarray] = {}
    for s, name in enumerate(SIDES):
        effects = (
            past.own_last[:, s],
            past.own_last[:, 1 - s],
            past.own_sub[:, s],
            past.own_sub[:, 1 - s],
            was,
            past.audience[:, s],
            past.truce & case,
            past.truce & ~case,
            np.broadcast_to(case, was.shape),
            outside,
        )
        columns |= {f"{e}_{name}": v.astype(float) for e, v in zip(OVERT_EFFECTS, effects, strict=True)}
        columns |= {f"latent_{name}": latent[:, s], f"dyad_{name}": dyad_side[:, s, None]}
        # nobody codes the quiet half-years of a narrative act by act: no row is invented there
        columns |= {f"error_{name}": np.where(overt[:, s] & ~outside, confidence[:, s], 0)}
    joint = _rows(free, **columns, **_patterns(overt[:, 0], overt[:, 1]))

    start = free & ~was & overt.any(axis=1)
    shared = {
        "episode": np.arange(len(force))[:, None],
        "after": past.own_last.any(axis=1).astype(float),
        "relapse": past.fought.astype(float),
    }
    both = _rows(start & overt.all(axis=1), **shared, latent_a=latent[:, 0], latent_b=latent[:, 1],
                 **_patterns(big[:, 0], big[:, 1]))  # fmt: skip
    alone = [
        _rows(start & overt[:, s] & ~overt[:, 1 - s], **shared, latent=latent[:, s], side=s, y=big[:, s] * 1, n=1)
        for s in range(2)
    ]
    counts = ["n00", "n10", "n01", "n11"]
    return {
        "overt": _collapse(joint, counts),
        "onset_both": _collapse(both, counts),
        "onset_one": _collapse(pd.concat(alone, ignore_index=True), ["y", "n"]),
    }


def _kind_cells(panel: xr.Dataset, past: History, latent: np.ndarray, seen: np.ndarray) -> dict[str, pd.DataFrame]:
    """Leadership and symbolic strikes and acts below the threshold, cells [episode, side, period]."""
    force, rung = panel["force"].values, panel["rung"].values
    overt = force >= OVERT
    case = (np.arange(len(force)) == 0)[:, None, None]
    single = seen[:, None] & overt & (force < CAMPAIGN) & ~panel["campaign"].values[:, None]
    reply = overt[:, ::-1] | past.own_last[:, ::-1]
    quiet = seen[:, None] & panel["sub_threshold_observed"].values[:, None] & ~overt & case
    base = {"latent": latent, "side": np.arange(2)[:, None], "case": case.astype(int)}
    tables = {
        "leadership": _rows(single, **base, y=(force == LEADERSHIP) * 1, n=1),
        "symbolic": _rows(single & (force == OVERT), reply=reply.astype(float), y=(rung == 3) * 1, n=1),
        "sub": _rows(
            quiet,
            **base,
            own_sub=past.own_sub.astype(float),
            opponent_sub=past.own_sub[:, ::-1].astype(float),
            error=np.where(force == 1, panel["force_confidence"].values, 0),
            y=(force == 1) * 1,
            n=1,
        ),
    }
    return {name: _collapse(table, ["y", "n"]) for name, table in tables.items()}


def _campaign_cells(panel: xr.Dataset, past: History, seen: np.ndarray) -> dict[str, pd.DataFrame]:
    """Who fights while a campaign runs, and acts of closing a chokepoint."""
    force, campaign = panel["force"].values, panel["campaign"].values
    big = force >= CAMPAIGN
    running = seen & campaign & past.after_campaign
    patterns = _patterns(big[:, 0], big[:, 1])
    patterns.pop("n00")
    took = _rows(
        running & big.any(axis=1), last_a=past.own_big[:, 0] * 1.0, last_b=past.own_big[:, 1] * 1.0, **patterns
    )
    limited = _rows(running[:, None] & ~big, y=(force >= OVERT) * 1, n=1)
    closure = _rows(
        seen & (panel["chokepoint"].values > 0)[:, None],
        campaign=campaign.astype(float),
        recent=past.closure_recent.astype(float),
        y=panel["closure"].values * 1,
        n=1,
    )
    return {
        "participation": _collapse(took, list(patterns)),
        "limited": _collapse(limited, ["y", "n"]),
        "closure": _collapse(closure, ["y", "n"]),
    }


def _settlement_cells(
    panel: xr.Dataset, past: History, latent: np.ndarray, later: np.ndarray
) -> dict[str, pd.DataFrame]:
    told, settled = panel["talks_observed"].values & later, panel["deal_observed"].values & later
    state = {
        "latent_a": latent[:, 0],
        "latent_b": latent[:, 1],
        "case": (np.arange(len(told))[:, None] == 0) * 1,
        "recent": past.talks_recent.astype(float),
        "truce": past.truce.astype(float),
    }
    fighting = (past.own_last.any(axis=1) | past.after_campaign).astype(float)
    talks = _rows(told, **state, fighting=fighting, y=panel["talks"].values * 1, n=1)
    deal = _rows(settled, **state, fighting=past.overt_recent.astype(float), y=panel["deal"].values * 1, n=1)
    return {"talks": _collapse(talks, ["y", "n"]), "deal": _collapse(deal, ["y", "n"])}


def _signal_cells(panel: xr.Dataset, past: History, latent: np.ndarray, inside: np.ndarray) -> dict[str, pd.DataFrame]:
    """Signals by channel, cells [episode, side, period, channel]."""
    level = panel["signal"].values
    confidence = panel["signal_confidence"].values
    seen = (panel["signal_observed"].values & inside[:, :, None])[:, None] & np.ones((1, 2, 1, 1), dtype=bool)
    density = np.where(panel["density"].values < 0, DENSITIES.index("regular"), panel["density"].values)
    base = {"channel": np.arange(len(SIGNAL_CHANNELS)), "latent": latent[..., None]}
    last = np.moveaxis(lag(np.moveaxis(level, -1, 2)), 2, -1) / HIGHEST_LEVEL
    incoming = past.own_last[:, ::-1] | past.after_campaign[:, None]
    diplomacy = np.arange(len(SIGNAL_CHANNELS)) == SIGNAL_CHANNELS.index("diplomacy")
    reported = _rows(
        seen,
        **base,
        side=np.arange(2)[:, None, None],
        opponent=np.where(diplomacy, latent[:, ::-1, :, None], 0),
        density=density[:, None, :, None],
        last=last,
        incoming=incoming[..., None].astype(float),
        audience=np.where(diplomacy, past.audience[..., None], 0.0),
        error=np.where(level >= 1, confidence, 0),
        y=(level >= 1) * 1,
        n=1,
    )
    steps = [
        _rows(seen & (level >= k), **base, step=k - 1, error=LEVEL_ERROR + confidence, y=(level > k) * 1, n=1)
        for k in (1, 2)
    ]
    return {
        "signal": _collapse(reported, ["y", "n"]),
        "signal_step": _collapse(pd.concat(steps, ignore_index=True), ["y", "n"]),
    }


def _spell_cells(panel: xr.Dataset, latent: np.ndarray) -> dict[str, pd.DataFrame]:
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
