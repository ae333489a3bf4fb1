"""The first part of the report: how earlier forecasts did, what may happen, the forecast over time, and the sides."""

from __future__ import annotations

from typing import Final

import pandas as pd

from forecast.publish import alt, figures
from forecast.publish.changes import OVERT
from forecast.publish.course import history_figure, nearest_horizon
from forecast.publish.history import notable
from forecast.publish.page import (
    NOTHING,
    Cell,
    Grid,
    Plate,
    Section,
    horizon_grid,
    number_cell,
    percent_cell,
    plate,
    text_cell,
    words,
)
from forecast.publish.tables import TABLES, Meta, Row, Tables, horizons_of, is_blank, rows_of
from forecast.publish.timeline import WEEKS, latent_figure
from forecast.publish.wording import days, percent, points, rung_name, side_words
from forecast.terms import LADDER, LADDER_RULES

SOURCE: Final = "source-"
NO_SIGNALS: Final = pd.DataFrame(columns=list(TABLES["signals"].names))
_SEEN: Final = 0.005
"""Smallest difference (half a point) that a printed table would show."""
UNSCORED: Final = (
    "This run holds no scores of earlier forecasts. Nothing in this report shows that its probabilities are "
    "calibrated, or that they beat a simple baseline."
)


def rung_cell(code: str, *, note: str = "") -> Cell:
    """Cell that names an outcome and carries its colour."""
    return Cell(f"{code} {rung_name(code)}", note=note, tone=f"rung {code.lower()}")


def ladder_section(tables: Tables) -> Section:
    """Show the ladder of outcomes: bars, intervals, the same numbers as a table, and what each outcome means."""
    ladder = tables["ladder"]
    grid = horizon_grid(
        ladder,
        "rung",
        [(code, rung_cell(code, note=LADDER_RULES[code])) for code in LADDER],
        name="ladder",
        caption="Probability of each outcome inside the window, with its 80 % interval",
        first="outcome",
    )
    text = (
        "Every window counts from the as-of day. The outcomes exclude each other: the most severe thing that "
        "happens inside the window decides. The 80 % interval says how uncertain the probability itself is, as the "
        "model's parameters and the state of the crisis are uncertain. Rounded numbers may not add up to 100 %."
    )
    bars = plate(
        figures.ladder_figure(ladder),
        "ladder",
        "Outcomes by horizon",
        alt.ladder_alt(ladder),
        "Outcomes by horizon, in per cent. Shares below 8 % are in the table.",
        "ladder",
    )
    dots = plate(
        figures.ladder_interval_figure(ladder),
        "intervals",
        "Outcomes with their intervals",
        alt.ladder_interval_alt(ladder),
        "Dot: probability. Line: 80 % interval.",
        "ladder",
    )
    return Section("ladder", "What may happen", (text,), plates=(bars, dots), grids=(grid,))


def track_record_section(tables: Tables) -> Section:
    """Show how earlier forecasts did, or say that nothing in this report tells."""
    title, scores = "How earlier forecasts did", tables.get("scores")
    if scores is None or scores.empty:
        return Section("track-record", title, (UNSCORED,))
    told = scores[scores["forecasts"] > 0]
    if told.empty:
        return Section("track-record", title, ("No window of an earlier forecast has closed and could be resolved.",))
    rows = tuple(
        (
            text_cell(row["candidate"], note=f"{_counted(row)}, {row['stamp']}{_unresolved(row)}"),
            Cell(days(int(row["horizon_days"]))),
            text_cell(row["score"]),
            _score_cell(row, "mean", "low", "high"),
            _score_cell(row, "difference", "difference_low", "difference_high"),
        )
        for row in rows_of(told)
    )
    head = ("who", "window", "score", "mean", "against the best other")
    grid = Grid("scores", "Mean scores of earlier forecasts, with intervals; lower is better", head, rows)
    text = (
        "Forecasts whose windows have closed, scored by what the record showed on the as-of day. Prospective ones were "
        "made before the outcome could be known; retrospective ones are an exercise. A difference below 0 is in favour "
        "of the one named; where its interval holds 0 the two cannot be told apart."
    )
    return Section("track-record", title, (text,), grids=(grid,))


