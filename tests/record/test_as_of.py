"""Nothing that became known after a day changes the record as of that day, and the cut record is whole."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small_records import write_record

from forecast.errors import UsageError
from forecast.record import Record, as_of, check_record, information_cutoff, read_record, record_hashes
from forecast.record.columns import TABLES

DAYS = [dt.date.fromisoformat(day) for day in ("1954-09-10", "1988-04-15", "2019-12-01", "2025-06-18", "2026-02-13")]
TABLES_WITH_TEXT = ["actors", "episodes", "sides", "moves", "outcomes", "sources"]


@cache
def record() -> Record:
    return read_record()


@cache
def hashes(day: dt.date) -> dict[str, str]:
    return record_hashes(as_of(record(), day))


def spoilt(frame: pd.DataFrame, table: str, index: int, seed: int) -> pd.DataFrame:
    """`frame` with garbage in every cell of row `index`, its known_date apart."""
    changed = frame.copy()
    rng = np.random.default_rng(seed)
    for column in TABLES[table].columns:
        value = frame[column.name].iloc[int(rng.integers(len(frame)))]
        if column.kind not in ("int", "date") and rng.random() < 0.5:
            value = f"garbage {rng.integers(10**6)}"
        if column.name != "known_date":
            changed.loc[index, column.name] = value
    return changed


@settings(max_examples=60, deadline=None)
@given(
    day=st.sampled_from(DAYS),
    table=st.sampled_from(sorted(TABLES)),
    what=st.sampled_from(["corrupt", "add", "delete", "postpone"]),
    share=st.floats(0, 1, exclude_max=True),
    seed=st.integers(0, 10**6),
)
def test_later_rows_change_nothing(day: dt.date, table: str, what: str, share: float, seed: int):
    frame = record().tables[table]
    later = frame.index[frame["known_date"] > pd.Timestamp(day)]
    assume(len(later))
    index = later[int(share * len(later))]
    if what == "corrupt":
        changed = spoilt(frame, table, index, seed)
    elif what == "add":
        copy = spoilt(frame, table, index, seed).loc[[index]]
        earlier = frame.iloc[[seed % len(frame)]].assign(known_date=frame.loc[index, "known_date"])
        changed = pd.concat([frame, copy, earlier], ignore_index=True)
    elif what == "delete":
        changed = frame.drop(index=index)
    else:
        changed = frame.assign(known_date=frame["known_date"].mask(frame.index == index, pd.Timestamp("2039-01-01")))
    mutated = record().with_tables({**record().tables, table: changed})
    assert record_hashes(as_of(mutated, day)) == hashes(day)


@settings(max_examples=25, deadline=None)
@given(
    day=st.sampled_from(DAYS),
    table=st.sampled_from(TABLES_WITH_TEXT),
    share=st.floats(0, 1, exclude_max=True),
)
def test_earlier_rows_do_change_it(day: dt.date, table: str, share: float):
    frame = record().tables[table]
    kept = as_of(record(), day).tables[table]
    key = [*TABLES[table].key, "known_date"]
    assume(len(kept))
    chosen = kept.iloc[int(share * len(kept))]
    index = frame.index[(frame[key] == chosen[key]).all(axis=1)][0]
    column = {"sides": "role", "actors": "name", "sources": "citation"}.get(table, "confidence")
    changed = frame.copy()
    changed.loc[index, column] = "changed"
    mutated = record().with_tables({**record().tables, table: changed})
    found = record_hashes(as_of(mutated, day))
    assert found[table] != hashes(day)[table]
    assert found["record"] != hashes(day)["record"]


@pytest.mark.parametrize("day", DAYS)
def test_the_cut_record_is_itself_sound(day: dt.date, tmp_path: Path):
    problems = check_record(write_record(as_of(record(), day), tmp_path))
    assert [str(problem) for problem in problems if problem.file != "record.yaml"] == []


def test_the_latest_known_version_holds():
    before = as_of(record(), "2024-12-22").moves.set_index("move_id").loc["2024-07-31-haniyeh"]
    after = as_of(record(), "2024-12-23").moves.set_index("move_id").loc["2024-07-31-haniyeh"]
    assert before["confidence"] == "disputed"
    assert after["confidence"] == "confirmed"


def test_a_withdrawn_move_goes_from_that_day_on():
    moves = record().moves
    gone = moves[moves["move_id"] == "2026-01-02-locked-loaded"].assign(
        known_date=pd.Timestamp("2026-01-05"), status="withdrawn"
    )
    changed = record().with_tables({**record().tables, "moves": pd.concat([moves, gone], ignore_index=True)})
    assert "2026-01-02-locked-loaded" in set(as_of(changed, "2026-01-04").moves["move_id"])
    assert "2026-01-02-locked-loaded" not in set(as_of(changed, "2026-01-05").moves["move_id"])


def test_cutting_again_at_the_same_day_changes_nothing():
    cut = as_of(record(), "2025-06-18")
    assert as_of(cut, "2025-06-18").hash == cut.hash


def test_the_information_cutoff_is_the_youngest_known_move():
    cut = as_of(record(), dt.date(2026, 2, 13))
    assert information_cutoff(cut) == dt.date(2026, 2, 13)
    with pytest.raises(UsageError, match="no move is known"):
        information_cutoff(as_of(record(), "1900-01-01"))


def test_a_day_that_is_no_date_is_refused():
    with pytest.raises(UsageError, match="YYYY-MM-DD"):
        as_of(record(), "13.02.2026")
