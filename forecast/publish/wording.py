"""Numbers and dates in words: never more digits than the Monte Carlo error supports."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from typing import Final

import pandas as pd

from forecast.publish.tables import horizons_of, rows_of
from forecast.terms import LADDER_NAMES

NO_BREAK_SPACE: Final = "\u00a0"
STEPS: Final[tuple[float, ...]] = (1.0, 2.0, 5.0, 10.0, 20.0)
FINE_STEP: Final = 0.1
UNKNOWN_STEP: Final = 5.0
HEADLINE_HORIZON: Final = 30
CLOSE_RACE: Final = 0.05
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def step(mcse: float | None) -> float:
    """Smallest step in percentage points to which a probability, or a difference of two, may be rounded.

    The rule: twice the Monte Carlo standard error must fit into the step, so that another simulation hardly moves what
    is printed by more than one step. Steps are 1, 2, 5, 10 and 20 points; where the error is unknown, 5.

    Parameters
    ----------
    mcse
        Monte Carlo standard error (0–1 scale), or None / NaN where it is not known.
    """
    if mcse is None or math.isnan(mcse):
        return UNKNOWN_STEP
    return next((size for size in STEPS if 200 * mcse <= size), STEPS[-1])


def percent(probability: float, mcse: float | None = None, *, sign: bool = True) -> str:
    """Probability as a percentage with the digits that its Monte Carlo error supports (see `step`).

    Neither 0 % nor 100 % is ever printed: a simulation cannot show that something is impossible or certain. Below one
    step the text is `<1 %` (or the step), above one minus a step `>99 %`. A tenth of a point is printed below 1 % and
    above 99 % only, and only where twice the error is at most 0.1 points.
    """
    tail = f"{NO_BREAK_SPACE}%" if sign else ""
    if pd.isna(probability):
        return "–"
    value = 100 * float(probability)
    size = step(mcse)
    edge = min(value, 100 - value)
    if edge < 1 and mcse is not None and 200 * mcse <= FINE_STEP:
        size = FINE_STEP
    decimals = 1 if size < 1 else 0
    rounded = math.floor(value / size + 0.5) * size
    if rounded < size - 1e-9:
        return f"<{size:.{decimals}f}{tail}"
    if rounded > 100 - size + 1e-9:
        return f">{100 - size:.{decimals}f}{tail}"
    return f"{rounded:.{decimals}f}{tail}"


def interval(low: float, high: float, mcse: float | None = None) -> str:
    """Interval of two probabilities, rounded like the probability itself: `28–57 %`, `<1 to 5 %`."""
    if pd.isna(low) or pd.isna(high):
        return "–"
    first, last = percent(low, mcse, sign=False), percent(high, mcse, sign=False)
    if first == last:
        return f"{first}{NO_BREAK_SPACE}%"
    between = " to " if set("<>") & set(first + last) else "–"
    return f"{first}{between}{last}{NO_BREAK_SPACE}%"


def points(difference: float, mcse: float | None = None) -> str:
    """Difference of two probabilities in percentage points, rounded by the same rule: `+6`, `−3`, `0`."""
    if pd.isna(difference):
        return "–"
    size = step(mcse)
    rounded = math.floor(abs(100 * float(difference)) / size + 0.5) * size
    return "0" if rounded == 0 else f"{'+' if difference > 0 else '−'}{rounded:.0f}"


def shift(before: float, now: float, digits: int = 1) -> str:
    """Change of a number that is no probability: `+0.3`, `−0.3`, `0.0`."""
    change = round(now - before, digits)
    sign = "" if change == 0 else "+" if change > 0 else "−"
    return f"{sign}{abs(change):.{digits}f}"


def shortened(text: str, letters: int) -> str:
    """The text, or as much of it as so many letters hold, with an ellipsis."""
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def clean(text: object) -> str:
    """Text without control and direction-changing characters, which have no place on a page."""
    return _CONTROL.sub("", str(text))


def day(value: object) -> str:
    """Date in words: `9 October 2026`."""
    date = pd.Timestamp(str(value)).date()
    return f"{date.day} {date:%B %Y}"


def rung_name(code: str) -> str:
    """Name of an outcome in words: `limited strike`."""
    return LADDER_NAMES[code].replace("_", " ")


def opening_name(opening: str) -> str:
    """Kind of opening strike in words."""
    return "any opening" if opening == "any" else str(opening).replace("_", " ")


def days(count: int) -> str:
    """`1 day`, `30 days`."""
    return f"{count}{NO_BREAK_SPACE}day" + ("" if count == 1 else "s")


def date_of(value: object) -> dt.date:
    """Calendar date of an ISO text, date or timestamp."""
    return pd.Timestamp(str(value)).date()


def headline(as_of: object, ladder: pd.DataFrame, quantities: pd.DataFrame) -> list[str]:
    """Sentences that open the report, chosen from the numbers by rules.

    First the probability of an overt strike within 30 days (or the horizon nearest to it) with its interval; then where
    that interval lies against even odds; then the most likely outcome of each horizon, with the runner-up where it is
    within 5 points.

    Parameters
    ----------
    as_of
        As-of day.
    ladder, quantities
        Tables of the forecast.
    """
    sentences: list[str] = []
    strikes = [row for row in rows_of(quantities) if row["name"] == "p_strike"]
    if strikes:
        row = min(strikes, key=lambda row: abs(row["horizon_days"] - HEADLINE_HORIZON))
        sentences += [
            f"As of {day(as_of)} the model gives {percent(row['probability'], row['mcse'])} "
            f"(80{NO_BREAK_SPACE}% interval {interval(row['low'], row['high'], row['mcse'])}) for an overt strike by "
            f"either side within {days(int(row['horizon_days']))}.",
            odds(row["low"], row["high"]),
        ]
    return [*sentences, most_likely(ladder)]


def odds(low: float, high: float) -> str:
    """Sentence on where an 80 % interval lies against even odds."""
    if high < 0.5:
        return "The whole interval lies below even odds: less likely than not."
    if low > 0.5:
        return "The whole interval lies above even odds: more likely than not."
    return "The interval spans even odds, so the model does not say which way it falls."


def most_likely(ladder: pd.DataFrame) -> str:
    """Sentence that names the most likely outcome of each horizon."""
    parts = []
    for horizon in horizons_of(ladder):
        rows = rows_of(ladder[ladder["horizon_days"] == horizon])
        first, second = sorted(rows, key=lambda row: -row["probability"])[:2]
        part = f"within {days(horizon)} {rung_name(first['rung'])} ({percent(first['probability'], first['mcse'])})"
        if first["probability"] - second["probability"] < CLOSE_RACE:
            share = percent(second["probability"], second["mcse"])
            part += f", hardly ahead of {rung_name(second['rung'])} ({share})"
        parts.append(part)
    return f"Most likely: {'; '.join(parts)}."


def side_words(meta: Mapping[str, object]) -> dict[str, str]:
    """Short names of the sides by code: a, b, either and none."""
    return {
        "a": str(meta.get("side_a_short") or meta["side_a"]),
        "b": str(meta.get("side_b_short") or meta["side_b"]),
        "either": "either side",
        "none": "neither side",
    }
