"""The shipped record, read once; hand-made records live beside the tests of the panel."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "panel"))

from forecast.record import Record, read_record


@pytest.fixture(scope="session")
def shipped() -> Record:
    return read_record()
