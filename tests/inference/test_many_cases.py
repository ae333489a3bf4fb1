"""Many cases are forecast one by one: what fails is told and stops nothing, what broke is tried again, once each."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

sys.path.extend(str(Path(__file__).resolve().parents[2] / name) for name in ("benchmarks", "tests/publish"))
from synthetic_records import write_records

from forecast.cli import main
from forecast.errors import UsageError
from forecast.evaluation.crew import work
from forecast.many import COLUMNS, THERE, Job, Task, _lost, failed, run_all, run_one, tasks_of
from forecast.publish import list_runs, read_run
from forecast.publish.lock import locked

FAKE = """#!{python}
import json, os, signal, sys
from pathlib import Path
from types import SimpleNamespace
words = sys.argv[4:]
given = dict(zip(words, words[1:]))
case, out = given.get("--case", ""), Path(given["--out"])
out.mkdir(parents=True, exist_ok=True)
with (out / "calls").open("a") as file:
    file.write(json.dumps([case, words]) + "\\n")
first = sum(json.loads(line)[0] == case for line in (out / "calls").read_text().splitlines()) == 1
code = {{"a0002-b0002": 3, "a0004-b0004": 4, "": 1}}.get(case, 0)
if case == "a0003-b0003" and first:
    os.kill(os.getpid(), signal.SIGKILL)
if case == "a0005-b0005":
    raise ValueError("a fault of the program")
if code:
    print("   0.1 s  check", file=sys.stderr)
    print("forecast: " + case + " told why", file=sys.stderr)
    raise SystemExit(code)
