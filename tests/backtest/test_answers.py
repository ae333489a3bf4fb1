"""The record answers a question by the rule that futures were asked: a course of days gives the same answer as both."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hand_made import CASE, START, Row, campaign, coverage, crisis, move, outcome, record

from forecast.evaluation.answers import (
    Answer,
    answer,
    answer_table,
    archived_questions,
    days_told,
    expressible_table,
    seen_in,
)
from forecast.outlook.expressible import Parties
from forecast.outlook.ladder import Paths
from forecast.outlook.questions import question_table
from forecast.outlook.rules import futures, holds
from forecast.record import Record, read_questions
from forecast.record.questions import Question, standing_questions
from forecast.record.rule import rule_json, rule_of

SINGLE = {1: "harassment", 3: "symbolic_strike", 4: "limited_strike", 5: "leadership_strike"}
FIGHTING = {4: ("sustained_campaign", 6), 5: ("regional_widening", 7), 6: ("ground_operation", 8)}
LEADS = ("AAA", "BBB")
DAYS = 420
PARTIES = Parties((frozenset({"AAA", "CCC"}), frozenset({"BBB"})), (frozenset(), frozenset()), True, 1)


def asked(rule: str, window: object = 30, **more: object) -> Question:
    return Question.model_validate({"id": "q", "wording": "x", "rule": rule_of(rule), "window": window, **more})


def one(made: Record, rule: str, day: str = "2024-03-01", window: object = 30, **more: object) -> Answer:
    question = asked(rule, window, **more)
    return answer(question, seen_in(made, CASE), dt.date.fromisoformat(day))


def history(seed: int) -> Paths:
    """One made-up course of days: single acts, campaigns that widen and halt for good or by a truce, talks, deals."""
    rng = np.random.default_rng(seed)
    shape = (1, 1, DAYS)
    none = {name: np.zeros(shape, bool) for name in ("closure", "talks", "deal", "truce")}
    paths = Paths(np.zeros((*shape, 2), np.int8), np.zeros(shape, np.int8), np.zeros(shape, np.int8), **none,
                  day=np.ones(shape, np.int16), period_days=1)  # fmt: skip
    day = 1
    while day < DAYS - 30:
        kind = rng.choice(
            ["strike", "campaign", "talks", "deal", "closure", "below"], p=[0.35, 0.15, 0.3, 0.05, 0.05, 0.1]
        )
        if kind == "campaign":
            scopes = np.sort(rng.choice([4, 4, 4, 5, 6], rng.integers(1, 9)))
            for scope in scopes:
                sides = rng.choice([1, 2, 3])
                paths.scope[0, 0, day] = scope
                paths.rung[0, 0, day] = [6 * (sides & 1), 3 * (sides & 2)]
                paths.first[0, 0, day] = {1: 1, 2: 2}.get(sides, rng.integers(1, 3))
                day += 1
            paths.truce[0, 0, day] = rng.random() < 0.5
            day += (
                1 if paths.truce[0, 0, day] else 8
            )  # acts up to a week apart are one campaign, unless a truce lies between
        elif kind == "strike":
            sides = rng.choice([1, 2, 3])
            rungs = rng.choice([3, 4, 5], 2)
            paths.rung[0, 0, day] = [rungs[0] * (sides & 1), rungs[1] * (sides >> 1)]
            paths.first[0, 0, day] = {1: 1, 2: 2}.get(sides, rng.integers(1, 3))
        elif kind == "below":
            paths.rung[0, 0, day, rng.integers(0, 2)] = 1
        elif kind == "closure":
            paths.closure[0, 0, day] = True
            paths.rung[0, 0, day, 1] = 1
        else:
            getattr(paths, kind)[0, 0, day] = True
        day += int(rng.integers(1, 25))
    return paths


def rows(paths: Paths) -> list[Row]:
    """The same course as rows of moves.csv, who struck first on a day written first."""
    found = []
    for number in range(DAYS):
        day = (START + dt.timedelta(days=number)).isoformat()
        order = (1, 0) if paths.first[0, 0, number] == 2 else (0, 1)
        for side in order:
            rung, scope = int(paths.rung[0, 0, number, side]), int(paths.scope[0, 0, number])
            who = {"actor": LEADS[side], "target": LEADS[1 - side]}
            if paths.closure[0, 0, number] and side == 1:
                found.append(move(day, **who, kind="chokepoint_closure", rung=7))
            elif rung == 6:
                kind, height = FIGHTING[scope]
                found.append(move(day, **who, kind=kind, rung=height))
            elif rung:
                found.append(move(day, **who, kind=SINGLE[rung], rung=rung))
        for name, kind in (("talks", "talks"), ("deal", "deal"), ("truce", "ceasefire")):
            if getattr(paths, name)[0, 0, number]:
                found.append(move(day, "AAA", "BBB", kind))
    return found


def expected(question: Question, paths: Paths, first: int) -> str:
    last = first + question.window.days[0] - 1
    ahead = futures(paths)
    if question.given is not None and not holds(question.given, ahead, first, last)[0, 0]:
        return "void"
    return "yes" if holds(question.rule, ahead, first, last)[0, 0] else "no"


@pytest.mark.parametrize("seed", range(3))
def test_a_future_replayed_as_a_record_gives_the_answer_of_the_future(tmp_path: Path, seed: int):
    paths = history(seed)
    made = record(tmp_path / "record", moves=rows(paths))
    shared = [question for question in (*read_questions(), *standing_questions()) if not question.case]
    questions = [q for q in shared if 0 < sum(q.window.days) <= 180 and '"act"' not in rule_json(q.rule)]
    seen = seen_in(made, CASE, known_by=START + dt.timedelta(days=DAYS - 1))
    found = {"yes": 0, "no": 0, "void": 0}
    for number in range(0, 140, 20):
        as_of = START + dt.timedelta(days=number)
        for question in questions:
            told = answer(question, seen, as_of).answer
            assert told == expected(question, paths, number + 2), (question.id, as_of)
            found[told] += 1
    assert len(questions) > 50
    assert min(found.values()) > 0


def test_futures_of_one_course_have_the_probability_of_its_answer(tmp_path: Path):
    paths = history(7)
    made = record(tmp_path / "record", moves=rows(paths))
    as_of, number = START + dt.timedelta(days=40), 41
    ahead = Paths(*(part[:, :, number:] if isinstance(part, np.ndarray) else part for part in paths))
    fixed = {"opens": START + dt.timedelta(days=10), "closes": as_of + dt.timedelta(days=60)}
    questions = [*standing_questions((30, 90)), asked('{"event":"strike"}', fixed),
                 asked('{"after":{"event":"strike"},"then":{"event":"talks"}}', fixed)]  # fmt: skip
    told = days_told(made, CASE, questions, as_of)
    scope = int(paths.scope[0, 0, number - 1])
    table = question_table(questions, ahead, PARTIES, ("A", "B"), as_of, scope=scope, told=told)
    answers = answer_table(made, questions, as_of)
    assert table["expressible"].all()
    assert (table["probability"] == (answers["answer"] == "yes")).all()
    assert 0 < table["probability"].mean() < 1


def test_an_archived_question_is_resolved_by_its_days(tmp_path: Path):
    made = record(tmp_path / "record", moves=[move("2024-03-10", "AAA", "BBB", "limited_strike", rung=4)])
    questions = [*standing_questions((7, 30)), asked('{"reply":"none"}', 30, given=rule_of('{"event":"strike"}'))]
    day = dt.date(2024, 3, 1)
    paths = history(1)
    table = question_table(questions, paths, PARTIES, ("A", "B"), day)
    table = table.assign(opens=pd.to_datetime(table["opens"]), closes=pd.to_datetime(table["closes"]))
    archived = archived_questions(table)
    assert json.loads(table["rule"].iloc[0]) == {"event": "strike", "by": ["a"]}
    late = dt.date(2024, 6, 1)
    columns = ["question_id", "opens", "closes", "answer"]
    assert answer_table(made, archived, late)[columns].equals(answer_table(made, questions, day)[columns])


STRIKE = move("2024-03-10", "AAA", "BBB", "limited_strike", rung=4, theatre="Gulf", targets_struck="nuclear;base")
REPLY = move("2024-03-20", "BBB", "AAA", "limited_strike", rung=4)


def test_an_answer_is_void_with_its_reason(tmp_path: Path):
    made = record(tmp_path / "record", moves=[STRIKE, REPLY])
    assert one(made, '{"event":"strike"}') == Answer("yes")
    assert one(made, '{"event":"strike"}', window=8) == Answer("no")
    assert one(made, '{"reply":"bounded","within":10}') == Answer("yes")
    assert one(made, '{"reply":"none","within":9}') == Answer("yes")
    assert one(made, '{"event":"talks"}', given=rule_of('{"event":"deal"}')) == Answer(
        "void", "its condition did not hold"
    )
    seen = seen_in(made, CASE, known_by=dt.date(2024, 3, 31))
    day = dt.date(2024, 3, 1)
    assert answer(asked('{"event":"strike"}'), seen, day).answer == "yes"
    for rule, window in (('{"event":"strike"}', 31), ('{"reply":"none","within":9}', 22)):
        assert "covers events up to 2024-03-31" in answer(asked(rule, window), seen, day).reason


def test_what_was_not_watched_is_no_answer_and_what_a_rule_does_not_need_does_not_matter(tmp_path: Path):
    both = "force;diplomacy"
    watches = (("sparse", both, False, False), ("dense", "force", False, True), ("narrative", both, True, False),
               ("regular", both, True, True))  # fmt: skip
    for density, observes, talks, minor in watches:
        watch = coverage(CASE, "2024-01-01", "2024-12-31", density=density, observes=observes)
        made = record(tmp_path / density, moves=[STRIKE], covered=[watch], only=True)
        assert one(made, '{"event":"strike"}').answer == "yes"
        assert (one(made, '{"event":"talks"}').answer == "no") == talks
        assert (one(made, '{"reply":"none"}').answer == "yes") == minor
        assert one(made, '{"reply":"bounded"}').answer == "no"
        assert one(made, '{"event":"act","type":"threat"}').reason.startswith("verbal: not watched on 30 of 30")


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ('{"event":"strike","by":"AAA"}', "yes"),
        ('{"event":"strike","by":"CCC"}', "no"),
        ('{"event":"strike","at":"BBB"}', "yes"),
        ('{"event":"strike","at":"DDD"}', "no"),
        ('{"event":"strike","theatre":"gulf"}', "yes"),
        ('{"event":"strike","theatre":"Sea"}', "no"),
        ('{"event":"strike","struck":["urban","nuclear"]}', "yes"),
        ('{"event":"strike","struck":"urban"}', "no"),
        ('{"event":"strike","by":"AAA","rung":5}', "no"),
        ('{"event":"leadership_strike","by":"AAA"}', "no"),
        ('{"event":"act","type":["cyber_attack","harassment"],"by":"b"}', "yes"),
        ('{"event":"act","type":"cyber_attack","by":"b","rung":2}', "no"),
        ('{"event":"act","type":"threat","level":3}', "yes"),
        ('{"event":"act","type":"threat","by":"BBB"}', "no"),
        ('{"after":{"event":"act","type":"threat"},"then":{"event":"strike","by":"AAA"},"within":3}', "yes"),
    ],
)  # fmt: skip
def test_the_record_tells_of_actors_and_places_that_futures_do_not(tmp_path: Path, rule: str, told: str):
    more = [move("2024-03-08", "AAA", "BBB", "threat"), move("2024-03-09", "BBB", "AAA", "cyber_attack", rung=1)]
    assert one(record(tmp_path / "record", moves=[STRIKE, REPLY, *more]), rule) == Answer(told)


def test_an_escalation_without_a_day_leaves_open_only_what_hangs_on_it(tmp_path: Path):
    opening = move("2010-01-12", "GGG", "HHH", "limited_strike", rung=4, episode="past")
    made = record(
        tmp_path / "record",
        crises=[crisis("past", "2010-01-04")],
        outcomes=[outcome("past", "2010-01-04", "2010-03-01", rung_a=8, days=20, strike_date="2010-01-12",
                          first_strike_rung="4")],
        covered=[coverage("past", "2009-07-06", "2010-08-30")],
        moves=[opening],
    )  # fmt: skip
    seen = seen_in(made, "past")

    def told(rule: str, days: int) -> str:
        return answer(asked(rule, days), seen, dt.date(2010, 1, 4)).answer

    assert [told('{"event":"strike"}', days) for days in (7, 8, 60)] == ["no", "yes", "yes"]
    assert [told('{"event":"full_war"}', days) for days in (7, 8, 30, 60)] == ["no", "void", "void", "yes"]
    assert told('{"event":"campaign_halts"}', 60) == "void"
    assert told('{"event":"strike","by":"a"}', 30) == "yes"
    assert "past reached O6" in answer(asked('{"ladder":"O6"}', 30), seen, dt.date(2010, 1, 4)).reason


def test_days_before_the_as_of_day_are_told_by_what_was_known_then(tmp_path: Path):
    late = STRIKE | {"known_date": "2024-03-25"}
    made = record(tmp_path / "record", moves=[late])
    question = asked('{"event":"strike"}', {"opens": dt.date(2024, 3, 5), "closes": dt.date(2024, 4, 5)})
    assert days_told(made, CASE, [asked('{"event":"strike"}')], dt.date(2024, 3, 15)) is None
    for as_of, seen in ((dt.date(2024, 3, 15), 0), (dt.date(2024, 3, 25), 4)):
        told = days_told(made, CASE, [question], as_of)
        assert told is not None
        assert told.paths.day.shape[2] == (as_of - dt.date(2024, 3, 3)).days
        assert told.paths.rung.max() == seen
        assert told.watched["force"].all()


def test_a_list_says_which_questions_the_model_can_express(tmp_path: Path):
    made = record(tmp_path / "record", moves=[STRIKE])
    questions = [asked('{"event":"strike","by":"AAA"}'), asked('{"event":"strike","by":["AAA","CCC"]}'),
                 asked('{"event":"talks"}', 30, case="other")]  # fmt: skip
    table = expressible_table(made, questions, dt.date(2024, 3, 1))
    assert table["expressible"].tolist() == [False, True]
    assert table["in_words"].tolist() == ["An overt strike by AAA", "An overt strike by AAA or CCC"]


def test_a_campaign_that_began_before_the_window_does_not_open_in_it(tmp_path: Path):
    acts = [campaign(day, "AAA", "BBB") for day in ("2024-02-27", "2024-03-03", "2024-03-06")]
    made = record(tmp_path / "record", moves=acts)
    assert one(made, '{"event":"campaign_opens"}').answer == "no"
    assert one(made, '{"event":"campaign"}').answer == "yes"
    halts = '{"after":{"event":"campaign"},"then":{"event":"campaign_halts"},"within":%d}'
    assert [one(made, halts % days).answer for days in (4, 5)] == ["no", "yes"]
    assert one(made, '{"event":"campaign_opens"}', day="2024-02-26").answer == "yes"
