"""The publication gate at every weekly as-of date."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.inference.fit import Sampling, compile_panel, fit, same_dims, sample_prior, save_posterior
from forecast.model.priors import read_priors
from forecast.outlook.forecast import predict
from forecast.record.panel import build_panel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import xarray as xr

    from forecast.inference.compile import Compiled
    from forecast.record.read import Record


def weekly(first: date, last: date) -> list[date]:
    """Days from first to last, a week apart."""
    return [first + timedelta(days=7 * k) for k in range((last - first).days // 7 + 1)]


def gates(
    record: Record,
    days: Iterable[date],
    *,
    out: Path,
    sampling: Sampling | None = None,
    keep: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """Fit and gate a forecast at each as-of date; the table is kept in a file, so that a run can be resumed.

    Parameters
    ----------
    record
        A full record; each fit cuts it at its day.
    days
        As-of dates.
    out
        CSV file; days that it holds are not run again. The ladders are kept beside it, in `NAME-ladder.csv`.
    sampling
        Sampler settings; those of `forecast run` by default.
    keep
        Folder for the posteriors, one netCDF a day; none are kept by default.
    progress
        Called with a line of text after each day.

    Returns
    -------
    DataFrame
        One row a day: as_of, passed, failed (names of failed checks), rhat, ess (smallest), divergent, bfmi, p_low and
        p_high (predictive), the ladder at 30 days, draws and chains used, and seconds.
    """
    chosen = Sampling() if sampling is None else sampling
    priors = read_priors()
    done = pd.read_csv(out) if out.exists() else pd.DataFrame()
    beside = ladder_file(out)
    ladders = pd.read_csv(beside) if beside.exists() else pd.DataFrame()
    compiled: Compiled | None = None
    before: xr.Dataset | None = None
    for day in days:
        if len(done) and day.isoformat() in set(done["as_of"]):
            continue
        began = time.perf_counter()
        panel = build_panel(record, day)
        if compiled is None or before is None or not same_dims(before, panel):
            compiled, before = compile_panel(panel, priors), panel
        tree = fit(panel, priors, chosen, compiled=compiled)
        prior = sample_prior(panel, priors, draws=200, seed=1)
        forecast = predict(tree, record, prior, total_paths=60_000)
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            save_posterior(tree, keep / f"{day}.nc")
        row = _row(forecast.tables["gate"], forecast.ladder)
        row |= {"draws": tree["posterior"].sizes["draw"], "chains": tree["posterior"].sizes["chain"],
                "compile_s": round(tree.attrs["compile_seconds"], 1),
                "sample_s": round(tree.attrs["sample_seconds"], 1),
                "wall_s": round(time.perf_counter() - began, 1)}  # fmt: skip
        done = pd.concat([done, pd.DataFrame([{"as_of": day.isoformat(), **row}])], ignore_index=True)
        ladders = pd.concat([ladders, forecast.ladder.assign(as_of=day.isoformat())], ignore_index=True)
        ladders.to_csv(beside, index=False)  # before the table that says the day is done
        done.to_csv(out, index=False)
        progress(f"{day}: {'passed' if row['passed'] else 'failed: ' + row['failed']} in {row['wall_s']:.0f} s")
    return done


def ladder_file(out: Path) -> Path:
    """Where the ladders of a table of gates are kept."""
    return out.with_name(f"{out.stem}-ladder.csv")


def _row(gate: pd.DataFrame, ladder: pd.DataFrame) -> dict:
    values = gate.set_index("check")["value"]
    predictive = values[values.index.str.startswith("posterior predictive")]
    ladder30 = ladder[ladder["horizon_days"] == 30].set_index("rung")["probability"]
    return {
        "passed": bool(gate["passed"].all()),
        "failed": "; ".join(gate.loc[~gate["passed"], "check"]),
        "rhat": round(float(values[values.index.str.startswith("R-hat")].max()), 4),
        "ess": int(values[values.index.str.contains("ESS")].min()),
        "divergent": float(values["divergent share"]),
        "bfmi": round(float(values["E-BFMI"]), 3),
        "p_low": round(float(predictive.min()), 3) if len(predictive) else np.nan,
        "p_high": round(float(predictive.max()), 3) if len(predictive) else np.nan,
        **{str(rung): round(float(p), 4) for rung, p in ladder30.items()},
    }
