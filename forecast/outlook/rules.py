"""What a rule says of futures, simulated or recorded: on which of them it holds, and on which day it comes true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from forecast.outlook.ladder import (
    NEVER,
    SCOPE_RUNG,
    Events,
    Paths,
    acts,
    event_days,
    first_events,
    reply_mode,
    rung_by_period,
    severity,
)
from forecast.record.rule import (
    EITHER,
    After,
    All,
    Any_,
    Event,
    Ladder,
    Not,
    Quiet,
    Reply,
    Rule,
    Runaway,
    dated,
    rule_json,
)
from forecast.terms import CAMPAIGN_RUNG, LADDER, OVERT_RUNG, REPLY_MODES, SIDES

if TYPE_CHECKING:
    from collections.abc import Callable


class Futures(NamedTuple):
    """Futures, the day of each of their periods, and what was read from them so far.

    Attributes
    ----------
    paths
        Arrays [draw, path, period].
    when
        Day of each period's events from the as-of day; 1 is the day after [draw, path, period].
    told
        Days of an event that only a record tells (a named actor, a place) [draw, path, period]; None where futures are
        simulated.
    memo
        First days and first events, by what they are of.
    """

    paths: Paths
    when: np.ndarray
    told: Callable[[Event], np.ndarray] | None
    memo: dict[Any, Any]


def futures(paths: Paths, told: Callable[[Event], np.ndarray] | None = None) -> Futures:
    """Return futures ready to be asked."""
    return Futures(paths, event_days(paths), told, {})


def holds(rule: Rule, ahead: Futures, first: int, last: int) -> np.ndarray:
    """Whether a rule holds on each future.

    Parameters
    ----------
    rule
        What is asked; its actors are sides, or days of them are told (see `Futures`).
    ahead
        Futures that reach to `last`, and `forecast.record.rule.reach` days beyond.
    first, last
        The window, in days from the as-of day; both count.

    Returns
    -------
    ndarray
        [draw, path].
    """
    if dated(rule):
        return day_of(rule, ahead, first, last) < NEVER
    match rule:
        case All():
            return np.logical_and.reduce([holds(part, ahead, first, last) for part in rule.of])
        case Any_():
            return np.logical_or.reduce([holds(part, ahead, first, last) for part in rule.of])
        case Not():
            return ~holds(rule.of, ahead, first, last)
        case After():
            return (day_of(rule.after, ahead, first, last) < NEVER) & (_following(rule, ahead, first, last) == NEVER)
        case _:
            return _of_course(rule, ahead, first, last)


def day_of(rule: Rule, ahead: Futures, first: int, last: int) -> np.ndarray:
    """Day on which a dated rule comes true, `NEVER` where it does not [draw, path]; parameters as in `holds`."""
    match rule:
        case All():
            return np.maximum.reduce([day_of(part, ahead, first, last) for part in rule.of])
        case Any_():
            return np.minimum.reduce([day_of(part, ahead, first, last) for part in rule.of])
        case After():
            return _following(rule, ahead, first, last)
        case Event():
            day = _first_strike(rule, ahead, first) if rule.event == "first_strike" else _first(rule, ahead, first)
            return np.where(day <= last, day, NEVER)
        case _:
            raise TypeError(f"{type(rule).__name__} falls on no day")


def simulated(event: Event) -> bool:
    """Whether futures of two sides tell an event; where not, only a record can."""
    narrowed = event.at or event.struck or event.theatre or event.level
    return event.event != "act" and event.by[0] in (*SIDES, EITHER) and len(event.by) == 1 and not narrowed


def happens(event: Event, ahead: Futures) -> np.ndarray:
    """Periods in which an event happens [draw, path, period]."""
    if not simulated(event):
        if ahead.told is None:
            raise TypeError(f"{rule_json(event)} is no event of simulated futures")
        days = ahead.told(event)
        return days & (ahead.paths.scope == 0) if event.event == "leadership_strike" else days
    paths = ahead.paths
    match event.event:
        case "strike":
            return _strikes(event, paths)
        case "leadership_strike":
            return _strikes(event, paths) & (paths.scope == 0)
        case "regional":
            return (paths.scope >= 5) | paths.closure
        case "campaign_opens":
            return (paths.scope >= 4) & (_before(paths.scope) < 4)
        case "campaign_halts":
            return (paths.scope < 4) & (_before(paths.scope) >= 4)
    if event.event in _SCOPES:
        return paths.scope >= _SCOPES[event.event]
    return getattr(paths, {"ceasefire": "truce"}.get(event.event, event.event))


_SCOPES = {"campaign": 4, "several_theatres": 5, "full_war": 6}


def _before(scope: np.ndarray) -> np.ndarray:
    """Scope of the period before; nothing is known before the first, so nothing opens or halts in it."""
    return np.concatenate([scope[:, :, :1], scope[:, :, :-1]], axis=2)


def _strikes(event: Event, paths: Paths) -> np.ndarray:
    """Periods whose highest act of a side (or the scope of the campaign, for either) lies in the rungs of the event."""
    low, high = event.rungs
    reached = SCOPE_RUNG[paths.scope]
    own = np.where(paths.rung >= CAMPAIGN_RUNG, np.maximum(paths.rung, reached[..., None]), paths.rung)
    struck = (own >= low) & (own <= high)
    if event.by == (EITHER,):
        return struck.any(axis=3) | ((paths.scope >= 4) & (reached >= low) & (reached <= high))
    return struck[..., SIDES.index(event.by[0])]


def _first(event: Event, ahead: Futures, first: int) -> np.ndarray:
    key = (rule_json(event), first)
    if key not in ahead.memo:
        inside = happens(event, ahead) & (ahead.when >= first)
        ahead.memo[key] = np.where(inside, ahead.when, NEVER).min(axis=2)
    return ahead.memo[key]


def _events(ahead: Futures, first: int) -> Events:
    """First events from a day on, by the rules of the ladder."""
    if first not in ahead.memo:
        early = ahead.when < first
        kept = {name: np.where(early[..., None] if values.ndim == 4 else early, 0, values).astype(values.dtype)
                for name, values in acts(ahead.paths).items()}  # fmt: skip
        ahead.memo[first] = first_events(ahead.paths._replace(**kept) if early.any() else ahead.paths)
    return ahead.memo[first]


def _first_strike(event: Event, ahead: Futures, first: int) -> np.ndarray:
    events, (low, high) = _events(ahead, first), event.rungs
    of = (events.first_rung >= low) & (events.first_rung <= high)
    if event.by != (EITHER,):
        of &= events.opener == 1 + SIDES.index(event.by[0])
    return np.where(of, events.strike, NEVER)


def _following(rule: After, ahead: Futures, first: int, last: int) -> np.ndarray:
    """Day of the first event that follows on a later day in time, `NEVER` where none does [draw, path]."""
    begin = day_of(rule.after, ahead, first, last)
    came = np.logical_or.reduce([happens(event, ahead) for event in rule.follows if isinstance(event, Event)])
    day = np.where(came & (ahead.when > begin[..., None]), ahead.when, NEVER).min(axis=2)
    limit = np.where(begin < NEVER, begin, 0) + rule.within if rule.within else np.full_like(begin, last)
    return np.where(day <= limit, day, NEVER)


def _of_course(rule: Rule, ahead: Futures, first: int, last: int) -> np.ndarray:
    """Rules on the course of a window as a whole."""
    events = _events(ahead, first)
    match rule:
        case Reply():
            asked = (events.strike <= last) & (
                (rule.to == EITHER) | (events.opener == 1 + (*SIDES, EITHER).index(rule.to))
            )
            return asked & np.isin(
                reply_mode(ahead.paths, events, rule.within), [REPLY_MODES.index(m) for m in rule.reply]
            )
        case Ladder():
            place = severity(events, last)
            return (place >= LADDER.index(rule.ladder.min)) & (place <= LADDER.index(rule.ladder.max))
        case Runaway():
            after = (ahead.when >= events.strike[..., None]) & (ahead.when <= last)
            top = np.where(after, rung_by_period(ahead.paths), 0).max(axis=2)
            return (events.strike <= last) & (top >= events.first_rung + rule.runaway)
        case Quiet():
            return _longest_quiet(ahead, first, last) >= rule.quiet
        case _:
            raise TypeError(f"{type(rule).__name__} is no form of a rule")


def _longest_quiet(ahead: Futures, first: int, last: int) -> np.ndarray:
    """Longest run of days of the window without an overt strike or a campaign [draw, path]."""
    force = (ahead.paths.rung >= OVERT_RUNG).any(axis=3) | (ahead.paths.scope >= 4)
    struck = np.where(force & (ahead.when >= first) & (ahead.when <= last), ahead.when, first - 1)
    struck = np.maximum.accumulate(struck, axis=2)
    gaps = np.diff(struck, axis=2, prepend=first - 1) - 1
    return np.maximum(gaps.max(axis=2), last - struck[..., -1])
