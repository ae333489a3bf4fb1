"""The shipped table of past windows, from which the baselines of a forecast learn without looking everything up anew.

A row is one origin of a past crisis or case of the shipped record: the situation as it was known on that day, and what
came within each horizon. As in the back-test, a forecast learns from windows that had ended, of crises known to be
over, before the quarter of its as-of date; penalties and sizes were the best on 1 January of every fifth year.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import date
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
from forecast.record.asof import as_of
from forecast.terms import HORIZONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecast.evaluation.learners import Memo
    from forecast.record.read import Record

FORMAT: Final = "crisis-forecast/windows/1"
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
        of the crisis was known; missing for a case that is none) and by horizon `place_7`, …
    choices
        Number of the choice among those of a tuned baseline, by name, horizon and day; -1 for climatology.
    made_from
        Hash of the record and the last day that it covers.
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
        """Rows that may be learned from on a day, with places of windows that had ended by then, as `past_windows`."""
        days = self.frame["day"]
        over = self.frame["over"].isna() | (self.frame["over"] <= pd.Timestamp(day))
        first = days + pd.Timedelta(days=min(self.horizons)) <= pd.Timestamp(day)
        rows = self.frame[over & first].reset_index(drop=True)
        ended = {
            f"place_{h}": rows[f"place_{h}"].where(rows["day"] + pd.Timedelta(days=h) <= pd.Timestamp(day))
            for h in self.horizons
        }
        return rows.drop(columns="over").assign(**ended)


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
    frame = past_windows(record, None, until, HORIZONS, {})
    progress(f"{len(frame)} origins of {frame['case'].nunique()} cases up to {until}")
    ends = as_of(record, "9999-12-31").outcomes
    crises = set(record.episodes.loc[record.episodes["kind"] == "crisis", "episode_id"])
    known = ends[ends["date"].notna() & ends["episode_id"].isin(crises)].groupby("episode_id")["date"].max()
    frame = frame.assign(day=pd.to_datetime(frame["day"]), over=frame["case"].map(known))
    return tuned(
        record, Windows(frame, {}, {"record_hash": record.hash, "covered_until": until.isoformat()}), progress=progress
    )


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
    facts = {
        "format": FORMAT,
        "made_from": windows.made_from,
        "table_hash": hashlib.sha256(text).hexdigest(),
        "choices": [[name, h, day.isoformat(), number] for (name, h, day), number in windows.choices.items()],
    }
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
    choices = {(name, int(h), date.fromisoformat(day)): int(number) for name, h, day, number in facts["choices"]}
    return Windows(frame, choices, facts["made_from"])


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
