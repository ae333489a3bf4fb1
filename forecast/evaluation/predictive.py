"""Prior and posterior predictive checks: replicates of the whole panel, set beside what was observed.

Two kinds of posterior replicate (Gelman, Meng and Stern 1996). Whole new histories keep the parameters of a posterior
draw; resolve, and the noise of crises and campaigns, are drawn anew: they test the process. Replicates on the fitted
paths keep the draw's resolve of the case and of every past crisis too: they test what is observed given the latents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal import lfilter

from forecast.errors import UsageError
from forecast.evaluation.quantities import Quantities, quantities
from forecast.evaluation.worlds import draw_world, with_spells
from forecast.inference.fit import global_names, samples
from forecast.model.build import model_coords
from forecast.model.cells import PHASES
from forecast.model.priors import prior_draws
from forecast.outlook.forecast import priors_of
from forecast.terms import DENSITIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forecast.model.priors import Prior

PRIOR, PROCESS, PATHS = "prior", "posterior process", "posterior paths"
KINDS = (PRIOR, PROCESS, PATHS)
STANDING = ("actor_resolve", "region_resolve", "dyad_resolve", "actor_credibility", "overt_dyad")  # of actors and dyads
OF_EPISODES = ("episode_resolve", "onset_episode")
MASKS = ("force_observed", "talks_observed", "deal_observed")
EXTREME = 0.02
NEVER = 1e-12  # a chance that still divides
KEY = ["topic", "quantity"]


class Experiment(NamedTuple):
    """A change of the replicates, or of what is looked at, that tests an explanation of a failure."""

    density: str | None = None  # look only at periods of the case with this density of coverage
    invented: bool = True  # whether rows are invented with the chances of the prior table
    phases: bool = False  # whether new histories give resolve in past crises the draw's mean before, during and after
    follows: bool = False  # whether the close coverage of the case lies where resolve is highest, in new histories


EXPERIMENTS = {
    "plain": Experiment(),
    "regular-coverage": Experiment(density="regular"),
    "no-invented-rows": Experiment(invented=False),
    "phases-of-crises": Experiment(phases=True, invented=False),
    "coverage-follows": Experiment(follows=True),
}


class Source(NamedTuple):
    """What replicates are drawn from."""

    design: xr.Dataset  # an observed panel's masks and covariates, from `open_design`
    priors: Mapping[str, Prior]
    posterior: xr.Dataset  # draws with one `sample` dim


def source_of(tree: xr.DataTree, replicates: int) -> Source:
    """Priors, design and evenly spaced draws of a posterior."""
    design = open_design(tree["panel"].to_dataset())
    draws = samples(tree["posterior"].to_dataset())
    chosen = np.linspace(0, draws.sizes["sample"] - 1, min(replicates, draws.sizes["sample"])).astype(int)
    return Source(design, priors_of(tree), draws.isel(sample=chosen))


def open_design(panel: xr.Dataset) -> xr.Dataset:
    """The panel as a design for replicates: its masks and covariates, and room for as many campaigns as can be drawn.

    Weeks of a past crisis that were masked because its campaign ran are watched in a replicate, which masks its own:
    for force always, for talks and deals where other weeks of the crisis are. So are weeks of the case for deals.
    """
    room = int(panel["length"].values.sum()) // 2 + panel.sizes["episode"]
    design = with_spells(panel.drop_dims("spell"), [], room)
    campaign, during = design["campaign"].values, design["phase"].values == PHASES.index("during")
    during = during | (np.arange(len(during)) == 0)[:, None]
    for name in MASKS:
        watched = design[name].values
        masked = campaign if name == "force_observed" else campaign & during & watched.any(axis=1, keepdims=True)
        design[name] = (("episode", "period"), watched | masked)
    return design


def truths(
    source: Source, kind: str, numbers: Sequence[int], change: Experiment = EXPERIMENTS["plain"]
) -> dict[str, np.ndarray]:
    """Parameters of replicates by name [replicate, ...], and the kept path of resolve as `path` if there is one.

    Parameters
    ----------
    source
        From `source_of`.
    kind
        One of `KINDS`.
    numbers
        Numbers of the replicates; each takes the posterior draw of its number.
    change
        What is drawn otherwise.
    """
    fresh = prior_draws(source.priors, model_coords(source.design), draws=len(numbers), seed=KINDS.index(kind))
    out = {str(name): variable.transpose("sample", ...).values for name, variable in fresh.data_vars.items()}
    if kind == PRIOR:
        return out
    posterior = source.posterior
    chosen = posterior.isel(sample=np.asarray(numbers) % posterior.sizes["sample"])
    names = [*global_names(source.priors, posterior), *STANDING, *(OF_EPISODES if kind == PATHS else ())]
    out |= {name: chosen[name].transpose("sample", *source.priors[name].dims).values for name in names}
    if change.phases and kind == PROCESS:
        out["episode_resolve"] = out["episode_resolve"] + chosen["episode_resolve"].transpose(
            "sample", "reference_side", "phase"
        ).values.mean(axis=1, keepdims=True)
    if kind == PATHS:
        out["path"] = chosen["resolve"].transpose("sample", "side", "period").values
    return out


def replicate(
    source: Source, truth: Mapping[str, np.ndarray], seed: int, change: Experiment = EXPERIMENTS["plain"]
) -> xr.Dataset:
    """Draw one panel.

    Parameters
    ----------
    source
        From `source_of`.
    truth
        One entry of `truths`, by name.
    seed
        Seed of the outcomes.
    change
        What is drawn otherwise.
    """
    fixed = {name: np.array(p.parameters[0], float) for name, p in source.priors.items() if p.family == "fixed"}
    if not change.invented:
        fixed["false_row"] = np.full_like(fixed["false_row"], NEVER)
    draw = xr.Dataset({name: (source.priors[name].dims, v) for name, v in truth.items() if name != "path"})
    design = _following(source.design, truth) if change.follows and "path" not in truth else source.design
    return draw_world(design, draw, fixed, seed, resolve=truth.get("path")).panel


def _following(design: xr.Dataset, truth: Mapping[str, np.ndarray]) -> xr.Dataset:
    """The design with the close coverage of the case moved to where resolve, hits apart, is highest on average."""
    length = int(design["length"].values[0])
    dense = np.flatnonzero(design["density"].values[0, :length] != DENSITIES.index("regular"))
    rho = 0.5 ** (int(design.attrs["period_days"]) / 7.0 / float(truth["resolve_half_life"]))
    shocks = truth["resolve_innovation"][:, :length] * np.sqrt(1 - rho**2)
    shocks[:, 0] /= np.sqrt(1 - rho**2)
    level = np.asarray(lfilter([1.0], [1.0, -rho], shocks)).sum(axis=0)
    window = dense[-1] - dense[0] + 1
    shift = int(np.argmax(sliding_window_view(level, window).mean(axis=1))) - dense[0]
    moved = design.copy(deep=True)
    for name in (*MASKS, "density", "signal_observed"):
        moved[name].values[0, :length] = np.roll(design[name].values[0, :length], shift, axis=0)
    return moved


def replicates(
    source: Source,
    kind: str,
    numbers: Sequence[int],
    *,
    change: Experiment = EXPERIMENTS["plain"],
) -> pd.DataFrame:
    """Quantities of drawn panels.

    Parameters
    ----------
    source, kind, numbers, change
        As in `truths`; the number of a replicate is also the seed of its outcomes.

    Returns
    -------
    DataFrame
        One row a replicate, columns (topic, quantity).
    """
    drawn = truths(source, kind, numbers, change)
    keep = _kept(source.design, change.density)
    rows = {
        number: quantities(replicate(source, {name: v[k] for name, v in drawn.items()}, number, change), keep)
        for k, number in enumerate(numbers)
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("replicate")


def compare(observed: Quantities, drawn: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Set observed quantities beside their replicates.

    Parameters
    ----------
    observed
        From `quantities`.
    drawn
        From `replicates`.
    kind
        Name of the kind of replicate, for the table.

    Returns
    -------
    DataFrame
        Columns topic, quantity, kind, observed; mean and central intervals of the replicates (low_95, low_80, high_80,
        high_95); `rank`, the share of replicates below what was observed, equal ones counted half; `p_value`,
        two-sided, twice the smaller share of panels at least as low, or as high, the observed one among them; and n,
        the replicates that have the quantity. NaN where the observed panel does not have it.
    """
    values = drawn[list(observed)].to_numpy()
    seen = np.array(list(observed.values()))
    n = (~np.isnan(values)).sum(axis=0)
    near = np.isclose(values, seen, rtol=1e-9, atol=1e-12)
    less, more = ((values < seen) & ~near).sum(axis=0), ((values > seen) & ~near).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        rank = np.where(np.isnan(seen), np.nan, (less + 0.5 * near.sum(axis=0)) / n)
        p = np.minimum(1.0, 2.0 * (1 + n - np.maximum(less, more)) / (n + 1))
    table = pd.DataFrame(list(observed), columns=KEY)
    low_95, low_80, high_80, high_95 = _quantiles(values, (0.025, 0.1, 0.9, 0.975))
    mean = np.nansum(values, axis=0) / np.where(n, n, np.nan)
    return table.assign(kind=kind, observed=seen, mean=mean, low_95=low_95, low_80=low_80, high_80=high_80,
                        high_95=high_95, rank=rank, p_value=np.where(np.isnan(rank), np.nan, p), n=n)  # fmt: skip


