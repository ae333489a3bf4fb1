"""The posterior's groups, dims and variable names are those that are promised; ArviZ plots and summaries take them."""

from __future__ import annotations

import os

import arviz as az
import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from promised import assert_promised

from forecast.inference.fit import Sampling, fit, load_posterior, save_posterior

STATISTICS = {"diverging", "energy", "n_steps", "step_size", "logp", "depth"}


@pytest.fixture(scope="module")
def fitted(panel: xr.Dataset) -> xr.DataTree:
    return fit(panel, sampling=Sampling(tune=60, draws=30, chains=2, attempts=1))


@pytest.mark.slow
def test_groups_dims_and_names(fitted: xr.DataTree, panel: xr.Dataset):
    assert_promised(fitted, panel)
    assert set(fitted["sample_stats"].data_vars) >= STATISTICS
    assert {"priors", "prior_hash", "sampling", "versions", "seed"} <= set(fitted.attrs)


@pytest.mark.slow
def test_arviz_takes_it_as_it_is(fitted: xr.DataTree, tmp_path: os.PathLike):
    mpl.use("Agg")
    save_posterior(fitted, f"{tmp_path}/posterior.nc")
    tree = load_posterior(f"{tmp_path}/posterior.nc")
    summary = az.summary(tree, var_names=["overt_resolve", "overt_intercept"])
    assert list(summary.index) == ["overt_resolve", "overt_intercept[challenger]", "overt_intercept[target]"]
    az.plot_forest(tree, var_names=["signal_resolve_anchor", "track_weight"], backend="matplotlib")
    az.plot_trace(tree, var_names=["overt_resolve"], backend="matplotlib")
    assert np.isfinite(az.ess(tree["posterior"].to_dataset()["overt_resolve"])).all()
