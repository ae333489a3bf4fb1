"""The words of ICBe (kinds of acts and of speech) in the words of the record, the strongest first."""

from __future__ import annotations

from typing import Final

from forecast.record.importers.draft import Act

CONTENT_COLUMNS: Final = (
    "interact_escalate", "act_escalate", "interact_decreasecoop", "interact_deescalate", "act_deescalate",
    "interact_increasecoop", "act_cooperative", "act_uncooperative",
)  # fmt: skip

ACTS: Final[dict[str, Act]] = {
    "interact_escalate=invasion/occupation": Act("ground_operation", 3, 4),
    "interact_escalate=join ongoing war": Act("sustained_campaign", 3, 6),
    "interact_escalate=continuation of previous fighting": Act("sustained_campaign", 3, 6),
    "interact_escalate=bombard": Act("limited_strike", 3, 4),
    "interact_escalate=attack": Act("limited_strike", 3, 4),
    "interact_escalate=battle/clash": Act("limited_strike", 3, 4),
    "act_uncooperative=assassination": Act("covert_attack", 2, 1),
    "act_uncooperative=terrorism": Act("covert_attack", 2, 1),
    "interact_escalate=declaration of war": Act("threat", 3),
    "interact_escalate=blockade": Act("embargo", 3),
    "interact_escalate=no fly zone": Act("deployment", 3),
    "interact_escalate=mobilization": Act("mobilisation", 3),
    "act_escalate=mobilization": Act("mobilisation", 3),
    "interact_escalate=deployment to area": Act("deployment", 2),
    "act_escalate=deployment to area": Act("deployment", 2),
    "interact_decreasecoop=deployment to area": Act("deployment", 2),
    "interact_escalate=border violation": Act("capability_display", 2),
    "interact_escalate=show of force": Act("capability_display", 2),
    "interact_escalate=weapons test": Act("capability_display", 2),
    "act_escalate=weapons test": Act("capability_display", 2),
    "interact_escalate=exercise": Act("exercise", 2),
    "act_escalate=exercise": Act("exercise", 2),
    "interact_escalate=raise in alert": Act("alert", 2),
    "act_escalate=raise in alert": Act("alert", 2),
    "interact_escalate=fortify": Act("deployment", 2),
    "act_escalate=fortify": Act("deployment", 2),
    "interact_decreasecoop=break off negotiations": Act("walkout", 2),
    "interact_decreasecoop=withdraw diplomats": Act("walkout", 2),
    "interact_decreasecoop=terminate treaty": Act("walkout", 2),
    "interact_decreasecoop=violate terms of treaty": Act("walkout", 2),
    "interact_decreasecoop=leave alliance": Act("walkout", 2),
    "interact_decreasecoop=expel": Act("walkout", 2),
    "interact_decreasecoop=end economic cooperation": Act("sanctions", 2),
    "interact_decreasecoop=end economic aid": Act("sanctions", 2),
    "interact_decreasecoop=end military cooperation": Act("sanctions", 2),
    "interact_decreasecoop=military aid": Act("sanctions", 2),
    "interact_decreasecoop=end intelligence cooperation": Act("sanctions", 1),
    "interact_decreasecoop=end unspecified cooperation": Act("sanctions", 1),
    "interact_decreasecoop=end unspecified aid": Act("sanctions", 1),
    "interact_decreasecoop=end humanitarian aid": Act("sanctions", 1),
    "interact_decreasecoop=end access": Act("sanctions", 1),
    "interact_decreasecoop=imprison": Act("seizure", 1),
    "interact_deescalate=cease fire": Act("ceasefire", 2),
    "interact_deescalate=declaration of peace": Act("ceasefire", 2),
    "interact_deescalate=surrender": Act("concession", 3),
    "interact_increasecoop=cede territory": Act("concession", 3),
    "interact_increasecoop=settle dispute": Act("deal", 2),
    "interact_increasecoop=sign formal agreement": Act("deal", 2),
    "interact_deescalate=withdraw from war": Act("withdrawal", 3),
    "interact_deescalate=retreat": Act("withdrawal", 2),
    "interact_deescalate=withdraw from area": Act("withdrawal", 2),
    "interact_deescalate=withdraw behind border": Act("withdrawal", 2),
    "interact_deescalate=de-mobilization": Act("withdrawal", 2),
    "interact_deescalate=remove fortify": Act("withdrawal", 2),
    "interact_deescalate=end exercise": Act("withdrawal", 1),
    "interact_deescalate=end weapons test": Act("withdrawal", 1),
    "interact_deescalate=lower alert": Act("withdrawal", 1),
    "act_deescalate=withdraw from area": Act("withdrawal", 2),
    "act_deescalate=de-mobilization": Act("withdrawal", 2),
    "act_deescalate=remove fortify": Act("withdrawal", 2),
    "act_deescalate=end exercise": Act("withdrawal", 1),
    "act_deescalate=end weapons test": Act("withdrawal", 1),
    "act_deescalate=lower alert": Act("withdrawal", 1),
    "interact_deescalate=end blockade": Act("sanctions_relief", 2),
    "interact_deescalate=decolonize": Act("concession", 2),
    "interact_deescalate=reduce control over": Act("concession", 2),
    "interact_increasecoop=join war on behalf": Act("ally_support", 3),
    "interact_increasecoop=formal military alliance": Act("ally_support", 3),
    "interact_increasecoop=mutual defense pact": Act("ally_support", 3),
    "interact_increasecoop=military cooperation": Act("ally_support", 2),
    "interact_increasecoop=ally": Act("ally_support", 2),
    "interact_increasecoop=mediation": Act("mediation", 2),
    "interact_increasecoop=meeting": Act("talks", 2),
    "interact_increasecoop=discussion": Act("talks", 1),
    "interact_increasecoop=natural conclusion of diplomacy": Act("talks", 1),
    "interact_increasecoop=inspections": Act("inspection_access", 2),
    "interact_increasecoop=intelligence cooperation": Act("ally_support", 1),
    "interact_increasecoop=economic cooperation": Act("ally_support", 1),
    "interact_increasecoop=humanitarian aid": Act("ally_support", 1),
    "interact_increasecoop=general political support": Act("ally_support", 1),
    "interact_increasecoop=unspecified cooperation": Act("ally_support", 1),
    "act_uncooperative=coup": Act("elite_split", 3),
    "act_uncooperative=mass killing": Act("crackdown", 3),
    "act_uncooperative=human rights violation": Act("crackdown", 2),
    "act_uncooperative=restrict rights": Act("crackdown", 2),
    "act_uncooperative=riot": Act("protest", 2),
    "act_uncooperative=protest": Act("protest", 1),
    "act_uncooperative=strike": Act("protest", 1),
    "act_cooperative=leadership change": Act("elite_split", 2),
    "interact_decreasecoop=political succession": Act("elite_split", 2),
}
"""What was done, as ``column=word``. A row that holds several becomes the first of them in this order."""

