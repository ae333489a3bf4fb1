"""How archived forecasts did: resolved by the record as it stands, scored beside what stood beside them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from forecast.evaluation.answers import Seen, answer, archived_questions, seen_in
from forecast.evaluation.intervals import Interval, mean_interval, paired_difference
from forecast.evaluation.resolution import places
from forecast.evaluation.scores import binary_brier, log_score, ranked_probability_score
from forecast.publish.history import good_runs
from forecast.publish.tables import TABLES, Meta, Tables
from forecast.record.rule import reach
from forecast.terms import LADDER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forecast.publish.archive import Run
    from forecast.record import Record
    from forecast.record.questions import Question

PUBLISHED: Final = "published forecast"
LADDER_NAMES: Final = {"ranked probability": ranked_probability_score, "log": log_score}
QUESTIONS: Final = "Brier (questions)"
RESOLVED, OPEN, VOID = "resolved", "open", "void"
WINDOWS: Final = (
    "run_id", "as_of", "created", "stamp", "horizon_days", "closes", "state", "rung", "reason", "candidate",
    "probability", *LADDER_NAMES,
)  # fmt: skip
ANSWERS: Final = (
    "run_id", "as_of", "created", "stamp", "horizon_days", "question_id", "in_words", "opens", "closes", "state",
    "answer", "reason", "probability", "brier",
)  # fmt: skip


class Scorecard(NamedTuple):
    """What came of archived forecasts.

    Attributes
    ----------
    windows
        Columns `WINDOWS`: one row a window of the ladder and candidate. `state` is `resolved`, `open` (the window, as
        far as the record covers it, is not over) or `void` (it is over, and the record cannot tell; `reason`).
        `probability` is what the candidate gave to the rung that came.
    questions
        Columns `ANSWERS`: one row a question that the model expressed, with `answer` yes or no where resolved.
    scores
        Table `scores` of `publish.tables`: means over resolved windows.
    """

    windows: pd.DataFrame
    questions: pd.DataFrame
    scores: pd.DataFrame


def scorecard(
    out: Path | str, record: Record, case: str, *, known_by: date | None = None, before: Meta | None = None
) -> Scorecard:
    """Resolve the archived forecasts of a case, by the rules that they were published with, and score them.

    Of several forecasts as of one day the first that was made before the outcome could be known counts, or, where all
    were made afterwards, the last. Damaged, quick and refused runs do not count.

    Parameters
    ----------
    out
        Folder of the archive.
    record
        A record as it stands; of rows that were corrected the latest version counts.
    case
        Id of the case.
    known_by
        Last day whose knowledge counts; all that the record holds by default.
    before
        Meta data of a forecast: only runs before it.
    """
    runs = one_a_day(good_runs(out, case, before))
    if not runs:
        return _cards([], [])
    seen = seen_in(record, case, known_by=known_by)
    windows = [row for run in runs for row in _window_rows(run, seen)]
    return _cards(windows, [row for run in runs for row in _question_rows(run, seen)])


def scores_before(out: Path | str, record: Record, meta: Meta) -> pd.DataFrame:
    """Table `scores` of a forecast: how those before it did, by what was known on its as-of day."""
    day = date.fromisoformat(str(meta["as_of"])[:10])
    return scorecard(out, record, str(meta["case"]), known_by=day, before=meta).scores


def one_a_day(runs: Iterable[Run]) -> list[Run]:
    """The forecast of each as-of day that is scored, of those of a case: the first prospective one, or the last."""
    chosen: dict[str, Run] = {}
    for run in runs:  # oldest first
        day = str(run.meta["as_of"])[:10]
        if day not in chosen or chosen[day].meta["stamp"] != "prospective":
            chosen[day] = run
    return list(chosen.values())


def _about(run: Run) -> dict[str, object]:
    about: dict[str, object] = {
        "run_id": run.path.name,
        "created": str(run.meta["created"]),
        "stamp": str(run.meta["stamp"]),
        "as_of": date.fromisoformat(str(run.meta["as_of"])[:10]),
    }
    return about


def _window_rows(run: Run, seen: Seen) -> list[dict[str, object]]:
    """Rows of every window and candidate of one run."""
    about, rows = _about(run), []
    as_of = date.fromisoformat(str(run.meta["as_of"])[:10])
    ladders = _ladders(run.meta, run.tables)
    horizons = sorted(next(iter(ladders.values())))
    found = places(seen.course, [as_of], horizons)[0]
    for horizon, told in zip(horizons, found, strict=True):
        closes = pd.Timestamp(as_of) + pd.Timedelta(days=horizon)
        is_open = closes > seen.course.last
        place = None if is_open else told.place
        state = OPEN if is_open else VOID if place is None else RESOLVED
        rung = "" if place is None else LADDER[place]
        window = {"horizon_days": horizon, "closes": closes.date(), "state": state, "reason": told.void, "rung": rung}
        for name, by_horizon in ladders.items():
            if horizon not in by_horizon:
                continue
            shares = by_horizon[horizon]
            row = about | window | {"candidate": name, "probability": np.nan} | dict.fromkeys(LADDER_NAMES, np.nan)
            if place is not None:
                outcome = np.array([place])
                row["probability"] = float(shares[place])
                row |= {score: float(of(shares[None], outcome)[0]) for score, of in LADDER_NAMES.items()}
            rows.append(row)
    return rows


def _ladders(meta: Meta, tables: Tables) -> dict[str, dict[int, np.ndarray]]:
    """Ladders [rung] by candidate and horizon: what was published, and the views and pools that it was not."""
    parts = [tables["ladder"].assign(candidate=PUBLISHED)]
    for name in ("baselines", "pool"):
        if name in tables:
            table = tables[name]
            parts.append(table[table["candidate"] != str(meta.get("published", ""))])
    ladders: dict[str, dict[int, np.ndarray]] = {}
    for part in parts:
        for (candidate, horizon), rows in part.groupby(["candidate", "horizon_days"], sort=False):
            values = rows.set_index("rung")["probability"].astype(float).loc[list(LADDER)].to_numpy()
            ladders.setdefault(str(candidate), {})[int(str(horizon))] = values / values.sum()
    return ladders


def _question_rows(run: Run, seen: Seen) -> list[dict[str, object]]:
    """Rows of every question of one run that the model expressed."""
    table = run.tables.get("questions")
    if table is None or table.empty:
        return []
    table = table[table["expressible"].astype(bool) & table["probability"].notna()]
    about = _about(run)
    as_of = date.fromisoformat(str(run.meta["as_of"])[:10])
    rows = []
    for asked, row in zip(archived_questions(table), table.to_dict("records"), strict=True):
        said, state = _answered(asked, seen, as_of)
        came = float(said[0] == "yes")
        brier = float(binary_brier([row["probability"]], [came])[0]) if state == RESOLVED else np.nan
        told = {key: row[key] for key in ("horizon_days", "question_id", "in_words", "opens", "closes", "probability")}
        rows.append(about | told | {"state": state, "answer": said[0] if state == RESOLVED else "", "reason": said[1],
                                    "brier": brier})  # fmt: skip
    return rows


def _answered(question: Question, seen: Seen, as_of: date) -> tuple[tuple[str, str], str]:
    _, closes = question.window.dates(as_of)
    longest = max(reach(rule) for rule in (question.rule, question.given) if rule is not None)
    if pd.Timestamp(closes) + pd.Timedelta(days=longest) > seen.course.last:
        return ("", f"the record covers events up to {seen.course.last.date()}"), OPEN
    found = answer(question, seen, as_of)
    return (found.answer, found.reason), VOID if found.answer == "void" else RESOLVED


def _cards(windows: list[dict[str, object]], questions: list[dict[str, object]]) -> Scorecard:
    told = pd.DataFrame(windows, columns=list(WINDOWS))
    asked = pd.DataFrame(questions, columns=list(ANSWERS))
    rows = []
    for stamp in ("prospective", "retrospective"):
        mine, ours = told[told["stamp"] == stamp], asked[asked["stamp"] == stamp]
        for horizon in sorted(set(mine["horizon_days"])):
            rows += _ladder_scores(mine[mine["horizon_days"] == horizon], stamp, int(horizon))
        for horizon in sorted(set(ours["horizon_days"])):
            rows += _question_score(ours[ours["horizon_days"] == horizon], stamp, int(horizon))
    return Scorecard(told, asked, pd.DataFrame(rows, columns=list(TABLES["scores"].names)))


def _ladder_scores(windows: pd.DataFrame, stamp: str, horizon: int) -> list[dict]:
    """Rows of the table `scores` for one horizon: every candidate, by each score."""
    rows = []
    for score in LADDER_NAMES:
        wide = windows.pivot_table(index="as_of", columns="candidate", values=score, dropna=False, sort=False)
        means = wide.mean()
        for name in [PUBLISHED, *(c for c in wide if c != PUBLISHED)]:
            values = wide[name].dropna()
            counts = _counts(windows[windows["candidate"] == name])
            others = means.drop(name).dropna()
            best = str(others.idxmin()) if len(others) else None
            rows.append(
                {"stamp": stamp, "horizon_days": horizon, "candidate": str(name), "score": score} | counts
                | _mean(values, horizon) | _difference(wide[name], None if best is None else wide[best], horizon)
            )  # fmt: skip
    return rows


def _question_score(answers: pd.DataFrame, stamp: str, horizon: int) -> list[dict]:
    values = answers.set_index("as_of")["brier"].dropna()
    about = {"stamp": stamp, "horizon_days": horizon, "candidate": PUBLISHED, "score": QUESTIONS}
    return [about | _counts(answers) | _mean(values, horizon) | _difference(values, None, horizon)]


def _counts(rows: pd.DataFrame) -> dict[str, int]:
    found = rows["state"].value_counts()
    return {"forecasts": int(found.get(RESOLVED, 0)), OPEN: int(found.get(OPEN, 0)), VOID: int(found.get(VOID, 0))}


def _mean(values: pd.Series, horizon: int) -> dict[str, float]:
    if values.empty:
        return {"mean": np.nan, "low": np.nan, "high": np.nan}
    return _ends(mean_interval(values.to_numpy(), _blocks(values, horizon)), "mean", "low", "high")


def _difference(values: pd.Series, others: pd.Series | None, horizon: int) -> dict[str, float]:
    names = ("difference", "difference_low", "difference_high")
    if others is None:
        return dict.fromkeys(names, np.nan)
    both = pd.concat([values, others], axis=1).dropna()
    if both.empty:
        return dict.fromkeys(names, np.nan)
    one, other = both.iloc[:, 0].to_numpy(), both.iloc[:, 1].to_numpy()
    return _ends(paired_difference(one, other, _blocks(both, horizon)), *names)


def _blocks(values: pd.Series | pd.DataFrame, horizon: int) -> np.ndarray:
    """Block [row] of as-of days as long as the window: windows that overlap are drawn together."""
    days = pd.to_datetime(pd.Index(values.index))
    return ((days - days.min()).days // max(horizon, 1)).to_numpy()


def _ends(found: Interval, *names: str) -> dict[str, float]:
    return dict(zip(names, (found.estimate, found.low, found.high), strict=True))
