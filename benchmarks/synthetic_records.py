"""Made-up crises at any number: records that keep every rule, for measuring how far the machinery scales."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Final

import numpy as np

from forecast.record import add_facts, init_record
from forecast.record.config import CONFIG_FILE
from forecast.record.facts import FACT_COLUMNS, FACTS_FILE

LAST: Final = dt.date(2026, 6, 28)
WEEKS: Final = 78
TENSE: Final = (0.04, 0.15)
"""Chance a week that a quiet case becomes tense, and that a tense one becomes quiet."""
ACTS: Final = {  # type: level, rung, chance a week and side when quiet, and when tense
    "threat": (2, "", 0.05, 0.35),
    "deployment": (2, "", 0.03, 0.25),
    "sanctions": (2, "", 0.02, 0.08),
    "concession": (1, "", 0.03, 0.06),
    "talks": (2, "", 0.06, 0.12),
    "harassment": (1, "1", 0.02, 0.15),
    "symbolic_strike": (3, "3", 0.002, 0.06),
    "limited_strike": (3, "4", 0.001, 0.05),
}


def write_records(
    folder: Path, count: int, *, seed: int = 1, reference: str = "shipped", weeks: int = WEEKS
) -> list[Path]:
    """Write so many records of one case each; the same seed gives the same records.

    Parameters
    ----------
    folder
        Where the folders of the records go.
    count
        How many; at most 9,999.
    seed
        Seed of what happens in them.
    reference
        ``shipped``: the past crises of the package are the reference class of each; ``none``: no past crisis, a small
        model.
    weeks
        Length of each, up to `LAST`.
    """
    return [_record(folder / f"made-up-{number:04d}", number, seed, reference, weeks) for number in range(1, count + 1)]


def _record(folder: Path, number: int, seed: int, reference: str, weeks: int) -> Path:
    sides = f"A{number:04d}", f"B{number:04d}"
    start = LAST - dt.timedelta(days=7 * weeks - 1)
    init_record(folder, side_a=sides[0], side_b=sides[1], start=start)
    config = folder / CONFIG_FILE
    text = config.read_text(encoding="utf-8").replace("reference: shipped", f"reference: {reference}")
    config.write_text(text.replace("covered_until: null", f"covered_until: {LAST}"), encoding="utf-8")
    with (folder / FACTS_FILE).open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, FACT_COLUMNS, lineterminator="\n")
        rows.writeheader()
        rows.writerows(_facts(sides, start, weeks, np.random.default_rng((seed, number))))
    add_facts(folder)
    return folder


def _facts(sides: tuple[str, str], start: dt.date, weeks: int, rng: np.random.Generator) -> list[dict[str, str]]:
    rows, tense = [], False
    for week in range(weeks):
        tense = rng.random() < (1 - TENSE[1] if tense else TENSE[0])
        for actor, target in (sides, sides[::-1]):
            for kind, (level, rung, *chances) in ACTS.items():
                if rng.random() < chances[tense]:
                    day = start + dt.timedelta(days=7 * week + int(rng.integers(7)))
                    cells = (str(day), actor, target, kind, str(level), "A made-up act", "coder", rung)
                    rows.append(dict(zip(FACT_COLUMNS, cells, strict=True)))
    return rows
