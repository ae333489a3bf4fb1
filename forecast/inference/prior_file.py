"""A prior table of one's own, held against the shipped one before anything is computed: every fault, by line."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydantic import ValidationError

from forecast.errors import UsageError
from forecast.model.cells import PHASES
from forecast.model.priors import SHIPPED, Prior
from forecast.model.priors import read_priors as read_table
from forecast.model.signals import ANCHORS, FREE, REPORTED
from forecast.record.problem import Problem, nearest, shown
from forecast.record.yamlfile import read_yaml
from forecast.terms import CONFIDENCES, SIDES, SIGNAL_CHANNELS, TRACK_RECORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SIZES: Final = {
    "side": len(SIDES),
    "role": 2,
    "component": 4,
    "phase": len(PHASES),
    "track": len(TRACK_RECORD),
    "channel": len(SIGNAL_CHANNELS),
    "anchor_channel": len(ANCHORS),
    "free_channel": len(FREE),
    "density": len(REPORTED),
    "level": 2,
    "confidence": len(CONFIDENCES),
}
"""Length of the dims that are the same in every panel; a list of numbers in a prior goes by its last dim."""
MEANS: Final = {
    "normal": ("mean", "sd"),
    "lognormal": ("median", "log sd"),
    "dirichlet": ("one weight an element",),
    "fixed": ("one number, or a list of them in brackets of its own",),
}


def read_priors(path: Path | str | None = None) -> dict[str, Prior]:
    """Read a prior table, the shipped one by default; one's own must have its rows, families and dims.

    Parameters
    ----------
    path
        YAML file: a list of rows as in ``forecast/model/priors.yaml``.

    Returns
    -------
    dict of str to Prior
        By the name of the parameter, in the order of the shipped table (the model lays its vectors out in that order).

    Raises
    ------
    UsageError
        The file cannot be read, or a row is unknown, missing, doubled or incomplete, has another family or other dims
        than the shipped one, a wrong number of parameters, or one that is not finite or not positive where it must be.
        Every fault is told with its line and the way out.
    """
    known = read_table()
    if path is None:
        return known
    where = Path(path)
    rows, lines, problems = read_yaml(where, f"copy {SHIPPED} and change it")
    if not problems and not isinstance(rows, list):
        problems = [Problem(where.name, 1, "", "", "is no list of priors", f"copy {SHIPPED} and change it")]
    if problems:
        raise _refusal(where, problems)
    found: dict[str, Prior] = {}
    for number, row in enumerate(rows):
        fault = partial(_problem, where.name, lines, number, _name(row))
        prior = _read(row, fault, problems)
        if prior is None:
            continue
        if prior.name in found:
            problems.append(fault("name", prior.name, "stands twice", "keep one of the two"))
        found[prior.name] = prior
        problems += _faults(prior, known, fault)
    missing = [name for name in known if name not in {_name(row) for row in rows}]
    if missing:
        advice = f"copy the row{'s' if len(missing) > 1 else ''} from {SHIPPED}"
        problems.append(Problem(where.name, 1, "", ", ".join(missing), _lacks(missing, rows, known), advice))
    if problems:
        raise _refusal(where, problems)
    return {name: found[name] for name in known}


def _problem(
    file: str, lines: Mapping[str, int], number: int, name: str, key: str, value: object, rule: str, advice: str
) -> Problem:
    line = lines.get(f"{number}.{key}", lines.get(str(number), 1))
    return Problem(file, line, ".".join(filter(None, (name, key))), _said(value), rule, advice)


def _name(row: object) -> str:
    return str(row["name"]) if isinstance(row, dict) and isinstance(row.get("name"), str) else ""


def _lacks(missing: list[str], rows: list, known: Mapping[str, Prior]) -> str:
    verb = "is missing" if len(missing) == 1 else f"are missing: {len(missing)} of the {len(known)} rows of the model"
    return f"{verb} (the file has {len(rows)} rows)"


def _read(row: object, fault: Callable[..., Problem], problems: list[Problem]) -> Prior | None:
    """One row as a prior; None, with what is wrong added to the problems, where it is none."""
    if not isinstance(row, dict):
        problems.append(fault("", row, "is no row of a prior table", "write name, family, parameters, unit, …"))
        return None
    try:
        return Prior.model_validate(row)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_context=False):
            key = ".".join(str(part) for part in one["loc"] if isinstance(part, str | int)).split(".tuple")[0]
            problems.append(fault(key.split(".")[0], *_form(one["type"], key, one.get("input"), one["msg"])))
        return None


def _form(kind: str, key: str, value: object, message: str) -> tuple[object, str, str]:
    """Value, rule and way out of a fault of a row's form."""
    if kind == "missing":
        return "", "is missing", "add the key"
    if kind == "extra_forbidden":
        return "", "is no known key", nearest(key, list(Prior.model_fields))
    if key == "family":
        return value, "is no family", nearest(str(value), MEANS)
    if key.startswith("parameters"):
        return value, "is no list of numbers", "write numbers in brackets, e.g. [0.0, 1.0]"
    return value, f"cannot be read: {message[:1].lower()}{message[1:]}", f"compare it with {SHIPPED.name}"


