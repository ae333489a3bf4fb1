"""An archive becomes a hub that keeps the rules of the hubverse and loses no number; its own reader opens it."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from hub_rules import faults
from hubdata import connect_hub, connect_target_data
from hubdata.create_target_data_schema import TargetType

from forecast.errors import ArchiveError, UsageError
from forecast.evaluation.baselines import BASELINES
from forecast.evaluation.outside import OUTSIDE
from forecast.evaluation.pool import ENTRANTS, INSIDE
from forecast.hubverse import MODELS, Exported, export_hub
from forecast.publish import read_archive, write_run
from forecast.publish.hub_config import ABBREVIATION, LONGEST_METHODS, About, target_id
from forecast.record import read_record
from forecast.scorecard import PUBLISHED, scorecard

DAYS = ("2026-02-06", "2026-02-13")
LONG = "a-question-with-a-name-that-is-longer-than-thirty-characters"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from made_up_forecast import example_meta, example_tables

    out, meta, tables = tmp_path_factory.mktemp("archive"), example_meta(), example_tables()
    asked = tables["questions"]
    long = asked.assign(question_id=[LONG, *asked["question_id"].iloc[1:]])
    for day in DAYS:
        write_run(out, {**meta, "as_of": day}, {**tables, "questions": long})
    prospective = {**meta, "as_of": DAYS[0], "created": f"{DAYS[0]}T09:00:00+00:00", "stamp": "prospective"}
    write_run(out, prospective, {**tables, "questions": long})
    write_run(out, {**meta, "as_of": DAYS[0], "seed": 5, "quick": True}, tables)
    write_run(out, {**meta, "as_of": DAYS[0], "seed": 6, "gate_passed": False}, tables)
    write_run(out, {**meta, "case": "another"}, tables)
    return out


@pytest.fixture(scope="module")
def hub(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    about = About(team="mine", email="desk@example.org", repository="desk/hub")
    return export_hub(archive, tmp_path_factory.mktemp("hub") / "hub", about=about)


def rows_of_model(hub: Exported, model: str) -> pd.DataFrame:
    files = sorted((hub.folder / "model-output" / f"mine-{model}").iterdir())
    return pd.concat([pd.read_csv(file, keep_default_na=False) for file in files], ignore_index=True)


def test_it_keeps_the_rules(hub: Exported) -> None:
    assert faults(hub.folder) == []
    assert hub.rounds == DAYS
    assert "mine-published" in hub.models


def test_every_number_of_the_runs_that_count_is_in_it(hub: Exported, archive: Path) -> None:
    runs = pd.read_csv(hub.folder / "runs.csv")
    assert list(zip(runs["round"], runs["location"], runs["stamp"], strict=True)) == [
        (DAYS[1], "another", "retrospective"),
        (DAYS[0], "us-iran", "prospective"),
        (DAYS[1], "us-iran", "retrospective"),
    ]
    all_values = read_archive(archive)
    wanted = all_values[all_values["run_id"].isin(runs["run_id"]) & ~all_values["quick"].astype(bool)]
    wanted = wanted[wanted["case"].isin(runs["location"])].drop_duplicates(
        ["case", "as_of", "target", "horizon", "output_type_id"], keep="first"
    )
    mine = rows_of_model(hub, "published")
    assert len(mine) == len(wanted) > 100
    assert sorted(mine["value"].astype(float)) == sorted(wanted["value"].astype(float))
    assert f"question:{LONG}" in set(mine["target"])


def test_views_are_models_with_their_ladders(hub: Exported, tables) -> None:
    view = tables["baselines"].query("candidate == 'outside view'").set_index(["horizon_days", "rung"])["probability"]
    mine = rows_of_model(hub, "outside_view").query("reference_date == @DAYS[1] and location == 'us-iran'")
    found = mine.set_index(["horizon", "output_type_id"])["value"].astype(float)
    assert dict(found) == dict(view)
    assert len(hub.models) == 1 + tables["baselines"]["candidate"].nunique() + tables["pool"]["candidate"].nunique()


def test_what_came_is_what_the_scorecard_says(hub: Exported, archive: Path) -> None:
    came = pd.read_csv(hub.folder / "target-data" / "oracle-output.csv", keep_default_na=False)
    card = scorecard(archive, read_record(), "us-iran")
    told = card.windows.query("state == 'resolved' and candidate == @PUBLISHED")
    rungs = came.query("output_type == 'pmf' and oracle_value == 1.0")
    assert dict(rungs.set_index(["reference_date", "horizon"])["output_type_id"]) == {
        (str(row.as_of), row.horizon_days): row.rung for row in told.itertuples()
    }
    answered = card.questions.query("state == 'resolved'")
    assert (came["output_type"] == "mean").sum() == len(answered) > 0
    assert hub.resolved == len(told) + len(answered)
    assert hub.notes == (next(note for note in hub.notes if note.startswith("no target data for another: ")),)


def test_the_reader_of_the_hubverse_opens_it(hub: Exported) -> None:
    opened = connect_hub(str(hub.folder.resolve()))
    table = opened.to_table()
    assert table.num_rows == hub.rows
    kinds = {field.name: str(field.type) for field in table.schema}
    assert (kinds["reference_date"], kinds["horizon"], kinds["output_type_id"]) == ("date32[day]", "int32", "string")
    assert set(table["model_id"].to_pylist()) == set(hub.models)
    oracle = connect_target_data(str(hub.folder.resolve()), TargetType.ORACLE_OUTPUT).to_table()
    assert set(oracle["oracle_value"].to_pylist()) == {0.0, 1.0}


OUTPUT = "model-output/mine-climatology/*"
BREAKS = {
    "does not sum to 1": (OUTPUT, lambda t: re.sub(r",O1,[\d.]+", ",O1,0.0", t, count=1)),
    "holds a value twice": (OUTPUT, lambda t: t + t.splitlines()[-1] + "\n"),
    "holds rows of another round": (OUTPUT, lambda t: t.replace(*DAYS)),
    "all its categories": (OUTPUT, lambda t: "\n".join(t.splitlines()[:-1]) + "\n"),
    "has columns": (OUTPUT, lambda t: t.replace("location", "place", 1)),
    "target_keys are not": ("hub-config/tasks.json", lambda t: t.replace('"target": "ladder"', '"target": "steps"')),
    "'timezone' is a required": ("hub-config/admin.json", lambda t: t.replace('"timezone"', '"zone"')),
    "is too long": ("hub-config/tasks.json", lambda t: t.replace('_id": "ladder"', f'_id": "{"x" * 31}"')),
    "not those of its name": ("model-metadata/mine-climatology.yml", lambda t: t.replace("climatology", "other")),
    "other than 0 and 1": ("target-data/oracle-output.csv", lambda t: t.replace(",1.0\n", ",0.7\n", 1)),
}  # fmt: skip


@pytest.mark.parametrize(("telling", "broken"), BREAKS.items(), ids=BREAKS.keys())
def test_the_rules_find_what_breaks_them(hub: Exported, tmp_path: Path, telling: str, broken: tuple) -> None:
    pattern, change = broken
    for file in (path for path in hub.folder.rglob("*") if path.is_file()):
        copy = tmp_path / file.relative_to(hub.folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    file = sorted(tmp_path.glob(pattern))[0]
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    assert any(telling in fault for fault in faults(tmp_path)), faults(tmp_path)


def test_only_one_kind_of_forecast_can_be_asked_for(archive: Path, tmp_path: Path) -> None:
    only = export_hub(archive, tmp_path / "hub", stamp="prospective", case="us-iran")
    assert only.rounds == DAYS[:1]
    assert faults(only.folder) == []
    due = json.loads((only.folder / "hub-config" / "tasks.json").read_text(encoding="utf-8"))["rounds"][0]
    assert due["submissions_due"] == {"relative_to": "reference_date", "start": 0, "end": 1}


def test_every_candidate_has_an_abbreviation_of_its_own() -> None:
    assert {PUBLISHED, INSIDE, OUTSIDE, *ENTRANTS, *BASELINES} == set(MODELS)
    short = [abbr for abbr, _ in MODELS.values()]
    assert len(set(short)) == len(short)
    assert all(pd.Series(short).str.fullmatch(ABBREVIATION))
    assert all(len(methods) <= LONGEST_METHODS for _, methods in MODELS.values())
    assert len({target_id("x" * n) for n in range(1, 60)}) == 59


def test_refusals_say_the_way_out(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").touch()
    with pytest.raises(UsageError, match="in use; name a new one"):
        export_hub(archive, tmp_path / "used")
    with pytest.raises(ArchiveError, match="no such folder"):
        export_hub(tmp_path / "nowhere", tmp_path / "hub")
    with pytest.raises(ArchiveError, match="no prospective forecast of another"):
        export_hub(archive, tmp_path / "hub", stamp="prospective", case="another")
    for about in (About(team="a-b"), About(repository="no slash"), About(license="mine")):
        with pytest.raises(UsageError, match="--"):
            export_hub(archive, tmp_path / "hub", about=about)
    assert not (tmp_path / "hub").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["used"], "nothing is left behind"


def test_a_day_ahead_is_no_round_of_the_past(hub: Exported) -> None:
    ends = rows_of_model(hub, "published").query("target == 'ladder' and horizon == 30")["target_end_date"]
    assert set(ends) == {str(dt.date.fromisoformat(day) + dt.timedelta(days=30)) for day in DAYS}
