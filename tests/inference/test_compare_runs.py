"""Two archived runs are compared from what the archive holds; what is missing is named, and wrong pairs are refused."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from full_record import full_record
from hand_made import CASE
from prior_trees import drawn, tree_of

import forecast
from forecast.cli import main
from forecast.errors import UsageError
from forecast.evaluation.sbc import model_hash
from forecast.inference.carry import priors_of
from forecast.inference.fit import save_posterior
from forecast.inference.reweight import Weights
from forecast.movers import movers_since_last
from forecast.outlook import parts as module
from forecast.outlook.explain import signal_table
from forecast.outlook.forecast import Forecast, paths_ahead
from forecast.outlook.ladder import first_events
from forecast.outlook.outcomes import ladder_table, quantity_table
from forecast.publish import list_runs, read_run, render_report, write_run
from forecast.publish.manifest import THINNED
from forecast.record import Record, as_of
from forecast.record.panel import build_panel

sys.path.append(str(Path(__file__).parents[1] / "publish"))
from made_up_forecast import example_meta, example_tables

EARLY, LATE, SEED, PATHS = dt.date(2024, 5, 10), dt.date(2024, 5, 31), 3, 2000


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return full_record(tmp_path_factory.mktemp("compared") / "record", reference="none")


def made(record: Record, day: dt.date, seed: int) -> tuple[Forecast, object]:
    """A forecast from draws of the prior, with made-up tables beside those that a comparison reads."""
    panel = build_panel(record, day)
    tree = tree_of(drawn(panel, draws=80, seed=seed), panel)
    paths = paths_ahead(tree, days=30, seed=SEED, total=PATHS)
    events = first_events(paths)
    tables = example_tables() | {
        "ladder": ladder_table(events, (7, 30)),
        "quantities": quantity_table(paths, events, ("A", "B"), (7, 30)),
        "signals": signal_table(as_of(record, day), CASE, dt.date(2024, 1, 1)),
    }
    meta = example_meta() | {
        "case": CASE, "as_of": day.isoformat(), "horizons": [7, 30], "seed": SEED, "prior_hash": "these",
        "model_hash": model_hash(priors_of(tree)), "information_cutoff": day.isoformat(),
        "created": f"{day}T12:00:00+00:00", "published": "inside view",
    }  # fmt: skip
    return Forecast(meta, tables), tree


@pytest.fixture(scope="module")
def runs(record: Record, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    out, folders = tmp_path_factory.mktemp("archive"), []
    for day, seed in ((EARLY, 2), (LATE, 7)):
        one, tree = made(record, day, seed)
        kept = {"posterior.nc": lambda path, tree=tree: save_posterior(tree, path)}
        folders.append(write_run(out, one.meta, one.tables, extra_files=kept))
    return folders


@pytest.fixture(autouse=True)
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eighty draws of a prior are no posterior."""
    monkeypatch.setattr(Weights, "trusted", property(lambda self: True))
    monkeypatch.setattr(module, "KHAT", np.inf)
    monkeypatch.setattr(module, "LEAST_PARTICLES", 0.0)


def test_the_parts_add_up_to_what_the_archive_says(record: Record, runs: list[Path]):
    found = forecast.compare(*runs, record=record, total_paths=PATHS)
    table = found.to_dataframe()
    assert {"time", "refit", "new"} <= set(table["kind"])
    before, now = (read_run(run).tables["ladder"].set_index(["horizon_days", "rung"])["probability"] for run in runs)
    summed = table[table["name"] != "p_strike"].groupby(["horizon_days", "name"])["difference"].sum()
    np.testing.assert_allclose(summed, (now - before).reindex(summed.index), atol=1e-12)
    overt = read_run(runs[1]).tables["quantities"].query("name == 'p_strike'").set_index("horizon_days")["probability"]
    mine = table[table["name"] == "p_strike"].drop_duplicates("horizon_days").set_index("horizon_days")["now"]
    np.testing.assert_allclose(mine, overt.reindex(mine.index), atol=1e-12)
    page = found._repr_html_()
    assert "had nothing new been reported" in page
    assert "in all" in page
    assert found.meta["before"]["as_of"] == EARLY.isoformat()
    assert list(found.wide(7).columns[-1:]) == ["p_strike"]


