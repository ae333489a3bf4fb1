"""Compile a model once for every panel of the same dims: log-density and gradient as one native function."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from pytensor.compile.mode import Mode, get_mode
from pytensor.link.numba.linker import NumbaLinker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pymc as pm


class Compiled(NamedTuple):
    """Log-density of a model on the unconstrained scale, as a native function of a point and the model's data."""

    function: Callable  # (point, *data) -> log-density, gradient
    names: tuple[str, ...]  # of the data, in the order of the function
    data: Mapping[str, np.ndarray]
    variables: tuple[tuple[str, tuple[int, ...]], ...]  # value variables in the order of the point, with shapes
    start: np.ndarray  # a point in the middle of the prior

    def density(self) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
        """Log-density and gradient at an unconstrained point [unknown]."""
        given = tuple(self.data[name] for name in self.names)
        function = self.function

        def value(point: np.ndarray) -> tuple[float, np.ndarray]:
            density, gradient = function(point, *given)
            return float(density), gradient

        return value

    def with_data(self, data: Mapping[str, np.ndarray]) -> Compiled:
        """Return the same function on other data; the dims of the parameters must be the same."""
        # data without values, as of past crises where there are none, leave no trace in the function
        used = {name: values for name, values in data.items() if name in self.data or np.size(values)}
        # the native function is compiled for types and layout of its first data; others would compile it anew
        typed = {n: np.asarray(values, dtype=self.data[n].dtype, order="C") for n, values in used.items()}
        return self._replace(data={**self.data, **typed})


class _Unlocked(NumbaLinker):
    """Numba without the interpreter lock, so that chains run in parallel threads."""

    def jit_compile(self, fn_and_cache: tuple) -> Callable:
        from pytensor.link.numba.dispatch.basic import numba_njit  # registers the dispatch of every operation

        function, key = fn_and_cache
        return numba_njit(function.py_func, final_function=True, nogil=True, cache=key is not None)


def compile_model(model: pm.Model) -> Compiled:
    """Compile log-density and gradient through PyTensor's Numba backend, whose results are cached on disk.

    nutpie's own compilation of the same model is not cached between processes (49-150 s against 1-40 s here).
    """
    mode = Mode(_Unlocked(), get_mode("NUMBA").provided_optimizer)
    joined = model.logp_dlogp_function(ravel_inputs=True, mode=mode)
    function = joined._pytensor_function
    shared = list(function.get_shared())
    initial = model.initial_point()
    variables = tuple((v.name, tuple(np.shape(initial[v.name]))) for v in joined._grad_vars)
    compiled = Compiled(
        function=function.vm.jit_fn,
        names=tuple(str(v.name) for v in shared),
        data={str(v.name): np.ascontiguousarray(v.get_value()) for v in shared},
        variables=variables,
        start=np.concatenate([np.ravel(initial[name]) for name, _ in variables]),
    )
    compiled.density()(compiled.start)  # the native code is made, or read from the cache, at the first call
    return compiled
