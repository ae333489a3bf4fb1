"""Whatever the futures: probabilities sum to one, severity never falls with the horizon, hazards give P(strike)."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from small_paths import random_paths

from forecast.outlook.expressible import Parties
from forecast.outlook.ladder import first_events, severity
from forecast.outlook.outcomes import (
    hazard_table,
    ladder_shares,
    ladder_table,
    quantity_table,
    reply_table,
)
from forecast.outlook.questions import question_table
from forecast.record.questions import standing_questions
from forecast.terms import HORIZONS, LADDER

DAY = dt.date(2024, 6, 30)
PARTIES = Parties((frozenset({"AAA"}), frozenset({"BBB"})), (frozenset({"AAA"}), frozenset({"BBB"})), True, 7)
FUTURES = {"seed": st.integers(0, 10**6), "busy": st.sampled_from([0.002, 0.02, 0.1, 0.4])}


@settings(max_examples=40, deadline=None)
@given(**FUTURES)
def test_probabilities_sum_to_one_and_severity_never_falls(seed: int, busy: float):
    events = first_events(random_paths(seed, busy=busy))
    table = ladder_table(events)
    wide = table.pivot_table(index="rung", columns="horizon_days", values="probability")
    wide = wide.loc[list(LADDER), list(HORIZONS)]
    np.testing.assert_allclose(wide.sum(), 1.0, atol=1e-9)
    reached = wide.iloc[::-1].cumsum().iloc[::-1]
    for rung in LADDER[2:]:
        assert (np.diff(reached.loc[rung]) >= -1e-12).all()
    assert (np.diff(wide.loc[["O0", "O1"]].sum()) <= 1e-12).all()
    assert table["low"].le(table["high"]).all()
    assert table[["probability", "low", "high"]].stack().between(0, 1).all()


@settings(max_examples=40, deadline=None)
@given(**FUTURES)
def test_no_path_falls_back_but_from_standoff_to_settlement(seed: int, busy: float):
    events = first_events(random_paths(seed, busy=busy))
    steps = [severity(events, h).astype(int) for h in range(0, 190, 9)]
    for before, after in itertools.pairwise(steps):
        fell = after < before
        assert (before[fell] == 1).all()
        assert (after[fell] == 0).all()


@settings(max_examples=40, deadline=None)
@given(**FUTURES)
def test_weekly_hazards_give_the_chance_of_a_strike(seed: int, busy: float):
    events = first_events(random_paths(seed, busy=busy))
    table = hazard_table(events, DAY, 180)
    assert len(table) == 25
    assert table["start"].iloc[0] == dt.date(2024, 7, 1)
    assert table["end"].iloc[-1] == DAY + dt.timedelta(days=175)
    for week in (1, 4, 12, 25):
        hazards = table["probability"].iloc[:week].fillna(0.0)
        struck = float((events.strike <= 7 * week).mean())
        assert abs((1 - np.prod(1 - hazards)) - struck) < 1e-9


@settings(max_examples=25, deadline=None)
@given(**FUTURES)
def test_derived_tables_cohere_with_the_ladder(seed: int, busy: float):
    paths = random_paths(seed, busy=busy, draws=6)
    events = first_events(paths)
    ladder = ladder_table(events).set_index(["horizon_days", "rung"])["probability"]
    quantities = quantity_table(paths, events, ("A", "B")).set_index(["horizon_days", "name"])["probability"]
    asked = question_table(standing_questions(), paths, PARTIES, ("A", "B"), DAY)
    questions = asked.set_index("question_id")["probability"]
    for h in HORIZONS:
        orders = [quantities[h, n] for n in ("force_then_talks", "force_no_talks", "deal_without_force", "neither")]
        assert abs(sum(orders) - 1) < 1e-9
        assert abs(orders[0] + orders[1] - quantities[h, "p_strike"]) < 1e-9
        assert quantities[h, "p_strike"] >= max(quantities[h, "p_strike_a"], quantities[h, "p_strike_b"]) - 1e-12
        assert abs(questions[f"full-war-{h}d"] - ladder[h, "O6"]) < 1e-9
        assert abs(questions[f"regional-{h}d"] - ladder[h, "O5"]) <= ladder[h, "O6"] + 1e-9
        assert ladder[h, "O0"] <= quantities[h, "deal_without_force"] + 1e-9
    shares = ladder_shares(events)
    for h in HORIZONS:
        above = sum(ladder[h, rung] for rung in LADDER[4:])
        assert abs(shares[f"P(O4 or higher, {h} days)"].mean() - above) < 1e-9
    replies = reply_table(paths, events, 180)
    sums = replies.groupby(["opening", "opener"])["probability"].sum(min_count=1).dropna()
    np.testing.assert_allclose(sums, 1.0, atol=1e-9)
