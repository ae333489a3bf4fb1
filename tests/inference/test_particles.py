"""The particle filter's evidence and paths are those of a quadrature over one period and of brute force over three."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from prior_trees import drawn

from forecast.inference.carry import episode_part, with_window
from forecast.inference.likelihood import choices_of, log_likelihood, some
from forecast.inference.particles import Filtered, filter_paths, moves_of, observed_in
from forecast.model.priors import read_priors

PRIORS = read_priors()


def filtered(panel: xr.Dataset, draws: xr.Dataset, first: int, *, particles: int, seed: int = 1) -> Filtered:
    start = episode_part(draws, panel, first - 1) if first else None
    observed = observed_in(choices_of(panel, PRIORS), draws, panel, PRIORS, first)
    moves = moves_of(draws, panel, first, start)
    return filter_paths(moves, observed, particles=particles, copies=200, seed=seed)


def likelihood_of(panel: xr.Dataset, draw: xr.Dataset, path: np.ndarray, first: int) -> np.ndarray:
    """Log-likelihood of all that depends on the window, for one draw and many of its paths [path, period, side]."""
    choices = choices_of(panel, PRIORS)
    inside = some(choices, np.flatnonzero(choices.step >= first))
    many = draw.isel(sample=np.zeros(len(path), dtype=int))
    return log_likelihood(inside, with_window(many, panel, path, first), panel, PRIORS)


def moved(panel: xr.Dataset, draw: xr.Dataset, shocks: np.ndarray, first: int) -> np.ndarray:
    """Paths from the period before the window on, given standard shocks [path, period, side]."""
    moves = moves_of(draw, panel, first, episode_part(draw, panel, first - 1) if first else None)
    rho, x, out, together = moves.persistence[0], moves.start[0], [], moves.together[0]
    second = together * shocks[..., 0] + np.sqrt(1 - together**2) * shocks[..., 1]
    shocks = np.stack([shocks[..., 0], second], axis=-1)
    for t in range(shocks.shape[1]):
        kept = first + t > 0
        x = rho * x + np.sqrt(1 - rho**2) * shocks[:, t] + moves.pull[0] * moves.hit[:, t] if kept else shocks[:, t]
        out.append(x)
    return np.stack(out, axis=1)


def log_mean(values: np.ndarray, weight: np.ndarray | float = 1.0) -> float:
    return float(np.log(np.mean(np.exp(values - values.max()) * weight)) + values.max())


def test_evidence_of_one_period_is_that_of_a_quadrature(panel: xr.Dataset):
    draws, first = drawn(panel, draws=5, seed=2), int(panel["length"].values[0]) - 1
    found = filtered(panel, draws, first, particles=4000)
    node, weight = np.polynomial.hermite_e.hermegauss(30)
    grid = np.stack(np.meshgrid(node, node, indexing="ij"), axis=-1).reshape(-1, 1, 2)
    area = np.outer(weight, weight).ravel() / (2 * np.pi) * len(grid)
    for k in range(5):
        draw = draws.isel(sample=[k])
        exact = log_mean(likelihood_of(panel, draw, moved(panel, draw, grid, first), first), area)
        assert found.log_evidence[k, 0] == pytest.approx(exact, abs=0.05)


@pytest.mark.parametrize("first", [0, 20])
def test_evidence_and_paths_of_three_periods_are_those_of_brute_force(panel: xr.Dataset, first: int):
    last = first + 3
    short = panel.copy(deep=True)
    for name in ("force_observed", "talks_observed", "deal_observed", "signal_observed"):
        short[name].values[0, last:] = False
    short = short.assign(spell_episode=("spell", np.full(panel.sizes["spell"], -1)))
    draws = drawn(short, draws=2, seed=7)
    found = filtered(short, draws, first, particles=8000)
    rng = np.random.default_rng(3)
    length = int(short["length"].values[0]) - first
    for k in range(2):
        draw = draws.isel(sample=[k])
        path = moved(short, draw, rng.standard_normal((60_000, length, 2)), first)
        log_weight = likelihood_of(short, draw, path, first)
        weight = np.exp(log_weight - log_weight.max())
        effective = weight.sum() ** 2 / (weight**2).sum()
        assert effective > 300
        error = 4 / np.sqrt(effective) + 0.05
        assert found.log_evidence[k].sum() == pytest.approx(log_mean(log_weight), abs=error)
        mean = np.average(path[:, :3], axis=0, weights=weight)
        spread = np.sqrt(np.average((path[:, :3] - mean) ** 2, axis=0, weights=weight))
        np.testing.assert_array_less(np.abs(found.path[k, :, :3].mean(axis=0) - mean), spread * (error + 4 / 200**0.5))


def test_first_periods_have_the_same_evidence_whatever_comes_later(panel: xr.Dataset):
    draws = drawn(panel, draws=40, seed=4)
    masked = panel.copy(deep=True)
    for name in ("force_observed", "talks_observed", "signal_observed"):
        masked[name].values[0, 23:] = False
    whole, part = (filtered(p, draws, 18, particles=16) for p in (panel, masked))
    np.testing.assert_array_equal(whole.log_evidence[:, :5], part.log_evidence[:, :5])
    assert (whole.log_evidence[:, 5:] != part.log_evidence[:, 5:]).any()
    again = filtered(panel, draws, 18, particles=16)
    np.testing.assert_array_equal(again.path, whole.path)
