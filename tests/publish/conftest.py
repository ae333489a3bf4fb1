"""Fixtures: the made-up forecast."""

from __future__ import annotations

import pandas as pd
import pytest
from made_up_forecast import example_meta, example_tables


@pytest.fixture
def meta() -> dict[str, object]:
    return example_meta()


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    return example_tables()
