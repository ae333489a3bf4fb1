"""One cell of the panel becomes one likelihood term: weighted rows for every node, equal rows collapsed."""

from __future__ import annotations

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
    "overt_truce_case",
    "overt_truce_past",
)
ESCALATION_CAP_WEEKS = 13.0  # a war that has not widened in a quarter tells little more about widening
PHASES = ("before", "during", "after")  # of a past crisis; resolve is constant within each
TRUCE_DAYS = 42
RECENT_DAYS = 28


class History(NamedTuple):
    """What the past periods tell each cell of one episode; arrays (side, period) or (period,), lags already taken."""

    own_last: np.ndarray
    own_sub: np.ndarray
    after_campaign: np.ndarray
    truce: np.ndarray
    campaign_last: np.ndarray
    closure_recent: np.ndarray
    talks_recent: np.ndarray
    overt_recent: np.ndarray


def lag(values: np.ndarray, periods: int = 1) -> np.ndarray:
    """Shift along the last axis by whole periods, filling with zero."""
    out = np.zeros_like(values)
    out[..., periods:] = values[..., : values.shape[-1] - periods]
    return out


def within(values: np.ndarray, days: int, period_days: int) -> np.ndarray:
    """Whether an event fell in the periods before this one, `days` back."""
    back = max(round(days / period_days), 1)
    return np.stack([lag(values, k) for k in range(1, back + 1)]).any(axis=0)


def history(panel: xr.Dataset, number: int) -> History:
    """Lagged states of one episode, from its observed record."""
    step = int(panel.attrs["period_days"])
    length = int(panel["length"].values[number])
    one = panel.isel(episode=number, period=slice(0, length))
    force = one["force"].values
    campaign = one["campaign"].values
    overt = (force >= 2).any(axis=0)
    return History(
        own_last=lag((force >= 2) & ~campaign),
        own_sub=lag(force == 1),
        after_campaign=lag(campaign),
        truce=within(one["ceasefire"].values | one["deal"].values, TRUCE_DAYS, step),
        campaign_last=lag(force >= 4),
        closure_recent=within(one["closure"].values, TRUCE_DAYS, step),
        talks_recent=within(one["talks"].values, RECENT_DAYS, step),
        overt_recent=within(overt | campaign, RECENT_DAYS, step),
    )


def latent_index(panel: xr.Dataset, number: int, side: int) -> np.ndarray:
    """Position of each period of (episode, side) in the flat latent vector [period].

    First the case's periods by side, then past crises by side and phase (before, during and after the crisis).
    """
    periods = int(panel["length"].values[0])
    if number == 0:
        return side * periods + np.arange(periods)
    phase = panel["phase"].values[number, : int(panel["length"].values[number])].astype(int)
    return 2 * periods + (2 * (number - 1) + side) * len(PHASES) + phase