def test_the_same_run_twice_gives_zeros(record: Record, runs: list[Path]):
    assert not forecast.compare(runs[1], runs[1], record=record, total_paths=PATHS).to_dataframe()["difference"].any()


def test_a_posterior_that_was_given_up_is_named(record: Record, runs: list[Path], tmp_path: Path):
    archive = tmp_path / "archive"
    shutil.copytree(runs[0].parents[1], archive)
    early = archive / CASE / runs[0].name
    give_up(early)
    table = forecast.compare(early, archive / CASE / runs[1].name, record=record, total_paths=PATHS).to_dataframe()
    assert set(table["kind"]) == {"unsplit", "new", "interplay"}
    note = table.loc[table["kind"] == "unsplit", "note"].iloc[0]
    assert f"its posterior is not kept ({runs[0].name})" in note


def give_up(folder: Path) -> None:
    """What `forecast thin` leaves of a run."""
    (folder / "posterior.nc").unlink()
    (folder / THINNED).write_text("{}\n", encoding="utf-8")


def test_draws_of_another_model_are_not_used(record: Record, runs: list[Path], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("forecast.movers.model_hash", lambda _priors: "another")
    table = forecast.compare(*runs, record=record).to_dataframe()
    assert set(table["kind"]) == {"unsplit"}
    assert "another model version" in table["note"].iloc[0]


def test_wrong_pairs_are_refused(record: Record, runs: list[Path], tmp_path: Path):
    with pytest.raises(UsageError, match="name the earlier first"):
        forecast.compare(runs[1], runs[0], record=record)
    other = write_run(tmp_path, example_meta(), example_tables())
    with pytest.raises(UsageError, match=r"is a forecast of aaa-bbb, .* of us-iran"):
        forecast.compare(runs[0], other, record=record)
    meta = dict(read_run(runs[1]).meta) | {"created": "2024-06-01T00:00:00+00:00"}
    tables = dict(read_run(runs[1]).tables)
    tables["ladder"] = tables["ladder"].assign(horizon_days=tables["ladder"]["horizon_days"] + 1)
    with pytest.raises(UsageError, match="no horizon in common"):
        forecast.compare(runs[0], write_run(tmp_path, meta, tables), record=record)


def test_a_run_compares_itself_with_the_last_one_and_shows_it(record: Record, runs: list[Path]):
    now, tree = made(record, LATE, 9)
    now = replace(now, meta=now.meta | {"created": "2024-06-03T00:00:00+00:00"})
    now.tables["gate"]["passed"] = True
    out = runs[0].parents[1]
    told = movers_since_last(now, tree, record, out)
    assert told.meta["movers_since"] == runs[1].name
    assert {"time", "refit"} == set(told.tables["movers"]["kind"])
    assert "compare" in told.meta["wall_seconds"]
    page = render_report(told.meta, told.tables, read_run(runs[1]))
    assert "What moved the chance of an overt strike" in page
    quick = replace(now, meta=now.meta | {"quick": True})
    assert "movers" not in movers_since_last(quick, tree, record, out).tables
    assert "movers" not in movers_since_last(now, tree, record, out / "empty").tables
    assert len(list_runs(out)) == 2


def test_the_verb_writes_table_report_and_json(
    record: Record,
    runs: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    words = ["forecast", "compare", *map(str, runs), "--record", str(record.path), "--out", str(tmp_path / "moved.csv"),
             "--report", str(tmp_path / "page.html"), "--json", "-"]  # fmt: skip
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as stop:
        main()
    told = json.loads(capsys.readouterr().out)
    assert stop.value.code == 0
    assert told["after"]["run_id"] == runs[1].name
    assert {row["kind"] for row in told["movers"]} >= {"time", "new"}
    assert (tmp_path / "moved.csv").read_text(encoding="utf-8").startswith("horizon_days,name,part,kind")
    assert 'id="fig-movers-t"' in (tmp_path / "page.html").read_text(encoding="utf-8")
    monkeypatch.setattr(sys, "argv", [*words[:6], "--horizon", "12"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
