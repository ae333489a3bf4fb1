"""The panel: a labelled Dataset over (episode, side, period) of what was seen, what was quiet, what was not watched."""

from __future__ import annotations

from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from forecast.errors import UsageError
from forecast.record.acts import QUIET_DAYS, Case, case_moves, find_case, reference_episodes, with_own_sides, with_sides
from forecast.record.asof import as_of as cut
from forecast.record.covariates import covariates
from forecast.record.crises import crises_of, mark_crises, past_crisis
from forecast.record.plain import Plain, last_day, plain, records
from forecast.record.spells import carry_campaigns, case_spells, crisis_spell, known_ends, spell_table
from forecast.terms import CONFIDENCES, DENSITIES, SIDES, SIGNAL_CHANNELS, TRACK_RECORD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast.record.read import Record

TRUCE_DAYS = 42
LONGEST_EPISODE_DAYS = 1820
ENDED_BY_DEAL = ("negotiated_settlement", "no_force_deal")
ENDED_WITHOUT_DEAL = ("tacit_halt", "ceasefire", "no_force_standoff", "military_victory")
FILLING = ["type", "level", "confidence", "side", "category", "direct_rung", "signal", "track", "closure", "talks",
           "deal", "ceasefire"]  # fmt: skip
FILLED = ("force", "force_confidence", "rung", "signal", "signal_confidence", "track_record", "closure", "talks",
          "deal", "ceasefire")  # fmt: skip
FULL_DENSITIES = ("regular", "dense", "sampled")


def build_panel(
    record: Record, as_of: date, *, case: str | None = None, period_days: int = 7, reference: bool = True
) -> xr.Dataset:
    """Build the panel of one case and its reference class as the record stood on `as_of`.

    The first episode is the case, one continuous run of periods counted back from `as_of` (the last period ends on
    that day). The others are past crises with 26 quiet weeks on either side. Every array carries a mask: a quiet
    period is an observation only where the source would have reported (`record.coverage`). A past crisis may be the
    case as well, up to 26 weeks after its end; its own panel then starts 26 weeks before its onset.

    Parameters
    ----------
    record
        A checked record; it is cut by `known_date` here, so a full record may be passed.
    as_of
        Last day whose information may be used.
    case
        Id of a case or of a past crisis; the first case of `record.yaml` by default.
    period_days
        Length of a period in days (1 to 31).
    reference
        Whether past crises stand beside the case.

    Returns
    -------
    Dataset
        dims (episode, side, period, channel, track, spell); see ARCHITECTURE.md for the variables.

    Raises
    ------
    UsageError
        Unknown case, a period length out of range, or an as-of date before the panel's first period or long after the
        crisis was over.
    """
    if not 1 <= period_days <= 31:
        raise UsageError(f"period length {period_days} days is outside 1-31; use 7 for weeks")
    seen = cut(record, as_of)
    chosen = find_case(seen, case)
    now = pd.Timestamp(as_of)
    if now < chosen.panel_start + pd.Timedelta(days=period_days):
        raise UsageError(
            f"as-of date {now.date()} lies before the first period of case {chosen.episode_id} "
            f"(panel_start {chosen.panel_start.date()} in record.yaml; 26 weeks before the onset of a crisis); "
            "choose a later day, or an earlier panel_start"
        )
    _refuse_after_the_end(seen, chosen, now)
    rows = plain(seen)
    windows = [_case_window(chosen, now, period_days)]
    past = reference_episodes(seen, chosen) if reference else seen.episodes.iloc[:0]
    windows += [_crisis_window(rows, row, now, period_days) for row in records(past)]
    panel = empty_panel(windows, period_days)
    own = with_sides(seen, case_moves(seen, chosen), windows[0]["id"])
    others = with_own_sides(seen, seen.moves[seen.moves["episode_id"].isin([w["id"] for w in windows[1:]])])
    number_of = {window["id"]: number for number, window in enumerate(windows) if number}
    _fill(panel, windows, own, np.zeros(len(own), dtype=int))
    _fill(panel, windows, others, others["episode_id"].map(number_of).to_numpy(dtype=int))
    for number, window in enumerate(windows):
        _settle(panel, number, window, rows)
        _mask(panel, number, window, seen, rows)
    spells = case_spells(panel, known_ends(seen, chosen)) + [
        s for n, w in enumerate(windows) if n for s in crisis_spell(rows, panel, n, w, now)
    ]
    panel = carry_campaigns(panel, spells)
    mark_crises(panel, 0, crises_of(seen, chosen, windows[0]))
    for number, window in enumerate(windows[1:], start=1):
        mark_crises(panel, number, past_crisis(rows, window))
    panel = panel.merge(spell_table(spells)).merge(covariates(seen, windows))
    panel.attrs = {
        "case": chosen.episode_id,
        "title": chosen.title,
        "as_of": now.date().isoformat(),
        "period_days": period_days,
        "force_categories": "0 none, 1 sub-threshold, 2 limited, 3 leadership, 4 campaign, 5 regional, 6 full war",
    }
    return panel


