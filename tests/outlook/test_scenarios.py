"""A scenario changes the panel as it says and nothing else; comparisons share their noise, and moves average out."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from full_record import CALM
from hand_made import CASE
from prior_trees import drawn, tree_of

from forecast.errors import UsageError
from forecast.inference.fit import samples
from forecast.inference.reweight import Weights, on_panel
from forecast.outlook import counterfactual as module
from forecast.outlook.concessions import concession_table
from forecast.outlook.counterfactual import PARENT, UPDATED, WEIGHTED, Comparison, base_at, comparison
from forecast.outlook.next_moves import next_move_table
from forecast.outlook.scenarios import EVENTS, scenario_table
from forecast.record import Record
from forecast.record.hypothetical import panel_ahead, panel_of
from forecast.record.interventions import Scenario
from forecast.terms import LADDER, SIGNAL_CHANNELS

HORIZONS = (30, 90)


@pytest.fixture(scope="module")
def tree(calm: xr.Dataset) -> xr.DataTree:
    return tree_of(drawn(calm, draws=40, seed=2), calm)


@pytest.fixture(autouse=True)
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty draws of a prior are no posterior."""
    monkeypatch.setattr(Weights, "trusted", property(lambda self: True))


def scenario(*interventions: dict, name: str = "one") -> Scenario:
    return Scenario.model_validate({"id": name, "title": name, "interventions": list(interventions)})


def between(tree: xr.DataTree, record: Record, **given) -> Comparison:
    return comparison(tree, record, **{"horizons": HORIZONS, "total_paths": 800, "copies": 4, **given})


def changed(record: Record, *interventions: dict, until: dt.date = CALM) -> xr.Dataset:
    return panel_of(record, CASE, CALM, until, scenario(*interventions))


def differing(one: xr.Dataset, other: xr.Dataset) -> set[str]:
    return {str(name) for name in one.data_vars if not one[name].equals(other[name])}


def test_an_added_move_fills_its_cell_and_no_other(record: Record, calm: xr.Dataset):
    last = int(calm["length"].values[0]) - 1
    panel = changed(record, {"add": {"actor": "AAA", "target": "BBB", "type": "ultimatum", "level": 3}})
    assert differing(calm, panel) == {"signal", "signal_confidence"}
    assert panel["signal"].values[0, 0, last, SIGNAL_CHANNELS.index("verbal")] == 3
    assert int((panel["signal"] != calm["signal"]).sum()) == 1
    struck = changed(record, {"add": {"actor": "BBB", "target": "AAA", "type": "limited_strike"}})
    assert differing(calm, struck) == {"force", "force_confidence", "rung"}
    assert struck["force"].values[0, 1, last] == 2


def test_a_dropped_or_shifted_move_leaves_its_cell(record: Record, calm: xr.Dataset):
    dropped = changed(record, {"drop": {"type": "ultimatum"}})
    verbal = calm["signal"].values[0, 0, :, SIGNAL_CHANNELS.index("verbal")]
    assert verbal.max() == 3
    assert dropped["signal"].values[0, 0, :, SIGNAL_CHANNELS.index("verbal")].max() == 2
    moved = changed(record, {"shift": {"type": "ultimatum", "days": 14}})
    where = [int(np.argmax(p["signal"].values[0, 0, :, SIGNAL_CHANNELS.index("verbal")])) for p in (calm, moved)]
    assert where[1] - where[0] == 2


