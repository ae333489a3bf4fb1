"""All forecasts of an archive come as one tidy frame by table, and as one labelled array of ladders."""

from __future__ import annotations

import pytest

from forecast.publish import write_run
from forecast.publish.collected import FACTS, archive_ladders, archive_table
from forecast.terms import LADDER


def test_a_table_of_all_runs_keeps_its_columns_behind_the_facts_of_the_run(tmp_path, meta, tables) -> None:
    days = ("2026-02-06", "2026-02-13")
    folders = [write_run(tmp_path, {**meta, "as_of": day}, tables) for day in days]
    found = archive_table(tmp_path, "questions")
    assert list(found) == [*FACTS, *tables["questions"]]
    assert list(dict.fromkeys(found["run_id"])) == [folder.name for folder in folders]
    assert len(found) == 2 * len(tables["questions"])
    assert archive_table(tmp_path, "questions", "another").empty
    assert list(archive_table(tmp_path, "treatments", "another"))[: len(FACTS)] == list(FACTS)


def test_ladders_are_labelled_and_the_last_of_a_day_counts(tmp_path, meta, tables) -> None:
    write_run(tmp_path, {**meta, "as_of": "2026-02-06"}, tables)
    write_run(tmp_path, {**meta, "as_of": "2026-02-06", "quick": True, "seed": 2}, tables)
    write_run(tmp_path, meta, tables)
    ladder = tables["ladder"].query("horizon_days <= 30")
    last = write_run(tmp_path, {**meta, "created": "2026-11-24T00:00:00+00:00"}, tables | {"ladder": ladder})
    found = archive_ladders(tmp_path, "us-iran")
    assert dict(found["probability"].sizes) == {"as_of": 2, "horizon_days": 4, "rung": 7}
    assert list(found["rung"].values) == list(LADDER)
    assert found["run_id"].sel(as_of="2026-02-13").item() == last.name
    values = found["probability"].sel(as_of="2026-02-13", horizon_days=30)
    mine = tables["ladder"].set_index(["horizon_days", "rung"])["probability"]
    assert values.sel(rung="O4").item() == pytest.approx(mine[30, "O4"])
    assert values.sum().item() == pytest.approx(1.0)
    assert found["probability"].sel(as_of="2026-02-13", horizon_days=90).isnull().all()
