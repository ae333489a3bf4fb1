"""The outside view is a ladder at every horizon, reads where a case stands, and uses nothing known after the day."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.errors import UsageError
from forecast.outside.ladder import OutsideView, outside_view
from forecast.record import Record, as_of
from forecast.record.acts import pose
from forecast.terms import HORIZONS


def view(record: Record, case: str, day: dt.date, draws: int = 30, paths: int = 60) -> OutsideView:
    return outside_view(pose(record, case, day), case, day, draws=draws, paths=paths)


@pytest.mark.parametrize(
    ("case", "day", "state"),
    [
        ("us-iran", dt.date(2022, 6, 1), "quiet"),
        ("us-iran", dt.date(2026, 2, 13), "open"),
        ("us-iran", dt.date(2026, 3, 8), "campaign"),
        ("us-iran", dt.date(2024, 4, 16), "struck"),
        ("1999-kosovo", dt.date(1998, 12, 26), "posed"),
        ("1999-kosovo", dt.date(1999, 3, 10), "open"),
    ],
)
def test_a_ladder_from_every_state(shipped: Record, case: str, day: dt.date, state: str):
    found = view(shipped, case, day)
    assert found.standing.state == state
    assert found.ladder.shape == (30, len(HORIZONS), 7)
    assert found.ladder.sum(axis=2) == pytest.approx(np.ones((30, len(HORIZONS))))
    above = np.cumsum(found.ladder[:, :, ::-1], axis=2)[:, :, 4::-1]  # O2 or higher, …, O6
    assert np.diff(above, axis=1).min() > -1e-12
    assert all(((chance >= 0) & (chance <= 1)).all() for chance in found.stages.values())


def test_the_state_shows_in_the_numbers(shipped: Record):
    quiet, tense, war = (
        view(shipped, "us-iran", day).ladder.mean(axis=0)
        for day in (dt.date(2022, 6, 1), dt.date(2026, 2, 13), dt.date(2026, 3, 8))
    )
    strikes = [one[1, 2:].sum() for one in (quiet, tense, war)]
    assert strikes[0] < strikes[1] < strikes[2]
    assert war[0, 5:].sum() > 0.8  # it had reached several theatres by then


def test_the_same_seed_gives_the_same_numbers(shipped: Record):
    one, two = (view(shipped, "us-iran", dt.date(2026, 2, 13), 5, 20).ladder for _ in range(2))
    assert np.array_equal(one, two)


@settings(max_examples=3, deadline=None)
@given(day=st.dates(dt.date(2018, 12, 1), dt.date(2026, 9, 1)))
def test_what_became_known_later_changes_nothing(shipped: Record, day: dt.date):
    limit = pd.Timestamp(day)
    garbled = {}
    for name, frame in shipped.tables.items():
        later = frame["known_date"] > limit
        dates = [c for c in frame.columns if frame[c].dtype.kind == "M" and c != "known_date"]
        garbled[name] = frame.assign(**{c: frame[c].mask(later, frame["known_date"]) for c in dates})[
            ~later | (frame.index % 2 == 0)
        ]
    whole = outside_view(shipped, "us-iran", day, draws=3, paths=20)
    for other in (shipped.with_tables(garbled), as_of(shipped, day)):
        again = outside_view(other, "us-iran", day, draws=3, paths=20)
        assert np.array_equal(whole.ladder, again.ladder)
        assert whole.crises == again.crises


def test_a_crisis_is_never_learned_from_while_it_is_forecast(shipped: Record):
    day = dt.date(1999, 3, 10)
    seen = pose(shipped, "1999-kosovo", day)
    now = as_of(seen, day)
    over = set(now.outcomes.loc[now.outcomes["date"].notna(), "episode_id"])
    crises = set(now.episodes.loc[now.episodes["kind"] == "crisis", "episode_id"])
    assert "1999-kosovo" in crises - over
    assert view(shipped, "1999-kosovo", day, 2, 10).crises == len(over & crises)


def test_an_early_day_has_no_outside_view(shipped: Record):
    with pytest.raises(UsageError, match="past crises were over by 1958-08-25"):
        view(shipped, "1958-taiwan-strait-2", dt.date(1958, 8, 25))
