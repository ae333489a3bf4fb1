"""How many side-periods a second one core simulates: futures of a case from draws of the prior, or of a posterior.

Usage: OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 uv run python benchmarks/path_simulation.py [--posterior FILE.nc]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from measured import Row, held, keep, median, of_call

from forecast.inference.fit import load_posterior, sample_prior, samples
from forecast.model.latent import paths as latent_paths
from forecast.outlook.simulate import simulate
from forecast.outlook.world import start_now, world_of
from forecast.record import read_record, with_reference
from forecast.record.asof import default_as_of
from forecast.record.panel import build_panel

DAYS = 180
BAR = 1e6


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--posterior", type=Path, help="posterior of an archived run; draws of the prior by default")
    words.add_argument("--draws", type=int, default=400)
    words.add_argument("--paths", type=int, default=50, help="futures a draw")
    words.add_argument("--repeats", type=int, default=15)
    asked = words.parse_args()
    draws, panel, source = given(asked)
    step = int(panel.attrs["period_days"])
    world, start, periods = world_of(draws, panel), start_now(draws, panel), -(-DAYS // step)
    count = draws.sizes["sample"] * asked.paths * periods * 2

    def once() -> None:
        simulate(world, start, periods=periods, paths=asked.paths, period_days=step, seed=1)

    once()  # native code is made, or read from the cache
    rates = [count / of_call(once).cpu / 1e6 for _ in range(asked.repeats)]
    found = median(rates)
    setting = f"{draws.sizes['sample']} draws of the {source} x {asked.paths} futures x {periods} periods"
    row = Row("simulation", "side-periods a CPU second", *found, "million", repeats=asked.repeats, setting=setting)
    keep([held(row, BAR / 1e6, least=True)])


def given(asked: argparse.Namespace):
    """Draws with one `sample` dim, their panel, and what they are draws of."""
    if asked.posterior:
        tree = load_posterior(asked.posterior)
        panel, draws = tree["panel"].to_dataset(), samples(tree["posterior"].to_dataset())
        return draws.isel(sample=slice(0, asked.draws)), panel, "posterior"
    record = read_record()
    panel = build_panel(with_reference(record), default_as_of(record))
    draws = sample_prior(panel, draws=asked.draws)
    return draws.merge(latent_paths(draws, panel)), panel, "prior"


if __name__ == "__main__":
    main()
