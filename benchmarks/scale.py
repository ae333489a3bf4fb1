"""How long many crises take: made-up records, every case forecast by `forecast run --all`.

Usage: nice uv run python benchmarks/scale.py --count 100 --workers 2 -- --no-prior-sets --no-scenarios
       words behind -- go to `forecast run`; --folder keeps records and archive, and resumes them
       --dask starts a Dask scheduler and its workers here, instead of processes
       --twice asks for all of them once more, which must find every one in the archive
       --broken N gives N of the records a fault, so that the table must tell them
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from measured import commit, of_call
from synthetic_records import write_records

from forecast.many import run_all
from forecast.publish import list_runs, read_run, write_index

if TYPE_CHECKING:
    from collections.abc import Iterator


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--count", type=int, default=100, help="records")
    words.add_argument("--workers", type=int, default=1, help="runs at a time")
    words.add_argument("--dask", action="store_true", help="on a Dask cluster of that many workers on this machine")
    words.add_argument("--scheduler", default="", help="address of a Dask scheduler that runs already")
    words.add_argument("--reference", choices=["shipped", "none"], default="shipped", help="past crises of each record")
    words.add_argument("--broken", type=int, default=0, help="records with a fault, the last ones")
    words.add_argument("--twice", action="store_true", help="ask for all of them once more")
    words.add_argument("--folder", type=Path, help="folder for records and archive; a temporary one by default")
    words.add_argument("--json", type=Path, help="file for the figures")
    words.add_argument("options", nargs="*", help="words for forecast run, behind --")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        measure(asked, asked.folder or Path(temporary))


def measure(asked: argparse.Namespace, folder: Path) -> None:
    records = folder / "records"
    if not records.exists():
        for path in write_records(records, asked.count, reference=asked.reference)[asked.count - asked.broken :]:
            (path / "moves.csv").write_text("broken\n", encoding="utf-8")
    before = cpu_seconds()
    first, seconds = timed(asked, folder)
    cpu = cpu_seconds() - before
    print(first.drop(columns="record").to_string(index=False))
    made = int((first["state"] == "published").sum())
    figures = {
        "cases": len(first),
        "states": first["state"].value_counts().to_dict(),
        "options": asked.options,
        "reference": asked.reference,
        "workers": asked.workers,
        "dask": asked.dask or bool(asked.scheduler),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "commit": commit(),
        "wall seconds": round(seconds, 1),
        "CPU seconds a case made": round(cpu / made, 1) if made else None,
        "peak memory of a run, MiB": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
    } | archived(folder / "archive")
    if asked.twice:
        before = cpu_seconds()
        again, seconds = timed(asked, folder)
        figures["states when asked for again"] = again["state"].value_counts().to_dict()
        figures["CPU seconds a case when asked for again"] = round((cpu_seconds() - before) / len(again), 1)
    text = json.dumps(figures, indent=1)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n", encoding="utf-8")


def archived(archive: Path) -> dict[str, object]:
    """Wall seconds of the stages of all runs in an archive, by median, and its size by run."""
    paths = list_runs(archive).query("state == 'complete'")["path"]
    stages = pd.DataFrame([read_run(path).meta["wall_seconds"] for path in paths])
    index = of_call(lambda: write_index(archive))
    sizes = [sum(file.stat().st_size for file in Path(path).rglob("*") if file.is_file()) / 1e6 for path in paths]
    return {
        "runs in the archive": len(paths),
        "wall seconds of a run by stage, median": stages.median().round(1).to_dict(),
        "CPU seconds of the index page, a run": round(index.cpu / len(paths), 3),
        "size of a run, MB, median": round(float(pd.Series(sizes).median()), 1),
    }


def cpu_seconds() -> float:
    """CPU seconds of the processes that were started here and have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(asked: argparse.Namespace, folder: Path) -> tuple[pd.DataFrame, float]:
    began = time.perf_counter()
    with cluster(asked.workers) if asked.dask else nullcontext(asked.scheduler) as scheduler:
        table = run_all(
            folder / "records", asked.options, out=folder / "archive", scheduler=scheduler,
            workers=1 if scheduler else asked.workers, progress=lambda text: print(text, flush=True),
        )  # fmt: skip
    return table, time.perf_counter() - began


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """A Dask scheduler with so many workers of one thread, each a process; yields its address."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=None
    ) as here:
        yield here.scheduler_address


if __name__ == "__main__":
    main()
