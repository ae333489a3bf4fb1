"""The ladder under other priors: by weights where they can be trusted, else by a shorter fit with its own check."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from forecast.inference.carry import priors_of
from forecast.inference.fit import Sampling, compile_panel, fit, global_names
from forecast.inference.gate import ESS, convergence, convergence_of
from forecast.inference.reweight import Weights, fitted_geometry, other_priors
from forecast.model.prior_sets import RESERVED, PriorSet, changed
from forecast.outlook.forecast import TOTAL_PATHS, paths_ahead
from forecast.outlook.ladder import Events, first_events
from forecast.outlook.outcomes import ladder_shares, ladder_table
from forecast.terms import LADDER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from forecast.inference.compile import Compiled
    from forecast.inference.geometry import Geometry
    from forecast.model.priors import Prior

TUNE, DRAWS, CHAINS = 100, 400, 2
REFIT_RHAT, REFIT_ESS = 1.05, 100  # enough to compare ladders, not to publish one
SHOWN_DAYS = 30


class Convergence(NamedTuple):
    """Worst R-hat and effective sample size over global parameters and every rung at every horizon."""

    rhat: float
    ess: float

    @property
    def passed(self) -> bool:
        """Whether the draws are good enough to compare ladders."""
        return bool(self.rhat <= REFIT_RHAT and self.ess >= REFIT_ESS)


def prior_set_tables(
    tree: xr.DataTree,
    sets: Mapping[str, PriorSet],
    ladder: pd.DataFrame,
    *,
    seed: int = 1,
    total_paths: int = TOTAL_PATHS,
    sampling: Sampling | None = None,
    compiled: Compiled | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, pd.DataFrame]:
    """Tables `prior_sets`, `prior_range` and `prior_changes` of a forecast (see docs/schema.md).

    Parameters
    ----------
    tree
        The posterior under the published priors, from `fit`.
    sets
        From `read_prior_sets`; each is applied to the priors that `tree` was fitted with.
    ladder
        The published ladder.
    seed
        Seed of the simulated paths: that of the published ones, so that ladders differ by parameters only.
    total_paths
        Futures per set, shared between its draws.
    sampling
        Of the refits; by default 2 chains of 400 draws after 100 of warm-up, in the geometry of the published fit.
    compiled
        From `compile_panel`, of the panel of `tree`; compiled when first needed by default.
    progress
        Called with a line of text for each set.
    """
    priors, horizons = priors_of(tree), tuple(int(h) for h in dict.fromkeys(ladder["horizon_days"]))
    published = int(json.loads(str(tree.attrs["sampling"]))["seed"])
    chosen = (
        Sampling(tune=TUNE, draws=DRAWS, chains=CHAINS, attempts=1, seed=published) if sampling is None else sampling
    )
    panel, events, rows, changes = tree["panel"].to_dataset(), None, [], []
    geometry: Geometry | None = None
    for name, one in sets.items():
        began, new = time.perf_counter(), changed(priors, one)
        weights = other_priors(tree, priors, new)
        check: Convergence | None = None
        if enough(weights):
            method = "re-weighting"
            if events is None:
                events = first_events(paths_ahead(tree, days=max(horizons), seed=seed, total=total_paths))
            found = weighted_ladder(events, weights, horizons, seed)
        else:
            method = "refit"
            compiled = compile_panel(panel, priors) if compiled is None else compiled
            geometry = fitted_geometry(tree, compiled) if geometry is None else geometry
            other = fit(panel, new, chosen, compiled=compiled, geometry=geometry)
            ahead = first_events(paths_ahead(other, days=max(horizons), seed=seed, total=total_paths))
            found, check = ladder_table(ahead, horizons), refit_convergence(other, ahead, horizons)
        seconds = time.perf_counter() - began
        facts = {
            "method": method,
            "khat": weights.khat,
            "rhat": np.nan if check is None else check.rhat,
            "ess": weights.ess if check is None else check.ess,
            "trusted": check is None or check.passed,
            "seconds": seconds,
        }
        rows.append(found.assign(set=name, **facts))
        changes.append(change_table(one, priors, new))
        progress(_line(name, found, ladder, facts))
    table = pd.concat(rows, ignore_index=True)
    first = ["set", "horizon_days", "rung"]
    return {
        "prior_sets": table[[*first, *(c for c in table.columns if c not in first)]],
        "prior_range": range_table(ladder, table),
        "prior_changes": pd.concat(changes, ignore_index=True),
    }


def enough(weights: Weights) -> bool:
    """Whether weights carry a ladder: k-hat in order, and as many effective draws as the gate asks of one."""
    return weights.trusted and weights.ess >= ESS


def weighted_ladder(events: Events, weights: Weights, horizons: tuple[int, ...], seed: int) -> pd.DataFrame:
    """The ladder of `ladder_table` with weighted draws.

    Probability and Monte Carlo error are those of the weighted mean of per-draw probabilities; the interval is that of
    draws resampled by their weights.
    """
    size = len(weights.weight)
    place = (np.random.default_rng(seed).random() + np.arange(size)) / size
    drawn = np.minimum(np.searchsorted(np.cumsum(weights.weight), place), size - 1)
    table = ladder_table(Events(*(values[drawn] for values in events)), horizons)
    higher = ladder_shares(events, horizons)
    for row in range(len(table)):
        horizon, rung = int(table["horizon_days"].iloc[row]), LADDER.index(str(table["rung"].iloc[row]))
        reached = _at_least(higher, rung, horizon)
        share = reached - _at_least(higher, rung + 1, horizon)
        mean = float(weights.weight @ share)
        table.loc[row, "probability"] = mean
        table.loc[row, "mcse"] = float(np.sqrt(np.sum((weights.weight * (share - mean)) ** 2)))
        table.loc[row, "low"] = min(float(table["low"].iloc[row]), mean)
        table.loc[row, "high"] = max(float(table["high"].iloc[row]), mean)
    return table


def refit_convergence(tree: xr.DataTree, events: Events, horizons: tuple[int, ...]) -> Convergence:
    """Worst R-hat and effective sample size (bulk or tail) of a fit and of the ladder simulated from it."""
    posterior = tree["posterior"].to_dataset()
    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    rungs = {name: (("chain", "draw"), v.reshape(shape)) for name, v in ladder_shares(events, horizons).items()}
    checks = pd.concat([convergence_of(tree, global_names(priors_of(tree), posterior)), convergence(xr.Dataset(rungs))])
    varying = checks[~checks["constant"]]
    return Convergence(float(varying["rhat"].max()), float(varying[["ess_bulk", "ess_tail"]].to_numpy().min()))


def change_table(one: PriorSet, old: Mapping[str, Prior], new: Mapping[str, Prior]) -> pd.DataFrame:
    """What a set changes and why: set, name, published, changed, reason; a common widening is one row."""
    rows = [(one.name, c.name, old[c.name].text, new[c.name].text, c.reason) for c in one.changes]
    if one.widen != 1.0:
        rows.insert(0, (one.name, "every scale", "as published", f"times {one.widen:g}", one.reason))
    return pd.DataFrame(rows, columns=["set", "name", "published", "changed", "reason"])


def range_table(ladder: pd.DataFrame, sets: pd.DataFrame) -> pd.DataFrame:
    """Lowest and highest probability of each rung over the published priors and every set that can be trusted.

    Returns
    -------
    DataFrame
        horizon_days, rung, probability (published), lowest, lowest_set, highest, highest_set.
    """
    columns = ["set", "horizon_days", "rung", "probability"]
    everyone = pd.concat([ladder.assign(set=RESERVED)[columns], sets[sets["trusted"]][columns]], ignore_index=True)
    rows = []
    for row in ladder.itertuples():
        mine = everyone[(everyone["horizon_days"] == row.horizon_days) & (everyone["rung"] == row.rung)]
        low, high = (mine.iloc[int(pick(mine["probability"].to_numpy()))] for pick in (np.argmin, np.argmax))
        rows.append(
            (row.horizon_days, row.rung, row.probability, low["probability"], low["set"], high["probability"],
             high["set"])
        )  # fmt: skip
    columns = ["horizon_days", "rung", "probability", "lowest", "lowest_set", "highest", "highest_set"]
    return pd.DataFrame(rows, columns=columns)


def strike_chance(ladder: pd.DataFrame, days: int = SHOWN_DAYS) -> tuple[int, float]:
    """P(O2 or higher) at the horizon nearest to so many days, and that horizon."""
    horizon = min((int(h) for h in ladder["horizon_days"]), key=lambda h: abs(h - days))
    chosen = ladder[(ladder["horizon_days"] == horizon) & ladder["rung"].isin(LADDER[2:])]
    return horizon, float(chosen["probability"].sum())


def _at_least(higher: Mapping[str, np.ndarray], rung: int, horizon: int) -> np.ndarray:
    some = next(iter(higher.values()))
    if rung == 0:
        return np.ones_like(some)
    return higher[f"P({LADDER[rung]} or higher, {horizon} days)"] if rung < len(LADDER) else np.zeros_like(some)


def _line(name: str, found: pd.DataFrame, ladder: pd.DataFrame, facts: Mapping[str, object]) -> str:
    horizon, now = strike_chance(found)
    before = strike_chance(ladder)[1]
    how = f"k-hat {facts['khat']:.2f}: {facts['method']}"
    if facts["method"] == "refit":
        how += f", R-hat {facts['rhat']:.3f}, ESS {facts['ess']:.0f}" + ("" if facts["trusted"] else ", NOT converged")
    return (
        f"{name}: P(O2 or higher, {horizon} days) {now:.2f} against {before:.2f} published ({how}, "
        f"{facts['seconds']:.0f} s)"
    )
