"""From coded moves to what each side did to the other: sides, categories of force, signal channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import UsageError
from forecast.record.asof import known_by
from forecast.terms import CAMPAIGN_RUNG, SIGNAL_CHANNELS, TRACK_RECORD

if TYPE_CHECKING:
    import datetime as dt

    from forecast.record.read import Record

SETTLING_LEVEL = 2  # a deal below this level is routine and settles nothing
TALKS_LEVEL = 2  # contacts below this level are not counted as talks
QUIET_DAYS = 182  # days before the onset and after the end of a crisis that belong to its panel
SETTLING = ("talks", "deal", "ceasefire")


class Case(NamedTuple):
    """The rivalry that is forecast: its episode id, what it is called, and where its panel starts.

    `crisis` tells that it is a past crisis of the record, not a case that ``record.yaml`` declares.
    """

    episode_id: str
    title: str
    side_a: str
    side_b: str
    short_a: str
    short_b: str
    panel_start: pd.Timestamp
    crisis: bool = False


def find_case(record: Record, case: str | None = None) -> Case:
    """Return the named case of a record, or its first one; a past crisis is a case whose panel starts 26 weeks before.

    Raises
    ------
    UsageError
        The record declares no such case, and knows no such crisis by its as-of day; the message lists the cases.
    """
    known = {entry.id: entry for entry in record.config.cases}
    chosen = case if case is not None else next(iter(known), None)
    crisis = record.episodes[(record.episodes["episode_id"] == chosen) & (record.episodes["kind"] == "crisis")]
    if chosen not in known and len(crisis):
        return _crisis_as_case(record, crisis.iloc[-1])
    if chosen is None or chosen not in known:
        listed = ", ".join(known) or "none"
        raise UsageError(
            f"{record.path}: no case {chosen!r} in record.yaml, nor a crisis of that id that is known by the as-of "
            f"day; the record declares: {listed}"
        )
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


def _crisis_as_case(record: Record, row: pd.Series) -> Case:
    names = record.actors.drop_duplicates("actor_id", keep="last").set_index("actor_id")["name"]
    a, b = str(row["challenger"]), str(row["target"])
    start = row["start"] - pd.Timedelta(days=QUIET_DAYS)
    return Case(row["episode_id"], row["name"], names.get(a, a), names.get(b, b), a, b, start, crisis=True)


def case_moves(record: Record, case: Case) -> pd.DataFrame:
    """Moves of a case: its own chronology, or, where it has none, the moves of its crises.

    Of a past crisis these are its own moves, and force, talks, deals and cease-fires between its two sides that other
    episodes of the record tell: what happened between them is the same, whoever tells it.
    """
    moves = record.moves
    own = moves[moves["episode_id"] == case.episode_id]
    if case.crisis:
        elsewhere = moves[moves["episode_id"] != case.episode_id]
        return pd.concat([own, elsewhere[_between_sides(record, elsewhere, case.episode_id)]])
    if len(own):
        return own
    crises = record.episodes.loc[record.episodes["case_id"] == case.episode_id, "episode_id"]
    return moves[moves["episode_id"].isin(crises)]


def _between_sides(record: Record, moves: pd.DataFrame, episode_id: str) -> pd.Series:
    """Whether a move is force or a settlement between actors that stand on opposite sides in an episode."""
    sides = record.sides[(record.sides["episode_id"] == episode_id) & record.sides["side"].isin(["a", "b"])]
    side = sides.drop_duplicates("actor", keep="last").set_index("actor")["side"]
    actor, target = moves["actor"].map(side), moves["target"].map(side)
    acts = (moves["channel"] == "force") | moves["type"].isin(SETTLING)
    return actor.notna() & target.notna() & (actor != target) & acts


def reference_episodes(record: Record, case: Case) -> pd.DataFrame:
    """Crises that serve as reference class: all but those that the case's own panel already holds.

    For a past crisis as the case: only crises known to be over, never itself, and none of the same story or between
    the same two leads that overlaps its panel in time.
    """
    episodes = record.episodes
    crises = episodes[episodes["kind"] == "crisis"]
    if case.crisis:
        crises = _over_and_apart(record, crises, case)
    else:
        crises = crises[~((crises["case_id"] == case.episode_id) & (crises["start"] >= case.panel_start))]
    return crises.sort_values(["start", "episode_id"])


def _over_and_apart(record: Record, crises: pd.DataFrame, case: Case) -> pd.DataFrame:
    own = crises[crises["episode_id"] == case.episode_id].iloc[0]
    last = pd.to_datetime(record.outcomes.groupby("episode_id")["date"].max())
    ended = pd.Series(last.reindex(crises["episode_id"]).to_numpy(), index=crises.index)
    pairs = zip(crises["challenger"], crises["target"], strict=True)
    leads = [{*pair} == {own["challenger"], own["target"]} for pair in pairs]
    story = (crises["cluster"] == own["cluster"]) | ((crises["case_id"] == own["case_id"]) & (own["case_id"] != ""))
    same = story | pd.Series(leads, index=crises.index, dtype=bool)
    apart = (crises["episode_id"] != case.episode_id) & ~(same & (ended >= case.panel_start))
    return crises[ended.notna() & apart]


def pose(record: Record, case: str, day: dt.date) -> Record:
    """Return what is known by a day, versions included, with the case defined even if its crisis begins later.

    A question names its two sides. That is no fact of the crisis, so the first version of the crisis's row (without
    the demand), its sides, their actors and the stretch that was watched before the onset may be known by then; all
    else must wait for its `known_date`.

    Parameters
    ----------
    record : Record
        A full record, with the versions that were superseded later.
    case : str
        Id of a case or of a past crisis.
    day : date
        Last day whose knowledge counts.

    Returns
    -------
    Record
        Nothing in it is known after `day`; :func:`forecast.record.as_of` gives it as it stood on any day up to then.
    """
    seen = known_by(record, day)
    row = record.episodes[(record.episodes["episode_id"] == case) & (record.episodes["kind"] == "crisis")]
    row = row.sort_values("known_date", kind="stable").iloc[:1]
    if row.empty or row["known_date"].iloc[0] <= pd.Timestamp(day):
        return seen
    onset = row["known_date"].iloc[0]
    sides = record.sides[(record.sides["episode_id"] == case) & (record.sides["known_date"] <= onset)]
    sides = sides[sides["side"].isin(["a", "b"])]
    watched = record.coverage[(record.coverage["episode_id"] == case) & (record.coverage["known_date"] <= onset)]
    actors = record.actors[record.actors["actor_id"].isin(sides["actor"]) & (record.actors["known_date"] <= onset)]
    added = {
        "episodes": row.assign(demand=""),
        "sides": sides,
        "coverage": watched[watched["end"].isna()],
        "actors": actors[~actors["actor_id"].isin(seen.actors["actor_id"])],
    }
    now = pd.Timestamp(day).as_unit("s")
    tables = {name: pd.concat([seen.tables[name], rows.assign(known_date=now)], ignore_index=True)
              for name, rows in added.items()}  # fmt: skip
    return seen.with_tables({**seen.tables, **tables})


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
    return _counted(
        moves.assign(
            side=moves["actor"].map(known["side"]).fillna("none"),
            role=moves["actor"].map(known["role"]).fillna("observer"),
            target_side=moves["target"].map(known["side"]).fillna("none"),
            target_role=moves["target"].map(known["role"]).fillna("observer"),
        )
    )


def with_own_sides(record: Record, moves: pd.DataFrame) -> pd.DataFrame:
    """The same for moves of many episodes at once, each as seen from its own."""
    known = record.sides.drop_duplicates(["episode_id", "actor"]).set_index(["episode_id", "actor"])
    found = {}
    for actor, prefix in (("actor", ""), ("target", "target_")):
        rows = known.reindex(pd.MultiIndex.from_frame(moves[["episode_id", actor]]))
        found[f"{prefix}side"] = rows["side"].fillna("none").to_numpy()
        found[f"{prefix}role"] = rows["role"].fillna("observer").to_numpy()
    return _counted(moves.assign(**found))


def _counted(out: pd.DataFrame) -> pd.DataFrame:
    """Add what each move counts as, from the sides and roles of actor and target."""
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
