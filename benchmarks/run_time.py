"""How long whole runs take, where the time goes, and what a cold start costs: the shipped record, whole processes.

Usage: uv run python benchmarks/run_time.py --quick [--repeats 3]           # cold and warm, of quick runs, in turn
       uv run python benchmarks/run_time.py                                  # the whole run; some minutes each
       uv run python benchmarks/run_time.py --bare                           # without other priors and scenarios
       uv run python benchmarks/run_time.py --archive forecasts [--case us-iran]   # of the stages of archived runs

Cold: caches of compiled code (PyTensor's, Numba's) in an empty folder. Warm: the same folder once more.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import pandas as pd
from measured import Row, Times, held, keep, median, of_process

from forecast.publish import list_runs, read_run

COLD, WARM = 180.0, 60.0


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--archive", type=Path, help="only tell the stages of the runs in this archive")
    words.add_argument("--case", default="us-iran")
    words.add_argument("--quick", action="store_true", help="quick runs")
    words.add_argument("--bare", action="store_true", help="runs without other priors and scenarios")
    words.add_argument("--repeats", type=int, default=1, help="pairs of a cold and a warm run")
    asked = words.parse_args()
    if asked.archive:
        keep(stages(asked.archive, asked.case))
        return
    cold, warm = zip(*(pair(asked) for _ in range(asked.repeats)), strict=True)
    kind = "quick run" if asked.quick else "run without other priors and scenarios" if asked.bare else "run"
    rows = []
    for name, times, bar in (("cold", cold, COLD), ("warm", warm, WARM)):
        for unit, values in (("CPU", [t.cpu for t in times]), ("wall", [t.wall for t in times])):
            row = Row("run", f"{kind}, {name}, {unit}", *median(values), "s", repeats=asked.repeats)
            rows.append(held(row, bar) if unit == "wall" and not asked.quick else row)
    keep(rows)


def pair(asked: argparse.Namespace) -> tuple[Times, Times]:
    """Times of a run with empty caches and of one with those that it left."""
    options = ["--quick"] * asked.quick + ["--no-prior-sets", "--no-scenarios"] * asked.bare
    with tempfile.TemporaryDirectory() as folder:
        caches = {"PYTENSOR_FLAGS": f"base_compiledir={folder}/pytensor", "NUMBA_CACHE_DIR": f"{folder}/numba"}
        command = [sys.executable, "-m", "forecast.cli", "run", "--case", asked.case, *options]
        cold, warm = (
            of_process([*command, "--out", f"{folder}/{name}"], environment=caches) for name in ("cold", "warm")
        )
    return cold, warm


def stages(archive: Path, case: str) -> list[Row]:
    """Median wall seconds of each stage, over the whole runs of a case that are no updates."""
    seconds: dict[str, list[float]] = defaultdict(list)
    commits, days = set(), set()
    for path in list_runs(archive, case).query("state == 'complete' and not quick")["path"]:
        meta = read_run(path).meta
        if not meta.get("updated_from"):
            commits.add(str(meta["commit"])[:7] + ("+" if meta["dirty"] else ""))
            days.add(str(meta["created"])[:10])
            told = pd.Series(meta["wall_seconds"])
            for name, value in told.items():
                seconds[str(name)].append(float(value))
            extra = told.reindex(["prior_sets", "what_if", "compare"]).sum()
            seconds["total without other priors and scenarios"].append(float(told["total"] - extra))
    rows = [
        Row("run", f"archived, {name}, wall s", *median(values), "s", repeats=len(values), setting=case)
        for name, values in seconds.items()
    ]
    stamp = {"commit": ", ".join(sorted(commits)), "date": max(days, default=""), "load": "load not known"}
    rows = [row._replace(**stamp) for row in rows]
    return [held(row, WARM) if "total" in row.what else row for row in rows]


if __name__ == "__main__":
    main()
