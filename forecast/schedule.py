"""A desk that runs by itself, at set times or when the record changes, and keeps what came of it for a monitor."""

from __future__ import annotations

import json
import logging
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final, NamedTuple

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from watchfiles import watch

from forecast.errors import UsageError

HEALTH: Final = "health.json"
LOG: Final = "desk.log"
LOG_BYTES: Final = 2_000_000
LOG_FILES: Final = 5
QUIET_MS: Final = 5_000
"""Milliseconds without a further change of the record after which a watched change counts as done."""
LATE: Final = 3600
"""Seconds by which a run may start late, such as after the machine slept; several missed ones become one."""


class Outcome(NamedTuple):
    """What came of one run: its exit code, when it began and ended (UTC), and the last line that it told."""

    code: int
    began: str
    ended: str
    told: str


def trigger_of(every: str, cron: str) -> IntervalTrigger | CronTrigger:
    """When to run, from an interval such as `6h` or from a cron expression of five fields (UTC).

    Raises
    ------
    UsageError
        Neither or both are given, or the one given cannot be read.
    """
    if bool(every) == bool(cron):
        raise UsageError("give either --every, such as 6h, or --cron, such as '30 5 * * *'")
    if cron:
        try:
            return CronTrigger.from_crontab(cron, timezone=UTC)
        except ValueError as error:
            raise UsageError(f"--cron {cron!r}: {error}; write five fields, such as '30 5 * * *'") from None
    units = {"m": "minutes", "h": "hours", "d": "days"}
    number, unit = every[:-1], units.get(every[-1:])
    if unit is None or not number.isdigit() or int(number) < 1:
        raise UsageError(f"--every {every!r}: write a number of minutes, hours or days, such as 90m, 6h or 1d")
    return IntervalTrigger(**{unit: int(number)}, timezone=UTC)


def on_schedule(trigger: IntervalTrigger | CronTrigger, job: Callable[[], object], *, first: bool) -> None:
    """Run a job at the times of a trigger until the process is stopped; never twice at once, missed times once.

    Parameters
    ----------
    trigger
        From `trigger_of`.
    job
        What to run.
    first
        Whether to run it now as well.
    """
    scheduler = BlockingScheduler(timezone=UTC)
    added = scheduler.add_job(job, trigger, max_instances=1, coalesce=True, misfire_grace_time=LATE)
    if first:
        added.modify(next_run_time=datetime.now(UTC))
    try:
        scheduler.start()
    except (KeyboardInterrupt, SystemExit):
        scheduler.shutdown(wait=False)


def on_change(folder: Path, job: Callable[[], object], changes: Iterator[object] | None = None) -> None:
    """Run a job when a file of a record changes, once it has been quiet for `QUIET_MS`, until the process is stopped.

    Parameters
    ----------
    folder
        Folder of the record.
    job
        What to run.
    changes
        Gives one item a change; by default the changes of tables and YAML files of the folder.
    """
    seen = changes if changes is not None else watch(
        folder, watch_filter=lambda _kind, path: Path(path).suffix in {".csv", ".yaml"}, debounce=10 * QUIET_MS,
        step=QUIET_MS, recursive=False, raise_interrupt=False,
    )  # fmt: skip
    for _ in seen:
        job()


def run_once(words: Sequence[str], archive: Path, *, hook: str = "") -> Outcome:
    """Run the command `forecast` in a process of its own, keep its log, and say in `health.json` what came of it.

    Parameters
    ----------
    words
        Verb and options, such as ("update", "--fit").
    archive
        Folder of the archive; log and health file lie there.
    hook
        Command that is run after a success (exit code 0), with the folder of the archive as its last word; such as
        one that mails or uploads the report. Its failure is logged and does not undo anything.
    """
    archive.mkdir(parents=True, exist_ok=True)
    log = log_of(archive)
    began = _now()
    log.info(json.dumps({"event": "begin", "command": ["forecast", *words]}))
    done = subprocess.run(
        [sys.executable, "-m", "forecast.cli", *words], capture_output=True, text=True, encoding="utf-8", check=False
    )
    for line in done.stderr.splitlines():
        log.info(json.dumps({"event": "told", "text": line}, ensure_ascii=False))
    told = next((line.strip() for line in reversed(done.stderr.splitlines()) if line.strip()), "")
    outcome = Outcome(done.returncode, began, _now(), told)
    log.info(json.dumps({"event": "end"} | outcome._asdict(), ensure_ascii=False))
    if done.returncode == 0 and hook:
        _hooked(hook, archive, log)
    _health(archive, outcome)
    return outcome


def read_health(archive: Path) -> dict:
    """What `health.json` says: `last` run, `last_success` (when one ended well, or null), `failures` in a row.

    Raises
    ------
    UsageError
        There is none that can be read.
    """
    file = archive / HEALTH
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        told = f"{file}: no health file that can be read ({error}); forecast schedule and forecast watch write it"
        raise UsageError(told) from None


def log_of(archive: Path) -> logging.Logger:
    """The log of a desk: one JSON object a line with its time, in files that take turns."""
    log = logging.getLogger(f"forecast.desk.{archive.resolve()}")
    if not log.handlers:
        handler = RotatingFileHandler(archive / LOG, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
        handler.setFormatter(logging.Formatter('{"time": "%(asctime)s", "record": %(message)s}', "%Y-%m-%dT%H:%M:%S%z"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False
    return log


def _hooked(hook: str, archive: Path, log: logging.Logger) -> None:
    words = [*shlex.split(hook), str(archive)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False)
    except OSError as error:
        log.info(json.dumps({"event": "hook", "code": None, "text": str(error)}))
        return
    log.info(json.dumps({"event": "hook", "code": done.returncode, "text": (done.stdout + done.stderr)[-2000:]}))


def _health(archive: Path, outcome: Outcome) -> None:
    try:
        before = read_health(archive)
    except UsageError:
        before = {"last_success": None, "failures": 0}
    well = outcome.code == 0
    state = {
        "last": outcome._asdict(),
        "last_success": outcome.ended if well else before["last_success"],
        "failures": 0 if well else before["failures"] + 1,
    }
    temporary = archive / f".{HEALTH}-{os.getpid()}"
    temporary.write_text(json.dumps(state, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    temporary.replace(archive / HEALTH)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
