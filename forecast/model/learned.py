"""What published history says of the global parameters: a small summary, and priors that give it a chosen power."""

from __future__ import annotations

import ast
import hashlib
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from forecast.errors import UsageError
from forecast.model.priors import Prior

if TYPE_CHECKING:
    from collections.abc import Mapping

SHIPPED = Path(__file__).with_name("learned.json")
POWER = 0.0
"""Power given to history by default; docs/learned-priors.md says why."""
TERMS = ("cells", "choices", "course", "crises", "design", "latent", "nodes", "past", "rows", "settlement", "signals")
WAY_OUT = "make it anew with `forecast pretrain --corpora FOLDER --out FILE`"


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Scalar(_Record):
    """A scalar of the prior table that history speaks of, and the prior that it was learned under.

    In a vector of `size` scalars it is the one at `index`; `prior` is location and scale on the unconstrained scale
    (logarithms for lognormal ones).
    """

    parameter: str
    index: int | None = Field(default=None, ge=0)
    size: int | None = Field(default=None, gt=0)
    family: Literal["normal", "lognormal"]
    data_set: str
    prior: tuple[float, float]


class Learned(_Record):
    """What the data say of one scalar (`label`, as `priors.vector_coords` names it), on the unconstrained scale.

    The normal density with `mean` and `sd` is the likelihood part: posterior divided by prior. `posterior` holds the
    mean and sd of the draws themselves.
    """

    label: str
    mean: float = Field(allow_inf_nan=False)
    sd: float = Field(gt=0, allow_inf_nan=False)
    posterior: tuple[float, float]
    rhat: float


class Correlation(_Record):
    """Two scalars of one cut-off that are correlated after the data."""

    one: str
    other: str
    value: float = Field(ge=-1, le=1)


class CutOff(_Record):
    """What could be learned from the episodes that were over, and known to be, on a day."""

    as_of: date
    episodes: dict[str, int]
    learned: tuple[Learned, ...]
    not_learned: dict[str, str] = {}
    correlations: tuple[Correlation, ...] = ()


class History(_Record):
    """The summary of published history: what was read, with which code, and what each cut-off taught."""

    made: date
    terms_hash: str
    corpora: dict[str, str]
    scalars: dict[str, Scalar]
    cut_offs: tuple[CutOff, ...]

    @model_validator(mode="after")
    def _every_label_is_described(self) -> Self:
        unknown = {one.label for cut in self.cut_offs for one in cut.learned} - set(self.scalars)
        if unknown:
            raise ValueError(f"no scalar is described for {', '.join(sorted(unknown))}")
        return self


def read_history(path: Path | str | None = None) -> History:
    """Read a summary of history, the shipped one by default.

    Raises
    ------
    UsageError
        No such file, not a summary, or its contents are not what was written.
    """
    where = SHIPPED if path is None else Path(path)
    try:
        document = json.loads(where.read_text(encoding="utf-8"))
        digest, body = document["sha256"], document["history"]
        history = History(**body)
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise UsageError(f"{where}: not a summary of history: {error}; {WAY_OUT}") from error
    if digest != _digest(history):
        raise UsageError(f"{where}: its contents do not match their hash, so it was changed or cut off; {WAY_OUT}")
    return history


def history_text(history: History) -> str:
    """The summary as a file: JSON with its own hash, one parameter a line."""
    body = json.dumps({"sha256": _digest(history), "history": history.model_dump(mode="json")}, ensure_ascii=False)
    return body.replace('{"label"', '\n{"label"').replace('{"as_of"', '\n{"as_of"') + "\n"


def newest(history: History, as_of: date) -> CutOff | None:
    """The last cut-off of a summary that does not lie after a day; None if there is none."""
    return max((c for c in history.cut_offs if c.as_of <= as_of), key=lambda c: c.as_of, default=None)


def with_history(priors: Mapping[str, Prior], history: History, power: float, as_of: date) -> dict[str, Prior]:
    """Priors times the likelihood of history to a power between 0 and 1 (power prior, Ibrahim and Chen 2000).

    Both are normal on the unconstrained scale, so that precisions add: 1 / s² = 1 / s₀² + power / s_h². Parameters of
    which history says nothing are left as they are, and at power 0 all are.

    Parameters
    ----------
    priors
        From `read_priors`.
    history
        From `read_history`.
    power
        0 for the priors alone, 1 for history at full weight.
    as_of
        The newest cut-off that does not lie after this day is used; before the first one, none.

    Returns
    -------
    dict
        Priors of the same names, families and dims.

    Raises
    ------
    UsageError
        A power outside 0-1, or a summary of other parameters than those of `priors`.
    """
    if not 0 <= power <= 1:
        raise UsageError(f"power {power:g} of history is outside 0-1; 0 leaves the priors as they are")
    chosen = newest(history, as_of)
    out = dict(priors)
    if chosen is None or power == 0:
        return out
    told = [(history.scalars[one.label], one) for one in chosen.learned]
    for name in dict.fromkeys(scalar.parameter for scalar, _ in told):
        rows = [(scalar, one) for scalar, one in told if scalar.parameter == name]
        _hold_to(priors, [scalar for scalar, _ in rows])
        out[name] = _combined(out[name], rows, power, chosen.as_of)
    return out


