"""Named alternative sets of priors as data: what others would have changed, read, checked and applied."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from forecast.errors import UsageError
from forecast.model.priors import Prior, read_priors

if TYPE_CHECKING:
    from collections.abc import Mapping

SHIPPED = Path(__file__).with_name("prior_sets.yaml")
UNITS = frozenset({"region", "actor", "dyad", "dyad_side", "episode", "reference_side", "spell", "step"})
"""Dims of unit-scale effects and shocks: their spread is a parameter of its own, so their scale is no judgement."""
RESERVED = "published"


class Change(BaseModel):
    """One prior of a set: its new parameters, in the family that it has, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    family: Literal["normal", "lognormal"]
    parameters: tuple[float | tuple[float, ...], float]
    reason: str = Field(min_length=1)


class PriorSet(BaseModel):
    """An alternative set of priors: every scale times `widen` (unit-scale effects excepted), then single changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    meaning: str
    widen: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    reason: str = ""
    changes: tuple[Change, ...] = ()


def read_prior_sets(path: Path | str | None = None, priors: Mapping[str, Prior] | None = None) -> dict[str, PriorSet]:
    """Read a table of prior sets, the shipped one by default, and check it against the priors that it changes.

    Parameters
    ----------
    path
        YAML file.
    priors
        From `read_priors`; the shipped table by default.

    Raises
    ------
    UsageError
        The file is not a list of complete sets, or a set names an unknown parameter, another family, a scale that is
        not positive, a wrong number of values, or nothing at all.
    """
    where = SHIPPED if path is None else Path(path)
    known = read_priors() if priors is None else priors
    try:
        rows = yaml.safe_load(where.read_text(encoding="utf-8"))
        sets = [PriorSet(**row) for row in rows]
    except (OSError, yaml.YAMLError, ValidationError, TypeError) as error:
        raise UsageError(f"{where}: not a table of prior sets: {error}; compare it with {SHIPPED.name}") from error
    names = [s.name for s in sets]
    for one in sets:
        fault = _fault(one, known)
        if names.count(one.name) > 1 or one.name == RESERVED:
            fault = "the name is taken; choose another"
        if fault:
            raise UsageError(f"{where}, set {one.name}: {fault}")
    return {s.name: s for s in sets}


def changed(priors: Mapping[str, Prior], chosen: PriorSet) -> dict[str, Prior]:
    """The priors of a set: those given, with its changes; same parameters, families and dims."""
    out = dict(priors)
    for name, prior in priors.items():
        if chosen.widen != 1.0 and prior.family in ("normal", "lognormal") and not UNITS & set(prior.dims):
            scale = np.asarray(prior.parameters[1], dtype=float) * chosen.widen
            wider = tuple(scale.tolist()) if scale.ndim else float(scale)
            out[name] = prior.model_copy(update={"parameters": (prior.parameters[0], wider)})
    for change in chosen.changes:
        out[change.name] = out[change.name].model_copy(
            update={"parameters": change.parameters, "reason": change.reason, "source": ""}
        )
    return out


def _fault(one: PriorSet, known: Mapping[str, Prior]) -> str:
    """What is wrong with a set, and the way out; empty if nothing is."""
    if not one.changes and one.widen == 1.0:
        return "it changes nothing; give `changes`, or a `widen` other than 1"
    if one.widen != 1.0 and not one.reason:
        return "`widen` without a reason; give `reason`"
    names = [change.name for change in one.changes]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        return f"{twice[0]} is changed twice; leave one"
    return next((fault for change in one.changes if (fault := _change_fault(change, known))), "")


def _change_fault(change: Change, known: Mapping[str, Prior]) -> str:
    if change.name not in known:
        hint = get_close_matches(change.name, list(known), 1)
        return f"unknown parameter {change.name}" + (f"; did you mean {hint[0]}?" if hint else "; see priors.yaml")
    prior = known[change.name]
    if UNITS & set(prior.dims):
        return f"{change.name} is a unit-scale effect; change the parameter that scales it instead"
    if change.family != prior.family:
        return f"{change.name} is {prior.family}, not {change.family}; a set keeps the family of priors.yaml"
    location, scale = change.parameters
    if np.shape(location) not in ((), np.shape(prior.parameters[0])):
        return f"{change.name} takes {np.size(prior.parameters[0])} location(s), not {np.size(location)}"
    if not np.isfinite(location).all() or not 0 < scale < np.inf:
        return f"{change.name}: {change.parameters} needs finite locations and a positive scale"
    if change.family == "lognormal" and np.min(location) <= 0:
        return f"{change.name}: the median {location} of a lognormal must be positive"
    return ""
