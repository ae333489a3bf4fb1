"""What follows a first strike: reply, next move of the side that struck, talks – a tree read from simulated paths."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.outlook.estimate import Estimate, estimate
from forecast.outlook.ladder import SCOPE_RUNG, event_days
from forecast.outlook.outcomes import REPLY_DAYS, reply_modes
from forecast.terms import CAMPAIGN_RUNG, DIRECT_RUNG, NEXT_MOVES, OPENINGS, OVERT_RUNG, REPLY_MODES, SETTLINGS

if TYPE_CHECKING:
    from forecast.outlook.ladder import Events
    from forecast.outlook.simulate import Paths

NEXT_DAYS = 30
SETTLING_DAYS = 60
ANY = "any"
NO_STRIKE = "no_strike"
STEPS = ("opening", "reply", "next_move", "settling")
COLUMNS = ("stage", *STEPS, *Estimate._fields, *(f"share_{name}" for name in Estimate._fields))


def sequence_table(paths: Paths, events: Events, days: int) -> pd.DataFrame:
    """Tree of first strike, reply, next move and talks.

    Only first strikes that leave 60 days inside the simulated span count, so that all four steps can be seen. The
    reply falls within 14 days (modes as in `outcomes.reply_table`). The next move is the highest act of the striking
    side after the reply (or after its strike, where none comes) within 30 days of the strike: `stops` without an overt
    act, `strikes_again` no higher than it began, `climbs` above that. Talks and deals count up to 60 days after it.

    Parameters
    ----------
    paths, events
        Futures, arrays [draw, path, ...].
    days
        Simulated span, in days.

    Returns
    -------
    DataFrame
        `stage` 1 to 4; the step at each stage and before it (blank beyond it; `any`: over all ways to it); the
        estimate that the path goes there, and (`share_`) that it does, given the node before it (for the opening and
        for `any`: given a strike). The first row is the probability that no first strike falls into the span. Empty
        where the span is shorter than 60 days; ways that no path takes are left out.
    """
    span = days - SETTLING_DAYS
    if span <= 0:
        return pd.DataFrame(columns=list(COLUMNS))
    opened = events.strike <= span
    steps = _steps(paths, events, days)
    blank = ("",) * len(STEPS)
    rows: list[tuple] = [(1, NO_STRIKE, *blank[1:], *estimate(~opened), *estimate(~opened))]
    for stage in range(1, len(STEPS) + 1):
        names = [list(steps[k]) for k in range(stage)]
        whole = [(*[ANY] * (stage - 1), name) for name in names[-1]] if stage > 1 else []
        for way in (*whole, *product(*names)):
            before = opened if way[0] == ANY else _on(way[:-1], steps, opened)
            here = _on(way, steps, opened)
            if before.any() and (here.any() or way[0] == ANY):
                rows.append((stage, *way, *blank[stage:], *estimate(here), *estimate(here, before)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _on(way: tuple[str, ...], steps: list[dict[str, np.ndarray]], opened: np.ndarray) -> np.ndarray:
    """Paths that go this way [draw, path]."""
    out = opened.copy()
    for name, step in zip(way, steps, strict=False):
        if name != ANY:
            out &= step[name]
    return out


def _steps(paths: Paths, events: Events, days: int) -> list[dict[str, np.ndarray]]:
    """Indicator of each node by step [draw, path]."""
    when, strike = event_days(paths), events.strike[..., None]
    mode, _ = reply_modes(paths, events, days)
    kind = np.select([events.first_rung <= DIRECT_RUNG, events.first_rung < CAMPAIGN_RUNG], [0, 1], 2)
    next_move = _next_move(paths, events, when)
    later = (when > strike) & (when <= strike + SETTLING_DAYS)
    deal, talks = (paths.deal & later).any(axis=2), (paths.talks & later).any(axis=2)
    settled = np.select([deal, talks], [0, 1], 2)
    return [
        {name: value == k for k, name in enumerate(names)}
        for names, value in ((OPENINGS, kind), (REPLY_MODES, mode), (NEXT_MOVES, next_move), (SETTLINGS, settled))
    ]


def _next_move(paths: Paths, events: Events, when: np.ndarray) -> np.ndarray:
    """Position in `NEXT_MOVES` of what the striking side does after the reply [draw, path]."""
    first = events.opener[..., None] == 1
    own = np.where(first, paths.rung[..., 0], paths.rung[..., 1])
    other = np.where(first, paths.rung[..., 1], paths.rung[..., 0])
    strike = events.strike[..., None]
    # The same acts as in `reply_modes`: of the struck side, in the days that count for the reply.
    answered = (other > 0) & (when >= strike) & (when <= strike + REPLY_DAYS)
    after = np.where(answered, when, np.iinfo(np.int32).max).min(axis=2)
    begin = np.where(answered.any(axis=2), after, events.strike)[..., None]
    fighting = (own >= CAMPAIGN_RUNG) & (paths.scope > 0)
    height = np.where(fighting, np.maximum(own, SCOPE_RUNG[paths.scope]), own)
    top = np.where((when > begin) & (when <= strike + NEXT_DAYS), height, 0).max(axis=2)
    return np.select([top > np.maximum(events.first_rung, OVERT_RUNG - 1), top >= OVERT_RUNG], [2, 1], 0)
