"""What else was tried for replies to attacks (benchmark M2), forward in time within the training years.

Usage: uv run python benchmarks/reply_trials.py CORPORA/mie/mie-1.0.csv --out benchmarks/scores/reply-trials.csv

Confrontations that began after 1989, the test of M2, are left out before anything is counted. Those of each half decade
from 1960 on are forecast from the earlier ones; every confrontation weighs 1. All trials are held against the ridge
ordered logit of all features, the best baseline of M2. One is told on purpose what the benchmark forbids: acts of the
day of the attack that come after it.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from measured import commit

from forecast.evaluation.baselines import (
    Mean,
    Table,
    Widened,
    Without,
    boosting,
    extra_trees,
    ridge_multinomial,
    ridge_ordered,
    two_part,
)
from forecast.evaluation.benchmarks import mie, replies
from forecast.evaluation.benchmarks.confrontations import LAST_TRAINING_YEAR
from forecast.evaluation.intervals import paired_difference
from forecast.evaluation.scores import SCORES

if TYPE_CHECKING:
    from forecast.evaluation.baselines import Fit

ORIGINS: Final = (1960, 1965, 1970, 1975, 1980, 1985, LAST_TRAINING_YEAR + 1)
DAYS: Final = replies.REPLY_DAYS
FORCE: Final = 3
KEYS: Final = ["confrontation", "number"]
LESS: Final = ("striker", *replies.FURTHER)
COLUMNS: Final = ("trial", "score", "mean", "difference", "low", "high", "rows", "clusters")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("file", type=Path, help="mie-1.0.csv as published")
    words.add_argument("--out", type=Path, required=True, help="CSV file to write")
    asked = words.parse_args()
    found, raw = early(mie.read(asked.file)), told(asked.file)
    attacks = replies.reply_table(found)
    table = tabled(attacks.merge(raw, on=KEYS, how="left"), replies.features(attacks))
    lines, reference = [], None
    for name, chance in trials(table, found, raw):
        reference = chance if reference is None else reference
        lines.extend(scored(name, table, chance, reference))
        print(*(f"{x:.4f}" if isinstance(x, float) else x for x in lines[-1][:6]), flush=True)
    pd.DataFrame(lines, columns=pd.Index(COLUMNS)).assign(commit=commit()).to_csv(asked.out, index=False)


def early(found: mie.Confrontations) -> mie.Confrontations:
    """Leave out the confrontations of the test years."""
    pairs = found.pairs[found.pairs["start"].dt.year <= LAST_TRAINING_YEAR]
    return found._replace(pairs=pairs, events=found.events[found.events["confrontation"].isin(pairs["confrontation"])])


def told(file: Path) -> pd.DataFrame:
    """What the file says of each event and the table of replies leaves out."""
    raw = pd.read_csv(file)
    return pd.DataFrame(
        {
            "confrontation": raw["micnum"],
            "number": raw["eventnum"],
            "striker": raw["ccode1"],
            "struck": raw["ccode2"],
            "striker_deaths": np.log1p(raw["fatalmin1"].clip(lower=0)),
            "struck_deaths": np.log1p(raw["fatalmin2"].clip(lower=0)),
            "striker_deaths_unknown": (raw["fatalmin1"] < 0).astype(float),
            "struck_deaths_unknown": (raw["fatalmin2"] < 0).astype(float),
        }
    )


def tabled(frame: pd.DataFrame, features: tuple[str, ...]) -> Table:
    cluster = frame["confrontation"].to_numpy()
    weight = 1.0 / frame.groupby("confrontation")["confrontation"].transform("size").to_numpy(float)
    return Table(frame, features, frame["outcome"].to_numpy(int), len(mie.LEVELS), cluster, weight, folds=5)


def trials(table: Table, found: mie.Confrontations, raw: pd.DataFrame):
    """Name and chances [row, level] of each trial."""
    struck = Without(LESS, ridge_ordered)
    yield "ridge ordered logit, all features", forward(table, ridge_ordered)
    yield "described features", forward(table, Without(replies.FURTHER, ridge_ordered))
    yield "described features, struck side only", forward(table, struck)
    for name, columns in further(table.frame, found, raw).items():
        frame = pd.concat([table.frame, columns], axis=1)
        yield f"the same and {name}", forward(tabled(frame, (*table.features, *map(str, columns.columns))), struck)
    yield "the same and later acts of the day (forbidden)", forward(with_the_day(table, found), struck)
    unlike = (struck, Without(LESS, ridge_multinomial), Without(replies.FURTHER, extra_trees),
              Without(replies.FURTHER, two_part(boosting, ridge_multinomial)))  # fmt: skip
    wide = tuple(Widened(replies.all_acts(found), replies.MARKS, fit) for fit in unlike)
    yield "the same, learned from all acts", forward(table, wide[0])
    members = {"four unlike models": unlike, "four unlike models of all acts": wide, "two logits of all acts": wide[:2]}
    for name, fits in members.items():
        yield f"mean of {name}", forward(table, Mean(fits, lambda _frame, chance: chance))
        yield f"mean of {name}, with frailty", forward(table, Mean(fits, replies.with_frailty))


def forward(table: Table, fit: Fit) -> np.ndarray:
    """Chances [row, level], each half decade from earlier ones; NaN before the first."""
    year = table.frame["year"].to_numpy()
    chance = np.full((len(year), table.classes), np.nan)
    for begin, end in pairwise(ORIGINS):
        now = np.flatnonzero((year >= begin) & (year < end))
        chance[now] = fit(table.take(np.flatnonzero(year < begin)))(table.frame.iloc[now])
    return chance


def further(frame: pd.DataFrame, found: mie.Confrontations, raw: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Columns by what they tell."""
    acts = raw.merge(found.events[[*KEYS, "date", "level"]], on=KEYS)
    return {
        "deaths by side": frame[[name for name in raw.columns if "deaths" in name]].add_prefix("told_"),
        "what either did to the other in other confrontations": each(frame, acts, pair_record),
        "what either did elsewhere": each(frame, acts, elsewhere),
        "how either met earlier attacks of others and each other": each(frame, frame, answers),
    }


