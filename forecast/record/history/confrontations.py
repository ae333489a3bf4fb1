"""Confrontations of MIE as reference episodes: weeks in which either side struck, campaigns, their length and scope."""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from forecast.errors import UsageError
from forecast.record.history.shape import FIRST_DAY, NOBODY, QUIET, STEP, attributes, covariates, thinned
from forecast.record.importers.draft import Draft
from forecast.record.panel import empty_panel
from forecast.record.spells import spell_table
from forecast.terms import DIRECT_RUNG

SHOOTING: Final = (16, 17, 19, 20, 21, 22)  # attack, clash, unconventional weapons, war begun, war joined, battle
WAR: Final = (20, 21, 22)
CAMPAIGN_DAYS: Final = 5
CAMPAIGN_WITHIN: Final = 14
HALT_DAYS: Final = 28
WAR_DEATHS: Final = 100
LONGEST_EVENT_DAYS: Final = 14
LONGEST: Final = pd.Timedelta(weeks=104)
MOST_CAMPAIGNS: Final = 2
WATCHED_WEEKS: Final = 51  # what a confrontation of one day has
LIMITED, CAMPAIGN, REGIONAL, FULL = 2, 4, 5, 6  # categories of force
_DAY: Final = np.timedelta64(1, "D")
HALF_YEAR: Final = QUIET.to_timedelta64()
_UNIX: Final = dt.date(1970, 1, 1).toordinal()


class Campaign(NamedTuple):
    """First and last day of fighting (ordinals), and when each side reached campaign level, if it did."""

    first: int
    last: int
    starts: tuple[int | None, int | None]


class Acts(NamedTuple):
    """The events of one confrontation, arrays [event]; days are ordinals."""

    side: np.ndarray
    day: np.ndarray
    last: np.ndarray
    exact: np.ndarray
    action: np.ndarray
    rung: np.ndarray
    target: np.ndarray
    deaths: np.ndarray

    def only(self, chosen: np.ndarray) -> Acts:
        """The chosen events."""
        return Acts(*(values[chosen] for values in self))


def confrontation_panel(draft: Draft, as_of: dt.date, *, since: pd.Timestamp = FIRST_DAY) -> xr.Dataset:
    """Build a panel of the confrontations that were over, and known to be, on a day.

    Every confrontation has 26 quiet weeks before its first and after its last event, and at most its first two years.
    Of its weeks without a campaign at most `WATCHED_WEEKS` count, so that all weigh about the same; of its campaigns
    the first two. Confrontations between the same leads that overlap are one, and no week of a pair counts twice.
    Only force is watched. A campaign opens on the first of five days within a fortnight on which one side fought, and
    halts before four weeks without fighting. It is full war if MIE counts it to a war (hostility level 5), from its
    opening if the first week cost 100 lives, and reaches several theatres when two states of one side are struck.

    Parameters
    ----------
    draft
        From `forecast.record.importers.mie.read`.
    as_of
        Confrontations whose last event lies less than 182 days before it are left out.
    since
        Confrontations that began earlier are left out.

    Returns
    -------
    Dataset
        As from `build_panel`; its first episode, the case, is empty.

    Raises
    ------
    UsageError
        Nothing was over by that day.
    """
    now = pd.Timestamp(as_of)
    episodes, acts = _merged(draft, now, since)
    if episodes.empty:
        raise UsageError(f"no confrontation was over and known by {now.date()}; choose a later day")
    groups = _by_episode(acts)
    courses = {name: _campaigns(group) for name, group in groups.items()}
    windows = [_window(row, courses[row["episode_id"]]) for row in episodes.to_dict("records")]
    panel = empty_panel([NOBODY, *windows], STEP)
    panel["phase"].values[0] = 1
    spells = []
    for number, window in enumerate(windows, 1):
        _force(panel, number, window, groups[window["id"]])
        spells += _spells(panel, number, window, groups[window["id"]], courses[window["id"]])
        _watch(panel, number, window)
    panel = panel.merge(spell_table(spells)).merge(covariates(episodes))
    panel.attrs = attributes(now, draft.data_set.title)
    return panel


