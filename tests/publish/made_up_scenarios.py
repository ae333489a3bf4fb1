"""Made-up tables of scenarios, concessions and next moves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from forecast.publish.tables import TABLES

EVENTS = ("p_strike", "p_strike_a", "p_strike_b", "p_direct_reply", "p_campaign", "p_talks", "p_deal")


def scenarios() -> pd.DataFrame:
    rows = []
    for name, change in (("carrier-withdrawn", -0.08), ("strike-now", 0.2), ("untold", np.nan)):
        for horizon in (30, 90):
            for event in EVENTS:
                base, told = 0.4, not np.isnan(change)
                after, day = base + change, pd.Timestamp("2026-02-13").date()
                rows.append((
                    name, f"Scenario <{name}>", "US/Israel withdraws forces", day, horizon, event, base, 0.2, 0.6,
                    after, after - 0.2 if told else np.nan, after + 0.2 if told else np.nan, change, change - 0.01,
                    change + 0.01, change - 0.05, change + 0.05, 0.005 if told else np.nan, 0.2 if told else np.nan,
                    900.0 if told else np.nan,
                    "weights" if told else "", "" if told else "weights not to be trusted",
                ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(TABLES["scenarios"].names))


def concessions() -> pd.DataFrame:
    rows = [
        (side, level, 4, pd.Timestamp("2026-03-13").date(), horizon, event, 0.5 - 0.05 * level, 0.3 - 0.05 * level,
         0.7 - 0.05 * level, -0.05 * level, -0.06 * level, -0.03 * level, 0.004, 0.3, 800.0, "")
        for side in "ab" for level in range(5) for horizon in (30, 90) for event in EVENTS
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(TABLES["concessions"].names))


def next_moves() -> pd.DataFrame:
    rows = []
    for side in "ab":
        for channel, move, chances in (("verbal", "", (0.7, 0.2, 0.1)), ("credibility", "ally_loss", (0.05,))):
            shifts = [0.1 * level for level in range(len(chances))] if not move else [0.03]
            total = sum(chance * shift for chance, shift in zip(chances, shifts, strict=True))
            for level, (chance, shift) in enumerate(zip(chances, shifts, strict=True)):
                rows += [
                    (side, channel, move, level, f"{channel} {move or level}", pd.Timestamp("2026-02-20").date(),
                     horizon, "p_strike", chance, 0.4, 0.4 + shift, shift, 0.004, chance * shift, total)
                    for horizon in (30, 90)
                ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(TABLES["next_moves"].names))


def scenario_tables() -> dict[str, pd.DataFrame]:
    return {"scenarios": scenarios(), "concessions": concessions(), "next_moves": next_moves()}
