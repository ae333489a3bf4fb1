"""How long an update takes beside a full fit of the same day, and how far they lie apart: archived fits, moved again.

Usage: uv run python benchmarks/update_time.py forecasts --as-of 2026-10-09 [--base RUN_FOLDER] [--repeats 5] [--refit]
       --base is updated to the day, in a copy of the archive; a full run of the day in the archive, or one made now
       with --refit, is what it is held against. Seconds are those after imports, as the runs themselves tell them.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
from measured import Row, held, keep, median, of_process

from forecast.publish import list_runs, read_run
from forecast.publish.archive import Run

SECONDS, TIMES, APART = 2.0, 20.0, 0.02


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("archive", type=Path, help="archive that holds the fit")
    words.add_argument("--as-of", required=True, help="day to which it is updated")
    words.add_argument("--base", type=Path, help="run to update; the last full one before the day by default")
    words.add_argument("--case", default="us-iran")
    words.add_argument("--repeats", type=int, default=5)
    words.add_argument("--refit", action="store_true", help="make the full run of the day as well")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary) / "archive"
        shutil.copytree(asked.archive, out, ignore=shutil.ignore_patterns(".*.lock"))
        measure(asked, out)


def measure(asked: argparse.Namespace, out: Path) -> None:
    command = [sys.executable, "-m", "forecast.cli"]
    given = ["--case", asked.case, "--as-of", asked.as_of, "--out", str(out)]
    if asked.refit:
        of_process([*command, "run", *given, "--again"])
    before = full_runs(out, asked.case)
    base = asked.base or next(run.path for run in reversed(before) if str(run.meta["as_of"]) < asked.as_of)
    same_day = [run for run in before if str(run.meta["as_of"]) == asked.as_of]
    there = set(list_runs(out, asked.case)["path"])
    for _ in range(asked.repeats):
        of_process([*command, "update", str(out / asked.case / base.name), *given, "--again"])
    updates = [read_run(path) for path in list_runs(out, asked.case)["path"] if path not in there]
    setting = f"{asked.case}: fit as of {base.name[:10]} moved to {asked.as_of}"
    rows = []
    for stage in ("update", "total"):
        found = median([float(run.meta["wall_seconds"][stage]) for run in updates])
        row = Row(
            "update", f"{'draws moved' if stage == 'update' else 'draws moved, forecast, reports'}, wall", *found, "s"
        )
        rows.append(held(row, SECONDS))
    looks, ladders = zip(*(looked(out / asked.case / base.name, asked) for _ in range(asked.repeats)), strict=True)
    rows.append(held(Row("update", "a look: draws moved, ladder, wall", *median(looks), "s"), SECONDS))
    if same_day:
        full = same_day[-1]
        shares = [
            float(full.meta["wall_seconds"]["total"]) / float(run.meta["wall_seconds"]["total"]) for run in updates
        ]
        rows.append(held(Row("update", "full run / update, wall", *median(shares), "ratio"), TIMES, least=True))
        shares = [float(full.meta["wall_seconds"]["total"]) / seconds for seconds in looks]
        rows.append(held(Row("update", "full run / look, wall", *median(shares), "ratio"), TIMES, least=True))
        found = {"": [run.tables["ladder"] for run in updates], "a look: ": ladders}
        for what, those in found.items():
            apart = median([variation(ladder, full.tables["ladder"]) for ladder in those])
            name = f"{what}total variation from the full run, largest over horizons"
            rows.append(held(Row("update", name, *apart, ""), APART))
    keep([row._replace(repeats=len(updates), setting=setting) for row in rows])


def looked(base: Path, asked: argparse.Namespace) -> tuple[float, pd.DataFrame]:
    """Seconds of `forecast update --look` after its imports, in a process of its own, and its ladder."""
    call = (
        "import sys; from datetime import date; from forecast import Newer, look_ahead; "
        "newer = Newer(as_of=date.fromisoformat(sys.argv[2]), case=sys.argv[3]); "
        "seen = look_ahead(None, sys.argv[1], newer); print(seen.seconds); print(seen.ladder.to_csv(index=False))"
    )
    words = [sys.executable, "-c", call, str(base), asked.as_of, asked.case]
    seconds, ladder = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.split("\n", 1)
    return float(seconds), pd.read_csv(io.StringIO(ladder))


def full_runs(out: Path, case: str) -> list[Run]:
    """Whole runs that are no updates, oldest first."""
    found = [read_run(path) for path in list_runs(out, case).query("state == 'complete' and not quick")["path"]]
    return [run for run in found if not run.meta.get("updated_from")]


def variation(one: pd.DataFrame, other: pd.DataFrame) -> float:
    """Largest total variation between two ladders, over horizons."""
    keys = ["horizon_days", "rung"]
    shares = [ladder.set_index(keys)["probability"] for ladder in (one, other)]
    return float(0.5 * pd.concat(shares, axis=1).diff(axis=1).iloc[:, 1].abs().groupby("horizon_days").sum().max())


if __name__ == "__main__":
    main()
