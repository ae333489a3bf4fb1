"""The episode model: a crisis as a game – strike or not, answer or not, how far – with clocks, fitted to past crises.

The opening is the escalation game (`forecast.outside.escalation`; Signorino 2003): the challenger strikes or not, the
struck side fights back or not, and the challenger's choice depends on the answer it must expect. Campaign, full war,
several theatres and a settlement without a strike are choices of their own. Coefficients have normal priors, actors and
regions effects of their own that shrink towards each other; the posterior is a normal approximation at its mode, the
spreads of the priors are averaged by their evidence. When things happen is left to clocks (`forecast.outside.clocks`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import UsageError
from forecast.outside import utilities
from forecast.outside.choice import CHOICE
from forecast.outside.clocks import Hazard, Lag, fit_hazard, fit_lag
from forecast.outside.crises import COVARIATES
from forecast.outside.escalation import ESCALATION
from forecast.outside.utilities import CONSTANT, Posterior, Prior, Terms

if TYPE_CHECKING:
    from forecast.outside.crises import Crises

FEWEST: Final = 8
"""With fewer past crises there is no outside view."""
OPENING: Final = Terms(
    {
        "u11": (CONSTANT, *COVARIATES),
        "u14": (CONSTANT, "capability", "target_nuclear", "high_stake", "ground_access"),
        "u24": (CONSTANT, "capability", "challenger_nuclear", "target_nuclear", "high_stake", "ground_access",
                "retaliation", "strikes_before"),
    },
    {"u11": ("challenger", "region"), "u24": ("target",)},
)  # fmt: skip
"""Payoffs of the challenger from the status quo (`u11`) and from a strike that is answered (`u14`), of the struck side
from answering (`u24`); a strike that is not answered is worth 0 to the challenger, giving in 0 to the struck side."""
FURTHER: Final = {
    "campaign": Terms({"u": (CONSTANT, "answered", "again", "capability", "high_stake", "ground_access", "retaliation",
                             "strikes_before")}),
    "full": Terms({"u": (CONSTANT, "answered", "again", "capability", "high_stake", "ground_access")}),
    "regional": Terms({"u": (CONSTANT, "answered", "again", "chokepoint", "challenger_nuclear")}),
    "settled": Terms({"u": (CONSTANT, "capability", "challenger_nuclear", "target_nuclear", "high_stake", "retaliation",
                            "crises_before")}),
}  # fmt: skip
"""Choices after the opening: a campaign after a strike, full war in a campaign, several theatres in one that is no full
war; and a deal in a crisis without a strike. `again` marks later rounds of a crisis in which force was used before."""
PRIORS: Final = tuple(Prior(1.5, slope, group) for slope in (0.1, 0.2, 0.4) for group in (0.1, 0.3))
"""Spreads of constants, of slopes per standard deviation of a covariate, and of the effects of actors and regions, in
standard deviations of one payoff's error."""
AGAIN_WEIGHT: Final = 4.0
"""How many rounds the share of openings that were answered counts for, where later rounds are concerned."""
GAPS: Final = (1, 2, 4, 8, 15, 31, 91)
"""Days since the last overt act: first day of each bin of the clocks of a crisis in which force was used."""
FOUGHT: Final = (1, 2, 4, 8, 15, 31, 91, 181, 366)
"""The same for days of fighting, clock of a campaign's halt."""
QUIET: Final = (0, 31, 183, 731)
"""The same for days since a dyad's last crisis, clock of its next."""
MODES: Final = {False: ("none", "proxy", "symbolic"), True: ("bounded", "widening")}


class Model(NamedTuple):
    """A fitted episode model.

    `opening` and `further` hold one posterior per prior; `again` counts later rounds that were answered and not, beta;
    `modes` the modes of reply, Dirichlet, by whether it is an answer; `talks` talks within 90 days of a strike,
    `ends_with` campaigns with whose halt the crisis is over, both beta. `crises` is how many it was fitted to.
    """

    opening: tuple[Posterior, ...]
    further: dict[str, tuple[Posterior, ...]]
    again: tuple[float, float]
    modes: dict[bool, np.ndarray]
    talks: tuple[float, float]
    ends_with: tuple[float, float]
    lags: dict[str, Lag]
    renewal: Hazard
    ending: Hazard
    deal: Hazard
    halt: Hazard
    onset: Hazard
    usual: dict[str, float]
    crises: int


