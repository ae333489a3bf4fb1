"""Forecasts of many cases at once: each a run in a process of its own, repeated where it broke, told in one table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

from forecast.errors import RecordError, UsageError
from forecast.evaluation.crew import work
from forecast.publish.index import write_index
from forecast.publish.lock import locked
from forecast.publish.write import disk_errors
from forecast.record import read_record
from forecast.record.config import CONFIG_FILE
from forecast.record.read import shipped_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STATES: Final = {
    0: "published",
    1: "record broken",
    2: "wrong request",
    3: "gate refused",
    4: "not archived",
    5: "fit due",
}
"""What came of a run, by its exit code; a run that found its forecast in the archive is `there already`."""
THERE: Final = "there already"
CRASHED: Final = "crashed"
LOST: Final = -9
"""Exit code of a case whose worker was lost: that of a killed process."""
AGAIN: Final = (CRASHED, STATES[4])
"""States that another try may mend; the others follow from the inputs and would come again."""
OWN: Final = {
    "--record", "--case", "--out", "--json", "--all", "--records", "--workers", "--scheduler", "--retries", "--index",
    "--no-index",
}  # fmt: skip
"""Options that each run is given by itself."""
PAUSE: Final = 2.0
"""Seconds before the first further try; twice as many before the next."""
COLUMNS: Final = ("record", "case", "state", "seconds", "exit_code", "attempts", "as_of", "run", "told")


class Task(NamedTuple):
    """A case of a record; a blank case stands for a record that cannot be read, whose run says why."""

    record: str
    case: str


class Job(NamedTuple):
    """What all runs share: options of `forecast run`, the archive, and how often a run that broke is tried again."""

    options: tuple[str, ...]
    out: str
    retries: int


def run_all(
    records: Path | str | Sequence[Path | str] | None = None,
    options: Sequence[str] = (),
    *,
    out: Path | str = "forecasts",
    workers: int = 1,
    scheduler: str = "",
    retries: int = 1,
    index: bool = True,
    progress: Callable[[str], None] = lambda _text: None,
) -> pd.DataFrame:
    """Forecast every case of one or several records; one that fails does not stop the others.

    A forecast that is in the archive already is not computed again, so that a call that was cut short is resumed by the
    same call. A run that crashed (killed, out of memory) or could not write is tried again; a refusal is not.

    Parameters
    ----------
    records
        Folder of a record, several of them, or a folder whose folders are records; the shipped record by default.
    options
        Further words of ``forecast run``, such as ("--quick", "--as-of", "2026-02-13").
    out
        Folder of the archive; with a scheduler it must be the same on every machine.
    workers
        Runs at a time, each with one thread for numerical libraries beside the chains of its sampler.
    scheduler
        Address of a Dask scheduler, whose workers do the runs instead.
    retries
        Further tries of a run that broke; also of one whose Dask worker was lost.
    index
        Renew the index page of the archive when all are done. No run does: each would read every run of the archive.
    progress
        Called with one line for each case that is done.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, one row a case, in the order of the records: `state`, wall `seconds`, `exit_code` (that of
        `forecast run`; negative where a signal ended it), `attempts`, and `told`, the last line of a failed run.

    Raises
    ------
    UsageError
        There is no such record, or no case, or one case in two records; an option is one that each run is given by
        itself; or nothing answers at the address.
    """
    taken = sorted(OWN & {word.partition("=")[0] for word in options})
    if taken:
        raise UsageError(f"{', '.join(taken)}: set for each run by itself; leave it out of the options")
    tasks = tasks_of(records)
    job = Job(tuple(options), str(Path(out).absolute()), retries)
    rows: dict[Task, dict] = {}
    for row in work(run_one, job, tasks, workers=workers, scheduler=scheduler, lost=partial(_lost, job)):
        rows[Task(row["record"], row["case"])] = row
        name = row["case"] or Path(row["record"]).name
        told = f": {row['told']}" if row["told"] else ""
        progress(f"{len(rows)} of {len(tasks)}: {name}: {row['state']}, {row['seconds']:.0f} s{told}")
    if index and any(row["exit_code"] == 0 for row in rows.values()):
        with disk_errors(Path(out)), locked(out):
            progress(f"index: {write_index(out)}")
    return pd.DataFrame([rows[task] for task in tasks], columns=list(COLUMNS))


def tasks_of(records: Path | str | Sequence[Path | str] | None = None) -> list[Task]:
    """Cases of records, in order; a folder that is no record itself stands for the records in it.

    Raises
    ------
    UsageError
        A folder is no record and holds none, or no record has a case.
    """
    if records is None:
        records = [shipped_path()]
    given = [records] if isinstance(records, (str, Path)) else list(records)
    folders = [folder for name in given for folder in _folders(Path(name))]
    tasks = [task for folder in folders for task in _tasks(folder)]
    if not tasks:
        raise UsageError(f"{', '.join(map(str, given))}: no record here has a case; give one in {CONFIG_FILE}")
    names = [task.case for task in tasks if task.case]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(
            f"{', '.join(twice)}: the same case in two records, whose forecasts would share a folder of the archive; "
            "rename one, or run the records into archives of their own"
        )
    return tasks


def run_one(job: Job, task: Task) -> dict:
    """Run one case in a process of its own, again where it broke; one row of the table."""
    words = ["--record", task.record, "--out", job.out, *(["--case", task.case] if task.case else [])]
    command = [sys.executable, "-m", "forecast.cli", "run", *words, "--json", "-", "--no-index", *job.options]
    began, attempt = time.time(), 0
    while True:
        attempt += 1
        done = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False, env=_environment()
        )
        row = _told(done)
        if row["state"] not in AGAIN or attempt > job.retries:
            break
        time.sleep(PAUSE * 2 ** (attempt - 1))
    created = row.pop("created", "")
    if row["state"] == STATES[0] and created and pd.Timestamp(created).timestamp() < int(began):
        row["state"] = THERE
    return {
        "record": task.record,
        "case": task.case,
        "seconds": round(time.time() - began, 1),
        "attempts": attempt,
    } | row


def _lost(job: Job, task: Task, error: Exception) -> dict:
    """Row of a case whose worker was lost so often that Dask gave it up; the run itself may have ended well."""
    told = f"its worker was lost ({error}); the same command makes the case, or finds it made"
    about = {"state": CRASHED, "exit_code": LOST, "as_of": "", "run": "", "told": told}
    return {"record": task.record, "case": task.case, "seconds": 0.0, "attempts": 1 + job.retries} | about


def failed(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of cases that have no forecast."""
    return table[table["exit_code"] != 0]


