"""Scenarios: the forecast had the record been otherwise, beside the forecast as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.errors import UsageError
from forecast.outlook.counterfactual import base_at, compared, gap_of
from forecast.outlook.estimate import estimate
from forecast.outlook.outcomes import REPLY_DAYS
from forecast.outlook.treatments import UNTRUSTED
from forecast.record.acts import find_case
from forecast.record.hypothetical import panel_of
from forecast.record.interventions import of_case

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from forecast.outlook.counterfactual import Base, Comparison, Future
    from forecast.record.interventions import Scenario

NORMAL_95 = 1.96
EVENTS = {
    "p_strike": "an overt strike by either side",
    "p_strike_a": "an overt strike by {a}",
    "p_strike_b": "an overt strike by {b}",
    "p_direct_reply": f"a direct reply within {REPLY_DAYS} days, given a strike",
    "p_campaign": "a campaign of several days runs",
    "p_talks": "talks between the sides",
    "p_deal": "a deal between the sides",
}
COLUMNS = [
    "scenario", "title", "wording", "counted_from", "horizon_days", "name", "base", "base_low", "base_high",
    "probability", "low", "high", "difference", "difference_low", "difference_high", "spread_low", "spread_high",
    "mcse", "khat", "ess", "method", "note",
]  # fmt: skip


def scenario_table(given: Comparison, scenarios: Sequence[Scenario], *, lenient: bool = False) -> pd.DataFrame:
    """What the forecast would be under each scenario, beside what it is.

    A scenario changes the record; the draws of the posterior are moved to the panel of the changed record by weights
    (`inference.ratios`), and the futures start from its state. Both sides of a comparison share draws and random
    numbers. Interventions after the as-of day move the start of both to the end of the last period in which there is
    one; until then no side strikes and nothing else is known. Where the changed record has other campaigns, or the
    weights are not to be trusted, the posterior is updated instead (`update_posterior`).

    Parameters
    ----------
    given
        From `comparison`.
    scenarios
        From `read_scenarios`; those of other cases are left out.
    lenient
        Give a scenario that does not fit the record on this day no numbers and a note, instead of an error.

    Returns
    -------
    DataFrame
        One row per scenario, horizon and event (rungs of the ladder, then `EVENTS`): probability with its 80 % interval
        without (base) and with the interventions; their difference with the 95 % interval of its Monte Carlo error and
        the 80 % epistemic interval (`spread`); k-hat and effective draws of the weights, `method`, and a note where
        there is no number.

    Raises
    ------
    UsageError
        A move that is not there, or a day outside the panel or too far ahead.
    """
    found, chosen, faults = find_case(given.record, given.case), [], {}
    panels: dict[str, xr.Dataset] = {}
    for one in (s for s in scenarios if s.case in ("", given.case)):
        try:
            of_case([one], given.case, given.as_of)
            until = given.later((one.last_day(given.as_of) - given.as_of).days)
            panels[one.id] = panel_of(
                given.record, given.case, given.as_of, until, one, given.step, base_at(given, until).panel
            )
        except UsageError as error:
            if not lenient:
                raise
            faults[one.id], until = str(error), given.as_of
        chosen.append((until, one))
    rows = []
    for until in sorted({day for day, _ in chosen}):
        group, base = [one for day, one in chosen if day == until], base_at(given, until)
        before, treated = compared(given, base, {s.id: panels[s.id] for s in group if s.id in panels})
        for one in group:
            head = (one.id, one.title, one.words((found.short_a, found.short_b)), base.day)
            after, method = treated.get(one.id, (None, ""))
            note = faults.get(one.id, "")
            if not note and (after is None or base.note):
                note = f"{UNTRUSTED}: {base.note or method}; make a forecast of the changed record instead"
            rows += [(*head, *row) for row in _compared(before, None if note else after, method, base, note)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _compared(before: Future, after: Future | None, method: str, base: Base, note: str) -> list[tuple]:
    rows = []
    for key in before.seen:
        usual = estimate(*before.seen[key])
        head = (*key, usual.probability, usual.low, usual.high)
        if after is None:
            rows.append((*head, *[np.nan] * 11, "", note))
            continue
        then = estimate(*after.seen[key], after.weights.weight * len(after.weights.weight))
        gap = gap_of(key, after, before, base.chains, method)
        reach = NORMAL_95 * gap.mcse
        rows.append((*head, then.probability, then.low, then.high, gap.difference, gap.difference - reach,
                     gap.difference + reach, gap.low, gap.high, gap.mcse, after.weights.khat,
                     after.weights.ess, method, ""))  # fmt: skip
    return rows