NO_COUNTERPART: Final = (
    "interact_escalate=annex", "interact_escalate=assert political control over",
    "interact_escalate=assert autonomy against", "act_cooperative=institutions change",
    "act_cooperative=provide rights", "act_cooperative=reduce human rights violation", "act_cooperative=end protest",
    "act_cooperative=end riot", "act_cooperative=end strike", "act_cooperative=reduce terrorism",
    "act_cooperative=reduce mass killing",
)  # fmt: skip

SPEECH: Final[dict[str, Act]] = {
    "ultimatum": Act("ultimatum", 3),
    "threaten": Act("threat", 2),
    "demand": Act("demand", 2),
    "reject": Act("rejection", 2),
    "accept": Act("acceptance", 2),
    "offer": Act("proposal", 2),
    "offer - without conditions": Act("proposal", 2),
    "accuse": Act("denial", 1),
    "disapprove": Act("denial", 1),
    "appeal": Act("demand", 1),
    "praise": Act("reassurance", 1),
}
"""What was said, whatever was said about. A promise or an intent depends on what it is about."""

ANNOUNCEMENTS: Final = ("promise", "express intent")
ANNOUNCED_HARM: Final = Act("threat", 1)
ANNOUNCED_RESTRAINT: Final = Act("reassurance", 1)
REAL_THOUGHTS: Final = ("start of crisis", "discover fact")
ENDING_THOUGHTS: Final = ("end of crisis", "victory", "defeat")
FATALITIES: Final = {
    "none": (0, 0), "individuals": (1, 9), "tens": (10, 99), "hundreds": (100, 999), "thousands": (1_000, 9_999),
    "tens of thousands": (10_000, 99_999), "hundreds of thousands": (100_000, 999_999),
}  # fmt: skip
LARGE_FORCES: Final = ("thousands", "tens of thousands", "hundreds of thousands")
INVASION: Final = Act("ground_operation", 3, 8)
ONE_SIDED_TYPES: Final = ("elite_split", "crackdown", "protest")
HOSTILE_TYPES: Final = (
    "ground_operation", "sustained_campaign", "limited_strike", "covert_attack", "threat", "ultimatum", "embargo",
)  # fmt: skip
SETTLED: Final = {"deal": "no_force_deal", "ceasefire": "ceasefire"}
