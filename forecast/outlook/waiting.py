"""How long until: a first strike, the halt of a campaign, talks after force, a crisis that opens or is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.outlook.estimate import Estimate, estimate
from forecast.outlook.ladder import NEVER, event_days

if TYPE_CHECKING:
    from forecast.outlook.ladder import Events
    from forecast.outlook.simulate import Paths

STEP = 7


def waiting_table(paths: Paths, events: Events, days: int, crisis: bool | None = None) -> pd.DataFrame:
    """Probability that it has happened by each day.

    `strike`: an overt strike by either side, days from the as-of day. `halt`: a campaign has halted, days from its
    opening (from the as-of day, if one runs), of the first campaigns that open in the first half of the span. `talks`:
    the sides talk, days from the first strike, of the first strikes in that half. The second half follows them, so that
    no wait is cut off. `crisis opens`, or `crisis over` where one is open: days from the as-of day.

    Parameters
    ----------
    paths, events
        Futures, arrays [draw, path, ...].
    days
        Simulated span, in days.
    crisis
        Whether a crisis is open on the as-of day; None where the record does not tell, which leaves that wait out.

    Returns
    -------
    DataFrame
        event, days, and the estimate; missing where no path meets the condition.
    """
    half = days // 2
    struck, opened = events.strike <= half, events.campaign <= half
    cases = (
        ("strike", days, events.strike, None),
        ("halt", half, _halted(paths, events) - events.campaign, opened),
        ("talks", half, events.talks_after_force - events.strike, struck),
    )
    if crisis is not None and paths.crisis is not None:
        at = paths.crisis == 2 if crisis else paths.crisis > 0
        day = np.where(at, event_days(paths), NEVER).min(axis=2)
        cases += (("crisis over" if crisis else "crisis opens", days, day, None),)
    rows = [
        (name, day, *estimate(wait <= day, given))
        for name, last, wait, given in cases
        for day in range(STEP, last + 1, STEP)
    ]
    return pd.DataFrame(rows, columns=["event", "days", *Estimate._fields])


def _halted(paths: Paths, events: Events) -> np.ndarray:
    """Day on which the first campaign of each path has halted, `NEVER` if it does not [draw, path]."""
    when = event_days(paths)
    quiet = (paths.scope == 0) & (when > events.campaign[..., None])
    return np.where(quiet, when, NEVER).min(axis=2)
