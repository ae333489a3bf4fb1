"""The choices that the fast update evaluates are the likelihood of the model, to eight digits, draw by draw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from densities import Densities, Point
from full_record import DAY, full_record
from prior_trees import drawn

from forecast.inference.columns import SOURCES, parameter_labels
from forecast.inference.likelihood import choices_of, joined, log_likelihood, some
from forecast.inference.news import latent_keys, news, told
from forecast.model.build import DERIVED_SHAPES, model_coords
from forecast.model.priors import read_priors, unpack
from forecast.record.panel import build_panel

PRIORS = read_priors()


def named(densities: Densities, point: Point, panel: xr.Dataset) -> xr.Dataset:
    """A point of the model as one draw of parameters and paths by name."""
    found = densities.values(point)
    length = int(panel["length"].values[0])
    vectors = {v: (("sample", f"{v}_parameter"), found[v][None]) for v in ("normal", "log_normal")}
    draws = unpack(xr.Dataset(vectors), PRIORS, model_coords(panel))
    paths = {n: (("sample", "side", "period"), found[n][None, :, :length]) for n in ("resolve", "credibility")}
    return draws.assign(paths | {"resolve_share": (("sample", "component"), found["resolve_share"][None])})


@pytest.mark.parametrize("seed", range(4))
def test_all_choices_together_are_the_models_log_likelihood(panel: xr.Dataset, densities: Densities, seed: int):
    point = densities.somewhere(seed, scale=0.8)
    found = log_likelihood(choices_of(panel, PRIORS), named(densities, point, panel), panel, PRIORS)
    assert found[0] == pytest.approx(densities.likelihood(point), rel=1e-12, abs=1e-8)


def test_two_paths_differ_by_what_the_model_says(panel: xr.Dataset, densities: Densities):
    one = densities.somewhere(1)
    other = dict(one)
    key = densities.key("normal")
    shocks = [i for i, label in enumerate(densities.labels["normal"]) if label.startswith("resolve_innovation")]
    other[key] = one[key].copy()
    other[key][shocks] += np.random.default_rng(2).standard_normal(len(shocks))
    choices = choices_of(panel, PRIORS)
    inside = some(choices, np.flatnonzero(choices.step >= 0))
    found = [log_likelihood(inside, named(densities, p, panel), panel, PRIORS)[0] for p in (one, other)]
    assert abs(found[0] - found[1]) > 1.0
    assert found[0] - found[1] == pytest.approx(densities.likelihood(one) - densities.likelihood(other), abs=1e-8)


def test_parts_add_up(panel: xr.Dataset):
    draws, choices = drawn(panel, draws=20, seed=3), choices_of(panel, PRIORS)
    order = np.random.default_rng(4).permutation(len(choices.kind))
    one, other = some(choices, order[:900]), some(choices, order[900:])
    whole = log_likelihood(choices, draws, panel, PRIORS)
    np.testing.assert_allclose(log_likelihood(joined(one, other), draws, panel, PRIORS), whole, rtol=1e-10)
    apart = log_likelihood(one, draws, panel, PRIORS) + log_likelihood(other, draws, panel, PRIORS)
    np.testing.assert_allclose(apart, whole, rtol=1e-10)


def test_every_derived_quantity_has_its_sources(panel: xr.Dataset):
    assert set(SOURCES) == set(DERIVED_SHAPES)
    assert {source for names in SOURCES.values() for source in names} <= set(PRIORS)
    for labels in (parameter_labels(panel, PRIORS), latent_keys(panel)):
        assert len(set(labels)) == len(labels)


def test_news_is_the_difference_between_two_panels(tmp_path: Path):
    record = full_record(tmp_path / "record")
    later = build_panel(record, DAY)
    earlier = later.copy(deep=True)
    for name in ("force_observed", "talks_observed"):
        earlier[name].values[0, 18:] = False
        earlier[name].values[2, 5:] = False
    ids: dict[str, int] = {}
    before, after = (told(panel, PRIORS, ids) for panel in (earlier, later))
    draws = drawn(later, draws=30, seed=5)
    fresh = news(before, after)
    assert 0 < len(fresh.place) < len(after.keys)
    come = log_likelihood(fresh.fresh, draws, later, PRIORS)
    gone = log_likelihood(fresh.lost, draws, earlier, PRIORS)
    whole = [log_likelihood(t.choices, draws, p, PRIORS) for t, p in ((before, earlier), (after, later))]
    np.testing.assert_allclose(come + gone, whole[1] - whole[0], atol=1e-8)
    assert not len(news(after, after).place)
