"""The main job: check, as-of, panel, fit, simulate, gate, report, archive – one forecast, or a refusal with reasons."""

from __future__ import annotations

import hashlib
import json
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.errors import GateError, ReportError, UsageError
from forecast.evaluation.answers import days_told
from forecast.evaluation.views import other_views, published_tables
from forecast.inference.fit import Sampling, fit, sample_prior, save_posterior
from forecast.model.learned import POWER, applied
from forecast.model.prior_sets import read_prior_sets
from forecast.model.priors import read_priors
from forecast.outlook.forecast import TOTAL_PATHS, Forecast, predict
from forecast.outlook.prior_sets import prior_set_tables
from forecast.publish import compose_report, html_page, json_document, pdf_pages, previous_run, run_id, write_run
from forecast.publish.changes import compared
from forecast.publish.history import history_of
from forecast.publish.index import write_index
from forecast.record import Record, information_cutoff, read_questions, read_record, record_hashes, with_reference
from forecast.record import as_of as cut
from forecast.record.acts import case_moves, find_case
from forecast.record.asof import default_as_of
from forecast.record.panel import build_panel
from forecast.terms import HORIZONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import xarray as xr

    from forecast.publish.page import Document

PACKAGE = Path(__file__).parent
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


@dataclass(frozen=True)
class Published:
    """A forecast that passed (or a quick one), and the folder it was archived in."""

    forecast: Forecast
    folder: Path


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
    created = datetime.now(UTC).replace(microsecond=0)
    with _timed(seconds, "check"):
        own = record if isinstance(record, Record) else read_record(record)
        whole = with_reference(own)
        progress("check", f"{len(own.moves)} moves, {len(own.episodes)} episodes: the record keeps its rules")
    with _timed(seconds, "as_of"):
        day = default_as_of(own) if chosen.as_of is None else chosen.as_of
        if day > created.date():
            raise UsageError(f"as-of date {day} lies in the future; today is {created.date()} (UTC)")
        seen = cut(whole, day)
        asked = read_questions(chosen.questions, own)
        cutoff = _cutoff(cut(own, day), chosen.case)
        progress("as-of", f"{day}; the last thing known by then is dated {cutoff}")
    with _timed(seconds, "panel"):
        panel = build_panel(seen, day, case=chosen.case, period_days=chosen.period_days)
        progress("panel", f"{int(panel['length'][0])} periods of {panel.attrs['case']}, "
                          f"{panel.sizes['episode'] - 1} past crises")  # fmt: skip
    with _timed(seconds, "fit"):
        priors, learned = applied(read_priors(chosen.priors), chosen.history, day, chosen.history_file)
        sets = {} if _no_prior_sets(chosen) else read_prior_sets(priors=priors)  # faults are told before the fit
        tree = fit(panel, priors, sampling, progress=lambda text: progress("fit", text))
    with _timed(seconds, "simulate"):
        forecast = predict(
            tree, seen, sample_prior(panel, priors, draws=PRIOR_DRAWS, seed=sampling.seed),
            horizons=chosen.horizons, seed=sampling.seed, total_paths=QUICK_PATHS if chosen.quick else TOTAL_PATHS,
            questions=asked, told=days_told(seen, chosen.case, asked, day),
            progress=lambda text: progress("simulate", text),
        )  # fmt: skip
    progress("ask", _asked(forecast))
    verdict = "passed" if forecast.passed else "not passed"
    progress("gate", f"{verdict} ({int(forecast.tables['gate']['passed'].sum())} of {len(forecast.tables['gate'])})")
    refused = "" if forecast.passed else "the gate refused publication"
    told, others = _no_prior_sets(chosen) or refused, {}
    if not told:
        with _timed(seconds, "prior_sets"):
            others = prior_set_tables(
                tree, sets, forecast.ladder, seed=sampling.seed, total_paths=TOTAL_PATHS,
                progress=lambda text: progress("priors", text),
            )  # fmt: skip
        told = f"computed: {', '.join(sets)}"
    with _timed(seconds, "views"):
        views = other_views(seen, panel.attrs["case"], day, forecast.ladder, forecast.by_draw, seed=sampling.seed)
        progress("views", f"published: {views.published} ({views.note})")
    forecast = replace(forecast, tables=published_tables(forecast.tables | others, views))
    meta = forecast.meta | _provenance(own, seen, tree, created) | {
        "information_cutoff": cutoff.isoformat(),
        "stamp": "prospective" if (created.date() - day).days <= 1 else "retrospective",
        "quick": chosen.quick,
        "prior_sets": told,
        "published": views.published,
        "pool_note": views.note,
        "learned_priors": learned,
        "wall_seconds": {k: round(v, 2) for k, v in seconds.items()},
        "notes": _notes(own, panel, day, cutoff) + ([f"{learned[:1].upper()}{learned[1:]}."] if chosen.history else []),
    }  # fmt: skip
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
    if not forecast.passed and not forecast.meta["quick"]:
        raise gate_failure(forecast)
    meta = dict(forecast.meta)
    meta["run_id"] = run_id(meta)
    earlier = previous_run(out, meta["case"], meta["as_of"], meta["created"])
    meta["wall_seconds"] = meta["wall_seconds"] | {"total": round(time.perf_counter() - began, 2)}
    meta["peak_memory_mib"] = _peak_memory()
    told, tables = compared(meta, forecast.tables, earlier)
    forecast = Forecast(dict(told), {**tables, "history": history_of(out, meta, tables)})
    meta = forecast.meta
    document = compose_report(meta, forecast.tables)
    files = {
        "report.html": html_page(document),
        **_pdf(document, progress),
        "forecast.json": json.dumps(json_document(meta, forecast.tables), indent=1) + "\n",
        "posterior.nc": lambda path: save_posterior(tree, path),
    }
    folder = write_run(out, meta, forecast.tables, extra_files=files)
    progress("archive", str(folder))
    try:
        progress("archive", f"index: {write_index(out)}")
    except OSError as error:
        progress("archive", f"no index of the archive: {error}")
    return Published(forecast, folder)


