"""Every view stands in the report with its numbers; which is published, and why, is said in report and document."""

from __future__ import annotations

from forecast.publish import compose_report, json_document
from forecast.publish.views import inside_ladder, view_section, view_sentence
from forecast.publish.wording import NO_BREAK_SPACE
from forecast.terms import LADDER


def test_every_view_and_pool_has_its_row_and_its_numbers(meta, tables):
    section = view_section(meta, tables)
    assert section is not None
    grid = section.grids[1]
    assert grid.head == ("view", *LADDER, "weight in the pool")
    rows = {row[0].text: row for row in grid.rows}
    assert list(rows) == ["inside view", "outside view", "climatology", "linear pool", "logarithmic pool"]
    assert [row[0].note for row in grid.rows] == ["published", "", "", "", ""]
    row = tables["baselines"].query("candidate == 'outside view' and rung == 'O4' and horizon_days == 30").iloc[0]
    cell = rows["outside view"][1 + LADDER.index("O4")]
    assert float(cell.value) == row["probability"]
    assert cell.note
    assert not rows["climatology"][1 + LADDER.index("O4")].note  # climatology has no draws
    assert [row[-1].text for row in grid.rows[:3]] == ["0.60", "0.30", "0.10"]
    assert {row[-1].text for row in grid.rows[3:]} == {"–"}


def test_without_weights_there_is_no_column_of_them(meta, tables):
    few = {name: table for name, table in tables.items() if name != "pool"}
    few["baselines"] = few["baselines"].assign(weight=float("nan"))
    section = view_section(meta | {"published": "inside view", "pool_note": "none were learned"}, few)
    assert section is not None
    assert section.grids[1].head == ("view", *LADDER)
    assert "The published numbers are those of the inside view: none were learned." in section.words


def test_the_chance_of_a_strike_is_the_sum_of_its_rungs(meta, tables):
    section = view_section(meta, tables)
    assert section is not None
    pool = tables["pool"].query("candidate == 'linear pool' and horizon_days == 90 and rung >= 'O2'")
    row = next(row for row in section.grids[0].rows if row[0].text == "linear pool")
    assert abs(float(row[3].value) - pool["probability"].sum()) < 1e-12


def test_the_headline_says_how_far_other_views_lie(meta, tables):
    others = tables["baselines"].query("horizon_days == 30 and rung >= 'O2' and candidate != 'inside view'")
    low, high = (f"{100 * value:.0f} %" for value in sorted(others.groupby("candidate")["probability"].sum()))
    told = view_sentence(tables)[0]
    right = f"2 simpler views put a limited strike or worse within 30 days at {low} to {high}."
    assert told.replace(NO_BREAK_SPACE, " ") == right
    assert told in compose_report(meta, tables).headline
    one = {**tables, "baselines": tables["baselines"].query("candidate != 'climatology'")}
    assert view_sentence(one)[0].startswith("The outside view puts a limited strike or worse within ")


def test_a_published_pool_is_named_with_what_stays_of_the_inside_view(meta, tables):
    told = meta | {"published": "linear pool", "pool_note": "it did better"}
    section = view_section(told, tables)
    assert section is not None
    assert [row[0].text for row in section.grids[0].rows if row[0].note == "published"] == ["linear pool"]
    assert "The published numbers are those of the linear pool: it did better." in section.words
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
    assert view_sentence(few) == []
    assert json_document(meta, few)["views"]["single"] == []
