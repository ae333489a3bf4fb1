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
    with pytest.raises(UsageError, match="0 places for scores W"):
        filled("nothing", tmp_path)


def test_trials_stand_beside_their_first_line(tmp_path: Path):
    lines = ["trial,score,mean,difference,low,high,rows,clusters,commit"]
    lines += [f"{name},{score},{mean},{gap},-0.2,0.1,1200,30,abc" for name, mean, gap in (("plain", 1.1, 0.0),
              ("more", 1.0, -0.1)) for score in ("rps", "log")]  # fmt: skip
    (tmp_path / "reply-trials.csv").write_text("\n".join(lines), encoding="utf-8")
    page = filled("<!-- trials reply -->\n<!-- end -->", tmp_path)
    assert "1,200 rows in 30 clusters, commit abc." in page
    assert "| plain | 1.1000 | 0 | 1.1000 | 0 |" in page
    assert "| more | 1.0000 | -0.1000 [-0.2000, +0.1000] | 1.0000 | -0.1000 [-0.2000, +0.1000] |" in page
