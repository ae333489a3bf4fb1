"""The closed word lists of the record: one line of meaning per word, and what follows from a word by rule."""

from __future__ import annotations

from typing import Final

CHANNEL_MEANINGS: Final[dict[str, str]] = {
    "verbal": "what a side says it will do, wants or denies",
    "posture": "what a side moves, alerts, shows or withdraws without using it",
    "diplomacy": "talks, offers, answers and agreements, through any mediator",
    "economic": "sanctions, their relief, seizures of goods, ships and persons, embargoes and blockades",
    "nuclear": "steps in a nuclear programme, inspections and the treaties on them",
    "audience": "what ties or splits a side at home: commitments, legislatures, streets, elites",
    "credibility": "track record: threats carried out or not, capability and allies gained or lost",
    "force": "any use of force, deniable or open; the only channel that carries a rung",
}

TYPE_MEANINGS: Final[dict[str, str]] = {
    "threat": "announces harm if, or unless, something happens",
    "ultimatum": "a demand with a deadline and a threat",
    "red_line": "names an act that will be answered with force",
    "demand": "asks for an act, without deadline or explicit threat",
    "reassurance": "signals restraint, readiness to talk or satisfaction",
    "denial": "denies an act, an offer or a claim",
    "deployment": "moves forces towards the theatre",
    "withdrawal": "moves forces away or pulls them back",
    "alert": "raises readiness or readies a decision to strike",
    "exercise": "drill or manoeuvre",
    "evacuation": "takes own people out of harm's way",
    "air_defence_move": "moves or adds air and missile defence",
    "capability_display": "shows a weapon or a capability: test, transit, visit",
    "mobilisation": "calls up reserves or converts to war footing",
    "talks": "a meeting or round of talks, direct or indirect",
    "proposal": "puts an offer or a text on the table",
    "concession": "gives something the other side asked for, or carries out an agreed step",
    "acceptance": "accepts an offer, a text or a truce",
    "rejection": "turns an offer, a text or talks down",
    "mediation": "a third party carries or brokers",
    "walkout": "leaves talks, a treaty or relations, expels envoys",
    "deal": "an accepted agreement on the matter in dispute (an exchange of prisoners is a concession)",
    "ceasefire": "fighting is to stop",
    "sanctions": "economic or legal penalties",
    "sanctions_relief": "penalties lifted or waived",
    "seizure": "goods, ships or persons taken or held",
    "embargo": "trade cut off; a naval blockade of the other's ports",
    "enrichment_step": "a step forward in enrichment or stock",
    "inspection_block": "inspectors barred or cooperation cut",
    "inspection_access": "inspectors let in or back",
    "treaty_threat": "leaves, or threatens to leave, a treaty or deal on nuclear matters",
    "public_commitment": "a leader binds the side in public",
    "legislative_constraint": "a legislature tries to hold the executive back",
    "legislative_support": "a legislature backs or refuses to restrain the executive",
    "protest": "public protest at home",
    "crackdown": "force or law used against the own public",
    "elite_split": "split, purge or change in the leadership",
    "poll": "measured or visible public mood",
    "capability_loss": "the actor loses a means of force or defence",
    "capability_gain": "the actor gains a means of force or defence",
    "threat_fulfilled": "the actor does what it had threatened",
    "threat_not_fulfilled": "the actor does not do what it had threatened",
    "ally_loss": "an ally leaves, refuses or falls",
    "ally_support": "an ally commits or helps",
    "covert_attack": "sabotage, mine or killing that is not owned",
    "cyber_attack": "attack on computers",
    "proxy_attack": "attack by an armed group on behalf of a sponsor",
    "shoot_down": "an aircraft is shot down (unmanned: rung 1; manned: 3; mass death: 4)",
    "harassment": "rough handling, boarding, storming or skirmish short of a strike",
    "symbolic_strike": "a strike announced before or meant to do little",
    "limited_strike": "one round against military, nuclear or shipping targets",
    "leadership_strike": "a strike at leaders or at a high-value site in the homeland",
    "sustained_campaign": "strikes over several days; also each day of one, and the state rows that say it went on",
    "regional_widening": "carries the fight to a third state's cities, energy or ports, or to several states at once",
    "chokepoint_closure": "an act or declaration that closes a strait or canal to shipping",
    "ground_operation": "troops on the ground: a raid (rung 4) or an invasion (rung 8)",
}

RUNGS_BY_TYPE: Final[dict[str, tuple[int, ...]]] = {
    "covert_attack": (1, 2),
    "cyber_attack": (1, 2),
    "proxy_attack": (2,),
    "shoot_down": (1, 3, 4),
    "harassment": (1, 2),
    "symbolic_strike": (3,),
    "limited_strike": (4,),
    "leadership_strike": (5,),
    "sustained_campaign": (6,),
    "regional_widening": (7,),
    "chokepoint_closure": (7,),
    "ground_operation": (4, 8),
}

_DIRECTION_WORDS: Final[dict[str, str]] = {
    "escalatory": (
        "threat ultimatum red_line demand denial deployment alert exercise evacuation air_defence_move "
        "capability_display mobilisation rejection walkout sanctions seizure embargo enrichment_step "
        "inspection_block treaty_threat public_commitment legislative_support capability_gain threat_fulfilled "
        "ally_support covert_attack cyber_attack proxy_attack shoot_down harassment symbolic_strike "
        "limited_strike leadership_strike sustained_campaign regional_widening chokepoint_closure "
        "ground_operation"
    ),
    "deescalatory": (
        "reassurance withdrawal talks proposal concession acceptance mediation deal ceasefire sanctions_relief "
        "inspection_access legislative_constraint threat_not_fulfilled"
    ),
    "neutral": "protest crackdown elite_split poll capability_loss ally_loss",
}
DIRECTION: Final[dict[str, str]] = {
    word: direction for direction, words in _DIRECTION_WORDS.items() for word in words.split()
}
"""Usual direction of a type, used where a coder gives none; a row may say otherwise."""

_PLOVER_WORDS: Final[dict[str, str]] = {
    "AGREE": "acceptance deal ceasefire",
    "CONSULT": "talks proposal mediation",
    "SUPPORT": "reassurance ally_support legislative_support public_commitment poll",
    "CONCEDE": "concession sanctions_relief inspection_access threat_not_fulfilled",
    "RETREAT": "withdrawal evacuation capability_loss",
    "REQUEST": "demand",
    "ACCUSE": "denial",
    "REJECT": "rejection walkout inspection_block treaty_threat ally_loss legislative_constraint",
    "THREATEN": "threat ultimatum red_line",
    "PROTEST": "protest elite_split",
    "MOBILIZE": (
        "deployment alert exercise air_defence_move capability_display mobilisation enrichment_step capability_gain"
    ),
    "SANCTION": "sanctions embargo",
    "COERCE": "seizure crackdown harassment cyber_attack chokepoint_closure",
    "ASSAULT": (
        "covert_attack proxy_attack shoot_down symbolic_strike limited_strike leadership_strike sustained_campaign "
        "regional_widening ground_operation threat_fulfilled"
    ),
}
PLOVER: Final[dict[str, str]] = {word: root for root, words in _PLOVER_WORDS.items() for word in words.split()}
"""Type of a move to the root word of a PLOVER event, so that machine-coded feeds can be compared with the record."""
