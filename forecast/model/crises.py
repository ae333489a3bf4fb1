"""Crises of the case open and close: the nodes of the state that overt force depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast.model.nodes import Binary, binary, effect, on_both

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def state_of_crisis(tables: Mapping[str, pd.DataFrame], offset: float) -> list[Binary]:
    """Hazards per period that a crisis opens, from resolve, an own crisis lately and force, and that it closes.

    A crisis closes the less readily the older it is, and the more so after force or a truce, with which most end.
    """
    opens, closes = tables["crisis_opens"], tables["crisis_closes"]
    return [
        binary(
            "crisis_opens",
            opens,
            [
                effect("crisis_opens"),
                *on_both("crisis_opens_resolve", opens),
                effect("crisis_opens_recent", opens["recent"]),
                effect("crisis_opens_force", opens["force"]),
            ],
            offset=offset,
        ),
        binary(
            "crisis_closes",
            closes,
            [
                effect("crisis_closes"),
                effect("crisis_closes_case", closes["case"]),
                effect("crisis_closes_fresh", closes["fresh"]),
                effect("crisis_closes_force", closes["force"]),
                effect("crisis_closes_settled", closes["settled"]),
            ],
            offset=offset,
        ),
    ]
