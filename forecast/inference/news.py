"""What a later panel says that an earlier one did not: choices by key, and the change of their counts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from forecast.inference.columns import parameter_labels
from forecast.inference.likelihood import NONE, Choices, Terms, case_steps, choices_of, joined, some, touching
from forecast.model.cells import PHASES, dyads, padded
from forecast.model.latent import actor_index, latent_inputs, period_ends, region_index

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import xarray as xr

    from forecast.model.priors import Prior


GONE = -2


class Told(NamedTuple):
    """The choices of a panel, with what tells them apart from those of another panel."""

    choices: Choices
    keys: list[bytes]  # equal in two panels where the probability is the same function of labelled unknowns
    parameter: np.ndarray  # number of the label at each position of the vector of all parameters
    latent: np.ndarray  # and of the vector of latents
    steps: int  # of the case in the vector of latents


class News(NamedTuple):
    """What came to the counts of choices from one panel to another, less than zero where something was taken back.

    `fresh` is at the positions of the later panel; `place` holds the number of each among its choices, NONE for those
    that only the earlier panel has. `lost` are those that only the earlier panel has and the later one cannot express
    (a unit or a past of the case that it does not know), at the positions of the earlier.
    """

    fresh: Choices
    place: np.ndarray
    lost: Choices


def told(panel: xr.Dataset, priors: Mapping[str, Prior], ids: dict[str, int]) -> Told:
    """The choices of a panel with their keys.

    Parameters
    ----------
    panel, priors
        As for `choices_of`.
    ids
        Numbers of labels, shared between the panels that are compared; labels of this panel are added.
    """
    choices = choices_of(panel, priors)
    parameter = _numbers(parameter_labels(panel, priors), ids)
    latent = _numbers(latent_keys(panel), ids)
    rows = [_rows(terms, parameter, latent) for terms in (choices.fixed, choices.latent)]
    text = [b"".join(parts) for parts in zip((o.tobytes() for o in choices.offset), *rows, strict=True)]
    coupling = np.where(choices.coupling == NONE, NONE, parameter[choices.coupling])
    head = np.column_stack([choices.kind, coupling]).astype(np.int64)
    both = zip(choices.first, choices.second, strict=True)
    keys = [
        head[k].tobytes() + choices.extra[k].tobytes() + text[i] + (b"" if j == NONE else b"&" + text[j])
        for k, (i, j) in enumerate(both)
    ]
    return Told(choices, keys, parameter, latent, padded(int(panel["length"].values[0])))


def news(before: Told, after: Told) -> News:
    """Compare two panels choice by choice."""
    place, change = _counts(after)
    where, old = _counts(before)
    for key in old.keys() & change.keys():
        change[key] = change[key] - old[key]
    moved = [key for key, counts in change.items() if counts.any()]
    gone = [key for key in old if key not in change]
    at = np.array([place[key] for key in moved], dtype=int)
    come = some(after.choices, at)._replace(counts=np.array([change[key] for key in moved]).reshape(-1, 4))
    away = some(before.choices, np.array([where[key] for key in gone], dtype=int))
    away = away._replace(counts=-np.array([old[key] for key in gone]).reshape(-1, 4))
    moved_away, known = translated(away, before, after)
    back = some(moved_away, np.flatnonzero(known))
    return News(
        joined(come, back),
        np.concatenate([at, np.full(len(back.kind), NONE)]),
        some(away, np.flatnonzero(~known)),
    )


def translated(choices: Choices, before: Told, after: Told) -> tuple[Choices, np.ndarray]:
    """Choices of the earlier panel at the positions of the later one, and which can be expressed there [choice]."""

    def moved(positions: np.ndarray, numbers: np.ndarray, to: np.ndarray) -> np.ndarray:
        index = dict(zip(to.tolist(), range(len(to)), strict=True))
        return np.array([NONE if p == NONE else index.get(int(numbers[p]), GONE) for p in positions], dtype=int)

    terms = {
        name: getattr(choices, name)._replace(
            parameter=moved(getattr(choices, name).parameter, before.parameter, after.parameter),
            position=moved(getattr(choices, name).position, before.latent, after.latent),
        )
        for name in ("fixed", "latent")
    }
    out = choices._replace(coupling=moved(choices.coupling, before.parameter, after.parameter), **terms)
    known = ~touching(out, np.array([GONE]), np.array([GONE]))
    return out._replace(step=case_steps(out, after.steps)), known


def latent_keys(panel: xr.Dataset) -> list[str]:
    """Key of each position of the flat vector of latents: all that its value follows from, parameters apart.

    Resolve of the case at the end of a period follows from its units and the hits up to then, its credibility from
    covariates and the track record up to then; latents of a past crisis from units, covariates and phase. The mean of
    the stake, from which it is measured, is left aside: it moves by less than 0.01 when a crisis joins.
    """
    given = latent_inputs(panel)
    length, steps = int(panel["length"].values[0]), padded(int(panel["length"].values[0]))
    ends = [*period_ends(panel), *(f"{k} after the end" for k in range(1, steps - length + 1))]
    units = _units(panel)
    out = []
    for driver, covariates in (("hit", ()), ("track_acts", ("capability", "nuclear"))):
        for s in range(2):
            seen = hashlib.sha256()
            own = [given[name][0, s] for name in covariates]
            for t in range(steps):
                seen.update(given[driver][s, t].tobytes())
                out.append(f"{driver} {units[0][s]} {own} {ends[t]} {seen.hexdigest()}")
        for e in range(1, panel.sizes["episode"]):
            for s in range(2):
                own = [given[name][e, s] for name in covariates] or [panel["high_stake"].values[e]]
                out += [f"{driver} {units[e][s]} {own} {phase}" for phase in PHASES]
    return out


def _units(panel: xr.Dataset) -> list[list[str]]:
    """What the lasting part of the latents is shared with: episode, side, actor, region and dyad [episode][side]."""
    names, of = actor_index(panel)
    regions, region_of = region_index(panel)
    dyad_names, _, dyad_of, _ = dyads(panel)
    return [
        [f"{episode}; {s}; {names[a]}; {regions[region_of[a]]}; {dyad_names[dyad]}" for s, a in enumerate(pair)]
        for episode, pair, dyad in zip(panel["episode"].values, of, dyad_of, strict=True)
    ]


def _rows(terms: Terms, parameter: np.ndarray, latent: np.ndarray) -> list[bytes]:
    """The terms of each predictor as bytes, in an order that does not depend on the panel."""
    predictor = np.repeat(np.arange(len(terms.pointer) - 1), np.diff(terms.pointer))
    position = np.where(terms.position == NONE, NONE, latent[terms.position])
    number = parameter[terms.parameter]
    order = np.lexsort((terms.value, position, number, predictor))
    table = np.stack([number, position, terms.value.astype(float).view(np.int64)], axis=1)[order]
    return [b"|" + table[a:b].tobytes() for a, b in zip(terms.pointer[:-1], terms.pointer[1:], strict=True)]


def _counts(side: Told) -> tuple[dict[bytes, int], dict[bytes, np.ndarray]]:
    """Number of the first choice with a key, and the sum of their counts."""
    place: dict[bytes, int] = {}
    total: dict[bytes, np.ndarray] = {}
    for k, (key, counts) in enumerate(zip(side.keys, side.choices.counts, strict=True)):
        place.setdefault(key, k)
        total[key] = total[key] + counts if key in total else counts
    return place, total


def _numbers(labels: Iterable[str], ids: dict[str, int]) -> np.ndarray:
    return np.array([ids.setdefault(label, len(ids)) for label in labels], dtype=np.int64)
