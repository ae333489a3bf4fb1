"""Past crises drawn from an episode model whose chances are known."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy.special import ndtr

from forecast.outside.crises import COVARIATES, Crises
from forecast.outside.escalation import probabilities

STATUS_QUO: Final = {"1": 0.2, "retaliation": -0.8}
FIGHT: Final = {"1": -0.6, "capability": 0.5}
RESIST: Final = {"1": 0.3, "high_stake": 0.7}
CAMPAIGN: Final = {"1": -0.9, "answered": 1.2}
LATER: Final = 0.4
"""Share of strikes that come later than on the day of the onset."""


def utilities(table: pd.DataFrame) -> np.ndarray:
    def one(terms: dict[str, float]) -> np.ndarray:
        return sum(value * (table[name] if name != "1" else 1.0) for name, value in terms.items()) + 0 * table["dyads"]

    return np.column_stack([one(STATUS_QUO), 0 * table["dyads"], one(FIGHT), one(RESIST)])


def drawn(count: int, seed: int = 1) -> Crises:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({name: rng.normal(size=count) for name in COVARIATES})
    table["dyads"] = np.arange(count, dtype=float)
    outcome = np.array([rng.choice(3, p=chance) for chance in probabilities(utilities(table))])
    struck, answered = outcome > 0, outcome == 2
    campaign = struck & (rng.random(count) < ndtr(CAMPAIGN["1"] + CAMPAIGN["answered"] * answered))
    full = campaign & (rng.random(count) < 0.25)
    strike = np.where(rng.random(count) < LATER, 1 + rng.exponential(20, count).astype(int), 0)
    end = strike + 10.0 + rng.integers(0, 60, count)
    start = pd.Timestamp("1950-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 20_000, count)), unit="D")
    table = table.assign(
        episode_id=[f"crisis-{k}" for k in range(count)],
        dyad=[f"dyad-{k}" for k in rng.integers(0, count // 2, count)],
        challenger=[f"state-{k}" for k in rng.integers(0, 20, count)],
        target=[f"state-{k}" for k in rng.integers(0, 20, count)],
        region="everywhere",
        start=start,
        end=start + pd.to_timedelta(end, unit="D"),
        struck=struck,
        answered=answered,
        campaign=campaign,
        wide=full,
        full=full,
        settled=rng.random(count) < 0.5,
        mode=np.where(answered, "bounded", "none"),
        fought=np.where(campaign, 5.0, 1.0),
        talks_after=np.nan,
        strike_day=strike.astype(float),
        reply_day=strike + 2.0,
        campaign_day=strike.astype(float),
        wide_day=strike.astype(float),
        full_day=strike.astype(float),
        deal_day=end,
        end_day=end,
    )
    acts = pd.DataFrame({"row": np.flatnonzero(struck), "day": strike[struck], "side": "a", "rung": 4, "category": 2,
                         "closure": False, "deal": False})  # fmt: skip
    return Crises(table, acts)
