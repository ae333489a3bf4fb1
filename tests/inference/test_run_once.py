"""The same inputs, code, priors and seed are computed once; a refused forecast leaves the last good one current."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import xarray as xr
from full_record import DAY, full_record
from prior_trees import drawn, tree_of

from forecast.errors import GateError
from forecast.inference.fit import Sampling
from forecast.publish import list_runs
from forecast.record import Record
from forecast.run import publish
from forecast.stages import Settings, begin, key_of

QUICK = Settings(as_of=DAY, horizons=(7, 30), quick=True)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return full_record(tmp_path_factory.mktemp("once") / "record", reference="none")


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[Sampling]:
    """The settings of every fit that is asked for; each fit gives draws of the prior."""
    asked: list[Sampling] = []

    def fit(panel: xr.Dataset, _priors: object, sampling: Sampling, **_: object) -> xr.DataTree:
        asked.append(sampling)
        return tree_of(drawn(panel, draws=60, seed=1), panel)

    monkeypatch.setattr("forecast.run.compile_panel", lambda *_: SimpleNamespace(start=()))
    monkeypatch.setattr("forecast.run.fit", fit)
    monkeypatch.setattr("forecast.stages.QUICK_PATHS", 600)
    monkeypatch.setattr("forecast.stages.TOTAL_PATHS", 600)
    return asked


def test_a_second_run_with_the_same_key_gives_back_the_first(record: Record, fits: list[Sampling], tmp_path: Path):
    first = publish(record, QUICK, out=tmp_path)
    second = publish(record, QUICK, out=tmp_path)
    assert (first.computed, second.computed, len(fits)) == (True, False, 1)
    assert second.folder == first.folder
    assert second.forecast.meta["key"] == first.forecast.meta["key"]
    assert second.forecast.ladder.equals(first.forecast.ladder)
    assert publish(record, QUICK, out=tmp_path, again=True).computed
    assert len(fits) == 2
    assert list(list_runs(tmp_path)["state"]) == ["complete"] * 2


def test_the_key_changes_with_anything_that_a_forecast_follows_from(record: Record, monkeypatch: pytest.MonkeyPatch):
    def key(source: Record = record, settings: Settings = QUICK) -> str:
        return key_of(begin(source, settings, {}, lambda *_: None), settings)

    assert key() == key()
    keys = {
        key(),
        key(settings=replace(QUICK, sampling=Sampling(seed=3))),
        key(settings=replace(QUICK, prior_sets=False)),
        key(settings=replace(QUICK, what_if=False)),
        key(settings=replace(QUICK, history=0.5)),
        key(settings=replace(QUICK, as_of=DAY - dt.timedelta(days=7))),
        key(record.with_tables({**record.tables, "moves": record.moves.iloc[1:]})),
        key_of(begin(record, QUICK, {}, lambda *_: None), QUICK, base="another fit"),
    }
    monkeypatch.setattr("forecast.stages.code_hash", lambda: "another")
    assert len(keys | {key()}) == 9


def test_a_refused_run_is_tried_twice_and_told(record: Record, fits: list[Sampling], tmp_path: Path):
    settings = Settings(as_of=DAY, horizons=(7, 30), prior_sets=False, sampling=Sampling(seed=4))
    with pytest.raises(GateError, match="ESS"):
        publish(record, settings, out=tmp_path)
    assert [(s.seed, s.target_accept, s.tune / Sampling().tune) for s in fits] == [(4, 0.8, 1), (5, 0.95, 2)]
    assert list_runs(tmp_path).empty
    status = json.loads((tmp_path / "aaa-bbb" / "status.json").read_text(encoding="utf-8"))
    assert status["current"] is None
    assert status["refused"]["as_of"] == str(DAY)
    assert status["text"].startswith("No forecast has been published: the forecast as of 30 June 2024 was refused (")
