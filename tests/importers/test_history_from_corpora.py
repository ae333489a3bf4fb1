"""The published corpora, where they are present, teach a few numbers from the files to the summary and the priors."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forecast.errors import UsageError
from forecast.inference.fit import Sampling
from forecast.inference.pretrain import pretrain
from forecast.model.learned import history_text, read_history, with_history
from forecast.model.priors import read_priors


@pytest.mark.slow
@pytest.mark.corpora
def test_a_few_years_of_the_corpora_from_the_files_to_a_summary(corpora: Path, tmp_path: Path):
    short = Sampling(tune=150, draws=150, chains=2, attempts=1, seed=1)
    saved = []
    history = pretrain(corpora, [date(1950, 12, 31)], sampling=short, save=saved.append)
    assert saved == [history]
    (cut_off,) = history.cut_offs
    assert 20 < cut_off.episodes["MIE 1.0"] < 200
    assert {"mie/mie-1.0.csv", "icb/icb1v15.csv"} <= set(history.corpora)
    told = {one.label: one for one in cut_off.learned}
    location, scale = history.scalars["overt_intercept[challenger]"].prior
    assert told["overt_intercept[challenger]"].posterior[1] < scale
    assert abs(told["overt_intercept[challenger]"].posterior[0] - location) < 3 * scale
    (tmp_path / "learned.json").write_text(history_text(history), encoding="utf-8")
    assert read_history(tmp_path / "learned.json") == history
    assert pretrain(corpora, [date(1950, 12, 31)], sampling=short, earlier=history).cut_offs == history.cut_offs
    with pytest.raises(UsageError, match="other terms of the model"):
        pretrain(corpora, [], sampling=short, earlier=history.model_copy(update={"terms_hash": "0"}))
    assert with_history(read_priors(), history, 0.5, date(1951, 1, 1)) != read_priors()
