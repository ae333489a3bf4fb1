"""The section of the report on what would move the forecast: signals, scenarios, concessions, next moves."""

from __future__ import annotations

from typing import Final

import pandas as pd

from forecast.publish.ahead import treatment_grid
from forecast.publish.associations import association_sentence
from forecast.publish.page import NOTHING, Cell, Grid, Plate, Section, percent_cell, plate, text_cell, words
from forecast.publish.scenario_figure import (
    concession_figure,
    move_name,
    near_horizon,
    next_move_figure,
    scenario_figure,
    short_event_name,
    spread_text,
    top_moves,
)
from forecast.publish.tables import Meta, Row, Tables, is_blank, rows_of
from forecast.publish.wording import day, days, percent, points, side_words
from forecast.terms import SIDES

TITLE: Final = "What would move the forecast"
EVENTS: Final = ("p_strike", "p_strike_a", "p_strike_b", "p_campaign", "p_deal")
_WHOLE: Final = 0.005
_LEVELS: Final = ("withheld", "level 1", "level 2", "level 3", "level 3, then a deal")
SCENARIO_TEXT: Final = (
    "Scenarios change the record, and the forecast is made again from the same posterior. Both sides of a comparison "
    "share draws and random numbers, so that a change is exact to about a point; its 80 % interval says how far "
    "it differs between draws of the model's parameters. Threats, deployments and offers are read as news about a "
    "side's resolve, not as causes. These are conditional forecasts, no advice."
)
CONCESSION_TEXT: Final = (
    "The concession curve: the forecast if, in each of the coming weeks, the highest conciliatory signal of a side is "
    "of the level, and no side strikes meanwhile; withheld: the side gives none."
)
MOVE_TEXT: Final = (
    "Worth watching next: each channel of a side by how far the forecast is expected to move when the coming period is "
    "seen (chance of each level times the shift it brings; the chance of an act is how often the last two years showed "
    "it)."
)


def scenario_section(meta: Meta, tables: Tables) -> Section | None:
    """Show scenarios beside the base, the concession curve, the worth of next moves, and single signals."""
    parts = [_scenarios(meta, tables), _concessions(meta, tables), _next_moves(meta, tables)]
    signals = treatment_grid(meta, tables)
    if signals is not None:
        text, grid = signals
        parts.append(((text,), (), (grid,)))
    shown = [part for part in parts if part[2]]
    if not shown:
        return None
    return Section(
        "scenarios",
        TITLE,
        tuple(text for part in shown for text in part[0]),
        plates=tuple(figure for part in shown for figure in part[1]),
        grids=tuple(grid for part in shown for grid in part[2]),
    )


def _scenarios(meta: Meta, tables: Tables) -> tuple[tuple[str, ...], tuple[Plate, ...], tuple[Grid, ...]]:
    table = _part(tables, "scenarios")
    if table is None:
        return (), (), ()
    sides, horizon = side_words(meta), near_horizon(table)
    here = table[table["horizon_days"] == horizon]
    found = {(row["scenario"], row["name"]): row for row in rows_of(here)}
    lines = []
    for row in rows_of(here.drop_duplicates("scenario")):
        told = f"{row['wording']}; counted from {day(row['counted_from'])}"
        note = "" if is_blank(row["note"]) else f". No numbers: {row['note']}"
        label = text_cell(row["title"], note=told + note, tone="long")
        cells = [_change(found.get((row["scenario"], event)), "base", "difference") for event in EVENTS]
        lines.append((label, *cells))
    head = ("what if", *(short_event_name(event, sides) for event in EVENTS))
    caption = (
        f"Change within {days(horizon)}, in percentage points, with its 80 % interval; beneath, the probability "
        "without and with the scenario"
    )
    figures = ()
    if here.loc[here["name"] == "p_strike", "probability"].notna().any():
        figures = (
            plate(
                scenario_figure(table),
                "scenarios",
                "Scenarios",
                _scenario_alt(here),
                f"Chance of an overt strike by either side within {days(horizon)}. Ring: as it is. Disc: with the "
                "scenario, its 80 % interval behind it, and the change in percentage points.",
                "scenarios",
            ),
        )
    return (SCENARIO_TEXT, association_sentence(tables)), figures, (Grid("scenarios", caption, head, tuple(lines)),)


