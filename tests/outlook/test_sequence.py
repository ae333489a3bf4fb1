"""Hand-made futures fall on the branch that the rules of the sequence say, and the tree of any futures adds up."""

from __future__ import annotations

import numpy as np
import pytest
from small_paths import one, quiet, random_paths

from forecast.outlook.ladder import first_events
from forecast.outlook.outcomes import reply_table
from forecast.outlook.sequence import ANY, COLUMNS, NO_STRIKE, SETTLING_DAYS, sequence_table
from forecast.publish.tables import TABLES
from forecast.terms import NEXT_MOVES, OPENINGS, REPLY_MODES, SETTLINGS

DAYS = 182
FUTURES = {
    "a strike, then nothing": (((2, "a", 4),), ("limited_strike", "none", "stops", "no_talks")),
    "a reply in the same period": (((2, "a", 4), (2, "b", 4)), ("limited_strike", "bounded", "stops", "no_talks")),
    "a reply by proxy and a second strike": (
        ((2, "b", 4), (3, "a", 1), (4, "b", 4)), ("limited_strike", "proxy", "strikes_again", "no_talks"),
    ),
    "a second strike before the reply is no next move": (
        ((2, "a", 4), (3, "a", 5), (4, "b", 3)), ("limited_strike", "symbolic", "stops", "no_talks"),
    ),
    "a leadership strike, a reply, a campaign, talks": (
        ((2, "a", 5), (3, "b", 4), (4, "a", 6), (4, "scope", 4), (6, "talks")),
        ("leadership_strike", "bounded", "climbs", "talks"),
    ),
    "harassment is no next move": (((2, "a", 4), (3, "a", 1)), ("limited_strike", "none", "stops", "no_talks")),
    "a campaign that goes on and ends in a deal": (
        ((2, "a", 6), (2, "scope", 4), (2, "b", 6), (3, "a", 6), (3, "scope", 4), (5, "talks"), (7, "deal")),
        ("sustained_campaign", "bounded", "strikes_again", "deal"),
    ),
    "a campaign that widens": (
        ((2, "a", 6), (2, "scope", 4), (3, "b", 6), (3, "scope", 4), (5, "a", 6), (5, "scope", 5)),
        ("sustained_campaign", "bounded", "climbs", "no_talks"),
    ),
    "a campaign of the struck side is not the striker's": (
        ((2, "a", 4), (3, "b", 6), (3, "scope", 4), (4, "b", 6), (4, "scope", 4)),
        ("limited_strike", "bounded", "stops", "no_talks"),
    ),
    "talks and a deal before the strike do not count": (
        ((0, "talks"), (1, "deal"), (2, "b", 3)), ("limited_strike", "none", "stops", "no_talks"),
    ),
    "talks after sixty days do not count": (
        ((2, "b", 3), (12, "talks")), ("limited_strike", "none", "stops", "no_talks"),
    ),
    "a next move after thirty days does not count": (
        ((2, "b", 3), (7, "b", 4)), ("limited_strike", "none", "stops", "no_talks"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("events", "way"), FUTURES.values(), ids=FUTURES.keys())
def test_a_future_goes_its_way(events: tuple, way: tuple[str, ...]):
    paths = one(*events)
    table = sequence_table(paths, first_events(paths), DAYS)
    full = table[(table["stage"] == 4) & (table["opening"] != ANY)]
    assert [tuple(row) for row in full[["opening", "reply", "next_move", "settling"]].to_numpy()] == [way]
    assert full["probability"].tolist() == full["share_probability"].tolist() == [1.0]
    for stage, name in enumerate(way[1:], start=2):
        step = ("opening", "reply", "next_move", "settling")[stage - 1]
        whole = table[(table["stage"] == stage) & (table["opening"] == ANY)].set_index(step)["probability"]
        assert whole[name] == 1.0
        assert whole.sum() == 1.0


def test_a_strike_too_late_to_be_followed_is_none():
    paths = one((18, "a", 4))
    table = sequence_table(paths, first_events(paths), DAYS)
    assert table.loc[table["opening"] == NO_STRIKE, "probability"].tolist() == [1.0]
    assert set(table["stage"]) == {1}
    assert sequence_table(paths, first_events(paths), SETTLING_DAYS).empty


@pytest.mark.parametrize("seed", range(4))
def test_the_tree_adds_up(seed: int):
    paths = random_paths(seed, draws=5, paths=40)
    events = first_events(paths)
    table = sequence_table(paths, events, DAYS)
    struck = 1 - table.loc[table["opening"] == NO_STRIKE, "probability"].iloc[0]
    assert struck == pytest.approx(float((events.strike <= DAYS - SETTLING_DAYS).mean()))
    ways = table[~table["opening"].isin([ANY, NO_STRIKE])]
    for stage in range(1, 5):
        assert ways.loc[ways["stage"] == stage, "probability"].sum() == pytest.approx(struck)
    steps = ["opening", "reply", "next_move", "settling"]
    for stage in range(2, 5):
        deep = ways[ways["stage"] == stage].groupby(steps[: stage - 1], as_index=False)
        above = ways[ways["stage"] == stage - 1].set_index(steps[: stage - 1])["probability"]
        np.testing.assert_allclose(
            deep["probability"].sum().set_index(steps[: stage - 1])["probability"], above.sort_index()
        )
        np.testing.assert_allclose(deep["share_probability"].sum()["share_probability"], 1.0)
        whole = table[(table["stage"] == stage) & (table["opening"] == ANY)].set_index(steps[stage - 1])
        by_node = ways[ways["stage"] == stage].groupby(steps[stage - 1])["probability"].sum()
        np.testing.assert_allclose(whole["probability"].reindex(by_node.index), by_node)
        np.testing.assert_allclose(whole["share_probability"].reindex(by_node.index), by_node / struck)


def test_replies_are_those_of_the_table_of_replies():
    paths = random_paths(3, draws=5, paths=60)
    events = first_events(paths)
    early = events._replace(strike=np.where(events.strike <= DAYS - SETTLING_DAYS, events.strike, 2**30))
    replies = reply_table(paths, early, DAYS).query("opening == 'any' and opener == 'either'").set_index("mode")
    table = sequence_table(paths, events, DAYS)
    whole = table[(table["stage"] == 2) & (table["opening"] == ANY)].set_index("reply")
    np.testing.assert_allclose(
        whole["share_probability"].reindex(REPLY_MODES), replies["probability"].reindex(REPLY_MODES)
    )


def test_its_columns_and_words_are_those_of_the_archive():
    table = sequence_table(quiet(), first_events(quiet()), DAYS)
    assert tuple(table.columns) == COLUMNS == TABLES["sequence"].names
    busy = random_paths(1, draws=5, paths=60, busy=0.4)
    full = sequence_table(busy, first_events(busy), DAYS)
    assert set(full["opening"]) == {NO_STRIKE, ANY, *OPENINGS}
    for column, words in (("reply", REPLY_MODES), ("next_move", NEXT_MOVES), ("settling", SETTLINGS)):
        assert set(full[column]) <= {"", ANY, *words}
