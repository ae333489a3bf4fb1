"""From folders of back-tests to pools: pooled forecasts beside the others, their scores, and weights to ship."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import UsageError
from forecast.evaluation.backtest import COLUMNS, STAMP
from forecast.evaluation.files import read_all, read_manifest, write_table
from forecast.evaluation.intervals import cluster_weights, paired_difference
from forecast.evaluation.learners import NAMES
from forecast.evaluation.outside import OUTSIDE
from forecast.evaluation.pool import ENTRANTS, INSIDE, KINDS, Components, Walk, components, half_years, ready_by, walk
from forecast.evaluation.pool_file import NOTHING_YET, Weights, components_hash, write_weights
from forecast.evaluation.scores import SCORES
from forecast.record.asof import as_of
from forecast.record.reference import with_reference
from forecast.terms import LADDER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from forecast.record.read import Record

MEMBERS: Final = (INSIDE, OUTSIDE, *NAMES)
"""Forecasters that a forecast can compute, and so may pool."""
PUBLISHED: Final = "as published"
"""What the entries of the time would have published: the inside view until a pool had shown that it does better."""
POOLS: Final = "pools"
SCORES_FILE: Final = "pool_scores.csv"
SCORE_COLUMNS: Final = (
    "candidate", "reference", "horizon_days", "score", "mean", "difference", "difference_low", "difference_high",
    "windows", "stories",
)  # fmt: skip
"""Columns of the scores: `difference` is the candidate less the reference, with its 95 % interval over stories; 0 days
stands for all horizons together."""


class Study(NamedTuple):
    """What was pooled, what was learned, and the scores in `SCORE_COLUMNS`; `left_out` origins lacked a forecaster."""

    parts: Components
    walk: Walk
    weights: Weights
    scores: pd.DataFrame
    left_out: int


def pool_study(folders: Sequence[Path], record: Record) -> Study:
    """Learn and score pools of the forecasts of back-tests.

    The first folder gets ``forecasts/pools.csv`` (in the columns of the others, so that whatever reads the folder
    scores pools as well), ``pool_scores.csv`` and ``pool_weights.json``.

    Parameters
    ----------
    folders
        Back-tests of one record, whose forecasters are pooled over the origins that all of them forecast.
    record
        The record of the back-tests.

    Raises
    ------
    UsageError
        No back-test, one of another record, no origin that every forecaster forecast, or fewer than two stories to
        score.
    """
    parts, left_out = read_components(folders, record)
    stories = parts.rows.loc[ready_by(parts, date.max).any(axis=1), "cluster"].nunique()
    if stories < 2:
        raise UsageError(
            f"{', '.join(map(str, folders))}: {stories} story has windows within a crisis or case that every "
            "forecaster forecast and the record resolves; two are needed to compare, more to learn from: back-test "
            "more cases"
        )
    found = walk(parts, half_years(parts))
    made_from = {
        "record_hash": record.hash,
        "components_hash": components_hash(parts),
        "origins": len(parts.rows),
    }
    note = "learned from a back-test" if any(entry.windows for entry in found.entries) else NOTHING_YET
    weights = Weights(note, made_from, parts.members, found.entries)
    scores = score_rows(parts, found)
    write_table(folders[0] / "forecasts" / f"{POOLS}.csv", pooled_table(parts, found))
    write_table(folders[0] / SCORES_FILE, scores)
    write_weights(weights, folders[0] / "pool_weights.json")
    return Study(parts, found, weights, scores, left_out)


def read_components(folders: Sequence[Path], record: Record) -> tuple[Components, int]:
    """Read the forecasts of the members and what came, and how many origins were left out as not all forecast them."""
    for folder in folders:
        if (held := read_manifest(folder).get("record_hash")) != record.hash:
            raise UsageError(
                f"{folder}: is a back-test of another record (hash {str(held)[:12]}, not {record.hash[:12]}); give the "
                "folder of that record with --record, or make the back-test anew"
            )
    every = pd.concat([read_all(folder) for folder in folders], ignore_index=True)
    forecasts = every[every["model_id"].isin(MEMBERS)]
    keys = ["location", "reference_date"]
    told = forecasts.groupby(keys)["value"].transform("size")
    shape = [forecasts[name].nunique() for name in ("model_id", "horizon")]
    whole_rows = told == int(np.prod(shape)) * len(LADDER)
    if not whole_rows.any():
        raise UsageError(
            f"{', '.join(map(str, folders))}: no origin was forecast by each of "
            f"{', '.join(forecasts['model_id'].unique()) or ', '.join(MEMBERS)} once, for the same horizons; run "
            "`forecast backtest` for all of them over the same origins"
        )
    left_out = len(forecasts.loc[~whole_rows, keys].drop_duplicates())
    whole = as_of(with_reference(record), date.max)
    ended = whole.outcomes[whole.outcomes["date"].notna()].groupby("episode_id")["known_date"].min()
    crises = set(whole.episodes.loc[whole.episodes["kind"] == "crisis", "episode_id"])
    over: dict[str, pd.Timestamp | None] = {
        str(case): None for case in whole.episodes["episode_id"] if case not in crises
    }
    over |= {str(case): day for case, day in ended.items() if case in crises}
    came = pd.concat([pd.read_csv(folder / "resolutions.csv", keep_default_na=False) for folder in folders])
    resolutions = came.drop_duplicates(["case", "origin", "horizon_days"])
    return components(forecasts[whole_rows], resolutions, over), left_out


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
    """Mean scores on the windows that count, each story once, and paired differences.

    Members and what would have been published are held against the inside view (or the first member), pools against
    every member, and a recalibrated pool against the same without. Windows that may not be learned from (void, or
    before the onset of a past crisis) are left out here as well.
    """
    counted = ready_by(parts, date.max)
    chances = dict(zip((*parts.members, *ENTRANTS), [*parts.chances, *found.pooled], strict=True))
    first = INSIDE if INSIDE in parts.members else parts.members[0]
    pairs = [(name, first) for name in parts.members] + [(name, other) for name in ENTRANTS for other in parts.members]
    pairs += list(zip(ENTRANTS[len(KINDS) :], ENTRANTS, strict=False))
    if INSIDE in parts.members:
        names = np.array([INSIDE, *ENTRANTS])
        number = (found.published[:, None] == names).argmax(axis=1)
        made = np.stack([chances[str(name)] for name in names])
        chances[PUBLISHED] = made[number, np.arange(len(number))]
        pairs.append((PUBLISHED, INSIDE))
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
            values = {name: function(one[at, across], outcome) for name, one in chances.items()}
            for name, other in pairs:
                gap = paired_difference(values[name], values[other], cluster, weight=weight)
                mean = float(np.average(values[name], weights=weight))
                rows.append(
                    (name, other, horizon, score, mean, gap.estimate, gap.low, gap.high, len(at), gap.n_clusters)
                )
    return pd.DataFrame(rows, columns=pd.Index(SCORE_COLUMNS))


def shown(scores: pd.DataFrame) -> pd.DataFrame:
    """The part of the scores that fits a terminal: all horizons, against the first reference or the same pool plain."""
    every = scores[(scores["horizon_days"] == 0) & scores["score"].isin(["log", "rps"])]
    kept = (every["reference"] == scores["reference"].iloc[0]) | every["reference"].isin(ENTRANTS)
    return every[kept].drop(columns="horizon_days").sort_values("score", kind="stable")
