"""The log density is finite off the origin with a true gradient, ignores the order of rows and ignores masked cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from densities import Densities, Point
from full_record import ALL, DAY, full_record
from hand_made import CASE, campaign, coverage, record
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.model.cells import node_tables
from forecast.record.panel import build_panel


@pytest.mark.parametrize("seed", range(4))
def test_it_is_finite_with_a_finite_gradient_off_the_origin(densities: Densities, seed: int):
    point = densities.somewhere(seed, scale=1.0)
    assert np.isfinite(densities.total(point))
    gradient = densities.gradient(point)
    assert np.isfinite(gradient).all()
    assert np.abs(gradient).max() > 0


@pytest.mark.parametrize("seed", [3])
def test_the_gradient_is_the_slope_of_the_density(densities: Densities, seed: int):
    point = densities.somewhere(seed)
    rng = np.random.default_rng(seed)
    direction = {name: rng.standard_normal(value.shape) for name, value in point.items()}
    flat = np.concatenate([direction[str(v.name)].ravel() for v in densities.model.value_vars])
    step = 1e-6
    above, below = (densities.total({k: v + sign * step * direction[k] for k, v in point.items()}) for sign in (1, -1))
    assert float(densities.gradient(point) @ flat) == pytest.approx((above - below) / (2 * step), rel=1e-4)


def test_the_order_of_rows_does_not_matter(tmp_path: Path, panel: xr.Dataset, densities: Densities):
    made = full_record(tmp_path / "record")
    rng = np.random.default_rng(8)
    shuffled = made.with_tables(
        {name: frame.iloc[rng.permutation(len(frame))].reset_index(drop=True) for name, frame in made.tables.items()}
    )
    again = build_panel(shuffled, DAY)
    xr.testing.assert_identical(again, panel)
    point = densities.somewhere(5)
    assert Densities(again).terms(point) == densities.terms(point)


def test_the_order_of_episodes_does_not_matter(panel: xr.Dataset, densities: Densities):
    order = [0, 3, 1, 4, 2]
    turned = panel.isel(episode=order)
    turned["spell_episode"] = ("spell", [order.index(e) for e in panel["spell_episode"].values])
    other = Densities(turned)
    point = densities.somewhere(6)
    moved = same_point(densities, other, point)
    for name, value in densities.terms(point).items():
        assert other.terms(moved)[name] == pytest.approx(value, rel=1e-12)


def same_point(old: Densities, new: Densities, point: Point) -> Point:
    """The point with its entries in the order of another layout of the same labels."""
    out = dict(point)
    for vector in old.labels:
        key = old.key(vector)
        by_label = dict(zip(old.labels[vector], point[key], strict=True))
        out[key] = np.array([by_label[label] for label in new.labels[vector]])
    return out


MASKS = ("force_observed", "sub_threshold_observed", "talks_observed", "deal_observed", "signal_observed")


def last_periods_masked(panel: xr.Dataset) -> xr.Dataset:
    out = panel.copy(deep=True)
    for e in range(panel.sizes["episode"]):
        for name in MASKS:
            out[name].values[e, int(panel["length"].values[e]) - 1] = False
    return out


def with_noise_under_the_mask(masked: xr.Dataset, seed: int) -> xr.Dataset:
    changed = masked.copy(deep=True)
    rng = np.random.default_rng(seed)
    for e in range(masked.sizes["episode"]):
        t = int(masked["length"].values[e]) - 1
        changed["force"].values[e, :, t] = rng.integers(0, 7, 2)
        changed["rung"].values[e, :, t] = rng.integers(0, 9, 2)
        changed["signal"].values[e, :, t] = rng.integers(0, 4, (2, 6))
        changed["track_record"].values[e, :, t] = rng.integers(0, 3, (2, 6))
        for name in ("closure", "talks", "ceasefire", "deal"):
            changed[name].values[e, t] = rng.random() < 0.5
    return changed


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_masked_cells_are_in_no_table(panel: xr.Dataset, seed: int):
    masked = last_periods_masked(panel)
    one, two = node_tables(masked), node_tables(with_noise_under_the_mask(masked, seed))
    for name, table in one.items():
        pd.testing.assert_frame_equal(table, two[name])


def test_masked_cells_contribute_nothing(panel: xr.Dataset):
    masked = last_periods_masked(panel)
    one, two = Densities(masked), Densities(with_noise_under_the_mask(masked, 3))
    point = one.somewhere(3)
    assert two.terms(point) == pytest.approx(one.terms(point), rel=1e-12)


def test_masking_does_take_cells_out(panel: xr.Dataset, densities: Densities):
    point = densities.somewhere(1)
    masked = Densities(last_periods_masked(panel))
    assert masked.terms(point)["choices"] > densities.terms(point)["choices"]
    assert masked.terms(point)["joint_choices"] != densities.terms(point)["joint_choices"]


def test_unwatched_periods_at_the_end_are_no_evidence_that_a_campaign_lasts(tmp_path: Path):
    made = record(
        tmp_path / "record",
        moves=[campaign("2024-06-04", "AAA", "BBB")],
        covered=[coverage(CASE, "2024-01-01", "2024-06-09", density="regular", observes=ALL)],
        only=True,
    )
    panel = build_panel(made, DAY)
    assert panel["campaign"].values[0, -1]
    assert len(node_tables(panel)["halt"]) == 0
