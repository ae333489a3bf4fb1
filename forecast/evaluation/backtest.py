"""The back-test: every forecaster at every origin of a record, archived like live forecasts, resumable and parallel."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from forecast.errors import UsageError
from forecast.evaluation.crew import work
from forecast.evaluation.features import situation
from forecast.evaluation.files import Part, finished, gather, open_folder, part_file, write_table
from forecast.evaluation.learners import NAMES, learners
from forecast.evaluation.origins import EVERY_DAYS, FIRST, MOST, Plan, plan
from forecast.evaluation.outside import OUTSIDE, outside_forecaster
from forecast.evaluation.resolution import resolution_table
from forecast.record.acts import pose
from forecast.record.read import Record
from forecast.record.reference import with_reference
from forecast.terms import HORIZONS, LADDER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from forecast.evaluation.learners import Forecaster, Memo
    from forecast.record.config import RecordConfig

INSIDE: Final = "inside view"
STAMP: Final = "retrospective"
COLUMNS: Final = (
    "model_id", "reference_date", "target", "horizon", "location", "output_type", "output_type_id", "value", "stamp",
)  # fmt: skip
"""Columns of a file of forecasts: the hubverse's, with the name of the forecaster and the stamp."""
FACTS: Final = (
    "model_id", "location", "reference_date", "seconds", "fitted", "rhat", "ess", "divergent", "compile_seconds",
    "sample_seconds", "draws", "khat",
)  # fmt: skip
"""Columns of a file of facts: seconds of each forecast and, for the inside view, day and state of its fit."""
PUBLISHED: Final = "published"
BLOCK: Final = 26
"""Origins of one case that are computed in one go, and lost if the run is killed; half a year of weeks."""


@dataclass(frozen=True)
class Settings:
    """What a back-test may be told; a folder holds one back-test of one record with one set of settings.

    Attributes
    ----------
    cases
        Only these cases and crises; all by default.
    first, last, every
        Days between which origins lie, and days between them.
    most, before
        Origins of one crisis from its onset on, at most, and whether there is one more before it.
    horizons
        Days ahead.
    models
        Names of forecasters.
    variant
        Variant of the model for the inside view (`forecast.evaluation.variants`).
    mode
        How the inside view goes from origin to origin: ``update`` or ``refit`` (`forecast.evaluation.inside.Inside`).
    seed
        Seed of inside and outside view.
    """

    cases: tuple[str, ...] = ()
    first: date | None = FIRST
    last: date | None = None
    every: int = EVERY_DAYS
    most: int = MOST
    before: bool = True
    horizons: tuple[int, ...] = HORIZONS
    models: tuple[str, ...] = (*NAMES, OUTSIDE, INSIDE)
    variant: str = PUBLISHED
    mode: Literal["update", "refit"] = "update"
    seed: int = 20260228


class Job(NamedTuple):
    """A record in plain parts, the settings, and what every part needs; `key` tells two jobs apart."""

    key: str
    path: Path
    config: RecordConfig
    tables: Mapping[str, pd.DataFrame]
    settings: Settings
    situations: Mapping[tuple, dict[str, float]]

    @property
    def record(self) -> Record:
        """The record, with the reference class that it asks for."""
        return Record(self.path, self.config, MappingProxyType(dict(self.tables)))


class Done(NamedTuple):
    """Forecasts of a part in `COLUMNS`, and facts in `FACTS`."""

    part: Part
    forecasts: pd.DataFrame
    facts: pd.DataFrame


