"""Parameters and starting state of simulated worlds, read from posterior (or prior) draws and the panel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from forecast.inference.carry import PATHS
from forecast.model.cells import OVERT_EFFECTS, dyads
from forecast.model.latent import actor_index, correlated, standing_resolve
from forecast.model.past import AUDIENCE, CRISIS_DAYS, HIGHEST_LEVEL, RECENT_DAYS, RELAPSE_DAYS, TRUCE_DAYS

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr

LONG_AGO = 10_000


class World(NamedTuple):
    """Parameters per draw; arrays [draw] or [draw, k]. Probabilities in logits per period, rates per day."""

    persistence: np.ndarray
    together: np.ndarray  # correlation of the shocks of the two sides
    memory: np.ndarray
    hit: np.ndarray
    scale: np.ndarray
    overt: np.ndarray  # [draw, side] intercept with dyad effect
    overt_resolve: np.ndarray
    overt_credibility: np.ndarray
    overt_effects: np.ndarray  # [draw, effect] own last, opponent last, own sub, opponent sub, after campaign, truce
    overt_audience: np.ndarray
    overt_crisis: np.ndarray  # [draw, state] while no crisis is open, per unit of freshness of one that is
    overt_coupling: np.ndarray
    onset: np.ndarray  # [draw, side]
    onset_resolve: np.ndarray
    onset_after: np.ndarray
    onset_relapse: np.ndarray
    onset_coupling: np.ndarray
    log_days: np.ndarray
    days_sd: np.ndarray
    halt_resolve: np.ndarray
    opens_full: np.ndarray
    opens_regional: np.ndarray
    widens_full: np.ndarray  # rate a week
    widens_regional: np.ndarray
    participation: np.ndarray  # [draw, side]
    participation_last: np.ndarray
    participation_coupling: np.ndarray
    limited: np.ndarray
    truce: np.ndarray
    leadership: np.ndarray  # [draw, side]
    leadership_resolve: np.ndarray
    symbolic: np.ndarray
    symbolic_reply: np.ndarray
    sub: np.ndarray  # [draw, side]
    sub_resolve: np.ndarray
    sub_own: np.ndarray
    sub_opponent: np.ndarray
    closure: np.ndarray  # -inf where no chokepoint
    closure_campaign: np.ndarray
    closure_recent: np.ndarray
    talks: np.ndarray
    talks_effects: np.ndarray  # [draw, effect] resolve, recent, fighting, truce
    deal: np.ndarray
    deal_effects: np.ndarray
    opens: np.ndarray  # a crisis
    opens_effects: np.ndarray  # [draw, effect] resolve, an own crisis lately, force before
    closes: np.ndarray
    closes_effects: np.ndarray  # [draw, effect] freshness, force, settled


class Start(NamedTuple):
    """State at the as-of date; latents per draw [draw, side], the rest is observed and the same for all draws."""

    standing: np.ndarray
    deviation: np.ndarray
    credibility: np.ndarray
    track: np.ndarray
    spell_log_days: np.ndarray  # [draw], of the campaign that runs, if one does
    own_last: np.ndarray  # [side] overt act outside a campaign in the last period
    struck: np.ndarray  # [side] hit overtly in the last period
    own_sub: np.ndarray
    fought: np.ndarray  # [side] at campaign level in the last period
    audience: np.ndarray  # [side] own public commitments of the last period, level / 3
    audience_usual: np.ndarray  # [side] their mean, which stands for them further ahead
    campaign: bool
    scope: int
    since_truce: int
    since_talks: int
    since_overt: int
    since_closure: int
    since_campaign: int
    crisis: bool  # one is open at the end of the last period
    crisis_days: int  # since it opened
    since_crisis: int


def world_of(draws: xr.Dataset, panel: xr.Dataset) -> World:
    """Parameters of the case from draws with one `sample` dim.

    Parameters
    ----------
    draws
        Free variables of the model, dims (sample, ...).
    panel
        The panel that the model was built on.
    """
    return _world(draws, panel, case=True)


def typical_world(draws: xr.Dataset, panel: xr.Dataset, seed: int) -> World:
    """Parameters of a new rivalry of the reference class: effects of the case dropped, dyad and episode drawn anew."""
    rng = np.random.default_rng(seed)
    n = draws.sizes["sample"]
    world = _world(draws, panel, case=False)
    dyad = _get(draws, "overt_dyad_sd")[:, None] * rng.standard_normal((n, 2))
    episode = _get(draws, "onset_episode_sd")[:, None] * rng.standard_normal((n, 1))
    return world._replace(overt=world.overt + dyad, onset=world.onset + episode)


def _world(draws: xr.Dataset, panel: xr.Dataset, *, case: bool) -> World:
    step = int(panel.attrs["period_days"])
    offset = math.log(step / 7.0)
    on = 1.0 if case else 0.0

    def get(name: str) -> np.ndarray:
        return _get(draws, name)

    _, _, _, dyad_side = dyads(panel)
    near = float(panel["ground_access"].values[0]) * on
    dyad = get("overt_dyad_sd")[:, None] * get("overt_dyad")[:, dyad_side[0]] * on
    typical = get("overt_intercept") - 0.5 * get("overt_resolve")[:, None] ** 2 + offset
    truce = "overt_truce_case" if case else "overt_truce_past"
    effects = np.stack([get(name) for name in (*OVERT_EFFECTS[:5], truce)], axis=1)
    own_noise = get("onset_episode_sd") * get("onset_episode")[:, 0] * on
    chokepoint = bool(panel["chokepoint"].values[0])
    closure = offset + get("closure_intercept") if chokepoint else np.full(draws.sizes["sample"], -np.inf)
    regional = get("regional_chokepoint") * chokepoint * on + get("regional_case") * on
    ground = np.exp(get("war_ground") * near + get("war_case") * on)
    return World(
        persistence=np.exp(-math.log(2) * step / 7.0 / get("resolve_half_life")),
        together=np.tanh(get("shared_shocks")),
        memory=np.exp(-math.log(2) * step / 7.0 / get("credibility_half_life")),
        hit=get("hit_effect"),
        scale=np.sqrt(get("resolve_share")[:, -1]),
        overt=typical + dyad,
        overt_resolve=get("overt_resolve"),
        overt_credibility=get("overt_credibility"),
        overt_effects=effects,
        overt_audience=get("overt_audience"),
        overt_crisis=np.stack([get(f"overt_{n}") for n in ("between_crises", "fresh_crisis")], axis=1),
        overt_coupling=get("overt_reply") - typical.mean(axis=1),
        onset=get("onset_intercept") + (get("onset_case") * on + own_noise + get("onset_ground") * near)[:, None],
        onset_resolve=get("onset_resolve"),
        onset_after=get("onset_after_overt"),
        onset_relapse=get("onset_relapse"),
        onset_coupling=get("onset_coupling"),
        log_days=_log_days(draws, near, on),
        days_sd=get("campaign_days_sd"),
        halt_resolve=get("halt_resolve"),
        opens_full=get("war_opening") + get("war_ground") * near + get("war_case") * on,
        opens_regional=get("regional_opening") + regional,
        widens_full=get("war_escalation") * ground,
        widens_regional=get("regional_escalation") * np.exp(regional),
        participation=get("participation_intercept"),
        participation_last=get("participation_last"),
        participation_coupling=get("participation_coupling"),
        limited=get("limited_in_campaign"),
        truce=get("truce_intercept"),
        leadership=get("leadership_intercept") + get("leadership_case") * on,
        leadership_resolve=get("leadership_resolve"),
        symbolic=get("symbolic_intercept"),
        symbolic_reply=get("symbolic_reply"),
        sub=get("sub_intercept") + offset,
        sub_resolve=get("sub_resolve"),
        sub_own=get("sub_own_last"),
        sub_opponent=get("sub_opponent_last"),
        closure=closure,
        closure_campaign=get("closure_campaign"),
        closure_recent=get("closure_recent"),
        talks=get("talks_intercept") + get("talks_case") * on + offset,
        talks_effects=np.stack([get(f"talks_{n}") for n in ("resolve", "recent", "fighting", "truce")], axis=1),
        deal=get("deal_intercept") + get("deal_case") * on + offset,
        deal_effects=np.stack([get(f"deal_{n}") for n in ("resolve", "talks", "fighting", "truce")], axis=1),
        opens=get("crisis_opens") + offset,
        opens_effects=np.stack([get(f"crisis_opens_{n}") for n in ("resolve", "recent", "force")], axis=1),
        closes=get("crisis_closes") + get("crisis_closes_case") * on + offset,
        closes_effects=np.stack([get(f"crisis_closes_{n}") for n in ("fresh", "force", "settled")], axis=1),
    )


def start_now(draws: xr.Dataset, panel: xr.Dataset) -> Start:
    """State of the case at the as-of date, the last period of the panel."""
    return states(draws, panel)(int(panel["length"].values[0]) - 1)


def states(draws: xr.Dataset, panel: xr.Dataset) -> Callable[[int], Start]:
    """States of the case by period: the latents of each draw and what the periods up to that one showed.

    Returns
    -------
    callable
        Period number → `Start` at its end.
    """
    one = panel.isel(episode=0)
    standing, standing_credibility = standing_resolve(draws, panel), _standing_credibility(draws, panel)
    episode = np.sqrt(_get(draws, "resolve_share")[:, -1])[:, None]
    resolve, credibility = (draws[name].transpose("sample", "side", "period").values for name in PATHS)
    memory = np.exp(-math.log(2) * panel.attrs["period_days"] / 7.0 / _get(draws, "credibility_half_life"))
    weight = _get(draws, "track_weight") / memory[:, None]  # an act of the last period enters after one period's decay
    mean_days = _log_days(draws, float(panel["ground_access"].values[0]), 1.0)
    spread_days, spell_noise = _get(draws, "campaign_days_sd"), _get(draws, "campaign_days_spell")
    force, campaign, scope = one["force"].values, one["campaign"].values, one["scope"].values
    acts, talks, closure = one["track_record"].values.astype(float), one["talks"].values, one["closure"].values
    truce = one["ceasefire"].values | one["deal"].values
    commitments = one["signal"].values[:, :, AUDIENCE] / HIGHEST_LEVEL
    usual = _usual(panel)
    overt = force >= 2
    age, closed = one["crisis_age"].values, one["crisis_closed"].values
    onset = np.where(panel["spell_episode"].values == 0, panel["spell_onset"].values, LONG_AGO)

    def at(t: int) -> Start:
        running = bool(campaign[t])
        log_days = mean_days
        if running:
            log_days = mean_days + spread_days * spell_noise[:, np.flatnonzero(onset <= t)[-1]]
        return Start(
            standing=standing,
            deviation=(resolve[:, :, t].astype(float) - standing) / episode,
            credibility=standing_credibility,
            track=credibility[:, :, t].astype(float) - standing_credibility + weight @ acts[:, t].T,
            spell_log_days=log_days,
            own_last=overt[:, t] & (not running),
            struck=overt[::-1, t].copy(),
            own_sub=force[:, t] == 1,
            fought=force[:, t] >= 4,
            audience=commitments[:, t],
            audience_usual=usual,
            campaign=running,
            scope=int(scope[t]),
            since_truce=_since(truce[: t + 1]),
            since_talks=_since(talks[: t + 1]),
            since_overt=_since((overt.any(axis=0) | campaign)[: t + 1]),
            since_closure=_since(closure[: t + 1]),
            since_campaign=_since(campaign[: t + 1]),
            crisis=bool(age[t] >= 0 and not closed[t]),
            crisis_days=int(age[t]),
            since_crisis=_since(age[: t + 1] >= 0),
        )

    return at


def crisis_now(panel: xr.Dataset) -> bool | None:
    """Whether a crisis of the case is open at the end of the panel; None where the record tells of none at all."""
    last = int(panel["length"].values[0]) - 1
    if not panel["crisis_observed"].values[0, last]:
        return None
    return bool(panel["crisis_age"].values[0, last] >= 0 and not panel["crisis_closed"].values[0, last])


def start_neutral(draws: xr.Dataset, panel: xr.Dataset, seed: int, *, typical: bool = False) -> Start:
    """A start without a past: resolve drawn from its long-run distribution, no force, talks or truce in sight.

    A typical one is the day on which a crisis of the reference class opens; else no crisis is in sight.
    """
    rng = np.random.default_rng(seed)
    n = draws.sizes["sample"]
    quiet = np.zeros(2, dtype=bool)
    standing = standing_resolve(draws, panel)
    credibility = _standing_credibility(draws, panel)
    together = np.tanh(_get(draws, "shared_shocks"))
    if typical:
        region, actor, dyad = np.sqrt(_get(draws, "resolve_share"))[:, :3].T[:, :, None]
        standing = np.hypot(region, actor) * rng.standard_normal((n, 2)) + dyad * rng.standard_normal((n, 1))
        credibility = _get(draws, "actor_credibility_sd")[:, None] * rng.standard_normal((n, 2))
    return Start(
        standing=standing,
        deviation=np.stack(correlated(rng.standard_normal(n), rng.standard_normal(n), together), axis=1),
        credibility=credibility,
        track=np.zeros((n, 2)),
        spell_log_days=np.log(_get(draws, "campaign_days")),
        own_last=quiet,
        struck=quiet,
        own_sub=quiet,
        fought=quiet,
        audience=_usual(panel),
        audience_usual=_usual(panel),
        campaign=False,
        scope=0,
        since_truce=LONG_AGO,
        since_talks=LONG_AGO,
        since_overt=LONG_AGO,
        since_closure=LONG_AGO,
        since_campaign=LONG_AGO,
        crisis=typical,
        crisis_days=0 if typical else -1,
        since_crisis=0 if typical else LONG_AGO,
    )


def memory_periods(period_days: int) -> tuple[int, int, int, int]:
    """Periods in which a truce (closure), talks (force), a campaign and a crisis count, as in `model.past.history`."""
    days = TRUCE_DAYS, RECENT_DAYS, RELAPSE_DAYS, CRISIS_DAYS
    truce, recent, relapse, crisis = (max(round(d / period_days), 1) for d in days)
    return truce, recent, relapse, crisis


def _log_days(draws: xr.Dataset, near: float, on: float) -> np.ndarray:
    """Log of the mean length of a campaign of average resolve [draw]."""
    by_ground = _get(draws, "campaign_days_ground") * near
    return np.log(_get(draws, "campaign_days")) + by_ground + _get(draws, "campaign_days_case") * on


def _usual(panel: xr.Dataset) -> np.ndarray:
    """Mean level of own public commitments of the case over the periods watched for them [side]."""
    length = int(panel["length"].values[0])
    seen = panel["signal_observed"].values[0, :length, AUDIENCE]
    levels = panel["signal"].values[0, :, :length, AUDIENCE][:, seen] / HIGHEST_LEVEL
    return levels.mean(axis=1) if levels.shape[1] else np.zeros(2)


def _standing_credibility(draws: xr.Dataset, panel: xr.Dataset) -> np.ndarray:
    _, actor_of = actor_index(panel)
    return (
        _get(draws, "capability_credibility")[:, None] * panel["capability"].values[0]
        + _get(draws, "nuclear_credibility")[:, None] * panel["nuclear"].values[0]
        + _get(draws, "actor_credibility_sd")[:, None] * _get(draws, "actor_credibility")[:, actor_of[0]]
    )


def _since(happened: np.ndarray) -> int:
    """Periods since it last happened, 0 for the last period."""
    hits = np.flatnonzero(happened)
    return len(happened) - 1 - int(hits[-1]) if len(hits) else LONG_AGO


def _get(draws: xr.Dataset, name: str) -> np.ndarray:
    variable = draws[name]
    return np.ascontiguousarray(variable.transpose("sample", ...).values, dtype=float)
