"""Simulation-based calibration: worlds drawn from the prior, fitted, and the rank of the truth among the draws.

Talts et al. (2018); the log density of truth and draws as a further test quantity after Modrák et al. (2023);
simultaneous bands after Säilynoja, Bürkner and Vehtari (2022).
"""

from __future__ import annotations

import ast
import hashlib
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from forecast.evaluation.worlds import draw_world, small_design
from forecast.inference.fit import Sampling, compile_panel, global_names, named_draws, sample
from forecast.model.build import model_coords, model_data
from forecast.model.priors import VECTORS, Prior, prior_draws, read_priors, vector_coords

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from forecast.inference.compile import Compiled

KEPT = 49  # draws that the truth is ranked among: every tenth, so that they are nearly independent
BINS = 10
SAMPLING = Sampling(tune=300, draws=490, chains=1, attempts=1)
DENSITY = {
    "model": (
        "build", "cells", "choices", "course", "crises", "design", "latent", "nodes", "past", "priors", "rows",
        "settlement", "signals",
    ),
    "inference": ("fused", "recursion"),
}  # fmt: skip
CERTIFICATE = Path(__file__).with_name("sbc.json")


def ranks(
    numbers: range, *, priors: Mapping[str, Prior] | None = None, progress: Callable[[str], None] = lambda _: None
) -> pd.DataFrame:
    """Ranks of the true values among posterior draws, one row a simulation.

    Parameters
    ----------
    numbers
        Numbers of the simulations; each is its own seed, so that runs can be split and resumed.
    priors
        The shipped table by default.
    progress
        Called with a line of text now and then.

    Returns
    -------
    DataFrame
        Index `simulation`; one column a scalar, with ranks 0 to `KEPT`; `divergent` (share) and `rhat` (largest over
        the global parameters). A world with more campaigns than its design has room for is missing.
    """
    chosen = read_priors() if priors is None else priors
    design = small_design()
    compiled = compile_panel(design, chosen)
    rows: dict[int, dict[str, float]] = {}
    for count, number in enumerate(numbers):
        row = _one(number, design, compiled, chosen)
        if row is not None:
            rows[number] = row
        if count % 10 == 9:
            progress(f"{count + 1} of {len(numbers)} simulations")
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("simulation")


def _one(number: int, design: xr.Dataset, compiled: Compiled, priors: Mapping[str, Prior]) -> dict | None:
    coords = model_coords(design)
    truth = prior_draws(priors, coords, draws=1, seed=1_000_000 + number).isel(sample=0)
    fixed = {name: np.array(p.parameters[0]) for name, p in priors.items() if p.family == "fixed"}
    try:
        world = draw_world(design, truth, fixed, seed=2_000_000 + number)
    except ValueError:
        return None
    ready = compiled.with_data(model_data(world.panel, priors))
    draws, statistics = sample(ready, replace(SAMPLING, seed=number))
    posterior = named_draws(draws, ready, world.panel, priors)
    true = truth.assign(resolve=(("side", "period"), world.resolve[0]),
                        credibility=(("side", "period"), world.credibility[0]))  # fmt: skip
    thin = posterior.stack(sample=("chain", "draw")).transpose("sample", ...)
    thin = thin.isel(sample=np.linspace(0, thin.sizes["sample"] - 1, KEPT).astype(int))
    row: dict[str, float] = {}
    names = global_names(priors, posterior)
    for name in names:
        row |= _ranks_of(name, thin[name], true[name])
    for name in ("resolve", "credibility"):
        last = {"period": [0, -1]}
        values, real = thin[name].isel(last), true[name].isel(last).assign_coords(period=["first", "last"])
        row |= _ranks_of(name, values.assign_coords(period=["first", "last"]), real)
    density = ready.density()
    here = density(point_of(truth, compiled, priors, coords))[0]
    flat = draws.reshape(-1, draws.shape[-1])[np.linspace(0, draws[..., 0].size - 1, KEPT).astype(int)]
    row["log density"] = sum(density(x)[0] < here for x in flat)
    row["divergent"] = float(statistics["diverging"].mean())
    row["rhat"] = _largest_rhat(posterior[names])
    return row


