"""Archived forecasts are resolved by the record as it stands: open while a window runs, void where it cannot tell."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.evaluation.resolution import resolution_table
from forecast.publish import write_run
from forecast.publish.tables import check_tables
from forecast.record import Record, read_record
from forecast.scorecard import PUBLISHED, QUESTIONS, scorecard, scores_before
from forecast.terms import LADDER

AS_OF = dt.date(2026, 2, 13)
LATE = dt.date(2026, 9, 25)


@pytest.fixture(scope="module")
def record() -> Record:
    return read_record()


@pytest.fixture
def archive(tmp_path: Path, meta, tables) -> Path:
    write_run(tmp_path, meta, tables)
    return tmp_path


def states(windows: pd.DataFrame) -> dict[int, str]:
    return dict(windows.drop_duplicates("horizon_days")[["horizon_days", "state"]].itertuples(index=False))


def test_a_window_that_is_over_is_scored_by_what_came(archive: Path, record: Record, tables) -> None:
    card = scorecard(archive, record, "us-iran")
    came = resolution_table(record, "us-iran", [AS_OF], (7, 30, 90, 180)).set_index("horizon_days")["rung"]
    assert came[30] > came[7] == "O1", "the war began within 30 days, not within 7"
    mine = card.windows[card.windows["candidate"] == PUBLISHED].set_index("horizon_days")
    assert mine["rung"].to_dict() == came.to_dict()
    ladder = tables["ladder"].set_index(["horizon_days", "rung"])["probability"]
    for horizon, rung in came.items():
        shares = ladder[horizon].loc[list(LADDER)].to_numpy()
        assert mine.loc[horizon, "probability"] == pytest.approx(shares[LADDER.index(rung)])
        assert mine.loc[horizon, "log"] == pytest.approx(-np.log(shares[LADDER.index(rung)]))
        above = np.arange(1, 7) <= LADDER.index(rung)
        rps = ((np.cumsum(shares[::-1])[::-1][1:] - above) ** 2).sum()
        assert mine.loc[horizon, "ranked probability"] == pytest.approx(rps)
    assert set(card.windows["candidate"]) > {PUBLISHED, "outside view", "climatology"}


def test_a_window_that_is_not_over_is_open_and_not_void(archive: Path, record: Record, meta, tables) -> None:
    assert states(scorecard(archive, record, "us-iran", known_by=dt.date(2026, 2, 21)).windows) == {
        7: "resolved", 30: "open", 90: "open", 180: "open",
    }  # fmt: skip
    late = archive / "late"
    write_run(late, {**meta, "as_of": str(LATE)}, tables)
    found = scorecard(late, record, "us-iran")
    assert states(found.windows) == {7: "resolved", 30: "open", 90: "open", 180: "open"}
    assert found.windows.query("state == 'open'")[["probability", "log"]].isna().all(axis=None)


def test_what_the_record_cannot_tell_is_void_with_the_reason(archive: Path, record: Record) -> None:
    blind = record.with_tables({**record.tables, "coverage": record.coverage.assign(observes="economic")})
    card = scorecard(archive, blind, "us-iran")
    assert set(card.windows["state"]) == {"void"}
    assert card.windows["reason"].str.contains("not watched").all()
    assert card.scores["void"].gt(0).all()
    assert card.scores["mean"].isna().all()
    assert set(card.questions["state"]) == {"void"}


def test_questions_get_the_answer_of_their_archived_rule(archive: Path, record: Record) -> None:
    card = scorecard(archive, record, "us-iran")
    strike = card.questions.set_index("question_id").loc["strike-a-30"]
    assert (strike["state"], strike["answer"]) == ("resolved", "yes")
    assert strike["brier"] == pytest.approx((1.0 - strike["probability"]) ** 2)
    early = scorecard(archive, record, "us-iran", known_by=dt.date(2026, 2, 21)).questions.set_index("question_id")
    assert early.loc["strike-a-30", "state"] == "open"
    assert set(card.scores.loc[card.scores["score"] == QUESTIONS, "candidate"]) == {PUBLISHED}


def test_a_day_counts_once_and_hindsight_never_takes_the_place_of_a_forecast(tmp_path: Path, record, meta, tables):
    runs = [("2026-11-23", "retrospective"), ("2026-11-24", "prospective"), ("2026-11-25", "prospective"),
            ("2026-11-26", "retrospective")]  # fmt: skip
    folders = [
        write_run(tmp_path, {**meta, "created": f"{day}T06:00:00+00:00", "stamp": stamp}, tables) for day, stamp in runs
    ]
    assert set(scorecard(tmp_path, record, "us-iran").windows["run_id"]) == {folders[1].name}


def test_scores_of_a_forecast_know_nothing_later_than_its_day(tmp_path: Path, record, meta, tables) -> None:
    write_run(tmp_path, {**meta, "as_of": "2026-02-06"}, tables)
    later = {**meta, "as_of": "2026-02-28", "created": "2026-11-25T06:00:00+00:00"}
    write_run(tmp_path, later, tables)
    found = scores_before(tmp_path, record, meta)
    ladder = found[(found["candidate"] == PUBLISHED) & (found["score"] == "log")].set_index("horizon_days")
    assert ladder["forecasts"].to_dict() == {7: 1, 30: 0, 90: 0, 180: 0}
    assert ladder["open"].to_dict() == {7: 0, 30: 1, 90: 1, 180: 1}
    check_tables(tables | {"scores": found})
    assert scores_before(tmp_path, record, {**meta, "as_of": "2026-01-01"}).empty


def test_the_difference_is_to_the_best_other(tmp_path: Path, record, meta, tables) -> None:
    for day in ("2026-01-30", "2026-02-06", "2026-02-13"):
        write_run(tmp_path, {**meta, "as_of": day}, tables)
    card = scorecard(tmp_path, record, "us-iran")
    means = card.scores.query("horizon_days == 30 and score == 'log'").set_index("candidate")
    best = means["mean"].drop(PUBLISHED).min()
    assert means.loc[PUBLISHED, "difference"] == pytest.approx(means.loc[PUBLISHED, "mean"] - best)
    assert means["forecasts"].eq(3).all()