def test_levels_are_fixed_for_the_weeks_named(record: Record, calm: xr.Dataset):
    last, channel = int(calm["length"].values[0]) - 1, SIGNAL_CHANNELS.index("posture")
    panel = changed(record, {"fix": {"side": "b", "channel": "posture", "level": 2, "weeks": 3}})
    before = int(calm["signal"].values[0, 1, last - 3, channel])
    assert list(panel["signal"].values[0, 1, last - 3 : last + 1, channel]) == [before, 2, 2, 2]
    gone = changed(record, {"withdraw": {"by": "b", "level": 3, "weeks": 4}})
    assert gone["signal"].values[0, 1, last - 3 : last + 1, channel].max() == 0
    assert gone["signal"].values[0, 1, last, SIGNAL_CHANNELS.index("diplomacy")] == 3
    low = changed(record, {"concede": {"by": "b", "level": 3}}, {"concede": {"by": "b", "level": 1}})
    assert low["signal"].values[0, 1, last, SIGNAL_CHANNELS.index("diplomacy")] == 3


def test_of_the_weeks_ahead_nothing_is_known_but_that_no_side_struck(record: Record, calm: xr.Dataset):
    until = CALM + dt.timedelta(days=14)
    ahead, known = panel_ahead(record, CASE, CALM, until), int(calm["length"].values[0])
    assert int(ahead["length"].values[0]) == known + 2
    new = {"period": slice(known, known + 2)}
    assert not ahead["signal_observed"].isel(episode=0, **new).any()
    assert not ahead[["talks_observed", "deal_observed"]].isel(episode=0, **new).to_array().any()
    assert ahead["force_observed"].isel(episode=0, **new).all()
    assert not ahead["force"].isel(episode=0, **new).any()  # the record tells of a campaign on 12 June
    old = {"period": slice(0, known)}
    for name in calm.data_vars:
        if "period" in calm[name].dims:
            np.testing.assert_array_equal(ahead[name].isel(episode=0, **old), calm[name].isel(episode=0, **old))


def test_a_campaign_that_runs_is_not_halted_by_the_weeks_ahead(record: Record):
    day = dt.date(2024, 6, 30)
    ahead = panel_ahead(record, CASE, day, day + dt.timedelta(days=7))
    last = int(ahead["length"].values[0]) - 1
    assert ahead["campaign"].values[0, last]
    assert not ahead["force_observed"].values[0, last]


def test_what_does_not_fit_the_record_is_refused(record: Record):
    with pytest.raises(UsageError, match="no move nothing"):
        changed(record, {"drop": {"move": "nothing"}})
    with pytest.raises(UsageError, match="no move of aaa-bbb fits"):
        changed(record, {"drop": {"from": "2030-01-01"}})
    with pytest.raises(UsageError, match="outside the panel"):
        changed(record, {"concede": {"by": "a", "date": "1990-01-01"}})


def test_draws_on_another_panel_follow_its_hits_and_track_record(record: Record, calm: xr.Dataset, tree: xr.DataTree):
    other = changed(record, {"drop": {"type": ["limited_strike", "threat_not_fulfilled"]}})
    draws = samples(tree["posterior"].to_dataset())
    moved = on_panel(draws, calm, other)
    back = on_panel(moved, other, calm)
    for name in ("resolve", "credibility"):
        first, then, again = (d[name].transpose("sample", "side", "period").values for d in (draws, moved, back))
        assert not np.allclose(then, first)
        np.testing.assert_allclose(again, first, atol=1e-8)
    assert on_panel(draws, calm, calm) is draws
    assert "resolve_innovation" not in moved


def test_a_scenario_that_says_what_the_record_says_moves_nothing(tree: xr.DataTree, record: Record, calm: xr.Dataset):
    last = int(calm["length"].values[0]) - 1
    level = int(calm["signal"].values[0, 0, last, SIGNAL_CHANNELS.index("posture")])
    same = scenario({"fix": {"side": "a", "channel": "posture", "level": level}})
    table = scenario_table(between(tree, record), [same])
    assert (table["difference"] == 0).all()
    assert (table[["mcse", "spread_low", "spread_high"]] == 0).all(axis=None)
    np.testing.assert_allclose(table["base"], table["probability"])
    assert set(table["name"]) == {*LADDER, *EVENTS}
    assert set(table["method"]) == {WEIGHTED}


