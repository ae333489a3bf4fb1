"""Shared steps of the importers: mirrored acts, sides, outcomes read off acts, and the tables of a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from forecast.record.columns import TABLES
from forecast.record.importers.draft import Act, Draft
from forecast.record.importers.states import is_nuclear
from forecast.record.rules import ladder_places
from forecast.record.vocabulary import DIRECTION, PLOVER
from forecast.terms import CAMPAIGN_RUNG, DIRECT_RUNG, OVERT_RUNG, TYPES_BY_CHANNEL

CHANNEL_OF: Final[dict[str, str]] = {kind: name for name, kinds in TYPES_BY_CHANNEL.items() for kind in kinds}
CAMPAIGN_STRIKE_DAYS: Final = 3
CAMPAIGN_WITHIN: Final = 14
CAMPAIGN_RULE: Final = (
    f"sustained_campaign, rung 6, from the {CAMPAIGN_STRIKE_DAYS}rd day on which one side struck within "
    f"{CAMPAIGN_WITHIN} days; decided by what had happened up to the act only"
)
_REPLY: Final = {0: "none", 1: "proxy", 2: "proxy", 3: "symbolic", 4: "bounded", 5: "bounded", 6: "bounded"}


def month_end(days: pd.Series) -> pd.Series:
    """Return the last day of each day's month."""
    return days + pd.offsets.MonthEnd(0)


def as_moves(codes: pd.Series, meanings: Mapping[Any, Act]) -> dict[str, pd.Series]:
    """Return ``type``, ``level`` and ``rung`` of each code; missing where the code has no meaning."""
    return {name: codes.map({code: getattr(act, name) for code, act in meanings.items()}) for name in Act._fields}


def mirrored(acts: pd.DataFrame, undirected: pd.Series) -> pd.DataFrame:
    """Give acts without an attacker to both sides: each of the two is actor once and target once.

    The dead stand on the first of the two rows only, so that they are counted once. Ids end in ``.1`` and ``.2``.
    """
    first, second = acts[undirected].copy(), acts[undirected].copy()
    second["actor"], second["target"] = first["target"], first["actor"]
    first["move_id"] += ".1"
    second["move_id"] += ".2"
    second[["fatalities_low", "fatalities_high"]] = pd.NA
    both = pd.concat([acts[~undirected].assign(undirected=False), first.assign(undirected=True), second])
    return both.assign(undirected=both["undirected"].fillna(True).astype(bool)).sort_index(kind="stable")


def in_campaign(acts: pd.DataFrame) -> pd.Series:
    """Return which strikes of rung 4 were by then part of a campaign: a side's third day of strikes in a fortnight.

    Only what happened up to the act decides, so that no act tells what came after it.

    Parameters
    ----------
    acts : DataFrame
        With ``episode_id``, ``side``, ``date``, ``date_precision`` and ``rung``.
    """
    strikes = acts[acts["rung"].ge(DIRECT_RUNG) & acts["date_precision"].eq("day")]
    days = strikes[["episode_id", "side", "date"]].drop_duplicates().sort_values("date", kind="stable")
    before = days.groupby(["episode_id", "side"], sort=False)["date"].shift(CAMPAIGN_STRIKE_DAYS - 1)
    days = days[(days["date"] - before).dt.days.lt(CAMPAIGN_WITHIN)]
    going = pd.MultiIndex.from_frame(acts[["episode_id", "side", "date"]]).isin(pd.MultiIndex.from_frame(days))
    return pd.Series(going, index=acts.index) & acts["rung"].eq(DIRECT_RUNG) & acts["date_precision"].eq("day")


