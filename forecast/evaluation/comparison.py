"""Variants of the model beside the published one, on the windows that all of them forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from forecast.errors import UsageError
from forecast.evaluation.backtest import INSIDE
from forecast.evaluation.ladder_benchmark import KINDS, load
from forecast.evaluation.standings import standings
from forecast.evaluation.variants import VARIANTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SCORES: Final = ("log", "rps")
COLUMNS: Final = (
    "origins", "horizon_days", "model", "meaning", "score", "mean", "low", "high", "difference", "difference_low",
    "difference_high", "rows", "cases", "stories", "void",
)  # fmt: skip
"""`difference` is the score less that of the published model on the same windows: above 0 the variant is worse."""


def comparison(folders: Sequence[Path]) -> pd.DataFrame:
    """Scores of variants of the model and their paired differences to the published one, in `COLUMNS`.

    Parameters
    ----------
    folders
        Back-tests of one record, one of the published model and one of each variant; only windows that all of them
        forecast count, each crisis 1, with intervals by story.

    Returns
    -------
    DataFrame
        One row a kind of origin, horizon (0 for all), variant and score, the published model first.

    Raises
    ------
    UsageError
        No folder holds forecasts of the published model, or they share no window.
    """
    found = load(folders)
    named = {name: chance for name, chance in found.chances.items() if name.startswith(INSIDE)}
    if INSIDE not in named:
        raise UsageError(f"{', '.join(map(str, folders))}: no forecasts of the published model; add its back-test")
    found = found._replace(chances={INSIDE: named.pop(INSIDE)} | named)
    parts = []
    for kind, words in KINDS.items():
        part = standings(found, (INSIDE,), kind or None)
        part.insert(0, "origins", words)
        parts.append(part[part["score"].isin(SCORES)])
    table = pd.concat(parts, ignore_index=True)
    table["meaning"] = [VARIANTS[_variant(name)].meaning for name in table["model"]]
    table["model"] = table["model"].map(_variant)
    return table[list(COLUMNS)]


def _variant(name: str) -> str:
    return name.removeprefix(INSIDE).removeprefix(", ") or "published"