def _concessions(meta: Meta, tables: Tables) -> tuple[tuple[str, ...], tuple[Plate, ...], tuple[Grid, ...]]:
    table = _part(tables, "concessions")
    if table is None:
        return (), (), ()
    sides, horizon = side_words(meta), near_horizon(table, 90)
    here = table[table["horizon_days"] == horizon]
    found = {(row["side"], row["level"], row["name"]): row for row in rows_of(here)}
    lines = [
        (
            Cell(f"{words(sides[side])}: {_LEVELS[int(level)]}", tone=f"side-{side}"),
            *(_with_change(found.get((side, level, event))) for event in EVENTS),
        )
        for side in reversed(SIDES)
        for level in sorted(here["level"].unique())
    ]
    weeks, start = int(here["weeks"].iloc[0]), day(here["counted_from"].iloc[0])
    caption = (
        f"Probability within {days(horizon)} from {start}, by the level conceded in each of the {weeks} weeks before, "
        "and the change to the concession withheld"
    )
    grid = Grid("concessions", caption, ("concession", *(short_event_name(e, sides) for e in EVENTS)), tuple(lines))
    if here["probability"].isna().all():
        return (CONCESSION_TEXT,), (), (grid,)
    figure = plate(
        concession_figure(table, sides=sides),
        "concessions",
        "The concession curve",
        _concession_alt(here, sides),
        f"Chance of a strike within {days(horizon)} by the other side, by the level that one side concedes, with "
        "80 % intervals.",
        "concessions",
    )
    return (CONCESSION_TEXT,), (figure,), (grid,)


def _next_moves(meta: Meta, tables: Tables) -> tuple[tuple[str, ...], tuple[Plate, ...], tuple[Grid, ...]]:
    table = _part(tables, "next_moves")
    if table is None:
        return (), (), ()
    sides, horizon = side_words(meta), near_horizon(table)
    tops = top_moves(table)
    lines = [
        (
            text_cell(f"{sides[row['side']]}: {move_name(row)}", tone=f"side-{row['side']}"),
            Cell(f"{100 * row['expected_change']:.1f}", value=repr(float(row["expected_change"])), tone="number"),
            text_cell(row["wording"]),
            Cell(percent(row["chance"], _WHOLE), value=repr(float(row["chance"])), tone="number"),
            _change(row, "base", "shift"),
        )
        for row in rows_of(tops)
    ]
    head = ("what to watch", "expected change", "its most telling move", "chance", "shift by that move")
    caption = (
        f"Expected and possible change in the chance of an overt strike by either side within {days(horizon)} of "
        f"{day(table['counted_from'].iloc[0])}, in percentage points"
    )
    figure = plate(
        next_move_figure(table, sides=sides),
        "next-moves",
        "Which signal would move the forecast most next",
        "Expected change in percentage points: "
        + "; ".join(f"{sides[r['side']]} {move_name(r)} {100 * r['expected_change']:.1f}" for r in rows_of(tops))
        + ".",
        f"Mean absolute change of the chance of an overt strike within {days(horizon)}, in percentage points.",
        "next_moves",
    )
    return (MOVE_TEXT,), (figure,), (Grid("next-moves", caption, head, tuple(lines)),)


def _part(tables: Tables, name: str) -> pd.DataFrame | None:
    table = tables.get(name)
    return None if table is None or table.empty else table


def _change(row: Row | None, before: str, change: str) -> Cell:
    if row is None or is_blank(row[change]):
        return NOTHING
    shown, beyond = points(row[change], row["mcse"]), abs(row[change]) > 2 * row["mcse"]
    note = f"{percent(row[before], _WHOLE)} → {percent(row['probability'], _WHOLE)}"
    tone = "number strong" if beyond and shown != "0" else "number"
    return Cell(shown + spread_text(row), note=note, value=repr(float(row[change])), tone=tone)


def _with_change(row: Row | None) -> Cell:
    if row is None or is_blank(row["probability"]):
        return NOTHING
    cell = percent_cell({**row, "mcse": _WHOLE})
    change = "" if row["level"] == 0 else f"; {points(row['difference'], row['mcse'])}{spread_text(row)}"
    return Cell(cell.text, note=cell.note + change, value=cell.value, tone=cell.tone)


def _scenario_alt(here: pd.DataFrame) -> str:
    rows = rows_of(here[(here["name"] == "p_strike") & here["probability"].notna()])
    told = [f"{words(r['title'])} {percent(r['base'], _WHOLE)} to {percent(r['probability'], _WHOLE)}" for r in rows]
    return f"Chance of a strike without and with each scenario: {'; '.join(told)}."


def _concession_alt(here: pd.DataFrame, sides: dict[str, str]) -> str:
    told = []
    for side, other in (("b", "a"), ("a", "b")):
        rows = here[(here["side"] == side) & (here["name"] == f"p_strike_{other}") & here["probability"].notna()]
        values = ", ".join(percent(p, _WHOLE) for p in rows.sort_values("level")["probability"])
        told.append(f"{sides[side]} concedes at levels 0 to 3, then a deal: strike by {sides[other]} {values}")
    return "; ".join(told) + "."