def _refuse_after_the_end(record: Record, case: Case, now: pd.Timestamp) -> None:
    ends = record.outcomes.loc[record.outcomes["episode_id"] == case.episode_id, "date"].dropna()
    if case.crisis and len(ends) and now > ends.max() + pd.Timedelta(days=QUIET_DAYS):
        raise UsageError(
            f"as-of date {now.date()} lies more than {QUIET_DAYS} days after the end of crisis {case.episode_id} "
            f"({ends.max().date()}); choose a day from {case.panel_start.date()} until then"
        )


def _case_window(case: Case, now: pd.Timestamp, step: int) -> dict:
    length = (now - case.panel_start).days // step + 1
    first = now - pd.Timedelta(days=step * length - 1)
    return {"id": case.episode_id, "first": first, "length": length, "start": case.panel_start, "end": now}


def _crisis_window(rows: Plain, row: Mapping[str, Any], now: pd.Timestamp, step: int) -> dict:
    end = min(last_day(rows.endings.get(row["episode_id"], [])) or now, now)
    first = row["start"] - pd.Timedelta(days=QUIET_DAYS)
    days = min((end - row["start"]).days, LONGEST_EPISODE_DAYS)
    last = min(row["start"] + pd.Timedelta(days=days + QUIET_DAYS), now)
    length = max((last - first).days // step, 1)
    return {"id": row["episode_id"], "first": first, "length": length, "start": row["start"], "end": end}


def empty_panel(windows: list[dict], step: int) -> xr.Dataset:
    """A panel in which nothing was seen: windows with `id`, `first` day and `length` in periods of `step` days."""
    episodes, longest = len(windows), max(w["length"] for w in windows)
    starts = np.full((episodes, longest), np.datetime64("NaT", "ns"), dtype="datetime64[ns]")
    for number, window in enumerate(windows):
        days = pd.to_timedelta(np.arange(window["length"]) * step, unit="D")
        starts[number, : window["length"]] = (window["first"] + days).to_numpy()

    def grid(dtype: type, *dims: str, value: int = 0) -> tuple[tuple[str, ...], np.ndarray]:
        sizes = {"side": 2, "channel": len(SIGNAL_CHANNELS), "track": len(TRACK_RECORD)}
        shape = [{"episode": episodes, "period": longest}.get(d) or sizes[d] for d in dims]
        return dims, np.full(shape, value, dtype=dtype)

    cell, pair = ("episode", "side", "period"), ("episode", "period")
    return xr.Dataset(
        {
            "period_start": (pair, starts),
            "force": grid(np.int8, *cell),
            "force_confidence": grid(np.int8, *cell),
            "rung": grid(np.int8, *cell),
            "signal": grid(np.int8, *cell, "channel"),
            "signal_confidence": grid(np.int8, *cell, "channel"),
            "track_record": grid(np.int32, *cell, "track"),
            "closure": grid(bool, *pair),
            "talks": grid(bool, *pair),
            "deal": grid(bool, *pair),
            "ceasefire": grid(bool, *pair),
            "campaign": grid(bool, *pair),
            "scope": grid(np.int8, *pair),
            "density": grid(np.int8, *pair, value=-1),
            "phase": grid(np.int8, *pair),
            "crisis_age": grid(np.int16, *pair, value=-1),
            "crisis_closed": grid(bool, *pair),
            "crisis_observed": grid(bool, *pair),
            "force_observed": grid(bool, *pair),
            "sub_threshold_observed": grid(bool, *pair),
            "signal_observed": grid(bool, *pair, "channel"),
            "talks_observed": grid(bool, *pair),
            "deal_observed": grid(bool, *pair),
        },
        coords={
            "episode": [w["id"] for w in windows],
            "side": list(SIDES),
            "period": np.arange(longest),
            "channel": list(SIGNAL_CHANNELS),
            "track": list(TRACK_RECORD),
            "length": ("episode", [w["length"] for w in windows]),
        },
    )


def _fill(panel: xr.Dataset, windows: list[dict], moves: pd.DataFrame, number: np.ndarray) -> None:
    """Write moves into the cells of their episodes [move], the highest value of a period standing for it."""
    step = np.timedelta64(panel["period_start"].values[0, 1] - panel["period_start"].values[0, 0], "D")
    first = np.array([w["first"] for w in windows], dtype="datetime64[D]")[number]
    where = np.floor((moves["date"].to_numpy(dtype="datetime64[D]") - first) / step).astype(int)
    inside = (where >= 0) & (where < np.array([w["length"] for w in windows])[number])
    values = {name: panel[name].values for name in FILLED}
    at = zip(number[inside], where[inside], strict=True)
    for (e, t), move in zip(at, moves[inside][FILLING].itertuples(), strict=True):
        side = SIDES.index(move.side) if move.side in SIDES else None
        if side is not None:
            sure = 1 + CONFIDENCES.index(move.confidence)
            _raise(values["force"], values["force_confidence"], (e, side, t), move.category, sure)
            values["rung"][e, side, t] = max(values["rung"][e, side, t], move.direct_rung)
            if move.signal:
                channel = SIGNAL_CHANNELS.index(move.signal)
                _raise(values["signal"], values["signal_confidence"], (e, side, t, channel), move.level, sure)
        if move.track in SIDES:
            values["track_record"][e, SIDES.index(move.track), t, TRACK_RECORD.index(move.type)] += 1
        for name in ("closure", "talks", "deal", "ceasefire"):
            values[name][e, t] |= bool(getattr(move, name))


def _raise(levels: np.ndarray, confidence: np.ndarray, at: tuple[int, ...], level: int, sure: int) -> None:
    """Keep the highest level of a cell, and how sure the surest row of that level is (1 confirmed to 3 disputed)."""
    if level > levels[at]:
        levels[at], confidence[at] = level, sure
    elif level == levels[at] and level > 0:
        confidence[at] = min(confidence[at], sure)


def _settle(panel: xr.Dataset, number: int, window: dict, rows: Plain) -> None:
    """A past crisis that ended by a deal has it in the period of its end, whether or not a dated row tells it."""
    agreed = last_day([row for row in rows.endings.get(window["id"], []) if row["ended_by"] in ENDED_BY_DEAL])
    if number == 0 or agreed is None or panel["deal"].values[number].any():
        return
    begins = panel["period_start"].values[number, : window["length"]]
    at = int(np.searchsorted(begins, np.datetime64(agreed), side="right")) - 1
    if at >= 0:
        panel["deal"].values[number, at] = True


def _mask(panel: xr.Dataset, number: int, window: dict, record: Record, rows: Plain) -> None:
    """Mark which cells the sources observed, by the coverage rows that hold for the episode."""
    watched_by = rows.coverage.get(window["id"], [])
    if number == 0 and not watched_by:
        crises = record.episodes.loc[record.episodes["case_id"] == window["id"], "episode_id"]
        watched_by = sorted(
            (row for crisis in crises for row in rows.coverage.get(crisis, [])), key=itemgetter("start")
        )
    length = window["length"]
    begins = panel["period_start"].values[number, :length]
    step = begins[1] - begins[0]
    ends = begins + step - np.timedelta64(1, "D")
    days = begins[0] + np.arange(int((ends[-1] - begins[0]) / np.timedelta64(1, "D")) + 1) * np.timedelta64(1, "D")
    observes = {name: np.zeros(len(days), dtype=bool) for name in (*SIGNAL_CHANNELS, "force")}
    daily = np.full(len(days), -1, dtype=np.int8)
    for row in watched_by:
        last = window["end"] + pd.Timedelta(days=QUIET_DAYS) if row["end"] is None else row["end"]
        inside = (days >= np.datetime64(row["start"])) & (days <= np.datetime64(last))
        daily[inside] = DENSITIES.index(row["density"])
        for name in str(row["observes"]).split(";"):
            if name in observes:
                observes[name] |= inside
    # a period counts as watched if every one of its days was, by whichever stretch; its density is that of its last day
    observes = {name: watched.reshape(length, -1).all(axis=1) for name, watched in observes.items()}
    daily = daily.reshape(length, -1)
    density = np.where((daily >= 0).all(axis=1), daily[:, -1], -1).astype(np.int8)
    full = np.isin(density, [DENSITIES.index(name) for name in FULL_DENSITIES])
    narrative = density == DENSITIES.index("narrative")
    told = _has_row(panel, number, length)
    during = (ends >= np.datetime64(window["start"])) & (begins <= np.datetime64(window["end"]))
    panel["density"].values[number, :length] = density
    panel["force_observed"].values[number, :length] = observes["force"] & (density >= 0)
    panel["sub_threshold_observed"].values[number, :length] = full & observes["force"]
    watched = (full | (narrative & (during | (number == 0)))) & observes["diplomacy"]
    panel["talks_observed"].values[number, :length] = watched
    panel["deal_observed"].values[number, :length] = watched | (during & _ending_is_known(number, window, rows))
    for index, name in enumerate(SIGNAL_CHANNELS):
        panel["signal_observed"].values[number, :length, index] = observes[name] & (full | (narrative & told))


def _ending_is_known(number: int, window: dict, rows: Plain) -> bool:
    """Whether the record tells how a past crisis ended, so that no deal means none."""
    known = ENDED_BY_DEAL + ENDED_WITHOUT_DEAL
    return number > 0 and any(row["ended_by"] in known for row in rows.endings.get(window["id"], []))


def _has_row(panel: xr.Dataset, number: int, length: int) -> np.ndarray:
    """Periods of which a narrative tells anything but force: a strike says nothing about silence elsewhere."""
    told = (panel["signal"].values[number, :, :length] > 0).any(axis=(0, 2))
    return told | panel["talks"].values[number, :length] | panel["deal"].values[number, :length]
