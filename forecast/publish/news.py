"""What changed since the last forecast, and which rows of the record came in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from forecast.publish import alt, figures
from forecast.publish.changes import OVERT, ladder_of
from forecast.publish.movers import mover_parts
from forecast.publish.page import Cell, Grid, Link, Plate, Section, plate, text_cell, words
from forecast.publish.sections import SOURCE, rung_cell
from forecast.publish.tables import Meta, Row, Tables, horizons_of, is_blank, rows_of
from forecast.publish.wording import HEADLINE_HORIZON, day, days, percent, points, shift, side_words
from forecast.terms import LADDER

LISTED_WEEKS: Final = 12
LISTED: Final = 400
"""Rows of the record on the page at most; a table of the archive holds them all."""
PRINTED: Final = 120
"""Rows of the record that are printed on paper at most."""


def change_section(meta: Meta, tables: Tables) -> Section:
    """Show the last archived forecast beside this one, and the rows that came in."""
    title, text = "What changed, and what came in", []
    parts: tuple[tuple[Plate, ...], tuple[Grid, ...]] = ((), ())
    if "previous_as_of" not in meta or "change" not in tables:
        text.append("There is no earlier archived forecast of this case.")
    else:
        text.append(
            f"The last forecast was made as of {day(meta['previous_as_of'])}. Both forecasts look the same number of "
            "days ahead, so the later window also ends later. Underlined: beyond the noise of the simulation."
        )
        change = tables["change"]
        text += strike_change(change)
        ladder = ladder_of(change)
        if ladder.empty:
            text.append("The two have no horizon in common.")
        else:
            parts = _change_parts(ladder)
        text += _moved(meta, tables)
        told, plates, grids = mover_parts(tables)
        text, parts = [*text, *told], ((*plates, *parts[0]), (*parts[1], *grids))
    return Section("change", title, tuple(text), plates=parts[0], grids=(*parts[1], *_signal_grid(meta, tables)))


def strike_change(change: pd.DataFrame) -> list[str]:
    """Sentence on the change of P(overt strike) at the horizon nearest to 30 days; none where it is not in both."""
    rows = [row for row in rows_of(change) if row["name"] == OVERT]
    if not rows:
        return []
    row = min(rows, key=lambda row: abs(row["horizon_days"] - HEADLINE_HORIZON))
    moved = points(row["difference"], row["mcse"])
    verdict = f" ({moved} points before rounding)" if row["beyond_noise"] else "; the simulation cannot tell them apart"
    return [
        f"An overt strike by either side within {days(row['horizon_days'])}: "
        f"{percent(row['before'], row['mcse_before'])} then, {percent(row['now'], row['mcse_now'])} now{verdict}."
    ]


def listed_signals(meta: Meta, signals: pd.DataFrame) -> list[Row]:
    """Rows of the last weeks, newest first, at most `LISTED`."""
    since = pd.Timestamp(str(meta["as_of"])) - pd.Timedelta(weeks=LISTED_WEEKS)
    recent = signals[pd.to_datetime(signals["date"]) > since]
    order = recent[["date", "move_id"]].astype(str).sort_values(["date", "move_id"], ascending=False).index
    return rows_of(recent.loc[order[:LISTED]])


def source_ids(row: Row) -> list[str]:
    """Ids of the sources that a row of `signals` cites."""
    return [source for source in words(row["sources"]).split(";") if source]


def source_anchors(tables: Tables) -> dict[str, str]:
    """Anchor on the page for each source id."""
    if "sources" not in tables:
        return {}
    return {str(source): f"{SOURCE}{number}" for number, source in enumerate(tables["sources"]["source_id"], start=1)}


def _change_parts(change: pd.DataFrame) -> tuple[tuple[Plate, ...], tuple[Grid, ...]]:
    horizons = horizons_of(change)
    found = {(row["rung"], row["horizon_days"]): row for row in rows_of(change)}
    rows = tuple((rung_cell(code), *(_change_cell(found[code, horizon]) for horizon in horizons)) for code in LADDER)
    caption = "Change in percentage points, with the probability before and now"
    grid = Grid("change", caption, ("outcome", *(f"{horizon} days" for horizon in horizons)), rows)
    figure = plate(
        figures.change_figure(change),
        "change",
        "Change since the last forecast",
        alt.change_alt(change),
        "Ring: last forecast. Disc: this one. A number is the change in points, where it exceeds simulation noise.",
        "change",
    )
    return (figure,), (grid,)


def _moved(meta: Meta, tables: Tables) -> list[str]:
    """Sentences on what moved the forecast: the shift of the unobserved states since then, and the new rows."""
    text, sides = [], side_words(meta)
    if "latents" in tables and not tables["latents"].empty:
        latents = tables["latents"].assign(date=pd.to_datetime(tables["latents"]["date"])).sort_values("date")
        then = latents[latents["date"] <= pd.Timestamp(str(meta["previous_as_of"]))]
        told = []
        for latent in dict.fromkeys(latents["latent"]):
            for side in ("a", "b"):
                ends = [part[(part["latent"] == latent) & (part["side"] == side)]["mean"] for part in (then, latents)]
                if all(len(end) for end in ends):
                    told.append(f"{latent} of {words(sides[side])} {shift(ends[0].iloc[-1], ends[1].iloc[-1])}")
        if told:
            text.append(f"Since then, in standard deviations and as this forecast sees it: {', '.join(told)}.")
    if "news" in tables and "signals" in tables:
        fresh = tables["signals"][tables["signals"]["move_id"].isin(set(tables["news"]["move_id"]))]
        counts = ", ".join(f"{channel} {number}" for channel, number in fresh["channel"].value_counts().items())
        text.append(
            f"Rows that are new since the last forecast: {len(fresh)}{f' ({words(counts)})' if counts else ''}. "
            "Those in the list are marked “new”."
        )
    return text


def _signal_grid(meta: Meta, tables: Tables) -> tuple[Grid, ...]:
    """The rows of the last weeks, newest first."""
    if "signals" not in tables:
        return ()
    signals, sides, anchors = tables["signals"], side_words(meta), source_anchors(tables)
    fresh = set(tables["news"]["move_id"].astype(str)) if "news" in tables else set()
    listed = listed_signals(meta, signals)
    what = f"the newest {LISTED}; all are in tables/signals.csv" if len(listed) == LISTED else f"{len(listed)} rows"
    caption = f"Signals and acts of the last {LISTED_WEEKS} weeks, newest first ({what})"
    rows = tuple(_signal_row(row, sides, fresh, anchors) for row in listed)
    paper = tuple(range(PRINTED)) if len(rows) > PRINTED else None
    rest = f"the newest {PRINTED}; the others are in tables/signals.csv"
    return (Grid("signals", caption, ("date", "who", "what", "summary", "sources"), rows, paper=paper, rest=rest),)


def _change_cell(row: Row) -> Cell:
    shown = points(row["difference"], row["mcse"])
    note = f"{percent(row['before'], row['mcse_before'])} → {percent(row['now'], row['mcse_now'])}"
    tone = "number strong" if row["beyond_noise"] and shown != "0" else "number"
    return Cell(shown, note=note, value=repr(float(row["difference"])), tone=tone)


def _signal_row(row: Row, sides: Mapping[str, str], fresh: set[str], anchors: Mapping[str, str]) -> tuple[Cell, ...]:
    date, known = str(row["date"])[:10], str(row["known_date"])[:10]
    target = "" if is_blank(row["target"]) else f" → {words(row['target'])}"
    if is_blank(row["rung"]):
        degree = "" if is_blank(row["level"]) else f"level {row['level']}"
    else:
        degree = f"rung {row['rung']}"
    doubt = "" if row["confidence"] == "confirmed" else words(row["confidence"])
    flags = [flag for flag in ("new" if str(row["move_id"]) in fresh else "", doubt) if flag]
    side = row["side"] if row["side"] in {"a", "b"} else ""
    links = tuple(Link(source, f"#{anchors[source]}" if source in anchors else "") for source in source_ids(row))
    return (
        Cell(date, note="" if known == date else f"known {known}"),
        Cell(
            f"{words(row['actor'])}{target}",
            note=words(sides[side]) if side else "",
            tone=f"side-{side}" if side else "",
        ),
        Cell(f"{words(row['channel'])}: {words(row['type']).replace('_', ' ')}", note=degree),
        text_cell(row["summary"], note=" · ".join(flags)),
        Cell("", links=links),
    )
