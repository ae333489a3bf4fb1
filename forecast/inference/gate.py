"""The gate: what must hold before a forecast is published, and what to try when it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import arviz as az
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

RHAT = 1.01
ESS = 400
BFMI = 0.3
DIVERGENT_SHARE = 0.001
PREDICTIVE = (0.01, 0.99)
CHECKED = "convergence"  # group of a tree that holds what its fit found, until it is saved

ADVICE = {
    "rhat": "the chains disagree: sample longer chains (--attempts, --draws), then look at its prior",
    "ess": "too few effective draws: sample longer chains (--attempts, --draws)",
    "bfmi": "the energy is explored badly: look for a variance near zero, tighten its prior",
    "divergences": "the sampler met a region it cannot follow: raise --target-accept, or reparametrise",
    "predictive": "the model does not reproduce the margin named: revise the node before publishing",
}


def convergence(draws: xr.Dataset) -> pd.DataFrame:
    """R-hat and effective sample sizes of every scalar in draws (chain, draw, ...).

    Returns
    -------
    DataFrame
        One row a scalar: name, rhat, ess_bulk, ess_tail, passed. A quantity that is constant passes: nothing is
        estimated. Rank-normalised as in Vehtari et al. (2021).
    """
    with np.errstate(divide="ignore", invalid="ignore"):  # a constant has no variance to compare
        rhat = az.rhat(draws)
        bulk = az.ess(draws, method="bulk")
        tail = az.ess(draws, method="tail", prob=(0.05, 0.95))
    rows = []
    for name in draws.data_vars:
        variable = draws[name]
        labels = _labels(variable)
        constant = (variable.max(("chain", "draw")) == variable.min(("chain", "draw"))).values.ravel()
        values = zip(
            labels,
            rhat[name].values.ravel(),
            bulk[name].values.ravel(),
            tail[name].values.ravel(),
            constant,
            strict=True,
        )
        rows += [(f"{name}{label}", r, b, t, c) for label, r, b, t, c in values]
    table = pd.DataFrame(rows, columns=["name", "rhat", "ess_bulk", "ess_tail", "constant"])
    good = (table["rhat"] <= RHAT) & (table["ess_bulk"] >= ESS) & (table["ess_tail"] >= ESS)
    return table.assign(passed=good | table["constant"])


def convergence_of(tree: xr.DataTree, names: Sequence[str]) -> pd.DataFrame:
    """As `convergence` of the named variables of a posterior, from what `fit` found where the draws are its own."""
    posterior = tree["posterior"].to_dataset()
    if CHECKED in tree.children and dict(tree[CHECKED].attrs) == dict(posterior.sizes):
        table = tree[CHECKED].to_dataset().to_dataframe().reset_index()
        return table[table["name"].str.split("[").str[0].isin(names)].reset_index(drop=True)
    return convergence(posterior[list(names)])


def checked(table: pd.DataFrame, posterior: xr.Dataset) -> xr.Dataset:
    """A table of `convergence` in the form in which a tree keeps it (`CHECKED`), beside the posterior it is of."""
    return table.set_index("name").to_xarray().assign_attrs(posterior.sizes)


def gate(parameters: pd.DataFrame, reported: pd.DataFrame, stats: xr.Dataset, predictive: pd.DataFrame) -> pd.DataFrame:
    """The publication gate as a table.

    Parameters
    ----------
    parameters, reported
        From `convergence`: global parameters and latent paths; forecast quantities.
    stats
        Sampler statistics (chain, draw) with `diverging` and `energy`.
    predictive
        Columns margin, observed, p_value.

    Returns
    -------
    DataFrame
        Columns check, value, threshold, passed, where, advice; publication needs every row passed.
    """
    rows = []
    for label, table in (("parameters and latent paths", parameters), ("forecast quantities", reported)):
        free = table[~table["constant"]]
        if free.empty:
            continue  # nothing is estimated
        worst = free.iloc[int(free["rhat"].to_numpy().argmax())]
        rows.append((f"R-hat, {label}", worst["rhat"], f"<= {RHAT}", worst["rhat"] <= RHAT, worst["name"], "rhat"))
        for kind in ("bulk", "tail"):
            worst = free.iloc[int(free[f"ess_{kind}"].to_numpy().argmin())]
            value = worst[f"ess_{kind}"]
            rows.append((f"{kind} ESS, {label}", value, f">= {ESS}", value >= ESS, worst["name"], "ess"))
    bfmi = np.asarray(energy_bfmi(stats["energy"].values))
    rows.append(("E-BFMI", bfmi.min(), f">= {BFMI}", bfmi.min() >= BFMI, f"chain {int(bfmi.argmin())}", "bfmi"))
    diverging = stats["diverging"].values
    share = float(diverging.mean())
    where = f"{int(diverging.sum())} of {diverging.size} draws"
    rows.append(("divergent share", share, f"<= {DIVERGENT_SHARE}", share <= DIVERGENT_SHARE, where, "divergences"))
    return pd.concat([_checks(rows), predictive_checks(predictive)], ignore_index=True)


def predictive_checks(predictive: pd.DataFrame) -> pd.DataFrame:
    """The rows of the gate that say whether the model reproduces what was seen.

    Parameters
    ----------
    predictive
        Columns margin, observed, p_value.

    Returns
    -------
    DataFrame
        As of `gate`.
    """
    low, high = PREDICTIVE
    return _checks(
        [(f"posterior predictive p, {row['margin']}", row["p_value"], f"{low} to {high}",
          low <= row["p_value"] <= high, f"observed {row['observed']}", "predictive")
         for row in predictive.to_dict("records")]
    )  # fmt: skip


def _checks(rows: list[tuple]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["check", "value", "threshold", "passed", "where", "advice"])
    table["passed"] = table["passed"].astype(bool)
    table["advice"] = ["" if ok else ADVICE[key] for ok, key in zip(table["passed"], table["advice"], strict=True)]
    return table


def energy_bfmi(energy: np.ndarray) -> np.ndarray:
    """E-BFMI per chain of energies [chain, draw] (Betancourt 2016)."""
    return np.mean(np.diff(energy, axis=1) ** 2, axis=1) / np.var(energy, axis=1)


def _labels(variable: xr.DataArray) -> list[str]:
    dims = [d for d in variable.dims if d not in ("chain", "draw")]
    if not dims:
        return [""]
    coords = [variable[d].values if d in variable.coords else np.arange(variable.sizes[d]) for d in dims]
    grid = np.array(np.meshgrid(*coords, indexing="ij"), dtype=object).reshape(len(dims), -1).T
    return [f"[{', '.join(str(v) for v in row)}]" for row in grid]
