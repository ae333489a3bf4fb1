"""Small records to break, and how to write a record that is held in memory."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from pathlib import Path

from forecast.record import Record, init_record
from forecast.record.columns import TABLES
from forecast.record.read import as_text

MOVE = {
    "move_id": "2024-03-01-strike",
    "episode_id": "ind-pak",
    "date": "2024-03-01",
    "date_precision": "day",
    "known_date": "2024-03-02",
    "status": "active",
    "actor": "IND",
    "sponsor": "",
    "target": "PAK",
    "channel": "force",
    "type": "limited_strike",
    "level": "3",
    "direction": "escalatory",
    "rung": "4",
    "theatre": "border",
    "targets_struck": "base;missile",
    "fatalities_low": "1",
    "fatalities_high": "4",
    "plover": "ASSAULT",
    "summary": 'A raid, said to be "limited",\nhits two posts',
    "sources": "coder",
    "confidence": "reported",
    "basis": "dated_source",
}
REPLY = MOVE | {
    "move_id": "2024-03-03-reply",
    "actor": "PAK",
    "target": "IND",
    "summary": "A reply",
    "date": "2024-03-03",
    "known_date": "2024-03-03",
}
CRISIS = {
    "episode_id": "2024-crisis",
    "name": "Spring 2024",
    "kind": "crisis",
    "case_id": "ind-pak",
    "cluster": "2024",
    "stratum": "purposive",
    "challenger": "IND",
    "target": "PAK",
    "start": "2024-03-01",
    "date_precision": "day",
    "known_date": "2024-03-01",
    "demand": "policy",
    "challenger_nuclear": "1",
    "target_nuclear": "1",
    "capability_ratio": "stronger",
    "challenger_democracy": "1",
    "prior_force_5y": "0",
    "ground_access": "1",
    "chokepoint": "0",
    "sources": "coder",
    "confidence": "reported",
}
OUTCOME = {
    "outcome_id": "2024-crisis",
    "episode_id": "2024-crisis",
    "name": "Spring 2024",
    "start": "2024-03-01",
    "date": "2024-03-09",
    "date_precision": "day",
    "known_date": "2024-03-09",
    "status": "closed",
    "initiator": "IND",
    "first_strike_rung": "4",
    "strike_date": "2024-03-01",
    "retaliation_rung": "4",
    "retaliation_mode": "bounded",
    "retaliation_date": "2024-03-03",
    "max_rung": "4",
    "max_rung_a": "4",
    "max_rung_b": "4",
    "escalated_beyond_first_round": "0",
    "theatres": "1",
    "theatre_list": "border",
    "days_of_fighting": "2",
    "ended_by": "tacit_halt",
    "talks_after_days": "",
    "outcome": "O3",
    "leader_targeted": "0",
    "summary": "A strike and a reply.",
    "sources": "coder",
    "confidence": "reported",
}
PRELUDE = {
    "episode_id": "2024-crisis",
    "known_date": "2024-03-01",
    "talks_before": "none",
    "public_threat": "1",
    "deployment": "1",
    "deadline": "0",
    "target_allies_engaged": "0",
    "concession_before": "0",
}
SIDES = [
    {"episode_id": "2024-crisis", "actor": actor, "side": side, "role": "lead", "known_date": "2024-03-01"}
    for actor, side in (("IND", "a"), ("PAK", "b"))
]
COVERAGE = {
    "coverage_id": "2024-crisis/narrative",
    "episode_id": "2024-crisis",
    "start": "2023-09-01",
    "known_date": "2024-03-01",
    "density": "narrative",
    "observes": "force",
}


def append(folder: Path, table: str, *rows: dict[str, str]) -> None:
    with (folder / f"{table}.csv").open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, TABLES[table].names, restval="", lineterminator="\n")
        writer.writerows(rows)


def write_small(folder: Path) -> Path:
    """Write a record with one case, one crisis and two moves, the first of which spans lines 2 and 3 of moves.csv."""
    init_record(folder, side_a="IND", side_b="PAK", start=dt.date(2024, 1, 1))
    (folder / "moves.csv").write_text(",".join(TABLES["moves"].names) + "\n", encoding="utf-8")
    append(folder, "moves", MOVE, REPLY)
    append(folder, "episodes", CRISIS)
    append(folder, "sides", *SIDES)
    append(folder, "preludes", PRELUDE)
    append(folder, "outcomes", OUTCOME)
    append(folder, "coverage", COVERAGE)
    return folder


def write_record(record: Record, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(record.path / "record.yaml", folder / "record.yaml")
    for name, table in TABLES.items():
        with (folder / table.file).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(table.names)
            frame = record.tables[name]
            writer.writerows(zip(*(as_text(frame[column.name], column) for column in table.columns), strict=True))
    return folder