def test_scenarios_share_their_noise_and_their_ladders_sum_to_one(tree: xr.DataTree, record: Record):
    asked = [
        scenario({"add": {"actor": "BBB", "target": "AAA", "type": "limited_strike"}}, name="struck"),
        scenario({"add": {"actor": "AAA", "target": "BBB", "type": "threat", "level": 3}}, name="threat"),
    ]
    table = scenario_table(between(tree, record, total_paths=4000), asked)
    rungs = table[table["name"].isin(LADDER)].groupby(["scenario", "horizon_days"])[["base", "probability"]].sum()
    np.testing.assert_allclose(rungs, 1.0, atol=1e-9)
    told = table[table["probability"].notna()]
    np.testing.assert_allclose(told["probability"] - told["base"], told["difference"], atol=1e-9)
    assert ((told["difference_low"] <= told["difference"]) & (told["difference"] <= told["difference_high"])).all()
    assert ((told["low"] <= told["probability"] + 1e-9) & (told["probability"] <= told["high"] + 1e-9)).all()
    again = scenario_table(between(tree, record, total_paths=4000), asked[1:])
    alone = table[table["scenario"] == "threat"].reset_index(drop=True)
    np.testing.assert_allclose(again["probability"], alone["probability"])


def test_other_campaigns_are_taken_in_by_an_update_or_not_at_all(
    tree: xr.DataTree, record: Record, monkeypatch: pytest.MonkeyPatch
):
    asked = [scenario({"add": {"actor": "AAA", "target": "BBB", "type": "sustained_campaign"}})]
    told, given = {}, between(tree, record, horizons=(30,))
    base_at(given)
    for due in (True, False):
        real = module.diagnosis_of
        monkeypatch.setattr(module, "diagnosis_of", lambda moved, due=due, real=real: _verdict(real(moved), due))
        told[due] = scenario_table(given, asked)
        monkeypatch.setattr(module, "diagnosis_of", real)
    assert told[True][["probability", "difference"]].isna().all(axis=None)
    assert told[True]["note"].str.contains("make a forecast of the changed record").all()
    assert set(told[False]["method"]) == {UPDATED}
    campaign = told[False].set_index("name").loc["p_campaign"]
    assert campaign["probability"] > campaign["base"]


def _verdict(diagnosis, due: bool):
    return None if diagnosis is None else replace(diagnosis, reasons=("made up",) if due else ())


def test_moves_of_the_coming_period_have_chances_and_average_to_the_forecast(
    tree: xr.DataTree, record: Record, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "update_posterior", lambda tree, panel, _: _stretched(tree, panel))
    table = next_move_table(between(tree, record, horizons=(30,), draws=8))
    strikes = table[table["name"] == "p_strike"]
    signals = strikes[strikes["move"] == ""]
    by_channel = signals.groupby(["side", "channel"])
    assert len(by_channel) == 2 * len(SIGNAL_CHANNELS)
    np.testing.assert_allclose(by_channel["chance"].sum(), 1.0, atol=1e-9)
    average = (signals["chance"] * signals["shift"]).groupby([signals["side"], signals["channel"]]).sum()
    plain = average.drop([("a", "audience"), ("b", "audience")])  # commitments also act on what comes next
    np.testing.assert_allclose(plain, 0.0, atol=1e-9)
    assert (strikes["expected_change"] >= strikes["value"] - 1e-12).all()
    assert (strikes["expected_change"].diff().dropna() <= 1e-12).all()
    acts = strikes[strikes["move"] != ""]
    assert ((acts["chance"] > 0) & (acts["chance"] < 1)).all()
    assert {"limited_strike", "ally_loss"} <= set(acts["move"])


