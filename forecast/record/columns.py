"""The one table of columns: what a record holds, what each cell may say. Checks and codebook are both made from it."""

from __future__ import annotations

from typing import Final

from forecast.record.schema import Column, Table
from forecast.record.vocabulary import CHANNEL_MEANINGS, PLOVER, TYPE_MEANINGS
from forecast.terms import CHANNELS, CONFIDENCES, DENSITIES, LADDER, REPLY_MODES

PRECISIONS: Final = ("day", "month", "year")
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
ROLES: Final[dict[str, str]] = {
    "lead": "the state whose choice is modelled; each side has exactly one",
    "member": "fights beside the lead; its force counts as the side's own",
    "partner": "host or friend: an attack on it counts as one on the side, its own force is not the side's",
    "proxy": "armed group of a sponsor: its force, and force against it, is indirect (at most rung 2)",
    "observer": "of neither side: mediators, UN bodies, third parties, the own public",
}


_IMPORTED = "blank only in stratum dataset: not known"


def _flag(name: str, meaning: str, *, required: bool = True, rule: str = "") -> Column:
    return Column(name, "int", meaning, required, low=0, high=1, rule=rule)


def _covariate(name: str, meaning: str) -> Column:
    return _flag(name, meaning, required=False, rule=_IMPORTED)


def _rung(name: str, meaning: str, rule: str = "") -> Column:
    return Column(name, "int", meaning, required=False, low=0, high=8, rule=rule)


_KNOWN = Column("known_date", "date", "the day from which the row could be known")
_PRECISION = Column("date_precision", "word", "how exactly the date is known", words=PRECISIONS)
_CONFIDENCE = Column(
    "confidence",
    "word",
    "confirmed: not contested; reported: one side or one outlet; disputed: contested",
    words=CONFIDENCES,
)
_SOURCES = Column("sources", "refs", "sources of the row, the best first", table="sources")
_EPISODE = Column("episode_id", "ref", "episode of the row", table="episodes")

ACTORS: Final = Table(
    "actors",
    "Everyone who acts or is acted upon.",
    ("actor_id",),
    (
        Column("actor_id", "id", "short code; three letters for states"),
        Column("name", "text", "name in full"),
        Column(
            "kind",
            "word",
            "what sort of actor; domestic is the public, parliament or elite of the acting state",
            words=("state", "proxy", "organisation", "coalition", "domestic", "unknown"),
        ),
        Column("sponsor", "ref", "usual sponsor of a proxy", required=False, table="actors"),
        Column("region", "text", "where it is based", required=False),
        Column(_KNOWN.name, _KNOWN.kind, "no later than the first row that names the actor"),
    ),
)

EPISODES: Final = Table(
    "episodes",
    "One row per crisis, and one per case (a dyad followed over years). Only what could be known at the onset: "
    "how it ended stands in outcomes. Ids are labels given afterwards, never an input.",
    ("episode_id",),
    (
        Column("episode_id", "id", "label of the episode"),
        Column("name", "text", "parties or place, and time; says nothing of the ending"),
        Column("kind", "word", "crisis, or case: a dyad with a chronology of its own", words=("crisis", "case")),
        Column(
            "case_id",
            "ref",
            "the case between whose two sides this crisis is; from its start until its end "
            "(outcomes.date) the forecast of the case takes a crisis to be on",
            required=False,
            table="episodes",
        ),
        Column("cluster", "text", "episodes of one story share a cluster; split data by cluster, never within"),
        Column(
            "stratum",
            "word",
            "how it came into the record; purposive over-samples known cases, so P(strike) there reflects selection; "
            "dataset: whatever a published data set holds, with its own selection",
            words=("purposive", "random_icb", "case", "dataset"),
        ),
        Column("challenger", "ref", "lead of side a: makes the demand or the threat", table="actors"),
        Column("target", "ref", "lead of side b", table="actors", rule="differs from challenger"),
        Column("start", "date", "first day of the crisis"),
        _PRECISION,
        Column(_KNOWN.name, _KNOWN.kind, "the start, or the end of its month", rule="not before start"),
        Column(
            "demand",
            "word",
            "what the challenger wants",
            required=False,
            words=("territory", "policy", "regime", "retaliation", "nuclear", "other"),
            rule=_IMPORTED,
        ),
        _covariate("challenger_nuclear", "challenger has nuclear weapons"),
        _covariate("target_nuclear", "target has nuclear weapons"),
        Column(
            "capability_ratio",
            "word",
            "challenger's overall capability against the target's (judgement)",
            required=False,
            words=("much_weaker", "weaker", "parity", "stronger", "much_stronger"),
            rule=_IMPORTED,
        ),
        _covariate("challenger_democracy", "challenger is a democracy (judgement)"),
        _covariate("prior_force_5y", "force between the two in the five years before"),
        _covariate(
            "ground_access",
            "at onset the leads share a land border, armistice line or line of contact, or one holds a ground "
            "formation on the other's territory or where it could attack across the border or a narrow strait under "
            "fire from the shore",
        ),
        _covariate(
            "chokepoint",
            "one side sits on a maritime chokepoint that it could try to close to the other (Hormuz, Suez, Bab "
            "al-Mandab, Tiran, Turkish straits, Kerch, Øresund, Panama, Magellan)",
        ),
        _SOURCES,
        _CONFIDENCE,
    ),
)

