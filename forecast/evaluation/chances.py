"""Log-odds and rates of every choice of the model, from one draw of its parameters, ready for a compiled run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from forecast.model.cells import dyads
from forecast.model.past import CRISIS_DAYS, RECENT_DAYS, RELAPSE_DAYS, TRUCE_DAYS, freshness
from forecast.model.signals import REPORTED
from forecast.terms import DENSITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

TRUE_SHARES = (0.80, 0.17, 0.03)  # confidence of rows that are true


class Chances(NamedTuple):
    """Log-odds and rates of every choice, [episode, side], [episode] or one number; intercepts are per period."""

    step: int
    truce_back: int
    recent_back: int
    relapse_back: int
    crisis_back: int
    overt: np.ndarray
    overt_resolve: float
    overt_credibility: float
    overt_effects: np.ndarray  # own last, opponent last, own sub, opponent sub, after campaign, audience
    overt_truce: np.ndarray
    overt_outside: np.ndarray  # [episode], while no crisis is open
    overt_fresh: float  # per unit of freshness of the crisis
    fresh: np.ndarray  # freshness by days since a crisis opened
    overt_coupling: float
    onset: np.ndarray
    onset_resolve: float
    onset_after: float
    onset_relapse: float
    onset_coupling: float
    opens_full: np.ndarray
    opens_regional: np.ndarray
    widens_full: np.ndarray  # rate a week
    widens_regional: np.ndarray
    log_days: np.ndarray  # [episode], of an average campaign
    spell_noise: np.ndarray  # [spell]
    halt_resolve: float
    participation: np.ndarray
    participation_last: float
    participation_coupling: float
    limited: float
    truce: float
    leadership: np.ndarray
    leadership_resolve: float
    symbolic: float
    symbolic_reply: float
    sub: np.ndarray
    sub_effects: np.ndarray  # resolve, own last, opponent last
    closure: np.ndarray  # -inf without a chokepoint
    closure_campaign: float
    closure_recent: float
    talks: np.ndarray
    talks_effects: np.ndarray  # resolve, talks before, fighting, truce
    deal: np.ndarray
    deal_effects: np.ndarray
    opens: float  # a crisis of the case
    opens_effects: np.ndarray  # resolve, an own crisis lately, force before
    closes: np.ndarray  # [episode]
    closes_effects: np.ndarray  # freshness, force, settled
    signal: np.ndarray  # [density, side, channel]
    signal_resolve: np.ndarray
    signal_last: np.ndarray
    signal_incoming: np.ndarray
    signal_step: np.ndarray  # [channel, level]
    concession: np.ndarray  # credibility of the opponent, own commitments
    false_row: np.ndarray  # by confidence, of any row in an empty cell
    level_error: np.ndarray  # by confidence


def chances_of(panel: xr.Dataset, p: Mapping[str, np.ndarray], fixed: Mapping[str, np.ndarray]) -> Chances:
    """Log-odds of every choice, from one draw of all parameters by name."""
    step = int(panel.attrs["period_days"])
    offset = math.log(step / 7.0)
    ground, water = panel["ground_access"].values, panel["chokepoint"].values
    case = (np.arange(panel.sizes["episode"]) == 0).astype(float)
    *_, dyad_side = dyads(panel)
    back = [max(round(days / step), 1) for days in (TRUCE_DAYS, RECENT_DAYS, RELAPSE_DAYS, CRISIS_DAYS)]
    typical = p["overt_intercept"] - 0.5 * p["overt_resolve"] ** 2 + offset
    effects = ("own_last", "opponent_last", "own_sub", "opponent_sub", "after_campaign", "audience")
    full, wide = p["war_ground"] * ground + p["war_case"] * case, p["regional_chokepoint"] * water
    wide = wide + p["regional_case"] * case
    column = np.array([REPORTED.index(d) if d in REPORTED else 0 for d in DENSITIES])
    thick = np.array([d in REPORTED for d in DENSITIES])[:, None]
    effort = thick * (p["signal_density"][column][:, None] + p["signal_density_channel"][column])

    def settles(node: str, *names: str) -> tuple[np.ndarray, np.ndarray]:
        return offset + p[f"{node}_intercept"] + p[f"{node}_case"] * case, _stack(p, [f"{node}_{n}" for n in names])

    talks, talks_effects = settles("talks", "resolve", "recent", "fighting", "truce")
    deal, deal_effects = settles("deal", "resolve", "talks", "fighting", "truce")
    number = {name: float(value) for name, value in p.items() if np.ndim(value) == 0}
    return Chances(
        step=step,
        truce_back=back[0],
        recent_back=back[1],
        relapse_back=back[2],
        crisis_back=back[3],
        overt=typical + p["overt_dyad_sd"] * p["overt_dyad"][dyad_side],
        overt_resolve=number["overt_resolve"],
        overt_credibility=number["overt_credibility"],
        overt_effects=_stack(p, [f"overt_{n}" for n in effects]),
        overt_truce=np.where(case > 0, p["overt_truce_case"], p["overt_truce_past"]),
        overt_outside=np.where(case > 0, p["overt_between_crises"], p["overt_outside_crisis"]),
        overt_fresh=number["overt_fresh_crisis"],
        fresh=freshness(step),
        overt_coupling=float(p["overt_reply"] - typical.mean()),
        onset=p["onset_intercept"]
        + (p["onset_case"] * case + p["onset_episode_sd"] * p["onset_episode"] + p["onset_ground"] * ground)[:, None],
        onset_resolve=number["onset_resolve"],
        onset_after=number["onset_after_overt"],
        onset_relapse=number["onset_relapse"],
        onset_coupling=number["onset_coupling"],
        opens_full=p["war_opening"] + full,
        opens_regional=p["regional_opening"] + wide,
        widens_full=p["war_escalation"] * np.exp(full),
        widens_regional=p["regional_escalation"] * np.exp(wide),
        log_days=np.log(p["campaign_days"]) + p["campaign_days_ground"] * ground + p["campaign_days_case"] * case,
        spell_noise=p["campaign_days_sd"] * p["campaign_days_spell"],
        halt_resolve=number["halt_resolve"],
        participation=np.asarray(p["participation_intercept"], float),
        participation_last=number["participation_last"],
        participation_coupling=number["participation_coupling"],
        limited=number["limited_in_campaign"],
        truce=number["truce_intercept"],
        leadership=p["leadership_intercept"] + p["leadership_case"] * case[:, None],
        leadership_resolve=number["leadership_resolve"],
        symbolic=number["symbolic_intercept"],
        symbolic_reply=number["symbolic_reply"],
        sub=offset + np.asarray(p["sub_intercept"], float),
        sub_effects=_stack(p, ["sub_resolve", "sub_own_last", "sub_opponent_last"]),
        closure=np.where(water > 0, offset + p["closure_intercept"], -np.inf),
        closure_campaign=number["closure_campaign"],
        closure_recent=number["closure_recent"],
        talks=talks,
        talks_effects=talks_effects,
        deal=deal,
        deal_effects=deal_effects,
        opens=offset + number["crisis_opens"],
        opens_effects=_stack(p, [f"crisis_opens_{n}" for n in ("resolve", "recent", "force")]),
        closes=offset + p["crisis_closes"] + p["crisis_closes_case"] * case,
        closes_effects=_stack(p, [f"crisis_closes_{n}" for n in ("fresh", "force", "settled")]),
        signal=offset + p["signal_any"].T + effort[:, None],
        signal_resolve=np.r_[p["signal_resolve_anchor"], p["signal_resolve_free"]],  # anchors are the first channels
        signal_last=np.asarray(p["signal_last"], float),
        signal_incoming=np.asarray(p["signal_incoming"], float),
        signal_step=np.ascontiguousarray(p["signal_step"], float),
        concession=_stack(p, ["concession_credibility", "concession_audience"]),
        false_row=np.asarray(fixed["false_row"], float) * np.array(TRUE_SHARES),
        level_error=np.asarray(fixed["level_error"], float),
    )


def _stack(p: Mapping[str, np.ndarray], names: list[str]) -> np.ndarray:
    return np.array([float(p[name]) for name in names])
