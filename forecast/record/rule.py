"""The rule of a question: what has to happen for the answer yes, as plain records that are checked and kept as JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    model_validator,
)
from pydantic_core import PydanticCustomError

from forecast.record.rule_words import EVENTS, FORMS, MINOR, NARROWING, STRUCK, TYPES
from forecast.terms import CHANNELS, LADDER, OVERT_RUNG, REPLY_MODES, SIDES, TYPES_BY_CHANNEL

EITHER: Final = "either"
TAG: Final = "rule:"
REPLY_DAYS: Final = 14
CHANNEL_OF: Final = {kind: channel for channel in CHANNELS for kind in TYPES_BY_CHANNEL[channel]}


class Strict(BaseModel):
    """A frozen record without unknown keys, filled by the names that stand in YAML."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def fault(text: str, advice: str, found: str = "") -> PydanticCustomError:
    """What is wrong with a value, and the way out, told to whoever reads the file."""
    return PydanticCustomError("fault", "{text}", {"text": text, "advice": advice, "found": found})


def one_of(what: str, words: Collection[str]) -> AfterValidator:
    """Check of a word against a closed list."""

    def check(word: str) -> str:
        if word not in words:
            raise PydanticCustomError("word", "is no {what}", {"what": what, "words": list(words)})
        return word

    return AfterValidator(check)


def _many(value: Any) -> Any:  # noqa: ANN401
    return (value,) if isinstance(value, str) else value


def _bounds(value: Any) -> Any:  # noqa: ANN401
    return {"min": value} if isinstance(value, int) and not isinstance(value, bool) else value


def _places(value: Any) -> Any:  # noqa: ANN401
    return {"min": value} if isinstance(value, str) else value


def _not_empty[M: (All, Any_)](rule: M) -> M:
    if not rule.of:
        raise fault("holds no rule", "give at least one", f"{rule.head}: []")
    return rule


class Bounds(Strict):
    """Rungs from `min` to `max`, both included."""

    min: int = Field(1, ge=1, le=8)
    max: int = Field(8, ge=1, le=8)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise fault("holds no rung", "let min be at most max", f"{self.min} to {self.max}")
        return self


class Places(Strict):
    """Places of the ladder from `min` to `max`, both included."""

    min: Annotated[str, one_of("outcome of the ladder", LADDER)] = LADDER[0]
    max: Annotated[str, one_of("outcome of the ladder", LADDER)] = LADDER[-1]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise fault("holds no outcome", "let min be at most max", f"{self.min} to {self.max}")
        return self


Who = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_many), Field(min_length=1)]


class Event(Strict):
    """Something happens on a day of the window; see `rule_words.EVENTS`."""

    head: ClassVar[str] = "event"
    event: Annotated[str, one_of("event", EVENTS)]
    by: Who = (EITHER,)
    at: Who | None = None
    rung: Annotated[Bounds, BeforeValidator(_bounds)] | None = None
    theatre: str = ""
    struck: Annotated[tuple[Annotated[str, one_of("word of targets_struck", STRUCK)], ...], BeforeValidator(_many)] = ()
    type: Annotated[tuple[Annotated[str, one_of("type of move", TYPES)], ...], BeforeValidator(_many)] = ()
    level: int | None = Field(None, ge=1, le=3)

    @model_validator(mode="after")
    def _narrowed(self) -> Self:
        takes = EVENTS[self.event].takes
        for key in NARROWING:
            if key in self.model_fields_set and key not in takes:
                advice = f"it takes {', '.join(takes)}" if takes else "leave it out: the event takes no further key"
                raise fault(f"does not go with event {self.event}", advice, key)
        if self.event == "act" and not self.type:
            raise fault("is missing: an act needs its type", "name one or more types of move", "type")
        if self.event == "first_strike" and not set(self.by) <= {*SIDES, EITHER}:
            raise fault("is no side, and a first strike is one of a side", "use a, b or either", ", ".join(self.by))
        if self.event in ("strike", "first_strike") and self.rung and self.rung.min < OVERT_RUNG:
            raise fault(
                "is below an overt strike", f"use {OVERT_RUNG} or more, or the event act", f"rung {self.rung.min}"
            )
        return self

    @property
    def rungs(self) -> tuple[int, int]:
        """Least and highest rung."""
        if self.event == "leadership_strike":
            return 5, 5
        least = OVERT_RUNG if self.event in ("strike", "first_strike") else 1
        return (least, 8) if self.rung is None else (max(self.rung.min, least), self.rung.max)


class All(Strict):
    """Every rule holds."""

    head: ClassVar[str] = "all"
    of: tuple[Rule, ...] = Field(alias="all")
    _filled = model_validator(mode="after")(_not_empty)


class Any_(Strict):  # noqa: N801 - `Any` is typing's
    """At least one rule holds."""

    head: ClassVar[str] = "any"
    of: tuple[Rule, ...] = Field(alias="any")
    _filled = model_validator(mode="after")(_not_empty)


class Not(Strict):
    """The rule does not hold."""

    head: ClassVar[str] = "not"
    of: Rule = Field(alias="not")


