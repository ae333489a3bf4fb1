"""What the coming period may show, and which of it would change the forecast most."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from forecast.inference.carry import priors_of
from forecast.inference.ratios import log_ratios
from forecast.inference.reweight import Weights
from forecast.model.past import OVERT
from forecast.outlook.counterfactual import base_at, equal, futures, outcome_of
from forecast.outlook.estimate import effect
from forecast.outlook.treatments import Change, changed
from forecast.terms import SIDES, SIGNAL_CHANNELS, TRACK_RECORD

if TYPE_CHECKING:
    import xarray as xr

    from forecast.outlook.counterfactual import Comparison

EVENTS = ("p_strike", "p_strike_a", "p_strike_b", "p_campaign", "p_deal")
LEVEL_WORDS = {
    0: "no signal", 1: "routine or cheap", 2: "senior or costly", 3: "head of state, large or hard to reverse",
}  # fmt: skip
RECENT_PERIODS = 104
STRUCK, RECORDED = "force", "credibility"
COLUMNS = [
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


def next_move_table(given: Comparison) -> pd.DataFrame:
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
    given
        From `comparison`.

    Returns
    -------
    DataFrame
        One row per move, horizon and event: side, channel, move, level, wording, chance, base and probability after
        the move, shift with its Monte Carlo error, value (chance times absolute shift) and expected_change (the sum of
        value over the levels of a channel; over the act and its absence for acts). Largest expected change first.
    """
    base = base_at(given, given.later(1))
    moves = [*_signals(), *_acts(base.panel)]
    panels = {move: _panel_with(base.panel, move) for move in moves}
    likely = {move: panel for move, panel in panels.items() if move.channel != RECORDED}  # acts have no likelihood
    chances = _chances(moves, log_ratios(base.tree, likely, priors_of(base.tree)), base.panel)
    given.progress(f"chances of {len(moves)} moves computed")
    ahead, alike = futures(given, base), equal(int(np.prod(base.chains)))
    usual, rows = ahead(base.panel, alike), []
    for move, (chance, by_draw) in chances.items():
        after = ahead(panels[move], _weights(by_draw))
        for key in ((h, e) for h in given.horizons for e in EVENTS):
            then, now = outcome_of(after.seen[key]), outcome_of(usual.seen[key])
            found = effect(then, after.weights, now, alike, base.chains)
            rows.append((SIDES[move.side], move.channel, move.kind, move.level, move.wording, base.day, *key, chance,
                         found.control, found.treated, found.difference, found.mcse,
                         chance * abs(found.difference)))  # fmt: skip
    table = pd.DataFrame(rows, columns=COLUMNS[:-1])
    total = table.groupby(["side", "channel", "move", "horizon_days", "name"])["value"].transform("sum")
    keys = ["horizon_days", "name", "expected_change", "side", "channel", "move", "level"]
    order = [key != "expected_change" for key in keys]
    return table.assign(expected_change=total).sort_values(keys, ascending=order, ignore_index=True)


def _signals() -> list[Move]:
    return [
        Move(side, channel, "", level, f"{channel} signal: {LEVEL_WORDS[level]}" if level else f"no {channel} signal")
        for side in range(2)
        for channel in SIGNAL_CHANNELS
        for level in LEVEL_WORDS
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
