"""Tables of what may come: ladders, first strike by week, replies, orders of force and talks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.outlook.estimate import Estimate, estimate, shares
from forecast.outlook.ladder import NEVER, Events, event_days, reply_mode, rung_by_period, severity
from forecast.terms import HORIZONS, LADDER, REPLY_MODES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from forecast.outlook.simulate import Paths

REPLY_DAYS = 14
RUNAWAY_RUNGS = 2
ESTIMATE = list(Estimate._fields)


def ladder_table(events: Events, horizons: Iterable[int] = HORIZONS) -> pd.DataFrame:
    """Probability of every rung at every horizon: horizon_days, rung, probability, low, high, mcse."""
    rows = []
    for horizon in horizons:
        reached = severity(events, horizon)
        rows += [(horizon, rung, *estimate(reached == k)) for k, rung in enumerate(LADDER)]
    return pd.DataFrame(rows, columns=["horizon_days", "rung", *ESTIMATE])


def ladder_shares(events: Events, horizons: Iterable[int] = HORIZONS) -> dict[str, np.ndarray]:
    """Per-draw probability of reaching each rung or a higher one, by horizon: name → [draw] (for convergence)."""
    found = {}
    for horizon in horizons:
        reached = severity(events, horizon)
        for k, rung in enumerate(LADDER[1:], start=1):
            found[f"P({rung} or higher, {horizon} days)"] = (reached >= k).mean(axis=1)
    return found


def rung_draws(events: Events, horizons: Iterable[int] = HORIZONS) -> np.ndarray:
    """Probability [draw, horizon, rung] of each rung by draw, without the noise of finitely many paths (`shares`)."""
    found = [[shares(severity(events, h) == k)[0] for k in range(len(LADDER))] for h in horizons]
    values = np.clip(np.moveaxis(np.array(found), 2, 0), 0.0, 1.0)
    return values / values.sum(axis=2, keepdims=True)


def hazard_table(events: Events, as_of: date, days: int) -> pd.DataFrame:
    """Probability of the first overt strike in each coming week, given none before: week, start, end, estimate."""
    rows = []
    for week in range(1, days // 7 + 1):
        begin, end = 7 * (week - 1), 7 * week
        waiting = events.strike > begin
        first = pd.Timestamp(as_of) + pd.Timedelta(days=begin + 1)
        last = pd.Timestamp(as_of) + pd.Timedelta(days=end)
        rows.append((week, first.date(), last.date(), *estimate(events.strike <= end, waiting)))
    return pd.DataFrame(rows, columns=["week", "start", "end", *ESTIMATE])


def reply_table(paths: Paths, events: Events, days: int) -> pd.DataFrame:
    """How the struck side answers the first strike within 14 days, by kind of opening and by who opens.

    Modes: none; proxy (rung 1-2); symbolic (3); bounded (4-6); widening (several theatres, full war or a closure).
    Only first strikes that leave 14 days inside the simulated span count.
    """
    mode, opened = reply_modes(paths, events, days)
    kinds = {
        "any": opened,
        "limited_strike": opened & (events.first_rung <= 4),
        "leadership_strike": opened & (events.first_rung == 5),
        "sustained_campaign": opened & (events.first_rung >= 6),
    }
    openers = {"either": opened, "a": events.opener == 1, "b": events.opener == 2}
    rows = [
        (kind, who, name, *estimate(mode == k, given & chosen))
        for kind, given in kinds.items()
        for who, chosen in openers.items()
        for k, name in enumerate(REPLY_MODES)
    ]
    return pd.DataFrame(rows, columns=["opening", "opener", "mode", *ESTIMATE])


def reply_modes(paths: Paths, events: Events, days: int) -> tuple[np.ndarray, np.ndarray]:
    """Mode of the reply to the first strike (position in `REPLY_MODES`), and whether there is one to answer in time."""
    opened = events.strike <= days - REPLY_DAYS
    return np.where(opened, reply_mode(paths, events, REPLY_DAYS), 0), opened


def quantity_table(
    paths: Paths, events: Events, names: tuple[str, str], horizons: Iterable[int] = HORIZONS
) -> pd.DataFrame:
    """Derived quantities by horizon; the four orders of force and talks sum to one."""
    a, b = names
    rows = []
    height, when = rung_by_period(paths), event_days(paths)
    for h in horizons:
        struck = events.strike <= h
        deal = (events.deal <= h) & ~struck
        talks = struck & (events.talks_after_force <= h)
        after = (when <= h) & (when >= events.strike[..., None])
        top = np.where(after, height, 0).max(axis=2)
        runaway = top >= events.first_rung + RUNAWAY_RUNGS
        halted = halt_within(paths, events, 30)
        entries = {
            "p_strike": ("an overt strike (rung 3 or above) by either side", struck, None),
            "p_strike_a": (f"an overt strike by {a}", events.strike_a <= h, None),
            "p_strike_b": (f"an overt strike by {b}", events.strike_b <= h, None),
            "force_then_talks": ("force, then talks", talks, None),
            "force_no_talks": ("force, and no talks after it", struck & ~talks, None),
            "deal_without_force": ("a deal without force", deal, None),
            "neither": ("neither force nor a deal", ~struck & ~deal, None),
            "talks_share_given_force": ("talks follow, given force", talks, struck),
            "runaway": (
                f"runaway: the crisis climbs {RUNAWAY_RUNGS} or more rungs above its first strike, given a strike",
                runaway, struck,
            ),
            "halt_in_30_days": (
                "a campaign that begins halts within 30 days (of those that begin 30 days before the horizon)",
                halted, (events.campaign <= h - 30),
            ),
        }  # fmt: skip
        rows += [
            (h, name, wording, *estimate(event, given))
            for name, (wording, event, given) in entries.items()
            if given is None or given.any()
        ]
    return pd.DataFrame(rows, columns=["horizon_days", "name", "wording", *ESTIMATE])


def halt_within(paths: Paths, events: Events, days: int) -> np.ndarray:
    """Whether the first campaign of each path halts within so many days of its opening [draw, path]."""
    when = event_days(paths)
    quiet = (paths.scope == 0) & (when > events.campaign[..., None]) & (when <= events.campaign[..., None] + days)
    return quiet.any(axis=2) & (events.campaign < NEVER)
