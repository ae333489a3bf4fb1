"""The full small panel and draws from its prior; the plain transcription of the model lives beside its own tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import xarray as xr

sys.path.extend(str(Path(__file__).parents[1] / name) for name in ("panel", "model", "inference"))

from full_record import CALM, full_panel, full_record

from forecast.model.build import model_coords
from forecast.model.priors import prior_draws, read_priors
from forecast.record import Record
from forecast.record.panel import build_panel


@pytest.fixture(scope="session")
def panel(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    return full_panel(tmp_path_factory.mktemp("full") / "record")


@pytest.fixture(scope="session")
def draws(panel: xr.Dataset) -> xr.Dataset:
    """Twenty draws from the prior."""
    return prior_draws(read_priors(), model_coords(panel), draws=20, seed=4)


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The same record without the past crises of the package."""
    return full_record(tmp_path_factory.mktemp("calm") / "record", reference="none")


@pytest.fixture(scope="session")
def calm(record: Record) -> xr.Dataset:
    """Its panel on a day on which no campaign runs."""
    return build_panel(record, CALM)
