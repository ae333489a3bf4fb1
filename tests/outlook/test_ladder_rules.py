"""Hand-made futures end on the rung that the rules of the ladder say, at every horizon."""

from __future__ import annotations

import pytest
from small_paths import one

from forecast.outlook.ladder import NEVER, event_days, first_events, rung_by_period, severity
from forecast.terms import LADDER, LADDER_RULES

FUTURES = {
    "nothing": ((), "O1"),
    "talks only": (((2, "talks"),), "O1"),
    "harassment": (((2, "a", 1), (3, "b", 1)), "O1"),
    "a deal": (((4, "deal"),), "O0"),
    "a deal after harassment": (((2, "a", 1), (4, "deal")), "O0"),
    "a strike after a deal": (((4, "deal"), (9, "b", 4)), "O2"),
    "a deal after a strike": (((2, "a", 4), (6, "deal")), "O2"),
    "a strike without reply": (((3, "a", 4),), "O2"),
    "a leadership strike without reply": (((3, "b", 5),), "O2"),
    "a symbolic strike": (((3, "b", 3),), "O2"),
    "a second strike by the same side": (((3, "b", 4), (5, "b", 5)), "O2"),
    "a reply by proxy": (((3, "a", 4), (4, "b", 1)), "O2"),
    "a symbolic reply": (((3, "a", 5), (4, "b", 3)), "O2"),
    "a direct reply": (((3, "a", 4), (4, "b", 4)), "O3"),
    "a direct reply in the same period": (((3, "a", 4), (3, "b", 4)), "O3"),
    "a direct reply of rung 5 to a symbolic strike": (((3, "a", 3), (4, "b", 5)), "O3"),
    "a late direct reply": (((3, "b", 4), (20, "a", 4)), "O3"),
    "a campaign": (((3, "a", 6), (3, "scope", 4)), "O4"),
    "a campaign after a strike and a deal": (((1, "deal"), (3, "a", 4), (9, "b", 6), (9, "scope", 4)), "O4"),
    "several theatres": (((3, "a", 6), (3, "scope", 5)), "O5"),
    "a closure without a shot": (((3, "closure"),), "O5"),
    "a closure within a campaign": (((3, "a", 6), (3, "scope", 4), (4, "closure")), "O5"),
    "full war": (((3, "a", 6), (3, "scope", 6)), "O6"),
    "full war after several theatres": (((3, "a", 6), (3, "scope", 5), (4, "a", 6), (4, "scope", 6)), "O6"),
    "a campaign that runs on from the start": (((0, "b", 6), (0, "scope", 4)), "O4"),
}


@pytest.mark.parametrize(("events", "rung"), FUTURES.values(), ids=FUTURES.keys())
def test_a_future_ends_on_its_rung(events: tuple, rung: str):
    assert LADDER[severity(first_events(one(*events)), 182)[0, 0]] == rung
    assert LADDER_RULES[rung]


@pytest.mark.parametrize(
    ("horizon", "rung"), [(7, "O1"), (14, "O1"), (15, "O2"), (21, "O2"), (22, "O3"), (42, "O3"), (43, "O4"), (90, "O5")]
)
def test_only_what_falls_inside_the_horizon_counts(horizon: int, rung: str):
    paths = one((2, "a", 4), (3, "b", 4), (6, "b", 6), (6, "scope", 4), (8, "closure"))
    assert LADDER[severity(first_events(paths), horizon)[0, 0]] == rung


def test_days_count_from_the_as_of_day():
    paths = one((0, "a", 4), (2, "b", 4), step=7)
    paths.day[0, 0] = 3
    events = first_events(paths)
    assert event_days(paths)[0, 0, :3].tolist() == [3, 10, 17]
    assert (events.strike[0, 0], events.direct_reply[0, 0], events.campaign[0, 0]) == (3, 17, NEVER)


def test_events_name_opener_rung_and_what_followed():
    paths = one((1, "talks"), (2, "b", 5), (4, "a", 4), (5, "talks"), (7, "deal"))
    events = first_events(paths)
    assert (events.opener[0, 0], events.first_rung[0, 0]) == (2, 5)
    assert (events.strike_b[0, 0], events.strike_a[0, 0], events.leadership[0, 0]) == (15, 29, 15)
    assert (events.talks[0, 0], events.talks_after_force[0, 0], events.deal[0, 0]) == (8, 36, 50)
    nothing = first_events(one())
    assert (nothing.opener[0, 0], nothing.first_rung[0, 0], nothing.strike[0, 0]) == (0, 0, NEVER)


@pytest.mark.parametrize(("scope", "rung"), [(4, 6), (5, 7), (6, 8)])
def test_a_campaign_opens_on_the_rung_of_its_scope(scope: int, rung: int):
    paths = one((3, "a", 6), (3, "scope", scope))
    assert first_events(paths).first_rung[0, 0] == rung
    assert rung_by_period(paths)[0, 0].tolist()[2:5] == [0, rung, 0]


def test_the_rung_of_the_opener_counts_where_both_strike():
    paths = one((3, "b", 3), (3, "a", 5))
    events = first_events(paths)
    assert (events.opener[0, 0], events.first_rung[0, 0]) == (2, 3)


def test_a_closure_beside_a_limited_strike_does_not_make_it_a_campaign():
    paths = one((3, "a", 4), (3, "closure"))
    assert first_events(paths).first_rung[0, 0] == 4