def side_rows(episodes: pd.DataFrame, joined: pd.DataFrame) -> pd.DataFrame:
    """Return rows of ``sides.csv``: the two leads from the onset, and `joined` (episode_id, actor, side, role, day).

    A later row about the same actor is a new version; rows about leads are left out of `joined`.
    """
    leads = [
        episodes[["episode_id", column, "known_date"]].set_axis(["episode_id", "actor", "known_date"], axis=1)
        .assign(side=side, role="lead")
        for side, column in (("a", "challenger"), ("b", "target"))
    ]  # fmt: skip
    both = pd.concat(leads)
    named = pd.MultiIndex.from_frame(both[["episode_id", "actor"]])
    others = joined[~pd.MultiIndex.from_frame(joined[["episode_id", "actor"]]).isin(named)]
    others = others.sort_values("known_date", kind="stable").drop_duplicates(["episode_id", "actor", "known_date"])
    return pd.concat([both, others], ignore_index=True)


def with_observers(members: pd.DataFrame, acts: pd.DataFrame) -> pd.DataFrame:
    """Add everyone named by an act before being on a side as an observer, from the first act that names them."""
    named = pd.concat(
        [acts[["episode_id", name, "known_date"]].set_axis(["episode_id", "actor", "known_date"], axis=1)
         for name in ("actor", "target")]
    )  # fmt: skip
    key = ["episode_id", "actor"]
    named = named.groupby(key, as_index=False, sort=False)["known_date"].min()
    first = members.groupby(key, as_index=False)["known_date"].min()
    named = named.merge(first, on=key, how="left", suffixes=("", "_side"))
    new = named[~(named["known_date_side"] <= named["known_date"])].drop(columns="known_date_side")
    return pd.concat([members, new.assign(side="none", role="observer")], ignore_index=True)


def outcome_rows(episodes: pd.DataFrame, members: pd.DataFrame, acts: pd.DataFrame, ends: pd.DataFrame) -> pd.DataFrame:
    """Read the course of each ended episode off its acts.

    Parameters
    ----------
    episodes : DataFrame
        Episodes.
    members : DataFrame
        Sides; the last version of an actor counts.
    acts : DataFrame
        Acts with their sides to be looked up in `members`.
    ends : DataFrame
        Index episode_id; ``date``, ``date_precision``, ``known_date``, ``ended_by``, ``name``, ``summary``, and, where
        the data set says more than its acts, ``max_a`` and ``max_b`` (<NA>: not known).

    Returns
    -------
    DataFrame
        Rows of ``outcomes.csv``. The place on the ladder is blank where rungs and ending leave it open.
    """
    latest = members.sort_values("known_date", kind="stable").drop_duplicates(["episode_id", "actor"], keep="last")
    found = acts[["episode_id", "actor"]].merge(latest, on=["episode_id", "actor"], how="left")
    own = found["role"].isin(["lead", "member"]).to_numpy()
    force = acts.assign(side=found["side"].where(own, "none").to_numpy())
    starts = episodes.set_index("episode_id")["start"]
    force = force[force["rung"].fillna(0).gt(0) & force["date"].ge(force["episode_id"].map(starts))]
    if "undirected" not in force:
        force = force.assign(undirected=False)
    groups = dict(iter(force.sort_values("date", kind="stable").groupby("episode_id", sort=False)))
    rows = []
    for episode, end in ends.iterrows():
        row = end.drop(["max_a", "max_b"], errors="ignore").to_dict()
        row |= {"outcome_id": episode, "episode_id": episode, "start": starts[str(episode)], "status": "closed"}
        rows.append(row | _course(groups.get(str(episode)), end))
    return pd.DataFrame(rows)


def _course(force: pd.DataFrame | None, end: pd.Series) -> dict[str, object]:
    top = {"a": end.get("max_a", 0), "b": end.get("max_b", 0)}
    course: dict[str, object] = {"first_strike_rung": 0, "retaliation_rung": 0, "retaliation_mode": "none"}
    if force is not None:
        highest = force.groupby("side")["rung"].max()
        top = {
            side: top[side] if pd.isna(top[side]) else max(int(top[side]), int(highest.get(side, 0))) for side in top
        }
        course |= _opening(force) | {"days_of_fighting": _days(force)}
    elif any(pd.isna(value) or value for value in top.values()):
        course = {"first_strike_rung": pd.NA, "retaliation_rung": pd.NA}
    course |= {"max_rung_a": top["a"], "max_rung_b": top["b"]}
    if any(pd.isna(value) for value in top.values()):
        return course | {"max_rung": pd.NA, "outcome": ""}
    course["max_rung"] = max(top.values())
    if end["ended_by"] == "unknown" and max(top.values()) < OVERT_RUNG:
        return course | {"outcome": ""}
    return course | {"outcome": ladder_places(top["a"], top["b"], deal=end["ended_by"] == "no_force_deal")[0]}


