"""The full small panel and draws from its prior; the plain transcription of the model lives beside its own tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import xarray as xr

sys.path.extend(str(Path(__file__).parents[1] / name) for name in ("panel", "model", "inference"))

from full_record import full_panel

from forecast.model.build import model_coords
from forecast.model.priors import prior_draws, read_priors


@pytest.fixture(scope="session")
def panel(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    return full_panel(tmp_path_factory.mktemp("full") / "record")


@pytest.fixture(scope="session")
def draws(panel: xr.Dataset) -> xr.Dataset:
    """Twenty draws from the prior."""
    return prior_draws(read_priors(), model_coords(panel), draws=20, seed=4)