def _quantiles(values: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    """Quantiles of each column, over what is known in it [level, column]."""
    whole = ~np.isnan(values).any(axis=0)
    out = np.full((len(levels), values.shape[1]), np.nan)
    out[:, whole] = np.quantile(values[:, whole], levels, axis=0)
    for k in np.flatnonzero(~whole & ~np.isnan(values).all(axis=0)):
        out[:, k] = np.quantile(values[~np.isnan(values[:, k]), k], levels)
    return out


def check(
    tree: xr.DataTree,
    count: int,
    *,
    kinds: Sequence[str] = KINDS,
    change: Experiment = EXPERIMENTS["plain"],
) -> pd.DataFrame:
    """Prior and posterior predictive checks of the panel of a posterior.

    Parameters
    ----------
    tree
        A posterior, with its panel.
    count
        Replicates of each kind.
    kinds
        Of `KINDS`.
    change
        One of `EXPERIMENTS`; none by default.

    Returns
    -------
    DataFrame
        As from `compare`, kind after kind.

    Raises
    ------
    UsageError
        No period of the case has the density that is looked at.
    """
    panel = tree["panel"].to_dataset()
    observed = quantities(panel, _kept(panel, change.density))
    source = source_of(tree, count)
    tables = [compare(observed, replicates(source, k, range(count), change=change), k) for k in kinds]
    return pd.concat(tables, ignore_index=True)


def failures(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of a check in which the observed value lies in the outer 2 % of the replicates on either side."""
    return table[(table["rank"] < EXTREME) | (table["rank"] > 1 - EXTREME)]


def _kept(panel: xr.Dataset, density: str | None) -> np.ndarray | None:
    """Periods of the case with a density of coverage, all (None) where none is asked for."""
    if density is None:
        return None
    values = panel["density"].values[0, : int(panel["length"].values[0])]
    if not (values == DENSITIES.index(density)).any():
        there = ", ".join(name for k, name in enumerate(DENSITIES) if (values == k).any())
        raise UsageError(f"no period of the case has {density} coverage, but {there}; choose another experiment")
    return values == DENSITIES.index(density)
