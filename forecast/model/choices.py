"""Force as a tree: overt or not by both sides together, campaign or single act, how far, and how a campaign goes on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from forecast.model.cells import OVERT_EFFECTS
from forecast.model.nodes import (
    Binary,
    Duration,
    Joint,
    Node,
    Term,
    binary,
    effect,
    joint,
    on_both,
    on_credibility,
    on_resolve,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

type Tables = Mapping[str, pd.DataFrame]


def overt_force(rows: pd.DataFrame, offset: float) -> list[Joint]:
    """Overt force this period, by both sides jointly: own resolve, the opponent's credibility, what went before.

    The intercept is that of the average rate (see `derived` in `build`), the coupling follows from the log-odds of a
    reply.
    """

    def utility(own: str, other: str, role: int) -> list[Term]:
        return [
            effect("overt_typical", at=role),
            effect("overt_dyad_effect", at=rows[f"dyad_{own}"].to_numpy()),
            on_resolve("overt_resolve", rows[f"latent_{own}"].to_numpy()),
            on_credibility("overt_credibility", rows[f"latent_{other}"].to_numpy(), -1.0),
            *(effect(name, rows[f"{name}_{own}"]) for name in OVERT_EFFECTS),
        ]

    errors = {f"error_{side}": rows[f"error_{side}"].to_numpy() for side in "ab"}
    return [joint("overt", rows, utility("a", "b", 0), utility("b", "a", 1), "overt_coupling", offset=offset, **errors)]


def campaign_onset(tables: Tables, ground: np.ndarray) -> list[Node]:
    """An overt act opens a campaign: by noise that lasts the episode, own resolve, ground access, past fighting."""

    def utility(rows: pd.DataFrame, latent: str, role: np.ndarray | int) -> list[Term]:
        episode = rows["episode"].to_numpy(dtype=int)
        return [
            effect("onset_intercept", at=role),
            effect("onset_case", episode == 0),
            effect("onset_episode_effect", at=episode),
            on_resolve("onset_resolve", rows[latent].to_numpy()),
            effect("onset_after_overt", rows["after"]),
            effect("onset_relapse", rows["relapse"]),
            effect("onset_ground", ground[episode]),
        ]

    one, both = tables["onset_one"], tables["onset_both"]
    return [
        binary("onset_one", one, utility(one, "latent", one["side"].to_numpy(dtype=int))),
        joint("onset_both", both, utility(both, "latent_a", 0), utility(both, "latent_b", 1), "onset_coupling"),
    ]


def campaign_course(tables: Tables, period_days: int) -> list[Node]:
    """How long a campaign lasts (hazard of halting, spread between campaigns), who fights, and how it halts.

    Past campaigns enter by their days of fighting (exponential given their own mean, censored if they still run).
    """

    def log_hazard(rows: pd.DataFrame) -> list[Term]:
        return [
            *on_both("halt_resolve", rows),
            effect("campaign_log_days", -1.0, rows["spell"].to_numpy(dtype=int)),
            effect("campaign_days_ground", -rows["ground"].to_numpy(dtype=float)),
        ]

    past, halt, fights = tables["spell_days"], tables["halt"], tables["participation"]
    a, b = (
        [effect("participation_intercept", at=k), effect("participation_last", fights[f"last_{side}"])]
        for k, side in enumerate("ab")
    )
    return [
        Duration("days_of_fighting", log_hazard(past), past["days"].to_numpy(float), past["halted"].to_numpy(float)),
        binary("halt", halt, [*log_hazard(halt), effect("campaign_days_case", -1.0)],
               offset=math.log(period_days), link="hazard"),
        joint("participation", fights, a, b, "participation_coupling"),
        binary("limited", tables["limited"], [effect("limited_in_campaign")]),
        binary("truce", tables["truce"], [effect("truce_intercept")]),
    ]  # fmt: skip


def campaign_scope(tables: Tables) -> list[Binary]:
    """How far a campaign goes: full war or several theatres at its opening, or by widening later."""
    opening, later = tables["opening"], tables["widening"]
    bounded = opening[opening["full"] == 0]
    later = later[later["opening"] < 6]
    narrow = later[(later["opening"] < 5) & (later["full"] == 0)]

    def full(rows: pd.DataFrame) -> list[Term]:
        return [effect("war_ground", rows["ground"]), effect("war_case", rows["case"])]

    def regional(rows: pd.DataFrame) -> list[Term]:
        return [effect("regional_chokepoint", rows["chokepoint"]), effect("regional_case", rows["case"])]

    def weeks(rows: pd.DataFrame) -> np.ndarray:
        return np.log(rows["weeks"].to_numpy(dtype=float))

    return [
        binary("opens_full", opening.assign(y=opening["full"], n=1), [effect("war_opening"), *full(opening)]),
        binary("opens_regional", bounded.assign(y=bounded["regional"], n=1),
               [effect("regional_opening"), *regional(bounded)]),
        binary("widens_full", later.assign(y=later["full"], n=1), [effect("war_escalation_log"), *full(later)],
               offset=weeks(later), link="hazard"),
        binary("widens_regional", narrow.assign(y=narrow["regional"], n=1),
               [effect("regional_escalation_log"), *regional(narrow)], offset=weeks(narrow), link="hazard"),
    ]  # fmt: skip


def kinds_of_force(tables: Tables, offset: float) -> list[Binary]:
    """Outside a campaign: is an overt act a leadership or symbolic strike; any act below the threshold; closures."""
    lead, symbolic, sub, closure = (tables[n] for n in ("leadership", "symbolic", "sub", "closure"))
    side = lead["side"].to_numpy(dtype=int)
    return [
        binary(
            "leadership",
            lead,
            [
                effect("leadership_intercept", at=side),
                on_resolve("leadership_resolve", lead["latent"].to_numpy()),
                effect("leadership_case", lead["case"], side),
            ],
        ),
        binary("symbolic", symbolic, [effect("symbolic_intercept"), effect("symbolic_reply", symbolic["reply"])]),
        binary(
            "sub_threshold",
            sub,
            [
                effect("sub_intercept", at=sub["side"].to_numpy(dtype=int)),
                on_resolve("sub_resolve", sub["latent"].to_numpy()),
                effect("sub_own_last", sub["own_sub"]),
                effect("sub_opponent_last", sub["opponent_sub"]),
            ],
            offset=offset,
            error=sub["error"].to_numpy(),
        ),
        binary(
            "closure",
            closure,
            [
                effect("closure_intercept"),
                effect("closure_campaign", closure["campaign"]),
                effect("closure_recent", closure["recent"]),
            ],
            offset=offset,
        ),
    ]
