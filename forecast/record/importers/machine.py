"""Machine-coded feeds (GDELT, POLECAT): one move for an act that many stories tell, one case per pair of states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from forecast.record.importers.draft import Act, DataSet, Draft, Tally
from forecast.record.importers.feed import busiest, no_outcomes, pair_cases, pair_ids, state_actors, stretch
from forecast.record.importers.shape import as_moves, side_rows
from forecast.record.importers.source import Published

LONGEST_LAG: Final = 31
NOTE: Final = "Machine-coded news: every day is read, but acts may be false, doubled or misplaced."


def as_draft(
    data_set: DataSet,
    files: tuple[Published, ...],
    feed: pd.DataFrame,
    meanings: Mapping[str, Act],
    observes: str,
    tallies: list[Tally],
) -> Draft:
    """Tell a machine-coded feed in the words of the record.

    Parameters
    ----------
    data_set : DataSet
        Which feed.
    files : tuple of Published
        The files read.
    feed : DataFrame
        ``id``, ``date``, ``known_date``, ``actor``, ``target`` (states), ``code`` (of `meanings`, or blank), ``told``.
    meanings : mapping of str to Act
        What each code is.
    observes : str
        Channels that the feed would report, joined by ``;``.
    tallies : list of Tally
        What was left out before.
    """
    listed = feed["code"].ne("")
    lag = (feed["known_date"] - feed["date"]).dt.days
    fresh = lag.between(0, LONGEST_LAG)
    kept = feed[listed & fresh]
    acts = pd.DataFrame({
        "move_id": kept["id"],
        "episode_id": pair_ids(kept),
        "date": kept["date"],
        "date_precision": "day",
        "known_date": kept["known_date"],
        "actor": kept["actor"],
        "target": kept["target"],
        **as_moves(kept["code"], meanings),
        "fatalities_low": pd.NA,
        "fatalities_high": pd.NA,
        "summary": kept["told"] + ": " + kept["actor"] + " to " + kept["target"],
        "confidence": "reported",
        "basis": "dataset",
    }).sort_values(["known_date", "level"], ascending=[True, False], kind="stable")  # fmt: skip
    same = ["date", "actor", "target", "type"]
    single = acts.drop_duplicates(same)
    first = feed["known_date"].min()
    start = min(first, single["date"].min()) if len(single) else first
    cases = pair_cases(single, start)
    nothing = pd.DataFrame(columns=["episode_id", "actor", "side", "role", "known_date"])
    counts = acts["type"].value_counts().sort_index()
    mapped = [Tally("mapped", f"events told as {kind}", int(rows), "one move a day for the same actor, target and type")
              for kind, rows in counts.items()]  # fmt: skip
    more = [
        Tally("dropped", "events without counterpart", int((~listed).sum()), "their code is no type of move"),
        Tally("dropped", f"events reported before they happened or more than {LONGEST_LAG} days after",
              int((listed & ~fresh).sum()), "looks back, or misdated by the machine"),
        Tally("dropped", "further reports of the same act", len(acts) - len(single),
              "same day, actor, target and type: the first report counts"),
        Tally("assumed", "rung of machine-coded force", int(single["rung"].gt(0).sum()),
              "by the code alone; the size of an act is not coded"),
        Tally("assumed", "side a", None, "the first of the two states in the order of the alphabet"),
        Tally("masked", "nuclear, audience, credibility", None, "not in `observes`: no codes between two states"),
        Tally("masked", "endings and covariates", None, "a feed has no episodes; the columns are blank"),
    ]  # fmt: skip
    return Draft(
        data_set, files, cases, side_rows(cases, nothing), single, no_outcomes(),
        _stretch(cases, first, feed["known_date"].max(), observes), state_actors(), (*mapped, *tallies, *more),
        busiest(single), "shipped",
    )  # fmt: skip


def _stretch(cases: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp, observes: str) -> pd.DataFrame:
    """Watched from the first to the last day of reports: what happened before stands in the feed by chance only."""
    rows = stretch(cases, last, "dense", observes, NOTE)
    return rows.assign(start=first)
