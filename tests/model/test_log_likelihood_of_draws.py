"""The log-likelihood of stored draws is that of the model: their density less every prior and every shock."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from densities import Densities

from forecast.inference.compile import Compiled
from forecast.inference.fit import named_draws
from forecast.inference.power import log_likelihood
from forecast.model.build import model_data
from forecast.model.priors import read_priors


def test_it_differs_between_draws_as_the_likelihood_does(panel: xr.Dataset, densities: Densities):
    priors = read_priors()
    names = [str(v.name) for v in densities.model.value_vars]
    shapes = tuple((name, densities.origin[name].shape) for name in names)

    def density(point: np.ndarray, *_: np.ndarray) -> tuple[float, np.ndarray]:
        parts, begin = {}, 0
        for name, shape in shapes:
            size = int(np.prod(shape))
            parts[name], begin = point[begin : begin + size].reshape(shape), begin + size
        return densities.total(parts), point

    data = model_data(panel, priors)
    start = np.concatenate([densities.origin[name].ravel() for name in names])
    compiled = Compiled(function=density, names=tuple(data), data=data, variables=shapes, start=start)
    at = [densities.somewhere(seed) for seed in range(3)]
    flat = np.stack([np.concatenate([point[name].ravel() for name in names]) for point in at])[None]
    tree = xr.DataTree.from_dict({"posterior": named_draws(flat, compiled, panel, priors), "panel": panel})
    tree.attrs["priors"] = json.dumps({k: p.model_dump() for k, p in priors.items()})
    found = log_likelihood(tree, priors, compiled)
    wanted = np.array([densities.likelihood(point) for point in at])
    assert np.diff(found) == pytest.approx(np.diff(wanted), rel=1e-6)
