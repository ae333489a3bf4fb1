"""Scenarios, the concession curve and next moves stand in the report as their tables say, where there are any."""

from __future__ import annotations

from made_up_scenarios import concessions, next_moves, scenario_tables, scenarios
from matplotlib.figure import Figure

from forecast.publish import compose_report, read_run, render_report, write_run
from forecast.publish.scenario_figure import concession_figure, next_move_figure, scenario_figure, top_moves
from forecast.publish.tables import check_tables


def section(meta, tables):
    return next(one for one in compose_report(meta, tables).sections if one.name == "scenarios")


def test_each_part_has_its_grid_and_its_figure(meta, tables):
    every = section(meta, {**tables, **scenario_tables()})
    assert [grid.name for grid in every.grids] == ["scenarios", "concessions", "next-moves", "treatments"]
    assert [plate.name for plate in every.plates] == ["scenarios", "concessions", "next-moves"]
    for name in scenario_tables():
        few = section(meta, {**tables, name: scenario_tables()[name]})
        assert [grid.name for grid in few.grids] == [name.replace("_", "-"), "treatments"]
    assert [grid.name for grid in section(meta, tables).grids] == ["treatments"]


def test_numbers_are_those_of_the_tables_and_what_is_missing_is_told(meta, tables):
    html = render_report(meta, {**tables, **scenario_tables()}).replace("\u00a0", " ")
    assert "Scenario &lt;carrier-withdrawn&gt;" in html
    assert "−8" in html
    assert "40 % → 32 %" in html
    assert "weights not to be trusted" in html
    assert "level 3, then a deal" in html
    grid = section(meta, {**tables, **scenario_tables()}).grids[0]
    told = {row[0].text: row[2].value for row in grid.rows}
    assert [float(value) for value in told.values() if value] == [-0.08, 0.2]


def test_the_tables_keep_their_contract_and_survive_the_archive(tmp_path, meta, tables):
    whole = {**tables, **scenario_tables()}
    check_tables(whole)
    run = read_run(write_run(tmp_path, meta, whole))
    assert list(run.tables["next_moves"]["expected_change"]) == list(next_moves()["expected_change"])
    assert section(run.meta, run.tables).grids[0].rows


def test_figures_stand_alone_and_moves_are_ranked():
    for figure in (scenario_figure(scenarios()), concession_figure(concessions()), next_move_figure(next_moves())):
        assert isinstance(figure, Figure)
    top = top_moves(next_moves())
    assert list(top["channel"]) == ["verbal", "verbal", "credibility", "credibility"]
    assert top["level"].iloc[0] == 1 or top["level"].iloc[0] == 2
