"""Force as a tree: overt or not by both sides together, campaign or single act, how far, and how a campaign goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pymc as pm
import pytensor.tensor as pt

from forecast.model.cells import OVERT_EFFECTS
from forecast.model.nodes import Binary, Joint, binary, joint, logit_of_hazard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytensor.tensor import TensorVariable

type Parameters = Mapping[str, TensorVariable]
type Tables = Mapping[str, pd.DataFrame]


def overt_force(
    rows: pd.DataFrame, resolve: TensorVariable, credibility: TensorVariable, p: Parameters, offset: float
) -> list[Joint]:
    """Overt force this period, by both sides jointly: own resolve, the opponent's credibility, what went before."""
    dyad = p["overt_dyad_sd"] * p["overt_dyad"]
    # the intercept is that of the average rate: a log-normal rate exceeds its median by half the variance
    typical = p["overt_intercept"] - 0.5 * p["overt_resolve"] ** 2 + offset
    effects = pt.stack([p[name] for name in OVERT_EFFECTS])

    def utility(own: str, other: str, role: int) -> TensorVariable:
        covariates = rows[[f"{name}_{own}" for name in OVERT_EFFECTS]].to_numpy(dtype=float)
        return (
            typical[role]
            + dyad[rows[f"dyad_{own}"].to_numpy()]
            + p["overt_resolve"] * resolve[rows[f"latent_{own}"].to_numpy()]
            - p["overt_credibility"] * credibility[rows[f"latent_{other}"].to_numpy()]
            + pt.dot(covariates, effects)
        )

    coupling = p["overt_reply"] - pt.mean(typical)
    return [joint("overt", rows, utility("a", "b", 0), utility("b", "a", 1), coupling)]


def campaign_onset(tables: Tables, resolve: TensorVariable, ground: np.ndarray, p: Parameters) -> list[Binary | Joint]:
    """An overt act opens a campaign: with noise that lasts the episode, own resolve, ground access."""
    spread = p["onset_episode_sd"] * p["onset_episode"]

    def utility(rows: pd.DataFrame, latent: str, role: np.ndarray) -> TensorVariable:
        episode = rows["episode"].to_numpy(dtype=int)
        return (
            p["onset_intercept"][role]
            + p["onset_case"] * (episode == 0)
            + spread[episode]
            + p["onset_resolve"] * resolve[rows[latent].to_numpy(dtype=int)]
            + p["onset_after_overt"] * rows["after"].to_numpy(dtype=float)
            + p["onset_ground"] * ground[episode]
        )

    one, both = tables["onset_one"], tables["onset_both"]
    first = utility(both, "latent_a", np.zeros(len(both), dtype=int))
    second = utility(both, "latent_b", np.ones(len(both), dtype=int))
    return [
        binary("onset_one", one, utility(one, "latent", one["side"].to_numpy(dtype=int))),
        joint("onset_both", both, first, second, p["onset_coupling"]),
    ]


def campaign_course(tables: Tables, resolve: TensorVariable, p: Parameters, period_days: int) -> list[Binary | Joint]:
    """How long a campaign lasts (hazard of halting, spread between campaigns), who fights, and how it halts.

    Past campaigns enter by their days of fighting (exponential given their own mean, censored if they still run).
    """
    log_days = pt.log(p["campaign_days"]) + p["campaign_days_sd"] * p["campaign_days_spell"]

    def log_hazard(rows: pd.DataFrame, case: float) -> TensorVariable:
        a, b = (resolve[rows[f"latent_{side}"].to_numpy(dtype=int)] for side in "ab")
        longer = p["campaign_days_ground"] * rows["ground"].to_numpy(dtype=float) + case
        return p["halt_resolve"] * 0.5 * (a + b) - log_days[rows["spell"].to_numpy(dtype=int)] - longer

    past = tables["spell_days"]
    hazard = log_hazard(past, 0.0)
    ended, days = past["halted"].to_numpy(dtype=float), past["days"].to_numpy(dtype=float)
    pm.Potential("days_of_fighting", pt.sum(ended * hazard - days * pt.exp(hazard)))

    halt, fights = tables["halt"], tables["participation"]
    exposure = period_days * pt.exp(log_hazard(halt, p["campaign_days_case"]))
    a, b = (
        p["participation_intercept"][k] + p["participation_last"] * fights[f"last_{side}"].to_numpy(dtype=float)
        for k, side in enumerate("ab")
    )
    return [
        binary("halt", halt, logit_of_hazard(exposure)),
        joint("participation", fights, a, b, p["participation_coupling"]),
        binary("limited", tables["limited"], p["limited_in_campaign"]),
        binary("truce", tables["truce"], p["truce_intercept"]),
    ]


