"""The part of the report on what moved the forecast since the last one: the waterfall, and what each part moved."""

from __future__ import annotations

from typing import Final

from forecast.publish.associations import ASSOCIATION
from forecast.publish.page import Cell, Grid, Plate, plate, text_cell, words
from forecast.publish.scenario_figure import near_horizon
from forecast.publish.tables import Row, Tables, horizons_of, is_blank, rows_of
from forecast.publish.waterfall import ends, shown_parts, waterfall_alt, waterfall_figure
from forecast.publish.wording import clean, days, points

OVERT: Final = "p_strike"
_SEEN: Final = 0.005
PRINTED: Final = 30
"""Parts that are printed on paper at most."""


def mover_parts(tables: Tables) -> tuple[list[str], tuple[Plate, ...], tuple[Grid, ...]]:
    """Sentences, figure and grid on what moved the forecast; nothing where the run did not split the change."""
    if "movers" not in tables or tables["movers"].empty:
        return [], (), ()
    movers = tables["movers"]
    horizon = near_horizon(movers)
    before, now = ends(movers)
    rows = shown_parts(movers)
    text = [
        f"The way from {before} to {now} for an overt strike within {days(horizon)}, in parts that add up: first the "
        "rows that were corrected, then time (the same record on this day, as if nothing more had been reported), then "
        "the refit, then each new row. A row's part is the mean of what it moves when it comes first and when it comes "
        "last; it says what the row told the model, not what it caused.",
        *([ASSOCIATION] if _upwards(rows) else []),
        *sorted({words(row["note"]) for row in rows if not is_blank(row["note"])}),
    ]
    if not rows:
        return [*text, "Nothing moved it."], (), ()
    figure = plate(
        waterfall_figure(movers),
        "movers",
        f"What moved the chance of an overt strike within {days(horizon)}",
        waterfall_alt(movers),
        "Each bar is one part of the change, with its size in percentage points; the grey bars are the two forecasts.",
        "movers",
    )
    return text, (figure,), (_grid(tables),)


def _upwards(rows: list[Row]) -> bool:
    """Whether a diplomatic signal is among what raised the forecast by half a point or more."""
    return any(row["channel"] == "diplomacy" and row["difference"] >= _SEEN for row in rows)


def _grid(tables: Tables) -> Grid:
    movers, horizons = tables["movers"], horizons_of(tables["movers"])
    overt = movers[movers["name"] == OVERT]
    found = {(row["part"], row["horizon_days"]): row for row in rows_of(overt)}
    firsts = [row for row in rows_of(overt.drop_duplicates("part")) if row["part"] is not None]
    lines = tuple(
        (text_cell(row["label"], note=_day(row)), *(_cell(found[row["part"], horizon]) for horizon in horizons))
        for row in firsts
    )
    caption = "Change of the chance of an overt strike in percentage points; rung by rung in tables/movers.csv"
    head = ("what moved it", *(f"{horizon} days" for horizon in horizons))
    paper = tuple(range(PRINTED)) if len(lines) > PRINTED else None
    return Grid("movers", caption, head, lines, paper=paper, rest="the others are in tables/movers.csv")


def _day(row: Row) -> str:
    return "" if is_blank(row["date"]) else clean(str(row["date"])[:10])


def _cell(row: Row) -> Cell:
    shown = points(row["difference"], row["mcse"])
    strong = abs(row["difference"]) > 2 * row["mcse"] and shown != "0"
    return Cell(shown, value=repr(float(row["difference"])), tone="number strong" if strong else "number")
