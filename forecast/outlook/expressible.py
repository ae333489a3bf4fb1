"""What the model can be asked: a question's actors as whole sides, and the reason where no probability can be given."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

from forecast.outlook.rules import simulated
from forecast.record.acts import Case, find_case
from forecast.record.rule import EITHER, After, All, Any_, Event, Not, Quiet, Rule, needs, reach, walk
from forecast.record.rule_words import EVENTS, MINOR
from forecast.terms import SIDES, TYPES_BY_CHANNEL

if TYPE_CHECKING:
    import numpy as np

    from forecast.outlook.ladder import Paths
    from forecast.record.questions import Question
    from forecast.record.read import Record

LONGEST_DAYS: Final = 365
"""Furthest day from the as-of day that is simulated for a question."""
WATCH: Final = {"force": "force", "talks": "talks and deals", MINOR: "force below the threshold"}
_MODEL_WORDS: Final = {
    "leadership_strike": "leadership_strike", "sustained_campaign": "campaign", "regional_widening": "several_theatres",
    "chokepoint_closure": "closure", "ground_operation": "full_war", "talks": "talks", "deal": "deal",
    "ceasefire": "ceasefire", "limited_strike": "strike", "symbolic_strike": "strike", "proxy_attack": "reply",
}  # fmt: skip


class Parties(NamedTuple):
    """Who stands where in a case, as far as questions need it.

    Attributes
    ----------
    force
        Leads and members of side a and of side b: their force is the side's.
    targets
        The same with partners: force at them is force at the side.
    chokepoint
        Whether a side sits on a chokepoint that it could close.
    period_days
        Length of the periods that are simulated.
    """

    force: tuple[frozenset[str], frozenset[str]]
    targets: tuple[frozenset[str], frozenset[str]]
    chokepoint: bool
    period_days: int


class Told(NamedTuple):
    """The days before the as-of day that a window holds, as the record tells them.

    Attributes
    ----------
    paths
        One future of daily periods, the last of which is the as-of day [1, 1, day].
    watched
        Which of these days were watched, by what was (`force`, `talks`, `minor`, a channel) [day].
    """

    paths: Paths
    watched: dict[str, np.ndarray]


def parties_of(record: Record, case: Case | str | None = None, *, period_days: int = 7) -> Parties:
    """Return who stands where in a case, by a record as it stood on a day.

    Raises
    ------
    UsageError
        Unknown case.
    """
    chosen = case if isinstance(case, Case) else find_case(record, case)
    sides = record.sides[record.sides["episode_id"] == chosen.episode_id]
    episode = record.episodes[record.episodes["episode_id"] == chosen.episode_id].iloc[-1]

    def standing(*roles: str) -> tuple[frozenset[str], frozenset[str]]:
        a, b = (frozenset(sides.loc[(sides["side"] == s) & sides["role"].isin(roles), "actor"]) for s in SIDES)
        return a, b

    closable = bool(pd.notna(episode["chokepoint"]) and episode["chokepoint"])
    return Parties(standing("lead", "member"), standing("lead", "member", "partner"), closable, period_days)


def by_sides(rule: Rule, parties: Parties) -> Rule:
    """Return a rule with lists of actors that make up whole sides written as those sides."""
    match rule:
        case Event():
            return _by_side(rule, parties)
        case All() | Any_():
            return rule.model_copy(update={"of": tuple(by_sides(part, parties) for part in rule.of)})
        case Not():
            return rule.model_copy(update={"of": by_sides(rule.of, parties)})
        case After():
            named = {key: getattr(rule, key) for key in ("after", "then", "without")}
            changed = {key: by_sides(part, parties) for key, part in named.items() if part is not None}
            return rule.model_copy(update=changed)
        case _:
            return rule


def why_not(question: Question, parties: Parties, as_of: dt.date, told: Told | None = None) -> str:
    """Return why the model can give no probability for a question; blank if it can."""
    opens, closes = question.window.dates(as_of)
    rules = [by_sides(rule, parties) for rule in (question.rule, question.given) if rule is not None]
    for part in (part for rule in rules for part in walk(rule)):
        reason = _not_simulated(part, parties)
        if reason:
            return reason
    last = (closes - as_of).days + max(map(reach, rules))
    if closes <= as_of:
        return f"the window closed on {closes}; what happened in it is for the record to tell"
    if last > LONGEST_DAYS:
        return f"it looks {last} days past the as-of day; at most {LONGEST_DAYS} are simulated"
    if opens > as_of:
        return ""
    return _not_told(set().union(*map(needs, rules)), (as_of - opens).days + 1, told)


def _by_side(event: Event, parties: Parties) -> Event:
    """An event whose actors are sides, where those named make one up."""
    who, (a, b) = frozenset(event.by), parties.force
    wholes = {frozenset({EITHER}): EITHER, frozenset(SIDES): EITHER, a | b: EITHER, a: SIDES[0], b: SIDES[1]}
    side = EITHER if EITHER in who else wholes.get(who, event.by[0] if len(who) == 1 else "")
    if not side:
        return event
    hit = {SIDES[0]: parties.targets[1], SIDES[1]: parties.targets[0], EITHER: frozenset.union(*parties.targets)}
    whole = event.event != "act" and event.at is not None and hit.get(side) == frozenset(event.at)
    return event.model_copy(update={"by": (side,), "at": None if whole else event.at})


def _not_simulated(part: Rule, parties: Parties) -> str:
    """Why simulated futures cannot tell a part of a rule; blank if they can."""
    if isinstance(part, Quiet) and part.quiet < 2 * parties.period_days:
        return (
            f"quiet days are counted from {2 * parties.period_days} on: what happens inside a period of "
            f"{parties.period_days} days is simulated as one day"
        )
    if not isinstance(part, Event):
        return ""
    if part.event == "closure" and not parties.chokepoint:
        return "the case has no chokepoint (column chokepoint of episodes.csv), so its closure is not simulated"
    if simulated(part):
        return ""
    return _act(part) if part.event == "act" else _narrowed(part, parties)


def _act(event: Event) -> str:
    kinds = ", ".join(event.type)
    if not set(event.type) <= {*TYPES_BY_CHANNEL["force"], "talks", "deal", "ceasefire"}:
        return f"signals are not simulated ahead: {kinds}"
    nearest = [f"`{_MODEL_WORDS[kind]}`" for kind in event.type if kind in _MODEL_WORDS]
    hint = f"; nearest to it: {' or '.join(dict.fromkeys(nearest))}" if nearest else ""
    return f"acts of type {kinds} are not simulated one by one{hint}"


def _narrowed(event: Event, parties: Parties) -> str:
    said = EVENTS[event.event].said
    if event.theatre:
        return f"the model has no places: {said} in {event.theatre}"
    if event.struck:
        return f"what is struck is not simulated: {said} on {', '.join(event.struck)}"
    named = [who for who in event.by if who not in (*SIDES, EITHER)]
    if named:
        whole = " and ".join(f"{', '.join(sorted(force))} (side {name})"
                             for name, force in zip(SIDES, parties.force, strict=True))  # fmt: skip
        return f"the model moves two sides, not single actors: {', '.join(named)} apart from the rest of {whole}"
    return f"whom inside a side a strike hits is not simulated: {', '.join(event.at or ())}"


def _not_told(needed: set[str], days: int, told: Told | None) -> str:
    """Why the part of the window up to the as-of day cannot be read off the record; blank if it can."""
    if told is None:
        return f"{days} days of the window lie before the end of the as-of day, and their record is not given"
    for name in sorted(needed):
        watched = told.watched[name][-days:]
        missing = days - int(watched.sum())
        if missing:
            what = WATCH.get(name, name)
            return f"{what}: not watched on {missing} of the {days} days of the window up to the as-of day"
    return ""
