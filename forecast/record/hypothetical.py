"""The panel of a case as it would be, had the record been otherwise, or once some quiet weeks have passed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import UsageError
from forecast.record.acts import QUIET_DAYS, Case, case_moves, find_case, signal_channel, with_sides
from forecast.record.asof import as_of as cut
from forecast.record.interventions import Add, Chosen, Concede, Fix, Scenario, Shift, Withdraw
from forecast.record.panel import build_panel
from forecast.record.patched import patched_panel
from forecast.record.problem import nearest
from forecast.record.rule import CHANNEL_OF
from forecast.record.vocabulary import DIRECTION, PLOVER, RUNGS_BY_TYPE
from forecast.terms import CONFIDENCES, SIDES, SIGNAL_CHANNELS

if TYPE_CHECKING:
    import xarray as xr

    from forecast.record.read import Record

CONFIRMED = 1 + CONFIDENCES.index("confirmed")


class Level(NamedTuple):
    """The level of a signal channel of one side in the period that holds a day."""

    side: int
    channel: str
    day: dt.date
    level: int
    least: bool  # what is there already stays if it is higher


def panel_ahead(
    record: Record, case: str, as_of: dt.date, until: dt.date, period_days: int = 7, like: xr.Dataset | None = None
) -> xr.Dataset:
    """Build the panel of a case as of a later day, of which nothing is known but what was known earlier.

    In the periods after `as_of` nothing was watched but overt force, of which there was none; a campaign that runs goes
    on unwatched. `until` lies a whole number of periods after `as_of`.

    Parameters
    ----------
    record
        A checked record with its reference class; it is cut at `as_of` here.
    case
        Id of the case.
    as_of, until
        Last day whose information counts, and last day of the panel.
    period_days
        Length of a period in days.
    like
        The same panel of a record that differs in the moves of the case only: its past crises are taken, not built.

    Returns
    -------
    Dataset
        As `build_panel` returns it.
    """
    seen = cut(record, as_of)
    known = seen if until == as_of else _unwatched_after(seen, as_of)
    panel = (
        build_panel(known, until, case=case, period_days=period_days) if like is None else patched_panel(like, known)
    )
    if until == as_of:
        return panel
    length = int(panel["length"].values[0])
    known = length - (until - as_of).days // period_days
    density = panel["density"].values[0]
    density[known:length] = max(int(density[known - 1]), 0)
    if not panel["campaign"].values[0, known - 1]:
        panel["force_observed"].values[0, known:length] = True
    return panel


def panel_of(
    record: Record,
    case: str,
    as_of: dt.date,
    until: dt.date,
    scenario: Scenario,
    period_days: int = 7,
    like: xr.Dataset | None = None,
) -> xr.Dataset:
    """Build the panel of `panel_ahead` from a record changed by a scenario; what the scenario says is watched.

    `like` is the panel without the scenario, where it is at hand (see `panel_ahead`).

    Raises
    ------
    UsageError
        A move that is to be dropped or shifted is not there, or a day lies before the panel.
    """
    seen = cut(record, as_of)
    chosen = find_case(seen, case)
    panel = panel_ahead(changed_record(seen, chosen, scenario, as_of), case, as_of, until, period_days, like)
    for step in scenario.steps:
        if isinstance(step, Add):
            _watch(panel, seen, chosen, step, as_of)
        for level in levels_of(step, as_of, period_days):
            set_level(panel, level, scenario.id)
    return panel


def changed_record(seen: Record, case: Case, scenario: Scenario, as_of: dt.date) -> Record:
    """Return the record with rows added, dropped and shifted as a scenario says.

    Added rows are confirmed. What is assumed to happen after the as-of day counts as known on it.
    """
    moves, now = seen.moves, pd.Timestamp(as_of)
    for number, step in enumerate(scenario.steps):
        if isinstance(step, Add):
            moves = pd.concat([moves, _row(seen, case, step, as_of, f"{scenario.id}/{number}")], ignore_index=True)
        if isinstance(step, Chosen):
            ids = _ids(seen.with_tables({**seen.tables, "moves": moves}), case, step, scenario.id)
            hit = moves["move_id"].isin(ids)
            if isinstance(step, Shift):
                days = pd.Timedelta(days=step.days)
                moves = moves.assign(
                    date=moves["date"].mask(hit, moves["date"] + days),
                    known_date=moves["known_date"].mask(hit, (moves["known_date"] + days).clip(upper=now)),
                )
            else:
                moves = moves[~hit].reset_index(drop=True)
    return seen.with_tables({**seen.tables, "moves": moves})


def levels_of(step: object, as_of: dt.date, period_days: int) -> list[Level]:
    """Levels of signal channels that an intervention sets, period by period."""
    if isinstance(step, Fix):
        sets = [(step.side, step.channel, step.level, False, step.weeks)]
    elif isinstance(step, Concede):
        sets = [(step.by, "diplomacy", step.level, True, step.weeks)]
    elif isinstance(step, Withdraw):
        sets = [(step.by, "posture", 0, False, step.weeks), (step.by, "diplomacy", step.level, True, 1)]
    else:
        return []
    last = step.day(as_of)
    return [
        Level(SIDES.index(side), channel, last - dt.timedelta(days=back), level, least)
        for side, channel, level, least, weeks in sets
        for back in range(0, 7 * weeks, min(period_days, 7))
    ]


def set_level(panel: xr.Dataset, level: Level, who: str = "scenario") -> None:
    """Set one signal channel of one side in the period of the case that holds a day; it counts as watched.

    Raises
    ------
    UsageError
        The day lies outside the panel.
    """
    t = period_of(panel, level.day, who)
    at = (0, level.side, t, SIGNAL_CHANNELS.index(level.channel))
    there = int(panel["signal"].values[at])
    value = max(there, level.level) if level.least else level.level
    if value != there or not level.least:
        panel["signal"].values[at] = value
        panel["signal_confidence"].values[at] = CONFIRMED if value else 0
    panel["signal_observed"].values[0, t, at[3]] = True
    _dense(panel, t)


def period_of(panel: xr.Dataset, day: dt.date, who: str = "scenario") -> int:
    """Number of the period of the case that holds a day.

    Raises
    ------
    UsageError
        It lies before the panel or after it.
    """
    begins, length = panel["period_start"].values[0], int(panel["length"].values[0])
    t = int((np.datetime64(day) - begins[0]) // np.timedelta64(int(panel.attrs["period_days"]), "D"))
    if not 0 <= t < length:
        raise UsageError(
            f"{who}: {day} lies outside the panel of the case ({str(begins[0])[:10]} to {panel.attrs['as_of']}); "
            "date it inside"
        )
    return t


def _unwatched_after(record: Record, day: dt.date) -> Record:
    """The record with every stretch that is still watched ending on a day."""
    coverage = record.coverage
    ended = record.outcomes.groupby("episode_id")["date"].max()
    over = pd.Series(ended.reindex(coverage["episode_id"]).to_numpy(), coverage.index)
    now = pd.Timestamp(day)
    end = coverage["end"].fillna(over + pd.Timedelta(days=QUIET_DAYS)).fillna(now)
    end = end.mask(end > now, now)
    return record.with_tables({**record.tables, "coverage": coverage.assign(end=end)})


def _row(seen: Record, case: Case, step: Add, as_of: dt.date, name: str) -> pd.DataFrame:
    """An added move as a row of the table, in the episode from which the case takes its moves."""
    moves, day = seen.moves, pd.Timestamp(step.day(as_of))
    channel = CHANNEL_OF[step.type]
    own = case_moves(seen, case)
    episode = case.episode_id if own.empty else str(own.sort_values("date")["episode_id"].iloc[-1])
    row: dict[str, Any] = dict.fromkeys(moves.columns, "") | {
        "move_id": name, "episode_id": episode, "date": day, "date_precision": "day",
        "known_date": min(day, pd.Timestamp(as_of)), "status": "active", "actor": step.actor, "target": step.target,
        "channel": channel, "type": step.type, "level": step.level,
        "direction": step.direction or DIRECTION[step.type],
        "rung": (step.rung or RUNGS_BY_TYPE[step.type][0]) if channel == "force" else None,
        "fatalities_low": None, "fatalities_high": None, "plover": PLOVER.get(step.type, ""),
        "summary": f"scenario {name}", "confidence": "confirmed", "basis": "dated_source",
    }  # fmt: skip
    return pd.DataFrame([row]).astype(moves.dtypes.to_dict())


def _ids(seen: Record, case: Case, step: Chosen, who: str) -> list[str]:
    """Ids of the moves of the case that an intervention picks."""
    moves = case_moves(seen, case)
    unknown = [name for name in step.move if name not in set(moves["move_id"])]
    if unknown:
        raise UsageError(
            f"scenario {who}: no move {unknown[0]} of {case.episode_id} is known by the as-of day; "
            + nearest(unknown[0], moves["move_id"], otherwise=3)
        )
    fits = pd.Series(data=True, index=moves.index)
    for column, words in (("move_id", step.move), ("actor", step.actor), ("channel", step.channel),
                          ("type", step.type)):  # fmt: skip
        if words:
            fits &= moves[column].isin(words)
    if step.first:
        fits &= moves["date"] >= pd.Timestamp(step.first)
    if step.last:
        fits &= moves["date"] <= pd.Timestamp(step.last)
    if not fits.any():
        raise UsageError(
            f"scenario {who}: no move of {case.episode_id} fits ({step.which()}); see the table `signals` of a run"
        )
    return list(moves.loc[fits, "move_id"])


def _watch(panel: xr.Dataset, record: Record, case: Case, step: Add, as_of: dt.date) -> None:
    """Mark as watched what an added move would have shown."""
    t = period_of(panel, step.day(as_of))
    row = with_sides(record, _row(record, case, step, as_of, "row"), case.episode_id).iloc[0]
    channel = signal_channel(row["channel"], row["type"], row["direction"]) if row["signal"] else ""
    if channel:
        panel["signal_observed"].values[0, t, SIGNAL_CHANNELS.index(channel)] = True
    if row["channel"] == "force":
        panel["force_observed"].values[0, t] = True
        panel["sub_threshold_observed"].values[0, t] = True
    for name, kinds in (("talks_observed", ("talks",)), ("deal_observed", ("deal", "ceasefire"))):
        if row["type"] in kinds:
            panel[name].values[0, t] = True
    _dense(panel, t)


def _dense(panel: xr.Dataset, t: int) -> None:
    """Give a period that nobody watched the density of the last one that was."""
    density = panel["density"].values[0]
    if density[t] < 0:
        before = density[:t][density[:t] >= 0]
        density[t] = before[-1] if len(before) else 0
