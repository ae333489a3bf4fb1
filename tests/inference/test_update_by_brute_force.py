"""From the prior to a posterior by one update: the same means as plain importance sampling with many more draws."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from full_record import DAY, full_record
from prior_trees import drawn, tree_of, unseen

from forecast.inference.fit import samples
from forecast.inference.likelihood import choices_of, log_likelihood
from forecast.inference.reweight import smoothed
from forecast.inference.update import diagnosis_of, update_posterior
from forecast.model.priors import read_priors
from forecast.record.panel import build_panel

PRIORS = read_priors()


def quantities(draws: xr.Dataset) -> dict[str, np.ndarray]:
    """What is compared [sample]."""
    out = {
        f"resolve {side} {t}": draws["resolve"].isel(side=k, period=t).values
        for k, side in enumerate("ab")
        for t in (-1, -2)
    }
    out |= {f"credibility {side}": draws["credibility"].isel(side=k, period=-1).values for k, side in enumerate("ab")}
    out |= {name: np.log(draws[name].values) for name in ("overt_resolve", "resolve_half_life", "onset_episode_sd")}
    for name in ("overt_reply", "closure_campaign", "onset_case", "talks_case", "participation_last", "hit_effect"):
        out[name] = draws[name].values
    for name, dim in (("overt_intercept", "role"), ("sub_intercept", "side"), ("resolve_share", "component")):
        out |= {f"{name} {label}": draws[name].sel({dim: label}).values for label in draws[name][dim].values}
    return out


@pytest.mark.parametrize("day", [DAY, dt.date(2024, 1, 28)], ids=["war", "strikes"])
def test_means_are_those_of_importance_sampling(tmp_path: Path, day: dt.date):
    record = full_record(tmp_path / "record")
    new = unseen(build_panel(record, day), last=2)
    old = unseen(build_panel(record, day - dt.timedelta(days=14)))
    tree = tree_of(drawn(old, draws=6000, seed=1), old)
    updated = update_posterior(tree, new)
    diagnosis = diagnosis_of(updated)
    assert diagnosis is not None
    assert diagnosis.weeks == 2.0
    assert diagnosis.khat < 0.7
    got = quantities(samples(updated["posterior"].to_dataset()))
    many = drawn(new, draws=60_000, seed=2)
    weights = smoothed(log_likelihood(choices_of(new, PRIORS), many, new, PRIORS))
    assert weights.trusted
    assert weights.ess > 400
    before = quantities(drawn(new, draws=6000, seed=3))
    moved = 0
    for name, values in quantities(many).items():
        mean = weights.weight @ values
        spread = np.sqrt(weights.weight @ (values - mean) ** 2)
        error = spread * np.sqrt(1 / weights.ess + 1 / diagnosis.ess_draws)
        assert abs(got[name].mean() - mean) < 4 * error, name
        assert 0.7 < got[name].std() / spread < 1.4, name
        moved += abs(before[name].mean() - mean) > 4 * error
    assert moved >= 2  # otherwise this could not fail
