"""A rule holds on the futures that its words describe, and on no others; what is not simulated gets a reason."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_paths import one, random_paths

from forecast.outlook.expressible import Parties, Told
from forecast.outlook.ladder import Paths, first_events, reply_mode, severity
from forecast.outlook.outcomes import quantity_table, reply_modes
from forecast.outlook.questions import joined, question_table
from forecast.outlook.rules import futures, holds
from forecast.record.questions import Question, standing_questions
from forecast.record.rule import rule_of
from forecast.terms import HORIZONS

FIGHT = ((3, "a", 4), (4, "b", 4), (6, "a", 6), (6, "scope", 4), (7, "b", 6), (7, "scope", 5), (9, "talks"),
         (9, "truce"), (11, "deal"), (20, "b", 3))  # fmt: skip
"""Days 22 and 29 strike and reply, 43 and 50 a campaign, 57 its halt, 64 talks and truce, 78 a deal, 141 a strike."""

CASES = [
    ('{"event":"strike"}', (1, 21), False),
    ('{"event":"strike"}', (1, 22), True),
    ('{"event":"strike","by":"b"}', (1, 28), False),
    ('{"event":"strike","by":"b"}', (1, 29), True),
    ('{"event":"strike","rung":5}', (1, 42), False),
    ('{"event":"strike","rung":6}', (1, 43), True),
    ('{"event":"strike","rung":{"min":3,"max":3}}', (1, 140), False),
    ('{"event":"strike","rung":{"min":3,"max":3}}', (1, 141), True),
    ('{"event":"strike","rung":7,"by":"a"}', (1, 180), False),
    ('{"event":"strike","rung":7,"by":"b"}', (1, 180), True),
    ('{"event":"strike"}', (57, 140), False),
    ('{"event":"leadership_strike"}', (1, 180), False),
    ('{"event":"first_strike","by":"a","rung":{"min":4,"max":5}}', (1, 90), True),
    ('{"event":"first_strike","by":"b"}', (1, 90), False),
    ('{"event":"first_strike","by":"b","rung":{"min":3,"max":3}}', (80, 180), True),
    ('{"event":"campaign"}', (1, 42), False),
    ('{"event":"campaign"}', (44, 60), True),
    ('{"event":"campaign_opens"}', (1, 43), True),
    ('{"event":"campaign_opens"}', (44, 180), False),
    ('{"event":"campaign_halts"}', (1, 56), False),
    ('{"event":"campaign_halts"}', (1, 57), True),
    ('{"event":"several_theatres"}', (1, 49), False),
    ('{"event":"several_theatres"}', (1, 50), True),
    ('{"event":"regional"}', (1, 50), True),
    ('{"event":"full_war"}', (1, 180), False),
    ('{"event":"closure"}', (1, 180), False),
    ('{"event":"talks"}', (1, 64), True),
    ('{"event":"deal"}', (1, 77), False),
    ('{"event":"ceasefire"}', (60, 70), True),
    ('{"all":[{"event":"strike","by":"a"},{"event":"talks"}]}', (1, 63), False),
    ('{"all":[{"event":"strike","by":"a"},{"event":"talks"}]}', (1, 64), True),
    ('{"any":[{"event":"talks"},{"event":"full_war"}]}', (1, 64), True),
    ('{"not":{"event":"strike"}}', (57, 140), True),
    ('{"after":{"event":"strike"},"then":{"event":"talks"},"within":41}', (1, 30), False),
    ('{"after":{"event":"strike"},"then":{"event":"talks"},"within":42}', (1, 30), True),
    ('{"after":{"event":"strike"},"then":{"event":"talks"}}', (1, 63), False),
    ('{"after":{"event":"talks"},"then":{"event":"strike"}}', (1, 180), True),
    ('{"after":{"event":"talks"},"then":{"event":"talks"}}', (1, 180), False),
    ('{"after":{"event":"deal"},"without":{"event":"strike"},"within":62}', (1, 90), True),
    ('{"after":{"event":"deal"},"without":{"event":"strike"},"within":63}', (1, 90), False),
    ('{"after":{"event":"full_war"},"without":{"event":"strike"},"within":63}', (1, 90), False),
    ('{"after":{"event":"campaign"},"then":{"event":"campaign_halts"},"within":13}', (1, 50), False),
    ('{"after":{"event":"campaign"},"then":{"event":"campaign_halts"},"within":14}', (1, 50), True),
    ('{"after":{"after":{"event":"strike"},"then":{"event":"talks"}},"then":{"event":"deal"}}', (1, 78), True),
    ('{"after":{"all":[{"event":"talks"},{"event":"deal"}]},"then":{"any":[{"event":"strike"}]}}', (1, 141), True),
    ('{"reply":"bounded","within":7}', (1, 30), True),
    ('{"reply":"none","within":6}', (1, 30), True),
    ('{"reply":["proxy","none"],"within":7}', (1, 30), False),
    ('{"reply":"widening","within":28}', (1, 30), True),
    ('{"reply":"bounded","to":"b"}', (1, 90), False),
    ('{"reply":"none","to":"b"}', (80, 180), True),
    ('{"ladder":"O3"}', (1, 28), False),
    ('{"ladder":{"min":"O2","max":"O2"}}', (1, 28), True),
    ('{"ladder":"O3"}', (1, 29), True),
    ('{"ladder":"O5"}', (1, 180), True),
    ('{"ladder":{"max":"O0"}}', (70, 140), True),
    ('{"runaway":2}', (1, 42), False),
    ('{"runaway":2}', (1, 43), True),
    ('{"runaway":3}', (1, 180), True),
    ('{"runaway":4}', (1, 180), False),
    ('{"quiet":90}', (1, 140), True),
    ('{"quiet":91}', (1, 140), False),
    ('{"quiet":21}', (1, 60), True),
    ('{"quiet":22}', (1, 60), False),
]


@pytest.mark.parametrize(("rule", "window", "expected"), CASES)
def test_a_rule_holds_where_its_words_do(rule: str, window: tuple[int, int], *, expected: bool):
    ahead = futures(joined(one(*FIGHT, periods=40)))
    assert holds(rule_of(rule), ahead, *window).tolist() == [[expected]]


def test_a_campaign_that_runs_on_the_as_of_day_does_not_open_but_halts():
    on = one((0, "a", 6), (0, "scope", 4))
    for scope, opens in ((4, False), (0, True)):
        ahead = futures(joined(on, scope))
        assert holds(rule_of('{"event":"campaign_opens"}'), ahead, 1, 30).all() == opens
        assert holds(rule_of('{"event":"campaign_halts"}'), ahead, 1, 30).all()
    over = futures(joined(one(), 5))
    assert holds(rule_of('{"event":"campaign_halts"}'), over, 1, 30).all()
    assert not holds(rule_of('{"event":"campaign"}'), over, 1, 30).any()


FUTURES = {"seed": st.integers(0, 10**6), "busy": st.sampled_from([0.02, 0.1, 0.4])}


@settings(max_examples=15, deadline=None)
@given(**FUTURES)
def test_rules_agree_with_ladder_quantities_and_replies(seed: int, busy: float):
    paths = random_paths(seed, busy=busy)
    events, ahead = first_events(paths), futures(joined(paths))
    for horizon in HORIZONS:
        for place in range(7):
            same = holds(rule_of(f'{{"ladder":{{"min":"O{place}","max":"O{place}"}}}}'), ahead, 1, horizon)
            np.testing.assert_array_equal(same, severity(events, horizon) == place)
        wanted = {
            "p_strike_a": '{"event":"strike","by":"a"}',
            "force_then_talks": '{"after":{"event":"strike"},"then":{"event":"talks"}}',
            "deal_without_force": '{"all":[{"event":"deal"},{"not":{"event":"strike"}}]}',
        }
        table = quantity_table(paths, events, ("A", "B"), [horizon]).set_index("name")["probability"]
        for name, rule in wanted.items():
            assert abs(holds(rule_of(rule), ahead, 1, horizon).mean() - table[name]) < 1e-12
        if "runaway" in table:
            struck = holds(rule_of('{"event":"strike"}'), ahead, 1, horizon)
            assert abs(holds(rule_of('{"runaway":2}'), ahead, 1, horizon)[struck].mean() - table["runaway"]) < 1e-12
    mode, opened = reply_modes(paths, events, 180)
    found = [holds(rule_of(f'{{"reply":"{name}"}}'), ahead, 1, 166)
             for name in ("none", "proxy", "symbolic", "bounded", "widening")]  # fmt: skip
    np.testing.assert_array_equal(np.argmax(found, axis=0)[opened], mode[opened])
    assert not np.any(found, axis=0)[~opened].any()
    np.testing.assert_array_equal(reply_mode(paths, events, 14)[opened], mode[opened])


A, B = frozenset({"AAA", "CCC"}), frozenset({"BBB"})
PARTIES = Parties((A, B), (A, B | {"DDD"}), True, 7)
DAY = dt.date(2024, 3, 1)


def asked(rule: str, window: object = 30, **more: object) -> Question:
    return Question.model_validate({"id": "q", "wording": "{a}?", "rule": rule_of(rule), "window": window, **more})


def table(*questions: Question, paths: Paths | None = None, parties: Parties = PARTIES, **more: object):
    made = random_paths(3) if paths is None else paths
    return question_table(questions, made, parties, ("A", "B"), DAY, **more)


INEXPRESSIBLE = {
    "an actor of a side": ('{"event":"strike","by":"AAA"}', "AAA apart from the rest of AAA, CCC (side a)"),
    "a place": ('{"event":"strike","theatre":"Gulf"}', "the model has no places"),
    "what is struck": ('{"event":"strike","struck":"nuclear"}', "what is struck is not simulated"),
    "whom": ('{"event":"strike","by":"a","at":"BBB"}', "whom inside a side a strike hits is not simulated: BBB"),
    "a type of act": ('{"event":"act","type":"cyber_attack"}', "type cyber_attack are not simulated one by one"),
    "a type with a word of its own": ('{"event":"act","type":"chokepoint_closure"}', "nearest to it: `closure`"),
    "a signal": ('{"not":{"all":[{"event":"act","type":"ultimatum"}]}}', "signals are not simulated ahead: ultimatum"),
    "a few quiet days": ('{"quiet":13}', "counted from 14 on"),
}


@pytest.mark.parametrize(("rule", "reason"), INEXPRESSIBLE.values(), ids=INEXPRESSIBLE.keys())
def test_what_the_model_does_not_simulate_gets_a_reason_and_no_number(rule: str, reason: str):
    for question in (asked(rule), asked('{"event":"talks"}', given=rule_of(rule))):
        row = table(question).iloc[0]
        assert reason in row["reason"]
        assert not row["expressible"]
        assert row[["probability", "low", "high", "mcse"]].isna().all()


@pytest.mark.parametrize(
    ("rule", "same"),
    [
        ('{"event":"strike","by":["CCC","AAA"]}', '{"event":"strike","by":"a"}'),
        ('{"not":{"event":"strike","by":["BBB"]}}', '{"not":{"event":"strike","by":"b"}}'),
        ('{"event":"strike","by":["a","b"]}', '{"event":"strike"}'),
        ('{"event":"strike","by":["AAA","BBB","CCC"]}', '{"event":"strike"}'),
        ('{"event":"strike","by":"a","at":["DDD","BBB"]}', '{"event":"strike","by":"a"}'),
        ('{"after":{"event":"strike","by":["BBB"]},"without":{"event":"talks"}}',
         '{"after":{"event":"strike","by":"b"},"without":{"event":"talks"}}'),
    ],
)  # fmt: skip
def test_all_actors_of_a_side_are_the_side(rule: str, same: str):
    found = table(asked(rule), asked(same))
    assert found["expressible"].all()
    assert found["probability"].nunique() == 1


def test_windows_are_dated_and_those_that_cannot_be_simulated_say_why():
    rule = '{"event":"strike"}'
    opened = {"opens": dt.date(2024, 2, 1), "closes": dt.date(2024, 4, 1)}
    over, far, near = ({"closes": dt.date(*day)} for day in ((2024, 2, 20), (2025, 3, 2), (2025, 2, 28)))
    fixed = (over, far, opened, near)
    found = table(*(asked(rule, window) for window in fixed), asked(rule, 30))
    assert found["horizon_days"].tolist() == [-10, 366, 31, 364, 30]
    for reason, told in zip(found["reason"], ["closed on 2024-02-20", "at most 365", "30 days of the window", "182 are",
                                              ""], strict=True):  # fmt: skip
        assert told in reason
        assert bool(told) == bool(reason)
    assert (str(found["opens"].iloc[4]), str(found["closes"].iloc[4])) == ("2024-03-02", "2024-03-31")
    no_strait = table(
        asked('{"event":"closure"}'), asked('{"event":"regional"}'), parties=PARTIES._replace(chokepoint=False)
    )
    assert no_strait["expressible"].tolist() == [False, True]
    assert "chokepoint" in no_strait["reason"].iloc[0]


def test_longer_futures_are_simulated_once_and_only_for_what_looks_past_the_end():
    calls = []

    def longer(days: int) -> Paths:
        calls.append(days)
        return random_paths(9, periods=-(-days // 7))

    late = asked('{"after":{"event":"strike"},"then":{"event":"talks"},"within":60}', 150)
    found = table(asked('{"event":"strike"}'), late, asked('{"event":"deal"}', 300), longer=longer)
    assert calls == [300]
    assert found["expressible"].all()
    assert found["probability"].iloc[0] == table(asked('{"event":"strike"}'))["probability"].iloc[0]
    assert table(asked('{"event":"strike"}', 180), longer=longer)["expressible"].all()
    assert calls == [300]


def test_a_condition_that_never_holds_leaves_no_number():
    row = table(asked('{"event":"talks"}', given=rule_of('{"event":"full_war"}')), paths=one((2, "talks"))).iloc[0]
    assert row["expressible"]
    assert "holds on no simulated future" in row["reason"]
    assert np.isnan(row["probability"])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), cut=st.integers(2, 120), rule=st.sampled_from([case[0] for case in CASES]))
def test_days_before_the_as_of_day_and_futures_after_it_are_one_course(seed: int, cut: int, rule: str):
    whole = random_paths(seed, draws=1, paths=1, periods=240, step=1)
    past = Paths(*(part[:, :, :cut] if isinstance(part, np.ndarray) else part for part in whole))
    rest = Paths(*(part[:, :, cut:] if isinstance(part, np.ndarray) else part for part in whole))
    as_of = DAY + dt.timedelta(days=cut)
    question = asked(rule, {"opens": DAY + dt.timedelta(days=2), "closes": DAY + dt.timedelta(days=cut + 60)})
    told = Told(past, {name: np.ones(cut, bool) for name in ("force", "talks", "minor")})
    parties = PARTIES._replace(period_days=1)
    found = question_table([question], rest, parties, ("A", "B"), as_of, scope=int(past.scope[0, 0, -1]), told=told)
    assert found["probability"].iloc[0] == holds(rule_of(rule), futures(joined(whole)), 2, cut + 60)[0, 0]
    dark = told._replace(watched=told.watched | {"force": np.arange(cut) > cut // 2})
    again = question_table([asked('{"event":"strike"}', question.window)], rest, parties, ("A", "B"), as_of, told=dark)
    assert "not watched on" in again["reason"].iloc[0]


def test_standing_questions_are_asked_at_every_horizon():
    found = table(*standing_questions((7, 30)))
    assert found["expressible"].all()
    assert found["wording"].iloc[0] == "By 2024-03-08: A strikes B overtly?"
    assert len(found) == 18
