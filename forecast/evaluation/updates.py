"""Updates against fits: how far the ladder of an update lies from that of a fit at every weekly as-of date."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from forecast.inference.fit import Sampling, compile_panel, fit, load_posterior, same_dims, save_posterior
from forecast.inference.update import diagnosis_of, update_posterior
from forecast.model.priors import read_priors
from forecast.outlook.forecast import TOTAL_PATHS, paths_ahead
from forecast.outlook.ladder import first_events
from forecast.outlook.outcomes import ladder_table
from forecast.record.panel import build_panel
from forecast.terms import HORIZONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import xarray as xr

    from forecast.inference.compile import Compiled
    from forecast.record.read import Record

WEEKS = (1, 2, 4)
BAR = 0.02  # largest total variation at which an update counts as the same forecast
KEYS = ["as_of", "weeks"]


def agreement(
    record: Record,
    days: Iterable[date],
    *,
    out: Path,
    posteriors: Path,
    weeks: Sequence[int] = WEEKS,
    again: int = 8,
    kept_only: bool = False,
    sampling: Sampling | None = None,
    total_paths: int = TOTAL_PATHS,
    progress: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """Compare the ladder of updates with that of fits; table and posteriors are kept, so that a study can be resumed.

    Paths of all ladders are simulated with the same random numbers.

    Parameters
    ----------
    record
        A full record; each panel is cut at its day.
    days
        As-of dates, a week apart. An update from a fit k weeks older is made where that fit is of one of these dates,
        or is in the folder.
    out
        CSV file; comparisons that it holds are not made again.
    posteriors
        Folder of posteriors by day, `<as-of>.nc`, as `forecast study gates --keep` leaves them; fits are added.
    weeks
        Ages of the fits that are updated, in weeks.
    again
        At every so many dates a second fit with another seed, for the noise floor (rows of age 0); none at 0.
    kept_only
        Fit nothing: compare those of the dates, and those second fits, whose posteriors the folder holds.
    sampling
        Sampler settings; those of `forecast run` by default.
    total_paths
        Futures per ladder.
    progress
        Called with a line of text after each date.

    Returns
    -------
    DataFrame
        One row a comparison: as_of, weeks (age of the fit that is updated, 0 for a second fit), full_fit_due, khat,
        ess_draws, ess_particles, annealed, update_s, fit_s (seconds; of a fit its sampling only), and for each horizon
        `tv_<days>`, the total variation between the two ladders, and `unmoved_<days>`, that between the ladders of the
        old and the new fit.
    """
    posteriors.mkdir(parents=True, exist_ok=True)
    fitted = _fitter(record, posteriors, Sampling() if sampling is None else sampling)
    done = pd.read_csv(out) if out.exists() else pd.DataFrame(columns=KEYS)
    wanted = list(days)
    ladders: dict[tuple[date, bool], pd.DataFrame] = {}  # of fits; each is asked for several times
    at_hand = {day for day in wanted if not kept_only or (posteriors / f"{day}.nc").exists()}
    for number, day in enumerate(wanted):
        known = set(done.loc[done["as_of"] == day.isoformat(), "weeks"])
        ages = [k for k in weeks if (old := day - timedelta(weeks=k)) in at_hand or (posteriors / f"{old}.nc").exists()]
        second = bool(again) and number % again == again - 1
        ages += [0] if second and (not kept_only or (posteriors / _again(day)).exists()) else []
        ages = ages if day in at_hand else []
        rows = [_compared(fitted, ladders, day, k, total_paths) for k in ages if k not in known]
        if rows:
            done = pd.concat([done, pd.DataFrame(rows)], ignore_index=True)
            done.to_csv(out, index=False)
        told = ", ".join(f"{r['weeks']} weeks {max(r[f'tv_{h}'] for h in HORIZONS):.4f}" for r in rows)
        progress(f"{day}: {told or 'nothing new to compare'}")
    return done


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """What the comparisons come to, by age of the fit.

    Returns
    -------
    DataFrame
        One row an age: weeks, comparisons, used (updates that do not ask for a full fit), agree (those of them with a
        total variation of at most `BAR` at every horizon), median and largest total variation of those used and, where
        there are any, largest of those not used.
    """
    worst = table[[f"tv_{h}" for h in HORIZONS]].max(axis=1)
    rows = []
    for weeks, part in table.groupby("weeks"):
        used = ~part["full_fit_due"].astype(bool)
        mine = worst[part.index]
        rows.append(
            {"weeks": weeks, "comparisons": len(part), "used": int(used.sum()), "agree": int((mine[used] <= BAR).sum()),
             "median": mine[used].median(), "largest": mine[used].max(), "largest_not_used": mine[~used].max()}
        )  # fmt: skip
    return pd.DataFrame(rows)


def total_variation(one: pd.DataFrame, other: pd.DataFrame) -> dict[int, float]:
    """Total variation between two ladders by horizon: half the sum of absolute differences over the rungs."""
    keys = ["horizon_days", "rung"]
    both = one.merge(other, on=keys, suffixes=("", "_other"), validate="one_to_one")
    apart = (both["probability"] - both["probability_other"]).abs()
    return {int(h): 0.5 * float(part.sum()) for h, part in apart.groupby(both["horizon_days"])}


def _again(day: date) -> str:
    """File name of the second fit of a day."""
    return f"{day}-again.nc"


def _compared(
    fitted: Callable[[date, bool], xr.DataTree],
    ladders: dict[tuple[date, bool], pd.DataFrame],
    day: date,
    weeks: int,
    total_paths: int,
) -> dict:
    """One comparison: the update of an older fit, or at age 0 a second fit, with the fit of the day."""
    before = day - timedelta(weeks=weeks)
    new, old = fitted(day, False), fitted(before, weeks == 0)
    began = time.perf_counter()
    moved = old if weeks == 0 else update_posterior(old, new["panel"].to_dataset())
    seconds = time.perf_counter() - began
    for key, tree in (((day, False), new), ((before, weeks == 0), old)):
        if key not in ladders:
            ladders[key] = _ladder(tree, total_paths)
    row: dict = {"as_of": day.isoformat(), "weeks": weeks, "full_fit_due": False}
    diagnosis = diagnosis_of(moved)
    if diagnosis is not None:
        row |= {"full_fit_due": diagnosis.full_fit_due, "khat": round(diagnosis.khat, 3),
                "ess_draws": round(diagnosis.ess_draws), "ess_particles": round(diagnosis.ess_particles, 1),
                "annealed": "; ".join(diagnosis.annealed)}  # fmt: skip
    row |= {"update_s": round(seconds, 2), "fit_s": round(float(new.attrs["sample_seconds"]), 1)}
    unmoved = ladders[before, weeks == 0]
    for name, ladder in (("tv", unmoved if weeks == 0 else _ladder(moved, total_paths)), ("unmoved", unmoved)):
        apart = total_variation(ladder, ladders[day, False])
        row |= {f"{name}_{h}": round(apart[h], 5) for h in HORIZONS}
    return row


def _ladder(tree: xr.DataTree, total_paths: int) -> pd.DataFrame:
    return ladder_table(first_events(paths_ahead(tree, days=max(HORIZONS), seed=1, total=total_paths)), HORIZONS)


def _fitter(record: Record, posteriors: Path, sampling: Sampling) -> Callable[[date, bool], xr.DataTree]:
    """Posteriors by day, from their folder or fitted now; the second of a day has another seed."""
    priors = read_priors()
    compiled: tuple[xr.Dataset, Compiled] | None = None

    def fitted(day: date, second: bool) -> xr.DataTree:
        nonlocal compiled
        file = posteriors / (_again(day) if second else f"{day}.nc")
        if not file.exists():
            panel = build_panel(record, day)
            if compiled is None or not same_dims(compiled[0], panel):
                compiled = panel, compile_panel(panel, priors)
            chosen = replace(sampling, seed=sampling.seed + 1000) if second else sampling
            save_posterior(fit(panel, priors, chosen, compiled=compiled[1]), file)
        return load_posterior(file)

    return fitted
