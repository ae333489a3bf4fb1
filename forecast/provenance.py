"""Where a forecast comes from: hashes of code, panel and record, commit, versions, times and memory."""

from __future__ import annotations

import hashlib
import json
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.evaluation.sbc import model_hash
from forecast.inference.carry import priors_of
from forecast.publish.manifest import plain
from forecast.record import record_hashes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import xarray as xr

    from forecast.record import Record

PACKAGE = Path(__file__).parent


def code_hash() -> str:
    """Hash of the package's own source and data files (sha256, hex), so that a run names the code it came from."""
    digest = hashlib.sha256()
    for file in sorted(PACKAGE.rglob("*")):
        if file.is_file() and not {"__pycache__", "_data"} & set(file.parts):
            digest.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def panel_hash(panel: xr.Dataset) -> str:
    """Hash of every value of a panel (sha256, hex)."""
    digest = hashlib.sha256(json.dumps(plain(dict(panel.attrs)), sort_keys=True).encode())
    for name in sorted(str(v) for v in panel.variables):
        values = panel[name].values
        digest.update(name.encode() + (values.astype("U").tobytes() if values.dtype.kind == "U" else values.tobytes()))
    return digest.hexdigest()


def provenance(own: Record, seen: Record, tree: xr.DataTree, created: datetime) -> dict:
    """Facts of a run for its meta data: time, seed, commit, hashes, versions and settings of the sampler."""
    commit, dirty = _commit()
    panel = tree["panel"].to_dataset()
    return {
        "created": created.isoformat(),
        "seed": int(tree.attrs["seed"]),
        "commit": commit,
        "dirty": dirty,
        "record_hash": own.hash,
        "table_hashes": record_hashes(seen),
        "panel_hash": panel_hash(panel),
        "code_hash": code_hash(),
        "prior_hash": str(tree.attrs["prior_hash"]),
        "model_hash": model_hash(priors_of(tree)),
        "versions": json.loads(str(tree.attrs["versions"])),
        "sampler": json.loads(str(tree.attrs["sampling"]))
        | {"compile_seconds": round(float(tree.attrs["compile_seconds"]), 1),
           "sample_seconds": round(float(tree.attrs["sample_seconds"]), 1)},
    }  # fmt: skip


def _commit() -> tuple[str, bool]:
    """Commit of the source checkout and whether it has changes; ("", False) outside a checkout."""
    try:
        head = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=PACKAGE, capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()
        changes = subprocess.run(
            ["git", "status", "--porcelain", "--", ".", "../data"],
            cwd=PACKAGE, capture_output=True, text=True, check=True, timeout=10,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return "", False
    return head, bool(changes.strip())


def peak_memory() -> int | None:
    """Highest resident memory of this process in MiB; None where the system does not tell."""
    try:
        import resource
    except ModuleNotFoundError:
        return None
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


@contextmanager
def timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Enter the seconds that the block takes under the name of its stage."""
    began = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - began
