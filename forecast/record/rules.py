"""Rules that tie the cells of one row, or of one table, together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final

from forecast.record.columns import COVARIATES
from forecast.record.problem import Problem, nearest
from forecast.record.sheet import Sheet
from forecast.record.vocabulary import PLOVER, RUNGS_BY_TYPE
from forecast.terms import CHANNELS, OVERT_RUNG, TYPES_BY_CHANNEL

Row = Mapping[str, str]
Finding = tuple[str, str, str]

_RUNGS_OF_CLOSED: Final = ("max_rung", "max_rung_a", "max_rung_b", "retaliation_rung")

_MODES: Final[dict[str, tuple[str, ...]]] = {
    "0": ("none",),
    "1": ("proxy",),
    "2": ("proxy",),
    "3": ("symbolic",),
    "4": ("bounded",),
    "5": ("bounded",),
    "6": ("bounded", "widening"),
    "7": ("widening",),
    "8": ("widening",),
}


def check_rows(sheet: Sheet, spoilt: set[int]) -> Iterator[Problem]:
    """Yield a finding for every row of `sheet` whose cells do not fit together.

    Parameters
    ----------
    sheet : Sheet
        Rows of one table.
    spoilt : set of int
        Lines that already have a faulty cell; they are left out, since one fault should be told once.
    """
    yield from _duplicates(sheet)
    rules = _RULES.get(sheet.table.name, ()) if sheet.has(*sheet.table.names) else ()
    for index, cells in enumerate(sheet.rows):
        if sheet.lines[index] in spoilt:
            continue
        row = dict(zip(sheet.header, cells, strict=True))
        for rule in rules:
            for column, wrong, advice in rule(row):
                yield sheet.problem(index, column, row[column], wrong, advice)


def _duplicates(sheet: Sheet) -> Iterator[Problem]:
    key = (*sheet.table.key, "known_date")
    if not sheet.has(*key):
        return
    seen: dict[tuple[str, ...], int] = {}
    for index, values in enumerate(zip(*(sheet.column(name) for name in key), strict=True)):
        if values in seen:
            rule = f"stands on line {seen[values]} too, with the same known_date {values[-1]}"
            advice = "remove one, or give a correction a later known_date"
            yield sheet.problem(index, key[-2], values[-2], rule, advice)
        else:
            seen[values] = sheet.lines[index]


def _not_before(row: Row, column: str, floor: str) -> Iterator[Finding]:
    if row[column] and row[floor] and row[column] < row[floor]:
        yield column, f"lies before {floor} {row[floor]}", "correct one of the two"


def _known_after_date(row: Row) -> Iterator[Finding]:
    yield from _not_before(row, "known_date", "date")


def _known_after_start(row: Row) -> Iterator[Finding]:
    yield from _not_before(row, "known_date", "start")


def _distinct_leads(row: Row) -> Iterator[Finding]:
    if row["challenger"] == row["target"]:
        yield "target", "is the challenger too", "name the other side"


def _case_of_itself(row: Row) -> Iterator[Finding]:
    if row["kind"] == "case" and row["case_id"] not in ("", row["episode_id"]):
        yield "case_id", "is not this case", "leave it blank or repeat the episode_id"
    if row["stratum"] != "dataset" and (row["kind"] == "case") != (row["stratum"] == "case"):
        yield "stratum", f"does not fit kind {row['kind']}", "use case for both or for neither"


def _covariates(row: Row) -> Iterator[Finding]:
    if row["stratum"] != "dataset":
        for column in COVARIATES:
            if not row[column]:
                yield column, "is blank", "code it; only an episode of stratum dataset may leave it out"


def _role_and_side(row: Row) -> Iterator[Finding]:
    if (row["role"] == "observer") != (row["side"] == "none"):
        yield "side", f"does not fit role {row['role']}", "observers, and only they, have side none"
    if row["role"] == "proxy" and not row["sponsor"]:
        yield "sponsor", "is blank for a proxy", "name the actor on whose behalf it fights"


def _type_in_channel(row: Row) -> Iterator[Finding]:
    valid = TYPES_BY_CHANNEL[row["channel"]]
    if row["type"] not in valid:
        home = next(channel for channel in CHANNELS if row["type"] in TYPES_BY_CHANNEL[channel])
        advice = f"{nearest(row['type'], valid)} – or set channel to {home}"
        yield "type", f"is no type of channel {row['channel']}", advice


def _rung_of_force(row: Row) -> Iterator[Finding]:
    if row["channel"] != "force":
        for column in ("rung", "targets_struck"):
            if row[column]:
                yield column, f"stands on a row of channel {row['channel']}", "leave it blank: only force rows have it"
        if row["basis"] == "state":
            yield "basis", "is for force rows", "state rows say that a campaign went on"
    elif not row["rung"]:
        yield "rung", "is blank on a force row", f"a {row['type']} has rung {_rungs(row['type'])}"
    elif int(row["rung"]) not in RUNGS_BY_TYPE.get(row["type"], range(9)):
        yield "rung", f"does not fit type {row['type']}", f"use {_rungs(row['type'])}, or another type"


def _rungs(kind: str) -> str:
    return " or ".join(str(rung) for rung in RUNGS_BY_TYPE.get(kind, range(1, 9)))


def _fatalities(row: Row) -> Iterator[Finding]:
    low, high = row["fatalities_low"], row["fatalities_high"]
    if bool(low) != bool(high):
        yield "fatalities_high", "and fatalities_low are not both given", "give both or neither"
    elif low and int(low) > int(high):
        yield "fatalities_high", f"is below fatalities_low {low}", "exchange or correct the two"


def _plover(row: Row) -> Iterator[Finding]:
    if row["plover"] and row["plover"] != PLOVER[row["type"]]:
        yield "plover", f"does not belong to type {row['type']}", f"use {PLOVER[row['type']]} or leave it blank"


def _open_or_closed(row: Row) -> Iterator[Finding]:
    if (row["status"] == "open") != (not row["date"]):
        yield "date", f"does not fit status {row['status']}", "an open outcome has no date, a closed one has"
    if (row["status"] == "open") != (row["ended_by"] == "continuing"):
        yield "ended_by", f"does not fit status {row['status']}", "continuing, if and only if the outcome is open"
    for column in _RUNGS_OF_CLOSED if row["status"] == "closed" and row["outcome"] else ():
        if not row[column] and not (column == "retaliation_rung" and _no_attacker(row)):
            yield column, "is blank in a closed outcome", "use 0 if there was no force"
    yield from _not_before(row, "date", "start")
    yield from _not_before(row, "strike_date", "start")
    yield from _not_before(row, "retaliation_date", "strike_date")


def _no_attacker(row: Row) -> bool:
    """Whether nobody is known to have opened fire (a clash, for instance), so that there is no first reply."""
    return row["first_strike_rung"] != "0" and not row["initiator"]


def _talks_known(row: Row) -> Iterator[Finding]:
    if not row["talks_after_days"]:
        return
    if not row["strike_date"]:
        yield "talks_after_days", "counts from a strike, but strike_date is blank", "give strike_date or leave it blank"
        return
    ordinal = dt.date.fromisoformat(row["strike_date"]).toordinal() + int(row["talks_after_days"])
    talks = dt.date.fromordinal(min(ordinal, dt.date.max.toordinal()))
    if row["known_date"] < talks.isoformat():
        advice = f"leave talks_after_days blank here and add a version of the row known on {talks}"
        yield "known_date", f"lies before the first talks it counts ({talks})", advice


def _reply(row: Row) -> Iterator[Finding]:
    rung, mode = row["retaliation_rung"], row["retaliation_mode"]
    if rung and mode not in _MODES[rung]:
        yield "retaliation_mode", f"does not fit retaliation_rung {rung}", "use " + " or ".join(_MODES[rung])


def _theatres(row: Row) -> Iterator[Finding]:
    listed = [name for name in row["theatre_list"].split(";") if name]
    if listed and str(len(listed)) != row["theatres"]:
        yield "theatres", f"is not the number of names in theatre_list ({len(listed)})", f"use {len(listed)}"


def _on_the_ladder(row: Row) -> Iterator[Finding]:
    side_a, side_b = (int(row[column]) if row[column] else 0 for column in ("max_rung_a", "max_rung_b"))
    highest = max(side_a, side_b)
    if row["max_rung"] and int(row["max_rung"]) != highest:
        yield "max_rung", f"is not the larger of the sides' {side_a} and {side_b}", f"use {highest}"
    valid = ladder_places(side_a, side_b, deal=row["ended_by"] == "no_force_deal")
    left_open = row["ended_by"] == "unknown" and highest < OVERT_RUNG
    if not row["outcome"]:
        if row["max_rung_a"] and row["max_rung_b"] and not left_open:
            yield "outcome", "is blank though the rungs settle it", "use " + " or ".join(valid)
    elif left_open:
        yield "outcome", "cannot be known: no overt strike, and whether a deal came is unknown", "leave it blank"
    elif row["outcome"] not in valid:
        rungs = f"rungs {side_a} and {side_b}, ended_by {row['ended_by']}"
        yield "outcome", f"does not follow from {rungs}", "use " + " or ".join(valid)


def ladder_places(side_a: int, side_b: int, *, deal: bool) -> tuple[str, ...]:
    """Return the places on the outcome ladder that the highest rungs of the two sides allow.

    Parameters
    ----------
    side_a, side_b : int
        Highest rung (0-8) of each side.
    deal : bool
        Whether a deal was reached without an overt strike.

    Returns
    -------
    tuple of str
        One code; two (O2, O3) if the weaker side reached rung 3, when the order of strike and reply decides.
    """
    low, high = sorted((side_a, side_b))
    if high >= 6:
        return ({6: "O4", 7: "O5", 8: "O6"}[high],)
    if high < 3:
        return ("O0",) if deal else ("O1",)
    if low >= 4:
        return ("O3",)
    return ("O2", "O3") if low == 3 and high > 3 else ("O2",)


def _stretch(row: Row) -> Iterator[Finding]:
    yield from _not_before(row, "end", "start")


_RULES: Final = {
    "episodes": (_known_after_start, _distinct_leads, _case_of_itself, _covariates),
    "sides": (_role_and_side,),
    "moves": (_known_after_date, _type_in_channel, _rung_of_force, _fatalities, _plover),
    "outcomes": (_known_after_date, _open_or_closed, _talks_known, _reply, _theatres, _on_the_ladder),
    "coverage": (_stretch,),
}
