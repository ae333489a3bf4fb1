"""Read futures, simulated or recorded: the rung of the ladder each ends on, and events with the day they fall on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forecast.terms import CAMPAIGN_RUNG, DIRECT_RUNG, OVERT_RUNG

NEVER = np.int32(2**30)
SCOPE_RUNG = np.array([0, 0, 0, 0, 6, 7, 8], dtype=np.int8)


class Paths(NamedTuple):
    """Futures; arrays [draw, path, period], for force [draw, path, period, side]."""

    rung: np.ndarray  # int8, highest rung of each side outside the scope of a campaign: 0, 1, 3, 4, 5, 6
    scope: np.ndarray  # int8, 0 no campaign, 4 campaign, 5 several theatres, 6 full war
    first: np.ndarray  # int8, who struck first in the period: 0 nobody, 1 side a, 2 side b
    closure: np.ndarray
    talks: np.ndarray
    deal: np.ndarray
    truce: np.ndarray
    day: np.ndarray  # int16, day within the period on which its events fall, 1 to period length
    period_days: int
    crisis: np.ndarray | None = None  # int8, 0 none open, 1 open, 2 over at the period's end; None of recorded days


def acts(paths: Paths) -> dict[str, np.ndarray]:
    """What happens on paths, by name; neither when nor the state of crisis."""
    return {n: values for n, values in paths._asdict().items() if n not in ("day", "period_days", "crisis")}


class Events(NamedTuple):
    """When things happen first on each path, in days from the as-of date (`NEVER` if not); arrays [draw, path].

    `first_rung` is the rung of the first overt strike, `opener` 1 or 2 for side a or b, 0 where nobody strikes.
    """

    strike: np.ndarray
    strike_a: np.ndarray
    strike_b: np.ndarray
    leadership: np.ndarray
    campaign: np.ndarray
    regional: np.ndarray
    full: np.ndarray
    closure: np.ndarray
    direct_reply: np.ndarray
    talks: np.ndarray
    talks_after_force: np.ndarray
    deal: np.ndarray
    truce: np.ndarray
    first_rung: np.ndarray
    opener: np.ndarray


def event_days(paths: Paths) -> np.ndarray:
    """Day from the as-of date on which each period's events fall [draw, path, period]; 1 is the day after."""
    periods = np.arange(paths.day.shape[2], dtype=np.int32) * paths.period_days
    return periods + paths.day


def first_events(paths: Paths) -> Events:
    """First occurrence of every event that the ladder and the questions use."""
    days = event_days(paths)
    overt = paths.rung >= OVERT_RUNG
    struck = overt.any(axis=3) | (paths.scope >= 4)
    strike = _first(struck, days)
    has = strike < NEVER
    at = np.argmax(struck, axis=2)[..., None]
    opener = np.where(has, np.take_along_axis(paths.first, at, axis=2)[..., 0], 0).astype(np.int8)
    fought = SCOPE_RUNG[paths.scope]
    first_rung = np.where(has, np.take_along_axis(fought, at, axis=2)[..., 0], 0)
    own = np.take_along_axis(paths.rung, at[..., None], axis=2)[:, :, 0, :]
    single = np.where(opener == 1, own[..., 0], own[..., 1])
    first_rung = np.where(first_rung >= CAMPAIGN_RUNG, first_rung, single) * has
    responder = np.where(opener[..., None] == 1, paths.rung[..., 1], paths.rung[..., 0])
    later = np.arange(days.shape[2]) >= at
    reply = (responder >= DIRECT_RUNG) & later & has[..., None]
    return Events(
        strike=strike,
        strike_a=_first(overt[..., 0], days),
        strike_b=_first(overt[..., 1], days),
        leadership=_first((paths.rung == DIRECT_RUNG + 1).any(axis=3), days),
        campaign=_first(paths.scope >= 4, days),
        regional=_first((paths.scope >= 5) | paths.closure, days),
        full=_first(paths.scope >= 6, days),
        closure=_first(paths.closure, days),
        direct_reply=_first(reply, days),
        talks=_first(paths.talks, days),
        talks_after_force=_first(paths.talks & (np.arange(days.shape[2]) > at) & has[..., None], days),
        deal=_first(paths.deal, days),
        truce=_first(paths.truce, days),
        first_rung=first_rung.astype(np.int8),
        opener=opener,
    )


def rung_by_period(paths: Paths) -> np.ndarray:
    """Highest rung of either side in each period, scope of a campaign and closures included [draw, path, period]."""
    acts = paths.rung.max(axis=3)
    return np.maximum(np.maximum(acts, SCOPE_RUNG[paths.scope]), np.where(paths.closure, 7, 0).astype(np.int8))


def severity(events: Events, horizon_days: int) -> np.ndarray:
    """Rung of the ladder, 0 to 6, on which each path stands at the horizon [draw, path].

    Never falls as the horizon grows, except that a standoff may turn into a settlement.
    """
    h = horizon_days
    rung = np.where(events.deal <= h, 0, 1).astype(np.int8)
    rung = np.where(events.strike <= h, 2, rung)
    rung = np.where((events.strike <= h) & (events.direct_reply <= h), 3, rung)
    rung = np.where(events.campaign <= h, 4, rung)
    rung = np.where(events.regional <= h, 5, rung)
    return np.where(events.full <= h, 6, rung)


def reply_mode(paths: Paths, events: Events, days: int) -> np.ndarray:
    """Position in `REPLY_MODES` of how the struck side answers the first strike within so many days [draw, path].

    Its highest act outside or inside a campaign counts: none 0; proxy (rung 1-2); symbolic (3); bounded (4-6); widening
    (an answer above rung 1 while there are several theatres, full war or an act of closing). None without a strike.
    """
    when, struck = event_days(paths), events.strike < NEVER
    begin = np.where(struck, events.strike, 0)[..., None]
    near = (when >= begin) & (when <= begin + days) & struck[..., None]
    side = np.where(events.opener[..., None] == 1, paths.rung[..., 1], paths.rung[..., 0])
    answer = np.where(near, side, 0).max(axis=2)
    wide = (near & ((paths.scope >= 5) | paths.closure)).any(axis=2) & (answer > 1)
    return np.select([wide, answer >= DIRECT_RUNG, answer == OVERT_RUNG, answer >= 1], [4, 3, 2, 1], 0)


def _first(happened: np.ndarray, days: np.ndarray) -> np.ndarray:
    return np.where(happened, days, NEVER).min(axis=2)