def _merged(draft: Draft, now: pd.Timestamp, since: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Episodes that are over, overlapping ones of a pair joined, and their acts with sides of the joined episode."""
    ends = draft.outcomes.set_index("episode_id")
    episodes = draft.episodes[draft.episodes["start"].between(since, now)].copy()
    episodes[["end", "over"]] = ends[["date", "known_date"]].reindex(episodes["episode_id"]).to_numpy()
    episodes[["end", "over"]] = episodes[["end", "over"]].apply(pd.to_datetime)
    episodes["pair"] = ["-".join(sorted(p)) for p in zip(episodes["challenger"], episodes["target"], strict=True)]
    episodes = episodes.sort_values(["pair", "start", "episode_id"])
    reached = episodes.groupby("pair")["end"].cummax()
    before = reached.groupby(episodes["pair"]).shift()
    group = (before.isna() | (episodes["start"] > before)).cumsum()
    first = episodes.groupby(group).head(1).set_index(group.drop_duplicates())
    first["end"], first["over"] = episodes.groupby(group)["end"].max(), episodes.groupby(group)["over"].max()
    nxt = first.groupby("pair")["start"].shift(-1)
    last = first.groupby("pair")["end"].shift()
    first = first.assign(next_start=nxt, last_end=last)
    lead = first.loc[group, "episode_id"].to_numpy()
    turned = first.loc[group, "challenger"].to_numpy() != episodes["challenger"].to_numpy()
    of = pd.DataFrame({"joined": lead, "turned": turned}, index=episodes["episode_id"])
    kept = first[first["over"] <= now].sort_values(["start", "episode_id"]).reset_index(drop=True)
    acts = draft.acts[(draft.acts["basis"] == "dataset") & draft.acts["episode_id"].isin(of.index)]
    turned = of["turned"].reindex(acts["episode_id"]).to_numpy(dtype=bool)
    side = acts["side"].map({"a": 0, "b": 1}).to_numpy()
    acts = acts.assign(
        side=np.where(turned, 1 - side, side), episode_id=of["joined"].reindex(acts["episode_id"]).to_numpy()
    )
    return kept, acts[acts["episode_id"].isin(kept["episode_id"])]


def _by_episode(acts: pd.DataFrame) -> dict[str, Acts]:
    acts = acts.sort_values("episode_id", kind="stable")
    day, last = (acts[name].to_numpy().astype("datetime64[D]").astype(int) + _UNIX for name in ("date", "end"))
    columns = Acts(
        side=acts["side"].to_numpy(dtype=int),
        day=day,
        last=last,
        exact=(acts["date_precision"] == "day").to_numpy(dtype=bool),
        action=acts["action"].to_numpy(dtype=int),
        rung=acts["rung"].fillna(0).to_numpy(dtype=int),
        target=acts["target"].to_numpy(dtype=str),
        deaths=acts["fatalities_low"].fillna(0).to_numpy(dtype=int),
    )
    names, starts = np.unique(acts["episode_id"].to_numpy(dtype=str), return_index=True)
    ends = [*starts[1:], len(acts)]
    return {str(name): columns.only(np.arange(a, b)) for name, a, b in zip(names, starts, ends, strict=True)}


def _campaigns(acts: Acts) -> list[Campaign]:
    """Campaigns of one confrontation, from the days on which each side fought, as far as they are known exactly."""
    shots = acts.only(np.isin(acts.action, SHOOTING) & acts.exact)
    lasted = shots.last - shots.day
    # a long attack or clash sums up scattered ones (median deaths: none); the days of a battle are days of fighting
    lasted = np.where((lasted <= LONGEST_EVENT_DAYS) | np.isin(shots.action, WAR), lasted, 0)
    days: tuple[set[int], set[int]] = (set(), set())
    for side, day, more in zip(shots.side.tolist(), shots.day.tolist(), lasted.tolist(), strict=True):
        days[side].update(range(day, day + more + 1))
    openings = tuple(_openings(sorted(own)) for own in days)
    fought = np.array(sorted(days[0] | days[1]))
    found, free = [], 0
    while starts := [day for own in openings for day in own if day >= free]:
        first = min(starts)
        later = fought[fought >= first]
        pause = np.flatnonzero(np.diff(later) > HALT_DAYS)
        last = int(later[pause[0]] if len(pause) else later[-1])
        by = [next((d for d in own if first <= d <= last), None) for own in openings]
        found.append(Campaign(first, last, (by[0], by[1])))
        free = last + 1
    return found


def _openings(days: list[int]) -> list[int]:
    """Days with which a run of `CAMPAIGN_DAYS` days within `CAMPAIGN_WITHIN` begins."""
    return [a for a, b in zip(days, days[CAMPAIGN_DAYS - 1 :], strict=False) if b - a < CAMPAIGN_WITHIN]


def _window(row: dict, campaigns: list[Campaign]) -> dict:
    first, last = row["start"] - QUIET, min(row["end"] + QUIET, row["start"] + LONGEST)
    if len(campaigns) > MOST_CAMPAIGNS:
        last = min(last, pd.Timestamp.fromordinal(campaigns[MOST_CAMPAIGNS].first) - pd.Timedelta(days=1))
    length = max((last - first).days // STEP, QUIET.days // STEP + 1)
    return {**row, "id": row["episode_id"], "first": first, "length": length}


def _force(panel: xr.Dataset, number: int, window: dict, acts: Acts) -> None:
    """Acts below campaign level: a strike or occupation is limited force, a seizure stays below the threshold."""
    at = (acts.day - window["first"].toordinal()) // STEP
    told = (acts.rung > 0) & (at >= 0) & (at < window["length"])
    level = np.where(acts.rung >= DIRECT_RUNG, LIMITED, 1).astype(np.int8)
    force = panel["force"].values[number]
    np.maximum.at(force, (acts.side[told], at[told]), level[told])
    panel["force_confidence"].values[number] = force > 0
    panel["rung"].values[number] = np.where(force >= LIMITED, DIRECT_RUNG, 0)


def _spells(panel: xr.Dataset, number: int, window: dict, acts: Acts, campaigns: list[Campaign]) -> list[dict]:
    """Rows of the spell table, and their marks in force, campaign and scope."""
    origin, length = window["first"].toordinal(), window["length"]
    shots = acts.only(np.isin(acts.action, SHOOTING))
    rows = []
    for campaign in campaigns[:MOST_CAMPAIGNS]:
        onset = (campaign.first - origin) // STEP
        if onset >= length:
            continue
        since = shots.day >= campaign.first
        opening = _reach(shots.only(since & (shots.day < origin + STEP * (onset + 1))), WAR_DEATHS)
        scope = _reach(shots.only(since & (shots.day <= campaign.last)), 0)
        stop = min((campaign.last - origin) // STEP + 1, length)
        for side, start in enumerate(campaign.starts):
            if start is not None and (start - origin) // STEP == onset:
                panel["force"].values[number, side, onset] = opening
        panel["campaign"].values[number, onset:stop] = True
        panel["scope"].values[number, onset:stop] = opening
        days = float(campaign.last - campaign.first + 1)
        rows.append({"episode": number, "onset": onset, "days": days, "halted": True, "truce": False,
                     "opening": opening, "scope": scope, "dated": True})  # fmt: skip
    return rows


def _reach(shots: Acts, deaths: int) -> int:
    """Category that the fighting reached: full war by an event of a war, regional by two states of one side struck.

    MIE codes the first shot of what became a war as one of its battles. A campaign therefore opens as full war only if
    its first week cost `deaths`; otherwise it has become one later.
    """
    if np.isin(shots.action, WAR).any() and shots.deaths.sum() >= deaths:
        return FULL
    return REGIONAL if any(len(set(shots.target[shots.side == side])) > 1 for side in (0, 1)) else CAMPAIGN


def _watch(panel: xr.Dataset, number: int, window: dict) -> None:
    """Watched weeks: all of the window but those of a running campaign and those that another confrontation claims."""
    length = window["length"]
    begins = panel["period_start"].values[number, :length]
    ends = begins + (STEP - 1) * _DAY
    start = np.datetime64(window["start"])
    # phases of half a year: the last event would cut them by what happened, and resolve would stand for that
    phase = np.where(begins >= start + HALF_YEAR, 2, np.where(ends < start, 0, 1))
    panel["phase"].values[number, :length] = phase
    panel["crisis_age"].values[number, :length] = np.where(phase == 1, np.subtract(ends, start) / _DAY, -1)
    running = panel["campaign"].values[number, :length]
    watched = ~(running & np.concatenate([[False], running[:-1]]))
    watched[0] = False  # the first week has no past
    if pd.notna(window["last_end"]):
        watched &= (ends >= start) | (begins > np.datetime64(window["last_end"] + QUIET))
    if pd.notna(window["next_start"]):
        watched &= ends < np.datetime64(window["next_start"])
    panel["force_observed"].values[number, :length] = thinned(watched, WATCHED_WEEKS, window["id"])
