"""Fit: compile once, let the chains run until the gate's numbers are reached or the cap is."""

from __future__ import annotations

import json
import platform
import time
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import nutpie
import xarray as xr
from nutpie.compiled_pyfunc import PyFuncModel, from_pyfunc

from forecast.errors import ArchiveError
from forecast.inference.carry import PATHS
from forecast.inference.compile import Compiled, compile_model
from forecast.inference.fused import NATIVE
from forecast.inference.gate import CHECKED, checked, convergence
from forecast.inference.geometry import PLAIN, Coordinates, Geometry, coordinates, shipped_for, unknown_labels
from forecast.model.build import build_model, model_coords, model_data
from forecast.model.latent import paths
from forecast.model.priors import VECTORS, Prior, prior_draws, prior_hash, read_priors, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

AROUND = 2.0
PROGRESS_MS = 250  # between looks at how far the chains are
DERIVED = ("resolve_innovation",)  # recoverable from `resolve`; left out of stored posteriors


@dataclass(frozen=True)
class Sampling:
    """Settings of the sampler: draws at the first look at the chains, how many looks at most, and the seed.

    From look to look the chains grow by half of `draws`.
    """

    tune: int = 150
    draws: int = 600
    chains: int = 4
    attempts: int = 7
    target_accept: float = 0.8
    seed: int = 20260228

    @classmethod
    def quick(cls, seed: int) -> Sampling:
        """Settings for a look, not for publication."""
        return cls(tune=150, draws=200, chains=2, attempts=1, seed=seed)


def fit(
    panel: xr.Dataset,
    priors: Mapping[str, Prior] | None = None,
    sampling: Sampling | None = None,
    *,
    compiled: Compiled | None = None,
    geometry: Geometry | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> xr.DataTree:
    """Sample the posterior of the model of one panel.

    The chains are looked at when each has `sampling.draws` draws and then after every half as many more, until every
    global parameter and every point of the latent paths passes the convergence part of the gate or there have been
    `sampling.attempts` looks; the draws up to the last look are returned either way. More chains of the same length
    would not help: R-hat falls with the effective size of each chain (Vats and Knudson 2021).

    Parameters
    ----------
    panel
        From `build_panel`.
    priors
        From `read_priors`; the shipped table by default.
    sampling
        Sampler settings.
    compiled
        From `compile_panel`, of any panel whose parameters have the same dims (`same_dims`); compiled anew by default.
    geometry
        Where the global parameters may be expected and how they move together (`geometry_of`); by default the
        shipped one, or none of a panel with few past crises. It bears on speed alone.
    progress
        Called with a line of text at each stage.

    Returns
    -------
    DataTree
        Groups `posterior`, `sample_stats` (dims chain, draw, ...), `panel`, and where a look decided `convergence` (not
        saved with it: what was found of every scalar); attributes hold priors, versions, seed and times.
    """
    priors = read_priors() if priors is None else priors
    chosen = Sampling() if sampling is None else sampling
    began = time.perf_counter()
    ready = compile_panel(panel, priors) if compiled is None else compiled.with_data(model_data(panel, priors))
    compiled_at = time.perf_counter()
    if compiled is None:
        progress(f"model compiled in {compiled_at - began:.0f} s ({len(ready.start)} unknowns)")
    labels = unknown_labels(ready, priors, model_coords(panel))
    chart = coordinates(shipped_for(panel) if geometry is None else geometry, labels)
    posterior, stats, found = xr.Dataset(), xr.Dataset(), {}
    for look, (draws, seen) in enumerate(growing(ready, chosen, chart), start=1):
        posterior, stats = named_draws(draws, ready, panel, priors), seen
        told = f"look {look}: {posterior.sizes['chain']} chains x {posterior.sizes['draw']} draws"
        if look == chosen.attempts:  # nothing hangs on what is found
            progress(told)
            break
        rows = convergence(posterior[[*global_names(priors, posterior), *PATHS]])
        found = {CHECKED: checked(rows, posterior)}
        least = rows[["ess_bulk", "ess_tail"]].min().min()
        progress(f"{told}, largest R-hat {rows['rhat'].max():.3f}, smallest ESS {least:.0f}")
        if rows["passed"].all():
            break
    sampled_at = time.perf_counter()
    tree = xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats, "panel": panel} | found)
    tree.attrs = {
        "priors": json.dumps({k: p.model_dump() for k, p in priors.items()}),
        "prior_hash": prior_hash(priors),
        "sampling": json.dumps(asdict(chosen) | {"draws_used": posterior.sizes["draw"], "sampler": "nutpie NUTS"}),
        "versions": json.dumps(versions()),
        "compile_seconds": compiled_at - began,
        "sample_seconds": sampled_at - compiled_at,
        "seed": chosen.seed,
    }
    return tree


