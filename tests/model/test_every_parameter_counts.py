"""Every parameter of the prior table moves the likelihood of the shipped panel: no term was dropped silently."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import xarray as xr
from densities import Densities

from forecast.model.priors import read_priors
from forecast.record import read_record
from forecast.record.panel import build_panel

DAY = dt.date(2026, 10, 9)
FREE = [name for name, prior in read_priors().items() if prior.family != "fixed"]
WITHOUT_DATA = {
    "limited_in_campaign": "in the shipped campaigns of the case both sides fight at campaign level in every week",
}


@pytest.fixture(scope="module")
def shipped() -> xr.Dataset:
    return build_panel(read_record(), DAY)


@pytest.fixture(scope="module")
def here(shipped: xr.Dataset) -> Densities:
    return Densities(shipped)


def moved(densities: Densities, name: str, point: dict[str, np.ndarray], terms: dict[str, float]) -> bool:
    """Whether the likelihood differs once all entries of a parameter are pushed aside."""
    other = {key: value.copy() for key, value in point.items()}
    if name == "resolve_share":
        other["resolve_share_simplex__"] += 0.3
    for vector, labels in densities.labels.items():
        key = densities.key(vector)
        mine = [label.split("[")[0] == name for label in labels]
        other[key][mine] += 0.1 + 0.1 * np.arange(sum(mine)) / max(sum(mine), 1)
    assert any((other[key] != point[key]).any() for key in point), f"{name} is not in the model"
    return max(abs(value - terms[part]) for part, value in densities.terms(other).items()) > 1e-6


def test_pushing_a_parameter_aside_changes_the_likelihood(here: Densities):
    point = here.somewhere(1)
    terms = here.terms(point)
    still = {name for name in FREE if not moved(here, name, point, terms)}
    assert still == set(WITHOUT_DATA)


def test_every_entry_has_a_slope_but_those_without_data(shipped: xr.Dataset, here: Densities):
    slopes = here.slopes(here.somewhere(2))
    flat = {
        label
        for vector, labels in here.labels.items()
        for label, slope in zip(labels, slopes[here.key(vector)], strict=True)
        if slope == 0
    }
    assert (slopes["resolve_share_simplex__"] != 0).all()
    assert flat == set(WITHOUT_DATA) | entries_without_data(shipped)


def entries_without_data(panel: xr.Dataset) -> set[str]:
    """Padding after the last period, phases that a crisis has not reached, episodes without any overt act."""
    out = set()
    length = int(panel["length"].values[0])
    out |= {f"resolve_innovation[{s}, {t}]" for s in "ab" for t in range(length, -(-length // 32) * 32)}
    for e, name in enumerate(map(str, panel["episode"].values)):
        one = panel.isel(episode=e, period=slice(1, int(panel["length"].values[e])))
        opening = one["force_observed"].values & (one["force"].values >= 2).any(axis=0)
        if not opening.any():
            out.add(f"onset_episode[{name}]")
        for k, phase in enumerate(("before", "during", "after")):
            seen = one["force_observed"].values & (one["phase"].values == k)
            if e > 0 and not seen.any():
                out |= {f"episode_resolve[{name}: {s}, {phase}]" for s in "ab"}
    return out


def test_every_parameter_of_the_table_is_in_the_model_once(here: Densities):
    names = [label.split("[")[0] for labels in here.labels.values() for label in labels]
    assert set(names) | {"resolve_share"} == set(FREE)
    labels = [label for all_of in here.labels.values() for label in all_of]
    assert len(labels) == len(set(labels))


def test_every_parameter_moves_the_small_panel_too(densities: Densities):
    point = densities.somewhere(3)
    terms = densities.terms(point)
    assert [name for name in FREE if not moved(densities, name, point, terms)] == []
