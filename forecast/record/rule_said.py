"""A rule in words: one sentence, made from the same table that checks it."""

from __future__ import annotations

from collections.abc import Iterable

from forecast.record.rule import EITHER, After, All, Any_, Event, Ladder, Not, Quiet, Reply, Rule, Runaway
from forecast.record.rule_words import EVENTS
from forecast.terms import LADDER, LADDER_NAMES, SIDES


def in_words(rule: Rule, names: tuple[str, str], *, given: Rule | None = None) -> str:
    """Return the rule, and its condition, as one sentence.

    Parameters
    ----------
    rule : Rule
        What makes the answer yes.
    names : tuple of str
        Short names of side a and of side b.
    given : Rule, optional
        The condition of the question.
    """
    condition = "" if given is None else f"; given {_said(given, names)}"
    text = _said(rule, names) + condition
    return text[0].upper() + text[1:]


def _said(rule: Rule, names: tuple[str, str]) -> str:
    match rule:
        case Event():
            return _event(rule, names)
        case All():
            return " and ".join(_inside(part, names) for part in rule.of)
        case Any_():
            return " or ".join(_inside(part, names) for part in rule.of)
        case Not():
            return f"not: {_inside(rule.of, names)}"
        case After():
            return _after(rule, names)
        case _:
            return _course(rule, names)


def _inside(rule: Rule, names: tuple[str, str]) -> str:
    text = _said(rule, names)
    return f"({text})" if isinstance(rule, All | Any_ | After) else text


def _after(rule: After, names: tuple[str, str]) -> str:
    limit = f" within {_days(rule.within)}" if rule.within else ""
    events = " or ".join(_said(event, names) for event in rule.follows)
    verb = "followed" if rule.without is None else "not followed"
    return f"{_inside(rule.after, names)}, {verb}{limit} by {events}"


def _course(rule: Rule, names: tuple[str, str]) -> str:
    match rule:
        case Reply():
            by = "" if rule.to == EITHER else f" by {_who(rule.to, names)}"
            return f"a first strike{by} whose reply within {_days(rule.within)} is {_list(rule.reply)}"
        case Ladder():
            return _places(rule)
        case Runaway():
            return f"a climb of {rule.runaway} or more rungs above the first strike"
        case Quiet():
            return f"{_days(rule.quiet)} on end without an overt strike or a campaign"
        case _:
            raise TypeError(f"{type(rule).__name__} is no form of a rule")


def _event(event: Event, names: tuple[str, str]) -> str:
    words = EVENTS[event.event].said
    if event.type:
        words += f" of type {_list(event.type)}"
    if event.rung is not None:
        low, high = event.rungs
        words += f" of rung {low}" + ("" if low == high else " or above" if high == 8 else f" to {high}")
    if event.level is not None:
        words += f" of level {event.level} or above"
    if event.by != (EITHER,):
        words += f" by {_list(_who(who, names) for who in event.by)}"
    if event.at:
        words += f" at {_list(event.at)}"
    if event.struck:
        words += f" on {_list(event.struck)}"
    return words + (f" in {event.theatre}" if event.theatre else "")


def _places(rule: Ladder) -> str:
    low, high = rule.ladder.min, rule.ladder.max
    named = {code: f"{code} ({LADDER_NAMES[code].replace('_', ' ')})" for code in LADDER}
    if low == high:
        return f"outcome {named[low]}"
    return f"outcome {named[low]}" + (" or worse" if high == LADDER[-1] else f" to {named[high]}")


def _who(who: str, names: tuple[str, str]) -> str:
    return names[SIDES.index(who)] if who in SIDES else "either side" if who == EITHER else who


def _list(words: Iterable[str]) -> str:
    *most, last = [word.replace("_", " ") for word in words]
    return f"{', '.join(most)} or {last}" if most else last


def _days(count: int) -> str:
    return f"{count} day" + ("" if count == 1 else "s")