def fit_episodes(crises: Crises, day: pd.Timestamp, priors: tuple[Prior, ...] = PRIORS) -> Model:
    """Fit the game and the clocks.

    Parameters
    ----------
    crises
        Crises that were over by the as-of day, as they were known then (`forecast.outside.crises.read_crises`).
    day
        The as-of day, until which dyads are watched for their next crisis.
    priors
        Prior spreads that are averaged by their evidence; one that is flat gives maximum likelihood.

    Raises
    ------
    UsageError
        Fewer than `FEWEST` crises are over.
    """
    table = crises.table
    if len(table) < FEWEST:
        raise UsageError(
            f"outside view: {len(table)} past crises were over by {day.date()}, and it needs {FEWEST}; choose a later "
            "as-of day, or let the shipped crises join the record (reference: shipped in record.yaml)"
        )
    usual = {name: float(np.nan_to_num(np.nanmean(table[name].to_numpy(float)))) for name in COVARIATES
             if table[name].notna().any()}  # fmt: skip
    filled = with_usual(table, usual)
    struck = table["struck"].to_numpy(bool)
    answered = table["answered"].to_numpy(bool)
    counts = np.eye(3)[np.where(struck, 1 + answered, 0)]
    opening = tuple(utilities.fit(ESCALATION, OPENING, filled, counts, prior) for prior in priors)
    rounds = later_rounds(crises)
    again = rounds.loc[rounds["again"] > 0]
    share = (answered.sum() + 0.5) / (struck.sum() + 1.0)
    yes = float((again["weight"] * again["answered"]).sum())
    no = float((again["weight"] * (1 - again["answered"])).sum())
    fighting = table[table["campaign"].astype(bool)]
    together = (fighting["end_day"] - fighting["campaign_day"] - fighting["fought"].fillna(1.0) < 1.0).sum()
    near = table.loc[struck, "talks_after"].le(90).sum()
    return Model(
        opening=opening,
        further=_further(filled, rounds, priors),
        again=(yes + AGAIN_WEIGHT * share, no + AGAIN_WEIGHT * (1 - share)),
        modes={kind: _mode_counts(table[struck & (answered == kind)], names) for kind, names in MODES.items()},
        talks=(float(near) + 0.5, float(struck.sum() - near) + 0.5),
        ends_with=(float(together) + 0.5, float(len(fighting) - together) + 0.5),
        lags=_lags(table),
        renewal=_hazard_after(crises, "act"),
        ending=_hazard_after(crises, "end"),
        deal=_hazard_after(crises, "deal"),
        halt=_halt(table),
        onset=onset_clock(table, day),
        usual=usual,
        crises=len(table),
    )


def with_usual(table: pd.DataFrame, usual: dict[str, float]) -> pd.DataFrame:
    """The table with covariates that are not known set to their mean over past crises."""
    return table.assign(**{name: table[name].fillna(usual.get(name, 0.0)) for name in COVARIATES})


def later_rounds(crises: Crises) -> pd.DataFrame:
    """Rounds of force: the opening of each crisis (`again` 0), and what came from each later overt act on (`again` 1).

    The later rounds of one crisis weigh 1 together. `row` points into the table of crises; an opening that never came
    weighs 0.
    """
    table = crises.table
    opening = pd.DataFrame(
        {
            "row": np.arange(len(table)),
            "again": 0.0,
            "weight": table["struck"].astype(float),
            **{name: table[name].astype(float) for name in ("answered", "campaign", "wide", "full")},
        }
    )
    later = []
    for row, acts in crises.acts.groupby("row"):
        one = table.iloc[int(str(row))]
        if not one["struck"]:
            continue
        first = acts["day"] > one["strike_day"]
        days = acts.loc[first & ~((acts["day"] >= one["campaign_day"]) & one["campaign"]), "day"].unique()
        for day in days:
            others = acts[(acts["day"] >= day) & (acts["side"] != acts.loc[acts["day"] == day, "side"].iloc[0])]
            later.append(
                (int(str(row)), 1.0, 1.0 / len(days), float((others["rung"] >= 4).any()),
                 *(float(one[name]) for name in ("campaign", "wide", "full")))
            )  # fmt: skip
    columns = ["row", "again", "weight", "answered", "campaign", "wide", "full"]
    rounds = pd.DataFrame(later, columns=pd.Index(columns)).astype(float)
    return pd.concat([opening.astype(float), rounds], ignore_index=True)


def _further(table: pd.DataFrame, rounds: pd.DataFrame, priors: tuple[Prior, ...]) -> dict[str, tuple[Posterior, ...]]:
    frame = table.drop(columns=["answered", "campaign", "wide", "full"]).iloc[rounds["row"].to_numpy(int)]
    frame = frame.reset_index(drop=True).assign(answered=rounds["answered"], again=rounds["again"])
    weight, campaign, full = rounds["weight"], rounds["campaign"], rounds["full"]
    played = {
        "campaign": (frame, campaign, weight),
        "full": (frame, full, weight * campaign),
        "regional": (frame, rounds["wide"], weight * campaign * (1.0 - full)),
        "settled": (table, table["settled"].astype(float), 1.0 - table["struck"].astype(float)),
    }
    return {
        name: tuple(
            utilities.fit(CHOICE, FURTHER[name], rows, np.column_stack([(1 - yes) * given, yes * given]), prior)
            for prior in dict.fromkeys(prior._replace(group=1.0) for prior in priors)
        )
        for name, (rows, yes, given) in played.items()
    }


