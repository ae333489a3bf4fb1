"""Games with linear utilities: design, posterior mode under normal priors, Laplace approximation, prediction.

Every utility of a game is a sum of regressors and of effects of actors. Effects and slopes have normal priors around
zero; with infinite prior standard deviations the mode is the maximum-likelihood estimate. A row's log-likelihood
depends on the coefficients through its few utilities only, so its curvature is a small matrix per row, and the whole
Hessian is assembled from those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CONSTANT: Final = "1"
_STEP: Final = 1e-5
_DRAWS: Final = 400


class Game(NamedTuple):
    """A game form: its utilities and outcomes, the log-likelihood of rows with gradient, and the probabilities."""

    utilities: tuple[str, ...]
    outcomes: tuple[str, ...]
    rows: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
    probabilities: Callable[[np.ndarray], np.ndarray]


class Terms(NamedTuple):
    """What enters each utility: regressors (``"1"`` is the constant) and groups whose members have an effect each."""

    columns: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, tuple[str, ...]] = {}


class Prior(NamedTuple):
    """Prior standard deviations, for regressors of unit spread; infinite means flat."""

    constant: float = np.inf
    slope: float = np.inf
    group: float = 1.0


class Design(NamedTuple):
    """Regressors of one training table: how they are scaled, and who the members of each group are."""

    utilities: tuple[str, ...]
    terms: Terms
    centre: Mapping[tuple[str, str], float]
    spread: Mapping[str, float]
    members: Mapping[str, tuple]

    def matrices(self, table: pd.DataFrame) -> list[np.ndarray]:
        """One matrix [row, coefficient] per utility; its last column of each group stands for unknown members."""
        return [self._matrix(utility, table) for utility in self.utilities]

    def kinds(self) -> list[str]:
        """What each coefficient is: ``constant``, ``slope`` or ``group``."""
        found: list[str] = []
        for utility in self.utilities:
            found += ["constant" if c == CONSTANT else "slope" for c in self.terms.columns.get(utility, ())]
            found += ["group" for g in self.terms.groups.get(utility, ()) for _ in (*self.members[g], None)]
        return found

    def names(self) -> list[str]:
        """Name of each coefficient, ``utility:column`` or ``utility:group=member``."""
        found: list[str] = []
        for utility in self.utilities:
            found += [f"{utility}:{column}" for column in self.terms.columns.get(utility, ())]
            for group in self.terms.groups.get(utility, ()):
                found += [f"{utility}:{group}={member}" for member in (*self.members[group], "unknown")]
        return found

    def _matrix(self, utility: str, table: pd.DataFrame) -> np.ndarray:
        parts: list[np.ndarray] = [np.empty((len(table), 0))]
        for column in self.terms.columns.get(utility, ()):
            if column == CONSTANT:
                parts.append(np.ones((len(table), 1)))
            else:
                values = table[column].to_numpy(float) - self.centre[utility, column]
                parts.append(values[:, None] / self.spread[column])
        for group in self.terms.groups.get(utility, ()):
            known = self.members[group]
            place = {member: i for i, member in enumerate(known)}
            index = np.array([place.get(member, len(known)) for member in table[group]], dtype=int)
            parts.append(np.eye(len(known) + 1)[index])
        return np.hstack(parts)


class Posterior(NamedTuple):
    """Normal approximation of a posterior, at its mode.

    `spread` is a square root of the covariance [coefficient, coefficient]; `log_evidence` is the Laplace approximation
    of the log marginal likelihood (nan under a flat prior); `slope` the largest absolute gradient at the mode.
    """

    game: Game
    design: Design
    prior: Prior
    mode: np.ndarray
    spread: np.ndarray
    log_likelihood: float
    log_evidence: float
    slope: float

    def utilities(self, table: pd.DataFrame, coefficients: np.ndarray | None = None) -> np.ndarray:
        """Utilities [row, utility] at given coefficients, by default at the mode."""
        at = self.mode if coefficients is None else coefficients
        return _utilities(self.design.matrices(table), at)


def make_design(game: Game, terms: Terms, table: pd.DataFrame) -> Design:
    """Scale regressors to unit spread, centre them where their utility has a constant, and list the groups' members."""
    centre, spread = {}, {}
    for utility, columns in terms.columns.items():
        for column in set(columns) - {CONSTANT}:
            values = table[column].to_numpy(float)
            centre[utility, column] = float(values.mean()) if CONSTANT in columns else 0.0
            spread[column] = float(values.std()) or 1.0
    groups = {group for names in terms.groups.values() for group in names}
    members = {group: tuple(sorted(table[group].unique())) for group in groups}
    return Design(game.utilities, terms, centre, spread, members)


