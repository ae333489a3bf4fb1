"""What log-density and gradient cost against the size of the panel: made-up cases of growing length, in turn.

Usage: OMP_NUM_THREADS=1 uv run python benchmarks/gradient_cost.py [--times 1 3 10] [--repeats 15]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from measured import Row, Times, held, in_turn, keep, median, of_call, ratio
from synthetic_records import LAST, WEEKS, write_records

from forecast.inference.fit import compile_panel
from forecast.record import read_record, with_reference
from forecast.record.panel import build_panel

BATCH = 0.15  # seconds of CPU of one measurement


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--times", type=int, nargs="+", default=[1, 3, 10], help=f"length of the case in {WEEKS} weeks")
    words.add_argument("--repeats", type=int, default=15)
    asked = words.parse_args()
    works, sizes = {}, {}
    for times in asked.times:
        works[str(times)], sizes[str(times)] = density(times)
        print(f"{times} x {WEEKS} weeks: {sizes[str(times)]} unknowns", flush=True)
    found = in_turn(works, asked.repeats)
    first = str(asked.times[0])
    rows = []
    for name, times in found.items():
        cpu = [1000 * t.cpu for t in times]
        setting = f"{sizes[name]} unknowns, {int(name) * WEEKS} weeks, no past crises"
        row = Row("gradient", f"{name} x the rows", *median(cpu), "ms CPU", repeats=asked.repeats, setting=setting)
        rows.append(row)
        if name != first:
            shares = ratio(cpu, [1000 * t.cpu for t in found[first]])
            row = Row("gradient", f"{name} x the rows / {first} x", *shares, "ratio", repeats=asked.repeats)
            rows.append(held(row, 1.1 * int(name) / int(first)))
    keep(rows)


def density(times: int):
    """The measurement of one call at one length of the case, and the number of unknowns."""
    with tempfile.TemporaryDirectory() as folder:
        (path,) = write_records(Path(folder), 1, reference="none", weeks=WEEKS * times)
        panel = build_panel(with_reference(read_record(path)), LAST)
    compiled = compile_panel(panel)
    function = compiled.density()
    point = compiled.start + np.random.default_rng(1).uniform(-0.1, 0.1, len(compiled.start))
    function(point)  # native code is made at the first call
    once = of_call(lambda: [function(point) for _ in range(20)]).cpu / 20
    calls = max(int(BATCH / once), 1)

    def measured() -> Times:
        taken = of_call(lambda: [function(point) for _ in range(calls)])
        return Times(taken.wall / calls, taken.cpu / calls)

    return measured, len(point)


if __name__ == "__main__":
    main()
