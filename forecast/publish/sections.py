"""The first half of the report: what may come, what changed, and what came in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

import pandas as pd

from forecast.publish import alt, figures
from forecast.publish.changes import ladder_change, new_signals, quantity_change
from forecast.publish.page import (
    NOTHING,
    Cell,
    Grid,
    Link,
    Section,
    horizon_grid,
    percent_cell,
    plate,
    text_cell,
    words,
)
from forecast.publish.tables import Meta, Row, Tables, horizons_of, is_blank, rows_of
from forecast.publish.timeline import WEEKS, latent_figure
from forecast.publish.wording import HEADLINE_HORIZON, day, days, opening_name, percent, points, rung_name, side_words
from forecast.terms import LADDER, LADDER_RULES

LISTED_WEEKS: Final = 12
SOURCE: Final = "source-"


class Earlier(Protocol):
    """An earlier forecast of the same case, e.g. an archived run."""

    @property
    def meta(self) -> Mapping[str, Any]:
        """Meta data of the forecast."""
        ...

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Tables of the forecast."""
        ...


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
    )
    dots = plate(
        figures.ladder_interval_figure(ladder),
        "intervals",
        "Outcomes with their intervals",
        alt.ladder_interval_alt(ladder),
        "Dot: probability. Line: 80 % interval.",
    )
    return Section("ladder", "What may happen", (text,), plates=(bars, dots), grids=(grid,))


def change_section(tables: Tables, previous: Earlier | None) -> Section:
    """Show the last archived forecast beside this one."""
    title = "What changed since the last forecast"
    if previous is None:
        return Section("change", title, ("There is no earlier archived forecast of this case.",))
    change = ladder_change(tables["ladder"], previous.tables["ladder"])
    text = [
        f"The last forecast was made as of {day(previous.meta['as_of'])}. Both forecasts look the same number of days "
        "ahead, so the later window also ends later. Underlined: beyond the noise of the simulation."
    ]
    if change.empty:
        return Section("change", title, (*text, "The two have no horizon in common."))
    text += strike_change(tables["quantities"], previous.tables["quantities"])
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
    )
    return Section("change", title, tuple(text), plates=(figure,), grids=(grid,), beside=True)


def strike_change(now: pd.DataFrame, before: pd.DataFrame) -> list[str]:
    """Sentence on the change of P(overt strike) at the horizon nearest to 30 days; none where it is not in both."""
    rows = [row for row in rows_of(quantity_change(now, before)) if row["name"] == "p_strike"]
    if not rows:
        return []
    row = min(rows, key=lambda row: abs(row["horizon_days"] - HEADLINE_HORIZON))
    moved = points(row["difference"], row["mcse"])
    verdict = f" ({moved} points before rounding)" if row["beyond_noise"] else "; the simulation cannot tell them apart"
    return [
        f"An overt strike by either side within {days(row['horizon_days'])}: "
        f"{percent(row['before'], row['mcse_before'])} then, {percent(row['now'], row['mcse_now'])} now{verdict}."
    ]


def signal_section(meta: Meta, tables: Tables, previous: Earlier | None) -> Section | None:
    """Show the paths of the unobserved states, and the signals that came in over the last weeks."""
    if "latents" not in tables or "signals" not in tables:
        return None
    latents, signals, sides = tables["latents"], tables["signals"], side_words(meta)
    since = pd.Timestamp(str(meta["as_of"])) - pd.Timedelta(weeks=LISTED_WEEKS)
    listed = rows_of(signals[pd.to_datetime(signals["date"]) > since])
    listed.sort(key=lambda row: (str(row["date"]), str(row["move_id"])), reverse=True)
    fresh: set[str] = set()
    text = [
        "Resolve stands for a side's readiness to use force, credibility for how far the other side believes it. "
        "Neither is observed: the paths are what the record makes likely, with 80 % bands. Shaded: no source observed."
    ]
    if previous is not None and "signals" in previous.tables:
        fresh = set(new_signals(signals, previous.tables["signals"])["move_id"].astype(str))
        text.append(f"Rows that are new since the last forecast: {len(fresh)}. Those in the list are marked “new”.")
    anchors = source_anchors(tables)
    grid = Grid(
        "signals",
        f"Signals and acts of the last {LISTED_WEEKS} weeks, newest first ({len(listed)} rows)",
        ("date", "who", "what", "summary", "sources"),
        tuple(_signal_row(row, sides, fresh, anchors) for row in listed),
    )
    if latents.empty:
        return Section("signals", "What came in", tuple(text), grids=(grid,))
    figure = plate(
        latent_figure(latents, signals, sides),
        "latents",
        "Resolve, credibility and signals",
        alt.latent_alt(latents, signals, sides, WEEKS),
        f"The last {WEEKS} weeks. Larger marks: higher level. Only rows that were known on the as-of day.",
    )
    return Section("signals", "What came in", tuple(text), plates=(figure,), grids=(grid,))


