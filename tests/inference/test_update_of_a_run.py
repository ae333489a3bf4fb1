"""An update of an archived fit is a forecast of its own that names the fit, or is refused because a fit is due."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from full_record import DAY, full_record
from prior_trees import drawn, tree_of

from forecast.errors import FitDueError, UsageError
from forecast.inference.fit import Sampling, load_posterior
from forecast.inference.update import diagnosis_of
from forecast.look import look
from forecast.outlook.prior_sets import strike_chance
from forecast.publish import list_runs, read_run
from forecast.record import Record
from forecast.run import publish
from forecast.stages import Settings
from forecast.update import Newer, update

BEFORE = DAY - dt.timedelta(days=14)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return full_record(tmp_path_factory.mktemp("update") / "record", reference="none")


@pytest.fixture(scope="module")
def archived(record: Record, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with one run whose posterior is drawn from the prior, as a quick fit would leave it."""
    settings = Settings(as_of=BEFORE, horizons=(7, 30), sampling=Sampling(seed=5), quick=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("forecast.stages.QUICK_PATHS", 3000)
        patch.setattr("forecast.run.compile_panel", lambda *_: SimpleNamespace(start=()))
        patch.setattr("forecast.run.fit", lambda panel, *_, **__: tree_of(drawn(panel, draws=200, seed=1), panel))
        return publish(record, settings, out=tmp_path_factory.mktemp("archive")).folder


@pytest.fixture(autouse=True)
def _few_futures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forecast.stages.QUICK_PATHS", 3000)


def test_an_update_is_archived_beside_its_fit_and_names_it(record: Record, archived: Path, tmp_path: Path):
    made = update(record, archived, Newer(as_of=BEFORE), out=archived.parents[2])
    back = read_run(made.folder)
    assert back.meta["updated_from"] == archived.name
    assert back.meta["update"]["fitted_as_of"] == str(BEFORE)
    assert (back.meta["case"], back.meta["horizons"], back.meta["seed"]) == ("aaa-bbb", [7, 30], 1)
    assert back.meta["quick"], "an update of a quick run is no better than that run"
    assert diagnosis_of(load_posterior(made.folder / "posterior.nc")) is not None
    checks = list(back.tables["gate"]["check"])
    fit_checks = read_run(archived).tables["gate"]["check"]
    assert [c for c in checks if c.startswith("fit: ")] == [
        f"fit: {c}" for c in fit_checks if not c.startswith("posterior predictive")
    ]
    assert sum(c.startswith("update: ") for c in checks) == 4
    assert set(back.tables["questions"]["question_id"]) == set(read_run(archived).tables["questions"]["question_id"])
    assert "fast update of the fit as of" in (made.folder / "report.html").read_text(encoding="utf-8")
    document = json.loads((made.folder / "forecast.json").read_text(encoding="utf-8"))
    assert document["update"]["from"] == archived.name
    assert not update(record, archived, Newer(as_of=BEFORE), out=archived.parents[2]).computed, "nothing has changed"
    again = update(record, made.folder, Newer(as_of=BEFORE), out=tmp_path)
    assert again.forecast.meta["updated_from"] == archived.name, "an update of an update starts from the same fit"


def test_a_look_shows_the_ladder_of_the_update_and_writes_nothing(record: Record, archived: Path):
    there = sorted(archived.parents[1].rglob("*"))
    seen = look(record, archived, Newer(as_of=BEFORE))
    said: list[tuple[str, str]] = []
    made = update(
        record, archived, Newer(as_of=BEFORE, again=True), out=archived.parents[2] / "elsewhere",
        progress=lambda stage, text: said.append((stage, text)),
    )  # fmt: skip
    stages = [stage for stage, _ in said]
    assert stages.index("update") < stages.index("ladder") < stages.index("simulate"), "the ladder comes first"
    chance, usual = strike_chance(seen.ladder)[1], strike_chance(read_run(archived).tables["ladder"])[1]
    assert f"{chance:.2f} ({usual:.2f} in the fit)" in dict(said)["ladder"]
    gap = seen.ladder["probability"] - made.forecast.ladder["probability"]
    assert gap.abs().max() < 0.03  # of fewer futures
    assert (seen.ladder["before"] - read_run(archived).tables["ladder"]["probability"]).abs().max() == 0
    assert (seen.as_of, seen.fitted_as_of) == (str(BEFORE), str(BEFORE))
    assert sorted(archived.parents[1].rglob("*")) == there
    with pytest.raises(FitDueError, match="effective draws are left"):
        look(record, archived, Newer(as_of=DAY))


def test_where_the_draws_degenerate_a_fit_is_due_and_nothing_is_written(record: Record, archived: Path, tmp_path: Path):
    with pytest.raises(FitDueError, match="effective draws are left") as refused:  # prior draws know nothing of a war
        update(record, archived, Newer(as_of=DAY), out=tmp_path / "new")
    assert refused.value.exit_code == 5
    assert "forecast update --fit" in str(refused.value)
    assert not (tmp_path / "new").exists()


def test_on_request_the_fit_that_is_due_is_made(record: Record, archived: Path, monkeypatch: pytest.MonkeyPatch):
    asked: list[Settings] = []
    monkeypatch.setattr("forecast.update.publish", lambda _record, settings, **_: asked.append(settings))
    update(record, archived, Newer(as_of=DAY, fit=True))
    assert (asked[0].as_of, asked[0].case, asked[0].quick, asked[0].prior_sets) == (DAY, "aaa-bbb", True, True)


def test_draws_of_another_model_are_not_used(record: Record, archived: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("forecast.update.model_hash", lambda _priors: "another")
    with pytest.raises(FitDueError, match="code of the model has changed"):
        update(record, archived, Newer(as_of=BEFORE))


def test_without_a_fit_there_is_nothing_to_update(record: Record, archived: Path, monkeypatch: pytest.MonkeyPatch):
    out = archived.parents[2]
    assert list_runs(out)["quick"].all()
    with pytest.raises(UsageError, match="forecast run"):
        update(record, None, Newer(as_of=DAY), out=out)
    monkeypatch.setattr("forecast.update.publish", lambda _record, settings, **_: settings)
    assert update(record, None, Newer(as_of=DAY, fit=True), out=out) == Settings(as_of=DAY)
    with pytest.raises(UsageError, match="before the fit"):
        update(record, archived, Newer(as_of=BEFORE - dt.timedelta(days=7)), out=out)
