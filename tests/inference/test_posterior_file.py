"""A posterior comes back from its file as it was, ArviZ reads it, and a damaged file is refused."""

from __future__ import annotations

from pathlib import Path

import arviz as az
import numpy as np
import pytest
import xarray as xr

from forecast.errors import ArchiveError
from forecast.inference.fit import load_posterior, samples, save_posterior


@pytest.fixture
def saved(tree: xr.DataTree, tmp_path: Path) -> Path:
    path = tmp_path / "posterior.nc"
    save_posterior(tree, path)
    return path


def test_it_comes_back(tree: xr.DataTree, saved: Path):
    back = load_posterior(saved)
    assert set(back.children) == {"posterior", "sample_stats", "panel"}
    assert dict(back.attrs) == tree.attrs
    for group in back.children:
        old, new = tree[group].to_dataset(), back[group].to_dataset()
        assert set(old.variables) == set(new.variables)
        xr.testing.assert_allclose(old, new, rtol=1e-6)
        for name in old.data_vars:
            assert old[name].dims == new[name].dims
            if old[name].dtype != "float64":
                assert old[name].dtype == new[name].dtype or old[name].dtype.kind == "U"
    assert back["panel"].attrs == tree["panel"].attrs
    assert back["posterior"]["overt_intercept"].dtype == "float32"


def test_the_panel_comes_back_without_rounding(tree: xr.DataTree, saved: Path):
    old, new = tree["panel"].to_dataset(), load_posterior(saved)["panel"].to_dataset()
    for name in old.variables:
        np.testing.assert_array_equal(old[name].values, new[name].values)


def test_arviz_reads_it(tree: xr.DataTree, saved: Path):
    data = az.from_netcdf(saved)
    assert {"posterior", "sample_stats"} <= set(data.children)
    summary = az.summary(data["posterior"].to_dataset(), var_names=["overt_resolve", "overt_intercept"])
    assert list(summary.index) == ["overt_resolve", "overt_intercept[challenger]", "overt_intercept[target]"]
    data.close()


def test_stacked_draws_run_chain_by_chain(tree: xr.DataTree):
    flat = samples(tree["posterior"].to_dataset())
    np.testing.assert_array_equal(flat["overt_resolve"], tree["posterior"]["overt_resolve"].values.ravel())
    assert flat["resolve"].transpose("sample", ...).shape[0] == 60


@pytest.mark.parametrize("group", ["posterior", "sample_stats", "panel"])
def test_a_missing_group_is_named(tree: xr.DataTree, tmp_path: Path, group: str):
    parts = {name: node.to_dataset() for name, node in tree.children.items() if name != group}
    path = tmp_path / "posterior.nc"
    xr.DataTree.from_dict(parts).to_netcdf(path, engine="netcdf4")
    with pytest.raises(ArchiveError, match=f"groups missing: {group}"):
        load_posterior(path)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.02, 0.3, 0.6, 0.9, 0.999])
def test_a_truncated_file_is_refused(saved: Path, share: float):
    whole = saved.read_bytes()
    saved.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ArchiveError, match=r"posterior\.nc"):
        load_posterior(saved)


def test_a_file_that_is_not_there_or_not_netcdf_is_refused(tmp_path: Path):
    with pytest.raises(ArchiveError, match="fit again"):
        load_posterior(tmp_path / "nowhere.nc")
    other = tmp_path / "other.nc"
    other.write_text("not netCDF", encoding="utf-8")
    with pytest.raises(ArchiveError, match="fit again"):
        load_posterior(other)


def test_chains_and_draws_are_stacked_also_where_there_is_nothing_to_stack():
    values = np.arange(24.0).reshape(3, 2, 4)
    whole = xr.Dataset(
        {"x": (("side", "chain", "draw"), values), "y": (("chain", "draw"), values[0])},
        coords={"side": ["a", "b", "c"], "chain": [0, 1], "draw": np.arange(4)},
    )
    assert samples(whole).identical(whole.stack(sample=("chain", "draw")).drop_vars(["sample", "chain", "draw"]))
    unnamed = whole.drop_vars(["chain", "draw"])
    assert samples(unnamed).identical(samples(whole))
    none = whole.assign(spell=("spell", []), z=(("chain", "draw", "spell"), np.empty((2, 4, 0))))
    assert samples(none)["z"].sizes == {"spell": 0, "sample": 8}
    assert samples(none)["x"].identical(samples(whole)["x"])