def backtest(
    record: Record,
    out: Path,
    settings: Settings | None = None,
    *,
    workers: int = 1,
    scheduler: str = "",
    progress: Callable[[str], None] = lambda _text: None,
) -> Plan:
    """Forecast every case of a record from every origin, and write the forecasts and what came.

    Each forecaster sees what was known at the origin and nothing else. The folder gets ``forecasts/<case>.csv`` and
    ``facts/<case>.csv``, ``cases.csv``, ``left_out.csv``, ``resolutions.csv`` and ``backtest.json``. Files appear whole
    or not at all; a case whose file is there is not run again.

    Parameters
    ----------
    record
        A full record, with superseded versions; past crises of the shipped record join it if it asks for them.
    out
        Folder; one that holds a back-test of the same record and settings is continued.
    settings
        See `Settings`.
    workers
        Processes, each with one thread. The numbers do not depend on it.
    scheduler
        Address of a Dask scheduler whose workers are used instead; needs the extra ``dask``.
    progress
        Called with a line of text.

    Returns
    -------
    Plan
        What was forecast, and what was left out with the reasons.

    Raises
    ------
    UsageError
        Unknown case, forecaster or variant; or the folder holds another back-test.
    """
    chosen = Settings() if settings is None else settings
    _check(chosen)
    planned = plan(
        record, cases=chosen.cases, first=chosen.first, last=chosen.last, every=chosen.every, most=chosen.most,
        before=chosen.before, horizons=chosen.horizons,
    )  # fmt: skip
    whole = with_reference(record)
    described = json.loads(json.dumps(asdict(chosen), default=str))
    identity = {"record": record.path.name, "record_hash": record.hash, "stamp": STAMP, "settings": described}
    open_folder(out, identity, datetime.now(UTC))
    _write_plan(out, whole, planned, chosen)
    waiting = [p for t in planned.targets if not finished(out, t.case) for p in _parts(t.case, t.days)]
    left = sorted((p for p in waiting if not part_file(out, "forecasts", p).exists()), key=lambda p: -len(p.days))
    origins = sum(len(target.days) for target in planned.targets)
    progress(
        f"{len(planned.targets)} cases, {origins} origins, {len(planned.left_out)} left out; {len(left)} parts to do"
    )
    key = hashlib.sha256(f"{record.hash} {described}".encode()).hexdigest()
    job = Job(key, whole.path, whole.config, dict(whole.tables), chosen, {})
    if left and (workers > 1 or scheduler) and set(chosen.models) - {OUTSIDE, INSIDE}:
        job = job._replace(situations=_all_situations(job, planned, workers, scheduler))
        progress(f"{len(job.situations)} situations to learn from")
    for done in work(forecast_part, job, left, workers=workers, scheduler=scheduler):
        write_table(part_file(out, "facts", done.part), done.facts)
        write_table(part_file(out, "forecasts", done.part), done.forecasts)
        gather(out, [part for part in waiting if part.case == done.part.case])
        spent = done.facts.groupby("model_id", sort=False)["seconds"].sum()
        told = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in spent.items())
        progress(f"{done.part.case} {done.part.number} of {done.part.of}, {len(done.part.days)} origins: {told}")
    for name in sorted({part.case for part in waiting}):
        gather(out, [part for part in waiting if part.case == name])
    return planned


def forecasters(settings: Settings, memo: Memo, record: Record) -> dict[str, Forecaster]:
    """Return the forecasters of a back-test by name: the one dict of them.

    Each is a plain function of what was known at the origin, the case, the origin and the horizons, and returns
    probabilities [horizon, rung].

    Parameters
    ----------
    settings
        Which are wanted, and the variant of the model.
    memo
        Results that they share.
    record
        The full record; only its size is read, so that one compiled model serves all origins.
    """
    found = {name: one for name, one in learners(memo).items() if name in settings.models}
    if OUTSIDE in settings.models:
        found[OUTSIDE] = outside_forecaster(memo, settings.seed)
    if INSIDE in settings.models:
        from forecast.evaluation.inside import Inside, inside_view  # the sampler's libraries are slow to load
        from forecast.evaluation.padding import sizes_for

        name = INSIDE if settings.variant == PUBLISHED else f"{INSIDE}, {settings.variant}"
        inside = Inside(variant=settings.variant, mode=settings.mode, seed=settings.seed, sizes=sizes_for(record))
        found[name] = inside_view(inside, memo)
    return found


