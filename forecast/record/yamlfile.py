"""A YAML file of a record: its contents with the line of every key, and every fault told as a problem."""

from __future__ import annotations

import math
from itertools import chain
from pathlib import Path
from typing import Any, Final

import yaml
from yaml.constructor import SafeConstructor

from forecast.record.problem import Problem, shown

MOST_VALUES: Final = 100_000
"""Values that a file may hold once its aliases are followed: far more than any record needs, far less than a bomb."""


def read_yaml(path: Path, missing: str) -> tuple[Any, dict[str, int], list[Problem]]:
    """Read a YAML file, never raising on its contents.

    Parameters
    ----------
    path : Path
        The file.
    missing : str
        Advice where there is no such file.

    Returns
    -------
    content : object
        What the file holds; None if there is a problem.
    lines : dict of str to int
        Line of every key path (``cases.0.id``).
    problems : list of Problem
        What is wrong.
    """
    node, problems = _compose(path, missing)
    if node is not None and not problems:
        problems = _grown(node, path.name)
    if problems:
        return None, {}, problems
    lines, problems = _lines(node, path.name)
    if problems:
        return None, lines, problems
    try:
        content = None if node is None else SafeConstructor().construct_document(node)
    except (yaml.YAMLError, ValueError) as error:
        rule = f"cannot be read: {shown(str(error))}"
        return None, lines, [Problem(path.name, 1, "", "", rule, "correct the file")]
    return content, lines, []


def _compose(path: Path, missing: str) -> tuple[yaml.Node | None, list[Problem]]:
    try:
        return yaml.compose(path.read_bytes(), Loader=yaml.SafeLoader), []
    except FileNotFoundError:
        return None, [Problem(path.name, 1, "", "", "the file is missing", missing)]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        rule = f"is not YAML: {error.problem or error.context}"
        return None, [Problem(path.name, line, "", "", rule, "check indentation, colons and quotes")]
    except (yaml.YAMLError, UnicodeError, RecursionError, OSError) as error:
        rule = f"cannot be read: {shown(str(error))}"
        return None, [Problem(path.name, 1, "", "", rule, "save the file as UTF-8 YAML")]


def _grown(node: yaml.Node, file: str) -> list[Problem]:
    """What is wrong where aliases make a file much larger than it looks, or make it hold itself."""
    sizes: dict[int, float] = {}

    def size(one: yaml.Node) -> float:
        if id(one) not in sizes:
            sizes[id(one)] = math.inf  # until it is known: met again before that, it holds itself
            parts = chain.from_iterable(one.value) if isinstance(one, yaml.MappingNode) else one.value
            sizes[id(one)] = 1 if isinstance(one, yaml.ScalarNode) else 1 + sum(map(size, parts))
        return sizes[id(one)]

    total = size(node)
    if total <= MOST_VALUES:
        return []
    held = "itself" if math.isinf(total) else f"{total:.3g} values"
    rule = f"holds {held} through its aliases (&name, *name); at most {MOST_VALUES:,} values are read"
    return [Problem(file, 1, "", "", rule, "write the values out, without aliases")]


def _lines(node: yaml.Node | None, file: str) -> tuple[dict[str, int], list[Problem]]:
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    waiting = [("", node)] if node else []
    seen: set[int] = set()
    while waiting:
        path, current = waiting.pop()
        lines.setdefault(path, current.start_mark.line + 1)
        if id(current) in seen:
            continue
        seen.add(id(current))
        if isinstance(current, yaml.SequenceNode):
            waiting += [(f"{path}.{number}".lstrip("."), value) for number, value in enumerate(current.value)]
        if isinstance(current, yaml.MappingNode):
            for key, value in current.value:
                at = f"{path}.{key.value}".lstrip(".")
                if at in lines:
                    advice = "keep one of the two"
                    problems.append(Problem(file, key.start_mark.line + 1, at, "", "stands twice", advice))
                lines[at] = key.start_mark.line + 1
                waiting.append((at, value))
    return lines, problems
