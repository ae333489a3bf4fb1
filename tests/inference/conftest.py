"""A made-up posterior; the small panel lives beside the tests of the model."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

sys.path.extend(str(Path(__file__).parents[1] / name) for name in ("panel", "model"))

from densities import Densities
from full_record import full_panel


@pytest.fixture(scope="session")
def panel(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    return full_panel(tmp_path_factory.mktemp("full") / "record")


@pytest.fixture
def tree(panel: xr.Dataset) -> xr.DataTree:
    """A posterior of two chains with sampler statistics and its panel, as a fit returns it."""
    rng = np.random.default_rng(1)
    length = int(panel["length"].values[0])
    head = {"chain": [0, 1], "draw": np.arange(30)}
    posterior = xr.Dataset(
        {
            "overt_resolve": (("chain", "draw"), rng.lognormal(size=(2, 30))),
            "overt_intercept": (("chain", "draw", "role"), rng.standard_normal((2, 30, 2))),
            "resolve": (("chain", "draw", "side", "period"), rng.standard_normal((2, 30, 2, length))),
        },
        coords=head | {"role": ["challenger", "target"], "side": ["a", "b"]},
    )
    stats = xr.Dataset(
        {
            "diverging": (("chain", "draw"), np.zeros((2, 30), dtype=bool)),
            "energy": (("chain", "draw"), rng.standard_normal((2, 30))),
        },
        coords=head,
    )
    made = xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats, "panel": panel})
    made.attrs = {"seed": 7, "compile_seconds": 1.5, "priors": json.dumps({"overt_resolve": {"unit": "logit per sd"}})}
    return made


@pytest.fixture(scope="session")
def densities(panel: xr.Dataset) -> Densities:
    return Densities(panel)
