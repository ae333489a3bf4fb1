"""The likelihood of single choices at many draws at once, from the arrays of the model's design; no graph is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numba
import numpy as np

from forecast.inference.columns import fill, latent_columns, looked_up, places
from forecast.model.build import TINY, model_coords, panel_data
from forecast.model.cells import padded

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from forecast.inference.columns import Get
    from forecast.model.priors import Prior

LOGIT, HAZARD, CODED, JOINT, DURATION = range(5)
CELLS = ("logit_cell", "hazard_cell", "coded_cell", "joint_cell_a", "duration_cell")  # in the order of the kinds
NONE = -1


class Terms(NamedTuple):
    """Terms parameter * value (* latent) of linear predictors, by predictor; `pointer` as in a CSR matrix."""

    pointer: np.ndarray  # [predictor + 1]
    parameter: np.ndarray  # [term] position among all parameters
    value: np.ndarray
    position: np.ndarray  # [term] position among the latents, NONE for no latent


class Choices(NamedTuple):
    """Choices of a panel and their linear predictors; the log-likelihood is linear in `counts`."""

    kind: np.ndarray  # [choice] LOGIT to DURATION
    first: np.ndarray  # [choice] its predictor; of a joint choice, that of side a
    second: np.ndarray  # [choice] predictor of side b of a joint choice, else NONE
    coupling: np.ndarray  # [choice] parameter that couples a joint choice, else NONE
    counts: np.ndarray  # [choice, 4] events and other trials; joint patterns; ended and days
    extra: np.ndarray  # [choice, 3] coded: missed, invented; joint: invented by a, by b, log weight of neither
    step: np.ndarray  # [choice] period of the case whose resolve enters, NONE for none
    offset: np.ndarray  # [predictor]
    fixed: Terms
    latent: Terms


class Gathered(NamedTuple):
    """What the terms of choices need of each draw: values, and the column in which each term finds its own."""

    parameters: np.ndarray  # [sample, column]
    fixed: np.ndarray  # [fixed term] column of its parameter
    latent: np.ndarray  # [latent term]
    coupling: np.ndarray  # [choice]
    levels: np.ndarray  # [sample, column] latents
    place: np.ndarray  # [latent term] column of its latent


def choices_of(panel: xr.Dataset, priors: Mapping[str, Prior]) -> Choices:
    """All choices of a panel, from the arrays that its model is built on (`model.build.panel_data`)."""
    data = panel_data(panel, priors, model_coords(panel))
    sizes = [len(data[name]) for name in CELLS]
    rows = [slice(end - size, end) for end, size in zip(np.cumsum(sizes), sizes, strict=True)]
    events, trials = data["events"], data["trials"]
    missed, invented = coding_errors(priors)
    coded, a, b = (data[name] for name in ("coded_error", "joint_error_a", "joint_error_b"))
    counts, extra = np.zeros((sum(sizes), 4)), np.zeros((sum(sizes), 3))
    for kind, at in ((LOGIT, slice(None, sizes[LOGIT])), (HAZARD, slice(sizes[LOGIT], None))):
        counts[rows[kind], :2] = np.stack([events[at], trials[at] - events[at]], axis=1)
    counts[rows[CODED], 0] = data["coded_events"]
    counts[rows[CODED], 1] = data["coded_trials"] - data["coded_events"]
    counts[rows[JOINT]] = data["joint_counts"]
    counts[rows[DURATION], :2] = np.stack([data["duration_ended"], data["duration_days"]], axis=1)
    extra[rows[CODED], :2] = np.stack([missed[coded], invented[coded]], axis=1)
    extra[rows[JOINT]] = np.stack([invented[a], invented[b], data["joint_neither"]], axis=1)
    second, coupling = (np.full(sum(sizes), NONE) for _ in range(2))
    second[rows[JOINT]], coupling[rows[JOINT]] = data["joint_cell_b"], data["joint_coupling"]
    found = Choices(
        kind=np.repeat(np.arange(len(CELLS)), sizes),
        first=np.concatenate([data[name] for name in CELLS]),
        second=second,
        coupling=coupling,
        counts=counts,
        extra=extra,
        step=np.zeros(0, dtype=int),
        offset=data["offset"],
        fixed=_terms(data, "fixed"),
        latent=_terms(data, "latent"),
    )
    return found._replace(step=case_steps(found, padded(int(panel["length"].values[0]))))


def coding_errors(priors: Mapping[str, Prior]) -> tuple[np.ndarray, np.ndarray]:
    """Chances of a missed and of an invented act by class of coding error, class 0 for none (see `model.build`)."""
    rows, levels = (np.array(priors[name].parameters[0], dtype=float) for name in ("false_row", "level_error"))
    return np.concatenate([[0.0], np.zeros_like(rows), levels]), np.concatenate([[0.0], rows, levels])


def some(choices: Choices, chosen: np.ndarray) -> Choices:
    """The chosen choices [index] with only the predictors and terms that they need, in the order given."""
    first, second = choices.first[chosen], choices.second[chosen]
    kept = np.unique(np.concatenate([first, second[second != NONE]]))
    place = np.full(len(choices.offset) + 1, NONE)  # the last entry is that of NONE
    place[kept] = np.arange(len(kept))
    return Choices(
        kind=choices.kind[chosen],
        first=place[first],
        second=place[second],
        coupling=choices.coupling[chosen],
        counts=choices.counts[chosen],
        extra=choices.extra[chosen],
        step=choices.step[chosen],
        offset=choices.offset[kept],
        fixed=some_terms(choices.fixed, np.isin(_predictor(choices.fixed), kept), kept),
        latent=some_terms(choices.latent, np.isin(_predictor(choices.latent), kept), kept),
    )


def some_terms(terms: Terms, chosen: np.ndarray, kept: np.ndarray | None = None) -> Terms:
    """The terms of a mask [term]; only the predictors `kept` stay, all by default."""
    size = np.bincount(_predictor(terms)[chosen], minlength=len(terms.pointer) - 1)
    pointer = np.concatenate([[0], np.cumsum(size if kept is None else size[kept])])
    return Terms(pointer, terms.parameter[chosen], terms.value[chosen], terms.position[chosen])


def joined(one: Choices, other: Choices) -> Choices:
    """Two sets of choices of the same panel as one."""
    shift = len(one.offset)

    def both(name: str) -> np.ndarray:
        return np.concatenate([getattr(one, name), getattr(other, name)])

    return Choices(
        kind=both("kind"),
        first=np.concatenate([one.first, other.first + shift]),
        second=np.concatenate([one.second, np.where(other.second == NONE, NONE, other.second + shift)]),
        coupling=both("coupling"),
        counts=both("counts"),
        extra=both("extra"),
        step=both("step"),
        offset=both("offset"),
        fixed=_joined_terms(one.fixed, other.fixed),
        latent=_joined_terms(one.latent, other.latent),
    )


def touching(choices: Choices, parameters: np.ndarray, latents: np.ndarray) -> np.ndarray:
    """Which choices have one of these parameters or latents, given by position, in their terms [choice]."""
    hit = np.zeros(len(choices.offset) + 1, dtype=bool)  # the last entry is that of NONE
    for terms in (choices.fixed, choices.latent):
        hit[_predictor(terms)[np.isin(terms.parameter, parameters) | np.isin(terms.position, latents)]] = True
    return hit[choices.first] | hit[choices.second] | np.isin(choices.coupling, parameters)


def gather(choices: Choices, get: Get, panel: xr.Dataset, priors: Mapping[str, Prior]) -> Gathered:
    """Look up what the terms of choices need; `get` gives parameters and latent paths of the case (see `columns`)."""
    wanted = np.concatenate([choices.fixed.parameter, choices.latent.parameter, choices.coupling])
    parameters, column = np.unique(wanted, return_inverse=True)
    fixed, latent, coupling = np.split(column, np.cumsum([len(choices.fixed.parameter), len(choices.latent.parameter)]))
    size = len(get("resolve_half_life"))
    # NONE has no place: its column stays zero
    found = fill(get, panel, places(panel, priors, parameters), len(parameters), size)
    positions, place = np.unique(choices.latent.position, return_inverse=True)
    return Gathered(found, fixed, latent, coupling, latent_columns(get, panel, positions, size), place)


def log_likelihood(choices: Choices, draws: xr.Dataset, panel: xr.Dataset, priors: Mapping[str, Prior]) -> np.ndarray:
    """Log-likelihood of choices, summed over them, at every draw [sample].

    Parameters
    ----------
    choices
        From `choices_of` or `some`.
    draws
        Parameters and latent paths of the case by name, dims (sample, ...).
    panel
        The panel of the choices and of the draws.
    priors
        Those of the model: its layout, and its fixed numbers.
    """
    return totals(choices, gather(choices, looked_up(draws), panel, priors), 0)[:, 1]


@numba.njit(inline="always")
def choice_log_likelihood(kind, first, second, coupling, counts, extra):  # noqa: ANN001, ANN201, C901
    """Log-likelihood of one choice given its linear predictors; the same forms as in `model.build.observe`.

    Parameters
    ----------
    kind, first, second, coupling
        Kind of the choice, its linear predictors (the second only of a joint choice) and its coupling.
    counts, extra
        Rows of `Choices.counts` and `Choices.extra`, as tuples.
    """
    found = 0.0
    if kind == LOGIT:
        found = counts[0] * first - (counts[0] + counts[1]) * (max(first, 0.0) + np.log(1.0 + np.exp(-abs(first))))
    elif kind == HAZARD:
        exposure = np.exp(first)
        found = -counts[1] * exposure
        if counts[0] != 0.0:
            found += counts[0] * np.log(-np.expm1(-exposure))
    elif kind == CODED:
        coded = extra[1] + (1.0 - extra[0] - extra[1]) / (1.0 + np.exp(-first))
        if counts[0] != 0.0:
            found = counts[0] * np.log(coded)
        if counts[1] != 0.0:
            found += counts[1] * np.log(1.0 - coded)
    elif kind == DURATION:
        found = counts[0] * first - counts[1] * np.exp(first)
    else:
        both = first + second + coupling
        top = max(max(extra[2], both), max(first, second))
        n, a, b, ab = np.exp(extra[2] - top), np.exp(first - top), np.exp(second - top), np.exp(both - top)
        scale = 1.0 / (n + a + b + ab)
        coded_a, coded_b = a + extra[0] * n, b + extra[1] * n
        coded_both = ab + extra[0] * b + extra[1] * coded_a
        if counts[0] != 0.0:
            found = counts[0] * np.log(scale * n + TINY)
        if counts[1] != 0.0:
            found += counts[1] * np.log(scale * coded_a + TINY)
        if counts[2] != 0.0:
            found += counts[2] * np.log(scale * coded_b + TINY)
        if counts[3] != 0.0:
            found += counts[3] * np.log(scale * coded_both + TINY)
    return found


@numba.njit(cache=True, nogil=True)
def predictors(choices, gathered, d, out):  # noqa: ANN001, ANN201
    """Write the linear predictors of choices at draw `d` into `out` [predictor]."""
    fixed, latent = choices.fixed, choices.latent
    for p in range(len(out)):
        out[p] = choices.offset[p]
        for k in range(fixed.pointer[p], fixed.pointer[p + 1]):
            out[p] += gathered.parameters[d, gathered.fixed[k]] * fixed.value[k]
        for k in range(latent.pointer[p], latent.pointer[p + 1]):
            out[p] += (
                gathered.parameters[d, gathered.latent[k]] * gathered.levels[d, gathered.place[k]] * latent.value[k]
            )


@numba.njit(cache=True, nogil=True)
def totals(choices, gathered, split):  # noqa: ANN001, ANN201
    """Log-likelihood of the choices before and from number `split` on, at every draw [sample, 2]."""
    draws = len(gathered.parameters)
    out, predictor = np.zeros((draws, 2)), np.zeros(len(choices.offset))
    for d in range(draws):
        predictors(choices, gathered, d, predictor)
        for k in range(len(choices.kind)):
            n, e = choices.counts[k], choices.extra[k]
            out[d, 1 if k >= split else 0] += choice_log_likelihood(
                choices.kind[k],
                predictor[choices.first[k]],
                predictor[choices.second[k]],  # of single choices, any: it is not used
                gathered.parameters[d, gathered.coupling[k]],
                (n[0], n[1], n[2], n[3]),
                (e[0], e[1], e[2]),
            )
    return out


def _predictor(terms: Terms) -> np.ndarray:
    return np.repeat(np.arange(len(terms.pointer) - 1), np.diff(terms.pointer))


def _terms(data: Mapping[str, np.ndarray], which: str) -> Terms:
    cell = data[f"{which}_cell"]
    order = np.argsort(cell, kind="stable")
    position = data["latent_position"] if which == "latent" else np.full(len(cell), NONE)
    pointer = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=len(data["offset"])))])
    return Terms(pointer, data[f"{which}_parameter"][order], data[f"{which}_value"][order], position[order])


def _joined_terms(one: Terms, other: Terms) -> Terms:
    pointer = np.concatenate([one.pointer, other.pointer[1:] + one.pointer[-1]])
    return Terms(pointer, *(np.concatenate(pair) for pair in zip(one[1:], other[1:], strict=True)))


def case_steps(choices: Choices, steps: int) -> np.ndarray:
    """Period of the case whose resolve enters each choice; no choice depends on the resolve of two periods."""
    terms = choices.latent
    own = (terms.position >= 0) & (terms.position < 2 * steps)
    predictor, step = _predictor(terms)[own], terms.position[own] % steps
    low, high = np.full(len(choices.offset), steps), np.full(len(choices.offset), NONE)
    np.minimum.at(low, predictor, step)
    np.maximum.at(high, predictor, step)
    other = np.where(choices.second == NONE, choices.first, choices.second)
    low, high = np.minimum(low[choices.first], low[other]), np.maximum(high[choices.first], high[other])
    if ((high != NONE) & (low != high)).any():
        raise ValueError("a choice depends on the resolve of two periods of the case; the filter goes period by period")
    return high
