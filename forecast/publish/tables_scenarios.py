"""The tables that say what would move a forecast: scenarios, concessions, next moves."""

from __future__ import annotations

from typing import Final

from forecast.publish.columns import HORIZON, WORDING, Column, Table

_COUNTED_FROM: Final = Column("counted_from", "date", "day from which the horizon counts")
_NAME: Final = Column(
    "name", "text", "outcome code, O0 to O6, or p_strike, p_strike_a, p_strike_b (an overt strike), "
    "p_direct_reply (given a strike), p_campaign, p_talks, p_deal",
)  # fmt: skip
_KHAT: Final = Column("khat", "number", "Pareto k-hat of the weights; not to be trusted above 0.7")
_ESS: Final = Column("ess", "number", "effective draws of the weights")
_SPREAD: Final = (
    Column("spread_low", "number", "lower end of the 80 % epistemic interval of `difference`: its spread over draws of "
           "the parameters"),
    Column("spread_high", "number", "upper end of it"),
)  # fmt: skip
_NOTE: Final = Column("note", "text", "why the probabilities are missing, where they are")
_ESTIMATE: Final = (
    Column("probability", "probability", "its probability with the change"),
    Column("low", "probability", "lower end of the 80 % epistemic interval"),
    Column("high", "probability", "upper end of the 80 % epistemic interval"),
)

SCENARIOS: Final[tuple[Table, ...]] = (
    Table(
        "scenarios",
        "what the forecast would be, had the record been otherwise (docs/scenarios.md)",
        (
            Column("scenario", "text", "id of the scenario"),
            Column("title", "text", "its title"),
            Column("wording", "text", "its interventions in words"),
            _COUNTED_FROM,
            HORIZON,
            _NAME,
            Column("base", "probability", "probability without the interventions"),
            Column("base_low", "probability", "lower end of its 80 % epistemic interval"),
            Column("base_high", "probability", "upper end of its 80 % epistemic interval"),
            *_ESTIMATE,
            Column("difference", "number", "with the interventions minus without"),
            Column("difference_low", "number", "lower end of the 95 % interval of its Monte Carlo error"),
            Column("difference_high", "number", "upper end of it"),
            *_SPREAD,
            Column("mcse", "number", "Monte Carlo standard error of `difference`"),
            _KHAT,
            _ESS,
            Column("method", "text", "how the draws were moved: weights, or update (draws are then not paired)"),
            _NOTE,
        ),
        conditional=True,
    ),
    Table(
        "concessions",
        "the forecast by how far a side concedes: the highest conciliatory signal of each of the coming weeks",
        (
            Column("side", "text", "side that concedes: a or b"),
            Column(
                "level",
                "int",
                "level held: 0 withheld, 1 routine, 2 senior or costly, 3 head of state, 4 as 3 and then a deal",
            ),
            Column("weeks", "int", "for how many weeks after the as-of day"),
            _COUNTED_FROM,
            HORIZON,
            _NAME,
            *_ESTIMATE,
            Column("difference", "number", "difference to level 0"),
            *_SPREAD,
            Column("mcse", "number", "Monte Carlo standard error of `difference`"),
            _KHAT,
            _ESS,
            _NOTE,
        ),
        conditional=True,
    ),
    Table(
        "next_moves",
        "moves of the coming period: how likely each is, and how far it would move the forecast",
        (
            Column("side", "text", "side that acts: a or b"),
            Column("channel", "text", "channel of the move"),
            Column("move", "text", "type of the act; blank for a signal, which is told by its level"),
            Column("level", "int", "level of the signal, 0 for none"),
            WORDING,
            _COUNTED_FROM,
            HORIZON,
            _NAME,
            Column("chance", "probability", "chance of the move in the coming period"),
            Column("base", "probability", "probability of the event without looking"),
            Column("probability", "probability", "its probability after the move"),
            Column("shift", "number", "after minus without looking"),
            Column("mcse", "number", "Monte Carlo standard error of `shift`"),
            Column("value", "number", "chance times absolute shift"),
            Column("expected_change", "number", "sum of `value` over the levels of the channel, or of the act"),
        ),
        conditional=True,
    ),
)
