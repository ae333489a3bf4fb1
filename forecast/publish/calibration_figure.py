"""The figure of calibration: forecast probability against how often the event came, one panel per threshold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from forecast.publish.style import COLOUR, new_figure, styled
from forecast.publish.tables import Row, rows_of
from forecast.publish.wording import clean, rung_name
from forecast.terms import LADDER

BIN: Final = 0.05
"""Width of the bars that count forecasts; they stand on its multiples, where rounded forecasts fall."""
BAR_HEIGHT: Final = 0.16
"""Height of the tallest bar, on the scale of the frequencies (0–1)."""
FEW: Final = 20
"""Points up to which each is marked; a curve of few forecasts would otherwise show little but its ends."""
SCORE: Final = "brier"


@styled
def calibration_figure(curve: pd.DataFrame, decomposition: pd.DataFrame) -> Figure:
    """Draw reliability curves in front of their consistency bands, with the split of the Brier score.

    A curve on the diagonal is calibrated; below it the event came less often than was said. The band is where the curve
    of calibrated forecasts would lie; the bars at the foot show how often which forecast was made.

    Parameters
    ----------
    curve
        Columns `threshold`, `forecast`, `recalibrated`, `low`, `high`, `weight` of
        `forecast.evaluation.calibration.Reliability.curve`; bands that are missing are not drawn.
    decomposition
        Columns `threshold`, `score`, `mcb`, `dsc`, `unc` of its table `decomposition`.
    """
    thresholds = list(dict.fromkeys(curve["threshold"]))
    figure, panels = _panels(len(thresholds))
    for axes, threshold in zip(panels, thresholds, strict=False):
        _reliability(axes, curve[curve["threshold"] == threshold])
        axes.set_title(_short_name(threshold), pad=18)
        for row in _splits(decomposition, threshold):
            text = " ".join(f"{part.upper()} {row[part]:.3f}" for part in ("mcb", "dsc", "unc"))
            axes.text(0, 1.03, text, transform=axes.transAxes, fontsize=7.5, color=COLOUR["soft"])
    figure.supxlabel("forecast probability", fontsize=11, color=COLOUR["soft"])
    figure.supylabel("how often it came", fontsize=11, color=COLOUR["soft"])
    return figure


def calibration_alt(decomposition: pd.DataFrame) -> str:
    """Figure of calibration in words, from its table."""
    parts = [
        f"{_name(row['threshold'])}: Brier score {row['mean_score']:.3f}, of it miscalibration {row['mcb']:.3f}, "
        f"discrimination {row['dsc']:.3f}, uncertainty {row['unc']:.3f} ({row['n']} forecasts)"
        for row in rows_of(decomposition[decomposition["score"] == SCORE])
    ]
    return f"Forecast probability against how often the event came. {'; '.join(parts)}."


def _reliability(axes: Axes, curve: pd.DataFrame) -> None:
    forecast = curve["forecast"].to_numpy()
    edges = np.arange(-BIN / 2, 1 + BIN, BIN)
    share, _ = np.histogram(forecast, edges, weights=curve["weight"].to_numpy())
    axes.bar(edges[:-1], BAR_HEIGHT * share / share.max(), BIN, align="edge", color=COLOUR["grid"], lw=0, zorder=0.5)
    axes.fill_between(forecast, curve["low"].to_numpy(), curve["high"].to_numpy(), color=COLOUR["o0"], alpha=0.45, lw=0)
    axes.plot([0, 1], [0, 1], color=COLOUR["soft"], lw=0.8, ls=(0, (4, 3)))
    marker = "o" if len(curve) <= FEW else ""
    axes.plot(forecast, curve["recalibrated"].to_numpy(), color=COLOUR["side-a"], lw=1.8, marker=marker, ms=3.5)


def _panels(count: int) -> tuple[Figure, Sequence[Axes]]:
    columns = min(count, 2)
    rows = -(-count // columns)
    figure = new_figure(40 + 190 * rows if columns == 2 else 340)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    panels: list[Axes] = list(grid.flat)
    for axes in panels:
        axes.set_aspect("equal")
        axes.set_xlim(-0.03, 1.03)
        axes.set_ylim(-0.02, 1.02)
        axes.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
        axes.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    for axes in panels[count:]:
        axes.set_visible(False)
    return figure, panels


def _splits(decomposition: pd.DataFrame, threshold: str) -> list[Row]:
    return rows_of(decomposition[(decomposition["threshold"] == threshold) & (decomposition["score"] == SCORE)])


def _short_name(threshold: str) -> str:
    return f"{threshold} or more" if threshold in LADDER[:-1] else clean(threshold)


def _name(threshold: str) -> str:
    if threshold not in LADDER:
        return clean(threshold)
    return f"{threshold} {rung_name(threshold)}" + ("" if threshold == LADDER[-1] else " or more")
