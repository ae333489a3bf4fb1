"""Annealing a block of scalars gives the posterior and the evidence of a numerical integral, and moves nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from prior_trees import drawn
from scipy.stats import norm

from forecast.inference.anneal import anneal
from forecast.inference.blocks import NOTHING, SHARED, Block, blocks_of
from forecast.inference.likelihood import Choices, choices_of, some
from forecast.inference.reweight import smoothed
from forecast.model.build import all_positions, model_coords
from forecast.model.priors import read_priors

PRIORS = read_priors()
NAME = "limited_in_campaign"


def blocks(panel: xr.Dataset) -> dict[str, Block]:
    return {block.name: block for block in blocks_of(choices_of(panel, PRIORS), panel, panel, PRIORS)}


def one_cell(panel: xr.Dataset, events: float, others: float) -> Choices:
    choices = choices_of(panel, PRIORS)
    own = some(choices, np.flatnonzero(blocks(panel)["limited acts"].moves(choices)))
    return own._replace(counts=np.array([[events, others, 0.0, 0.0]]))


@pytest.mark.parametrize(("events", "others"), [(3.0, 2.0), (40.0, 0.0)])
def test_posterior_and_evidence_are_those_of_an_integral(panel: xr.Dataset, events: float, others: float):
    draws, block = drawn(panel, draws=6000, seed=5), blocks(panel)["limited acts"]
    fresh = one_cell(panel, events, others)
    found = anneal(draws, panel, PRIORS, block, fresh._replace(counts=0 * fresh.counts), fresh, 1)
    location, scale = PRIORS[NAME].parameters
    grid = np.linspace(location - 8 * scale, location + 8 * scale, 4001)  # type: ignore[operator]
    chance = 1 / (1 + np.exp(-grid))
    weight = norm.pdf(grid, location, scale) * chance**events * (1 - chance) ** others
    evidence = weight.sum() * (grid[1] - grid[0])
    mean = np.average(grid, weights=weight)
    spread = np.sqrt(np.average((grid - mean) ** 2, weights=weight))
    assert found.moved
    assert np.log(np.exp(found.log_weight).mean()) == pytest.approx(np.log(evidence), abs=0.05)
    weights = smoothed(found.log_weight)
    plain = smoothed(events * np.log(1 / (1 + np.exp(-draws[NAME].values)))
                     + others * np.log(1 / (1 + np.exp(draws[NAME].values))))  # fmt: skip
    assert weights.ess > plain.ess
    got = float(weights.weight @ found.draws[NAME].values)
    assert got == pytest.approx(mean, abs=5 * spread / np.sqrt(weights.ess))
    for name in draws.data_vars:
        if name != NAME:
            assert found.draws[name] is draws[name] or (found.draws[name].values == draws[name].values).all()


def test_little_news_moves_nothing(panel: xr.Dataset):
    draws = drawn(panel, draws=200, seed=6)
    fresh = one_cell(panel, 0.02, 0.0)
    found = anneal(draws, panel, PRIORS, blocks(panel)["limited acts"], some(fresh, NOTHING), fresh, 1)
    assert not found.moved
    assert found.draws is draws


def test_blocks_hold_what_depends_on_them(panel: xr.Dataset):
    choices, index = choices_of(panel, PRIORS), all_positions(PRIORS, model_coords(panel))
    found = blocks(panel)
    assert list(found) == [*SHARED, *panel["episode"].values[1:]]
    claimed = sum(found[name].claims(choices).astype(int) for name in SHARED)
    assert claimed.max() == 1  # no choice hinges on two of them
    past = sum(found[name].claims(choices).astype(int) for name in panel["episode"].values[1:])
    assert past.max() == 1
    war = found["war"]
    begin, shape = index["campaign_log_days"]
    spells = np.flatnonzero(panel["spell_episode"].values == list(panel["episode"].values).index("war"))
    assert set(begin + spells) <= set(war.parameters)
    assert len(set(war.parameters) & set(range(begin, begin + shape[0]))) == len(spells)
    for block in found.values():
        assert (block.claims(choices) <= block.moves(choices)).all() or block.episode.size
