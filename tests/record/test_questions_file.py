"""Questions are read as written or refused with line, id and the way out; the page tells every word of a rule."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from forecast.errors import RecordError
from forecast.record import Record, check_record, init_record, read_questions
from forecast.record.questions import QUESTIONS_FILE, inspect_questions, standing_questions
from forecast.record.questions_page import questions_page
from forecast.record.rule import dated, needs, reach, rule_json, rule_of, walk
from forecast.record.rule_said import in_words
from forecast.record.rule_words import EVENTS, FORMS, NARROWING, QUESTION_KEYS

NAMES = ("North", "South")
DAY = dt.date(2026, 2, 13)


def write(folder: Path, *entries: str, name: str = QUESTIONS_FILE) -> Path:
    """Write questions that are given as the lines after their id and wording."""
    text = "questions:\n"
    for number, entry in enumerate(entries):
        text += f"  - id: q{number}\n    wording: x\n" + "".join(f"    {line}\n" for line in entry.splitlines())
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def told(folder: Path, entry: str, actors: dict[str, set[str]] | None = None) -> list[str]:
    whole = entry if "window" in entry else f"{entry}\nwindow: 30"
    return [str(problem) for problem in inspect_questions(write(folder, whole), actors)[1]]


BROKEN = {
    "event": ("rule: {event: strkie}", "line 4, column questions.q0.rule.event: strkie is no event – did you"),
    "form": ("rule: {evnt: strike}", "is no rule – begin it with a form: did you mean event?"),
    "two forms": ("rule: {event: talks, ladder: O2}", "has the forms event and ladder at once – join two"),
    "no rule": ("rule: strike", "strike is no rule – begin it with a form"),
    "narrowing": ("rule: {event: talks, by: a}", "by does not go with event talks – leave it out"),
    "narrowing of strikes": ("rule: {event: strike, type: threat}", "it takes by, at, rung, theatre, struck"),
    "unknown key": ("rule: {event: strike, bye: a}", "rule.bye: is no known key – did you mean by?"),
    "low rung": ("rule: {event: strike, rung: 2}", "rung 2 is below an overt strike – use 3 or more"),
    "rung order": ("rule: {event: strike, rung: {min: 5, max: 4}}", "5 to 4 holds no rung"),
    "mode": ("rule: {not: {reply: bound}}", "questions.q0.rule.not.reply: bound is no mode of reply – did you"),
    "side": ("rule: {reply: none, to: c}", "c is no side – use a, b or either"),
    "place": ("rule: {ladder: O9}", "O9 is no outcome of the ladder – use O0, O1"),
    "type": ("rule: {event: act, type: threats}", "threats is no type of move – did you mean threat"),
    "no type": ("rule: {event: act}", "type is missing: an act needs its type"),
    "nothing follows": ("rule: {after: {event: strike}}", "needs either then or without"),
    "no day": ("rule: {after: {not: {event: strike}}, then: {event: talks}}", "after falls on no day"),
    "no plain event": ("rule: {after: {event: strike}, then: {ladder: O4}}", "is no plain event"),
    "empty": ("rule: {all: []}", "all: [] holds no rule"),
    "one actor first": ("rule: {event: first_strike, by: XXX}", "XXX is no side, and a first strike is one"),
    "nothing asked": ("window: 30", "line 2, column questions.q0.rule: is missing – add the key"),
    "no window": ("rule: {event: strike}\nwindow:", "column questions.q0.window"),
    "window order": ("rule: {event: strike}\nwindow: {opens: 2026-03-01, closes: 2026-02-01}", "closes before it"),
    "window key": ("rule: {event: strike}\nwindow: {close: 2026-02-01}", "did you mean closes?"),
    "window of no days": ("rule: {event: strike}\nwindow: 0", "line 5, column questions.q0.window.days"),
    "window without an end": ("rule: {event: strike}\nwindow: {opens: 2026-03-01}", "is no window"),
    "key": ("rule: {event: strike}\ngivn: {event: talks}", "did you mean given?"),
    "given": ("rule: {event: strike}\ngiven: {event: takls}", "given.event: takls is no event – did you mean talks"),
    "case": ("rule: {event: strike}\ncase: nowhere", "nowhere is no case or crisis of the record – use north"),
    "actor": ("rule: {event: strike, by: [AAA, BBC]}", "BBC is no actor of the case (sides.csv), and no side"),
    "not YAML": ("rule: {event: strike", "is not YAML"),
    "itself": ("rule: &r {not: *r}", "holds itself through its aliases"),
}  # fmt: skip


@pytest.mark.parametrize(("entry", "telling"), BROKEN.values(), ids=BROKEN.keys())
def test_a_fault_is_told_with_its_line_and_the_way_out(tmp_path: Path, entry: str, telling: str):
    found = told(tmp_path, entry, {"north-south": {"AAA", "BBB"}})
    assert any(telling in problem for problem in found), found
    assert all(problem.startswith(f"{QUESTIONS_FILE} line ") for problem in found)


def test_every_fault_is_told_at_once(tmp_path: Path):
    file = write(tmp_path, "rule: {event: strkie}\nwindow: 30", "rule: {ladder: O4}\nwindow: soon")
    assert len(inspect_questions(file)[1]) == 2


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("- id: q0\n  wording: y\n  rule: {event: strike}\n  window: 30", "stands twice"),
        ("- id: deal-30d\n  wording: y\n  rule: {event: deal}\n  window: 30", "every forecast is asked"),
        ("- id: Deal!\n  wording: y\n  rule: {event: deal}\n  window: 30", "is no valid id"),
        ("- id: one\n  wording: by {close}\n  rule: {event: deal}\n  window: 30", "did you mean closes"),
        ("- id: one\n  wording: 'by {'\n  rule: {event: deal}\n  window: 30", "is no placeholder"),
        ("- id: q\n  wording: y\n  rule: {event: deal}\n  window: [7, 7]", "twice"),
    ],
)
def test_names_and_wordings_are_checked(tmp_path: Path, text: str, telling: str):
    file = write(tmp_path, "rule: {event: strike}\nwindow: 30")
    entry = "".join(f"  {line}\n" for line in text.splitlines())
    file.write_text(file.read_text(encoding="utf-8") + entry, encoding="utf-8")
    problems = inspect_questions(file)[1]
    assert any(telling in str(problem) for problem in problems), problems


def test_check_covers_the_file_of_a_record_and_reading_refuses_it(tmp_path: Path):
    init_record(tmp_path / "new", side_a="IND", side_b="PAK")
    assert check_record(tmp_path / "new") == ()
    assert len(read_questions(tmp_path / "new")) == 3
    write(tmp_path / "new", "rule: {event: strike, by: IDN}\nwindow: 30")
    (problem,) = check_record(tmp_path / "new")
    assert str(problem).endswith("IDN is no actor of the case (sides.csv), and no side – did you mean IND?")
    (tmp_path / "new" / QUESTIONS_FILE).unlink()
    assert check_record(tmp_path / "new") == ()
    assert read_questions(tmp_path / "new") == ()
    with pytest.raises(RecordError, match="1 problem"):
        read_questions(write(tmp_path, "rule: {event: strkie}\nwindow: 30", name="mine.yaml"))
    with pytest.raises(RecordError, match="the file is missing"):
        read_questions(tmp_path / "none.yaml")


def test_windows_count_from_the_as_of_day_or_are_fixed(tmp_path: Path):
    file = write(
        tmp_path,
        "rule: {event: strike}\nwindow: [7, 30]",
        "rule: {event: strike}\nwindow: {closes: 2026-03-31}",
        "rule: {event: strike}\nwindow: {opens: 2026-03-01, closes: 2026-03-31}",
    )
    questions = read_questions(file)
    assert [one.id for one in questions] == ["q0-7d", "q0-30d", "q1", "q2"]
    first, end = dt.date(2026, 2, 14), dt.date(2026, 3, 31)
    windows = [(first, dt.date(2026, 2, 20)), (first, dt.date(2026, 3, 15)), (first, end), (dt.date(2026, 3, 1), end)]
    assert [one.window.dates(DAY) for one in questions] == windows


def test_shipped_and_standing_questions_survive_json_and_can_be_said(shipped: Record):
    questions = (*read_questions(record=shipped), *standing_questions())
    assert len({one.id for one in questions}) == len(questions) > 25 + 36
    for question in questions:
        for rule in filter(None, (question.rule, question.given)):
            assert rule_of(rule_json(rule)) == rule
            assert in_words(rule, NAMES)
            assert needs(rule)
        assert "{" not in question.worded(NAMES, DAY)
    said = {one.id: in_words(one.rule, NAMES, given=one.given) for one in questions}
    assert said["reply-by-b-none"] == (
        "A first strike by North whose reply within 30 days is none; given a first strike by North"
    )
    assert said["symbolic-only"] == "An overt strike and not: an overt strike of rung 4 or above"


def test_a_rule_says_what_it_needs_and_how_far_it_looks():
    rule = rule_of('{"after":{"after":{"event":"strike"},"then":{"event":"talks"},"within":14},"then":{"event":"deal"},'
                   '"within":30}')  # fmt: skip
    assert (reach(rule), needs(rule), dated(rule), len(list(walk(rule)))) == (44, {"force", "talks"}, True, 5)
    assert needs(rule_of('{"reply":"none"}')) == {"force", "minor"}
    assert reach(rule_of('{"not":{"reply":"bounded"}}')) == 14
    assert needs(rule_of('{"ladder":{"min":"O1"}}')) == {"force", "talks"}
    assert needs(rule_of('{"event":"act","type":"threat"}')) == {"verbal"}


def test_the_page_is_current_and_names_every_word():
    page = questions_page()
    path = Path(__file__).parents[2] / "docs" / "questions.md"
    assert path.read_text(encoding="utf-8") == page, "run: python -m forecast.record.questions_page"
    assert all(f"| `{name}` |" in page for name in (*EVENTS, *NARROWING))
    assert all(f"| {key} |" in page for key in QUESTION_KEYS)
    assert all(f"`{form}: " in page for form in FORMS)
