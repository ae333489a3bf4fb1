"""Rows that are equal in everything but their counts are one row with the sum, in the order of the first of each."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.model.rows import collapse, rows_of


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 60), seed=st.integers(0, 10**6))
def test_it_is_the_sum_by_group(size: int, seed: int):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "side": rng.integers(0, 2, size),
            "fresh": rng.choice([-0.5, 0.0, 0.25], size),
            "war": rng.random(size) < 0.5,
            "y": rng.integers(0, 3, size),
            "days": rng.choice([0.5, 1.5], size),
        }
    )
    expected = table.groupby(["side", "fresh", "war"], as_index=False, sort=False)[["y", "days"]].sum()
    pd.testing.assert_frame_equal(collapse(table, ["y", "days"]), expected)


def test_without_keys_all_rows_are_one():
    table = pd.DataFrame({"y": [1, 0, 1], "n": [1, 1, 1]})
    assert collapse(table, ["y", "n"]).to_dict("records") == [{"y": 2, "n": 3}]


def test_nothing_stays_nothing():
    empty = rows_of(np.zeros((2, 3), dtype=bool), side=0.0, y=1.0)
    assert collapse(empty, ["y"]).empty
