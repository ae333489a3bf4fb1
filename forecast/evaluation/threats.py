"""Sanction threats (TIES 4) as a check on credibility: the record of the sender, and whether the target yields."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from forecast.errors import RecordError

COLUMNS = ("threat", "startyear", "startmonth", "endyear", "endmonth", "primarysender", "imposition",
           "sancimpositionstartyear", "finaloutcome", "scommit", "anticipatedtargetcosts", "bspecif")  # fmt: skip
YIELDED, BACKED_DOWN = (1, 2), (3, 4)  # final outcomes at the stage of the threat
LARGE_SENDERS = (2, 20, 200, 220, 255, 365, 710, 740, 1000)
PENALTY = np.r_[0.0, np.full(6, 0.25), 1.0, 1.0]  # prior precisions: controls sd 2, the two weights sd 1


def read_threats(path: Path) -> pd.DataFrame:
    """Threat episodes of TIES 4 whose course is known, in order of their start.

    Parameters
    ----------
    path
        The publisher's CSV file (Morgan, Bapat and Kobayashi 2014).

    Returns
    -------
    DataFrame
        Columns sender, start and known (year and fraction), yielded, fulfilled, broken (0 or 1) and controls.

    Raises
    ------
    RecordError
        The file is missing, or lacks columns of TIES 4.
    """
    try:
        rows = pd.read_csv(path, encoding="latin-1", low_memory=False)
    except (OSError, UnicodeError, pd.errors.ParserError) as error:
        raise RecordError(f"{path}: not a readable CSV file ({error}); download TIES 4 and name its file") from error
    missing = [c for c in COLUMNS if c not in rows]
    if missing:
        raise RecordError(f"{path}: columns missing: {', '.join(missing)}; this needs TIES version 4")
    rows = rows[(rows["threat"] == 1) & (rows["primarysender"] > 0)]
    rows = rows[(rows["finaloutcome"] > 0) | (rows["imposition"] == 1)]
    start = rows["startyear"] + (rows["startmonth"].fillna(6) - 1) / 12
    end = rows["endyear"].fillna(rows["startyear"] + 2) + (rows["endmonth"].fillna(6) - 1) / 12
    fulfilled = rows["imposition"] == 1
    imposed = pd.to_numeric(rows["sancimpositionstartyear"], errors="coerce").fillna(end) + 0.5
    return pd.DataFrame(
        {
            "sender": rows["primarysender"].astype(int),
            "start": start,
            "known": imposed.where(fulfilled, end),
            "yielded": rows["finaloutcome"].isin(YIELDED).astype(float),
            "fulfilled": fulfilled.astype(float),
            "broken": (~fulfilled & rows["finaloutcome"].isin(BACKED_DOWN)).astype(float),
            "commitment": rows["scommit"].fillna(2) - 2,
            "costs": rows["anticipatedtargetcosts"].fillna(1) - 1,
            "clarity": rows["bspecif"].fillna(2) - 2,
        }
    ).sort_values("start", ignore_index=True)


def weights_of_threats(
    threats: pd.DataFrame, half_lives: tuple[float, ...] = (1.0, 3.0, 10.0), *, replicates: int = 500, seed: int = 1
) -> pd.DataFrame:
    """Effect of the sender's record on whether the target yields to a threat, by logistic regression.

    The record is what was known when the threat was made: threats carried out and not, each fading with a half-life
    and entering as log(1 + sum). Controls: the United States, large senders, commitment, costs, clarity, year. Errors
    by a bootstrap of senders. The placebo gives each threat the record of another time of the same sender.

    Returns
    -------
    DataFrame
        One row a half-life (years), act and kind (record or placebo): weight (logits), se, low and high (95 %).
    """
    rng = np.random.default_rng(seed)
    yielded, senders = threats["yielded"].to_numpy(), threats["sender"].to_numpy()
    rows = []
    for half_life in half_lives:
        record = np.log1p(np.column_stack([_record(threats, act, half_life) for act in ("fulfilled", "broken")]))
        shuffled = record.copy()
        for sender in np.unique(senders):
            mine = np.flatnonzero(senders == sender)
            shuffled[mine] = record[np.roll(mine, len(mine) // 2)]
        for kind, values in (("record", record), ("placebo", shuffled)):
            matrix = np.column_stack([_controls(threats), values])
            found = _fit(matrix, yielded)[-2:]
            again = np.array([
                _fit(matrix[at], yielded[at])[-2:] for at in (_resample(senders, rng) for _ in range(replicates))
            ])  # fmt: skip
            for k, act in enumerate(("fulfilled", "not fulfilled")):
                low, high = np.quantile(again[:, k], [0.025, 0.975])
                rows.append((half_life, act, kind, found[k], again[:, k].std(), low, high, len(threats)))
    columns = ["half_life_years", "act", "kind", "weight", "se", "low", "high", "threats"]
    return pd.DataFrame(rows, columns=columns)


def _record(threats: pd.DataFrame, act: str, half_life: float) -> np.ndarray:
    start, known, happened = (threats[c].to_numpy() for c in ("start", "known", act))
    mine = threats["sender"].to_numpy()[:, None] == threats["sender"].to_numpy()[None, :]
    age = start[:, None] - known[None, :]
    return np.sum(mine * (age > 0) * happened[None, :] * 0.5 ** (np.maximum(age, 0) / half_life), axis=1)


def _controls(threats: pd.DataFrame) -> np.ndarray:
    sender = threats["sender"]
    united_states, large = (sender == 2).astype(float), sender.isin(LARGE_SENDERS).astype(float)
    year = (threats["start"] - 1980) / 10
    listed = [
        np.ones(len(threats)),
        united_states,
        large,
        threats["commitment"],
        threats["costs"],
        threats["clarity"],
        year,
    ]
    return np.column_stack(listed)


def _fit(matrix: np.ndarray, yielded: np.ndarray) -> np.ndarray:
    def loss(b: np.ndarray) -> float:
        return float(np.sum(np.logaddexp(0, matrix @ b) - yielded * (matrix @ b)) + 0.5 * np.sum(PENALTY * b**2))

    def slope(b: np.ndarray) -> np.ndarray:
        return matrix.T @ (1 / (1 + np.exp(-(matrix @ b))) - yielded) + PENALTY * b

    return minimize(loss, np.zeros(matrix.shape[1]), jac=slope, method="BFGS").x


def _resample(senders: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    known = np.unique(senders)
    return np.concatenate([np.flatnonzero(senders == s) for s in rng.choice(known, len(known))])
