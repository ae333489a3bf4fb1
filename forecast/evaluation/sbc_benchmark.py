"""K: simulation-based calibration as a benchmark – ranks, simulated or given, held against a bar and written down."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import UsageError
from forecast.evaluation import sbc
from forecast.evaluation.benchmarks.contest import COLUMNS
from forecast.evaluation.benchmarks.publish import code_version
from forecast.evaluation.files import write_table, write_text
from forecast.evaluation.intervals import mean_interval
from forecast.model.priors import read_priors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ID: Final = "K"
TITLE: Final = "simulation-based calibration of the model"
SIMULATIONS: Final = 1000
"""Simulations that the bar asks for."""
LEAST_P: Final = 0.01
"""Bar of the rank tests: no p-value below it after Holm's correction."""
SLACK: Final = {0.5: 0.03, 0.8: 0.03, 0.95: 0.02}
"""Bar of coverage, by level of the central interval: how far the mean over all quantities may lie from the level."""
FOLDER: Final = "K-ranks"
BATCH: Final = 20
ENTRANT: Final = "the model"
_BESIDE: Final = ("divergent", "rhat")
_CODE: Final = (
    ".",
    "../sbc.py",
    "../sbc_benchmark.py",
    "../worlds.py",
    "../drawing.py",
    "../../model",
    "../../inference",
)
_PACKAGES: Final = ("crisis-forecast", "numpy", "scipy", "pandas", "pymc", "pytensor", "nutpie")


class Ranks(NamedTuple):
    """Ranks of the truth, and where they are from.

    Attributes
    ----------
    table
        As `forecast.evaluation.sbc.ranks` gives it.
    sha256
        Hash of the file, or of all files of the folder in order of their names.
    model
        Hash of the model that was simulated, as far as it is told; of files in a folder its first 12 digits.
    """

    table: pd.DataFrame
    sha256: str
    model: str


def read_ranks(path: Path) -> Ranks:
    """Read ranks from one file (.csv, .csv.gz), or from the folder that a study of calibration left.

    Raises
    ------
    UsageError
        No ranks are there, or of several models, or a file is none of ranks.
    """
    files = sorted(path.glob("ranks-*.csv")) if path.is_dir() else [path]
    stamps = {file.name.split("-")[1] for file in files} if path.is_dir() else set()
    if path.is_dir() and len(stamps) != 1:
        raise UsageError(
            f"{path}: holds ranks of {len(stamps)} models ({', '.join(sorted(stamps)) or 'no file ranks-*.csv'}); "
            "one is wanted: give the folder of one study, or move the others out of it"
        )
    digest = hashlib.sha256()
    for file in files:
        digest.update(_bytes(file))
    table = pd.concat([_ranks(file) for file in files], ignore_index=True)
    if table["simulation"].duplicated().any():
        raise UsageError(
            f"{path}: simulation {table['simulation'][table['simulation'].duplicated()].iloc[0]} stands twice"
        )
    table = table.set_index("simulation")
    return Ranks(table, digest.hexdigest(), stamps.pop() if stamps else _certified(table))


def verdict(table: pd.DataFrame) -> pd.DataFrame:
    """What the ranks say, held against the bar.

    Parameters
    ----------
    table
        Ranks, one row a simulation.

    Returns
    -------
    DataFrame
        Columns of `forecast.evaluation.benchmarks.contest.COLUMNS`, then `bar` and `reached`. Rows: how many
        simulations, the smallest Holm-adjusted p-value of the rank tests, and the mean coverage of central intervals
        over all quantities, with its 95 % interval by simulation. `reference` is what was wanted, `difference` the mean
        less it; `rows` counts quantities, `clusters` simulations. `better` has no meaning here and is empty.
    """
    tests = sbc.uniformity(table)
    smallest = float(tests["p_holm"].min())
    rows = [
        ("simulations", "number", (len(table), np.nan, np.nan), SIMULATIONS, f"at least {SIMULATIONS}",
         len(table) >= SIMULATIONS),
        ("rank tests", "smallest p, Holm-adjusted", (smallest, np.nan, np.nan), LEAST_P, f"at least {LEAST_P}",
         smallest >= LEAST_P),
    ]  # fmt: skip
    for level, slack in SLACK.items():
        mean = mean_interval(_covered(table, level), np.arange(len(table)))
        found = (mean.estimate, mean.low, mean.high)
        reached = bool(abs(mean.estimate - level) <= slack)
        rows.append(
            (f"coverage of {level:.0%} intervals", "share", found, level, f"{level:.0%} ± {slack:.0%}", reached)
        )
    lines = [
        dict(zip(COLUMNS, (ID, task, ENTRANT, "candidate", score, *found, wanted, *(v - at for v in found), None,
                           len(tests), len(table), np.nan), strict=True)) | {"bar": at, "reached": bool(reached)}
        for task, score, found, at, wanted, reached in rows
    ]  # fmt: skip
    return pd.DataFrame(lines)


