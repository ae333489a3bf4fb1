"""A made-up table of what moved a forecast."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from forecast.publish.tables import TABLES
from forecast.terms import LADDER

EARLIER = {"as_of": "2026-01-16", "created": "2026-01-17T00:00:00+00:00"}
HORIZONS = (30, 90)


def movers(rows: int = 3) -> pd.DataFrame:
    """Time, refit, so many rows, and what they do together; the parts of a strike within 30 days sum to -0.05."""
    sizes = [0.2 / 2**k for k in range(rows - 1)] if rows > 1 else []
    sizes.append(0.22 - sum(sizes))
    parts = [
        ("time", "21 days more, had nothing new been reported", None, "", -0.28),
        ("refit", "Refit", None, "", 0.0),
    ]
    parts += [
        ("new", f"Threat <b>, level {k + 2}", dt.date(2026, 9, 27), f"row-{k}", size) for k, size in enumerate(sizes)
    ]
    parts.append(("interplay", "What the new rows do together", None, "", 0.01))
    out = []
    for number, (kind, label, day, moves, size) in enumerate(parts):
        for horizon in HORIZONS:
            for name in (*LADDER, "p_strike"):
                share = {"O0": 0.0, "O1": -size, "p_strike": size}.get(name, size / 5)
                before, now = {"p_strike": (0.65, 0.6), "O1": (0.3, 0.35), "O0": (0.05, 0.05)}.get(name, (0.13, 0.12))
                out.append((
                    horizon, name, number, kind, label, "a" if moves else "", "verbal" if moves else "", day, moves,
                    before, now, 0.004, 0.004, share, 0.003, 0.2, "",
                ))  # fmt: skip
    return pd.DataFrame(out, columns=list(TABLES["movers"].names))
