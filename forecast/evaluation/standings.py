"""Scores of a back-test: by forecaster and horizon, each crisis weighing 1, with paired intervals by story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import UsageError
from forecast.evaluation.intervals import Interval, mean_interval, paired_difference, paired_skill
from forecast.evaluation.scores import LADDER_SCORES, SHARPNESS, ladder_flip_flop
from forecast.terms import LADDER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

type Weigh = Literal["crises", "windows"]

CLIMATOLOGY: Final = "climatology"
ALL: Final = 0
"""Stands for all horizons together, each weighing the same."""
KEYS: Final = ("case", "cluster", "day", "kind", "horizon_days")
SCORE_COLUMNS: Final = (
    "horizon_days", "model", "role", "score", "mean", "low", "high", "skill", "skill_low", "skill_high", "reference",
    "difference", "difference_low", "difference_high", "better", "rows", "cases", "stories", "void",
)  # fmt: skip
"""`skill` is the share of climatology's score that is saved, `difference` the score less that of the best baseline
by this score and horizon, `better` whether the interval of the difference lies below 0."""


BEHAVIOUR_COLUMNS: Final = (
    "horizon_days", "model", "rps", "expected_rps", "excess", "excess_low", "excess_high", "log", "entropy",
    "overt_said", "overt_came", "flip_flop", "windows", "void",
)  # fmt: skip
_OVERT: Final = LADDER.index("O2")


class Scored(NamedTuple):
    """Windows that every forecaster forecast, with what came.

    Attributes
    ----------
    windows
        Columns `KEYS`, `place` (missing where void) and `void` (the reason).
    chances
        Probabilities [window, rung] by forecaster.
    """

    windows: pd.DataFrame
    chances: Mapping[str, np.ndarray]

    def without(self, cases: Collection[str]) -> Scored:
        """Return the windows of all but some cases."""
        kept = ~self.windows["case"].isin(list(cases)).to_numpy()
        return Scored(
            self.windows[kept].reset_index(drop=True), {name: chance[kept] for name, chance in self.chances.items()}
        )

    def weights(self, rows: np.ndarray, weigh: Weigh = "crises") -> np.ndarray:
        """Weights [window] of some windows: each crisis, or each window, counts 1 at each horizon, void ones 0."""
        counted = rows & self.windows["place"].notna().to_numpy()
        if weigh == "windows":
            return counted.astype(float)
        size = self.windows[counted].groupby(["case", "horizon_days"])["case"].transform("size")
        weight = np.zeros(len(self.windows))
        weight[counted] = 1.0 / size.to_numpy(dtype=float)
        return weight


def scored(forecasts: pd.DataFrame, resolutions: pd.DataFrame) -> Scored:
    """Put forecasts beside what came.

    Parameters
    ----------
    forecasts
        Columns of `forecast.evaluation.backtest.COLUMNS`.
    resolutions
        Table ``resolutions.csv`` of the back-test.

    Raises
    ------
    UsageError
        No window was forecast by all, a forecaster forecast one twice, or a forecast has no row of what came.
    """
    keys = ["location", "reference_date", "horizon"]
    told = forecasts.assign(reference_date=forecasts["reference_date"].astype(str))
    if (twice := told.duplicated([*keys, "model_id", "output_type_id"])).any():
        name = told.loc[twice, [*keys, "model_id"]].iloc[0].tolist()
        raise UsageError(f"forecasts: {name} stands twice; leave one of the folders out")
    chance = told.pivot_table(index=keys, columns=["output_type_id", "model_id"], values="value").dropna()
    if chance.empty:
        raise UsageError("forecasts: no window was forecast by every forecaster; run them over the same origins")
    came = resolutions.rename(columns={"case": "location", "origin": "reference_date", "horizon_days": "horizon"})
    came = came.assign(reference_date=came["reference_date"].astype(str)).set_index(keys)
    lacking = chance.index.difference(came.index)
    if len(lacking):
        raise UsageError(f"resolutions: nothing is said of {lacking[0]}; run the back-test to its end")
    windows = came.loc[chance.index].reset_index()
    places = windows["rung"].map({rung: k for k, rung in enumerate(LADDER)}).astype(float)
    windows = windows.rename(columns={"location": "case", "reference_date": "day", "horizon": "horizon_days"})
    names = sorted(set(chance.columns.get_level_values("model_id")), key=lambda name: (name != CLIMATOLOGY, name))
    chances = {name: _proper(chance.xs(name, axis=1, level="model_id")[list(LADDER)].to_numpy()) for name in names}
    return Scored(windows[list(KEYS)].assign(place=places, void=windows["void"]), chances)


def standings(
    found: Scored, baselines: Sequence[str], kind: str | None = None, weigh: Weigh = "crises"
) -> pd.DataFrame:
    """Return means of every score by horizon and forecaster, in `SCORE_COLUMNS`.

    Parameters
    ----------
    found
        From `scored`.
    baselines
        Names of the forecasters that the others are held against; the best by each score and horizon is the reference.
    kind
        Only origins of this kind: ``quiet``, before the onset, or ``inside``.
    weigh
        What counts alike: ``crises`` or ``windows``.
    """
    rows = []
    of_kind = np.ones(len(found.windows), bool) if kind is None else (found.windows["kind"] == kind).to_numpy()
    outcome = found.windows["place"].to_numpy()
    values = {
        name: {score: function(chance, outcome) for score, function in LADDER_SCORES.items()}
        for name, chance in found.chances.items()
    }
    for horizon in (*sorted(found.windows["horizon_days"].unique()), ALL):
        at = of_kind & ((found.windows["horizon_days"] == horizon).to_numpy() | (horizon == ALL))
        if not (at & ~np.isnan(outcome)).any():
            continue
        weight = found.weights(at, weigh)
        rows += _of_horizon(found, values, at, weight, int(horizon), [name for name in baselines if name in values])
    return pd.DataFrame(rows, columns=pd.Index(SCORE_COLUMNS))


def flip_flops(found: Scored) -> pd.DataFrame:
    """Mean flip-flop index of the ladders of successive origins inside a crisis, by horizon and forecaster.

    The window moves with the origin, so that a change need not be a change of mind; of use to compare forecasters.
    """
    rows = []
    inside = found.windows[found.windows["kind"] == "inside"]
    for horizon, part in inside.groupby("horizon_days"):
        for name, chance in found.chances.items():
            index = [
                ladder_flip_flop(chance[one.sort_values("day").index.to_numpy()]) for _, one in part.groupby("case")
            ]
            kept = np.array(index)[~np.isnan(index)]
            rows.append((horizon, name, float(kept.mean()) if len(kept) else np.nan, len(kept)))
    return pd.DataFrame(rows, columns=pd.Index(["horizon_days", "model", "flip_flop", "cases"]))


def behaviour(found: Scored) -> pd.DataFrame:
    """How sharp, how steady and how often void forecasts are, by horizon and forecaster.

    Every window weighs the same: a crisis has the fewer origins the sooner it ends, so that to weigh crises alike would
    give the windows in which something came soon more weight than forecasts could know of.

    Returns
    -------
    DataFrame
        `horizon_days`, `model`; mean `rps`, the RPS that the forecasts expect of themselves (`expected_rps`: their
        sharpness) and the `excess` of the former with its 95 % interval by story (`excess_low`, `excess_high`), 0 where
        forecasts are calibrated; mean `log` score and `entropy` likewise; mean chance of O2 or more (`overt_said`) and
        how often it came (`overt_came`); `flip_flop`; `windows` and how many of them are `void`.
    """
    outcome, horizons = found.windows["place"].to_numpy(), found.windows["horizon_days"].to_numpy()
    steady = flip_flops(found).set_index(["horizon_days", "model"])["flip_flop"]
    rows = []
    for horizon in np.unique(horizons):
        at = horizons == horizon
        used = at & ~np.isnan(outcome)
        if not used.any():
            continue
        story, came = found.windows["cluster"].to_numpy(dtype=str)[used], outcome[used]
        void = int((at & ~used).sum())
        for name, chances in found.chances.items():
            chance = chances[used]
            rps, expected = LADDER_SCORES["rps"](chance, came), SHARPNESS["rps"](chance)
            excess = mean_interval(rps - expected, story)
            log, entropy = LADDER_SCORES["log"](chance, came), SHARPNESS["log"](chance)
            means = [float(np.mean(value)) for value in
                     (rps, expected, log, entropy, chance[:, _OVERT:].sum(axis=1), came >= _OVERT)]  # fmt: skip
            lead = (int(horizon), name, *means[:2], *excess[:3], *means[2:])
            rows.append((*lead, steady.get((horizon, name), np.nan), int(at.sum()), void))
    return pd.DataFrame(rows, columns=pd.Index(BEHAVIOUR_COLUMNS))


def voids(found: Scored) -> pd.DataFrame:
    """Windows, void ones among them, and the reasons, by horizon."""
    reason = found.windows["void"].str.replace(r"^\S+ (?=reached)|\d[\d-]*", "", regex=True).str.split().str.join(" ")
    table = found.windows.assign(reason=reason.where(found.windows["void"] != "", "resolved"))
    grouped = table.groupby(["horizon_days", "reason"], as_index=False)
    return grouped.agg(windows=("case", "size"), cases=("case", "nunique"))


def _of_horizon(
    found: Scored,
    values: Mapping[str, Mapping[str, np.ndarray]],
    at: np.ndarray,
    weight: np.ndarray,
    horizon: int,
    baselines: list[str],
) -> list[tuple]:
    used = weight > 0
    story, weight = found.windows["cluster"].to_numpy(dtype=str)[used], weight[used]
    void = int((at & found.windows["place"].isna().to_numpy()).sum())
    cases = found.windows.loc[used, "case"].nunique()
    rows = []
    for score in LADDER_SCORES:
        of = {name: scores[score][used] for name, scores in values.items()}
        best = min(baselines, key=lambda name: float(np.average(of[name], weights=weight)), default=None)
        for name, value in of.items():
            mean = mean_interval(value, story, weight=weight)
            skill = _skill(value, of.get(CLIMATOLOGY), story, weight)
            less = None if best is None else paired_difference(value, of[best], story, weight=weight)
            lead = (horizon, name, "baseline" if name in baselines else "candidate", score, *mean[:3], *skill)
            against = (best or "", *(less[:3] if less else (np.nan,) * 3), bool(less and less.high < 0))
            rows.append((*lead, *against, mean.n_rows, cases, mean.n_clusters, void))
    return rows


def _skill(
    value: np.ndarray, climatology: np.ndarray | None, story: np.ndarray, weight: np.ndarray
) -> tuple[float, float, float]:
    if climatology is None or not np.average(climatology, weights=weight):
        return np.nan, np.nan, np.nan
    found: Interval = paired_skill(value, climatology, story, weight=weight)
    return found.estimate, found.low, found.high


def _proper(chance: np.ndarray) -> np.ndarray:
    """Take out what was lost in writing, so that rows sum to 1."""
    clipped = np.clip(chance, 0.0, 1.0)
    return clipped / clipped.sum(axis=1, keepdims=True)
