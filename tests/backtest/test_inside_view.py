"""The model as a forecaster knows nothing later than the origin, repeats itself, and new rows move it like a fit."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_history import history

from forecast.evaluation.backtest import INSIDE, Settings, backtest
from forecast.evaluation.files import read_all
from forecast.evaluation.inside import Inside, inside_view
from forecast.evaluation.padding import sizes_for
from forecast.inference.fit import Sampling
from forecast.record import Record
from forecast.record.acts import pose

pytestmark = pytest.mark.slow
CASE, ONSET, LATER = "c2010", dt.date(2010, 3, 11), dt.date(2010, 3, 18)
HORIZONS = (7, 30)
SHORT = Sampling(tune=300, draws=300, chains=2, attempts=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return history(tmp_path_factory.mktemp("history"))


@pytest.fixture(scope="module")
def memo() -> dict:
    """Compiled models, which the tests share."""
    return {}


def view(made: Record, memo: dict, day: dt.date, **more: str) -> np.ndarray:
    settings = Inside(sampling=SHORT, sizes=sizes_for(made), **more)
    compiled = {key: value for key, value in memo.items() if key[0] == "compiled"}
    found = inside_view(settings, compiled)(pose(made, CASE, day), CASE, day, HORIZONS)
    memo.update({key: value for key, value in compiled.items() if key[0] in ("compiled", "fit facts")})
    return found


def test_it_gives_probabilities_and_repeats_itself(made: Record, memo: dict):
    one, two = view(made, memo, ONSET), view(made, memo, ONSET)
    np.testing.assert_array_equal(one, two)
    np.testing.assert_allclose(one.sum(axis=1), 1.0)
    assert (one > 0).all()
    fitted, rhat, ess, divergent, *_ = memo["fit facts", CASE, ONSET]
    assert fitted == ONSET.isoformat()
    assert rhat < 1.2
    assert ess > 20
    assert divergent < 0.1


def test_what_is_known_later_changes_nothing(made: Record, memo: dict):
    later = {
        name: frame[(frame["known_date"] <= pd.Timestamp(ONSET)) | (frame.index % 2 == 0)]
        for name, frame in made.tables.items()
    }
    np.testing.assert_array_equal(view(made, memo, ONSET), view(made.with_tables(later), memo, ONSET))


def test_new_rows_move_the_draws_about_as_a_fit_does(made: Record, memo: dict):
    updated = view(made, memo, LATER)
    assert memo["fit facts", CASE, LATER][0] in (ONSET.isoformat(), LATER.isoformat())
    fitted = view(made, memo, LATER, mode="refit")
    assert memo["fit facts", CASE, LATER][0] == LATER.isoformat()
    assert 0.5 * np.abs(updated - fitted).sum(axis=1).max() < 0.1


def test_a_backtest_archives_it_under_the_name_of_its_variant(made: Record, tmp_path: Path):
    settings = Settings(cases=(CASE,), first=ONSET, last=ONSET, horizons=HORIZONS, models=(INSIDE,),
                        variant="no-pooling")  # fmt: skip
    backtest(made, tmp_path / "out", settings)
    assert set(read_all(tmp_path / "out")["model_id"]) == {"inside view, no-pooling"}
    facts = read_all(tmp_path / "out", "facts")
    assert facts["fitted"].tolist() == [ONSET.isoformat()]
    assert facts["draws"].tolist() == [800]
