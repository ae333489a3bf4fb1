"""What became known after the as-of day leaves every value of the panel as it is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hand_made import CASE, campaign, coverage, crisis, move, outcome, record
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.record import Record, as_of
from forecast.record.acts import pose
from forecast.record.panel import build_panel

CRISES = [
    crisis("old", "2010-01-04"),
    crisis("recent", "2024-02-05", challenger="YYY", target="ZZZ"),
    crisis("own", "2024-03-04", challenger="AAA", target="BBB", case_id=CASE),
]
MOVES = [
    move("2024-01-09", "AAA", "BBB", "threat"),
    move("2024-02-13", "BBB", "AAA", "limited_strike", rung=4, known_date="2024-02-20"),
    campaign("2024-02-07", "YYY", "ZZZ", episode="recent"),
    campaign("2010-01-06", "GGG", "HHH", episode="old"),
    move("2024-03-12", "AAA", "BBB", "talks"),
    campaign("2024-04-02", "AAA", "BBB"),
    campaign("2024-04-09", "BBB", "AAA", rung=7),
    move("2024-04-16", "AAA", "BBB", "ceasefire", known_date="2024-05-16"),
    move("2024-05-07", "BBB", "AAA", "deal"),
]
ENDS = [
    outcome("old", "2010-01-04", "2010-03-01", rung_a=6, days=20),
    outcome("recent", "2024-02-05", "2024-04-01", rung_a=6, days=40, ended_by="ceasefire"),
]
WATCH = [coverage("old", "2009-01-01"), coverage("recent", "2023-08-01", known="2024-02-05"),
         coverage("own", "2024-03-04", known="2024-03-04")]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Record:
    folder: Path = tmp_path_factory.mktemp("later") / "record"
    return record(folder, crises=CRISES, moves=MOVES, outcomes=ENDS, covered=WATCH)


@settings(max_examples=12, deadline=None)
@given(day=st.dates(dt.date(2024, 1, 14), dt.date(2024, 7, 1)), step=st.sampled_from([1, 7, 30]))
def test_rows_known_later_change_nothing(made: Record, day: dt.date, step: int):
    if day < dt.date(2024, 1, 1) + dt.timedelta(days=step):
        return
    without = made.with_tables(
        {name: frame[frame["known_date"] <= pd.Timestamp(day)].reset_index(drop=True)
         for name, frame in made.tables.items()}
    )  # fmt: skip
    whole = build_panel(made, day, period_days=step)
    xr.testing.assert_identical(whole, build_panel(without, day, period_days=step))
    xr.testing.assert_identical(whole, build_panel(as_of(made, day), day, period_days=step))


def test_rows_known_on_the_day_do_count(made: Record):
    before = build_panel(made, dt.date(2024, 2, 19)).isel(episode=0)
    on_it = build_panel(made, dt.date(2024, 2, 20)).isel(episode=0)
    assert before["force"].values.sum() == 0
    assert on_it["force"].values[1].sum() == 2


@settings(max_examples=12, deadline=None)
@given(day=st.dates(dt.date(2023, 9, 10), dt.date(2024, 7, 1)), step=st.sampled_from([1, 7, 30]))
def test_it_holds_for_a_past_crisis_as_the_case(made: Record, day: dt.date, step: int):
    posed = pose(made, "recent", day)
    assert all((frame["known_date"] <= pd.Timestamp(day)).all() for frame in posed.tables.values())
    whole = build_panel(posed, day, case="recent", period_days=step)
    if day >= dt.date(2024, 2, 5):
        xr.testing.assert_identical(whole, build_panel(made, day, case="recent", period_days=step))
        xr.testing.assert_identical(whole, build_panel(as_of(made, day), day, case="recent", period_days=step))


@pytest.mark.parametrize(
    ("case", "day"),
    [
        (None, dt.date(2026, 2, 13)),
        ("2026-us-iran-war", dt.date(2026, 3, 8)),
        ("1999-kosovo", dt.date(1999, 4, 11)),
        ("1999-kosovo", dt.date(1998, 12, 26)),
    ],
)
def test_it_holds_for_the_shipped_record(shipped: Record, case: str | None, day: dt.date):
    limit = pd.Timestamp(day)
    garbled = {}
    for name, frame in shipped.tables.items():
        later = frame["known_date"] > limit
        dates = [c for c in frame.columns if frame[c].dtype.kind == "M" and c != "known_date"]
        garbled[name] = frame.assign(**{c: frame[c].mask(later, frame["known_date"]) for c in dates}).iloc[
            np.random.default_rng(1).permutation(np.flatnonzero(~later | (frame.index % 2 == 0)))
        ]
    changed = shipped.with_tables(garbled)
    if case is not None:
        shipped, changed = pose(shipped, case, day), _defined(shipped, changed, case, day)
    one, two = build_panel(shipped, day, case=case), build_panel(changed, day, case=case)
    xr.testing.assert_identical(one, two)


def _defined(shipped: Record, changed: Record, case: str, day: dt.date) -> Record:
    """The changed record with the question as the true one defines it, which is all that a later row may tell."""
    names = ("episodes", "sides", "actors", "coverage")
    own = {name: shipped.tables[name] for name in names}
    rest = {name: frame for name, frame in changed.tables.items() if name not in names}
    for name in ("sides", "coverage"):
        mine = shipped.tables[name]["episode_id"] == case
        others = changed.tables[name][changed.tables[name]["episode_id"] != case]
        own[name] = pd.concat([others, shipped.tables[name][mine]])
    own["episodes"] = pd.concat(
        [changed.episodes[changed.episodes["episode_id"] != case],
         shipped.episodes[shipped.episodes["episode_id"] == case]]
    )  # fmt: skip
    return pose(shipped.with_tables({**rest, **own}), case, day)