def _counted(row: Row) -> str:
    return "1 forecast" if row["forecasts"] == 1 else f"{row['forecasts']} forecasts"


def _unresolved(row: Row) -> str:
    """How many forecasts are not scored, and why."""
    counts = ((row["open"], "open"), (row["void"], "void"))
    return "".join(f", {number} {state}" for number, state in counts if number)


def history_section(tables: Tables) -> Section | None:
    """Show what the archived forecasts of the case said over time, with what happened."""
    history = tables.get("history")
    if history is None or history["as_of"].nunique() < 2:
        return None
    horizon = nearest_horizon(history)
    events = notable(tables["signals"]) if "signals" in tables else None
    figure = plate(
        history_figure(history, events, horizon),
        "history",
        "The forecast over time",
        alt.history_alt(history, events, horizon),
        "Disc: made before the outcome could be known; ring: afterwards. Band: 80 % interval. Marks above: acts of "
        "force of rung 3 or higher by either side, talks, deals and cease-fires that the record holds.",
        "history",
    )
    strikes = rows_of(history[(history["horizon_days"] == horizon) & (history["name"] == OVERT)])
    rows = tuple(
        (
            Cell(str(row["as_of"])[:10], note=f"made {str(row['created'])[:10]}"),
            text_cell(row["stamp"]),
            percent_cell(row),
        )
        for row in reversed(strikes)
    )
    caption = f"Overt strike by either side within {days(horizon)}, as earlier forecasts saw it; newest first"
    grid = Grid("history", caption, ("as of", "stamp", "probability"), rows)
    return Section("history", "The forecast over time", plates=(figure,), grids=(grid,), beside=True)


def resolve_section(meta: Meta, tables: Tables) -> Section | None:
    """Show the paths of the unobserved states, and the ladder without credibility."""
    note, grids = words(meta.get("credibility_note")), _without_credibility(tables)
    if ("latents" not in tables or tables["latents"].empty) and not note and not grids:
        return None
    text = [
        "Resolve stands for a side's readiness to use force, credibility for how far the other side believes it. "
        "Neither is observed: the paths are what the record makes likely, with 80 % bands. Shaded: no source observed."
    ]
    plates: tuple[Plate, ...] = ()
    if "latents" in tables and not tables["latents"].empty:
        latents, sides = tables["latents"], side_words(meta)
        signals = tables.get("signals", NO_SIGNALS)
        figure = plate(
            latent_figure(latents, signals, sides),
            "latents",
            "Resolve, credibility and signals",
            alt.latent_alt(latents, signals, sides, WEEKS),
            f"The last {WEEKS} weeks. Larger marks: higher level. Only rows that were known on the as-of day.",
            "latents",
        )
        plates = (figure,)
    return Section(
        "resolve",
        "Resolve and credibility of both sides",
        (*text, *([note] if note else [])),
        plates=plates,
        grids=grids,
    )


def _without_credibility(tables: Tables) -> tuple[Grid, ...]:
    table = tables.get("without_credibility")
    if table is None or table.empty or (table["difference"].abs() < _SEEN).all():
        return ()
    horizons = horizons_of(table)
    errors = {(row["rung"], row["horizon_days"]): row["mcse"] for row in rows_of(tables["ladder"])}
    found = {(row["rung"], row["horizon_days"]): row for row in rows_of(table)}
    rows = tuple(
        (rung_cell(code), *(_without_cell(found.get((code, n)), errors.get((code, n))) for n in horizons))
        for code in LADDER
    )
    head = ("outcome", *(f"{horizon} days" for horizon in horizons))
    return (Grid("without-credibility", "Outcomes without credibility, and the difference that makes", head, rows),)


def _without_cell(row: Row | None, mcse: float | None) -> Cell:
    if row is None:
        return NOTHING
    shown, note = percent(row["probability"], mcse), f"{points(row['difference'], mcse)} points"
    return Cell(shown, note, repr(float(row["probability"])), tone="number")


def _score_cell(row: Row, value: str, low: str, high: str) -> Cell:
    if is_blank(row[value]):
        return NOTHING
    ends = "" if is_blank(row[low]) else f"{number_cell(row[low], 3).text} to {number_cell(row[high], 3).text}"
    return Cell(number_cell(row[value], 3).text, note=ends, value=repr(float(row[value])), tone="number")
