"""A variant that knows less is seen to be worse than the published model, on windows that both forecast."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.errors import UsageError
from forecast.evaluation.backtest import COLUMNS
from forecast.evaluation.comparison import comparison
from forecast.terms import LADDER


def folder(path: Path, model: str, sharpness: float, cases: int = 40) -> Path:
    """A finished back-test of one forecaster that gives the rung that came more or less chance."""
    rng = np.random.default_rng(1)
    rows, came = [], []
    for n in range(cases):
        place = int(rng.integers(7))
        chance = np.full(7, (1 - sharpness) / 7)
        chance[place] += sharpness
        rows += [(model, "2000-01-01", "ladder", 30, f"c{n}", "pmf", rung, p, "retrospective")
                 for rung, p in zip(LADDER, chance, strict=True)]  # fmt: skip
        came.append((f"c{n}", "2000-01-01", 30, LADDER[place], "", f"s{n}", "quiet" if n % 2 else "inside"))
    (path / "forecasts").mkdir(parents=True)
    forecasts = pd.DataFrame(rows, columns=pd.Index(COLUMNS))
    for case, part in forecasts.groupby("location"):
        part.to_csv(path / "forecasts" / f"{case}.csv", index=False)
    columns = pd.Index(["case", "origin", "horizon_days", "rung", "void", "cluster", "kind"])
    pd.DataFrame(came, columns=columns).to_csv(path / "resolutions.csv", index=False)
    (path / "backtest.json").write_text(json.dumps({"record_hash": "x"}), encoding="utf-8")
    return path


def test_what_is_left_out_costs(tmp_path: Path):
    full = folder(tmp_path / "full", "inside view", 0.6)
    less = folder(tmp_path / "less", "inside view, no-pooling", 0.2, cases=30)
    table = comparison([full, less])
    assert set(table["model"]) == {"published", "no-pooling"}
    assert (table["cases"][table["origins"] == "all origins"] == 30).all()  # only windows that both forecast
    log = table[(table["score"] == "log") & (table["horizon_days"] == 0)].set_index(["origins", "model"])
    gap = np.log(0.6 + 0.4 / 7) - np.log(0.2 + 0.8 / 7)
    for origins in ("all origins", "inside crises", "before the onset"):
        assert log.loc[(origins, "no-pooling"), "difference"] == pytest.approx(gap)
        assert log.loc[(origins, "published"), "difference"] == 0


def test_without_the_published_model_there_is_no_comparison(tmp_path: Path):
    with pytest.raises(UsageError, match="no forecasts of the published model"):
        comparison([folder(tmp_path / "less", "inside view, no-pooling", 0.2)])
