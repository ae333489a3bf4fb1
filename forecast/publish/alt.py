"""Figures in words: the text alternative of each figure, written from its table."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from forecast.publish.changes import OVERT
from forecast.publish.course import WAITS, day_of_share
from forecast.publish.sequence_figure import HEADS, LABELS, is_node, row_key
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


def history_alt(history: pd.DataFrame, events: pd.DataFrame | None, horizon: int) -> str:
    """Tell P(overt strike) of the first, the highest and the last forecast, and how much happened between them."""
    rows = rows_of(history[(history["horizon_days"] == horizon) & (history["name"] == OVERT)])
    top = max(rows, key=lambda row: row["probability"])
    told = [
        f"{name} (as of {day(row['as_of'])}) {percent(row['probability'], row['mcse'])}, 80 % interval "
        f"{interval(row['low'], row['high'], row['mcse'])}"
        for name, row in (("first forecast", rows[0]), ("highest", top), ("this one", rows[-1]))
    ]
    text = f"Probability of an overt strike within {horizon} days over {len(rows)} forecasts: {'; '.join(told)}."
    if events is None:
        return text
    dates = pd.to_datetime(events["date"])
    first, last = (pd.Timestamp(str(rows[k]["as_of"])) for k in (0, -1))
    counts = events[(dates >= first) & (dates <= last)]["kind"].value_counts()
    return f"{text} Between them: {', '.join(f'{kind} {n}' for kind, n in counts.items()) or 'nothing marked'}."


def sequence_alt(sequence: pd.DataFrame) -> str:
    """Tell the shares of every node, step by step, given a first strike."""
    nodes: dict[str, list[str]] = {head: [] for head in HEADS}
    for row in rows_of(sequence):
        if is_node(row):
            step, name = row_key(row)
            label = LABELS.get(name, name).replace("\n", " ")
            nodes[HEADS[step]].append(f"{label} {percent(row['share_probability'], row['share_mcse'])}")
    return "Given a first strike. " + " ".join(
        f"{head.capitalize()}: {', '.join(told)}." for head, told in nodes.items() if told
    )


def waiting_alt(waiting: pd.DataFrame) -> str:
    """Tell the day by which half of the futures have seen each event, and how many have at the end."""
    parts = []
    for name, (title, since, _) in WAITS.items():
        rows = waiting[(waiting["event"] == name) & waiting["probability"].notna()]
        if rows.empty:
            continue
        last, half = rows_of(rows)[-1], day_of_share(rows)
        when = (
            "not within the span by half of the futures"
            if half is None
            else f"by day {half:.0f} in half of the futures"
        )
        share = percent(last["probability"], last["mcse"])
        parts.append(f"{title} (days since {since}): {when}; {share} by day {last['days']}")
    return f"How long until: {'; '.join(parts)}."
