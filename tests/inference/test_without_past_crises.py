"""A case without any past crisis beside it is forecast whole: other priors, scenarios, and what moved since."""

from __future__ import annotations

from pathlib import Path

import pytest
from full_record import ALL, CALM, DAY, case_moves
from hand_made import CASE, coverage, record

from forecast.inference import gate
from forecast.inference.fit import Sampling
from forecast.run import publish
from forecast.stages import Settings
from forecast.update import Newer, update

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few futures, and a gate that few draws pass: whether the numbers may be published is not asked here."""
    monkeypatch.setattr("forecast.stages.TOTAL_PATHS", 4000)
    for name, value in (("RHAT", 9.0), ("ESS", 1), ("PREDICTIVE", (0.0, 1.0)), ("DIVERGENT_SHARE", 1.0)):
        monkeypatch.setattr(gate, name, value)


def test_two_runs_of_it_are_archived_with_all_their_tables(tmp_path: Path):
    alone = record(
        tmp_path / "record",
        moves=case_moves(),
        covered=[coverage(CASE, "2024-01-01", density="regular", observes=ALL)],
        only=True,
        reference="none",
    )
    short = Sampling(tune=100, draws=100, chains=2, attempts=1)
    for day in (CALM, DAY):
        made = publish(alone.path, Settings(as_of=day, sampling=short, horizons=(7, 30)), out=tmp_path / "out")
        assert made.computed
    later = update(alone.path, made.folder, Newer(as_of=DAY, again=True), out=tmp_path / "out")
    assert later.forecast.meta["updated_from"] == made.folder.name
    tables = made.forecast.tables
    assert {"prior_range", "concessions", "next_moves", "movers"} <= set(tables)
    movers = tables["movers"]
    at = movers[movers["name"] == "p_strike"].groupby("horizon_days")
    assert (at["difference"].sum() - at["now"].first() + at["before"].first()).abs().max() < 1e-9
    assert {"time", "new"} <= set(movers["kind"])
