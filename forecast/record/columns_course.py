"""The columns of what was done and how it ended: moves and outcomes."""

from __future__ import annotations

from typing import Final

from forecast.record.columns_shared import (
    CONFIDENCE,
    DATE_PRECISION,
    EPISODE_OF_ROW,
    KNOWN_DATE,
    SOURCES_OF_ROW,
    flag,
)
from forecast.record.schema import Column, Table
from forecast.record.vocabulary import PLOVER, TYPE_MEANINGS
from forecast.terms import CHANNELS, LADDER, REPLY_MODES

ENDINGS: Final[dict[str, str]] = {
    "tacit_halt": "fire stopped without an agreed text",
    "ceasefire": "an agreed or announced cease-fire",
    "negotiated_settlement": "a deal ended the fighting",
    "military_victory": "one side won",
    "no_force_deal": "a deal, and no overt strike",
    "no_force_standoff": "neither a deal nor an overt strike",
    "continuing": "not over",
    "unknown": "over; the source does not say how",
}


def _rung(name: str, meaning: str, rule: str = "") -> Column:
    return Column(name, "int", meaning, required=False, low=0, high=8, rule=rule)


MOVES: Final = Table(
    "moves",
    "One row per dated signal or use of force. Between moves the record is silent, which is quiet only where "
    "coverage says that the channel was watched.",
    ("move_id",),
    (
        Column("move_id", "id", "label of the move; a correction repeats it with a later known_date"),
        EPISODE_OF_ROW,
        Column("date", "date", "when it happened; month precision: any day of the month"),
        DATE_PRECISION,
        Column(
            KNOWN_DATE.name,
            KNOWN_DATE.kind,
            "when it could be known: the date, the end of the month for month precision unless the source is dated, "
            "the report if it came later; a move before the onset enters with its episode",
            rule="not before date",
        ),
        Column("status", "word", "withdrawn removes the move from this known_date on", words=("active", "withdrawn")),
        Column(
            "actor",
            "ref",
            "who acts; in the credibility channel, whose record changes (if of neither side, the target's changes)",
            table="actors",
            rule="stands in sides for this episode",
        ),
        Column("sponsor", "ref", "on whose behalf a proxy acts", required=False, table="actors"),
        Column(
            "target",
            "ref",
            "at whom; if a proxy or a third party is struck, that one",
            table="actors",
            rule="stands in sides for this episode",
        ),
        Column("channel", "word", "family of the move", words=CHANNELS),
        Column("type", "word", "what was done", words=tuple(TYPE_MEANINGS), rule="belongs to the channel"),
        Column(
            "level",
            "int",
            "1 routine, cheap, reversible; 2 senior or costly; 3 head of state, large or hard to reverse",
            low=1,
            high=3,
        ),
        Column("direction", "word", "where it pushes", words=("escalatory", "deescalatory", "neutral")),
        Column(
            "rung",
            "int",
            "height of the act of force",
            required=False,
            low=1,
            high=8,
            rule="on every force row and only there; fits the type",
        ),
        Column("theatre", "text", "where", required=False),
        Column(
            "targets_struck",
            "words",
            "what was struck",
            required=False,
            words=(
                "base", "shipping", "urban", "energy", "proxy", "leadership", "missile", "nuclear", "air_defence", "c2",
                "none",
            ),
            rule="force rows only",
        ),
        Column("fatalities_low", "int", "lowest credible count of dead", required=False, low=0),
        Column(
            "fatalities_high", "int", "highest credible count", required=False, low=0, rule="not below fatalities_low"
        ),
        Column(
            "plover",
            "word",
            "root word of the PLOVER event class",
            required=False,
            words=tuple(sorted(set(PLOVER.values()))),
            rule="follows from the type",
        ),
        Column("summary", "text", "the fact, in one sentence"),
        SOURCES_OF_ROW,
        CONFIDENCE,
        Column(
            "basis",
            "word",
            "dated_source: a page that dates the act; episode_summary: day and rung from the summary of the crisis; "
            "reference_knowledge: no page; state: a campaign that went on; dataset: a row of a published data set",
            words=("dated_source", "episode_summary", "reference_knowledge", "state", "dataset"),
        ),
    ),
)  # fmt: skip

OUTCOMES: Final = Table(
    "outcomes",
    "How a crisis, or a round of fighting inside a case, ran and ended. Nothing here is known before the end, except "
    "that an open one is open.",
    ("outcome_id",),
    (
        Column("outcome_id", "id", "the episode, or case/round"),
        EPISODE_OF_ROW,
        Column("name", "text", "usual name"),
        Column("start", "date", "first day"),
        Column(
            "date", "date", "last day; blank while open", required=False, rule="blank if and only if status is open"
        ),
        DATE_PRECISION,
        Column(
            KNOWN_DATE.name,
            KNOWN_DATE.kind,
            "the last day. A later fact (first talks after the end) comes as a second version. An open one is known "
            "from its first strike, with that strike only, and again on the last day of the sources",
            rule="not before date, nor before the first talks it counts",
        ),
        Column("status", "word", "open or closed", words=("open", "closed")),
        Column("initiator", "refs", "who made the opening act of force", required=False, table="actors"),
        _rung("first_strike_rung", "rung of the opening act; 0 if none"),
        Column("strike_date", "date", "its day", required=False, rule="not before start"),
        _rung("retaliation_rung", "rung of the first reply; 0 if none; fire by defenders at the site is no reply"),
        Column(
            "retaliation_mode",
            "word",
            "its mode: 0 none, 1-2 proxy, 3 symbolic, 4-6 bounded, 6-8 widening",
            required=False,
            words=REPLY_MODES,
            rule="fits retaliation_rung",
        ),
        Column("retaliation_date", "date", "its day", required=False, rule="not before strike_date"),
        _rung("max_rung", "highest rung of either side between start and date", "the larger of the two sides'"),
        _rung("max_rung_a", "highest rung of side a, proxies capped at 2"),
        _rung("max_rung_b", "highest rung of side b, proxies capped at 2"),
        flag("escalated_beyond_first_round", "went on after strike and reply", required=False),
        Column("theatres", "int", "number of theatres", required=False, low=0),
        Column("theatre_list", "text", "the theatres, joined by ;", required=False, rule="as many as theatres"),
        Column(
            "days_of_fighting",
            "int",
            "days with overt force; for a campaign its length",
            required=False,
            low=0,
        ),
        Column("ended_by", "word", "how fire or the crisis stopped", words=tuple(ENDINGS)),
        Column(
            "talks_after_days",
            "int",
            "days from the opening strike to first talks, direct or through a mediator; blank: none known",
            required=False,
            low=0,
        ),
        Column(
            "outcome",
            "word",
            "place on the ladder, by rule from the rungs (for an open one: so far)",
            required=False,
            words=LADDER,
            rule="follows from max_rung_a, max_rung_b and ended_by; blank where they leave it open",
        ),
        flag("leader_targeted", "a leader was struck at", required=False),
        Column("summary", "text", "course and ending in one or two sentences"),
        SOURCES_OF_ROW,
        CONFIDENCE,
    ),
)
