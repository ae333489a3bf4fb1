"""The middle of the report: what follows a first strike, how long until, and what would move it."""

from __future__ import annotations

from typing import Final

import pandas as pd

from forecast.publish import alt, figures
from forecast.publish.course import WAITS, day_of_share, waiting_figure
from forecast.publish.page import (
    NOTHING,
    Cell,
    Grid,
    Plate,
    Section,
    horizon_grid,
    percent_cell,
    plate,
    text_cell,
    words,
)
from forecast.publish.sequence_figure import ANY, LABELS, STEPS, sequence_figure
from forecast.publish.tables import Meta, Row, Tables, is_blank, rows_of
from forecast.publish.wording import days, opening_name, percent, points, side_words

WAYS: Final = 8
"""How many of the most likely ways from strike to talks are listed."""
WHOLE: Final = 0.005
WAITED: Final = (7, 14, 28, 56, 84)
"""Days of the table `waiting` that the page prints, beside the last one."""


def sequence_section(meta: Meta, tables: Tables) -> Section | None:
    """Show what follows force: the streams from strike to talks, replies by kind of strike, and events by window."""
    parts = [_ways(tables), _replies(meta, tables), _quantities(tables)]
    plates = tuple(figure for shown, _ in parts for figure in shown)
    grids = tuple(grid for _, found in parts for grid in found)
    if not grids:
        return None
    text = (
        "Read from the same simulated futures as the outcomes. The reply is that of the struck side within 14 days; "
        "the next move is the striking side's highest act after it, within 30 days of the strike; talks and deals "
        "count up to 60 days after it. Only first strikes early enough to be followed so far are counted."
    )
    return Section("sequence", "Strike, reply, next move, talks", (text,), plates=plates, grids=grids)


def waiting_section(tables: Tables) -> Section | None:
    """Show how long until a first strike, a halt and talks, and the risk of a first strike by week."""
    parts = [_waits(tables), _hazard(tables)]
    plates = tuple(figure for shown, _ in parts for figure in shown)
    grids = tuple(grid for _, found in parts for grid in found)
    if not grids:
        return None
    text = (
        "The halt is that of the first campaign, talks are those after the first strike; both count only futures in "
        "which these begin in the first half of the simulated span, so that every wait can be followed. Marked: the "
        "day by which half of the futures have seen it."
    )
    return Section("waiting", "How soon: a first strike, a halt, talks", (text,), plates=plates, grids=grids)


def treatment_grid(meta: Meta, tables: Tables) -> tuple[str, Grid] | None:
    """Show what another signal in the last period would have moved."""
    table = tables.get("treatments")
    if table is None or table.empty:
        return None
    sides, outcomes = side_words(meta), list(dict.fromkeys(table["outcome"]))
    found = {(row["treatment"], row["side"], row["outcome"]): row for row in rows_of(table)}
    lines = []
    for row in rows_of(table.drop_duplicates(["treatment", "side"])):
        name, side = row["treatment"], row["side"]
        label = text_cell(name, note=f"{words(sides.get(side, side))}: {words(row['wording'])}", tone=f"side-{side}")
        cells = [
            _effect_cell(found[name, side, event]) if (name, side, event) in found else NOTHING for event in outcomes
        ]
        lines.append((label, *cells, text_cell(row["note"])))
    head = ("had the last period shown", *map(words, outcomes), "remarks")
    grid = Grid(
        "treatments", "Change in percentage points, and the probability without and with it", head, tuple(lines)
    )
    text = (
        "Each line compares two versions of the last period that differ in one thing. Threats and deployments are read "
        "as news about a side's resolve, not as causes. Underlined: beyond the noise of the computation."
    )
    return text, grid


def likely_ways(sequence: pd.DataFrame) -> list[Row]:
    """The whole ways from strike to talks that most futures take, most likely first."""
    whole = sequence[(sequence["stage"] == len(STEPS)) & (sequence["opening"] != ANY)]
    return rows_of(whole.sort_values("probability", ascending=False, kind="stable").head(WAYS))


def _ways(tables: Tables) -> tuple[tuple[Plate, ...], tuple[Grid, ...]]:
    sequence = tables.get("sequence")
    if sequence is None or sequence.empty or not (sequence["stage"] == len(STEPS)).any():
        return (), ()
    quiet = rows_of(sequence[sequence["opening"] == "no_strike"])
    missed = percent(1 - quiet[0]["probability"], quiet[0]["mcse"]) if quiet else "–"
    figure = plate(
        sequence_figure(sequence),
        "sequence",
        "From strike to talks",
        alt.sequence_alt(sequence),
        f"Given a first strike early enough to be followed for 60 days ({missed} of all futures). The width of a "
        "stream is its share; the colour is that of where it comes from.",
        "sequence",
    )
    rows = tuple(
        (*(Cell(LABELS.get(str(row[step]), words(row[step])).replace("\n", " ")) for step in STEPS), percent_cell(row))
        for row in likely_ways(sequence)
    )
    head = ("first strike", "reply", "next move", "talks", "probability")
    return (figure,), (Grid("ways", "The most likely ways from strike to talks, of all futures", head, rows),)


