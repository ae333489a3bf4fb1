"""A forecast carries every other view and their pool, and publishes what the weights of its day say."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from forecast.evaluation.learners import NAMES
from forecast.evaluation.pool import ENTRANTS, INSIDE, KINDS, Entry
from forecast.evaluation.pool_file import NOTHING_YET, Weights
from forecast.evaluation.views import OUTSIDE, Views, other_views, published_tables
from forecast.record import Record, as_of
from forecast.terms import HORIZONS, LADDER

DAY = dt.date(2026, 2, 13)


@pytest.fixture(scope="module")
def by_draw() -> np.ndarray:
    rng = np.random.default_rng(1)
    ladders = np.sort(rng.dirichlet(np.arange(7, 0, -1), (300, len(LADDER))), axis=1)[:, : len(HORIZONS)]
    return ladders / ladders.sum(axis=2, keepdims=True)


@pytest.fixture(scope="module")
def ladder(by_draw: np.ndarray) -> pd.DataFrame:
    mean = by_draw.mean(axis=0).ravel()
    table = pd.DataFrame({"horizon_days": np.repeat(HORIZONS, 7), "rung": list(LADDER) * 4, "probability": mean})
    return table.assign(low=mean * 0.9, high=np.minimum(mean * 1.1, 1.0), mcse=0.001)


@pytest.fixture(scope="module")
def seen(shipped: Record) -> Record:
    return as_of(shipped, DAY)


def views(seen: Record, ladder: pd.DataFrame, by_draw: np.ndarray, weights: Weights) -> Views:
    return other_views(seen, "us-iran", DAY, ladder, by_draw, seed=1, weights=weights)


@pytest.fixture(scope="module")
def without_weights(seen: Record, ladder: pd.DataFrame, by_draw: np.ndarray) -> Views:
    return views(seen, ladder, by_draw, Weights(NOTHING_YET, {}, (), ()))


@pytest.fixture(scope="module")
def pooled(seen: Record, ladder: pd.DataFrame, by_draw: np.ndarray) -> Views:
    weights = dict.fromkeys(KINDS, np.array([0.5, 0.3, 0.2]))
    one = Entry(dt.date(2026, 1, 1), 400, 60, weights, dict.fromkeys(KINDS, (0.0, 1.0)), "linear pool", "linear pool",
                -0.1, -0.2, -0.05)  # fmt: skip
    later = one._replace(day=DAY + dt.timedelta(days=1), published="logarithmic pool")
    return views(seen, ladder, by_draw, Weights("", {}, (INSIDE, OUTSIDE, "climatology"), (one, later)))


def test_all_components_are_there_and_are_ladders(without_weights: Views, ladder: pd.DataFrame):
    table = without_weights.tables["baselines"]
    assert list(dict.fromkeys(table["candidate"])) == [INSIDE, OUTSIDE, *NAMES]
    assert table.groupby(["candidate", "horizon_days"])["probability"].sum().to_numpy() == pytest.approx(1.0)
    inside = table[table["candidate"] == INSIDE]
    assert inside["probability"].to_numpy() == pytest.approx(ladder["probability"].to_numpy())
    assert table.loc[table["candidate"] == OUTSIDE, "low"].notna().all()
    assert table.loc[table["candidate"] == "climatology", "low"].isna().all()


def test_without_weights_the_inside_view_is_published(without_weights: Views, ladder: pd.DataFrame):
    assert (without_weights.published, without_weights.note) == (INSIDE, NOTHING_YET)
    tables = published_tables({"ladder": ladder}, without_weights)
    assert tables["ladder"] is ladder
    assert "pool" not in tables
    assert tables["outside_view"]["probability"].between(0, 1).all()


def test_the_pool_of_the_day_is_published(pooled: Views, ladder: pd.DataFrame):
    assert pooled.published == "linear pool"  # not what was learned a day later
    assert "400 windows of 60 past stories" in pooled.note
    base = pooled.tables["baselines"].pivot_table(index=["horizon_days", "rung"], columns="candidate")["probability"]
    right = 0.5 * base[INSIDE] + 0.3 * base[OUTSIDE] + 0.2 * base["climatology"]
    pool = pooled.tables["pool"]
    found = pool[pool["published"]].set_index(["horizon_days", "rung"])["probability"]
    assert found.to_numpy() == pytest.approx(right.loc[found.index].to_numpy(), abs=0.02)  # but for coherence
    assert set(pool["candidate"]) == set(ENTRANTS)
    quantities = pd.DataFrame({"horizon_days": [30, 30], "name": ["p_strike", "other"], "probability": [0.9, 0.9],
                               "low": [0.8, 0.8], "high": [1.0, 1.0]})  # fmt: skip
    tables = published_tables({"ladder": ladder, "quantities": quantities}, pooled)
    published = tables["ladder"]
    assert list(published.columns) == list(ladder.columns)
    assert published.groupby("horizon_days")["probability"].sum().to_numpy() == pytest.approx(1.0)
    assert (published["low"] <= published["probability"]).all()
    assert (published["probability"] <= published["high"]).all()
    strike = published.query("horizon_days == 30 and rung >= 'O2'")["probability"].sum()
    assert tables["quantities"]["probability"].tolist() == pytest.approx([strike, 0.9])
    assert quantities["probability"].tolist() == [0.9, 0.9]


def test_a_member_that_cannot_be_computed_leaves_the_inside_view(
    seen: Record, ladder: pd.DataFrame, by_draw: np.ndarray
):
    weights = dict.fromkeys(KINDS, np.array([0.5, 0.5]))
    entry = Entry(dt.date(2026, 1, 1), 400, 60, weights, dict.fromkeys(KINDS, (0.0, 1.0)), "linear pool")
    found = views(seen, ladder, by_draw, Weights("", {}, (INSIDE, "an oracle"), (entry,)))
    assert found.published == INSIDE
    assert "an oracle could not be computed" in found.note


def test_a_horizon_without_past_windows_leaves_baselines_out(seen: Record, ladder: pd.DataFrame, by_draw: np.ndarray):
    odd = ladder.assign(horizon_days=ladder["horizon_days"].replace({180: 120}))
    found = views(seen, odd, by_draw, Weights(NOTHING_YET, {}, (), ()))
    assert set(found.tables["baselines"]["candidate"]) == {INSIDE, OUTSIDE}
    assert "no past windows of [120] days" in found.note
