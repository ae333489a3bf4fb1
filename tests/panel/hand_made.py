"""A record made by hand: one case AAA-BBB from 2024-01-01 with allies, and whichever moves and crises a test adds."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

from forecast.record import Record, init_record, read_record
from forecast.record.columns import TABLES
from forecast.record.rules import ladder_places
from forecast.record.vocabulary import DIRECTION
from forecast.terms import TYPES_BY_CHANNEL

CASE = "aaa-bbb"
START = dt.date(2024, 1, 1)
Row = dict[str, str]

ACTORS = ("CCC", "DDD", "EEE", "FFF", "GGG", "HHH", "YYY", "ZZZ")
ALLIES = {  # actor: side, role, sponsor
    "CCC": ("a", "member", ""),
    "DDD": ("b", "partner", ""),
    "EEE": ("b", "proxy", "BBB"),
    "FFF": ("none", "observer", ""),
}
OUTCOME = {
    "date_precision": "day",
    "initiator": "GGG",
    "retaliation_mode": "none",
    "escalated_beyond_first_round": "0",
    "theatres": "1",
    "theatre_list": "border",
    "leader_targeted": "0",
    "sources": "coder",
    "confidence": "reported",
    "summary": "How it ended.",
}


def move(
    day: str,
    actor: str,
    target: str,
    kind: str,
    *,
    rung: int | str = "",
    level: int = 3,
    episode: str = CASE,
    **more: str,
) -> Row:
    """One row of moves.csv; `more` overrides any column."""
    channel = next(name for name, kinds in TYPES_BY_CHANNEL.items() if kind in kinds)
    row = {
        "move_id": f"{day}-{actor}-{target}-{kind}".lower().replace("_", "-"),
        "episode_id": episode,
        "date": day,
        "date_precision": "day",
        "known_date": day,
        "status": "active",
        "actor": actor,
        "target": target,
        "channel": channel,
        "type": kind,
        "level": str(level),
        "direction": DIRECTION[kind],
        "rung": str(rung),
        "summary": "A row",
        "sources": "coder",
        "confidence": "reported",
        "basis": "dated_source",
    }
    return row | more


def campaign(day: str, actor: str, target: str, *, rung: int = 6, episode: str = CASE, **more: str) -> Row:
    """One act of campaign level (rung 6 to 8)."""
    kind = {6: "sustained_campaign", 7: "regional_widening", 8: "ground_operation"}[rung]
    return move(day, actor, target, kind, rung=rung, episode=episode, **more)


def crisis(name: str, start: str, *, challenger: str = "GGG", target: str = "HHH", **more: str) -> Row:
    """One row of episodes.csv for a past crisis."""
    row = {
        "episode_id": name,
        "name": name,
        "kind": "crisis",
        "cluster": name,
        "stratum": "purposive",
        "challenger": challenger,
        "target": target,
        "start": start,
        "date_precision": "day",
        "known_date": start,
        "demand": "policy",
        "challenger_nuclear": "0",
        "target_nuclear": "0",
        "capability_ratio": "parity",
        "challenger_democracy": "0",
        "prior_force_5y": "0",
        "ground_access": "0",
        "chokepoint": "0",
        "sources": "coder",
        "confidence": "reported",
    }
    return row | more


def outcome(name: str, start: str, end: str, *, rung_a: int = 0, rung_b: int = 0, days: int = 0, **more: str) -> Row:
    """One row of outcomes.csv for a past crisis; blank `end` leaves it open."""
    row = OUTCOME | {
        "outcome_id": name,
        "episode_id": name,
        "name": name,
        "start": start,
        "date": end,
        "known_date": end or start,
        "status": "closed" if end else "open",
        "retaliation_rung": "0",
        "max_rung": str(max(rung_a, rung_b)),
        "max_rung_a": str(rung_a),
        "max_rung_b": str(rung_b),
        "days_of_fighting": str(days),
        "ended_by": "tacit_halt" if end else "continuing",
        "outcome": ladder_places(rung_a, rung_b, deal=more.get("ended_by") == "no_force_deal")[0],
    }
    return row | more


def coverage(
    name: str,
    start: str,
    end: str = "",
    *,
    density: str = "narrative",
    observes: str = "force",
    known: str = "2024-01-01",
) -> Row:
    """One row of coverage.csv."""
    key = f"{name}/{start}-{density}"
    return {"coverage_id": key, "episode_id": name, "start": start, "end": end, "known_date": max(known, start),
            "density": density, "observes": observes}  # fmt: skip


def record(
    folder: Path,
    *,
    moves: list[Row] | None = None,
    crises: list[Row] | None = None,
    outcomes: list[Row] | None = None,
    covered: list[Row] | None = None,
    case: Row | None = None,
    only: bool = False,
    reference: str = "shipped",
) -> Record:
    """Write and read the record of the case, its allies, and the rows given.

    `covered` adds rows of coverage.csv (`only`: instead of the regular watch on all channels that the case has);
    `case` overrides columns of the case's row in episodes.csv; `reference` "none": no past crises but its own.
    """
    init_record(folder, side_a="AAA", side_b="BBB", start=START)
    _replace(folder / "record.yaml", "reference: shipped", f"reference: {reference}")
    (folder / "moves.csv").write_text(",".join(TABLES["moves"].names) + "\n", encoding="utf-8")
    early = {"known_date": "1990-01-01"}
    crises = crises or []
    _append(folder, "actors", *({"actor_id": a, "name": a, "kind": "state"} | early for a in ACTORS if a != "EEE"))
    _append(folder, "actors", {"actor_id": "EEE", "name": "EEE", "kind": "proxy", "sponsor": "BBB",
                               "known_date": START.isoformat()})  # fmt: skip
    known = {"known_date": START.isoformat()}
    _append(folder, "sides", *({"episode_id": CASE, "actor": a, "side": s, "role": r, "sponsor": p} | known
                               for a, (s, r, p) in ALLIES.items()))  # fmt: skip
    for row in crises:
        leads = ((row["challenger"], "a"), (row["target"], "b"))
        _append(folder, "sides", *({"episode_id": row["episode_id"], "actor": a, "side": s, "role": "lead",
                                    "known_date": row["known_date"]} for a, s in leads))  # fmt: skip
    _append(folder, "episodes", *crises)
    _append(folder, "moves", *(moves or []))
    _append(folder, "outcomes", *(outcomes or []))
    _replace(folder / "sources.csv", f",{START.isoformat()}", ",1990-01-01")
    _replace(folder / "actors.csv", f"AAA,AAA,state,,,{START.isoformat()}", "AAA,AAA,state,,,1990-01-01")
    _replace(folder / "actors.csv", f"BBB,BBB,state,,,{START.isoformat()}", "BBB,BBB,state,,,1990-01-01")
    if only:
        watch = folder / "coverage.csv"
        watch.write_text(watch.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    _append(folder, "coverage", *(covered or []))
    if case:
        text = (folder / "episodes.csv").read_text(encoding="utf-8")
        rows = list(csv.DictReader(text.splitlines()))
        rows = [row | case if row["episode_id"] == CASE else row for row in rows]
        (folder / "episodes.csv").write_text(",".join(TABLES["episodes"].names) + "\n", encoding="utf-8")
        _append(folder, "episodes", *rows)
    return read_record(folder)


def _append(folder: Path, table: str, *rows: Row) -> None:
    with (folder / f"{table}.csv").open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, TABLES[table].names, restval="", lineterminator="\n").writerows(rows)


def _replace(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
