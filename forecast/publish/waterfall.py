"""The figure of what moved a forecast: a waterfall from the earlier forecast, part by part, to the later one."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from forecast.publish.scenario_figure import EVENT_NAMES, LONGEST, near_horizon
from forecast.publish.style import COLOUR, new_figure, styled
from forecast.publish.tables import Row, is_blank, rows_of
from forecast.publish.wording import NO_BREAK_SPACE, clean, percent, points

NEW: Final = "new"
ROWS_SHOWN: Final = 7
_ROOM: Final = 0.16
"""Share of the width that is left for the numbers beside the bars."""


@styled
def waterfall_figure(movers: pd.DataFrame, *, event: str = "p_strike", horizon_days: int | None = None) -> Figure:
    """Draw the way from the earlier forecast (upper bar) to the later one (lower bar), one step for each part.

    Parameters
    ----------
    movers
        Table `movers`.
    event
        Outcome code, or p_strike: an overt strike by either side.
    horizon_days
        Window; the one nearest to 30 days by default.
    """
    rows = shown_parts(movers, event, horizon_days)
    told = ends(movers, event, horizon_days)
    before, now = (float(_at(movers, event, horizon_days)[name].iloc[0]) for name in ("before", "now"))
    at = before + np.cumsum([0.0, *(row["difference"] for row in rows)])
    labels = ["earlier forecast", *(_lines(part_name(row)) for row in rows), "later forecast"]
    figure = new_figure(40 + 26 * len(labels))
    axes = figure.add_subplot()
    for place, value, text in ((0, before, told[0]), (len(labels) - 1, now, told[1])):
        axes.barh(place, value, height=0.62, color=COLOUR["soft"])
        axes.annotate(text, (value, place), (5, 0), textcoords="offset points", va="center_baseline")
    for place, (row, left, right) in enumerate(zip(rows, at[:-1], at[1:], strict=True), start=1):
        colour = COLOUR["o4"] if right > left else COLOUR["o0"]
        axes.plot([left, left], [place - 1.31, place + 0.31], color=COLOUR["soft"], lw=0.8)
        axes.barh(place, right - left, left=left, height=0.62, color=colour)
        text = points(row["difference"], row["mcse"])
        axes.annotate(text, (max(left, right), place), (5, 0), textcoords="offset points", va="center_baseline")
    axes.plot([now, now], [len(labels) - 2.31, len(labels) - 0.69], color=COLOUR["soft"], lw=0.8)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.6)
    top = min(1.0, 1.05 * float(max(before, now, *at)))
    axes.set_xlim(min(0.0, float(min(at))), top * (1 + _ROOM))
    ticks = np.linspace(0, 1, 5) if top > 0.5 else np.linspace(0, 0.5, 6) if top > 0.2 else np.linspace(0, 0.2, 5)
    axes.set_xticks([tick for tick in ticks if tick <= top], [f"{100 * tick:.0f} %" for tick in ticks if tick <= top])
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    return figure


def shown_parts(movers: pd.DataFrame, event: str = "p_strike", horizon_days: int | None = None) -> list[Row]:
    """Parts of a change as the figure shows them: the steps in order, then the new rows, the largest first.

    New rows beyond the seventh are one part; parts that changed nothing are left out. The parts still add up.

    Parameters
    ----------
    movers, event, horizon_days
        As in `waterfall_figure`.
    """
    rows = [row for row in rows_of(_at(movers, event, horizon_days)) if row["difference"] != 0]
    steps = [row for row in rows if row["kind"] != NEW]
    fresh = sorted((row for row in rows if row["kind"] == NEW), key=lambda row: -abs(row["difference"]))
    shown = ROWS_SHOWN if len(fresh) > ROWS_SHOWN + 1 else len(fresh)
    head, rest = fresh[:shown], fresh[shown:]
    if rest:
        head.append(rest[0] | {
            "label": f"{len(rest)} smaller changes", "date": None, "moves": ";".join(str(row["moves"]) for row in rest),
            "difference": sum(row["difference"] for row in rest), "mcse": float(np.hypot.reduce(
                [row["mcse"] for row in rest])),
        })  # fmt: skip
    together = [row for row in steps if row["kind"] == "interplay"]
    return [*(row for row in steps if row["kind"] != "interplay"), *head, *together]


def ends(movers: pd.DataFrame, event: str = "p_strike", horizon_days: int | None = None) -> tuple[str, str]:
    """Probability in the earlier and in the later forecast, in words."""
    row = rows_of(_at(movers, event, horizon_days))[0]
    return percent(row["before"], row["mcse_before"]), percent(row["now"], row["mcse_now"])


def part_name(row: Row) -> str:
    """A part in words, a row of the record with its day."""
    if is_blank(row["date"]):
        return clean(row["label"])
    when = pd.Timestamp(str(row["date"]))
    return clean(f"{row['label']} ({when.day}{NO_BREAK_SPACE}{when:%b})")


def waterfall_alt(movers: pd.DataFrame, event: str = "p_strike", horizon_days: int | None = None) -> str:
    """Tell both ends and each part."""
    before, now = ends(movers, event, horizon_days)
    rows = shown_parts(movers, event, horizon_days)
    told = [f"{part_name(row)} {points(row['difference'], row['mcse'])}" for row in rows]
    return f"Probability of {EVENT_NAMES[event]}: {before} then, {now} now. In points: {'; '.join(told) or 'nothing'}."


def _at(movers: pd.DataFrame, event: str, horizon_days: int | None) -> pd.DataFrame:
    horizon = near_horizon(movers) if horizon_days is None else horizon_days
    return movers[(movers["horizon_days"] == horizon) & (movers["name"] == event)].sort_values("part")


def _lines(text: str) -> str:
    """Text on one or two lines."""
    if len(text) <= LONGEST:
        return text
    cut = text.rfind(" ", 0, LONGEST)
    rest = text[cut + 1 :]
    return f"{text[:cut]}\n{rest if len(rest) <= LONGEST else rest[: LONGEST - 1] + '…'}"
