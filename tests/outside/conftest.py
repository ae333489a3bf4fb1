"""The shipped record, read once for the tests of this folder."""

from __future__ import annotations

import pytest

from forecast.record import Record, read_record


@pytest.fixture(scope="session")
def shipped() -> Record:
    return read_record()
