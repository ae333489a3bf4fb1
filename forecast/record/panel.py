"""The panel: a labelled Dataset over (episode, side, period) of what was seen, what was quiet, what was not watched."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from forecast.errors import UsageError
from forecast.record.acts import Case, case_moves, find_case, reference_episodes, with_sides
from forecast.record.asof import as_of as cut
from forecast.terms import CONFIDENCES, DENSITIES, SIDES, SIGNAL_CHANNELS, TRACK_RECORD

if TYPE_CHECKING:
    from forecast.record.read import Record

TRUCE_DAYS = 42
QUIET_DAYS = 182
LONGEST_EPISODE_DAYS = 1820
CARRY_DAYS = 28
ENDED_BY_DEAL = ("negotiated_settlement", "no_force_deal")
ENDED_WITHOUT_DEAL = ("tacit_halt", "ceasefire", "no_force_standoff", "military_victory")
FULL_DENSITIES = ("regular", "dense", "sampled")


def build_panel(record: Record, as_of: date, *, case: str | None = None, period_days: int = 7) -> xr.Dataset:
    """Build the panel of one case and its reference class as the record stood on `as_of`.

    The first episode is the case, one continuous run of periods counted back from `as_of` (the last period ends on
    that day). The others are past crises with 26 quiet weeks on either side. Every array carries a mask: a quiet
    period is an observation only where the source would have reported (`record.coverage`).

    Parameters
    ----------
    record
        A checked record; it is cut by `known_date` here, so a full record may be passed.
    as_of
        Last day whose information may be used.
    case
        Case id; the first of `record.yaml` by default.
    period_days
        Length of a period in days (1 to 31).

    Returns
    -------
    Dataset
        dims (episode, side, period, channel, track, spell); see ARCHITECTURE.md for the variables.

    Raises
    ------
    UsageError
        Unknown case, a period length out of range, or an as-of date before the panel's first period.
    """
    if not 1 <= period_days <= 31:
        raise UsageError(f"period length {period_days} days is outside 1-31; use 7 for weeks")
    seen = cut(record, as_of)
    chosen = find_case(seen, case)
    now = pd.Timestamp(as_of)
    if now < chosen.panel_start + pd.Timedelta(days=period_days):
        raise UsageError(
            f"as-of date {now.date()} lies before the first period of case {chosen.episode_id} "
            f"(panel_start {chosen.panel_start.date()} in record.yaml)"
        )
    windows = [_case_window(chosen, now, period_days)]
    windows += [_crisis_window(seen, row, now, period_days) for _, row in reference_episodes(seen, chosen).iterrows()]
    panel = _empty(windows, period_days)
    for number, window in enumerate(windows):
        moves = case_moves(seen, chosen) if number == 0 else seen.moves[seen.moves["episode_id"] == window["id"]]
        _fill(panel, number, window, with_sides(seen, moves, window["id"]))
        _settle(panel, number, window, seen)
        _mask(panel, number, window, seen)
    spells = _case_spells(panel) + [s for w in windows[1:] for s in _crisis_spell(seen, panel, w, now)]
    panel = _carry_campaigns(panel, spells)
    panel = panel.merge(_spell_table(spells)).merge(_covariates(seen, windows))
    panel.attrs = {
        "case": chosen.episode_id,
        "title": chosen.title,
        "as_of": now.date().isoformat(),
        "period_days": period_days,
        "force_categories": "0 none, 1 sub-threshold, 2 limited, 3 leadership, 4 campaign, 5 regional, 6 full war",
    }
    return panel


def _case_window(case: Case, now: pd.Timestamp, step: int) -> dict:
    length = (now - case.panel_start).days // step + 1
    first = now - pd.Timedelta(days=step * length - 1)
    return {"id": case.episode_id, "first": first, "length": length, "start": case.panel_start, "end": now}


def _crisis_window(record: Record, row: pd.Series, now: pd.Timestamp, step: int) -> dict:
    known = record.outcomes[(record.outcomes["episode_id"] == row["episode_id"]) & record.outcomes["date"].notna()]
    end = min(known["date"].max(), now) if len(known) else now
    first = row["start"] - pd.Timedelta(days=QUIET_DAYS)
    days = min((end - row["start"]).days, LONGEST_EPISODE_DAYS)
    last = min(row["start"] + pd.Timedelta(days=days + QUIET_DAYS), now)
    length = max((last - first).days // step, 1)
    return {"id": row["episode_id"], "first": first, "length": length, "start": row["start"], "end": end}


def _empty(windows: list[dict], step: int) -> xr.Dataset:
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
            "track_record": grid(np.int8, *cell, "track"),
            "closure": grid(bool, *pair),
            "talks": grid(bool, *pair),
            "deal": grid(bool, *pair),
            "ceasefire": grid(bool, *pair),
            "campaign": grid(bool, *pair),
            "scope": grid(np.int8, *pair),
            "density": grid(np.int8, *pair, value=-1),
            "phase": grid(np.int8, *pair),
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


def _fill(panel: xr.Dataset, number: int, window: dict, moves: pd.DataFrame) -> None:
    """Write the moves of one episode into its cells, the highest value of a period standing for it."""
    step = (panel["period_start"].values[number, 1] - panel["period_start"].values[number, 0]) / np.timedelta64(1, "D")
    where = np.floor((moves["date"] - window["first"]).dt.days / step).astype(int)
    inside = (where >= 0) & (where < window["length"])
    values = {name: panel[name].values[number] for name in panel.data_vars}
    for t, move in zip(where[inside], moves[inside].itertuples(), strict=True):
        side = SIDES.index(move.side) if move.side in SIDES else None
        if side is not None:
            sure = 1 + CONFIDENCES.index(move.confidence)
            _raise(values["force"], values["force_confidence"], (side, t), move.category, sure)
            values["rung"][side, t] = max(values["rung"][side, t], move.direct_rung)
            if move.signal:
                channel = SIGNAL_CHANNELS.index(move.signal)
                _raise(values["signal"], values["signal_confidence"], (side, t, channel), move.level, sure)
        if move.track in SIDES:
            values["track_record"][SIDES.index(move.track), t, TRACK_RECORD.index(move.type)] += 1
        for name in ("closure", "talks", "deal", "ceasefire"):
            values[name][t] |= bool(getattr(move, name))


def _raise(levels: np.ndarray, confidence: np.ndarray, at: tuple[int, ...], level: int, sure: int) -> None:
    """Keep the highest level of a cell, and how sure the surest row of that level is (1 confirmed to 3 disputed)."""
    if level > levels[at]:
        levels[at], confidence[at] = level, sure
    elif level == levels[at] and level > 0:
        confidence[at] = min(confidence[at], sure)


def _settle(panel: xr.Dataset, number: int, window: dict, record: Record) -> None:
    """A past crisis that ended by a deal has it in the period of its end, whether or not a dated row tells it."""
    known = record.outcomes[record.outcomes["episode_id"] == window["id"]]
    ends = known.loc[known["ended_by"].isin(ENDED_BY_DEAL) & known["date"].notna(), "date"]
    if number == 0 or ends.empty or panel["deal"].values[number].any():
        return
    begins = panel["period_start"].values[number, : window["length"]]
    at = int(np.searchsorted(begins, np.datetime64(ends.max()), side="right")) - 1
    if at >= 0:
        panel["deal"].values[number, at] = True


def _mask(panel: xr.Dataset, number: int, window: dict, record: Record) -> None:
    """Mark which cells the sources observed, by the coverage rows that hold for the episode."""
    coverage = record.coverage
    rows = coverage[coverage["episode_id"] == window["id"]]
    if number == 0 and rows.empty:
        crises = record.episodes.loc[record.episodes["case_id"] == window["id"], "episode_id"]
        rows = coverage[coverage["episode_id"].isin(crises)]
    length = window["length"]
    begins = panel["period_start"].values[number, :length]
    step = begins[1] - begins[0]
    ends = begins + step - np.timedelta64(1, "D")
    days = begins[0] + np.arange(int((ends[-1] - begins[0]) / np.timedelta64(1, "D")) + 1) * np.timedelta64(1, "D")
    observes = {name: np.zeros(len(days), dtype=bool) for name in (*SIGNAL_CHANNELS, "force")}
    daily = np.full(len(days), -1, dtype=np.int8)
    for row in rows.sort_values("start").to_dict("records"):
        last = window["end"] + pd.Timedelta(days=QUIET_DAYS) if pd.isna(row["end"]) else row["end"]
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
    after = begins > np.datetime64(window["end"])
    panel["phase"].values[number, :length] = np.where(after, 2, np.where(ends < np.datetime64(window["start"]), 0, 1))
    panel["force_observed"].values[number, :length] = observes["force"] & (density >= 0)
    panel["sub_threshold_observed"].values[number, :length] = full & observes["force"]
    watched = (full | (narrative & (during | (number == 0)))) & observes["diplomacy"]
    panel["talks_observed"].values[number, :length] = watched
    panel["deal_observed"].values[number, :length] = watched | (during & _ending_is_known(number, window, record))
    for index, name in enumerate(SIGNAL_CHANNELS):
        panel["signal_observed"].values[number, :length, index] = observes[name] & (full | (narrative & told))


def _ending_is_known(number: int, window: dict, record: Record) -> bool:
    """Whether the record tells how a past crisis ended, so that no deal means none."""
    known = record.outcomes[(record.outcomes["episode_id"] == window["id"]) & record.outcomes["date"].notna()]
    return number > 0 and bool(known["ended_by"].isin(ENDED_BY_DEAL + ENDED_WITHOUT_DEAL).any())


def _has_row(panel: xr.Dataset, number: int, length: int) -> np.ndarray:
    """Periods of which a narrative tells anything but force: a strike says nothing about silence elsewhere."""
    told = (panel["signal"].values[number, :, :length] > 0).any(axis=(0, 2))
    return told | panel["talks"].values[number, :length] | panel["deal"].values[number, :length]


def _case_spells(panel: xr.Dataset) -> list[dict]:
    """Campaign spells of the case: runs of periods with an act of rung 6 or above by either side.

    A quiet period that was watched is a halt. Unwatched periods are bridged for up to `CARRY_DAYS`, also at the end
    of the panel; after that the spell is cut without a halt having been seen.
    """
    length = int(panel["length"].values[0])
    force = panel["force"].values[0, :, :length].max(axis=0)
    seen = panel["force_observed"].values[0, :length]
    days = int(panel["period_start"].diff("period").isel(episode=0, period=0) / np.timedelta64(1, "D"))
    spells, running, last = [], None, 0
    for t in range(length):
        if running is not None and (t - last) * days > CARRY_DAYS:
            running = None
        if force[t] >= 4:
            if running is None:
                running = {"episode": 0, "onset": t, "halted": False, "truce": False, "opening": force[t], "scope": 0,
                           "dated": True}  # fmt: skip
                spells.append(running)
            last = t
            running["scope"] = max(running["scope"], int(force[t]))
        elif running is not None and seen[t]:
            running["halted"] = True
            around = slice(max(t - 2, 0), t + 1)
            settled = panel["ceasefire"].values[0, around] | panel["deal"].values[0, around]
            running["truce"] = bool(settled.any())
            running = None
        elif running is not None and t == length - 1:
            last = t  # not watched to the end: as far as is known it still runs
        if running is not None:
            running["days"] = float((last - running["onset"] + 1) * days)
    return spells


def _crisis_spell(record: Record, panel: xr.Dataset, window: dict, now: pd.Timestamp) -> list[dict]:
    """The campaign of a past crisis, if it had one: onset from its moves, days and end from its outcome."""
    number = panel.indexes["episode"].get_loc(window["id"])
    length = window["length"]
    force = panel["force"].values[number, :, :length].max(axis=0)
    known = record.outcomes[(record.outcomes["episode_id"] == window["id"]) & record.outcomes["date"].notna()]
    top = int(force.max(initial=0))
    reached = int(known["max_rung"].max()) if len(known) else 0
    final = max(top, {6: 4, 7: 5, 8: 6}.get(reached, 0))
    if final < 4:
        return []
    dated = bool(top >= 4)
    acts = np.flatnonzero(force >= 4) if dated else np.flatnonzero(force >= 2) + 1
    if not len(acts) or acts[0] >= length:
        return []
    onset = int(acts[0])
    halted = bool(len(known)) and known["status"].iloc[0] == "closed"
    began = pd.Timestamp(panel["period_start"][number, onset].item())
    fought = float(known["days_of_fighting"].max()) if halted else float((now - began).days)
    return [
        {
            "episode": number,
            "onset": onset,
            "days": max(fought, 1.0),
            "halted": halted,
            "truce": halted and known["ended_by"].iloc[0] in ("ceasefire", "negotiated_settlement"),
            "opening": int(force[onset]) if dated else 4,
            "scope": final,
            "dated": dated,
        }
    ]


def _carry_campaigns(panel: xr.Dataset, spells: list[dict]) -> xr.Dataset:
    """Mark the periods in which a campaign ran and its scope so far; a past crisis is masked while it runs."""
    step = float((panel["period_start"].values[0, 1] - panel["period_start"].values[0, 0]) / np.timedelta64(1, "D"))
    for spell in spells:
        number, onset = spell["episode"], spell["onset"]
        stop = min(onset + max(int(np.ceil(spell["days"] / step)), 1), int(panel["length"].values[number]))
        panel["campaign"].values[number, onset:stop] = True
        if not spell[
            "dated"
        ]:  # the record says that it came to a campaign, not on which day: the challenger's next step
            panel["force"].values[number, 0, onset] = spell["opening"]
        reached = np.maximum.accumulate(panel["force"].values[number, :, onset:stop].max(axis=0))
        panel["scope"].values[number, onset:stop] = np.maximum(reached, spell["opening"])
        if number > 0:
            panel["force_observed"].values[number, onset + 1 : stop] = False
            panel["talks_observed"].values[number, onset + 1 : stop] = False
        panel["deal_observed"].values[number, onset + 1 : stop] = False
    return panel


def _spell_table(spells: list[dict]) -> xr.Dataset:
    columns = {"episode": int, "onset": int, "days": float, "halted": bool, "truce": bool, "opening": int, "scope": int}
    columns["dated"] = bool
    return xr.Dataset(
        {f"spell_{name}": ("spell", np.array([s[name] for s in spells], dtype=kind)) for name, kind in columns.items()},
        coords={"spell": np.arange(len(spells))},
    )


def _covariates(record: Record, windows: list[dict]) -> xr.Dataset:
    """Covariates known at onset, one row an episode; those of a side as (episode, side)."""
    rows = record.episodes.set_index("episode_id").loc[[w["id"] for w in windows]]
    capability = rows["capability_ratio"].map(
        {"much_weaker": -2.0, "weaker": -1.0, "parity": 0.0, "stronger": 1.0, "much_stronger": 2.0}
    )
    capability = capability.fillna(0.0).to_numpy(dtype=float)
    nuclear = rows[["challenger_nuclear", "target_nuclear"]].fillna(0).to_numpy(dtype=float)
    high_stake = rows["demand"].isin(["territory", "regime"]).to_numpy(dtype=float)
    return xr.Dataset(
        {
            "actor": (("episode", "side"), rows[["challenger", "target"]].to_numpy(dtype=str)),
            "region": (("episode", "side"), _regions(record, rows)),
            "capability": (("episode", "side"), np.stack([capability, -capability], axis=1)),
            "nuclear": (("episode", "side"), nuclear),
            "high_stake": ("episode", high_stake),
            "ground_access": ("episode", rows["ground_access"].fillna(0).to_numpy(dtype=float)),
            "chokepoint": ("episode", rows["chokepoint"].fillna(0).to_numpy(dtype=float)),
        }
    )


def _regions(record: Record, rows: pd.DataFrame) -> np.ndarray:
    """Region of both leads of each episode; an actor without one stands alone under "elsewhere"."""
    regions = record.actors.set_index("actor_id")["region"].replace("", np.nan)
    return rows[["challenger", "target"]].apply(lambda c: c.map(regions)).fillna("elsewhere").to_numpy(dtype=str)
