"""The shipped table of past windows, from which the baselines of a forecast learn without looking everything up anew.

A row is one origin of a past crisis or case of the shipped record: the situation as it was known on that day, and what
came within each horizon. As in the back-test, a forecast learns from windows that had ended, of crises known to be
over, before the quarter of its as-of date; penalties and sizes were the best on 1 January of every fifth year. What
came in a window counts from the day on which the record told it as it does now.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import UsageError
from forecast.evaluation.baselines import BASELINES, Fit, Tuned, climatology, settled
from forecast.evaluation.learners import (
    FEWEST,
    NAMES,
    REFIT_MONTHS,
    RETUNE_YEARS,
    learners,
    past_windows,
    training_table,
)
from forecast.evaluation.resolution import course_of, places
from forecast.record.acts import find_case
from forecast.record.asof import as_of, known_by
from forecast.record.read import read_record, record_hashes
from forecast.terms import HORIZONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecast.evaluation.learners import Memo
    from forecast.record.read import Record

FORMAT: Final = "crisis-forecast/windows/2"
SHIPPED: Final = Path(__file__).with_name("past_windows.csv.gz")
FIRST_TUNED: Final = 1980
_DIGITS: Final = 6
_FALLBACK: Final = -1  # none of the choices beat climatology
_HINT: Final = "write both files anew: forecast study windows --ship"


class Windows(NamedTuple):
    """Past windows and what was tuned on them.

    Attributes
    ----------
    frame
        Features of `forecast.evaluation.features.situation`, `case`, `cluster`, `day`, `over` (day on which the ending
        of the crisis was known; missing for a case that is none) and by horizon `place_7`, … and `late_7`, …: days
        after the end of the window until the record told its place as it does now.
    choices
        Number of the choice among those of a tuned baseline, by name, horizon and day; -1 for climatology.
    made_from
        The last day that the record covers, and the hash of what was known by then (`known_hash`).
    """

    frame: pd.DataFrame
    choices: dict[tuple[str, int, date], int]
    made_from: dict[str, Any]

    @property
    def horizons(self) -> tuple[int, ...]:
        """Days ahead that the table tells."""
        names = [str(name) for name in self.frame.columns]
        return tuple(int(name.removeprefix("place_")) for name in names if name.startswith("place_"))

    def ended_by(self, day: date) -> pd.DataFrame:
        """Rows that may be learned from on a day, with places that were known by then, as `past_windows`."""
        left = (pd.Timestamp(day) - self.frame["day"]).dt.days
        over = self.frame["over"].isna() | (self.frame["over"] <= pd.Timestamp(day))
        kept = over & (left >= min(self.horizons))
        rows, left = self.frame[kept].reset_index(drop=True), left[kept].reset_index(drop=True)
        known = {f"place_{h}": rows[f"place_{h}"].where(left >= h + rows[f"late_{h}"]) for h in self.horizons}
        return rows.drop(columns=["over", *(f"late_{h}" for h in self.horizons)]).assign(**known)


def make_windows(record: Record, *, progress: Callable[[str], None] = lambda _text: None) -> Windows:
    """Look up every past window of a record and tune the baselines at every half decade; some minutes.

    Parameters
    ----------
    record
        A full record, with superseded versions.
    progress
        Called with a line of text.
    """
    until = record.config.covered_until or date.today()  # noqa: DTZ011 - a record that is kept up to date
    known = known_by(record, until)
    frame = past_windows(known, None, until, HORIZONS, {})
    progress(f"{len(frame)} origins of {frame['case'].nunique()} cases up to {until}")
    crises = set(known.episodes.loc[known.episodes["kind"] == "crisis", "episode_id"])
    ends = known.outcomes[known.outcomes["date"].notna() & known.outcomes["episode_id"].isin(crises)]
    over = frame["case"].map(ends.groupby("episode_id")["known_date"].min())
    frame = frame.assign(day=pd.to_datetime(frame["day"]), over=over, **{f"late_{h}": 0 for h in HORIZONS})
    for case, rows in frame.groupby("case", sort=False):
        frame.loc[rows.index, [f"late_{h}" for h in HORIZONS]] = days_late(known, str(case), rows)
    progress(f"{sum(int((frame[f'late_{h}'] > 0).sum()) for h in HORIZONS)} windows told late or corrected")
    made_from = {"known_hash": known_hash(record, until), "covered_until": until.isoformat()}
    return tuned(known, Windows(frame, {}, made_from), progress=progress)


def days_late(record: Record, case: str, rows: pd.DataFrame) -> np.ndarray:
    """Days [row, horizon] after the end of a window until a record told its place as it does now; 0 for most.

    Parameters
    ----------
    record
        A full record, with superseded versions.
    case
        Case of the windows.
    rows
        Columns `day`, `over` and by horizon `place_7`, …
    """
    horizons = np.array(HORIZONS)
    days = [day.date() for day in rows["day"]]
    ends = rows["day"].to_numpy("datetime64[D]")[:, None] + horizons.astype("timedelta64[D]")
    now = rows[[f"place_{h}" for h in HORIZONS]].to_numpy(float)
    late = np.zeros(ends.shape, int)
    for news in _days_of_news(record, case, since=rows["over"].iloc[0]):
        before = news - timedelta(days=1)
        told = places(course_of(record, case, known_by=before), days, HORIZONS)
        then = np.array([[np.nan if one.place is None else one.place for one in line] for line in told])
        changed = (ends <= np.datetime64(before)) & ~((then == now) | (np.isnan(then) & np.isnan(now)))
        late[changed] = (np.datetime64(news) - ends[changed]).astype(int)
    return late


def _days_of_news(record: Record, case: str, since: pd.Timestamp) -> list[date]:
    """Days on which anything between the sides of a case became known, after it began, or after a crisis was over."""
    begin = record.episodes.loc[record.episodes["episode_id"] == case, "known_date"].min() if pd.isna(since) else since
    seen = as_of(record, "9999-12-31")
    chosen = find_case(seen, case)
    shorts = set(record.sides.loc[record.sides["episode_id"] == chosen.episode_id, "actor"])
    moves = record.moves
    mine = (moves["episode_id"] == case) | (moves["actor"].isin(shorts) & moves["target"].isin(shorts))
    about = set(moves.loc[mine, "episode_id"]) | {case}
    rows = [record.tables[name] for name in ("episodes", "sides", "coverage", "outcomes")]
    found = [moves.loc[mine, "known_date"], *(one.loc[one["episode_id"].isin(about), "known_date"] for one in rows)]
    return sorted({day.date() for day in pd.concat(found) if day > begin})


def known_hash(record: Record, until: date) -> str:
    """Hash of what a record told by a day, whatever was added later: tables, and which cases begin when."""
    tables = record_hashes(known_by(record, until))
    cases = [f"{case.id} {case.panel_start}" for case in record.config.cases]
    parts = [f"{name} {value}" for name, value in tables.items() if name not in ("config", "record")]
    return hashlib.sha256("\n".join([*parts, *cases]).encode()).hexdigest()


def tuned(record: Record, windows: Windows, *, progress: Callable[[str], None] = lambda _text: None) -> Windows:
    """Choose penalties and sizes of every baseline at each half decade, from the windows that were over by then."""
    last = date.fromisoformat(windows.made_from["covered_until"])
    choices: dict[tuple[str, int, date], int] = {}
    for year in range(FIRST_TUNED, last.year + 1, RETUNE_YEARS):
        day = date(year, 1, 1)
        memo: Memo = {("windows", None, day): windows.ended_by(day)}
        for horizon in HORIZONS:
            table = training_table(record, None, day, horizon, HORIZONS, memo)
            if table is None or len(np.unique(table.cluster)) < FEWEST:
                continue
            for name in NAMES:
                fit = BASELINES[name]
                if isinstance(fit, Tuned):
                    chosen = settled(fit, table)
                    number = fit.choices.index(chosen) if chosen in fit.choices else _FALLBACK
                    choices[name, horizon, day] = number
        progress(f"tuned on what was over by {day}")
    return windows._replace(choices=choices)


def write_windows(windows: Windows, path: Path = SHIPPED) -> None:
    """Write the table (gzip, without a time stamp) and beside it a JSON file with choices, origin and hash."""
    text = windows.frame.to_csv(float_format=f"%.{_DIGITS}g", index=False, lineterminator="\n").encode()
    path.write_bytes(gzip.compress(text, mtime=0))
    facts: dict[str, Any] = {
        "format": FORMAT,
        "made_from": windows.made_from,
        "table_hash": hashlib.sha256(text).hexdigest(),
        "choices": {},
    }
    for (name, horizon, day), number in windows.choices.items():
        facts["choices"].setdefault(name, {}).setdefault(str(horizon), {})[day.isoformat()] = number
    _facts_file(path).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def read_windows(path: Path = SHIPPED) -> Windows:
    """Read the table and its facts.

    Raises
    ------
    UsageError
        A file is missing, is of another format, or the two do not belong together.
    """
    try:
        text = gzip.decompress(path.read_bytes())
        facts = json.loads(_facts_file(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, EOFError) as error:
        raise UsageError(f"{path}: cannot be read ({error}); {_HINT}") from error
    if facts.get("format") != FORMAT or facts.get("table_hash") != hashlib.sha256(text).hexdigest():
        raise UsageError(f"{path}: is not the table that {_facts_file(path).name} describes ({FORMAT}); {_HINT}")
    frame = pd.read_csv(BytesIO(text), dtype={"case": str, "cluster": str}, parse_dates=["day", "over"])
    choices = {
        (name, int(horizon), date.fromisoformat(day)): int(number)
        for name, by_horizon in facts["choices"].items()
        for horizon, by_day in by_horizon.items()
        for day, number in by_day.items()
    }
    return Windows(frame, choices, facts["made_from"])


def shipped_windows() -> Windows:
    """Read the table that ships with the package, if it was made from the record that does.

    Raises
    ------
    UsageError
        It cannot be read (`read_windows`), or a row of the record that was known by its last day has changed since.
    """
    windows = read_windows()
    until = windows.made_from["covered_until"]
    if known_hash(read_record(), date.fromisoformat(until)) != windows.made_from["known_hash"]:
        raise UsageError(
            f"{SHIPPED}: was made from another state of the record: what the record tells up to {until} has changed "
            f"since; {_HINT}"
        )
    return windows


def baseline_ladders(
    record: Record, case: str, day: date, horizons: tuple[int, ...], windows: Windows
) -> dict[str, np.ndarray]:
    """Forecast with every baseline of the back-test, as it would have on that day.

    Parameters
    ----------
    record
        As known on the day; of a past crisis that has not begun, what `forecast.record.acts.pose` returns.
    case
        Id of a case or of a past crisis.
    day
        As-of day.
    horizons
        Days ahead, among those of the table.
    windows
        What they learn from; rows of crises that the record does not hold are left out.

    Returns
    -------
    dict
        Probability [horizon, rung] by name.

    Raises
    ------
    UsageError
        A horizon that the table lacks, or too few crises of the table were over and are in the record.
    """
    lacking = sorted(set(horizons) - set(windows.horizons))
    if lacking:
        raise UsageError(f"baselines: no past windows of {lacking} days; choose among {windows.horizons}")
    begin = day.replace(month=1 + (day.month - 1) // REFIT_MONTHS * REFIT_MONTHS, day=1)
    rows = windows.ended_by(begin)
    rows = rows[rows["case"].isin(record.episodes["episode_id"])].reset_index(drop=True)
    stories = rows["cluster"].nunique()
    if stories < FEWEST:
        raise UsageError(f"baselines: {stories} past stories of the record were over by {begin}; {FEWEST} are needed")
    since = date(begin.year // RETUNE_YEARS * RETUNE_YEARS, 1, 1)
    memo: Memo = {("windows", case, begin): rows}
    memo |= {("choice", name, h, since): _choice(name, windows.choices.get((name, h, since)))
             for name in NAMES for h in horizons}  # fmt: skip
    return {name: one(record, case, day, horizons) for name, one in learners(memo).items()}


def _choice(name: str, number: int | None) -> Fit | None:
    """The baseline as it was tuned; None where too little was over for that, so that it is tuned on the way."""
    fit = BASELINES[name]
    if not isinstance(fit, Tuned):
        return fit
    return None if number is None else climatology if number == _FALLBACK else fit.choices[number]


def _facts_file(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".csv.gz") + ".json")
