"""The ladder under other priors stands in report and document beside the published one, or the report says why not."""

from __future__ import annotations

import pytest

from forecast.errors import ArchiveError
from forecast.publish import json_document, render_report
from forecast.publish.prior_sets import prior_set_section, strike_range
from forecast.publish.wording import percent
from forecast.terms import LADDER


def test_the_range_stands_beside_every_published_number(meta, tables):
    section = prior_set_section(meta, tables)
    spread = section.grids[0]
    assert [row[0].text[:2] for row in spread.rows] == list(LADDER)
    row = tables["prior_range"].query("rung == 'O2' and horizon_days == 30").iloc[0]
    cell = spread.rows[2][2]
    assert float(cell.value) == row["probability"]
    mcse = tables["ladder"].query("rung == 'O2' and horizon_days == 30")["mcse"].iloc[0]
    assert percent(row["highest"], mcse) in cell.note
    assert 'id="prior-sets"' in render_report(meta, tables)


def test_a_set_that_did_not_converge_is_marked_and_not_in_the_sentence(meta, tables):
    methods = {row[0].text: row for row in prior_set_section(meta, tables).grids[1].rows}
    assert methods["weak"][5].tone == "failed"
    assert methods["sceptical"][5].tone == "passed"
    sentence = strike_range(tables["ladder"], tables["prior_sets"])
    assert "sceptical" in sentence
    assert "weak" not in sentence


@pytest.mark.parametrize("why", ["a quick run leaves them out", ""])
def test_a_run_without_them_says_so(meta, tables, why: str):
    left = {name: table for name, table in tables.items() if not name.startswith("prior_")}
    section = prior_set_section({**meta, "prior_sets": why}, left)
    assert "was not computed in this run" in section.words[0]
    assert why in section.words[0]
    document = json_document(meta, left)["prior_sets"]
    assert document["sets"] == document["range"] == []


def test_the_document_holds_every_set_and_the_range(meta, tables):
    document = json_document(meta, tables)["prior_sets"]
    assert [s["set"] for s in document["sets"]] == ["sceptical", "hawkish", "weak"]
    assert document["sets"][1]["rhat"] is None
    assert len(document["sets"][0]["ladder"]) == len(document["range"]) == len(tables["ladder"])


def test_a_probability_of_a_set_must_be_one(meta, tables):
    broken = tables["prior_sets"].assign(probability=1.2)
    with pytest.raises(ArchiveError, match="prior_sets"):
        json_document(meta, {**tables, "prior_sets": broken})