def _replies(meta: Meta, tables: Tables) -> tuple[tuple[Plate, ...], tuple[Grid, ...]]:
    replies = tables.get("replies")
    if replies is None or replies.empty:
        return (), ()
    sides, modes = side_words(meta), list(dict.fromkeys(replies["mode"]))
    found = {(row["opening"], row["opener"], row["mode"]): row for row in rows_of(replies)}
    lines = []
    for opening, opener in dict.fromkeys((opening, opener) for opening, opener, _ in found):
        label = Cell(opening_name(opening), note=f"by {words(sides.get(opener, opener))}")
        cells = [percent_cell(found[opening, opener, mode]) if (opening, opener, mode) in found else NOTHING
                 for mode in modes]  # fmt: skip
        lines.append((label, *cells))
    grid = Grid("replies", "Reply by kind of opening strike, with 80 % intervals", ("opening", *modes), tuple(lines))
    if replies.loc[replies["opener"] == "either", "probability"].isna().all():
        return (), (grid,)
    figure = plate(
        figures.reply_figure(replies),
        "replies",
        "Replies by kind of opening strike",
        alt.reply_alt(replies),
        "Reply to the first strike by either side, in per cent. Shares below 8 % are in the table.",
        "replies",
    )
    return (figure,), (grid,)


def _quantities(tables: Tables) -> tuple[tuple[Plate, ...], tuple[Grid, ...]]:
    quantities = tables["quantities"]
    if quantities.empty:
        return (), ()
    wording = dict(zip(quantities["name"], quantities["wording"], strict=True))
    grid = horizon_grid(
        quantities,
        "name",
        [(name, text_cell(text)) for name, text in wording.items()],
        name="quantities",
        caption="Probability of further events inside the window. They overlap, so they do not add up; a dash: the "
        "condition was never met",
        first="event",
    )
    return (), (grid,)


def _waits(tables: Tables) -> tuple[tuple[Plate, ...], tuple[Grid, ...]]:
    waiting = tables.get("waiting")
    if waiting is None or waiting["probability"].isna().all():
        return (), ()
    figure = plate(
        waiting_figure(waiting),
        "waiting",
        "How long until",
        alt.waiting_alt(waiting),
        "Probability that it has happened by the day, with its 80 % interval.",
        "waiting",
    )
    last = int(waiting["days"].max())
    shown = [*(day for day in WAITED if day < last), last]
    lines = []
    for name, (title, since, _) in WAITS.items():
        rows = waiting[waiting["event"] == name]
        if rows.empty:
            continue
        found = {row["days"]: row for row in rows_of(rows)}
        half = day_of_share(rows) if rows["probability"].notna().any() else None
        cells = [percent_cell(found[day]) if day in found else NOTHING for day in shown]
        label = Cell(title, note=f"days since {since}")
        lines.append((label, *cells, NOTHING if half is None else Cell(f"day {half:.0f}", tone="number")))
    head = ("event", *(days(day) for day in shown), "half by")
    return (figure,), (Grid("waiting", "Probability that it has happened within so many days", head, tuple(lines)),)


def _hazard(tables: Tables) -> tuple[tuple[Plate, ...], tuple[Grid, ...]]:
    if "hazard" not in tables or tables["hazard"]["probability"].isna().all():
        return (), ()
    hazard = tables["hazard"]
    rows = tuple((Cell(str(row["week"])), Cell(str(row["start"])[:10]), percent_cell(row)) for row in rows_of(hazard))
    figure = plate(
        figures.hazard_figure(hazard),
        "hazard",
        "Risk of a first strike by week",
        alt.hazard_alt(hazard),
        "Probability of a first overt strike in the week, given none before, with its 80 % interval "
        "where the noise of the simulation lets it be seen.",
        "hazard",
    )
    caption = "Risk of a first overt strike by week, given none before"
    return (figure,), (Grid("hazard", caption, ("week", "from", "risk"), rows),)


def _effect_cell(row: Row) -> Cell:
    if is_blank(row["difference"]):
        return NOTHING
    shown, beyond = points(row["difference"], row["mcse"]), abs(row["difference"]) > 2 * row["mcse"]
    note = f"{percent(row['control'], WHOLE)} → {percent(row['treated'], WHOLE)}"
    tone = "number strong" if beyond and shown != "0" else "number"
    return Cell(shown, note=note, value=repr(float(row["difference"])), tone=tone)
