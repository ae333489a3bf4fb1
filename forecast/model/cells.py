"""One cell of the panel becomes one likelihood term: weighted rows for every node, equal rows collapsed."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import xarray as xr

from forecast.model.course import crisis_cells, spell_cells
from forecast.model.past import (
    CAMPAIGN,
    HIGHEST_LEVEL,
    LEADERSHIP,
    OVERT,
    History,
    crisis,
    history,
    lag,
)
from forecast.model.rows import collapse, rows_of
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
    "overt_between_crises",
    "overt_outside_crisis",
    "overt_fresh_crisis",
)
PHASES = ("before", "during", "after")  # of a past crisis; resolve is constant within each
BLOCK = 32  # periods in a block of the autoregression
LEVEL_ERROR = 3  # classes of error: 0 none, 1-3 acts by confidence, 4-6 levels by confidence


def padded(length: int) -> int:
    """Length rounded up to whole blocks of the autoregression."""
    return BLOCK * math.ceil(length / BLOCK)


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
        `talks`, `deal`, `crisis_opens`, `crisis_closes`, `signal`, `signal_step`; binary nodes have counts `y`
        (events) and `n` (trials). Columns `error` hold the class of coding error of a cell (see `record.panel`,
        confidence), 0 where nothing was coded.
    """
    past, latent = history(panel), latent_index(panel)
    inside = np.arange(panel.sizes["period"]) < panel["length"].values[:, None]
    later = inside & (np.arange(panel.sizes["period"]) > 0)  # the first period has no past
    seen = panel["force_observed"].values & later
    tables = _overt_cells(panel, past, latent, seen)
    tables |= _kind_cells(panel, past, latent, seen)
    tables |= _campaign_cells(panel, past, seen)
    tables |= _settlement_cells(panel, past, latent, later)
    tables |= crisis_cells(panel, past, latent, later)
    tables |= _signal_cells(panel, past, latent, inside)
    return tables | spell_cells(panel, latent)


def _patterns(a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    return {"n00": (~a & ~b) * 1, "n10": (a & ~b) * 1, "n01": (~a & b) * 1, "n11": (a & b) * 1}


def _overt_cells(panel: xr.Dataset, past: History, latent: np.ndarray, seen: np.ndarray) -> dict[str, pd.DataFrame]:
    force, campaign = panel["force"].values, panel["campaign"].values
    confidence = panel["force_confidence"].values
    overt, big, was = force >= OVERT, force >= CAMPAIGN, past.after_campaign
    case = np.arange(len(force))[:, None] == 0
    state = crisis(panel)
    outside = ~case & ~state.open
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
            case & ~state.open,
            outside,
            state.fresh,
        )
        columns |= {f"{e}_{name}": v.astype(float) for e, v in zip(OVERT_EFFECTS, effects, strict=True)}
        columns |= {f"latent_{name}": latent[:, s], f"dyad_{name}": dyad_side[:, s, None]}
        # nobody codes the quiet half-years of a narrative act by act: no row is invented there
        columns |= {f"error_{name}": np.where(overt[:, s] & ~outside, confidence[:, s], 0)}
    joint = rows_of(free, **columns, **_patterns(overt[:, 0], overt[:, 1]))

    start = free & ~was & overt.any(axis=1)
    shared = {
        "episode": np.arange(len(force))[:, None],
        "after": past.own_last.any(axis=1).astype(float),
        "relapse": past.fought.astype(float),
    }
    both = rows_of(start & overt.all(axis=1), **shared, latent_a=latent[:, 0], latent_b=latent[:, 1],
                 **_patterns(big[:, 0], big[:, 1]))  # fmt: skip
    alone = [
        rows_of(start & overt[:, s] & ~overt[:, 1 - s], **shared, latent=latent[:, s], side=s, y=big[:, s] * 1, n=1)
        for s in range(2)
    ]
    counts = ["n00", "n10", "n01", "n11"]
    return {
        "overt": collapse(joint, counts),
        "onset_both": collapse(both, counts),
        "onset_one": collapse(pd.concat(alone, ignore_index=True), ["y", "n"]),
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
        "leadership": rows_of(single, **base, y=(force == LEADERSHIP) * 1, n=1),
        "symbolic": rows_of(single & (force == OVERT), reply=reply.astype(float), y=(rung == 3) * 1, n=1),
        "sub": rows_of(
            quiet,
            **base,
            own_sub=past.own_sub.astype(float),
            opponent_sub=past.own_sub[:, ::-1].astype(float),
            error=np.where(force == 1, panel["force_confidence"].values, 0),
            y=(force == 1) * 1,
            n=1,
        ),
    }
    return {name: collapse(table, ["y", "n"]) for name, table in tables.items()}


def _campaign_cells(panel: xr.Dataset, past: History, seen: np.ndarray) -> dict[str, pd.DataFrame]:
    """Who fights while a campaign runs, and acts of closing a chokepoint."""
    force, campaign = panel["force"].values, panel["campaign"].values
    big = force >= CAMPAIGN
    running = seen & campaign & past.after_campaign
    patterns = _patterns(big[:, 0], big[:, 1])
    patterns.pop("n00")
    took = rows_of(
        running & big.any(axis=1), last_a=past.own_big[:, 0] * 1.0, last_b=past.own_big[:, 1] * 1.0, **patterns
    )
    limited = rows_of(running[:, None] & ~big, y=(force >= OVERT) * 1, n=1)
    closure = rows_of(
        seen & (panel["chokepoint"].values > 0)[:, None],
        campaign=campaign.astype(float),
        recent=past.closure_recent.astype(float),
        y=panel["closure"].values * 1,
        n=1,
    )
    return {
        "participation": collapse(took, list(patterns)),
        "limited": collapse(limited, ["y", "n"]),
        "closure": collapse(closure, ["y", "n"]),
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
    talks = rows_of(told, **state, fighting=fighting, y=panel["talks"].values * 1, n=1)
    deal = rows_of(settled, **state, fighting=past.overt_recent.astype(float), y=panel["deal"].values * 1, n=1)
    return {"talks": collapse(talks, ["y", "n"]), "deal": collapse(deal, ["y", "n"])}


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
    reported = rows_of(
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
        rows_of(seen & (level >= k), **base, step=k - 1, error=LEVEL_ERROR + confidence, y=(level > k) * 1, n=1)
        for k in (1, 2)
    ]
    return {
        "signal": collapse(reported, ["y", "n"]),
        "signal_step": collapse(pd.concat(steps, ignore_index=True), ["y", "n"]),
    }
