"""What the past periods of an episode tell each cell: lagged acts, truces, talks, and the state of crisis."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from forecast.terms import SIGNAL_CHANNELS

if TYPE_CHECKING:
    import xarray as xr

OVERT, LEADERSHIP, CAMPAIGN, REGIONAL, FULL = 2, 3, 4, 5, 6  # categories of force
TRUCE_DAYS = 42
RECENT_DAYS = 28
RELAPSE_DAYS = 91
CRISIS_DAYS = 182
AUDIENCE = SIGNAL_CHANNELS.index("audience")
HIGHEST_LEVEL = 3.0
TYPICAL_FRESHNESS = -4.0  # that of a crisis of eight weeks: an intercept is that of such a crisis
OLDEST_DAYS = 364  # the age of a crisis counts up to a year


class History(NamedTuple):
    """What the past periods tell each cell; arrays [episode, side, period] or [episode, period], lags already taken."""

    own_last: np.ndarray
    own_sub: np.ndarray
    own_big: np.ndarray
    audience: np.ndarray
    after_campaign: np.ndarray
    fought: np.ndarray
    truce: np.ndarray
    closure_recent: np.ndarray
    talks_recent: np.ndarray
    overt_recent: np.ndarray
    crisis_recent: np.ndarray


class Crisis(NamedTuple):
    """The state of crisis of each period; arrays [episode, period]."""

    open: np.ndarray
    opens: np.ndarray  # the period in which it opened
    closes: np.ndarray  # the last period of it
    fresh: np.ndarray  # its `freshness`, 0 where none is open
    was: np.ndarray  # open at the end of the last period
    watched: np.ndarray  # somebody would have told that it opened or closed


def lag(values: np.ndarray, periods: int = 1) -> np.ndarray:
    """Shift along the last axis by whole periods, filling with zero."""
    out = np.zeros_like(values)
    out[..., periods:] = values[..., : values.shape[-1] - periods]
    return out


def within(values: np.ndarray, days: int, period_days: int) -> np.ndarray:
    """Whether an event fell in the periods before this one, `days` back."""
    back = max(round(days / period_days), 1)
    before = np.concatenate([np.zeros((*values.shape[:-1], 1), dtype=int), np.cumsum(values, axis=-1)], axis=-1)
    now = np.arange(values.shape[-1])
    return before[..., now] > before[..., np.maximum(now - back, 0)]


def freshness(period_days: int) -> np.ndarray:
    """Log of the mean of 1 / (1 + day of the crisis) over the days of a period, less that of a crisis of eight weeks.

    Days of the period before the crisis opened count as nothing. Steps of a quarter keep rows of the likelihood equal,
    so that they can be added up.

    Parameters
    ----------
    period_days
        Length of a period in days.

    Returns
    -------
    ndarray
        By the age of the crisis in days at the end of the period, up to `OLDEST_DAYS` [day].
    """
    summed = np.concatenate([[0.0], np.cumsum(1.0 / (1.0 + np.arange(OLDEST_DAYS + 1)))])
    last = np.arange(OLDEST_DAYS + 1)
    mean = (summed[last + 1] - summed[np.maximum(last + 1 - period_days, 0)]) / period_days
    return np.round(4.0 * np.log(mean)) / 4.0 - TYPICAL_FRESHNESS


def history(panel: xr.Dataset) -> History:
    """Lagged states of every episode, from its observed record."""
    step = int(panel.attrs["period_days"])
    force, campaign = panel["force"].values, panel["campaign"].values
    overt = force >= OVERT
    return History(
        own_last=lag(overt & ~campaign[:, None]),
        own_sub=lag(force == 1),
        own_big=lag(force >= CAMPAIGN),
        audience=lag(panel["signal"].values[..., AUDIENCE]) / HIGHEST_LEVEL,
        after_campaign=lag(campaign),
        fought=within(campaign, RELAPSE_DAYS, step),
        truce=within(panel["ceasefire"].values | panel["deal"].values, TRUCE_DAYS, step),
        closure_recent=within(panel["closure"].values, TRUCE_DAYS, step),
        talks_recent=within(panel["talks"].values, RECENT_DAYS, step),
        overt_recent=within(overt.any(axis=1) | campaign, RECENT_DAYS, step),
        crisis_recent=within(panel["crisis_age"].values >= 0, CRISIS_DAYS, step),
    )


def crisis(panel: xr.Dataset) -> Crisis:
    """The state of crisis of every episode, from its observed record."""
    days, closes = panel["crisis_age"].values, panel["crisis_closed"].values
    now = days >= 0
    was = lag(now & ~closes)
    return Crisis(
        open=now,
        opens=now & ~was,
        closes=closes,
        fresh=np.where(now, freshness(int(panel.attrs["period_days"]))[np.clip(days, 0, OLDEST_DAYS)], 0.0),
        was=was,
        watched=panel["crisis_observed"].values,
    )
