"""Benchmarks on published data: entrants beside their bars and baselines, and published likelihoods beside ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pandas as pd

from forecast.evaluation.markdown import column_interval, grid

SCORES: Final = Path("benchmarks/scores")
_BARS: Final = (
    ("W", "10-fold by row", "log", 1.033),
    ("W", "10-fold by row", "rps", 0.409),
    ("W", "10-fold by dispute", "log", 1.033),
    ("M", "M1 next week", "log", 0.1253),
    ("M", "M1 next week", "rps", 0.0645),
    ("M", "M2 reply", "log", 0.979),
    ("M", "M2 reply", "rps", 0.617),
    ("I", "I1", "log", 1.127),
    ("I", "I1", "rps", 0.438),
    ("I", "I2", "log", 0.968),
    ("I", "I2", "rps", 0.341),
    ("I", "I2cal", "log", 1.033),
    ("I", "I2cal", "rps", 0.3855),
)
_PUBLISHED: Final = {
    "W": (("escalation game, maximum likelihood", -286.12),),
    "S": (
        ("pooled null", -4023.2),
        ("pseudo-likelihood", -3964.0),
        ("nested", -3932.5),
        ("constrained ML", -3927.9),
        ("saturated", -3416.4),
    ),
}
"""Log-likelihoods in sample, as their authors give them."""
_LATER: Final = " after "


def bars(_folder: Path) -> str:
    """Best entrant of each task with a bar, beside the bar and the best baseline."""
    head = ("id", "task", "score", "bar", "best of ours", "entrant", "reached", "best baseline", "ours less it (95 %)")
    rows = []
    for name, task, score, bar in _BARS:
        best, rival = _best(_scores(name), task, score)
        reached = "yes" if best["mean"] < bar else "**no**"
        ours = (_mean(best), best["candidate"], reached)
        rows.append((name, task, score, f"{bar:g}", *ours, rival, column_interval(best, digits=4)))
    return grid(head, rows)


def others(_folder: Path) -> str:
    """Best entrant of each task without a bar, beside the best baseline."""
    head = ("id", "task", "score", "best of ours", "entrant", "best baseline", "ours less it (95 %)")
    rows = []
    for name in ("W", "S", "M"):
        scores = _scores(name)
        with_bar = tuple(task for of, task, _score, _bar in _BARS if of == name)
        for task, score in dict.fromkeys(zip(scores["task"], scores["score"], strict=True)):
            if not task.startswith(with_bar) and _LATER not in task:
                best, rival = _best(scores, task, score)
                rows.append((name, task, score, _mean(best), best["candidate"], rival, column_interval(best, digits=4)))
    return grid(head, rows)


def reproduced(_folder: Path) -> str:
    """Published log-likelihoods in sample beside those found here with flat priors."""
    rows = []
    for name, lines in _PUBLISHED.items():
        found = _document(name)["facts"]["in_sample_log_likelihood"]
        for line, published in lines:
            rows.append((name, line, f"{published}", f"{found[line] if isinstance(found, dict) else found:.2f}"))
    return grid(("id", "model", "published", "found"), rows)


def _best(scores: pd.DataFrame, task: str, score: str) -> tuple[pd.Series, str]:
    """The best entrant of a task, held against the best baseline, and that baseline in words."""
    mine = scores[
        scores["task"].str.startswith(task) & ~scores["task"].str.contains(_LATER) & (scores["score"] == score)
    ]
    base = mine[mine["role"] == "baseline"].sort_values("mean").iloc[0]
    ours = mine[(mine["role"] != "baseline") & (mine["reference"] == base["candidate"])].sort_values("mean").iloc[0]
    return ours, f"{_mean(base)} {base['candidate']}"


def _mean(one: pd.Series) -> str:
    return f"{one['mean']:.4f}"


def _scores(name: str) -> pd.DataFrame:
    return pd.DataFrame(_document(name)["scores"])


def _document(name: str) -> dict:
    return json.loads((SCORES / f"{name}.json").read_text(encoding="utf-8"))
