"""The section of the report on other views: outside view and baselines beside the inside view, and their pool."""

from __future__ import annotations

from typing import Final

import pandas as pd

from forecast.publish.page import NOTHING, Cell, Grid, Section, number_cell, text_cell, words
from forecast.publish.tables import Meta, Row, Tables, horizons_of, is_blank, rows_of
from forecast.publish.wording import HEADLINE_HORIZON, clean, days, interval, percent, rung_name
from forecast.terms import LADDER

INSIDE: Final = "inside view"
TITLE: Final = "Other views and their pool"
WHOLE: Final = 0.005
"""Stands in for the Monte Carlo error where a table has none: rounds to whole percentage points."""


def view_section(meta: Meta, tables: Tables) -> Section | None:
    """Show the ladder as each view has it, what is published and why, and a typical crisis by the outside view."""
    table = tables.get("baselines")
    if table is None or table.empty:
        return None
    pool = tables.get("pool")
    views = table if pool is None else pd.concat([table, pool], ignore_index=True)
    published = words(meta.get("published")) or INSIDE
    grids = [_strike_grid(views, published), _ladder_grid(views, published)]
    stages = tables.get("outside_view")
    if stages is not None and not stages.empty:
        rows = tuple((text_cell(row["step"]), _share_cell(row)) for row in rows_of(stages))
        caption = "How a crisis like this one goes by the outside view, from its onset on, with 80 % intervals"
        grids.append(Grid("outside-view", caption, ("step", "probability"), rows))
    text = [
        "The inside view is the model of this report. The outside view is a second, smaller one: a crisis as a game of "
        "strike, answer and escalation, learned from past crises by what was known at their onset. Baselines learn "
        "from past windows what came of a situation: climatology counts, the Markov chain counts by the height of the "
        "last four weeks, logits and boosting weigh all features. Each is fitted for one window at a time, so that its "
        "chance of a strike need not grow with the window. No view sees what the others say.",
        f"The published numbers are those of the {published}{_why(meta)}.",
    ]
    if published != INSIDE:
        text.append(
            "Outcomes, and the chance of an overt strike, are those of the pool; timing, replies, other events, "
            "questions and the ranges over priors are those of the inside view."
        )
    return Section("views", TITLE, tuple(text), grids=tuple(grids))


def view_sentence(tables: Tables) -> list[str]:
    """Sentence for the headline on what outside view and baselines say of its event; none where they say nothing."""
    table = tables.get("baselines")
    if table is None or table.empty:
        return []
    others = table[table["candidate"] != INSIDE]
    horizon = min(horizons_of(table), key=lambda h: abs(h - HEADLINE_HORIZON))
    found = _struck(others[others["horizon_days"] == horizon])
    if found.empty:
        return []
    low, high = percent(float(found.min()), WHOLE), percent(float(found.max()), WHOLE)
    span = low if low == high else f"{low} to {high}"
    names = f"{len(found)} simpler views put" if len(found) > 1 else f"The {clean(found.index[0][0])} puts"
    return [f"{names} a limited strike or worse within {days(horizon)} at {span}."]


def inside_ladder(tables: Tables) -> pd.DataFrame:
    """The ladder of the inside view, whichever is published."""
    table = tables.get("baselines")
    if table is None or INSIDE not in set(table["candidate"]):
        return tables["ladder"]
    own = table[table["candidate"] == INSIDE].drop(columns=["candidate", "weight"])
    return own.merge(tables["ladder"][["horizon_days", "rung", "mcse"]], on=["horizon_days", "rung"])


def _why(meta: Meta) -> str:
    note = words(meta.get("pool_note"))
    return f": {note}" if note else ""


def _struck(views: pd.DataFrame) -> pd.Series:
    """Chance of O2 or higher, indexed by candidate and horizon, in order of first appearance."""
    return views[views["rung"].isin(LADDER[2:])].groupby(["candidate", "horizon_days"], sort=False)["probability"].sum()


def _label(name: object, published: str) -> Cell:
    return Cell(words(name), note="published" if name == published else "")


def _strike_grid(views: pd.DataFrame, published: str) -> Grid:
    struck, horizons = _struck(views), horizons_of(views)
    rows = tuple(
        (
            _label(name, published),
            *(_share(float(struck[name, h])) if (name, h) in struck else NOTHING for h in horizons),
        )
        for name in dict.fromkeys(views["candidate"])
    )
    return Grid("views-strike", "A limited strike or worse, by view", ("view", *(days(h) for h in horizons)), rows)


def _ladder_grid(views: pd.DataFrame, published: str) -> Grid:
    horizon = min(horizons_of(views), key=lambda h: abs(h - HEADLINE_HORIZON))
    here = {(row["candidate"], row["rung"]): row for row in rows_of(views[views["horizon_days"] == horizon])}
    weights = views.drop_duplicates("candidate").set_index("candidate")["weight"]
    weighed = ("weight in the pool",) if weights.notna().any() else ()
    rows = tuple(
        (
            _label(name, published),
            *(_share_cell(here.get((name, code))) for code in LADDER),
            *(number_cell(weights.get(name)) for _ in weighed),
        )
        for name in dict.fromkeys(views["candidate"])
    )
    ends = " to ".join(f"{code} {rung_name(code)}" for code in (LADDER[0], LADDER[-1]))
    caption = f"Outcomes within {days(horizon)}, {ends}, by view, with 80 % intervals where a view has them"
    return Grid("views", caption, ("view", *LADDER, *weighed), rows)


def _share(probability: float) -> Cell:
    return Cell(percent(probability, WHOLE), value=repr(probability), tone="number")


def _share_cell(row: Row | None) -> Cell:
    if row is None or is_blank(row["probability"]):
        return NOTHING
    low, high = row.get("low"), row.get("high")
    note = "" if is_blank(low) or is_blank(high) else interval(float(str(low)), float(str(high)), WHOLE)
    return Cell(
        percent(float(row["probability"]), WHOLE), note=note, value=repr(float(row["probability"])), tone="number"
    )