def _opening(force: pd.DataFrame) -> dict[str, object]:
    """Return the opening act and the first reply; if no attacker is known, there is no initiator and no reply."""
    first, later = force.iloc[0], force.iloc[1:]
    found: dict[str, object] = {"strike_date": first["date"], "first_strike_rung": int(first["rung"])}
    if first["undirected"]:
        return found | {"retaliation_rung": pd.NA, "retaliation_mode": ""}
    replies = later[later["side"].isin(["a", "b"]) & later["side"].ne(first["side"])]
    rung = int(replies["rung"].iloc[0]) if len(replies) else 0
    found |= {"initiator": first["actor"], "retaliation_rung": rung, "retaliation_mode": _REPLY.get(rung, "widening")}
    return found | ({"retaliation_date": replies["date"].iloc[0]} if rung else {})


def _days(force: pd.DataFrame) -> int:
    campaign = force.loc[force["rung"] >= CAMPAIGN_RUNG, "date"]
    if len(campaign):
        return int((campaign.max() - campaign.min()).days) + 1
    return int(force.loc[force["rung"] >= OVERT_RUNG, "date"].nunique())


def as_tables(draft: Draft) -> dict[str, pd.DataFrame]:
    """Return the eight tables of the record, every column in place, every derived cell filled."""
    source = draft.data_set.name
    episodes = draft.episodes.assign(sources=source)
    for side in ("challenger", "target"):
        if f"{side}_nuclear" not in episodes:
            states = set(draft.actors.loc[draft.actors["kind"] == "state", "actor_id"])
            flag = is_nuclear(episodes[side], episodes["start"].dt.year).astype("Int64")
            episodes[f"{side}_nuclear"] = flag.where(episodes[side].isin(states))
    acts = draft.acts
    moves = acts.assign(
        status="active",
        channel=acts["type"].map(CHANNEL_OF),
        direction=acts["type"].map(DIRECTION),
        plover=acts["type"].map(PLOVER),
        rung=acts["rung"].where(acts["rung"].fillna(0).gt(0)),
        sources=source,
    )
    sides = with_observers(draft.members, acts)
    tables = {
        "episodes": episodes,
        "sides": sides,
        "preludes": pd.DataFrame(),
        "moves": moves.sort_values(["episode_id", "date"], kind="stable"),
        "outcomes": draft.outcomes.assign(sources=source, confidence="reported"),
        "coverage": draft.coverage,
    }
    tables["actors"] = _actors(draft.actors, tables)
    tables["sources"] = _sources(draft, tables)
    return {name: table_frame(tables[name], name) for name in TABLES}


def table_frame(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return `frame` with the columns of table `name` in order, absent ones blank."""
    return frame.reindex(columns=list(TABLES[name].names))


def _actors(actors: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    places = {"episodes": ("challenger", "target"), "sides": ("actor",), "moves": ("actor", "target")}
    named = [
        tables[name][[column, "known_date"]].set_axis(["actor_id", "known_date"], axis=1)
        for name, columns in places.items()
        for column in columns
    ]
    first = pd.concat(named).groupby("actor_id", as_index=False)["known_date"].min()
    return first.merge(actors.drop_duplicates("actor_id"), on="actor_id", how="left")


def _sources(draft: Draft, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    known = min(frame["known_date"].min() for frame in tables.values() if "known_date" in frame and len(frame))
    data_set = draft.data_set
    note = f"Version {data_set.version}. Terms: {data_set.terms}"
    row = {"source_id": data_set.name, "kind": "dataset", "citation": data_set.citation, "url": data_set.url}
    return pd.DataFrame([row | {"note": note, "known_date": known}])
