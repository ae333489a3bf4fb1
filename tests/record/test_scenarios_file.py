"""A file of scenarios is checked with the line of every fault and the way out; the shipped one keeps every rule."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from forecast.errors import RecordError, UsageError
from forecast.record import read_record
from forecast.record.interventions import of_case, read_scenarios

ONE = "scenarios:\n  - id: one\n    title: One\n    interventions:\n      - {}\n"


def faults(tmp_path: Path, intervention: str, **changes: str) -> str:
    text = ONE.replace("{}", intervention)
    for old, new in changes.items():
        text = text.replace(f"{old}: {'one' if old == 'id' else 'One'}", f"{old}: {new}")
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError) as error:
        read_scenarios(file, read_record())
    return str(error.value)


@pytest.mark.parametrize(
    ("intervention", "told"),
    [
        ("add: {actor: USA, target: IRN, type: ultimtum}", "line 5, column scenarios.0.interventions.0.add.type"),
        ("add: {actor: USA, target: IRN, type: ultimtum}", "did you mean ultimatum?"),
        ("add: {actor: USA, target: IRN, type: limited_strike, rung: 7}", "is no rung of limited_strike – use 4"),
        ("add: {actor: USA, target: IRN, type: talks, rung: 4}", "leave it out: the type is no force"),
        ("add: {actor: USB, target: IRN, type: talks}", "USB stands on no side of the case (sides.csv)"),
        ("add: {actor: USA, target: IRN, type: talks, date: 2026-01-01, after: 3}", "is dated twice"),
        ("add: {actor: USA, type: talks}", "is missing – add the key"),
        ("fix: {side: a, channel: verbal, level: 4}", "less than or equal to 3"),
        ("fix: {side: c, channel: verbal, level: 1}", "is no side – use a or b"),
        ("fix: {side: a, channel: force, level: 1}", "is no signal channel"),
        ("drop: {}", "names no move"),
        ("drop: {mov: x}", "is no known key – did you mean move?"),
        ("dorp: {move: x}", "is no known key – did you mean drop?"),
        ("{drop: {move: x}, fix: {side: a, channel: verbal, level: 1}}", "is not one intervention"),
        ("shift: {move: x}", "is missing"),
    ],
)
def test_a_fault_is_told_with_the_way_out(tmp_path: Path, intervention: str, told: str):
    assert told in faults(tmp_path, intervention)


def test_ids_and_cases_are_checked(tmp_path: Path):
    assert "is no valid id" in faults(tmp_path, "withdraw: {by: a}", id="One!")
    text = ONE.replace("{}", "withdraw: {by: a}")
    file = tmp_path / "mine.yaml"
    file.write_text(text + text.removeprefix("scenarios:\n"), encoding="utf-8")
    with pytest.raises(RecordError, match="stands twice"):
        read_scenarios(file, read_record())
    file.write_text(text.replace("title: One", "title: One\n    case: us-irna"), encoding="utf-8")
    with pytest.raises(RecordError, match="did you mean us-iran"):
        read_scenarios(file, read_record())


def test_a_folder_without_the_file_has_no_scenarios(tmp_path: Path):
    assert read_scenarios(tmp_path) == ()


def test_the_shipped_scenarios_keep_every_rule_and_move_with_the_as_of_day():
    found = read_scenarios(record=read_record())
    assert len(found) >= 5
    for day in (dt.date(2026, 1, 30), dt.date(2026, 10, 9)):
        assert all((s.last_day(day) - day).days in range(29) for s in found)
    told = {s.id: s.words(("US/Israel", "Iran")) for s in found}
    assert told["concession-iran"] == "Iran concedes at level 3"
    assert told["ultimatum"].startswith("USA: ultimatum of level 3, 5 days after the as-of day; USA: public commitment")


def test_too_far_ahead_is_refused(tmp_path: Path):
    file = tmp_path / "mine.yaml"
    file.write_text(ONE.replace("{}", "withdraw: {by: a, date: 2026-12-01}"), encoding="utf-8")
    found = read_scenarios(file, read_record())
    with pytest.raises(UsageError, match="more than 28 days after"):
        of_case(found, "us-iran", dt.date(2026, 10, 9))
    assert of_case(found, "us-iran", dt.date(2026, 11, 9)) == found
