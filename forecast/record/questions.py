"""`questions.yaml`: what a forecast is asked, each question with a rule that a later record resolves."""

from __future__ import annotations

import datetime as dt
import re
import string
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from forecast.record.problem import Problem, nearest
from forecast.record.rule import EITHER, MODELS, TAG, Event, Rule, Strict, fault, walk
from forecast.record.rule_words import FORMS, QUESTION_KEYS
from forecast.record.standing import STANDING
from forecast.record.yamlfile import read_yaml
from forecast.terms import HORIZONS, SIDES

QUESTIONS_FILE: Final = "questions.yaml"
PLACEHOLDERS: Final = ("a", "b", "opens", "closes", "days")
Actors = Mapping[str, Collection[str]]
Fault = tuple[str, str, str, str]
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]*")


def _window(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, int) and not isinstance(value, bool):
        return {"days": (value,)}
    return {"days": value} if isinstance(value, list | tuple) else value


class Window(Strict):
    """So many days after the as-of day (`days`), or fixed days from `opens` to `closes`, both included."""

    days: tuple[Annotated[int, Field(ge=1)], ...] = ()
    opens: dt.date | None = None
    closes: dt.date | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if bool(self.days) == (self.closes is not None) or (self.opens and not self.closes):
            raise fault("is no window", "give a number of days, or the day on which it closes (and, if need be, opens)")
        if len(set(self.days)) < len(self.days):
            raise fault("names a length twice", "keep it once", str(list(self.days)))
        if self.opens and self.closes and self.opens > self.closes:
            raise fault("closes before it opens", "correct one of the two", f"{self.opens} to {self.closes}")
        return self

    def dates(self, as_of: dt.date) -> tuple[dt.date, dt.date]:
        """First and last day, seen from an as-of day."""
        opens = self.opens or as_of + dt.timedelta(days=1)
        return opens, self.closes or as_of + dt.timedelta(days=self.days[0])


class Question(Strict):
    """A question: its rule, its window, and the condition under which it is asked; see `rule_words.QUESTION_KEYS`."""

    id: str
    wording: str = Field(min_length=1)
    case: str = ""
    rule: Rule
    given: Rule | None = None
    window: Annotated[Window, BeforeValidator(_window)]

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not _ID.fullmatch(self.id):
            raise fault("is no valid id", "use small letters, digits and -", self.id)
        try:
            fields = [name for _, name, _, _ in string.Formatter().parse(self.wording) if name is not None]
        except ValueError:
            fields = ["{"]
        for name in fields:
            if name not in PLACEHOLDERS:
                raise fault("is no placeholder of wording", nearest(name, PLACEHOLDERS), f"{{{name}}}")
        return self

    def worded(self, names: tuple[str, str], as_of: dt.date) -> str:
        """Wording with the names of the sides and the days of the window filled in."""
        opens, closes = self.window.dates(as_of)
        days = (closes - opens).days + 1
        return self.wording.format(a=names[0], b=names[1], opens=opens, closes=closes, days=days)


class _File(Strict):
    questions: tuple[Question, ...]


def standing_questions(horizons: Iterable[int] = HORIZONS) -> tuple[Question, ...]:
    """Return the questions that every forecast is asked, one for each horizon in days."""
    return tuple(
        Question.model_validate(
            {"id": f"{name}-{days}d", "wording": f"By {{closes}}: {wording}?", "rule": rule, "window": days}
        )
        for days in horizons
        for name, (wording, rule) in STANDING.items()
    )


def inspect_questions(file: Path, actors: Actors | None = None) -> tuple[tuple[Question, ...], list[Problem]]:
    """Read and check a file of questions, never raising on its contents.

    Parameters
    ----------
    file : Path
        The file.
    actors : mapping, optional
        Who stands in each case and past crisis of the record; without it, cases and actors are not checked.

    Returns
    -------
    questions : tuple of Question
        In the order of the file; a window that lists several lengths makes one question of each.
    problems : list of Problem
        Every finding.
    """
    content, lines, problems = read_yaml(file, "name a file of questions; `forecast init` writes one to start from")
    if problems:
        return (), problems
    try:
        found = _File.model_validate(content)
    except ValidationError as error:
        return (), [_finding(item, content, lines, file.name) for item in error.errors()]
    problems = list(_misnamed(found.questions, actors, lines, file.name))
    return () if problems else tuple(one for question in found.questions for one in _windows(question)), problems


