"""A made-up forecast with the shape and size of a real one."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from made_up_grounds import (
    analogues,
    basis,
    claims,
    gate,
    latents,
    parameters,
    prior_changes,
    prior_range,
    prior_sets,
    signals,
    sources,
    tail,
    without_credibility,
)
from made_up_outlook import (
    AS_OF,
    baselines,
    hazard,
    history,
    ladder,
    outside_view,
    pool,
    quantities,
    questions,
    replies,
    scores,
    sequence,
    treatments,
    waiting,
)

__all__ = ["AS_OF", "example_meta", "example_tables", "ladder"]


def example_meta() -> dict[str, object]:
    return {
        "case": "us-iran", "title": "United States and Israel – Iran", "side_a": "United States and Israel",
        "side_b": "Iran", "side_a_short": "US/Israel", "side_b_short": "Iran", "as_of": "2026-02-13",
        "information_cutoff": "2026-02-12", "created": "2026-11-23T06:45:10+00:00", "stamp": "retrospective",
        "quick": False, "period_days": 7, "horizons": [7, 30, 90, 180], "seed": 20260213, "commit": "9d696f8",
        "dirty": False, "record_hash": "ab" * 32, "table_hashes": {"moves": "cd" * 32, "episodes": "ef" * 32},
        "panel_hash": "12" * 32, "code_hash": "34" * 32, "prior_hash": "56" * 32,
        "versions": {"python": "3.13.5", "pymc": "6.4.0", "numpy": "2.5.5"},
        "sampler": {"name": "nutpie", "chains": 4, "tune": 1000, "draws": 1000, "paths": 8000},
        "wall_seconds": {"panel": 1.2, "fit": 41.5, "simulate": 3.1}, "gate_passed": True,
        "notes": ["180-day figures lean towards long campaigns: simulated weeks of fighting exceed the record's."],
        "credibility_note": "Prior, not yet informed by data: the posterior of the credibility weight is its prior.",
    }  # fmt: skip


def example_tables() -> dict[str, pd.DataFrame]:
    makers: tuple[Callable[[], pd.DataFrame], ...] = (
        ladder, hazard, replies, quantities, questions, latents, signals, gate, parameters, tail, basis, sources,
        without_credibility, claims, prior_sets, prior_range, prior_changes, history,
        sequence, waiting, analogues, scores, baselines, treatments, pool, outside_view,
    )  # fmt: skip
    return {maker.__name__: maker() for maker in makers}
