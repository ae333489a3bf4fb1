"""`scenarios.yaml`: named sets of interventions on the record, checked, and each told in words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from forecast.errors import RecordError, UsageError
from forecast.record.problem import Problem, nearest
from forecast.record.read import Record, shipped_path
from forecast.record.rule import Strict, fault, one_of
from forecast.record.rule_words import TYPES
from forecast.record.vocabulary import RUNGS_BY_TYPE
from forecast.record.yamlfile import read_yaml
from forecast.terms import CHANNELS, SIDES, SIGNAL_CHANNELS

SCENARIOS_FILE: Final = "scenarios.yaml"
AHEAD_DAYS: Final = 28
"""How far beyond the as-of day an intervention may lie: an update of a posterior is good for so long."""
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]*")

Side = Annotated[str, one_of("side", SIDES)]
_many: Final = BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)


class Dated(Strict):
    """A `date`, or so many days `after` the as-of day, below 0 before it; the as-of day by default."""

    date: dt.date | None = None
    after: int = 0

    @model_validator(mode="after")
    def _once(self) -> Self:
        if self.date is not None and self.after:
            raise fault("is dated twice", "give `date`, or `after`", f"{self.date}, after {self.after}")
        return self

    def day(self, as_of: dt.date) -> dt.date:
        """The day, seen from an as-of day."""
        return self.date or as_of + dt.timedelta(days=self.after)

    def said(self) -> str:
        """The day in words, for the end of a sentence."""
        if self.date is not None:
            return f" on {self.date}"
        days = f"{abs(self.after)} day{'' if abs(self.after) == 1 else 's'}"
        return "" if self.after == 0 else f" {days} {'after' if self.after > 0 else 'before'} the as-of day"


class Add(Dated):
    """A row more in `moves.csv`; what is left out follows from the type."""

    actor: str
    target: str
    type: Annotated[str, one_of("type of move", TYPES)]
    level: int = Field(2, ge=1, le=3)
    rung: int | None = Field(None, ge=1, le=8)
    direction: Annotated[str, one_of("direction", ("escalatory", "deescalatory", "neutral"))] | None = None

    @model_validator(mode="after")
    def _rung_fits(self) -> Self:
        fitting = RUNGS_BY_TYPE.get(self.type, ())
        if self.rung is not None and self.rung not in fitting:
            way_out = f"use {' or '.join(map(str, fitting))}" if fitting else "leave it out: the type is no force"
            raise fault(f"is no rung of {self.type}", way_out, str(self.rung))
        return self

    def words(self, names: Mapping[str, str]) -> str:
        """The intervention as a clause."""
        height = f", rung {self.rung}" if self.rung else "" if self.type in RUNGS_BY_TYPE else f" of level {self.level}"
        when = f",{self.said()}" if self.said() else ""
        return f"{names.get(self.actor, self.actor)}: {self.type.replace('_', ' ')}{height}{when}"


class Chosen(Strict):
    """Rows of the case's moves: by id, or all that fit every word given."""

    move: Annotated[tuple[str, ...], _many] = ()
    actor: Annotated[tuple[str, ...], _many] = ()
    channel: Annotated[tuple[Annotated[str, one_of("channel", CHANNELS)], ...], _many] = ()
    type: Annotated[tuple[Annotated[str, one_of("type of move", TYPES)], ...], _many] = ()
    first: dt.date | None = Field(None, alias="from")
    last: dt.date | None = Field(None, alias="to")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not (self.move or self.actor or self.channel or self.type or self.first or self.last):
            raise fault("names no move", "give the id of a `move`, or actor, channel, type, from, to")
        return self

    def which(self) -> str:
        """The rows in words."""
        if self.move:
            return ", ".join(self.move)
        kinds = " or ".join(w.replace("_", " ") for w in (*self.type, *self.channel)) or "every move"
        since = f" from {self.first}" if self.first else ""
        until = f" to {self.last}" if self.last else ""
        return f"{kinds}{' by ' + ' or '.join(self.actor) if self.actor else ''}{since}{until}"


class Drop(Chosen):
    """Rows that had not been there."""

    def words(self, _names: Mapping[str, str]) -> str:
        """The intervention as a clause."""
        return f"without {self.which()}"


class Shift(Chosen):
    """Rows that had come so many days later, or earlier where `days` is below 0."""

    days: int

    def words(self, _names: Mapping[str, str]) -> str:
        """The intervention as a clause."""
        return f"{self.which()} {abs(self.days)} days {'later' if self.days > 0 else 'earlier'}"


