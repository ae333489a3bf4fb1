"""The JSON document follows its schema, the page of formats is current, and the terminal shows the same numbers."""

from __future__ import annotations

import datetime as dt
import json
import re
from io import StringIO
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from rich.console import Console

from forecast.errors import ArchiveError
from forecast.publish import json_document, look_summary, run_id, terminal_summary, write_run
from forecast.publish.schema_page import schema_page
from forecast.publish.summary import json_schema
from forecast.publish.wording import percent

ROOT = Path(__file__).parents[2]


def valid(document: object) -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.FormatChecker()
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(document)


def test_document_follows_its_schema(meta, tables) -> None:
    document = json.loads(json.dumps(json_document(meta, tables), allow_nan=False))
    valid(document)
    assert document["run_id"] == run_id(meta)
    window = document["horizons"][1]
    assert (window["days"], window["until"]) == (30, "2026-03-15")
    assert sum(rung["probability"] for rung in window["ladder"]) == pytest.approx(1)
    assert window["quantities"][0]["name"] == "p_strike"
    assert document["questions"][0]["question_id"] == "strike-a-30"


def test_document_takes_dates_numpy_values_and_gaps(meta, tables) -> None:
    odd = {
        **meta,
        "as_of": dt.date(2026, 2, 13),
        "information_cutoff": np.datetime64("2026-02-12"),
        "seed": np.int64(3),
    }
    del odd["commit"]
    few = {name: tables[name] for name in ("ladder", "quantities", "gate", "basis")}
    few["ladder"] = few["ladder"].assign(mcse=np.nan)
    few["quantities"] = few["quantities"].copy()
    few["quantities"].loc[few["quantities"]["name"] == "runaway", ["probability", "low", "high", "mcse"]] = np.nan
    document = json_document(odd, few)
    valid(document)
    assert document["questions"] == []
    assert document["provenance"]["commit"] is None
    assert document["horizons"][0]["ladder"][0]["mcse"] is None
    assert document["horizons"][0]["quantities"][-1]["probability"] is None


def test_schema_refuses_what_is_not_a_forecast(meta, tables) -> None:
    document = json_document(meta, tables)
    for broken in ({**document, "more": 1}, {**document, "stamp": "maybe"}, {**document, "horizons": []}):
        with pytest.raises(jsonschema.ValidationError):
            valid(broken)
    with pytest.raises(ArchiveError, match="sum to"):
        json_document(meta, {**tables, "ladder": tables["ladder"].assign(probability=0.5)})


def test_schema_page_is_current() -> None:
    page = (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")
    assert page == schema_page(), "run: python -m forecast.publish.schema_page"


def shown(meta, tables, **options) -> str:
    stream = StringIO()
    Console(file=stream, width=80, color_system=None).print(terminal_summary(meta, tables, **options))
    return stream.getvalue().replace("\u00a0", " ")


def test_terminal_shows_ladder_stamps_and_places(tmp_path, meta, tables) -> None:
    path = write_run(tmp_path, meta, tables, extra_files={"report.html": "x"})
    text = shown({**meta, "title": "[bold]A – B[/bold] [/x]"}, tables, folder=path)
    assert "[bold]A – B[/bold] [/x]" in text
    for row in tables["ladder"].to_dict("records"):
        assert percent(row["probability"], row["mcse"]).replace("\u00a0", " ") in text
    flat = re.sub(r"\s+", "", text)
    assert f"Report:{path}/report.html" in flat
    assert "all 7 passed" in text
    assert "…" not in text
    assert "12February2026(1daybeforetheas-ofday),retrospective" in flat


def test_terminal_says_what_is_wrong(meta, tables) -> None:
    gate = tables["gate"].assign(passed=[False] + [True] * 6)
    text = shown({**meta, "quick": True, "gate_passed": False}, {**tables, "gate": gate})
    assert "FAILED: R-hat, parameters" in text
    assert "not for publication" in text
    assert "Not archived" in text


def test_a_look_prints_the_change_of_each_rung_since_the_fit(tables) -> None:
    ladder = tables["ladder"].assign(before=tables["ladder"]["probability"] - 0.031)
    stream = StringIO()
    Console(file=stream, width=80, color_system=None).print(look_summary("A – B", "2026-03-01", "2026-02-20", ladder))
    text = stream.getvalue().replace("\u00a0", " ")
    assert "…" not in text, "every cell fits into 80 columns"
    assert "the fit as of 20 February 2026" in text
    assert text.count("+3.1") == len(ladder)
