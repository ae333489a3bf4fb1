"""Forecasts that the tests of this folder share."""

from __future__ import annotations

import pytest
from drawn_forecasts import Drawn, drawn


@pytest.fixture
def calibrated() -> Drawn:
    """Forecasts of seven classes whose outcomes are drawn from them; a tenth of the rows is void."""
    return drawn(rows=400, seed=1)
