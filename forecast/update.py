"""Fast update of an archived forecast: new rows move the draws of its fit, and the result is archived as a forecast."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from forecast.errors import ArchiveError, FitDueError, UsageError
from forecast.evaluation.sbc import model_hash
from forecast.inference.carry import priors_of
from forecast.inference.fit import Sampling, load_posterior
from forecast.inference.gate import ESS
from forecast.inference.reweight import KHAT
from forecast.inference.update import LEAST_PARTICLES, MOST_WEEKS, Updating, diagnosis_of, update_posterior
from forecast.model.learned import POWER, applied
from forecast.model.priors import prior_hash, read_priors
from forecast.movers import movers_since_last
from forecast.outlook.forecast import paths_ahead
from forecast.outlook.ladder import first_events
from forecast.outlook.outcomes import ladder_table
from forecast.outlook.prior_sets import strike_chance
from forecast.provenance import timed
from forecast.publish.archive import Run, list_runs, read_run
from forecast.publish.current import Refusal
from forecast.publish.manifest import POSTERIOR, read_manifest
from forecast.publish.tables import rows_of
from forecast.record import Record, read_record
from forecast.record.acts import find_case
from forecast.record.asof import default_as_of
from forecast.release import Published, archived, refuse, release
from forecast.run import publish
from forecast.scorecard import scores_before
from forecast.stages import Settings, ahead, begin, build, complete, key_of, told_gate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    import xarray as xr

    from forecast.inference.update import Diagnosis
    from forecast.outlook.forecast import Forecast

PREDICTIVE_CHECK = "posterior predictive p"
GLANCE_PATHS = 40_000


@dataclass(frozen=True)
class Newer:
    """What an update may be told: as-of day, case, other questions; to fit where a fit is due; to compute it again."""

    as_of: date | None = None
    case: str | None = None
    questions: Path | None = None
    fit: bool = False
    again: bool = False


def update(
    record: Record | Path | str | None = None,
    base: Path | str | None = None,
    newer: Newer | None = None,
    *,
    out: Path | str = "forecasts",
    progress: Callable[[str, str], None] = lambda _stage, _text: None,
) -> Published:
    """Take in what the record says since an archived fit, without sampling anew, and archive the forecast.

    The draws of the fit are moved by `update_posterior`; its diagnosis decides whether they may be used. The gate of
    the update holds the convergence of the fit, the diagnosis, and the predictive checks of the moved draws. Tables of
    parameters, claims and the severe end stand as the fit told them; other sets of priors are left out. The updated
    forecast has the case, period length, horizons and seed of the fit.

    Parameters
    ----------
    record
        A record, its folder, or None for the shipped one.
    base
        Folder of an archived run: a fit, or an update of the fit that is meant. By default the last archived fit of
        the case that passed the gate.
    newer
        See `Newer`.
    out
        Folder of the archive.
    progress
        Called with the name of the stage and a line of text.

    Raises
    ------
    FitDueError
        The update cannot be used; the message says why. With `newer.fit` a full fit is made and archived instead, also
        where there is none to update.
    GateError
        A predictive check of the updated forecast failed: nothing was written.
    UsageError
        There is no fit to update, or the as-of day lies before it.
    ArchiveError
        The fit is damaged, or its posterior was not kept.
    """
    began = time.perf_counter()
    chosen = Newer() if newer is None else newer
    own = record if isinstance(record, Record) else read_record(record)
    if base is None and chosen.fit and last_fit(own, out, chosen) is None:
        progress("base", "there is no fit to update yet: a full fit is made")
        first = Settings(case=chosen.case, as_of=chosen.as_of, questions=chosen.questions)
        return publish(own, first, out=out, again=chosen.again, progress=progress)
    fitted = fit_to_move(own, base, chosen, out)
    settings = settings_of(fitted.meta, chosen)
    progress("base", f"{fitted.meta['run_id']}, the fit as of {fitted.meta['as_of']}")
    seconds: dict[str, float] = {}
    start = begin(own, settings, seconds, progress)
    key = key_of(start, settings, base=str(fitted.meta["run_id"]))
    found = None if chosen.again else archived(out, start.case, start.day, key, progress, quick=settings.quick)
    if found is not None:
        return found
    build(start, seconds, progress)
    if not (fitted.path / POSTERIOR).exists():
        raise ArchiveError(f"{fitted.path}: its posterior was given up to save space; update a later fit, or make one "
                           "by: forecast run")  # fmt: skip
    with timed(seconds, "load"):
        tree = load_posterior(fitted.path / POSTERIOR)
    reasons = changed(fitted.meta, tree)
    fit_tree = tree
    if not reasons:
        with timed(seconds, "update"):
            tree = update_posterior(tree, start.panel, Updating(seed=settings.sampling.seed))
        diagnosis = said(tree)
        reasons = diagnosis.reasons
        progress("update", f"k-hat {diagnosis.khat:.2f}, {diagnosis.ess_draws:.0f} of {diagnosis.draws} draws and "
                           f"{diagnosis.ess_particles:.0f} of {diagnosis.particles} particles effective")  # fmt: skip
    if reasons:
        if not chosen.fit:
            if not settings.quick:
                refuse(out, start.case, Refusal.of(start.day, start.created, reasons), progress)
            raise fit_due(fitted, start.day, reasons)
        progress("update", f"a full fit is due: {'; '.join(reasons)}")
        full = full_settings(settings, fitted.meta, start.day)
        return publish(own, full, out=out, again=chosen.again, progress=progress)

    (horizon, chance), (_, before) = (strike_chance(t) for t in (glance(tree, settings), fitted.tables["ladder"]))
    progress("ladder", f"P(O2 or higher, {horizon} days) {chance:.2f} ({before:.2f} in the fit); all else follows")

    def made() -> tuple[Forecast, xr.DataTree]:
        forecast = ahead(tree, start, settings, seconds, progress, fitted=fitted.tables)
        tables = forecast.tables | {"gate": gate_of_update(fitted, said(tree), forecast.tables["gate"])}
        forecast = replace(forecast, tables=tables)
        told_gate(forecast, progress)
        forecast = complete(forecast, tree, start, settings, seconds, progress)
        meta = forecast.meta | facts(fitted, tree) | {"gate_passed": forecast.passed, "key": key}
        forecast = movers_since_last(replace(forecast, meta=meta), tree, start.own, out, base=fit_tree,
                                     progress=partial(progress, "compare"))  # fmt: skip
        scores = scores_before(out, start.seen, forecast.meta)
        tables = forecast.tables if scores.empty else forecast.tables | {"scores": scores}
        return replace(forecast, tables=tables), tree

    return release(made, out, start.case, start.day, key, quick=settings.quick, again=chosen.again, began=began,
                   progress=progress)  # fmt: skip


def glance(tree: xr.DataTree, settings: Settings) -> pd.DataFrame:
    """The ladder of moved draws from few futures: what can be told at once."""
    days, seed = max(settings.horizons), settings.sampling.seed
    return ladder_table(first_events(paths_ahead(tree, days=days, seed=seed, total=GLANCE_PATHS)), settings.horizons)


def fit_to_move(record: Record, base: Path | str | None, newer: Newer, out: Path | str) -> Run:
    """The archived fit that is named, or the last good one.

    Raises
    ------
    UsageError
        There is none.
    """
    found = last_fit(record, out, newer) if base is None else fit_of(base)
    if found is None:
        raise UsageError(f"{out}: no fit of the case as of that day or earlier that passed the gate and whose "
                         "posterior was kept; make one by: forecast run")  # fmt: skip
    return found


def last_fit(record: Record, out: Path | str, newer: Newer) -> Run | None:
    """Last archived fit of a case as of a day or earlier that passed the gate and whose posterior was kept."""
    case = find_case(record, newer.case).episode_id
    day = default_as_of(record) if newer.as_of is None else newer.as_of
    rows = [row for row in rows_of(list_runs(out, case)) if row["state"] == "complete" and row["as_of"] <= day]
    for row in reversed([row for row in rows if row["gate_passed"] and not row["quick"]]):
        if (row["path"] / POSTERIOR).exists() and not read_manifest(row["path"]).meta.get("updated_from"):
            return read_run(row["path"])
    return None


def fit_of(folder: Path | str) -> Run:
    """The archived fit in a folder; of an update the fit that it came from, beside it in the archive."""
    run = read_run(folder)
    source = run.meta.get("updated_from")
    return read_run(run.path.parent / str(source)) if source else run


def settings_of(meta: Mapping[str, Any], newer: Newer) -> Settings:
    """Settings of the run that an update makes, from those of the fit."""
    return Settings(
        case=str(meta["case"]),
        as_of=newer.as_of,
        period_days=int(meta["period_days"]),
        horizons=tuple(int(h) for h in meta["horizons"]),
        sampling=Sampling(seed=int(meta["seed"])),
        quick=bool(meta["quick"]),
        prior_sets=False,
        what_if=False,
        questions=newer.questions,
    )


def full_settings(settings: Settings, meta: Mapping[str, Any], day: date) -> Settings:
    """Settings of a full fit in place of an update, as `forecast run` makes it by default.

    Raises
    ------
    UsageError
        The earlier fit had other priors than those, so that the two would not compare.
    """
    found = prior_hash(applied(read_priors(), POWER, day)[0])
    if found != meta["prior_hash"]:
        raise UsageError(
            f"a full fit is due, but {meta['run_id']} had other priors ({str(meta['prior_hash'])[:12]}…) than a "
            f"run has by default ({found[:12]}…); choose them yourself: forecast run --priors FILE or --history POWER"
        )
    return replace(settings, prior_sets=True, what_if=True, as_of=day)


def changed(meta: Mapping[str, Any], tree: xr.DataTree) -> tuple[str, ...]:
    """Why the draws of a fit do not belong to the model as it is now; nothing where they do."""
    before = meta.get("model_hash")
    if before == model_hash(priors_of(tree)):
        return ()
    return ("the code of the model has changed since the fit" if before else
            "the fit does not say of which code of the model it is",)  # fmt: skip


def said(tree: xr.DataTree) -> Diagnosis:
    """The diagnosis of an update, which has one."""
    found = diagnosis_of(tree)
    if found is None:
        raise ArchiveError("this posterior is a fit, not an update; update it first")
    return found


def fit_due(fitted: Run, day: date, reasons: tuple[str, ...]) -> FitDueError:
    """The error that says why an update cannot be used, and the way out."""
    lines = "\n".join(f"- {reason}" for reason in reasons)
    return FitDueError(
        f"{fitted.meta['title']}, as of {day}: a full fit is due; nothing was archived and the last good forecast "
        f"stays current.\n{lines}\nMake one by: forecast run, or forecast update --fit"
    )


def gate_of_update(fitted: Run, diagnosis: Diagnosis, now: pd.DataFrame) -> pd.DataFrame:
    """Gate of an update: convergence of its fit, its diagnosis, and the predictive checks of the moved draws.

    Parameters
    ----------
    fitted
        The archived fit.
    diagnosis
        Of the update.
    now
        From `predictive_checks`, of the moved draws.
    """
    before = fitted.tables["gate"]
    before = before[~before["check"].str.startswith(PREDICTIVE_CHECK)]
    before = before.assign(check="fit: " + before["check"].astype(str))
    least = min(ESS, diagnosis.draws // 4)
    rows = [
        ("update: Pareto k-hat of the weights", diagnosis.khat, f"<= {KHAT}", diagnosis.khat <= KHAT),
        ("update: effective draws", diagnosis.ess_draws, f">= {least}", diagnosis.ess_draws >= least),
        ("update: effective share of particles", diagnosis.ess_particles / diagnosis.particles,
         f">= {LEAST_PARTICLES}", diagnosis.ess_particles >= LEAST_PARTICLES * diagnosis.particles),
        ("update: weeks since the fit", diagnosis.weeks, f"<= {MOST_WEEKS}", diagnosis.weeks <= MOST_WEEKS),
    ]  # fmt: skip
    where = f"from the fit as of {diagnosis.fitted_as_of}"
    mine = pd.DataFrame([(*row, where, "" if row[-1] else "make a full fit: forecast run") for row in rows],
                        columns=list(now.columns))  # fmt: skip
    return pd.concat([before[list(now.columns)], mine, now], ignore_index=True)


def facts(fitted: Run, tree: xr.DataTree) -> dict[str, Any]:
    """Meta data that tell an update from a fit."""
    diagnosis = said(tree)
    return {
        "updated_from": str(fitted.meta["run_id"]),
        "update": {
            "fitted_as_of": diagnosis.fitted_as_of,
            "weeks": diagnosis.weeks,
            "khat": diagnosis.khat,
            "ess_draws": diagnosis.ess_draws,
            "draws": diagnosis.draws,
            "ess_particles": diagnosis.ess_particles,
            "particles": diagnosis.particles,
            "annealed": list(diagnosis.annealed),
        },
        "prior_sets": f"an update leaves them out; see {fitted.meta['run_id']}",
        "what_if": "an update leaves them out; `forecast scenario` computes them",
        "learned_priors": str(fitted.meta.get("learned_priors", "")),
    }
