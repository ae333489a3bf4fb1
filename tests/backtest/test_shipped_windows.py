"""The shipped past windows are what the back-test's baselines learn from, none of them later than it may be."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import pandas as pd
import pytest
from small_history import history

from forecast.errors import UsageError
from forecast.evaluation import windows as windows_module
from forecast.evaluation.features import situation
from forecast.evaluation.learners import past_windows
from forecast.evaluation.windows import (
    SHIPPED,
    Windows,
    baseline_ladders,
    days_late,
    read_windows,
    shipped_windows,
    write_windows,
)
from forecast.record import Record, as_of
from forecast.terms import HORIZONS, LADDER


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


@pytest.mark.parametrize("day", [dt.date(1959, 1, 1), dt.date(2025, 7, 1)])
def test_a_day_is_told_what_the_record_of_that_day_tells(shipped: Record, windows: Windows, day: dt.date):
    told: dict[tuple, object] = {("situation", row.case, row.day.date()): {} for row in windows.frame.itertuples()}
    mine, theirs = windows.ended_by(day), past_windows(shipped, None, day, HORIZONS, told)
    assert len(theirs) > 20
    assert mine["case"].tolist() == theirs["case"].tolist()
    assert mine["day"].dt.date.tolist() == theirs["day"].tolist()
    for horizon in HORIZONS:
        assert mine[f"place_{horizon}"].astype(float).tolist() == pytest.approx(
            theirs[f"place_{horizon}"].astype(float).tolist(), nan_ok=True
        )


def test_what_was_told_late_counts_from_then(tmp_path: Path):
    made = history(tmp_path)
    moves = made.moves
    strike = (moves["episode_id"] == "c2001") & (moves["type"] == "limited_strike")
    assert strike.sum() == 1
    known = pd.Timestamp(2001, 6, 1)
    record = made.with_tables(
        {**made.tables, "moves": moves.assign(known_date=moves["known_date"].mask(strike, known))}
    )
    rows = past_windows(record, None, dt.date(2005, 1, 1), HORIZONS, {})
    rows = rows[rows["case"] == "c2001"]
    over = pd.Timestamp(2001, 3, 16)
    late = days_late(record, "c2001", rows.assign(day=pd.to_datetime(rows["day"]), over=over))
    at_onset = rows["day"].tolist().index(dt.date(2001, 3, 2))
    end = pd.Timestamp(2001, 3, 9)
    assert rows["place_7"].iloc[at_onset] >= LADDER.index("O2")
    assert late[at_onset, HORIZONS.index(7)] == (known - end).days
    assert not late[at_onset, HORIZONS.index(180)]  # still runs when the strike is told
    untold = days_late(made, "c2001", rows.assign(day=pd.to_datetime(rows["day"]), over=over))
    assert not untold.any()


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


def test_another_state_of_the_record_is_refused(shipped: Record, monkeypatch: pytest.MonkeyPatch):
    assert len(shipped_windows().frame) > 1000
    until = dt.date.fromisoformat(read_windows().made_from["covered_until"])
    last = shipped.moves.tail(1)
    later = last.assign(move_id="m-later", known_date=pd.Timestamp(until) + pd.Timedelta(days=3))
    for row, stale in ((later, False), (later.assign(known_date=pd.Timestamp(until)), True)):
        moves = pd.concat([shipped.moves, row], ignore_index=True)
        changed = shipped.with_tables({**shipped.tables, "moves": moves})
        monkeypatch.setattr(windows_module, "read_record", lambda changed=changed: changed)
        if stale:
            with pytest.raises(UsageError, match=r"another state of the record.*forecast study windows --ship"):
                shipped_windows()
        else:
            shipped_windows()


def test_a_file_that_was_changed_is_refused(windows: Windows, tmp_path: Path):
    file = tmp_path / SHIPPED.name
    write_windows(windows, file)
    assert read_windows(file).frame.equals(windows.frame)
    text = gzip.decompress(file.read_bytes()).replace(b"us-iran", b"us-iraq", 1)
    file.write_bytes(gzip.compress(text, mtime=0))
    with pytest.raises(UsageError, match="is not the table that"):
        read_windows(file)
    file.unlink()
    with pytest.raises(UsageError, match="forecast study windows --ship"):
        read_windows(file)
