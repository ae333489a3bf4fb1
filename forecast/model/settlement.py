"""Settlement: when the sides talk, and when talks, pressure and truce end in a deal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast.model.nodes import Binary, binary, effect, on_both

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def talks_and_deals(tables: Mapping[str, pd.DataFrame], offset: float) -> list[Binary]:
    """Hazards of talks and of a deal per period, from resolve of both sides, talks, fighting and truce before."""
    return [
        _hazard("talks", "talks_recent", tables["talks"], offset),
        _hazard("deal", "deal_talks", tables["deal"], offset),
    ]


def _hazard(node: str, recent: str, rows: pd.DataFrame, offset: float) -> Binary:
    terms = [
        effect(f"{node}_intercept"),
        effect(f"{node}_case", rows["case"]),
        *on_both(f"{node}_resolve", rows),
        effect(recent, rows["recent"]),
        effect(f"{node}_fighting", rows["fighting"]),
        effect(f"{node}_truce", rows["truce"]),
    ]
    return binary(node, rows, terms, offset=offset)
