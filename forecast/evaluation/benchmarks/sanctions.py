"""S: threats of sanctions between dyads – status quo, concede, stand firm, back down (Crisman-Cox and Gibilisco 2021).

A row of the source is a dyad in a decade with the number of months that ended in each outcome. Tasks: dyads held out,
and the last decade from the earlier ones. The score is the log score of one month, weighted by months; times the number
of months it is the held-out log-likelihood without the multinomial constant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import ndtr
from sklearn.model_selection import GroupKFold

from forecast.errors import UsageError
from forecast.evaluation.baselines import Fit, Predict, Table, ridge_multinomial
from forecast.evaluation.benchmarks.contest import Pool, Task
from forecast.outside import utilities
from forecast.outside.signalling import SIGNALLING, TYPICAL, equilibria, outcome_probabilities, violation
from forecast.outside.utilities import Posterior, Prior, Terms

if TYPE_CHECKING:
    from pathlib import Path

ID: Final = "S"
FILE: Final = "sanctions/sanctionsData.csv"
COUNTS: Final = ("sq", "cd", "sf", "bd")
DOCUMENTED: Final = Terms(
    {
        "SA": ("root_sender_dep", "senderdemocracy", "contig", "ally"),
        "VA": ("1", "anticipatedsendercosts"),
        "CB": ("1", "root_target_dep", "anticipatedtargetcosts", "contig", "ally"),
        "WA": ("1", "root_sender_dep", "senderdemocracy", "lncaprat"),
        "WB": ("1", "targetdemocracy", "lncaprat"),
        "a": ("1", "senderdemocracy"),
    }
)
"""Specification of the example of the package sigInt; 20 coefficients."""
HIERARCHICAL: Final = DOCUMENTED._replace(groups={"SA": ("ccode1", "ccode2"), "WB": ("ccode2",), "a": ("ccode1",)})
"""The same, with effects of sender and target on the value of the status quo, of a fight, and of backing down."""
PRIORS: Final = tuple(Prior(3.0, 0.2, group) for group in (0.06, 0.12))
FEATURES: Final = (
    "root_sender_dep", "root_target_dep", "senderdemocracy", "targetdemocracy", "contig", "ally",
    "anticipatedsendercosts", "anticipatedtargetcosts", "lncaprat", "eighties", "nineties", "both_democratic",
)  # fmt: skip
FOLDS: Final = 5
_READ: Final = (
    "dyadID", "tenyear", "ccode1", "ccode2", *COUNTS, "senderecondep", "senderdemocracy", "contig", "ally",
    "anticipatedsendercosts", "anticipatedtargetcosts", "targetecondep", "lncaprat", "targetdemocracy",
)  # fmt: skip


class Checks(NamedTuple):
    """Whether a fit is what it claims to be.

    Attributes
    ----------
    log_likelihood
        At the mode, without the multinomial constant.
    slope
        Largest absolute gradient of the objective at the mode.
    violation
        Largest violation of the equilibrium constraint over games.
    several
        Number of games with more than one equilibrium at the mode.
    condition
        Condition number of the curvature at the mode, coefficients in units of unit regressors; infinite where a
        direction is not identified.
    """

    log_likelihood: float
    slope: float
    violation: float
    several: int
    condition: float


def data(path: Path) -> Table:
    """Months of dyad-decades by outcome, from a file in the format of ``sanctionsData``; clusters are dyads.

    Raises
    ------
    UsageError
        The file cannot be read, or lacks a column or a value.
    """
    file = path / FILE if path.is_dir() else path
    try:
        raw = pd.read_csv(file)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise UsageError(f"{file}: cannot be read as CSV ({error}); give the table sanctionsData of sigInt") from error
    lacking = [name for name in _READ if name not in raw.columns or raw[name].isna().any()]
    if lacking:
        raise UsageError(f"{file}: column {lacking[0]} is absent or has gaps; give the table sanctionsData of sigInt")
    games = raw.assign(
        game=np.arange(len(raw)),
        root_sender_dep=np.sqrt(raw["senderecondep"]),
        root_target_dep=np.sqrt(raw["targetecondep"]),
        eighties=(raw["tenyear"] == 1980).astype(float),
        nineties=(raw["tenyear"] >= 1990).astype(float),
        both_democratic=raw["senderdemocracy"] * raw["targetdemocracy"] / 10,
    )
    counts = games[list(COUNTS)].to_numpy(float)
    game, outcome = np.nonzero(counts)
    frame = games.iloc[game].reset_index(drop=True)
    state = ("contig", "ally")
    return Table(frame, FEATURES, outcome, 4, frame["dyadID"].to_numpy(), counts[game, outcome], state)


def tasks(table: Table) -> list[Task]:
    """Held-out dyads in 5 folds, and the last decade from the earlier ones."""
    rows = np.arange(len(table.outcome))
    folds = GroupKFold(FOLDS, shuffle=True, random_state=0).split(rows, groups=table.cluster)
    decade = table.frame["tenyear"].to_numpy()
    last = decade.max()
    rival = ("signalling game, constrained ML",)
    found = [Task(ID, "held-out dyads", table, tuple(folds), ("log",), rival)]
    if (decade < last).any():
        found.append(Task(ID, "last decade", table, ((rows[decade < last], rows[decade == last]),), ("log",), rival))
    return found


def candidates() -> dict[str, Fit]:
    """Return the signalling games, and the ridge logit with actors, by name."""
    return {
        "signalling game, constrained ML": signalling(DOCUMENTED, (Prior(),)),
        "signalling game, Bayesian": signalling(DOCUMENTED, tuple(Prior(3.0, slope) for slope in (0.1, 0.3))),
        "signalling game, actor effects": signalling(HIERARCHICAL, PRIORS),
        "ridge multinomial logit with actors": with_actors(ridge_multinomial),
    }


_MEMBERS: Final = (
    "signalling game, actor effects", "ridge multinomial logit with actors", "gradient boosting",
)  # fmt: skip
POOLS: Final = {"linear pool": Pool("linear", _MEMBERS), "logarithmic pool": Pool("logarithmic", _MEMBERS)}


def signalling(terms: Terms, priors: tuple[Prior, ...]) -> Fit:
    """The signalling game as a candidate: the mean over priors, weighted by their evidence."""

    def fit(table: Table) -> Predict:
        found = [posterior(table, terms, prior) for prior in priors]
        if len(found) == 1 and np.isinf(priors[0].slope):
            return lambda frame: utilities.predict(found[0], frame, draws=0)
        return lambda frame: utilities.average(found, frame, draws=60)

    return fit


def with_actors(fit: Fit) -> Fit:
    """Another candidate, given an indicator of each sender and target that the training rows know."""

    def fitted(table: Table) -> Predict:
        known = {name: np.unique(table.frame[name]) for name in ("ccode1", "ccode2")}

        def wider(frame: pd.DataFrame) -> pd.DataFrame:
            flags = {f"{n}_{code}": (frame[n] == code).astype(float) for n, codes in known.items() for code in codes}
            return pd.concat([frame, pd.DataFrame(flags, index=frame.index)], axis=1)

        names = tuple(f"{name}_{code}" for name, codes in known.items() for code in codes)
        predict = fit(table._replace(frame=wider(table.frame), features=(*table.features, *names)))
        return lambda frame: predict(wider(frame))

    return fitted


def posterior(table: Table, terms: Terms = DOCUMENTED, prior: Prior = Prior()) -> Posterior:  # noqa: B008 - frozen
    """Fit of the signalling game; with the default prior constrained maximum likelihood."""
    games, counts = played(table)
    return utilities.fit(SIGNALLING, terms, games, counts, prior, start=TYPICAL)


def played(table: Table) -> tuple[pd.DataFrame, np.ndarray]:
    """Games of a table, one row each, and how often each outcome was seen [game, outcome]."""
    codes, first, game = np.unique(table.frame["game"], return_index=True, return_inverse=True)
    counts = np.zeros((len(codes), table.classes))
    np.add.at(counts, (game, table.outcome), table.weight)
    return table.frame.iloc[first].reset_index(drop=True), counts


def checks(table: Table, found: Posterior) -> Checks:
    """Equilibrium and identification of a fit, on a fine grid over possible equilibria."""
    games, _ = played(table)
    at = found.utilities(games)
    every = equilibria(at)
    number = np.bincount(every.game, minlength=len(games))
    worst = np.abs(violation(every.resist, at[every.game])).max() if number.all() else np.inf
    lengths = np.linalg.svd(found.spread, compute_uv=False)
    return Checks(
        found.log_likelihood, found.slope, float(worst), int((number > 1).sum()), float((lengths[0] / lengths[-1]) ** 2)
    )


def reference_lines(table: Table) -> dict[str, float]:
    """Log-likelihoods that the publication compares, without the multinomial constant.

    Each is computed here: one distribution for all games, one per game, constrained maximum likelihood, and, where the
    file has the first-stage probabilities ``PRhat`` and ``PFhat`` (or ``PRnpl`` and ``PFnpl``), pseudo-likelihood.
    """
    games, counts = played(table)
    share = counts.sum(axis=0) / counts.sum()
    own = counts / counts.sum(axis=1, keepdims=True)
    lines = {
        "pooled null": float((counts * np.log(share)).sum()),
        "saturated": float((counts * np.log(np.where(counts > 0, own, 1.0))).sum()),
        "constrained ML": posterior(table).log_likelihood,
    }
    for name, (resist, firm) in {"pseudo-likelihood": ("PRhat", "PFhat"), "nested": ("PRnpl", "PFnpl")}.items():
        if {resist, firm} <= set(games.columns):
            lines[name] = pseudo_likelihood(table, games[resist].to_numpy(float), games[firm].to_numpy(float))
    return lines


def pseudo_likelihood(table: Table, resist: np.ndarray, firm: np.ndarray) -> float:
    """Maximum of the log-likelihood of one best reply to given probabilities of resisting and standing firm [game]."""
    games, counts = played(table)
    design = utilities.make_design(SIGNALLING, DOCUMENTED, games)
    matrices = design.matrices(games)
    ends = np.cumsum([m.shape[1] for m in matrices])[:-1]

    def loss(at: np.ndarray) -> float:
        parts = [m @ part for m, part in zip(matrices, np.split(at, ends), strict=True)]
        reply = np.clip(ndtr(parts[4] - parts[2] / firm), 1e-12, 1 - 1e-12)
        chance = outcome_probabilities(resist, np.column_stack(parts))
        challenge = 1.0 - chance[:, 0]
        stand = np.clip(chance[:, 2] / np.maximum(resist * challenge, 1e-12), 0.0, 1.0)
        by_outcome = [
            1 - challenge,
            challenge * (1 - reply),
            challenge * reply * stand,
            challenge * reply * (1 - stand),
        ]
        return -float((counts * np.log(np.clip(np.column_stack(by_outcome), 1e-8, 1.0))).sum())

    start = np.array([TYPICAL.get(name, 0.0) for name in design.names()])
    return -float(minimize(loss, start, method="BFGS").fun)
