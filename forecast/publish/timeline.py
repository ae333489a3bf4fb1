"""The figure of the unobserved states over time, with the signals that moved them beneath."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from forecast.publish.style import COLOUR, SIDE_COLOUR, new_figure, styled
from forecast.publish.wording import clean, shortened
from forecast.terms import CHANNELS

WEEKS: Final = 52
LINE: Final[dict[str, Any]] = {"a": "-", "b": (0, (4, 1.5))}
MARK: Final = {"escalatory": "^", "deescalatory": "v", "neutral": "o"}
OFFSET: Final = {"a": -0.2, "b": 0.2, "none": 0.0}


@styled
def latent_figure(
    latents: pd.DataFrame, signals: pd.DataFrame, sides: Mapping[str, str], *, weeks: int = WEEKS
) -> Figure:
    """Draw the paths of both sides with their 80 % bands over the last `weeks`, and signals by channel beneath.

    A triangle that points up is escalatory, one that points down conciliatory; larger means a higher level.

    Parameters
    ----------
    latents, signals
        Tables of a forecast.
    sides
        Name of side a and of side b.
    weeks
        Length of the window shown, back from the last period.
    """
    latents = latents.assign(date=pd.to_datetime(latents["date"]))
    end = latents["date"].max()
    start = end - pd.Timedelta(weeks=weeks)
    names = [name for name in ("resolve", "credibility") if (latents["latent"] == name).any()]
    ratios = [1.0] * len(names) + [1.5]
    figure = new_figure(125 * len(names) + 190)
    panels: list[Axes] = list(figure.subplots(len(ratios), 1, sharex=True, squeeze=False, height_ratios=ratios).flat)
    for axes, name in zip(panels, names, strict=False):
        _paths(axes, latents[(latents["latent"] == name) & (latents["date"] >= start)], name, sides)
    shown = signals.assign(
        date=pd.to_datetime(signals["date"]),
        side=signals["side"].where(signals["side"].isin(list(OFFSET)), "none"),
        direction=signals["direction"].where(signals["direction"].isin(list(MARK)), "neutral"),
    )
    _lanes(panels[-1], shown[(shown["date"] >= start) & (shown["date"] <= end)])
    months = max(1, round(weeks / 26))
    panels[-1].set_xlim(_place(start), _place(end) + 0.01 * 7 * weeks)
    panels[-1].xaxis.set_major_locator(mdates.MonthLocator(interval=months))
    panels[-1].xaxis.set_major_formatter(mdates.ConciseDateFormatter(mdates.MonthLocator(interval=months)))
    return figure


def _place(date: pd.Timestamp) -> float:
    return float(mdates.date2num(date.to_pydatetime()))


def _paths(axes: Axes, rows: pd.DataFrame, name: str, sides: Mapping[str, str]) -> None:
    for side in ("a", "b"):
        path = rows[rows["side"] == side].sort_values("date")
        dates, colour = path["date"].to_numpy(), SIDE_COLOUR[side]
        axes.fill_between(dates, path["low"].to_numpy(), path["high"].to_numpy(), color=colour, alpha=0.16, lw=0)
        axes.plot(dates, path["mean"].to_numpy(), color=colour, ls=LINE[side], lw=1.8)
    for first, last in _unobserved(rows[rows["side"] == "a"].sort_values("date")):
        axes.axvspan(first, last, color=COLOUR["veil"], lw=0, zorder=0)
    axes.set_title(name)
    for side, place in (("a", 0.62), ("b", 1.0)):
        mark = {"a": "━ ", "b": "╍ "}[side]
        axes.text(
            place, 1.04, mark + shortened(clean(sides[side]), 17), transform=axes.transAxes, ha="right", va="bottom",
            color=SIDE_COLOUR[side], fontsize=10.5, fontweight="bold",
        )  # fmt: skip
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="y", nbins=4)


def _unobserved(path: pd.DataFrame) -> list[tuple[float, float]]:
    spans: list[tuple[float, float]] = []
    before = None
    for date, observed in zip(path["date"], path["observed"], strict=True):
        place = _place(date)
        if not observed:
            first = spans.pop()[0] if spans and spans[-1][1] == before else (place if before is None else before)
            spans.append((first, place))
        before = place
    return spans


def _lanes(axes: Axes, signals: pd.DataFrame) -> None:
    axes.hlines(
        range(len(CHANNELS)), 0, 1, transform=axes.get_yaxis_transform(), color=COLOUR["grid"], lw=0.8, zorder=0
    )
    lanes = signals["channel"].map({channel: lane for lane, channel in enumerate(CHANNELS)}).astype(float)
    levels = pd.to_numeric(signals["level"], errors="coerce").astype(float).fillna(1.0)
    signals = signals.assign(lane=lanes, size=8 + 9 * levels)
    for direction, mark in MARK.items():
        for side, offset in OFFSET.items():
            part = signals[(signals["direction"] == direction) & (signals["side"] == side)]
            part = part.drop_duplicates(
                ["date", "lane", "size"]
            )  # equal marks lie on each other, of any number of rows
            if not part.empty:
                axes.scatter(
                    part["date"].to_numpy(), part["lane"].to_numpy() + offset, s=part["size"].to_numpy(), marker=mark,
                    color=SIDE_COLOUR[side], alpha=0.8, lw=0,
                )  # fmt: skip
    axes.set_yticks(range(len(CHANNELS)), list(CHANNELS))
    axes.set_ylim(len(CHANNELS) - 0.4, -0.6)
    axes.set_title("signals and acts")
    axes.text(
        1, 1.04, "▲ escalatory  ▼ conciliatory", transform=axes.transAxes, ha="right", va="bottom",
        color=COLOUR["soft"], fontsize=10.5,
    )  # fmt: skip
    for spine in axes.spines.values():
        spine.set_visible(False)
