"""The tail in view: the prior ladder, long replicates, and what follows a limited opening, against base rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.outlook.estimate import estimate
from forecast.outlook.ladder import NEVER, event_days, first_events, rung_by_period
from forecast.outlook.outcomes import ladder_table
from forecast.outlook.simulate import simulate
from forecast.outlook.world import start_neutral, typical_world, world_of
from forecast.terms import CAMPAIGN_RUNG, OVERT_RUNG

if TYPE_CHECKING:
    import xarray as xr

    from forecast.record.read import Record

FOLLOW_DAYS = 91


def base_rates(record: Record, episodes: pd.DataFrame) -> dict[int, tuple[float, str]]:
    """Of past crises that opened with a limited strike (rung 3-5), the share whose highest rung reached each level.

    Parameters
    ----------
    record
        Cut at the as-of date, so that only endings known by then count.
    episodes
        The reference class (`record.acts.reference_episodes`).

    Returns
    -------
    dict
        Ladder level 4, 5, 6 → (share, the count in words).
    """
    ended = record.outcomes[record.outcomes["episode_id"].isin(episodes["episode_id"])]
    limited = ended[ended["first_strike_rung"].between(OVERT_RUNG, CAMPAIGN_RUNG - 1)]
    total = len(limited)
    rates = {}
    for level in (4, 5, 6):
        count = int((limited["max_rung"] >= level + 2).sum())
        rates[level] = (
            count / total if total else np.nan,
            f"{count} of {total} limited openings in the reference class",
        )
    return rates


def prior_ladder(prior: xr.Dataset, panel: xr.Dataset, *, seed: int, paths: int = 60) -> pd.DataFrame:
    """Ladder at 30, 90 and 180 days from a quiet start, with parameters drawn from the prior."""
    step = int(panel.attrs["period_days"])
    start = start_neutral(prior, panel, seed)
    ahead = simulate(world_of(prior, panel), start, periods=-(-180 // step), paths=paths, period_days=step, seed=seed)
    return ladder_table(first_events(ahead), (30, 90, 180))


def long_run(draws: xr.Dataset, panel: xr.Dataset, *, seed: int, weeks: int = 400, paths: int = 4) -> pd.DataFrame:
    """Shares of time in force and in a campaign on long paths: mean and quantiles over draws; absorbing war shows."""
    step = int(panel.attrs["period_days"])
    start = start_neutral(draws, panel, seed)
    ahead = simulate(
        world_of(draws, panel), start, periods=-(-weeks * 7 // step), paths=paths, period_days=step, seed=seed
    )
    height = rung_by_period(ahead)
    rows = []
    for name, rung in (("overt", 3), ("campaign", CAMPAIGN_RUNG), ("full war", CAMPAIGN_RUNG + 2)):
        by_draw = (height >= rung).mean(axis=(1, 2))
        by_path = (height >= rung).mean(axis=2)
        low, mid, high, top = np.quantile(by_draw, [0.1, 0.5, 0.9, 0.99])
        rows.append((name, weeks, by_draw.mean(), low, mid, high, top, float((by_path > 0.9).mean())))
    columns = ["state", "weeks", "mean_share", "q10", "q50", "q90", "q99", "paths_over_90_percent"]
    return pd.DataFrame(rows, columns=columns)


def tail_table(
    draws: xr.Dataset, panel: xr.Dataset, rates: dict[int, tuple[float, str]], *, seed: int, paths: int = 40
) -> pd.DataFrame:
    """P(O4+, O5+, O6 within 13 weeks of a limited opening), for the case and for a typical past crisis.

    From a quiet start, 52 weeks; of the paths whose first strike is no campaign, the share that reaches each rung
    within 91 days of it, beside the base rates of `base_rates`.
    """
    step = int(panel.attrs["period_days"])
    periods = -(-(364 + FOLLOW_DAYS) // step)
    worlds = {
        "case, quiet start": (world_of(draws, panel), start_neutral(draws, panel, seed)),
        "typical past crisis, quiet start": (
            typical_world(draws, panel, seed),
            start_neutral(draws, panel, seed, typical=True),
        ),
    }
    rows = []
    for label, (world, start) in worlds.items():
        ahead = simulate(world, start, periods=periods, paths=paths, period_days=step, seed=seed)
        events = first_events(ahead)
        limited = (events.strike < NEVER) & (events.strike <= 364) & (events.first_rung < CAMPAIGN_RUNG)
        when = event_days(ahead)
        after = (when >= events.strike[..., None]) & (when <= events.strike[..., None] + FOLLOW_DAYS)
        top = np.where(after, rung_by_period(ahead), 0).max(axis=2)
        for rung, (rate, source) in rates.items():
            result = estimate(top >= rung + 2, limited)
            rows.append((f"O{rung} or higher within 13 weeks of a limited opening", label, *result[:3], rate, source))
    columns = ["quantity", "reference", "model_mean", "model_low", "model_high", "base_rate", "source"]
    return pd.DataFrame(rows, columns=columns)
