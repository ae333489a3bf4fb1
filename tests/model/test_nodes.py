"""Each node has the likelihood of its hand-worked example, twice the evidence counts twice, hazards become logits."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytensor.tensor as pt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytensor.compile.mode import Mode

from forecast.model.build import binary_log_density, joint_log_density
from forecast.model.nodes import binary, joint, logit_of_hazard

MODE = Mode("py", "fast_compile")


def value(graph: pt.TensorVariable) -> np.ndarray:
    return graph.eval(mode=MODE)


def number(x: float) -> pt.TensorVariable:
    return pt.as_tensor(np.float64(x))


def test_a_binary_node_by_hand():
    rows = pd.DataFrame({"y": [1, 0, 2], "n": [1, 1, 5]})
    node = binary("node", rows, pt.as_tensor(np.log([3.0, 3.0, 1.0])))
    found = value(binary_log_density(node.events, node.logit, node.trials))
    np.testing.assert_allclose(found, [math.log(0.75), math.log(0.25), 5 * math.log(0.5)], rtol=1e-12)


def test_one_logit_serves_all_cells():
    node = binary("node", pd.DataFrame({"y": [0, 1], "n": [1, 1]}), number(0.3))
    np.testing.assert_array_equal(value(node.logit), [0.3, 0.3])


def test_a_joint_node_by_hand():
    rows = pd.DataFrame({"n00": [1, 0, 0, 0], "n10": [0, 1, 0, 0], "n01": [0, 0, 1, 0], "n11": [0, 0, 0, 1]})
    a, b, coupling = (number(math.log(x)) for x in (2.0, 3.0, 4.0))
    node = joint("node", rows, a + pt.zeros(4), b + pt.zeros(4), coupling)
    found = value(joint_log_density(node.counts, node.weight))
    np.testing.assert_allclose(found, np.log(np.array([1, 2, 3, 24]) / 30), rtol=1e-12)


def test_a_joint_node_without_the_pattern_neither_rules_it_out():
    rows = pd.DataFrame({"n10": [1, 0, 0], "n01": [0, 1, 0], "n11": [0, 0, 1]})
    node = joint("node", rows, *(number(math.log(x)) + pt.zeros(3) for x in (2.0, 3.0)), number(math.log(4.0)))
    found = value(joint_log_density(node.counts, node.weight))
    np.testing.assert_allclose(found, np.log(np.array([2, 3, 24]) / 29), rtol=1e-12)


NUMBERS = st.floats(-4, 4)


@settings(max_examples=25, deadline=None)
@given(logits=st.lists(NUMBERS, min_size=1, max_size=5), seed=st.integers(0, 10**6))
def test_twice_the_evidence_counts_twice(logits: list[float], seed: int):
    rng = np.random.default_rng(seed)
    trials = rng.integers(1, 5, len(logits))
    events = rng.integers(0, trials + 1)
    logit = pt.as_tensor(np.array(logits))
    once = value(binary_log_density(pt.as_tensor(events), logit, pt.as_tensor(trials)))
    twice = value(binary_log_density(pt.as_tensor(2 * events), logit, pt.as_tensor(2 * trials)))
    np.testing.assert_allclose(twice, 2 * once, rtol=1e-12)
    weight, counts = rng.standard_normal((3, 4)), rng.integers(0, 4, (3, 4))
    once = value(joint_log_density(pt.as_tensor(counts), pt.as_tensor(weight)))
    np.testing.assert_allclose(value(joint_log_density(pt.as_tensor(2 * counts), pt.as_tensor(weight))), 2 * once)


@settings(max_examples=25, deadline=None)
@given(exposure=st.floats(1e-6, 20))
def test_the_logit_of_a_hazard_gives_the_chance_of_one_event_or_more(exposure: float):
    logit = float(value(logit_of_hazard(number(exposure))))
    chance = -math.expm1(-exposure)
    direct = math.log(chance) - math.log1p(-chance) if chance < 1 - 1e-9 else exposure
    assert logit == pytest.approx(direct, rel=1e-6)
    assert 1 / (1 + math.exp(-logit)) == pytest.approx(chance, rel=1e-9)


def test_the_logit_of_a_hazard_stays_finite_at_the_ends():
    found = value(logit_of_hazard(pt.as_tensor(np.array([1e-12, 1e-6, 700.0]))))
    np.testing.assert_allclose(found, [math.log(1e-12), math.log(1e-6), 700.0], rtol=1e-5)
