"""An update has the names of a fit, tells its faults, repeats with its seed, and knows nothing later than its day."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import xarray as xr
from full_record import DAY, full_record
from prior_trees import drawn, tree_of
from promised import assert_promised

from forecast.errors import UsageError
from forecast.inference.carry import episode_part, grid_of, moved_path
from forecast.inference.fit import samples
from forecast.inference.update import Updating, diagnosis_of, update_posterior
from forecast.model.latent import period_ends
from forecast.record import Record, as_of
from forecast.record.panel import build_panel

QUICK = Updating(back=4, particles=16, copies=4)
BEFORE = DAY - dt.timedelta(days=14)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return full_record(tmp_path_factory.mktemp("update") / "record")


@pytest.fixture(scope="module")
def fitted(record: Record) -> xr.DataTree:
    """Stands for a fit: draws of the prior, on the panel as of two weeks before the last day."""
    panel = build_panel(record, BEFORE)
    return tree_of(drawn(panel, draws=300, seed=1), panel)


def test_groups_dims_and_names_are_those_of_a_fit(fitted: xr.DataTree, record: Record):
    panel = build_panel(record, DAY)
    updated = update_posterior(fitted, panel, QUICK)
    assert_promised(updated, panel)
    posterior = updated["posterior"].to_dataset()
    assert all(np.isfinite(variable.values).all() for variable in posterior.data_vars.values())
    assert [posterior.sizes[d] for d in ("chain", "draw")] == [2, 150]
    assert set(fitted.attrs) < set(updated.attrs)
    xr.testing.assert_identical(updated["panel"].to_dataset(), panel)


def test_no_news_changes_no_parameter(fitted: xr.DataTree):
    updated = update_posterior(fitted, fitted["panel"].to_dataset(), QUICK)
    diagnosis = diagnosis_of(updated)
    assert diagnosis is not None
    assert (diagnosis.khat, diagnosis.ess_draws, diagnosis.weeks) == (0.0, pytest.approx(300), 0.0)
    before, after = (tree["posterior"].to_dataset() for tree in (fitted, updated))
    for name in before.data_vars:
        if name != "resolve":
            np.testing.assert_allclose(after[name].transpose(*before[name].dims), before[name], atol=1e-9)
    kept = before["resolve"].sizes["period"] - QUICK.back
    paths = [p["resolve"].transpose("chain", "draw", "side", "period").values for p in (before, after)]
    np.testing.assert_allclose(paths[1][..., :kept], paths[0][..., :kept], atol=1e-9)
    assert (paths[1][..., kept:] != paths[0][..., kept:]).any()


def test_it_repeats_with_its_seed(fitted: xr.DataTree, record: Record):
    panel = build_panel(record, DAY)
    one, two = (update_posterior(fitted, panel, QUICK) for _ in range(2))
    xr.testing.assert_identical(one["posterior"].to_dataset(), two["posterior"].to_dataset())
    assert one.attrs == two.attrs
    other = update_posterior(fitted, panel, Updating(back=4, particles=16, copies=4, seed=2))
    assert not one["posterior"].to_dataset().identical(other["posterior"].to_dataset())


def test_what_becomes_known_later_changes_nothing(fitted: xr.DataTree, record: Record):
    day = DAY - dt.timedelta(days=7)
    seen = as_of(record, day)
    assert len(seen.moves) < len(record.moves)
    now, then = (update_posterior(fitted, build_panel(r, day), QUICK) for r in (seen, record))
    xr.testing.assert_identical(now["posterior"].to_dataset(), then["posterior"].to_dataset())
    after = [update_posterior(fitted, build_panel(r, DAY), QUICK) for r in (seen, record)]
    assert not after[0]["posterior"].to_dataset().identical(after[1]["posterior"].to_dataset())


def test_periods_that_end_on_other_days_are_taken(fitted: xr.DataTree, record: Record):
    panel = build_panel(record, BEFORE + dt.timedelta(days=3))
    updated = update_posterior(fitted, panel, QUICK)
    diagnosis = diagnosis_of(updated)
    assert diagnosis is not None
    assert not diagnosis.aligned
    assert np.isfinite(updated["posterior"].to_dataset()["resolve"].values).all()
    draws = samples(fitted["posterior"].to_dataset())
    old, grid = fitted["panel"].to_dataset(), grid_of(fitted["panel"].to_dataset(), panel, QUICK.back)
    assert period_ends(panel)[grid.new_first - 1] <= period_ends(old)[-1]
    part = episode_part(draws, old)
    between = moved_path(draws, old, panel, grid.new_first, seed=1)
    rho = 2.0 ** (-1.0 / draws["resolve_half_life"].values)
    for t in range(1, grid.new_first):  # each lies near the two that it stands between, the nearer the slower it moves
        a = np.searchsorted(period_ends(old), period_ends(panel)[t], side="right") - 1
        middle = 0.5 * (part[:, 0, a] + part[:, 0, a + 1])
        assert np.abs(between[:, 0, t] - middle)[rho > 0.9].mean() < 0.5


def test_a_case_shorter_than_the_window_starts_anew(record: Record):
    panel = build_panel(record, dt.date(2024, 1, 20))
    tree = tree_of(drawn(panel, draws=100, seed=3), panel)
    updated = update_posterior(tree, build_panel(record, dt.date(2024, 1, 27)), QUICK)
    assert np.isfinite(updated["posterior"].to_dataset()["resolve"].values).all()


def test_what_cannot_be_updated_is_refused(fitted: xr.DataTree, record: Record):
    earlier = build_panel(record, BEFORE - dt.timedelta(days=7))
    with pytest.raises(UsageError, match="before the fit"):
        update_posterior(fitted, earlier, QUICK)
    other = build_panel(record, DAY).assign_attrs(case="another")
    with pytest.raises(UsageError, match="another"):
        update_posterior(fitted, other, QUICK)
    with pytest.raises(UsageError, match="period length"):
        update_posterior(fitted, build_panel(record, DAY, period_days=14), QUICK)
    updated = update_posterior(fitted, build_panel(record, DAY), QUICK)
    with pytest.raises(UsageError, match="itself an update"):
        update_posterior(updated, build_panel(record, DAY), QUICK)


def test_a_full_fit_is_due_when_weights_collapse_or_the_fit_is_old(fitted: xr.DataTree, record: Record):
    updated = diagnosis_of(update_posterior(fitted, build_panel(record, DAY), QUICK))
    assert updated is not None
    assert updated.full_fit_due  # prior draws know nothing of a war
    assert any("effective draws" in reason for reason in updated.reasons)
    old = build_panel(record, DAY - dt.timedelta(days=35))
    tree = tree_of(drawn(old, draws=100, seed=1), old)
    late = diagnosis_of(update_posterior(tree, build_panel(record, DAY), QUICK))
    assert late is not None
    assert any("weeks old" in reason for reason in late.reasons)
    same = diagnosis_of(update_posterior(fitted, fitted["panel"].to_dataset(), QUICK))
    assert same is not None
    assert not same.full_fit_due
    assert diagnosis_of(fitted) is None
