"""Where the published corpora lie, if they do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpora() -> Path:
    folder = Path(os.environ.get("FORECAST_CORPORA", Path(__file__).resolve().parents[2] / "../shared/corpora"))
    if not folder.is_dir():
        pytest.skip("the published corpora are not here (FORECAST_CORPORA)")
    return folder
