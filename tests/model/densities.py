"""The log density of a panel's model in parts, compiled for the interpreter so that no test waits for a compiler."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np
import pymc as pm
import xarray as xr
from pytensor.compile.mode import Mode
from pytensor.gradient import grad

from forecast.model.build import Steps, build_model, model_coords
from forecast.model.priors import VECTORS, Prior, read_priors, vector_coords

Point = dict[str, np.ndarray]
MODE = Mode("py", "fast_compile")


class Densities:
    """What a test asks of a model at a point of its unbounded space; each function is compiled when first used."""

    def __init__(
        self, panel: xr.Dataset, priors: Mapping[str, Prior] | None = None, steps: Steps | None = None
    ) -> None:
        chosen = read_priors() if priors is None else priors
        self.model: pm.Model = build_model(panel, chosen, steps=steps)
        self.origin: Point = self.model.initial_point()
        labels = vector_coords(chosen, model_coords(panel))
        self.labels = {v: labels[f"{v}_parameter"] for v in VECTORS.values() if f"{v}_parameter" in labels}
        self.observed = [*self.model.observed_RVs, *self.model.potentials]

    def somewhere(self, seed: int, scale: float = 0.4) -> Point:
        """A random point around the origin of the sampler."""
        rng = np.random.default_rng(seed)
        return {name: value + scale * rng.standard_normal(value.shape) for name, value in self.origin.items()}

    def key(self, vector: str) -> str:
        """Name of a vector variable among the entries of a point."""
        return next(name for name in self.origin if name in (vector, f"{vector}_log__"))

    def terms(self, point: Point) -> dict[str, float]:
        """Log-likelihood by part: choices, coded_choices, joint_choices, days_of_fighting."""
        return {str(v.name): float(x) for v, x in zip(self.observed, self._terms(point), strict=True)}

    def likelihood(self, point: Point) -> float:
        return sum(self.terms(point).values())

    def prior(self, point: Point) -> float:
        """Log density of the free variables on the unbounded space."""
        return float(self._prior(point))

    def total(self, point: Point) -> float:
        return float(self._total(point))

    def slopes(self, point: Point) -> Point:
        """Gradient of the log-likelihood."""
        return {str(v.name): x for v, x in zip(self.model.value_vars, self._slopes(point), strict=True)}

    def gradient(self, point: Point) -> np.ndarray:
        """Gradient of the whole log density, flat."""
        return self._gradient(point)

    def values(self, point: Point) -> dict[str, np.ndarray]:
        """Variables on their own scale, and the latent paths."""
        names = [str(v.name) for v in self.model.unobserved_value_vars]
        return dict(zip(names, self._values(point), strict=True))

    @cached_property
    def _terms(self) -> Callable:
        return self.model.compile_fn([self.model.logp(vars=[v], sum=True) for v in self.observed], mode=MODE)

    @cached_property
    def _prior(self) -> Callable:
        return self.model.compile_fn(self.model.logp(vars=self.model.free_RVs, sum=True), mode=MODE)

    @cached_property
    def _total(self) -> Callable:
        return self.model.compile_fn(self.model.logp(sum=True), mode=MODE)

    @cached_property
    def _slopes(self) -> Callable:
        likelihood = self.model.logp(vars=self.observed, sum=True)
        return self.model.compile_fn(grad(likelihood, self.model.value_vars), mode=MODE)

    @cached_property
    def _gradient(self) -> Callable:
        return self.model.compile_fn(self.model.dlogp(), mode=MODE)

    @cached_property
    def _values(self) -> Callable:
        return self.model.compile_fn(self.model.unobserved_value_vars, mode=MODE)
