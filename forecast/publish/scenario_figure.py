"""Figures of scenarios: what would move the forecast, each drawn from one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from forecast.publish.style import COLOUR, SIDE_COLOUR, new_figure, styled
from forecast.publish.tables import horizons_of, is_blank, rows_of
from forecast.publish.wording import HEADLINE_HORIZON, clean, points
from forecast.terms import LADDER, LADDER_NAMES, SIDES

EVENT_NAMES: Final[dict[str, str]] = {
    "p_strike": "an overt strike by either side",
    "p_strike_a": "an overt strike by {a}",
    "p_strike_b": "an overt strike by {b}",
    "p_direct_reply": "a direct reply, given a strike",
    "p_campaign": "a campaign",
    "p_talks": "talks",
    "p_deal": "a deal",
    **{code: f"{code} {LADDER_NAMES[code].replace('_', ' ')}" for code in LADDER},
}
MOST: Final = 10
LONGEST: Final = 34
_RIGHT: Final = 2.05  # end of the axis of probabilities, with room for the changes in words
_EXACT: Final = 0.005  # error of the simulation with which whole points are printed
_OTHER: Final = {"a": "b", "b": "a"}


def short_event_name(name: str, sides: Mapping[str, str]) -> str:
    """An event as the head of a column: `strike by Iran`."""
    if name == "p_strike":
        return "a strike"
    return event_name(name, sides).replace("an overt strike by", "strike by").removeprefix("a ")


def event_name(name: str, sides: Mapping[str, str]) -> str:
    """An event of the tables of scenarios in words; `sides` are the short names of a and b."""
    return EVENT_NAMES[name].format(a=sides.get("a", "side a"), b=sides.get("b", "side b"))


def spread_text(row: Mapping[str, object]) -> str:
    """The 80 % interval of a change in percentage points, ` (+1 to +9)`; nothing where it is not known."""
    ends = [row.get("spread_low"), row.get("spread_high")]
    if any(is_blank(end) for end in ends):
        return ""
    low, high = (points(float(str(end)), _EXACT) for end in ends)
    return f" ({low} to {high})"


def near_horizon(table: pd.DataFrame, wanted: int = HEADLINE_HORIZON) -> int:
    """The horizon of a table that is nearest to so many days."""
    return min(horizons_of(table), key=lambda horizon: abs(horizon - wanted))


@styled
def scenario_figure(scenarios: pd.DataFrame, *, event: str = "p_strike", horizon_days: int | None = None) -> Figure:
    """Draw each scenario's way from the forecast as it is (ring) to the forecast with it (disc).

    Parameters
    ----------
    scenarios
        Table `scenarios`.
    event
        Event or outcome code.
    horizon_days
        Window; the one nearest to 30 days by default.
    """
    horizon = near_horizon(scenarios) if horizon_days is None else horizon_days
    table = scenarios[(scenarios["horizon_days"] == horizon) & (scenarios["name"] == event)]
    rows = rows_of(table[table["probability"].notna()])
    figure = new_figure(58 + 34 * max(len(rows), 1))
    axes = figure.add_subplot()
    for place, row in enumerate(rows):
        axes.plot([row["low"], row["high"]], [place, place], color=COLOUR["grid"], lw=5, solid_capstyle="round")
        axes.plot([row["base"], row["probability"]], [place, place], color=COLOUR["soft"], lw=2)
        axes.plot(row["base"], place, "o", ms=6, mfc="none", mec=COLOUR["soft"], mew=1.4)
        axes.plot(row["probability"], place, "o", ms=7, mfc=COLOUR["o4"], mec=COLOUR["ink"], mew=0.8)
        text = points(row["difference"], row["mcse"]) + spread_text(row)
        axes.text(_RIGHT, place, text, ha="right", va="center_baseline", fontsize=10)
    axes.set_yticks(range(len(rows)), [_short(row["title"]) for row in rows])
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.6)
    axes.set_xlim(-0.02, _RIGHT)
    axes.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    return figure


@styled
def concession_figure(
    concessions: pd.DataFrame, *, horizon_days: int | None = None, sides: Mapping[str, str] | None = None
) -> Figure:
    """Draw the chance of a strike by the other side against the level that a side concedes, with 80 % intervals.

    Parameters
    ----------
    concessions
        Table `concessions`.
    horizon_days
        Window; the one nearest to 90 days by default.
    sides
        Short names of side a and b.
    """
    horizon = near_horizon(concessions, 90) if horizon_days is None else horizon_days
    names = sides or {side: f"side {side}" for side in SIDES}
    figure = new_figure(210)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, side in zip(panels, reversed(SIDES), strict=True):
        other = _OTHER[side]
        table = concessions[
            (concessions["side"] == side) & (concessions["horizon_days"] == horizon)
            & (concessions["name"] == f"p_strike_{other}") & concessions["probability"].notna()
        ].sort_values("level")  # fmt: skip
        levels, colour = table["level"].to_numpy(), SIDE_COLOUR[other]
        axes.fill_between(levels, table["low"].to_numpy(), table["high"].to_numpy(), color=colour, alpha=0.25, lw=0)
        axes.plot(levels, table["probability"].to_numpy(), color=colour, lw=2, marker="o", ms=4.5)
        axes.set_title(f"{clean(names[side])} concedes")
        axes.set_xlabel(f"level; chance of a strike\nby {clean(names[other])}")
        axes.set_xticks([0, 1, 2, 3, 4], ["none", "1", "2", "3", "deal"])
        axes.set_xlim(-0.3, 4.3)
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        axes.grid(axis="y")
        axes.spines["left"].set_visible(False)
    return figure


@styled
def next_move_figure(
    next_moves: pd.DataFrame,
    *,
    event: str = "p_strike",
    horizon_days: int | None = None,
    sides: Mapping[str, str] | None = None,
) -> Figure:
    """Draw what looking at each channel, or for each act, in the coming period is worth: its expected change.

    Parameters
    ----------
    next_moves
        Table `next_moves`.
    event
        Event that is forecast.
    horizon_days
        Window; the one nearest to 30 days by default.
    sides
        Short names of side a and b.
    """
    names = sides or {side: f"side {side}" for side in SIDES}
    rows = rows_of(top_moves(next_moves, event, horizon_days))
    figure = new_figure(48 + 24 * len(rows))
    axes = figure.add_subplot()
    for place, row in enumerate(rows):
        value = 100 * row["expected_change"]
        axes.barh(place, value, height=0.66, color=SIDE_COLOUR[row["side"]])
        axes.annotate(f"{value:.1f}", (value, place), (5, 0), textcoords="offset points", va="center_baseline")
    axes.set_yticks(range(len(rows)), [_short(f"{names[row['side']]}: {move_name(row)}") for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.6)
    axes.set_xlim(0, 1.15 * max([100 * row["expected_change"] for row in rows] or [1.0]) + 0.05)
    axes.set_xlabel("expected change, percentage points")
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    return figure


def top_moves(next_moves: pd.DataFrame, event: str = "p_strike", horizon_days: int | None = None) -> pd.DataFrame:
    """One row per channel or act, the largest expected change first, at most ten."""
    horizon = near_horizon(next_moves) if horizon_days is None else horizon_days
    table = next_moves[(next_moves["horizon_days"] == horizon) & (next_moves["name"] == event)]
    told = table.sort_values("value", ascending=False, kind="stable").drop_duplicates(["side", "channel", "move"])
    return told.sort_values("expected_change", ascending=False, kind="stable").head(MOST)


def move_name(row: Mapping[str, object]) -> str:
    """A channel or an act in words."""
    return str(row["move"]).replace("_", " ") if row["move"] else f"{row['channel']} signals"


def _short(text: object) -> str:
    """Text on one or two lines."""
    words = clean(text)
    if len(words) <= LONGEST:
        return words
    cut = words.rfind(" ", 0, LONGEST)
    rest = words[cut + 1 :]
    return f"{words[:cut]}\n{rest if len(rest) <= LONGEST else rest[: LONGEST - 1] + '…'}"
