"""The main job: check, as-of, panel, fit, simulate, gate, scenarios, report, archive – one forecast, or a refusal."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from forecast.inference.fit import Sampling, compile_panel, fit
from forecast.inference.prior_file import read_priors
from forecast.model.learned import applied
from forecast.model.prior_sets import read_prior_sets
from forecast.movers import movers_since_last
from forecast.outlook.forecast import Forecast
from forecast.outlook.prior_sets import prior_set_tables
from forecast.provenance import timed
from forecast.release import Published, archived, release
from forecast.scorecard import scores_before
from forecast.stages import Settings, Start, ahead, begin, build, complete, key_of, told_gate, what_if

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import xarray as xr

    from forecast.record import Record

SECOND_TARGET = 0.95  # acceptance rate that NUTS aims at in the second attempt: shorter steps
SET_PATHS = 60_000  # futures under other priors: their error is that of the draws, many times as large
PREDICTIVE = "posterior predictive"  # checks that sampling longer cannot mend


def run(
    record: Record | Path | str | None = None,
    settings: Settings | None = None,
    *,
    progress: Callable[[str, str], None] = lambda _stage, _text: None,
) -> tuple[Forecast, xr.DataTree]:
    """Fit and forecast, without publishing: check → as-of → panel → fit → simulate → gate.

    Parameters
    ----------
    record
        A record, its folder, or None for the shipped one.
    settings
        See `Settings`.
    progress
        Called with the name of the stage and a line of text.

    Returns
    -------
    Forecast, DataTree
        The forecast, whether or not it passed the gate (`Forecast.passed`), and the posterior.

    Raises
    ------
    RecordError
        The record breaks a rule.
    UsageError
        Unknown case, or an as-of date outside the record.
    """
    chosen = Settings() if settings is None else settings
    seconds: dict[str, float] = {}
    return _computed(begin(record, chosen, seconds, progress), chosen, seconds, progress)


def publish(
    record: Record | Path | str | None = None,
    settings: Settings | None = None,
    *,
    out: Path | str = "forecasts",
    again: bool = False,
    index: bool = True,
    progress: Callable[[str, str], None] = lambda _stage, _text: None,
) -> Published:
    """Run, and archive the forecast with its report if it passed the gate.

    A forecast that follows from the same inputs, code, libraries, priors, settings and seed as an archived one is not
    computed again: the archived one comes back.

    Parameters
    ----------
    record, settings, progress
        As in `run`.
    out
        Folder of the archive.
    again
        Compute it even so.
    index
        Renew the index page of the archive, which reads every run in it.

    Raises
    ------
    GateError
        The gate failed: no forecast was archived, and the last good one stays current.
    ArchiveError
        The archive is damaged or cannot be written.
    """
    began = time.perf_counter()
    chosen = Settings() if settings is None else settings
    seconds: dict[str, float] = {}
    start = begin(record, chosen, seconds, progress)
    key = key_of(start, chosen)

    def made() -> tuple[Forecast, xr.DataTree]:
        forecast, tree = _computed(start, chosen, seconds, progress)
        forecast = movers_since_last(forecast, tree, start.own, out, progress=partial(progress, "compare"))
        scores = scores_before(out, start.seen, forecast.meta)
        tables = forecast.tables if scores.empty else forecast.tables | {"scores": scores}
        return replace(forecast, meta=forecast.meta | {"key": key}, tables=tables), tree

    found = None if again else archived(out, start.case, start.day, key, progress, quick=chosen.quick)
    if found is not None:
        return found
    build(start, seconds, progress)  # tells faults of the request before anything is written
    return release(made, out, start.case, start.day, key, quick=chosen.quick, again=again, index=index,
                   began=began, progress=progress)  # fmt: skip


def _computed(
    start: Start, settings: Settings, seconds: dict[str, float], progress: Callable[[str, str], None]
) -> tuple[Forecast, xr.DataTree]:
    """Fit and forecast; where the gate fails for want of good draws, once more with shorter steps of the sampler."""
    if "panel" not in seconds:
        build(start, seconds, progress)
    sampling = Sampling.quick(settings.sampling.seed) if settings.quick else settings.sampling
    priors, learned = applied(read_priors(settings.priors), settings.history, start.day, settings.history_file)
    sets = {} if _no_prior_sets(settings) else read_prior_sets(priors=priors)  # faults are told before the fit
    notes = [f"{learned[:1].upper()}{learned[1:]}."] if settings.history else []
    with timed(seconds, "compile"):
        compiled = compile_panel(start.panel, priors)
    progress("compile", f"model compiled in {seconds['compile']:.0f} s ({len(compiled.start)} unknowns)")
    sampled = partial(fit, start.panel, priors, compiled=compiled, progress=partial(progress, "fit"))
    with timed(seconds, "fit"):
        tree = sampled(sampling=sampling)
    forecast = ahead(tree, start, settings, seconds, progress)
    told_gate(forecast, progress)
    failed = _failed_by_draws(forecast)
    if failed and not settings.quick:
        progress("fit", f"second attempt, with shorter steps and longer tuning: {failed}")
        with timed(seconds, "second_fit"):
            tree = sampled(sampling=second(sampling))
        forecast = ahead(tree, start, settings, seconds, progress)
        told_gate(forecast, progress)
        notes.append(f"The first attempt failed its checks ({failed}); this is the second, with shorter steps of the "
                     "sampler and longer tuning.")  # fmt: skip
    refused = "" if forecast.passed else "the gate refused publication"
    told, others = _no_prior_sets(settings) or refused, {}
    if not told:
        with timed(seconds, "prior_sets"):
            others = prior_set_tables(
                tree, sets, forecast.ladder, seed=sampling.seed, total_paths=SET_PATHS, compiled=compiled,
                progress=partial(progress, "priors"),
            )  # fmt: skip
        told = f"computed: {', '.join(sets)}"
    left_out = no_what_if(settings) or refused
    if not left_out:
        others = others | what_if(tree, start, settings, seconds, progress)
    forecast = complete(replace(forecast, tables=forecast.tables | others), tree, start, settings, seconds, progress)
    meta = forecast.meta | {
        "prior_sets": told,
        "what_if": left_out or f"computed: {len(start.assumed)} scenarios of the record, concessions, next moves",
        "learned_priors": learned,
        "notes": forecast.meta["notes"] + notes,
    }
    return replace(forecast, meta=meta), tree


def second(sampling: Sampling) -> Sampling:
    """Settings of the second attempt: shorter steps, tuning twice as long, another seed."""
    return replace(sampling, tune=2 * sampling.tune, target_accept=max(SECOND_TARGET, sampling.target_accept),
                   seed=sampling.seed + 1)  # fmt: skip


def _failed_by_draws(forecast: Forecast) -> str:
    """The failed checks, where all of them may pass with better draws; empty where one cannot, or none failed."""
    table = forecast.tables["gate"]
    failed = [str(check) for check in table.loc[~table["passed"], "check"]]
    return "" if any(check.startswith(PREDICTIVE) for check in failed) else ", ".join(failed)


def no_what_if(settings: Settings) -> str:
    """Why a run leaves out scenarios, concessions and next moves; empty if it does not."""
    if settings.quick:
        return "a quick run leaves them out"
    return "" if settings.what_if else "left out on request (--no-scenarios)"


def _no_prior_sets(settings: Settings) -> str:
    """Why a run leaves out the other sets of priors; empty if it does not."""
    if settings.quick:
        return "a quick run leaves them out"
    return "" if settings.prior_sets else "left out on request (--no-prior-sets)"
