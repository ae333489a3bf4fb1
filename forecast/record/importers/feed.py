"""Event feeds without episodes: one case for every pair of states, its sides, its stretch of coverage."""

from __future__ import annotations

from typing import Final

import pandas as pd

from forecast.record.importers.states import STATE_NAMES

LISTED_CASES: Final = 20


def pair_ids(acts: pd.DataFrame) -> pd.Series:
    """Return the episode id of each act: its two states in the order of the alphabet, in lower case."""
    first = acts[["actor", "target"]].min(axis=1)
    second = acts[["actor", "target"]].max(axis=1)
    return (first + "-" + second).str.lower()


def pair_cases(acts: pd.DataFrame, start: pd.Timestamp) -> pd.DataFrame:
    """Return one case per pair, known from the first day of the feed.

    A feed does not say who challenges whom: side a is the first of the two in the order of the alphabet.
    """
    ids = acts["episode_id"].drop_duplicates().sort_values()
    sides = ids.str.upper().str.split("-", n=1, expand=True).set_axis(["challenger", "target"], axis=1)
    names = sides.apply(lambda column: column.map(STATE_NAMES).fillna(column))
    return sides.assign(
        episode_id=ids,
        name=names["challenger"] + " - " + names["target"],
        kind="case",
        case_id=ids,
        cluster=ids,
        stratum="dataset",
        start=start,
        date_precision="day",
        known_date=start,
        confidence="reported",
    ).reset_index(drop=True)


def busiest(acts: pd.DataFrame) -> tuple[str, ...]:
    """Return the pairs with most moves, the first :data:`LISTED_CASES` of them: they are listed in ``record.yaml``."""
    counts = acts["episode_id"].value_counts().rename_axis("id").reset_index(name="moves")
    return tuple(counts.sort_values(["moves", "id"], ascending=[False, True])["id"].head(LISTED_CASES))


def stretch(cases: pd.DataFrame, end: pd.Timestamp, density: str, observes: str, note: str) -> pd.DataFrame:
    """Return one stretch of coverage per case, from the first to the last day of the feed."""
    rows = cases[["episode_id", "start", "known_date"]]
    rows = rows.assign(coverage_id=rows["episode_id"] + "/feed", density=density, observes=observes, note=note)
    closed = rows.assign(end=end, known_date=end)
    return pd.concat([rows, closed[closed["known_date"] > rows["known_date"]]], ignore_index=True)


def state_actors() -> pd.DataFrame:
    """Return every state that a feed may name."""
    return pd.DataFrame({"actor_id": list(STATE_NAMES), "name": list(STATE_NAMES.values()), "kind": "state"})


def no_outcomes() -> pd.DataFrame:
    """Return an empty table: a feed has no rounds and no endings."""
    return pd.DataFrame({"outcome_id": pd.Series(dtype="str"), "known_date": pd.Series(dtype="datetime64[s]")})