def hazard_section(tables: Tables) -> Section | None:
    """Show the risk of a first strike by week."""
    if "hazard" not in tables or tables["hazard"]["probability"].isna().all():
        return None
    hazard = tables["hazard"]
    rows = tuple(
        (Cell(str(row["week"])), Cell(f"{str(row['start'])[:10]} to {str(row['end'])[:10]}"), percent_cell(row))
        for row in rows_of(hazard)
    )
    figure = plate(
        figures.hazard_figure(hazard),
        "hazard",
        "Risk of a first strike by week",
        alt.hazard_alt(hazard),
        "Probability of a first overt strike in the week, given none before, with its 80 % interval.",
    )
    grid = Grid("hazard", "Risk of a first overt strike by week, given none before", ("week", "days", "risk"), rows)
    return Section("hazard", "When a first strike would come", plates=(figure,), grids=(grid,), beside=True)


def reply_section(meta: Meta, tables: Tables) -> Section | None:
    """Show how the struck side answers."""
    if "replies" not in tables or tables["replies"].empty:
        return None
    replies, sides = tables["replies"], side_words(meta)
    modes = list(dict.fromkeys(replies["mode"]))
    found = {(row["opening"], row["opener"], row["mode"]): row for row in rows_of(replies)}
    lines = []
    for opening, opener in dict.fromkeys((opening, opener) for opening, opener, _ in found):
        label = Cell(opening_name(opening), note=f"by {words(sides.get(opener, opener))}")
        cells = [percent_cell(found[opening, opener, mode]) if (opening, opener, mode) in found else NOTHING
                 for mode in modes]  # fmt: skip
        lines.append((label, *cells))
    grid = Grid("replies", "Reply by kind of opening strike, with 80 % intervals", ("opening", *modes), tuple(lines))
    plates = ()
    if (replies.loc[replies["opener"] == "either", "probability"]).notna().any():
        figure = plate(
            figures.reply_figure(replies),
            "replies",
            "Replies by kind of opening strike",
            alt.reply_alt(replies),
            "Reply to the first strike by either side, in per cent. Shares below 8 % are in the table.",
        )
        plates = (figure,)
    return Section("replies", "How the struck side would answer", plates=plates, grids=(grid,), beside=True)


def quantity_section(tables: Tables) -> Section | None:
    """Show what happens before and after force: events from the same paths."""
    quantities = tables["quantities"]
    if quantities.empty:
        return None
    wording = dict(zip(quantities["name"], quantities["wording"], strict=True))
    grid = horizon_grid(
        quantities,
        "name",
        [(name, text_cell(text)) for name, text in wording.items()],
        name="quantities",
        caption="Probability of each event inside the window, with its 80 % interval",
        first="event",
    )
    text = (
        "Counted on the same simulated paths as the outcomes. These events overlap, so they do not add up. A dash: the "
        "condition was never met."
    )
    return Section("after-force", "Who strikes, and what follows force", (text,), grids=(grid,))


def question_section(tables: Tables) -> Section | None:
    """Show the named questions with the rule that resolves each."""
    if "questions" not in tables or tables["questions"].empty:
        return None
    rows = tuple(
        (text_cell(row["wording"], note=row["question_id"]), Cell(days(row["horizon_days"])), percent_cell(row),
         text_cell(row["rule"]))
        for row in rows_of(tables["questions"])
    )  # fmt: skip
    grid = Grid(
        "questions", "Questions and their resolution rules", ("question", "window", "probability", "rule"), rows
    )
    text = "Each question is resolved later by its rule, from the record alone. The rule is fixed with this forecast."
    return Section("questions", "Questions that the record will answer", (text,), grids=(grid,))


def source_anchors(tables: Tables) -> dict[str, str]:
    """Anchor on the page for each source id."""
    if "sources" not in tables:
        return {}
    return {str(source): f"{SOURCE}{number}" for number, source in enumerate(tables["sources"]["source_id"], start=1)}


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
    links = tuple(
        Link(words(source), f"#{anchors[source]}" if source in anchors else "")
        for source in words(row["sources"]).split(";")
        if source
    )
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