def forecast_part(job: Job, part: Part) -> Done:
    """Every forecaster at every origin of a part."""
    memo, record, horizons = _memo(job.key), job.record, job.settings.horizons
    memo.update(job.situations)
    forecasts, facts = [], []
    for day in part.days:
        seen = pose(record, part.case, day)
        for name, forecaster in forecasters(job.settings, memo, record).items():
            began = time.perf_counter()
            with threadpool_limits(1):  # the order of sums, and with it the last digit, depends on the threads
                chance = forecaster(seen, part.case, day, horizons)
            seconds = round(time.perf_counter() - began, 3)
            fit = memo.pop(("fit facts", part.case, day), ("",) * (len(FACTS) - 4))
            facts.append((name, part.case, day.isoformat(), seconds, *fit))
            forecasts += [
                (name, day.isoformat(), "ladder", horizon, part.case, "pmf", rung, float(p), STAMP)
                for horizon, row in zip(horizons, _proper(chance), strict=True)
                for rung, p in zip(LADDER, row, strict=True)
            ]
    return Done(part, pd.DataFrame(forecasts, columns=pd.Index(COLUMNS)), pd.DataFrame(facts, columns=pd.Index(FACTS)))


def situations_of(job: Job, part: Part) -> dict[tuple, dict[str, float]]:
    """What was seen at every origin of a part, by the keys of a memo."""
    return {("situation", part.case, day): situation(job.record, part.case, day) for day in part.days}


def _all_situations(job: Job, planned: Plan, workers: int, scheduler: str) -> dict[tuple, dict[str, float]]:
    last = max((target.days[-1] for target in planned.targets), default=None)
    targets = plan(job.record, first=None, last=last, horizons=job.settings.horizons).targets
    parts = [part for target in (*targets, *planned.targets) for part in _parts(target.case, target.days)]
    found: dict[tuple, dict[str, float]] = {}
    for some in work(situations_of, job, parts, workers=workers, scheduler=scheduler):
        found |= some
    return found


def _check(settings: Settings) -> None:
    unknown = sorted(set(settings.models) - {*NAMES, OUTSIDE, INSIDE})
    if unknown or not settings.models:
        raise UsageError(f"forecasters {unknown} are not known; use some of {', '.join((*NAMES, OUTSIDE, INSIDE))}")
    if settings.every < 1 or not settings.horizons or min(settings.horizons) < 1:
        raise UsageError(f"every {settings.every} days, horizons {settings.horizons}: give whole numbers from 1 up")
    if settings.mode not in ("update", "refit"):
        raise UsageError(f"mode {settings.mode!r} is not known; use update or refit")
    if INSIDE in settings.models:
        from forecast.evaluation.variants import variant

        variant(settings.variant)


def _write_plan(out: Path, record: Record, planned: Plan, settings: Settings) -> None:
    rows = [(t.case, t.cluster, len(t.days), t.days[0], t.onset, t.days[-1]) for t in planned.targets]
    columns = pd.Index(["case", "cluster", "origins", "first", "onset", "last"])
    write_table(out / "cases.csv", pd.DataFrame(rows, columns=columns))
    left = pd.DataFrame(list(planned.left_out.items()), columns=pd.Index(["case", "reason"]))
    write_table(out / "left_out.csv", left)
    tables = [
        resolution_table(record, target.case, target.days, settings.horizons).assign(
            cluster=target.cluster,
            kind=["quiet" if day < target.onset else "inside" for day in target.days for _ in settings.horizons],
        )
        for target in planned.targets
    ]
    if tables:
        write_table(out / "resolutions.csv", pd.concat(tables, ignore_index=True))


def _parts(case: str, days: tuple[date, ...]) -> list[Part]:
    count = -(-len(days) // BLOCK)
    return [Part(case, k + 1, count, days[k * BLOCK : (k + 1) * BLOCK]) for k in range(count)]


def _proper(chance: np.ndarray) -> np.ndarray:
    clipped = np.clip(chance, 0.0, 1.0)
    return clipped / clipped.sum(axis=1, keepdims=True)


@lru_cache(maxsize=1)
def _memo(_key: str) -> Memo:
    """Results that the parts of one job share within a process."""
    return {}
