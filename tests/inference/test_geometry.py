"""Coordinates learned from an earlier posterior change the speed of the sampler and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from full_record import DAY, full_record

from forecast.errors import ArchiveError
from forecast.inference.compile import Compiled
from forecast.inference.fit import Sampling, growing, nuts_model
from forecast.inference.geometry import (
    PLAIN,
    Geometry,
    coordinates,
    geometry_of,
    read_geometry,
    shipped_for,
    write_geometry,
)
from forecast.model.build import model_coords
from forecast.model.priors import read_priors, vector_coords
from forecast.record.panel import build_panel

COVARIANCE = np.array([[4.0, 3.8, 0.0], [3.8, 4.0, 0.0], [0.0, 0.0, 0.01]])
PRECISION = np.linalg.inv(COVARIANCE)
MEAN = np.array([10.0, -5.0, 1.0])
LABELS = ["slope", "level", "other"]


def ridge() -> Compiled:
    """A normal density with two unknowns that move together."""

    def density(point: np.ndarray) -> tuple[float, np.ndarray]:
        pull = PRECISION @ (point - MEAN)
        return -0.5 * float((point - MEAN) @ pull), -pull

    return Compiled(density, (), {}, (("x", (3,)),), np.zeros(3))


def learned(size: int = 4000) -> Geometry:
    draws = np.random.default_rng(1).multivariate_normal(MEAN, COVARIANCE, size)
    return geometry_of(draws, LABELS, ["slope", "level"])


def test_the_map_is_linear_and_its_gradient_is_the_transpose():
    chart = coordinates(learned(), LABELS)
    rng, value = np.random.default_rng(2), ridge().density()
    z, step = rng.normal(size=3), 1e-6
    gradient = chart.gradient(value(chart.points(z))[1])
    steps = [
        (value(chart.points(z + step * e))[0] - value(chart.points(z - step * e))[0]) / (2 * step) for e in np.eye(3)
    ]
    assert gradient == pytest.approx(steps, rel=1e-5)
    many = rng.normal(size=(4, 5, 3))
    assert (chart.points(many)[2, 3] == chart.points(many[2, 3])).all()
    assert (chart.points(many)[..., 2] == many[..., 2]).all()  # what it does not know stays as it is


def test_in_its_coordinates_what_was_a_ridge_is_nearly_round():
    chart = coordinates(learned(), LABELS)
    factor = np.eye(3)
    factor[np.ix_(chart.at, chart.at)] = chart.factor
    seen = factor.T @ PRECISION @ factor
    assert np.linalg.cond(seen[:2, :2]) < 4 < np.linalg.cond(COVARIANCE[:2, :2])


def test_a_model_that_knows_only_some_of_the_parameters_uses_their_part():
    chart = coordinates(learned(), ["new", "level", "other"])
    assert list(chart.at) == [1]
    assert chart.factor[0, 0] == pytest.approx(2.0, rel=0.1)
    assert len(coordinates(learned(), ["new"]).at) == len(coordinates(PLAIN, LABELS).at) == 0


def test_the_file_says_what_was_learned(tmp_path: Path):
    whole = learned()
    write_geometry(whole, tmp_path / "geometry.json", {"case": "a-b"})
    again = read_geometry(tmp_path / "geometry.json")
    assert again.labels == whole.labels
    assert again.factor == pytest.approx(whole.factor, rel=1e-3)
    assert again.center == pytest.approx(whole.center, rel=1e-3)


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"labels": ["a"], "center": [0], "factor": [1, 2], "past_crises": 1, "as_of": "2024-01-01"}', "[1]"],
)
def test_a_file_of_another_form_is_refused_with_its_name(tmp_path: Path, text: str):
    (tmp_path / "bad.json").write_text(text, encoding="utf-8")
    with pytest.raises(ArchiveError, match=r"bad\.json: not a geometry"):
        read_geometry(tmp_path / "bad.json")


def test_the_shipped_one_knows_the_parameters_of_the_present_model(tmp_path: Path):
    panel, priors = build_panel(full_record(tmp_path / "record"), DAY), read_priors()
    labels = vector_coords(priors, model_coords(panel)).values()
    shares = {f"resolve_share_simplex__[{k}]" for k in range(3)}
    shipped = read_geometry()
    unknown = set(shipped.labels) - shares - {label for some in labels for label in some}
    assert not unknown, f"`forecast study geometry` is due: the model has no {sorted(unknown)}"
    assert np.all(np.diag(shipped.factor) > 0)


def test_a_panel_with_few_past_crises_or_of_an_earlier_day_does_without(tmp_path: Path):
    panel = build_panel(full_record(tmp_path / "record"), DAY)
    assert panel.sizes["episode"] - 1 < read_geometry().past_crises / 2
    assert shipped_for(panel) is PLAIN
    many = panel.isel(episode=np.zeros(read_geometry().past_crises + 1, dtype=int))
    assert DAY.isoformat() < read_geometry().as_of
    assert shipped_for(many) is PLAIN
    assert shipped_for(many.assign_attrs(as_of=read_geometry().as_of)) is read_geometry()


@pytest.mark.slow
def test_the_sampler_finds_the_same_posterior_in_either_coordinates():
    found = {}
    for name, geometry in (("plain", PLAIN), ("learned", learned())):
        chart = coordinates(geometry, LABELS)
        draws, _ = next(growing(ridge(), Sampling(tune=300, draws=2000, attempts=1, seed=3), chart))
        found[name] = draws.reshape(-1, 3)
    for draws in found.values():
        assert draws.mean(axis=0) == pytest.approx(MEAN, abs=0.15)
        assert np.cov(draws.T) == pytest.approx(COVARIANCE, abs=0.45)
    assert nuts_model(ridge(), coordinates(learned(), LABELS)).n_dim == 3
