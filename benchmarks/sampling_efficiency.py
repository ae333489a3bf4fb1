"""Effective draws a second: the sampler of the package against PyMC's own NUTS and NumPyro, on one model, in turn.

Usage: OMP_NUM_THREADS=1 uv run [--with numpyro] python benchmarks/sampling_efficiency.py [--reference none]
       [--repeats 3] [--samplers nutpie pymc numpyro]

Each sampler draws the same number of chains on one core, with the tuning and draws that are its default (--tune and
--draws give all the same). What is compared is the smallest bulk ESS over all scalars that the model draws, over CPU
seconds of tuning and sampling; the time to compile is left out for all.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import arviz_stats
import numpy as np
import pymc as pm
import xarray as xr
from measured import Row, held, keep, median, ratio
from synthetic_records import LAST, write_records

from forecast.inference.fit import Sampling, compile_panel, sample
from forecast.inference.geometry import PLAIN, coordinates, shipped_for, unknown_labels
from forecast.model.build import build_model, model_coords
from forecast.model.priors import read_priors
from forecast.record import read_record, with_reference
from forecast.record.asof import default_as_of
from forecast.record.panel import build_panel

SUBJECT = "shipped: the shipped record with its past crises; none: one made-up case without"
BARS = {"pymc": 3.0, "numpyro": 1.5}
OURS = ("package", "nutpie")  # the sampler of the package, and the same one without its learned coordinates
THEIRS = (1000, 1000)  # tuning and draws of pm.sample by default


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--reference", choices=["shipped", "none"], default="shipped", help=SUBJECT)
    words.add_argument("--samplers", nargs="+", choices=[*OURS, *BARS], default=[*OURS, "pymc"])
    words.add_argument("--tune", type=int)
    words.add_argument("--draws", type=int)
    words.add_argument("--chains", type=int, default=2)
    words.add_argument("--repeats", type=int, default=3, help="each of another seed")
    asked = words.parse_args()
    panel = panel_of(asked.reference)
    model = build_model(panel, read_priors())
    run = {
        "package": package_run(panel, learned=True),
        "nutpie": package_run(panel, learned=False),
        "pymc": by_pymc(model, "pymc"),
        "numpyro": by_pymc(model, "numpyro", chain_method="sequential"),
    }
    unknowns = sum(int(np.prod(np.shape(v))) for v in model.initial_point().values())
    found: dict[str, list[float]] = {name: [] for name in asked.samplers}
    for repeat in range(asked.repeats):
        for name in asked.samplers:
            tune, size = lengths(name, asked)
            draws, cpu = run[name](Sampling(tune=tune, draws=size, chains=asked.chains, seed=repeat + 1))
            least = smallest(draws)
            found[name].append(least / cpu)
            print(f"{repeat + 1} {name}: smallest bulk ESS {least:.0f} in {cpu:.1f} CPU s", flush=True)
    subject = "shipped record" if asked.reference == "shipped" else "one made-up case"
    rows = []
    for name, rates in found.items():
        tune, size = lengths(name, asked)
        setting = f"{unknowns} unknowns, {asked.chains} chains of {tune} + {size} draws"
        row = Row("sampling", f"{name}, {subject}", *median(rates), "ESS a CPU second")
        rows.append(row._replace(repeats=asked.repeats, setting=setting))
        if name in BARS and "package" in found:
            row = Row("sampling", f"package / {name}, {subject}", *ratio(found["package"], rates), "ratio")
            rows.append(held(row, BARS[name], least=True)._replace(repeats=asked.repeats, setting=setting))
    keep(rows)


def lengths(name: str, asked: argparse.Namespace) -> tuple[int, int]:
    """Tuning and draws of a sampler: what was asked for, or its own default."""
    tune, draws = (Sampling().tune, Sampling().draws) if name in OURS else THEIRS
    return asked.tune or tune, asked.draws or draws


def panel_of(reference: str) -> xr.Dataset:
    if reference == "shipped":
        record = read_record()
        return build_panel(with_reference(record), default_as_of(record))
    with tempfile.TemporaryDirectory() as folder:
        (path,) = write_records(Path(folder), 1, reference="none")
        return build_panel(with_reference(read_record(path)), LAST)


def smallest(draws: xr.Dataset) -> float:
    """Smallest bulk ESS of all scalars; constant ones, which have none, are left out."""
    return float(min(np.nanmin(values.values) for values in arviz_stats.ess(draws, method="bulk").data_vars.values()))


def package_run(panel: xr.Dataset, *, learned: bool):
    """A run of the package's sampler, in the coordinates that ship with it or in the model's own."""
    ready = compile_panel(panel)
    labels = unknown_labels(ready, read_priors(), model_coords(panel))
    chart = coordinates(shipped_for(panel) if learned else PLAIN, labels)

    def run(sampling: Sampling) -> tuple[xr.Dataset, float]:
        began = time.process_time()
        points, _ = sample(ready, sampling, chart)
        cpu = time.process_time() - began
        return xr.Dataset({"point": (("chain", "draw", "unknown"), points)}), cpu

    return run


def by_pymc(model: pm.Model, sampler: str, **nuts: str):
    """A run of `pm.sample`; the CPU time of the same call for one draw, which compiles too, is taken off."""

    def sampled(sampling: Sampling) -> tuple[xr.DataTree, float]:
        began = time.process_time()
        with model:
            trace = pm.sample(
                draws=sampling.draws, tune=sampling.tune, chains=sampling.chains, cores=1, nuts_sampler=sampler,
                random_seed=sampling.seed, progressbar=False, quiet=True, compute_convergence_checks=False,
                nuts={"target_accept": sampling.target_accept, **nuts},
            )  # fmt: skip
        return trace, time.process_time() - began

    def run(sampling: Sampling) -> tuple[xr.Dataset, float]:
        short = replace(sampling, draws=1, tune=1)
        sampled(short)  # native code is made, and kept on disk
        _, start = sampled(short)
        trace, cpu = sampled(sampling)
        return trace["posterior"].to_dataset()[[variable.name for variable in model.free_RVs]], cpu - start

    return run


if __name__ == "__main__":
    main()
