"""From coded moves to what each side did to the other: sides, categories of force, signal channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import UsageError
from forecast.terms import CAMPAIGN_RUNG, SIGNAL_CHANNELS, TRACK_RECORD

if TYPE_CHECKING:
    from forecast.record.read import Record

SETTLING_LEVEL = 2  # a deal below this level is routine and settles nothing
TALKS_LEVEL = 2  # contacts below this level are not counted as talks


class Case(NamedTuple):
    """The rivalry that is forecast: its episode id, what it is called, and where its panel starts."""

    episode_id: str
    title: str
    side_a: str
    side_b: str
    short_a: str
    short_b: str
    panel_start: pd.Timestamp


def find_case(record: Record, case: str | None = None) -> Case:
    """Return the named case of a record, or its first one.

    Raises
    ------
    UsageError
        The record declares no such case; the message lists those it has.
    """
    known = {entry.id: entry for entry in record.config.cases}
    chosen = case if case is not None else next(iter(known), None)
    if chosen is None or chosen not in known:
        listed = ", ".join(known) or "none"
        raise UsageError(f"{record.path}: no case {chosen!r} in record.yaml; it declares: {listed}")
    entry = known[chosen]
    return Case(
        entry.id,
        entry.title,
        entry.side_a.name,
        entry.side_b.name,
        entry.side_a.short,
        entry.side_b.short,
        pd.Timestamp(entry.panel_start),
    )


def case_moves(record: Record, case: Case) -> pd.DataFrame:
    """Moves of a case: its own chronology, or, where it has none, the moves of its crises."""
    moves = record.moves
    own = moves[moves["episode_id"] == case.episode_id]
    if len(own):
        return own
    crises = record.episodes.loc[record.episodes["case_id"] == case.episode_id, "episode_id"]
    return moves[moves["episode_id"].isin(crises)]


def reference_episodes(record: Record, case: Case) -> pd.DataFrame:
    """Crises that serve as reference class: all but those that the case's own panel already holds."""
    episodes = record.episodes
    crises = episodes[episodes["kind"] == "crisis"]
    inside = (crises["case_id"] == case.episode_id) & (crises["start"] >= case.panel_start)
    return crises[~inside].sort_values(["start", "episode_id"])


def with_sides(record: Record, moves: pd.DataFrame, episode_id: str) -> pd.DataFrame:
    """Add side and role of actor and target, as seen from one episode, and what the move counts as.

    Returns
    -------
    DataFrame
        `moves` with columns `side`, `role`, `target_side`, `target_role` and
        `category` (0-6, see `terms.FORCE`; 0 for all that is not force between the sides),
        `closure`, `talks`, `deal`, `ceasefire` (bool), `signal` (panel channel or ""), `track` (side whose track
        record it changes: the actor's, or the target's where the actor has none).
    """
    sides = record.sides
    fallback = sides[sides["episode_id"].isin(moves["episode_id"].unique())]
    own = sides[sides["episode_id"] == episode_id]
    known = pd.concat([own, fallback]).drop_duplicates("actor").set_index("actor")
    out = moves.assign(
        side=moves["actor"].map(known["side"]).fillna("none"),
        role=moves["actor"].map(known["role"]).fillna("observer"),
        target_side=moves["target"].map(known["side"]).fillna("none"),
        target_role=moves["target"].map(known["role"]).fillna("observer"),
    )
    between = out["side"].isin(["a", "b"]) & out["target_side"].isin(["a", "b"]) & (out["side"] != out["target_side"])
    direct = between & out["role"].isin(["lead", "member"]) & (out["target_role"] != "proxy")
    force = out["channel"] == "force"
    closure = force & (out["type"] == "chokepoint_closure")
    rung = out["rung"].fillna(0).astype(int)
    category = rung.map({0: 0, 1: 1, 2: 1, 3: 2, 4: 2, 5: 3, CAMPAIGN_RUNG: 4, 7: 5, 8: 6}).astype(int)
    category = category.where(direct & ~closure, category.clip(upper=1)).where(between & force, 0)
    settling = between & (out["role"] != "proxy") & (out["target_role"] != "proxy")
    level = out["level"].fillna(0).astype(int)
    return out.assign(
        category=category,
        direct_rung=rung.where(direct & force & ~closure, 0),
        closure=closure & direct,
        talks=settling & (out["type"] == "talks") & (level >= TALKS_LEVEL),
        deal=settling & (out["type"] == "deal") & (level >= SETTLING_LEVEL),
        ceasefire=settling & (out["type"] == "ceasefire"),
        signal=[
            signal_channel(c, t, d) if r in ("lead", "member") else ""
            for c, t, d, r in zip(out["channel"], out["type"], out["direction"], out["role"], strict=True)
        ],
        track=np.where(
            (out["channel"] == "credibility") & out["type"].isin(TRACK_RECORD),
            out["side"].where(out["side"].isin(["a", "b"]), out["target_side"]),
            "none",
        ),
    )


def signal_channel(channel: str, move_type: str, direction: str) -> str:
    """Panel channel of a move: conciliatory forms of any channel are diplomacy, a rejection or walkout is verbal."""
    if channel in ("force", "credibility"):
        return ""
    if channel == "audience":
        return "" if direction == "deescalatory" else "audience"
    if channel == "diplomacy":
        return "verbal" if direction == "escalatory" or move_type in ("rejection", "walkout") else "diplomacy"
    if direction == "deescalatory":
        return "diplomacy"
    return channel if channel in SIGNAL_CHANNELS else ""
