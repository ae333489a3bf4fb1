"""The likelihood of all choices with its gradient in one pass: what samplers run in place of `model.build.observe`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numba
import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pytensor.gradient import disconnected_type
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import register_funcify_and_cache_key

from forecast.inference.recursion import recursion, source_key
from forecast.model.build import TINY, Steps, coding_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytensor.graph.basic import Variable
    from pytensor.tensor.variable import TensorVariable

    from forecast.model.build import Parameters

DESIGN = (
    "offset", "fixed_parameter", "fixed_cell", "fixed_value",
    "latent_parameter", "latent_cell", "latent_position", "latent_value",
    "logit_cell", "hazard_cell", "events", "trials",
    "coded_cell", "coded_error", "coded_events", "coded_trials",
    "joint_cell_a", "joint_cell_b", "joint_coupling", "joint_neither", "joint_error_a", "joint_error_b", "joint_counts",
    "duration_cell", "duration_ended", "duration_days",
)  # fmt: skip
"""Arrays of the design (`model.design.assemble`) in the order in which the loop takes them."""

VECTOR = {"error_model": "numpy", "nogil": True, "fastmath": {"contract"}}
"""No checks for zero, no branches: the compiler makes vector code of the loops."""
SUMS = {"error_model": "numpy", "nogil": True, "fastmath": {"contract", "reassoc"}}
"""Sums in whatever order is fastest; never around `_exp` and `_log`, which rest on the order of their operations."""
LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
SQRT_2 = 1.4142135623730951
MANTISSA, ONE = 0x000FFFFFFFFFFFFF, 0x3FF0000000000000


def observe_at_once(given: Parameters, p: Parameters, parameters: TensorVariable, latents: TensorVariable) -> None:
    """Add the log-density that `model.build.observe` adds, as one operation that also gives its own gradient."""
    missed, invented = coding_errors(p)
    node = Likelihood().make_node(parameters, latents, missed, invented, *(given[name] for name in DESIGN))
    pm.Potential("choices", cast("TensorVariable", node.outputs[0]))


NATIVE = Steps(recursion, observe_at_once)
"""What the sampler takes for the steps of the model (`build_model`)."""


class Likelihood(Op):
    """Log-likelihood of all choices, and its slopes at the parameters and at the latents.

    Inputs are the vectors of all parameters and of all latents, the chances of a missed and of an invented act by class
    of coding error, and the arrays of `DESIGN`.
    """

    __props__ = ()

    def make_node(self, *inputs: Variable) -> Apply:
        """Apply the operation to its inputs."""
        given = [pt.as_tensor_variable(value) for value in inputs]
        return Apply(self, given, [pt.dscalar(), given[0].type(), given[1].type()])

    def perform(self, node: Apply, inputs: Sequence[np.ndarray], output_storage: list[list]) -> None:
        """Compute it outside of a compiled function."""
        del node
        for place, value in zip(output_storage, value_and_slopes(*inputs), strict=True):
            place[0] = value

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the log-likelihood is differentiated, by parameters and latents."""
        return [[k < 2, False, False] for k in range(len(node.inputs))]

    def pullback(
        self, inputs: Sequence[Variable], outputs: Sequence[Variable], cotangents: Sequence[Variable]
    ) -> list[Variable]:
        """Give back the slopes that were computed together with the value."""
        slopes = [pt.mul(cotangents[0], slope) for slope in outputs[1:]]
        return cast("list[Variable]", slopes + [disconnected_type() for _ in inputs[2:]])


@register_funcify_and_cache_key(Likelihood)
def _native(op: Likelihood, **_: object) -> tuple[Callable, str]:
    """Make the loop part of a compiled function; its source is part of the key of what is kept on disk."""
    return value_and_slopes, source_key(op)


