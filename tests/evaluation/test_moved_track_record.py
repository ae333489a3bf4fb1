"""A placebo moves the track record of the case and nothing else, and recovery tables count what they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from forecast.evaluation.placebo import log_mean_exp
from forecast.evaluation.recovery import coverage, shifted
from forecast.evaluation.worlds import small_design


def test_only_the_track_record_of_the_case_moves_and_nothing_is_lost():
    panel = small_design(periods=20, crises=2, crisis_periods=12)
    moved = shifted(panel, 5)
    before, after = panel["track_record"].values[0], moved["track_record"].values[0]
    np.testing.assert_array_equal(after[:, 5:], before[:, :-5])
    np.testing.assert_array_equal(after[:, :5], before[:, -5:])
    assert not np.array_equal(after, before)
    xr.testing.assert_identical(moved.drop_vars("track_record"), panel.drop_vars("track_record"))
    np.testing.assert_array_equal(moved["track_record"].values[1:], panel["track_record"].values[1:])


def test_acts_beyond_the_length_of_the_case_stay_where_they_are():
    panel = small_design(periods=20, crises=1, crisis_periods=12)
    panel = panel.assign_coords(length=("episode", [15, 12]))
    moved = shifted(panel, 3)
    np.testing.assert_array_equal(moved["track_record"].values[0, :, 15:], panel["track_record"].values[0, :, 15:])
    np.testing.assert_array_equal(moved["track_record"].values[0, :, :3], panel["track_record"].values[0, :, 12:15])


def test_the_evidence_of_a_moved_record_is_a_mean_of_ratios():
    value, noise = log_mean_exp(np.log(np.array([0.5, 1.5, 1.0, 1.0])) - 800.0)
    assert value == pytest.approx(-800.0)
    assert noise == pytest.approx(np.std([0.5, 1.5, 1.0, 1.0]) / 2)


def test_coverage_and_contraction_by_hand():
    rows = pd.DataFrame(
        {
            "name": ["x"] * 4, "truth": [0.0, 1.0, 2.0, 3.0], "mean": [0.5, 1.0, 2.5, 3.0], "sd": [0.5] * 4,
            "prior_sd": [1.0] * 4, "cover_50": [1, 0, 1, 0], "cover_80": [1, 1, 1, 0], "cover_95": [1] * 4,
        }
    )  # fmt: skip
    found = coverage(rows).iloc[0]
    assert found[["cover_50", "cover_80", "cover_95"]].tolist() == [0.5, 0.75, 1.0]
    assert found["contraction"] == pytest.approx(0.75)
    assert found["bias"] == pytest.approx(0.5)
    assert found["correlation"] == pytest.approx(np.corrcoef([0.5, 1.0, 2.5, 3.0], [0, 1, 2, 3])[0, 1])
