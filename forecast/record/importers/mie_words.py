"""The action codes of MIE in the words of the record, and which of them are fights."""

from __future__ import annotations

from typing import Final

from forecast.record.importers.draft import Act

ACTIONS: Final[dict[int, Act]] = {
    1: Act("threat", 2),
    2: Act("threat", 2),
    3: Act("threat", 2),
    4: Act("threat", 3),
    5: Act("threat", 3),
    6: Act("threat", 3),
    7: Act("capability_display", 2),
    8: Act("alert", 2),
    9: Act("alert", 3),
    10: Act("mobilisation", 3),
    11: Act("deployment", 2),
    12: Act("capability_display", 2),
    13: Act("embargo", 3),
    14: Act("ground_operation", 3, 4),
    15: Act("harassment", 2, 1),
    16: Act("limited_strike", 3, 4),
    17: Act("limited_strike", 3, 4),
    18: Act("threat", 3),
    19: Act("limited_strike", 3, 4),
    20: Act("sustained_campaign", 3, 6),
    21: Act("sustained_campaign", 3, 6),
    22: Act("limited_strike", 3, 4),
}
ACTION_NAMES: Final[dict[int, str]] = {
    1: "threat to use force",
    2: "threat to blockade",
    3: "threat to occupy territory",
    4: "threat to declare war",
    5: "threat to use unconventional weapons",
    6: "threat to join a war",
    7: "show of force",
    8: "alert",
    9: "nuclear alert",
    10: "mobilization",
    11: "fortified border",
    12: "border violation",
    13: "blockade",
    14: "occupation of territory",
    15: "seizure",
    16: "attack",
    17: "clash",
    18: "declaration of war",
    19: "use of unconventional weapons",
    20: "begin interstate war",
    21: "join interstate war",
    22: "battle of an interstate war",
}
THREATS: Final = tuple(code for code, act in ACTIONS.items() if act.type == "threat")
BLOCKADE: Final = 13
SHOOTING: Final = (16, 17, 22)
UNDIRECTED: Final = (17, 22)
