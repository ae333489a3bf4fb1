"""What a panel shows, in numbers: the quantities on which drawn panels are set beside the observed one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from forecast.evaluation.associations import associations
from forecast.evaluation.past_crises import past_crises
from forecast.model.past import CAMPAIGN, LEADERSHIP, OVERT
from forecast.outlook.ladder import first_events, severity
from forecast.outlook.outcomes import REPLY_DAYS, reply_modes
from forecast.outlook.simulate import Paths
from forecast.terms import LADDER, OVERT_RUNG, REPLY_MODES, SIDES, SIGNAL_CHANNELS

if TYPE_CHECKING:
    import xarray as xr

type Quantities = dict[tuple[str, str], float]

WINDOWS = (30, 90)  # days
QUIET_START_DAYS = 28
FOLLOW_DAYS = 182
TALKS_DAYS = 91
LONG_QUIET_DAYS = 91
RUNG_OF = np.array([0, 1, 4, 5, 6, 6, 6], dtype=np.int8)  # of a category; how far a campaign goes is its scope


class Seen(NamedTuple):
    """The case from its second period on (the first has no past in the model); arrays [period] or [side, period]."""

    category: np.ndarray
    rung: np.ndarray
    violent: np.ndarray  # an overt act or a campaign
    campaign: np.ndarray
    scope: np.ndarray
    closure: np.ndarray
    talks: np.ndarray
    deal: np.ndarray
    ceasefire: np.ndarray
    signal: np.ndarray  # [side, period, channel]
    watched: np.ndarray
    talks_watched: np.ndarray
    deal_watched: np.ndarray
    signal_watched: np.ndarray  # [period, channel]
    step: int


def quantities(panel: xr.Dataset, keep: np.ndarray | None = None) -> Quantities:
    """All quantities of a panel, observed or drawn; NaN where a panel has nothing to take it from.

    Who began within a period is not in a panel: the side with the higher act is taken to have begun, the challenger's
    side where both are equal. Categories of force from a campaign upwards are one, since how far a campaign has gone is
    a state of the dyad.

    Parameters
    ----------
    panel
        From `build_panel` or `worlds.draw_world`.
    keep
        Periods of the case to look at [period]; all by default.

    Returns
    -------
    dict
        (topic, quantity) → number.
    """
    seen = seen_of(panel, keep)
    return (
        ladder(seen) | force(seen) | runs(seen) | waiting(seen) | campaigns(panel, seen) | replies(seen)
        | settlement(seen) | signals(seen) | associations(seen) | past_crises(panel)
    )  # fmt: skip


def seen_of(panel: xr.Dataset, keep: np.ndarray | None = None) -> Seen:
    """The case of a panel, what was not watched or not to be kept marked as not watched."""
    one = panel.isel(episode=0, period=slice(1, int(panel["length"].values[0])))
    kept = np.ones(one.sizes["period"], bool) if keep is None else keep[1 : 1 + one.sizes["period"]]
    category, campaign = one["force"].values, one["campaign"].values
    symbolic = (category == OVERT) & (one["rung"].values == OVERT_RUNG)
    return Seen(
        category=np.minimum(category, CAMPAIGN),
        rung=np.where(symbolic, OVERT_RUNG, RUNG_OF[category]).astype(np.int8),
        violent=(category >= OVERT).any(axis=0) | campaign,
        campaign=campaign,
        scope=one["scope"].values * campaign,
        closure=one["closure"].values,
        talks=one["talks"].values & one["talks_observed"].values,
        deal=one["deal"].values & one["deal_observed"].values,
        ceasefire=one["ceasefire"].values,
        signal=one["signal"].values,
        watched=(one["force_observed"].values | campaign) & kept,
        talks_watched=one["talks_observed"].values & kept,
        deal_watched=one["deal_observed"].values & kept,
        signal_watched=one["signal_observed"].values & kept[:, None],
        step=int(panel.attrs["period_days"]),
    )


def ladder(seen: Seen) -> Quantities:
    """Share of all windows, one from each period on, that end on each rung of the ladder."""
    out = {}
    for days in WINDOWS:
        periods = max(round(days / seen.step), 1)
        paths = _windows(seen, periods)
        reached = severity(first_events(paths), periods * seen.step)[0]
        whole = reached[sliding_window_view(seen.watched, periods).all(axis=1)]
        out |= {("ladder", f"{days} days, {rung}"): _share(whole == k) for k, rung in enumerate(LADDER)}
    return out


def force(seen: Seen) -> Quantities:
    """Share of watched periods by kind of force and side, of both sides at once, and how far campaigns had gone."""
    out = {}
    for side, category, rung in zip(SIDES, seen.category, seen.rung, strict=True):
        kinds = {
            "sub-threshold": category == 1, "symbolic": rung == OVERT_RUNG, "limited": rung == OVERT_RUNG + 1,
            "leadership": category == LEADERSHIP, "campaign level": category == CAMPAIGN,
        }  # fmt: skip
        out |= {("force", f"{kind}, side {side}"): _share(is_it[seen.watched]) for kind, is_it in kinds.items()}
    states = {
        "both sides overtly": (seen.category >= OVERT).all(axis=0), "campaign": seen.campaign,
        "campaign in several theatres or full war": seen.scope > CAMPAIGN, "full war": seen.scope > CAMPAIGN + 1,
        "act of closing a chokepoint": seen.closure,
    }  # fmt: skip
    return out | {("force", name): _share(is_it[seen.watched]) for name, is_it in states.items()}


def runs(seen: Seen) -> Quantities:
    """Runs of periods with overt force or a campaign, and of quiet; a period that nobody watched ends a run."""
    violence, quiet = run_lengths(seen.violent & seen.watched), run_lengths(~seen.violent & seen.watched)
    long = quiet >= LONG_QUIET_DAYS / seen.step
    return {
        ("runs", "violence: number"): float(len(violence)),
        ("runs", "violence: mean periods"): _mean(violence),
        ("runs", "violence: longest, periods"): float(violence.max(initial=0)),
        ("runs", "violence: share of one period"): _share(violence == 1),
        ("runs", "quiet: mean periods"): _mean(quiet),
        ("runs", "quiet: longest, periods"): float(quiet.max(initial=0)),
        ("runs", f"quiet: share of {LONG_QUIET_DAYS} days or more"): _share(long),
    }


def waiting(seen: Seen) -> Quantities:
    """Days to the first strike after four quiet weeks, from every such period on, and to talks after an opening."""
    strike = _ahead(seen.violent, seen.watched, seen.step, FOLLOW_DAYS)[_after_quiet(seen, QUIET_START_DAYS)]
    strike = strike[~np.isnan(strike)]
    start = opening_periods(seen) + 1
    talks = _ahead(seen.talks, seen.talks_watched, seen.step, TALKS_DAYS)[start[start < len(seen.talks)]]
    talks = talks[~np.isnan(talks)]
    out = {}
    waits = (("first strike after quiet", strike, FOLLOW_DAYS), ("talks after a strike", talks, TALKS_DAYS))
    for name, days, most in waits:
        out |= {("waiting", f"{name}: within {limit} days"): _share(days <= limit) for limit in WINDOWS}
        out[("waiting", f"{name}: mean days, at most {most}")] = _mean(days)
    return out


def campaigns(panel: xr.Dataset, seen: Seen) -> Quantities:
    """Campaigns of the case that open in a period looked at: number, days so far, share that ends by truce."""
    mine = (panel["spell_episode"].values == 0) & (panel["spell_onset"].values > 0)
    mine[mine] = seen.watched[panel["spell_onset"].values[mine] - 1]
    days, halted = panel["spell_days"].values[mine], panel["spell_halted"].values[mine]
    return {
        ("campaigns", "number"): float(mine.sum()),
        ("campaigns", "mean days"): _mean(days),
        ("campaigns", "longest, days"): float(days.max()) if len(days) else np.nan,
        ("campaigns", "share that halt by truce"): _share(panel["spell_truce"].values[mine][halted]),
    }


def replies(seen: Seen) -> Quantities:
    """Openings – violence after two quiet weeks – and how the struck side answers within 14 days."""
    periods = 1 + -(-REPLY_DAYS // seen.step)
    at = opening_periods(seen)
    at = at[at + periods <= len(seen.violent)]
    paths = _windows(seen, periods)
    mode, _ = reply_modes(paths, first_events(paths), periods * seen.step)
    answer = mode[0, at]
    out = {("replies", "openings"): float(len(at)), ("replies", "answered within 14 days"): _share(answer > 0)}
    return out | {("replies", f"mode {name}"): _share(answer == k) for k, name in enumerate(REPLY_MODES)}


def settlement(seen: Seen) -> Quantities:
    """Periods with talks, deals and cease-fires."""
    return {
        ("settlement", "periods with talks"): float((seen.talks & seen.talks_watched).sum()),
        ("settlement", "deals"): float((seen.deal & seen.deal_watched).sum()),
        ("settlement", "cease-fires"): float((seen.ceasefire & seen.watched).sum()),
    }


def signals(seen: Seen) -> Quantities:
    """Share of watched periods in which a side's signals in a channel reach each level."""
    out = {}
    for c, channel in enumerate(SIGNAL_CHANNELS):
        for s, side in enumerate(SIDES):
            level = seen.signal[s, seen.signal_watched[:, c], c]
            out |= {("signals", f"{channel}, side {side}, level {k} or more"): _share(level >= k) for k in (1, 2, 3)}
    return out