def compile_panel(panel: xr.Dataset, priors: Mapping[str, Prior] | None = None) -> Compiled:
    """Compile the model of one panel, for this and every panel of the same dims (see `same_dims`)."""
    given = read_priors() if priors is None else priors
    return compile_model(build_model(panel, given, steps=NATIVE))


def same_dims(one: xr.Dataset, other: xr.Dataset) -> bool:
    """Whether the models of two panels have parameters of the same dims, so that one compilation serves both."""

    def sizes(panel: xr.Dataset) -> dict[str, int]:
        return {name: len(labels) for name, labels in model_coords(panel).items()}

    return sizes(one) == sizes(other) and one.attrs["period_days"] == other.attrs["period_days"]


def sample(compiled: Compiled, sampling: Sampling, chart: Coordinates | None = None) -> tuple[np.ndarray, xr.Dataset]:
    """Run NUTS (nutpie) on a compiled model for `sampling.draws` draws a chain (see `growing`).

    Returns
    -------
    ndarray, Dataset
        Draws on the unconstrained scale [chain, draw, unknown], and the sampler's statistics (chain, draw).
    """
    return next(growing(compiled, replace(sampling, attempts=1), chart))


def growing(
    compiled: Compiled, sampling: Sampling, chart: Coordinates | None = None
) -> Iterator[tuple[np.ndarray, xr.Dataset]]:
    """Run NUTS and look at its chains while they grow; they are stopped when no further look is asked for.

    What is seen at a look depends on the seed and not on the time of the look: the first draws of every chain. The
    sampler moves in the coordinates given (`coordinates`), in the model's own unknowns by default.

    Yields
    ------
    ndarray, Dataset
        As from `sample`, of `sampling.draws` draws a chain at first and half as many more at each further look.
    """
    lengths = [sampling.draws + sampling.draws * k // 2 for k in range(sampling.attempts)]
    finished = [0]
    chart = coordinates(PLAIN, ()) if chart is None else chart

    def watch(chains: list) -> None:
        finished[0] = min(chain.finished_draws for chain in chains) - sampling.tune

    running = nutpie.sample(
        nuts_model(compiled, chart),
        draws=lengths[-1],
        tune=sampling.tune,
        chains=sampling.chains,
        cores=sampling.chains,  # all together, so that each look sees all of them
        seed=sampling.seed,
        save_warmup=False,
        progress_bar=False,
        progress_callback=watch,
        progress_rate=PROGRESS_MS,
        target_accept=sampling.target_accept,
        blocking=False,
    )

    def over() -> bool:
        try:
            return bool(running.is_finished)
        except TimeoutError:  # nutpie 0.16 raises it where it should say no
            return False

    whole: xr.DataTree | None = None
    try:
        for length in lengths:
            while whole is None and finished[0] < length and not over():
                time.sleep(PROGRESS_MS / 1000)
            if whole is None and (over() or length == lengths[-1]):
                whole = running.wait()
            points, stats = first_draws(running.inspect() if whole is None else whole, length)
            if whole is None:
                running.pause()  # what is done with the draws would share cores and interpreter with the chains
            yield chart.points(points), stats
            if whole is None:
                running.resume()
    finally:
        if whole is None:
            running.cancel()


def first_draws(traces: xr.DataTree, length: int) -> tuple[np.ndarray, xr.Dataset]:
    """The first draws of every chain, and their statistics."""
    kept = slice(0, length)
    points = traces["posterior"].to_dataset()["point"].isel(draw=kept)
    return points.transpose("chain", "draw", ...).values, traces["sample_stats"].to_dataset().isel(draw=kept)


def nuts_model(compiled: Compiled, chart: Coordinates) -> PyFuncModel:
    """A compiled model in the form that nutpie samples from, with starting points around its own.

    What the coordinates know begins up to `AROUND` standard deviations to either side of where it may be expected.
    """
    size = len(compiled.start)

    def density() -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
        value = compiled.density()

        def moved(point: np.ndarray) -> tuple[float, np.ndarray]:
            found, gradient = value(chart.points(point))
            return found, chart.gradient(gradient)

        return moved if len(chart.at) else value

    def start(seed: int) -> np.ndarray:
        point = compiled.start + np.random.default_rng(seed).uniform(-0.5, 0.5, size)
        point[chart.at] = np.random.default_rng(seed).uniform(-AROUND, AROUND, len(chart.at))
        return point

    return from_pyfunc(
        size,
        density,
        lambda *_: lambda point: {"point": point},
        [np.dtype("float64")],
        [(size,)],
        ["point"],
        make_initial_point_fn=start,
    )


def named_draws(draws: np.ndarray, compiled: Compiled, panel: xr.Dataset, priors: Mapping[str, Prior]) -> xr.Dataset:
    """Parameters by name and the latent paths of the case, from draws on the unconstrained scale.

    Parameters
    ----------
    draws
        From `sample` [chain, draw, unknown].

    Returns
    -------
    Dataset
        dims (chain, draw, ...); the shocks behind `resolve` are left out.
    """
    coords = model_coords(panel)
    parts, begin = {}, 0
    for name, shape in compiled.variables:
        size = int(np.prod(shape))
        parts[name] = draws[..., begin : begin + size]
        begin += size
    lead = ("chain", "draw")
    vectors = xr.Dataset(
        {v: ((*lead, f"{v}_parameter"), parts[v]) for v in VECTORS.values()}
        | {
            p.name: ((*lead, *p.dims), from_log_ratios(parts[f"{p.name}_simplex__"]))
            for p in priors.values()
            if p.family == "dirichlet"
        },
        coords={"chain": np.arange(draws.shape[0]), "draw": np.arange(draws.shape[1])}
        | {d: coords[d] for p in priors.values() if p.family == "dirichlet" for d in p.dims},
    )
    found = unpack(vectors, priors, coords)
    return found.merge(paths(found, panel)).drop_vars(DERIVED)


def from_log_ratios(values: np.ndarray) -> np.ndarray:
    """Shares [..., k] from PyMC's unconstrained form of a simplex [..., k - 1], log ratios that sum to zero."""
    full = np.concatenate([values, -values.sum(axis=-1, keepdims=True)], axis=-1)
    weight = np.exp(full - full.max(axis=-1, keepdims=True))
    return weight / weight.sum(axis=-1, keepdims=True)


def sample_prior(
    panel: xr.Dataset, priors: Mapping[str, Prior] | None = None, *, draws: int = 500, seed: int = 1
) -> xr.Dataset:
    """Draws of all parameters from the prior, with one `sample` dim."""
    priors = read_priors() if priors is None else priors
    return prior_draws(priors, model_coords(panel), draws=draws, seed=seed)


def samples(posterior: xr.Dataset) -> xr.Dataset:
    """Chains and draws stacked into one last dim `sample`, chain by chain."""
    size = posterior.sizes["chain"] * posterior.sizes["draw"]
    flat = {}
    for name, values in posterior.transpose("chain", "draw", ...).items():
        # not by xarray, which cannot stack what has no values: effects of past crises where there are none
        rows = values.to_numpy().reshape(size, *values.shape[2:])
        flat[name] = ((*values.dims[2:], "sample"), np.ascontiguousarray(np.moveaxis(rows, 0, -1)))
    return xr.Dataset(flat, posterior.drop_vars(["chain", "draw"], errors="ignore").coords)


def global_names(priors: Mapping[str, Prior], posterior: xr.Dataset) -> list[str]:
    """Names of the global parameters: every prior but the per-unit effects and shocks of the latents."""
    units = {"region", "actor", "dyad", "dyad_side", "episode", "reference_side", "spell", "step"}
    return [name for name, prior in priors.items() if not units & set(prior.dims) and name in posterior]


def versions() -> dict[str, str]:
    """Versions of what the numbers depend on."""
    names = ("crisis-forecast", "pymc", "pytensor", "nutpie", "numba", "numpy", "arviz-base", "arviz-stats", "xarray")
    return {name: version(name) for name in names} | {"python": platform.python_version()}


def save_posterior(tree: xr.DataTree, path: Path | str) -> None:
    """Write a posterior as netCDF that ArviZ reads (`arviz.from_netcdf`); draws as 32-bit floats, compressed."""
    kept = {name: node.to_dataset() for name, node in tree.children.items() if name != CHECKED}
    compact = xr.DataTree.from_dict({name: _compact(group) for name, group in kept.items()})
    compact.attrs = {k: v for k, v in tree.attrs.items() if v is not None}
    encoding = {
        f"/{name}": {
            v: {"zlib": True, "complevel": 4} for v, values in node.data_vars.items() if values.dtype.kind == "f"
        }
        for name, node in compact.children.items()
    }
    compact.to_netcdf(path, engine="netcdf4", encoding=encoding)


def load_posterior(path: Path | str) -> xr.DataTree:
    """Read a posterior written by `save_posterior`.

    Raises
    ------
    ArchiveError
        No such file, not netCDF, or a group is missing.
    """
    where = Path(path)
    try:
        tree = xr.open_datatree(where, engine="netcdf4").load()
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ArchiveError(f"{where}: not a readable posterior ({error}); fit again to write it anew") from error
    missing = {"posterior", "sample_stats", "panel"} - set(tree.children)
    if missing:
        raise ArchiveError(f"{where}: groups missing: {', '.join(sorted(missing))}; fit again to write it anew")
    tree.close()
    return tree


def _compact(data: xr.Dataset) -> xr.Dataset:
    out = data.map(lambda v: v.astype("float32") if v.dtype == "float64" and "draw" in v.dims else v)
    return out.assign_attrs(data.attrs)
