"""Futures of a case had the record been otherwise, beside those of the record as it is, on common random numbers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from forecast.inference.carry import priors_of
from forecast.inference.fit import same_dims, samples
from forecast.inference.ratios import panel_weights
from forecast.inference.reweight import Weights, on_panel
from forecast.inference.update import Updating, diagnosis_of, update_posterior
from forecast.outlook.estimate import Outcome, effect, spread
from forecast.outlook.ladder import first_events, severity
from forecast.outlook.outcomes import REPLY_DAYS
from forecast.outlook.simulate import simulate
from forecast.outlook.treatments import STRIKE_DAYS, UNTRUSTED
from forecast.outlook.world import start_now, world_of
from forecast.record.hypothetical import panel_ahead
from forecast.record.patched import same_panel
from forecast.record.reference import with_reference
from forecast.terms import HORIZONS, LADDER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from forecast.outlook.ladder import Paths
    from forecast.outlook.world import Start, World
    from forecast.record.read import Record

TOTAL_PATHS = 200_000
DRAWS, COPIES = 1000, 6  # parameter draws, and states of the case at each
PARTICLES = 32
BACKS = (8, 2)  # periods that are filtered anew, the longest that the particles stand
LEAST_PATHS = 10  # per draw
SORTING_PATHS = 25
PARENT = "parent"  # variable of a base: the number of the draw that a draw has its parameters from
WEIGHTED, UPDATED = "weights", "update"

type Indicators = dict[tuple[int, str], tuple[np.ndarray, np.ndarray | None]]


class Base(NamedTuple):
    """The forecast that changes are compared with: a posterior on the panel of the day that futures start from."""

    tree: xr.DataTree
    panel: xr.Dataset
    day: date
    note: str  # why it is not to be trusted, if it is not

    @property
    def chains(self) -> tuple[int, int]:
        """Numbers of chains and of draws in each."""
        return self.tree["posterior"].sizes["chain"], self.tree["posterior"].sizes["draw"]


class Future(NamedTuple):
    """What may come from one start: indicators [draw, path] by horizon and event, weights and parents of the draws."""

    seen: Indicators
    weights: Weights
    parent: np.ndarray  # [draw]
    start: Start


class Gap(NamedTuple):
    """A difference, its Monte Carlo standard error, and its 80 % epistemic interval (`estimate.spread`)."""

    difference: float
    mcse: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """What every comparison from one posterior shares: the record, horizons, random numbers; bases once computed."""

    tree: xr.DataTree
    record: Record
    as_of: date
    horizons: tuple[int, ...]
    seed: int
    total_paths: int
    draws: int
    copies: int
    progress: Callable[[str], None] = field(repr=False)
    bases: dict[date, Base] = field(default_factory=dict, repr=False)

    @property
    def case(self) -> str:
        """Id of the case."""
        return str(self.tree["panel"].attrs["case"])

    @property
    def step(self) -> int:
        """Length of a period in days."""
        return int(self.tree["panel"].attrs["period_days"])

    @cached_property
    def few(self) -> xr.DataTree:
        """The posterior with fewer draws, each several times in a row (see `few_draws`)."""
        return few_draws(self)

    def later(self, days: int) -> date:
        """Last day of the period that holds the day so many days after the as-of day."""
        return self.as_of + timedelta(days=-(-days // self.step) * self.step)


def comparison(
    tree: xr.DataTree,
    record: Record,
    *,
    as_of: date | None = None,
    horizons: tuple[int, ...] = HORIZONS,
    seed: int = 1,
    total_paths: int = TOTAL_PATHS,
    draws: int = DRAWS,
    copies: int = COPIES,
    progress: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Settle what scenarios, the concession curve and next moves compare with.

    Parameters
    ----------
    tree
        From `fit`, or the posterior of an archived run.
    record
        The record that it was made from, not yet cut.
    as_of
        Last day whose knowledge counts, at most four weeks after that of the posterior; by default the same.
    horizons
        In days, from the day that futures start from.
    seed, total_paths
        Of the simulated futures; all that is compared shares draws and random numbers.
    draws, copies
        Number of parameter draws that are used, and of states of the case at each: resolve of the last
        weeks, filtered anew.
    progress
        Called with a line of text at each stage.
    """
    own = date.fromisoformat(tree["panel"].attrs["as_of"])
    whole = with_reference(record)
    return Comparison(tree, whole, as_of or own, horizons, seed, total_paths, draws, copies, progress)


