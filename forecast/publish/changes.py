"""What changed between two forecasts of the same case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd

from forecast.publish.manifest import run_id
from forecast.publish.tables import Meta, Tables
from forecast.terms import LADDER

OVERT: Final = "p_strike"


class Earlier(Protocol):
    """An earlier forecast of the same case, e.g. an archived run."""

    @property
    def meta(self) -> Mapping[str, Any]:
        """Meta data of the forecast."""
        ...

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Tables of the forecast."""
        ...


def compared(meta: Meta, tables: Tables, previous: Earlier | None) -> tuple[Meta, Tables]:
    """A forecast with what changed since an earlier one: tables `change` and `news`, and which one it was.

    Parameters
    ----------
    meta, tables
        The forecast.
    previous
        The earlier one; without it the forecast comes back as it is.
    """
    if previous is None:
        return meta, tables
    strikes = quantity_change(tables["quantities"], previous.tables["quantities"])
    ladder = ladder_change(tables["ladder"], previous.tables["ladder"]).rename(columns={"rung": "name"})
    added = {"change": pd.concat([ladder, strikes[strikes["name"] == OVERT]], ignore_index=True)}
    if "signals" in tables and "signals" in previous.tables:
        added["news"] = new_signals(tables["signals"], previous.tables["signals"])[["move_id"]]
    about = {
        "previous_run": str(previous.meta.get("run_id") or run_id(previous.meta)),
        "previous_as_of": str(previous.meta["as_of"])[:10],
    }
    if meta.get("movers_since") != about["previous_run"]:  # what moved it since another one
        tables = {name: table for name, table in tables.items() if name != "movers"}
    return {**meta, **about}, {**tables, **added}


def ladder_of(change: pd.DataFrame) -> pd.DataFrame:
    """The outcomes of a table `change`, in the columns of `ladder_change`."""
    return change[change["name"].isin(LADDER)].rename(columns={"name": "rung"})


def ladder_change(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Ladder of this forecast beside that of an earlier one, at the horizons that both have.

    The windows have the same length, but the later one starts later.

    Parameters
    ----------
    now, before
        Tables `ladder` of the two forecasts.

    Returns
    -------
    DataFrame
        horizon_days, rung, before, now, difference (all 0–1), mcse_before, mcse_now, mcse (of the difference) and
        beyond_noise: whether the difference is larger than twice its Monte Carlo error.
    """
    return _change(now, before, ["horizon_days", "rung"])


def quantity_change(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Further events of this forecast beside those of an earlier one; columns as in `ladder_change`, by `name`."""
    return _change(now, before, ["horizon_days", "name"])


def new_signals(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Rows of the table `signals` that an earlier forecast did not have."""
    return now[~now["move_id"].astype(str).isin(set(before["move_id"].astype(str)))]


def _change(now: pd.DataFrame, before: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    kept = [*keys, "probability", "mcse"]
    both = now[kept].merge(before[kept], on=keys, suffixes=("_now", "_before"), validate="one_to_one")
    difference = both["probability_now"] - both["probability_before"]
    mcse = np.hypot(both["mcse_now"].astype(float), both["mcse_before"].astype(float))
    return both[keys].assign(
        before=both["probability_before"],
        now=both["probability_now"],
        difference=difference,
        mcse_before=both["mcse_before"],
        mcse_now=both["mcse_now"],
        mcse=mcse,
        beyond_noise=difference.abs() > 2 * mcse,
    )
