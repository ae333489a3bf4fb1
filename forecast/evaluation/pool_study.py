"""From the folder of a back-test to pools: pooled forecasts beside the others, their scores, and weights to ship."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from forecast.evaluation.backtest import COLUMNS, STAMP
from forecast.evaluation.files import read_all, read_manifest, write_table
from forecast.evaluation.intervals import cluster_weights, paired_difference
from forecast.evaluation.pool import ENTRANTS, INSIDE, Components, Walk, components, half_years, ready_by, walk
from forecast.evaluation.pool_file import NOTHING_YET, Weights, components_hash, write_weights
from forecast.evaluation.scores import SCORES
from forecast.record.asof import as_of
from forecast.record.reference import with_reference
from forecast.terms import LADDER

if TYPE_CHECKING:
    from pathlib import Path

    from forecast.record.read import Record

POOLS: Final = "pools"
SCORE_COLUMNS: Final = (
    "candidate", "horizon_days", "score", "mean", "difference", "difference_low", "difference_high", "windows",
    "stories",
)  # fmt: skip
"""Columns of the scores: `difference` is the candidate less the inside view (or the first member), with its 95 %
interval over stories; 0 days stands for all horizons together."""


class Study(NamedTuple):
    """What was pooled, what was learned, and the scores in `SCORE_COLUMNS`."""

    parts: Components
    walk: Walk
    weights: Weights
    scores: pd.DataFrame


def pool_study(folder: Path, record: Record) -> Study:
    """Learn and score pools of a back-test's forecasts; the folder gets ``forecasts/pools.csv``, scores and weights.

    Parameters
    ----------
    folder
        Folder of a back-test; pooled forecasts are written in the columns of the others, so that whatever reads the
        folder scores them as well.
    record
        The record of the back-test.

    Raises
    ------
    UsageError
        No back-test, or one in which a forecaster lacks forecasts.
    """
    parts = read_components(folder, record)
    found = walk(parts, half_years(parts))
    made_from = {
        "record_hash": read_manifest(folder).get("record_hash", ""),
        "components_hash": components_hash(parts),
        "origins": len(parts.rows),
    }
    note = "learned from a back-test" if any(entry.windows for entry in found.entries) else NOTHING_YET
    weights = Weights(note, made_from, parts.members, found.entries)
    scores = score_rows(parts, found)
    write_table(folder / "forecasts" / f"{POOLS}.csv", pooled_table(parts, found))
    write_table(folder / "pool_scores.csv", scores)
    write_weights(weights, folder / "pool_weights.json")
    return Study(parts, found, weights, scores)


def read_components(folder: Path, record: Record) -> Components:
    """Read the forecasts of a back-test's members and what came; pools of an earlier call are left out."""
    forecasts = read_all(folder)
    whole = as_of(with_reference(record), date.max)
    ended = whole.outcomes[whole.outcomes["date"].notna()].groupby("episode_id")["known_date"].min()
    crises = set(whole.episodes.loc[whole.episodes["kind"] == "crisis", "episode_id"])
    over: dict[str, pd.Timestamp | None] = {
        str(case): None for case in whole.episodes["episode_id"] if case not in crises
    }
    over |= {str(case): day for case, day in ended.items() if case in crises}
    resolutions = pd.read_csv(folder / "resolutions.csv", keep_default_na=False)
    return components(forecasts[~forecasts["model_id"].isin(ENTRANTS)], resolutions, over)


def pooled_table(parts: Components, found: Walk) -> pd.DataFrame:
    """Pooled forecasts in the columns of the back-test's."""
    shape = found.pooled.shape
    entrant, origin, horizon, rung = (grid.ravel() for grid in np.indices(shape))
    days = parts.rows["origin"].dt.strftime("%Y-%m-%d").to_numpy()
    table = pd.DataFrame(
        {
            "model_id": np.array(ENTRANTS)[entrant],
            "reference_date": days[origin],
            "target": "ladder",
            "horizon": np.array(parts.horizons)[horizon],
            "location": parts.rows["case"].to_numpy(str)[origin],
            "output_type": "pmf",
            "output_type_id": np.array(LADDER)[rung],
            "value": found.pooled.ravel(),
            "stamp": STAMP,
        }
    )
    return table[list(COLUMNS)]


def score_rows(parts: Components, found: Walk) -> pd.DataFrame:
    """Mean log score and RPS of members and pools on the windows that count, each story once, against the inside view.

    Windows that may not be learned from (void, or before the onset of a past crisis) are left out here as well.
    """
    counted = ready_by(parts, date.max)
    chances = np.concatenate([parts.chances, found.pooled])
    names = (*parts.members, *ENTRANTS)
    reference = names.index(INSIDE) if INSIDE in names else 0
    rows = []
    for k, horizon in enumerate((*parts.horizons, 0)):
        mask = counted if horizon == 0 else counted & (np.arange(len(parts.horizons)) == k)
        at, across = np.nonzero(mask)
        cluster = parts.rows["cluster"].to_numpy(str)[at]
        outcome = parts.place[at, across]
        if len(np.unique(cluster)) < 2:
            continue
        weight = cluster_weights(cluster)
        for score, function in SCORES.items():
            values = [function(one[at, across], outcome) for one in chances]
            for name, value in zip(names, values, strict=True):
                gap = paired_difference(value, values[reference], cluster, weight=weight)
                mean = float(np.average(value, weights=weight))
                rows.append((name, horizon, score, mean, gap.estimate, gap.low, gap.high, len(at), gap.n_clusters))
    return pd.DataFrame(rows, columns=pd.Index(SCORE_COLUMNS))
