"""Draw the picture of the README from an archived run: `python docs/images/draw.py RUN_FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

import forecast
from forecast.publish.figures import ladder_figure

if __name__ == "__main__":
    run = forecast.read_run(Path(sys.argv[1]))
    figure = ladder_figure(run.tables["ladder"])
    figure.savefig(Path(__file__).with_name("ladder.png"), dpi=180, facecolor="white")
