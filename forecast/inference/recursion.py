"""The autoregression of the latents as a native loop: what samplers run in place of `model.latent.autoregression`."""

from __future__ import annotations

import hashlib
import inspect
import sys
from typing import TYPE_CHECKING, cast

import numba
import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import register_funcify_and_cache_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytensor.graph.basic import Variable
    from pytensor.tensor.variable import TensorVariable


def recursion(shocks: TensorVariable, persistence: TensorVariable) -> TensorVariable:
    """Filter shocks [row, step] into x[t] = persistence * x[t-1] + shocks[t], x[-1] = 0, step by step."""
    return cast("TensorVariable", Recursion().make_node(shocks, persistence).outputs[0])


class Recursion(Op):
    """The path [row, step] from shocks [row, step] and persistence (0-d)."""

    __props__ = ()

    def make_node(self, *inputs: Variable) -> Apply:
        """Apply the operation to its inputs."""
        given = [pt.as_tensor_variable(value) for value in inputs]
        return Apply(self, given, [given[0].type()])

    def perform(self, node: Apply, inputs: Sequence[np.ndarray], output_storage: list[list]) -> None:
        """Compute it outside of a compiled function."""
        del node
        output_storage[0][0] = forward(*inputs)

    def pullback(
        self, inputs: Sequence[Variable], outputs: Sequence[Variable], cotangents: Sequence[Variable]
    ) -> list[Variable]:
        """Carry slopes at the path back to shocks and persistence."""
        return list(Return().make_node(inputs[1], outputs[0], cotangents[0]).outputs)


class Return(Op):
    """Slopes at the shocks [row, step] and at the persistence (0-d) from persistence, path and slopes at the path."""

    __props__ = ()

    def make_node(self, *inputs: Variable) -> Apply:
        """Apply the operation to its inputs."""
        given = [pt.as_tensor_variable(value) for value in inputs]
        return Apply(self, given, [given[1].type(), pt.dscalar()])

    def perform(self, node: Apply, inputs: Sequence[np.ndarray], output_storage: list[list]) -> None:
        """Compute it outside of a compiled function."""
        del node
        for place, value in zip(output_storage, backward(*inputs), strict=True):
            place[0] = value


@numba.njit(cache=True, nogil=True)
def forward(shocks, persistence):  # noqa: ANN001, ANN201
    """The path [row, step]."""
    rows, steps = shocks.shape
    keep, path = persistence.item(), np.empty((rows, steps))
    for r in range(rows):
        last = 0.0
        for t in range(steps):
            last = keep * last + shocks[r, t]
            path[r, t] = last
    return path


@numba.njit(cache=True, nogil=True)
def backward(persistence, path, slope):  # noqa: ANN001, ANN201
    """Slopes at shocks [row, step] and persistence (0-d): the recursion run from the end."""
    rows, steps = path.shape
    keep, at_shocks, found = persistence.item(), np.empty((rows, steps)), 0.0
    for r in range(rows):
        last = 0.0
        for t in range(steps - 1, -1, -1):
            last = keep * last + slope[r, t]
            at_shocks[r, t] = last
            if t:
                found += last * path[r, t - 1]
    return at_shocks, np.array(found)


def source_key(op: Op) -> str:
    """Key of the native code of an operation that is kept on disk: it changes with the source of its module."""
    source = inspect.getsource(sys.modules[type(op).__module__])
    return hashlib.sha256(f"{type(op)} {source}".encode()).hexdigest()


@register_funcify_and_cache_key(Recursion)
def _forward(op: Recursion, **_: object) -> tuple[Callable, str]:
    return forward, source_key(op)


@register_funcify_and_cache_key(Return)
def _backward(op: Return, **_: object) -> tuple[Callable, str]:
    return backward, source_key(op)
