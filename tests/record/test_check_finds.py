"""Every broken rule is found at its file, line and column, and the finding names the way out."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from small_records import CRISIS, MOVE, OUTCOME, append

from forecast.errors import RecordError
from forecast.record import check_record, read_record
from forecast.record.columns import TABLES


def edit(folder: Path, table: str, row: int, **cells: str) -> None:
    """Overwrite cells of row `row` (0-based) of a table."""
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[row] |= cells
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, TABLES[table].names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_the_small_record_is_sound(small: Path):
    assert check_record(small) == ()


CELLS = [
    ("moves", 1, {"level": "7"}, "level", "is outside 1–3 – use 1, 2 or 3 (see data/README.md, moves.level)"),
    ("moves", 1, {"level": "two"}, "level", "is no whole number – use digits only"),
    ("moves", 1, {"level": ""}, "level", "is blank – use 1, 2 or 3"),
    ("moves", 1, {"channel": "Force"}, "channel", "is not in the list – did you mean force?"),
    ("moves", 1, {"type": "limited_strkie"}, "type", "did you mean limited_strike"),
    ("moves", 1, {"type": "threat"}, "type", "is no type of channel force"),
    ("moves", 1, {"type": "threat"}, "type", "or set channel to verbal"),
    ("moves", 1, {"rung": ""}, "rung", "is blank on a force row – a limited_strike has rung 4"),
    ("moves", 1, {"rung": "6"}, "rung", "does not fit type limited_strike – use 4"),
    ("moves", 1, {"rung": "9"}, "rung", "is outside 1–8"),
    ("moves", 1, {"channel": "verbal", "type": "threat", "plover": ""}, "rung", "stands on a row of channel verbal"),
    ("moves", 1, {"plover": "AGREE"}, "plover", "use ASSAULT or leave it blank"),
    ("moves", 1, {"date": "2024-3-3"}, "date", "is no date – write it as YYYY-MM-DD"),
    ("moves", 1, {"date": "2024-02-30"}, "date", "is a day that does not exist"),
    ("moves", 1, {"known_date": "2024-03-01"}, "known_date", "lies before date 2024-03-03"),
    ("moves", 1, {"fatalities_low": "5"}, "fatalities_high", "is below fatalities_low 5"),
    ("moves", 1, {"fatalities_low": ""}, "fatalities_high", "give both or neither"),
    ("moves", 1, {"fatalities_low": "-1"}, "fatalities_low", "is below 0 – use 0 or more"),
    ("moves", 1, {"actor": "PKA"}, "actor", "is not in actors.csv – did you mean PAK?"),
    ("moves", 1, {"episode_id": "2024-crisis2"}, "episode_id", "did you mean 2024-crisis"),
    ("moves", 1, {"sources": "coder;nobody"}, "sources", "nobody is not in sources.csv"),
    ("moves", 1, {"sources": "coder; coder"}, "sources", "blanks around ;"),
    ("moves", 1, {"targets_struck": "base;tank"}, "targets_struck", "holds tank, which is not in the list"),
    ("moves", 1, {"move_id": "reply 1"}, "move_id", "is no valid id"),
    ("moves", 1, {"summary": " A reply"}, "summary", "begins or ends with blanks"),
    ("moves", 1, {"status": "deleted"}, "status", "use active or withdrawn"),
    ("episodes", 1, {"target": "IND"}, "target", "is the challenger too"),
    ("episodes", 1, {"known_date": "2024-02-01"}, "known_date", "lies before start"),
    ("episodes", 1, {"case_id": "2024-crisis"}, "case_id", "is a crisis, not a case"),
    ("episodes", 0, {"stratum": "purposive"}, "stratum", "does not fit kind case"),
    ("sides", 2, {"role": "member"}, "", "should be the one lead of side a"),
    ("sides", 2, {"side": "none"}, "side", "does not fit role lead"),
    ("sides", 2, {"role": "proxy"}, "sponsor", "is blank for a proxy"),
    ("outcomes", 0, {"status": "open"}, "date", "does not fit status open"),
    ("outcomes", 0, {"outcome": "O4"}, "outcome", "use O3"),
    ("outcomes", 0, {"max_rung": "5"}, "max_rung", "use 4"),
    ("outcomes", 0, {"retaliation_mode": "symbolic"}, "retaliation_mode", "use bounded"),
    ("outcomes", 0, {"retaliation_date": "2024-02-29"}, "retaliation_date", "lies before strike_date"),
    ("outcomes", 0, {"known_date": "2024-03-08"}, "known_date", "lies before date"),
    ("outcomes", 0, {"theatres": "2"}, "theatres", "use 1"),
    ("outcomes", 0, {"initiator": "IND;PKA"}, "initiator", "PKA is not in actors.csv"),
    ("coverage", 1, {"end": "2022-01-01"}, "end", "lies before start"),
    ("coverage", 1, {"density": "thick"}, "density", "is not in the list"),
    ("sources", 0, {"url": "example.org"}, "url", "begin it with https://"),
    ("actors", 0, {"known_date": "2024-06-01"}, "", "is known only from 2024-06-01, after this row"),
]


@pytest.mark.parametrize(("table", "row", "cells", "column", "telling"), CELLS)
def test_a_bad_cell_is_found(small: Path, table: str, row: int, cells: dict[str, str], column: str, telling: str):
    edit(small, table, row, **cells)
    problems = check_record(small)
    assert any(telling in str(problem) for problem in problems), [str(problem) for problem in problems]
    if column:
        line = row + 2 + (1 if table == "moves" and row else 0)
        assert [p for p in problems if (p.file, p.line, p.column) == (f"{table}.csv", line, column)]


def test_the_message_reads_as_promised(small: Path):
    edit(small, "moves", 1, level="7")
    told = "moves.csv line 4, column level: 7 is outside 1–3 – use 1, 2 or 3 (see data/README.md, moves.level)"
    assert [str(problem) for problem in check_record(small)] == [told]
    with pytest.raises(RecordError, match="1 problem") as raised:
        read_record(small)
    assert told in str(raised.value)
    assert len(raised.value.problems) == 1


def test_every_problem_is_told_at_once(small: Path):
    edit(small, "moves", 0, level="0", confidence="sure")
    edit(small, "outcomes", 0, outcome="O9")
    edit(small, "sources", 0, kind="rumour")
    assert len(check_record(small)) == 4


def test_a_repeated_row_is_found_and_a_correction_is_not(small: Path):
    append(small, "moves", MOVE)
    (problem,) = check_record(small)
    assert "stands on line 2 too" in str(problem)
    edit(small, "moves", 2, known_date="2024-03-05")
    assert check_record(small) == ()


def test_an_actor_must_have_a_side_in_the_episode(small: Path):
    row = {"actor_id": "CHN", "name": "China", "kind": "state", "known_date": "2024-01-01"}
    append(small, "actors", row)
    edit(small, "moves", 1, actor="CHN")
    assert "has no row in sides.csv for episode ind-pak" in str(check_record(small)[0])


def test_versions_keep_their_episode(small: Path):
    append(small, "moves", MOVE | {"known_date": "2024-04-01", "episode_id": "2024-crisis"})
    assert "is not the episode of the other version" in str(check_record(small)[0])


def test_an_outcome_may_not_come_before_the_talks_it_counts(small: Path):
    edit(small, "outcomes", 0, talks_after_days="30")
    (problem,) = check_record(small)
    assert (problem.column, problem.line) == ("known_date", 2)
    edit(small, "outcomes", 0, known_date="2024-03-31")
    assert check_record(small) == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "telling"),
    [
        ("reference: shipped", "refrence: shipped", None, "did you mean reference?"),
        ("reference: shipped", "reference: yes", 6, "is not valid"),
        ("reference: shipped\n", "", None, "is missing"),
        ("covered_until: null", "covered_until: 2023-01-01", None, "lies after covered_until 2023-01-01"),
        ("covered_until: null", "covered_until: soon", 9, "is not valid"),
        ("  - id: ind-pak", "  - id: ind-pka", 14, "did you mean ind-pak?"),
        ("panel_start: 2024-01-01", "panel_start: 2020-01-01", 18, "lies before the start 2024-01-01"),
        ("panel_start: 2024-01-01", "panel_strat: 2024-01-01", 18, "did you mean panel_start?"),
        ("reference: shipped", "reference: shipped\nreference: none", 7, "stands twice"),
        ("title:", "title: &a [*a]\nother:", None, "holds itself through its aliases"),
        ("cases:", "cases: [", None, "is not YAML"),
        ("title:", "title: !!python/object:os.system", None, "record.yaml"),
    ],
)
def test_a_bad_config_is_found(small: Path, old: str, new: str, line: int | None, telling: str):
    path = small / "record.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    problems = [problem for problem in check_record(small) if telling in str(problem)]
    assert problems
    assert line is None or problems[0].line == line


def test_a_missing_folder_or_file_is_told(small: Path, tmp_path: Path):
    assert "there is no folder" in str(check_record(tmp_path / "nowhere")[0])
    (small / "moves.csv").unlink()
    assert [problem.file for problem in check_record(small)] == ["moves.csv"]
    (small / "record.yaml").unlink()
    assert "record.yaml" in {problem.file for problem in check_record(small)}


def test_header_faults_are_told(small: Path):
    path = small / "moves.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("known_date", "knwon_date", 1), encoding="utf-8")
    told = [str(problem) for problem in check_record(small)]
    assert any("knwon_date is no column of this table – did you mean known_date?" in line for line in told)
    assert any("known_date is missing from the header" in line for line in told)


def test_crisis_of_no_case_without_lead_rows_is_found(small: Path):
    append(small, "episodes", CRISIS | {"episode_id": "2025-crisis"})
    assert check_record(small) == ()  # one of a case needs no rows of its own
    edit(small, "episodes", 2, **(CRISIS | {"episode_id": "2025-crisis", "case_id": ""}))
    told = [str(problem) for problem in check_record(small)]
    assert sum("should be the one lead" in line for line in told) == 2
    assert any("so nothing in it would count as observed" in line for line in told)


def test_an_open_outcome_is_allowed(small: Path):
    blank = dict.fromkeys(["date", "retaliation_rung", "retaliation_mode", "retaliation_date", "max_rung_b"], "")
    edit(small, "outcomes", 0, **(OUTCOME | blank | {"status": "open", "ended_by": "continuing", "outcome": "O2"}))
    assert check_record(small) == ()
