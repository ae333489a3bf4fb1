"""A claim is as probable as the draws that agree with it, and its verdict says whether the data or the prior decide."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from small_paths import one

from forecast.model.latent import paths as latent_paths
from forecast.outlook.claim_quantities import restrained
from forecast.outlook.claims import CLAIMS, claim_table, verdict
from forecast.outlook.ladder import first_events
from forecast.publish.tables import TABLES


@pytest.fixture(scope="module")
def posterior(panel: xr.Dataset, draws: xr.Dataset) -> xr.Dataset:
    """The draws of the prior as if they came from two chains."""
    found = draws.merge(latent_paths(draws, panel))
    return xr.concat([found.isel(sample=slice(k, k + 10)) for k in (0, 10)], dim="chain").rename(sample="draw")


@pytest.fixture(scope="module")
def unlearned(panel: xr.Dataset, draws: xr.Dataset, posterior: xr.Dataset) -> pd.DataFrame:
    return claim_table(posterior, draws, panel, seed=1)


def test_all_twelve_claims_are_there_with_numbers(unlearned: pd.DataFrame):
    assert unlearned["number"].tolist() == [claim.number for claim in CLAIMS]
    assert set(unlearned["number"]) == set(range(1, 13))
    assert tuple(unlearned.columns) == TABLES["claims"].names
    assert unlearned[["prior", "posterior"]].stack().between(0, 1 + 1e-9).all()
    assert (unlearned["mcse"] > 0).all()


def test_where_nothing_was_learnt_nothing_is_said_to_be(unlearned: pd.DataFrame):
    np.testing.assert_allclose(unlearned["prior"], unlearned["posterior"])
    np.testing.assert_allclose(unlearned["contraction"], 0, atol=1e-9)
    told = set(unlearned["verdict"])
    assert told <= {
        "not informed: prior",
        "sign fixed by definition; size not informed",
        "decided by the prior already",
    }


def test_a_parameter_that_the_data_moved_is_told(panel: xr.Dataset, draws: xr.Dataset, posterior: xr.Dataset):
    moved = posterior.assign(hit_effect=0.4 + 0.01 * posterior["hit_effect"])
    table = claim_table(moved, draws, panel, seed=1)
    row = table[table["quantity"] == "hit_effect"].iloc[0]
    assert row["posterior"] == 1
    assert row["contraction"] > 0.99
    assert row["verdict"] == "data speak for it"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((0.5, 0.9, 0.4, 1.0), "data speak for it"),
        ((0.5, 0.1, 0.4, 1.0), "data speak against it"),
        ((0.5, 0.6, 0.4, 1.0), "informed, but left open"),
        ((0.5, 0.51, 0.01, 0.1), "not informed: prior"),
        ((0.97, 0.999, 0.4, 1.0), "decided by the prior already"),
        ((0.02, 0.001, 0.4, 1.0), "decided by the prior already"),
        ((np.nan, np.nan, np.nan, np.nan), "never met on a simulated path"),
    ],
)
def test_verdicts_follow_from_odds_and_contraction(given: tuple[float, float, float, float], told: str):
    assert verdict(*given) == told


def test_a_fixed_sign_is_never_called_evidence():
    assert verdict(1.0, 1.0, 0.5, 2.0, fixed=True) == "sign fixed by definition; size informed"
    assert verdict(1.0, 1.0, 0.0, 0.0, fixed=True) == "sign fixed by definition; size not informed"


@pytest.mark.parametrize(
    ("events", "held"),
    [
        (((3, "a", 4), (4, "b", 4)), True),
        (((3, "a", 4), (4, "b", 4), (5, "a", 4)), True),
        (((3, "a", 4), (4, "b", 4), (5, "a", 5)), False),
        (((3, "a", 4), (4, "b", 4), (5, "b", 5)), True),
        (((3, "a", 4), (4, "b", 4), (9, "a", 5)), True),
        (((3, "a", 6), (3, "scope", 4), (4, "b", 6), (4, "scope", 4), (5, "a", 6), (5, "scope", 6)), False),
    ],
)
def test_the_opener_is_restrained_if_it_does_not_climb_soon_after_the_reply(events: tuple, held: bool):
    paths = one(*events)
    assert restrained(paths, first_events(paths))[0, 0] == held
