"""Re-weighting to another prior gives the ladder that a new fit gives, where its k-hat says that it may be used."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from forecast.inference.fit import Sampling, compile_panel, fit
from forecast.inference.reweight import other_priors
from forecast.model.prior_sets import Change, PriorSet, changed
from forecast.model.priors import read_priors
from forecast.outlook.forecast import paths_ahead
from forecast.outlook.ladder import first_events
from forecast.outlook.outcomes import ladder_table
from forecast.outlook.prior_sets import enough, prior_set_tables, weighted_ladder

pytestmark = pytest.mark.slow
HORIZONS = (7, 30, 90)


def test_weights_and_refit_agree_within_their_errors(panel: xr.Dataset):
    priors, sampling = read_priors(), Sampling(tune=400, draws=400, attempts=1, seed=11)
    compiled = compile_panel(panel, priors)
    tree = fit(panel, priors, sampling, compiled=compiled)
    change = Change(name="campaign_days", family="lognormal", parameters=(45.0, 0.6), reason="wars last")
    one = PriorSet(name="long", meaning="campaigns last", changes=(change,))
    new = changed(priors, one)
    weights = other_priors(tree, priors, new)
    assert enough(weights)
    ahead = first_events(paths_ahead(tree, days=90, seed=3, total=60_000))
    by_weights = weighted_ladder(ahead, weights, HORIZONS, seed=3)
    other = fit(panel, new, sampling, compiled=compiled)
    refitted = ladder_table(first_events(paths_ahead(other, days=90, seed=3, total=60_000)), HORIZONS)
    error = np.hypot(by_weights["mcse"], refitted["mcse"])
    moved = np.abs(by_weights["probability"] - refitted["probability"])
    assert (moved <= 0.015 + 4 * error).all()
    published = ladder_table(ahead, HORIZONS)
    tables = prior_set_tables(tree, {"long": one}, published, seed=3, total_paths=60_000, compiled=compiled)
    assert set(tables["prior_sets"]["method"]) == {"re-weighting"}
    wide = changed(priors, PriorSet(name="w", meaning="", widen=1.5, reason="r"))
    assert not enough(other_priors(tree, priors, wide))
