"""A refused forecast leaves the last good one current, and page and document say since when and why."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from forecast.publish import read_run, write_run
from forecast.publish.current import Refusal, read_status, write_current
from forecast.publish.index import index_page
from forecast.publish.summary import json_schema

WHY = "bulk ESS, parameters: 120, wanted >= 400 (overt_resolve); <sample> longer"


def refusal(as_of: str) -> Refusal:
    return Refusal.of(as_of, "2026-11-25T06:00:00+00:00", [WHY])


def page(out: Path) -> str:
    return (out / "us-iran" / "latest.html").read_text(encoding="utf-8")


def document(out: Path) -> dict:
    found = json.loads((out / "us-iran" / "latest.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, json_schema())
    return found


def test_a_good_forecast_is_current_without_a_warning(tmp_path, meta, tables) -> None:
    run = write_run(tmp_path, meta, tables)
    status = write_current(tmp_path, "us-iran")
    assert status["current"]["run_id"] == run.name
    assert status["refused"] is None
    assert "Not updated" not in page(tmp_path)
    assert document(tmp_path)["run_id"] == run.name


def test_after_a_refusal_the_last_good_forecast_stays_and_says_why(tmp_path, meta, tables) -> None:
    run = write_run(tmp_path, meta, tables)
    before = (run / "manifest.json").read_bytes()
    write_current(tmp_path, "us-iran", refusal("2026-02-20"))
    told = "Not updated since 13 February 2026: the forecast as of 20 February 2026 was refused (bulk ESS"
    assert told in page(tmp_path)
    assert "&lt;sample&gt;" in page(tmp_path)
    found = document(tmp_path)
    assert found["status"]["text"].startswith(told)
    assert found["status"]["refused"] == {
        "as_of": "2026-02-20", "created": "2026-11-25T06:00:00+00:00", "reasons": [WHY],
    }  # fmt: skip
    assert told in index_page(tmp_path)
    assert (run / "manifest.json").read_bytes() == before
    assert read_run(run).meta["as_of"] == "2026-02-13"


@pytest.mark.parametrize(("as_of", "stands"), [("2026-02-13", True), ("2026-01-31", False)])
def test_a_refusal_as_of_an_earlier_day_is_no_news(tmp_path, meta, tables, as_of, stands) -> None:
    write_run(tmp_path, meta, tables)
    assert (write_current(tmp_path, "us-iran", refusal(as_of))["refused"] is not None) == stands


def test_a_refusal_ends_with_the_next_good_forecast(tmp_path, meta, tables) -> None:
    write_run(tmp_path, meta, tables)
    write_current(tmp_path, "us-iran", refusal("2026-02-20"))
    write_run(tmp_path, {**meta, "as_of": "2026-02-14", "created": "2026-11-25T07:00:00+00:00"}, tables)
    assert write_current(tmp_path, "us-iran")["refused"] is not None, "it is older than what was refused"
    write_run(tmp_path, {**meta, "as_of": "2026-02-20", "created": "2026-11-25T08:00:00+00:00"}, tables)
    assert write_current(tmp_path, "us-iran")["refused"] is None
    assert "Not updated" not in page(tmp_path)


def test_before_the_first_forecast_there_is_no_page(tmp_path) -> None:
    status = write_current(tmp_path, "us-iran", refusal("2026-02-20"))
    assert status["text"].startswith("No forecast has been published: the forecast as of 20 February 2026 was refused")
    assert not (tmp_path / "us-iran" / "latest.html").exists()
    assert read_status(tmp_path, "us-iran") == status
    (tmp_path / "us-iran" / "status.json").write_text("{", encoding="utf-8")
    assert read_status(tmp_path, "us-iran") is None
