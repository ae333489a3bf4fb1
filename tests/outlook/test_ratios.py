"""The ratio of two likelihoods from the choices that differ is that of the two compiled models."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from full_record import CALM
from hand_made import CASE
from interpreted import interpreted_density
from prior_trees import drawn, tree_of

from forecast.inference.ratios import log_ratios, panel_weights
from forecast.inference.reweight import log_densities, points
from forecast.model.build import model_data
from forecast.model.priors import Prior, read_priors
from forecast.record import Record
from forecast.record.hypothetical import panel_of
from forecast.record.interventions import Scenario

CHANGES = {
    "threat": {"add": {"actor": "AAA", "target": "BBB", "type": "ultimatum", "level": 3}},
    "strike": {"add": {"actor": "BBB", "target": "AAA", "type": "limited_strike"}},
    "never struck": {"drop": {"type": ["limited_strike", "threat_not_fulfilled"]}},
    "later": {"shift": {"type": "ultimatum", "days": 14}},
    "deal": {"add": {"actor": "AAA", "target": "BBB", "type": "deal", "level": 3}},
}


@pytest.fixture(scope="module")
def panels(record: Record) -> dict[str, xr.Dataset]:
    def of(name: str, step: dict) -> xr.Dataset:
        told = Scenario.model_validate({"id": name.replace(" ", "-"), "title": name, "interventions": [step]})
        return panel_of(record, CASE, CALM, CALM, told)

    return {name: of(name, step) for name, step in CHANGES.items()}


def test_ratios_are_those_of_the_compiled_models(calm: xr.Dataset, panels: dict[str, xr.Dataset]):
    priors: dict[str, Prior] = dict(read_priors())
    tree = tree_of(drawn(calm, draws=6, seed=3), calm)
    compiled = interpreted_density(calm, priors)
    at = points(tree, priors, compiled)
    usual = log_densities(compiled.with_data(model_data(calm, priors)), at)
    found = log_ratios(tree, panels, priors)
    for name, panel in panels.items():
        whole = log_densities(compiled.with_data(model_data(panel, priors)), at) - usual
        assert np.ptp(whole) > 0.01, name
        np.testing.assert_allclose(found[name], whole, atol=1e-6, err_msg=name)


def test_a_panel_that_says_the_same_needs_no_weights(calm: xr.Dataset):
    tree = tree_of(drawn(calm, draws=6, seed=3), calm)
    weights = panel_weights(tree, {"same": calm.copy(deep=True)}, dict(read_priors()))["same"]
    assert (weights.khat, weights.ess) == (0.0, 6.0)
    np.testing.assert_array_equal(weights.weight, 1 / 6)
