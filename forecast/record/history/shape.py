"""What both histories share: a case of which nothing was seen, an equal number of watched periods, land and regions."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from forecast.record.config import Case, SideName
from forecast.record.history.borders import ground_access
from forecast.record.importers.states import STATES, is_nuclear
from forecast.record.read import Record
from forecast.terms import SIDES

STEP: Final = 7
FIRST_DAY: Final = pd.Timestamp(1946, 1, 1)
QUIET: Final = pd.Timedelta(days=182)
NOBODY: Final = {"id": "nobody", "first": pd.Timestamp(1946, 1, 1), "length": 2}
"""The smallest case that a panel can have: two periods, nothing of them watched, so it tells nothing."""
_NOBODY_LEADS: Final = ("NOBODY1", "NOBODY2")
_REGIONS: Final = (
    (200, "Americas"),
    (400, "Europe"),
    (600, "Africa"),
    (700, "Middle East"),
    (1000, "Asia and Pacific"),
)
_REGION_OF: Final = {
    state.id: next(name for limit, name in _REGIONS if number < limit) for number, state in reversed(STATES.items())
}


def thinned(watched: np.ndarray, budget: int, episode: str) -> np.ndarray:
    """Keep at most `budget` of the watched periods [period], drawn at random by the name of the episode.

    What is not kept counts as not watched. The draw does not look at what happened, so that no rate is changed, and
    an episode that lasted for years weighs no more than one of a day.
    """
    at = np.flatnonzero(watched)
    if len(at) <= budget:
        return watched
    kept = np.zeros_like(watched)
    kept[np.random.default_rng(zlib.crc32(episode.encode())).choice(at, budget, replace=False)] = True
    return kept


def with_nobody(record: Record, now: pd.Timestamp) -> Record:
    """A record of past crises with a case of which nothing was seen (`NOBODY`), so that a panel can be built of it."""
    start = now - pd.Timedelta(days=STEP * NOBODY["length"] - 1)
    name = SideName(name=NOBODY["id"], short=NOBODY["id"])
    case = Case(id=NOBODY["id"], title=NOBODY["id"], side_a=name, side_b=name, panel_start=start.date())
    challenger, target = _NOBODY_LEADS
    row = record.episodes.head(1).assign(
        episode_id=NOBODY["id"],
        kind="case",
        case_id="",
        challenger=challenger,
        target=target,
        start=start,
        known_date=start,
    )
    crises = record.episodes[record.episodes["kind"] == "crisis"]
    tables = {**record.tables, "episodes": pd.concat([row, crises], ignore_index=True)}
    config = record.config.model_copy(update={"cases": (case,)})
    return replace(record.with_tables(tables), config=config)


def covariates(episodes: pd.DataFrame) -> xr.Dataset:
    """Covariates of a panel whose first episode is `NOBODY`: leads, regions, nuclear weapons, access on land.

    Parameters
    ----------
    episodes
        Columns challenger, target and start of each past episode, in order.

    Returns
    -------
    Dataset
        dims (episode, side); what the data sets do not say (capability, stakes, chokepoints) is zero throughout.
    """
    leads, years = episodes[["challenger", "target"]], episodes["start"].dt.year
    actor = np.vstack([_NOBODY_LEADS, leads.apply(lambda c: c.str.replace("-", " ")).to_numpy(dtype=str)])
    region = np.array([[_REGION_OF.get(name, "elsewhere") for name in pair] for pair in actor])
    land = [ground_access(str(a), str(b), int(year)) for (a, b), year in zip(actor[1:], years, strict=True)]
    nuclear = [is_nuclear(leads[name], years) for name in leads]
    zero = np.zeros(len(actor))
    pair = ("episode", "side")
    return xr.Dataset(
        {
            "actor": (pair, actor),
            "region": (pair, region),
            "capability": (pair, np.zeros((len(actor), len(SIDES)))),
            "nuclear": (pair, np.vstack([[0.0, 0.0], np.stack(nuclear, axis=1)]).astype(float)),
            "high_stake": ("episode", zero),
            "ground_access": ("episode", np.array([0.0, *land], dtype=float)),
            "chokepoint": ("episode", zero),
        }
    )


def attributes(as_of: pd.Timestamp, title: str) -> dict[str, object]:
    """Attributes of a panel of history."""
    return {"case": NOBODY["id"], "title": title, "as_of": as_of.date().isoformat(), "period_days": STEP}
