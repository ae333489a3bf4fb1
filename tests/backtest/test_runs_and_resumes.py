"""A back-test gives the same numbers in one process, in several, on a cluster and after a kill; no file is torn."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from small_history import history

from forecast.backtests import benchmark
from forecast.errors import UsageError
from forecast.evaluation.backtest import COLUMNS, FACTS, Settings, backtest
from forecast.evaluation.benchmarks.contest import COLUMNS as CONTEST
from forecast.evaluation.benchmarks.page import filled
from forecast.evaluation.files import read_all, read_manifest
from forecast.evaluation.ladder_benchmark import publish
from forecast.publish.hub import FORECAST_COLUMNS
from forecast.record import Record
from forecast.terms import LADDER

SETTINGS = Settings(first=dt.date(2009, 1, 1), horizons=(7, 30), models=("climatology", "Markov chain"))
CASES = ["c2009", "c2010"]
NO_CHRONOLOGY = "has no chronology of its own: it is seen only inside its crises"
RUN = """
import sys
from pathlib import Path
sys.path[:0] = {paths!r}
from test_runs_and_resumes import SETTINGS
from forecast.evaluation.backtest import backtest
from forecast.record import read_record
backtest(read_record(Path(sys.argv[1])), Path(sys.argv[2]), SETTINGS, progress=lambda text: print(text, flush=True))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return history(tmp_path_factory.mktemp("history"))


@pytest.fixture(scope="module")
def serial(made: Record, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("serial") / "out"
    backtest(made, out, SETTINGS)
    return out


def test_forecasts_are_tables_of_the_archive_with_a_stamp(serial: Path):
    table = read_all(serial)
    assert tuple(c for c in COLUMNS if c not in ("model_id", "stamp")) == FORECAST_COLUMNS
    assert tuple(table.columns) == COLUMNS
    assert set(table["stamp"]) == {"retrospective"}
    assert table.groupby(["model_id", "location", "reference_date", "horizon"])["value"].sum().tolist() == (
        pytest.approx([1.0] * (len(table) // len(LADDER)))
    )
    assert sorted(table["location"].unique()) == CASES
    facts = read_all(serial, "facts")
    assert tuple(facts.columns) == FACTS
    assert (facts["seconds"] > 0).all()
    held = read_manifest(serial)
    assert (held["stamp"], held["settings"]["models"]) == ("retrospective", list(SETTINGS.models))


def test_what_came_and_what_was_left_out_stand_beside_them(serial: Path):
    came = pd.read_csv(serial / "resolutions.csv", keep_default_na=False)
    assert sorted(came["case"].unique()) == CASES
    inside = came[(came["kind"] == "inside") & (came["horizon_days"] == 30)].groupby("case").first()
    assert inside["rung"].tolist() == ["O2", "O3"]
    left = pd.read_csv(serial / "left_out.csv").set_index("case")["reason"]
    assert left["c2005"] == "begins before 2009-01-01"


def test_two_processes_give_the_same_files(made: Record, serial: Path, tmp_path: Path):
    backtest(made, tmp_path / "out", SETTINGS, workers=2)
    same(serial, tmp_path / "out")


def test_a_killed_run_is_finished_by_the_next_and_finished_cases_are_left_alone(
    made: Record, serial: Path, tmp_path: Path
):
    out = tmp_path / "out"
    paths = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "panel")]
    command = [sys.executable, "-c", RUN.format(paths=paths), str(made.path), str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if " of 1, " in line:
                running.send_signal(signal.SIGKILL)
                break
    kept = sorted(out.glob("forecasts/*.csv"))
    assert len(kept) == 1
    before = kept[0].stat().st_mtime_ns
    said: list[str] = []
    backtest(made, out, SETTINGS, progress=said.append)
    assert "1 parts to do" in said[0]
    assert kept[0].stat().st_mtime_ns == before
    same(serial, out)
    assert not list(out.glob("parts/*"))
    assert not list(out.rglob(".*"))


def test_a_finished_folder_is_not_run_again_and_another_backtest_is_refused(made: Record, serial: Path, tmp_path: Path):
    said: list[str] = []
    backtest(made, serial, SETTINGS, progress=said.append)
    assert "0 parts to do" in said[0]
    with pytest.raises(UsageError, match="another settings"):
        backtest(made, serial, Settings(first=dt.date(2008, 1, 1), models=SETTINGS.models))
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds no back-test"):
        backtest(made, tmp_path, SETTINGS)


def test_wrong_requests_are_refused(made: Record, tmp_path: Path):
    for settings, words in (
        (Settings(models=("crystal ball",)), "crystal ball"),
        (Settings(every=0), "from 1 up"),
        (Settings(variant="no-credebility"), "did you mean no-credibility"),
    ):
        with pytest.raises(UsageError, match=words):
            backtest(made, tmp_path / "out", settings)


def test_scores_are_published_in_the_form_of_the_other_benchmarks(serial: Path, tmp_path: Path):
    scores = publish([serial], tmp_path)
    assert list(scores.columns[: len(CONTEST)]) == list(CONTEST)
    assert set(scores["candidate"]) == set(SETTINGS.models)
    assert {"all origins, 7 days ahead", "inside crises, all horizons"} <= set(scores["task"])
    document = json.loads((tmp_path / "U.json").read_text(encoding="utf-8"))
    assert document["facts"]["cases"] == len(CASES)
    assert document["facts"]["left_out"] == {"begins before 2009-01-01": 9, NO_CHRONOLOGY: 1}
    page = filled("<!-- scores U -->\n<!-- end -->", tmp_path)
    assert "| 30 | climatology |" in page or "| 30 | Markov chain |" in page
    assert "| all | " in page
    assert (tmp_path / "U-scores.csv").exists()
    assert (tmp_path / "U-weights.csv").exists()


def test_the_benchmark_takes_a_finished_back_test_or_makes_that_of_past_crises(
    made: Record, serial: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.chdir(tmp_path)
    benchmark(serial, tmp_path / "scores", "all", 1, "")
    assert not (tmp_path / "backtest-U").exists()
    document = json.loads((tmp_path / "scores" / "U.json").read_text(encoding="utf-8"))
    assert document["code"] == read_manifest(serial)["code"]
    benchmark(made.path, tmp_path / "anew", "climatology,Markov chain", 1, "")
    settings = read_manifest(tmp_path / "backtest-U")["settings"]
    assert settings["cases"] == [f"c{year}" for year in range(2000, 2011)]
    assert (settings["every"], settings["most"], settings["before"]) == (28, 3, False)
    tasks = pd.read_csv(tmp_path / "anew" / "U-scores.csv")["task"]
    assert tasks.str.startswith("all origins").all()  # none lies before a crisis, so nothing is to be told apart


@pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="needs the extra dask")
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_files(made: Record, serial: Path, tmp_path: Path):
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        backtest(made, tmp_path / "out", SETTINGS, scheduler=cluster.scheduler_address)
    same(serial, tmp_path / "out")


def test_without_a_cluster_at_the_address_it_says_so(made: Record, tmp_path: Path):
    pytest.importorskip("distributed")
    with pytest.raises(UsageError, match="no Dask scheduler answers"):
        backtest(made, tmp_path / "out", SETTINGS, scheduler="tcp://127.0.0.1:9")


def same(one: Path, two: Path) -> None:
    for name in ("resolutions.csv", *(f"forecasts/{case}.csv" for case in CASES)):
        assert (one / name).read_bytes() == (two / name).read_bytes(), name