def _mode_counts(table: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    return np.array([(table["mode"] == name).sum() + 0.5 for name in names], float)


def _lags(table: pd.DataFrame) -> dict[str, Lag]:
    """From the onset to a strike, a deal or an end without either; from strike to answer and campaign, and on."""
    steps = {
        "strike": ("struck", "strike_day", None),
        "reply": ("answered", "reply_day", "strike_day"),
        "campaign": ("campaign", "campaign_day", "strike_day"),
        "wide": ("wide", "wide_day", "campaign_day"),
        "full": ("full", "full_day", "campaign_day"),
    }
    found = {}
    for name, (given, to, since) in steps.items():
        some = table[table[given].astype(bool)]
        found[name] = fit_lag(some[to].to_numpy(float) - (some[since].to_numpy(float) if since else 0.0))
    calm = ~table["struck"].astype(bool)
    settled = table["settled"].astype(bool)
    return found | {
        "deal": fit_lag(table.loc[calm & settled, "deal_day"].to_numpy(float)),
        "end": fit_lag(table.loc[calm & ~settled, "end_day"].to_numpy(float)),
    }


def _hazard_after(crises: Crises, what: str) -> Hazard:
    """Chance per day of the next overt act, of a deal or of the end, by days since the last act.

    Days on which a campaign runs are left out.
    """
    events, gaps = [], []
    for row, one in enumerate(crises.table.to_dict("records")):
        if not one["struck"]:
            continue
        mine = crises.acts.loc[crises.acts["row"] == row, "day"]
        days = {int(one["strike_day"]), *(int(d) for d in mine if d >= one["strike_day"])}
        end = int(one["end_day"])
        fought: set[int] = set()
        if one["campaign"]:
            first = int(one["campaign_day"])
            fought = set(range(first, min(first + int(np.nan_to_num(one["fought"], nan=1.0)), end + 1)))
        last, came = int(one["strike_day"]), {"end": end} | ({"deal": int(one["deal_day"])} if one["settled"] else {})
        for day in range(last + 1, end + 1):
            if day not in fought:
                gaps.append(day - last)
                if day in days if what == "act" else day == came.get(what):
                    events.append(day - last)
            if day in days or day in fought:
                last = day
        if what in came and came[what] in fought:  # a campaign that ends by it
            events.append(1)
            gaps.append(1)
    exposed = np.bincount(np.array(gaps, int), minlength=1).astype(float)
    return fit_hazard(GAPS, np.array(events, int), exposed, prior_events=0.5, prior_days=25.0)


def _halt(table: pd.DataFrame) -> Hazard:
    fought = table.loc[table["campaign"].astype(bool), "fought"].fillna(1.0).clip(lower=1.0).to_numpy(int)
    longest = int(fought.max(initial=1))
    exposed = (fought[:, None] >= np.arange(longest + 1)).sum(axis=0).astype(float)
    exposed[0] = 0.0
    return fit_hazard(FOUGHT, fought, exposed, prior_events=0.5, prior_days=15.0)


def onset_clock(table: pd.DataFrame, day: pd.Timestamp) -> Hazard:
    """Chance per day of a dyad's next crisis, by days since its last was over."""
    events, spells = [], []
    for _, mine in table.groupby("dyad"):
        gaps, last = quiet_spells(mine["start"].tolist(), mine["end"].tolist(), day)
        events += gaps
        spells += [*gaps, last]
    longest = max(spells, default=0)
    exposed = np.bincount(np.array(spells, int), minlength=longest + 1)[::-1].cumsum()[::-1].astype(float)
    return fit_hazard(QUIET, np.array(events, int), exposed, prior_events=0.5, prior_days=1000.0)


def quiet_spells(starts: list, ends: list, day: pd.Timestamp) -> tuple[list[int], int]:
    """Days from the end of each crisis of a dyad to the onset of its next, and from the last end to a day.

    A crisis that begins while another runs ends no quiet.
    """
    gaps, over = [], None
    for start, end in sorted(zip(starts, ends, strict=True)):
        if over is not None and start > over:
            gaps.append((start - over).days)
        over = end if over is None else max(over, end)
    return gaps, max((day - over).days, 0) if over is not None else 0
