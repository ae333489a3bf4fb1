"""The state of crisis: which periods of an episode lie in a crisis, how old it is then, and when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from forecast.record.plain import last_day

if TYPE_CHECKING:
    import xarray as xr

    from forecast.record.acts import Case
    from forecast.record.plain import Plain
    from forecast.record.read import Record

BEFORE, DURING, AFTER = 0, 1, 2


class Crises(NamedTuple):
    """Crises of one episode, none of which overlap; an end that is not known is NaT."""

    stretches: list[tuple[pd.Timestamp, pd.Timestamp]]
    told_from: pd.Timestamp | None  # from when on somebody would have told that one opens; None: nobody tells
    own: bool  # a case, which has crises from time to time, and not one past crisis


def crises_of(record: Record, case: Case, window: dict) -> Crises:
    """Crises of the case that are known: the one it is, or all that it has had.

    Parameters
    ----------
    record
        The record as it stood on the as-of day.
    case
        The case of the panel.
    window
        Window of its panel, with its `id` and `first` day.
    """
    crises = record.episodes[record.episodes["kind"] == "crisis"]
    crises = crises[crises["episode_id" if case.crisis else "case_id"] == window["id"]]
    outcomes = record.outcomes[record.outcomes["episode_id"].isin(crises["episode_id"])]
    ended = outcomes.groupby("episode_id")["date"].max()
    crises = crises.assign(end=pd.to_datetime(ended.reindex(crises["episode_id"])).to_numpy()).sort_values(
        ["start", "episode_id"]
    )
    stretches: list[tuple[pd.Timestamp, pd.Timestamp]] = []
    for start, end in zip(crises["start"], crises["end"], strict=True):
        if stretches and (pd.isna(stretches[-1][1]) or start <= stretches[-1][1]):
            first, last = stretches[-1]
            stretches[-1] = (first, pd.NaT if pd.isna(last) or pd.isna(end) else max(last, end))  # type: ignore[list-item]
        else:
            stretches.append((start, end))
    told_from = None if not stretches else stretches[0][0] if case.crisis else window["first"]
    return Crises(stretches, told_from, own=True)


def past_crisis(rows: Plain, window: dict) -> Crises:
    """Return the one crisis of a past episode."""
    end: pd.Timestamp = last_day(rows.endings.get(window["id"], [])) or pd.NaT  # type: ignore[assignment]
    return Crises([(window["start"], end)], window["start"], own=False)


def mark_crises(panel: xr.Dataset, number: int, crises: Crises) -> None:
    """Write the age of the crisis of each period (days since it opened, at the period's end), and when it closes.

    A crisis lasts until the first period after its campaign, and a campaign outside crises opens one a period later.
    """
    length = int(panel["length"].values[number])
    begins = panel["period_start"].values[number, :length]
    step = begins[1] - begins[0]
    ends = begins + step - _DAY
    age, closed = panel["crisis_age"].values[number], panel["crisis_closed"].values[number]
    campaign = panel["campaign"].values[number]
    days = int(step / _DAY)
    for start, end in crises.stretches:
        last = np.datetime64("NaT", "D") if pd.isna(end) else np.datetime64(end)
        inside = np.flatnonzero((ends >= np.datetime64(start)) & (np.isnat(last) | (begins <= last)))
        if not len(inside):
            continue
        age[inside] = (ends[inside] - np.datetime64(start)) / _DAY
        closed[inside[:-1]] = False
        if not np.isnat(last) and ends[inside[-1]] >= last:
            _close(age, closed, campaign, int(inside[-1]), length, days)
    if crises.own:
        _open_by_campaigns(age, closed, campaign, length, days)
    if crises.told_from is not None:
        panel["crisis_observed"].values[number, :length] = ends >= np.datetime64(crises.told_from)
    open_now = age[:length] >= 0
    seen = np.maximum.accumulate(open_now) if length else open_now
    phase = np.where(open_now, DURING, np.where(seen, AFTER, BEFORE))
    panel["phase"].values[number, :length] = phase


def _close(age: np.ndarray, closed: np.ndarray, campaign: np.ndarray, last: int, length: int, days: int) -> None:
    """Close a crisis in its last period, or in the first one after the campaign that runs there."""
    while campaign[last]:
        if last + 1 == length:
            return
        age[last + 1] = age[last] + days
        last += 1
    closed[last] = True


def _open_by_campaigns(age: np.ndarray, closed: np.ndarray, campaign: np.ndarray, length: int, days: int) -> None:
    for t in range(1, length):
        if campaign[t - 1] and age[t] < 0:
            going_on = age[t - 1] >= 0 and not closed[t - 1]
            age[t] = age[t - 1] + days if going_on else days // 2
            closed[t] = not campaign[t]


_DAY = np.timedelta64(1, "D")
