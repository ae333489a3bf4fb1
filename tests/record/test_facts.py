"""A short table of facts becomes moves that keep every rule, each once; a fault is told, and nothing is written."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from forecast.errors import RecordError, UsageError
from forecast.record import add_facts, check_record, init_record, read_record

HEADER = "date,actor,target,type,level,summary,source,rung"
FACTS = (
    '2024-01-05,TUR,GRC,exercise,2,"Drill, with live fire",Hurriyet 5 January 2024,',
    "2024-02-01,GRC,,elite_split,2,A minister resigns,https://example.org/a,",
    "2024-02-03,GRC,,alert,1,Fleet told to be ready,Hurriyet 5 January 2024,",
    "2024-02-05,TUR,,harassment,1,Patrol boats ram,,1",
    "2024-03-01,USA,GRC,mediation,2,An envoy comes,coder,",
    "2024-03-02,GRC,TUR,limited_strike,3,One round at a radar,coder,",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init_record(tmp_path / "own", side_a="TUR", side_b="GRC", start=dt.date(2024, 1, 1))
    return tmp_path / "own"


def facts(folder: Path, *rows: str, header: str = HEADER) -> Path:
    file = folder / "facts.csv"
    file.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return file


def test_what_is_usual_is_filled_in(folder: Path):
    assert add_facts(folder) == (0, 0, (), 0)  # a new record has the header alone
    facts(folder, *FACTS)
    added = add_facts(folder)
    assert (added.moves, added.sources, added.observers) == (6, 2, ("DOMESTIC", "USA"))
    assert check_record(folder) == ()
    record = read_record(folder)
    moves = record.moves.set_index("move_id")
    assert list(moves["channel"]) == ["posture", "audience", "posture", "force", "diplomacy", "force"]
    assert list(moves["target"]) == ["GRC", "DOMESTIC", "TUR", "GRC", "GRC", "TUR"]
    assert list(moves["direction"]) == ["escalatory", "neutral", *["escalatory"] * 2, "deescalatory", "escalatory"]
    assert list(moves["rung"].fillna(0)) == [0, 0, 0, 1, 0, 4]
    assert list(moves["basis"]) == [*["dated_source"] * 3, *["reference_knowledge"] * 3]
    assert (moves["known_date"] == moves["date"]).all()
    sources = record.sources.set_index("source_id")
    cited = moves["sources"].astype(str).to_dict()
    assert cited["2024-01-05-tur-exercise"] == cited["2024-02-03-grc-alert"]
    assert sources["url"].to_dict()[cited["2024-02-01-grc-elite-split"]] == "https://example.org/a"


def test_a_fact_is_added_once_and_the_table_may_grow(folder: Path):
    facts(folder, *FACTS[:2])
    add_facts(folder)
    before = (folder / "moves.csv").read_bytes()
    assert add_facts(folder) == (0, 0, (), 2)
    assert (folder / "moves.csv").read_bytes() == before
    facts(folder, *FACTS[:4])
    assert add_facts(folder)[:2] == (2, 0)
    facts(folder, FACTS[0].replace(",2,", ",3,"))
    with pytest.raises(RecordError, match=r"facts.csv line 2, column level: 3 .* level is 2 – correct 2024-01-05-tur-"):
        add_facts(folder)


def test_a_table_of_a_spreadsheet_with_semicolons_and_more_columns(folder: Path):
    rows = "2024-01-05;TUR;alert;2;Guns loaded;2024-01-09;Aegean"
    facts(folder, rows, ";;;;;;", header="\ufeffDate;Actor;Type;Level;Summary;Known_date;Theatre")
    assert add_facts(folder).moves == 1
    row = read_record(folder).moves.iloc[0]
    assert (str(row["known_date"])[:10], row["theatre"]) == ("2024-01-09", "Aegean")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            "2024-13-05,TUR,GRC,exercise,2,x,coder,",
            r"1 to mend\nfacts.csv line 3, column date: 2024-13-05 is a day",
        ),
        ("2024-01-05,TUR,GRC,excercise,2,x,coder,", r"line 3, column type: excercise .* did you mean exercise"),
        ("2024-01-05,TUR,GRC,harassment,2,x,coder,", r"line 3, column rung: .* a harassment has rung 1 or 2"),
        (
            "2024-01-05,TUK,GRC,exercise,2,x,coder,",
            r"line 3, column actor: TUK is not in actors.csv – did.*\? If not, add its row",
        ),
        ("2024-01-05,TUR,GRC,exercise,,x,coder,", r"line 3, column level: is blank"),
        ("2024-01-05,TUR,GRC,exercise,2,a, b,coder,", r"line 3: the row has 9 cells where the header has 8"),
    ],
)
def test_a_fault_is_told_where_it_stands(folder: Path, row: str, told: str):
    facts(folder, FACTS[0], row)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(RecordError, match=told):
        add_facts(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_files_and_records_that_will_not_do_are_refused(folder: Path, tmp_path: Path):
    with pytest.raises(UsageError, match=r"no file .*week.csv – write one with the columns date,actor"):
        add_facts(folder, tmp_path / "week.csv")
    with pytest.raises(UsageError, match="no case grc-tur – use tur-grc"):
        add_facts(folder, case="grc-tur")
    with pytest.raises(RecordError, match=r"summery is no .*did you mean summary.*column summary is missing"):
        add_facts(folder, facts(folder, header="date,actor,type,level,summery"))
    (folder / "sides.csv").unlink()
    with pytest.raises(RecordError, match="breaks a rule already, nothing was added – mend it first: forecast check"):
        add_facts(folder)
