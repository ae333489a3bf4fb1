"""Baselines learn from windows that had ended before the origin, and keep nothing that changes a number."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from small_history import history

from forecast.evaluation.learners import FEWEST, learners, past_windows
from forecast.record import Record
from forecast.record.acts import pose
from forecast.record.asof import known_by

HORIZONS = (7, 30, 90)
ORIGIN = dt.date(2010, 3, 24)
CASE = "c2010"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return history(tmp_path_factory.mktemp("history"))


@pytest.fixture(scope="module")
def memo() -> dict:
    """What the tests below share, since it changes no number."""
    return {}


def test_only_windows_that_had_ended_count(made: Record, memo: dict):
    rows = past_windows(made, CASE, ORIGIN, HORIZONS, memo)
    for horizon in HORIZONS:
        told = rows[rows[f"place_{horizon}"].notna()]
        assert (told["day"] + dt.timedelta(days=horizon) <= ORIGIN).all()
        assert len(told)
    assert set(rows["case"]) == {f"c{year}" for year in range(2000, 2011)}
    assert set(past_windows(made, None, ORIGIN, HORIZONS, memo)["case"]) == {f"c{year}" for year in range(2000, 2010)}
    assert rows.loc[rows["case"] == CASE, "place_30"].tolist()[1:] == pytest.approx([np.nan], nan_ok=True)


def test_windows_have_the_places_that_came(made: Record, memo: dict):
    rows = past_windows(made, None, ORIGIN, HORIZONS, memo)
    first = rows[(rows["before_onset"] == 0)].groupby("case").first()
    assert first["place_30"].tolist() == ([0, 2, 3, 4] * 3)[:10]


def test_what_is_known_later_changes_no_window_and_no_forecast(made: Record, memo: dict):
    cut = known_by(made, ORIGIN)
    pd.testing.assert_frame_equal(
        past_windows(made, CASE, ORIGIN, HORIZONS, memo), past_windows(cut, CASE, ORIGIN, HORIZONS, {})
    )
    garbled = {name: frame.assign(known_date=frame["known_date"].where(frame["known_date"] <= pd.Timestamp(ORIGIN),
               pd.Timestamp(ORIGIN) + pd.Timedelta(days=1))).sample(frac=1, random_state=1).sort_index()
               for name, frame in made.tables.items()}  # fmt: skip
    other = made.with_tables(garbled)
    kept: dict = {}
    for name in ("climatology", "Markov chain"):
        one = learners(memo)[name](pose(made, CASE, ORIGIN), CASE, ORIGIN, HORIZONS)
        two = learners(kept)[name](pose(other, CASE, ORIGIN), CASE, ORIGIN, HORIZONS)
        np.testing.assert_array_equal(one, two)


def test_what_is_kept_between_calls_changes_no_number(made: Record):
    used: dict = {}
    shared = learners(used)
    for day in (dt.date(2009, 3, 12), dt.date(2010, 1, 14), ORIGIN):
        case = f"c{day.year}"
        for forecaster in (shared["climatology"], shared["ridge multinomial logit"]):
            found = forecaster(pose(made, case, day), case, day, HORIZONS)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    fresh = learners({})["ridge multinomial logit"](pose(made, CASE, ORIGIN), CASE, ORIGIN, HORIZONS)
    np.testing.assert_array_equal(found, fresh)


def test_climatology_is_the_share_of_endings_with_every_crisis_weighing_the_same(made: Record, memo: dict):
    chance = learners(memo)["climatology"](pose(made, CASE, ORIGIN), CASE, ORIGIN, (30,))[0]
    rows = past_windows(made, CASE, dt.date(2010, 1, 1), (30,), memo).dropna(subset=["place_30"])
    share = (rows["place_30"] == 0).groupby(rows["case"]).mean().mean()
    many = len(rows)
    assert chance[0] == pytest.approx((share * many + 0.5) / (many + 3.5))
    assert chance[5] == pytest.approx(0.5 / (many + 3.5))


def test_with_nothing_to_learn_from_every_rung_is_as_likely_and_with_little_climatology_stands_in(
    made: Record, memo: dict
):
    first = dt.date(2000, 3, 1)
    seen = pose(made, "c2000", first)
    for name, forecaster in learners(memo).items():
        np.testing.assert_allclose(forecaster(seen, "c2000", first, HORIZONS), 1 / 7, err_msg=name)
    few = dt.date(2000 + FEWEST // 2, 3, 6)
    seen, case = pose(made, f"c{few.year}", few), f"c{few.year}"
    found = learners(memo)
    expected = found["climatology"](seen, case, few, HORIZONS)
    np.testing.assert_array_equal(found["gradient boosting"](seen, case, few, HORIZONS), expected)
