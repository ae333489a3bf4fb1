"""The figure of the sequence: first strike, reply, next move and talks as streams whose width is their probability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from forecast.publish.style import COLOUR, MODE_COLOUR, WIDTH, new_figure, styled
from forecast.publish.tables import Row, rows_of
from forecast.publish.wording import percent
from forecast.terms import NEXT_MOVES, OPENINGS, REPLY_MODES, SETTLINGS

STEPS: Final = ("opening", "reply", "next_move", "settling")
HEADS: Final = ("first strike", "reply", "next move", "talks")
ANY: Final = "any"
NODES: Final[tuple[tuple[str, ...], ...]] = (OPENINGS, REPLY_MODES, NEXT_MOVES, SETTLINGS)
LABELS: Final[dict[str, str]] = {
    "limited_strike": "limited strike",
    "leadership_strike": "leadership\nstrike",
    "sustained_campaign": "campaign",
    "none": "no reply",
    "strikes_again": "strikes again",
    "no_talks": "no talks",
}
FILL: Final[dict[str, str]] = {
    "limited_strike": COLOUR["o2"],
    "leadership_strike": COLOUR["o3"],
    "sustained_campaign": COLOUR["o4"],
    **{mode: colour for mode, (colour, _) in MODE_COLOUR.items()},
    "stops": COLOUR["o1"],
    "strikes_again": COLOUR["o3"],
    "climbs": COLOUR["o5"],
    "deal": COLOUR["o0"],
    "talks": COLOUR["side-a"],
    "no_talks": COLOUR["side-none"],
}
HEIGHT: Final = 330.0
HEAD: Final = 26.0
FOOT: Final = 4.0
COLUMN: Final = 98.0
"""Distance between two steps, in points; the label of a node stands to its right."""
BAR: Final = 9.0
GAP: Final = 7.0
LINE: Final = 12.5


class Node(NamedTuple):
    """Where a node stands: its step, its top and its height in points, and its label."""

    step: int
    top: float
    height: float
    label: str


@styled
def sequence_figure(sequence: pd.DataFrame) -> Figure:
    """Draw what follows a first strike, given one; the width of a stream is its share.

    Parameters
    ----------
    sequence
        Table `sequence` of a forecast; its rows must hold a first strike.
    """
    rows = rows_of(sequence)
    ways = [row for row in rows if row["stage"] == len(STEPS) and row["opening"] != ANY]
    total = sum(row["probability"] for row in ways)
    shares = {row_key(row): (row["probability"] / total, row) for row in rows if is_node(row)}
    figure = new_figure(HEIGHT + HEAD + FOOT)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(HEIGHT + HEAD + FOOT, 0)
    axes.set_axis_off()
    nodes = place(shares)
    for step in range(len(STEPS) - 1):
        _streams(axes, nodes, ways, step, total)
    for (step, name), node in nodes.items():
        left = step * COLUMN
        axes.add_patch(Rectangle((left, node.top), BAR, node.height, fc=FILL[name], ec=COLOUR["ink"], lw=0.5))
        axes.text(left + BAR + 4, node.top + node.height / 2, node.label, va="center", fontsize=10, linespacing=1.05)
    for step, head in enumerate(HEADS):
        axes.text(step * COLUMN, 12, head, fontsize=11, fontweight="bold", va="center")
    return figure


def is_node(row: Row) -> bool:
    """Whether a row of the table gives a node of the figure: a first strike, or a later step over all ways to it."""
    first = row["stage"] == 1 and row["opening"] in OPENINGS
    return first or (row["stage"] > 1 and row["opening"] == ANY)


def row_key(row: Row) -> tuple[int, str]:
    """Step and name of the node that a row gives."""
    step = int(row["stage"]) - 1
    return step, str(row[STEPS[step]])


def node_label(name: str, row: Row) -> str:
    """Name of a node with its probability, given a strike."""
    shown = percent(row["share_probability"], row["share_mcse"])
    return f"{LABELS.get(name, name)} {shown}" if len(name) < 6 else f"{LABELS.get(name, name)}\n{shown}"


def place(shares: Mapping[tuple[int, str], tuple[float, Row]]) -> dict[tuple[int, str], Node]:
    """Lay the nodes of each step below each other, on one scale, so that no label covers another."""
    labels = {key: node_label(key[1], row) for key, (_, row) in shares.items()}
    need = {key: LINE * (labels[key].count("\n") + 1) for key in labels}
    scale = HEIGHT
    while scale > 1 and any(_used(shares, need, step, scale) > HEIGHT for step in range(len(STEPS))):
        scale *= 0.98
    nodes = {}
    for step, names in enumerate(NODES):
        here = [name for name in names if (step, name) in shares]
        room = HEIGHT - _used(shares, need, step, scale)
        top, between = HEAD, GAP + room / max(len(here) - 1, 1) * (len(here) > 1)
        for name in here:
            height, slot = shares[step, name][0] * scale, max(shares[step, name][0] * scale, need[step, name])
            nodes[step, name] = Node(step, top + (slot - height) / 2, height, labels[step, name])
            top += slot + between
    return nodes


def _used(
    shares: Mapping[tuple[int, str], tuple[float, Row]], need: Mapping[tuple[int, str], float], step: int, scale: float
) -> float:
    slots = [max(share * scale, need[key]) for key, (share, _) in shares.items() if key[0] == step]
    return sum(slots) + GAP * (len(slots) - 1)


def _streams(axes: Axes, nodes: Mapping[tuple[int, str], Node], ways: list[Row], step: int, total: float) -> None:
    widths: dict[tuple[str, str], float] = {}
    for row in ways:
        pair = (str(row[STEPS[step]]), str(row[STEPS[step + 1]]))
        widths[pair] = widths.get(pair, 0.0) + row["probability"] / total
    out = {name: nodes[step, name].top for name in NODES[step] if (step, name) in nodes}
    into = {name: nodes[step + 1, name].top for name in NODES[step + 1] if (step + 1, name) in nodes}
    scale = {
        name: nodes[step, name].height / max(sum(w for (a, _), w in widths.items() if a == name), 1e-12) for name in out
    }
    for source in out:
        for goal in into:
            width = widths.get((source, goal), 0.0) * scale[source]
            if width > 0:
                _stream(axes, step, out[source], into[goal], width, FILL[source])
                out[source] += width
                into[goal] += width


def _stream(axes: Axes, step: int, start: float, end: float, width: float, colour: str) -> None:
    left, right = step * COLUMN + BAR, (step + 1) * COLUMN
    middle = (left + right) / 2
    points = [
        (left, start), (middle, start), (middle, end), (right, end),
        (right, end + width), (middle, end + width), (middle, start + width), (left, start + width), (left, start),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_patch(PathPatch(Path(points, codes), fc=colour, ec="none", alpha=0.32, lw=0))
