"""Bands and p-values hold calibrated forecasts as often as they say, and show forecasts that are not."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_forecasts import Drawn, draw, drawn

from forecast.errors import UsageError
from forecast.evaluation.calibration import ALL, CURVE_COLUMNS, POINTS, SPLIT_COLUMNS, ladder_reliability, reliability
from forecast.terms import LADDER

NAMES = ("low", "middle", "high")


def test_calibrated_forecasts_keep_within_their_bands():
    rng = np.random.default_rng(1)
    levels, inside, p_values = np.linspace(0.05, 0.95, 10), [], []
    for n in range(90):
        chance = np.repeat(levels, 30)
        found = reliability(chance, rng.random(300) < chance, replicates=99, level=0.8, seed=n)
        inside.append(found.curve["recalibrated"].between(found.curve["low"] - 1e-12, found.curve["high"] + 1e-12))
        p_values.append(found.decomposition["p_value"])
    assert np.mean(inside) == pytest.approx(0.8, abs=0.05)
    np.testing.assert_allclose(np.mean(p_values, axis=0), 0.5, atol=0.08)
    assert np.mean(np.array(p_values) <= 0.1) == pytest.approx(0.1, abs=0.06)


def test_the_ladder_too():
    p_values = []
    for n in range(70):
        case = drawn(rows=80, seed=n, classes=3)
        table = ladder_reliability(*case[:2], labels=NAMES, replicates=60, seed=n).decomposition
        p_values.append(table["p_value"].iloc[-1])
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.1)
    assert np.mean(np.array(p_values) <= 0.1) == pytest.approx(0.1, abs=0.08)


def test_overconfidence_is_seen():
    rng = np.random.default_rng(2)
    chance = rng.dirichlet([1, 1, 1], 400)
    sharpened = chance**3 / (chance**3).sum(axis=1, keepdims=True)
    outcome = draw(chance, rng)
    table = ladder_reliability(sharpened, outcome, labels=NAMES, replicates=200).decomposition
    assert (table["p_value"] < 0.01).all()
    fair = ladder_reliability(chance, outcome, labels=NAMES, replicates=200).decomposition
    assert fair["p_value"].iloc[-1] > 0.05
    assert fair["mcb"].iloc[-1] < 0.5 * table["mcb"].iloc[-1]


def test_rows_that_share_their_fate_have_wider_bands():
    rng = np.random.default_rng(3)
    chance, cluster = np.repeat(rng.random(30), 10), np.repeat(np.arange(30), 10)
    event = np.repeat(rng.random(30) < chance[::10], 10)
    alone = reliability(chance, event, seed=1)
    shared = reliability(chance, event, cluster=cluster, seed=1)
    width = [(table["high"] - table["low"]).mean() for table in (alone.curve, shared.curve)]
    assert width[1] > 1.5 * width[0]
    assert shared.decomposition["p_value"].iloc[0] > alone.decomposition["p_value"].iloc[0]


def test_tables_say_what_they_count(calibrated: Drawn):
    found = ladder_reliability(*calibrated[:2], weight=calibrated.weight, replicates=20)
    known = ~np.isnan(calibrated.outcome)
    assert tuple(found.curve.columns) == CURVE_COLUMNS
    assert tuple(found.decomposition.columns) == SPLIT_COLUMNS
    assert list(found.decomposition["threshold"].drop_duplicates()) == [*LADDER[1:], ALL]
    for _, curve in found.curve.groupby("threshold"):
        assert curve["n"].sum() == known.sum()
        assert curve["weight"].sum() == pytest.approx(calibrated.weight[known].sum())
        assert (np.diff(curve["forecast"]) > 0).all()
        assert (np.diff(curve["recalibrated"]) >= 0).all()
        assert (curve["low"] <= curve["high"]).all()
        assert curve[["recalibrated", "low", "high"]].stack().between(0, 1).all()


def test_long_curves_are_thinned_but_keep_their_steps():
    rng = np.random.default_rng(4)
    chance = rng.random(5000)
    found = reliability(chance, rng.random(5000) < chance, replicates=0).curve
    steps = found["recalibrated"].nunique()
    assert len(found) <= POINTS + 2 * steps
    assert found["n"].sum() == 5000
    assert found[["low", "high"]].isna().all(axis=None)


def test_the_same_seed_gives_the_same_tables(calibrated: Drawn):
    first, again, other = (ladder_reliability(*calibrated[:2], replicates=20, seed=seed) for seed in (7, 7, 8))
    assert first.curve.equals(again.curve)
    assert first.decomposition.equals(again.decomposition)
    assert not first.curve.equals(other.curve)


@pytest.mark.parametrize(
    ("change", "told"),
    [({"replicates": -1}, "0 replicates or more"), ({"level": 0}, "between 0 and 1"), ({"cluster": [1]}, "as many")],
)
def test_what_makes_no_sense_is_refused(change, told):
    with pytest.raises(UsageError, match=told):
        reliability([0.5, 0.5], [0, 1], **change)
