"""The evidence page holds what its command writes: every table in its place, and nothing by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.errors import UsageError
from forecast.evaluation.evidence import MISSING, PAGE, SECTIONS, filled, gate, history, updates
from forecast.terms import LADDER


@pytest.fixture
def page(monkeypatch):
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    return PAGE.read_text(encoding="utf-8")


def test_the_page_is_what_the_command_writes(page):
    assert filled(page) == page, "run `python -m forecast.evaluation.evidence`"


def test_a_table_without_results_says_so(page, tmp_path):
    found = filled(page, tmp_path)
    assert found.count(MISSING) == sum(bool(file) for file, _ in SECTIONS.values())


def test_a_page_without_a_place_is_refused(page):
    with pytest.raises(UsageError, match="0 places for gate"):
        filled(page.replace("<!-- table gate -->", ""))


def test_gates_by_hand(tmp_path):
    pd.DataFrame(
        {
            "as_of": ["2025-06-01", "2025-06-08"], "passed": [True, False], "failed": [np.nan, "R-hat, global"],
            "rhat": [1.004, 1.02], "ess": [900, 310], "divergent": [0.0, 0.0], "bfmi": [0.9, 0.8],
            "p_low": [0.2, 0.1], "p_high": [0.7, 0.9], "wall_s": [100.0, 200.0],
        }
    ).to_csv(tmp_path / "gates.csv", index=False)  # fmt: skip
    told = gate(tmp_path)
    assert "| passed | 1 of 2 |" in told
    assert "1.0120, 1.0200" in told
    assert "- 2025-06-08: failed R-hat, global" in told


def test_updates_by_hand(tmp_path):
    far = {"tv_7": [0.001, 0.015, 0.05], "tv_30": [0.004, 0.03, 0.01], "tv_90": [0.002] * 3, "tv_180": [0.003] * 3}
    pd.DataFrame(
        {"weeks": [1, 1, 1], "full_fit_due": [False, False, True], "update_s": [2.0] * 3, "fit_s": [50.0] * 3, **far}
    ).to_csv(tmp_path / "updates.csv", index=False)
    assert "| 1 | 3 | 2 | 1 | 0.0170 | 0.0300 | 0.0500 |" in updates(tmp_path)
    assert "25 times as long" in updates(tmp_path)


def test_the_history_sets_what_happened_beside_what_was_said(tmp_path):
    chance = [0.05, 0.55, 0.1, 0.1, 0.1, 0.08, 0.02]
    rows = [("2026-02-20", 30, rung, p) for rung, p in zip(LADDER, chance, strict=True)]
    columns = ["as_of", "horizon_days", "rung", "probability"]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "gates-ladder.csv", index=False)
    assert "| 2026-02-20 | 0.40 → O5 (0.08) |" in history(tmp_path)
