"""How good forecasts of past crises were, as tables of `docs/evidence.md`: standings, thresholds, sharpness, pools."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from forecast.evaluation.markdown import column_interval, grid

OURS: Final = ("inside view", "outside view")


def backtest(folder: Path) -> str:
    """Every forecaster of the back-test over past crises, by horizon, beside the best baseline."""
    return "\n\n".join(
        f"{words} {_standings(pd.read_csv(folder / file), names)}"
        for file, words, names in (
            ("backtest.csv", "All past crises:", None),
            ("backtest-others.csv", "Without the 24 crises on which the state of crisis was developed:", OURS),
            ("backtest-windows.csv", "All past crises, every window alike:", OURS),
        )
    )


def _standings(table: pd.DataFrame, names: tuple[str, ...] | None) -> str:
    table = table[table["origins"] == table["origins"].iloc[0]]
    told = {0: "all"} | {h: f"{h} days" for h in table["horizon_days"].unique() if h}
    rows = []
    for _, part in table.groupby("horizon_days", sort=False):
        for name, mine in part.groupby("model", sort=False):
            if names is not None and name not in names:
                continue
            scores, cells = mine.set_index("score"), []
            for score in ("log", "rps"):
                one = scores.loc[score]
                less = column_interval(one)
                best = str(one["model"]) == str(one["reference"])
                cells += [f"{one['mean']:.3f}", "best baseline" if best else less]
            rows.append((told[mine["horizon_days"].iloc[0]], name, *cells))
    head = ("horizon", "forecaster", "log", "less best baseline (95 %)", "RPS", "less best baseline (95 %)")
    whole = table[table["horizon_days"] == 0].iloc[0]
    found = f"{whole['rows']} windows of {whole['cases']} crises ({whole['stories']} stories); void: {whole['void']}."
    return f"{found}\n\n{grid(head, rows)}"


def thresholds(folder: Path) -> str:
    """Brier score of the inside view at each threshold of the ladder, beside the best baseline, by horizon."""
    table = pd.read_csv(folder / "backtest.csv")
    table = table[(table["horizon_days"] > 0) & table["score"].str.startswith("brier_ge_")]
    rows = []
    for (horizon, score), part in table.groupby(["horizon_days", "score"]):
        one, base = (part[part["model"] == name].iloc[0] for name in (OURS[0], part["reference"].iloc[0]))
        less = column_interval(one)
        skill = column_interval(one, "skill", digits=2, sign="")
        name = f"at least {str(score).removeprefix('brier_ge_')}"
        rows.append((horizon, name, f"{one['mean']:.3f}", f"{base['mean']:.3f} {base['model']}", less, skill))
    return grid(("days", "outcome", "Brier", "best baseline", "less it (95 %)", "skill on climatology (95 %)"), rows)


def behaviour(folder: Path) -> str:
    """Sharpness, steadiness and voids, by horizon and forecaster."""
    rows = []
    for one in pd.read_csv(folder / "behaviour.csv").to_dict("records"):
        excess = column_interval(one, "excess")
        overt, void = f"{one['overt_said']:.2f} / {one['overt_came']:.2f}", f"{one['void']} of {one['windows']}"
        cells = (f"{one[name]:.3f}" for name in ("rps", "expected_rps"))
        rows.append((one["horizon_days"], one["model"], *cells, excess, overt, f"{one['flip_flop']:.3f}", void))
    head = ("days", "forecaster", "RPS", "expected", "less expected (95 %)", "O2 or more: said / came", "flip-flop")
    return grid((*head, "void"), rows)


def pool(folder: Path) -> str:
    """Every forecaster and pool against the inside view, all horizons together, weights learned from what was over."""
    table = pd.read_csv(folder / "pool.csv")
    table = table[(table["horizon_days"] == 0) & (table["reference"] == "inside view")]
    rows = []
    for name, mine in table.groupby("candidate", sort=False):
        cells = []
        for score in ("log", "rps"):
            one = mine.set_index("score").loc[score]
            less = column_interval(one)
            cells += [f"{one['mean']:.3f}", "" if name == "inside view" else less]
        rows.append((name, *cells))
    first = table.iloc[0]
    head = ("forecaster", "log", "less inside view (95 %)", "RPS", "less inside view (95 %)")
    return f"{first['windows']} windows of {first['stories']} stories.\n\n{grid(head, rows)}"


def reliability(folder: Path) -> str:
    """Split scores of the inside view, and how often calibrated forecasts would look worse."""
    table = pd.read_csv(folder / "reliability.csv")
    table = table[table["score"].isin(["brier", "rps"])]
    ahead = [int(days) for days in sorted(table["horizon_days"].unique()) if days]
    rows = []
    for name, part in table.groupby("threshold", sort=False):
        of = part.set_index("horizon_days")
        whole, chance = of.loc[0], [f"{of.loc[days, 'p_value']:.3f}" for days in ahead]
        rows.append(
            (
                name,
                whole["score"],
                *(f"{whole[c]:.3f}" for c in ("mean_score", "mcb", "dsc", "unc", "p_value")),
                *chance,
            )
        )
    head = ("at least", "score", "mean", "miscalibration", "discrimination", "uncertainty", "p")
    return grid((*head, *(f"p, {days} days" for days in ahead)), rows)
