"""Priors as data: read, checked, and turned into random variables by name."""

from __future__ import annotations

import hashlib
import itertools
import math
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from forecast.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytensor.tensor import TensorVariable

VECTORS = {"normal": "normal", "lognormal": "log_normal"}
SHIPPED = Path(__file__).with_name("priors.yaml")


class Prior(BaseModel):
    """One prior: family, parameters, dims, unit, what it means, why this value, and where that comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    family: Literal["normal", "lognormal", "dirichlet", "fixed"]
    parameters: tuple[float | tuple[float, ...], ...]
    dims: tuple[str, ...] = ()
    unit: str
    meaning: str
    reason: str
    source: str = ""

    @property
    def text(self) -> str:
        """The prior as a reader would write it, such as `Normal(0.7, 0.5)`."""
        names = {"normal": "Normal", "dirichlet": "Dirichlet", "fixed": "Fixed"}
        values = [", ".join(f"{v:g}" for v in p) if isinstance(p, tuple) else f"{p:g}" for p in self.parameters]
        if self.family == "lognormal":
            return f"LogNormal(median {values[0]}, log sd {values[1]})"
        return f"{names[self.family]}({'; '.join(values)})"


def read_priors(path: Path | str | None = None) -> dict[str, Prior]:
    """Read a prior table; the shipped one by default.

    Raises
    ------
    UsageError
        The file is not a list of complete priors, or names one twice.
    """
    where = SHIPPED if path is None else Path(path)
    try:
        rows = yaml.safe_load(where.read_text(encoding="utf-8"))
        priors = [Prior(**row) for row in rows]
    except (OSError, yaml.YAMLError, ValidationError, TypeError) as error:
        raise UsageError(f"{where}: not a table of priors: {error}; compare it with {SHIPPED.name}") from error
    names = [p.name for p in priors]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise UsageError(f"{where}: prior named twice: {', '.join(twice)}")
    return {p.name: p for p in priors}


def prior_hash(priors: Mapping[str, Prior]) -> str:
    """Hash of what the priors say (sha256, hex), independent of their order."""
    text = "\n".join(p.model_dump_json() for _, p in sorted(priors.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def declare(priors: Mapping[str, Prior], coords: Mapping[str, Sequence]) -> dict[str, TensorVariable]:
    """Create the free variables in the open model context: vector variable → its values, log-normal ones exponentiated.

    Parameters of a family share one vector variable (`normal`, `log_normal`), which keeps the graph small and its
    compilation short; `positions` says where each lies, `unpack` gives draws their names back. Locations and scales
    are data of the model, so that other priors need no new compilation.
    """
    out = {}
    for family, vector in VECTORS.items():
        location, scale = prior_arrays(priors, coords, family)
        given = pm.Data(f"{vector}_location", location), pm.Data(f"{vector}_scale", scale)
        values = pm.Normal(vector, mu=given[0], sigma=given[1], dims=f"{vector}_parameter")
        out[vector] = pt.exp(values) if family == "lognormal" else values
    for name, prior in priors.items():
        if prior.family == "dirichlet":
            weights = pm.Data(f"{name}_weights", np.array(prior.parameters, dtype=float))
            out[name] = pm.Dirichlet(name, a=weights, dims=prior.dims)
        elif prior.family == "fixed":
            out[name] = pm.Data(name, np.array(prior.parameters[0], dtype=float))
    return out


def prior_arrays(
    priors: Mapping[str, Prior], coords: Mapping[str, Sequence], family: str
) -> tuple[np.ndarray, np.ndarray]:
    """Locations and scales of all scalars of a family, in the order of its vector."""
    places = list(_layout(priors, coords, family).values())
    return np.concatenate([v[0] for v in places]), np.concatenate([v[1] for v in places])


def positions(priors: Mapping[str, Prior], coords: Mapping[str, Sequence]) -> dict[str, tuple[int, tuple[int, ...]]]:
    """First position and shape of each parameter in the vectors of `declare`, laid end to end."""
    out: dict[str, tuple[int, tuple[int, ...]]] = {}
    begin = 0
    for family in VECTORS:
        for name, (location, _, shape) in _layout(priors, coords, family).items():
            out[name] = begin, shape
            begin += location.size
    return out


def vector_coords(priors: Mapping[str, Prior], coords: Mapping[str, Sequence]) -> dict[str, list[str]]:
    """Labels of the vector variables: one entry a scalar, such as `overt_intercept[challenger]`."""
    labels = {}
    for family, vector in VECTORS.items():
        names = []
        for name, (_, _, shape) in _layout(priors, coords, family).items():
            dims = priors[name].dims
            index = itertools.product(*(range(n) for n in shape))
            labels_of = ([str(coords[d][i]) for d, i in zip(dims, at, strict=True)] for at in index)
            names += [f"{name}[{', '.join(at)}]" if at else name for at in labels_of]
        labels[vector + "_parameter"] = names
    return labels


def unpack(draws: xr.Dataset, priors: Mapping[str, Prior], coords: Mapping[str, Sequence]) -> xr.Dataset:
    """Give draws of the vector variables their names and dims back; other variables are kept."""
    out = {name: variable for name, variable in draws.data_vars.items() if name not in VECTORS.values()}
    for family, vector in VECTORS.items():
        if vector not in draws:
            continue
        values = draws[vector].transpose(..., vector + "_parameter")
        lead = values.dims[:-1]
        data = np.exp(values.values) if family == "lognormal" else values.values
        begin = 0
        for name, (location, _, shape) in _layout(priors, coords, family).items():
            part = data[..., begin : begin + location.size].reshape(data.shape[:-1] + shape)
            begin += location.size
            dims = priors[name].dims
            axes = {d: list(coords[d]) for d in dims} | {d: draws[d].values for d in lead if d in draws.coords}
            out[name] = xr.DataArray(part, dims=(*lead, *dims), coords=axes)
    return xr.Dataset(out)


def prior_draws(priors: Mapping[str, Prior], coords: Mapping[str, Sequence], *, draws: int, seed: int) -> xr.Dataset:
    """Independent draws of all parameters from their priors, with one `sample` dim."""
    rng = np.random.default_rng(seed)
    out = {}
    for name, prior in priors.items():
        if prior.family == "fixed":
            continue
        if prior.family == "dirichlet":
            values = rng.dirichlet(np.array(prior.parameters, dtype=float), size=draws)
        else:
            location, scale, shape = _place(prior, coords)
            noise = location + scale * rng.standard_normal((draws, location.size))
            values = np.exp(noise) if prior.family == "lognormal" else noise
            values = values.reshape(draws, *shape)
        out[name] = (("sample", *prior.dims), values)
    used = {d for prior in priors.values() for d in prior.dims}
    return xr.Dataset(out, coords={d: list(coords[d]) for d in used})


def _layout(
    priors: Mapping[str, Prior], coords: Mapping[str, Sequence], family: str
) -> dict[str, tuple[np.ndarray, np.ndarray, tuple[int, ...]]]:
    return {name: _place(prior, coords) for name, prior in priors.items() if prior.family == family}


def _place(prior: Prior, coords: Mapping[str, Sequence]) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """Location and scale of each scalar, flat, and the shape they fold into."""
    shape = tuple(len(coords[d]) for d in prior.dims)
    if prior.family == "lognormal":
        location, scale = math.log(float(prior.parameters[0])), prior.parameters[1]  # type: ignore[arg-type]
    else:
        location, scale = prior.parameters
    return (
        np.broadcast_to(np.asarray(location, dtype=float), shape or (1,)).ravel(),
        np.broadcast_to(np.asarray(scale, dtype=float), shape or (1,)).ravel(),
        shape,
    )