class Fix(Dated):
    """The level of a signal channel of one side, for so many `weeks` up to the day."""

    side: Side
    channel: Annotated[str, one_of("signal channel", SIGNAL_CHANNELS)]
    level: int = Field(ge=0, le=3)
    weeks: int = Field(1, ge=1, le=52)

    def words(self, names: Mapping[str, str]) -> str:
        """The intervention as a clause."""
        span = "in the week" if self.weeks == 1 else f"in the {self.weeks} weeks"
        at = self.said() or " to the as-of day"
        at = f" to {self.date}" if self.date else at.replace(" on ", " to ")
        held = "no signal" if self.level == 0 else f"level {self.level}"
        return f"{names.get(self.side, self.side)}, {self.channel} channel: {held} {span}{at}"


class Concede(Dated):
    """A concession: a conciliatory signal of the level (1 routine, 2 senior or costly, 3 head of state) in the week."""

    by: Side
    level: int = Field(2, ge=1, le=3)
    weeks: int = Field(1, ge=1, le=52)

    def words(self, names: Mapping[str, str]) -> str:
        """The intervention as a clause."""
        span = "" if self.weeks == 1 else f" in each of {self.weeks} weeks"
        return f"{names.get(self.by, self.by)} concedes at level {self.level}{span}{self.said()}"


class Withdraw(Dated):
    """Forces pulled back: no deployment for so many `weeks` up to the day, and in its week a conciliatory signal."""

    by: Side
    level: int = Field(2, ge=1, le=3)
    weeks: int = Field(4, ge=1, le=52)

    def words(self, names: Mapping[str, str]) -> str:
        """The intervention as a clause."""
        who = names.get(self.by, self.by)
        return f"{who} withdraws forces, level {self.level}{self.said()}, and deploys none for {self.weeks} weeks"


KINDS: Final = {"add": Add, "drop": Drop, "shift": Shift, "fix": Fix, "concede": Concede, "withdraw": Withdraw}
Intervention = Add | Drop | Shift | Fix | Concede | Withdraw


class Entry(Strict):
    """One intervention, under the word that says what it does."""

    add: Add | None = None
    drop: Drop | None = None
    shift: Shift | None = None
    fix: Fix | None = None
    concede: Concede | None = None
    withdraw: Withdraw | None = None

    @model_validator(mode="after")
    def _single(self) -> Self:
        given = [name for name in KINDS if getattr(self, name) is not None]
        if len(given) != 1:
            raise fault("is not one intervention", f"give one of {', '.join(KINDS)}", " and ".join(given))
        return self

    @property
    def what(self) -> Intervention:
        """The intervention itself."""
        return next(value for name in KINDS if (value := getattr(self, name)) is not None)