def _faults(prior: Prior, known: Mapping[str, Prior], fault: Callable[..., Problem]) -> Iterator[Problem]:
    """What is wrong with a prior that has the form of one."""
    if prior.name not in known:
        yield fault("name", prior.name, "is no parameter of the model", nearest(prior.name, known))
        return
    shipped = known[prior.name]
    if prior.family != shipped.family:
        advice = f"keep {shipped.family}: the model reads the parameter on that scale"
        yield fault("family", prior.family, f"is not the family of {prior.name}", advice)
        return
    if prior.dims != shipped.dims:
        right = f"dims: [{', '.join(shipped.dims)}]" if shipped.dims else "no dims"
        yield fault("dims", f"[{', '.join(prior.dims)}]", "are not the dims of this parameter", f"write {right}")
        return
    told = _number_fault(prior, shipped)
    if told:
        yield fault("parameters", list(prior.parameters), *told)


def _number_fault(prior: Prior, shipped: Prior) -> tuple[str, str] | tuple[()]:
    """Rule and way out where the numbers of a prior do not fit its family and dims; nothing where they do."""
    means, count = MEANS[prior.family], len(shipped.parameters)
    if len(prior.parameters) != count:
        wanted = f"{prior.family} takes {count}: {', '.join(means)}"
        return f"holds {len(prior.parameters)} parameters", f"{wanted}; shipped is {list(shipped.parameters)}"
    if not all(np.isfinite(p).all() for p in prior.parameters):
        return "is not finite", "write numbers that are"
    return _shape_fault(prior, shipped) or _sign_fault(prior)


def _shape_fault(prior: Prior, shipped: Prior) -> tuple[str, str] | tuple[()]:
    """Where a list stands for one number, or has another length than its dim."""
    if prior.family == "fixed":
        if np.shape(prior.parameters[0]) == np.shape(shipped.parameters[0]):
            return ()
        return "has another number of values than the model reads", f"write as many as {list(shipped.parameters)}"
    size = SIZES.get(prior.dims[-1], 0) if prior.dims and prior.family != "dirichlet" else 0
    lengths = {place: len(part) for place, part in enumerate(prior.parameters) if isinstance(part, tuple)}
    if (lengths and not size) or (0 in lengths and prior.family == "lognormal"):
        return "holds a list where one number stands", "write one number; it holds for every element"
    if set(lengths.values()) - {size}:
        found = ", ".join(map(str, lengths.values()))
        return f"holds a list of {found}", f"write one number, or {size} of them: one by {prior.dims[-1]}"
    return ()


def _sign_fault(prior: Prior) -> tuple[str, str] | tuple[()]:
    """Where a number is not positive that must be."""
    first = MEANS[prior.family][0]
    if prior.family in ("normal", "lognormal") and np.min(prior.parameters[1]) <= 0:
        return f"has a {MEANS[prior.family][1]} that is not positive", "write a positive scale, e.g. 0.5"
    if prior.family == "lognormal" and np.min(prior.parameters[0]) <= 0:
        return f"has a {first} that is not positive", "write the median itself, not its logarithm"
    if prior.family == "dirichlet" and np.min(prior.parameters) <= 0:
        return "has a weight that is not positive", "write positive weights"
    if prior.family == "fixed" and not (np.min(prior.parameters[0]) > 0 and np.max(prior.parameters[0]) < 1):
        return "does not lie between 0 and 1", "write shares, e.g. 0.001 for nearly none"
    return ()


def _said(value: Any) -> str:  # noqa: ANN401
    return value if isinstance(value, str) else shown(repr(value)) if value is not None else ""


def _refusal(where: Path, problems: list[Problem]) -> UsageError:
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
    return UsageError("\n".join([f"{where}: {count}", *(f"  {problem}" for problem in problems)]))
