"""What a later panel says that an earlier one did not: choices by key, and the change of their counts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from forecast.inference.columns import parameter_labels
from forecast.inference.likelihood import NONE, Choices, Terms, case_steps, choices_of, joined, some, touching
from forecast.model.cells import PHASES, dyads, padded
from forecast.model.latent import actor_index, latent_inputs, period_ends, region_index
from forecast.model.rows import numbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import xarray as xr

    from forecast.model.priors import Prior


GONE = -2
SEEDS = (0x243F6A8885A308D3, 0x13198A2E03707344)  # of the two numbers of a key: digits of pi


class Told(NamedTuple):
    """The choices of a panel, with what tells them apart from those of another panel."""

    choices: Choices
    keys: np.ndarray  # [choice, 2] equal in two panels where the probability is the same function of labelled unknowns
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
    predictor = _hashed(
        choices.offset, *_summed(choices.fixed, parameter, latent).T, *_summed(choices.latent, parameter, latent).T
    )
    none = np.zeros((1, 2), dtype=np.uint64)
    coupling = np.where(choices.coupling == NONE, NONE, parameter[choices.coupling])
    first, second = predictor[choices.first], np.concatenate([predictor, none])[choices.second]  # NONE is the last
    keys = _hashed(choices.kind, coupling, *choices.extra.T, *first.T, *second.T)
    return Told(choices, keys, parameter, latent, padded(int(panel["length"].values[0])))


def news(before: Told, after: Told) -> News:
    """Compare two panels choice by choice."""
    group, size = numbered(*np.ascontiguousarray(np.concatenate([after.keys, before.keys]).T)), len(after.keys)
    here, there = group[:size], group[size:]
    now, old = _totals(here, after, group), _totals(there, before, group)
    change, known_now = now - old, int(here.max(initial=-1)) + 1  # groups are numbered as they appear, `after` first
    moved = np.flatnonzero(change[:known_now].any(axis=1))
    at = _first(here, 0)[moved]
    come = some(after.choices, at)._replace(counts=change[moved])
    away = some(before.choices, _first(there, known_now))._replace(counts=change[known_now:])
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


def _summed(terms: Terms, parameter: np.ndarray, latent: np.ndarray) -> np.ndarray:
    """What tells the terms of each predictor, in whatever order they come, apart from others [predictor, 2]."""
    position = np.where(terms.position == NONE, NONE, latent[terms.position])
    rows = _hashed(parameter[terms.parameter], position, terms.value)
    total = np.concatenate([np.zeros((1, 2), dtype=np.uint64), np.cumsum(rows, axis=0, dtype=np.uint64)])
    return total[terms.pointer[1:]] - total[terms.pointer[:-1]]


def _hashed(*columns: np.ndarray) -> np.ndarray:
    """Two numbers of 64 bits for each row of columns [row, 2], equal by chance in one of 1e38 pairs of unequal rows."""
    whole = [_long(column).view(np.uint64) for column in columns]
    lanes = []
    for seed in SEEDS:
        found = np.full(len(whole[0]), seed, dtype=np.uint64)
        for column in whole:
            found = _scrambled(found + column)
        lanes.append(found)
    return np.column_stack(lanes)


def _long(column: np.ndarray) -> np.ndarray:
    """A column whose values have 64 bits each."""
    wanted = {"f": np.float64, "u": np.uint64}.get(column.dtype.kind, np.int64)
    return np.ascontiguousarray(column, dtype=wanted)


def _scrambled(values: np.ndarray) -> np.ndarray:
    """Numbers of 64 bits made to look like chance, one to one (the finaliser of SplitMix64; Steele et al. 2014)."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _first(group: np.ndarray, begin: int) -> np.ndarray:
    """Where each group from number `begin` on first appears."""
    return np.flatnonzero(np.diff(np.maximum.accumulate(np.maximum(group, begin - 1)), prepend=begin - 1))


def _totals(group: np.ndarray, side: Told, every: np.ndarray) -> np.ndarray:
    """Sum of the counts of each group [group, 4]."""
    size = int(every.max(initial=-1)) + 1
    return np.column_stack([np.bincount(group, weights=c, minlength=size) for c in side.choices.counts.T])


def _numbers(labels: Iterable[str], ids: dict[str, int]) -> np.ndarray:
    return np.array([ids.setdefault(label, len(ids)) for label in labels], dtype=np.int64)
