"""The stages that a run and an update share: check, as-of, panel, simulate, scenarios, other views, facts, key."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.errors import UsageError
from forecast.evaluation.answers import days_told
from forecast.evaluation.views import other_views, published_tables
from forecast.inference.carry import priors_of
from forecast.inference.fit import Sampling, sample_prior, versions
from forecast.inference.prior_file import read_priors
from forecast.model.learned import POWER, applied
from forecast.model.priors import prior_hash
from forecast.outlook.concessions import concession_table
from forecast.outlook.counterfactual import COPIES, LEAST_PATHS, comparison
from forecast.outlook.forecast import TOTAL_PATHS, Forecast, predict
from forecast.outlook.next_moves import next_move_table
from forecast.outlook.scenarios import scenario_table
from forecast.outlook.world import crisis_now
from forecast.provenance import code_hash, provenance, timed
from forecast.record import Record, information_cutoff, read_questions, read_record, record_hashes, with_reference
from forecast.record import as_of as cut
from forecast.record.acts import case_moves, find_case
from forecast.record.asof import default_as_of
from forecast.record.interventions import read_scenarios
from forecast.record.panel import build_panel
from forecast.terms import HORIZONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    import xarray as xr

    from forecast.record.interventions import Scenario
    from forecast.record.questions import Question

PRIOR_DRAWS = 2000
WHAT_IF_DRAWS = 600  # enough for differences within half a point; `forecast scenario` takes more
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
    what_if: bool = True
    scenarios: Path | None = None


@dataclass(frozen=True)
class Start:
    """What a forecast starts from: the record, how it stood on the as-of day, questions, cut-off; its panel."""

    own: Record
    seen: Record
    day: date
    asked: tuple[Question, ...]
    assumed: tuple[Scenario, ...]
    cutoff: date
    case: str
    period_days: int
    created: datetime

    @cached_property
    def panel(self) -> xr.Dataset:
        """The panel, built when it is first asked for."""
        return build_panel(self.seen, self.day, case=self.case, period_days=self.period_days)


def begin(
    record: Record | Path | str | None,
    settings: Settings,
    seconds: dict[str, float],
    progress: Callable[[str, str], None],
) -> Start:
    """Check the record and cut it at the as-of day; raises as `run` does."""
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
        assumed = read_scenarios(settings.scenarios, own) if settings.what_if else ()
        cutoff = _cutoff(cut(own, day), settings.case)
        progress("as-of", f"{day}; the last thing known by then is dated {cutoff}")
        case = find_case(seen, settings.case).episode_id
    return Start(own, seen, day, asked, assumed, cutoff, case, settings.period_days, created)


def build(start: Start, seconds: dict[str, float], progress: Callable[[str, str], None]) -> None:
    """Build the panel, and tell its size."""
    with timed(seconds, "panel"):
        panel = start.panel
    past = panel.sizes["episode"] - 1
    progress("panel", f"{int(panel['length'][0])} periods of {panel.attrs['case']}, {past} past crises")


def key_of(start: Start, settings: Settings, **more: str) -> str:
    """Hash (sha256, hex) of all that a forecast follows from: inputs, code, libraries, priors, settings and seed.

    Parameters
    ----------
    start
        From `begin`.
    settings
        Those of the run.
    more
        What else it follows from, such as the fit that an update starts from.
    """
    priors, _ = applied(read_priors(settings.priors), settings.history, start.day, settings.history_file)
    facts = {
        "record": record_hashes(start.seen)["record"],
        "case": start.case,
        "as_of": start.day.isoformat(),
        "questions": [question.model_dump_json() for question in start.asked],
        "period_days": settings.period_days,
        "horizons": list(settings.horizons),
        "priors": prior_hash(priors),
        "sampling": asdict(settings.sampling),
        "quick": settings.quick,
        "prior_sets": settings.prior_sets,
        "what_if": settings.what_if,
        "scenarios": [scenario.model_dump_json(by_alias=True) for scenario in start.assumed],
        "code": code_hash(),
        "versions": versions(),
    }
    return hashlib.sha256(json.dumps(facts | more, sort_keys=True).encode()).hexdigest()


def ahead(
    tree: xr.DataTree,
    start: Start,
    settings: Settings,
    seconds: dict[str, float],
    progress: Callable[[str, str], None],
    *,
    fitted: Mapping[str, pd.DataFrame] | None = None,
) -> Forecast:
    """Simulate futures from a posterior and read every table off them; `fitted` as of `predict`."""
    seed = settings.sampling.seed
    with timed(seconds, "simulate"):
        prior = None if fitted else sample_prior(start.panel, priors_of(tree), draws=PRIOR_DRAWS, seed=seed)
        forecast = predict(
            tree, start.seen, prior, fitted=fitted,
            horizons=settings.horizons, seed=seed, total_paths=QUICK_PATHS if settings.quick else TOTAL_PATHS,
            questions=start.asked, told=days_told(start.seen, settings.case, start.asked, start.day),
            progress=lambda text: progress("simulate", text),
        )  # fmt: skip
    progress("ask", _asked(forecast))
    return forecast


def what_if(
    tree: xr.DataTree,
    start: Start,
    settings: Settings,
    seconds: dict[str, float],
    progress: Callable[[str, str], None],
) -> dict[str, pd.DataFrame]:
    """Compare the scenarios of the record with the forecast, draw its concession curve, and tell what to watch next.

    Parameters
    ----------
    tree
        From `fit`: the posterior of the forecast, or the fit from which it was updated.
    start, settings, seconds, progress
        Those of the run. A scenario that does not fit the record on this day gets no numbers and a note.
    """
    with timed(seconds, "what_if"):
        given = comparison(
            tree, start.seen, as_of=start.day, horizons=settings.horizons, seed=settings.sampling.seed,
            total_paths=WHAT_IF_DRAWS * COPIES * LEAST_PATHS, draws=WHAT_IF_DRAWS,
        )  # fmt: skip
        tables = {"scenarios": scenario_table(given, start.assumed, lenient=True)} if start.assumed else {}
        progress("what if", f"{len(start.assumed)} scenarios compared")
        tables |= {"concessions": concession_table(given), "next_moves": next_move_table(given)}
        progress("what if", "concession curve drawn, next moves weighed")
    return {name: table for name, table in tables.items() if not table.empty}


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
    crisis = crisis_now(panel)
    if crisis is None:
        notes.append("The record tells of no crisis of the case (kind crisis in episodes.csv): none is taken to be on.")
    elif crisis:
        age = int(panel["crisis_age"].values[0, int(panel["length"].values[0]) - 1])
        notes.append(f"By the record a crisis is on, for {age} days; force is likeliest in the first days of one.")
    return notes
