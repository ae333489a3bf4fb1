"""Updates are compared with fits by the total variation of their ladders; kept posteriors are not fitted again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from full_record import DAY, full_record
from prior_trees import drawn, tree_of

from forecast.evaluation import updates
from forecast.evaluation.updates import agreement, summary, total_variation
from forecast.inference.fit import save_posterior
from forecast.record.panel import build_panel


def ladder(*shares: float) -> pd.DataFrame:
    return pd.DataFrame({"horizon_days": 30, "rung": [f"O{k}" for k in range(len(shares))], "probability": shares})


def test_total_variation_is_half_the_sum_of_differences():
    assert total_variation(ladder(0.5, 0.3, 0.2), ladder(0.5, 0.3, 0.2)) == {30: 0.0}
    assert total_variation(ladder(0.5, 0.3, 0.2), ladder(0.4, 0.3, 0.3)) == {30: pytest.approx(0.1)}
    assert total_variation(ladder(1.0, 0.0), ladder(0.0, 1.0)) == {30: 1.0}


def test_days_of_a_folder_are_compared_once_and_without_a_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    record, kept = full_record(tmp_path / "record"), tmp_path / "posteriors"
    kept.mkdir()
    days = [DAY - dt.timedelta(weeks=k) for k in (3, 2, 1, 0)]
    for seed, day in ((1, days[1]), (2, days[2]), (3, days[3])):  # nothing is kept of the first day
        panel = build_panel(record, day)
        save_posterior(tree_of(drawn(panel, draws=100, seed=seed), panel), kept / f"{day}.nc")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a fit was asked for")

    monkeypatch.setattr(updates, "fit", refuse)
    monkeypatch.setattr(updates, "compile_panel", refuse)
    told: list[str] = []

    def compare() -> pd.DataFrame:
        return agreement(
            record, days, out=tmp_path / "updates.csv", posteriors=kept, kept_only=True, again=1, total_paths=2000,
            progress=told.append,
        )  # fmt: skip

    table = compare()
    assert list(zip(table["as_of"], table["weeks"], strict=True)) == [
        (str(days[2]), 1), (str(days[3]), 1), (str(days[3]), 2),
    ]  # fmt: skip
    shares = table[[c for c in map(str, table) if c.startswith(("tv_", "unmoved_"))]]
    assert shares.ge(0.0).all(axis=None)
    assert shares.le(1.0).all(axis=None)
    assert (table["tv_30"] > 0).all()
    pd.testing.assert_frame_equal(compare(), table, check_dtype=False)
    assert told[-1].endswith("nothing new to compare")
    monkeypatch.undo()
    counted = summary(table).set_index("weeks")["comparisons"]
    assert counted.to_dict() == {1: 2, 2: 1}
