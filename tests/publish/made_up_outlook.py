"""Made-up tables of what may come, with the shape and size of real ones."""

from __future__ import annotations

import datetime as dt
from itertools import product

import numpy as np
import pandas as pd

from forecast.terms import LADDER, NEXT_MOVES, OPENINGS, REPLY_MODES, SETTLINGS

AS_OF = dt.date(2026, 2, 13)
SHARES = {
    7: (0.02, 0.86, 0.07, 0.02, 0.0262, 0.0034, 0.0004),
    30: (0.05, 0.54, 0.17, 0.06, 0.135, 0.031, 0.014),
    90: (0.05, 0.18, 0.21, 0.11, 0.304, 0.104, 0.042),
    180: (0.04, 0.05, 0.16, 0.13, 0.388, 0.161, 0.071),
}
QUANTITIES = {
    "p_strike": ("an overt strike by either side", (0.12, 0.41, 0.77, 0.91)),
    "p_strike_a": ("an overt strike by the United States or Israel", (0.10, 0.36, 0.70, 0.86)),
    "p_strike_b": ("an overt strike by Iran", (0.06, 0.22, 0.53, 0.74)),
    "force_then_talks": ("force first, then talks", (0.03, 0.16, 0.41, 0.60)),
    "talks_then_deal_without_force": ("talks, then a deal, without force", (0.02, 0.05, 0.05, 0.04)),
    "force_no_talks": ("force, and no talks after it", (0.09, 0.25, 0.36, 0.31)),
    "runaway": ("fighting ends two or more rungs above its first strike", (0.03, 0.13, 0.30, 0.41)),
}


def spread(probability: np.ndarray, draws: int = 8000) -> dict[str, np.ndarray]:
    width = 0.9 * probability * (1 - probability) + 0.004
    return {
        "probability": probability,
        "low": np.clip(probability - 1.05 * width, 0, 1),
        "high": np.clip(probability + 1.25 * width, 0, 1),
        "mcse": np.sqrt(probability * (1 - probability) / draws),
    }


def estimates(rows: list[dict[str, object]], probability: list[float]) -> pd.DataFrame:
    return pd.DataFrame(rows).assign(**spread(np.asarray(probability, dtype=float)))


def ladder(shift: float = 0.0) -> pd.DataFrame:
    rows, values = [], []
    for horizon, shares in SHARES.items():
        moved = np.asarray(shares) * np.asarray([1, 1, *[1 - shift] * 5])
        for rung, value in zip(LADDER, moved / moved.sum(), strict=True):
            rows.append({"horizon_days": horizon, "rung": rung})
            values.append(value)
    return estimates(rows, values)


def hazard() -> pd.DataFrame:
    weeks = np.arange(1, 27)
    starts = [AS_OF + dt.timedelta(days=1 + 7 * int(week - 1)) for week in weeks]
    rows = [
        {"week": int(week), "start": start, "end": start + dt.timedelta(days=6)}
        for week, start in zip(weeks, starts, strict=True)
    ]
    return estimates(rows, list(0.08 + 0.05 * np.exp(-weeks / 5) + 0.01 * np.sin(weeks)))


def replies() -> pd.DataFrame:
    shares = {
        "limited_strike": (0.28, 0.17, 0.22, 0.25, 0.08),
        "leadership_strike": (0.08, 0.12, 0.18, 0.38, 0.24),
        "sustained_campaign": (0.03, 0.07, 0.10, 0.42, 0.38),
        "any": (0.20, 0.14, 0.19, 0.31, 0.16),
    }
    rows, values = [], []
    for opening, parts in shares.items():
        for opener in ("a", "b", "either"):
            for mode, value in zip(REPLY_MODES, parts, strict=True):
                rows.append({"opening": opening, "opener": opener, "mode": mode})
                values.append(value)
    return estimates(rows, values)


def sequence() -> pd.DataFrame:
    parts = {
        "opening": dict(zip(OPENINGS, (0.55, 0.12, 0.33), strict=True)),
        "reply": dict(zip(REPLY_MODES, (0.2, 0.14, 0.19, 0.31, 0.16), strict=True)),
        "next_move": dict(zip(NEXT_MOVES, (0.4, 0.35, 0.25), strict=True)),
        "settling": dict(zip(SETTLINGS, (0.1, 0.4, 0.5), strict=True)),
    }
    steps, struck = list(parts), 0.62
    rows = [(1, "no_strike", "", "", "", 1 - struck, 1 - struck)]
    for stage in range(1, 5):
        names = [list(parts[step]) for step in steps[:stage]]
        whole = [(*["any"] * (stage - 1), name) for name in names[-1]] if stage > 1 else []
        for way in (*whole, *product(*names)):
            share = parts[steps[stage - 1]][way[-1]]
            joint = struck * float(np.prod([parts[s].get(n, 1.0) for s, n in zip(steps, way, strict=False)]))
            rows.append((stage, *way, *[""] * (4 - stage), joint, share))
    frame = pd.DataFrame(rows, columns=["stage", *steps, "joint", "share"])
    shares = {f"share_{name}": values for name, values in spread(frame["share"].to_numpy()).items()}
    return frame[["stage", *steps]].assign(**spread(frame["joint"].to_numpy()), **shares)


