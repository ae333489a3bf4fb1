"""Simulated futures made by hand: quiet ones, to which a test adds what happens in which period."""

from __future__ import annotations

import numpy as np

from forecast.outlook.simulate import Paths


def quiet(periods: int = 26, *, draws: int = 1, paths: int = 1, step: int = 7) -> Paths:
    shape = (draws, paths, periods)
    return Paths(
        rung=np.zeros((*shape, 2), np.int8),
        scope=np.zeros(shape, np.int8),
        first=np.zeros(shape, np.int8),
        closure=np.zeros(shape, np.bool_),
        talks=np.zeros(shape, np.bool_),
        deal=np.zeros(shape, np.bool_),
        truce=np.zeros(shape, np.bool_),
        day=np.ones(shape, np.int16),
        period_days=step,
    )


def one(*events: tuple, periods: int = 26, step: int = 7) -> Paths:
    """One path; events are (period, "a" or "b", rung), (period, "scope", value) or (period, name)."""
    paths = quiet(periods, step=step)
    for period, what, *value in events:
        if what in ("a", "b"):
            paths.rung[0, 0, period, "ab".index(what)] = value[0]
            if value[0] >= 3 and paths.first[0, 0, period] == 0:
                paths.first[0, 0, period] = 1 + "ab".index(what)
        elif what == "scope":
            paths.scope[0, 0, period] = value[0]
        else:
            getattr(paths, what)[0, 0, period] = True
    return paths


def random_paths(
    seed: int, *, draws: int = 4, paths: int = 6, periods: int = 26, busy: float = 0.1, step: int = 7
) -> Paths:
    """Any arrays that could be futures: acts, campaigns and settlements at random."""
    rng = np.random.default_rng(seed)
    shape = (draws, paths, periods)
    rung = np.where(rng.random((*shape, 2)) < busy, rng.choice([1, 3, 4, 5], (*shape, 2)), 0)
    scope = np.where(rng.random(shape) < busy / 3, rng.choice([4, 5, 6], shape), 0)
    fights = (scope[..., None] > 0) & (rng.random((*shape, 2)) < 0.7)
    rung = np.where(fights, 6, rung)
    overt = rung >= 3
    either = np.where(rng.random(shape) < 0.5, 1, 2)
    first = np.select([overt.all(axis=3), overt[..., 0], overt[..., 1], scope > 0], [either, 1, 2, 1], 0)
    return Paths(
        rung=rung.astype(np.int8),
        scope=scope.astype(np.int8),
        first=first.astype(np.int8),
        closure=rng.random(shape) < busy / 3,
        talks=rng.random(shape) < busy,
        deal=rng.random(shape) < busy / 3,
        truce=rng.random(shape) < busy / 3,
        day=rng.integers(1, step + 1, shape).astype(np.int16),
        period_days=step,
    )
