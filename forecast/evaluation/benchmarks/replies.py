"""M2: attacks as a table – what each side did before, and the highest level of the struck side's reply in 60 days.

A row is an attack of one main side on the other, the first in its week. What stands earlier in the order of date and
number of events is known; the reply is the highest level of the struck side among later events, clashes and battles
included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from forecast.evaluation.benchmarks.mie import ATTACK, LAST_DAY, QUIET_WEEKS, other_pairs
from forecast.evaluation.benchmarks.weekly import earlier_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecast.evaluation.baselines import Table
    from forecast.evaluation.benchmarks.mie import Confrontations

REPLY_DAYS: Final = 60
WINDOWS: Final = (7, 30, 90, 365)
HALF_LIVES: Final = (15.0, 60.0, 240.0)
NEVER: Final = 2000.0
_REMEMBERED: Final = 30
MARKS: Final = ("attack", "main")
_EVENT: Final = ("confrontation", "number")
_KEYS: Final = (*_EVENT, "year", "outcome", "own", "opponent", "date", "over")
FURTHER: Final = (
    "struck_decayed", "striker_decayed", "balance", "exchange", "mutual", "answered_number", "unanswered_number",
    "attacks_open", "week", "attacker_is_low",
)  # fmt: skip
"""First words of features that made forecasts of the training years no better, forward in time worse; the entrant of M2
goes without them. The test years turned out otherwise, so the baselines keep them."""
FRAILTY_SPREAD: Final = 0.5
_FORCE: Final = 3
_NEWTON_STEPS: Final = 15


def reply_table(found: Confrontations) -> pd.DataFrame:
    """Rows, features and outcome.

    Returns
    -------
    DataFrame
        `confrontation`, `number` of the attack's event, `year` (of the confrontation's start), `over` (when its last
        event is `QUIET_WEEKS` old), `date` of the attack, `outcome` (0 none to 4 war), `own` and `opponent` (last level
        ever of the struck side and of the attacker), and every feature of `features`.
    """
    before = pd.DataFrame(earlier_record(found), index=found.pairs["confrontation"])
    start = found.pairs.set_index("confrontation")["start"]
    rows = []
    for confrontation, events in found.events.groupby("confrontation", sort=True):
        past = before.loc[confrontation].to_dict()
        over = events["date"].max() + pd.Timedelta(weeks=QUIET_WEEKS)
        keys = {"confrontation": confrontation, "year": start[confrontation].year, "over": over}
        rows.extend({**keys, **row, **past} for row in _attacks(events))
    return pd.DataFrame(rows)


def all_acts(found: Confrontations) -> Callable[[Table], Table]:
    """What adds to a table of attacks what followed the other acts in confrontations, each taken for an attack.

    Acts of a confrontation whose attacks are in the table, and of one without attacks that is no later and was over no
    later than those of the table. The other acts of the main sides weigh as much as a confrontation's attacks, and so
    do the acts of its other pairs. The columns of `MARKS` tell attacks and main sides apart.
    """
    attacks = reply_table(found)
    rest, of = other_pairs(found)
    acts, others = (reply_table(one._replace(events=one.events.assign(action=ATTACK))) for one in (found, rest))
    attacked = pd.MultiIndex.from_frame(attacks[list(_EVENT)])
    acts = acts[~pd.MultiIndex.from_frame(acts[list(_EVENT)]).isin(attacked)]
    others = others.assign(confrontation=others["confrontation"].map(of))
    each = [1.0 / one.groupby("confrontation")["confrontation"].transform("size") for one in (acts, others)]
    more = pd.concat([acts.assign(attack=0.0, main=1.0), others.assign(attack=0.0, main=0.0)], ignore_index=True)
    outcome, cluster = more["outcome"].to_numpy(int), more["confrontation"].to_numpy()
    weight = pd.concat(each).to_numpy(float)
    alone = ~more["confrontation"].isin(attacks["confrontation"])

    def widen(table: Table) -> Table:
        own = table.frame.assign(**dict.fromkeys(MARKS, 1.0))
        earlier = (more[["year", "over"]] <= own[["year", "over"]].max()).all(axis=1)
        some = (more["confrontation"].isin(own["confrontation"]) | (alone & earlier)).to_numpy()
        return table._replace(
            frame=pd.concat([own, more[some]], ignore_index=True),
            features=(*table.features, *MARKS),
            outcome=np.concatenate([table.outcome, outcome[some]]),
            cluster=np.concatenate([table.cluster, cluster[some]]),
            weight=np.concatenate([table.weight, weight[some]]),
        )

    return widen


def features(table: pd.DataFrame) -> tuple[str, ...]:
    """Names of the feature columns of `reply_table`."""
    return tuple(name for name in table.columns if name not in _KEYS)


def renewals(frame: pd.DataFrame, test: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """For each calendar year of the test: rows of confrontations that were over before it began, and its test rows."""
    year, over = frame["date"].dt.year.to_numpy(), frame["over"].to_numpy()
    return tuple(
        (np.flatnonzero(over < np.datetime64(f"{one}-01-01")), test[year[test] == one]) for one in np.unique(year[test])
    )


def with_frailty(frame: pd.DataFrame, chance: np.ndarray, spread: float = FRAILTY_SPREAD) -> np.ndarray:
    """Chances moved by how the struck side met earlier attacks of this confrontation, against what was expected of it.

    The log odds of force (level 3 or 4) have an intercept of the pair of attacker and confrontation, normal around 0;
    its mode given the replies whose 60 days were over on the day of the attack is added.

    Parameters
    ----------
    frame
        Columns `confrontation`, `attacker_is_low`, `date`, `outcome` of `reply_table`.
    chance
        Probabilities [row, level].
    spread
        Standard deviation of the intercept.
    """
    expected = logit(np.clip(chance[:, _FORCE:].sum(axis=1), 1e-4, 1 - 1e-4))
    came = frame["outcome"].to_numpy() >= _FORCE
    day = frame["date"].to_numpy("datetime64[D]")
    moved = chance.copy()
    for rows in frame.reset_index(drop=True).groupby(["confrontation", "attacker_is_low"]).indices.values():
        for row in rows:
            past = rows[day[rows] + np.timedelta64(REPLY_DAYS, "D") <= day[row]]
            moved[row, _FORCE:] *= np.exp(_mode(expected[past], came[past], spread))
    return moved / moved.sum(axis=1, keepdims=True)


def _mode(expected: np.ndarray, came: np.ndarray, spread: float) -> float:
    """Mode of an intercept, normal around 0, added to known log odds [reply], by Newton's method."""
    intercept = 0.0
    for _ in range(_NEWTON_STEPS if len(came) else 0):
        chance = expit(expected + intercept)
        slope = (came - chance).sum() - intercept / spread**2
        intercept += slope / ((chance * (1 - chance)).sum() + 1 / spread**2)
    return float(intercept)


