"""Pools put weight on the member that is right, use nothing that ended later, and are published only with evidence."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.errors import UsageError
from forecast.evaluation.pool import (
    ENTRANTS,
    INSIDE,
    Components,
    Walk,
    coherent,
    components,
    fit_recalibration,
    half_years,
    pool,
    ready_by,
    recalibrate,
    walk,
)
from forecast.terms import HORIZONS, LADDER

MEMBERS = (INSIDE, "outside view", "climatology")


@dataclass(frozen=True)
class Made:
    """A made-up back-test: forecasts, what came, and when each crisis was over."""

    forecasts: pd.DataFrame
    resolutions: pd.DataFrame
    over: dict[str, pd.Timestamp | None]


def made_up(right: str | None, *, crises: int = 60, per_crisis: int = 3, seed: int = 1) -> Made:
    """Crises in each of which `right` gives the chances that outcomes are drawn from and the others noise."""
    rng = np.random.default_rng(seed)
    forecasts, resolutions, over = [], [], {}
    for number in range(crises):
        case = f"crisis-{number:03d}"
        onset = pd.Timestamp("1990-03-01") + pd.Timedelta(days=120 * number)
        over[case] = onset + pd.Timedelta(days=200)
        for k in range(per_crisis):
            origin = onset + pd.Timedelta(days=14 * k)
            true = rng.dirichlet(np.full(len(LADDER), 0.4))
            for horizon in HORIZONS:
                for member in MEMBERS:
                    chance = true if member == right else rng.dirichlet(np.full(len(LADDER), 0.4))
                    forecasts += [
                        {"model_id": member, "reference_date": origin.date().isoformat(), "target": "ladder",
                         "horizon": horizon, "location": case, "output_type": "pmf", "output_type_id": rung,
                         "value": p, "stamp": "retrospective"}
                        for rung, p in zip(LADDER, chance, strict=True)
                    ]  # fmt: skip
                resolutions.append(
                    {"case": case, "origin": origin.date().isoformat(), "horizon_days": horizon, "void": "",
                     "rung": str(rng.choice(LADDER, p=true)), "cluster": case, "kind": "inside"}
                )  # fmt: skip
    return Made(pd.DataFrame(forecasts), pd.DataFrame(resolutions), over)


def arranged(made: Made) -> Components:
    return components(made.forecasts, made.resolutions, made.over)


@pytest.fixture(scope="module")
def outside_is_right() -> Components:
    return arranged(made_up("outside view"))


@pytest.fixture(scope="module")
def walked(outside_is_right: Components) -> Walk:
    return walk(outside_is_right, half_years(outside_is_right))


def test_the_member_that_is_right_gets_the_weight(outside_is_right: Components, walked: Walk):
    last = walked.entries[-1]
    right = outside_is_right.members.index("outside view")
    assert last.weights["linear"][right] > 0.75
    assert last.weights["logarithmic"][right] > 2 * np.delete(last.weights["logarithmic"], right).max()
    assert last.published in ENTRANTS
    assert last.high < 0


def test_early_members_weigh_alike_and_the_inside_view_is_published(walked: Walk):
    first = walked.entries[0]
    assert first.weights["linear"] == pytest.approx(np.full(3, 1 / 3))
    assert first.published == INSIDE


def test_without_evidence_the_inside_view_is_published():
    parts = arranged(made_up(INSIDE, seed=3))
    entries = walk(parts, half_years(parts)).entries
    assert {entry.published for entry in entries} == {INSIDE}
    assert entries[-1].weights["linear"][parts.members.index(INSIDE)] > 0.75


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), cut=st.integers(1996, 2006))
def test_what_ends_later_changes_no_weight(seed: int, cut: int):
    made = made_up("outside view", crises=50, per_crisis=1, seed=7)
    day = dt.date(cut, 1, 1)
    days = [dt.date(year, 1, 1) for year in range(1990, cut + 1)]
    later = {case for case, end in made.over.items() if end is not None and end >= pd.Timestamp(day)}
    rng = np.random.default_rng(seed)
    hit = made.forecasts["location"].isin(later) & (made.forecasts["reference_date"] >= day.isoformat())
    noise = rng.dirichlet(np.ones(len(LADDER)), int(hit.sum()) // len(LADDER)).ravel()
    changed = made.resolutions.assign(
        rung=[rng.choice(LADDER) if case in later else rung
              for case, rung in zip(made.resolutions["case"], made.resolutions["rung"], strict=True)]
    )  # fmt: skip
    other = made.forecasts.assign(value=made.forecasts["value"].mask(hit, pd.Series(noise, made.forecasts.index[hit])))
    one = walk(arranged(made), days).entries[-1]
    two = walk(arranged(Made(other, changed, made.over)), days).entries[-1]
    for kind in one.weights:
        assert np.array_equal(one.weights[kind], two.weights[kind])
        assert one.recalibration[kind] == two.recalibration[kind]
    assert one[1:3] == two[1:3]
    assert one.published == two.published
    assert later


def test_open_crises_void_and_quiet_windows_are_not_learned_from():
    made = made_up("outside view", crises=12)
    resolutions = made.resolutions.copy()
    resolutions.loc[resolutions["case"] == "crisis-001", "rung"] = ""
    resolutions.loc[resolutions["case"] == "crisis-002", "kind"] = "quiet"
    over = {case: end for case, end in made.over.items() if case != "crisis-003"} | {"crisis-004": None}
    parts = components(made.forecasts, resolutions, over)
    ready = ready_by(parts, dt.date(2030, 1, 1)).any(axis=1)
    assert set(parts.rows.loc[~ready, "case"]) == {"crisis-001", "crisis-002", "crisis-003"}
    case = parts.rows["case"].to_numpy(str)
    ends = parts.rows["origin"].to_numpy("datetime64[D]")[:, None] + np.array(HORIZONS, "timedelta64[D]")
    assert (parts.ready[case == "crisis-004"] == ends[case == "crisis-004"]).all()
    own = np.datetime64(made.over["crisis-005"], "D")
    assert (parts.ready[case == "crisis-005"] >= own).all()


def test_no_forecast_is_pooled_by_its_own_story():
    made = made_up("outside view", crises=30, per_crisis=6, seed=11)
    last = "crisis-029"
    over = made.over | {last: None}  # a running case, whose earlier windows may be learned from
    forecasts, resolutions = made.forecasts.copy(), made.resolutions.copy()
    days = sorted(resolutions.loc[resolutions["case"] == last, "origin"].unique())
    days = sorted(resolutions.loc[resolutions["case"] == last, "origin"].unique())
    shift = {day: (pd.Timestamp(day) + pd.Timedelta(days=200 * k)).date().isoformat() for k, day in enumerate(days)}
    for table, case, day in ((forecasts, "location", "reference_date"), (resolutions, "case", "origin")):
        table.loc[table[case] == last, day] = table.loc[table[case] == last, day].map(shift)
    other = resolutions.assign(rung=resolutions["rung"].mask(resolutions["case"] == last, "O6"))
    one, two = components(forecasts, resolutions, over), components(forecasts, other, over)
    first, second = walk(one, half_years(one)), walk(two, half_years(two))
    mine = (one.rows["case"] == last).to_numpy()
    assert np.array_equal(first.pooled[:, mine], second.pooled[:, mine])
    assert not np.array_equal(first.entries[-1].weights["linear"], second.entries[-1].weights["linear"])


def test_a_missing_forecast_is_told():
    made = made_up("outside view", crises=2)
    lacking = made.forecasts.drop(index=made.forecasts.index[9])
    with pytest.raises(UsageError, match="has no probability of"):
        components(lacking, made.resolutions, made.over)


def test_pooled_forecasts_are_ladders_that_agree_over_horizons(outside_is_right: Components, walked: Walk):
    found = walked
    assert found.pooled.sum(axis=-1) == pytest.approx(np.ones(found.pooled.shape[:-1]))
    above = np.cumsum(found.pooled[..., ::-1], axis=-1)[..., 4::-1]
    assert np.diff(above, axis=-2).min() > -1e-12
    origin = outside_is_right.rows["origin"].iloc[-1].date()
    then = next(entry for entry in reversed(found.entries) if entry.day <= origin)
    again = pool(then, outside_is_right.chances[:, -1])
    assert again == pytest.approx(found.pooled[:, -1])


def test_coherent_forecasts_stay_as_they_are():
    chances = np.array([[0.1, 0.8, 0.1, 0, 0, 0, 0], [0.2, 0.5, 0.2, 0.1, 0, 0, 0]])
    assert coherent(chances) == pytest.approx(chances)


def test_recalibration_undoes_timid_forecasts():
    rng = np.random.default_rng(4)
    true = rng.dirichlet(np.full(len(LADDER), 0.5), 3000)
    outcome = np.array([rng.choice(len(LADDER), p=chance) for chance in true])
    timid = recalibrate(true, 0.4, 0.5)
    shift, slope = fit_recalibration(timid, outcome, np.ones(3000))
    assert slope == pytest.approx(2.0, rel=0.1)
    assert shift == pytest.approx(-0.8, abs=0.12)
    assert recalibrate(timid, -0.8, 2.0) == pytest.approx(true, abs=1e-4)


def test_few_windows_hardly_recalibrate():
    rng = np.random.default_rng(5)
    chances = rng.dirichlet(np.ones(len(LADDER)), 3)
    shift, slope = fit_recalibration(chances, np.array([6, 6, 6]), np.full(3, 0.05))
    assert abs(shift) < 0.3
    assert abs(np.log(slope)) < 0.3
