"""How much faster several workers on as many cores make a back-test than one on one core, and with the same numbers.

Needs quiet cores, and native code that is there: run the same words once before.

Usage: OMP_NUM_THREADS=1 uv run python benchmarks/backtest_speedup.py [--workers 2] [--repeats 1] [-- --models inside]
       words behind -- go to `forecast backtest`
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
from pathlib import Path

from measured import Row, held, in_turn, keep, of_process, ratio

SHARE = 0.85


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--workers", type=int, default=2)
    words.add_argument("--repeats", type=int, default=1)
    words.add_argument("options", nargs="*", help="words for forecast backtest, behind --")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        found = in_turn(
            {f"{n}": (lambda n=n: once(n, asked.options, Path(temporary))) for n in (1, asked.workers)},
            asked.repeats,
            warm_up=0,
        )
        alike = contents(Path(temporary) / "1") == contents(Path(temporary) / str(asked.workers))
    if not alike:
        raise SystemExit("one worker and several gave different forecasts")
    serial, parallel = ([t.wall for t in times] for times in found.values())
    what = f"{asked.workers} workers on {asked.workers} cores / 1 on 1, same numbers"
    row = Row("back-test", what, *ratio(serial, parallel), "ratio")
    keep([held(row, SHARE * asked.workers, least=True)._replace(repeats=asked.repeats, setting=told(asked.options))])


def told(options: list[str]) -> str:
    """Options in words, cases counted instead of named."""
    names = [name for word, name in itertools.pairwise(options) if word == "--case"]
    others = [word for word in options if word != "--case" and word not in names]
    return " ".join([*others, *([f"({len(names)} cases)"] if names else [])])


def once(workers: int, options: list[str], folder: Path):
    out = folder / str(workers)
    if out.exists():
        out.rename(folder / f"{workers}-before-{len(list(folder.iterdir()))}")
    command = [sys.executable, "-m", "forecast.cli", "backtest", "--out", str(out), "--workers", str(workers)]
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(cores)[:workers])  # one process would use several: chains and futures run in threads
    try:
        return of_process([*command, *options])
    finally:
        os.sched_setaffinity(0, cores)


def contents(out: Path) -> dict[str, bytes]:
    """Forecasts and resolutions of a back-test by name of their file."""
    files = [out / "resolutions.csv", *sorted(out.glob("forecasts/*.csv"))]
    return {file.relative_to(out).as_posix(): file.read_bytes() for file in files}


if __name__ == "__main__":
    main()
