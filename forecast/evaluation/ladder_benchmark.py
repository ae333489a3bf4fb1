"""U: the back-test of a record as a benchmark – its scores as tables and a document, like those of published data."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from forecast.errors import UsageError
from forecast.evaluation.files import read_all, read_manifest, write_table, write_text
from forecast.evaluation.learners import NAMES
from forecast.evaluation.standings import ALL, flip_flops, scored, standings, voids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from forecast.evaluation.standings import Scored
    from forecast.record.read import Record

ID: Final = "U"
TITLE: Final = "the ladder from every origin of the record"
KINDS: Final = {"": "all origins", "inside": "inside crises", "quiet": "before the onset"}
"""Kinds of origins that are scored apart."""
PROTOCOL: Final[Mapping[str, Any]] = {"every": 28, "most": 3, "before": False}
"""Origins of the benchmark: the day on which a past crisis became known, and up to two later ones, weeks apart."""
DIGITS: Final = 6
WEIGHT_COLUMNS: Final = ("benchmark", "task", "pool", "member", "weight")


def past_crises(record: Record) -> tuple[str, ...]:
    """Names of the past crises of a record, whatever chronology tells them."""
    crises = record.episodes[record.episodes["kind"] != "case"].sort_values(["start", "episode_id"])
    return tuple(dict.fromkeys(crises["episode_id"]))


def load(folders: Sequence[Path]) -> Scored:
    """Forecasts of one back-test, or of several of the same record, beside what came.

    Raises
    ------
    UsageError
        A folder holds no finished case, or they are of different records.
    """
    hashes = {str(folder): read_manifest(folder)["record_hash"] for folder in folders}
    if len(set(hashes.values())) > 1:
        raise UsageError(f"back-tests of different records cannot be scored together: {', '.join(hashes)}")
    forecasts = pd.concat([read_all(folder) for folder in folders], ignore_index=True)
    came = [pd.read_csv(folder / "resolutions.csv", keep_default_na=False) for folder in folders]
    return scored(forecasts, pd.concat(came, ignore_index=True).drop_duplicates(["case", "origin", "horizon_days"]))


def score_tables(found: Scored) -> dict[str, pd.DataFrame]:
    """Return ``standings`` (with a first column `origins`, the kind of origin), ``flip_flops`` and ``voids``."""
    parts = []
    for kind, name in KINDS.items():
        part = standings(found, NAMES, kind or None)
        if len(part):
            part.insert(0, "origins", name)
            parts.append(part)
    if not parts:
        raise UsageError("back-test: every window is void; there is nothing to score")
    return {"standings": pd.concat(parts, ignore_index=True), "flip_flops": flip_flops(found), "voids": voids(found)}


def write_scores(folders: Sequence[Path], out: Path) -> dict[str, pd.DataFrame]:
    """Score back-tests and write one CSV file per table of `score_tables` to a folder."""
    tables = score_tables(load(folders))
    for name, table in tables.items():
        write_table(out / f"{name}.csv", table)
    return tables


def publish(folders: Sequence[Path], out: Path) -> pd.DataFrame:
    """Write ``U-scores.csv``, ``U-weights.csv`` and ``U.json`` in the form of the other benchmarks.

    Parameters
    ----------
    folders
        Back-tests of one record.
    out
        Where the benchmarks' scores are kept.

    Returns
    -------
    DataFrame
        The scores, in the columns of `forecast.evaluation.benchmarks.contest.COLUMNS` and some more.
    """
    found = load(folders)
    tables = score_tables(found)
    facts = pd.concat([read_all(folder, "facts") for folder in folders], ignore_index=True)
    standing = tables["standings"]
    if not (found.windows["kind"] == "quiet").any():  # then every origin lies inside a crisis
        standing = standing[standing["origins"] == KINDS[""]]
    scores = _rounded(_as_contest(standing, facts.groupby("model_id")["seconds"].sum()))
    document = _document(folders, found, tables, facts) | {
        "scores": json.loads(scores.to_json(orient="records")),
        "weights": [],
    }
    write_table(out / f"{ID}-scores.csv", scores)
    write_table(out / f"{ID}-weights.csv", pd.DataFrame(columns=pd.Index(WEIGHT_COLUMNS)))
    write_text(out / f"{ID}.json", json.dumps(document, indent=1, default=str) + "\n")
    return scores


def _as_contest(table: pd.DataFrame, seconds: pd.Series) -> pd.DataFrame:
    """Standings in the columns of a contest; one task for each horizon and kind of origins."""
    ahead = table["horizon_days"].map(lambda days: "all horizons" if days == ALL else f"{days} days ahead")
    return pd.DataFrame(
        {
            "benchmark": ID,
            "task": table["origins"] + ", " + ahead,
            "candidate": table["model"],
            **{name: table[name] for name in ("role", "score", "mean", "low", "high", "reference", "difference",
                                              "difference_low", "difference_high", "better", "rows")},
            "clusters": table["stories"],
            "seconds": table["model"].map(seconds).round(1),
            **{name: table[name] for name in ("skill", "skill_low", "skill_high", "cases", "void")},
        }
    )  # fmt: skip


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    """The table with numbers of `DIGITS` significant digits."""
    numbers = [str(name) for name in table.select_dtypes("float").columns]
    return table.assign(
        **{name: table[name].map(lambda value: float(f"{value:.{DIGITS}g}")).astype(float) for name in numbers}
    )


def _document(
    folders: Sequence[Path], found: Scored, tables: dict[str, pd.DataFrame], facts: pd.DataFrame
) -> dict[str, Any]:
    held = read_manifest(folders[0])
    left_out = pd.read_csv(folders[0] / "left_out.csv", keep_default_na=False)
    fits = facts[facts["rhat"] != ""]
    return {
        "benchmark": ID,
        "title": TITLE,
        "data": {"file": held["record"], "sha256": held["record_hash"]},
        "code": held["code"],
        "versions": held["versions"],
        "began": held["began"],
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(float(facts["seconds"].sum()), 1),
        "tasks_left": 0,
        "facts": {
            "cases": int(found.windows["case"].nunique()),
            "stories": int(found.windows["cluster"].nunique()),
            "origins": int(found.windows.drop_duplicates(["case", "day"]).shape[0]),
            "windows": len(found.windows),
            "void": int(found.windows["place"].isna().sum()),
            "left_out": left_out["reason"].value_counts().to_dict(),
            "flip_flops": json.loads(tables["flip_flops"].to_json(orient="records")),
            "voids": json.loads(tables["voids"].to_json(orient="records")),
            "fits": len(fits),
            "settings": [read_manifest(folder)["settings"] for folder in folders],
        },
    }
