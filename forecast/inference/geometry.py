"""Geometry: coordinates in which the sampler sees global parameters nearly round, learned from an earlier posterior."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from forecast.errors import ArchiveError
from forecast.model.priors import VECTORS, Prior, vector_coords

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xarray as xr

    from forecast.inference.compile import Compiled

SHIPPED = Path(__file__).parent / "geometry.json"
KEPT = 0.95  # share of the correlations that is kept: sampled ones are a little too large
DIGITS = 4


class Geometry(NamedTuple):
    """Where global parameters lay in an earlier posterior, on the unconstrained scale, and how they moved together.

    It changes how fast the sampler gets along, not where it gets: the density is the same in any coordinates.
    """

    labels: tuple[str, ...]  # of the unknowns, as from `unknown_labels`
    center: np.ndarray  # [label]
    factor: np.ndarray  # lower triangle [label, label]; times its transpose it is their covariance
    past_crises: int = 0  # beside the case of that posterior
    as_of: str = ""  # day of that posterior


PLAIN = Geometry((), np.zeros(0), np.zeros((0, 0)))
"""Knows nothing: the sampler moves in the model's own unknowns."""


class Coordinates(NamedTuple):
    """A linear map of some unknowns of a model: x[at] = center + factor @ z[at]; all others stay as they are."""

    at: np.ndarray
    center: np.ndarray
    factor: np.ndarray

    def points(self, z: np.ndarray) -> np.ndarray:
        """Unknowns of the model [..., unknown] from those that the sampler moves."""
        x = z.copy()
        x[..., self.at] = self.center + z[..., self.at] @ self.factor.T
        return x

    def gradient(self, gradient: np.ndarray) -> np.ndarray:
        """Gradient [unknown] in the sampler's unknowns from that in the model's."""
        found = gradient.copy()
        found[self.at] = self.factor.T @ gradient[self.at]
        return found


def shipped_for(panel: xr.Dataset) -> Geometry:
    """The shipped geometry, or none of a panel of an earlier day or with less than half as many past crises.

    With fewer, parameters lie elsewhere and move otherwise: in a case without any it halved the effective draws. No
    forecast, not even its starting points, follows from what was known only later.
    """
    shipped = read_geometry()
    alike = 2 * (panel.sizes["episode"] - 1) >= shipped.past_crises
    return shipped if alike and panel.attrs["as_of"] >= shipped.as_of else PLAIN


def unknown_labels(compiled: Compiled, priors: Mapping[str, Prior], coords: Mapping[str, Sequence]) -> list[str]:
    """Label of every unknown of a compiled model, such as `overt_intercept[challenger]`."""
    labels = vector_coords(priors, coords)
    named = set(VECTORS.values())
    found: list[str] = []
    for name, shape in compiled.variables:
        found += labels[f"{name}_parameter"] if name in named else [f"{name}[{k}]" for k in range(int(np.prod(shape)))]
    return found


def coordinates(geometry: Geometry, labels: Sequence[str]) -> Coordinates:
    """The map for a model with these labels; what the geometry does not know keeps its own scale."""
    place = {label: k for k, label in enumerate(labels)}
    known = [k for k, label in enumerate(geometry.labels) if label in place]
    covariance = (geometry.factor @ geometry.factor.T)[np.ix_(known, known)]
    factor = np.linalg.cholesky(covariance) if known else np.zeros((0, 0))
    return Coordinates(np.array([place[geometry.labels[k]] for k in known], dtype=int), geometry.center[known], factor)


def geometry_of(draws: np.ndarray, labels: Sequence[str], names: Sequence[str]) -> Geometry:
    """Geometry of the parameters named, from draws on the unconstrained scale [sample, unknown] and their labels."""
    wanted = set(names)
    chosen = [k for k, label in enumerate(labels) if label.split("[")[0].removesuffix("_simplex__") in wanted]
    values = draws[:, chosen]
    spread = values.std(axis=0)
    correlation = KEPT * np.corrcoef(values.T) + (1.0 - KEPT) * np.eye(len(chosen))
    factor = spread[:, None] * np.linalg.cholesky(correlation)
    return Geometry(tuple(labels[k] for k in chosen), values.mean(axis=0), factor)


@cache
def read_geometry(path: Path = SHIPPED) -> Geometry:
    """The geometry in a file of `write_geometry`, the shipped one by default.

    Raises
    ------
    ArchiveError
        No such file, or not one of this form.
    """
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        factor = np.zeros((len(held["labels"]), len(held["labels"])))
        factor[np.tril_indices(len(factor))] = held["factor"]
        return Geometry(
            tuple(held["labels"]),
            np.array(held["center"], dtype=float),
            factor,
            int(held["past_crises"]),
            str(held["as_of"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArchiveError(f"{path}: not a geometry ({error}); `forecast study geometry` writes one") from error


def write_geometry(geometry: Geometry, path: Path, facts: Mapping[str, object]) -> None:
    """Write a geometry as JSON, with the facts of where it was learned."""
    lower = geometry.factor[np.tril_indices(len(geometry.factor))]
    held = dict(facts) | {
        "labels": list(geometry.labels),
        "center": _rounded(geometry.center),
        "factor": _rounded(lower),
        "past_crises": geometry.past_crises,
        "as_of": geometry.as_of,
    }
    path.write_text(json.dumps(held, indent=None, separators=(",", ":")) + "\n", encoding="utf-8")


def _rounded(values: np.ndarray) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values]
