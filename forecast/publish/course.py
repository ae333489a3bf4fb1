"""Figures of what changes with time: forecasts of a case over their as-of days."""

from __future__ import annotations

from typing import Any, Final

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from forecast.publish.style import COLOUR, RUNG_COLOUR, new_figure, styled
from forecast.publish.tables import horizons_of, rows_of
from forecast.publish.wording import HEADLINE_HORIZON, percent
from forecast.terms import LADDER

LABELLED: Final = 0.07
"""Smallest share of a band (0–1) that has room for its name."""
EVENT_MARK: Final = {"overt strike": ("v", "o4"), "talks": ("o", "side-a"), "deal": ("D", "o0")}


def nearest_horizon(table: pd.DataFrame, days: int = HEADLINE_HORIZON) -> int:
    """Horizon of a table that lies nearest to so many days."""
    return min(horizons_of(table), key=lambda horizon: (abs(horizon - days), horizon))


def wide_ladder(history: pd.DataFrame, horizon: int) -> pd.DataFrame:
    """Probability of each outcome at a horizon: as-of day down, outcome across."""
    rows = history[(history["horizon_days"] == horizon) & history["name"].isin(LADDER)]
    dated = rows.assign(as_of=pd.to_datetime(rows["as_of"]))
    wide = dated.pivot_table(index="as_of", columns="name", values="probability")
    return wide.reindex(columns=list(LADDER)).sort_index()


@styled
def ladder_line_figure(history: pd.DataFrame, horizon: int | None = None) -> Figure:
    """Draw the ladder over as-of days as a small band, without axes: lightest below, most severe on top.

    Parameters
    ----------
    history
        Table `history` of a forecast, with at least two as-of days.
    horizon
        Days ahead; the one nearest to 30 by default.
    """
    wide = wide_ladder(history, nearest_horizon(history) if horizon is None else horizon)
    figure = new_figure(64)
    axes = figure.add_subplot()
    _bands(axes, wide, labelled=0.16)
    axes.set_axis_off()
    return figure


@styled
def history_figure(history: pd.DataFrame, events: pd.DataFrame | None = None, horizon: int | None = None) -> Figure:
    """Draw how the forecast moved: P(overt strike) with its 80 % interval, and the ladder, by as-of day.

    Parameters
    ----------
    history
        Table `history` of a forecast.
    events
        Columns `date` and `kind` (overt strike, talks or deal): what happened; marked above.
    horizon
        Days ahead; the one nearest to 30 by default.
    """
    days = nearest_horizon(history) if horizon is None else horizon
    strikes = rows_of(history[(history["horizon_days"] == days) & (history["name"] == "p_strike")])
    figure = new_figure(330)
    lane, upper, lower = figure.subplots(3, 1, sharex=True, height_ratios=(0.32, 1, 1))
    wide = wide_ladder(history, days)
    _strike_line(upper, strikes)
    upper.set_title(f"overt strike within {days} days")
    _bands(lower, wide)
    lower.set_title(f"outcomes within {days} days")
    lower.set_ylim(0, 1)
    _event_lane(lane, events, wide.index.min(), wide.index.max())
    for axes in (upper, lower):
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        axes.set_yticks([0, 0.5, 1])
        axes.spines["left"].set_visible(False)
    lower.set_xlim(*_span(wide.index))
    locator = mdates.AutoDateLocator(minticks=2, maxticks=6)
    lower.xaxis.set_major_locator(locator)
    lower.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))
    lower.set_xlabel("as-of day of the forecast")
    return figure


def _strike_line(axes: Axes, rows: list[dict[str, Any]]) -> None:
    dates = pd.to_datetime([str(row["as_of"]) for row in rows])
    values = [row["probability"] for row in rows]
    low, high = [row["low"] for row in rows], [row["high"] for row in rows]
    colour = COLOUR["o4"]
    axes.fill_between(dates, low, high, color=colour, alpha=0.22, lw=0)
    axes.plot(dates, values, color=colour, lw=1.8)
    for stamp, fill in (("prospective", colour), ("retrospective", "none")):
        chosen = [k for k, row in enumerate(rows) if row["stamp"] == stamp]
        axes.plot(dates[chosen], [values[k] for k in chosen], "o", ms=4.5, mfc=fill, mec=colour)
    if rows:
        last = percent(values[-1], rows[-1]["mcse"])
        axes.annotate(last, (dates[-1], values[-1]), (5, 0), textcoords="offset points", va="center_baseline")
    axes.set_ylim(0, 1)
    axes.grid(axis="y")


def _bands(axes: Axes, wide: pd.DataFrame, labelled: float = LABELLED) -> None:
    dates, floor = wide.index.to_numpy(), pd.Series(0.0, index=wide.index)
    for code in LADDER:
        top = floor + wide[code].fillna(0.0)
        axes.fill_between(dates, floor.to_numpy(), top.to_numpy(), color=RUNG_COLOUR[code][0], lw=0)
        middle, share = float(floor.iloc[-1] + top.iloc[-1]) / 2, float(top.iloc[-1] - floor.iloc[-1])
        if share >= labelled:
            axes.annotate(code, (wide.index[-1], middle), (5, 0), textcoords="offset points", va="center_baseline")
        floor = top


def _event_lane(axes: Axes, events: pd.DataFrame | None, first: pd.Timestamp, last: pd.Timestamp) -> None:
    dates = pd.Series(dtype="datetime64[ns]") if events is None else pd.to_datetime(events["date"])
    for place, (kind, (mark, colour)) in enumerate(EVENT_MARK.items()):
        if events is not None:
            chosen = dates[(events["kind"] == kind) & (dates >= first) & (dates <= last)]
            axes.plot(
                chosen.to_numpy(), [place] * len(chosen), mark, color=COLOUR[colour], ms=5, mec=COLOUR["ink"], mew=0.4
            )  # fmt: skip
    axes.set_yticks(range(len(EVENT_MARK)), list(EVENT_MARK))
    axes.set_ylim(len(EVENT_MARK) - 0.5, -0.6)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _span(dates: pd.Index) -> tuple[float, float]:
    first, last = (float(mdates.date2num(date.to_pydatetime())) for date in (dates.min(), dates.max()))
    room = max(0.08 * (last - first), 1.0)
    return first - 0.25 * room, last + room
