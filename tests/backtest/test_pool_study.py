"""Folders of back-tests become pooled forecasts, paired scores and a file of weights that a forecast can use."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_history import history

from forecast.errors import UsageError
from forecast.evaluation.backtest import COLUMNS, Settings, backtest
from forecast.evaluation.files import read_all
from forecast.evaluation.ladder_benchmark import load
from forecast.evaluation.pool import ENTRANTS, FEWEST, INSIDE
from forecast.evaluation.pool_file import document, read_weights
from forecast.evaluation.pool_study import PUBLISHED, SCORE_COLUMNS, Study, pool_study
from forecast.record import Record
from forecast.terms import LADDER

FIRST = dt.date(2003, 1, 1)
MODELS = ("climatology", "Markov chain")
LACKING = "c2017"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return history(tmp_path_factory.mktemp("record"), 22)


@pytest.fixture(scope="module")
def folders(made: Record, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A back-test of two baselines, and beside it an inside view that knows nothing and lacks one case."""
    place = tmp_path_factory.mktemp("backtests")
    others, inside = place / "others", place / "inside"
    backtest(made, others, Settings(first=FIRST, horizons=(7, 30), models=MODELS))
    (inside / "forecasts").mkdir(parents=True)
    for name in ("backtest.json", "resolutions.csv"):
        shutil.copy(others / name, inside / name)
    table = read_all(others)
    table = table[(table["model_id"] == "climatology") & (table["location"] != LACKING)]
    table = table.assign(model_id=INSIDE, value=1 / len(LADDER))
    table.to_csv(inside / "forecasts" / "all.csv", index=False)
    return [inside, others]


@pytest.fixture(scope="module")
def study(folders: list[Path], made: Record) -> Study:
    return pool_study(folders, made)


def test_origins_that_lack_a_member_are_left_out(study: Study, folders: list[Path]):
    forecasts = read_all(folders[1])
    lacking = forecasts[forecasts["location"] == LACKING]
    assert study.left_out == lacking["reference_date"].nunique() > 0
    assert set(study.parts.members) == {INSIDE, *MODELS}
    assert LACKING not in set(study.parts.rows["case"])


def test_weights_go_where_skill_is_and_read_back(study: Study, folders: list[Path]):
    found = read_weights(folders[0] / "pool_weights.json")
    assert document(found) == document(study.weights)
    assert found.made_from["origins"] == len(study.parts.rows)
    last = found.entries[-1]
    assert last.stories >= FEWEST
    inside = found.members.index(INSIDE)
    assert last.weights["linear"][inside] == last.weights["linear"].min()
    assert last.best in ENTRANTS
    assert last.difference < 0
    first = next(entry for entry in found.entries if entry.stories >= FEWEST)
    assert all(entry.published == INSIDE for entry in found.entries if entry.day < first.day)


def test_scores_hold_pools_against_every_member(study: Study):
    scores = study.scores
    assert tuple(scores.columns) == SCORE_COLUMNS
    every = scores[(scores["horizon_days"] == 0) & (scores["score"] == "log")].set_index(["candidate", "reference"])
    assert {(name, other) for name in ENTRANTS for other in study.parts.members} <= set(every.index)
    assert (ENTRANTS[2], ENTRANTS[0]) in every.index
    assert every.loc[(INSIDE, INSIDE), "difference"] == 0
    assert every.loc[(INSIDE, INSIDE), "mean"] == pytest.approx(np.log(len(LADDER)))
    gap = every.loc[(ENTRANTS[0], "climatology")]
    assert gap["difference"] == pytest.approx(gap["mean"] - every.loc[("climatology", INSIDE), "mean"])
    assert gap["difference_low"] <= gap["difference"] <= gap["difference_high"]
    assert every.loc[(PUBLISHED, INSIDE), "difference"] <= 0


def test_pooled_forecasts_are_scored_with_the_others(study: Study, folders: list[Path]):
    pools = pd.read_csv(folders[0] / "forecasts" / "pools.csv")
    assert tuple(pools.columns) == COLUMNS
    assert len(pools) == study.walk.pooled.size
    assert set(load(folders).chances) == {INSIDE, *MODELS, *ENTRANTS}


def test_a_second_call_does_not_pool_pools(study: Study, folders: list[Path], made: Record):
    again = pool_study(folders, made)
    assert document(again.weights) == document(study.weights)


def test_another_record_and_disjoint_folders_are_refused(folders: list[Path], made: Record, tmp_path: Path):
    other = tmp_path / "other"
    shutil.copytree(folders[1], other)
    manifest = json.loads((other / "backtest.json").read_text(encoding="utf-8"))
    (other / "backtest.json").write_text(json.dumps(manifest | {"record_hash": "ab" * 32}), encoding="utf-8")
    with pytest.raises(UsageError, match=r"another record.*--record"):
        pool_study([folders[1], other], made)
    with pytest.raises(UsageError, match=r"no origin was forecast by each of .*inside view.* once"):
        pool_study([folders[1], folders[0], folders[0]], made)
