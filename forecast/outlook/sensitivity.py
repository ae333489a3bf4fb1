"""Prior sensitivity: what the forecast, and each parameter, owes to its prior and to the likelihood (power scaling)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from forecast.inference.carry import priors_of
from forecast.inference.fit import global_names, samples
from forecast.inference.power import NONE, Scaled, diagnosis, noise, sensitivity, trusted
from forecast.inference.reweight import log_prior
from forecast.outlook.forecast import paths_ahead
from forecast.outlook.ladder import first_events
from forecast.outlook.outcomes import ladder_shares
from forecast.terms import HORIZONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import xarray as xr

PATHS = 600_000  # more than a forecast: noise of single draws hides how they move
HEADLINE = "P(O2 or higher, 30 days)"
GROUPS = {
    "resolve": ("resolve_", "shared_shocks", "stake_effect", "hit_effect"),
    "credibility": (
        "credibility_", "capability_credibility", "nuclear_credibility", "actor_credibility", "track_",
        "overt_credibility", "concession_credibility",
    ),
    "signals": ("signal_", "concession_audience"),
    "force": ("overt_", "leadership_", "symbolic_", "sub_", "closure_"),
    "campaign": ("onset_", "campaign_", "halt_", "participation_", "limited_in_campaign"),
    "scope": ("war_", "regional_"),
    "crisis": ("crisis_",),
    "settlement": ("truce_", "talks_", "deal_"),
}  # fmt: skip
"""Groups of priors by how their names begin; the first that fits takes a parameter."""


class Component(NamedTuple):
    """A part of the model that is given more or less weight, and its log density at each draw [sample]."""

    name: str
    kind: str  # parameter, group, all priors or likelihood
    log_density: np.ndarray
    parameters: tuple[str, ...]  # those whose own posteriors are looked at


class Tables(NamedTuple):
    """Power scaling: one row a component, and one row a component, rung and horizon."""

    summary: pd.DataFrame
    ladder: pd.DataFrame


def group_of(name: str) -> str:
    """Group of a parameter; "other" where none fits."""
    return next((group for group, begins in GROUPS.items() if name.startswith(begins)), "other")


def power_scaling(
    tree: xr.DataTree,
    log_likelihood: np.ndarray,
    *,
    horizons: tuple[int, ...] = HORIZONS,
    seed: int = 1,
    total_paths: int = PATHS,
    progress: Callable[[str], None] = lambda _: None,
) -> Tables:
    """Power-scale every prior, every group of priors and the likelihood (Kallioinen et al. 2024).

    No new fit: draws are re-weighted, and so are their simulated futures. Unit-scale effects belong to the model and
    are not scaled.

    Parameters
    ----------
    tree
        From `fit`.
    log_likelihood
        From `inference.power.log_likelihood` [sample].
    horizons
        Days ahead.
    seed
        Seed of the simulated paths.
    total_paths
        Futures in all, shared between the draws.
    progress
        Called with a line of text at each stage.

    Returns
    -------
    Tables
        `summary`: component, kind, where, prior_sensitivity, prior_noise, likelihood_sensitivity, likelihood_noise,
        diagnosis, ladder_sensitivity, ladder_noise, quantity, change_low, change_high, mcse, khat, alpha_low,
        alpha_high. The two sensitivities are those of `where`, the component's own scalar that its prior moves most;
        changes are of P(O2 or higher, 30 days) or the horizon nearest to it at powers 0.8 and 1.25, blank where k-hat
        is above 0.7. Sensitivities are taken between alpha_low and alpha_high.
        `ladder`: component, kind, quantity, probability, at_low, at_high, sensitivity.
    """
    ahead = paths_ahead(tree, days=max(horizons), seed=seed, total=total_paths)
    shares = ladder_shares(first_events(ahead), horizons)
    progress(f"{ahead.day.shape[0] * ahead.day.shape[1]:,} futures simulated")
    scalars = _scalars(tree)
    parts = components(tree, log_likelihood)
    _, by_likelihood = trusted(log_likelihood)
    rows, long = [], []
    for part in parts:
        wide, local = trusted(part.log_density)
        ladder = _ladder_rows(part, wide, local, shares)
        long.append(ladder)
        own = {name: scalars[name] for name in scalars if name.split("[")[0] in part.parameters}
        rows.append(_summary_row(part, wide, local, ladder, shares, own, by_likelihood))
    progress(f"{len(parts)} components scaled")
    return Tables(pd.DataFrame(rows), pd.concat(long, ignore_index=True))


def components(tree: xr.DataTree, log_likelihood: np.ndarray) -> list[Component]:
    """Every global parameter's prior, the groups of them, all of them, and the likelihood."""
    priors = priors_of(tree)
    names = global_names(priors, tree["posterior"].to_dataset())
    own = {name: log_prior(tree, priors, {name}) for name in names}
    groups: dict[str, tuple[str, ...]] = {}
    for name in names:
        groups[group_of(name)] = (*groups.get(group_of(name), ()), name)
    order = [g for g in (*GROUPS, "other") if g in groups]
    return [
        Component("likelihood", "likelihood", log_likelihood, tuple(names)),
        Component("all priors", "all priors", _total(own, names), tuple(names)),
        *(Component(g, "group", _total(own, groups[g]), groups[g]) for g in order),
        *(Component(name, "parameter", own[name], (name,)) for name in names),
    ]


