"""UCDP GED: deadly events of organised violence, from the global CSV file (Sundberg and Melander)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pandas as pd

from forecast.record.importers.draft import DataSet, Draft, Tally
from forecast.record.importers.feed import busiest, no_outcomes, pair_cases, pair_ids, state_actors, stretch
from forecast.record.importers.shape import CAMPAIGN_RULE, in_campaign, mirrored, side_rows
from forecast.record.importers.source import Published, find_file, read_published, refuse_where, to_number
from forecast.record.importers.states import state_ids

WHAT: Final = "the global event file of UCDP GED (GEDEvent_v25_1.csv)"
COLUMNS: Final = (
    "id", "type_of_violence", "side_a", "side_b", "gwnoa", "gwnob", "date_prec", "date_start", "date_end", "low",
    "best", "high",
)  # fmt: skip
CITATION: Final = (
    "Sundberg, Ralph, and Erik Melander (2013). Introducing the UCDP Georeferenced Event Dataset. Journal of Peace "
    "Research 50(4); and the yearly article named in the codebook of the version."
)
STATE_BASED: Final = 1
LONGEST_DAYS: Final = 7
LONGEST_MONTH: Final = 31


def read(path: Path) -> Draft:
    """Read UCDP GED and tell its events between two states in the words of the record.

    An event is fighting between its two sides; who attacked is not coded, so each event gives a move of either side.
    Only deadly events are in the data, and no words, posture or talks.

    Raises
    ------
    UsageError, RecordError
        If `path` is not the event file.
    """
    published = read_published(find_file(path, "GEDEvent_v*.csv", WHAT), COLUMNS, WHAT)
    version = re.search(r"v(\d+_\d+)", published.path.name)
    data_set = DataSet(
        "ucdp", version[1].replace("_", ".") if version else "not named by the file",
        "UCDP Georeferenced Event Dataset", CITATION, "https://ucdp.uu.se/downloads", "CC BY 4.0",
    )  # fmt: skip
    events = _events(published)
    between, tallies = _between_states(events)
    acts = _acts(between)
    start, end = events["date_start"].min(), events["date_end"].max()
    acts["episode_id"] = pair_ids(acts)
    cases = pair_cases(acts, start)
    first = acts["episode_id"].map(cases.set_index("episode_id")["challenger"])
    acts["side"] = acts["actor"].eq(first).map({True: "a", False: "b"})
    campaign = in_campaign(acts)
    acts.loc[campaign, ["type", "rung"]] = ["sustained_campaign", 6]
    nothing = pd.DataFrame(columns=["episode_id", "actor", "side", "role", "known_date"])
    note = "Deadly events only; who attacked is not coded."
    more = [
        Tally("mapped", "events between two states", len(between),
              "two moves each, one per side: limited_strike, level 3, rung 4; the dead stand on the first"),
        Tally("assumed", "moves that were part of a campaign", int(campaign.sum()), CAMPAIGN_RULE),
        Tally("assumed", "known_date of all moves", None,
              "the last day of the event; UCDP publishes yearly and does not say when an event could be known"),
        Tally("masked", "everything but deadly force", None,
              "coverage is sparse and observes force only: no death means no large force, and says nothing else"),
        Tally("masked", "all covariates of an episode", None, "blank: not in UCDP GED"),
    ]  # fmt: skip
    return Draft(
        data_set, (published,), cases, side_rows(cases, nothing), acts, no_outcomes(),
        stretch(cases, end, "sparse", "force", note), state_actors(), (*more, *tallies), busiest(acts), "shipped",
    )  # fmt: skip


def _events(published: Published) -> pd.DataFrame:
    rows, path = published.rows, published.path
    events = rows[["id", "side_a", "side_b"]].copy()
    for column in ("type_of_violence", "date_prec", "low", "best", "high"):
        events[column] = to_number(rows, column, path)
    for column in ("gwnoa", "gwnob"):
        events[column] = to_number(rows.assign(**{column: rows[column].str.removesuffix(".0")}), column, path)
    for column in ("date_start", "date_end"):
        events[column] = pd.to_datetime(rows[column].str[:10], format="%Y-%m-%d", errors="coerce")
        why = "is no date like 2019-02-26 – the file was changed or cut off; download it again"
        refuse_where(events[column].isna(), path, column, rows[column], why)
    violence = events["type_of_violence"]
    refuse_where(~violence.isin([1, 2, 3]), path, "type_of_violence", violence, f"is not 1, 2 or 3 – is it {WHAT}?")
    refuse_where(events["id"].duplicated(), path, "id", events["id"], "stands twice – download the file again")
    return events


def _between_states(events: pd.DataFrame) -> tuple[pd.DataFrame, list[Tally]]:
    events = events.assign(actor=state_ids(events["gwnoa"]), target=state_ids(events["gwnob"]))
    based = events["type_of_violence"] == STATE_BASED
    states = events["actor"].ne("") & events["target"].ne("") & events["actor"].ne(events["target"])
    days = (events["date_end"] - events["date_start"]).dt.days
    long = days > LONGEST_MONTH
    kept = events[based & states & ~long].assign(days=days)
    return kept, [
        Tally("dropped", "non-state conflict and one-sided violence", int((~based).sum()), "not between two states"),
        Tally("dropped", "state-based events against an armed group", int((based & ~states).sum()),
              "not between two states; the sponsor of a group is not coded"),
        Tally("dropped", f"events dated to more than {LONGEST_MONTH} days", int((based & states & long).sum()),
              "they cannot be placed in a period"),
        Tally("assumed", f"events dated to {LONGEST_DAYS + 1}-{LONGEST_MONTH} days", int((kept["days"] >= 8).sum()),
              "month precision: placed on the first day, known on the last"),
        Tally("assumed", f"events dated to 2-{LONGEST_DAYS} days", int(kept["days"].between(1, 7).sum()),
              "placed on the first day, known on the last"),
    ]  # fmt: skip


def _acts(events: pd.DataFrame) -> pd.DataFrame:
    low, high = events["low"].fillna(0), events[["high", "low"]].max(axis=1).fillna(0)
    acts = pd.DataFrame({
        "move_id": "ged-" + events["id"],
        "episode_id": "",
        "date": events["date_start"],
        "date_precision": events["days"].le(LONGEST_DAYS).map({True: "day", False: "month"}),
        "known_date": events["date_end"],
        "actor": events["actor"],
        "target": events["target"],
        "type": "limited_strike",
        "level": 3,
        "rung": 4,
        "fatalities_low": low.astype("Int64"),
        "fatalities_high": high.astype("Int64"),
        "summary": "Deadly fighting between " + events["side_a"].str.strip() + " and " + events["side_b"].str.strip(),
        "confidence": "reported",
        "basis": "dataset",
    })  # fmt: skip
    return mirrored(acts, pd.Series(True, acts.index)).reset_index(drop=True)