def test_the_concession_curve_starts_where_it_is_withheld(
    tree: xr.DataTree, record: Record, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "update_posterior", lambda tree, panel, _: _stretched(tree, panel))
    table = concession_table(between(tree, record, horizons=(30,)), weeks=2)
    assert list(table["level"].unique()) == [0, 1, 2, 3, 4]
    withheld = table[table["level"] == 0]
    assert (withheld["difference"] == 0).all()
    strike = table[(table["name"] == "p_strike") & (table["side"] == "a")].set_index("level")
    np.testing.assert_allclose(strike["probability"] - strike["probability"].loc[0], strike["difference"], atol=1e-9)
    assert set(table["counted_from"]) == {CALM + dt.timedelta(days=14)}


def _stretched(tree: xr.DataTree, panel: xr.Dataset) -> xr.DataTree:
    """Stands for an update: draws of the prior on the later panel."""
    size = tree["posterior"].sizes["chain"] * tree["posterior"].sizes["draw"]
    made = drawn(panel, draws=size, seed=2).assign({PARENT: ("sample", np.arange(size) // 2)})
    return tree_of(made, panel)


def test_the_base_has_the_parameters_of_the_posterior_and_several_states_at_each(tree: xr.DataTree, record: Record):
    given = between(tree, record, copies=3)
    base = base_at(given)
    assert base_at(given) is base
    assert (base.day, base.note) == (CALM, "")
    own, many = (samples(one["posterior"].to_dataset()) for one in (tree, base.tree))
    parent = many[PARENT].values
    np.testing.assert_array_equal(np.unique(parent, return_counts=True)[1], 3)
    for name in ("overt_resolve", "resolve_half_life"):
        np.testing.assert_array_equal(many[name].values, own[name].values[parent])
    last = many["resolve"].transpose("sample", "side", "period").values[:, :, -1]
    assert len(np.unique(last[:, 0])) == len(parent)


def test_weeks_too_eventful_for_particles_keep_the_paths_of_the_fit(
    tree: xr.DataTree, record: Record, monkeypatch: pytest.MonkeyPatch
):
    real = module.update_posterior
    backs = []

    def update(draws: xr.DataTree, panel: xr.Dataset, settings) -> xr.DataTree:
        backs.append(settings.back)
        moved = real(draws, panel, settings)
        few = ["2 effective particles are left of 32 in one period"] if settings.back else []
        moved.attrs["update"] = json.dumps(json.loads(moved.attrs["update"]) | {"reasons": few})
        return moved

    monkeypatch.setattr(module, "update_posterior", update)
    given = between(tree, record)
    base = base_at(given)
    assert backs == [8, 2]
    assert base.note == ""
    parent = samples(base.tree["posterior"].to_dataset())[PARENT].values
    np.testing.assert_array_equal(np.sort(parent), np.arange(40))
    later = base_at(given, given.later(7))
    assert (later.note, later.day, backs[-1]) == ("", CALM + dt.timedelta(days=7), 0)
    table = scenario_table(given, [scenario({"concede": {"by": "a"}})])
    assert table.loc[table["name"] == "p_strike", "difference"].notna().all()
    assert table["spread_low"].isna().all()


def test_a_scenario_that_does_not_fit_the_day_is_told_and_does_not_stop_a_run(tree: xr.DataTree, record: Record):
    asked = [
        scenario({"drop": {"move": "nothing"}}, name="gone"),
        scenario({"concede": {"by": "a", "date": "2030-01-01"}}, name="far"),
        scenario({"concede": {"by": "a"}}, name="fits"),
    ]
    with pytest.raises(UsageError, match="no move nothing"):
        scenario_table(between(tree, record), asked)
    table = scenario_table(between(tree, record), asked, lenient=True)
    assert table[table["scenario"] == "fits"]["probability"].notna().any()
    rest = table[table["scenario"] != "fits"]
    assert rest[["probability", "difference"]].isna().all(axis=None)
    assert rest["base"].notna().any()
    notes = rest.drop_duplicates("scenario").set_index("scenario")["note"]
    assert "no move nothing" in notes["gone"]
    assert "more than 28 days" in notes["far"]
