"""The main job: check, as-of, panel, fit, simulate, gate, report, archive – one forecast, or a refusal with reasons."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.errors import UsageError
from forecast.evaluation.answers import days_told
from forecast.evaluation.views import other_views, published_tables
from forecast.inference.carry import priors_of
from forecast.inference.fit import Sampling, fit, sample_prior
from forecast.model.learned import POWER, applied
from forecast.model.prior_sets import read_prior_sets
from forecast.model.priors import read_priors
from forecast.outlook.forecast import TOTAL_PATHS, Forecast, predict
from forecast.outlook.prior_sets import prior_set_tables
from forecast.provenance import provenance, timed
from forecast.record import Record, information_cutoff, read_questions, read_record, with_reference
from forecast.record import as_of as cut
from forecast.record.acts import case_moves, find_case
from forecast.record.asof import default_as_of
from forecast.record.panel import build_panel
from forecast.release import Published, release
from forecast.terms import HORIZONS

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr

    from forecast.record.questions import Question

PRIOR_DRAWS = 2000
QUICK_PATHS = 20_000


@dataclass(frozen=True)
class Settings:
    """What a run may be told; the defaults forecast the first case of the record on its last covered day."""

    case: str | None = None
    as_of: date | None = None
    period_days: int = 7
    horizons: tuple[int, ...] = HORIZONS
    priors: Path | None = None
    history: float = POWER
    history_file: Path | None = None
    sampling: Sampling = Sampling()
    quick: bool = False
    prior_sets: bool = True
    questions: Path | None = None


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
    sampling = Sampling.quick(chosen.sampling.seed) if chosen.quick else chosen.sampling
    seconds: dict[str, float] = {}
    start = begin(record, chosen, seconds, progress)
    priors, learned = applied(read_priors(chosen.priors), chosen.history, start.day, chosen.history_file)
    with timed(seconds, "fit"):
        sets = {} if _no_prior_sets(chosen) else read_prior_sets(priors=priors)  # faults are told before the fit
        tree = fit(start.panel, priors, sampling, progress=lambda text: progress("fit", text))
    forecast = ahead(tree, start, chosen, seconds, progress)
    told_gate(forecast, progress)
    refused = "" if forecast.passed else "the gate refused publication"
    told, others = _no_prior_sets(chosen) or refused, {}
    if not told:
        with timed(seconds, "prior_sets"):
            others = prior_set_tables(
                tree, sets, forecast.ladder, seed=sampling.seed, total_paths=TOTAL_PATHS,
                progress=lambda text: progress("priors", text),
            )  # fmt: skip
        told = f"computed: {', '.join(sets)}"
    forecast = complete(replace(forecast, tables=forecast.tables | others), tree, start, chosen, seconds, progress)
    notes = [f"{learned[:1].upper()}{learned[1:]}."] if chosen.history else []
    meta = forecast.meta | {"prior_sets": told, "learned_priors": learned, "notes": forecast.meta["notes"] + notes}
    return replace(forecast, meta=meta), tree


def publish(
    record: Record | Path | str | None = None,
    settings: Settings | None = None,
    *,
    out: Path | str = "forecasts",
    progress: Callable[[str, str], None] = lambda _stage, _text: None,
) -> Published:
    """Run, and archive the forecast with its report if it passed the gate.

    Raises
    ------
    GateError
        The gate failed: nothing was written; `forecast` on the error holds what was computed.
    """
    began = time.perf_counter()
    forecast, tree = run(record, settings, progress=progress)
    return release(forecast, tree, out, began=began, progress=progress)


@dataclass(frozen=True)
class Start:
    """What a forecast starts from: the record and how it stood on the as-of day, questions, cut-off and panel."""

    own: Record
    seen: Record
    day: date
    asked: tuple[Question, ...]
    cutoff: date
    panel: xr.Dataset
    created: datetime


def begin(
    record: Record | Path | str | None,
    settings: Settings,
    seconds: dict[str, float],
    progress: Callable[[str, str], None],
) -> Start:
    """Check the record, cut it at the as-of day and build the panel; raises as `run` does."""
    created = datetime.now(UTC).replace(microsecond=0)
    with timed(seconds, "check"):
        own = record if isinstance(record, Record) else read_record(record)
        whole = with_reference(own)
        progress("check", f"{len(own.moves)} moves, {len(own.episodes)} episodes: the record keeps its rules")
    with timed(seconds, "as_of"):
        day = default_as_of(own) if settings.as_of is None else settings.as_of
        if day > created.date():
            raise UsageError(f"as-of date {day} lies in the future; today is {created.date()} (UTC)")
        seen = cut(whole, day)
        asked = tuple(read_questions(settings.questions, own))
        cutoff = _cutoff(cut(own, day), settings.case)
        progress("as-of", f"{day}; the last thing known by then is dated {cutoff}")
    with timed(seconds, "panel"):
        panel = build_panel(seen, day, case=settings.case, period_days=settings.period_days)
        progress("panel", f"{int(panel['length'][0])} periods of {panel.attrs['case']}, "
                          f"{panel.sizes['episode'] - 1} past crises")  # fmt: skip
    return Start(own, seen, day, asked, cutoff, panel, created)


def ahead(
    tree: xr.DataTree,
    start: Start,
    settings: Settings,
    seconds: dict[str, float],
    progress: Callable[[str, str], None],
) -> Forecast:
    """Simulate futures from a posterior and read every table off them."""
    seed = settings.sampling.seed
    with timed(seconds, "simulate"):
        forecast = predict(
            tree, start.seen, sample_prior(start.panel, priors_of(tree), draws=PRIOR_DRAWS, seed=seed),
            horizons=settings.horizons, seed=seed, total_paths=QUICK_PATHS if settings.quick else TOTAL_PATHS,
            questions=start.asked, told=days_told(start.seen, settings.case, start.asked, start.day),
            progress=lambda text: progress("simulate", text),
        )  # fmt: skip
    progress("ask", _asked(forecast))
    return forecast


def told_gate(forecast: Forecast, progress: Callable[[str, str], None]) -> None:
    """Tell whether a forecast passed the gate, and how many of its checks."""
    table = forecast.tables["gate"]
    progress("gate", f"{'passed' if forecast.passed else 'not passed'} ({int(table['passed'].sum())} of {len(table)})")


def complete(
    forecast: Forecast,
    tree: xr.DataTree,
    start: Start,
    settings: Settings,
    seconds: dict[str, float],
    progress: Callable[[str, str], None],
) -> Forecast:
    """Give a forecast the other views, and the facts of its run."""
    seed, case = settings.sampling.seed, start.panel.attrs["case"]
    with timed(seconds, "views"):
        views = other_views(start.seen, case, start.day, forecast.ladder, forecast.by_draw, seed=seed)
        progress("views", f"published: {views.published} ({views.note})")
    meta = forecast.meta | provenance(start.own, start.seen, tree, start.created) | {
        "information_cutoff": start.cutoff.isoformat(),
        "stamp": "prospective" if (start.created.date() - start.day).days <= 1 else "retrospective",
        "quick": settings.quick,
        "published": views.published,
        "pool_note": views.note,
        "wall_seconds": {k: round(v, 2) for k, v in seconds.items()},
        "notes": _notes(start.own, start.panel, start.day, start.cutoff),
    }  # fmt: skip
    return replace(forecast, meta=meta, tables=published_tables(forecast.tables, views))


def _no_prior_sets(settings: Settings) -> str:
    """Why a run leaves out the other sets of priors; empty if it does not."""
    if settings.quick:
        return "a quick run leaves them out"
    return "" if settings.prior_sets else "left out on request (--no-prior-sets)"


def _asked(forecast: Forecast) -> str:
    """How many questions there are, and of how many the model can give a probability."""
    table = forecast.tables["questions"]
    return f"{len(table)} questions, {int(table['expressible'].sum())} of which the model can express"


def _cutoff(seen: Record, case: str | None) -> date:
    """Latest day on which anything about the case became known, or the as-of record's latest fact of any kind."""
    mine = case_moves(seen, find_case(seen, case))
    return mine["known_date"].max().date() if len(mine) else information_cutoff(seen)


def _notes(record: Record, panel: xr.Dataset, day: date, cutoff: date) -> list[str]:
    notes = []
    covered = record.config.covered_until
    if covered is not None and day > covered:
        notes.append(f"The record covers events up to {covered}; {(day - covered).days} days before the as-of date "
                     "are unobserved, which widens every number.")  # fmt: skip
    if (day - cutoff).days > 14:
        notes.append(f"The latest fact about the case is {(day - cutoff).days} days older than the as-of date.")
    if panel["campaign"].values[0, int(panel["length"].values[0]) - 1]:
        notes.append("A campaign runs on the as-of date: rungs below O4 need it to halt at once.")
    return notes
