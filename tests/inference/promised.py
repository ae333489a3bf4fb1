"""The groups, variables, dims and labels that every posterior promises, fitted or updated."""

from __future__ import annotations

import xarray as xr

from forecast.model.build import model_coords
from forecast.model.priors import read_priors

EXTRA = {"resolve": ("side", "period"), "credibility": ("side", "period")}


def assert_promised(tree: xr.DataTree, panel: xr.Dataset) -> None:
    assert set(tree.children) == {"posterior", "sample_stats", "panel"}
    posterior, coords = tree["posterior"].to_dataset(), model_coords(panel)
    promised = {
        name: prior.dims
        for name, prior in read_priors().items()
        if prior.family != "fixed" and name != "resolve_innovation"
    } | EXTRA
    assert set(posterior.data_vars) == set(promised)
    for name, dims in promised.items():
        assert posterior[name].dims == ("chain", "draw", *dims)
        for d in dims:
            if d in coords:
                assert list(posterior[d].values) == coords[d]
    assert posterior.sizes["period"] == int(panel["length"].values[0])
