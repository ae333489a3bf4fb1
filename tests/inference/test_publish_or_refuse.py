"""A quick run is archived and read back whole; a run that fails the gate is refused and writes nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from full_record import DAY, full_record

from forecast.errors import GateError
from forecast.inference.fit import Sampling, load_posterior
from forecast.publish import read_run
from forecast.record import read_record
from forecast.run import publish, run
from forecast.stages import Settings
from forecast.terms import LADDER

pytestmark = pytest.mark.slow


def test_a_quick_run_of_the_second_case_is_archived_and_read_back(tmp_path: Path):
    stages: list[str] = []
    settings = Settings(case="india-pakistan", period_days=30, quick=True)
    published = publish(None, settings, out=tmp_path, progress=lambda stage, _: stages.append(stage))
    assert published.folder.is_dir()
    back = read_run(published.folder)
    assert back.meta["case"] == "india-pakistan"
    assert back.meta["quick"]
    assert back.meta["period_days"] == 30
    ladder = published.forecast.ladder
    np.testing.assert_allclose(ladder.groupby("horizon_days")["probability"].sum(), 1.0, atol=1e-9)
    assert set(ladder["rung"]) == set(LADDER)
    assert (published.folder / "report.html").stat().st_size > 10_000
    assert (published.folder / "report.pdf").read_bytes().startswith(b"%PDF")
    assert published.folder.name in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert len(back.tables["history"]) == 4 * 8
    posterior = load_posterior(published.folder / "posterior.nc")
    assert posterior["posterior"].sizes["chain"] == 2
    assert posterior["panel"].attrs["case"] == "india-pakistan"
    for stage in ("check", "as-of", "panel", "fit", "simulate", "gate", "archive"):
        assert stage in stages


def small(tmp_path: Path) -> Path:
    return full_record(tmp_path / "record", reference="none").path


@pytest.fixture(autouse=True)
def _few_futures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forecast.stages.TOTAL_PATHS", 4000)


def test_too_few_draws_are_refused_and_no_forecast_is_archived(tmp_path: Path):
    folder, out = small(tmp_path), tmp_path / "forecasts"
    settings = Settings(as_of=DAY, sampling=Sampling(tune=60, draws=20, chains=2, attempts=1), horizons=(7, 30))
    with pytest.raises(GateError) as refused:
        publish(folder, settings, out=out)
    assert refused.value.exit_code == 3
    assert "ESS" in str(refused.value)
    assert "--attempts" in str(refused.value)
    assert not [path for path in out.rglob("*") if path.name in ("forecast.json", "posterior.nc", "report.html")]


def test_a_small_record_of_another_pair_runs_to_a_forecast(tmp_path: Path):
    settings = Settings(
        as_of=DAY, sampling=Sampling(tune=150, draws=60, chains=2, attempts=1, seed=3), horizons=(7, 30)
    )
    forecast, tree = run(read_record(small(tmp_path)), settings)
    assert forecast.meta["horizons"] == [7, 30]
    wide = forecast.ladder_wide()
    np.testing.assert_allclose(wide.sum(), 1.0, atol=1e-9)
    assert wide.loc["O6", 7] > 0.3  # both fight at the level of full war on the as-of day
    assert not forecast.passed
    assert tree["posterior"].sizes == {**tree["posterior"].sizes, "chain": 2, "draw": 60}
    assert np.isfinite(forecast.tables["parameters"][["mean", "sd"]]).all(axis=None)
