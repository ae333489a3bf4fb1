"""Forecasts can be scored where no sampler is installed."""

from __future__ import annotations

import subprocess
import sys

SAMPLER = ("pymc", "pytensor", "nutpie", "arviz", "numba", "xarray")
MODULES = ("scores", "intervals", "calibration")


def test_scores_load_no_sampler():
    code = (
        f"import sys, importlib; [importlib.import_module('forecast.evaluation.' + name) for name in {MODULES!r}]; "
        f"print(*[name for name in {SAMPLER!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
