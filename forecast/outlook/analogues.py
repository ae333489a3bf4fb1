"""Nearest past crises: those that looked most like the case on the as-of day, and how they ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from forecast.record.acts import case_moves, find_case, with_sides
from forecast.terms import OVERT_RUNG

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import date

    from forecast.record.acts import Case
    from forecast.record.read import Record

NEAREST: Final = 5
"""How many past crises of the case itself are given, and how many others."""
LOOK_BACK_WEEKS: Final = 13
"""Window before the as-of day whose signals stand for what was seen before a first strike."""
FORCE_YEARS: Final = 5
SHARED: Final = 2 / 3
"""Least share of the traits that must be known of a past crisis."""
COLUMNS: Final = (
    "rank", "episode_id", "name", "start", "same_case", "distance", "traits", "alike", "differs", "outcome",
    "first_strike_rung", "reply", "days_of_fighting", "ended_by", "talks_after_days",
)  # fmt: skip
TRAITS: Final[dict[str, str]] = {
    "challenger_nuclear": "challenger with nuclear weapons",
    "target_nuclear": "target with nuclear weapons",
    "capability": "capability of the challenger against the target's",
    "high_stake": "territory or regime at stake",
    "challenger_democracy": "challenger a democracy",
    "prior_force_5y": "force between them in the five years before",
    "ground_access": "land border or troops in place",
    "chokepoint": "a side at a maritime chokepoint",
    "talks_before": "talks",
    "public_threat": "public threat by the challenger",
    "deployment": "deployment by the challenger",
    "deadline": "deadline set by the challenger",
    "target_allies_engaged": "allies stand by the target",
}
_STRENGTH: Final = {"much_weaker": -2.0, "weaker": -1.0, "parity": 0.0, "stronger": 1.0, "much_stronger": 2.0}
_OF_EPISODE: Final = ("challenger_nuclear", "target_nuclear", "challenger_democracy", "ground_access", "chokepoint")
_OF_PRELUDE: Final = ("public_threat", "deployment", "deadline", "target_allies_engaged")


def analogue_table(record: Record, case_id: str | None, day: date, *, number: int = NEAREST) -> pd.DataFrame:
    """The past crises nearest to the case, nearest first, with their endings: its own, and those of others.

    The distance is the root mean square, over the traits known of both, of the difference in a trait divided by its
    standard deviation over past crises. Past crises bring the traits coded before their first strike; those of the
    case are read off its rows: covariates, force of the last five years, talks, threats, deployments, ultimatums and
    support of allies of the last 13 weeks. The case's own crises agree with it in most covariates, so they are counted
    apart from those of others.

    Parameters
    ----------
    record
        Cut at the as-of day: only crises that had ended by then, as they were known, are compared.
    case_id
        Case of the record.
    day
        As-of day.
    number
        How many to give of the case itself, and of others.

    Returns
    -------
    DataFrame
        Table `analogues` of `publish.tables`; empty where no past crisis is known.
    """
    case = find_case(record, case_id)
    endings = record.outcomes.drop_duplicates("episode_id", keep="last").set_index("episode_id")
    episodes = record.episodes.set_index("episode_id")
    about = episodes.to_dict("index")
    past, now = past_traits(record), case_traits(record, case, day)
    past = past[past.index.isin(endings.index[endings["outcome"] != ""])]
    spread = past.std(ddof=0)
    usual = spread.where(spread > 0)
    gap = (past - now) / usual
    known = gap.notna().sum(axis=1)
    enough = known >= SHARED * int(usual.notna().sum())
    distance = ((gap**2).mean(axis=1) ** 0.5)[enough].sort_values(kind="stable")
    own = episodes["case_id"].reindex(distance.index) == case.episode_id
    chosen = pd.concat([distance[own].head(number), distance[~own].head(number)]).sort_values(kind="stable")
    ends, gaps, counts = endings.to_dict("index"), gap.to_dict("index"), known.to_dict()
    mine = set(own.index[own])
    rows = []
    for rank, (name, far) in enumerate(chosen.items(), start=1):
        crisis, end = about[name], ends[name]
        rows.append(
            (rank, name, crisis["name"], crisis["start"].date(), name in mine, float(far), int(counts[name]),
             *_likeness(gaps[name]), end["outcome"], end["first_strike_rung"], end["retaliation_mode"],
             end["days_of_fighting"], end["ended_by"], end["talks_after_days"])
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    whole = dict.fromkeys(("first_strike_rung", "days_of_fighting", "talks_after_days"), "Int64")
    return table.astype(whole) if rows else table


def past_traits(record: Record) -> pd.DataFrame:
    """Traits of every crisis that was coded before its first strike: episode down, trait across."""
    crises = record.episodes[record.episodes["kind"] == "crisis"]
    both = crises.merge(record.preludes.drop(columns="known_date"), on="episode_id").set_index("episode_id")
    traits = both[[*_OF_EPISODE, "prior_force_5y", *_OF_PRELUDE]].astype(float)
    return traits.assign(
        capability=both["capability_ratio"].map(_STRENGTH),
        high_stake=both["demand"].isin(["territory", "regime"]).where(both["demand"] != ""),
        talks_before=(both["talks_before"] != "none").where(both["talks_before"] != ""),
    )[list(TRAITS)].astype(float)


def case_traits(record: Record, case: Case, day: date) -> pd.Series:
    """Traits of the case on the as-of day."""
    about = record.episodes.set_index("episode_id").to_dict("index")[case.episode_id]
    moves = with_sides(record, case_moves(record, case), case.episode_id)
    end = pd.Timestamp(day)
    recent = moves[moves["date"] > end - pd.Timedelta(weeks=LOOK_BACK_WEEKS)]
    years = moves[moves["date"] > end - pd.DateOffset(years=FORCE_YEARS)]
    own = recent[(recent["side"] == "a") & recent["role"].isin(["lead", "member"])]
    posture = own[(own["channel"] == "posture") & (own["direction"] != "deescalatory")]
    support = recent[(recent["type"] == "ally_support") & (recent["track"] == "b")]
    return pd.Series(
        {name: np.nan if pd.isna(about[name]) else float(about[name]) for name in _OF_EPISODE}
        | {
            "capability": _STRENGTH.get(str(about["capability_ratio"]), np.nan),
            "high_stake": np.nan if about["demand"] == "" else float(about["demand"] in ("territory", "regime")),
            "prior_force_5y": float((years["direct_rung"] >= OVERT_RUNG).any()),
            "talks_before": float(recent["talks"].any()),
            "public_threat": float(own["type"].isin(["threat", "ultimatum", "red_line"]).any()),
            "deployment": _two_steps(posture["level"]),
            "deadline": float((own["type"] == "ultimatum").any()),
            "target_allies_engaged": _two_steps(support["level"]),
        }
    )[list(TRAITS)]


def _two_steps(levels: pd.Series) -> float:
    """Highest level of the record (1 to 3) on the scale of the preludes: 0 none, 1 some, 2 large or firm."""
    known = levels.dropna()
    return 0.0 if levels.empty else (2.0 if len(known) and int(known.max()) == 3 else 1.0)


def _likeness(gap: dict[Hashable, float]) -> tuple[str, str]:
    """In words: the traits that agree, and those that differ, widest first."""
    known = {str(name): value for name, value in gap.items() if not np.isnan(value)}
    apart = sorted((name for name in known if known[name] != 0), key=lambda name: -abs(known[name]))
    alike = "; ".join(TRAITS[name] for name in known if known[name] == 0)
    return alike, "; ".join(f"{TRAITS[name]} ({'more' if known[name] > 0 else 'less'})" for name in apart)
