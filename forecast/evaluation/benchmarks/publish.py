"""Run a benchmark and write it down: scores, weights of pools, facts of the run, commit and hash of the data."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd

from forecast.errors import UsageError
from forecast.evaluation.benchmarks import confrontations, mie, sanctions, war
from forecast.evaluation.benchmarks.contest import Result, contest

type Progress = Callable[[str], None]

VARIABLE: Final = "FORECAST_CORPORA"
DEFAULT: Final = Path("../shared/corpora")
_PACKAGES: Final = ("numpy", "scipy", "pandas", "scikit-learn")


class Benchmark(NamedTuple):
    """What a benchmark needs: its file below the folder of corpora, and how to run it on that file."""

    title: str
    file: str
    run: Callable[[Path, Progress], tuple[Result, dict[str, Any]]]


def run_war(path: Path, progress: Progress) -> tuple[Result, dict[str, Any]]:
    """W: three tasks, and the in-sample log-likelihood of the published specification."""
    table = war.data(path)
    facts = {
        "disputes": len(table.outcome),
        "in_sample_log_likelihood": war.posteriors(table)[0].log_likelihood,
    }
    results = [contest(task, war.candidates(), war.POOLS, progress=progress) for task in war.tasks(table)]
    return joined(results), facts


def run_sanctions(path: Path, progress: Progress) -> tuple[Result, dict[str, Any]]:
    """S: two tasks, the log-likelihoods of the publication, and checks of equilibrium and identification."""
    table = sanctions.data(path)
    facts = {
        "dyad_decades": int(table.frame["game"].nunique()),
        "dyads": int(table.frame["dyadID"].nunique()),
        "months": float(table.weight.sum()),
        "in_sample_log_likelihood": sanctions.reference_lines(table),
        "checks": sanctions.checks(table, sanctions.posterior(table))._asdict(),
    }
    results = [
        contest(task, sanctions.candidates(), sanctions.POOLS, progress=progress) for task in sanctions.tasks(table)
    ]
    return joined(results), facts


def run_confrontations(path: Path, progress: Progress) -> tuple[Result, dict[str, Any]]:
    """M: next 1, 4 and 13 weeks of each side and of both, and replies."""
    found = mie.read(path)
    results = []
    for horizon in confrontations.HORIZONS:
        task = confrontations.weekly_task(found, horizon)
        candidates = confrontations.weekly_candidates(horizon)
        results.append(contest(task, candidates, confrontations.WEEKLY_POOLS, progress=progress))
        joint = confrontations.joint_task(found, horizon)
        rivals = confrontations.joint_baselines()
        results.append(contest(joint, confrontations.joint_candidates(), None, rivals, progress=progress))
    task = confrontations.reply_task(found)
    results.append(contest(task, confrontations.reply_candidates(), confrontations.REPLY_POOLS, progress=progress))
    return joined(results), {"confrontations": len(found.pairs), "events": len(found.events)}


BENCHMARKS: Final = {
    "W": Benchmark("nineteenth-century disputes", war.FILE, run_war),
    "S": Benchmark("threats of sanctions", sanctions.FILE, run_sanctions),
    "M": Benchmark("weeks and replies of confrontations", confrontations.FILE, run_confrontations),
}


def joined(results: list[Result]) -> Result:
    """Results of several tasks in one."""
    scores, weights = zip(*results, strict=True)
    return Result(pd.concat(scores, ignore_index=True), pd.concat(weights, ignore_index=True))


def data_file(name: str, path: Path | None) -> Path:
    """File of a benchmark: `path` itself, or the usual place below `path` or below the folder of corpora.

    Raises
    ------
    UsageError
        Unknown benchmark, or there is no such file.
    """
    if name not in BENCHMARKS:
        raise UsageError(f"benchmark {name!r} is not known; use one of {', '.join(BENCHMARKS)}")
    given = Path(os.environ.get(VARIABLE, DEFAULT)) if path is None else path
    file = given / BENCHMARKS[name].file if given.is_dir() else given
    if not file.is_file():
        raise UsageError(
            f"{file}: there is no such file; the data are not part of the package. Download them from their publisher, "
            f"then name the file with --data or the folder of corpora with {VARIABLE}"
        )
    return file


def run_benchmark(name: str, path: Path | None, folder: Path, progress: Progress = lambda _text: None) -> Result:
    """Run a benchmark and write ``<name>-scores.csv``, ``<name>-weights.csv`` and ``<name>.json`` to a folder.

    Raises
    ------
    UsageError
        Unknown benchmark, no data, or data of another form.
    """
    file = data_file(name, path)
    began = datetime.now(UTC)
    result, facts = BENCHMARKS[name].run(file, progress)
    folder.mkdir(parents=True, exist_ok=True)
    result.scores.to_csv(folder / f"{name}-scores.csv", index=False)
    result.weights.to_csv(folder / f"{name}-weights.csv", index=False)
    document = {
        "benchmark": name,
        "title": BENCHMARKS[name].title,
        "data": {"file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()},
        "code": code_version(),
        "versions": {"python": platform.python_version(), **{package: version(package) for package in _PACKAGES}},
        "began": began.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(UTC) - began).total_seconds(), 1),
        "facts": facts,
        "scores": json.loads(result.scores.to_json(orient="records")),
        "weights": json.loads(result.weights.to_json(orient="records")),
    }
    (folder / f"{name}.json").write_text(json.dumps(document, indent=1, default=float) + "\n", encoding="utf-8")
    return result


def code_version() -> dict[str, Any]:
    """Commit of the checkout and whether files differ from it; empty outside a checkout."""

    def git(*words: str) -> str:
        found = subprocess.run(["git", *words], cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
        return found.stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "changed": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.CalledProcessError):
        return {}
