"""The model as a picture: what every observed node depends on, read from the nodes themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd

from forecast.model.build import nodes_of
from forecast.model.nodes import Binary, Duration, Joint, Node
from forecast.record import read_record
from forecast.record.panel import build_panel

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

LATENTS = ("resolve", "credibility")
INK, QUIET, FILL = "#1f2933", "#8895a3", {"resolve": "#f2c9a1", "credibility": "#b9d3ea", "node": "#eef1f4"}


def graph_edges(panel: xr.Dataset) -> pd.DataFrame:
    """What each observed node of the model of a panel depends on.

    Returns
    -------
    DataFrame
        Columns source (latent or parameter), node, kind (`latent` or `parameter`), through (parameter that scales a
        latent) and choices (how many choices the node observes).
    """
    rows = []
    for node in nodes_of(panel):
        for term in _terms(node):
            if term.latent is None:
                rows.append((term.parameter, node.name, "parameter", "", _choices(node)))
            else:
                rows.append((term.kind, node.name, "latent", term.parameter, _choices(node)))
    columns = ["source", "node", "kind", "through", "choices"]
    return pd.DataFrame(rows, columns=columns).drop_duplicates(ignore_index=True)


def model_graph(panel: xr.Dataset | None = None) -> Figure:
    """Draw the graph of the model: latents on the left, observed nodes on the right with the parameters they use.

    Parameters
    ----------
    panel
        From `build_panel`; by default that of the shipped record on the last day that it covers.

    Returns
    -------
    Figure
    """
    if panel is None:
        record = read_record()
        panel = build_panel(record, record.config.covered_until or datetime.now(UTC).date())
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyArrowPatch

    edges = graph_edges(panel)
    names = list(dict.fromkeys(edges["node"]))
    figure = Figure(figsize=(11, 0.52 * len(names) + 1.2), layout="constrained")
    axes = figure.add_subplot()
    axes.set(xlim=(0, 11), ylim=(-0.8, len(names)))
    axes.axis("off")
    height = {name: len(names) - 1 - k for k, name in enumerate(names)}
    spot = {"resolve": (1.1, 0.68 * len(names)), "credibility": (1.1, 0.28 * len(names))}
    box = {"boxstyle": "round,pad=0.45", "edgecolor": INK, "linewidth": 0.8}
    for name, (x, y) in spot.items():
        axes.text(x, y, f"{name}\n(latent, both sides)", ha="center", va="center", fontsize=10, color=INK,
                  bbox=box | {"facecolor": FILL[name]})  # fmt: skip
    for name, y in height.items():
        mine = edges[edges["node"] == name]
        count = int(mine["choices"].iloc[0])
        axes.text(4.3, y, name.replace("_", " "), ha="left", va="center", fontsize=9, color=INK,
                  bbox=box | {"facecolor": FILL["node"], "boxstyle": "round,pad=0.3"})  # fmt: skip
        parameters = list(mine.loc[mine["kind"] == "parameter", "source"])
        listed = ", ".join(parameters[:4]) + (f" and {len(parameters) - 4} more" if len(parameters) > 4 else "")
        axes.text(6.35, y, f"{count:,} choices; {listed}", ha="left", va="center", fontsize=7, color=QUIET)
        for _, edge in mine[mine["kind"] == "latent"].drop_duplicates("source").iterrows():
            axes.add_patch(
                FancyArrowPatch(
                    (2.25, spot[edge["source"]][1]),
                    (4.2, y),
                    arrowstyle="-|>",
                    mutation_scale=9,
                    color="#c77f3a" if edge["source"] == "resolve" else "#3b78ad",
                    linewidth=0.9,
                    connectionstyle="arc3,rad=0.04",
                )
            )
    axes.set_title("What every observed node depends on", loc="left", fontsize=11, color=INK)
    return figure


def _terms(node: Node) -> list:
    return [*node.a, *node.b] if isinstance(node, Joint) else list(node.terms)


def _choices(node: Node) -> int:
    if isinstance(node, Binary):
        return int(node.trials.sum())
    if isinstance(node, Joint):
        return int(node.counts.sum())
    assert isinstance(node, Duration)
    return len(node.days)
