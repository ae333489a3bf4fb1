"""Why a conciliatory move may raise the chance of force: what goes together in the record is no cause, in words."""

from __future__ import annotations

from typing import Final

from forecast.publish.tables import Tables, rows_of

ASSOCIATION: Final = (
    "Talks, offers and withdrawals may count for force here: the model reads what went together in the record, where "
    "they were made in the thick of crises. That says nothing of what they cause."
)
_LEARNT: Final = (
    ("talks_resolve", "talks come with resolve", "talks come when resolve is low"),
    ("deal_resolve", "deals come with resolve", "deals come when resolve is low"),
    (
        "overt_truce_case",
        "force is likelier in the six weeks after a truce or deal of this case",
        "truces and deals of this case restrain force in the six weeks after them",
    ),
)
"""Parameters that decide it, with what they say where they lie above and below zero."""


def association_sentence(tables: Tables) -> str:
    """Say why talks, offers and deals can count for force, with the parameters that decide it where the run has them.

    Parameters
    ----------
    tables
        The forecast; of its table `parameters` the 80 % intervals are told.
    """
    text = (
        "Why can talks, an offer, a withdrawal or a deal raise the chance of force? The model has learnt what goes "
        "together in the record, not what causes what. Offers, talks and deals were made in the thick of crises, by "
        "sides that were also ready to strike; one more of them is first of all news that the crisis is at its height, "
        "and that may outweigh what it calms."
    )
    parameters = tables.get("parameters")
    rows = [] if parameters is None else rows_of(parameters)
    found = {row["name"]: row for row in rows}
    told = [
        _told(found[name]["low"], found[name]["high"], above, below) for name, above, below in _LEARNT if name in found
    ]
    return f"{text} In this fit {'; '.join(told)}." if told else text


def _told(low: float, high: float, above: str, below: str) -> str:
    """One parameter in words, with its 80 % interval in log-odds."""
    interval = "log-odds " + f"{low:+.1f} to {high:+.1f}".replace("-", "−")
    if low > 0:
        return f"{above} ({interval})"
    if high < 0:
        return f"{below} ({interval})"
    return f"it is open whether {above} ({interval})"
