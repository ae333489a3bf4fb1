"""Results show themselves in a notebook as tables with names and intervals, and hand out data frames."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecast
from forecast.errors import ArchiveError, UsageError
from forecast.publish import read_run, write_run
from forecast.terms import LADDER

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "publish"))
from made_up_forecast import example_meta, example_tables


def test_a_run_shows_its_ladder_and_hands_out_its_tables(tmp_path: Path):
    run = read_run(write_run(tmp_path, example_meta(), example_tables()))
    page = run._repr_html_()
    assert all(text in page for text in ("O0 settlement", "O6 full war", "80 % interval", str(run.meta["stamp"])))
    pd.testing.assert_frame_equal(run.to_dataframe(), run.tables["ladder"])
    with pytest.raises(ArchiveError, match="no table 'nothing'"):
        run.to_dataframe("nothing")


def test_a_record_tells_its_sizes_and_an_archive_that_is_not_there_is_an_error(tmp_path: Path):
    record = forecast.read_record()
    assert repr(record).startswith("<Record 'United States and Israel - Iran")
    assert f"{len(record.moves)} moves" in repr(record)
    with pytest.raises(ArchiveError, match="no such folder; give the folder of an archive"):
        forecast.archive(tmp_path / "nowhere")


def test_a_forecast_shows_its_ladder_and_its_gate():
    made = forecast.Forecast(example_meta() | {"title": "A & B <x>"}, dict(example_tables()))
    page = made._repr_html_()
    assert "A &amp; B &lt;x&gt;" in page
    assert "gate: " in page
    assert page.count("O2 limited strike") == 1
    pd.testing.assert_frame_equal(made.to_dataframe("gate"), made.tables["gate"])


def test_one_call_draws_each_table_and_says_what_there_is(tmp_path: Path):
    made = forecast.Forecast(example_meta(), dict(example_tables()))
    run = read_run(write_run(tmp_path, example_meta(), example_tables()))
    for name in ("ladder", "intervals", "latents", "sequence", "replies", "waiting", "hazard"):
        assert forecast.plot(made, name).axes
    assert forecast.plot(run).axes
    with pytest.raises(UsageError, match="'scenarios': the forecast does not hold its table; this one can draw ladder"):
        forecast.plot(made, "scenarios")
    with pytest.raises(UsageError, match="'pie': there is no such figure"):
        forecast.plot(made, "pie")
    with pytest.raises(UsageError, match="no table 'nothing' in this forecast; it holds ladder"):
        made.to_dataframe("nothing")


def test_a_ladder_has_named_dims_with_and_without_its_draws():
    tables = dict(example_tables())
    horizons = tables["ladder"]["horizon_days"].nunique()
    by_draw = np.full((3, horizons, len(LADDER)), 1 / len(LADDER))
    found = forecast.Forecast(example_meta(), tables, by_draw).to_xarray()
    assert found["probability"].dims == ("horizon_days", "rung")
    assert found["by_draw"].dims == ("draw", "horizon_days", "rung")
    np.testing.assert_allclose(found["probability"].sum("rung"), 1.0, atol=1e-6)
    row = tables["ladder"].iloc[0]
    told = found["probability"].sel(horizon_days=row["horizon_days"], rung=row["rung"])
    assert float(told) == pytest.approx(row["probability"])
    assert "by_draw" not in forecast.Forecast(example_meta(), tables).to_xarray()


def test_a_record_shows_its_cases_and_sizes():
    record = forecast.read_record()
    page = record._repr_html_()
    assert "(us-iran)" in page
    assert str(len(record.moves)) in page


def made_up_scenarios() -> pd.DataFrame:
    rows = [
        ("gone", "A carrier leaves", "US withdraws", "2026-02-13", horizon, name, 0.4, 0.2, 0.6, 0.3, 0.1, 0.5, -0.1,
         -0.12, -0.08, 0.01, 0.2, 900.0, "weights", "")
        for horizon in (30, 90)
        for name in ("p_strike", "p_strike_a", "p_strike_b", "p_campaign", "p_deal")
    ]  # fmt: skip
    columns = [
        "scenario", "title", "wording", "counted_from", "horizon_days", "name", "base", "base_low", "base_high",
        "probability", "low", "high", "difference", "difference_low", "difference_high", "mcse", "khat", "ess",
        "method", "note",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def test_scenarios_show_without_and_with_and_draw_themselves(tmp_path: Path):
    meta = {"title": "A - B", "as_of": "2026-02-13", "side_a_short": "US", "side_b_short": "Iran"}
    found = forecast.ScenarioResult(meta, {"scenarios": made_up_scenarios()})
    page = found._repr_html_()
    assert "A carrier leaves" in page
    assert "40 → 30 % (−10.0)" in page
    assert "an overt strike by Iran" in page
    assert "<svg" in found.plot()._repr_svg_()  # pyright: ignore[reportAttributeAccessIssue]
    assert [file.name for file in found.save(tmp_path)] == ["scenarios.csv"]
    again = pd.read_csv(tmp_path / "scenarios.csv")
    np.testing.assert_allclose(again["difference"], found.to_dataframe()["difference"])
    with pytest.raises(UsageError, match="no table 'next_moves'"):
        found.plot("next_moves")
