"""Likelihoods have the values of hand-worked examples, twice the evidence counts twice, hazards become logits."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytensor.tensor as pt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytensor.compile.mode import Mode

from forecast.model.build import binary_log_density, coded_log_density, joint_log_density, logit_of_hazard
from forecast.model.design import assemble
from forecast.model.nodes import RULED_OUT, binary, effect, joint, on_credibility, on_resolve

MODE = Mode("py", "fast_compile")
SURE = np.zeros(1)


def value(graph: pt.TensorVariable) -> np.ndarray:
    return graph.eval(mode=MODE)


def number(x: object) -> pt.TensorVariable:
    return pt.as_tensor(np.asarray(x, dtype=np.float64))


def test_a_binary_choice_by_hand():
    found = value(binary_log_density(number([1, 0, 2]), number(np.log([3.0, 3.0, 1.0])), number([1, 1, 5])))
    np.testing.assert_allclose(found, [math.log(0.75), math.log(0.25), 5 * math.log(0.5)], rtol=1e-12)


def test_a_choice_that_may_be_coded_wrongly_by_hand():
    logit, missed, invented = number(np.log([3.0, 3.0])), number([0.2, 0.2]), number([0.1, 0.1])
    found = value(coded_log_density(number([1, 0]), logit, missed, invented, number([1, 1])))
    np.testing.assert_allclose(found, np.log([0.8 * 0.75 + 0.1 * 0.25, 0.2 * 0.75 + 0.9 * 0.25]), rtol=1e-12)


def weights(a: float, b: float, coupling: float, *, neither: bool = True) -> pt.TensorVariable:
    first, second = math.log(a), math.log(b)
    return number([[0.0 if neither else RULED_OUT, first, second, first + second + math.log(coupling)]] * 4)


def test_a_joint_choice_by_hand():
    found = value(joint_log_density(number(np.eye(4)), weights(2, 3, 4), number(SURE), number(SURE)))
    np.testing.assert_allclose(found, np.log(np.array([1, 2, 3, 24]) / 30), rtol=1e-12)


def test_a_joint_choice_without_neither():
    found = value(joint_log_density(number(np.eye(4)), weights(2, 3, 4, neither=False), number(SURE), number(SURE)))
    np.testing.assert_allclose(found[1:], np.log(np.array([2, 3, 24]) / 29), rtol=1e-12)


def test_a_joint_choice_in_which_acts_may_be_invented_by_hand():
    found = value(joint_log_density(number(np.eye(4)), weights(2, 3, 4), number([0.1]), number([0.2])))
    neither, a, b, both = np.array([1, 2, 3, 24]) / 30
    coded = [neither, a + 0.1 * neither, b + 0.2 * neither, both + 0.1 * b + 0.2 * a + 0.02 * neither]
    np.testing.assert_allclose(found, np.log(coded), rtol=1e-12)


def test_a_design_adds_up_to_the_predictors_written_out():
    rows = pd.DataFrame({"y": [1, 0], "n": [1, 2], "x": [2.0, 0.0], "g": [0, 1]})
    single = binary(
        "single", rows,
        [effect("level", at=rows["g"].to_numpy()), effect("slope", rows["x"]), on_resolve("load", np.array([1, 0]))],
        offset=0.5, error=np.array([0, 2]),
    )  # fmt: skip
    pair = joint(
        "pair", pd.DataFrame({"n10": [1], "n01": [0], "n11": [2]}), [effect("slope")],
        [on_credibility("load", np.array([0]), -1.0)], "coupling",
    )  # fmt: skip
    index = {"level": (0, (2,)), "slope": (2, ()), "load": (3, ()), "coupling": (4, ())}
    theta = np.array([1.0, 10.0, 100.0, 1000.0, 7.0])
    latents = np.array([0.1, 0.2, 0.3])  # two resolves, one credibility
    design = assemble([single, pair], index, 2)
    found = design["offset"].copy()
    np.add.at(found, design["fixed_cell"], theta[design["fixed_parameter"]] * design["fixed_value"])
    moved = theta[design["latent_parameter"]] * latents[design["latent_position"]] * design["latent_value"]
    np.add.at(found, design["latent_cell"], moved)
    np.testing.assert_allclose(found, [0.5 + 1 + 200 + 200, 0.5 + 10 + 100, 100, -300], rtol=1e-12)
    assert list(design["logit_cell"]) == [0]
    assert list(design["coded_cell"]) == [1]
    assert list(design["coded_error"]) == [2]
    assert list(design["joint_neither"]) == [RULED_OUT]
    assert theta[design["joint_coupling"]] == [7.0]


NUMBERS = st.floats(-4, 4)


@settings(max_examples=25, deadline=None)
@given(logits=st.lists(NUMBERS, min_size=1, max_size=5), seed=st.integers(0, 10**6))
def test_twice_the_evidence_counts_twice(logits: list[float], seed: int):
    rng = np.random.default_rng(seed)
    trials = rng.integers(1, 5, len(logits))
    events = rng.integers(0, trials + 1)
    wrong = number(rng.uniform(0.01, 0.4, len(logits)))
    logit = number(logits)
    found = []
    for times in (1, 2):
        counts = number(times * events), number(times * trials)
        plain = value(binary_log_density(counts[0], logit, counts[1]))
        found.append(np.stack([plain, value(coded_log_density(counts[0], logit, wrong, wrong, counts[1]))]))
    np.testing.assert_allclose(found[1], 2 * found[0], rtol=1e-12)
    weight, counts = rng.standard_normal((3, 4)), rng.integers(0, 4, (3, 4))
    errors = number(rng.uniform(0, 0.3, 3)), number(rng.uniform(0, 0.3, 3))
    once = value(joint_log_density(number(counts), number(weight), *errors))
    np.testing.assert_allclose(value(joint_log_density(number(2 * counts), number(weight), *errors)), 2 * once)


@settings(max_examples=25, deadline=None)
@given(exposure=st.floats(1e-6, 20))
def test_the_logit_of_a_hazard_gives_the_chance_of_one_event_or_more(exposure: float):
    logit = float(value(logit_of_hazard(number(math.log(exposure)))))
    chance = -math.expm1(-exposure)
    direct = math.log(chance) - math.log1p(-chance) if chance < 1 - 1e-9 else exposure
    assert logit == pytest.approx(direct, rel=1e-6)
    assert 1 / (1 + math.exp(-logit)) == pytest.approx(chance, rel=1e-9)


def test_the_logit_of_a_hazard_stays_finite_at_the_ends():
    found = value(logit_of_hazard(number(np.log([1e-12, 1e-6, 700.0]))))
    np.testing.assert_allclose(found, [math.log(1e-12), math.log(1e-6), 700.0], rtol=1e-5)
