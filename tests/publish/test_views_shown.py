"""Every view stands in the report with its numbers; which is published, and why, is said in report and document."""

from __future__ import annotations

from forecast.publish import json_document
from forecast.publish.views import inside_ladder, view_section
from forecast.terms import LADDER


def test_every_view_and_pool_has_its_column_and_its_numbers(meta, tables):
    section = view_section(meta, tables)
    assert section is not None
    grid = section.grids[0]
    assert grid.head == (
        "outcome", "inside view (published)", "outside view", "climatology", "linear pool", "logarithmic pool"
    )  # fmt: skip
    row = tables["baselines"].query("candidate == 'outside view' and rung == 'O4' and horizon_days == 30").iloc[0]
    cell = grid.rows[LADDER.index("O4")][2]
    assert float(cell.value) == row["probability"]
    assert cell.note
    assert not grid.rows[LADDER.index("O4")][3].note  # climatology has no draws
    assert [cell.text for cell in grid.rows[-1][1:4]] == ["0.60", "0.30", "0.10"]


def test_the_chance_of_a_strike_is_the_sum_of_its_rungs(meta, tables):
    section = view_section(meta, tables)
    assert section is not None
    pool = tables["pool"].query("candidate == 'linear pool' and horizon_days == 90 and rung >= 'O2'")
    row = next(row for row in section.grids[1].rows if row[0].text == "linear pool")
    assert abs(float(row[3].value) - pool["probability"].sum()) < 1e-12


def test_a_published_pool_is_named_with_what_stays_of_the_inside_view(meta, tables):
    told = meta | {"published": "linear pool", "pool_note": "it did better"}
    section = view_section(told, tables)
    assert section is not None
    assert "linear pool (published)" in section.grids[0].head
    assert "Published: linear pool – it did better." in section.words
    assert any("timing, replies" in text for text in section.words)
    document = json_document(told, tables)
    assert document["views"]["published"] == "linear pool"
    assert [one["name"] for one in document["views"]["pools"]] == ["linear pool", "logarithmic pool"]
    assert len(document["views"]["single"][0]["ladder"]) == len(tables["ladder"])


def test_ranges_over_priors_stay_with_the_inside_view(meta, tables):
    moved = tables | {"ladder": tables["ladder"].assign(probability=1 / 7)}
    inside = inside_ladder(moved)
    assert list(inside["probability"]) == list(tables["ladder"]["probability"])
    assert inside_ladder({"ladder": moved["ladder"]}).equals(moved["ladder"])


def test_without_other_views_there_is_no_section(meta, tables):
    few = {name: table for name, table in tables.items() if name not in ("baselines", "pool", "outside_view")}
    assert view_section(meta, few) is None
    assert json_document(meta, few)["views"]["single"] == []
