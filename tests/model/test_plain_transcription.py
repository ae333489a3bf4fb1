"""The model's latents and log-likelihood are those of a plain transcription, cell by cell, at random points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import plain_tree
import pytest
import xarray as xr
from densities import Densities
from full_record import full_panel

JOINT = {"overt", "onset_both", "participation"}
ALL_NODES = JOINT | {
    "onset_one", "leadership", "symbolic", "sub", "closure", "limited", "talks", "deal", "signal", "signal_step",
    "halt", "spell_days", "opens_full", "opens_regional", "widens_full", "widens_regional", "truce",
    "crisis_opens", "crisis_closes",
}  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_latent_paths_follow_the_recursion(panel: xr.Dataset, densities: Densities, seed: int):
    found = densities.values(densities.somewhere(seed))
    length = int(panel["length"].values[0])
    resolve, credibility = plain_tree.case_latents(panel, plain_tree.named(densities.labels, found))
    np.testing.assert_allclose(found["resolve"][:, :length], resolve, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found["credibility"][:, :length], credibility, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_likelihood_is_that_of_every_cell(panel: xr.Dataset, densities: Densities, seed: int):
    compare(panel, densities, seed)


def test_the_same_holds_for_periods_of_ten_days(tmp_path: Path):
    longer = full_panel(tmp_path / "record", period_days=10)
    compare(longer, Densities(longer), 4)


def compare(panel: xr.Dataset, densities: Densities, seed: int) -> None:
    point = densities.somewhere(seed)
    nodes = plain_tree.log_likelihood(panel, plain_tree.named(densities.labels, densities.values(point)))
    assert set(nodes) == ALL_NODES
    terms = densities.terms(point)
    joint = sum(value for name, value in nodes.items() if name in JOINT)
    days = nodes["spell_days"]
    assert terms["joint_choices"] == pytest.approx(joint, rel=1e-9)
    assert terms["days_of_fighting"] == pytest.approx(days, rel=1e-9)
    single = terms["choices"] + terms["coded_choices"]
    assert single == pytest.approx(sum(nodes.values()) - joint - days, rel=1e-9)