def _attacks(events: pd.DataFrame) -> list[dict[str, object]]:
    """Rows of one confrontation, from its events in order of date and number."""
    side, mutual = events["side"].to_numpy(int), events["mutual"].to_numpy(bool)
    level, action = events["level"].to_numpy(int), events["action"].to_numpy(int)
    week, deaths = events["week"].to_numpy(int), events["deaths"].to_numpy(float)
    date = events["date"].to_numpy("datetime64[D]")
    day = (date - date[0]).astype(int)
    limit = int((np.datetime64(LAST_DAY, "D") - date[0]).astype(int)) - REPLY_DAYS
    main = side >= 0
    acts = [main & ((side == who) | mutual) for who in (0, 1)]
    rows, taken = [], set()
    answers: list[list[tuple[int, bool]]] = [[], []]
    for i in np.flatnonzero(main & (action == ATTACK)).tolist():
        who = int(side[i])
        if (who, week[i]) in taken:
            continue
        taken.add((who, week[i]))
        later = np.arange(len(day)) > i
        window = acts[1 - who] & later & (day <= day[i] + REPLY_DAYS)
        outcome = int(level[window].max(initial=0))
        if day[i] <= limit:
            known = _before(i, day, level, acts[1 - who], acts[who])
            known |= _circumstances(i, day, level, deaths, main, mutual)
            known |= _record_of_answers(answers[who], int(day[i]))
            known |= {"week": np.log1p(max(int(week[i]), 0)), "attacker_is_low": float(who == 0)}
            event = {"number": int(events["number"].iloc[i]), "date": events["date"].iloc[i]}
            rows.append({"outcome": outcome, **event, **known})
        answers[who].append((int(day[i]), outcome >= 3))
    return rows


