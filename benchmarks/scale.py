"""How long many crises take: made-up records, every case forecast by `forecast run --all`, then asked for once more.

Usage: nice uv run python benchmarks/scale.py --count 100 --workers 2 -- --no-prior-sets --no-scenarios
       words behind -- go to `forecast run`; --folder keeps records and archive, and resumes them
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from pathlib import Path

import pandas as pd
from synthetic_records import write_records

from forecast.many import run_all


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--count", type=int, default=100, help="records")
    words.add_argument("--workers", type=int, default=1, help="runs at a time")
    words.add_argument("--scheduler", default="", help="address of a Dask scheduler")
    words.add_argument("--reference", choices=["shipped", "none"], default="shipped", help="past crises of each record")
    words.add_argument("--folder", type=Path, help="folder for records and archive; a temporary one by default")
    words.add_argument("--json", type=Path, help="file for the figures")
    words.add_argument("options", nargs="*", help="words for forecast run, behind --")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        measure(asked, asked.folder or Path(temporary))


def measure(asked: argparse.Namespace, folder: Path) -> None:
    records = folder / "records"
    if not records.exists():
        write_records(records, asked.count, reference=asked.reference)
    first, seconds = timed(asked, folder)
    print(first.drop(columns="record").to_string(index=False))
    _, again = timed(asked, folder)
    done = first[first["state"] == "published"]["seconds"]
    figures = {
        "cases": len(first),
        "states": first["state"].value_counts().to_dict(),
        "options": asked.options,
        "reference": asked.reference,
        "workers": asked.workers,
        "cores": os.cpu_count(),
        "seconds": round(seconds, 1),
        "seconds a case, median": round(float(done.median()), 1) if len(done) else None,
        "seconds a case, longest": round(float(done.max()), 1) if len(done) else None,
        "seconds when asked for again": round(again, 1),
        "peak memory of a run, MiB": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
    }
    text = json.dumps(figures, indent=1)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n", encoding="utf-8")


def timed(asked: argparse.Namespace, folder: Path) -> tuple[pd.DataFrame, float]:
    began = time.perf_counter()
    table = run_all(
        folder / "records", asked.options, out=folder / "archive", workers=asked.workers, scheduler=asked.scheduler,
        progress=lambda text: print(text, flush=True),
    )  # fmt: skip
    return table, time.perf_counter() - began


if __name__ == "__main__":
    main()