def campaign_scope(tables: Tables, p: Parameters) -> list[Binary]:
    """How far a campaign goes: full war or several theatres at its opening, or by widening later."""
    opening, later = tables["opening"], tables["widening"]
    bounded = opening[opening["full"] == 0]
    later = later[later["opening"] < 6]
    narrow = later[(later["opening"] < 5) & (later["full"] == 0)]

    def full(rows: pd.DataFrame) -> TensorVariable:
        return p["war_ground"] * rows["ground"].to_numpy(dtype=float) + p["war_case"] * rows["case"].to_numpy(
            dtype=float
        )

    def regional(rows: pd.DataFrame) -> TensorVariable:
        return p["regional_case"] * rows["case"].to_numpy(dtype=float)

    def weeks(rows: pd.DataFrame) -> np.ndarray:
        return rows["weeks"].to_numpy(dtype=float)

    return [
        binary("opens_full", opening.assign(y=opening["full"], n=1), p["war_opening"] + full(opening)),
        binary("opens_regional", bounded.assign(y=bounded["regional"], n=1), p["regional_opening"] + regional(bounded)),
        binary(
            "widens_full",
            later.assign(y=later["full"], n=1),
            logit_of_hazard(weeks(later) * p["war_escalation"] * pt.exp(full(later))),
        ),
        binary(
            "widens_regional",
            narrow.assign(y=narrow["regional"], n=1),
            logit_of_hazard(weeks(narrow) * p["regional_escalation"] * pt.exp(regional(narrow))),
        ),
    ]


def kinds_of_force(tables: Tables, resolve: TensorVariable, p: Parameters, offset: float) -> list[Binary]:
    """Outside a campaign: is an overt act a leadership or symbolic strike; any act below the threshold; closures."""
    lead, symbolic, sub, closure = (tables[n] for n in ("leadership", "symbolic", "sub", "closure"))
    lead_side, sub_side = lead["side"].to_numpy(dtype=int), sub["side"].to_numpy(dtype=int)
    return [
        binary(
            "leadership",
            lead,
            p["leadership_intercept"][lead_side]
            + p["leadership_resolve"] * resolve[lead["latent"].to_numpy(dtype=int)]
            + p["leadership_case"][lead_side] * lead["case"].to_numpy(dtype=float),
        ),
        binary(
            "symbolic",
            symbolic,
            p["symbolic_intercept"] + p["symbolic_reply"] * symbolic["reply"].to_numpy(dtype=float),
        ),
        binary(
            "sub_threshold",
            sub,
            offset
            + p["sub_intercept"][sub_side]
            + p["sub_resolve"] * resolve[sub["latent"].to_numpy(dtype=int)]
            + p["sub_own_last"] * sub["own_sub"].to_numpy(dtype=float)
            + p["sub_opponent_last"] * sub["opponent_sub"].to_numpy(dtype=float),
        ),
        binary(
            "closure",
            closure,
            offset
            + p["closure_intercept"]
            + p["closure_campaign"] * closure["campaign"].to_numpy(dtype=float)
            + p["closure_recent"] * closure["recent"].to_numpy(dtype=float),
        ),
    ]