def _pdf(document: Document, progress: Callable[[str, str], None]) -> dict[str, bytes]:
    """The PDF as a file of the run; a forecast is not held back because its PDF cannot be typeset."""
    try:
        return {"report.pdf": pdf_pages(document)}
    except ReportError as error:
        progress("report", f"no PDF: {error}")
        return {}


def _no_prior_sets(settings: Settings) -> str:
    """Why a run leaves out the other sets of priors; empty if it does not."""
    if settings.quick:
        return "a quick run leaves them out"
    return "" if settings.prior_sets else "left out on request (--no-prior-sets)"


def _asked(forecast: Forecast) -> str:
    """How many questions there are, and of how many the model can give a probability."""
    table = forecast.tables["questions"]
    return f"{len(table)} questions, {int(table['expressible'].sum())} of which the model can express"


def gate_failure(forecast: Forecast) -> GateError:
    """The error that says which quantities failed the gate and what to try."""
    failed = forecast.tables["gate"].query("not passed")
    lines = [f"- {r.check}: {r.value:.4g}, wanted {r.threshold} ({r.where}); {r.advice}" for r in failed.itertuples()]
    return GateError(
        f"{forecast.meta['title']}, as of {forecast.meta['as_of']}: the gate refused publication; nothing was "
        "archived and the last good forecast stays current.\n" + "\n".join(lines)
    )


def code_hash() -> str:
    """Hash of the package's own source (sha256, hex), so that a run names the code it came from."""
    digest = hashlib.sha256()
    for file in sorted(PACKAGE.rglob("*")):
        if file.suffix in {".py", ".yaml", ".j2", ".typ", ".css", ".js"} and "_data" not in file.parts:
            digest.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def panel_hash(panel: xr.Dataset) -> str:
    """Hash of every value of a panel (sha256, hex)."""
    digest = hashlib.sha256(json.dumps(panel.attrs, sort_keys=True).encode())
    for name in sorted(str(v) for v in panel.variables):
        values = panel[name].values
        digest.update(name.encode() + (values.astype("U").tobytes() if values.dtype.kind == "U" else values.tobytes()))
    return digest.hexdigest()


def _provenance(own: Record, seen: Record, tree: xr.DataTree, created: datetime) -> dict:
    commit, dirty = _commit()
    panel = tree["panel"].to_dataset()
    return {
        "created": created.isoformat(),
        "seed": int(tree.attrs["seed"]),
        "commit": commit,
        "dirty": dirty,
        "record_hash": own.hash,
        "table_hashes": record_hashes(seen),
        "panel_hash": panel_hash(panel),
        "code_hash": code_hash(),
        "prior_hash": str(tree.attrs["prior_hash"]),
        "versions": json.loads(str(tree.attrs["versions"])),
        "sampler": json.loads(str(tree.attrs["sampling"]))
        | {"compile_seconds": round(float(tree.attrs["compile_seconds"]), 1),
           "sample_seconds": round(float(tree.attrs["sample_seconds"]), 1)},
    }  # fmt: skip


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


def _commit() -> tuple[str, bool]:
    """Commit of the source checkout and whether it has changes; ("", False) outside a checkout."""
    try:
        head = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=PACKAGE, capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()
        changes = subprocess.run(
            ["git", "status", "--porcelain", "--", ".", "../data"],
            cwd=PACKAGE, capture_output=True, text=True, check=True, timeout=10,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return "", False
    return head, bool(changes.strip())


def _peak_memory() -> int | None:
    """Highest resident memory of this process in MiB; None where the system does not tell."""
    try:
        import resource
    except ModuleNotFoundError:
        return None
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - began
