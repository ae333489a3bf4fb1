"""What happened: the rung of the ladder that a record shows for a window of days, or why it cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from forecast.outlook.ladder import Paths, first_events, severity
from forecast.record.acts import Case, case_moves, find_case, with_sides
from forecast.record.asof import as_of
from forecast.record.panel import ENDED_BY_DEAL
from forecast.terms import HORIZONS, LADDER, OVERT_RUNG, SIDES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from forecast.record.read import Record

BRIDGE_DAYS: Final = 7
"""Two acts of a campaign this far apart belong to one campaign, unless a truce lies between them."""
_CAMPAIGN: Final = 4  # category of force
_FOREVER: Final = "9999-12-31"


class Resolution(NamedTuple):
    """Position on the ladder of what happened in a window, or None and the reason why the question is void."""

    place: int | None
    void: str = ""


class Undated(NamedTuple):
    """An escalation that came between two days of the course; the record does not tell on which."""

    place: int
    first: int
    last: int
    episode: str


class _Ending(NamedTuple):
    """How a crisis ended, in days of the course: opening strike, days of fighting, place on the ladder, by a deal."""

    episode: str
    start: int
    end: int
    strike: int
    fought: int | None
    place: int | None
    deal: bool


class Course(NamedTuple):
    """What a record tells of the two sides of a case, day by day; arrays [day], for acts of force [day, side].

    Attributes
    ----------
    first
        Day of the first entry.
    last
        Last day that the record covers.
    rung
        Highest rung of a direct act of force; 1 for one that is indirect or below the threshold.
    opener
        Who struck first on the day: 0 nobody, 1 side a, 2 side b.
    scope
        Category that the running campaign has reached so far (4 to 6); 0 without one.
    closure, talks, deal, truce
        Whether there was one.
    watched
        Whether the sources would have told an overt act of force.
    undated
        Escalations without a day.
    """

    first: pd.Timestamp
    last: pd.Timestamp
    rung: np.ndarray
    opener: np.ndarray
    scope: np.ndarray
    closure: np.ndarray
    talks: np.ndarray
    deal: np.ndarray
    truce: np.ndarray
    watched: np.ndarray
    undated: tuple[Undated, ...]


def resolve(
    record: Record, case: str | None, origin: date, horizons: Sequence[int] = HORIZONS, *, known_by: date | None = None
) -> list[Resolution]:
    """Return what happened after `origin`, up to each horizon; see `places` for the rule.

    Parameters
    ----------
    record
        A record as it stands: of rows that were corrected the latest version counts.
    case
        Id of a case or of a past crisis; the first case of ``record.yaml`` by default.
    origin
        As-of day of the forecast; the window begins on the day after it.
    horizons
        Days; the window ends on the day `origin` + horizon, which counts.
    known_by
        Last day whose knowledge counts; all that the record holds by default.

    Raises
    ------
    UsageError
        Unknown case.
    """
    return places(course_of(record, case, known_by=known_by), [origin], horizons)[0]


def course_of(record: Record, case: str | None = None, *, known_by: date | None = None) -> Course:
    """Return the days of a case as the record tells them.

    A campaign runs from its first act of rung 6 or above to its last, joined over `BRIDGE_DAYS`. A narrative tells
    its opening only: there it runs on to the first truce after it, for its days of fighting at most, and to the end of
    the crisis at the latest. A deal that ended a crisis falls on the day of the end where no row dates it.
    """
    seen = as_of(record, _FOREVER if known_by is None else known_by)
    chosen = find_case(seen, case)
    acts = with_sides(seen, case_moves(seen, chosen), chosen.episode_id).sort_values("date", kind="stable")
    rows = coverage_of(seen, chosen, "force")
    first = min([chosen.panel_start, *rows["start"], *acts["date"]])
    course = _blank(rows, first, _last_day(seen, known_by))
    acts = acts.assign(day=(acts["date"] - first).dt.days)
    endings = _endings(seen.outcomes[seen.outcomes["episode_id"].isin(_told(seen, chosen, acts))], course)
    for act in acts[acts["day"] < len(course.scope)].to_dict("records"):
        _enter(course, act)
    for day, category in _campaign_days(acts, endings, len(course.scope) - 1):
        course.scope[day] = max(course.scope[day], category)
    for ending in endings:
        if ending.deal and not course.deal[max(ending.start, 0) : ending.end + 1].any():
            course.deal[ending.end] = True
    return course._replace(undated=tuple(_undated(course, endings)))


def places(course: Course, origins: Sequence[date], horizons: Sequence[int] = HORIZONS) -> list[list[Resolution]]:
    """Return the place on the ladder of the windows of days from origin + 1 to origin + horizon, both included.

    The rule is that of simulated futures (`forecast.outlook.ladder.severity`). A question is void where the window runs
    past what the record covers, where a day of it was not watched for force, or where an escalation without a day may
    or may not lie in it. Whether a window is watched does not depend on what happened in it.

    Returns
    -------
    list of list of Resolution
        By origin, then by horizon.
    """
    begins = [(pd.Timestamp(origin) - course.first).days + 1 for origin in origins]
    if not begins:
        return []
    events = first_events(recorded_futures(course, begins, max(horizons)))
    reached = [severity(events, horizon)[:, 0] for horizon in horizons]
    return [
        [_resolution(course, int(column[row]), at, horizon) for column, horizon in zip(reached, horizons, strict=True)]
        for row, at in enumerate(begins)
    ]


def resolution_table(
    record: Record, case: str | None, origins: Iterable[date], horizons: Sequence[int] = HORIZONS
) -> pd.DataFrame:
    """Return one row per window: case, origin, horizon_days, rung ("" where void) and void (the reason)."""
    course = course_of(record, case)
    name = find_case(as_of(record, _FOREVER), case).episode_id
    days = list(origins)
    rows = [
        (name, origin, horizon, "" if found.place is None else LADDER[found.place], found.void)
        for origin, windows in zip(days, places(course, days, horizons), strict=True)
        for horizon, found in zip(horizons, windows, strict=True)
    ]
    return pd.DataFrame(rows, columns=pd.Index(["case", "origin", "horizon_days", "rung", "void"]))


def _told(record: Record, case: Case, acts: pd.DataFrame) -> set[str]:
    """Crises whose outcomes bear on the case: itself, or those whose moves stand for a case without a chronology."""
    crises = set(record.episodes.loc[record.episodes["kind"] == "crisis", "episode_id"])
    if case.crisis:
        return {case.episode_id} | (set(acts.loc[acts["category"] >= _CAMPAIGN, "episode_id"]) & crises)
    if case.episode_id in set(record.moves["episode_id"]):
        return set()
    return set(record.episodes.loc[record.episodes["case_id"] == case.episode_id, "episode_id"]) & crises


def _last_day(record: Record, known_by: date | None) -> pd.Timestamp:
    days = [pd.Timestamp(day) for day in (record.config.covered_until, known_by) if day is not None]
    return min(days) if days else pd.Timestamp.now().normalize()


def coverage_of(record: Record, case: Case, channel: str) -> pd.DataFrame:
    """Stretches watched for a channel: of the case and, for a crisis, of the case that it belongs to.

    None where the record has no coverage: then nobody watched, and every window is void.
    """
    observed = [channel in str(cell).split(";") for cell in record.coverage["observes"]]
    coverage = record.coverage[np.array(observed, dtype=bool)]
    own = record.episodes[record.episodes["episode_id"] == case.episode_id].iloc[0]
    rows = coverage[coverage["episode_id"].isin({case.episode_id, own["case_id"]} - {""})]
    if len(rows):
        return rows
    crises = record.episodes.loc[record.episodes["case_id"] == case.episode_id, "episode_id"]
    return coverage[coverage["episode_id"].isin(crises)]


def _blank(coverage: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> Course:
    """Days without any event, and which of them were watched."""
    count = max((last - first).days, 0) + 1
    watched = np.zeros(count, dtype=bool)
    for row in coverage.to_dict("records"):
        stop = last if pd.isna(row["end"]) else row["end"]
        watched[max((row["start"] - first).days, 0) : max((stop - first).days + 1, 0)] = True
    none = np.zeros(count, dtype=bool)
    return Course(
        first=first,
        last=last,
        rung=np.zeros((count, 2), np.int8),
        opener=np.zeros(count, np.int8),
        scope=np.zeros(count, np.int8),
        closure=none.copy(),
        talks=none.copy(),
        deal=none.copy(),
        truce=none.copy(),
        watched=watched,
        undated=(),
    )


def _endings(outcomes: pd.DataFrame, course: Course) -> list[_Ending]:
    """Endings of crises in days of the course; an open one ends on the last day that is covered."""
    found = []
    for row in outcomes[outcomes["start"] <= course.last].to_dict("records"):
        closed = pd.notna(row["date"])
        days = row["days_of_fighting"]
        found.append(
            _Ending(
                episode=row["episode_id"],
                start=(row["start"] - course.first).days,
                end=(min(row["date"], course.last) - course.first).days if closed else len(course.scope) - 1,
                strike=((row["start"] if pd.isna(row["strike_date"]) else row["strike_date"]) - course.first).days,
                fought=int(days) if closed and pd.notna(days) else None,
                place=LADDER.index(row["outcome"]) if row["outcome"] else None,
                deal=row["ended_by"] in ENDED_BY_DEAL,
            )
        )
    return found


def _enter(course: Course, act: dict) -> None:
    at, rung = act["day"], max(act["direct_rung"], min(act["category"], 1))
    if act["side"] in SIDES:
        side = SIDES.index(act["side"])
        course.rung[at, side] = max(course.rung[at, side], rung)
        if rung >= OVERT_RUNG and course.opener[at] == 0:
            course.opener[at] = side + 1
    course.closure[at] |= act["closure"]
    course.talks[at] |= act["talks"]
    course.deal[at] |= act["deal"]
    course.truce[at] |= act["ceasefire"]


def _campaign_days(acts: pd.DataFrame, endings: list[_Ending], last: int) -> list[tuple[int, int]]:
    """Days on which a campaign ran, up to the last one, each with the category that it had reached."""
    ends = {ending.episode: ending for ending in endings}
    truces = acts.loc[acts["ceasefire"] | acts["deal"], "day"].to_numpy()
    found: list[tuple[int, int]] = []
    stop = category = -BRIDGE_DAYS - 1
    for act in acts[acts["category"] >= _CAMPAIGN].to_dict("records"):
        day = act["day"]
        broken = bool(((truces >= stop) & (truces < day)).any())
        if day <= stop or (found and day - stop <= BRIDGE_DAYS and not broken):
            found += [(between, category) for between in range(stop + 1, day)]
            category = max(category, act["category"])
        else:
            category = act["category"]
        runs_to = max(stop if day <= stop else day, _goes_on(day, ends.get(act["episode_id"]), truces))
        found += [(running, category) for running in range(day, runs_to + 1)]
        stop = runs_to
    return [(day, reached) for day, reached in found if day <= last]


def _goes_on(day: int, ending: _Ending | None, truces: np.ndarray) -> int:
    """Last day on which a campaign is taken to run after an act of it, if no later act is told."""
    if ending is None:
        return day
    limits = [ending.end, *truces[truces >= day][:1].tolist()]
    if ending.fought is not None:
        limits.append(day + ending.fought - 1)
    return max(min(limits), day)


def _undated(course: Course, endings: list[_Ending]) -> list[Undated]:
    """Crises that reached a place on the ladder which their dated acts do not."""
    found = []
    for ending in endings:
        days = ending.end - ending.start + 1
        dated = int(severity(first_events(recorded_futures(course, [ending.start], days)), days)[0, 0])
        if ending.place is not None and ending.place > max(dated, 1):
            found.append(Undated(ending.place, ending.strike, ending.end, ending.episode))
    return found


def _resolution(course: Course, place: int, begin: int, horizon: int) -> Resolution:
    """The place that dated acts show from a day of the course on, unless the question is void."""
    end = begin + horizon - 1
    if end >= len(course.scope):
        return Resolution(None, f"the record covers events up to {course.last.date()}")
    unwatched = horizon - int(days_from(course.watched, begin, horizon).sum())
    if unwatched:
        return Resolution(None, f"force was not watched on {unwatched} of {horizon} days")
    for one in course.undated:
        if one.place <= place or end < one.first or begin > one.last:
            continue
        if begin > one.first or end < one.last:
            reached = LADDER[one.place]
            return Resolution(None, f"{one.episode} reached {reached} on a day that the record does not tell")
        place = one.place
    return Resolution(place)


def recorded_futures(course: Course, begins: Sequence[int], days: int) -> Paths:
    """The recorded days from several positions on, each as one future of daily periods [position, 1, day]."""

    def many(values: np.ndarray) -> np.ndarray:
        return np.stack([days_from(values, at, days) for at in begins])[:, None]

    return Paths(
        rung=many(course.rung),
        scope=many(course.scope),
        first=many(course.opener),
        closure=many(course.closure),
        talks=many(course.talks),
        deal=many(course.deal),
        truce=many(course.truce),
        day=np.ones((len(begins), 1, days), np.int16),
        period_days=1,
    )


def days_from(values: np.ndarray, at: int, days: int) -> np.ndarray:
    """Values of `days` days from position `at`, zero where there are none."""
    out = np.zeros((days, *values.shape[1:]), values.dtype)
    begin, stop = max(at, 0), min(at + days, len(values))
    if stop > begin:
        out[begin - at : stop - at] = values[begin:stop]
    return out
