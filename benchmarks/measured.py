"""What the benchmarks share: times of processes and calls, pairs in turn, intervals, and the table of results."""

from __future__ import annotations

import csv
import datetime as dt
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

RESULTS: Final = Path(__file__).parent / "results" / "speed.csv"
REPLICATES: Final = 2000


class Times(NamedTuple):
    """Wall and CPU (user + system) seconds of one piece of work."""

    wall: float
    cpu: float


class Row(NamedTuple):
    """One line of the table of results; `low` and `high` are the 95 % interval of the median `value`."""

    claim: str
    what: str
    value: float
    low: float
    high: float
    unit: str
    bar: str = ""
    met: str = ""
    repeats: int = 1
    setting: str = ""
    command: str = ""
    commit: str = ""
    date: str = ""
    load: str = ""


def of_call(work: Callable[[], object]) -> Times:
    """Times of one call in this process, all its threads."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Times(time.perf_counter() - wall, time.process_time() - cpu)


def of_process(
    words: Sequence[str], *, environment: Mapping[str, str] | None = None, codes: Sequence[int] = (0,)
) -> Times:
    """Times of one process and of those that it waited for; it fails unless the exit code is one of `codes`."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        words, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env=os.environ | dict(environment or {}),
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in codes:
        raise SystemExit(f"{' '.join(words)}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Times(time.perf_counter() - wall, cpu)


def in_turn(works: Mapping[str, Callable[[], Times]], repeats: int, *, warm_up: int = 1) -> dict[str, list[Times]]:
    """Times of several pieces of work, A B A B …, so that a drift of the machine falls on all of them alike."""
    for work in list(works.values()) * warm_up:
        work()
    found: dict[str, list[Times]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            found[name].append(work())
    return found


def median(values: Sequence[float] | np.ndarray) -> tuple[float, float, float]:
    """Median, and its 95 % interval by bootstrap."""
    values = np.asarray(values, float)
    if len(values) == 1:
        return float(values[0]), float("nan"), float("nan")
    picked = np.random.default_rng(1).integers(len(values), size=(REPLICATES, len(values)))
    low, high = np.quantile(np.median(values[picked], axis=1), [0.025, 0.975])
    return float(np.median(values)), float(low), float(high)


def ratio(one: Sequence[float], other: Sequence[float]) -> tuple[float, float, float]:
    """Median of the ratios one / other, pair by pair, and its 95 % interval."""
    return median(np.asarray(one, float) / np.asarray(other, float))


def keep(rows: Sequence[Row]) -> None:
    """Write rows into the table of results, over those of the same claim and subject, and print them."""
    old = list(csv.DictReader(RESULTS.open(encoding="utf-8"))) if RESULTS.exists() else []
    stamp = {
        "commit": commit(),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "load": f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
        "command": f"python benchmarks/{' '.join([Path(sys.argv[0]).name, *map(named, sys.argv[1:])])}",
    }
    fresh = [row._asdict() | {key: text for key, text in stamp.items() if not row._asdict()[key]} for row in rows]
    replaced = {(row["claim"], row["what"]) for row in fresh}
    for row in fresh:
        for name in ("value", "low", "high"):
            row[name] = "" if np.isnan(row[name]) else f"{row[name]:.4g}"
        print(f"{row['claim']}: {row['what']}: {row['value']} [{row['low']}, {row['high']}] {row['unit']} {row['met']}")
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, Row._fields, lineterminator="\n")
        table.writeheader()
        table.writerows([row for row in old if (row["claim"], row["what"]) not in replaced] + fresh)


def named(word: str) -> str:
    """A word of the command, a path of this machine by its last part."""
    return Path(word).name if Path(word).is_absolute() else word


def held(row: Row, bar: float, *, least: bool = False) -> Row:
    """The row with its bar, and whether the median keeps to it; wall seconds of a busy machine are not judged."""
    kept = row.value >= bar if least else row.value <= bar
    busy = row.what.endswith("wall") and os.getloadavg()[0] > (os.cpu_count() or 1)
    met = "busy" if busy else "yes" if kept else "no"
    return row._replace(bar=f"{'at least' if least else 'at most'} {bar:g}", met=met)


def commit() -> str:
    """Short commit of the checkout, with a plus where the package has changes."""
    changed = _git("status", "--porcelain", "--", "../forecast", "../data")
    return _git("rev-parse", "--short", "HEAD") + ("+" if changed else "")


def _git(*words: str) -> str:
    here = Path(__file__).parent
    return subprocess.run(["git", *words], capture_output=True, text=True, check=True, cwd=here).stdout.strip()
