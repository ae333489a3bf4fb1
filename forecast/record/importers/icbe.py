"""ICBe 1.1: events of crisis narratives, sentence by sentence (Douglass and others)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pandas as pd

from forecast.errors import RecordError
from forecast.record.importers.draft import DataSet, Draft, Tally
from forecast.record.importers.icbe_acts import BACKGROUND_DAYS, DOMESTIC, crisis_acts, with_sides
from forecast.record.importers.icbe_rows import COLUMNS, NAME_COLUMNS, NAMES, NAMES_FILE, WHAT, dated, first_id, named
from forecast.record.importers.icbe_words import SETTLED
from forecast.record.importers.shape import outcome_rows
from forecast.record.importers.source import find_file, read_published
from forecast.record.importers.states import STATE_NAMES

DATA_SET: Final = DataSet(
    "icbe",
    "1.1",
    "International Crisis Behavior Events",
    "Douglass, Rex W., Thomas Leo Scherer, J. Andrés Gannon, Erik Gartzke, Jon Lindsay, Shannon Carcelli and others "
    "(2024). Introducing the ICBe Dataset. Political Science Research and Methods. doi 10.1017/psrm.2024.17",
    "https://doi.org/10.1017/psrm.2024.17",
    "CC BY-NC-SA 4.0",
)
STRAY_DAYS: Final = 730
SETTLED_DAYS: Final = 30
OBSERVES: Final = "force;verbal;posture;diplomacy;economic;audience"


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
    names = read_published(folder / NAMES_FILE, NAME_COLUMNS, NAMES)
    rows, tallies = dated(events)
    who = named(events, names)
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
        begins.assign(one=first_id(begins["do_actor_a"], who), two=first_id(begins["think_actor_a"], who)),
        hostile.assign(one=first_id(hostile["do_actor_a"], who), two=first_id(hostile["do_actor_b"], who)),
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
