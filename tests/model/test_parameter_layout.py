"""The model, named draws and prior draws agree on which number is which parameter, and on its prior."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import yaml
from densities import MODE, Densities
from scipy import stats

from forecast.errors import UsageError
from forecast.inference.fit import samples
from forecast.model.build import model_coords
from forecast.model.priors import VECTORS, prior_draws, prior_hash, read_priors, unpack, vector_coords

PRIORS = read_priors()
DRAWN = {name: prior for name, prior in PRIORS.items() if prior.family != "fixed"}


@pytest.fixture(scope="module")
def coords(panel: xr.Dataset) -> dict[str, list]:
    return model_coords(panel)


@pytest.fixture(scope="module")
def draws(coords: dict[str, list]) -> xr.Dataset:
    """Two chains of three draws of the vectors, in which every entry is its own position."""
    labels = vector_coords(PRIORS, coords)
    out = {}
    for vector in VECTORS.values():
        dim = f"{vector}_parameter"
        if dim not in labels:
            continue
        values = np.arange(len(labels[dim])) + np.arange(6).reshape(2, 3, 1) / 10
        out[vector] = (("chain", "draw", dim), values / 1000)
    return xr.Dataset(out, coords={d: labels[d] for d in labels} | {"chain": [0, 1], "draw": [0, 1, 2]})


def test_unpack_gives_each_label_its_number(coords: dict[str, list], draws: xr.Dataset):
    named = unpack(draws, PRIORS, coords)
    for family, vector in VECTORS.items():
        if vector not in draws:
            continue
        raw = draws[vector].isel(chain=1, draw=2)
        for label, number in zip(raw[f"{vector}_parameter"].values, raw.values, strict=True):
            name, _, where = str(label).partition("[")
            variable = named[name].isel(chain=1, draw=2)
            if where:
                at = where.removesuffix("]").split(", ")
                texts = [[str(c) for c in variable[d].values] for d in variable.dims]
                variable = variable.values[tuple(t.index(a) for t, a in zip(texts, at, strict=True))]
            assert float(variable) == pytest.approx(np.exp(number) if family == "lognormal" else number)


def test_unpack_and_prior_draws_have_the_same_variables_dims_and_labels(coords: dict[str, list], draws: xr.Dataset):
    named = samples(unpack(draws, PRIORS, coords))
    before = prior_draws(PRIORS, coords, draws=4, seed=1)
    assert set(before) == set(DRAWN)
    for name, prior in DRAWN.items():
        assert before[name].dims == ("sample", *prior.dims)
        assert before[name].shape == (4, *(len(coords[d]) for d in prior.dims))
        for d in prior.dims:
            assert list(before[name][d].values) == list(coords[d])
        if prior.family != "dirichlet":
            one = named[name].transpose("sample", ...)
            assert one.dims == before[name].dims
            assert one.shape[1:] == before[name].shape[1:]
            for d in prior.dims:
                assert list(one[d].values) == list(coords[d])


def density(name: str, number: float, at: tuple[int, ...]) -> float:
    prior = PRIORS[name]
    first = np.asarray(prior.parameters[0], dtype=float)
    first = float(first[at]) if first.ndim else float(first)
    if prior.family == "lognormal":
        return stats.norm.logpdf(number, np.log(first), prior.parameters[1])
    return stats.norm.logpdf(number, first, prior.parameters[1])


def test_each_entry_has_the_prior_of_its_row(densities: Densities, coords: dict[str, list]):
    point = densities.somewhere(9)
    values = densities.values(point)
    free = {str(v.name): v for v in densities.model.free_RVs}
    for vector, labels in densities.labels.items():
        model_prior = densities.model.compile_fn(
            densities.model.logp(vars=[free[vector]], jacobian=False, sum=True),
            inputs=densities.model.value_vars, mode=MODE, on_unused_input="ignore",
        )  # fmt: skip
        expected = 0.0
        for label, number in zip(labels, values[vector], strict=True):
            name, _, where = label.partition("[")
            at = where.removesuffix("]").split(", ") if where else []
            position = tuple([str(c) for c in coords[d]].index(a) for d, a in zip(PRIORS[name].dims, at, strict=True))
            expected += density(name, float(number), position)
        assert float(model_prior(point)) == pytest.approx(expected, rel=1e-9)


def test_prior_draws_have_the_moments_of_the_table(coords: dict[str, list]):
    before = prior_draws(PRIORS, coords, draws=4000, seed=2)
    for name, prior in DRAWN.items():
        values = before[name].values
        if prior.family == "dirichlet":
            weights = np.array(prior.parameters, dtype=float)
            np.testing.assert_allclose(values.sum(axis=-1), 1.0, rtol=1e-12)
            np.testing.assert_allclose(values.mean(axis=0), weights / weights.sum(), atol=0.02)
        else:
            location, scale = prior.parameters
            values = np.log(values) if prior.family == "lognormal" else values
            location = np.log(location) if prior.family == "lognormal" else np.asarray(location)
            np.testing.assert_allclose(values.mean(axis=0) - location, 0.0, atol=6 * scale / np.sqrt(4000))
            assert (values - location).std() == pytest.approx(scale, rel=0.06)


def test_prior_draws_repeat_with_the_seed(coords: dict[str, list]):
    one, two, three = (prior_draws(PRIORS, coords, draws=3, seed=s) for s in (5, 5, 6))
    xr.testing.assert_identical(one, two)
    assert (one["overt_resolve"] != three["overt_resolve"]).all()


def test_the_hash_ignores_order_and_notices_a_number():
    turned = dict(reversed(PRIORS.items()))
    assert prior_hash(turned) == prior_hash(PRIORS)
    changed = PRIORS | {"overt_resolve": PRIORS["overt_resolve"].model_copy(update={"parameters": (0.9, 0.35)})}
    assert prior_hash(changed) != prior_hash(PRIORS)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("just text", "not a table"),
        ([{"name": "x", "family": "normal"}], "not a table"),
        ([PRIORS["overt_resolve"].model_dump() | {"family": "cauchy"}], "not a table"),
        ([PRIORS["overt_resolve"].model_dump(mode="json")] * 2, "named twice"),
    ],
)
def test_a_faulty_table_is_refused(tmp_path: Path, rows: object, told: str):
    path = tmp_path / "priors.yaml"
    path.write_text(yaml.safe_dump(rows if isinstance(rows, str) else [dict(r, parameters=list(r.get("parameters", ())))
                                                                      for r in rows]), encoding="utf-8")  # fmt: skip
    with pytest.raises(UsageError, match=told):
        read_priors(path)


def test_a_missing_table_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="nowhere"):
        read_priors(tmp_path / "nowhere.yaml")