def _folders(folder: Path) -> list[Path]:
    if (folder / CONFIG_FILE).is_file():
        return [folder.absolute()]
    inside = sorted(path.parent for path in folder.glob(f"*/{CONFIG_FILE}"))
    if not inside:
        raise UsageError(f"{folder}: neither a record nor a folder of records; a record has a file {CONFIG_FILE}")
    return [path.absolute() for path in inside]


def _tasks(folder: Path) -> list[Task]:
    try:
        record = read_record(folder)
    except RecordError:
        return [Task(str(folder), "")]
    return [Task(str(folder), case.id) for case in record.config.cases]


def _told(done: subprocess.CompletedProcess) -> dict:
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    if done.returncode != 0:
        broke = done.returncode not in STATES or any(line.startswith("Traceback") for line in lines)
        told = next((line for line in lines if line.startswith("forecast:")), last).removeprefix("forecast:").strip()
        state = CRASHED if broke else STATES[done.returncode]
        return {"state": state, "exit_code": done.returncode, "as_of": "", "run": "", "told": last if broke else told}
    document = json.loads(done.stdout)
    about = {"as_of": document["as_of"], "run": document["run_id"], "told": "", "created": document["created"]}
    return {"state": STATES[0], "exit_code": 0} | about


def _environment() -> dict[str, str]:
    """Environment of a run: plain text, whatever the terminal."""
    return os.environ | {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "4000"}