@numba.njit(inline="always", **VECTOR)
def _exp(x):  # noqa: ANN001, ANN202
    """Exponential of a number between -708 and 709, nearer bound beyond (Taylor series after reduction by ln 2)."""
    x = min(max(x, -708.0), 709.0)
    k = np.floor(x * LOG2_E + 0.5)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    p = 1 / 479001600.0
    p = p * r + 1 / 39916800.0
    p = p * r + 1 / 3628800.0
    p = p * r + 1 / 362880.0
    p = p * r + 1 / 40320.0
    p = p * r + 1 / 5040.0
    p = p * r + 1 / 720.0
    p = p * r + 1 / 120.0
    p = p * r + 1 / 24.0
    p = p * r + 1 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    return p * np.int64((np.int64(k) + 1023) << 52).view(np.float64)


@numba.njit(inline="always", **VECTOR)
def _log(x):  # noqa: ANN001, ANN202
    """Logarithm of a number above 1e-307 (series of the inverse hyperbolic tangent after reduction by powers of 2)."""
    bits = np.float64(x).view(np.int64)
    k = np.float64(((bits >> 52) & 0x7FF) - 1023)
    m = np.int64((bits & MANTISSA) | ONE).view(np.float64)
    half = 1.0 if m > SQRT_2 else 0.0
    m, k = m * (1.0 - 0.5 * half), k + half
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    p = 1 / 21.0
    p = p * z + 1 / 19.0
    p = p * z + 1 / 17.0
    p = p * z + 1 / 15.0
    p = p * z + 1 / 13.0
    p = p * z + 1 / 11.0
    p = p * z + 1 / 9.0
    p = p * z + 1 / 7.0
    p = p * z + 1 / 5.0
    p = p * z + 1 / 3.0
    p = p * z + 1.0
    return k * LN2_HIGH + (k * LN2_LOW + 2.0 * s * p)


@numba.njit(inline="always", **VECTOR)
def _log_one_plus(x):  # noqa: ANN001, ANN202
    """log(1 + x) for x >= 0."""
    near = 1.0 + x
    return _log(near) + (x - (near - 1.0)) / near


@numba.njit(cache=True, **VECTOR)
def _binary(x, events, trials, value, slope):  # noqa: ANN001, ANN202
    """Binary choices by their logit: log-likelihood and slope at it [cell]."""
    for i in range(len(x)):
        small = _exp(-abs(x[i]))
        softplus = 0.5 * (x[i] + abs(x[i])) + _log_one_plus(small)
        chance = (1.0 if x[i] >= 0.0 else small) / (1.0 + small)
        value[i] = events[i] * x[i] - trials[i] * softplus
        slope[i] = events[i] - trials[i] * chance


@numba.njit(cache=True, **VECTOR)
def _hazard(x, events, trials, value, slope):  # noqa: ANN001, ANN202
    """At least one event at a cumulated hazard, by its log: log-likelihood and slope at it [cell]."""
    for i in range(len(x)):
        exposure = np.exp(x[i])
        some = -np.expm1(-exposure)
        value[i] = events[i] * np.log(some) - (trials[i] - events[i]) * exposure
        slope[i] = exposure * (events[i] * (1.0 - some) / some - (trials[i] - events[i]))


@numba.njit(cache=True, **VECTOR)
def _coded(x, missed, invented, events, trials, value, slope):  # noqa: ANN001, ANN202
    """Binary choices that may be coded wrongly, by their logit: log-likelihood and slope at it [cell]."""
    for i in range(len(x)):
        small = _exp(-abs(x[i]))
        large = 1.0 / (1.0 + small)
        chance = large if x[i] >= 0.0 else small * large
        other = small * large if x[i] >= 0.0 else large
        coded = (1.0 - missed[i]) * chance + invented[i] * other + TINY
        uncoded = missed[i] * chance + (1.0 - invented[i]) * other + TINY
        value[i] = events[i] * _log(coded) + (trials[i] - events[i]) * _log(uncoded)
        slope[i] = (1.0 - missed[i] - invented[i]) * chance * other
        slope[i] *= events[i] / coded - (trials[i] - events[i]) / uncoded


@numba.njit(cache=True, **VECTOR)
def _exps(values):  # noqa: ANN001, ANN202
    for i in range(len(values)):
        values[i] = _exp(values[i])


@numba.njit(cache=True, **VECTOR)
def _logs(values):  # noqa: ANN001, ANN202
    for i in range(len(values)):
        values[i] = _log(values[i])


