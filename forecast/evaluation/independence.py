"""What history changes before any data: the ladder of a typical crisis, with and without the correlations it found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from forecast.errors import UsageError
from forecast.inference.fit import sample_prior
from forecast.model.learned import newest, with_history
from forecast.model.priors import read_priors
from forecast.outlook.estimate import estimate
from forecast.outlook.ladder import first_events, severity
from forecast.outlook.simulate import simulate
from forecast.outlook.world import start_neutral, typical_world
from forecast.terms import LADDER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import xarray as xr

    from forecast.model.learned import CutOff, History
    from forecast.model.priors import Prior

HORIZONS: Final = (30, 90, 180)


def ladders_of_history(
    panel: xr.Dataset, history: History, as_of: date, *, draws: int = 2000, paths: int = 60, seed: int = 1
) -> pd.DataFrame:
    """Prior predictive ladder of a typical crisis from a quiet start, by what the priors hold of history.

    Parameters
    ----------
    panel
        Any panel: it gives the dims, and the typical crisis takes nothing else from it.
    history
        From `read_history`; its newest cut-off up to `as_of` is used.
    as_of
        Day.
    draws, paths
        Draws of the parameters, and futures of each.

    Returns
    -------
    DataFrame
        `priors` (hand, history as independent numbers, history with its correlations), `horizon_days`, `rung`,
        `probability`, `low`, `high` (80 % over draws), `mcse`.

    Raises
    ------
    UsageError
        The summary has no cut-off up to that day.
    """
    cut_off = newest(history, as_of)
    if cut_off is None:
        raise UsageError(f"the summary of history has no cut-off up to {as_of}; choose a later day")
    hand = read_priors()
    full = with_history(hand, history, 1.0, as_of)
    sets = {
        "hand": sample_prior(panel, hand, draws=draws, seed=seed),
        "history, independent": sample_prior(panel, full, draws=draws, seed=seed),
        "history, correlated": correlated(sample_prior(panel, full, draws=draws, seed=seed), full, history, cut_off),
    }
    rows = []
    for name, values in sets.items():
        world, start = typical_world(values, panel, seed), start_neutral(values, panel, seed, typical=True)
        ahead = simulate(world, start, periods=-(-max(HORIZONS) // 7), paths=paths, period_days=7, seed=seed)
        events = first_events(ahead)
        for horizon in HORIZONS:
            reached = severity(events, horizon)
            rows += [(name, horizon, rung, *estimate(reached == k)) for k, rung in enumerate(LADDER)]
    return pd.DataFrame(rows, columns=["priors", "horizon_days", "rung", "probability", "low", "high", "mcse"])


def correlated(draws: xr.Dataset, priors: Mapping[str, Prior], history: History, cut_off: CutOff) -> xr.Dataset:
    """Draws of independent priors at power 1, given the correlations of the posterior of history that were kept.

    On the unconstrained scale every scalar keeps its mean and sd. Correlations too small to be kept count as none;
    where the rest fits no joint normal density, the nearest that does is taken (negative eigenvalues set to zero).
    """
    names = [one.label for one in cut_off.learned]
    matrix = np.eye(len(names))
    for pair in cut_off.correlations:
        i, j = names.index(pair.one), names.index(pair.other)
        matrix[i, j] = matrix[j, i] = pair.value
    value, vector = np.linalg.eigh(matrix)
    root = vector * np.sqrt(np.clip(value, 0.0, None))
    root /= np.sqrt((root**2).sum(axis=1, keepdims=True))
    columns = {name: _column(draws, history, name) for name in names}
    moments = {name: (values.mean(), values.std()) for name, values in columns.items()}
    noise = np.stack([(columns[name] - moments[name][0]) / moments[name][1] for name in names])
    out = draws.copy(deep=True)
    for name, mixed in zip(names, root @ noise, strict=True):
        scalar, (mean, sd) = history.scalars[name], moments[name]
        values = mean + sd * mixed
        values = np.exp(values) if priors[scalar.parameter].family == "lognormal" else values
        target = out[scalar.parameter].transpose("sample", ...)
        if scalar.index is None:
            target.values[:] = values
        else:
            target.values[:, scalar.index] = values
        out[scalar.parameter] = target
    return out


def _column(draws: xr.Dataset, history: History, label: str) -> np.ndarray:
    scalar = history.scalars[label]
    values = draws[scalar.parameter].transpose("sample", ...).values.astype(float)
    values = values if scalar.index is None else values[:, scalar.index]
    return np.log(values) if scalar.family == "lognormal" else values