def publish(
    data: Path | None,
    out: Path,
    *,
    simulations: int = SIMULATIONS,
    workers: int = 1,
    progress: Callable[[str], None] = lambda _text: None,
) -> pd.DataFrame:
    """Write ``K-scores.csv``, ``K-uniformity.csv`` (every quantity) and ``K.json`` in the form of the other benchmarks.

    Parameters
    ----------
    data
        Ranks to judge without simulating; None to simulate, into the folder ``K-ranks`` of `out`, where finished
        batches are kept so that a run can be resumed or prolonged.
    out
        Where the benchmarks' scores are kept.
    simulations, workers
        How many worlds are drawn and fitted (whole batches of `BATCH` are made), in how many processes.
    progress
        Called with a line of text after each batch.

    Returns
    -------
    DataFrame
        As `verdict` gives it.
    """
    began, start = datetime.now(UTC), time.perf_counter()
    code = code_version(_CODE)
    if data is None:
        whole = -(-simulations // BATCH) * BATCH  # a batch cut short would not be completed by a longer run
        sbc.run(out / FOLDER, simulations=whole, workers=workers, batch=BATCH, progress=progress)
    held = read_ranks(out / FOLDER if data is None else data)
    table = held.table if data is not None else held.table[held.table.index < simulations]
    scores = verdict(table)
    seconds = round(time.perf_counter() - start, 1)
    scores["seconds"] = seconds
    document = {
        "benchmark": ID,
        "title": TITLE,
        "data": {"file": FOLDER if data is None else data.name, "sha256": held.sha256},
        "code": code,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
        "began": began.isoformat(timespec="seconds"),
        "seconds": seconds,
        "tasks_left": 0,
        "facts": _facts(table, held.model, simulated=data is None),
        "scores": json.loads(scores.to_json(orient="records")),
        "weights": [],
    }
    out.mkdir(parents=True, exist_ok=True)
    write_table(out / f"{ID}-scores.csv", scores)
    write_table(out / f"{ID}-uniformity.csv", sbc.uniformity(table))
    write_text(out / f"{ID}.json", json.dumps(document, indent=1) + "\n")
    return scores


def _facts(table: pd.DataFrame, model: str, *, simulated: bool) -> dict[str, Any]:
    """The certificate of the ranks, of which model they are, and whether it is the present one."""
    found = sbc.certificate(table, read_priors())
    present = found.pop("model_hash")
    return {
        "reached": bool(verdict(table)["reached"].all()),
        "simulated": simulated,
        "model": model or None,
        "present_model": bool(model) and present.startswith(model),
        **found,
    }


def _covered(table: pd.DataFrame, level: float) -> np.ndarray:
    """Share [simulation] of quantities whose truth lies in the central interval, placed as in `sbc.uniformity`."""
    within = np.random.default_rng(1).random(len(table))[:, None]
    ranks = table.drop(columns=list(_BESIDE)).to_numpy()
    return (np.abs((ranks + within) / (sbc.KEPT + 1) - 0.5) * 2 < level).mean(axis=1)


def _certified(table: pd.DataFrame) -> str:
    """Hash of the certified model if these ranks are those that its certificate rests on; else empty."""
    certified = sbc.read_certificate()
    found = sbc.certificate(table, read_priors())
    same = all(np.isclose(found[name], certified[name], rtol=1e-9) for name in ("smallest_p_holm", "divergent_share"))
    return certified["model_hash"] if same and found["simulations"] == certified["simulations"] else ""


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{file}: cannot be read ({error.strerror}); give a file of ranks or the folder of a study, "
            "or leave --data out to simulate"
        ) from error


def _ranks(file: Path) -> pd.DataFrame:
    right = f"a column simulation, {', '.join(_BESIDE)}, and ranks 0 to {sbc.KEPT}, as `forecast study sbc` writes them"
    try:
        table = pd.read_csv(file)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise UsageError(f"{file}: cannot be read as CSV ({error}); right is {right}") from error
    lacking = [name for name in ("simulation", *_BESIDE) if name not in table.columns]
    if lacking or table.empty or len(table.columns) < 4:
        raise UsageError(f"{file}: lacks column {', '.join(lacking) or 'of a rank'}, or a row; right is {right}")
    for name in table.columns.drop(["simulation", *_BESIDE]):
        if not (pd.api.types.is_integer_dtype(table[name]) and table[name].between(0, sbc.KEPT).all()):
            raise UsageError(f"{file}, column {name}: holds other values than whole numbers; right is {right}")
    return table
