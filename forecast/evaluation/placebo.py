"""Placebo of the track record: moved in time it must lose its effect on force, if it had any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.evaluation.recovery import shifted
from forecast.inference.carry import priors_of
from forecast.inference.fit import Sampling, compile_panel, fit, sample_prior, samples
from forecast.inference.reweight import log_densities, points
from forecast.model.build import model_data

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr

SHIFTS = (0, 13, 26, 39, 52)
SAMPLING = Sampling(tune=500, draws=750, attempts=1)


def placebo_table(
    tree: xr.DataTree,
    shifts: Sequence[int] = SHIFTS,
    *,
    sampling: Sampling = SAMPLING,
    progress: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """Fit the case with its track record moved in time by whole periods.

    Parameters
    ----------
    tree
        A posterior with the record as it is.
    shifts
        Periods; 0 is the record as it is, fitted with the same settings.
    sampling
        Sampler settings of the refits.
    progress
        Called with a line of text after each fit.

    Returns
    -------
    DataFrame
        One row a shift and quantity (the effect of credibility on force; per act of the track record, by how much one
        raises the log-odds of the opponent's force): shift, quantity, mean, sd, prior_mean, prior_sd, contraction,
        `log_evidence` (of the data with the moved record against the record as it is, from re-weighted draws of
        `tree`; below 0 where the moved one explains them worse) and its `noise` (standard error), rhat.
    """
    panel, priors = tree["panel"].to_dataset(), priors_of(tree)
    compiled = compile_panel(panel, priors)
    at = points(tree, priors, compiled)
    base = log_densities(compiled, at)
    prior = _effects(sample_prior(panel, priors, draws=4000, seed=1))
    tables = []
    for periods in shifts:
        moved = shifted(panel, periods)
        ratio = log_densities(compiled.with_data(model_data(moved, priors)), at) - base
        evidence, noise = log_mean_exp(ratio)
        found = fit(moved, priors, sampling, compiled=compiled)
        after = _effects(samples(found["posterior"].to_dataset()))
        tables += [
            (periods, name, values.mean(), values.std(), prior[name].mean(), prior[name].std(),
             1 - values.var() / prior[name].var(), evidence, noise, _split_rhat(values, sampling.chains))
            for name, values in after.items()
        ]  # fmt: skip
        progress(f"shift {periods}: log evidence {evidence:+.2f} ± {noise:.2f}")
    columns = ["shift", "quantity", "mean", "sd", "prior_mean", "prior_sd", "contraction", "log_evidence", "noise",
               "rhat"]  # fmt: skip
    return pd.DataFrame(tables, columns=columns)


def log_mean_exp(ratio: np.ndarray) -> tuple[float, float]:
    """Log of the mean of exp(ratio) [sample], and its standard error by the delta method for independent draws."""
    top = ratio.max()
    weight = np.exp(ratio - top)
    return float(top + np.log(weight.mean())), float(weight.std() / weight.mean() / np.sqrt(len(weight)))


def _effects(draws: xr.Dataset) -> dict[str, np.ndarray]:
    """Effect of credibility and of each kind of act, per draw, by name."""
    effect = draws["overt_credibility"].values.astype(float)
    acts = draws["track_weight"].transpose("sample", "track")
    kinds = {f"act: {kind}": -effect * acts.sel(track=kind).values for kind in acts["track"].values}
    return {"overt_credibility": effect} | kinds


def _split_rhat(values: np.ndarray, chains: int) -> float:
    half = values.size // (2 * chains)
    parts = values[: 2 * chains * half].reshape(2 * chains, half)
    within, between = parts.var(axis=1, ddof=1).mean(), parts.mean(axis=1).var(ddof=1)
    return float(np.sqrt(1 + between / within))
