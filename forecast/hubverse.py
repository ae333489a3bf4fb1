"""All forecasts of an archive as a hub of the hubverse: each view a model, each as-of day a round, with what came."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd
import yaml

from forecast.errors import ArchiveError, UsageError
from forecast.evaluation.outside import OUTSIDE
from forecast.evaluation.pool import ENTRANTS, INSIDE
from forecast.publish.archive import list_runs
from forecast.publish.csvfile import csv_text
from forecast.publish.history import good_runs
from forecast.publish.hub import forecast_table
from forecast.publish.hub_config import (
    HUB_COLUMNS,
    LADDER_TARGET,
    ORACLE_COLUMNS,
    About,
    Model,
    admin_document,
    check_about,
    metadata_document,
    metadata_schema,
    tasks_document,
)
from forecast.publish.manifest import created_time
from forecast.publish.tables import rows_of
from forecast.publish.write import disk_errors
from forecast.record import read_record, with_reference
from forecast.scorecard import PUBLISHED, RESOLVED, one_a_day, scorecard
from forecast.terms import LADDER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forecast.publish.archive import Run
    from forecast.record import Record

MODELS: Final = {
    PUBLISHED: ("published", "what was published: the inside view, or the pool of views that had earned it"),
    INSIDE: ("inside_view", "Bayesian model of resolve and credibility of both sides, simulated forward"),
    OUTSIDE: ("outside_view", "escalation game with clocks, fitted to the past crises that were over by then"),
    "climatology": ("climatology", "shares of the rungs in past windows"),
    "Markov chain": ("markov_chain", "Markov chain of weekly states, fitted to past windows"),
    "ridge ordered logit": ("ordered_logit", "ridge ordered logit on features of the record"),
    "ridge multinomial logit": ("multi_logit", "ridge multinomial logit on features of the record"),
    "hurdle and level": ("hurdle_level", "hurdle for any strike, then its level, on features of the record"),
    "gradient boosting": ("boosting", "gradient boosting on features of the record"),
} | dict(
    zip(
        ENTRANTS,
        (
            ("linear_pool", "linear pool of the views, weights learned from windows that were over by then"),
            ("log_pool", "logarithmic pool of the views, weights learned from windows that were over by then"),
            ("linear_recal", "linear pool of the views, recalibrated, weights learned as before"),
            ("log_recal", "logarithmic pool of the views, recalibrated, weights learned as before"),
        ),
        strict=True,
    )
)
"""Abbreviation and method of every candidate of a forecast, by its name in the archive."""
RUN_COLUMNS: Final = ("round", "location", "run_id", "created", "stamp", "published", "commit", "digest")


class Exported(NamedTuple):
    """What an export wrote: its folder, models, rounds, rows of model output, resolved tasks, and what is left out."""

    folder: Path
    models: tuple[str, ...]
    rounds: tuple[str, ...]
    rows: int
    resolved: int
    notes: tuple[str, ...]


def export_hub(
    archive: Path | str,
    out: Path | str,
    *,
    record: Record | Path | str | None = None,
    about: About | None = None,
    case: str | None = None,
    stamp: str = "",
) -> Exported:
    """Write the forecasts of an archive as a hub that tools of the hubverse read.

    `model-output/<team>-<model>/<as-of day>-<team>-<model>.csv` holds the ladder as a `pmf` of seven rungs and, for the
    published forecast, every other event and question as the `mean` of a binary target; `target-data/oracle-output.csv`
    what came, where the record can tell; `runs.csv` which archived run each row is from. Of several forecasts of a case
    as of one day the one that is scored counts (`forecast score`); quick, refused and damaged runs are left out.

    Parameters
    ----------
    archive
        Folder of the archive.
    out
        New folder of the hub.
    record
        Resolves the forecasts: a record, its folder, or None for the shipped one.
    about
        Who stands behind the hub.
    case
        Only this case.
    stamp
        Only `prospective` or only `retrospective` forecasts; both by default, told apart in `runs.csv`.

    Raises
    ------
    UsageError
        The folder is in use, or what is said of the hub cannot be.
    ArchiveError
        The archive holds no forecast of this kind, or the folder cannot be written.
    """
    told, folder = about or About(), Path(out)
    check_about(told)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: the folder is in use; name a new one, a hub is written whole")
    runs = _runs(Path(archive), case, stamp)
    output = pd.concat([_output(run) for run in runs], ignore_index=True)
    own = record if record is None or not isinstance(record, (str, Path)) else Path(record)
    oracle, notes = _oracle(Path(archive), own, output)
    models = _models(dict.fromkeys(output["model"]))
    late = max((created_time(run.meta).date() - _day(run)).days for run in runs)
    files = {
        "README.md": _readme(told, runs),
        "hub-config/admin.json": _json(admin_document(told)),
        "hub-config/tasks.json": _json(tasks_document(output, _wordings(runs), max(late, 1))),
        "hub-config/model-metadata-schema.json": _json(metadata_schema()),
        "target-data/oracle-output.csv": csv_text(oracle),
        "runs.csv": csv_text(pd.DataFrame([_facts(run) for run in runs], columns=list(RUN_COLUMNS))),
    }
    for candidate, model in models.items():
        name = f"{told.team}-{model.abbr}"
        document = metadata_document(told, model, version("crisis-forecast"))
        files[f"model-metadata/{name}.yml"] = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
        mine = output[output["model"] == candidate]
        for day, rows in mine.groupby("reference_date", sort=True):
            files[f"model-output/{name}/{day}-{name}.csv"] = csv_text(rows[list(HUB_COLUMNS)])
    _write(folder, files)
    rounds = tuple(sorted(set(output["reference_date"])))
    names = tuple(f"{told.team}-{model.abbr}" for model in models.values())
    resolved = len(oracle.drop_duplicates(["location", "reference_date", "horizon", "target"]))
    return Exported(folder, names, rounds, len(output), resolved, notes)


def _runs(archive: Path, case: str | None, stamp: str) -> list[Run]:
    """The forecasts that count, by case and as-of day."""
    if not archive.is_dir():
        raise ArchiveError(f"{archive}: no such folder; give the folder of an archive, e.g. forecasts")
    cases = sorted(set(list_runs(archive, case)["case"])) if case is None else [case]
    runs = [run for name in cases for run in one_a_day(good_runs(archive, name))]
    chosen = [run for run in runs if stamp in ("", run.meta["stamp"])]
    if not chosen:
        kind = f"{stamp} " if stamp else ""
        of = f" of {case}" if case else ""
        raise ArchiveError(f"{archive}: no {kind}forecast{of} that passed the gate; make one with `forecast run`")
    return chosen


def _output(run: Run) -> pd.DataFrame:
    """Model output of every candidate of one run: columns `HUB_COLUMNS` and `model`."""
    parts = [forecast_table(run.meta, run.tables).assign(model=PUBLISHED)]
    for name in ("baselines", "pool"):
        if name in run.tables and len(run.tables[name]):
            rows = run.tables[name].rename(
                columns={"candidate": "model", "horizon_days": "horizon", "rung": "output_type_id"}
            )
            rows = rows.assign(value=rows["probability"], output_type="pmf", target=LADDER_TARGET)
            parts.append(rows.assign(reference_date=str(_day(run)), location=str(run.meta["case"])))
    rows = pd.concat([part[[*(set(HUB_COLUMNS) - {"target_end_date"}), "model"]] for part in parts], ignore_index=True)
    ends = [str(_day(run) + timedelta(days=int(horizon))) for horizon in rows["horizon"]]
    return rows.assign(reference_date=str(_day(run)), target_end_date=ends)


def _oracle(archive: Path, record: Record | Path | None, output: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """What came, in the shape of model output, and which cases the record cannot tell about."""
    own = record if record is not None and not isinstance(record, Path) else read_record(record)
    whole, parts, notes = with_reference(own), [], []
    for case in sorted(set(output["location"])):
        try:
            card = scorecard(archive, whole, case)
        except UsageError as error:
            notes.append(f"no target data for {case}: {error}")
            continue
        windows = card.windows[(card.windows["state"] == RESOLVED) & (card.windows["candidate"] == PUBLISHED)]
        told = [
            (case, row["as_of"], row["horizon_days"], LADDER_TARGET, "pmf", rung, float(rung == row["rung"]))
            for row in rows_of(windows)
            for rung in LADDER
        ]
        told += [
            (case, row["as_of"], row["horizon_days"], f"question:{row['question_id']}", "mean", "NA",
             float(row["answer"] == "yes"))
            for row in rows_of(card.questions[card.questions["state"] == RESOLVED])
        ]  # fmt: skip
        parts += told
    names = ["location", "reference_date", "horizon", "target", "output_type", "output_type_id", "oracle_value"]
    found = pd.DataFrame(parts, columns=pd.Index(names))
    found["target_end_date"] = [
        str(day + timedelta(days=int(horizon)))
        for day, horizon in zip(found["reference_date"], found["horizon"], strict=True)
    ]
    found["reference_date"] = found["reference_date"].astype(str)
    asked = pd.MultiIndex.from_frame(output[["location", "reference_date", "target"]])
    kept = pd.MultiIndex.from_frame(found[["location", "reference_date", "target"]]).isin(asked)
    return found.loc[kept, list(ORACLE_COLUMNS)], tuple(notes)


def _models(candidates: Iterable[str]) -> dict[str, Model]:
    """Candidates as models of a hub; one that this version does not know gets an abbreviation from its name."""
    found: dict[str, Model] = {}
    for name in candidates:
        slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:14] or "model"
        abbr, methods = MODELS.get(name, (slug, "a view of another version of crisis-forecast"))
        taken = {model.abbr for model in found.values()}
        number = next(n for n in range(100) if (abbr if n == 0 else f"{abbr[:14]}{n}") not in taken)
        found[name] = Model(abbr if number == 0 else f"{abbr[:14]}{number}", name, methods)
    return found


def _wordings(runs: Iterable[Run]) -> dict[str, str]:
    """Targets in words; where cases or days word one differently, its name."""
    said: dict[str, set[str]] = {LADDER_TARGET: {"Outcome of the window from the day after the as-of day, by its rung"}}
    for run in runs:
        for name, key, prefix in (("quantities", "name", ""), ("questions", "question_id", "question:")):
            for row in rows_of(run.tables[name]) if name in run.tables else ():
                said.setdefault(f"{prefix}{row[key]}", set()).add(str(row["wording"]))
    return {target: next(iter(words)) for target, words in said.items() if len(words) == 1}


def _facts(run: Run) -> dict[str, object]:
    meta = run.meta
    facts: dict[str, object] = {"round": str(_day(run)), "location": meta["case"], "run_id": run.path.name}
    facts |= {name: str(meta.get(name, "")) for name in ("created", "stamp", "published", "commit")}
    return facts | {"digest": run.manifest.digest}


def _day(run: Run) -> date:
    return date.fromisoformat(str(run.meta["as_of"])[:10])


def _readme(about: About, runs: list[Run]) -> str:
    stamps = pd.Series([run.meta["stamp"] for run in runs]).value_counts()
    listed = ", ".join(f"{count} {stamp}" for stamp, count in stamps.items())
    return f"""# {about.name}

Forecasts of an archive of crisis-forecast in the folders and tables of the hubverse: {listed}.

`location` is the case, `reference_date` the as-of day, `horizon` days; the window runs from the day after the as-of
day to `target_end_date`. The target `ladder` is a `pmf` over seven rungs; the others are binary, their probability is
the `mean`. A retrospective forecast was computed after its outcome could be known: it is an exercise, and `runs.csv`
says which ones are. `published` is what was published; the other models stood beside it.
"""


def _json(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _write(folder: Path, files: dict[str, str]) -> None:
    """Write all files, or none."""
    with disk_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".tmp-", dir=folder.parent) as temporary:
            whole = Path(temporary) / "hub"
            for name, text in files.items():
                file = whole / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8", newline="\n")
            if folder.exists():
                folder.rmdir()
            shutil.move(whole, folder)
