"""Figures of time: forecasts of a case over their as-of days, and how long until a strike, a halt, talks."""

from __future__ import annotations

from typing import Any, Final

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from forecast.publish.style import COLOUR, RUNG_COLOUR, new_figure, styled
from forecast.publish.tables import horizons_of, rows_of
from forecast.publish.wording import HEADLINE_HORIZON, day, percent, rung_name
from forecast.terms import LADDER

LABELLED: Final = 0.07
"""Smallest share of a band (0–1) that has room for its name."""
WAITS: Final[dict[str, tuple[str, str, str]]] = {
    "strike": ("first strike", "the as-of day", "o4"),
    "halt": ("halt", "a campaign began", "side-a"),
    "talks": ("talks", "the first strike", "m3"),
    "crisis opens": ("a crisis opens", "the as-of day", "m1"),
    "crisis over": ("the crisis is over", "the as-of day", "m1"),
}
"""Title, beginning of the wait, and colour of each event of the table `waiting`."""
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
    """Draw the ladder over as-of days as a small band without axes: deal below, most severe on top, with a legend.

    Parameters
    ----------
    history
        Table `history` of a forecast, with at least two as-of days.
    horizon
        Days ahead; the one nearest to 30 by default.
    """
    wide = wide_ladder(history, nearest_horizon(history) if horizon is None else horizon)
    figure = new_figure(112)
    axes = figure.add_subplot()
    _bands(axes, wide, labelled=0.16)
    for place, side in ((0, "left"), (-1, "right")):
        axes.annotate(
            day(wide.index[place].date()), (wide.index[place], 0), (0, -5), textcoords="offset points", va="top",
            ha=side, fontsize=10, color=COLOUR["soft"],
        )  # fmt: skip
    axes.set_axis_off()
    handles = [Patch(facecolor=RUNG_COLOUR[code][0], label=rung_name(code)) for code in LADDER]
    figure.legend(
        handles=handles, loc="outside lower left", ncols=4, handlelength=0.9, handleheight=0.9, fontsize=9,
        columnspacing=0.9, handletextpad=0.4, borderpad=0,
    )  # fmt: skip
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


@styled
def waiting_figure(waiting: pd.DataFrame) -> Figure:
    """Draw the probability that it has happened by each day: a strike, a halt, talks after force, a crisis.

    The day by which half of the futures have seen it is marked where there is one.

    Parameters
    ----------
    waiting
        Table `waiting` of a forecast.
    """
    shown = [name for name in WAITS if waiting.loc[waiting["event"] == name, "probability"].notna().any()]
    across = len(shown) if len(shown) in (1, 3) else 2
    down = max(1, -(-len(shown) // across))
    figure = new_figure(196 * down)
    panels: list[Axes] = list(figure.subplots(down, across, sharey=True, squeeze=False).flat)
    for axes, name in zip(panels, shown, strict=False):
        _wait(axes, waiting[waiting["event"] == name], *WAITS[name])
    for axes in panels[len(shown) :]:
        axes.set_visible(False)
    panels[0].set_ylim(0, 1)
    panels[0].yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    panels[0].set_yticks([0, 0.5, 1])
    return figure


def day_of_share(rows: pd.DataFrame, share: float = 0.5) -> float | None:
    """Day by which the probability reaches a share, interpolated between the days of the table; None if it does not.

    Parameters
    ----------
    rows
        One event of the table `waiting`.
    share
        0.5 for the median wait.
    """
    days, values = [0.0, *rows["days"]], [0.0, *rows["probability"]]
    for place in range(1, len(days)):
        if values[place] >= share:
            step = (share - values[place - 1]) / max(values[place] - values[place - 1], 1e-12)
            return days[place - 1] + step * (days[place] - days[place - 1])
    return None


def _wait(axes: Axes, rows: pd.DataFrame, title: str, since: str, colour: str) -> None:
    hue = COLOUR[colour]
    days = [0, *rows["days"]]
    curves = {name: [0.0, *rows[name]] for name in ("probability", "low", "high")}
    axes.fill_between(days, curves["low"], curves["high"], color=hue, alpha=0.22, lw=0)
    axes.plot(days, curves["probability"], color=hue, lw=1.8)
    half = day_of_share(rows)
    if half is not None:
        axes.plot(half, 0.5, "o", ms=5, mfc=hue, mec=COLOUR["ink"], mew=0.6)
        left = half > 0.6 * days[-1]
        axes.annotate(
            f"day {half:.0f}", (half, 0.5), (5, -8) if left else (6, -3), textcoords="offset points",
            va="top", ha="right" if left else "left", fontsize=10,
        )  # fmt: skip
    last = rows_of(rows)[-1]
    text = percent(last["probability"], last["mcse"])
    below = last["probability"] > 0.8
    axes.annotate(
        text, (days[-1], last["probability"]), (0, -6 if below else 5), textcoords="offset points", ha="right",
        va="top" if below else "bottom", fontsize=10,
    )  # fmt: skip
    axes.set_title(title)
    axes.set_xlabel(f"days since\n{since}", fontsize=10)
    axes.set_xlim(0, days[-1])
    axes.set_xticks([0, days[-1] // 2, days[-1]])
    for label, side in zip(axes.get_xticklabels(), ("left", "center", "right"), strict=True):
        label.set_horizontalalignment(side)  # those of neighbouring panels would touch
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)


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
