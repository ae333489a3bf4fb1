"""Figures of a forecast: each draws one table that was computed elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MultipleLocator, PercentFormatter

from forecast.publish.style import COLOUR, MODE_COLOUR, RUNG_COLOUR, new_figure, styled
from forecast.publish.tables import Row, horizons_of, rows_of
from forecast.publish.wording import clean, opening_name, percent, points, rung_name
from forecast.terms import LADDER, REPLY_MODES

LABEL_FROM: Final = 0.075
"""Smallest share of a bar (0–1) that has room for its number."""


@styled
def ladder_figure(ladder: pd.DataFrame) -> Figure:
    """Draw one bar per horizon, split by outcome.

    Parameters
    ----------
    ladder
        Table `ladder` of a forecast.
    """
    horizons = horizons_of(ladder)
    figure = new_figure(92 + 34 * len(horizons))
    axes = figure.add_subplot()
    for place, horizon in enumerate(horizons):
        rows = {row["rung"]: row for row in rows_of(ladder[ladder["horizon_days"] == horizon])}
        _stacked_bar(axes, place, rows, LADDER, RUNG_COLOUR)
    _bar_axes(axes, [f"{horizon} days" for horizon in horizons])
    handles = [Patch(facecolor=RUNG_COLOUR[code][0], label=f"{code} {rung_name(code)}") for code in LADDER]
    figure.legend(handles=handles, loc="outside lower left", ncols=2, handlelength=1, handleheight=1)
    return figure


@styled
def ladder_interval_figure(ladder: pd.DataFrame) -> Figure:
    """Draw the probability of each outcome with its 80 % interval, one panel per horizon.

    Parameters
    ----------
    ladder
        Table `ladder` of a forecast.
    """
    horizons = horizons_of(ladder)
    figure, panels = _panels(horizons)
    for axes, horizon in zip(panels, horizons, strict=False):
        for row in rows_of(ladder[ladder["horizon_days"] == horizon]):
            place = LADDER.index(row["rung"])
            axes.plot([row["low"], row["high"]], [place, place], color=COLOUR["soft"], lw=2, solid_capstyle="round")
            _disc(axes, row["probability"], place)
            _beside(axes, max(row["high"], row["probability"]), place, percent(row["probability"], row["mcse"]))
    return figure


@styled
def change_figure(change: pd.DataFrame) -> Figure:
    """Draw each outcome's way from the last forecast (ring) to this one (disc), one panel per horizon.

    Parameters
    ----------
    change
        Columns of `changes.ladder_change`. The difference is printed, in percentage points, where it is beyond the
        noise of the simulation.
    """
    horizons = horizons_of(change)
    figure, panels = _panels(horizons)
    for axes, horizon in zip(panels, horizons, strict=False):
        for row in rows_of(change[change["horizon_days"] == horizon]):
            place = LADDER.index(row["rung"])
            axes.plot([row["before"], row["now"]], [place, place], color=COLOUR["soft"], lw=2, zorder=1)
            axes.plot(row["before"], place, "o", ms=6, mfc="none", mec=COLOUR["soft"], mew=1.4)
            _disc(axes, row["now"], place)
            text = points(row["difference"], row["mcse"])
            if row["beyond_noise"] and text != "0":
                _beside(axes, max(row["before"], row["now"]), place, text)
    return figure


@styled
def hazard_figure(hazard: pd.DataFrame) -> Figure:
    """Draw the probability of a first overt strike by week, given none before, with its 80 % interval.

    Weeks whose interval is narrower than the noise of the simulation have no band: there it was not seen.

    Parameters
    ----------
    hazard
        Table `hazard` of a forecast.
    """
    hazard = hazard[hazard["probability"].notna()]
    rows, top = rows_of(hazard), float(hazard["high"].max())
    figure = new_figure(210)
    axes = figure.add_subplot()
    weeks, colour = [row["week"] for row in rows], COLOUR["o4"]
    low, high = hazard["low"].to_numpy(), hazard["high"].to_numpy()
    axes.fill_between(weeks, low, high, where=high - low > hazard["mcse"].to_numpy(), color=colour, alpha=0.25, lw=0)
    axes.plot(weeks, hazard["probability"].to_numpy(), color=colour, lw=2, marker="o", ms=3.5)
    for row, side in ((rows[0], "left"), (rows[-1], "right")):
        text = percent(row["probability"], row["mcse"])
        axes.annotate(text, (row["week"], row["probability"]), (0, 6), textcoords="offset points", ha=side)
    axes.set_ylim(0, max(0.05, 1.08 * top))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.yaxis.set_major_locator(_percent_ticks(top))
    axes.xaxis.set_major_locator(MultipleLocator(4))
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("weeks after the as-of day")
    return figure


@styled
def reply_figure(replies: pd.DataFrame) -> Figure:
    """Draw how the struck side answers, one bar per kind of opening strike (by either side).

    Parameters
    ----------
    replies
        Table `replies` of a forecast.
    """
    by_either = replies[(replies["opener"] == "either") & replies["probability"].notna()]
    openings = list(dict.fromkeys(by_either["opening"]))
    figure = new_figure(52 + 34 * len(openings))
    axes = figure.add_subplot()
    for place, opening in enumerate(openings):
        rows = {row["mode"]: row for row in rows_of(by_either[by_either["opening"] == opening])}
        _stacked_bar(axes, place, rows, REPLY_MODES, MODE_COLOUR)
    _bar_axes(axes, [clean(opening_name(opening)).replace(" ", "\n", 1) for opening in openings])
    handles = [Patch(facecolor=MODE_COLOUR[mode][0], label=mode) for mode in REPLY_MODES]
    figure.legend(
        handles=handles,
        loc="outside lower left",
        ncols=5,
        handlelength=0.9,
        handleheight=0.9,
        columnspacing=0.9,
        handletextpad=0.4,
    )
    return figure


def _disc(axes: Axes, at: float, place: int) -> None:
    fill = RUNG_COLOUR[LADDER[place]][0]
    axes.plot(at, place, "o", ms=7, mfc=fill, mec=COLOUR["ink"], mew=0.8, clip_on=False)


def _beside(axes: Axes, at: float, place: int, text: str) -> None:
    axes.annotate(text, (at, place), (7, 0), textcoords="offset points", va="center_baseline", fontsize=10)


def _stacked_bar(
    axes: Axes, place: int, rows: Mapping[str, Row], order: Sequence[str], colours: Mapping[str, tuple[str, str]]
) -> None:
    left = 0.0
    for key in order:
        if key not in rows:
            continue
        share, (fill, on) = float(rows[key]["probability"]), colours[key]
        axes.barh(place, share, left=left, height=0.72, color=fill, edgecolor=COLOUR["grid"], lw=0.6)
        if share >= LABEL_FROM:
            text = percent(share, rows[key]["mcse"], sign=False)
            axes.text(left + share / 2, place, text, ha="center", va="center_baseline", color=on, fontsize=10.5)
        left += share


def _bar_axes(axes: Axes, labels: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _panels(horizons: Sequence[int]) -> tuple[Figure, list[Axes]]:
    rows = (len(horizons) + 1) // 2
    figure = new_figure(152 * rows)
    grid = figure.subplots(rows, 2, sharex=True, sharey=True, squeeze=False)
    panels: list[Axes] = list(grid.flat)
    for axes in panels[len(horizons) :]:
        axes.set_visible(False)
    for axes, horizon in zip(panels, horizons, strict=False):
        axes.set_title(f"within {horizon} days")
        axes.set_yticks(range(len(LADDER)), [f"{code} {rung_name(code)}" for code in LADDER])
        axes.set_ylim(len(LADDER) - 0.5, -0.6)
        axes.set_xlim(-0.02, 1.12)
        axes.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
        axes.grid(axis="x")
        axes.spines["left"].set_visible(False)
    return figure, panels


def _percent_ticks(top: float) -> MultipleLocator:
    return MultipleLocator(next((size for size in (0.01, 0.02, 0.05, 0.1, 0.2) if top / size <= 5), 0.25))
