"""Past crises as rows of a game: what was known at the onset, what the sides chose, and on which day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from forecast.record.acts import with_sides
from forecast.record.panel import ENDED_BY_DEAL
from forecast.terms import LADDER, OVERT_RUNG

if TYPE_CHECKING:
    from forecast.record.read import Record

STRENGTH: Final = {"much_weaker": -2.0, "weaker": -1.0, "parity": 0.0, "stronger": 1.0, "much_stronger": 2.0}
COVARIATES: Final = (
    "capability", "challenger_nuclear", "target_nuclear", "high_stake", "retaliation", "ground_access", "chokepoint",
    "prior_force", "challenger_democracy", "crises_before", "strikes_before",
)  # fmt: skip
"""Numbers known at the onset. `crises_before` is log1p of the crises of the dyad that were over by then,
`strikes_before` the share of them that saw an overt strike, shrunk to one half by one crisis of each kind."""
CAMPAIGN: Final = 4
REGIONAL: Final = 5
FULL: Final = 6
"""Categories of force, as in the panel."""
_ANSWERED: Final = ("bounded", "widening")


class Crises(NamedTuple):
    """Crises that were over by a day.

    Attributes
    ----------
    table
        One row a crisis, in order of onset: `episode_id`, `dyad`, `challenger`, `target`, `region` (the target's),
        `start`, `end`, the `COVARIATES`, and what came of it: `struck` (an overt strike), `answered` (the other side
        answered directly), `campaign`, `wide` (several theatres or full war), `full` (full war), `settled` (a deal),
        `mode` (of the reply), `fought` (days of fighting), `talks_after` (days from strike to talks; missing if none)
        and, in days from the onset, `strike_day`, `reply_day`, `campaign_day`, `wide_day`, `full_day`, `deal_day` (the
        last deal), `end_day`; a day of a step that was not taken means nothing.
    acts
        Overt acts between the sides of these crises: `row` (of `table`), `day` (from the onset), `side` and `rung`.
    """

    table: pd.DataFrame
    acts: pd.DataFrame


def read_crises(record: Record, *, without: str | None = None) -> Crises:
    """Return the crises of a record whose ending is known, but for one.

    Parameters
    ----------
    record
        Cut at the as-of day (`forecast.record.as_of`).
    without
        Id of a crisis to leave out: the one that is forecast.
    """
    endings = record.outcomes[record.outcomes["date"].notna() & (record.outcomes["outcome"] != "")]
    endings = endings.drop_duplicates("episode_id", keep="last").drop(columns=["name", "start", "known_date"])
    about = record.episodes[(record.episodes["kind"] == "crisis") & (record.episodes["episode_id"] != without)]
    both = about.merge(endings, on="episode_id", suffixes=("", "_of_ending"))
    both = both.sort_values(["start", "episode_id"]).reset_index(drop=True)
    table = onset_rows(record, both).assign(start=both["start"], end=both["date"])
    known = table.assign(struck=both["outcome"] >= "O2")
    before = [_record_of_dyad(known, *pair) for pair in zip(known["dyad"], known["start"], strict=True)]
    table = table.assign(**dict(zip(("crises_before", "strikes_before"), np.reshape(before, (-1, 2)).T, strict=True)))
    acts = _acts(record, both)
    deal = both["ended_by"].isin(ENDED_BY_DEAL) | both.index.isin(acts.loc[acts["deal"], "row"])
    found = pd.concat([table, _choices(both).assign(settled=deal), _days(both, acts)], axis=1)
    return Crises(found, acts[acts["rung"] > 0])


def onset_rows(record: Record, episodes: pd.DataFrame) -> pd.DataFrame:
    """Who stands against whom, and the covariates of an episode that stand in its own row; missing where not told."""
    regions = record.actors.drop_duplicates("actor_id", keep="last").set_index("actor_id")["region"]
    demand = episodes["demand"]
    return pd.DataFrame(
        {
            "episode_id": episodes["episode_id"],
            "dyad": [dyad_of(row) for row in episodes.to_dict("records")],
            "challenger": episodes["challenger"],
            "target": episodes["target"],
            "region": episodes["target"].map(regions).replace("", np.nan).fillna("elsewhere"),
            "capability": episodes["capability_ratio"].map(STRENGTH).astype(float),
            "high_stake": demand.isin(["territory", "regime"]).astype(float).where(demand != ""),
            "retaliation": (demand == "retaliation").astype(float).where(demand != ""),
            "prior_force": episodes["prior_force_5y"].astype("Float64").astype(float),
        }
        | {
            name: episodes[name].astype("Float64").astype(float)
            for name in ("challenger_nuclear", "target_nuclear", "ground_access", "chokepoint", "challenger_democracy")
        }
    )


def dyad_of(episode: dict) -> str:
    """The rivalry that an episode belongs to: its case, or else the pair of its leads."""
    if episode["kind"] == "case":
        return str(episode["episode_id"])
    return str(episode["case_id"]) or "-".join(sorted((str(episode["challenger"]), str(episode["target"]))))


def situation_row(record: Record, crises: Crises, episode: dict, day: pd.Timestamp) -> pd.DataFrame:
    """Covariates of an episode that is forecast, as one row, with the record of its dyad up to a day."""
    row = onset_rows(record, pd.DataFrame([episode]))
    count, share = _record_of_dyad(crises.table, row["dyad"].iloc[0], day)
    return row.assign(crises_before=count, strikes_before=share)


def acts_between(record: Record, moves: pd.DataFrame) -> pd.DataFrame:
    """Moves that bear on force, with the side that acts as the episode of each move sees it.

    Returns
    -------
    DataFrame
        Rows of `moves` in order of time with `date`, `episode_id`, `side`, `rung` (of a direct overt act, else 0),
        `category`, `closure`, `deal` and `truce` (a cease-fire or deal).
    """
    some = moves[(moves["channel"] == "force") | moves["type"].isin(["deal", "ceasefire"])]
    # one call for the moves of all episodes: an actor of an episode gets a name of its own
    sides = record.sides.assign(actor=record.sides["episode_id"] + "|" + record.sides["actor"], episode_id="")
    named = some.assign(
        actor=some["episode_id"] + "|" + some["actor"], target=some["episode_id"] + "|" + some["target"], episode_id=""
    )
    acts = with_sides(record.with_tables({**record.tables, "sides": sides}), named, "")
    return pd.DataFrame(
        {
            "date": acts["date"],
            "episode_id": some["episode_id"],
            "side": acts["side"],
            "rung": acts["direct_rung"].where(acts["direct_rung"] >= OVERT_RUNG, 0),
            "category": acts["category"],
            "closure": acts["closure"],
            "deal": acts["deal"],
            "truce": acts["ceasefire"] | acts["deal"],
        }
    ).sort_values("date", kind="stable")


def _record_of_dyad(table: pd.DataFrame, dyad: str, day: pd.Timestamp) -> tuple[float, float]:
    mine = table[(table["dyad"] == dyad) & (table["end"] < day)]
    return float(np.log1p(len(mine))), float((mine["struck"].sum() + 1.0) / (len(mine) + 2.0))


def _acts(record: Record, crises: pd.DataFrame) -> pd.DataFrame:
    """Acts of each crisis in days from its onset: its own moves, or else those of its case while it ran."""
    told = crises["episode_id"].isin(record.moves["episode_id"])
    teller = crises["episode_id"].where(told, crises["case_id"])
    spans = pd.DataFrame(
        {"row": crises.index, "episode_id": teller, "onset": crises["start"], "last": crises["date"], "told": told}
    )
    acts = acts_between(record, record.moves[record.moves["episode_id"].isin(teller)]).merge(spans, on="episode_id")
    inside = acts["told"] | ((acts["date"] >= acts["onset"]) & (acts["date"] <= acts["last"]))
    found = acts[inside].assign(day=(acts["date"] - acts["onset"]).dt.days)
    return found[["row", "day", "side", "rung", "category", "closure", "deal"]].sort_values(
        ["row", "day"], kind="stable"
    )


def _choices(endings: pd.DataFrame) -> pd.DataFrame:
    """What the sides chose, by the outcome of the crisis."""
    place = endings["outcome"].map(LADDER.index)
    answered = endings["retaliation_mode"].isin(_ANSWERED) | (place == LADDER.index("O3"))
    return pd.DataFrame(
        {
            "struck": place >= 2,
            "answered": (place >= 2) & answered,
            "campaign": place >= CAMPAIGN,
            "wide": place >= REGIONAL,
            "full": place >= FULL,
            "mode": endings["retaliation_mode"],
            "fought": endings["days_of_fighting"].astype("Float64").astype(float),
            "talks_after": endings["talks_after_days"].astype("Float64").astype(float),
        }
    )


def _days(endings: pd.DataFrame, acts: pd.DataFrame) -> pd.DataFrame:
    """Days of the steps from the onset; where no dated act shows a step, the day of the step before it."""
    start = endings["start"]
    reached = {
        name: acts[chosen].groupby("row")["day"].min().reindex(endings.index)
        for name, chosen in {
            "campaign": acts["category"] >= CAMPAIGN,
            "wide": (acts["category"] >= REGIONAL) | acts["closure"],
            "full": acts["category"] >= FULL,
        }.items()
    }
    strike = (endings["strike_date"] - start).dt.days.fillna(0).clip(lower=0)
    reply = (endings["retaliation_date"] - start).dt.days.fillna(strike).clip(lower=strike)
    campaign = reached["campaign"].fillna(strike).clip(lower=strike)
    wide = reached["wide"].fillna(campaign)
    end = (endings["date"] - start).dt.days.astype(float)
    campaign = campaign.clip(upper=wide.clip(lower=strike))
    return pd.DataFrame(
        {
            "strike_day": strike,
            "reply_day": reply,
            "campaign_day": campaign,
            "wide_day": wide.clip(lower=campaign),
            "full_day": reached["full"].fillna(campaign).clip(lower=campaign),
            "deal_day": acts[acts["deal"]].groupby("row")["day"].max().reindex(endings.index).fillna(end),
            "end_day": end,
        }
    )