def waiting() -> pd.DataFrame:
    rows, values = [], []
    for event, last, pace in (("strike", 180, 40), ("halt", 90, 25), ("talks", 90, 110), ("crisis opens", 180, 60)):
        for day in range(7, last + 1, 7):
            rows.append({"event": event, "days": day})
            values.append(1 - np.exp(-day / pace))
    return estimates(rows, values)


def quantities() -> pd.DataFrame:
    rows, values = [], []
    for name, (wording, shares) in QUANTITIES.items():
        for horizon, value in zip(SHARES, shares, strict=True):
            rows.append({"horizon_days": horizon, "name": name, "wording": wording})
            values.append(value)
    return estimates(rows, values)


def questions() -> pd.DataFrame:
    asked = (
        ("strike-a-30", "Does side a strike side b overtly within 30 days?", 30, 0.36, ""),
        ("deal-90", "Is a deal signed or publicly accepted within 90 days?", 90, 0.055, ""),
        ("strait-90", "Is a strait closed to shipping within 90 days?", 90, 0.041, ""),
        (
            "cyber-30",
            "Is there a cyber attack within 30 days?",
            30,
            np.nan,
            "acts of type cyber_attack are not simulated",
        ),
    )
    rules = (
        '{"event":"strike","by":["a"]}', '{"event":"deal"}', '{"event":"closure"}',
        '{"event":"act","type":["cyber_attack"]}',
    )  # fmt: skip
    rows = [
        {"question_id": name, "wording": wording, "rule": rule, "given": "", "in_words": f"What {name} asks",
         "opens": AS_OF + dt.timedelta(days=1), "closes": AS_OF + dt.timedelta(days=days), "horizon_days": days,
         "expressible": not reason, "reason": reason}
        for (name, wording, days, _, reason), rule in zip(asked, rules, strict=True)
    ]  # fmt: skip
    return estimates(rows, [value for _, _, _, value, _ in asked])


def history() -> pd.DataFrame:
    parts = []
    for back in range(6, -1, -1):
        day = AS_OF - dt.timedelta(days=7 * back)
        table = ladder(0.08 * back).rename(columns={"rung": "name"})
        strikes = quantities().query("name == 'p_strike'").drop(columns="wording")
        strikes = strikes.assign(probability=strikes["probability"] * (1 - 0.08 * back))
        parts.append(
            pd.concat([table, strikes]).assign(
                as_of=day, created=f"{day}T05:30:00+00:00", run_id=f"{day}_{back}",
                stamp="prospective" if back else "retrospective",
            )
        )  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    first = ["as_of", "created", "run_id", "stamp", "horizon_days", "name"]
    return table[[*first, *(c for c in table.columns if c not in first)]]


def scores() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("prospective", 30, "this model", "RPS", 67, 4, 1, 0.41, 0.3, 0.55, -0.05, -0.12, 0.03),
            ("prospective", 30, "climatology", "RPS", 67, 4, 1, 0.46, 0.36, 0.58, 0.05, -0.03, 0.12),
            ("retrospective", 30, "last outcome", "RPS", 67, 4, 1, 0.61, 0.45, 0.8, np.nan, np.nan, np.nan),
        ],
        columns=["stamp", "horizon_days", "candidate", "score", "forecasts", "open", "void", "mean", "low", "high",
                 "difference", "difference_low", "difference_high"],
    )  # fmt: skip


def baselines() -> pd.DataFrame:
    views = (("inside view", 0.0, 0.6, True), ("outside view", 0.5, 0.3, True), ("climatology", -0.3, 0.1, False))
    parts = []
    for name, shift, weight, has_draws in views:
        table = ladder(shift).assign(candidate=name, weight=weight)
        parts.append(table if has_draws else table.assign(low=np.nan, high=np.nan))
    table = pd.concat(parts, ignore_index=True)
    return table[["candidate", "horizon_days", "rung", "probability", "low", "high", "weight"]]


def pool() -> pd.DataFrame:
    pools = (("linear pool", 0.1, False), ("logarithmic pool", 0.2, False))
    table = pd.concat(
        [ladder(shift).assign(candidate=name, published=published) for name, shift, published in pools],
        ignore_index=True,
    )
    return table[["candidate", "horizon_days", "rung", "probability", "low", "high", "published"]]


def outside_view() -> pd.DataFrame:
    return pd.DataFrame(
        [("strike", 0.64, 0.5, 0.8), ("campaign, given a strike", 0.32, 0.2, 0.5)],
        columns=["step", "probability", "low", "high"],
    )


def treatments() -> pd.DataFrame:
    rows = []
    changes = (
        ("costly threat", "a threat of level 3, against none", True),
        ("strike absorbed", "a limited strike by the opponent, against none", False),
    )
    for name, wording, sure in changes:
        for side in ("a", "b"):
            for number, outcome in enumerate(("strike by a in 30 days", "deal in 90 days")):
                control, moved = (0.36, 0.05 * (1 - number)) if sure else (np.nan, np.nan)
                rows.append(
                    (name, side, wording, outcome, control, control + moved, moved, 0.004 if sure else np.nan,
                     0.4 if sure else 0.9, 900.0, "+" if number == 0 else "open",
                     "" if sure else "weights not to be trusted")
                )  # fmt: skip
    return pd.DataFrame(
        rows, columns=["treatment", "side", "wording", "outcome", "control", "treated", "difference", "mcse", "khat",
                       "ess", "expected", "note"],
    )  # fmt: skip
