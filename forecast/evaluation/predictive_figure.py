"""Figures of predictive checks: what was observed beside the replicates of each kind, a page for each family."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import matplotlib as mpl
import numpy as np

from forecast.evaluation.predictive import EXTREME, PATHS, PRIOR, PROCESS
from forecast.terms import SIGNAL_CHANNELS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, GRID, ALARM = "#1b1f24", "#57606a", "#d5dbe1", "#a12a4e"
COLOUR: Final = {PRIOR: "#b9c1c9", PROCESS: "#0068a8", PATHS: "#e0994f"}  # differ in lightness as well
LABEL: Final = {PRIOR: "prior", PROCESS: "posterior, new histories", PATHS: "posterior, fitted paths"}
ROW, HEAD, FOOT, AXIS, LETTER = 0.215, 0.62, 0.3, 2.3, 0.058  # inches
STYLE: Final[Any] = {
    "font.size": 7.5, "axes.titlesize": 8.5, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False, "axes.edgecolor": GRID,
    "text.color": INK, "axes.titlecolor": INK, "xtick.labelcolor": SOFT, "ytick.labelcolor": INK, "grid.color": GRID,
    "xtick.major.size": 0, "ytick.major.size": 0, "legend.frameon": False, "axes.axisbelow": True,
}  # fmt: skip
CHANNEL: Final = f"(?:{'|'.join(SIGNAL_CHANNELS)})"


class Part(NamedTuple):
    """Quantities drawn on one axis: those of a topic whose name matches; what the first group matches is the label."""

    title: str
    topic: str
    scale: str  # share, number or correlation
    match: str = "(.*)"


PAGES: Final[dict[str, tuple[tuple[Part, ...], ...]]] = {
    "ladder": (
        (
            Part("Windows of 30 days, by rung at their end", "ladder", "share", "30 days, (.*)"),
            Part("Windows of 90 days, by rung at their end", "ladder", "share", "90 days, (.*)"),
        ),
        (
            Part("Periods by force of side a", "force", "share", "(.*), side a"),
            Part("Periods by force of side b", "force", "share", "(.*), side b"),
            Part("Periods by force of both", "force", "share", "([^,]*)$"),
        ),
    ),
    "runs": (
        (
            Part("Runs of violence and quiet", "runs", "number", "(.*(?:number|periods))"),
            Part("Campaigns of the case", "campaigns", "number", "(.*(?:number|days))"),
            Part("Counts", "settlement", "number"),
            Part("Waiting: mean days", "waiting", "number", "(.*): mean"),
        ),
        (
            Part("Runs and campaigns: share", "runs|campaigns", "share", "(.*share.*)"),
            Part("Waiting: share of starts", "waiting", "share", "(.*within.*)"),
            Part("Replies: share of openings", "replies", "share", "(answered.*|mode.*)"),
            Part("Replies: number", "replies", "number", "(openings)"),
        ),
    ),
    "correlations": (
        (
            Part("Signals with signals of the same side", "correlations", "correlation", f"({CHANNEL} – {CHANNEL})$"),
            Part("Side a with side b", "correlations", "correlation", "(.* of a – .*|force of b.*)"),
        ),
        (
            Part("Signals with force", "correlations", "correlation", f"({CHANNEL} – .*force.*)"),
            Part("Talks with pressure and force", "correlations", "correlation", "(talks.*)"),
        ),
        (Part("Over time, by lag in periods", "autocorrelation", "correlation"),),
    ),
    "signals": (
        (Part("Signals of side a: share of periods", "signals", "share", "(.*), side a(, level .).*"),),
        (Part("Signals of side b: share of periods", "signals", "share", "(.*), side b(, level .).*"),),
    ),
    "past-crises": (
        (
            Part("Crises and openings: share", "past crises", "share", "(share.*|single.*|limited.*)"),
            Part("Weeks: share", "past crises", "share", "(overt weeks.*|watched weeks.*)"),
        ),
        (
            Part("Campaigns: share", "past crises", "share", "campaigns: ((?!median).*)"),
            Part("Campaigns: days", "past crises", "number", "campaigns: (median.*)"),
            Part("Signals: share of weeks", "past crises", "share", "(.*: any signal)"),
        ),
    ),
}


def pages(table: pd.DataFrame) -> dict[str, Figure]:
    """One figure a family: intervals of the replicates (80 % thick, 95 % thin, dot at the mean) and what was observed.

    Quantities observed in the outer 2 % of new histories or of fitted paths have a dark red label.

    Parameters
    ----------
    table
        From `predictive.check`.

    Returns
    -------
    dict
        Name of the page → figure.
    """
    with mpl.rc_context(STYLE):
        return {name: _page(table, columns) for name, columns in PAGES.items()}


def _page(table: pd.DataFrame, columns: tuple[tuple[Part, ...], ...]) -> Figure:
    from matplotlib.figure import Figure

    chosen = [[(part, _rows(table, part)) for part in column] for column in columns]
    labels = [[rows["label"].unique() for _, rows in column] for column in chosen]
    height = max(sum(ROW * len(names) + HEAD for names in column) for column in labels) + FOOT
    left = [0.15 + LETTER * max((len(name) for names in column for name in names), default=0) for column in labels]
    width = sum(left) + len(columns) * (AXIS + 0.15)
    figure = Figure(figsize=(width, height))
    x = 0.0
    for column, margin, names in zip(chosen, left, labels, strict=True):
        y = height
        for (part, rows), shown in zip(column, names, strict=True):
            y -= ROW * len(shown) + HEAD
            box = (x + margin, y + 0.28, AXIS, ROW * len(shown))
            axes = figure.add_axes((box[0] / width, box[1] / height, box[2] / width, box[3] / height))
            _draw(axes, part, rows)
        x += margin + AXIS + 0.15
    _legend(figure, set(table["kind"]), width)
    return figure


def _rows(table: pd.DataFrame, part: Part) -> pd.DataFrame:
    rows = table[table["topic"].str.fullmatch(part.topic)]
    found = rows["quantity"].str.extract(f"^{part.match}")
    return rows.assign(label=found.fillna("").sum(axis=1))[found.notna().all(axis=1)]


def _draw(axes: Axes, part: Part, rows: pd.DataFrame) -> None:
    labels = list(dict.fromkeys(rows["label"]))
    offsets = {PRIOR: -0.24, PROCESS: 0.0, PATHS: 0.24}
    for row in rows.to_dict("records"):
        y = labels.index(row["label"]) + offsets[row["kind"]]
        colour = COLOUR[row["kind"]]
        axes.plot([row["low_95"], row["high_95"]], [y, y], color=colour, lw=0.8)
        axes.plot([row["low_80"], row["high_80"]], [y, y], color=colour, lw=2.6, solid_capstyle="butt")
        axes.plot(row["mean"], y, "o", ms=2.6, color=colour, mec="white", mew=0.4)
    seen = rows.drop_duplicates("label")
    axes.plot(seen["observed"], [labels.index(v) for v in seen["label"]], "D", ms=3.2, mfc=INK, mec="white", mew=0.5,
              zorder=4, clip_on=False)  # fmt: skip
    odd = rows[(rows["kind"] != PRIOR) & ((rows["rank"] < EXTREME) | (rows["rank"] > 1 - EXTREME))]
    axes.set_yticks(range(len(labels)), labels)
    for tick in axes.get_yticklabels():
        if tick.get_text() in set(odd["label"]):
            tick.set(color=ALARM, fontweight="bold")
    axes.set_ylim(max(len(labels), 1) - 0.4, -0.6)
    axes.set_title(part.title)
    axes.grid(axis="x")
    _scale(axes, part.scale, rows)


def _scale(axes: Axes, scale: str, rows: pd.DataFrame) -> None:
    if scale == "correlation":
        axes.set_xlim(-0.2, 1)
        axes.axvline(0, color=SOFT, lw=0.6)
        return
    axes.set_xscale("function", functions=(lambda x: np.sqrt(np.maximum(x, 0)), np.square))  # room for small shares
    top = 1.04 * float(np.nanmax([1e-3, *rows[["observed", "high_95"]].to_numpy(dtype=float).ravel()]))
    ticks = (0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1) if scale == "share" else (0, 1, 5, 10, 25, 50, 100, 200, 400, 1000)
    shown = [0.0]
    for tick in ticks:
        if tick <= top and np.sqrt(tick / top) - np.sqrt(shown[-1] / top) > 0.15:
            shown.append(tick)
    axes.set_xlim(0, top)
    axes.set_xticks(shown, [f"{100 * t:g} %" if scale == "share" else f"{t:g}" for t in shown])


def _legend(figure: Figure, kinds: set[str], width: float) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=COLOUR[k], lw=2.6, label=LABEL[k]) for k in LABEL if k in kinds]
    handles.append(Line2D([], [], color=INK, marker="D", ms=4, lw=0, label="observed"))
    handles.append(Line2D([], [], color=ALARM, lw=0, marker="$abc$", ms=16, label="in the outer 2 %"))
    figure.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 0), ncols=5 if width > 7 else 3)
