"""A record made by hand with enough past crises to learn from: strikes, replies, campaigns and deals in turn."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from hand_made import Row, campaign, coverage, crisis, move, outcome, record

from forecast.record import Record

PAIRS = (("GGG", "HHH"), ("YYY", "ZZZ"), ("CCC", "GGG"), ("HHH", "YYY"), ("ZZZ", "CCC"), ("DDD", "GGG"))


def history(folder: Path, crises: int = 11, *, weeks: int = 2) -> Record:
    """A crisis a year from 2000 on, `weeks` long, of four kinds in turn."""
    rows = [_one(k, weeks) for k in range(crises)]
    return record(
        folder / "record",
        crises=[row[0] for row in rows],
        outcomes=[row[1] for row in rows],
        covered=[covered for row in rows for covered in row[2]],
        moves=[one for row in rows for one in row[3]],
        reference="none",
    )


def _one(k: int, weeks: int) -> tuple[Row, Row, list[Row], list[Row]]:
    name = f"c{2000 + k}"
    a, b = PAIRS[k % len(PAIRS)]
    start = dt.date(2000 + k, 3, 1 + k)
    end = start + dt.timedelta(days=7 * weeks)

    def day(after: int) -> str:
        return (start + dt.timedelta(days=after)).isoformat()

    strike = move(day(5), a, b, "limited_strike", rung=4, episode=name)
    talks = move(day(3), a, b, "talks", episode=name)
    kinds = (
        ([talks], {"ended_by": "no_force_deal"}),
        ([strike], {"rung_a": 4, "days": 1}),
        ([strike, move(day(8), b, a, "limited_strike", rung=4, episode=name)], {"rung_a": 4, "rung_b": 4, "days": 2}),
        ([campaign(day(10), b, a, episode=name)], {"rung_b": 6, "days": 4, "ended_by": "ceasefire"}),
    )
    moves, ending = kinds[k % 4]
    watched = (start - dt.timedelta(days=182)).isoformat()
    first = coverage(name, watched, known=start.isoformat(), observes="force;diplomacy")
    ended = first | {"end": (end + dt.timedelta(days=182)).isoformat(), "known_date": end.isoformat()}
    return (
        crisis(name, start.isoformat(), challenger=a, target=b),
        outcome(name, start.isoformat(), end.isoformat(), **ending),
        [first, ended],
        moves,
    )
