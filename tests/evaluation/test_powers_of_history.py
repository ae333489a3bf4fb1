"""Crises kept back are scored by the likelihood of what was watched of them, under the draws that are given."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from forecast.errors import UsageError
from forecast.evaluation.powers import compared, later_crises, posteriors, score_panels
from forecast.inference.fit import sample_prior
from forecast.model.cells import node_tables
from forecast.model.learned import CutOff, History, Learned, Scalar
from forecast.model.priors import read_priors
from forecast.record import read_record

PRIORS = read_priors()
ORIGIN, UNTIL = dt.date(1985, 12, 31), dt.date(1996, 12, 31)


@pytest.fixture(scope="module")
def panels() -> dict[str, xr.Dataset]:
    found = later_crises(read_record(), ORIGIN, UNTIL, without="us-iran")
    return {name: found[name] for name in ("1996-desert-strike", "1996-imia", "1989-panama")}


@pytest.fixture(scope="module")
def scored(panels: dict[str, xr.Dataset]) -> pd.DataFrame:
    return score_panels(panels, sets_of_draws(panels), PRIORS, draws=400).set_index(["part", "power", "crisis"])[
        "log_density"
    ]


def sets_of_draws(panels: dict[str, xr.Dataset]) -> dict[float, xr.Dataset]:
    """The priors, the same again, and one in which force is rarer."""
    prior = sample_prior(panels["1996-imia"], PRIORS, draws=200, seed=3)
    return {0.0: prior, 0.5: prior, 1.0: prior.assign(overt_intercept=prior["overt_intercept"] - 4.0)}


def test_crises_of_the_case_and_of_other_years_are_not_kept_back():
    record = read_record()
    found = later_crises(record, ORIGIN, UNTIL, without="us-iran")
    rows = record.episodes.set_index("episode_id").loc[list(found)]
    assert rows["start"].between("1986-01-01", "1996-12-31").all()
    assert "us-iran" not in set(rows["case_id"])
    assert "1988-praying-mantis" in later_crises(record, ORIGIN, UNTIL)
    assert all(panel.sizes["episode"] == 2 for panel in found.values())


def test_equal_draws_give_equal_scores_and_rarer_force_suits_the_crisis_without_it(scored: pd.Series):
    assert scored["force"][0.0].equals(scored["force"][0.5])
    better = scored["force"][1.0] > scored["force"][0.0]
    assert better.to_dict() == {"1996-desert-strike": False, "1996-imia": True, "1989-panama": False}
    assert scored["agreements"][1.0].to_numpy() == pytest.approx(scored["agreements"][0.0].to_numpy(), abs=1e-9)


def test_a_crisis_of_which_nothing_was_watched_is_certain(panels: dict[str, xr.Dataset]):
    masks = [name for name in panels["1996-imia"].data_vars if str(name).endswith("_observed")]
    blind = panels["1996-imia"].assign({str(name): xr.zeros_like(panels["1996-imia"][name]) for name in masks})
    found = score_panels({"blind": blind}, sets_of_draws(panels), PRIORS, draws=50)
    assert found["log_density"].to_numpy() == pytest.approx(np.zeros(len(found)), abs=1e-9)


def test_the_score_of_deals_is_that_of_their_weekly_hazard(panels: dict[str, xr.Dataset]):
    panel = panels["1996-imia"]
    panel = panel.assign(talks_observed=xr.zeros_like(panel["talks_observed"]))
    table = node_tables(panel)["deal"]
    prior = sample_prior(panel, PRIORS, draws=1, seed=3)
    names = [name for name in prior if str(name).startswith("deal_")]
    held = {str(name): 0.0 for name in names} | {"deal_intercept": -3.0, "deal_fighting": 0.4}
    found = score_panels({"one": panel}, {0.0: prior}, PRIORS, parts=("agreements",), fixed=held, draws=3)
    chance = 1 / (1 + np.exp(3.0 - 0.4 * table["fighting"]))
    by_hand = (table["y"] * np.log(chance) + (table["n"] - table["y"]) * np.log1p(-chance)).sum()
    assert found["log_density"].item() == pytest.approx(by_hand, rel=1e-9)


def test_the_comparison_is_of_negative_log_densities_by_crisis():
    losses = {"x": (3.0, 2.0), "y": (1.0, 0.5), "z": (2.0, 2.0)}
    rows = [
        (crisis, part, power, -share * loss)
        for crisis, pair in losses.items()
        for part, share in (("force", 0.75), ("agreements", 0.25))
        for power, loss in zip((0.0, 1.0), pair, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["crisis", "part", "power", "log_density"])
    found = compared(table).set_index(["part", "power"])
    assert found.loc[("all", 0.0), "log_score"] == pytest.approx(2.0)
    assert found.loc[("all", 1.0), "difference"] == pytest.approx(-0.5)
    assert found.loc[("force", 1.0), "difference"] == pytest.approx(-0.375)
    assert found.loc[("all", 1.0), "difference_low"] < -0.5 < found.loc[("all", 1.0), "difference_high"]


def test_history_from_after_the_origin_is_refused():
    scalar = Scalar(parameter="war_opening", family="normal", data_set="made up", prior=(-2.6, 0.6))
    one = Learned(label="war_opening", mean=0.0, sd=1.0, posterior=(0.0, 1.0), rhat=1.0)
    late = CutOff(as_of=dt.date(1986, 1, 1), episodes={}, learned=(one,))
    history = History(
        made=dt.date(2026, 1, 1), terms_hash="", corpora={}, scalars={"war_opening": scalar}, cut_offs=(late,)
    )
    with pytest.raises(UsageError, match="history has no cut-off, up to 1985-12-31"):
        posteriors(read_record(), history, ORIGIN)