def _ranks_of(name: str, draws: xr.DataArray, truth: xr.DataArray) -> dict[str, float]:
    dims = [d for d in draws.dims if d != "sample"]
    below = (draws.transpose("sample", *dims).values < truth.transpose(*dims).values).sum(axis=0)
    labels = [[str(v) for v in draws[d].values] for d in dims]
    return {
        f"{name}[{', '.join(axis[i] for axis, i in zip(labels, at, strict=True))}]" if at else name: int(below[at])
        for at in np.ndindex(below.shape)
    }


def _largest_rhat(draws: xr.Dataset) -> float:
    """Largest split R-hat, without ranks: cheap, to tell runs that did not converge."""
    worst = 1.0
    for variable in draws.data_vars.values():
        values = variable.transpose("chain", "draw", ...).values
        half = values.shape[1] // 2
        split = np.concatenate([values[:, :half], values[:, half : 2 * half]])
        within, between = split.var(axis=1, ddof=1).mean(axis=0), split.mean(axis=1).var(axis=0, ddof=1)
        worst = max(worst, float(np.nanmax(np.sqrt(1 + between / within))))
    return worst


def point_of(
    truth: xr.Dataset, compiled: Compiled, priors: Mapping[str, Prior], coords: Mapping[str, list]
) -> np.ndarray:
    """Unconstrained point of the model at given parameters [unknown]."""
    parts = {}
    labels = vector_coords(priors, coords)
    for family, vector in VECTORS.items():
        names = dict.fromkeys(label.split("[")[0] for label in labels[f"{vector}_parameter"])
        values = np.concatenate([np.ravel(truth[name].values) for name in names])
        parts[vector] = np.log(values) if family == "lognormal" else values
    for name, prior in priors.items():
        if prior.family == "dirichlet":
            logs = np.log(truth[name].values)
            parts[f"{name}_simplex__"] = (logs - logs.mean())[:-1]
    return np.concatenate([parts[name].ravel() for name, _ in compiled.variables])


def uniformity(table: pd.DataFrame) -> pd.DataFrame:
    """Tests of uniform ranks, one row a scalar.

    Returns
    -------
    DataFrame
        Columns name, simulations, p_chi (chi-square over 10 bins), p_holm (Holm-adjusted over all rows), mean rank as
        a share, and coverage of the central 50, 80 and 95 % intervals.
    """
    rows = []
    within = np.random.default_rng(1).random(len(table))  # places a rank within its cell, so that coverage is exact
    for name in table.columns.drop(["divergent", "rhat"], errors="ignore"):
        share = (table[name].to_numpy() + 0.5) / (KEPT + 1)
        observed = np.histogram(share, bins=BINS, range=(0, 1))[0]
        away = np.abs((table[name].to_numpy() + within) / (KEPT + 1) - 0.5) * 2
        rows.append((name, len(share), stats.chisquare(observed).pvalue, share.mean(),
                     *((away < level).mean() for level in (0.5, 0.8, 0.95))))  # fmt: skip
    out = pd.DataFrame(rows, columns=["name", "simulations", "p_chi", "mean_rank", "cover_50", "cover_80", "cover_95"])
    out.insert(3, "p_holm", holm(out["p_chi"].to_numpy()))
    return out


def holm(p: np.ndarray) -> np.ndarray:
    """P-values adjusted for many tests (Holm 1979)."""
    order = np.argsort(p)
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    out = np.empty_like(p)
    out[order] = np.minimum(raised, 1.0)
    return out


