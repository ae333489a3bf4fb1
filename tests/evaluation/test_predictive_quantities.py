"""Quantities of predictive checks have the values counted by hand on a panel made by hand."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from forecast.evaluation.associations import correlations
from forecast.evaluation.quantities import Quantities, quantities
from forecast.evaluation.worlds import small_design, with_spells
from forecast.terms import SIGNAL_CHANNELS

WEEKS = 41  # the first is not looked at: weeks 1 to 40
VERBAL, POSTURE = SIGNAL_CHANNELS.index("verbal"), SIGNAL_CHANNELS.index("posture")


@pytest.fixture
def panel() -> xr.Dataset:
    """Side a strikes in week 10, b answers in week 11; a campaign of weeks 20-22, widened in 21; talks in 12 and 24."""
    made = small_design(periods=WEEKS, crises=2, crisis_periods=30, spells=2)
    made["phase"].values[1:, 20:], made["crisis_age"].values[1:, 20:] = 2, -1
    for name in ("force_observed", "sub_threshold_observed", "talks_observed", "deal_observed"):
        made[name].values[...] = np.arange(WEEKS) < made["length"].values[:, None]
    made["signal_observed"].values[...] = (np.arange(WEEKS) < made["length"].values[:, None])[..., None]
    force, rung = made["force"].values, made["rung"].values
    force[0, 0, 10], rung[0, 0, 10] = 2, 4
    force[0, 1, 11], rung[0, 1, 11] = 2, 3
    force[0, :, 20:23] = 4
    force[0, 0, 21] = 5
    force[0, 1, 5] = 1
    made["campaign"].values[0, 20:23] = True
    made["scope"].values[0, 20:23] = [4, 5, 5]
    made["ceasefire"].values[0, 23] = True
    made["talks"].values[0, [12, 24]] = True
    made["deal"].values[0, 38] = True
    made["signal"].values[0, 0, [9, 10], VERBAL] = 3, 1
    # past crises: in the first a strikes in week 12 and b answers in week 13; in the second b alone strikes, late
    force[1, 0, 12], rung[1, 0, 12] = 2, 3
    force[1, 1, 13], rung[1, 1, 13] = 3, 5
    force[2, 1, 25], rung[2, 1, 25] = 2, 4
    made["deal"].values[1, 15] = True
    spell = {"episode": 0, "onset": 20, "days": 21.0, "halted": True, "truce": True, "opening": 4, "scope": 5,
             "dated": True}  # fmt: skip
    return with_spells(made, [spell], 2)


@pytest.fixture
def counted(panel: xr.Dataset) -> Quantities:
    return quantities(panel)


def test_windows_end_on_the_rung_that_their_weeks_make(counted: Quantities):
    # 37 windows of four weeks. Campaign in 20-22: windows from 17 to 22, widened if 21 or 22 is inside: from 18 on.
    # Week 10 lies in windows from 7 to 10, week 11 in those from 8 to 11; b's symbolic answer is no direct reply.
    # The deal of week 38 lies in windows from 35 to 37.
    share = {rung: counted[("ladder", f"30 days, {rung}")] * 37 for rung in ("O0", "O1", "O2", "O3", "O4", "O5", "O6")}
    assert share == pytest.approx({"O0": 3, "O1": 37 - 3 - 5 - 1 - 5, "O2": 5, "O3": 0, "O4": 1, "O5": 5, "O6": 0})
    assert sum(counted[("ladder", f"90 days, O{k}")] for k in range(7)) == pytest.approx(1)


def test_force_by_side_and_kind(counted: Quantities):
    def weeks(name: str) -> float:
        return counted[("force", name)] * 40

    assert weeks("limited, side a") == pytest.approx(1)
    assert weeks("symbolic, side b") == pytest.approx(1)
    assert weeks("sub-threshold, side b") == pytest.approx(1)
    assert weeks("campaign level, side a") == weeks("campaign level, side b") == pytest.approx(3)
    assert weeks("both sides overtly") == weeks("campaign") == pytest.approx(3)
    assert weeks("campaign in several theatres or full war") == pytest.approx(2)
    assert weeks("full war") == weeks("leadership, side a") == 0


def test_runs_of_violence_and_quiet(counted: Quantities):
    assert counted[("runs", "violence: number")] == 2
    assert counted[("runs", "violence: mean periods")] == 2.5  # weeks 10-11 and 20-22
    assert counted[("runs", "violence: longest, periods")] == 3
    assert counted[("runs", "violence: share of one period")] == 0
    assert counted[("runs", "quiet: mean periods")] == 35 / 3  # weeks 1-9, 12-19, 23-40
    assert counted[("runs", "quiet: share of 91 days or more")] == pytest.approx(1 / 3)


def test_days_to_a_strike_and_to_talks(counted: Quantities):
    # Starts with four quiet weeks before them and 26 weeks ahead: weeks 5 to 10 (15 is the last with 26 weeks left).
    # Weeks 11 to 15 follow violence. The strike of week 10 is 5.5, 4.5, ..., 0.5 weeks away.
    waits = 7 * np.arange(0.5, 6)
    assert counted[("waiting", "first strike after quiet: within 30 days")] == np.mean(waits <= 30)
    assert counted[("waiting", "first strike after quiet: mean days, at most 182")] == pytest.approx(waits.mean())
    # Openings: week 10, with talks in the second week after; week 20, with talks in the fourth.
    assert counted[("waiting", "talks after a strike: mean days, at most 91")] == pytest.approx((1.5 + 3.5) * 7 / 2)
    assert counted[("waiting", "talks after a strike: within 30 days")] == 1


def test_replies_campaigns_and_settlement(counted: Quantities):
    assert counted[("replies", "openings")] == 2
    assert counted[("replies", "mode symbolic")] == counted[("replies", "mode widening")] == 0.5
    assert counted[("replies", "answered within 14 days")] == 1
    assert counted[("campaigns", "number")] == 1
    assert counted[("campaigns", "mean days")] == counted[("campaigns", "longest, days")] == 21
    assert counted[("campaigns", "share that halt by truce")] == 1
    assert counted[("settlement", "periods with talks")] == 2
    assert counted[("settlement", "deals")] == counted[("settlement", "cease-fires")] == 1


def test_signal_levels(counted: Quantities):
    assert counted[("signals", "verbal, side a, level 1 or more")] == 2 / 40
    assert counted[("signals", "verbal, side a, level 2 or more")] == 1 / 40
    assert counted[("signals", "verbal, side b, level 1 or more")] == 0


def test_correlations_are_those_of_numpy(panel: xr.Dataset, counted: Quantities):
    force = np.minimum(panel["force"].values[0, :, 1:WEEKS], 4).astype(float)
    signal = panel["signal"].values[0, :, 1:WEEKS].astype(float)
    assert counted[("correlations", "force of a – force of b")] == pytest.approx(np.corrcoef(force)[0, 1])
    ahead = np.corrcoef(force[0, :-1], force[1, 1:])[0, 1]
    assert counted[("correlations", "force of a – force of b, next period")] == pytest.approx(ahead)
    assert counted[("autocorrelation", "force of a, lag 4")] == pytest.approx(
        np.corrcoef(force[0, :-4], force[0, 4:])[0, 1], abs=0.01
    )
    pooled = [v - v.mean(axis=1, keepdims=True) for v in (signal[..., VERBAL], force)]
    assert counted[("correlations", "verbal – own force")] == pytest.approx(
        np.corrcoef(*(v.ravel() for v in pooled))[0, 1]
    )
    assert np.isnan(counted[("correlations", "verbal – posture")])  # posture never varies


def test_correlations_leave_out_pairs_that_are_not_known():
    rng = np.random.default_rng(1)
    columns = rng.standard_normal((50, 3))
    columns[rng.random((50, 3)) < 0.2] = np.nan
    both = ~np.isnan(columns[:, 0]) & ~np.isnan(columns[:, 2])
    assert correlations(columns)[0, 2] == pytest.approx(np.corrcoef(columns[both][:, [0, 2]].T)[0, 1])


def test_past_crises(counted: Quantities):
    of = {name: value for (topic, name), value in counted.items() if topic == "past crises"}
    assert of["share with overt force"] == 1
    assert of["share with overt force by both sides"] == 0.5
    assert of["overt weeks, during the crisis"] == 2 / 20  # weeks 10 to 19 of two crises
    assert of["overt weeks, after the crisis"] == 1 / 20
    assert of["overt weeks, before the crisis"] == 0
    assert of["single acts: leadership"] == pytest.approx(1 / 3)
    assert of["limited acts: symbolic"] == 0.5
    assert of["single openings: overt reply within 14 days"] == 0.5
    assert of["single openings: overt reply within 14 days, openings during the crisis"] == 1
    assert of["share with a campaign"] == 0
    assert of["share with a deal, of those watched"] == 0.5


def test_what_was_not_watched_is_not_counted(panel: xr.Dataset, counted: Quantities):
    panel["force_observed"].values[0, 30:36] = False
    blind = quantities(panel)
    assert blind[("force", "limited, side a")] == 1 / 34
    assert blind[("runs", "quiet: longest, periods")] == 9  # weeks 1-9; 23-29 and 36-40 are cut apart
    assert blind[("ladder", "30 days, O4")] == 1 / (37 - 9)  # nine windows touch an unwatched week
    keep = np.arange(WEEKS) < 15
    early = quantities(panel, keep)
    assert early[("force", "limited, side a")] == 1 / 14
    assert early[("campaigns", "number")] == 0
    assert early[("settlement", "periods with talks")] == 1
