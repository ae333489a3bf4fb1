"""What moved a forecast stands in the report as its table says, adds up, and only beside the forecast it is about."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest
from made_up_forecast import example_tables
from made_up_movers import EARLIER, movers
from matplotlib.figure import Figure

import forecast
from forecast.publish import compose_report, pdf_pages, read_run, render_report, write_run
from forecast.publish.changes import compared
from forecast.publish.manifest import run_id
from forecast.publish.tables import check_tables
from forecast.publish.waterfall import ROWS_SHOWN, shown_parts, waterfall_alt


@pytest.fixture
def told(meta, tables) -> tuple[dict, dict]:
    """A forecast with what changed and what moved it since an earlier one."""
    earlier = earlier_of(meta)
    about = meta | {"movers_since": run_id(earlier.meta)}
    return compared(about, {**tables, "movers": movers()}, earlier)


def earlier_of(meta: dict, **more: object) -> SimpleNamespace:
    """An earlier forecast, as an archive would give it back."""
    return SimpleNamespace(meta=meta | EARLIER | more, tables=example_tables())


def section(meta, tables):
    return next(one for one in compose_report(meta, tables).sections if one.name == "change")


def test_the_waterfall_and_its_grid_open_the_section_on_changes(told):
    found = section(*told)
    assert [plate.name for plate in found.plates] == ["movers", "change"]
    assert [grid.name for grid in found.grids] == ["change", "movers", "signals"]
    grid = found.grids[1]
    assert grid.head == ("what moved it", "30 days", "90 days")
    assert grid.rows[0][0].text == "21 days more, had nothing new been reported"
    assert float(grid.rows[0][1].value) == -0.28
    html = render_report(*told).replace("\u00a0", " ")
    assert "The way from 65 % to 60 % for an overt strike within 30 days" in html
    assert "Threat &lt;b&gt;, level 2 (27 Sep)" in html
    assert pdf_pages(compose_report(*told)).startswith(b"%PDF")


def test_without_the_table_the_section_is_as_before(meta, tables):
    found = section(meta, tables)
    assert not any(plate.name == "movers" for plate in found.plates)


def test_beside_another_forecast_it_is_left_out(told, meta):
    meta_now, tables_now = told
    other = earlier_of(meta, as_of="2025-11-01", created="2025-11-02T00:00:00+00:00")
    assert "movers" in compared(meta_now, tables_now, None)[1]
    assert "movers" not in compared(meta_now, tables_now, other)[1]


def test_the_parts_that_are_shown_add_up_and_the_largest_rows_come_first():
    table = movers(rows=20)
    shown = shown_parts(table)
    whole = table[(table["horizon_days"] == 30) & (table["name"] == "p_strike")]
    assert sum(row["difference"] for row in shown) == pytest.approx(whole["difference"].sum())
    fresh = [abs(row["difference"]) for row in shown if row["kind"] == "new"][:ROWS_SHOWN]
    assert fresh == sorted(fresh, reverse=True)
    assert shown[0]["kind"] == "time"
    assert shown[-1]["kind"] == "interplay"
    assert f"{20 - ROWS_SHOWN} smaller changes" in {row["label"] for row in shown}
    assert waterfall_alt(table).startswith("Probability of an overt strike by either side: 65")


def test_the_figure_stands_alone_for_every_rung(tmp_path, meta, tables):
    for event in ("p_strike", "O0", "O6"):
        assert isinstance(forecast.plot_movers(movers(), event=event, horizon_days=90), Figure)
    whole = {**tables, "movers": movers()}
    check_tables(whole)
    back = read_run(write_run(tmp_path, meta, whole)).tables["movers"]
    assert list(back["difference"]) == list(movers()["difference"])
    assert pd.isna(back["date"].iloc[0])
    assert isinstance(forecast.plot_movers(back), Figure)