def collapse(rows: list[pd.DataFrame], counts: list[str]) -> pd.DataFrame:
    """Stack rows and add up the counts of those that are equal in everything else."""
    filled = [r for r in rows if len(r)]
    if not filled:
        return rows[0]
    table = pd.concat(filled, ignore_index=True)
    keys = [c for c in table.columns if c not in counts]
    if not keys:
        return table[counts].sum().to_frame().T
    return table.groupby(keys, as_index=False, sort=False)[counts].sum()


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
        `talks`, `deal`, `signal`, `signal_step`; binary nodes have counts `y` (events) and `n` (trials).
    """
    *_, dyad_side = dyads(panel)
    parts: dict[str, list[pd.DataFrame]] = {}
    for number in range(panel.sizes["episode"]):
        for name, rows in _episode_cells(panel, number, dyad_side[number]).items():
            parts.setdefault(name, []).append(rows)
    counts = {"overt": ["n00", "n10", "n01", "n11"], "onset_both": ["n00", "n10", "n01", "n11"],
              "participation": ["n10", "n01", "n11"]}  # fmt: skip
    tables = {name: collapse(rows, counts.get(name, ["y", "n"])) for name, rows in parts.items()}
    return tables | _spell_cells(panel)


def _episode_cells(panel: xr.Dataset, number: int, dyad_side: np.ndarray) -> dict[str, pd.DataFrame]:
    past = history(panel, number)
    length = int(panel["length"].values[number])
    one = panel.isel(episode=number, period=slice(0, length))
    seen = one["force_observed"].values.copy()
    seen[0] = False  # the first period has no past
    cells = _force_cells(one, number, past, seen, dyad_side, panel)
    cells |= _dyad_cells(one, number, past, seen, panel)
    cells["signal"], cells["signal_step"] = _signal_cells(one, number, past, panel)
    return cells


def _force_cells(
    one: xr.Dataset, number: int, past: History, seen: np.ndarray, dyad_side: np.ndarray, panel: xr.Dataset
) -> dict[str, pd.DataFrame]:
    force, rung, campaign = one["force"].values, one["rung"].values, one["campaign"].values
    overt = force >= 2
    was = past.after_campaign.astype(bool)
    index = np.stack([latent_index(panel, number, s) for s in range(2)])
    case = int(number == 0)
    free = seen & ~(was & campaign)
    joint = pd.DataFrame({"latent_a": index[0], "latent_b": index[1], "dyad_a": dyad_side[0], "dyad_b": dyad_side[1]})
    for s, name in enumerate(SIDES):
        columns = {
            "overt_own_last": past.own_last[s],
            "overt_opponent_last": past.own_last[1 - s],
            "overt_own_sub": past.own_sub[s],
            "overt_opponent_sub": past.own_sub[1 - s],
            "overt_after_campaign": was,
            "overt_truce_case": past.truce & bool(case),
            "overt_truce_past": past.truce & (not case),
        }
        joint = joint.assign(**{f"{effect}_{name}": columns[effect].astype(float) for effect in OVERT_EFFECTS})
    patterns = {"n00": ~overt[0] & ~overt[1], "n10": overt[0] & ~overt[1], "n01": ~overt[0] & overt[1],
                "n11": overt[0] & overt[1]}  # fmt: skip
    overt_rows = joint.assign(**{k: v.astype(int) for k, v in patterns.items()})[free]

    start = free & ~was & overt.any(axis=0)
    after = past.own_last.any(axis=0)
    big = force >= 4
    onset = pd.DataFrame({"episode": number, "after": after.astype(float), "latent_a": index[0], "latent_b": index[1]})
    both = onset.assign(
        n00=(~big[0] & ~big[1]).astype(int),
        n10=(big[0] & ~big[1]).astype(int),
        n01=(~big[0] & big[1]).astype(int),
        n11=(big[0] & big[1]).astype(int),
    )[start & overt.all(axis=0)]
    single, lead, symbolic, sub = [], [], [], []
    for s in range(2):
        base = pd.DataFrame({"latent": index[s], "side": s, "case": case})
        alone = start & overt[s] & ~overt[1 - s]
        single.append(onset.assign(latent=index[s], side=s, y=big[s].astype(int), n=1)[alone])
        act = seen & overt[s] & ~big[s] & ~campaign
        lead.append(base.assign(y=(force[s] == 3).astype(int), n=1)[act])
        reply = (overt[1 - s] | past.own_last[1 - s].astype(bool)).astype(float)
        limited = act & (force[s] == 2)
        symbolic.append(pd.DataFrame({"reply": reply, "y": (rung[s] == 3).astype(int), "n": 1})[limited])
        quiet = seen & one["sub_threshold_observed"].values & ~overt[s] & bool(case)
        lags = base.assign(own_sub=past.own_sub[s].astype(float), opponent_sub=past.own_sub[1 - s].astype(float))
        sub.append(lags.assign(y=(force[s] == 1).astype(int), n=1)[quiet])
    return {
        "overt": overt_rows,
        "onset_both": both,
        "onset_one": pd.concat(single).drop(columns=["latent_a", "latent_b"]),
        "leadership": pd.concat(lead),
        "symbolic": pd.concat(symbolic),
        "sub": pd.concat(sub),
    }


def _dyad_cells(
    one: xr.Dataset, number: int, past: History, seen: np.ndarray, panel: xr.Dataset
) -> dict[str, pd.DataFrame]:
    index = [latent_index(panel, number, s) for s in range(2)]
    force, campaign = one["force"].values, one["campaign"].values
    big, case = force >= 4, int(number == 0)
    running = seen & campaign & past.after_campaign.astype(bool)
    pair = pd.DataFrame({"latent_a": index[0], "latent_b": index[1], "case": case})
    took = pair[[]].assign(last_a=past.campaign_last[0].astype(float), last_b=past.campaign_last[1].astype(float))
    took = took.assign(n10=(big[0] & ~big[1]).astype(int), n01=(~big[0] & big[1]).astype(int),
                       n11=(big[0] & big[1]).astype(int))[running & big.any(axis=0)]  # fmt: skip
    limited = [pd.DataFrame({"y": (force[s] >= 2).astype(int), "n": 1})[running & ~big[s]] for s in range(2)]
    closable = seen & bool(one["chokepoint"])
    closure = pd.DataFrame(
        {
            "campaign": campaign.astype(float),
            "recent": past.closure_recent.astype(float),
            "y": one["closure"].values.astype(int),
            "n": 1,
        }
    )[closable]
    told = one["talks_observed"].values & (np.arange(len(seen)) > 0)
    state = pair.assign(recent=past.talks_recent.astype(float), truce=past.truce.astype(float))
    talks = state.assign(fighting=(past.own_last.any(axis=0) | past.after_campaign).astype(float),
                         y=one["talks"].values.astype(int), n=1)[told]  # fmt: skip
    settled = bool(one["talks"].values.any() or one["deal"].values.any() or case)
    deal = state.assign(fighting=past.overt_recent.astype(float), y=one["deal"].values.astype(int), n=1)
    return {
        "participation": took,
        "limited": pd.concat(limited),
        "closure": closure,
        "talks": talks,
        "deal": deal[told & settled],
    }


def _signal_cells(one: xr.Dataset, number: int, past: History, panel: xr.Dataset) -> tuple[pd.DataFrame, pd.DataFrame]:
    any_rows, step_rows = [], []
    density = one["density"].values
    regular = DENSITIES.index("regular")
    for s in range(2):
        incoming = (past.own_last[1 - s] | past.after_campaign).astype(float)
        for c in range(len(SIGNAL_CHANNELS)):
            level = one["signal"].values[s, :, c]
            base = pd.DataFrame({"channel": c, "side": s, "latent": latent_index(panel, number, s)})
            opponent = latent_index(panel, number, 1 - s)
            cells = base.assign(
                opponent=opponent,
                density=np.where(density < 0, regular, density),
                last=lag(level) / 3.0,
                incoming=incoming,
                y=(level >= 1).astype(int),
                n=1,
            )
            any_rows.append(cells[one["signal_observed"].values[:, c]])
            for k in (1, 2):
                at = (level >= k) & one["signal_observed"].values[:, c]
                step_rows.append(base.drop(columns="side").assign(step=k - 1, y=(level > k).astype(int), n=1)[at])
    return pd.concat(any_rows), pd.concat(step_rows)


def _spell_cells(panel: xr.Dataset) -> dict[str, pd.DataFrame]:
    """Campaign spells: halting period by period for the case, days of fighting for past crises, and their scope."""
    step = float(panel.attrs["period_days"])
    spells = panel[[v for v in panel.data_vars if str(v).startswith("spell_")]].to_dataframe()
    spells.columns = [c.removeprefix("spell_") for c in spells.columns]
    spells = spells.assign(spell=np.arange(len(spells)), case=(spells["episode"] == 0).astype(int))
    spells["ground"] = panel["ground_access"].values[spells["episode"]]
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
            {
                "spell": spell.spell,
                "latent_a": latent_index(panel, 0, 0)[at],
                "latent_b": latent_index(panel, 0, 1)[at],
                "ground": spell.ground,
                "y": y,
                "n": 1,
            }
        )
        halt.append(rows[known])
    past = spells[spells["case"] == 0]
    days = past.assign(
        latent_a=[latent_index(panel, e, 0)[t] for e, t in zip(past["episode"], past["onset"], strict=True)],
        latent_b=[latent_index(panel, e, 1)[t] for e, t in zip(past["episode"], past["onset"], strict=True)],
    )[["spell", "latent_a", "latent_b", "ground", "days", "halted"]]
    dated = spells[spells["dated"]]
    opening = dated[["case", "ground"]].assign(
        full=(dated["opening"] == 6).astype(int), regional=(dated["opening"] == 5).astype(int)
    )
    weeks = (spells["days"] / 7.0).clip(upper=ESCALATION_CAP_WEEKS)
    widening = spells[["case", "ground", "opening"]].assign(
        weeks=weeks,
        full=(spells["scope"] == 6).astype(int),
        regional=(spells["scope"] == 5).astype(int),
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
