"""Figures in words: the text alternative of each figure, written from its table."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from forecast.publish.tables import horizons_of, rows_of
from forecast.publish.wording import day, interval, opening_name, percent, points, rung_name


def ladder_alt(ladder: pd.DataFrame) -> str:
    """Tell the outcomes of each horizon with their probabilities."""
    parts = []
    for horizon in horizons_of(ladder):
        rows = rows_of(ladder[ladder["horizon_days"] == horizon])
        shares = [f"{rung_name(row['rung'])} {percent(row['probability'], row['mcse'])}" for row in rows]
        parts.append(f"Within {horizon} days: {', '.join(shares)}.")
    return " ".join(parts)


def ladder_interval_alt(ladder: pd.DataFrame) -> str:
    """Tell the outcomes of each horizon with their 80 % intervals."""
    parts = []
    for horizon in horizons_of(ladder):
        rows = rows_of(ladder[ladder["horizon_days"] == horizon])
        shares = [f"{rung_name(row['rung'])} {interval(row['low'], row['high'], row['mcse'])}" for row in rows]
        parts.append(f"80 % intervals within {horizon} days: {', '.join(shares)}.")
    return " ".join(parts)


def change_alt(change: pd.DataFrame) -> str:
    """Tell the changes beyond simulation noise, largest first, by horizon."""
    parts = []
    for horizon in horizons_of(change):
        rows = rows_of(change[(change["horizon_days"] == horizon) & change["beyond_noise"]])
        rows.sort(key=lambda row: -abs(row["difference"]))
        texts = [f"{rung_name(row['rung'])} {points(row['difference'], row['mcse'])} points" for row in rows]
        parts.append(f"Within {horizon} days: {', '.join(texts) or 'nothing beyond simulation noise'}.")
    return "Change since the last forecast. " + " ".join(parts)


def hazard_alt(hazard: pd.DataFrame) -> str:
    """Tell the first, the highest and the last week."""
    rows = rows_of(hazard[hazard["probability"].notna()])
    top = max(rows, key=lambda row: row["probability"])
    texts = [
        f"{name} (from {day(row['start'])}) {percent(row['probability'], row['mcse'])}, "
        f"80 % interval {interval(row['low'], row['high'], row['mcse'])}"
        for name, row in (("first week", rows[0]), ("highest week", top), ("last week", rows[-1]))
    ]
    return f"Probability of a first overt strike in each week, given none before: {'; '.join(texts)}."


def reply_alt(replies: pd.DataFrame) -> str:
    """Tell the shares of the reply modes for each opening by either side."""
    by_either = replies[(replies["opener"] == "either") & replies["probability"].notna()]
    parts = []
    for opening in dict.fromkeys(by_either["opening"]):
        rows = rows_of(by_either[by_either["opening"] == opening])
        shares = [f"{row['mode']} {percent(row['probability'], row['mcse'])}" for row in rows]
        parts.append(f"After {opening_name(str(opening))}: {', '.join(shares)}.")
    return " ".join(parts)


def latent_alt(latents: pd.DataFrame, signals: pd.DataFrame, sides: Mapping[str, str], weeks: int) -> str:
    """Tell where each path starts and ends in the window, and how many signals each side sent."""
    dates = pd.to_datetime(latents["date"])
    start = dates.max() - pd.Timedelta(weeks=weeks)
    window = latents.assign(date=dates)[dates >= start].sort_values("date")
    parts = []
    for latent in dict.fromkeys(window["latent"]):
        for side in ("a", "b"):
            path = rows_of(window[(window["latent"] == latent) & (window["side"] == side)])
            if path:
                first, last = path[0]["mean"], path[-1]
                band = f"{last['low']:.1f} to {last['high']:.1f}"
                parts.append(
                    f"{latent} of {sides[side]}: from {first:.1f} to {last['mean']:.1f} (80 % interval {band})"
                )
    shown = signals[pd.to_datetime(signals["date"]) >= start]
    counts = ", ".join(f"{sides[side]} {int((shown['side'] == side).sum())}" for side in ("a", "b"))
    return f"The last {weeks} weeks. {'; '.join(parts)}. Signals and acts: {counts}."