class Scenario(Strict):
    """A named set of interventions, made together."""

    id: str
    title: str = Field(min_length=1)
    case: str = ""
    interventions: tuple[Entry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not _ID.fullmatch(self.id):
            raise fault("is no valid id", "use small letters, digits and -", self.id)
        return self

    @property
    def steps(self) -> tuple[Intervention, ...]:
        """The interventions in order."""
        return tuple(entry.what for entry in self.interventions)

    def words(self, names: tuple[str, str]) -> str:
        """What is assumed, as one line; `names` are those of side a and b."""
        named = dict(zip(SIDES, names, strict=True))
        return "; ".join(step.words(named) for step in self.steps)

    def last_day(self, as_of: dt.date) -> dt.date:
        """The last day that an intervention is dated on, and never before the as-of day."""
        return max([as_of, *(step.day(as_of) for step in self.steps if isinstance(step, Dated))])


class _File(Strict):
    scenarios: tuple[Scenario, ...] = Field(min_length=1)


def read_scenarios(path: Path | str | None = None, record: Record | None = None) -> tuple[Scenario, ...]:
    """Read and check a file of scenarios.

    Parameters
    ----------
    path : path-like, optional
        A YAML file, or the folder of a record, whose ``scenarios.yaml`` is read if there is one; by default the folder
        of `record`, or of the shipped record.
    record : Record, optional
        The record that they change: the cases and actors that they name must be its own.

    Returns
    -------
    tuple of Scenario
        In the order of the file; empty where a folder holds none.

    Raises
    ------
    RecordError
        A scenario breaks a rule; ``problems`` lists every finding.
    """
    place = (shipped_path() if record is None else record.path) if path is None else Path(path)
    file = place / SCENARIOS_FILE if place.is_dir() else place
    if place.is_dir() and not file.is_file():
        return ()
    found, problems = _inspect(file)
    problems = [*problems, *_misnamed(found, record, file.name)]
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        raise RecordError("\n".join([f"{file}: {count}", *(f"  {problem}" for problem in problems)]), tuple(problems))
    return found


def of_case(scenarios: Sequence[Scenario], case: str, as_of: dt.date) -> tuple[Scenario, ...]:
    """Scenarios that are about a case.

    Raises
    ------
    UsageError
        An intervention lies too far ahead of the as-of day.
    """
    for scenario in scenarios:
        if scenario.case in ("", case) and (scenario.last_day(as_of) - as_of).days > AHEAD_DAYS:
            raise UsageError(
                f"scenario {scenario.id}: an intervention on {scenario.last_day(as_of)} lies more than {AHEAD_DAYS} "
                f"days after the as-of day {as_of}; date it earlier, or make a forecast as of a later day"
            )
    return tuple(s for s in scenarios if s.case in ("", case))


def _inspect(file: Path) -> tuple[tuple[Scenario, ...], list[Problem]]:
    content, lines, problems = read_yaml(file, "name a file of scenarios; docs/scenarios.md tells how to write one")
    if problems:
        return (), problems
    try:
        return _File.model_validate(content).scenarios, []
    except ValidationError as error:
        return (), [_finding(item, lines, file.name) for item in error.errors()]


def _misnamed(scenarios: Sequence[Scenario], record: Record | None, file: str) -> list[Problem]:
    """Ids that stand twice, and cases and actors that the record does not have."""
    found, seen = [], set()
    for scenario in scenarios:
        at = f"scenarios.{scenario.id}"
        if scenario.id in seen:
            found.append(Problem(file, 1, f"{at}.id", scenario.id, "stands twice", "name it otherwise"))
        seen.add(scenario.id)
        if record is None:
            continue
        cases = [entry.id for entry in record.config.cases]
        if scenario.case and scenario.case not in cases:
            found.append(
                Problem(file, 1, f"{at}.case", scenario.case, "is no case of the record", nearest(scenario.case, cases))
            )
            continue
        known = _actors(record, scenario.case)
        named = {w for step in scenario.steps if isinstance(step, Add) for w in (step.actor, step.target)}
        named |= {w for step in scenario.steps if isinstance(step, Chosen) for w in step.actor}
        found += [
            Problem(file, 1, at, who, "stands on no side of the case (sides.csv)", nearest(who, known))
            for who in sorted(named - known)
        ]
    return found


def _actors(record: Record, case: str) -> set[str]:
    """Who stands in the case or in its crises; in any episode where no case is named."""
    episodes = record.episodes
    own = episodes["case_id"].eq(case) | episodes["episode_id"].eq(case)
    ids = set(episodes.loc[own, "episode_id"]) if case else set(episodes["episode_id"])
    return set(record.sides.loc[record.sides["episode_id"].isin(ids), "actor"])


def _finding(item: Any, lines: Mapping[str, int], file: str) -> Problem:  # noqa: ANN401
    """What pydantic found, at its line."""
    location = [str(part) for part in item["loc"]]
    at = len(location)
    while at and ".".join(location[:at]) not in lines:
        at -= 1
    line, where = lines.get(".".join(location[:at]), 1), ".".join(location)
    match item["type"]:
        case "word":
            advice = nearest(str(item["input"]), item["ctx"]["words"])
            return Problem(file, line, where, str(item["input"]), item["msg"], advice)
        case "fault":
            return Problem(file, line, where, item["ctx"]["found"], item["ctx"]["text"], item["ctx"]["advice"])
        case "missing":
            return Problem(file, line, where, "", "is missing", "add the key")
        case "extra_forbidden":
            return Problem(file, line, where, "", "is no known key", nearest(location[-1], _keys(location)))
    return Problem(file, line, where, str(item["input"]), f"is not valid: {item['msg']}", "correct the value")


def _keys(location: Sequence[str]) -> list[str]:
    """Keys that may stand where an unknown one was found."""
    kind = next((KINDS[part] for part in location[:-1] if part in KINDS), None)
    if kind is not None:
        return [field.alias or name for name, field in kind.model_fields.items()]
    model = Entry if "interventions" in location else Scenario if len(location) > 1 else _File
    return list(model.model_fields)
