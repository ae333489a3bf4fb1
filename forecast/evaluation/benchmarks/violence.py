"""I: how violent an international crisis becomes – at its onset (I1), in its course (I2), and on given days (I2cal).

Learned from crises that began up to 1979; those of 1980 to 2002 are the test, later ones a second test where the files
hold them. Every crisis weighs 1, in the fits as in the scores. Renewed candidates are fitted anew for every calendar
year, to the crises that were over before it began.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression

from forecast.evaluation.baselines import (
    Fit,
    Predict,
    Ruled,
    Table,
    Tuned,
    boosting,
    climatology,
    randomised_trees,
    ridge_multinomial,
    scaler,
    two_part,
    with_all_classes,
)
from forecast.evaluation.benchmarks import course, onset
from forecast.evaluation.benchmarks.contest import Part, Pool, Renewed, Task, parts
from forecast.evaluation.benchmarks.icb import LEVELS
from forecast.outside import shrunk

if TYPE_CHECKING:
    import pandas as pd

    from forecast.evaluation.benchmarks.icb import Crises

ID: Final = "I"
FILE: Final = "icb/icb1v15.csv"
LAST_TRAINING_YEAR: Final = 1979
LAST_TEST_YEAR: Final = 2002
FOLDS: Final = 5
COURSES: Final = {"I2": True, "I2cal": False}
"""Whether a task cuts the course of a crisis at shares of its length; else on given days."""
NAMES: Final = {"I1": "I1 onset", "I2": "I2 course, by share of its length", "I2cal": "I2cal course, by day"}
_LEAVES: Final = (20, 10, 5)
_COSTS: Final = (1.0, 3.0, 10.0)
_POINTS: Final = 300


def parts_of(found: Crises) -> tuple[Part, ...]:
    """Which years are learned from and which are tested: the test, and what the files hold after it."""
    return parts(LAST_TRAINING_YEAR, LAST_TEST_YEAR, int(found.crises["year"].max()))


def task_names(found: Crises) -> dict[tuple[str, Part], str]:
    """Names of the tasks that have test rows."""
    return {(kind, part): name + part.suffix for kind, name in NAMES.items() for part in parts_of(found)}


def make_task(found: Crises, kind: str, part: Part) -> Task:
    """Rows, features and split of a task.

    Parameters
    ----------
    found
        What `icb.read` gives.
    kind
        Key of `NAMES`.
    part
        Which years are learned from, and which are tested.
    """
    frame = onset.onset_table(found)
    features, state = onset.features(frame), ("violent", "last_of_conflict")
    if kind in COURSES:
        so_far = course.course_table(found, by_share=COURSES[kind])
        frame = so_far.merge(frame, on="crisis").sort_values(["trigger", "crisis", "cut"], ignore_index=True)
        cuts = {f"course_cut_{at}": frame["cut"].eq(at).astype(float) for at in (1, 2)}
        frame = frame.assign(**cuts)
        features, state = (*features, *course.features(so_far), *cuts), ("level_so_far", "cut")
    weight = 1.0 / frame.groupby("crisis")["crisis"].transform("size").to_numpy(float)
    outcome, cluster = frame["outcome"].to_numpy(int), frame["crisis"].to_numpy()
    table = Table(frame, features, outcome, len(LEVELS), cluster, weight, state, FOLDS)
    train, test = part.split(frame["year"].to_numpy())
    return Task(ID, NAMES[kind] + part.suffix, table, ((train, test),), renewals=renewals(frame, test))


def renewals(frame: pd.DataFrame, test: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """For each calendar year of the test: rows of crises that were over before it began, and its test rows."""
    year, over = frame["year"].to_numpy(), frame["over"].to_numpy()
    found = []
    for one in np.unique(year[test]):
        past = np.flatnonzero(over < np.datetime64(f"{one}-01-01"))
        found.append((past, test[year[test] == one]))
    return tuple(found)


def facts(found: Crises) -> dict[str, Any]:
    """Numbers of crises and events, and hashes of the files."""
    year = found.crises["year"]
    early, late = year <= LAST_TRAINING_YEAR, year > LAST_TEST_YEAR
    return {
        "crises": {"train": int(early.sum()), "test": int((~early & ~late).sum()), "later": int(late.sum())},
        "events": int(found.events["row"].nunique()),
        "states": found.states is not None,
        "files": found.files,
    }


def candidates() -> dict[str, Fit]:
    """Return four models that are unlike each other, all told the structural zero, and each of them renewed.

    They were chosen within the training years, by grouped folds and by forecasts forward in time.
    """
    once: dict[str, Fit] = {name: Ruled("violent", fit) for name, fit in _UNLIKE.items()}
    return once | {f"{name}, renewed": Renewed(fit) for name, fit in once.items()}


def blocks(features: tuple[str, ...]) -> np.ndarray:
    """Number of the block [feature]: what the first word of a name says, and of counts of acts the second."""
    names = []
    for feature in features:
        first, second = feature.split("_")[:2]
        apart = first == "course" and second in ("n", "k", "s", "last", "level")
        names.append(f"{first} {second}" if apart else first)
    return np.unique(names, return_inverse=True)[1]


def shrunk_logit(table: Table) -> Predict:
    """Bayesian logit of ordered classes, its slopes shrunk by block; each crisis counts as one observation."""
    scale, block = scaler(table), blocks(table.features)
    barred = not (table.outcome[_violent(table.frame)] == 0).any()

    def possible(frame: pd.DataFrame) -> np.ndarray:
        found = np.ones((len(frame), table.classes), bool)
        found[_violent(frame) & barred, 0] = False
        return found

    weight = table.weight / table.weight.sum() * len(np.unique(table.cluster))
    sample = shrunk.Sample(scale(table.frame), table.outcome, weight, possible(table.frame))
    posterior = shrunk.fit(sample, block)
    return lambda frame: shrunk.predict(posterior, scale(frame), possible(frame))


def _violent(frame: pd.DataFrame) -> np.ndarray:
    return frame["violent"].to_numpy() == 1


def _kernel(cost: float) -> Fit:
    def fit(table: Table) -> Predict:
        present = np.unique(table.outcome)
        if len(present) == 1:
            return climatology(table)
        scale = scaler(table)
        values = scale(table.frame)
        points = min(_POINTS, len(values))
        near = Nystroem(gamma=0.5 / values.shape[1], n_components=points, random_state=0).fit(values)
        model = LogisticRegression(C=cost, max_iter=500)
        model.fit(near.transform(values), table.outcome, table.weight / table.weight.mean())
        return with_all_classes(table, present, lambda frame: model.predict_proba(near.transform(scale(frame))))

    return fit


kernel_logit: Final = Tuned(tuple(_kernel(cost) for cost in _COSTS))
"""Multinomial logit on Gaussian kernels of all features (Williams and Seeger 2001), ridge penalty tuned."""
small_leaves: Final = Tuned(tuple(randomised_trees(rows) for rows in _LEAVES))
"""Extremely randomised trees, leaf size tuned."""
_UNLIKE: Final[dict[str, Fit]] = {
    "block-shrunk logit": shrunk_logit,
    "extra trees": small_leaves,
    "boosted hurdle and level": two_part(boosting, ridge_multinomial),
    "kernel logit": kernel_logit,
}
_ONCE: Final = tuple(_UNLIKE)
_RENEWED: Final = tuple(f"{name}, renewed" for name in _UNLIKE)
ENTRANT: Final = "equal pool, renewed"
"""The entrant that was named before the test was scored."""
POOLS: Final = {
    "calibrated boosting": Pool("logarithmic", ("gradient boosting",)),
    "linear pool": Pool("linear", _ONCE),
    "logarithmic pool": Pool("logarithmic", _ONCE),
    "equal pool": Pool("equal", _ONCE),
    "logarithmic pool, renewed": Pool("logarithmic", _RENEWED),
    ENTRANT: Pool("equal", _RENEWED),
}
