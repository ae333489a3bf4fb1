"""Origins are weekly from the onset of a crisis to the day before its end, few and even, and one lies before it."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from small_history import history

from forecast.errors import UsageError
from forecast.evaluation.origins import FIRST, MOST, QUIET_BEFORE_DAYS, plan, refit_day, spread
from forecast.record import Record
from forecast.record.asof import known_by


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return history(tmp_path_factory.mktemp("history"), crises=5, weeks=4)


def test_a_crisis_is_forecast_weekly_until_the_day_before_its_end_and_once_before_it(made: Record):
    (target,) = plan(made, cases=["c2002"]).targets
    onset = dt.date(2002, 3, 3)
    inside = tuple(onset + dt.timedelta(days=7 * k) for k in range(4))
    assert target.days == (onset - dt.timedelta(days=QUIET_BEFORE_DAYS), *inside)
    assert (target.onset, target.cluster, target.running) == (onset, "c2002", False)
    (denser,) = plan(made, cases=["c2002"], every=1).targets
    assert len(denser.days) == 1 + MOST
    assert denser.days[1] == onset
    assert denser.days[-1] == dt.date(2002, 3, 30)
    (few,) = plan(made, cases=["c2002"], every=1, most=2, before=False).targets
    assert few.days == (onset, dt.date(2002, 3, 30))


def test_too_many_origins_are_thinned_evenly():
    days = [dt.date(2000, 1, 1) + dt.timedelta(days=k) for k in range(100)]
    kept = spread(days, 20)
    gaps = [(b - a).days for a, b in pairwise(kept)]
    assert (len(kept), kept[0], kept[-1]) == (20, days[0], days[-1])
    assert set(gaps) <= {5, 6}
    assert spread(days[:5], 20) == days[:5]


def test_days_may_be_bounded_and_what_falls_outside_is_left_out_with_a_reason(made: Record):
    found = plan(made, first=dt.date(2001, 3, 5), last=dt.date(2003, 1, 1))
    assert [target.case for target in found.targets] == ["c2001", "c2002"]
    assert min(found.targets[0].days) >= dt.date(2001, 3, 5)
    assert found.left_out["c2000"] == "begins before 2001-03-05"
    assert found.left_out["c2003"] == "begins after the last origin"
    assert "begins after the last origin" in plan(made, last=dt.date(1990, 1, 1)).left_out.values()
    with pytest.raises(UsageError, match="exchange the two"):
        plan(made, first=dt.date(2002, 1, 1), last=dt.date(2001, 1, 1))
    with pytest.raises(UsageError, match="neither a case nor a crisis"):
        plan(made, cases=["nowhere"])


def test_an_end_that_is_not_known_yet_gives_no_day_away(made: Record):
    (running,) = plan(known_by(made, "2002-03-20"), cases=["c2002"], last=dt.date(2002, 3, 20)).targets
    assert running.running
    assert running.days[-1] == dt.date(2002, 3, 17)


def test_the_shipped_case_is_weekly_and_tells_its_own_crises(shipped: Record):
    found = plan(shipped)
    case = next(target for target in found.targets if target.case == "us-iran")
    steps = {(b - a).days for a, b in pairwise(case.days)}
    assert steps == {7}
    assert found.left_out["2026-us-iran-war"] == "told by the chronology of case us-iran"
    assert "its crises" in found.left_out["india-pakistan"]
    assert len(found.targets) + len(found.left_out) == shipped.episodes["episode_id"].nunique()
    assert all(day >= FIRST for target in found.targets for day in target.days)
    assert len(plan(shipped, cases=["2026-us-iran-war"]).targets[0].days) > 5


def test_the_model_is_fitted_anew_every_four_weeks_from_the_onset(made: Record):
    onset = dt.date(2002, 3, 3)
    quiet = dt.date(2002, 1, 6)
    assert refit_day(made, "c2002", quiet) == quiet
    assert refit_day(made, "c2002", onset) == onset
    assert refit_day(made, "c2002", onset + dt.timedelta(days=27)) == onset
    assert refit_day(made, "c2002", onset + dt.timedelta(days=60)) == onset + dt.timedelta(days=56)
