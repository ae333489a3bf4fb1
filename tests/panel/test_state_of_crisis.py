"""The state of crisis of a panel: open from the onset to the end that is known, older day by day, as long as a war."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hand_made import CASE, Row, campaign, coverage, crisis, move, outcome, record

from forecast.errors import UsageError
from forecast.model.past import freshness
from forecast.record import init_record, read_record
from forecast.record.panel import build_panel

DAY = dt.date(2024, 6, 30)  # a Sunday: weeks begin on Monday, the first on 2024-01-01


def own(name: str, start: str) -> Row:
    return crisis(name, start, challenger="AAA", target="BBB", case_id=CASE)


def state(panel: xr.Dataset, number: int = 0) -> list[tuple[int, int, bool]]:
    """Week, age in days and whether it closes, of every week of an episode in which a crisis is open."""
    length = int(panel["length"].values[number])
    age, closed = panel["crisis_age"].values[number, :length], panel["crisis_closed"].values[number, :length]
    return [(t, int(age[t]), bool(closed[t])) for t in np.flatnonzero(age >= 0)]


def built(folder: Path, *, moves: list[Row] | None = None, day: dt.date = DAY, case: str = CASE, **more: list[Row]):
    return build_panel(record(folder, moves=moves, **more), day, case=case)


def test_a_crisis_is_open_from_its_onset_to_its_end(tmp_path: Path):
    panel = built(
        tmp_path / "r", crises=[own("one", "2024-02-07"), own("two", "2024-06-20")],
        outcomes=[outcome("one", "2024-02-07", "2024-02-20")],
    )  # fmt: skip
    assert state(panel) == [(5, 4, False), (6, 11, False), (7, 18, True), (24, 3, False), (25, 10, False)]
    phase = panel["phase"].values[0, :26]
    assert phase.tolist() == [0] * 5 + [1] * 3 + [2] * 16 + [1] * 2
    assert panel["crisis_observed"].values[0, :26].all()


def test_an_end_that_is_not_known_yet_is_no_end(tmp_path: Path):
    late = outcome("one", "2024-02-07", "2024-02-20", known_date="2024-03-20")
    made = record(tmp_path / "r", crises=[own("one", "2024-02-07")], outcomes=[late])
    before, after = (build_panel(made, dt.date(2024, 3, day)) for day in (17, 24))
    assert [closed for _, _, closed in state(before)] == [False] * 6
    assert state(after)[-1] == (7, 18, True)
    early = build_panel(made, dt.date(2024, 2, 4))
    assert state(early) == []


def test_crises_that_overlap_are_one(tmp_path: Path):
    panel = built(
        tmp_path / "r", crises=[own("one", "2024-02-07"), own("two", "2024-02-15")],
        outcomes=[outcome("one", "2024-02-07", "2024-02-20"), outcome("two", "2024-02-15", "2024-03-01")],
    )  # fmt: skip
    assert [age for _, age, _ in state(panel)] == [4, 11, 18, 25]
    assert [closed for _, _, closed in state(panel)] == [False, False, False, True]


def test_a_crisis_lasts_until_the_week_after_its_campaign_and_a_campaign_opens_one(tmp_path: Path):
    fought = [campaign(f"2024-02-{day}", "AAA", "BBB") for day in ("08", "15", "22", "29")]
    panel = built(
        tmp_path / "r", moves=fought, crises=[own("one", "2024-02-07")],
        outcomes=[outcome("one", "2024-02-07", "2024-02-20", rung_a=6, days=30)],
    )  # fmt: skip
    assert np.flatnonzero(panel["campaign"].values[0]).tolist() == [5, 6, 7, 8]
    assert state(panel) == [(5, 4, False), (6, 11, False), (7, 18, False), (8, 25, False), (9, 32, True)]
    alone = built(tmp_path / "s", moves=fought, crises=[own("later", "2024-06-03")])
    assert state(alone)[:4] == [(6, 3, False), (7, 10, False), (8, 17, False), (9, 24, True)]


def test_of_a_case_without_crises_nobody_tells_when_one_opens(tmp_path: Path):
    panel = built(tmp_path / "r", moves=[move("2024-03-05", "AAA", "BBB", "limited_strike", rung=4)])
    assert state(panel) == []
    assert not panel["crisis_observed"].values.any()


def test_a_past_crisis_is_watched_from_its_onset_on(tmp_path: Path):
    past = {
        "crises": [crisis("past", "2016-03-07")],
        "outcomes": [outcome("past", "2016-03-07", "2016-03-30")],
        "covered": [coverage("past", "2015-09-01")],
    }
    beside = built(tmp_path / "r", **past)
    ages = [age for _, age, _ in state(beside, 1)]
    assert np.diff(ages).tolist() == [7] * (len(ages) - 1)
    assert 0 <= ages[0] < 7
    assert state(beside, 1)[-1][2]
    itself = build_panel(read_record(tmp_path / "r"), dt.date(2016, 3, 20), case="past")
    assert state(itself) == [(26, 6, False), (27, 13, False)]
    assert itself["crisis_observed"].values[0].tolist() == [False] * 26 + [True] * 2


def test_freshness_is_the_mean_of_the_inverse_age_in_quarters():
    fresh = freshness(7)
    assert fresh[0] == -2.0 + 4  # one of seven days, the first: log 1/7
    assert fresh[7] == -1.5 + 4  # days 1 to 7: log of (1/2 + ... + 1/8) / 7 = -1.41
    assert fresh[56] == 0.0
    assert (np.diff(fresh[6:]) <= 0).all()
    assert freshness(1)[4] == -1.5 + 4  # log 1/5


def test_a_new_record_can_be_in_crisis_from_the_start(tmp_path: Path):
    init_record(tmp_path / "new", side_a="TUR", side_b="GRC", start=dt.date(2020, 1, 1), onset=dt.date(2020, 8, 10))
    panel = build_panel(read_record(tmp_path / "new"), dt.date(2020, 8, 14))
    assert [age for _, age, _ in state(panel)] == [4]
    with pytest.raises(UsageError, match="before the first day that is followed"):
        init_record(tmp_path / "x", side_a="TUR", side_b="GRC", start=dt.date(2020, 1, 1), onset=dt.date(2019, 1, 1))
