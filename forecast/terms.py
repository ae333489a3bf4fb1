"""The words of the project: ladder, rungs, channels, sides, dimension and variable names (public API)."""

from __future__ import annotations

from typing import Final

# -- outcome ladder -----------------------------------------------------------------------------------------------
LADDER: Final[tuple[str, ...]] = ("O0", "O1", "O2", "O3", "O4", "O5", "O6")
LADDER_NAMES: Final[dict[str, str]] = {
    "O0": "settlement",
    "O1": "standoff",
    "O2": "limited_strike",
    "O3": "bounded_exchange",
    "O4": "sustained_campaign",
    "O5": "regional_war",
    "O6": "full_war",
}
LADDER_RULES: Final[dict[str, str]] = {
    "O0": "a signed or publicly accepted deal, and no overt strike (rung 3 or above) by either side",
    "O1": "no deal and no overt strike",
    "O2": "an overt strike (rung 3-5); the reply is absent, by proxy or symbolic (rung 3 or below)",
    "O3": "a strike and a direct reply of rung 4-5; no sustained campaign",
    "O4": "a multi-day campaign (rung 6) by either side",
    "O5": "fighting in several theatres, or an act of closing a chokepoint (rung 7)",
    "O6": "full-scale war or ground invasion (rung 8)",
}
HORIZONS: Final[tuple[int, ...]] = (7, 30, 90, 180)

# -- rungs of single acts -----------------------------------------------------------------------------------------
RUNGS: Final[dict[int, str]] = {
    0: "none",
    1: "deniable or non-lethal",
    2: "proxy or indirect",
    3: "symbolic or telegraphed strike",
    4: "limited one-round strike on military or nuclear assets",
    5: "leadership or high-value homeland strike",
    6: "sustained multi-day campaign",
    7: "several theatres or closed chokepoint",
    8: "full-scale war or ground invasion",
}
OVERT_RUNG: Final[int] = 3
DIRECT_RUNG: Final[int] = 4
CAMPAIGN_RUNG: Final[int] = 6

# -- what moves are made of ---------------------------------------------------------------------------------------
TYPES_BY_CHANNEL: Final[dict[str, tuple[str, ...]]] = {
    "verbal": ("threat", "ultimatum", "red_line", "demand", "reassurance", "denial"),
    "posture": (
        "deployment", "withdrawal", "alert", "exercise", "evacuation", "air_defence_move", "capability_display",
        "mobilisation",
    ),
    "diplomacy": (
        "talks", "proposal", "concession", "acceptance", "rejection", "mediation", "walkout", "deal", "ceasefire",
    ),
    "economic": ("sanctions", "sanctions_relief", "seizure", "embargo"),
    "nuclear": ("enrichment_step", "inspection_block", "inspection_access", "treaty_threat"),
    "audience": (
        "public_commitment", "legislative_constraint", "legislative_support", "protest", "crackdown", "elite_split",
        "poll",
    ),
    "credibility": (
        "capability_loss", "capability_gain", "threat_fulfilled", "threat_not_fulfilled", "ally_loss", "ally_support",
    ),
    "force": (
        "covert_attack", "cyber_attack", "proxy_attack", "shoot_down", "harassment", "symbolic_strike",
        "limited_strike", "leadership_strike", "sustained_campaign", "regional_widening", "chokepoint_closure",
        "ground_operation",
    ),
}  # fmt: skip
CHANNELS: Final[tuple[str, ...]] = tuple(TYPES_BY_CHANNEL)
SIGNAL_CHANNELS: Final[tuple[str, ...]] = ("verbal", "posture", "audience", "economic", "nuclear", "diplomacy")
TRACK_RECORD: Final[tuple[str, ...]] = TYPES_BY_CHANNEL["credibility"]
DENSITIES: Final[tuple[str, ...]] = ("sparse", "regular", "dense", "sampled", "narrative")
SIDES: Final[tuple[str, ...]] = ("a", "b")
CONFIDENCES: Final[tuple[str, ...]] = ("confirmed", "reported", "disputed")

# -- replies and force categories of the panel --------------------------------------------------------------------
REPLY_MODES: Final[tuple[str, ...]] = ("none", "proxy", "symbolic", "bounded", "widening")
OPENINGS: Final[tuple[str, ...]] = ("limited_strike", "leadership_strike", "sustained_campaign")
NEXT_MOVES: Final[tuple[str, ...]] = ("stops", "strikes_again", "climbs")
SETTLINGS: Final[tuple[str, ...]] = ("deal", "talks", "no_talks")
FORCE: Final[dict[int, str]] = {
    0: "none",
    1: "sub_threshold",
    2: "limited_strike",
    3: "leadership_strike",
    4: "sustained_campaign",
    5: "regional_war",
    6: "full_war",
}