SIDES: Final = Table(
    "sides",
    "Who stands where in an episode. One row for every actor or target of its moves, and for other hosts and friends.",
    ("episode_id", "actor"),
    (
        _EPISODE,
        Column("actor", "ref", "the actor", table="actors"),
        Column("side", "word", "a with the challenger, b with the target", words=("a", "b", "none")),
        Column("role", "word", "how it counts", words=tuple(ROLES), rule="observers, and only they, have side none"),
        Column("sponsor", "ref", "whose proxy it is here", required=False, table="actors", rule="given for a proxy"),
        Column(_KNOWN.name, _KNOWN.kind, "the onset for those of a side, else the first row that names it"),
    ),
)

PRELUDES: Final = Table(
    "preludes",
    "What was seen before the first strike; one row per crisis, apart because it is complete only then.",
    ("episode_id",),
    (
        _EPISODE,
        Column(_KNOWN.name, _KNOWN.kind, "day of the opening strike; without one, the end"),
        Column("talks_before", "word", "talks between the two before it", words=("none", "indirect", "direct")),
        _flag("public_threat", "the challenger threatened in public"),
        Column("deployment", "int", "0 none, 1 some, 2 large deployment by the challenger", low=0, high=2),
        _flag("deadline", "the challenger set a deadline"),
        Column("target_allies_engaged", "int", "0 none, 1 some, 2 firm support for the target", low=0, high=2),
        Column(
            "concession_before",
            "int",
            "0 none, 1 partial, 2 full concession by the target; partly read off the ending: use with thought",
            low=0,
            high=2,
        ),
    ),
)

MOVES: Final = Table(
    "moves",
    "One row per dated signal or use of force. Between moves the record is silent, which is quiet only where "
    "coverage says that the channel was watched.",
    ("move_id",),
    (
        Column("move_id", "id", "label of the move; a correction repeats it with a later known_date"),
        _EPISODE,
        Column("date", "date", "when it happened; month precision: any day of the month"),
        _PRECISION,
        Column(
            _KNOWN.name,
            _KNOWN.kind,
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
        _SOURCES,
        _CONFIDENCE,
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
        _EPISODE,
        Column("name", "text", "usual name"),
        Column("start", "date", "first day"),
        Column(
            "date", "date", "last day; blank while open", required=False, rule="blank if and only if status is open"
        ),
        _PRECISION,
        Column(
            _KNOWN.name,
            _KNOWN.kind,
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
        _flag("escalated_beyond_first_round", "went on after strike and reply", required=False),
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
        _flag("leader_targeted", "a leader was struck at", required=False),
        Column("summary", "text", "course and ending in one or two sentences"),
        _SOURCES,
        _CONFIDENCE,
    ),
)

COVERAGE: Final = Table(
    "coverage",
    "Which channels the sources watched, when, and how closely. Outside it nothing is observed: no row means masked, "
    "not quiet.",
    ("coverage_id",),
    (
        Column("coverage_id", "id", "label of the stretch"),
        _EPISODE,
        Column("start", "date", "first day (crises: 182 days before the onset)"),
        Column(
            "end",
            "date",
            "last day (crises: 182 days after the end); blank: not known to have ended",
            required=False,
            rule="not before start",
        ),
        Column(_KNOWN.name, _KNOWN.kind, "the row with a blank end: the onset; the version with an end: when it ended"),
        Column("density", "word", "how closely", words=DENSITIES),
        Column(
            "observes", "words", "channels in which a missing row means that nothing large happened", words=CHANNELS
        ),
        Column("note", "text", "limits", required=False),
    ),
)

SOURCES: Final = Table(
    "sources",
    "What the rows rest on.",
    ("source_id",),
    (
        Column("source_id", "id", "short label"),
        Column(
            "kind",
            "word",
            "news page; official: a statement of a government or an organisation; repository; book; reference work; "
            "portal: a community news digest; dataset_narrative; dataset: a published table",
            words=("news", "official", "repository", "book", "reference", "portal", "dataset_narrative", "dataset"),
        ),
        Column("citation", "text", "where it is to be found"),
        Column("url", "url", "address", required=False),
        Column("derived_from", "ref", "the source that this one copies: the two count as one", False, table="sources"),
        Column("note", "text", "limits", required=False),
        Column(_KNOWN.name, _KNOWN.kind, "no later than the first row that cites it"),
    ),
)

TABLES: Final[dict[str, Table]] = {
    table.name: table for table in (ACTORS, EPISODES, SIDES, PRELUDES, MOVES, OUTCOMES, COVERAGE, SOURCES)
}
COVARIATES: Final = (
    "demand", "challenger_nuclear", "target_nuclear", "capability_ratio", "challenger_democracy", "prior_force_5y",
    "ground_access", "chokepoint",
)  # fmt: skip
"""Columns of an episode that a coder must fill in and that a published data set may not know."""

WORD_MEANINGS: Final[dict[str, dict[str, str]]] = {
    "moves.channel": CHANNEL_MEANINGS,
    "moves.type": TYPE_MEANINGS,
    "sides.role": ROLES,
    "outcomes.ended_by": ENDINGS,
}
