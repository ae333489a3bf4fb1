"""`forecast benchmark` runs on a file it has never seen, writes tables with provenance, refuses wrong requests."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up_events import made_up_events

from forecast.cli import main
from forecast.evaluation.benchmarks import confrontations, publish


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
    monkeypatch.setattr(confrontations, "reply_candidates", dict)
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


@pytest.mark.slow
@pytest.mark.parametrize("name", ["W", "S"])
def test_a_benchmark_runs_on_part_of_its_corpus(command, corpora: Path, tmp_path: Path, name: str):
    whole = pd.read_csv(corpora / publish.BENCHMARKS[name].file)
    whole.sample(frac=0.5, random_state=1).to_csv(tmp_path / "part.csv", index=False)
    assert command(name, "--data", "part.csv", "--out", "scores")[0] == 0
    assert (pd.read_csv(tmp_path / "scores" / f"{name}-scores.csv")["mean"] > 0).all()
