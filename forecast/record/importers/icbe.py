"""ICBe 1.1: events of crisis narratives, sentence by sentence (Douglass and others)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pandas as pd

from forecast.errors import RecordError
from forecast.record.importers.draft import DataSet, Draft, Tally
from forecast.record.importers.icbe_acts import BACKGROUND_DAYS, DOMESTIC, crisis_acts, with_sides
from forecast.record.importers.icbe_words import CONTENT_COLUMNS, SETTLED
from forecast.record.importers.shape import month_end, outcome_rows
from forecast.record.importers.source import Published, find_file, read_published
from forecast.record.importers.states import STATE_NAMES, STATES

DATA_SET: Final = DataSet(
    "icbe",
    "1.1",
    "International Crisis Behavior Events",
    "Douglass, Rex W., Thomas Leo Scherer, J. Andrés Gannon, Erik Gartzke, Jon Lindsay, Shannon Carcelli and others "
    "(2024). Introducing the ICBe Dataset. Political Science Research and Methods. doi 10.1017/psrm.2024.17",
    "https://doi.org/10.1017/psrm.2024.17",
    "CC BY-NC-SA 4.0",
)
WHAT: Final = "the event file of ICBe 1.1 (icbe_v1.1_events_agreed.csv)"
NAMES: Final = "the actor names of ICBe (icb_actor_qcodes.csv)"
ROLES: Final = ("do_actor_a", "do_actor_b", "say_actor_a", "say_actor_b", "think_actor_a")
COLUMNS: Final = (
    "row_id", "crisno", "sentence_number_int_aligned", *ROLES, "event_type", "raterconfidence",
    "date_earliest_day", "date_earliest_month", "date_earliest_month_part", "date_earliest_year", "do_interact_kind",
    "do_kind", "sayintkind", "thinkkind", "interact_fatalities", "interact_forces", "interact_territory",
    *CONTENT_COLUMNS,
)  # fmt: skip
FIRST_YEAR: Final = 1600
LAST_YEAR: Final = 2030
WIDEST_DAYS: Final = 45
STRAY_DAYS: Final = 730
SETTLED_DAYS: Final = 30
THIRD_OF_MONTH: Final = {1: 5, 2: 15, 3: 25}
OBSERVES: Final = "force;verbal;posture;diplomacy;economic;audience"

# The event file writes some names otherwise than the list of names.
ALIASES: Final = {
    "United States of America": 2,
    "People's Republic of China": 710,
    "Republic of Cyprus": 352,
    "Georgia": 372,
    "Tajikistan": 702,
    "Belarus": 370,
    "German Democratic Republic": 265,
    "Malaya": 820,
    "Gambia": 420,
    "Columbia": 100,
    "Kingdom of Nejd and Hejaz": 670,
}

ORGANISATIONS: Final = {"United Nations": "UNO", "North Atlantic Treaty Organization": "NAT", "European Union": "EU"}


def read(path: Path) -> Draft:
    """Read ICBe and tell it in the words of the record.

    Who acts depends on the kind of row: in speech the speaker (`say_actor_a`), and what the speech is about is no act;
    in thought the one who is perceived to act (`do_actor_a`), if the thought is about something that happened. The
    crisis begins on the first day on which an actor sees it begin; its target is that actor, its challenger the one
    whose act it saw.

    Parameters
    ----------
    path : Path
        The folder with both files, or the event file with the list of names beside it.

    Raises
    ------
    UsageError, RecordError
        If the files of ICBe 1.1 are not there.
    """
    folder = path if path.is_dir() else path.parent
    file = find_file(path, "icbe_v*events_agreed.csv", WHAT)
    version = re.search(r"v(\d+\.\d+)", file.name)
    if version and version[1] != DATA_SET.version:
        raise RecordError(f"{file}: version {version[1]} by its name – this importer reads version {DATA_SET.version}")
    events = read_published(file, COLUMNS, WHAT)
    names = read_published(folder / "icb_actor_qcodes.csv", ("actor", "gwcode", "gw_wrong"), NAMES)
    rows, tallies = _dated(events)
    who = _actors(events, names)
    episodes, ends = _episodes(rows, who)
    acts, counted = crisis_acts(rows, who, episodes, ends)
    members, acts, placed = with_sides(acts, episodes)
    ends = _endings(ends, acts, members)
    outcomes = outcome_rows(episodes, members, acts, ends)
    crises = events.rows["crisno"].nunique()
    return Draft(
        DATA_SET,
        (events, names),
        episodes,
        members,
        acts,
        outcomes,
        _coverage(episodes, acts, ends),
        pd.DataFrame([*who.values(), {"actor_id": DOMESTIC[0], "name": DOMESTIC[1], "kind": "domestic"}]),
        (*tallies, *counted, *placed, *_remarks(crises, episodes)),
    )


# -- dates --------------------------------------------------------------------------------------------------------
def _dated(published: Published) -> tuple[pd.DataFrame, list[Tally]]:
    """Add date, precision and known_date; where raters disagree, the earliest day counts, known on the latest."""
    rows = published.rows.copy()
    rows["episode_id"] = "icbe-" + rows["crisno"].str.strip()
    year, odd = _range(rows["date_earliest_year"], FIRST_YEAR, LAST_YEAR)
    month, _ = _range(rows["date_earliest_month"], 1, 12)
    day, _ = _range(rows["date_earliest_day"], 1, 31)
    part, _ = _range(rows["date_earliest_month_part"], 1, 3)
    dates = {}
    for end in ("low", "high"):
        whole = pd.DataFrame({"year": year[end], "month": month[end], "day": day[end]}).astype("Float64")
        exact = pd.to_datetime(whole, errors="coerce")
        middle = part[end].map(THIRD_OF_MONTH).fillna(15)
        dates[end] = exact, pd.to_datetime(whole.assign(day=middle.astype("Float64")), errors="coerce")
    exact = dates["low"][0].notna() & dates["high"][0].notna()
    rows["date"] = dates["low"][0].where(exact, dates["low"][1])
    rows["date_precision"] = exact.map({True: "day", False: "month"})
    rows["known_date"] = dates["high"][0].where(exact, month_end(dates["high"][1]))
    rows["known_date"] = rows[["date", "known_date"]].max(axis=1)
    rows["order"] = range(len(rows))
    told = rows["event_type"].isin(["action", "speech", "thought"])
    wide = (rows["known_date"] - rows["date"]).dt.days.gt(WIDEST_DAYS)
    usable = rows["date"].notna() & ~wide
    apart = (rows["date_earliest_year"] + rows["date_earliest_month"] + rows["date_earliest_day"]).str.contains(";")
    mixed = rows["event_type"].str.contains(";")
    count = {"odd": int((told & odd).sum()), "undated": int((told & rows["date"].isna() & ~odd).sum())}
    tallies = [
        Tally("dropped", "rows without an agreed kind of event", int((~told & ~mixed).sum()),
              "sentences without an event, or parts of one on which the raters did not agree"),
        Tally("dropped", "rows that are of several kinds at once", int(mixed.sum()), "who acts cannot be told"),
        Tally("dropped", f"years outside {FIRST_YEAR}-{LAST_YEAR}", count["odd"], "a slip of the pen, such as 2986"),
        Tally("dropped", "events without month or year", count["undated"], "no usable date; their place in the text is "
              "the narrator's order, not that of time"),
        Tally("dropped", f"events whose dates lie more than {WIDEST_DAYS} days apart", int((told & wide).sum()),
              "the raters disagree on the month or the year"),
        Tally("assumed", "events with a month but no day", int((told & usable & ~exact).sum()),
              "month precision: early, middle or late as coded; known at the end of the month"),
        Tally("assumed", "events on whose day the raters disagree", int((told & usable & apart).sum()),
              "the earliest day counts; known on the latest"),
    ]  # fmt: skip
    return rows[told & usable], tallies


def _range(cells: pd.Series, low: int, high: int) -> tuple[dict[str, pd.Series], pd.Series]:
    """Return the least and greatest number of each ``;``-joined cell, <NA> where one is outside `low` to `high`."""
    numbers = pd.to_numeric(cells.str.split(";").explode(), errors="coerce").groupby(level=0)
    least, most = numbers.min().reindex(cells.index), numbers.max().reindex(cells.index)
    inside = least.ge(low) & most.le(high)
    outside = least.notna() & ~inside
    return {"low": least.where(inside).astype("Int64"), "high": most.where(inside).astype("Int64")}, outside


# -- actors -------------------------------------------------------------------------------------------------------
def _actors(events: Published, names: Published) -> dict[str, dict[str, str]]:
    """Return actor id, name and kind for every name in the event file."""
    codes = names.rows[names.rows["gw_wrong"].str.strip().eq("") & names.rows["gwcode"].str.strip().ne("")]
    numbers = {name: int(code) for name, code in zip(codes["actor"], codes["gwcode"], strict=True) if code.isdigit()}
    numbers |= ALIASES
    cells = pd.concat([events.rows[role] for role in ROLES]).str.split(";").explode().str.strip()
    who = {}
    for name in sorted(set(cells) - {""}):
        state = STATES.get(numbers.get(name, -1))
        if state:
            who[name] = {"actor_id": state.id, "name": state.name, "kind": "state"}
        elif name in ORGANISATIONS:
            who[name] = {"actor_id": ORGANISATIONS[name], "name": name, "kind": "organisation"}
        else:
            slug = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").upper()[:40].strip("-") or "UNNAMED"
            slug = slug if slug not in STATE_NAMES else f"{slug}-GROUP"
            who[name] = {"actor_id": slug, "name": name, "kind": "unknown"}
    return who


def _first_id(cells: pd.Series, who: dict[str, dict[str, str]]) -> pd.Series:
    ids = {name: entry["actor_id"] for name, entry in who.items()}
    return cells.str.split(";").str[0].str.strip().map(ids).fillna("")


# -- crises -------------------------------------------------------------------------------------------------------
def _episodes(rows: pd.DataFrame, who: dict[str, dict[str, str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row per crisis, and the day on which each was seen to end."""
    thoughts = rows[rows["event_type"] == "thought"].sort_values(["date", "order"], kind="stable")
    middle = rows.groupby("episode_id")["date"].median()

    def near(part: pd.DataFrame) -> pd.DataFrame:
        return part[part["date"] >= part["episode_id"].map(middle) - pd.Timedelta(days=STRAY_DAYS)]

    begins = thoughts[thoughts["thinkkind"].str.contains("start of crisis", regex=False)]
    deeds = rows[rows["event_type"].eq("action")].sort_values(["date", "order"], kind="stable")
    hostile = deeds[deeds["interact_escalate"].ne("")]
    begins, hostile, deeds = near(begins), near(hostile), near(deeds)
    onset = pd.concat([begins, hostile, deeds]).drop_duplicates("episode_id").set_index("episode_id")
    pairs = pd.concat([
        begins.assign(one=_first_id(begins["do_actor_a"], who), two=_first_id(begins["think_actor_a"], who)),
        hostile.assign(one=_first_id(hostile["do_actor_a"], who), two=_first_id(hostile["do_actor_b"], who)),
    ])  # fmt: skip
    pairs = pairs[pairs["one"].ne("") & pairs["two"].ne("") & pairs["one"].ne(pairs["two"])]
    states = pairs["one"].isin(list(STATE_NAMES)) & pairs["two"].isin(list(STATE_NAMES))
    ahead = pairs["date"].lt(pairs["episode_id"].map(onset["date"]) - pd.Timedelta(days=BACKGROUND_DAYS))
    leads = pd.concat([pairs[states & ~ahead], pairs[~states & ~ahead]]).drop_duplicates("episode_id")
    leads = leads.set_index("episode_id")
    onset = onset.loc[onset.index.isin(leads.index)]
    episodes = pd.DataFrame({
        "challenger": leads["one"].reindex(onset.index),
        "target": leads["two"].reindex(onset.index),
        "start": onset["date"],
        "date_precision": onset["date_precision"],
        "known_date": onset["known_date"],
        "kind": "crisis",
        "stratum": "dataset",
        "cluster": onset.index,
        "confidence": "reported",
    })  # fmt: skip
    episodes["name"] = (
        episodes["challenger"] + " - " + episodes["target"] + ", " + episodes["start"].dt.strftime("%B %Y")
    )
    over = thoughts[thoughts["thinkkind"].str.contains("end of crisis", regex=False)]
    over = over[over["date"] >= over["episode_id"].map(episodes["start"])].assign(seen=True)
    last = rows[rows["date"] >= rows["episode_id"].map(episodes["start"])].assign(seen=False)
    ends = pd.concat([over.sort_values("known_date"), last.sort_values("known_date")])
    ends = ends.sort_values("seen", ascending=False, kind="stable")
    ends = ends.groupby(["episode_id", "seen"], sort=False).tail(1).drop_duplicates("episode_id")
    ends = ends.set_index("episode_id")[["known_date", "date_precision", "seen"]].reindex(episodes.index)
    ends["date"] = ends["known_date"]
    return episodes.reset_index(), ends


