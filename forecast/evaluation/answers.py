"""What the record answers to a question: yes, no, or void with a reason – by the rule that futures were asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from forecast.evaluation.resolution import Course, Undated, course_of, coverage_of, days_from, recorded_futures
from forecast.outlook.expressible import WATCH, Parties, Told, by_sides, parties_of, why_not
from forecast.outlook.rules import Futures, futures, holds
from forecast.record.acts import Case, case_moves, find_case, with_sides
from forecast.record.asof import as_of as cut
from forecast.record.panel import FULL_DENSITIES
from forecast.record.questions import Question, Window
from forecast.record.rule import EITHER, After, Event, Quiet, Rule, needs, reach, rule_of, walk
from forecast.record.rule_said import in_words
from forecast.record.rule_words import MINOR
from forecast.terms import CHANNELS, LADDER, SIDES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from forecast.record.read import Record

FACTS: Final = ("question_id", "wording", "in_words", "opens", "closes")
_FOREVER: Final = "9999-12-31"
_WAYS: Final[dict[int, tuple[tuple[tuple[int, int], int, bool], ...]]] = {
    2: tuple((pair, 0, False) for rung in (3, 4, 5) for pair in ((rung, 0), (0, rung))),
    3: (((4, 0), 0, False), ((0, 4), 0, False), ((4, 4), 0, False)),
    4: (((6, 0), 4, False), ((0, 6), 4, False)),
    5: (((6, 0), 5, False), ((0, 6), 5, False), ((0, 0), 0, True)),
    6: (((6, 0), 6, False), ((0, 6), 6, False)),
}
"""By place on the ladder: what may have happened on the day that the record does not tell (rungs, scope, closure)."""


class Answer(NamedTuple):
    """`yes`, `no`, or `void` with the reason."""

    answer: str
    reason: str = ""


class Seen(NamedTuple):
    """What a record tells of a case, as far as questions need it.

    Attributes
    ----------
    case
        The case.
    course
        Its days.
    acts
        Its moves with sides (`forecast.record.acts.with_sides`) and their `day` of the course.
    watched
        Which days were watched, by what was (`force`, `talks`, `minor`, a channel) [day].
    parties
        Who stands where.
    """

    case: Case
    course: Course
    acts: pd.DataFrame
    watched: dict[str, np.ndarray]
    parties: Parties


def answer_table(
    record: Record,
    questions: Iterable[Question],
    as_of: dt.date,
    *,
    case: str | None = None,
    known_by: dt.date | None = None,
) -> pd.DataFrame:
    """Return what a record answers to the questions of a forecast.

    An answer is void where the record ends before all days that the rule looks at, where one of these days was not
    watched for what the rule needs, where the condition did not hold, and where an escalation without a day would
    change it. Only the last two depend on what happened.

    Parameters
    ----------
    record
        A record as it stands: of rows that were corrected the latest version counts.
    questions
        From `read_questions`, or `archived_questions`; those about another case are left out.
    as_of
        As-of day of the forecast, from which windows of so many days count.
    case
        Id of the case; the first case of ``record.yaml`` by default.
    known_by
        Last day whose knowledge counts; all that the record holds by default.

    Returns
    -------
    DataFrame
        `FACTS`, answer, reason; one row per question.

    Raises
    ------
    UsageError
        Unknown case.
    """
    seen = seen_in(record, case, known_by=known_by)
    asked = [one for one in questions if one.case in ("", seen.case.episode_id)]
    rows = [(*_facts(one, seen.case, as_of), *answer(one, seen, as_of)) for one in asked]
    return pd.DataFrame(rows, columns=[*FACTS, *Answer._fields])


def expressible_table(
    record: Record, questions: Iterable[Question], as_of: dt.date, *, case: str | None = None, period_days: int = 7
) -> pd.DataFrame:
    """Return which questions the model can express as of a day, and why not; parameters as for `answer_table`.

    Returns
    -------
    DataFrame
        `FACTS`, expressible, reason; one row per question.

    Raises
    ------
    UsageError
        Unknown case.
    """
    seen = cut(record, as_of)
    chosen = find_case(seen, case)
    asked = [one for one in questions if one.case in ("", chosen.episode_id)]
    parties, told = parties_of(seen, chosen, period_days=period_days), days_told(record, case, asked, as_of)
    reasons = [why_not(one, parties, as_of, told) for one in asked]
    rows = [(*_facts(one, chosen, as_of), not reason, reason) for one, reason in zip(asked, reasons, strict=True)]
    return pd.DataFrame(rows, columns=[*FACTS, "expressible", "reason"])


def _facts(question: Question, case: Case, as_of: dt.date) -> tuple[str, str, str, dt.date, dt.date]:
    names = (case.short_a, case.short_b)
    said = in_words(question.rule, names, given=question.given)
    return question.id, question.worded(names, as_of), said, *question.window.dates(as_of)


def archived_questions(table: pd.DataFrame) -> tuple[Question, ...]:
    """Return the questions of an archived forecast from its table `questions`, with fixed days."""
    return tuple(
        Question.model_validate(
            {
                "id": row["question_id"],
                "wording": row["wording"].replace("{", "(").replace("}", ")"),
                "rule": rule_of(row["rule"]),
                "given": rule_of(row["given"]) if row["given"] else None,
                "window": Window(opens=pd.Timestamp(row["opens"]).date(), closes=pd.Timestamp(row["closes"]).date()),
            }
        )
        for row in table.to_dict("records")
    )


def seen_in(record: Record, case: str | None = None, *, known_by: dt.date | None = None) -> Seen:
    """Return what a record tells of a case, for `answer`."""
    known = cut(record, _FOREVER if known_by is None else known_by)
    chosen = find_case(known, case)
    course = course_of(record, case, known_by=known_by)
    acts = with_sides(known, case_moves(known, chosen), chosen.episode_id)
    acts = acts.assign(day=(acts["date"] - course.first).dt.days)
    return Seen(chosen, course, acts, _watched(known, chosen, course), parties_of(known, chosen))


def answer(question: Question, seen: Seen, as_of: dt.date) -> Answer:
    """Return what the record answers to one question; see `answer_table`."""
    rules = [rule for rule in (question.rule, question.given) if rule is not None]
    opens, closes = question.window.dates(as_of)
    at = (pd.Timestamp(opens) - seen.course.first).days
    length = (closes - opens).days + 1
    void = _unknown(seen, set().union(*map(needs, rules)), at, length + max(map(reach, rules)))
    if void:
        return Answer("void", void)
    days = 1 + length + max(map(reach, rules))  # the day before is there for what runs on from it
    open_days = [one for one in seen.course.undated if _touches(one, at, days - 1)]
    if not open_days or "force" not in set().union(*map(needs, rules)):
        return _settled(question, seen, _ahead(seen, at - 1, days), length)
    void = f"{open_days[0].episode} reached {LADDER[open_days[0].place]} on a day that the record does not tell"
    if len(open_days) > 1 or any(map(_hangs_on_length, rules)):
        return Answer("void", void)
    ways = {_settled(question, seen, ahead, length) for ahead in _completed(seen, open_days[0], at - 1, days)}
    return ways.pop() if len(ways) == 1 else Answer("void", void)


def days_told(record: Record, case: str | None, questions: Iterable[Question], as_of: dt.date) -> Told | None:
    """Return the days up to the as-of day that windows of questions hold; None where no window opened before it.

    Parameters
    ----------
    record
        The record; only what was known on the as-of day counts.
    case
        Id of the case.
    questions
        What is asked.
    as_of
        As-of day.
    """
    opened = [opens for opens, closes in (one.window.dates(as_of) for one in questions) if opens <= as_of < closes]
    if not opened:
        return None
    seen = seen_in(record, case, known_by=as_of)
    days = (as_of - min(opened)).days + 2
    at = (pd.Timestamp(as_of) - seen.course.first).days - days + 1
    watched = {name: days_from(values, at, days) for name, values in seen.watched.items()}
    for one in seen.course.undated:
        watched["force"][max(one.first - at, 0) : max(one.last - at + 1, 0)] = False
    return Told(recorded_futures(seen.course, [at], days), watched)


def _watched(record: Record, case: Case, course: Course) -> dict[str, np.ndarray]:
    """Days watched for each channel, and closely enough for talks and for force below the threshold."""
    close = (*FULL_DENSITIES, "narrative")
    found = {channel: _days(coverage_of(record, case, channel), course) for channel in CHANNELS}
    for name, channel, densities in (("talks", "diplomacy", close), (MINOR, "force", FULL_DENSITIES)):
        rows = coverage_of(record, case, channel)
        found[name] = _days(rows[rows["density"].isin(densities)], course)
    return found


def _days(coverage: pd.DataFrame, course: Course) -> np.ndarray:
    watched = np.zeros(len(course.scope), dtype=bool)
    for row in coverage.to_dict("records"):
        stop = course.last if pd.isna(row["end"]) else row["end"]
        watched[max((row["start"] - course.first).days, 0) : max((stop - course.first).days + 1, 0)] = True
    return watched


def _unknown(seen: Seen, needed: set[str], at: int, days: int) -> str:
    """Why the record cannot tell about these days of the course; blank if it can."""
    if at + days > len(seen.course.scope):
        return f"the record covers events up to {seen.course.last.date()}"
    for name in sorted(needed):
        missing = days - int(days_from(seen.watched[name], at, days).sum())
        if missing:
            return f"{WATCH.get(name, name)}: not watched on {missing} of {days} days"
    return ""


def _touches(one: Undated, at: int, days: int) -> bool:
    return one.first < at + days and one.last >= at


def _hangs_on_length(rule: Rule) -> bool:
    """Whether it matters to a rule how long fighting lasted, which an escalation without a day leaves open."""
    return any(
        isinstance(part, After | Quiet) or (isinstance(part, Event) and part.event == "campaign_halts")
        for part in walk(rule)
    )


def _ahead(seen: Seen, at: int, days: int) -> Futures:
    """The recorded days from one on as one future, which the record also tells of single actors and places."""

    def told(event: Event) -> np.ndarray:
        happened = np.zeros(len(seen.course.scope), dtype=bool)
        inside = seen.acts[_rows(seen.acts, event) & (seen.acts["day"] < len(happened))]
        happened[inside["day"].to_numpy()] = True
        return days_from(happened, at, days)[None, None]

    return futures(recorded_futures(seen.course, [at], days), told)


def _rows(acts: pd.DataFrame, event: Event) -> pd.Series:
    """Rows of the record that are the event."""
    low, high = event.rungs
    if event.event == "act":
        found = acts["type"].isin(event.type)
        if event.rung is not None:
            found &= acts["rung"].fillna(0).between(low, high)
    else:
        found = acts["direct_rung"].between(low, high)
    if EITHER not in event.by:
        found &= acts["actor"].isin(event.by) | acts["side"].isin(set(event.by) & set(SIDES))
    if event.at:
        found &= acts["target"].isin(event.at)
    if event.level is not None:
        found &= acts["level"] >= event.level
    if event.theatre:
        found &= acts["theatre"].str.casefold() == event.theatre.casefold()
    if event.struck:
        found &= acts["targets_struck"].map(lambda cell: bool(set(str(cell).split(";")) & set(event.struck)))
    return found


def _settled(question: Question, seen: Seen, ahead: Futures, length: int) -> Answer:
    """The answer of one course of days, the window beginning on the second."""
    first, last = 2, length + 1

    def came(rule: Rule) -> bool:
        return bool(holds(by_sides(rule, seen.parties), ahead, first, last)[0, 0])

    if question.given is not None and not came(question.given):
        return Answer("void", "its condition did not hold")
    return Answer("yes" if came(question.rule) else "no")


def _completed(seen: Seen, one: Undated, at: int, days: int) -> Sequence[Futures]:
    """The recorded days completed by the escalation, in every way and on every day on which it may have come."""
    found = []
    for day in range(max(one.first, 0), min(one.last + 1, len(seen.course.scope))):
        for rungs, scope, closure in _WAYS[one.place]:
            course = seen.course._replace(
                **{name: getattr(seen.course, name).copy() for name in ("rung", "scope", "opener", "closure")}
            )
            course.rung[day] = np.maximum(course.rung[day], rungs)
            course.scope[day] = max(course.scope[day], scope)
            course.closure[day] |= closure
            if any(rungs) and not course.opener[day]:
                course.opener[day] = 1 + int(rungs[0] == 0)
            found.append(_ahead(seen._replace(course=course), at, days))
    return found
