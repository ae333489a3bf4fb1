"""The questions that every forecast is asked at each of its horizons: wording and rule by name."""

from __future__ import annotations

from typing import Any, Final

STANDING: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "strike-by-a": ("{a} strikes {b} overtly", {"event": "strike", "by": "a"}),
    "strike-by-b": ("{b} strikes {a} overtly", {"event": "strike", "by": "b"}),
    "leadership-strike": ("a leadership or high-value strike outside a campaign", {"event": "leadership_strike"}),
    "campaign": ("a multi-day campaign runs", {"event": "campaign"}),
    "regional": ("several theatres or an act of closing a chokepoint", {"event": "regional"}),
    "closure": ("an act of closing a chokepoint", {"event": "closure"}),
    "full-war": ("full-scale war or ground invasion", {"event": "full_war"}),
    "talks": ("talks between the sides", {"event": "talks"}),
    "deal": ("a deal is signed or publicly accepted", {"event": "deal"}),
}