def fit(
    game: Game,
    terms: Terms,
    table: pd.DataFrame,
    counts: np.ndarray,
    prior: Prior = Prior(),  # noqa: B008 - a frozen record
    *,
    start: Mapping[str, float] | None = None,
) -> Posterior:
    """Posterior mode and its normal approximation; with the default prior and no groups, maximum likelihood.

    Parameters
    ----------
    game, terms
        The game form, and what enters its utilities.
    table
        Regressors and group columns, one row per played game.
    counts
        [row, outcome], how often each outcome was seen.
    prior
        Prior standard deviations.
    start
        Coefficients to start from, by name (`Design.names`); 0 where not given.
    """
    design = make_design(game, terms, table)
    matrices = design.matrices(table)
    precision = np.array([getattr(prior, kind) ** -2.0 for kind in design.kinds()])

    def objective(at: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = game.rows(_utilities(matrices, at), counts)
        slope = np.concatenate([m.T @ gradient[:, i] for i, m in enumerate(matrices)])
        return float(0.5 * at @ (precision * at) - value.sum()), precision * at - slope

    def hessian(at: np.ndarray) -> np.ndarray:
        return np.diag(precision) - _curvature(game, matrices, _utilities(matrices, at), counts)

    first = np.array([(start or {}).get(name, 0.0) for name in design.names()])
    found = minimize(objective, first, jac=True, method="BFGS", options={"maxiter": 60})
    found = minimize(objective, found.x, jac=True, hess=hessian, method="trust-exact", options={"maxiter": 200})
    value, slope = objective(found.x)
    values, vectors = np.linalg.eigh(hessian(found.x))
    values = np.maximum(values, 1e-8)
    log_likelihood = float(0.5 * found.x @ (precision * found.x) - value)
    with np.errstate(divide="ignore", invalid="ignore"):
        evidence = -value + 0.5 * np.log(precision).sum() - 0.5 * np.log(values).sum()
    return Posterior(
        game=game,
        design=design,
        prior=prior,
        mode=found.x,
        spread=vectors / np.sqrt(values),
        log_likelihood=log_likelihood,
        log_evidence=float(evidence) if np.isfinite(evidence) else np.nan,
        slope=float(np.abs(slope).max()),
    )


def predict(posterior: Posterior, table: pd.DataFrame, *, draws: int = _DRAWS, seed: int = 0) -> np.ndarray:
    """Posterior predictive probability [row, outcome], the mean over `draws` of the coefficients; 0 draws: the mode."""
    matrices = posterior.design.matrices(table)
    if draws == 0:
        return posterior.game.probabilities(_utilities(matrices, posterior.mode))
    normal = np.random.default_rng(seed).standard_normal((draws // 2, len(posterior.mode)))
    total = np.zeros((len(table), len(posterior.game.outcomes)))
    for step in (*normal, *-normal):  # antithetic pairs
        at = posterior.mode + posterior.spread @ step
        total += posterior.game.probabilities(_utilities(matrices, at))
    return total / (2 * (draws // 2))


def average(posteriors: Sequence[Posterior], table: pd.DataFrame, *, draws: int = _DRAWS, seed: int = 0) -> np.ndarray:
    """Bayesian average of predictions over priors, weighted by their evidence (all equally likely beforehand)."""
    evidence = np.array([posterior.log_evidence for posterior in posteriors])
    weight = np.exp(evidence - evidence.max())
    weight = np.where(weight > 0.01, weight, 0.0)
    parts = [w * predict(p, table, draws=draws, seed=seed) for w, p in zip(weight, posteriors, strict=True) if w > 0]
    return sum(parts) / weight.sum()


def identification(posterior: Posterior) -> tuple[float, pd.DataFrame]:
    """How well the data tell the coefficients apart.

    Returns
    -------
    float, DataFrame
        Condition number of the curvature at the mode, for regressors of unit spread; and one row per coefficient with
        `name`, `mean`, `sd`, `prior_sd` and `contraction`, 1 less posterior over prior variance (1 under a flat prior).
    """
    covariance = posterior.spread @ posterior.spread.T
    prior_sd = np.array([getattr(posterior.prior, kind) for kind in posterior.design.kinds()])
    sd = np.sqrt(np.diag(covariance))
    table = pd.DataFrame(
        {"name": posterior.design.names(), "mean": posterior.mode, "sd": sd, "prior_sd": prior_sd,
         "contraction": 1.0 - (sd / prior_sd) ** 2}
    )  # fmt: skip
    return float(np.linalg.cond(covariance)), table


def draw_predictions(
    posteriors: Sequence[Posterior], table: pd.DataFrame, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Probability [draw, row, outcome] at draws of the coefficients, each from a prior drawn by its evidence."""
    evidence = np.array([posterior.log_evidence for posterior in posteriors])
    weight = np.exp(evidence - evidence.max()) if np.isfinite(evidence).all() else np.ones(len(posteriors))
    chosen = rng.choice(len(posteriors), size=draws, p=weight / weight.sum())
    matrices = {number: posteriors[number].design.matrices(table) for number in set(chosen.tolist())}
    found = []
    for number in chosen.tolist():
        one = posteriors[number]
        at = one.mode + one.spread @ rng.standard_normal(len(one.mode))
        found.append(one.game.probabilities(_utilities(matrices[number], at)))
    return np.array(found)


def _utilities(matrices: list[np.ndarray], coefficients: np.ndarray) -> np.ndarray:
    ends = np.cumsum([m.shape[1] for m in matrices])[:-1]
    return np.column_stack([m @ part for m, part in zip(matrices, np.split(coefficients, ends), strict=True)])


def _curvature(game: Game, matrices: list[np.ndarray], utilities: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Hessian of the log-likelihood: second differences per row and pair of utilities, then the design."""
    used = [i for i, m in enumerate(matrices) if m.shape[1]]
    second = np.zeros((len(utilities), len(matrices), len(matrices)))
    for i in used:
        shift = np.zeros(len(matrices))
        shift[i] = _STEP
        up, down = game.rows(utilities + shift, counts)[1], game.rows(utilities - shift, counts)[1]
        second[:, i] = (up - down) / (2 * _STEP)
    second = 0.5 * (second + second.transpose(0, 2, 1))
    return np.block([[matrices[i].T @ (second[:, i, j, None] * matrices[j]) for j in used] for i in used])