def each(frame: pd.DataFrame, acts: pd.DataFrame, tell) -> pd.DataFrame:
    """One dictionary a row, told from the acts of other confrontations."""
    day = acts["date"].to_numpy("datetime64[D]").astype(int)
    now = frame["date"].to_numpy("datetime64[D]").astype(int)
    where, here = acts["confrontation"].to_numpy(), frame["confrontation"].to_numpy()
    by, on = acts["striker"].to_numpy(), acts["struck"].to_numpy()
    force = acts["outcome" if "outcome" in acts else "level"].to_numpy() >= FORCE
    found = []
    for row, (a, b) in enumerate(zip(frame["striker"], frame["struck"], strict=True)):
        some = (where != here[row]) & (day < now[row])
        found.append(tell(now[row] - day[some], by[some], on[some], force[some], a, b))
    return pd.DataFrame(found, index=frame.index).add_prefix("told_")


def pair_record(age: np.ndarray, by: np.ndarray, on: np.ndarray, force: np.ndarray, a: int, b: int) -> dict[str, float]:
    recent, out = age <= 3653, {}
    for name, actor, target in (("struck", b, a), ("striker", a, b)):
        mine = recent & (by == actor) & (on == target)
        out |= {f"{name}_any": np.log1p(mine.sum()), f"{name}_force": np.log1p((mine & force).sum())}
    return out


def elsewhere(age: np.ndarray, by: np.ndarray, on: np.ndarray, force: np.ndarray, a: int, b: int) -> dict[str, float]:
    out = {}
    for name, actor in (("struck", b), ("striker", a)):
        for days in (30, 365, 1825):
            recent = age <= days
            out[f"{name}_force_{days}"] = np.log1p((recent & force & (by == actor)).sum())
            out[f"{name}_hit_{days}"] = np.log1p((recent & force & (on == actor)).sum())
    return out


def answers(age: np.ndarray, by: np.ndarray, on: np.ndarray, met: np.ndarray, a: int, b: int) -> dict[str, float]:
    """Log odds that attacks were met with force, each halved in 20 years, from windows that are closed."""
    weight = np.where(age >= DAYS, 0.5 ** (age / 7305), 0.0)
    kinds = {"by_struck": on == b, "of_striker": by == a, "here": (on == b) & (by == a), "back": (on == a) & (by == b)}
    out = {}
    for name, mine in kinds.items():
        yes, no = weight[mine & met].sum(), weight[mine & ~met].sum()
        out |= {name: np.log((yes + 0.36) / (no + 0.64)), f"{name}_number": np.log1p(yes + no)}
    return out


def with_the_day(table: Table, found: mie.Confrontations) -> Table:
    """Tell the highest level that the struck side reached later on the day of the attack: part of the outcome."""
    keys = ["confrontation", "date"]
    rows = table.frame[[*KEYS, "date", "attacker_is_low"]].merge(found.events, on=keys, suffixes=("", "_later"))
    own = rows["mutual"] | (rows["side"] == rows["attacker_is_low"])
    later = rows[(rows["side"] >= 0) & own & (rows["number_later"] > rows["number"])]
    highest = later.groupby(KEYS)["level"].max().rename("told_later").reset_index()
    frame = table.frame.merge(highest, on=KEYS, how="left").fillna({"told_later": 0.0})
    return tabled(frame, (*table.features, "told_later"))


def scored(name: str, table: Table, chance: np.ndarray, reference: np.ndarray) -> list[tuple[object, ...]]:
    told_of, lines = ~np.isnan(chance[:, 0]), []
    outcome, weight, cluster = table.outcome[told_of], table.weight[told_of], table.cluster[told_of]
    for score in ("rps", "log"):
        ours, theirs = (SCORES[score](one[told_of], outcome) for one in (chance, reference))
        gap = paired_difference(ours, theirs, cluster, weight=weight)
        mean = float(np.average(ours, weights=weight))
        lines.append((name, score, mean, gap.estimate, gap.low, gap.high, gap.n_rows, gap.n_clusters))
    return lines


if __name__ == "__main__":
    main()
