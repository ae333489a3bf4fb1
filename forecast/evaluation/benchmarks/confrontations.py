"""M: weeks of confrontations (M1), both sides jointly, and replies to attacks (M2), from MIE 1.0.

Everything is learned from confrontations that began up to 1989; those of 1990 to 2002 are the test, later ones a second
test where the file holds them. Every confrontation weighs 1, in the fits as in the scores. A confrontation's weeks end
26 weeks after its last event, so that a quiet of more than 26 weeks stands in the data only where an act follows:
scores of M1 beyond that are no skill.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from forecast.evaluation.baselines import (
    Fit,
    Mean,
    Predict,
    Table,
    Widened,
    Without,
    boosting,
    climatology,
    extra_trees,
    hurdle,
    markov,
    out_of_fold,
    ridge_multinomial,
    ridge_ordered,
    settled,
    two_part,
)
from forecast.evaluation.benchmarks import replies, weekly
from forecast.evaluation.benchmarks.contest import Part, Pool, Renewed, Task, parts
from forecast.evaluation.benchmarks.mie import LEVELS
from forecast.outside.frailty import running_frailty

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast.evaluation.benchmarks.mie import Confrontations

ID: Final = "M"
FILE: Final = "mie/mie-1.0.csv"
LAST_TRAINING_YEAR: Final = 1989
LAST_TEST_YEAR: Final = 2002
HORIZONS: Final = (1, 4, 13)
REPLY: Final = "M2 reply"
SIDES: Final = 5
REPLY_ENTRANTS: Final = ("mean of unlike models with frailty, renewed", "logits of all acts with frailty, renewed")
"""Entrants of M2, each named before the test was scored (the second after the first had been): four models or two,
fitted anew every calendar year to the confrontations that were over before it began, their mean moved by a frailty of
the pair that is learned on the way. The second learns from what followed every act of any pair, not from attacks only.
"""
_HALF_LIVES: Final = (np.inf, 13.0)


def weekly_name(horizon: int) -> str:
    """Name of an M1 task."""
    return "M1 next week" if horizon == 1 else f"M1 next {horizon} weeks"


def joint_name(horizon: int) -> str:
    """Name of a joint M1 task."""
    return f"M1 joint, {horizon} weeks" if horizon > 1 else "M1 joint, next week"


def parts_of(found: Confrontations) -> tuple[Part, ...]:
    """Which years are learned from and which are tested: the test, and what the file holds after it."""
    return parts(LAST_TRAINING_YEAR, LAST_TEST_YEAR, int(found.pairs["start"].dt.year.max()))


def weekly_task(found: Confrontations, horizon: int, part: Part) -> Task:
    """M1: highest level of each side in the next `horizon` weeks, for each side and week."""
    frame = weekly.weekly_table(found, horizon)
    outcome = frame["outcome"].to_numpy(int)
    return _task(weekly_name(horizon), frame, weekly.features(frame), outcome, len(LEVELS), part)


def joint_task(found: Confrontations, horizon: int, part: Part) -> Task:
    """M1 of both sides at once: one row per week, 25 classes (level of side 0, of side 1); no order, so no RPS."""
    frame = weekly.weekly_table(found, horizon)
    frame = frame[frame["side"] == 0].reset_index(drop=True)
    outcome = (frame["outcome"] * SIDES + frame["opponent_outcome"]).to_numpy(int)
    task = _task(joint_name(horizon), frame, weekly.features(frame), outcome, SIDES**2, part)
    return task._replace(scores=("log",))


def reply_task(found: Confrontations, part: Part) -> Task:
    """M2: highest level of the struck side within 60 days after an attack."""
    frame = replies.reply_table(found)
    task = _task(REPLY, frame, replies.features(frame), frame["outcome"].to_numpy(int), len(LEVELS), part)
    renewals = replies.renewals(frame, task.splits[0][1])
    return task._replace(table=task.table._replace(folds=5), renewals=renewals)


def weekly_candidates(horizon: int) -> dict[str, Fit]:
    """Return hurdle and level, with a frailty, and with a boosted hurdle."""
    return {
        "hurdle and level with frailty": two_part(with_frailty(ridge_multinomial, horizon), ridge_multinomial),
        "boosted hurdle and level": two_part(boosting, ridge_multinomial),
    }


def reply_candidates(found: Confrontations) -> dict[str, Fit]:
    """Return ridge logits of the struck side's own history, a boosted hurdle, a forest, and the `REPLY_ENTRANTS`.

    Leaving out the attacker's history, and the entrants, were chosen within the training years, by grouped folds and by
    forecasts forward in time.
    """
    widen = replies.all_acts(found)
    unlike = (
        Without(("striker", *replies.FURTHER), ridge_ordered),
        Without(("striker", *replies.FURTHER), ridge_multinomial),
        Without(replies.FURTHER, extra_trees),
        Without(replies.FURTHER, two_part(boosting, ridge_multinomial)),
    )
    wide = tuple(Widened(widen, replies.MARKS, fit) for fit in unlike[:2])
    return {
        "ordered logit, struck side": Without("striker", ridge_ordered),
        "hurdle and level, struck side": Without("striker", hurdle),
        "boosted hurdle and level": two_part(boosting, ridge_multinomial),
        "extra trees": extra_trees,
        REPLY_ENTRANTS[0]: Renewed(Mean(unlike, replies.with_frailty)),
        REPLY_ENTRANTS[1]: Renewed(Mean(wide, replies.with_frailty)),
    }


_WEEKLY: Final = ("hurdle and level", "hurdle and level with frailty", "boosted hurdle and level")
_REPLY: Final = ("ridge ordered logit", "hurdle and level", "boosted hurdle and level", "extra trees")
WEEKLY_POOLS: Final = {"linear pool": Pool("linear", _WEEKLY), "logarithmic pool": Pool("logarithmic", _WEEKLY)}
_STRUCK: Final = ("ordered logit, struck side", "hurdle and level, struck side")
REPLY_POOLS: Final = {
    "linear pool": Pool("linear", _REPLY),
    "logarithmic pool": Pool("logarithmic", _REPLY),
    "linear pool, struck side": Pool("linear", _STRUCK),
}


def joint_baselines() -> Mapping[str, Fit]:
    """Baselines of the joint task; the last treats the sides as independent of each other."""
    return {"climatology": climatology, "Markov chain": markov, "independent sides": independent}


def joint_candidates() -> dict[str, Fit]:
    """Return the joint choice: who acts, then how far."""
    return {"who acts, then how far": joint_choice}


def independent(table: Table) -> Predict:
    """Hurdle and level for each side apart; their product."""
    own, other = np.divmod(table.outcome, SIDES)
    sides = [hurdle(table._replace(outcome=outcome, classes=SIDES)) for outcome in (own, other)]

    def predict(frame: pd.DataFrame) -> np.ndarray:
        first, second = (side(frame) for side in sides)
        return (first[:, :, None] * second[:, None, :]).reshape(len(frame), -1)

    return predict


def joint_choice(table: Table) -> Predict:
    """Who acts (neither, one, the other, both), then the level of one, or both levels together."""
    own, other = np.divmod(table.outcome, SIDES)
    who = (own > 0) * 2 + (other > 0)
    acting = ridge_multinomial(table._replace(outcome=who, classes=4))
    alone = {}
    for case, level in ((2, own), (1, other)):
        some = table.take(who == case)
        alone[case] = ridge_multinomial(some._replace(outcome=level[who == case] - 1, classes=SIDES - 1))
    both = table.take(who == 3)
    pairs = ((own - 1) * (SIDES - 1) + other - 1)[who == 3]
    together = ridge_multinomial(both._replace(outcome=pairs, classes=(SIDES - 1) ** 2))

    def predict(frame: pd.DataFrame) -> np.ndarray:
        chance = acting(frame)
        out = np.zeros((len(frame), SIDES, SIDES))
        out[:, 0, 0] = chance[:, 0]
        out[:, 0, 1:] = chance[:, 1:2] * alone[1](frame)
        out[:, 1:, 0] = chance[:, 2:3] * alone[2](frame)
        out[:, 1:, 1:] = (chance[:, 3:] * together(frame)).reshape(-1, SIDES - 1, SIDES - 1)
        return out.reshape(len(frame), -1)

    return predict


def with_frailty(fit: Fit, horizon: int) -> Fit:
    """A model of whether a side acts, given in a second step how far it outran the first one's expectations so far.

    The chances that the frailty compares with are predicted out of fold on training rows, by a model of all training
    rows on others; acts are read from `own`, so nothing later than the row enters.
    """

    def fitted(table: Table) -> Predict:
        chosen = settled(fit, table)
        base = chosen(table)
        held = _frailties(table.frame, out_of_fold(table, chosen)[:, 1], horizon)
        names = tuple(held.columns)
        second = fit(table._replace(frame=pd.concat([table.frame, held], axis=1), features=(*table.features, *names)))

        def predict(frame: pd.DataFrame) -> np.ndarray:
            return second(pd.concat([frame, _frailties(frame, base(frame)[:, 1], horizon)], axis=1))

        return predict

    return fitted


def _frailties(frame: pd.DataFrame, chance: np.ndarray, horizon: int) -> pd.DataFrame:
    """Frailty of the side, of the other side, and of both, before each row."""
    chance = np.clip(chance, 1e-6, 1 - 1e-6)
    keys = frame[["confrontation", "side", "week"]].to_numpy(int)
    order = np.lexsort((keys[:, 2], keys[:, 1], keys[:, 0]))
    sequence = (keys[:, 0] * 2 + keys[:, 1])[order]
    acted = (frame["own"].to_numpy() > 0)[order]
    recent = acted.copy()
    for lag in range(1, horizon):
        recent[lag:] |= acted[:-lag] & (sequence[lag:] == sequence[:-lag])
    found = np.empty((len(frame), len(_HALF_LIVES)))
    found[order] = running_frailty(sequence, recent, chance[order], lag=horizon, half_lives=_HALF_LIVES)
    names = [f"frailty_{number}" for number in range(len(_HALF_LIVES))]
    own = pd.DataFrame(found, columns=pd.Index(names), index=frame.index)
    turned = frame[["confrontation", "week", "side"]].assign(side=1 - frame["side"])
    both = pd.concat([frame[["confrontation", "week", "side"]], own], axis=1)
    other = turned.merge(both, how="left", on=["confrontation", "week", "side"])[names].fillna(0.0).to_numpy()
    out = own.assign(**{f"opponent_{name}": other[:, i] for i, name in enumerate(names)})
    logit = np.log(chance / (1.0 - chance))
    return out.assign(base_logit=logit, frailty_by_logit=own["frailty_0"] * logit)


def _task(
    name: str, frame: pd.DataFrame, features: tuple[str, ...], outcome: np.ndarray, classes: int, part: Part
) -> Task:
    cluster = frame["confrontation"].to_numpy()
    weight = 1.0 / frame.groupby("confrontation")["confrontation"].transform("size").to_numpy(float)
    table = Table(frame, features, outcome, classes, cluster, weight, ("own", "opponent"), folds=3)
    return Task(ID, name + part.suffix, table, (part.split(frame["year"].to_numpy()),))
