"""W: how disputes of the nineteenth century ended – status quo, capitulation or war (Kenkel and Signorino 2014).

Tasks: repeated 10-fold over rows, as in the published comparisons; the same with the rows of one dispute kept together,
because a dispute of many states stands in several rows with mostly one outcome; and forward in time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold, KFold

from forecast.errors import UsageError
from forecast.evaluation.baselines import Fit, Predict, Table
from forecast.evaluation.benchmarks.contest import Pool, Task
from forecast.outside import utilities
from forecast.outside.escalation import ESCALATION
from forecast.outside.utilities import Posterior, Prior, Terms

if TYPE_CHECKING:
    from pathlib import Path

ID: Final = "W"
FILE: Final = "games/war1800.csv"
DOCUMENTED: Final = Terms(
    {
        "u11": ("1", "s_wt_re1", "revis1"),
        "u14": ("1", "mixed_1", "dem_1"),
        "u24": ("1", "balanc", "mixed_2", "dem_2"),
    }
)
"""Specification of the package's example, ``esc + war ~ s_wt_re1 + revis1 | 0 | regime1 | balanc + regime2``."""
FEATURES: Final = (
    "balanc", "s_wt_re1", "s_wt_re2", "dem1", "dem2", "both_dem", "log_distance", "contiguous", "log_peace", "revis1",
    "revis2", "both_revis", "log_cap_1", "log_cap_2", "year", "mixed_1", "dem_1", "mixed_2", "dem_2", "parity",
)  # fmt: skip
PRIORS: Final = tuple(Prior(2.0, slope) for slope in (0.1, 0.2, 0.3, 0.5))
"""Candidates for the spread of slopes; their average is weighted by the evidence."""
ACTORS: Final = {"u11": ("ccode1",), "u24": ("ccode2",)}
"""An effect of each challenger on its status quo, and of each target on its war."""
ACTOR_PRIORS: Final = tuple(Prior(2.0, slope, group) for slope in (0.1, 0.2, 0.3) for group in (0.1, 0.2, 0.4))
REPEATS: Final = 3
FOLDS: Final = 10
ORIGINS: Final = (1860, 1870, 1880, 1890)
_READ: Final = (
    "ccode1", "ccode2", "year", "cap_1", "cap_2", "balanc", "s_wt_re1", "s_wt_re2", "dem1", "dem2", "distance",
    "peaceyrs", "midnum", "revis1", "revis2", "war", "esc", "regime1", "regime2",
)  # fmt: skip


def data(path: Path) -> Table:
    """Complete disputes of a file in the format of ``war1800``, one row each; clusters are disputes.

    Raises
    ------
    UsageError
        The file cannot be read or lacks a column.
    """
    file = path / FILE if path.is_dir() else path
    try:
        raw = pd.read_csv(file)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise UsageError(
            f"{file}: cannot be read as CSV ({error}); give the table war1800 of the R package games"
        ) from error
    lacking = [name for name in _READ if name not in raw.columns]
    if lacking:
        raise UsageError(f"{file}: lacks column {', '.join(lacking)}; give the table war1800 of the R package games")
    frame = raw.dropna(subset=list(_READ)).reset_index(drop=True)
    frame = frame.assign(
        both_dem=frame["dem1"] * frame["dem2"] / 10,
        log_distance=np.log1p(frame["distance"]),
        contiguous=(frame["distance"] == 0).astype(float),
        log_peace=np.log1p(frame["peaceyrs"]),
        both_revis=frame["revis1"] * frame["revis2"],
        log_cap_1=np.log(frame["cap_1"]),
        log_cap_2=np.log(frame["cap_2"]),
        parity=(frame["balanc"] - 0.5) ** 2,
        **{
            f"{kind}_{side}": (frame[f"regime{side}"] == kind).astype(float)
            for kind in ("mixed", "dem")
            for side in (1, 2)
        },
    )
    outcome = np.where(frame["esc"] == 0, 0, np.where(frame["war"] == 0, 1, 2))
    ones = np.ones(len(frame))
    return Table(frame, FEATURES, outcome, 3, frame["midnum"].to_numpy(), ones, ("revis1", "contiguous"))


def tasks(table: Table, repeats: int = REPEATS) -> list[Task]:
    """Repeated 10-fold by row and by dispute, and forward in time by decade."""
    rows = np.arange(len(table.outcome))
    plain = [s for seed in range(repeats) for s in KFold(FOLDS, shuffle=True, random_state=seed).split(rows)]
    whole = [
        split
        for seed in range(repeats)
        for split in GroupKFold(FOLDS, shuffle=True, random_state=seed).split(rows, groups=table.cluster)
    ]
    year = table.frame["year"].to_numpy()
    ahead = [(rows[year < o], rows[(year >= o) & (year < o + 10)]) for o in ORIGINS if (year >= o).any()]
    return [
        Task(ID, "10-fold by row", table, tuple(plain)),
        Task(ID, "10-fold by dispute", table, tuple(whole)),
        Task(ID, "forward by decade", table, tuple(ahead)),
    ]


def candidates() -> dict[str, Fit]:
    """Return the strategic games, by name."""
    wide = {"u11": ("1", *FEATURES), "u14": ("1", *FEATURES), "u24": ("1", *FEATURES)}
    return {
        "strategic game, maximum likelihood": strategic(DOCUMENTED, (Prior(),)),
        "strategic game, Bayesian": strategic(DOCUMENTED, PRIORS),
        "strategic game, Bayesian, all covariates": strategic(Terms(wide), PRIORS),
        "strategic game, Bayesian, actor effects": strategic(Terms(wide, ACTORS), ACTOR_PRIORS),
    }


_MEMBERS: Final = ("strategic game, Bayesian, all covariates", "ridge multinomial logit", "gradient boosting")
POOLS: Final = {"linear pool": Pool("linear", _MEMBERS), "logarithmic pool": Pool("logarithmic", _MEMBERS)}


def strategic(terms: Terms, priors: tuple[Prior, ...]) -> Fit:
    """The escalation game as a candidate: the mean over priors, weighted by their evidence."""

    def fit(table: Table) -> Predict:
        found = posteriors(table, terms, priors)
        if len(found) == 1 and np.isinf(priors[0].slope):
            return lambda frame: utilities.predict(found[0], frame, draws=0)
        return lambda frame: utilities.average(found, frame)

    return fit


def posteriors(table: Table, terms: Terms = DOCUMENTED, priors: tuple[Prior, ...] = (Prior(),)) -> list[Posterior]:
    """Fits of the escalation game under each prior; the flat one is maximum likelihood."""
    counts = np.eye(table.classes)[table.outcome] * table.weight[:, None]
    return [utilities.fit(ESCALATION, terms, table.frame, counts, prior) for prior in priors]