def applied(
    priors: Mapping[str, Prior], power: float, as_of: date, path: Path | str | None = None
) -> tuple[dict[str, Prior], str]:
    """Priors with as much of a summary of history (a file, the shipped one by default) as is asked for, and its words.

    At power 0 no file is read.

    Raises
    ------
    UsageError
        As `read_history` and `with_history`.
    """
    if power == 0:
        return dict(priors), "no published history in the priors (power 0)"
    history = read_history(path)
    found, cut_off = with_history(priors, history, power, as_of), newest(history, as_of)
    if cut_off is None:
        return found, f"no published history in the priors: the summary of {history.made} has no cut-off up to {as_of}"
    episodes = ", ".join(f"{count} episodes of {name}" for name, count in cut_off.episodes.items())
    stale = (
        ", made with other terms of the model than the present ones" if history.terms_hash != terms_hash(priors) else ""
    )
    return found, (
        f"{len(cut_off.learned)} numbers of the priors hold published history up to {cut_off.as_of} ({episodes}) at "
        f"power {power:g}, from the summary of {history.made}{stale}"
    )


def combined(location: float, scale: float, one: Learned, power: float) -> tuple[float, float]:
    """Location and scale of a normal prior times one likelihood part to a power."""
    own, told = scale**-2, power * one.sd**-2
    return (location * own + one.mean * told) / (own + told), (own + told) ** -0.5


def terms_hash(priors: Mapping[str, Prior]) -> str:
    """Hash (sha256, hex) of which parameters there are and which terms they enter, comments and docstrings apart."""
    digest = hashlib.sha256()
    for name in TERMS:
        digest.update(_bare(Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")).encode())
    for name, prior in sorted(priors.items()):
        digest.update(repr((name, prior.family, prior.dims)).encode())
    return digest.hexdigest()


def _hold_to(priors: Mapping[str, Prior], rows: list[Scalar]) -> None:
    """Raise where learned scalars are none of the scalars of the prior table."""
    name, family, size = rows[0].parameter, rows[0].family, rows[0].size
    prior = priors.get(name)
    if prior is None or prior.family != family:
        found = "is no parameter of this prior table" if prior is None else f"is {prior.family} here, not {family}"
        raise UsageError(f"history was learned for another model: {name} {found}; {WAY_OUT}")
    lengths = [len(values) for values in prior.parameters if isinstance(values, tuple)]
    if size is None:
        fits = not prior.dims and len(rows) == 1
    else:
        inside = all(one.size == size and one.index is not None and one.index < size for one in rows)
        fits = len(prior.dims) == 1 and inside and all(n == size for n in lengths)
    if not fits:
        raise UsageError(f"history was learned for another model: {name} has other entries here; {WAY_OUT}")


def _combined(prior: Prior, rows: list[tuple[Scalar, Learned]], power: float, as_of: date) -> Prior:
    size = rows[0][0].size or 1
    location, scale = (np.broadcast_to(np.asarray(v, dtype=float), size).copy() for v in prior.parameters)
    location = np.log(location) if prior.family == "lognormal" else location
    for scalar, one in rows:
        at = scalar.index or 0
        location[at], scale[at] = combined(location[at], scale[at], one, power)
    location = np.exp(location) if prior.family == "lognormal" else location
    told = tuple(tuple(v.tolist()) if prior.dims else float(v[0]) for v in (location, scale))
    sets = ", ".join(dict.fromkeys(scalar.data_set for scalar, _ in rows))
    return prior.model_copy(
        update={
            "parameters": told,
            "reason": f"{prior.reason}; was {prior.text}, with {sets} up to {as_of.isoformat()} at power {power:g}",
            "source": f"{prior.source}; docs/learned-priors.md".removeprefix("; "),
        }
    )


def _digest(history: History) -> str:
    text = json.dumps(history.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _bare(source: str) -> str:
    """Syntax tree of a module without its docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        documented = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        if documented and body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            node.body = body[1:]
    return ast.dump(tree)