def _windows(question: Question) -> list[Question]:
    """One question for each length of the window."""
    if len(question.window.days) < 2:
        return [question]
    return [
        question.model_copy(update={"id": f"{question.id}-{days}d", "window": Window(days=(days,))})
        for days in question.window.days
    ]


def _misnamed(
    questions: Sequence[Question], actors: Actors | None, lines: Mapping[str, int], file: str
) -> Iterator[Problem]:
    """Yield ids that stand twice or are taken, and cases and actors that the record does not have."""
    seen: set[str] = set()
    for number, question in enumerate(questions):
        ids = {one.id for one in _windows(question)} | {question.id}
        for key, value, rule, advice in (*_taken(question, ids, seen), *_unknown(question, actors)):
            line = lines.get(f"questions.{number}.{key}", 1)
            yield Problem(file, line, f"questions.{question.id}.{key}", value, rule, advice)
        seen |= ids


def _taken(question: Question, ids: set[str], seen: set[str]) -> Iterator[Fault]:
    if ids & seen:
        yield "id", question.id, "stands twice, or is the id of another question's window", "name it otherwise"
    if any(re.fullmatch(rf"{re.escape(name)}(-\d+d)?", one) for one in ids for name in STANDING):
        yield "id", question.id, "is the id of a question that every forecast is asked", "name it otherwise"


def _unknown(question: Question, actors: Actors | None) -> Iterator[Fault]:
    if actors is None:
        return
    if question.case and question.case not in actors:
        yield "case", question.case, "is no case or crisis of the record", nearest(question.case, actors)
        return
    known = set().union(*([actors[question.case]] if question.case else actors.values()))
    for key, rule in (("rule", question.rule), ("given", question.given)):
        for who in named_actors(rule):
            if who not in known:
                yield key, who, "is no actor of the case (sides.csv), and no side", nearest(who, (*SIDES, *known))


def named_actors(rule: Rule | None) -> list[str]:
    """Actors, other than whole sides, whom a rule names."""
    events = [part for part in walk(rule) if isinstance(part, Event)] if rule is not None else []
    named = [who for event in events for who in (*event.by, *(event.at or ()))]
    return [who for who in dict.fromkeys(named) if who not in (*SIDES, EITHER)]


def _finding(item: Any, content: Any, lines: Mapping[str, int], file: str) -> Problem:  # noqa: ANN401
    """What pydantic found, at its line, with the id of the question in place of its number."""
    tags = [part for part in item["loc"] if isinstance(part, str) and part.startswith(TAG)]
    location = [str(part) for part in item["loc"] if part not in tags]
    at = len(location)
    while at and ".".join(location[:at]) not in lines:
        at -= 1
    line = lines.get(".".join(location[:at]), 1)
    if location and location[-1].isdigit() and at < len(location):
        location = location[:-1]
    shown = list(location)
    if len(shown) > 1 and shown[0] == "questions":
        entry = content["questions"][int(shown[1])]
        shown[1] = str(entry["id"]) if isinstance(entry, dict) and entry.get("id") else f"number {int(shown[1]) + 1}"
    where, value = ".".join(shown), item["input"]
    context = item.get("ctx", {})
    match item["type"]:
        case "word":
            return Problem(file, line, where, str(value), item["msg"], nearest(str(value), context["words"]))
        case "fault":
            return Problem(file, line, where, context["found"], context["text"], context["advice"])
        case "missing":
            return Problem(file, line, where, "", "is missing", "add the key")
        case "extra_forbidden":
            return Problem(file, line, where, "", "is no known key", nearest(location[-1], _keys(tags, location)))
        case "union_tag_not_found":
            return Problem(file, line, where, str(value), *_headless(value))
    return Problem(file, line, where, str(value), f"is not valid: {item['msg']}", "correct the value")


def _headless(value: Any) -> tuple[str, str]:  # noqa: ANN401
    """What is wrong with a rule that has no form, or more than one."""
    heads = [head for head in FORMS if isinstance(value, dict) and head in value]
    if len(heads) > 1:
        return f"has the forms {' and '.join(heads)} at once", "join two rules by all or any"
    named = next(iter(value), "") if isinstance(value, dict) else str(value)
    return "is no rule", f"begin it with a form: {nearest(str(named), FORMS)}"


def _keys(tags: Sequence[str], location: Sequence[str]) -> list[str]:
    """Keys that may stand where an unknown one was found."""
    if "window" in location:
        return ["opens", "closes"]
    if tags:
        return [field.alias or name for name, field in MODELS[tags[-1]].model_fields.items()]
    return list(QUESTION_KEYS) if len(location) > 1 else ["questions"]