def ecdf_band(simulations: int, *, level: float = 0.95, draws: int = 4000, seed: int = 1) -> pd.DataFrame:
    """Simultaneous band of the difference between the ECDF of uniform ranks and the diagonal.

    By simulation (Säilynoja et al. 2022): the pointwise level is set so that `level` of uniform samples stay inside at
    all points at once.

    Returns
    -------
    DataFrame
        Columns at (share), low, high.
    """
    at = np.linspace(0, 1, KEPT + 2)[1:-1]
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(simulations, np.full(KEPT + 1, 1 / (KEPT + 1)), size=draws)
    below = np.cumsum(counts, axis=1)[:, :-1]
    tail = np.minimum(stats.binom.cdf(below, simulations, at), stats.binom.sf(below - 1, simulations, at)).min(axis=1)
    gamma = np.quantile(tail, 1 - level)
    low, high = stats.binom.ppf(gamma, simulations, at), stats.binom.isf(gamma, simulations, at)
    return pd.DataFrame({"at": at, "low": low / simulations - at, "high": high / simulations - at})


def certificate(table: pd.DataFrame, priors: Mapping[str, Prior]) -> dict:
    """What a run of simulation-based calibration showed, bound to the code of the model and to its priors."""
    tests = uniformity(table)
    worst = tests.iloc[int(tests["p_holm"].to_numpy().argmin())]
    names = ("cover_50", "cover_80", "cover_95")
    return {
        "model_hash": model_hash(priors),
        "simulations": len(table),
        "quantities": len(tests),
        "smallest_p_holm": float(worst["p_holm"]),
        "worst_quantity": str(worst["name"]),
        "smallest_p_chi": float(tests["p_chi"].min()),
        "mean_coverage": {n: float(tests[n].mean()) for n in names},
        "range_of_coverage": {n: [float(tests[n].min()), float(tests[n].max())] for n in names},
        "divergent_share": float(table["divergent"].mean()),
        "simulations_with_rhat_above_1.05": int((table["rhat"] > 1.05).sum()),
    }


def model_hash(priors: Mapping[str, Prior] | None = None) -> str:
    """Hash (sha256, hex) of what the calibration depends on: code of the model and numbers of its priors.

    The code without comments and docstrings of `forecast.model` and of the loops in which its density is computed, and
    family, parameters and dims of every prior.
    """
    digest = hashlib.sha256()
    modules = [(folder, name) for folder, names in DENSITY.items() for name in names]
    for path in (Path(__file__).parents[1] / folder / f"{name}.py" for folder, name in modules):
        digest.update(path.name.encode() + b"\0" + _bare(path.read_text(encoding="utf-8")).encode())
    for name, prior in sorted((read_priors() if priors is None else priors).items()):
        digest.update(repr((name, prior.family, prior.parameters, prior.dims)).encode())
    return digest.hexdigest()


def _bare(source: str) -> str:
    """Syntax tree of a module without its docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        documented = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        if documented and body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            node.body = body[1:]
    return ast.dump(tree)


def read_certificate() -> dict:
    """The certificate that ships with the package."""
    return json.loads(CERTIFICATE.read_text(encoding="utf-8"))


def run(
    folder: Path,
    *,
    simulations: int = 1000,
    workers: int = 2,
    batch: int = 20,
    progress: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """Run simulations in parallel processes; finished batches are kept in a folder, so that a run can be resumed.

    Parameters
    ----------
    folder
        Holds one CSV a batch, named by the hashes of model and priors: a run never mixes two models.
    simulations, workers, batch
        How many, in how many processes, and how many a batch.
    progress
        Called with a line of text after each batch.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stamp = model_hash()[:12]
    parts = [(k, range(k, min(k + batch, simulations))) for k in range(0, simulations, batch)]
    paths = {k: folder / f"ranks-{stamp}-{k:05d}.csv" for k, _ in parts}
    open_parts = [(numbers, paths[k]) for k, numbers in parts if not paths[k].exists()]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for done in pool.map(_batch, open_parts):
            progress(f"{done.name} written")
    return pd.concat(pd.read_csv(path, index_col="simulation") for path in paths.values())


def _batch(part: tuple[range, Path]) -> Path:
    numbers, path = part
    table = ranks(numbers)
    table.to_csv(path.with_suffix(".part"))
    return path.with_suffix(".part").rename(path)