def _before(i: int, day: np.ndarray, level: np.ndarray, struck: np.ndarray, striker: np.ndarray) -> dict[str, float]:
    """What each side did before event `i`, in windows, decayed, and last."""
    known: dict[str, float] = {}
    for name, acts in (("struck", struck), ("striker", striker)):
        past = np.flatnonzero(acts[:i])
        age, high = day[i] - day[past], level[past]
        for window in WINDOWS:
            recent = age <= window
            known[f"{name}_{window}"] = np.log1p(recent.sum())
            known[f"{name}_force_{window}"] = np.log1p((recent & (high >= 3)).sum())
        for life in HALF_LIVES:
            known[f"{name}_decayed_{life:.0f}"] = np.log1p((0.5 ** (age / life))[high >= 3].sum())
        known[f"{name}_ever"] = np.log1p(len(past))
        known[f"{name}_force_ever"] = np.log1p((high >= 3).sum())
        known[f"{name}_highest"] = float(high.max(initial=0))
        known[f"{name}_highest_60"] = float(high[age <= REPLY_DAYS].max(initial=0))
        known[f"{name}_last"] = float(high[-1]) if len(past) else 0.0
        known[f"{name}_since"] = np.log1p(float(age[-1]) if len(past) else NEVER)
        known[f"{name}_since_force"] = np.log1p(float(age[high >= 3].min(initial=NEVER)))
        known[f"{name}_war_60"] = float((high[age <= REPLY_DAYS] == 4).any())
        known[f"{name}_war_365"] = float((high[age <= 365] == 4).any())
    known["own"], known["opponent"] = known["struck_last"], known["striker_last"]
    known["balance_60"] = known["struck_decayed_60"] - known["striker_decayed_60"]
    known["exchange_60"] = known["struck_decayed_60"] * known["striker_decayed_60"]
    return known


def _circumstances(
    i: int, day: np.ndarray, level: np.ndarray, deaths: np.ndarray, main: np.ndarray, mutual: np.ndarray
) -> dict[str, float]:
    past = np.flatnonzero(main[:i])
    third = np.flatnonzero(~main[:i])
    return {
        "deaths": np.log1p(deaths[i]),
        "deaths_so_far": np.log1p(deaths[past].sum()),
        "age": np.log1p(float(day[i] - day[main.argmax()])),
        "first": float(len(past) == 0),
        "war_so_far": float((level[past] == 4).any()),
        "mutual_60": np.log1p((mutual[past] & (day[i] - day[past] <= REPLY_DAYS)).sum()),
        "mutual_ever": np.log1p(mutual[past].sum()),
        "third_30": np.log1p((day[i] - day[third] <= 30).sum()),
        "third_365": np.log1p((day[i] - day[third] <= 365).sum()),
    }


def _record_of_answers(answers: list[tuple[int, bool]], today: int) -> dict[str, float]:
    """How the struck side met earlier attacks of this attacker, as far as it is known today.

    An attack that was answered late may be known to be answered only after today; only closed windows count. The share
    is the mean of a Beta posterior, a frailty of the side that is learned on the way.
    """
    closed = [met for when, met in answers if when + REPLY_DAYS <= today][-_REMEMBERED:]
    met = float(sum(closed))
    run = next((back for back, one in enumerate(reversed(closed)) if one), len(closed))
    return {
        "answered_share": (met + 0.7) / (len(closed) + 2.0),
        "answered_number": np.log1p(met),
        "unanswered_number": np.log1p(len(closed) - met),
        "unanswered_run": np.log1p(run),
        "attacks_open": np.log1p(len(answers) - len([1 for when, _ in answers if when + REPLY_DAYS <= today])),
    }
