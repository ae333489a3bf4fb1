"""The full small panel and its densities, made once; hand-made records live beside the tests of the panel."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import xarray as xr

sys.path.append(str(Path(__file__).parents[1] / "panel"))

from densities import Densities
from full_record import full_panel


@pytest.fixture(scope="session")
def panel(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    return full_panel(tmp_path_factory.mktemp("full") / "record")


@pytest.fixture(scope="session")
def densities(panel: xr.Dataset) -> Densities:
    return Densities(panel)
