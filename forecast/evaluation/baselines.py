"""Baselines: what any model must beat, with one call signature – fit on a table, get back a function that predicts.

Penalties and sizes are tuned by cross-validation within the table that is fitted, in folds that keep a cluster (a
confrontation, a dyad) together, on the log score, with the weights that are scored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from forecast.errors import UsageError
from forecast.evaluation.proportional_odds import fit_proportional_odds

type Predict = Callable[[pd.DataFrame], np.ndarray]
"""From a frame with the columns of the training table to probabilities [row, class]."""
type Fit = Callable[["Table"], Predict]

PENALTIES: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
"""Inverse ridge penalties per row of mean weight, as scikit-learn's `C`; tried upwards until the score worsens."""
SIZES: Final = ((40, 4, 40), (80, 4, 40), (80, 8, 100), (160, 6, 200))
"""Boosting: iterations, leaves per tree, rows per leaf; from small to large, tried until the score worsens."""
LEAVES: Final = (40, 20, 10)
"""Randomised trees: rows per leaf."""
PSEUDO_COUNT: Final = 0.5
SHRINKAGE: Final = 10.0
_CLIP: Final = 5.0
_LEARNING_RATE: Final = 0.05
_TREES: Final = 200


class Table(NamedTuple):
    """A training table.

    Attributes
    ----------
    frame
        One row per forecast.
    features
        Names of its numeric columns that may be used.
    outcome
        Class [row], 0 to `classes` - 1.
    classes
        Number of classes.
    cluster
        Label [row]; rows of one cluster never stand on both sides of a fold.
    weight
        Weight [row] of the row in the score.
    state
        Names of the columns whose values make the state of the Markov chain, the most telling one first.
    folds
        Folds of the cross-validation.
    """

    frame: pd.DataFrame
    features: tuple[str, ...]
    outcome: np.ndarray
    classes: int
    cluster: np.ndarray
    weight: np.ndarray
    state: tuple[str, ...] = ()
    folds: int = 4

    def take(self, rows: np.ndarray) -> Table:
        """Return the table of some rows, by position or mask."""
        return self._replace(
            frame=self.frame.iloc[rows] if rows.dtype != bool else self.frame[rows],
            outcome=self.outcome[rows],
            cluster=self.cluster[rows],
            weight=self.weight[rows],
        )

    def splits(self, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
        """Positions of training and validation rows of each fold."""
        found = len(np.unique(self.cluster))
        if found < 2:
            raise UsageError(f"table: {found} cluster; tuning needs at least 2 (episodes that can be held out)")
        folds = GroupKFold(min(self.folds, found), shuffle=True, random_state=seed)
        return list(folds.split(self.outcome, groups=self.cluster))


class Tuned(NamedTuple):
    """Models in order of flexibility, of which cross-validation within the table chooses one."""

    choices: tuple[Fit, ...]

    def __call__(self, table: Table) -> Predict:
        """Fit the choice."""
        return self.choice(table)(table)

    def choice(self, table: Table) -> Fit:
        """Return the one with the best log score out of fold; the first rise of the score ends the search."""
        best, lowest = climatology, np.inf
        for fit in self.choices:
            score = mean_log_score(out_of_fold(table, fit), table)
            if score >= lowest:
                break
            best, lowest = fit, score
        return best


class TwoPart(NamedTuple):
    """A model of "anything but class 0", and one of the class among the others."""

    whether: Fit
    which: Fit

    def __call__(self, table: Table) -> Predict:
        """Fit both."""
        whether, which = _parts(table)
        first, second = self.whether(whether), self.which(which)

        def predict(frame: pd.DataFrame) -> np.ndarray:
            act = first(frame)[:, 1:]
            return np.hstack([1.0 - act, act * second(frame)])

        return predict


class Without(NamedTuple):
    """A model that may not use features whose names begin with a word, or one of several."""

    word: str | tuple[str, ...]
    fit: Fit

    def __call__(self, table: Table) -> Predict:
        """Fit without them."""
        return self.fit(self.table(table))

    def table(self, table: Table) -> Table:
        """Return the table with fewer features."""
        return table._replace(features=tuple(name for name in table.features if not name.startswith(self.word)))


class Widened(NamedTuple):
    """A model that learns from further rows too, which `widen` adds to a table; columns `marks` are 1 in its own."""

    widen: Callable[[Table], Table]
    marks: tuple[str, ...]
    fit: Fit

    def __call__(self, table: Table) -> Predict:
        """Fit to the wider table."""
        predict = self.fit(self.widen(table))
        return lambda frame: predict(frame.assign(**dict.fromkeys(self.marks, 1.0)))


class Mean(NamedTuple):
    """The mean of models, all alike, and what is done to it with what is known by each row (`frame`, chances)."""

    fits: tuple[Fit, ...]
    after: Callable[[pd.DataFrame, np.ndarray], np.ndarray]

    def __call__(self, table: Table) -> Predict:
        """Fit all."""
        fitted = [fit(table) for fit in self.fits]
        return lambda frame: self.after(frame, np.mean([predict(frame) for predict in fitted], axis=0))


class Ruled(NamedTuple):
    """A model that is told that class 0 does not occur where a column is 1, but for half a row in the training rows."""

    column: str
    fit: Fit

    def __call__(self, table: Table) -> Predict:
        """Fit, and keep the chance of class 0 in marked rows at what the rule allows."""
        predict, unit = self.fit(table), table.weight / table.weight.sum() * len(np.unique(table.cluster))
        marked = self.marked(table.frame)
        seen = unit[marked & (table.outcome == 0)].sum()
        allowed = (seen + PSEUDO_COUNT) / (unit[marked].sum() + 2 * PSEUDO_COUNT)

        def ruled(frame: pd.DataFrame) -> np.ndarray:
            chance, under = predict(frame), self.marked(frame)
            others = np.clip(chance[under, 1:], 1e-9, 1.0)
            others *= (1.0 - allowed) / others.sum(axis=1, keepdims=True)
            chance[under] = np.column_stack([np.full(under.sum(), allowed), others])
            return chance

        return ruled

    def marked(self, frame: pd.DataFrame) -> np.ndarray:
        """Return in which rows the rule holds."""
        return frame[self.column].to_numpy() == 1


def climatology(table: Table) -> Predict:
    """Weighted frequency of each class, with half a row of each beforehand."""
    chance = _frequency(table.outcome, table.weight, table.classes)
    return lambda frame: np.tile(chance, (len(frame), 1))


def markov(table: Table) -> Predict:
    """Frequency by state, shrunk to that of the state without its last column, and at last to climatology."""
    chance = _frequency(table.outcome, table.weight, table.classes)
    unit = table.weight / table.weight.mean()
    tables: list[dict[tuple, np.ndarray]] = [{(): chance}]
    for depth in range(1, len(table.state) + 1):
        keys = _states(table.frame, table.state[:depth])
        counts: dict[tuple, np.ndarray] = {}
        for key, outcome, weight in zip(keys, table.outcome, unit, strict=True):
            counts.setdefault(key, np.zeros(table.classes))[outcome] += weight
        above = tables[-1]
        tables.append({k: (n + SHRINKAGE * above[k[:-1]]) / (n.sum() + SHRINKAGE) for k, n in counts.items()})

    def predict(frame: pd.DataFrame) -> np.ndarray:
        rows = []
        for key in _states(frame, table.state):
            known = next(depth for depth in range(len(key), -1, -1) if key[:depth] in tables[depth])
            rows.append(tables[known][key[:known]])
        return np.array(rows)

    return predict


def two_part(whether: Fit, which: Fit) -> Fit:
    """Model of "anything but class 0" (a table of two classes), times a model of the class among the others."""
    return TwoPart(whether, which)


def settled(fit: Fit, table: Table) -> Fit:
    """Return the same model with everything that is tuned fixed at what is best on the table."""
    match fit:
        case Tuned():
            return fit.choice(table)
        case TwoPart(whether, which):
            first, second = _parts(table)
            return TwoPart(settled(whether, first), settled(which, second))
        case Without(word, inner):
            return Without(word, settled(inner, fit.table(table)))
        case Widened(widen, marks, inner):
            return Widened(widen, marks, settled(inner, widen(table)))
        case Mean(fits, after):
            return Mean(tuple(settled(inner, table) for inner in fits), after)
        case Ruled(column, inner):
            return Ruled(column, settled(inner, table))
        case _:
            return fit


def out_of_fold(table: Table, fit: Fit, seed: int = 0) -> np.ndarray:
    """Probabilities [row, class] for every row from a fit to the other folds."""
    chance = np.empty((len(table.outcome), table.classes))
    for train, held in table.splits(seed):
        chance[held] = fit(table.take(train))(table.frame.iloc[held])
    return chance


def mean_log_score(chance: np.ndarray, table: Table) -> float:
    """Weighted mean of -ln p of the outcome, p at least 1e-6."""
    hit = chance[np.arange(len(table.outcome)), table.outcome]
    return float(np.average(-np.log(np.clip(hit, 1e-6, 1.0)), weights=table.weight))


def _parts(table: Table) -> tuple[Table, Table]:
    """Tables of whether, and of which among the rows where it was."""
    acted = table.outcome > 0
    some = table.take(acted)
    return (
        table._replace(outcome=acted.astype(int), classes=2),
        some._replace(outcome=some.outcome - 1, classes=table.classes - 1),
    )


def _multinomial(penalty: float) -> Fit:
    def fit(table: Table) -> Predict:
        scale = scaler(table)
        present = np.unique(table.outcome)
        if len(present) == 1:
            return climatology(table)
        model = LogisticRegression(C=penalty, solver="newton-cholesky" if len(present) == 2 else "lbfgs", max_iter=500)
        model.fit(scale(table.frame), table.outcome, table.weight / table.weight.mean())
        return with_all_classes(table, present, lambda frame: model.predict_proba(scale(frame)))

    return fit


def _boosted(iterations: int, leaves: int, rows: int) -> Fit:
    def fit(table: Table) -> Predict:
        present = np.unique(table.outcome)
        if len(present) == 1:
            return climatology(table)
        model = HistGradientBoostingClassifier(
            max_iter=iterations,
            learning_rate=_LEARNING_RATE,
            max_leaf_nodes=leaves,
            min_samples_leaf=rows,
            l2_regularization=1.0,
            early_stopping=False,  # pyright: ignore[reportArgumentType] - its stub takes only the default
            random_state=0,
        )
        model.fit(values_of(table.frame, table.features), table.outcome, table.weight / table.weight.mean())
        return with_all_classes(table, present, lambda frame: model.predict_proba(values_of(frame, table.features)))

    return fit


def _ordered(penalty: float) -> Fit:
    def fit(table: Table) -> Predict:
        scale, weight = scaler(table), table.weight / table.weight.mean()
        chance = _frequency(table.outcome, weight, table.classes)
        found = fit_proportional_odds(scale(table.frame), table.outcome, weight, chance, 1.0 / penalty)
        return lambda frame: found.chances(scale(frame))

    return fit


def scaler(table: Table) -> Callable[[pd.DataFrame], np.ndarray]:
    """Return what turns a frame into features [row, feature] of mean 0 and spread 1 in the table, clipped at 5."""
    values = values_of(table.frame, table.features)
    mean, spread = values.mean(axis=0), values.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    return lambda frame: np.clip((values_of(frame, table.features) - mean) / spread, -_CLIP, _CLIP)


def values_of(frame: pd.DataFrame, features: Sequence[str]) -> np.ndarray:
    """Return features [row, feature] as they are."""
    return frame[list(features)].to_numpy(float)


def with_all_classes(table: Table, present: np.ndarray, predict: Predict) -> Predict:
    """Give classes that the training rows lack the chance that climatology gives them."""
    if len(present) == table.classes:
        return predict
    rare = _frequency(table.outcome, table.weight, table.classes)

    def whole(frame: pd.DataFrame) -> np.ndarray:
        chance = np.tile(rare, (len(frame), 1))
        chance[:, present] = predict(frame) * rare[present].sum()
        return chance

    return whole


def _frequency(outcome: np.ndarray, weight: np.ndarray, classes: int) -> np.ndarray:
    counts = np.bincount(outcome, weight / weight.mean(), classes) + PSEUDO_COUNT
    return counts / counts.sum()


def _states(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple]:
    return list(frame[list(columns)].itertuples(index=False, name=None)) if columns else [()] * len(frame)


def randomised_trees(rows: int) -> Fit:
    """Extremely randomised trees with at least `rows` rows per leaf."""

    def fit(table: Table) -> Predict:
        model = ExtraTreesClassifier(
            _TREES,
            min_samples_leaf=rows,
            max_features=0.3,  # pyright: ignore[reportArgumentType] - its stub takes only the default
            random_state=0,
        )
        model.fit(values_of(table.frame, table.features), table.outcome, table.weight / table.weight.mean())
        present = np.unique(table.outcome)
        return with_all_classes(
            table, present, lambda frame: np.asarray(model.predict_proba(values_of(frame, table.features)))
        )

    return fit


ridge_multinomial: Final = Tuned(tuple(_multinomial(penalty) for penalty in PENALTIES))
"""Multinomial logit with a ridge penalty."""
ridge_ordered: Final = Tuned(tuple(_ordered(penalty) for penalty in PENALTIES))
"""Proportional-odds logit (McCullagh 1980) with a ridge penalty."""
hurdle: Final = TwoPart(ridge_multinomial, ridge_multinomial)
"""Ridge logit of "anything but class 0", times a ridge multinomial logit of the class given that."""
boosting: Final = Tuned(tuple(_boosted(*size) for size in SIZES))
"""Histogram gradient boosting; iterations, leaves and leaf size from cross-validation."""
extra_trees: Final = Tuned(tuple(randomised_trees(rows) for rows in LEAVES))
"""Extremely randomised trees (Geurts, Ernst and Wehenkel 2006); leaf size from cross-validation."""
BASELINES: Final[Mapping[str, Fit]] = {
    "climatology": climatology,
    "Markov chain": markov,
    "ridge ordered logit": ridge_ordered,
    "ridge multinomial logit": ridge_multinomial,
    "hurdle and level": hurdle,
    "gradient boosting": boosting,
}
"""Every baseline by name."""
