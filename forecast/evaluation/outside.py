"""The outside view as a forecaster of the back-test: the episode model, fitted anew when what is over has changed."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

import numpy as np

from forecast.errors import UsageError
from forecast.outside.ladder import outside_view, shares
from forecast.terms import LADDER

if TYPE_CHECKING:
    from datetime import date

    from forecast.evaluation.learners import Forecaster, Memo
    from forecast.record.read import Record

OUTSIDE: Final = "outside view"


def outside_forecaster(memo: Memo, seed: int) -> Forecaster:
    """Return the outside view as a forecaster; where too few past crises are over, all rungs are alike."""

    def forecaster(record: Record, case: str, origin: date, horizons: tuple[int, ...]) -> np.ndarray:
        own = seed + zlib.crc32(f"{case} {origin}".encode()) % 10**6
        try:
            found = outside_view(record, case, origin, horizons, seed=own, memo=memo)
        except UsageError:
            return np.full((len(horizons), len(LADDER)), 1 / len(LADDER))
        return shares(found.ladder)

    return forecaster
