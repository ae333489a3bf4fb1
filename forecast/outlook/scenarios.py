"""Scenarios: the forecast had the record been otherwise, beside the forecast as it is, on common random numbers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from forecast.inference.carry import priors_of
from forecast.inference.fit import compile_panel, same_dims, samples
from forecast.inference.reweight import Weights, on_panel
from forecast.inference.update import diagnosis_of, update_posterior
from forecast.outlook.estimate import estimate
from forecast.outlook.ladder import first_events, severity
from forecast.outlook.outcomes import REPLY_DAYS
from forecast.outlook.simulate import simulate
from forecast.outlook.treatments import UNTRUSTED, Outcome, effect, panel_weights
from forecast.outlook.world import start_now, world_of
from forecast.record.acts import find_case
from forecast.record.hypothetical import panel_ahead, panel_of
from forecast.record.interventions import of_case
from forecast.record.reference import with_reference
from forecast.terms import HORIZONS, LADDER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr

    from forecast.inference.compile import Compiled
    from forecast.outlook.simulate import Paths
    from forecast.record.interventions import Scenario
    from forecast.record.read import Record

TOTAL_PATHS = 200_000
NORMAL_95 = 1.96
WEIGHTED, UPDATED = "weights", "update"
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
    "probability", "low", "high", "difference", "difference_low", "difference_high", "mcse", "khat", "ess", "method",
    "note",
]  # fmt: skip

type Indicators = dict[tuple[int, str], tuple[np.ndarray, np.ndarray | None]]


class Base(NamedTuple):
    """The forecast with which scenarios are compared: a posterior on the panel of the day that futures start from."""

    tree: xr.DataTree
    panel: xr.Dataset
    day: date
    note: str  # why it is not to be trusted, if it is not

    @property
    def chains(self) -> tuple[int, int]:
        """Numbers of chains and of draws in each."""
        return self.tree["posterior"].sizes["chain"], self.tree["posterior"].sizes["draw"]


class Future(NamedTuple):
    """What may come from one start: indicators [draw, path] by horizon and event, and the weights of the draws."""

    seen: Indicators
    weights: Weights


def base_at(tree: xr.DataTree, record: Record, until: date | None = None) -> Base:
    """Move a posterior to a later day of which nothing is known but that no side struck (see `panel_ahead`).

    Parameters
    ----------
    tree
        From `fit`, or the posterior of an archived run.
    record
        The record of that run, with its reference class.
    until
        The later day, at most four weeks after the as-of day; by default that day itself. Where the record says
        something else by the as-of day than it did for the run, the posterior is updated.
    """
    own = tree["panel"].to_dataset()
    as_of, step = date.fromisoformat(own.attrs["as_of"]), int(own.attrs["period_days"])
    panel = panel_ahead(record, own.attrs["case"], as_of, until or as_of, step)
    if _same(own, panel):
        return Base(tree, own, as_of, "")
    moved = update_posterior(tree, panel)
    diagnosis = diagnosis_of(moved)
    reasons = diagnosis.reasons if diagnosis is not None else ()
    return Base(moved, panel, until or as_of, "; ".join(reasons))


def scenario_table(
    tree: xr.DataTree,
    record: Record,
    scenarios: Sequence[Scenario],
    *,
    horizons: tuple[int, ...] = HORIZONS,
    seed: int = 1,
    total_paths: int = TOTAL_PATHS,
    compiled: Compiled | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """What the forecast would be under each scenario, beside what it is.

    A scenario changes the record; the draws of the posterior are moved to the panel of the changed record by weights
    (`treatments.panel_weights`), and the futures start from its state. Both sides of a comparison share draws and
    random numbers. Interventions after the as-of day move the start of both to the end of the last period in which
    there is one; until then no side strikes and nothing else is known. Where the changed record has other campaigns, or
    the weights are not to be trusted, the posterior is updated instead (`update_posterior`).

    Parameters
    ----------
    tree
        From `fit`, or the posterior of an archived run.
    record
        The record of that run, not yet cut.
    scenarios
        From `read_scenarios`; those of other cases are left out.
    horizons
        In days, from the day that the futures start from.
    seed, total_paths
        Of the simulated futures.
    compiled
        From `compile_panel` for the panel of the tree; compiled anew by default.
    progress
        Called with a line of text at each stage.

    Returns
    -------
    DataFrame
        One row per scenario, horizon and event (rungs of the ladder, then `EVENTS`): probability with its 80 % interval
        without (base) and with the interventions, their difference with the 95 % interval of its Monte Carlo error;
        k-hat and effective draws of the weights, `method`, and a note where there is no number.

    Raises
    ------
    UsageError
        A move that is not there, or a day outside the panel or too far ahead.
    """
    own = tree["panel"].to_dataset()
    case, as_of = own.attrs["case"], date.fromisoformat(own.attrs["as_of"])
    step, whole = int(own.attrs["period_days"]), with_reference(record)
    chosen, found = of_case(scenarios, case, as_of), find_case(record, case)
    rows = []
    for until in sorted({_until(s, as_of, step) for s in chosen}):
        group = [s for s in chosen if _until(s, as_of, step) == until]
        base = base_at(tree, whole, until)
        progress(f"base as of {base.day}" + (f": {base.note}" if base.note else ""))
        panels = {s.id: panel_of(whole, case, as_of, until, s, step) for s in group}
        usable = compiled if compiled is not None and same_dims(own, base.panel) else None
        before, treated = futures_of(
            tree, base, panels, horizons, seed=seed, total_paths=total_paths, compiled=usable, progress=progress
        )
        for s in group:
            head = (s.id, s.title, s.words((found.short_a, found.short_b)), base.day)
            rows += [(*head, *row) for row in _compared(before, *treated[s.id], base)]
    return pd.DataFrame(rows, columns=COLUMNS)


def futures_of(
    tree: xr.DataTree,
    base: Base,
    panels: dict[str, xr.Dataset],
    horizons: tuple[int, ...],
    *,
    seed: int,
    total_paths: int,
    compiled: Compiled | None = None,
    update: bool = True,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Future, dict[str, tuple[Future | None, str]]]:
    """Futures from the base, and from each panel with the method that moved the draws (why none could be moved)."""
    priors, draws = priors_of(base.tree), samples(base.tree["posterior"].to_dataset())
    size = draws.sizes["sample"]

    def ahead(given: xr.Dataset, panel: xr.Dataset) -> Indicators:
        step = int(panel.attrs["period_days"])
        start = start_now(given, panel)
        paths = simulate(
            world_of(given, panel), start, periods=-(-max(horizons) // step), paths=max(total_paths // size, 10),
            period_days=step, seed=seed,
        )  # fmt: skip
        return indicators(paths, horizons)

    alike = {name: panel for name, panel in panels.items() if same_dims(base.panel, panel)}
    ready = compile_panel(base.panel, priors) if compiled is None and alike else compiled
    weights = panel_weights(base.tree, alike, priors, ready, progress) if alike else {}
    equal = Weights(np.full(size, 1.0 / size), 0.0, float(size))
    usual = ahead(draws, base.panel)
    found: dict[str, tuple[Future | None, str]] = {}
    for number, (name, panel) in enumerate(panels.items(), start=1):
        if name in weights and weights[name].trusted:
            moved = on_panel(draws, base.panel, panel)
            same = moved is draws and _same_start(draws, base.panel, panel)
            found[name] = (Future(usual if same else ahead(moved, panel), weights[name]), WEIGHTED)
        elif update:
            found[name] = _updated(tree, panel, ahead, equal)
        else:
            found[name] = (None, UNTRUSTED)
        progress(f"scenario {number} of {len(panels)}: {name}")
    return Future(usual, equal), found


def indicators(paths: Paths, horizons: tuple[int, ...]) -> Indicators:
    """Indicators [draw, path] of each rung and event by horizon, with the condition where there is one."""
    events, found = first_events(paths), {}
    for h in horizons:
        reached, struck = severity(events, h), events.strike <= h
        direct = (events.direct_reply <= h) & (events.direct_reply <= events.strike + REPLY_DAYS)
        found |= {(h, rung): (reached == k, None) for k, rung in enumerate(LADDER)}
        found |= {
            (h, "p_strike"): (struck, None),
            (h, "p_strike_a"): (events.strike_a <= h, None),
            (h, "p_strike_b"): (events.strike_b <= h, None),
            (h, "p_direct_reply"): (struck & direct, struck),
            (h, "p_campaign"): (events.campaign <= h, None),
            (h, "p_talks"): (events.talks <= h, None),
            (h, "p_deal"): (events.deal <= h, None),
        }
    return found


def _compared(before: Future, after: Future | None, method: str, base: Base) -> list[tuple]:
    rows = []
    for key in before.seen:
        usual = estimate(*before.seen[key])
        head = (*key, usual.probability, usual.low, usual.high)
        if after is None or base.note:
            note = f"{UNTRUSTED}: {base.note or method}; make a forecast of the changed record instead"
            rows.append((*head, *[np.nan] * 9, "", note))
            continue
        then = estimate(*after.seen[key], after.weights.weight * len(after.weights.weight))
        gap, error = then.probability - usual.probability, float(np.hypot(usual.mcse, then.mcse))
        if method == WEIGHTED:  # draws and random numbers are shared
            after_mean, before_mean = outcome_of(after.seen[key]), outcome_of(before.seen[key])
            _, _, gap, error = effect(after_mean, after.weights, before_mean, before.weights, base.chains)
        reach = NORMAL_95 * error
        rows.append((*head, then.probability, then.low, then.high, gap, gap - reach, gap + reach, error,
                     after.weights.khat, after.weights.ess, method, ""))  # fmt: skip
    return rows


def _updated(
    tree: xr.DataTree, panel: xr.Dataset, ahead: Callable[[xr.Dataset, xr.Dataset], Indicators], equal: Weights
) -> tuple[Future | None, str]:
    """Futures from a posterior that was updated to a panel; without them, why a full fit is due."""
    moved = update_posterior(tree, panel)
    diagnosis = diagnosis_of(moved)
    if diagnosis is None or diagnosis.full_fit_due:
        return None, "; ".join(diagnosis.reasons) if diagnosis is not None else ""
    weights = Weights(equal.weight, diagnosis.khat, diagnosis.ess_draws)
    return Future(ahead(samples(moved["posterior"].to_dataset()), panel), weights), UPDATED


def outcome_of(pair: tuple[np.ndarray, np.ndarray | None]) -> Outcome:
    """Shares of the paths of each draw, from indicators."""
    event, given = pair
    base = np.ones(len(event)) if given is None else given.mean(axis=1)
    return Outcome((event if given is None else event & given).mean(axis=1), base)


def _until(scenario: Scenario, as_of: date, step: int) -> date:
    """Last day of the period that holds the last intervention."""
    ahead = (scenario.last_day(as_of) - as_of).days
    return as_of + timedelta(days=-(-ahead // step) * step)


def _same(one: xr.Dataset, other: xr.Dataset) -> bool:
    """Whether two panels say the same, whatever the types in which their values are kept."""
    if one.attrs["as_of"] != other.attrs["as_of"] or dict(one.sizes) != dict(other.sizes):
        return False
    values = [(one[name].values, other[name].values) for name in other.data_vars]
    return all(np.array_equal(a.astype(b.dtype), b, equal_nan=b.dtype.kind in "fM") for a, b in values)


def _same_start(draws: xr.Dataset, one: xr.Dataset, other: xr.Dataset) -> bool:
    """Whether futures from two panels start from the same state."""
    return all(np.array_equal(a, b) for a, b in zip(start_now(draws, one), start_now(draws, other), strict=True))
