"""The columns of who, when and how well watched: actors, episodes, sides, preludes, coverage, sources."""

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
from forecast.terms import CHANNELS, DENSITIES

ROLES: Final[dict[str, str]] = {
    "lead": "the state whose choice is modelled; each side has exactly one",
    "member": "fights beside the lead; its force counts as the side's own",
    "partner": "host or friend: an attack on it counts as one on the side, its own force is not the side's",
    "proxy": "armed group of a sponsor: its force, and force against it, is indirect (at most rung 2)",
    "observer": "of neither side: mediators, UN bodies, third parties, the own public",
}

_IMPORTED = "blank only in stratum dataset: not known"


def _covariate(name: str, meaning: str) -> Column:
    return flag(name, meaning, required=False, rule=_IMPORTED)


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
        Column(KNOWN_DATE.name, KNOWN_DATE.kind, "no later than the first row that names the actor"),
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
        DATE_PRECISION,
        Column(KNOWN_DATE.name, KNOWN_DATE.kind, "the start, or the end of its month", rule="not before start"),
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
        SOURCES_OF_ROW,
        CONFIDENCE,
    ),
)

SIDES: Final = Table(
    "sides",
    "Who stands where in an episode. One row for every actor or target of its moves, and for other hosts and friends.",
    ("episode_id", "actor"),
    (
        EPISODE_OF_ROW,
        Column("actor", "ref", "the actor", table="actors"),
        Column("side", "word", "a with the challenger, b with the target", words=("a", "b", "none")),
        Column("role", "word", "how it counts", words=tuple(ROLES), rule="observers, and only they, have side none"),
        Column("sponsor", "ref", "whose proxy it is here", required=False, table="actors", rule="given for a proxy"),
        Column(KNOWN_DATE.name, KNOWN_DATE.kind, "the onset for those of a side, else the first row that names it"),
    ),
)

PRELUDES: Final = Table(
    "preludes",
    "What was seen before the first strike; one row per crisis, apart because it is complete only then.",
    ("episode_id",),
    (
        EPISODE_OF_ROW,
        Column(KNOWN_DATE.name, KNOWN_DATE.kind, "day of the opening strike; without one, the end"),
        Column("talks_before", "word", "talks between the two before it", words=("none", "indirect", "direct")),
        flag("public_threat", "the challenger threatened in public"),
        Column("deployment", "int", "0 none, 1 some, 2 large deployment by the challenger", low=0, high=2),
        flag("deadline", "the challenger set a deadline"),
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

COVERAGE: Final = Table(
    "coverage",
    "Which channels the sources watched, when, and how closely. Outside it nothing is observed: no row means masked, "
    "not quiet.",
    ("coverage_id",),
    (
        Column("coverage_id", "id", "label of the stretch"),
        EPISODE_OF_ROW,
        Column("start", "date", "first day (crises: 182 days before the onset)"),
        Column(
            "end",
            "date",
            "last day (crises: 182 days after the end); blank: not known to have ended",
            required=False,
            rule="not before start",
        ),
        Column(
            KNOWN_DATE.name,
            KNOWN_DATE.kind,
            "the row with a blank end: the onset; the version with an end: when it ended",
        ),
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
        Column(KNOWN_DATE.name, KNOWN_DATE.kind, "no later than the first row that cites it"),
    ),
)