@numba.njit(cache=True, **VECTOR)
def _joint(a, b, coupling, neither, by_a, by_b, counts, value, slope_a, slope_b, slope_both):  # noqa: ANN001, ANN202
    """Joint choices by the log weights of their patterns: log-likelihood and slopes at a, b and the coupling [cell]."""
    chance, coded = np.empty((len(a), 4)), np.empty((len(a), 4))
    for i in range(len(a)):
        both = a[i] + b[i] + coupling[i]
        top = max(max(neither[i], both), max(a[i], b[i]))
        chance[i, 0], chance[i, 1], chance[i, 2], chance[i, 3] = neither[i] - top, a[i] - top, b[i] - top, both - top
    _exps(chance.ravel())
    for i in range(len(a)):
        scale = 1.0 / (chance[i, 0] + chance[i, 1] + chance[i, 2] + chance[i, 3])
        p0, p1, p2, p3 = scale * chance[i, 0], scale * chance[i, 1], scale * chance[i, 2], scale * chance[i, 3]
        q0, q1, q2 = p0 + TINY, p1 + by_a[i] * p0 + TINY, p2 + by_b[i] * p0 + TINY
        q3 = p3 + by_a[i] * p2 + by_b[i] * (p1 + by_a[i] * p0) + TINY
        coded[i, 0], coded[i, 1], coded[i, 2], coded[i, 3] = q0, q1, q2, q3
        r0, r1, r2, r3 = counts[i, 0] / q0, counts[i, 1] / q1, counts[i, 2] / q2, counts[i, 3] / q3
        s0 = r0 + by_a[i] * r1 + by_b[i] * r2 + by_a[i] * by_b[i] * r3
        s1, s2 = r1 + by_b[i] * r3, r2 + by_a[i] * r3
        mean = p0 * s0 + p1 * s1 + p2 * s2 + p3 * r3
        slope_both[i] = p3 * (r3 - mean)
        slope_a[i], slope_b[i] = p1 * (s1 - mean) + slope_both[i], p2 * (s2 - mean) + slope_both[i]
    _logs(coded.ravel())
    for i in range(len(a)):
        value[i] = (
            counts[i, 0] * coded[i, 0] + counts[i, 1] * coded[i, 1]
            + counts[i, 2] * coded[i, 2] + counts[i, 3] * coded[i, 3]
        )  # fmt: skip


@numba.njit(cache=True, **VECTOR)
def _duration(x, ended, days, value, slope):  # noqa: ANN001, ANN202
    """Durations by their log hazard: log-likelihood and slope at it [cell]."""
    for i in range(len(x)):
        expected = days[i] * np.exp(x[i])
        value[i] = ended[i] * x[i] - expected
        slope[i] = ended[i] - expected


@numba.njit(cache=True, **SUMS)
def _total(values):  # noqa: ANN001, ANN202
    found = 0.0
    for i in range(len(values)):
        found += values[i]
    return found


@numba.njit(inline="always", **VECTOR)
def _at(index):  # noqa: ANN001, ANN202
    """An index that is never counted from the end: without that case the loops around it are vector code."""
    return np.uint64(index)


@numba.njit(cache=True, **VECTOR)
def _taken(values, index):  # noqa: ANN001, ANN202
    out = np.empty(len(index))
    for i in range(len(index)):
        out[i] = values[_at(index[i])]
    return out


@numba.njit(cache=True, **VECTOR)
def _put(values, index, out):  # noqa: ANN001, ANN202
    for i in range(len(index)):
        out[_at(index[i])] = values[i]


@numba.njit(cache=True, **VECTOR)
def _predictors(parameters, latents, fixed, latent, out):  # noqa: ANN001, ANN202
    """Add the terms to the linear predictors [cell]."""
    parameter, cell, value = fixed
    for i in range(len(cell)):
        out[_at(cell[i])] += parameters[_at(parameter[i])] * value[i]
    parameter, cell, position, value = latent
    for i in range(len(cell)):
        out[_at(cell[i])] += parameters[_at(parameter[i])] * (value[i] * latents[_at(position[i])])