created = "2020-01-01T00:00:00+00:00" if case == "a0006-b0006" else "2099-01-01T00:00:00+00:00"
print(json.dumps({{"as_of": "2026-06-28", "run_id": "run-of-" + case, "created": created}}))
"""


@pytest.fixture
def records(tmp_path: Path) -> Path:
    write_records(tmp_path / "records", 6, reference="none")
    return tmp_path / "records"


@pytest.fixture
def _fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are made by a script that ends as its case says."""
    script = tmp_path / "fake"
    script.write_text(FAKE.format(python=sys.executable), encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    monkeypatch.setattr("forecast.many.PAUSE", 0.0)


def calls(out: Path) -> list[str]:
    return [json.loads(line)[0] for line in (out / "calls").read_text(encoding="utf-8").splitlines()]


@pytest.mark.usefixtures("_fake")
def test_each_case_has_its_state_and_only_what_broke_is_tried_again(records: Path, tmp_path: Path):
    (records / "made-up-0001" / "moves.csv").write_text("broken\n", encoding="utf-8")
    told: list[str] = []
    table = run_all(records, out=tmp_path / "out", retries=1, progress=told.append)
    rows = table.set_index(table["case"].replace("", "broken"))
    assert rows["state"].to_dict() == {
        "broken": "record broken", "a0002-b0002": "gate refused", "a0003-b0003": "published",
        "a0004-b0004": "not archived", "a0005-b0005": "crashed", "a0006-b0006": THERE,
    }  # fmt: skip
    assert rows["attempts"].to_dict() == {
        "broken": 1, "a0002-b0002": 1, "a0003-b0003": 2, "a0004-b0004": 2, "a0005-b0005": 2, "a0006-b0006": 1,
    }  # fmt: skip
    assert list(rows["exit_code"]) == [1, 3, 0, 4, 1, 0]
    assert rows.loc["a0002-b0002", "told"] == "a0002-b0002 told why"
    assert rows.loc["a0005-b0005", "told"] == "ValueError: a fault of the program"
    assert rows.loc["a0003-b0003", "run"] == "run-of-a0003-b0003"
    assert list(failed(table)["case"]) == ["", "a0002-b0002", "a0004-b0004", "a0005-b0005"]
    assert len(told) == 7
    assert told[6] == f"index: {tmp_path / 'out' / 'index.html'}"
    assert (tmp_path / "out" / "index.html").exists()
    assert told[1].startswith("2 of 6: a0002-b0002: gate refused, ")


@pytest.mark.usefixtures("_fake")
def test_a_run_that_keeps_breaking_is_given_up(tmp_path: Path):
    row = run_one(Job((), str(tmp_path / "out"), retries=2), Task("somewhere", "a0005-b0005"))
    assert (row["state"], row["attempts"], len(calls(tmp_path / "out"))) == ("crashed", 3, 3)


def test_records_are_found_and_faults_told(records: Path, tmp_path: Path):
    assert [task.case for task in tasks_of(records)] == [f"a{n:04d}-b{n:04d}" for n in range(1, 7)]
    assert tasks_of([records / "made-up-0002"]) == [Task(str(records / "made-up-0002"), "a0002-b0002")]
    assert [task.case for task in tasks_of()] == ["us-iran", "india-pakistan"]
    with pytest.raises(UsageError, match="neither a record nor a folder of records"):
        tasks_of(tmp_path)
    shutil.copytree(records / "made-up-0002", records / "copy")
    with pytest.raises(UsageError, match="a0002-b0002: the same case in two records"):
        tasks_of(records)
    with pytest.raises(UsageError, match="--out: set for each run"):
        run_all(records, ("--quick", "--out=x"))


@pytest.mark.usefixtures("_fake")
def test_the_command_hands_options_on_and_fails_if_any_case_did(
    records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def call(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["forecast", "run", *words])
        try:
            main()
        except SystemExit as stop:
            return int(stop.code or 0)
        return 0

    monkeypatch.setenv("COLUMNS", "200")
    options = ("--quick", "--no-prior-sets", "--seed", "7", "--as-of", "2026-06-28")
    shutil.rmtree(records / "made-up-0005")
    assert call("--all", "--records", str(records), "--out", str(tmp_path / "out"), "--retries", "0", *options) == 6
    shown, error = capsys.readouterr()
    assert "3 of 5 cases have no forecast: a0002-b0002, a0003-b0003, a0004-b0004" in error
    assert "gate refused" in shown
    words = json.loads((tmp_path / "out" / "calls").read_text(encoding="utf-8").splitlines()[0])[1]
    assert words[: len(words) - words[::-1].index("-")][-2:] == ["--json", "-"]
    assert {*options, "--no-index"} <= set(words)
    assert (tmp_path / "out" / "index.html").exists()
    assert not {"--all", "--retries", "--records"} & set(words)
    only = ("--record", str(records / "made-up-0006"), "--all", "--out", str(tmp_path / "other"), "--json", "-")
    assert call(*only) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["state"], row["exit_code"]) == (THERE, 0)
    assert call("--workers", "2") == 2
    assert "add --all" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("workers", [2])
def test_real_runs_are_archived_once_and_a_repeat_finds_them(
    records: Path, tmp_path: Path, workers: int, monkeypatch: pytest.MonkeyPatch
):
    """Whole runs of the command in processes of their own; sampler and simulator are stand-ins."""
    stand_ins = Path(__file__).resolve().parents[1] / "publish" / "stand_ins"
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(stand_ins), os.environ.get("PYTHONPATH", "")]))
    for number in (4, 5, 6):
        shutil.rmtree(records / f"made-up-{number:04d}")
    (records / "made-up-0003" / "moves.csv").write_text("broken\n", encoding="utf-8")
    options, out = ("--no-prior-sets", "--no-scenarios"), tmp_path / "out"
    first = run_all(records, options, out=out, workers=workers)
    assert list(first["state"]) == ["published", "published", "record broken"], list(first["told"])
    runs = list_runs(out)
    assert list(runs["state"]) == ["complete"] * 2
    assert [read_run(path).meta["case"] for path in runs["path"]] == list(first["case"][:2])
    again = run_all(records, options, out=out, workers=workers)
    assert list(again["state"]) == [THERE, THERE, "record broken"]
    assert list(again["run"][:2]) == list(first["run"][:2])


def given_up(job: str, part: str) -> str:
    """As Dask ends a task whose workers were lost each time."""
    if part == "dies":
        from distributed import KilledWorker

        raise KilledWorker("a task", SimpleNamespace(address="tcp://gone"), 3)
    return f"{part} by {job}"


@pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="needs the extra dask")
@pytest.mark.filterwarnings("ignore")
def test_on_a_cluster_a_part_that_dask_gives_up_is_told_and_the_others_are_done():
    from distributed import KilledWorker, LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        address, parts = cluster.scheduler_address, ["dies", "lives"]
        done = work(
            given_up, "a job", parts, scheduler=address, lost=lambda part, error: f"{part}: {type(error).__name__}"
        )
        assert sorted(done) == ["dies: KilledWorker", "lives by a job"]
        with pytest.raises(KilledWorker):
            list(work(given_up, "a job", parts, scheduler=address))


def test_a_case_whose_worker_was_lost_counts_as_failed():
    row = _lost(Job((), "out", 1), Task("somewhere", "one-two"), RuntimeError("worker gone"))
    table = pd.DataFrame([row], columns=list(COLUMNS))
    assert list(failed(table)["state"]) == ["crashed"]
    assert "worker gone" in table["told"].iloc[0]
    assert not table.isna().any(axis=None)


def test_cases_do_not_wait_for_each_other(tmp_path: Path):
    with locked(tmp_path, "run-one-a"), locked(tmp_path, "run-two-a", wait=0.1):
        assert (tmp_path / ".run-two-a.lock").exists()