def _total(own: Mapping[str, np.ndarray], names: tuple[str, ...] | list[str]) -> np.ndarray:
    return np.sum([own[name] for name in names], axis=0)


def _scalars(tree: xr.DataTree) -> dict[str, np.ndarray]:
    """Every scalar of the global parameters: name, with its labels in brackets → [sample]."""
    draws, found = samples(tree["posterior"].to_dataset()), {}
    for name in global_names(priors_of(tree), tree["posterior"].to_dataset()):
        variable = draws[name].transpose("sample", ...)
        dims = variable.dims[1:]
        for at in np.ndindex(variable.shape[1:]):
            labels = ", ".join(str(variable[d].values[i]) for d, i in zip(dims, at, strict=True))
            found[f"{name}[{labels}]" if labels else name] = variable.values[(slice(None), *at)].astype(float)
    return found


def _ladder_rows(part: Component, wide: Scaled, local: Scaled, shares: Mapping[str, np.ndarray]) -> pd.DataFrame:
    usable = wide.lower.trusted and wide.upper.trusted
    rows = [
        (
            part.name, part.kind, quantity, share.mean(),
            wide.lower.weight @ share if usable else np.nan,
            wide.upper.weight @ share if usable else np.nan,
            sensitivity(share, local),
        )
        for quantity, share in shares.items()
    ]  # fmt: skip
    columns = ["component", "kind", "quantity", "probability", "at_low", "at_high", "sensitivity"]
    return pd.DataFrame(rows, columns=columns)


def _summary_row(
    part: Component,
    wide: Scaled,
    local: Scaled,
    ladder: pd.DataFrame,
    shares: Mapping[str, np.ndarray],
    own: Mapping[str, np.ndarray],
    by_likelihood: Scaled,
) -> dict[str, object]:
    headline = HEADLINE if HEADLINE in shares else next(iter(shares))
    now = ladder.set_index("quantity").loc[headline]
    top = ladder.iloc[int(ladder["sensitivity"].to_numpy().argmax())]
    moved = {name: sensitivity(values, local) for name, values in own.items()}
    where = max(moved, key=lambda name: moved[name])
    row: dict[str, object] = {"component": part.name, "kind": part.kind, "where": where}
    if part.kind == "likelihood":
        row |= {
            "prior_sensitivity": np.nan,
            "prior_noise": np.nan,
            "likelihood_sensitivity": moved[where],
            "likelihood_noise": noise(own[where], local),
            "diagnosis": NONE,
        }
    else:
        chance = noise(own[where], by_likelihood)
        data = sensitivity(own[where], by_likelihood)
        row |= {
            "prior_sensitivity": moved[where],
            "prior_noise": noise(own[where], local),
            "likelihood_sensitivity": data,
            "likelihood_noise": chance,
            "diagnosis": diagnosis(moved[where], data, chance),
        }
    error = max(_error(shares[headline], w.weight) for w in (wide.lower, wide.upper))
    return row | {
        "ladder_sensitivity": top["sensitivity"],
        "ladder_noise": noise(shares[str(top["quantity"])], local),
        "quantity": top["quantity"],
        "change_low": now["at_low"] - now["probability"],
        "change_high": now["at_high"] - now["probability"],
        "mcse": error if np.isfinite(now["at_low"]) else np.nan,
        "khat": max(wide.lower.khat, wide.upper.khat),
        "alpha_low": local.powers[0],
        "alpha_high": local.powers[1],
    }


def _error(share: np.ndarray, weight: np.ndarray) -> float:
    """Standard error of weighted mean less plain mean, of independent draws."""
    return float(np.sqrt(np.sum(((weight - 1.0 / len(weight)) * (share - share.mean())) ** 2)))