def base_at(given: Comparison, until: date | None = None) -> Base:
    """The posterior of a comparison on a later day, of which nothing is known but that no side struck.

    Each of its draws of the parameters stands there as often as the comparison has copies, each time with a path of
    resolve of its own over the last weeks (`update_posterior`), so that what a change tells about the state of the case
    can be told apart from what it tells about parameters. Where those weeks are too eventful for particles, each draw
    stands there once with its own path, and no spread between parameters can be told. A posterior that is itself an
    update is taken as it is.

    Parameters
    ----------
    given
        From `comparison`.
    until
        The later day (`panel_ahead`), at most four weeks after the as-of day of the posterior; the as-of day of the
        comparison by default.
    """
    day = until or given.as_of
    if day in given.bases:
        return given.bases[day]
    own = given.tree["panel"].to_dataset()
    panel = panel_ahead(given.record, given.case, given.as_of, day, given.step)
    if diagnosis_of(given.tree) is not None and same_panel(own, panel):
        return _kept(given, Base(_with_parents(given.tree), own, day, ""))
    for back in BACKS:
        moved, reasons = _moved(given, given.few, panel, back)
        if not reasons:
            return _kept(given, Base(moved, panel, day, ""))
    # weeks so eventful that few particles fit them keep the paths of the fit, one for each draw
    single = replace(given, copies=1).few
    if same_panel(own, panel):
        return _kept(given, Base(single, own, day, ""))
    moved, reasons = _moved(given, single, panel, 0)
    return _kept(given, Base(moved, panel, day, reasons))


def futures(given: Comparison, base: Base) -> Callable[[xr.Dataset, Weights], Future]:
    """A function that simulates from a panel with the draws of a base; panels with the same state share their paths."""
    draws = samples(base.tree["posterior"].to_dataset())
    parent, world = draws[PARENT].values, world_of(draws, base.panel)
    known: list[tuple[Start, Indicators]] = []

    def of(panel: xr.Dataset, weights: Weights) -> Future:
        start = start_now(on_panel(draws, base.panel, panel), panel)
        found = next((seen for other, seen in known if same_start(start, other)), None)
        if found is None:
            found = indicators(_ahead(given, world, start), given.horizons)
            known.append((start, found))
        return Future(found, weights, parent, start)

    return of


def compared(
    given: Comparison, base: Base, panels: Mapping[str, xr.Dataset], *, update: bool = True
) -> tuple[Future, dict[str, tuple[Future | None, str]]]:
    """Futures from the base, and from each panel with the method that moved the draws (or why none could be moved).

    Where a panel has other dims, or the weights are not to be trusted, the posterior is updated instead, if `update`.
    """
    alike = {name: panel for name, panel in panels.items() if same_dims(base.panel, panel)}
    weights = panel_weights(base.tree, alike, priors_of(base.tree))
    ahead, found = futures(given, base), {}
    for number, (name, panel) in enumerate(panels.items(), start=1):
        if name in weights and weights[name].trusted:
            found[name] = (ahead(panel, weights[name]), WEIGHTED)
        elif update:
            found[name] = _updated(given, panel)
        else:
            found[name] = (None, UNTRUSTED)
        given.progress(f"{number} of {len(panels)}: {name}")
    size = int(np.prod(base.chains))
    return ahead(base.panel, equal(size)), found


def equal(size: int) -> Weights:
    """Weights of draws that count alike."""
    return Weights(np.full(size, 1.0 / size), 0.0, float(size))


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


def outcome_of(pair: tuple[np.ndarray, np.ndarray | None]) -> Outcome:
    """Shares of the paths of each draw, from indicators."""
    event, given = pair
    base = np.ones(len(event)) if given is None else given.mean(axis=1)
    return Outcome((event if given is None else event & given).mean(axis=1), base)


def gap_of(key: tuple[int, str], after: Future, before: Future, chains: tuple[int, int], method: str) -> Gap:
    """Difference that a change makes to an event at a horizon, with the error of its computation and its spread."""
    then, usual = outcome_of(after.seen[key]), outcome_of(before.seen[key])
    paired = method == WEIGHTED
    found = effect(then, after.weights, usual, before.weights, chains, paired=paired)
    news = paired and same_start(after.start, before.start)
    low, high = spread(then, after.weights, usual, before.weights, (after.parent, before.parent), news=news)
    return Gap(found.difference, found.mcse, found.difference + low, found.difference + high)


