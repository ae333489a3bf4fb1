"""`record.yaml`: title, reference class, cut-off of the sources, and the cases that can be forecast."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from forecast.record.problem import Problem, nearest
from forecast.record.yamlfile import read_yaml

CONFIG_FILE: Final = "record.yaml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SideName(_Strict):
    """What a side is called, in full and in figures."""

    name: str = Field(min_length=1)
    short: str = Field(min_length=1)


class Case(_Strict):
    """A dyad that can be forecast: an episode of kind ``case``, the names of its sides, the first day of its panel."""

    id: str = Field(min_length=1)
    title: str = Field(min_length=1)
    side_a: SideName
    side_b: SideName
    panel_start: dt.date


class RecordConfig(_Strict):
    """The contents of ``record.yaml``.

    Attributes
    ----------
    title : str
        Title of the record.
    reference : {"shipped", "none"}
        Whether the shipped past crises are added as reference class when this record is run.
    covered_until : date or None
        Last day that the sources cover; None if the record is kept up to date.
    cases : tuple of Case
        What can be forecast; the first is the default. A record of past crises alone has none.
    """

    title: str = Field(min_length=1)
    reference: Literal["shipped", "none"]
    covered_until: dt.date | None
    cases: tuple[Case, ...]


def read_config(folder: Path) -> tuple[RecordConfig | None, dict[str, int], list[Problem]]:
    """Read ``record.yaml``, never raising on its contents.

    Parameters
    ----------
    folder : Path
        The record.

    Returns
    -------
    config : RecordConfig or None
        None if there is a problem.
    lines : dict of str to int
        Line of every key path (``cases.0.id``).
    problems : list of Problem
        What is wrong.
    """
    content, lines, problems = read_yaml(folder / CONFIG_FILE, "run `forecast init` to see a model of it")
    if problems:
        return None, lines, problems
    try:
        config = RecordConfig.model_validate(content)
    except ValidationError as error:
        return None, lines, [_finding(item, lines) for item in error.errors()]
    return config, lines, []


def _finding(item: Any, lines: dict[str, int]) -> Problem:  # noqa: ANN401
    location = [str(part) for part in item["loc"]]
    at = ".".join(location)
    parent = ".".join(location[:-1])
    line = lines.get(at, lines.get(parent, 1))
    found = "" if item["type"] == "missing" else str(item["input"])
    if item["type"] == "extra_forbidden":
        return Problem(CONFIG_FILE, line, at, "", "is no known key", nearest(location[-1], _keys(location[:-1])))
    if item["type"] == "missing":
        return Problem(CONFIG_FILE, line, at, "", "is missing", "add the key")
    return Problem(CONFIG_FILE, line, at, found, f"is not valid: {item['msg']}", "correct the value")


def _keys(location: list[str]) -> list[str]:
    model: type[BaseModel] = RecordConfig
    if location and location[-1] in ("side_a", "side_b"):
        model = SideName
    elif location and location[0] == "cases":
        model = Case
    return list(model.model_fields)
