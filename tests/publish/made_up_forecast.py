"""A made-up forecast with the shape and size of a real one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd

from forecast.terms import CHANNELS, LADDER, REPLY_MODES, TYPES_BY_CHANNEL

AS_OF = dt.date(2026, 2, 13)
Forecast = tuple[dict[str, object], dict[str, pd.DataFrame]]
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
SUMMARIES = {
    "verbal": "Says that a strike follows unless enrichment stops",
    "posture": "Second carrier group ordered to the region",
    "diplomacy": "Indirect talks held through a mediator; both sides call them useful",
    "economic": "New sanctions on shipping and refineries",
    "nuclear": "Inspectors turned away from two sites",
    "audience": "Commits in public to a deadline",
    "credibility": "Air defence site reported destroyed",
    "force": "Limited strike on a missile depot",
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


def quantities() -> pd.DataFrame:
    rows, values = [], []
    for name, (wording, shares) in QUANTITIES.items():
        for horizon, value in zip(SHARES, shares, strict=True):
            rows.append({"horizon_days": horizon, "name": name, "wording": wording})
            values.append(value)
    return estimates(rows, values)


def questions() -> pd.DataFrame:
    rows = [
        {"question_id": "strike-a-30", "wording": "Does side a strike side b's homeland within 30 days?",
         "rule": "a force row of rung 3 or above by a lead or member of side a against side b", "horizon_days": 30},
        {"question_id": "deal-90", "wording": "Is a deal signed or publicly accepted within 90 days?",
         "rule": "a diplomacy row of type deal with confidence confirmed", "horizon_days": 90},
        {"question_id": "strait-90", "wording": "Is a strait closed to shipping within 90 days?",
         "rule": "a force row of type chokepoint_closure, rung 7", "horizon_days": 90},
    ]  # fmt: skip
    return estimates(rows, [0.36, 0.055, 0.041])


def latents(weeks: int = 110) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    dates = [AS_OF - dt.timedelta(days=7 * back) for back in range(weeks - 1, -1, -1)]
    parts = []
    for number, (side, latent) in enumerate((s, q) for q in ("resolve", "credibility") for s in "ab"):
        steps = np.cumsum(rng.normal(0, 0.16 if latent == "resolve" else 0.03, weeks))
        mean = steps - steps.mean() + 0.4 * np.linspace(-1, 1, weeks) ** (1 + number % 2)
        width = 0.5 + 0.15 * rng.random(weeks)
        observed = np.ones(weeks, dtype=bool)
        observed[70:78] = False
        parts.append(
            pd.DataFrame({"date": dates, "side": side, "latent": latent, "mean": mean, "low": mean - width,
                          "high": mean + width, "observed": observed})
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


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


def signals(count: int = 220) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    rows = []
    weights = np.asarray([24, 10, 16, 6, 3, 12, 6, 23], dtype=float)
    for number in range(count):
        date = AS_OF - dt.timedelta(days=int(700 * rng.random() ** 2))
        side = str(rng.choice(["a", "b", "none"], p=[0.46, 0.5, 0.04]))
        channel = str(rng.choice(["verbal", "posture", "diplomacy", "economic", "nuclear", "audience", "credibility",
                                  "force"], p=weights / weights.sum()))  # fmt: skip
        kind = str(rng.choice(TYPES_BY_CHANNEL[channel]))
        soft = channel == "diplomacy" or kind in {"reassurance", "withdrawal", "sanctions_relief"}
        rows.append(
            {"date": date, "known_date": date, "side": side, "actor": {"a": "USA", "b": "IRN", "none": "OMN"}[side],
             "target": {"a": "IRN", "b": "USA", "none": ""}[side], "channel": channel, "type": kind,
             "level": int(rng.integers(1, 4)), "rung": int(rng.integers(1, 6)) if channel == "force" else pd.NA,
             "direction": "deescalatory" if soft else "escalatory", "summary": SUMMARIES[channel],
             "sources": "press-agency-2026;daily-briefing" if number % 3 else "daily-briefing",
             "confidence": str(rng.choice(["confirmed", "reported", "disputed"], p=[0.7, 0.22, 0.08])),
             "move_id": f"{date}-{kind.replace('_', '-')}-{number}"}
        )  # fmt: skip
    frame = pd.DataFrame(rows).sort_values("date", ignore_index=True)
    assert set(frame["channel"]) <= set(CHANNELS)
    return frame.astype({"level": "Int64", "rung": "Int64"})


def gate() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("R-hat, parameters", 1.004, "≤ 1.01", True, "half_life_resolve", "draw longer"),
            ("R-hat, reported quantities", 1.002, "≤ 1.01", True, "ladder O5 at 180 days", "draw longer"),
            ("bulk ESS, parameters", 912.0, "≥ 400", True, "half_life_resolve", "draw longer"),
            ("tail ESS, parameters", 1402.0, "≥ 400", True, "jump_campaign", "draw longer"),
            ("E-BFMI", 0.81, "≥ 0.3", True, "chain 2", "re-parametrise"),
            ("divergences", 0.0, "0", True, "", "raise the target acceptance"),
            ("predictive p, ladder margins", 0.06, "inside [0.01, 0.99]", True, "O4", "revise the model"),
        ],
        columns=["check", "value", "threshold", "passed", "where", "advice"],
    )


def parameters() -> pd.DataFrame:
    rows = []
    for number in range(28):
        contraction = (number * 37 % 97) / 100
        rows.append(
            {"name": f"effect_{number:02d}", "meaning": "effect of the own last act on the choice to use force",
             "prior": "Normal(0.7, 0.5)", "unit": "logit", "reason": "positive in most work, but not beyond doubt",
             "source": "Powell 2006; own judgement", "prior_mean": 0.7, "prior_sd": 0.5, "mean": 1.2 - number / 20,
             "sd": 0.5 * (1 - contraction) ** 0.5, "low": 0.8 - number / 20, "high": 1.6 - number / 20,
             "contraction": contraction, "rhat": 1.001 + number / 9000, "ess_bulk": 4000.0 - 90 * number,
             "ess_tail": 3600.0 - 60 * number}
        )  # fmt: skip
    return pd.DataFrame(rows)


def tail() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("full war within 90 days", "crises after 1945 between states", 0.042, 0.008, 0.09, 0.07, "crisis data"),
            ("full war after a limited strike, 13 weeks", "46 past limited strikes", 0.03, 0.006, 0.07, 0.04, "record"),
            ("sustained campaign after a limited strike", "46 past limited strikes", 0.33, 0.18, 0.49, 0.33, "record"),
            ("fighting in several theatres", "none comparable", 0.10, 0.03, 0.2, np.nan, ""),
        ],
        columns=["quantity", "reference", "model_mean", "model_low", "model_high", "base_rate", "source"],
    )


def prior_sets() -> pd.DataFrame:
    parts = [
        ladder(shift).assign(
            set=name, method="re-weighting" if np.isnan(rhat) else "refit", khat=khat, rhat=rhat, ess=ess,
            trusted=trusted, seconds=61.2,
        )
        for name, shift, khat, rhat, ess, trusted in (
            ("sceptical", 0.3, 1.1, 1.012, 310.0, True),
            ("hawkish", -0.2, 0.4, np.nan, 902.0, True),
            ("weak", -0.6, 1.7, 1.09, 44.0, False),
        )
    ]  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    first = ["set", "horizon_days", "rung"]
    return table[[*first, *(c for c in table.columns if c not in first)]]


def prior_range() -> pd.DataFrame:
    published, sets = ladder(), prior_sets()
    by_set = {"published": published} | {name: sets[sets["set"] == name] for name in ("sceptical", "hawkish")}
    values = pd.DataFrame({name: table["probability"].to_numpy() for name, table in by_set.items()})
    return published[["horizon_days", "rung", "probability"]].assign(
        lowest=values.min(axis=1), lowest_set=values.idxmin(axis=1),
        highest=values.max(axis=1), highest_set=values.idxmax(axis=1),
    )  # fmt: skip


def prior_changes() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("sceptical", "overt_intercept", "Normal(-4.7; 0.8)", "Normal(-5.5; 0.8)", '<rare> & "short"'),
            ("hawkish", "overt_reply", "Normal(-0.7; 0.7)", "Normal(0; 0.7)", "every second strike is answered"),
            ("weak", "every scale", "as published", "times 1.5", "more ignorance"),
        ],
        columns=["set", "name", "published", "changed", "reason"],
    )


def claims() -> pd.DataFrame:
    return pd.DataFrame(
        [
            (1, "Being struck raises resolve.", "hit_effect", "above 0", 0.5, 0.49, 0.006, np.nan, 0.0, -0.01, 0.08,
             "not informed: prior", "signals in the months after a side was hit"),
            (9, "Crises run past the rung they open on.", "P(runaway | strike)", "above 10 %", 0.67, 0.88, 0.018, 0.99,
             0.18, 0.24, 0.02, "data speak for it", "endings of crises that opened with a limited strike"),
            (10, "Talks follow force.", "P(talks follow | force)", "above one half", np.nan, np.nan, np.nan, np.nan,
             np.nan, np.nan, np.nan, "never met on a simulated path", "talks after strikes, dated"),
        ],
        columns=["number", "claim", "quantity", "says", "prior", "posterior", "mcse", "now", "prior_mean", "mean",
                 "contraction", "verdict", "would_change"],
    )  # fmt: skip


def basis() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("past crises in the panel", "88", "of 104; 16 ended after the as-of day or lack a start day"),
            ("periods of this case", "407", "weeks counted back from the as-of day"),
            ("periods without observation", "8", "masked, not taken as quiet"),
            ("weeks with an overt act", "26", "of 407"),
            ("last signal of side a", "2026-02-12", "posture, level 3"),
            ("mean overt weeks in 400 simulated", "50", "record up to the as-of day: 26"),
        ],
        columns=["item", "value", "note"],
    )


def sources() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("press-agency-2026", "Press agency, wire reports, 2026", "https://example.org/wire", 140),
            ("daily-briefing", "Daily briefing, 2018 to 2026", "https://example.org/briefing?a=1&b=2", 220),
            ("general-reference", "General reference knowledge", "", 12),
        ],
        columns=["source_id", "citation", "url", "rows"],
    )


def without_credibility() -> pd.DataFrame:
    full = ladder()
    changed = ladder(shift=0.12)
    return full[["horizon_days", "rung"]].assign(
        probability=changed["probability"], difference=changed["probability"] - full["probability"]
    )


def example_meta() -> dict[str, object]:
    return {
        "case": "us-iran", "title": "United States and Israel – Iran", "side_a": "United States and Israel",
        "side_b": "Iran", "side_a_short": "US/Israel", "side_b_short": "Iran", "as_of": "2026-02-13",
        "information_cutoff": "2026-02-12", "created": "2026-11-23T06:45:10+00:00", "stamp": "retrospective",
        "quick": False, "period_days": 7, "horizons": [7, 30, 90, 180], "seed": 20260213, "commit": "9d696f8",
        "dirty": False, "record_hash": "ab" * 32, "table_hashes": {"moves": "cd" * 32, "episodes": "ef" * 32},
        "panel_hash": "12" * 32, "code_hash": "34" * 32, "prior_hash": "56" * 32,
        "versions": {"python": "3.13.5", "pymc": "6.4.0", "numpy": "2.5.5"},
        "sampler": {"name": "nutpie", "chains": 4, "tune": 1000, "draws": 1000, "paths": 8000},
        "wall_seconds": {"panel": 1.2, "fit": 41.5, "simulate": 3.1}, "gate_passed": True,
        "notes": ["180-day figures lean towards long campaigns: simulated weeks of fighting exceed the record's."],
        "credibility_note": "Prior, not yet informed by data: the posterior of the credibility weight is its prior.",
    }  # fmt: skip


def example_tables() -> dict[str, pd.DataFrame]:
    makers: tuple[Callable[[], pd.DataFrame], ...] = (
        ladder, hazard, replies, quantities, questions, latents, signals, gate, parameters, tail, basis, sources,
        without_credibility, claims, prior_sets, prior_range, prior_changes, history,
    )  # fmt: skip
    return {maker.__name__: maker() for maker in makers}