class After(Strict):
    """One thing happens, and an event follows on a later day, or does not."""

    head: ClassVar[str] = "after"
    after: Rule
    then: Rule | None = None
    without: Rule | None = None
    within: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.then is None) == (self.without is None):
            raise fault("needs either then or without", "give one of the two, with an event", "after")
        if not dated(self.after):
            raise fault("falls on no day", "use an event, or all, any or after … then of events", "after")
        if not all(isinstance(part, Event) and part.event != "first_strike" for part in self.follows):
            raise fault("is no plain event", "use an event, or any of events; not first_strike", "then or without")
        return self

    @property
    def follows(self) -> tuple[Rule, ...]:
        """The events of which the first is meant by `then` or `without`."""
        what = self.without if self.then is None else self.then
        return what.of if isinstance(what, Any_) else (what,) if what is not None else ()


class Reply(Strict):
    """How the struck side answers the first strike."""

    head: ClassVar[str] = "reply"
    reply: Annotated[
        tuple[Annotated[str, one_of("mode of reply", REPLY_MODES)], ...], BeforeValidator(_many), Field(min_length=1)
    ]
    within: int = Field(REPLY_DAYS, ge=1)
    to: Annotated[str, one_of("side", (*SIDES, EITHER))] = EITHER


class Ladder(Strict):
    """The window ends on a place of the ladder."""

    head: ClassVar[str] = "ladder"
    ladder: Annotated[Places, BeforeValidator(_places)]


class Runaway(Strict):
    """The crisis climbs so many rungs above its first strike."""

    head: ClassVar[str] = "runaway"
    runaway: int = Field(ge=1, le=5)


class Quiet(Strict):
    """So many days on end without overt force."""

    head: ClassVar[str] = "quiet"
    quiet: int = Field(ge=1)


def _head(value: Any) -> str | None:  # noqa: ANN401
    if isinstance(value, Strict):
        return TAG + str(getattr(value, "head", ""))
    heads = [head for head in FORMS if isinstance(value, dict) and head in value]
    return TAG + heads[0] if len(heads) == 1 else None


Rule = Annotated[
    Annotated[Event, Tag(TAG + "event")]
    | Annotated[All, Tag(TAG + "all")]
    | Annotated[Any_, Tag(TAG + "any")]
    | Annotated[Not, Tag(TAG + "not")]
    | Annotated[After, Tag(TAG + "after")]
    | Annotated[Reply, Tag(TAG + "reply")]
    | Annotated[Ladder, Tag(TAG + "ladder")]
    | Annotated[Runaway, Tag(TAG + "runaway")]
    | Annotated[Quiet, Tag(TAG + "quiet")],
    Discriminator(_head),
]
MODELS: Final[dict[str, type[Strict]]] = {
    TAG + model.head: model for model in (Event, All, Any_, Not, After, Reply, Ladder, Runaway, Quiet)
}
for _model in (All, Any_, Not, After):
    _model.model_rebuild()
_RULE: Final = TypeAdapter(Rule)


def rule_json(rule: Rule) -> str:
    """Return a rule as one line of JSON without what is left at its default."""
    return _RULE.dump_json(rule, by_alias=True, exclude_defaults=True).decode("utf-8")


def rule_of(text: str) -> Rule:
    """Return the rule that `rule_json` wrote."""
    return _RULE.validate_json(text)


def parts(rule: Rule) -> tuple[Rule, ...]:
    """Rules that a rule is made of."""
    match rule:
        case All() | Any_():
            return rule.of
        case Not():
            return (rule.of,)
        case After():
            return rule.after, *rule.follows
        case _:
            return ()


def walk(rule: Rule) -> Iterator[Rule]:
    """Yield a rule and all that it is made of."""
    yield rule
    for part in parts(rule):
        yield from walk(part)


def dated(rule: Rule) -> bool:
    """Whether a rule comes true on a day of its own."""
    if isinstance(rule, All | Any_):
        return all(dated(part) for part in rule.of)
    return isinstance(rule, Event) or (isinstance(rule, After) and rule.then is not None)


def reach(rule: Rule) -> int:
    """Days past the end of the window that a rule may look at."""
    own = (rule.within or 0) if isinstance(rule, After | Reply) else 0
    first = rule.after if isinstance(rule, After) else None
    return own + (reach(first) if first is not None else max((reach(part) for part in parts(rule)), default=0))


def needs(rule: Rule) -> set[str]:
    """What must have been watched on every day, so that silence means no: channels, `talks`, or `MINOR` force."""
    found: set[str] = set()
    for part in walk(rule):
        match part:
            case Event():
                found |= {EVENTS[part.event].needs} - {""} or {CHANNEL_OF[kind] for kind in part.type}
                if part.event == "act" and "force" in found and part.rungs[0] < OVERT_RUNG:
                    found.add(MINOR)
            case Reply():
                found |= {"force", MINOR} if {"none", "proxy"} & set(part.reply) else {"force"}
            case Ladder():
                settles = part.ladder.min == LADDER[1] or part.ladder.max == LADDER[0]
                found |= {"force", "talks"} if settles else {"force"}
            case Runaway() | Quiet():
                found.add("force")
    return found
