"""From nodes to arrays: every linear predictor of the model in one list of terms, summed by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast.model.nodes import NO_ERROR, RULED_OUT, Binary, Duration, Joint, Node, Term

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

type Index = Mapping[str, tuple[int, tuple[int, ...]]]


def assemble(nodes: Sequence[Node], index: Index, resolves: int) -> dict[str, np.ndarray]:
    """Arrays of the design: what the likelihood gathers, and what was observed.

    A cell has one linear predictor (a joint choice has two). `fixed_*` list the terms parameter * value by cell,
    `latent_*` the terms parameter * value * latent; the arrays are data, so that one compilation serves every panel
    whose parameters have the same dims.

    Parameters
    ----------
    nodes
        Nodes of the model.
    index
        Name of a parameter → first position in the vector of all parameters, and shape.
    resolves
        Number of values of resolve; those of credibility follow it in the vector of latents.

    Returns
    -------
    dict
        Arrays by name; all one-dimensional but `joint_counts` [joint choice, 4].
    """
    singles = [n for n in nodes if isinstance(n, Binary)]
    logits, hazards = ([n for n in singles if n.link == link] for link in ("logit", "hazard"))
    joints = [n for n in nodes if isinstance(n, Joint)]
    durations = [n for n in nodes if isinstance(n, Duration)]
    parts = [(n.terms, len(n.events), n.offset) for n in (*logits, *hazards)]
    parts += [(n.a, len(n.counts), n.offset) for n in joints] + [(n.b, len(n.counts), n.offset) for n in joints]
    parts += [(n.terms, len(n.days), 0.0) for n in durations]
    sizes = [sum(len(n.events) for n in group) for group in (logits, hazards)]
    sizes += [sum(len(n.counts) for n in joints)] * 2 + [sum(len(n.days) for n in durations)]
    names = ("logit_cell", "hazard_cell", "joint_cell_a", "joint_cell_b", "duration_cell")
    ends = np.cumsum([0, *sizes])
    design = {name: np.arange(a, b) for name, a, b in zip(names, ends[:-1], ends[1:], strict=True)}
    design |= _terms(parts, index, resolves)
    design |= _binary_counts(logits, hazards)
    design |= {
        "joint_counts": np.concatenate([n.counts for n in joints]).astype(float) if joints else np.zeros((0, 4)),
        "joint_neither": _stack([np.full(len(n.counts), 0.0 if n.neither else RULED_OUT) for n in joints], float),
        "joint_coupling": _stack([np.full(len(n.counts), index[n.coupling][0]) for n in joints], int),
        "joint_error_a": _stack([np.broadcast_to(n.error_a, len(n.counts)) for n in joints], int),
        "joint_error_b": _stack([np.broadcast_to(n.error_b, len(n.counts)) for n in joints], int),
        "duration_days": _stack([n.days for n in durations], float),
        "duration_ended": _stack([n.ended for n in durations], float),
    }
    return design


def _binary_counts(logits: Sequence[Binary], hazards: Sequence[Binary]) -> dict[str, np.ndarray]:
    """Events and trials, the cells that somebody may have coded wrongly apart from the others."""
    error = _stack([np.broadcast_to(n.error, len(n.events)) for n in logits], int)
    events, trials = (_stack([getattr(n, k) for n in logits], float) for k in ("events", "trials"))
    sure, unsure = np.flatnonzero(error == NO_ERROR), np.flatnonzero(error != NO_ERROR)
    return {
        "logit_cell": sure,
        "events": np.concatenate([events[sure], *(n.events for n in hazards)]).astype(float),
        "trials": np.concatenate([trials[sure], *(n.trials for n in hazards)]).astype(float),
        "coded_cell": unsure,
        "coded_error": error[unsure],
        "coded_events": events[unsure],
        "coded_trials": trials[unsure],
    }


def cell_names(nodes: Sequence[Node]) -> list[str]:
    """Node of each cell, in the order of the predictors of `assemble`."""
    singles = [n for n in nodes if isinstance(n, Binary)]
    names = [n.name for link in ("logit", "hazard") for n in singles if n.link == link for _ in n.events]
    joints = [n for n in nodes if isinstance(n, Joint)]
    names += [f"{n.name}_{side}" for side in "ab" for n in joints for _ in n.counts]
    return names + [n.name for n in nodes if isinstance(n, Duration) for _ in n.days]


def _terms(
    parts: Sequence[tuple[Sequence[Term], int, np.ndarray | float]], index: Index, resolves: int
) -> dict[str, np.ndarray]:
    fixed: dict[str, list[np.ndarray]] = {"cell": [], "parameter": [], "value": []}
    latent: dict[str, list[np.ndarray]] = {"cell": [], "parameter": [], "value": [], "position": []}
    offsets, begin = [], 0
    for terms, cells, offset in parts:
        for term in terms:
            value = np.broadcast_to(term.value, cells)
            kept = np.flatnonzero(value)
            rows = fixed if term.latent is None else latent
            rows["cell"].append(begin + kept)
            rows["parameter"].append(np.broadcast_to(_position(term, index), cells)[kept])
            rows["value"].append(value[kept])
            if term.latent is not None:
                shift = resolves if term.kind == "credibility" else 0
                latent["position"].append(shift + term.latent[kept])
        offsets.append(np.broadcast_to(offset, cells))
        begin += cells
    out = {f"fixed_{k}": _stack(v, float if k == "value" else int) for k, v in fixed.items()}
    out |= {f"latent_{k}": _stack(v, float if k == "value" else int) for k, v in latent.items()}
    return out | {"offset": _stack(offsets, float)}


def _position(term: Term, index: Index) -> np.ndarray | int:
    start, shape = index[term.parameter]
    at = tuple(i for i in term.at if i.size or i.ndim)
    if not at or not shape:
        return start
    return start + np.ravel_multi_index(tuple(np.broadcast_arrays(*(i.astype(int) for i in at))), shape)


def _stack(values: Sequence[np.ndarray], kind: type) -> np.ndarray:
    return np.concatenate([np.zeros(0, dtype=kind), *values]).astype(kind)
