"""The density of a model compiled for the interpreter, so that no test waits for a compiler."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from densities import MODE

from forecast.inference.compile import Compiled
from forecast.model.build import build_model
from forecast.model.priors import Prior


def interpreted_density(panel: xr.Dataset, priors: Mapping[str, Prior]) -> Compiled:
    model = build_model(panel, priors)
    joined = model.logp_dlogp_function(ravel_inputs=True, mode=MODE)
    shared = list(joined._pytensor_function.get_shared())
    initial = model.initial_point()

    def function(point: np.ndarray, *data: np.ndarray) -> tuple[float, np.ndarray]:
        for variable, values in zip(shared, data, strict=True):
            variable.set_value(values)
        return joined._pytensor_function(point)

    return Compiled(
        function,
        tuple(str(v.name) for v in shared),
        {str(v.name): v.get_value() for v in shared},
        tuple((v.name, np.shape(initial[v.name])) for v in joined._grad_vars),
        np.concatenate([np.ravel(initial[v.name]) for v in joined._grad_vars]),
    )
