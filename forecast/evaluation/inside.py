"""The model as a forecaster of the back-test: fitted to what was known, moved by new rows, simulated, read off."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from forecast.evaluation.origins import refit_day
from forecast.evaluation.padding import Sizes, padded
from forecast.evaluation.variants import PUBLISHED, priors_of_variant, variant
from forecast.inference.fit import Sampling, compile_panel, fit, global_names, samples
from forecast.inference.gate import convergence
from forecast.inference.update import Updating, diagnosis_of, update_posterior
from forecast.model.build import model_coords
from forecast.model.priors import read_priors
from forecast.outlook.forecast import paths_ahead
from forecast.outlook.ladder import first_events, severity
from forecast.record.acts import pose
from forecast.record.panel import build_panel
from forecast.terms import LADDER

if TYPE_CHECKING:
    from datetime import date

    import xarray as xr

    from forecast.evaluation.learners import Forecaster, Memo
    from forecast.inference.compile import Compiled
    from forecast.record.read import Record

type Mode = Literal["update", "refit"]

SAMPLING: Final = Sampling(tune=400, draws=800, chains=1, attempts=1)
PATHS: Final = 20_000
_HALF: Final = 0.5
"""Futures added to each rung, so that none that was not simulated has no chance at all."""


@dataclass(frozen=True)
class Inside:
    """Settings of the inside view.

    Attributes
    ----------
    variant
        Name in `forecast.evaluation.variants.VARIANTS`.
    mode
        ``update``: a fit at each re-fit date (`forecast.evaluation.origins.refit_day`), whose draws new rows move until
        the next, unless the update says of itself that a fit is due. ``refit``: a fit at each origin.
    sampling
        Settings of the sampler; its seed is replaced by one that depends on case and day.
    paths
        Futures in all.
    seed
        Seed of all random numbers.
    sizes
        Sizes to which every panel is padded, so that one compilation serves all of about the same length.
    """

    variant: str = PUBLISHED
    mode: Mode = "update"
    sampling: Sampling = SAMPLING
    paths: int = PATHS
    seed: int = 20260228
    sizes: Sizes | None = None


def inside_view(settings: Inside, memo: Memo) -> Forecaster:
    """Return the model as a forecaster; facts of its fits are kept under the key ("fit facts", case, origin)."""
    chosen = variant(settings.variant)

    def forecaster(record: Record, case: str, origin: date, horizons: tuple[int, ...]) -> np.ndarray:
        tree, fitted = _at(record, case, origin, settings, memo)
        memo["fit facts", case, origin] = _facts(tree, fitted)
        seed = settings.seed + zlib.crc32(f"{case} {origin} {chosen.period_days}".encode()) % 10**6
        events = first_events(paths_ahead(tree, days=max(horizons), seed=seed, total=settings.paths))
        return np.array([_shares(severity(events, horizon)) for horizon in horizons])

    return forecaster


def _at(record: Record, case: str, origin: date, settings: Inside, memo: Memo) -> tuple[xr.DataTree, date]:
    """Posterior on a day, and the day of its fit."""
    day = origin if settings.mode == "refit" else refit_day(record, case, origin)
    key = ("posterior", case, day)
    if key not in memo:
        for old in [k for k in memo if k[0] == "posterior"]:
            del memo[old]  # large, and asked for only until the next fit
        memo[key] = _fitted(record, case, day, settings, memo)
    if day == origin:
        return memo[key], day
    updating = Updating(seed=settings.seed)
    moved = update_posterior(memo[key], _panel(record, case, origin, settings), updating)
    diagnosis = diagnosis_of(moved)
    if diagnosis is not None and diagnosis.full_fit_due:
        return _fitted(record, case, origin, settings, memo), origin
    return moved, day


def _panel(record: Record, case: str, day: date, settings: Inside) -> xr.Dataset:
    chosen = variant(settings.variant)
    panel = build_panel(
        pose(record, case, day), day, case=case, period_days=chosen.period_days, reference=chosen.reference
    )
    return panel if settings.sizes is None else padded(panel, settings.sizes)


def _fitted(record: Record, case: str, day: date, settings: Inside, memo: Memo) -> xr.DataTree:
    """Posterior of a case on a day."""
    panel = _panel(record, case, day, settings)
    priors = priors_of_variant(settings.variant, day)
    dims = ("compiled", *((name, len(labels)) for name, labels in model_coords(panel).items()), settings.variant)
    compiled: Compiled = memo[dims] if dims in memo else memo.setdefault(dims, compile_panel(panel, priors))
    seed = (settings.seed + zlib.crc32(f"{case} {day}".encode())) % 2**31
    return fit(panel, priors, replace(settings.sampling, seed=seed), compiled=compiled)


def _shares(reached: np.ndarray) -> np.ndarray:
    """Share of futures on each rung [rung], from positions [draw, path]."""
    counts = np.bincount(reached.ravel(), minlength=len(LADDER)) + _HALF
    return counts / counts.sum()


def _facts(tree: xr.DataTree, fitted: date) -> tuple:
    """Day of the fit, largest R-hat and smallest ESS of a global parameter, divergent share, seconds, draws, k-hat.

    R-hat and ESS are those of the draws that are simulated, k-hat that of the weights by which an update moved them.
    """
    diagnosis = diagnosis_of(tree)
    posterior = tree["posterior"].to_dataset()
    stats = tree["sample_stats"].to_dataset()
    names = global_names(read_priors(), posterior)
    rows = convergence(posterior[names])
    return (
        fitted.isoformat(),
        round(float(rows["rhat"].max()), 4),
        round(float(rows[["ess_bulk", "ess_tail"]].min().min()), 1),
        round(float(stats["diverging"].values.mean()), 5),
        round(float(tree.attrs["compile_seconds"]), 1),
        round(float(tree.attrs["sample_seconds"]), 1),
        samples(posterior).sizes["sample"],
        "" if diagnosis is None else round(diagnosis.khat, 3),
    )
