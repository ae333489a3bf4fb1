"""A desk runs at its times or when the record changes, and its health file tells what came of it."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from forecast import schedule
from forecast.errors import UsageError
from forecast.schedule import on_change, on_schedule, read_health, run_once, trigger_of
from forecast.verbs.desk import words_of

NOW = dt.datetime(2026, 2, 13, 4, 0, tzinfo=dt.UTC)


def test_times_are_read_from_an_interval_or_from_five_fields():
    assert trigger_of("6h", "").interval == dt.timedelta(hours=6)
    assert trigger_of("90m", "").interval == dt.timedelta(minutes=90)
    assert trigger_of("", "30 5 * * *").get_next_fire_time(None, NOW) == NOW.replace(hour=5, minute=30)


@pytest.mark.parametrize(
    ("every", "cron"),
    [("", ""), ("6h", "30 5 * * *"), ("six hours", ""), ("0h", ""), ("h", ""), ("", "30 5"), ("", "61 5 * * *")],
)
def test_times_that_cannot_be_read_are_refused_with_an_example(every: str, cron: str):
    with pytest.raises(UsageError, match=r"30 5 \* \* \*|90m"):
        trigger_of(every, cron)


def test_what_a_desk_runs():
    assert words_of(None, None, Path("a"), full=False) == ["update", "--fit", "--out", "a"]
    words = ["run", "--record", "mine", "--case", "x-y", "--out", "a"]
    assert words_of(Path("mine"), "x-y", Path("a"), full=True) == words


def test_the_health_file_counts_failures_and_keeps_the_last_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    codes = iter([0, 3, 4, 0])

    def run(words: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        code = next(codes)
        return subprocess.CompletedProcess(words, code, "", f"working\nended with {code}\n\n")

    monkeypatch.setattr(schedule.subprocess, "run", run)
    first = run_once(["run"], tmp_path)
    told = [read_health(tmp_path)]
    for _ in range(3):
        run_once(["run"], tmp_path)
        told.append(read_health(tmp_path))
    assert [state["failures"] for state in told] == [0, 1, 2, 0]
    assert [state["last"]["code"] for state in told] == [0, 3, 4, 0]
    assert told[2]["last_success"] == first.ended
    assert told[2]["last"]["told"] == "ended with 4"
    lines = [json.loads(line) for line in (tmp_path / "desk.log").read_text(encoding="utf-8").splitlines()]
    assert [line["record"]["event"] for line in lines[:4]] == ["begin", "told", "told", "told"]
    assert lines[4]["record"] == {"event": "end"} | told[0]["last"]
    with pytest.raises(UsageError, match="health file"):
        read_health(tmp_path / "elsewhere")


def test_the_hook_follows_a_success_and_its_failure_undoes_nothing(tmp_path: Path):
    archive, record = tmp_path / "my archive", tmp_path / "record"
    hook = tmp_path / "hook.py"
    hook.write_text("import sys, pathlib\npathlib.Path(sys.argv[-1], 'sent').touch()\nsys.exit(5)\n", encoding="utf-8")
    command = f"'{sys.executable}' '{hook}' --to desk"
    assert run_once(["check", str(record)], archive, hook=command).code != 0
    assert not (archive / "sent").exists()
    assert run_once(["init", str(record)], archive, hook=command).code == 0
    assert (archive / "sent").exists()
    assert run_once(["check", str(record)], archive, hook="no-such-command").code == 0
    assert read_health(archive)["failures"] == 0


@pytest.fixture
def _interrupts() -> Iterator[None]:
    """Interrupts reach the process, also where it was started in the background and ignores them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interrupts")
def test_a_desk_runs_at_its_times_until_it_is_stopped():
    count: list[int] = []

    def job() -> None:
        count.append(1)
        # not at once: the scheduler takes an interrupt while it starts a job for a fault of the job
        threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()

    on_schedule(trigger_of("1d", ""), job, first=True)
    assert len(count) == 1


def test_a_desk_runs_once_for_each_change():
    count: list[int] = []
    on_change(Path(), lambda: count.append(1), iter(["a", "b"]))
    assert len(count) == 2
