"""The codes of ICB for triggers, responses and what is no state, in the words of the record."""

from __future__ import annotations

from typing import Final

from forecast.record.importers.draft import Act

NOT_A_STATE: Final = {
    995: ("INTERNAL", "Cause inside the state itself"),
    996: ("NON-STATE", "Non-state actor"),
    997: ("SEVERAL", "Several states at once"),
}
DOMESTIC: Final = ("DOMESTIC", "Own public, parliament or elite of the acting state")
INTERNAL_CHALLENGE: Final = 6
NO_RESPONSE: Final = 1
TRIGGERS: Final[dict[int, Act]] = {
    1: Act("threat", 2),
    2: Act("walkout", 2),
    3: Act("sanctions", 2),
    INTERNAL_CHALLENGE: Act("elite_split", 2),
    7: Act("deployment", 2),
    8: Act("proxy_attack", 2, 2),
    9: Act("limited_strike", 3, 4),
}
RESPONSES: Final[dict[int, Act]] = {
    2: Act("demand", 2),
    3: Act("walkout", 2),
    4: Act("sanctions", 2),
    6: Act("deployment", 2),
    7: Act("deployment", 2),
    8: Act("limited_strike", 3, 4),
    9: Act("limited_strike", 3, 4),
}
TRIGGER_NAMES: Final = {
    1: "verbal act", 2: "political act", 3: "economic act", 4: "external change", 5: "other non-violent act",
    6: "internal challenge", 7: "non-violent military act", 8: "indirect violent act", 9: "violent act",
}  # fmt: skip
RESPONSE_NAMES: Final = {
    1: "no response", 2: "verbal act", 3: "political act", 4: "economic act", 5: "other non-violent act",
    6: "non-violent military act", 7: "several acts, among them non-violent military", 8: "violent military act",
    9: "several acts, among them violent military",
}  # fmt: skip