# -- endings ------------------------------------------------------------------------------------------------------
def _endings(ends: pd.DataFrame, acts: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Say how a crisis ended where a deal or a cease-fire between the sides stands shortly before its end."""
    closing = acts[acts["type"].isin(list(SETTLED)) & acts["opposed"]]
    closing = closing[closing["date"] >= closing["episode_id"].map(ends["date"]) - pd.Timedelta(days=SETTLED_DAYS)]
    settled = closing.sort_values("date").drop_duplicates("episode_id", keep="last").set_index("episode_id")["type"]
    fighters = members[members["role"].isin(["lead", "member"])]
    fought = acts.merge(fighters[["episode_id", "actor"]].drop_duplicates(), on=["episode_id", "actor"])
    overt = set(fought.loc[fought["rung"].ge(3), "episode_id"])
    ended = pd.Series(ends.index.map(settled), ends.index).map(SETTLED).fillna("unknown")
    ended = ended.mask(ended.eq("no_force_deal") & ends.index.isin(overt), "negotiated_settlement")
    ended = ended.mask(ended.eq("ceasefire") & ~ends.index.isin(overt), "unknown")
    kept = ends[ends["date"].notna()].assign(ended_by=ended, name="ICBe crisis " + ends.index.str.removeprefix("icbe-"))
    seen = kept["seen"].map({True: "An actor saw the crisis end.", False: "No end is told: the last dated event."})
    return kept.assign(summary=seen).drop(columns="seen")


def _coverage(episodes: pd.DataFrame, acts: pd.DataFrame, ends: pd.DataFrame) -> pd.DataFrame:
    """Return the stretch from the onset to the last act that is told: silence after it may be the narrator's."""
    rows = pd.DataFrame({
        "coverage_id": episodes["episode_id"] + "/narrative",
        "episode_id": episodes["episode_id"],
        "start": episodes["start"],
        "known_date": episodes["known_date"],
        "density": "narrative",
        "observes": OBSERVES,
        "note": "Narrative written afterwards; nothing is known before the onset, nor after the last act told.",
    })  # fmt: skip
    last = rows["episode_id"].map(acts.groupby("episode_id")["date"].max())
    closed = rows.assign(end=last.where(last >= rows["start"], rows["start"]))
    closed["known_date"] = rows["episode_id"].map(ends["known_date"])
    return pd.concat([rows, closed[closed["known_date"] > rows["known_date"]]], ignore_index=True)


def _remarks(crises: int, episodes: pd.DataFrame) -> list[Tally]:
    return [
        Tally("dropped", "crises without dated events or without two parties", crises - len(episodes),
              "no onset or no pair of leads can be named"),
        Tally("assumed", "known_date of all moves", None,
              "the day of the event, or the onset if it was earlier: narratives were written afterwards"),
        Tally("assumed", "onset", None,
              f"a first day more than {STRAY_DAYS} days before the middle event of its crisis is no onset, but "
              "background or a slip of the year"),
        Tally("assumed", "order of moves", None, "by date; the text is told in the narrator's order"),
        Tally("assumed", "sides", None,
              "leads: the first actor that saw the crisis begin, and whose act it saw; others by their first hostile "
              "act with a lead, or their first support of one, from that day on; where the first row of the onset "
              "names no pair, the next row that names one"),
        Tally("masked", "silence after the last act told", None, "not in coverage: restraint and silence look alike"),
        Tally("masked", "demand, capability, democracy, ground access, chokepoint, earlier force", None,
              "blank: not in ICBe"),
    ]  # fmt: skip
