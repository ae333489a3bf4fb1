"""The quantities that express the claims of bargaining theory: parameters of the model, and shares of its futures."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import expit

from forecast.outlook.estimate import shares
from forecast.outlook.ladder import NEVER, SCOPE_RUNG, event_days, first_events, rung_by_period
from forecast.outlook.outcomes import REPLY_DAYS, RUNAWAY_RUNGS, halt_within, reply_modes
from forecast.outlook.world import world_of
from forecast.terms import CAMPAIGN_RUNG, REPLY_MODES, TRACK_RECORD

if TYPE_CHECKING:
    import xarray as xr

    from forecast.outlook.ladder import Events
    from forecast.outlook.simulate import Paths

HALT_DAYS = 30
TRACK_SIGNS = dict(zip(TRACK_RECORD, (-1, 1, 1, -1, -1, 1), strict=True))


class Values(NamedTuple):
    """A quantity by draw, with weights that sum to one; `chains` is (chains, draws) where the draws are in order."""

    value: np.ndarray
    weight: np.ndarray
    chains: tuple[int, int] | None = None


def parameters_of(draws: xr.Dataset, panel: xr.Dataset, *, chains: tuple[int, int] | None = None) -> dict[str, Values]:
    """Quantities of the claims that follow from the parameters alone, by name; draws with one `sample` dim."""
    world = world_of(draws, panel)

    def get(name: str, **at: str) -> np.ndarray:
        variable = draws[name].sel(at) if at else draws[name]
        return variable.transpose("sample", ...).values.astype(float)

    anchors, free = get("signal_resolve_anchor"), get("signal_resolve_free")
    sign = np.array([TRACK_SIGNS[str(act)] for act in draws["track"].values])
    departures = [get(n)[:, None] for n in ("onset_case", "campaign_days_case", "war_case", "regional_case",
                                            "talks_case", "deal_case")]  # fmt: skip
    departures.append(get("leadership_case"))
    found = {
        "smaller loading of verbal and posture signals on resolve": anchors.min(axis=1),
        "signal_resolve[diplomacy]": get("signal_resolve_free", free_channel="diplomacy"),
        "mean of track_weight, each with the sign of the theory": (get("track_weight") * sign).mean(axis=1),
        "P(leadership | single overt act)": expit(world.leadership).mean(axis=1),
        "P(opens full war | overt act)": expit(world.onset).mean(axis=1) * expit(world.opens_full),
        "share of region, actor and dyad in the variance of resolve": 1 - get("resolve_share", component="episode"),
        "mean departure of the case (logits)": np.abs(np.concatenate(departures, axis=1)).mean(axis=1),
        "smallest loading on resolve, by size": np.abs(np.concatenate([anchors, free], axis=1)).min(axis=1),
    }
    plain = ("hit_effect", "talks_resolve", "overt_credibility", "overt_audience", "concession_audience",
             "overt_truce_case", "onset_after_overt")  # fmt: skip
    found |= {name: get(name) for name in plain}
    equal = np.full(draws.sizes["sample"], 1.0 / draws.sizes["sample"])
    return {name: Values(value, equal, chains) for name, value in found.items()}


def events_of(paths: Paths) -> dict[str, Values]:
    """Quantities of the claims that are counted on simulated futures, by name; noise of few paths taken out."""
    events = first_events(paths)
    span = paths.day.shape[2] * paths.period_days
    mode, opened = reply_modes(paths, events, span)
    by_mode = [Values(*shares(mode == k, opened)) for k in range(len(REPLY_MODES))]
    struck = events.strike < NEVER
    answered = events.direct_reply <= span - REPLY_DAYS
    top = np.where(event_days(paths) >= events.strike[..., None], rung_by_period(paths), 0).max(axis=2)
    talks = struck & (events.talks_after_force < NEVER)
    deal = ~struck & (events.deal < NEVER)
    order, _ = shares(talks)
    settled, weight = shares(deal)
    return {
        "largest share of a reply mode, given a strike": by_mode[0]._replace(
            value=np.stack([v.value for v in by_mode]).max(axis=0)
        ),
        "P(widening reply | strike)": by_mode[REPLY_MODES.index("widening")],
        f"P(halt within {HALT_DAYS} days | campaign)": Values(
            *shares(halt_within(paths, events, HALT_DAYS), events.campaign <= span - HALT_DAYS)
        ),
        f"P(opener stays at or below its first rung for {REPLY_DAYS} days | direct reply)": Values(
            *shares(restrained(paths, events), answered)
        ),
        "P(runaway | strike)": Values(*shares(top >= events.first_rung + RUNAWAY_RUNGS, struck)),
        "P(force then talks) less P(deal without force)": Values(order - settled, weight),
        "P(talks follow | force)": Values(*shares(talks, struck)),
    }


def restrained(paths: Paths, events: Events) -> np.ndarray:
    """Whether the opener of force does not climb above its first rung in the days after a direct reply [draw, path]."""
    when = event_days(paths)
    after = (when > events.direct_reply[..., None]) & (when <= events.direct_reply[..., None] + REPLY_DAYS)
    own = np.where(events.opener[..., None] == 1, paths.rung[..., 0], paths.rung[..., 1])
    own = np.where(own >= CAMPAIGN_RUNG, np.maximum(own, SCOPE_RUNG[paths.scope]), own)
    return np.where(after, own, 0).max(axis=2) <= events.first_rung
