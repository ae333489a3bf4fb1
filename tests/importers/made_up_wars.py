"""Confrontations in the format of MIE, made of a few lines each; no row of the data set is in here."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from made_up import mie_file

from forecast.record.importers import mie
from forecast.record.importers.draft import Draft

IRAN, IRAQ, TURKEY, KUWAIT = 630, 645, 640, 690


def event(number: int, order: int, day: str, action: int = 16, **more: object) -> dict:
    """One event, by Iraq at Iran unless told otherwise; `days` is how long it lasted."""
    first = dt.date.fromisoformat(day)
    last = first + dt.timedelta(days=int(str(more.pop("days", 1))) - 1)
    level = {**dict.fromkeys((1, 2, 3, 4, 5, 6), 2), 7: 3, 8: 3, 20: 5, 21: 5, 22: 5}.get(action, 4)
    return {
        "micnum": number, "eventnum": order, "ccode1": IRAQ, "ccode2": IRAN, "sidea1": 1, "action": action,
        "hostlev": level, "stday": first.day, "stmon": first.month, "styear": first.year, "endday": last.day,
        "endmon": last.month, "endyear": last.year, **more,
    }  # fmt: skip


def strikes(number: int, first: str, offsets: tuple[int, ...], action: int = 16, **more: object) -> list[dict]:
    """Events of one confrontation, so many days after the first day."""
    begin = dt.date.fromisoformat(first)
    days = [(begin + dt.timedelta(days=n)).isoformat() for n in offsets]
    return [event(number, order, day, action, **more) for order, day in enumerate(days, 1)]


def drafted(folder: Path, *events: dict) -> Draft:
    folder.mkdir(parents=True, exist_ok=True)
    return mie.read(mie_file(folder, *events))
