"""Intervals of score differences respect clusters, weights and pairs, and hold the truth as often as they say."""

from __future__ import annotations

import time

import numpy as np
import pytest
from drawn_forecasts import Drawn

from forecast.errors import UsageError
from forecast.evaluation.intervals import Interval, cluster_weights, mean_interval, paired_difference, paired_skill
from forecast.evaluation.scores import ranked_probability_score, skill


@pytest.fixture
def pair(calibrated: Drawn) -> tuple[np.ndarray, np.ndarray]:
    """RPS of the forecasts and of their mean."""
    mean = np.tile(calibrated.probabilities.mean(axis=0), (len(calibrated.outcome), 1))
    return ranked_probability_score(*calibrated[:2]), ranked_probability_score(mean, calibrated.outcome)


def test_estimates_are_those_of_all_rows(calibrated: Drawn, pair):
    known = ~np.isnan(calibrated.outcome)
    found = paired_difference(*pair, calibrated.cluster, weight=calibrated.weight)
    assert found.estimate == pytest.approx(np.average((pair[0] - pair[1])[known], weights=calibrated.weight[known]))
    assert found[4:] == (known.sum(), 40, (~known).sum(), 2000)
    assert found.low < found.estimate < found.high < 0
    assert found.excludes()
    assert not found.excludes(found.estimate)
    saved = paired_skill(*pair, calibrated.cluster, weight=calibrated.weight)
    assert saved.estimate == pytest.approx(skill(*pair, calibrated.weight))
    assert 0 < saved.low < saved.estimate < saved.high
    mean = mean_interval(pair[0], calibrated.cluster)
    assert mean.estimate == pytest.approx(np.nanmean(pair[0]))


def test_samples_are_of_whole_clusters(pair, calibrated: Drawn):
    """The same as drawing the rows of drawn clusters, one replicate after the other."""
    known = ~np.isnan(calibrated.outcome)
    difference, cluster, weight = (pair[0] - pair[1])[known], calibrated.cluster[known], calibrated.weight[known]
    rng = np.random.default_rng(5)
    rows = [np.flatnonzero(cluster == label) for label in np.unique(cluster)]
    means = []
    for _ in range(2000):
        sample = np.concatenate([rows[n] for n in rng.integers(0, len(rows), len(rows))])
        means.append(np.average(difference[sample], weights=weight[sample]))
    found = paired_difference(*pair, calibrated.cluster, weight=calibrated.weight)
    np.testing.assert_allclose(found[1:3], np.quantile(means, [0.025, 0.975]), atol=0.15 * (found.high - found.low))


def test_rows_that_repeat_within_a_cluster_add_nothing():
    rng = np.random.default_rng(2)
    score, reference, label = rng.random(50), rng.random(50), np.arange(50)
    once = paired_difference(score, reference, label)
    repeated = [np.repeat(x, 20) for x in (score, reference, label)]
    assert paired_difference(*repeated)[:3] == pytest.approx(once[:3])
    naive = paired_difference(*repeated[:2], np.arange(1000))
    assert naive.high - naive.low < 0.5 * (once.high - once.low)


def test_order_of_rows_and_names_of_clusters_do_not_matter(pair, calibrated: Drawn):
    order = np.random.default_rng(0).permutation(len(pair[0]))
    found = paired_difference(*pair, calibrated.cluster)
    shuffled = paired_difference(pair[0][order], pair[1][order], calibrated.cluster[order])
    assert shuffled == pytest.approx(found)
    named = paired_difference(*pair, [f"crisis {n:03d}" for n in calibrated.cluster])
    assert named == found
    other = paired_difference(*pair, calibrated.cluster, seed=1)
    assert other.estimate == found.estimate
    assert other.low != found.low


def test_void_rows_and_rows_without_weight_do_not_count(pair, calibrated: Drawn):
    known = ~np.isnan(calibrated.outcome)
    full = paired_difference(*pair, calibrated.cluster)
    cut = paired_difference(pair[0][known], pair[1][known], calibrated.cluster[known])
    assert full[:6] == cut[:6]
    assert (full.n_void, cut.n_void) == ((~known).sum(), 0)
    weight = np.where(calibrated.cluster < 20, 1.0, 0.0)
    assert paired_difference(*pair, calibrated.cluster, weight=weight).n_clusters == 20


def test_each_cluster_may_count_once():
    cluster = np.array(["a", "a", "a", "b", "c"])
    np.testing.assert_allclose(cluster_weights(cluster), [1 / 3, 1 / 3, 1 / 3, 1, 1])
    np.testing.assert_allclose(cluster_weights(cluster, [False, True, False, False, True]), [0.5, 0, 0.5, 1, 0])
    score = np.array([1.0, 2.0, 3.0, 10.0, 4.0])
    found = mean_interval(score, cluster, weight=cluster_weights(cluster))
    assert found.estimate == pytest.approx((2 + 10 + 4) / 3)


def test_one_cluster_has_no_interval():
    found = paired_difference([1.0, 2.0], [3.0, 5.0], ["a", "a"])
    assert found.estimate == -2.5
    assert np.isnan([found.low, found.high]).all()
    assert not found.excludes()


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(3)
    held = 0
    for n in range(120):
        cluster = np.repeat(np.arange(60), 4)
        difference = 0.3 + rng.normal(size=60)[cluster] + rng.normal(size=240)
        found = paired_difference(difference, np.zeros(240), cluster, seed=n)
        held += found.low <= 0.3 <= found.high
    assert 0.89 <= held / 120 <= 0.99


def test_many_rows_take_little_time():
    rng = np.random.default_rng(4)
    score, reference, cluster = rng.random(26_000), rng.random(26_000), rng.integers(0, 322, 26_000)
    start = time.process_time()
    found = paired_difference(score, reference, cluster)
    assert time.process_time() - start < 1
    assert isinstance(found, Interval)
    assert found.n_rows == 26_000


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"replicates": 1999}, "2000 replicates or more"),
        ({"level": 1.0}, "between 0 and 1"),
        ({"cluster": ["a"]}, "as many labels"),
        ({"cluster": ["a", None]}, "row 1: the label is missing"),
        ({"weight": [0, 0]}, "every weight is 0"),
        ({"score": [np.nan, np.nan], "reference": [np.nan, np.nan]}, "nothing to compare"),
        ({"score": [np.nan, 1.0]}, "void for both"),
    ],
)
def test_what_makes_no_sense_is_refused(change, told):
    words = {"score": [1.0, 2.0], "reference": [2.0, 1.0], "cluster": ["a", "b"]} | change
    with pytest.raises(UsageError, match=told):
        paired_difference(**words)
