"""MIE 1.0: dated militarised events between states, grouped in confrontations (Gibler and Miller)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from forecast.errors import RecordError
from forecast.record.importers.draft import DataSet, Draft, Tally, told
from forecast.record.importers.mie_words import ACTION_NAMES, ACTIONS, BLOCKADE, SHOOTING, THREATS, UNDIRECTED
from forecast.record.importers.shape import (
    CAMPAIGN_RULE,
    as_moves,
    in_campaign,
    mirrored,
    month_end,
    outcome_rows,
    side_rows,
)
from forecast.record.importers.source import Published, find_file, read_published, refuse_where, to_number
from forecast.record.importers.states import STATE_NAMES, state_ids

DATA_SET: Final = DataSet(
    "mie",
    "1.0",
    "Militarized Interstate Events",
    "Gibler, Douglas M., and Steven V. Miller (2023). The Militarized Interstate Events (MIE) dataset, 1816-2014. "
    "Conflict Management and Peace Science.",
    "https://internationalconflict.ua.edu",
    "no commercial use, no sharing of the rows",
)
WHAT: Final = "the event file of MIE 1.0 (mie-1.0.csv)"
COLUMNS: Final = (
    "micnum", "eventnum", "ccode1", "ccode2", "stmon", "stday", "styear", "endmon", "endday", "endyear", "sidea1",
    "action", "hostlev", "fatalmin1", "fatalmax1", "fatalmin2", "fatalmax2", "version",
)  # fmt: skip

WAR: Final = 5
FULL_WAR: Final = 8
UNKNOWN_DAY: Final = -9
MIDDLE_OF_MONTH: Final = 15
QUIET_DAYS: Final = 182
LAST_DAY: Final = pd.Timestamp(2014, 12, 31)


def read(path: Path) -> Draft:
    """Read MIE and tell it in the words of the record.

    One confrontation (``micnum``) is one episode; its leads are the pair of its first event, side a the side that MIE
    names as the first to act. A battle of a war is told like a clash, and that a confrontation was a war stands in its
    outcome only: both codes rest on the dead of the whole war, which nobody knew on the day.

    Raises
    ------
    UsageError, RecordError
        If `path` is not the event file of MIE 1.0.
    """
    published = read_published(find_file(path, "mie-1*.csv", WHAT), COLUMNS, WHAT)
    events = _events(published)
    events, tallies = _on_one_side(events)
    episodes = _episodes(events)
    acts, counted = _acts(events, episodes)
    joined = acts[["episode_id", "actor", "known_date"]].assign(side=acts["side"], role="member")
    also = acts[["episode_id", "target", "known_date"]].set_axis(["episode_id", "actor", "known_date"], axis=1)
    joined = pd.concat([joined, also.assign(side=acts["side"].map({"a": "b", "b": "a"}), role="member")])
    members = side_rows(episodes, _first_of_each(joined))
    ends = _ends(events, episodes)
    return Draft(
        DATA_SET,
        (published,),
        episodes,
        members,
        acts,
        outcome_rows(episodes, members, acts, ends),
        _coverage(episodes, ends),
        pd.DataFrame({"actor_id": list(STATE_NAMES), "name": list(STATE_NAMES.values()), "kind": "state"}),
        (*counted, *tallies, *_remarks(events, ends)),
    )


def _events(published: Published) -> pd.DataFrame:
    rows = published.rows
    versions = set(rows["version"])
    if versions != {"mie-1.0"}:
        found = ", ".join(sorted(versions)[:3])
        raise RecordError(f"{published.path}: version {found} – this importer reads mie-1.0 only")
    events = pd.DataFrame({name: to_number(rows, name, published.path) for name in COLUMNS[:-1]}).astype("int64")
    for column, valid in (("action", list(ACTIONS)), ("hostlev", [1, 2, 3, 4, 5]), ("sidea1", [0, 1])):
        why = "is no code of MIE 1.0 – the file was changed or is another version"
        refuse_where(~events[column].isin(valid), published.path, column, events[column], why)
    twice = events.duplicated(["micnum", "eventnum"])
    refuse_where(twice, published.path, "eventnum", events["eventnum"], "stands twice – download the file again")
    events["date"] = _day(events, "st", published)
    events["end"] = _day(events, "end", published).clip(lower=events["date"])
    for column, number in (("actor", "ccode1"), ("target", "ccode2")):
        events[column] = state_ids(events[number])
        why = "is in no list of states – the file was changed; download it again"
        refuse_where(events[column].eq(""), published.path, number, events[number], why)
    events["episode_id"] = "mie-" + events["micnum"].astype(str)
    return events.sort_values(["micnum", "date", "eventnum"], kind="stable")


def _day(events: pd.DataFrame, part: str, published: Published) -> pd.Series:
    day = events[f"{part}day"].replace(UNKNOWN_DAY, MIDDLE_OF_MONTH)
    parts = pd.DataFrame({"year": events[f"{part}year"], "month": events[f"{part}mon"], "day": day})
    found = pd.to_datetime(parts, errors="coerce")
    why = f"is no day of that month ({part}mon, {part}year) – download the file again"
    refuse_where(found.isna(), published.path, f"{part}day", events[f"{part}day"], why)
    return found


def _on_one_side(events: pd.DataFrame) -> tuple[pd.DataFrame, list[Tally]]:
    """Give each state of a confrontation one side: the one of most of its events, the first event deciding ties."""
    first = events[["episode_id", "actor", "sidea1"]].set_axis(["episode_id", "state", "a"], axis=1)
    second = events[["episode_id", "target"]].set_axis(["episode_id", "state"], axis=1).assign(a=1 - events["sidea1"])
    seen = pd.concat([first, second]).sort_index(kind="stable")
    share = seen.groupby(["episode_id", "state"], sort=False)["a"].agg(["mean", "first"])
    on_a = share["mean"].gt(0.5) | (share["mean"].eq(0.5) & share["first"].eq(1))
    opening = events.drop_duplicates("episode_id")
    for name, side_a in (("actor", opening["sidea1"] == 1), ("target", opening["sidea1"] == 0)):
        own = on_a.index.isin(pd.MultiIndex.from_frame(opening.loc[side_a, ["episode_id", name]]))
        other = on_a.index.isin(pd.MultiIndex.from_frame(opening.loc[~side_a, ["episode_id", name]]))
        on_a = (on_a | own) & ~other
    sides = {name: on_a.reindex(pd.MultiIndex.from_frame(events[["episode_id", name]])).to_numpy() for name in
             ("actor", "target")}  # fmt: skip
    events = events.assign(on_a=sides["actor"], across=sides["actor"] != sides["target"])
    kept = events[events["across"]]
    both = int((~share["mean"].isin([0, 1])).sum())
    return kept, [
        Tally("dropped", "events between two states that stand on one side", len(events) - len(kept),
              "the record knows two sides of an episode"),
        Tally("assumed", "states that change sides within a confrontation", both,
              "they stand on the side of most of their events (the pair of the first event: of that event)"),
    ]  # fmt: skip


def _episodes(events: pd.DataFrame) -> pd.DataFrame:
    first = events.drop_duplicates("episode_id").set_index("episode_id")
    actor, target, on_a = first["actor"], first["target"], first["on_a"]
    exact = first["stday"] != UNKNOWN_DAY
    start = events.groupby("episode_id", sort=False)["date"].min()
    force = events[events["hostlev"] >= 4]
    episodes = pd.DataFrame({
        "challenger": actor.where(on_a, target),
        "target": target.where(on_a, actor),
        "start": start,
        "date_precision": exact.map({True: "day", False: "month"}),
        "known_date": start.where(exact, month_end(start)),
        "cluster": first.index,
        "kind": "crisis",
        "stratum": "dataset",
        "confidence": "reported",
    })  # fmt: skip
    episodes["name"] = episodes["challenger"] + " - " + episodes["target"] + ", " + start.dt.strftime("%B %Y")
    episodes["prior_force_5y"] = _prior_force(episodes, force)
    return episodes.rename_axis("episode_id").reset_index()


def _prior_force(episodes: pd.DataFrame, force: pd.DataFrame) -> pd.Series:
    """Return 1 where an earlier confrontation saw force between the two leads within five years, else 0."""
    pairs = pd.Series([frozenset(pair) for pair in zip(force["actor"], force["target"], strict=True)], force.index)
    days = {pair: force.loc[lines, "date"].to_numpy() for pair, lines in pairs.groupby(pairs).groups.items()}
    found = []
    for row in episodes.itertuples():
        dates = days.get(frozenset((row.challenger, row.target)))
        start = pd.Timestamp(str(row.start))
        within = [] if dates is None else (dates < start) & (dates >= start - pd.DateOffset(years=5))
        found.append(int(any(within)))
    return pd.Series(found, index=episodes.index)


def _acts(events: pd.DataFrame, episodes: pd.DataFrame) -> tuple[pd.DataFrame, list[Tally]]:
    exact = events["stday"] != UNKNOWN_DAY
    onset = events["episode_id"].map(episodes.set_index("episode_id")["known_date"])
    low, high = events["fatalmin1"] + events["fatalmin2"], events["fatalmax1"] + events["fatalmax2"]
    acts = pd.DataFrame({
        "move_id": events["episode_id"] + "/" + events["eventnum"].astype(str),
        "episode_id": events["episode_id"],
        "date": events["date"],
        "date_precision": exact.map({True: "day", False: "month"}),
        "known_date": events["date"].where(exact, month_end(events["date"])).clip(lower=onset),
        "actor": events["actor"],
        "target": events["target"],
        **as_moves(events["action"], ACTIONS),
        "fatalities_low": low.astype("Int64"),
        "fatalities_high": high.clip(lower=low).astype("Int64"),
        "confidence": "reported",
        "basis": "dataset",
        "action": events["action"],
        "end": events["end"],
    })  # fmt: skip
    acts["summary"] = acts["action"].map(ACTION_NAMES) + ": " + acts["actor"] + " and " + acts["target"]
    undirected = acts["action"].isin(UNDIRECTED)
    both = mirrored(acts, undirected).reset_index(drop=True)
    going_on = _going_on(both)
    sides = events.drop_duplicates(["episode_id", "actor"]).set_index(["episode_id", "actor"])["on_a"]
    also = events.drop_duplicates(["episode_id", "target"]).set_index(["episode_id", "target"])["on_a"].eq(False)
    sides = pd.concat([sides, also.rename_axis(sides.index.names)])
    sides = sides[~sides.index.duplicated()]
    out = pd.concat([both, going_on], ignore_index=True)
    on_a = sides.reindex(pd.MultiIndex.from_frame(out[["episode_id", "actor"]])).to_numpy(dtype=bool)
    out["side"] = pd.Series(on_a).map({True: "a", False: "b"})
    campaign = in_campaign(out) & out["type"].eq("limited_strike")
    out.loc[campaign, ["type", "rung"]] = ["sustained_campaign", 6]
    counts = acts["action"].value_counts().sort_index()
    tallies = [
        Tally("mapped", f"action {code} ({ACTION_NAMES[code]})", int(rows), told(ACTIONS[code]))
        for code, rows in counts.items()
        if isinstance(code, int)
    ]
    tallies.append(
        Tally("mapped", "clashes and battles, which have no attacker", int(undirected.sum()),
              "two moves each, one per side; the dead stand on the first")
    )  # fmt: skip
    tallies.append(
        Tally("assumed", "weeks in which an attack, clash or battle of more than a week went on", len(going_on),
              "moves with basis state, so that a week of war does not look quiet; at most one a week for each state")
    )  # fmt: skip
    strikes = int((campaign & out["basis"].eq("dataset")).sum())
    tallies.append(Tally("assumed", "strikes that were part of a campaign", strikes, CAMPAIGN_RULE))
    return out, tallies


def _going_on(acts: pd.DataFrame) -> pd.DataFrame:
    """Return a state row for every further week of a long attack, clash or battle."""
    weeks = (acts["end"] - acts["date"]).dt.days // 7
    long = acts[acts["action"].isin(SHOOTING) & acts["rung"].gt(1) & weeks.gt(0)]
    weeks = weeks[long.index]
    rows = long.loc[long.index.repeat(weeks)].reset_index(drop=True)
    number = rows.groupby("move_id").cumcount() + 1
    rows["date"] += pd.to_timedelta(7 * number, unit="D")
    rows["known_date"] = rows[["known_date", "date"]].max(axis=1)
    rows["week"] = (rows["date"] - pd.Timestamp(1800, 1, 6)).dt.days // 7
    rows = rows.assign(move_id=rows["move_id"] + "/w" + number.astype(str), date_precision="day", basis="state")
    rows = rows.assign(type="sustained_campaign", level=3, rung=6, fatalities_low=pd.NA, fatalities_high=pd.NA)
    rows["summary"] = "goes on: " + rows["summary"]
    return rows.drop_duplicates(["episode_id", "actor", "week"]).drop(columns="week")


def _first_of_each(joined: pd.DataFrame) -> pd.DataFrame:
    return joined.sort_values("known_date", kind="stable").drop_duplicates(["episode_id", "actor"])


def _ends(events: pd.DataFrame, episodes: pd.DataFrame) -> pd.DataFrame:
    """Return the last day of each confrontation; that it was the last is known only after half a year of quiet."""
    last = events.groupby("episode_id", sort=False)["end"].max()
    exact = events["endday"].ne(UNKNOWN_DAY).groupby(events["episode_id"], sort=False).min()
    date = last.where(exact, month_end(last))
    ends = pd.DataFrame({"date": date, "date_precision": exact.map({True: "day", False: "month"})})
    ends["known_date"] = date + pd.Timedelta(days=QUIET_DAYS)
    war = events[events["hostlev"] == WAR]
    ends["max_a"] = ends["max_b"] = ends.index.isin(war["episode_id"]).astype(int) * FULL_WAR
    ends["ended_by"] = "unknown"
    ends["name"] = "MIE confrontation " + ends.index.str.removeprefix("mie-")
    highest = events.groupby("episode_id", sort=False)["hostlev"].max()
    ends["summary"] = "Highest hostility level " + highest.astype(str) + "; MIE does not say how it ended."
    return ends[ends.index.isin(episodes["episode_id"])]


def _coverage(episodes: pd.DataFrame, ends: pd.DataFrame) -> pd.DataFrame:
    """Force and posture from the first event on; after the last one for half a year, within the span of MIE."""
    rows = pd.DataFrame({
        "coverage_id": episodes["episode_id"] + "/events",
        "episode_id": episodes["episode_id"],
        "start": episodes["start"],
        "known_date": episodes["known_date"],
        "density": "regular",
        "observes": "force;posture",
        "note": "Militarised events only; no diplomacy, no other words. Nothing is known before the first event.",
    })  # fmt: skip
    date = rows["episode_id"].map(ends["date"]) + pd.Timedelta(days=QUIET_DAYS)
    last = pd.concat([date, rows["start"]], axis=1).max(axis=1)
    closed = rows.assign(
        end=last.where(last < LAST_DAY, LAST_DAY), known_date=rows["episode_id"].map(ends["known_date"])
    )
    return pd.concat([rows, closed], ignore_index=True)


def _remarks(events: pd.DataFrame, ends: pd.DataFrame) -> list[Tally]:
    unknown = int((events["stday"] == UNKNOWN_DAY).sum())
    wars = int((ends["max_a"] == FULL_WAR).sum())
    words = int(events["action"].isin(THREATS).sum())
    blockades = int((events["action"] == BLOCKADE).sum())
    return [
        Tally("assumed", f"start day {UNKNOWN_DAY} (not known)", unknown,
              "month precision: placed on the 15th, known at the end of the month"),
        Tally("assumed", "known_date of all moves", None,
              "the day of the event; MIE was coded afterwards and does not say when an event could be known"),
        Tally("assumed", "last day of a confrontation", len(ends),
              f"known {QUIET_DAYS} days later, when half a year without event had passed"),
        Tally("assumed", "confrontations with hostility level 5", wars,
              "interstate wars: highest rung 8 on both sides, in the outcome only, because the level rests on the dead "
              "of the whole war; for the same reason a battle (22) is told like a clash (17)"),
        Tally("masked", "diplomacy, economic, nuclear, audience, credibility", None,
              "not in `observes`: MIE holds militarised events only, so silence says nothing"),
        Tally("masked", "verbal", words, "threats of force are told, but other words are not observed"),
        Tally("masked", "economic", blockades, "blockades are told as embargo; nothing else economic is observed"),
        Tally("masked", "how a confrontation ended", len(ends),
              "ended_by unknown; without an overt strike the place on the ladder is blank"),
        Tally("masked", "demand, capability, democracy, ground access, chokepoint", None, "blank: not in MIE"),
    ]  # fmt: skip
