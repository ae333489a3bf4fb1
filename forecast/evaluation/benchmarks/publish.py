"""Run a benchmark and write it down: scores, weights of pools, facts of the run, commit and hash of the data."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd

from forecast.errors import UsageError
from forecast.evaluation.baselines import BASELINES, Fit
from forecast.evaluation.benchmarks import confrontations, icb, mie, sanctions, violence, war
from forecast.evaluation.benchmarks.contest import WEIGHT_COLUMNS, Pool, Result, Task, contest

type Progress = Callable[[str], None]

VARIABLE: Final = "FORECAST_CORPORA"
DEFAULT: Final = Path("../shared/corpora")
_CODE: Final = (".", "../baselines.py", "../scores.py", "../intervals.py", "../inputs.py", "../../outside")
_PACKAGES: Final = ("numpy", "scipy", "pandas", "scikit-learn")


class Bout(NamedTuple):
    """One task with everyone who takes part; the task is built only when its turn comes."""

    name: str
    task: Callable[[], Task]
    candidates: Mapping[str, Fit]
    pools: Mapping[str, Pool]
    baselines: Mapping[str, Fit] = BASELINES


class Benchmark(NamedTuple):
    """What a benchmark needs: its file below the folder of corpora, and from that file its facts and its bouts."""

    title: str
    file: str
    prepare: Callable[[Path], tuple[dict[str, Any], list[Bout]]]


def prepare_war(path: Path) -> tuple[dict[str, Any], list[Bout]]:
    """W: three tasks, and the in-sample log-likelihood of the published specification."""
    table = war.data(path)
    facts = {"disputes": len(table.outcome), "in_sample_log_likelihood": war.posteriors(table)[0].log_likelihood}
    return facts, [Bout(t.name, partial(_same, t), war.candidates(), war.POOLS) for t in war.tasks(table)]


def prepare_sanctions(path: Path) -> tuple[dict[str, Any], list[Bout]]:
    """S: two tasks, the log-likelihoods of the publication, and checks of equilibrium and identification."""
    table = sanctions.data(path)
    facts = {
        "dyad_decades": int(table.frame["game"].nunique()),
        "dyads": int(table.frame["dyadID"].nunique()),
        "months": float(table.weight.sum()),
        "in_sample_log_likelihood": sanctions.reference_lines(table),
        "checks": sanctions.checks(table, sanctions.posterior(table))._asdict(),
    }
    tasks = sanctions.tasks(table)
    return facts, [Bout(t.name, partial(_same, t), sanctions.candidates(), sanctions.POOLS) for t in tasks]


def prepare_confrontations(path: Path) -> tuple[dict[str, Any], list[Bout]]:
    """M: replies, and the next 1, 4 and 13 weeks of each side and of both."""
    found = mie.read(path)
    there = confrontations.parts_of(found)
    answers = confrontations.reply_candidates(found)
    bouts = []
    for part in there:
        task = partial(confrontations.reply_task, found, part)
        bouts.append(Bout(confrontations.REPLY + part.suffix, task, answers, confrontations.REPLY_POOLS))
    for weeks in confrontations.HORIZONS:
        candidates, pools = confrontations.weekly_candidates(weeks), confrontations.WEEKLY_POOLS
        rivals = confrontations.joint_baselines()
        for part in there:
            single = partial(confrontations.weekly_task, found, weeks, part)
            both = partial(confrontations.joint_task, found, weeks, part)
            bouts.append(Bout(confrontations.weekly_name(weeks) + part.suffix, single, candidates, pools))
            name = confrontations.joint_name(weeks) + part.suffix
            bouts.append(Bout(name, both, confrontations.joint_candidates(), {}, rivals))
    years = found.pairs["start"].dt.year
    early, late = years <= confrontations.LAST_TRAINING_YEAR, years > confrontations.LAST_TEST_YEAR
    counts = {"train": int(early.sum()), "test": int((~early & ~late).sum()), "later": int(late.sum())}
    return {"confrontations": counts, "events": len(found.events)}, bouts


def prepare_violence(path: Path) -> tuple[dict[str, Any], list[Bout]]:
    """I: violence of crises at the onset, by share of their course and by day; crises after 2002 apart."""
    found = icb.read(path)
    bouts = [
        Bout(name, partial(violence.make_task, found, kind, part), violence.candidates(), violence.POOLS)
        for (kind, part), name in violence.task_names(found).items()
    ]
    return violence.facts(found), bouts


BENCHMARKS: Final = {
    "W": Benchmark("nineteenth-century disputes", war.FILE, prepare_war),
    "S": Benchmark("threats of sanctions", sanctions.FILE, prepare_sanctions),
    "M": Benchmark("weeks and replies of confrontations", confrontations.FILE, prepare_confrontations),
    "I": Benchmark("violence of international crises", violence.FILE, prepare_violence),
}


def joined(results: list[Result]) -> Result:
    """Results of several tasks in one."""
    scores, weights = zip(*results, strict=True)
    return Result(pd.concat(scores, ignore_index=True), pd.concat(weights, ignore_index=True))


def data_file(name: str, path: Path | None) -> Path:
    """File of a benchmark: `path` itself, or the file in that folder or in its usual place below it.

    Raises
    ------
    UsageError
        Unknown benchmark, or there is no such file.
    """
    if name not in BENCHMARKS:
        raise UsageError(f"benchmark {name!r} is not known; use one of {', '.join(BENCHMARKS)}")
    given = Path(os.environ.get(VARIABLE, DEFAULT)) if path is None else path
    usual = given / BENCHMARKS[name].file
    file = given if not given.is_dir() else usual if usual.is_file() else given / usual.name
    if not file.is_file():
        raise UsageError(
            f"{usual if given.is_dir() else given}: there is no such file; the data are not part of the package. "
            f"Download them, then name the file with --data, or the folder of corpora with {VARIABLE}"
        )
    return file


def run_benchmark(
    name: str, path: Path | None, folder: Path, only: str = "", progress: Progress = lambda _text: None
) -> Result:
    """Run a benchmark and write ``<name>-scores.csv``, ``<name>-weights.csv`` and ``<name>.json`` to a folder.

    They are written anew after every task, so that a run that is stopped leaves the tasks that it finished. Tasks that
    the folder holds from earlier runs on the same data are kept, each with the commit and the day of its run.

    Parameters
    ----------
    name
        Key of `BENCHMARKS`.
    path
        File, or folder of corpora; None for the usual one.
    folder
        Where to write.
    only
        Run the tasks whose name begins with this word or, where none does, holds this text.
    progress
        Called with a line of text.

    Raises
    ------
    UsageError
        Unknown benchmark or task, no data, or data of another form.
    """
    file = data_file(name, path)
    began = datetime.now(UTC)
    code = code_version()
    facts, bouts = BENCHMARKS[name].prepare(file)
    chosen = [bout for bout in bouts if only == bout.name.split()[0]] or [b for b in bouts if only in b.name]
    if not chosen:
        raise UsageError(f"task {only!r} is not part of {name}; its tasks are {', '.join(b.name for b in bouts)}")
    document = {
        "benchmark": name,
        "title": BENCHMARKS[name].title,
        "data": {"file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()},
        "code": code,
        "versions": {"python": platform.python_version(), **{package: version(package) for package in _PACKAGES}},
        "began": began.isoformat(timespec="seconds"),
        "facts": facts,
    }
    folder.mkdir(parents=True, exist_ok=True)
    order = [bout.name for bout in bouts]
    kept = _held(folder, document, whole=not only)
    results: list[Result] = []
    for bout in chosen:
        results.append(contest(bout.task(), bout.candidates, bout.pools, bout.baselines, progress=progress))
        seconds = round((datetime.now(UTC) - began).total_seconds(), 1)
        left = {"seconds": seconds, "tasks_left": len(chosen) - len(results)}
        _write(folder, name, *merged(joined(results), {**document, **left}, kept, order))
    return joined(results)


def merged(
    result: Result, document: dict[str, Any], kept: dict[str, Any] | None, order: Sequence[str]
) -> tuple[Result, dict[str, Any]]:
    """Put tasks of an earlier document beside those of a run, which replace it where both have a task.

    Parameters
    ----------
    result, document
        Tasks of the run, and what is said of it.
    kept
        An earlier document on the same data, with its own `earlier` runs; None if there is none.
    order
        Names of the tasks of the benchmark.

    Returns
    -------
    tuple
        All tasks, and the document with `earlier`: of every earlier run whose tasks are kept its `tasks`, `code`,
        `versions`, `began` and `seconds` (of the whole run).
    """
    done = set(result.scores["task"])
    if kept is None:
        return result, document
    former = Result(pd.DataFrame(kept["scores"]), pd.DataFrame(kept["weights"], columns=pd.Index(WEIGHT_COLUMNS)))
    names = [task for task in dict.fromkeys(former.scores["task"]) if task not in done]
    elsewhere = {task for run in kept.get("earlier", ()) for task in run["tasks"]}
    own = {"tasks": [task for task in names if task not in elsewhere]}
    own |= {key: kept[key] for key in ("code", "versions", "began", "seconds")}
    older = [{**run, "tasks": [task for task in run["tasks"] if task in names]} for run in kept.get("earlier", ())]
    place = {task: position for position, task in enumerate([*order, *(n for n in names if n not in order)])}
    whole = Result(*(
        pd.concat([new, old[old["task"].isin(names)]]).sort_values("task", key=lambda t: t.map(place), kind="stable")
        .reset_index(drop=True)[list(new.columns)]
        for new, old in zip(result, former, strict=True)
    ))  # fmt: skip
    return whole, {**document, "earlier": [run for run in (own, *older) if run["tasks"]]}


def _held(folder: Path, document: dict[str, Any], *, whole: bool) -> dict[str, Any] | None:
    """The document that a folder holds of the same benchmark and data; a whole run replaces one of other data.

    Raises
    ------
    UsageError
        It is of other data and only some tasks are run: results of two files are not mixed.
    """
    file = folder / f"{document['benchmark']}.json"
    if not file.is_file():
        return None
    held = json.loads(file.read_text(encoding="utf-8"))
    if held["data"]["sha256"] != document["data"]["sha256"]:
        if whole:
            return None
        raise UsageError(
            f"{file}: holds scores on other data (SHA-256 {held['data']['sha256'][:12]}, "
            f"now {document['data']['sha256'][:12]}); give another --out, or delete it"
        )
    return held


def _write(folder: Path, name: str, result: Result, document: dict[str, Any]) -> None:
    result.scores.to_csv(folder / f"{name}-scores.csv", index=False)
    result.weights.to_csv(folder / f"{name}-weights.csv", index=False)
    tables = {
        "scores": json.loads(result.scores.to_json(orient="records")),
        "weights": json.loads(result.weights.to_json(orient="records")),
    }
    text = json.dumps({**document, **tables}, indent=1, default=float)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _same(task: Task) -> Task:
    return task


def code_version(paths: Sequence[str] = _CODE) -> dict[str, Any]:
    """Commit of the checkout, and whether the code that scores differs from it; empty outside a checkout.

    Parameters
    ----------
    paths
        The code in question, relative to the folder of this module.
    """

    def git(*words: str) -> str:
        found = subprocess.run(["git", *words], cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
        return found.stdout.strip()

    try:
        changes = git("status", "--porcelain", "--untracked-files=no", "--", *paths)
        return {"commit": git("rev-parse", "HEAD"), "changed": bool(changes)}
    except (OSError, subprocess.CalledProcessError):
        return {}
