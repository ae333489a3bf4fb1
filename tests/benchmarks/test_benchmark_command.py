"""`forecast benchmark` runs on a file it has never seen, writes tables with provenance, refuses wrong requests."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up_crises import made_up_files, write_files
from made_up_events import made_up_events

from forecast.cli import main
from forecast.evaluation.baselines import BASELINES
from forecast.evaluation.benchmarks import confrontations, contest, publish, violence
from forecast.evaluation.benchmarks.page import filled


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["forecast", "benchmark", *words])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, "".join(capsys.readouterr())

    return call


def test_wrong_requests_are_told_the_way_out(command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("FORECAST_CORPORA", str(tmp_path / "nowhere"))
    code, said = command("W")
    assert code == 2
    assert "FORECAST_CORPORA" in said
    assert command("X")[0] == 2
    (tmp_path / "empty.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    for name in publish.BENCHMARKS:
        code, said = command(name, "--data", "empty.csv")
        assert code == 2
        assert "column" in said


def test_tables_and_provenance_are_written(command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(confrontations, "HORIZONS", ())
    monkeypatch.setattr(confrontations, "reply_candidates", lambda _found: {})
    monkeypatch.setattr(confrontations, "REPLY_POOLS", {})
    made_up_events(16).to_csv(tmp_path / "new.csv", index=False)
    code, said = command("M", "--data", "new.csv", "--out", "scores")
    assert code == 0, said
    scores = pd.read_csv(tmp_path / "scores" / "M-scores.csv")
    assert set(scores["candidate"]) >= {"climatology", "gradient boosting"}
    assert np.isfinite(scores["mean"]).all()
    document = json.loads((tmp_path / "scores" / "M.json").read_text(encoding="utf-8"))
    assert len(document["data"]["sha256"]) == 64
    assert {"commit", "changed"} == set(document["code"])
    assert len(document["scores"]) == len(scores)


def test_crises_after_2002_are_scored_apart_and_a_task_is_chosen_by_its_first_word(
    command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    few = {name: fit for name, fit in violence.candidates().items() if name.startswith("kernel")}
    monkeypatch.setattr(violence, "candidates", lambda: few)
    monkeypatch.setattr(violence, "POOLS", {"equal pool": violence.Pool("equal", tuple(few))})
    simple = {name: BASELINES[name] for name in ("climatology", "Markov chain")}
    monkeypatch.setattr(publish, "Bout", partial(publish.Bout, baselines=simple))
    write_files(made_up_files(60, first=1955, last=2012), tmp_path)
    assert command("I", "--data", ".", "--task", "I2", "--out", "scores")[0] == 0
    scores = pd.read_csv(tmp_path / "scores" / "I-scores.csv")
    name = violence.NAMES["I2"]
    assert scores["task"].unique().tolist() == [name + part.suffix for part in contest.parts(1979, 2002, 2012)]
    assert set(scores["candidate"]) >= {"climatology", "kernel logit", "kernel logit, renewed", "equal pool"}
    assert np.isfinite(scores["mean"]).all()
    document = json.loads((tmp_path / "scores" / "I.json").read_text(encoding="utf-8"))
    assert document["facts"]["crises"]["later"] > 5
    assert not document["facts"]["states"]
    assert len(document["facts"]["files"]) == 4


def test_tasks_of_earlier_runs_are_kept_with_their_day(command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(confrontations, "HORIZONS", (1,))
    few = {name: BASELINES[name] for name in ("climatology", "Markov chain")}

    def simple(path: Path) -> tuple[dict, list[publish.Bout]]:
        facts, bouts = publish.prepare_confrontations(path)
        return facts, [bout._replace(candidates={}, pools={}, baselines=few) for bout in bouts]

    monkeypatch.setitem(publish.BENCHMARKS, "M", publish.BENCHMARKS["M"]._replace(prepare=simple))
    made_up_events(16).to_csv(tmp_path / "new.csv", index=False)
    file = tmp_path / "scores" / "M.json"

    def run(task: str) -> tuple[dict, pd.DataFrame]:
        code, said = command("M", "--data", "new.csv", "--out", "scores", "--task", task)
        assert code == 0, said
        document = json.loads(file.read_text(encoding="utf-8"))
        scores = pd.read_csv(tmp_path / "scores" / "M-scores.csv")
        assert len(scores) == len(document["scores"])
        return document, scores

    run("joint")
    first = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(first | {"began": "2001-01-01T00:00:00+00:00"}), encoding="utf-8")
    document, scores = run("M2")
    assert scores["task"].unique().tolist() == ["M2 reply", "M1 joint, next week"]
    assert [run["tasks"] for run in document["earlier"]] == [["M1 joint, next week"]]
    assert document["earlier"][0]["began"].startswith("2001")
    document, scores = run("M1 next week")
    assert scores["task"].unique().tolist() == ["M2 reply", "M1 next week", "M1 joint, next week"]
    assert [run["tasks"] for run in document["earlier"]] == [["M2 reply"], ["M1 joint, next week"]]
    document, _ = run("M1 joint")
    assert [run["tasks"] for run in document["earlier"]] == [["M1 next week"], ["M2 reply"]]
    page = filled("<!-- scores M -->\n<!-- end -->", tmp_path / "scores")
    assert "From an earlier run, commit" in page
    made_up_events(18).to_csv(tmp_path / "new.csv", index=False)
    code, said = command("M", "--data", "new.csv", "--out", "scores", "--task", "M2")
    assert code == 2
    assert "other data" in said


@pytest.mark.slow
@pytest.mark.parametrize(("name", "task"), [("W", "forward"), ("S", "last")])
def test_a_benchmark_runs_on_part_of_its_corpus(command, corpora: Path, tmp_path: Path, name: str, task: str):
    whole = pd.read_csv(corpora / publish.BENCHMARKS[name].file)
    whole.sample(frac=0.5, random_state=1).to_csv(tmp_path / "part.csv", index=False)
    assert command(name, "--task", task, "--data", "part.csv", "--out", "scores")[0] == 0
    assert (pd.read_csv(tmp_path / "scores" / f"{name}-scores.csv")["mean"] > 0).all()
