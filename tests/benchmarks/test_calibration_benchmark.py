"""`forecast benchmark K` judges ranks: the shipped ones reach the bar, ranks that lean or are too few miss it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.cli import main
from forecast.errors import UsageError
from forecast.evaluation.benchmarks.contest import COLUMNS
from forecast.evaluation.benchmarks.page import filled
from forecast.evaluation.sbc import KEPT, model_hash, read_certificate, uniformity
from forecast.evaluation.sbc_benchmark import BATCH, FOLDER, publish, read_ranks, verdict

SHIPPED = Path(__file__).resolve().parents[2] / "docs/evidence/sbc-ranks.csv.gz"


def drawn(simulations: int, *, leaning: float = 1.0, quantities: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    chance = rng.beta(leaning, 1.0, (simulations, quantities))
    table = pd.DataFrame(rng.binomial(KEPT, chance), columns=[f"q{k}" for k in range(quantities)])
    return table.assign(divergent=0.0, rhat=1.0).rename_axis("simulation")


def test_the_shipped_ranks_reach_the_bar(monkeypatch: pytest.MonkeyPatch, capsys, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["forecast", "benchmark", "K", "--data", str(SHIPPED), "--out", "scores"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code
    assert "the bar is reached" in capsys.readouterr().err
    document = json.loads((tmp_path / "scores" / "K.json").read_text(encoding="utf-8"))
    assert document["facts"]["reached"]
    assert not document["facts"]["simulated"]
    assert document["facts"]["model"]
    assert document["facts"]["present_model"] == (document["facts"]["model"] == model_hash())
    assert {"commit", "changed"} == set(document["code"])
    scores = pd.read_csv(tmp_path / "scores" / "K-scores.csv")
    assert list(scores.columns[: len(COLUMNS)]) == list(COLUMNS)
    tests = pd.read_csv(tmp_path / "scores" / "K-uniformity.csv")
    assert scores["mean"].tolist()[2:] == pytest.approx(tests[["cover_50", "cover_80", "cover_95"]].mean().tolist())
    page = filled("<!-- scores K -->\n<!-- end -->", tmp_path / "scores")
    assert f"| simulations | {read_certificate()['simulations']:,} | at least 1000 | yes |" in page


def test_ranks_that_lean_or_are_too_few_miss_it():
    good = verdict(drawn(1000)).set_index("task")
    assert good["reached"].all()
    leaning = verdict(drawn(1000, leaning=1.5)).set_index("task")
    assert not leaning.loc["rank tests", "reached"]
    few = verdict(drawn(60)).set_index("task")
    assert not few.loc["simulations", "reached"]
    over = drawn(1000)
    ranks = over.columns.drop(["divergent", "rhat"])
    over[ranks] = (KEPT / 2 + (over[ranks] - KEPT / 2) / 2).round().astype(int)
    wide = verdict(over).set_index("task")
    assert float(wide["mean"].tolist()[3]) > 0.95
    assert not wide.loc["coverage of 80% intervals", "reached"]


def test_a_folder_of_one_study_is_judged_and_of_two_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def study(folder: Path, *, simulations: int, **_: object) -> None:
        assert simulations == 2 * BATCH
        folder.mkdir(parents=True)
        for start in (0, BATCH):
            part = drawn(BATCH).set_index(pd.RangeIndex(start, start + BATCH, name="simulation"))
            part.to_csv(folder / f"ranks-{model_hash()[:12]}-{start:05d}.csv")

    monkeypatch.setattr("forecast.evaluation.sbc.run", study)
    scores = publish(None, tmp_path, simulations=BATCH + 5)
    assert scores["clusters"].unique().tolist() == [BATCH + 5]
    facts = json.loads((tmp_path / "K.json").read_text(encoding="utf-8"))["facts"]
    assert facts["simulated"]
    assert facts["present_model"]
    assert len(read_ranks(tmp_path / FOLDER).table) == 2 * BATCH
    drawn(BATCH).to_csv(tmp_path / FOLDER / "ranks-0123456789ab-00000.csv")
    with pytest.raises(UsageError, match="ranks of 2 models"):
        read_ranks(tmp_path / FOLDER)


def test_other_files_are_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_ranks(tmp_path / "nothing.csv")
    with pytest.raises(UsageError, match="no file ranks"):
        read_ranks(tmp_path)
    file = tmp_path / "ranks.csv"
    drawn(30).drop(columns="rhat").to_csv(file)
    with pytest.raises(UsageError, match="lacks column rhat"):
        read_ranks(file)
    drawn(30).assign(q3=KEPT + 1).to_csv(file)
    with pytest.raises(UsageError, match="column q3"):
        read_ranks(file)
    pd.concat([drawn(30), drawn(30)]).to_csv(file)
    with pytest.raises(UsageError, match="simulation 0 stands twice"):
        read_ranks(file)


def test_the_judgement_is_that_of_the_study():
    table = drawn(400)
    found, tests = verdict(table).set_index("task"), uniformity(table)
    assert found.loc["rank tests", "mean"] == tests["p_holm"].min()
    assert found.loc["coverage of 50% intervals", "mean"] == pytest.approx(tests["cover_50"].mean())
