"""The section of the report on other views: outside view and baselines beside the inside view, and their pool."""

from __future__ import annotations

from typing import Final

import pandas as pd

from forecast.publish.page import NOTHING, Cell, Grid, Section, number_cell, text_cell, words
from forecast.publish.sections import rung_cell
from forecast.publish.tables import Meta, Row, Tables, horizons_of, is_blank, rows_of
from forecast.publish.wording import HEADLINE_HORIZON, days, interval, percent
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
    names = list(dict.fromkeys(views["candidate"]))
    horizons = horizons_of(views)
    horizon = min(horizons, key=lambda h: abs(h - HEADLINE_HORIZON))
    published = words(meta.get("published")) or INSIDE
    heads = [f"{words(name)} (published)" if name == published else words(name) for name in names]
    here = {(row["candidate"], row["rung"]): row for row in rows_of(views[views["horizon_days"] == horizon])}
    lines = [
        (rung_cell(code), *(_share_cell(here.get((name, code))) for name in names)) for code in LADDER
    ]  # fmt: skip
    weights = table.drop_duplicates("candidate").set_index("candidate")["weight"]
    if weights.notna().any():
        lines.append((Cell("weight in the pool"), *(number_cell(weights.get(name)) for name in names)))
    grids = [
        Grid("views", f"Outcomes within {days(horizon)}, by view", ("outcome", *heads), tuple(lines)),
        _strike_grid(views, names, heads, horizons),
    ]
    stages = tables.get("outside_view")
    if stages is not None and not stages.empty:
        rows = tuple((text_cell(row["step"]), _share_cell(row)) for row in rows_of(stages))
        caption = (
            "A crisis like this one by the outside view, from its onset and whenever it comes, with 80 % intervals"
        )
        grids.append(Grid("outside-view", caption, ("step", "probability"), rows))
    text = [
        "The inside view is the model of this report. The outside view is a second, smaller one: a crisis as a game of "
        "strike, answer and escalation, learned from past crises by what was known at their onset. Baselines are "
        "statistical. None of them sees what the others say.",
        f"Published: {published}{_why(meta)}.",
    ]
    if published != INSIDE:
        text.append(
            "Outcomes, and the chance of an overt strike, are those of the pool; timing, replies, other events, "
            "questions and the ranges over priors are those of the inside view."
        )
    return Section("views", TITLE, tuple(text), grids=tuple(grids))


def inside_ladder(tables: Tables) -> pd.DataFrame:
    """The ladder of the inside view, whichever is published."""
    table = tables.get("baselines")
    if table is None or INSIDE not in set(table["candidate"]):
        return tables["ladder"]
    own = table[table["candidate"] == INSIDE].drop(columns=["candidate", "weight"])
    return own.merge(tables["ladder"][["horizon_days", "rung", "mcse"]], on=["horizon_days", "rung"])


def _why(meta: Meta) -> str:
    note = words(meta.get("pool_note"))
    return f" – {note}" if note else ""


def _strike_grid(views: pd.DataFrame, names: list[str], heads: list[str], horizons: list[int]) -> Grid:
    struck = views[views["rung"].isin(LADDER[2:])].groupby(["candidate", "horizon_days"])["probability"].sum()
    rows = tuple(
        (Cell(head), *(_share(float(struck[name, h])) if (name, h) in struck.index else NOTHING for h in horizons))
        for name, head in zip(names, heads, strict=True)
    )
    caption = "A limited strike or worse, by view"
    return Grid("views-strike", caption, ("view", *(days(h) for h in horizons)), rows)


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
