"""The concession curve: the forecast by how far a side concedes in the coming weeks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.errors import UsageError
from forecast.outlook.counterfactual import WEIGHTED, base_at, compared, gap_of
from forecast.outlook.estimate import estimate
from forecast.outlook.treatments import UNTRUSTED
from forecast.record.hypothetical import Level, set_level
from forecast.terms import SIDES

if TYPE_CHECKING:
    from datetime import date

    import xarray as xr

    from forecast.outlook.counterfactual import Comparison

WEEKS = 4
EVENTS = ("p_strike", "p_strike_a", "p_strike_b", "p_direct_reply", "p_campaign", "p_talks", "p_deal")
LEVELS = (0, 1, 2, 3)
AGREED = 4  # a concession that ends in a deal
COLUMNS = [
    "side", "level", "weeks", "counted_from", "horizon_days", "name", "probability", "low", "high", "difference",
    "spread_low", "spread_high", "mcse", "khat", "ess", "note",
]  # fmt: skip


def concession_table(given: Comparison, *, weeks: int = WEEKS) -> pd.DataFrame:
    """The forecast by what a side concedes: P(strike | concession level), as a curve.

    In each of the coming weeks the highest conciliatory signal of one side is of the level, and the other side gives
    none; nothing else is known of them but that no side struck. Horizons count from their end. Level 0 is the
    concession withheld, level 4 that of level 3 which ends in a deal.

    Parameters
    ----------
    given
        From `comparison`.
    weeks
        How long the level is held, one to four weeks.

    Returns
    -------
    DataFrame
        side (who concedes), level, weeks, counted_from, horizon_days, name, probability with its 80 % interval,
        difference to level 0 with its 80 % epistemic interval and its Monte Carlo error, k-hat and effective draws,
        note where there is no number.

    Raises
    ------
    UsageError
        `weeks` is not between one and four.
    """
    if not 1 <= weeks <= WEEKS:
        raise UsageError(f"a concession curve over {weeks} weeks; give 1 to {WEEKS}")
    until = given.later(7 * weeks)
    base = base_at(given, until)
    panels = {
        f"{side}{level}": _conceding(base.panel, SIDES.index(side), level, until, weeks)
        for side in SIDES
        for level in (*LEVELS, AGREED)
    }
    _, found = compared(given, base, panels, update=False)
    rows = []
    for name, (after, why) in found.items():
        side, level = name[0], int(name[1])
        withheld = found[f"{side}0"][0]
        for key in ((h, e) for h in given.horizons for e in EVENTS):
            head = (side, level, weeks, base.day, *key)
            if after is None or withheld is None or base.note:
                rows.append((*head, *[np.nan] * 9, base.note or why or UNTRUSTED))
                continue
            then = estimate(*after.seen[key], after.weights.weight * len(after.weights.weight))
            gap = gap_of(key, after, withheld, base.chains, WEIGHTED)
            rows.append((*head, then.probability, then.low, then.high, gap.difference, gap.low, gap.high, gap.mcse,
                         after.weights.khat, after.weights.ess, ""))  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _conceding(base: xr.Dataset, side: int, level: int, until: date, weeks: int) -> xr.Dataset:
    """The panel of the base with concessions of a level in each of its last weeks."""
    panel = base.copy(deep=True)
    for back in range(0, 7 * weeks, int(base.attrs["period_days"])):
        held = Level(side, "diplomacy", until - timedelta(days=back), min(level, max(LEVELS)), least=False)
        set_level(panel, held)
    if level == AGREED:
        last = int(panel["length"].values[0]) - 1
        panel["deal"].values[0, last] = panel["deal_observed"].values[0, last] = True
    return panel
