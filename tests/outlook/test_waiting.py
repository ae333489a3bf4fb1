"""Curves of waiting rise from what the paths show, reach no path that was cut off, and agree with the ladder."""

from __future__ import annotations

import numpy as np
import pytest
from small_paths import one, quiet, random_paths

from forecast.outlook.ladder import first_events
from forecast.outlook.outcomes import quantity_table
from forecast.outlook.waiting import waiting_table
from forecast.publish.tables import TABLES

DAYS = 182


def curve(events: tuple, name: str) -> dict[int, float]:
    paths = one(*events)
    table = waiting_table(paths, first_events(paths), DAYS)
    rows = table[table["event"] == name]
    return dict(zip(rows["days"], rows["probability"], strict=True))


def reached(shares: dict[int, float]) -> int:
    return next(day for day, share in shares.items() if share == 1.0)


def test_each_wait_counts_from_its_own_beginning():
    events = ((3, "a", 6), (3, "scope", 4), (4, "a", 6), (4, "scope", 4), (5, "b", 4), (8, "talks"))
    strike, halt, talks = (curve(events, name) for name in ("strike", "halt", "talks"))
    assert reached(strike) == 28  # day 22 lies in the week that ends on 28
    assert reached(halt) == 14  # from period 3 to period 5
    assert reached(talks) == 35  # from period 3 to period 8


def test_a_campaign_that_runs_on_never_halts():
    events = tuple((t, what, value) for t in range(3, 26) for what, value in (("a", 6), ("scope", 4)))
    assert set(curve(events, "halt").values()) == {0.0}


def test_what_begins_too_late_to_be_followed_is_left_out():
    late = curve(((14, "a", 6), (14, "scope", 4)), "halt")
    assert all(np.isnan(list(late.values())))
    assert all(np.isnan(list(curve(((14, "a", 4), (15, "talks")), "talks").values())))


@pytest.mark.parametrize("seed", range(3))
def test_curves_rise_and_agree_with_the_ladder(seed: int):
    paths = random_paths(seed, draws=5, paths=60)
    events = first_events(paths)
    table = waiting_table(paths, events, DAYS)
    assert tuple(table.columns) == TABLES["waiting"].names
    for name, last in (("strike", DAYS), ("halt", DAYS // 2), ("talks", DAYS // 2)):
        rows = table[table["event"] == name]
        assert rows["days"].tolist() == list(range(7, last + 1, 7))
        assert (rows["probability"].diff().dropna() >= 0).all()
    quantities = quantity_table(paths, events, ("A", "B"), (28, 91))
    for days in (28, 91):
        here = table[(table["event"] == "strike") & (table["days"] == days)]["probability"].iloc[0]
        there = quantities.query("name == 'p_strike' and horizon_days == @days")["probability"].iloc[0]
        assert here == there


def test_quiet_futures_wait_for_ever():
    table = waiting_table(quiet(), first_events(quiet()), DAYS)
    assert (table.loc[table["event"] == "strike", "probability"] == 0).all()
    assert table.loc[table["event"] != "strike", "probability"].isna().all()


def test_a_crisis_opens_or_is_over_by_the_day_of_its_period():
    paths = quiet()._replace(crisis=np.zeros((1, 1, 26), np.int8))
    assert paths.crisis is not None
    paths.crisis[0, 0, 3:6] = 1, 1, 2
    for crisis, name, day in ((False, "crisis opens", 28), (True, "crisis over", 42)):
        table = waiting_table(paths, first_events(paths), DAYS, crisis)
        rows = table[table["event"] == name]
        assert reached(dict(zip(rows["days"], rows["probability"], strict=True))) == day
    assert set(waiting_table(paths, first_events(paths), DAYS)["event"]) == {"strike", "halt", "talks"}
