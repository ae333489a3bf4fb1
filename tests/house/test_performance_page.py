"""The page of speeds shows what the benchmarks wrote, and nothing else stands in its tables."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))
from results_page import PAGE, filled


def test_the_page_is_that_of_the_results():
    text = PAGE.read_text(encoding="utf-8")
    assert text == filled(text), "write it anew: uv run python benchmarks/results_page.py"
