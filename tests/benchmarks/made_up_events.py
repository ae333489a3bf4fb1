"""Made-up events in the columns of the published table of confrontations; no row is from it."""

from __future__ import annotations

import numpy as np
import pandas as pd


def made_up_events(confrontations: int = 40, seed: int = 0) -> pd.DataFrame:
    """Confrontations of two or three states with bursts of events, half of them from 1990 on."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(1, confrontations + 1):
        year = 1950 + number % 40 if number % 2 else 1990 + number % 12
        pair = (10 + number % 7, 30 + number % 5)
        day = pd.Timestamp(year, int(rng.integers(1, 13)), int(rng.integers(1, 28)))
        for event in range(1, int(rng.integers(3, 30))):
            states = pair if rng.random() < 0.9 else (pair[0], 99)
            actor, target = states if rng.random() < 0.5 else states[::-1]
            action = int(rng.choice([7, 16, 17, 22], p=[0.2, 0.6, 0.15, 0.05]))
            hostility = {7: 3, 16: 4, 17: 4, 22: 5}[action] if rng.random() < 0.9 else 2
            rows.append((number, event, actor, target, day.month, day.day if rng.random() < 0.9 else -9, day.year,
                         action, hostility, int(rng.poisson(2)), 0))  # fmt: skip
            day += pd.Timedelta(days=int(rng.exponential(25)))
    columns = ["micnum", "eventnum", "ccode1", "ccode2", "stmon", "stday", "styear", "action", "hostlev",
               "fatalmin1", "fatalmin2"]  # fmt: skip
    return pd.DataFrame(rows, columns=pd.Index(columns))
