"""However a record is damaged, it is accepted whole or refused with findings: no traceback, no silent drop."""

from __future__ import annotations

import csv
import io
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_records import write_small

from forecast.errors import RecordError
from forecast.record import check_record, read_record
from forecast.record.columns import TABLES
from forecast.record.config import CONFIG_FILE
from forecast.record.interventions import SCENARIOS_FILE, read_scenarios
from forecast.record.questions import QUESTIONS_FILE, inspect_questions
from forecast.record.yamlfile import read_yaml

BYTES = [b'"', b",", b"\n", b"\r", b"\r\n", b"\0", b"\xff\xfe", b";", b"\xef\xbb\xbf", b"'", b": ", b"- "]
CELLS = ["", "NaN", "None", "1e3", "0x10", "１", "2024-13-01", "0000-00-00", "9999-12-31", "=1+1", ";", "IND;IND"]
NONSENSE = [b"", b"\n\n", b"\xef\xbb\xbf", b"\0" * 10, b"\xff" * 10, b'"', b"a,b\n1,2\n", b"[" * 1500]
FILES = [CONFIG_FILE, *(table.file for table in TABLES.values())]


@cache
def contents() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as name:
        folder = write_small(Path(name) / "small")
        return {file: (folder / file).read_bytes() for file in FILES}


def outcome_of(file: str, raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for other, content in contents().items():
            (folder / other).write_bytes(content)
        (folder / file).write_bytes(raw)
        problems = check_record(folder)
        for problem in problems:
            told = str(problem)
            assert problem.file in FILES
            assert problem.line >= 1
            assert problem.line <= raw.count(b"\n") + raw.count(b"\r") + 2 or problem.file != file
            assert told.isprintable()
            assert len(told) < 1500
        if not problems:
            record = read_record(folder)
            for table in TABLES.values():
                text = (folder / table.file).read_bytes().decode("utf-8-sig")
                rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
                assert len(record.tables[table.name]) == len(rows) - 1


@settings(max_examples=150, deadline=None)
@given(
    file=st.sampled_from(FILES),
    share=st.floats(0, 1),
    cut=st.integers(0, 12),
    put=st.one_of(
        st.binary(max_size=6),
        st.sampled_from(BYTES),
        st.text(max_size=5).map(lambda text: text.encode("utf-8", "surrogatepass")),
    ),
)
def test_a_damaged_file_is_refused_or_read_whole(file: str, share: float, cut: int, put: bytes):
    raw = contents()[file]
    at = int(share * len(raw))
    outcome_of(file, raw[:at] + put + raw[at + cut :])


@settings(max_examples=100, deadline=None)
@given(
    table=st.sampled_from(sorted(TABLES)),
    column=st.integers(0, 30),
    row=st.integers(0, 10),
    value=st.one_of(
        st.text(max_size=30),
        st.integers().map(str),
        st.dates().map(str),
        st.sampled_from(CELLS),
    ),
)
def test_a_strange_cell_is_refused_or_kept(table: str, column: int, row: int, value: str):
    rows = list(csv.reader(io.StringIO(contents()[f"{table}.csv"].decode(), newline="")))
    if len(rows) < 2:
        return
    cells = rows[1 + row % (len(rows) - 1)]
    cells[column % len(cells)] = value
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    outcome_of(f"{table}.csv", text.getvalue().encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("raw", NONSENSE)
def test_a_file_of_nonsense_is_refused(file: str, raw: bytes):
    outcome_of(file, raw)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for other, content in contents().items():
            (folder / other).write_bytes(raw if other == file else content)
        assert [problem for problem in check_record(folder) if problem.file == file]


def bomb(rest: str) -> str:
    """A few lines that hold 10^28 values once their aliases are followed."""
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    return "\n".join([*lines, rest]) + "\n"


@pytest.mark.parametrize("rest", ["cases: *a29", "title: *a29"])
def test_aliases_that_grow_without_bound_are_refused(tmp_path: Path, rest: str):
    folder = write_small(tmp_path / "small")
    (folder / CONFIG_FILE).write_text(bomb(rest), encoding="utf-8")
    assert any("values through its aliases" in str(problem) for problem in check_record(folder))
    for name in (QUESTIONS_FILE, SCENARIOS_FILE):
        (tmp_path / name).write_text(bomb(f"{name.removesuffix('.yaml')}: *a29"), encoding="utf-8")
    (problem,) = inspect_questions(tmp_path / QUESTIONS_FILE)[1]
    assert "values through its aliases" in str(problem)
    with pytest.raises(RecordError, match="values through its aliases"):
        read_scenarios(tmp_path / SCENARIOS_FILE)


def test_aliases_that_hold_themselves_are_refused_and_few_are_read(tmp_path: Path):
    (tmp_path / "x.yaml").write_text("a: &a [*a]\n", encoding="utf-8")
    content, _, (problem,) = read_yaml(tmp_path / "x.yaml", "")
    assert content is None
    assert "holds itself through its aliases" in str(problem)
    (tmp_path / "x.yaml").write_text("a: &a [1, 2]\nb: *a\n", encoding="utf-8")
    assert read_yaml(tmp_path / "x.yaml", "")[0] == {"a": [1, 2], "b": [1, 2]}


@pytest.mark.nightly
@settings(max_examples=10_000, deadline=None)
@given(data=st.data())
def test_ten_thousand_damaged_files_and_rows(data: st.DataObject):
    file = data.draw(st.sampled_from(FILES))
    raw = contents()[file]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        put = data.draw(
            st.one_of(st.binary(max_size=6), st.sampled_from(BYTES), st.sampled_from(CELLS).map(str.encode))
        )
        raw = raw[:at] + put + raw[at + data.draw(st.integers(0, 12)) :]
    outcome_of(file, raw)


def test_form_faults_are_told_with_their_line(tmp_path: Path):
    folder = write_small(tmp_path / "small")
    path = folder / "moves.csv"
    raw = path.read_bytes()
    faults = {
        raw.replace(b"A reply", b"A \xff reply"): (4, "byte"),
        raw.replace(b"A reply", b"A \0 reply"): (4, "NUL"),
        raw.replace(b"A reply", b'"A reply'): (4, "cannot be read"),
        raw.replace(b",A reply", b""): (4, "22 cells where the header has 23"),
    }
    for damaged, (line, telling) in faults.items():
        path.write_bytes(damaged)
        found = [problem for problem in check_record(folder) if problem.file == "moves.csv"]
        assert found[0].line == line, telling
        assert telling in str(found[0])
