"""Where a case stands on the as-of day: quiet, in an open crisis, struck, or in a campaign; and the record of its dyad.

The *newest crisis* of a case is the one that began last among those known by the day: of a rivalry any crisis between
its two sides, of a past crisis itself. While it is open and no overt strike has come since its onset, it waits for
an opening (`open`). After an overt strike – in an open crisis, or within 30 days outside one – it is `struck`, or in a
`campaign` while one runs. Otherwise it is `quiet`, however tense: then a strike comes by way of a next crisis of the
dyad, or as a stray act outside any crisis, both at the rate of the dyad's own past, in which recent years count more.
A past crisis that is asked about before its onset is `posed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from forecast.outside.clocks import Hazard, by_age, fit_hazard
from forecast.outside.crises import CAMPAIGN, acts_between, dyad_of, situation_row
from forecast.outside.episodes import quiet_spells
from forecast.record.acts import case_moves, find_case

if TYPE_CHECKING:
    from forecast.outside.crises import Crises
    from forecast.outside.episodes import Model
    from forecast.record.read import Record

type State = Literal["posed", "quiet", "open", "struck", "campaign"]
ROUND_DAYS: Final = 30
"""A round of force outside any crisis goes on for so many days after its last act."""
BRIDGE_DAYS: Final = 7
"""A campaign is taken to run for so many days after its last act, where each day is reported."""
USUAL_EVENTS: Final = 2.0
HALF_LIFE_DAYS: Final = 1095.0
"""Days after which a crisis or stray act of the dyad counts half in its own rate (judgement)."""


class Rate(NamedTuple):
    """Gamma posterior of how often something comes: shape, and rate in the unit of its exposure."""

    shape: float
    rate: float


class Standing(NamedTuple):
    """State of a case.

    Attributes
    ----------
    state
        See the head of this module.
    row
        Covariates of the newest crisis, or of the case where none is open [one row].
    age
        Days since the onset of the open crisis.
    gap
        Days since the last overt act, where the state is struck; at least 1.
    quiet
        Days since the dyad's last crisis was over.
    fought, scope, silent
        Days that the running campaign has lasted, the category of force that it has reached (4 to 6), and days since
        anything was told of it, in a narrative that tells little.
    renewal
        Chance per day of the next act after a round of force, by days since its last.
    recurrence
        How much more often the dyad has crises than others at the same age of quiet (mean 1 before its own record).
    stray
        Overt acts outside crises, per day.
    """

    state: State
    row: pd.DataFrame
    age: int
    gap: int
    quiet: int
    fought: int
    scope: int
    silent: int
    renewal: Hazard
    recurrence: Rate
    stray: Rate


def standing(record: Record, case: str | None, day: pd.Timestamp, crises: Crises, model: Model) -> Standing:
    """Read the state of a case.

    Parameters
    ----------
    record
        Cut at the as-of day; of a past crisis that has not begun, `forecast.record.acts.pose` defines the question.
    case
        Id of a case or of a past crisis; the first case of ``record.yaml`` by default.
    day
        As-of day.
    crises
        Past crises of the record, for the record of the dyad.
    model
        The episode model, for the usual pace of crises.
    """
    onset = model.onset
    chosen = find_case(record, case)
    episodes = record.episodes.drop_duplicates("episode_id", keep="last").set_index("episode_id", drop=False)
    about = episodes.loc[chosen.episode_id].to_dict()
    acts = acts_between(record, case_moves(record, chosen))
    acts = acts[acts["date"] <= day]
    ends = record.outcomes.groupby("episode_id")["date"].max()
    known = episodes[(episodes["kind"] == "crisis") & (episodes["start"] <= day)]
    mine = known[[dyad_of(row) == dyad_of(about) for row in known.to_dict("records")]].sort_values("start")
    if chosen.crisis:
        mine = mine[(mine["start"] <= about["start"]) | (mine["episode_id"] == chosen.episode_id)]
    over = pd.Series(ends.reindex(mine["episode_id"]).to_numpy(), mine.index)
    newest = mine.iloc[-1].to_dict() if len(mine) else None
    is_open = newest is not None and pd.isna(over.iloc[-1])
    begun = not chosen.crisis or about["start"] <= day
    quiet = int((day - over.max()).days) if over.notna().any() else onset.edges[-1]
    shown = newest if newest is not None and is_open and begun else about
    overt = acts.loc[(acts["rung"] > 0) | (acts["category"] >= CAMPAIGN), "date"]
    fought, scope, silent = _campaign(record, chosen.episode_id, acts, mine.assign(over=over), day)
    since = newest["start"] if newest is not None and is_open else day - pd.Timedelta(days=ROUND_DAYS)
    recent = overt[overt >= since]
    if not is_open and over.notna().any():
        recent = recent[recent > over.max()]
    state: State = "quiet"
    if not begun:
        state = "posed"
    elif fought:
        state = "campaign"
    elif len(recent):
        state = "struck"
    elif is_open:
        state = "open"
    return Standing(
        state=state,
        row=situation_row(record, crises, shown, day),
        age=max((day - shown["start"]).days, 0),
        gap=max((day - overt.max()).days, 1) if len(overt) else onset.edges[-1],
        quiet=max(quiet, 0),
        fought=fought,
        scope=scope,
        silent=silent,
        renewal=model.renewal if chosen.crisis else _own_renewal(acts, model.renewal, day),
        recurrence=_recurrence(mine["start"].tolist(), over.tolist(), day, onset),
        stray=_stray(overt, mine["start"].tolist(), over.tolist(), chosen.panel_start, day, told=not chosen.crisis),
    )


def _campaign(
    record: Record, case: str, acts: pd.DataFrame, mine: pd.DataFrame, day: pd.Timestamp
) -> tuple[int, int, int]:
    """Days that the running campaign has lasted, the category it has reached, and days of silence; 0 if none runs.

    It is over with a truce, with its crisis, or `BRIDGE_DAYS` after its last act; a narrative tells its opening only.
    """
    big = acts[acts["category"] >= CAMPAIGN]
    if big.empty:
        return 0, 0, 0
    last = big["date"].max()
    ended = mine.loc[(mine["start"] <= last) & (mine["over"] >= last), "over"]
    if acts.loc[acts["truce"], "date"].max() >= last or len(ended):
        return 0, 0, 0
    coverage = record.coverage[(record.coverage["episode_id"] == case) & (record.coverage["start"] <= day)]
    narrative = len(coverage) > 0 and coverage.sort_values("start")["density"].iloc[-1] == "narrative"
    if not narrative and (day - last).days > BRIDGE_DAYS:
        return 0, 0, 0
    broken = acts.loc[acts["truce"] & (acts["date"] < last), "date"].max()
    spell = big if pd.isna(broken) else big[big["date"] > broken]
    if not narrative:
        apart = spell["date"].diff().dt.days > BRIDGE_DAYS
        spell = spell[apart.cumsum() == apart.sum()]
    fought, reached = int((day - spell["date"].min()).days) + 1, int(spell["category"].max())
    return fought, reached, int((day - last).days) if narrative else 0


def _own_renewal(acts: pd.DataFrame, usual: Hazard, day: pd.Timestamp) -> Hazard:
    """The pace of the case's own rounds, where it has a chronology; past crises count for `USUAL_EVENTS` acts a bin.

    The time from one act of a campaign to the next is left out.
    """
    category = acts[(acts["rung"] > 0) | (acts["category"] >= CAMPAIGN)].groupby("date")["category"].max()
    if category.empty:
        return usual
    days, big = category.index.to_numpy("datetime64[D]"), category.to_numpy() >= CAMPAIGN
    gaps = np.append(np.diff(days), np.datetime64(day, "D") - days[-1]).astype(int)
    gaps = gaps[~np.append(big[1:] & big[:-1], [False])]
    exposed = np.bincount(gaps.clip(min=0), minlength=1)[::-1].cumsum()[::-1].astype(float)
    exposed[0] = 0.0
    own = fit_hazard(tuple(usual.edges.tolist()), gaps[:-1], exposed, prior_events=0.0, prior_days=0.0)
    scale = np.minimum(USUAL_EVENTS / usual.shape, 1.0)
    return Hazard(usual.edges, scale * usual.shape + own.shape, scale * usual.rate + own.rate)


def _recurrence(starts: list, ends: list, day: pd.Timestamp, onset: Hazard) -> Rate:
    """Crises of the dyad after its first, over those expected at the rate of all dyads; with a prior of 1 of each."""
    closed = [(start, end) for start, end in zip(starts, ends, strict=True) if pd.notna(end)]
    if not closed:
        return Rate(1.0, 1.0)
    mean = onset.shape / onset.rate
    seen = expected = 0.0
    over = None
    spells: list[tuple[pd.Timestamp, pd.Timestamp, bool]] = []
    for start, end in sorted(zip(starts, [day if pd.isna(end) else end for end in ends], strict=True)):
        if over is not None and start > over:
            spells.append((over, start, True))
        over = end if over is None else max(over, end)
    if over is not None and over < day:
        spells.append((over, day, False))
    for begin, stop, came in spells:
        length = (stop - begin).days
        worth = 0.5 ** (((day - begin).days - np.arange(length)) / HALF_LIFE_DAYS)
        expected += float((by_age(onset, mean, 0, length) * worth).sum())
        seen += float(worth[-1]) if came else 0.0
    return Rate(seen + 1.0, expected + 1.0)


def _stray(overt: pd.Series, starts: list, ends: list, first: pd.Timestamp, day: pd.Timestamp, *, told: bool) -> Rate:
    """Rounds of force outside crises, per day; a past crisis has no chronology that would tell them."""
    prior = Rate(0.5, 0.5 * 3650.0)
    if not told:
        return prior
    outside, last = [], None
    for act in sorted(overt[overt >= first]):
        inside = any(start <= act and (pd.isna(end) or act <= end) for start, end in zip(starts, ends, strict=True))
        if not inside and (last is None or (act - last).days > ROUND_DAYS):
            outside.append(act)
        last = act
    gaps, still = quiet_spells([first, *starts], [first, *[day if pd.isna(end) else end for end in ends]], day)
    watched = min(sum(gaps) + still, (day - first).days)
    ages = np.arange((day - first).days)
    share = watched / max(len(ages), 1)
    seen = sum(0.5 ** ((day - act).days / HALF_LIFE_DAYS) for act in outside)
    return Rate(prior.shape + seen, prior.rate + share * float((0.5 ** (ages / HALF_LIFE_DAYS)).sum()))
