"""Panels drawn for calibration and futures simulated for forecasts have the same frequencies from a quiet start."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from known_worlds import FIXED, PRIORS, lively

from forecast.evaluation.worlds import draw_world, small_design
from forecast.model.build import model_coords
from forecast.model.priors import prior_draws
from forecast.outlook.simulate import simulate
from forecast.outlook.world import start_neutral, world_of

WEEKS = 30
WORLDS = 300
PATHS = 6000
FAR = 4.0  # standard errors
SHOCKS = ("resolve_innovation", "campaign_days_spell")
CERTAIN = FIXED | {
    "false_row": np.full(3, 1e-12),
    "level_error": np.zeros(3),
}  # simulated futures are not coded by anybody


@pytest.fixture(scope="module")
def design() -> xr.Dataset:
    """A case of which all is watched and nothing moved credibility, beside one past crisis."""
    empty = small_design(periods=WEEKS + 1, crises=1, crisis_periods=6, spells=60)
    empty["track_record"].values[...] = 0
    for name in ("force_observed", "sub_threshold_observed", "talks_observed", "deal_observed"):
        empty[name].values[0] = True
    return empty


@pytest.fixture(scope="module", params=[1, 2])
def frequencies(request: pytest.FixtureRequest, design: xr.Dataset) -> tuple[dict, dict]:
    """Shares of weeks by world [world], drawn, and by path [path], simulated; the same parameters."""
    # commitments of the last week are signals, which futures do not simulate
    truth = lively(design, request.param, overt_audience=0.0)
    fresh = prior_draws(PRIORS, model_coords(design), draws=WORLDS, seed=100 + request.param)[list(SHOCKS)]
    drawn = [
        shares(draw_world(design, truth.assign(fresh.isel(sample=k)), CERTAIN, seed=k).panel) for k in range(WORLDS)
    ]
    one = truth.expand_dims("sample")
    many = one.isel(sample=np.zeros(PATHS, dtype=int))
    paths = simulate(world_of(many, design), start_neutral(many, design, 3), periods=WEEKS, paths=1, period_days=7,
                     seed=4)  # fmt: skip
    rung, scope = paths.rung[:, 0], paths.scope[:, 0]
    height = {
        "overt a": rung[..., 0] >= 3, "overt b": rung[..., 1] >= 3, "overt both": (rung >= 3).all(axis=2),
        "campaign": scope > 0, "leadership": (rung == 5).any(axis=2), "symbolic": (rung == 3).any(axis=2),
        "sub-threshold": (rung == 1).any(axis=2), "closure": paths.closure[:, 0], "talks": paths.talks[:, 0],
        "deal": paths.deal[:, 0],
    }  # fmt: skip
    simulated = {name: value.mean(axis=1) for name, value in height.items()}
    simulated |= {f"{name}, last week": value[:, -1].astype(float) for name, value in height.items()}
    return {name: np.array([row[name] for row in drawn]) for name in drawn[0]}, simulated


def shares(panel: xr.Dataset) -> dict[str, float]:
    force, rung = panel["force"].values[0], panel["rung"].values[0]
    seen = {
        "overt a": force[0] >= 2, "overt b": force[1] >= 2, "overt both": (force >= 2).all(axis=0),
        "campaign": panel["campaign"].values[0], "leadership": (force == 3).any(axis=0),
        "symbolic": ((rung == 3) & (force == 2)).any(axis=0), "sub-threshold": (force == 1).any(axis=0),
        **{name: panel[name].values[0] for name in ("closure", "talks", "deal")},
    }  # fmt: skip
    out = {name: float(value[1:].mean()) for name, value in seen.items()}
    return out | {f"{name}, last week": float(value[-1]) for name, value in seen.items()}


def test_every_kind_of_event_is_as_frequent_in_both(frequencies: tuple[dict, dict]):
    drawn, simulated = frequencies
    assert drawn.keys() == simulated.keys()
    for name, values in drawn.items():
        other = simulated[name]
        error = np.sqrt(values.var() / len(values) + other.var() / len(other))
        assert abs(values.mean() - other.mean()) < FAR * max(error, 1e-9), (name, values.mean(), other.mean(), error)
        assert other.mean() > 0.005, name


def test_campaigns_last_as_long_in_both(frequencies: tuple[dict, dict]):
    drawn, simulated = frequencies
    for name in ("campaign", "campaign, last week"):
        assert drawn[name].mean() == pytest.approx(simulated[name].mean(), rel=0.25)