def run_lengths(on: np.ndarray) -> np.ndarray:
    """Lengths of the runs of true values, in order."""
    change = np.diff(np.r_[False, on, False].astype(np.int8))
    return np.flatnonzero(change == -1) - np.flatnonzero(change == 1)


def opening_periods(seen: Seen) -> np.ndarray:
    """Periods of violence that follow at least `REPLY_DAYS` days without, all watched."""
    return np.flatnonzero(seen.violent & seen.watched & _after_quiet(seen, REPLY_DAYS))


def _after_quiet(seen: Seen, days: int) -> np.ndarray:
    """Whether the periods before, so many days back, were watched and quiet [period]."""
    back = max(round(days / seen.step), 1)
    calm = np.r_[np.zeros(back, bool), ~seen.violent & seen.watched]
    return sliding_window_view(calm, back)[: len(seen.violent)].all(axis=1)


def _ahead(event: np.ndarray, watched: np.ndarray, step: int, most: int) -> np.ndarray:
    """Days from the start of each period to the middle of that of the next event, at most so many [period].

    NaN where the periods that far ahead do not all lie in the panel or were not all watched before the event.
    """
    reach = -(-most // step)
    size = len(event)
    happened = sliding_window_view(np.r_[event, np.zeros(reach, bool)], reach)[:size]
    blind = sliding_window_view(np.r_[~watched, np.ones(reach, bool)], reach)[:size]
    first = np.where(happened.any(axis=1), happened.argmax(axis=1), reach)
    dark = np.where(blind.any(axis=1), blind.argmax(axis=1), reach)
    inside = np.arange(size) + reach <= size  # else soon events would be found more often than late ones
    days = np.minimum((first + 0.5) * step, most)
    return np.where(inside & (dark >= np.minimum(first + 1, reach)), days, np.nan)


def _windows(seen: Seen, periods: int) -> Paths:
    """Each run of so many periods as one path of the ladder's rules [1, window, period]; events on the last day."""

    def cut(values: np.ndarray) -> np.ndarray:
        return sliding_window_view(values, periods, axis=-1)

    a, b = cut(seen.rung)
    first = np.where(np.maximum(a, b) < OVERT_RUNG, 0, np.where(a >= b, 1, 2)).astype(np.int8)
    scope = cut(seen.scope)
    alone = (scope >= CAMPAIGN) & (first == 0)  # a campaign of which no act was told in this period
    return Paths(
        rung=np.stack([a, b], axis=-1)[None],
        scope=scope[None],
        first=np.where(alone, 1, first)[None],
        closure=cut(seen.closure)[None],
        talks=cut(seen.talks)[None],
        deal=cut(seen.deal)[None],
        truce=cut(seen.ceasefire)[None],
        day=np.full((1, *a.shape), seen.step, np.int16),
        period_days=seen.step,
    )


def _share(values: np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else np.nan


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else np.nan
