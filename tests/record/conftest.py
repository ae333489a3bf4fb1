"""Records that the tests of this folder share."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_records import write_small

from forecast.record import Record, read_record
from forecast.record.read import shipped_path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_small(tmp_path / "small")


@pytest.fixture(scope="session")
def shipped() -> Record:
    return read_record()


@pytest.fixture(scope="session")
def shipped_folder() -> Path:
    return shipped_path()
