"""The tables of docs/benchmarks.md are those of the stored scores, and a page without a place for them is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast.errors import UsageError
from forecast.evaluation.benchmarks.page import PAGE, SCORES, filled

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_what_the_scores_say():
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    assert filled(text, ROOT / SCORES) == text, "renew it by: python -m forecast.evaluation.benchmarks.page"


def test_a_page_without_a_place_is_refused(tmp_path: Path):
    document = '{"benchmark": "W", "data": {"file": "f", "sha256": "0"}, "code": {}, "began": "", "seconds": 1, '
    (tmp_path / "W.json").write_text(document + '"scores": {"task": []}, "weights": []}', encoding="utf-8")
    with pytest.raises(UsageError, match="0 places for W"):
        filled("nothing", tmp_path)