@numba.njit(cache=True, **VECTOR)
def _back(slope, parameters, latents, fixed, latent, at_parameters, at_latents):  # noqa: ANN001, ANN202
    """Carry slopes at the predictors [cell] back to parameters and latents.

    What follows for one parameter is summed before it is stored: to add to the same place again and again is slow.
    """
    parameter, cell, value = fixed
    own, found = 0, 0.0
    for i in range(len(cell)):
        if parameter[i] != own:
            at_parameters[_at(own)] += found
            own, found = parameter[i], 0.0
        found += slope[_at(cell[i])] * value[i]
    at_parameters[_at(own)] += found
    parameter, cell, position, value = latent
    own, found = 0, 0.0
    for i in range(len(cell)):
        if parameter[i] != own:
            at_parameters[_at(own)] += found
            own, found = parameter[i], 0.0
        moved = slope[_at(cell[i])] * value[i]
        found += moved * latents[_at(position[i])]
        at_latents[_at(position[i])] += moved * parameters[_at(own)]
    at_parameters[_at(own)] += found


@numba.njit(cache=True, nogil=True, error_model="numpy")
def value_and_slopes(parameters, latents, missed, invented, *design):  # noqa: ANN001, ANN002, ANN201
    """Log-likelihood of all choices (0-d), its slope at each parameter and at each latent (see `Likelihood`)."""
    (
        offset, fixed_parameter, fixed_cell, fixed_value, latent_parameter, latent_cell, latent_position, latent_value,
        logit_cell, hazard_cell, events, trials, coded_cell, coded_error, coded_events, coded_trials,
        joint_a, joint_b, joint_coupling, joint_neither, joint_error_a, joint_error_b, joint_counts,
        duration_cell, duration_ended, duration_days,
    ) = design  # fmt: skip
    fixed = (fixed_parameter, fixed_cell, fixed_value)
    latent = (latent_parameter, latent_cell, latent_position, latent_value)
    predictor = offset.copy()
    _predictors(parameters, latents, fixed, latent, predictor)
    logits, hazards, coded, joint, durations = (
        len(logit_cell), len(hazard_cell), len(coded_cell), len(joint_a), len(duration_cell),
    )  # fmt: skip
    slope, at_parameters, at_latents = np.zeros(len(offset)), np.zeros(len(parameters)), np.zeros(len(latents))
    value = np.empty(logits + hazards + coded + joint + durations)
    own = np.empty(len(value))

    end = logits
    _binary(_taken(predictor, logit_cell), events[:end], trials[:end], value[:end], own[:end])
    _put(own[:end], logit_cell, slope)
    begin, end = end, end + hazards
    _hazard(_taken(predictor, hazard_cell), events[begin:], trials[begin:], value[begin:end], own[begin:end])
    _put(own[begin:end], hazard_cell, slope)
    begin, end = end, end + coded
    _coded(_taken(predictor, coded_cell), _taken(missed, coded_error), _taken(invented, coded_error),
           coded_events, coded_trials, value[begin:end], own[begin:end])  # fmt: skip
    _put(own[begin:end], coded_cell, slope)
    begin, end = end, end + joint
    slope_b, slope_both = np.empty(joint), np.empty(joint)
    _joint(_taken(predictor, joint_a), _taken(predictor, joint_b), _taken(parameters, joint_coupling), joint_neither,
           _taken(invented, joint_error_a), _taken(invented, joint_error_b), joint_counts,
           value[begin:end], own[begin:end], slope_b, slope_both)  # fmt: skip
    _put(own[begin:end], joint_a, slope)
    _put(slope_b, joint_b, slope)
    for i in range(joint):
        at_parameters[joint_coupling[i]] += slope_both[i]
    begin, end = end, end + durations
    _duration(_taken(predictor, duration_cell), duration_ended, duration_days, value[begin:end], own[begin:end])
    _put(own[begin:end], duration_cell, slope)

    _back(slope, parameters, latents, fixed, latent, at_parameters, at_latents)
    return np.array(_total(value)), at_parameters, at_latents
