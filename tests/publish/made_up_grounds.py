"""Made-up tables of what a forecast rests on, with the shape and size of real ones."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from made_up_outlook import AS_OF, ladder

from forecast.terms import CHANNELS, TYPES_BY_CHANNEL

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


def analogues() -> pd.DataFrame:
    return pd.DataFrame(
        [
            (1, "2025-one", "Crisis of June 2025", dt.date(2025, 6, 12), True, 0.37, 13, "deadline; talks",
             "allies stand by the target (more)", "O4", 6, "bounded", 12, "ceasefire", pd.NA),
            (2, "2020-two", "Crisis of January 2020", dt.date(2019, 12, 27), True, 0.73, 13, "talks",
             "deadline set by the challenger (less)", "O2", 5, "symbolic", 0, "tacit_halt", 120),
            (3, "1998-three", "Autumn crisis 1998", dt.date(1998, 9, 24), False, 0.9, 12, "", "", "O0", pd.NA, "none",
             pd.NA, "no_force_deal", pd.NA),
        ],
        columns=["rank", "episode_id", "name", "start", "same_case", "distance", "traits", "alike", "differs",
                 "outcome", "first_strike_rung", "reply", "days_of_fighting", "ended_by", "talks_after_days"],
    ).astype(dict.fromkeys(("first_strike_rung", "days_of_fighting", "talks_after_days"), "Int64"))  # fmt: skip


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