def same_start(one: Start, other: Start) -> bool:
    """Whether two states are the same in every draw."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def _ahead(given: Comparison, world: World, start: Start) -> Paths:
    paths = max(given.total_paths // len(start.track), LEAST_PATHS)
    periods = -(-max(given.horizons) // given.step)
    return simulate(world, start, periods=periods, paths=paths, period_days=given.step, seed=given.seed)


def _updated(given: Comparison, panel: xr.Dataset) -> tuple[Future | None, str]:
    """Futures from a posterior that was updated to a panel; without them, why a full fit is due."""
    if diagnosis_of(given.tree) is not None:
        return None, "the posterior is itself an update, which cannot be updated"
    settings = Updating(particles=PARTICLES, copies=1, seed=given.seed)
    moved = update_posterior(given.few, panel, settings)
    diagnosis, draws = diagnosis_of(moved), samples(moved["posterior"].to_dataset())
    if diagnosis is None or diagnosis.full_fit_due:
        return None, "; ".join(diagnosis.reasons) if diagnosis is not None else ""
    weights = Weights(equal(draws.sizes["sample"]).weight, diagnosis.khat, diagnosis.ess_draws)
    start = start_now(draws, panel)
    seen = indicators(_ahead(given, world_of(draws, panel), start), given.horizons)
    return Future(seen, weights, draws[PARENT].values, start), UPDATED


def _moved(given: Comparison, draws: xr.DataTree, panel: xr.Dataset, back: int) -> tuple[xr.DataTree, str]:
    """Draws updated to a panel, the last periods of their paths filtered anew; and why they are not to be trusted."""
    settings = Updating(back=back, particles=PARTICLES, copies=1, seed=given.seed)
    moved = update_posterior(draws, panel, settings)
    diagnosis = diagnosis_of(moved)
    return moved, "; ".join(diagnosis.reasons) if diagnosis is not None else ""


def _kept(given: Comparison, base: Base) -> Base:
    given.bases[base.day] = base
    given.progress(f"base as of {base.day}" + (f": {base.note}" if base.note else ""))
    return base


def few_draws(given: Comparison) -> xr.DataTree:
    """The posterior of a comparison with fewer draws of each chain, each of them several times in a row.

    The draws are evenly spaced in the order of their chance of a strike, so that the few stand for all.
    """
    sizes, own = given.tree["posterior"].sizes, given.tree["panel"].to_dataset()
    per = min(sizes["draw"], max(given.draws // sizes["chain"], 1))
    draws = samples(given.tree["posterior"].to_dataset())
    chance = first_events(
        simulate(
            world_of(draws, own), start_now(draws, own), periods=-(-STRIKE_DAYS // given.step), paths=SORTING_PATHS,
            period_days=given.step, seed=given.seed,
        )
    ).strike  # fmt: skip
    order = np.argsort((chance <= STRIKE_DAYS).mean(axis=1).reshape(sizes["chain"], -1), axis=1, kind="stable")
    middle = ((np.arange(per) + 0.5) * sizes["draw"] / per).astype(int)
    chosen = np.repeat(np.sort(order[:, middle], axis=1), given.copies, axis=1)
    place = xr.DataArray(chosen, dims=("chain", "draw"))
    groups = {name: node.to_dataset() for name, node in _with_parents(given.tree).children.items()}
    for name in ("posterior", "sample_stats"):
        chains = xr.DataArray(np.arange(sizes["chain"]), dims="chain")
        picked = groups[name].drop_vars("draw", errors="ignore").isel(chain=chains, draw=place)
        groups[name] = picked.assign_coords(draw=np.arange(chosen.shape[1])).transpose("chain", "draw", ...)
    out = xr.DataTree.from_dict(groups)
    out.attrs = given.tree.attrs
    return out


def _with_parents(tree: xr.DataTree) -> xr.DataTree:
    posterior = tree["posterior"].to_dataset()
    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    numbered = posterior.assign({PARENT: (("chain", "draw"), np.arange(np.prod(shape)).reshape(shape))})
    groups = {name: node.to_dataset() for name, node in tree.children.items()} | {"posterior": numbered}
    out = xr.DataTree.from_dict(groups)
    out.attrs = tree.attrs
    return out
