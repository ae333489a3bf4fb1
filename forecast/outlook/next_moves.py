"""What the coming weeks may show: the concession curve, and which next move would change the forecast most."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import logsumexp

from forecast.inference.carry import priors_of
from forecast.inference.fit import compile_panel, same_dims, samples
from forecast.inference.reweight import Weights, log_densities, points
from forecast.model.build import model_data
from forecast.model.past import OVERT
from forecast.outlook.estimate import estimate
from forecast.outlook.scenarios import TOTAL_PATHS, Base, base_at, futures_of, indicators, outcome_of
from forecast.outlook.simulate import simulate
from forecast.outlook.treatments import UNTRUSTED, Change, changed, effect
from forecast.outlook.world import start_now, world_of
from forecast.record.hypothetical import Level, set_level
from forecast.record.reference import with_reference
from forecast.terms import HORIZONS, SIDES, SIGNAL_CHANNELS, TRACK_RECORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecast.inference.compile import Compiled
    from forecast.outlook.scenarios import Indicators
    from forecast.record.read import Record

CONCESSION_WEEKS = 4
CONCESSION_EVENTS = ("p_strike", "p_strike_a", "p_strike_b", "p_direct_reply", "p_campaign", "p_talks", "p_deal")
MOVED_EVENTS = ("p_strike", "p_strike_a", "p_strike_b", "p_campaign", "p_deal")
MOVED_DRAWS = 2000
LEVELS = (0, 1, 2, 3)
AGREED = 4  # a concession that ends in a deal
LEVEL_WORDS = {
    0: "no signal", 1: "routine or cheap", 2: "senior or costly", 3: "head of state, large or hard to reverse",
}  # fmt: skip
RECENT_PERIODS = 104
STRUCK, RECORDED = "force", "credibility"
CONCESSION_COLUMNS = [
    "side", "level", "weeks", "counted_from", "horizon_days", "name", "probability", "low", "high", "difference",
    "mcse", "khat", "ess", "note",
]  # fmt: skip
MOVE_COLUMNS = [
    "side", "channel", "move", "level", "wording", "counted_from", "horizon_days", "name", "chance", "base",
    "probability", "shift", "mcse", "value", "expected_change",
]  # fmt: skip


class Move(NamedTuple):
    """A move that the coming period may show: the cells that differ, and how likely it is."""

    side: int
    channel: str
    kind: str  # of act; empty for a signal
    level: int
    wording: str


def concession_table(
    tree: xr.DataTree,
    record: Record,
    *,
    weeks: int = CONCESSION_WEEKS,
    horizons: tuple[int, ...] = HORIZONS,
    seed: int = 1,
    total_paths: int = TOTAL_PATHS,
    compiled: Compiled | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """The forecast by what a side concedes: P(strike | concession level), as a curve.

    In each of the coming weeks the highest conciliatory signal of one side is of the level, and the other side gives
    none; nothing else is known of them but that no side struck. Horizons count from their end. Level 0 is the
    concession withheld, level 4 that of level 3 which ends in a deal.

    Parameters
    ----------
    tree
        From `fit`, or the posterior of an archived run.
    record
        The record of that run, not yet cut.
    weeks
        How long the level is held, at most four weeks.
    horizons
        In days.
    seed, total_paths
        Of the simulated futures; all levels share draws and random numbers.
    compiled
        From `compile_panel` for the panel of the tree; compiled anew by default.
    progress
        Called with a line of text at each stage.

    Returns
    -------
    DataFrame
        side (who concedes), level, weeks, counted_from, horizon_days, name, probability with its 80 % interval,
        difference to level 0 and its Monte Carlo error, k-hat and effective draws, note where there is no number.
    """
    own = tree["panel"].to_dataset()
    until = _later(own, weeks)
    base = base_at(tree, with_reference(record), until)
    progress(f"base as of {base.day}")
    panels = {
        f"{side}{level}": _conceding(base.panel, SIDES.index(side), level, until, weeks)
        for side in SIDES
        for level in (*LEVELS, AGREED)
    }
    usable = compiled if compiled is not None and same_dims(own, base.panel) else None
    _, found = futures_of(
        tree,
        base,
        panels,
        horizons,
        seed=seed,
        total_paths=total_paths,
        compiled=usable,
        progress=progress,
        update=False,
    )
    rows = []
    for name, (after, why) in found.items():
        side, level = name[0], int(name[1])
        withheld = found[f"{side}0"][0]
        for horizon, event in ((h, e) for h in horizons for e in CONCESSION_EVENTS):
            head = (side, level, weeks, base.day, horizon, event)
            if after is None or withheld is None or base.note:
                rows.append((*head, *[np.nan] * 7, base.note or why or UNTRUSTED))
                continue
            then = estimate(*after.seen[horizon, event], after.weights.weight * len(after.weights.weight))
            pair = outcome_of(after.seen[horizon, event]), outcome_of(withheld.seen[horizon, event])
            gap = effect(pair[0], after.weights, pair[1], withheld.weights, base.chains)
            rows.append((*head, then.probability, then.low, then.high, gap.difference, gap.mcse,
                         after.weights.khat, after.weights.ess, ""))  # fmt: skip
    return pd.DataFrame(rows, columns=CONCESSION_COLUMNS)


def next_move_table(
    tree: xr.DataTree,
    record: Record,
    *,
    horizons: tuple[int, ...] = HORIZONS,
    seed: int = 1,
    total_paths: int = TOTAL_PATHS,
    draws: int = MOVED_DRAWS,
    compiled: Compiled | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """Which move of the coming period would change the forecast most: its chance, its shift, and their product.

    For a signal channel of a side the levels 0 to 3 are what the period may show; each has its chance under the model,
    and what the forecast would be after it. Their chances sum to one and the forecasts after them average to the one
    before, so that `expected_change`, the mean absolute change, is what looking at the channel is worth (the value of
    information of preposterior analysis; Raiffa and Schlaifer 1961). Acts of the track record have no chance in the
    model: theirs is the share of periods of the last two years that showed one. A limited strike has the chance that
    the model gives it. The forecast counts from the end of the coming period; but for the move nothing is known of it,
    and but for strikes on the menu no side strikes in it.

    Parameters
    ----------
    tree
        From `fit`, or the posterior of an archived run.
    record
        The record of that run, not yet cut.
    horizons
        In days.
    seed, total_paths
        Of the simulated futures; all moves share draws and random numbers.
    draws
        How many draws of the posterior are used, evenly spaced.
    compiled
        From `compile_panel` for the panel of the tree; compiled anew by default.
    progress
        Called with a line of text at each stage.

    Returns
    -------
    DataFrame
        One row per move, horizon and event: side, channel, move, level, wording, chance, base and probability after
        the move, shift with its Monte Carlo error, value (chance times absolute shift) and expected_change (the sum of
        value over the levels of a channel; over the act and its absence for acts). Largest expected change first.
    """
    own = tree["panel"].to_dataset()
    base = base_at(tree, with_reference(record), _later(own, 1))
    progress(f"base as of {base.day}")
    thin = _thinned(base, draws)
    usable = compiled if compiled is not None and same_dims(own, base.panel) else None
    moves = [*_signals(), *_acts(base.panel)]
    panels = {move: _panel_with(base.panel, move) for move in moves}
    given = _chances(moves, _log_odds(thin, panels, usable, progress), base.panel)
    futures = _futures(thin, horizons, seed, total_paths)
    usual, equal = futures(base.panel), _weights(np.ones(samples(thin["posterior"].to_dataset()).sizes["sample"]))
    rows = []
    for move, (chance, by_draw) in given.items():
        after, weights = futures(panels[move]), _weights(by_draw)
        for horizon, event in ((h, e) for h in horizons for e in MOVED_EVENTS):
            found = effect(outcome_of(after[horizon, event]), weights, outcome_of(usual[horizon, event]), equal)
            rows.append((SIDES[move.side], move.channel, move.kind, move.level, move.wording, base.day, horizon, event,
                         chance, found.control, found.treated, found.difference, found.mcse,
                         chance * abs(found.difference)))  # fmt: skip
    table = pd.DataFrame(rows, columns=MOVE_COLUMNS[:-1])
    total = table.groupby(["side", "channel", "move", "horizon_days", "name"])["value"].transform("sum")
    keys = ["horizon_days", "name", "expected_change", "side", "channel", "move", "level"]
    order = [key != "expected_change" for key in keys]
    return table.assign(expected_change=total).sort_values(keys, ascending=order, ignore_index=True)


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


def _later(panel: xr.Dataset, weeks: int) -> date:
    """Last day of the period that ends so many weeks, or one period, after the as-of day."""
    step = int(panel.attrs["period_days"])
    return date.fromisoformat(panel.attrs["as_of"]) + timedelta(days=max(7 * weeks // step, 1) * step)


def _signals() -> list[Move]:
    return [
        Move(side, channel, "", level, f"{channel} signal: {LEVEL_WORDS[level]}" if level else f"no {channel} signal")
        for side in range(2)
        for channel in SIGNAL_CHANNELS
        for level in LEVELS
    ]


def _acts(panel: xr.Dataset) -> list[Move]:
    """Acts of the track record; and a limited strike by either side where no campaign runs."""
    kinds = [(RECORDED, kind) for kind in TRACK_RECORD]
    if not panel["campaign"].values[0, int(panel["length"].values[0]) - 1]:
        kinds.append((STRUCK, "limited_strike"))
    return [Move(side, channel, kind, 1, kind.replace("_", " ")) for side in range(2) for channel, kind in kinds]


def _panel_with(panel: xr.Dataset, move: Move) -> xr.Dataset:
    """The panel of the base with the move in its last period, and nothing more watched than what shows it."""
    last = int(panel["length"].values[0]) - 1
    if move.channel == STRUCK:
        other = changed(panel, (Change("force", move.side, "", OVERT),))
    elif move.channel == RECORDED:
        other = changed(panel, (Change("track_record", move.side, move.kind, 1),))
    else:
        other = changed(panel, (Change("signal", move.side, move.channel, move.level),))
    for name in ("signal_observed", "force_observed"):
        other[name].values[0, last] = panel[name].values[0, last]
    if move.channel in SIGNAL_CHANNELS:
        other["signal_observed"].values[0, last, SIGNAL_CHANNELS.index(move.channel)] = True
    return other


def _thinned(base: Base, draws: int) -> xr.DataTree:
    """The base with evenly spaced draws of each chain."""
    posterior = base.tree["posterior"].to_dataset()
    every = max(posterior.sizes["chain"] * posterior.sizes["draw"] // draws, 1)
    out = xr.DataTree.from_dict({"posterior": posterior.isel(draw=slice(None, None, every)), "panel": base.panel})
    out.attrs = base.tree.attrs
    return out


def _log_odds(
    thin: xr.DataTree, panels: dict[Move, xr.Dataset], compiled: Compiled | None, progress: Callable[[str], None]
) -> dict[Move, np.ndarray]:
    """Log-density of each panel less that of the base [draw]; none for the track record, which has no likelihood."""
    priors, own = priors_of(thin), thin["panel"].to_dataset()
    ready = compile_panel(own, priors) if compiled is None else compiled
    at = points(thin, priors, ready)
    usual = log_densities(ready.with_data(model_data(own, priors)), at)
    progress(f"{len(panels)} moves, {len(at)} draws")
    return {
        move: log_densities(ready.with_data(model_data(panel, priors)), at) - usual
        for move, panel in panels.items()
        if move.channel != RECORDED
    }


def _chances(
    moves: list[Move], log_odds: dict[Move, np.ndarray], panel: xr.Dataset
) -> dict[Move, tuple[float, np.ndarray]]:
    """Chance of each move, and to what it moves the weights of the draws [draw]."""
    found: dict[Move, tuple[float, np.ndarray]] = {}
    strikes = {move: np.exp(log_odds[move]) for move in moves if move.channel == STRUCK}
    either = 1.0 + sum(float(odds.mean()) for odds in strikes.values())
    size = len(next(iter(log_odds.values())))
    for move in moves:
        if move.channel == STRUCK:
            found[move] = (float(strikes[move].mean()) / either, strikes[move])
        elif move.channel == RECORDED:
            found[move] = (_frequency(panel, move), np.ones(size))
        else:
            # the other side's signals in the channel are alike at every level, so that they cancel
            levels = [log_odds[other] for other in moves if other[:2] == move[:2]]
            share = np.exp(log_odds[move] - logsumexp(levels, axis=0))
            found[move] = (float(share.mean()), share)
    return found


def _frequency(panel: xr.Dataset, move: Move) -> float:
    """Share of the recent periods that showed an act of the track record, with half an act added to either count."""
    known = int(panel["length"].values[0]) - 1
    acts = panel["track_record"].values[0, move.side, max(known - RECENT_PERIODS, 0) : known]
    seen = int((acts[:, TRACK_RECORD.index(move.kind)] > 0).sum())
    return (seen + 0.5) / (len(acts) + 1.0)


def _weights(values: np.ndarray) -> Weights:
    weight = values / values.sum()
    return Weights(weight, 0.0, float(1.0 / np.sum(weight**2)))


def _futures(thin: xr.DataTree, horizons: tuple[int, ...], seed: int, total: int) -> Callable[[xr.Dataset], Indicators]:
    """Indicators of the futures of a panel; panels with the same state share theirs."""
    draws = samples(thin["posterior"].to_dataset())
    world = world_of(draws, thin["panel"].to_dataset())
    known: list[tuple[tuple, Indicators]] = []

    def of(panel: xr.Dataset) -> Indicators:
        start, step = start_now(draws, panel), int(panel.attrs["period_days"])
        for other, seen in known:
            if all(np.array_equal(a, b) for a, b in zip(start, other, strict=True)):
                return seen
        paths = simulate(
            world, start, periods=-(-max(horizons) // step), paths=max(total // draws.sizes["sample"], 10),
            period_days=step, seed=seed,
        )  # fmt: skip
        known.append((start, indicators(paths, horizons)))
        return known[-1][1]

    return of
