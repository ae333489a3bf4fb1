"""Rows of ICBe as published: when each event was, as exactly as the raters agree, and who its actors are."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from forecast.record.importers.draft import Tally
from forecast.record.importers.icbe_words import CONTENT_COLUMNS
from forecast.record.importers.shape import month_end
from forecast.record.importers.source import Published
from forecast.record.importers.states import STATE_NAMES, STATES

WHAT: Final = "the event file of ICBe 1.1 (icbe_v1.1_events_agreed.csv)"
NAMES: Final = "the actor names of ICBe (icb_actor_qcodes.csv)"
NAMES_FILE: Final = "icb_actor_qcodes.csv"
NAME_COLUMNS: Final = ("actor", "gwcode", "gw_wrong")
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
THIRD_OF_MONTH: Final = {1: 5, 2: 15, 3: 25}

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


def dated(published: Published) -> tuple[pd.DataFrame, list[Tally]]:
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


def named(events: Published, names: Published) -> dict[str, dict[str, str]]:
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


def first_id(cells: pd.Series, who: dict[str, dict[str, str]]) -> pd.Series:
    """Return the actor id of the first name in each ``;``-joined cell; blank where there is none."""
    ids = {name: entry["actor_id"] for name, entry in who.items()}
    return cells.str.split(";").str[0].str.strip().map(ids).fillna("")
