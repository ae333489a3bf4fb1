"""The shipped past windows are what the back-test's baselines learn from, none of them later than it may be."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path

import pandas as pd
import pytest

from forecast.errors import UsageError
from forecast.evaluation.features import situation
from forecast.evaluation.learners import past_windows
from forecast.evaluation.windows import SHIPPED, Windows, baseline_ladders, read_windows, write_windows
from forecast.record import Record, as_of
from forecast.terms import HORIZONS


@pytest.fixture(scope="module")
def windows() -> Windows:
    return read_windows()


def test_rows_are_what_the_record_tells(shipped: Record, windows: Windows):
    for number in (3, 400, len(windows.frame) - 200):
        row = windows.frame.iloc[number]
        found = situation(shipped, row["case"], row["day"].date())
        assert list(found) == list(windows.frame.columns[: len(found)]), (
            "write them anew: forecast study windows --ship"
        )
        assert row[list(found)].astype(float).to_numpy() == pytest.approx(list(found.values()), abs=1e-5)


def test_an_early_day_sees_what_the_back_test_saw(shipped: Record, windows: Windows):
    day = dt.date(1959, 1, 1)
    mine = windows.ended_by(day)
    theirs = past_windows(shipped, None, day, HORIZONS, {})
    assert len(theirs) > 20
    assert mine["case"].tolist() == theirs["case"].tolist()
    assert mine["day"].dt.date.tolist() == theirs["day"].tolist()
    for horizon in HORIZONS:
        assert mine[f"place_{horizon}"].astype(float).tolist() == pytest.approx(
            theirs[f"place_{horizon}"].astype(float).tolist(), nan_ok=True
        )


def test_nothing_later_is_learned_from(shipped: Record, windows: Windows):
    day = dt.date(2003, 4, 1)
    seen = as_of(shipped, day)
    rows = windows.ended_by(day)
    known = set(seen.outcomes.loc[seen.outcomes["date"].notna(), "episode_id"]) | set(
        seen.episodes.loc[seen.episodes["kind"] == "case", "episode_id"]
    )
    assert set(rows["case"]) <= known
    for horizon in HORIZONS:
        told = rows[rows[f"place_{horizon}"].notna()]
        assert (told["day"] + pd.Timedelta(days=horizon) <= pd.Timestamp(day)).all()


def test_too_little_to_learn_from_is_told(shipped: Record, windows: Windows):
    with pytest.raises(UsageError, match="past stories of the record were over"):
        baseline_ladders(shipped, "us-iran", dt.date(1958, 1, 1), HORIZONS, windows)


def test_a_file_that_was_changed_is_refused(windows: Windows, tmp_path: Path):
    file = tmp_path / SHIPPED.name
    write_windows(windows, file)
    assert read_windows(file).frame.equals(windows.frame)
    text = gzip.decompress(file.read_bytes()).replace(b"us-iran", b"us-iraq", 1)
    file.write_bytes(gzip.compress(text, mtime=0))
    with pytest.raises(UsageError, match="is not the table that"):
        read_windows(file)
    facts = json.loads((tmp_path / "past_windows.json").read_text(encoding="utf-8"))
    assert facts["made_from"]["record_hash"]
    file.unlink()
    with pytest.raises(UsageError, match="forecast study windows --ship"):
        read_windows(file)
