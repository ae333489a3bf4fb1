"""What changed between two forecasts of the same case."""

from __future__ import annotations

import numpy as np
import pandas as pd


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
