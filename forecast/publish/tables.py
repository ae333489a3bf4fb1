"""What a published forecast consists of: its tables, their columns and its meta data (public API)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

import numpy as np
import pandas as pd

from forecast.errors import ArchiveError
from forecast.terms import LADDER

Meta = Mapping[str, Any]
Tables = Mapping[str, pd.DataFrame]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its kind (date, int, number, probability, bool or text) and what it says."""

    name: str
    kind: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """One tidy table of a forecast.

    `required` tables are in every forecast, the others where the run made them. In a `conditional` table a probability
    may be missing: its condition never held on any simulated path.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    required: bool = False
    conditional: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)


HORIZON: Final = Column("horizon_days", "int", "length of the window in days, counted from the as-of day")
ESTIMATE: Final = (
    Column("probability", "probability", "mean over posterior draws and simulated paths"),
    Column("low", "probability", "lower end of the 80 % epistemic interval: 10 % quantile over posterior draws"),
    Column("high", "probability", "upper end of the 80 % epistemic interval: 90 % quantile over posterior draws"),
    Column("mcse", "number", "Monte Carlo standard error of `probability`"),
)
WORDING: Final = Column("wording", "text", "the event in words")

TABLES: Final[dict[str, Table]] = {
    table.name: table
    for table in (
        Table(
            "ladder",
            "probability of each outcome inside the window",
            (HORIZON, Column("rung", "text", "outcome code, O0 to O6"), *ESTIMATE),
            required=True,
        ),
        Table(
            "hazard",
            "P(first overt strike in this week, given none before)",
            (
                Column("week", "int", "week after the as-of day, from 1"),
                Column("start", "date", "first day of the week"),
                Column("end", "date", "last day of the week"),
                *ESTIMATE,
            ),
            conditional=True,
        ),
        Table(
            "replies",
            "how the struck side answers, given how the fighting opens",
            (
                Column("opening", "text", "limited_strike, leadership_strike, sustained_campaign or any"),
                Column("opener", "text", "side that strikes first: a, b or either"),
                Column("mode", "text", "reply: none, proxy, symbolic, bounded or widening"),
                *ESTIMATE,
            ),
            conditional=True,
        ),
        Table(
            "quantities",
            "probabilities of further events, from the same paths as the ladder",
            (HORIZON, Column("name", "text", "stable name of the event, e.g. p_strike"), WORDING, *ESTIMATE),
            required=True,
            conditional=True,
        ),
        Table(
            "questions",
            "named questions with a rule that a later record resolves",
            (
                Column("question_id", "text", "stable name of the question"),
                WORDING,
                Column("rule", "text", "resolution rule, fixed when the forecast is published"),
                HORIZON,
                *ESTIMATE,
            ),
        ),
        Table(
            "history",
            "what the archived forecasts of the case said, and this one as the last",
            (
                Column("as_of", "date", "as-of day; of several forecasts for a day the last one made"),
                Column("created", "text", "ISO time in UTC when it was computed"),
                Column("run_id", "text", "name of the run"),
                Column("stamp", "text", "prospective or retrospective"),
                HORIZON,
                Column("name", "text", "outcome code, O0 to O6, or p_strike: an overt strike by either side"),
                *ESTIMATE,
            ),
        ),
        Table(
            "latents",
            "filtered paths of the unobserved states",
            (
                Column("date", "date", "last day of the period"),
                Column("side", "text", "a or b"),
                Column("latent", "text", "resolve or credibility"),
                Column("mean", "number", "posterior mean (standard deviations of the latent)"),
                Column("low", "number", "10 % posterior quantile"),
                Column("high", "number", "90 % posterior quantile"),
                Column("observed", "bool", "whether any source observed this period"),
            ),
        ),
        Table(
            "signals",
            "the rows of the record that came in, over the panel's window",
            (
                Column("date", "date", "when it happened"),
                Column("known_date", "date", "when it could be known"),
                Column("side", "text", "side that acted: a, b or none"),
                Column("actor", "text", "who acted"),
                Column("target", "text", "at whom"),
                Column("channel", "text", "channel of the codebook"),
                Column("type", "text", "type of move of the codebook"),
                Column("level", "int", "1 to 3; blank where the type has none"),
                Column("rung", "int", "1 to 8 for force, else blank"),
                Column("direction", "text", "escalatory, deescalatory or neutral"),
                Column("summary", "text", "what happened"),
                Column("sources", "text", "source ids, joined by semicolons"),
                Column("confidence", "text", "confirmed, reported or disputed"),
                Column("move_id", "text", "id of the row in the record"),
            ),
        ),
        Table(
            "gate",
            "checks that a forecast passes before it is published",
            (
                Column("check", "text", "what is checked"),
                Column("value", "text", "what was found"),
                Column("threshold", "text", "what is asked"),
                Column("passed", "bool", "whether it passed"),
                Column("where", "text", "the parameter or quantity with the worst value"),
                Column("advice", "text", "the way out when it fails"),
            ),
            required=True,
        ),
        Table(
            "parameters",
            "every parameter: its prior with the reason, and what the record made of it",
            (
                Column("name", "text", "name in the model"),
                Column("meaning", "text", "what it stands for"),
                Column("prior", "text", "family and parameters of the prior"),
                Column("unit", "text", "unit"),
                Column("reason", "text", "why this prior"),
                Column("source", "text", "where the prior comes from"),
                Column("prior_mean", "number", "prior mean"),
                Column("prior_sd", "number", "prior standard deviation"),
                Column("mean", "number", "posterior mean"),
                Column("sd", "number", "posterior standard deviation"),
                Column("low", "number", "10 % posterior quantile"),
                Column("high", "number", "90 % posterior quantile"),
                Column("contraction", "number", "1 − (sd / prior_sd)²: 0 nothing learnt, 1 known exactly"),
                Column("rhat", "number", "rank-normalised R-hat"),
                Column("ess_bulk", "number", "bulk effective sample size"),
                Column("ess_tail", "number", "tail effective sample size"),
            ),
        ),
        Table(
            "tail",
            "rare, severe outcomes beside what past cases say",
            (
                Column("quantity", "text", "what is compared"),
                Column("reference", "text", "which past cases give the base rate"),
                Column("model_mean", "probability", "the model's probability"),
                Column("model_low", "probability", "10 % quantile over posterior draws"),
                Column("model_high", "probability", "90 % quantile over posterior draws"),
                Column("base_rate", "probability", "share of the past cases; blank where there are none"),
                Column("source", "text", "where the base rate comes from"),
            ),
            conditional=True,
        ),
        Table(
            "claims",
            "claims of bargaining theory: how likely each is before and after the data",
            (
                Column("number", "int", "number of the claim, 1 to 12; a claim of two parts has two rows"),
                Column("claim", "text", "the claim, or its part, in a sentence"),
                Column("quantity", "text", "the parameter or probability that expresses it"),
                Column("says", "text", "sign or size that the claim gives it"),
                Column("prior", "probability", "probability that it is so before the data; events from a quiet start"),
                Column("posterior", "probability", "the same after the data"),
                Column("mcse", "number", "Monte Carlo standard error of `posterior`"),
                Column("now", "probability", "for events: after the data, from the state on the as-of day; else blank"),
                Column("prior_mean", "number", "prior mean of the quantity"),
                Column("mean", "number", "posterior mean of the quantity"),
                Column("contraction", "number", "1 − posterior variance / prior variance of the quantity"),
                Column("verdict", "text", "what the data did to the claim"),
                Column("would_change", "text", "data that would tell more"),
            ),
            conditional=True,
        ),
        Table(
            "basis",
            "what the forecast rests on",
            (
                Column("item", "text", "what is counted"),
                Column("value", "text", "the count or date"),
                Column("note", "text", "how to read it"),
            ),
            required=True,
        ),
        Table(
            "sources",
            "sources of the moves that were used",
            (
                Column("source_id", "text", "id in the record"),
                Column("citation", "text", "citation"),
                Column("url", "text", "address, where there is one"),
                Column("rows", "int", "moves that cite it"),
            ),
        ),
        Table(
            "prior_sets",
            "the ladder under other sets of priors",
            (
                Column("set", "text", "name of the set, from `forecast/model/prior_sets.yaml`"),
                HORIZON,
                Column("rung", "text", "outcome code, O0 to O6"),
                *ESTIMATE,
                Column("method", "text", "re-weighting of the published draws, or refit"),
                Column("khat", "number", "Pareto k-hat of the weights; a set is fitted anew above 0.7"),
                Column("rhat", "number", "largest R-hat of a refit, over global parameters and rungs"),
                Column("ess", "number", "effective draws of the weights, or the smallest of a refit"),
                Column("trusted", "bool", "false for a refit with R-hat above 1.05 or fewer than 100 effective draws"),
                Column("seconds", "number", "time taken"),
            ),
        ),
        Table(
            "prior_range",
            "the published ladder beside its range over the published and the other sets of priors that are trusted",
            (
                HORIZON,
                Column("rung", "text", "outcome code, O0 to O6"),
                Column("probability", "probability", "as published"),
                Column("lowest", "probability", "lowest probability"),
                Column("lowest_set", "text", "the set that gives it, or `published`"),
                Column("highest", "probability", "highest probability"),
                Column("highest_set", "text", "the set that gives it, or `published`"),
            ),
        ),
        Table(
            "prior_changes",
            "what each set of priors changes",
            (
                Column("set", "text", "name of the set"),
                Column("name", "text", "parameter, or `every scale`"),
                Column("published", "text", "the published prior"),
                Column("changed", "text", "the prior in the set"),
                Column("reason", "text", "why somebody would hold it"),
            ),
        ),
        Table(
            "without_credibility",
            "the ladder with the credibility term taken out",
            (
                HORIZON,
                Column("rung", "text", "outcome code, O0 to O6"),
                Column("probability", "probability", "probability without the credibility term"),
                Column("difference", "number", "that probability minus the published one"),
            ),
        ),
    )
}

META: Final[dict[str, str]] = {
    "run_id": "name of the run: `<as_of>_<created, UTC>_<8 hex digits>`",
    "case": "id of the case",
    "title": "title of the case",
    "side_a": "name of side a",
    "side_b": "name of side b",
    "side_a_short": "short name of side a",
    "side_b_short": "short name of side b",
    "as_of": "ISO date: what was known by the end of this day may be used",
    "information_cutoff": "ISO date: the newest row that was used became known on this day",
    "created": "ISO time in UTC when the forecast was computed",
    "stamp": "`prospective`, or `retrospective`: computed after the outcome was knowable",
    "quick": "true for a short run that is not for publication",
    "gate_passed": "whether every check of the gate passed",
    "horizons": "list of horizons in days",
    "period_days": "length of a period of the panel in days",
    "seed": "seed of the random numbers",
    "commit": "commit of the code",
    "dirty": "true when the code had changes that are not in the commit",
    "record_hash": "SHA-256 of the record as of the day",
    "table_hashes": "SHA-256 of each table of the record",
    "panel_hash": "SHA-256 of the panel built from it",
    "code_hash": "SHA-256 of the package's source",
    "prior_hash": "SHA-256 of the priors",
    "versions": "versions of Python and the libraries",
    "sampler": "settings and size of the sampling",
    "wall_seconds": "seconds by stage",
    "notes": "list of remarks on this run",
    "credibility_note": "what the credibility term rests on",
    "prior_sets": "which other sets of priors were computed, or why none",
    "learned_priors": "how much of published history the priors hold, and up to which cut-off",
}
REQUIRED_META: Final[tuple[str, ...]] = (
    "case", "title", "side_a", "side_b", "as_of", "information_cutoff", "created", "stamp", "quick", "gate_passed",
)  # fmt: skip


def rows_of(table: pd.DataFrame) -> list[Row]:
    """Rows of a table as dictionaries from column to value."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def horizons_of(table: pd.DataFrame) -> list[int]:
    """Horizons in a table, in days, shortest first."""
    return sorted({int(value) for value in table["horizon_days"]})


def is_blank(value: object) -> bool:
    """Whether a cell holds nothing: None, NaN, NA, NaT or empty text."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return value == "" if isinstance(value, str) else isinstance(value, float) and math.isnan(value)


def check_tables(tables: Tables) -> None:
    """Refuse tables that break the contract of this module.

    Parameters
    ----------
    tables
        Tables by name. Names outside `TABLES` are allowed and are archived as they are.

    Raises
    ------
    ArchiveError
        A required table or a column is missing, a probability is not inside [0, 1] (2e-9 of rounding allowed), or the
        ladder of a horizon is not one row per rung that sums to 1.
    """
    for name, table in TABLES.items():
        if name not in tables:
            if table.required:
                hint = get_close_matches(name, list(tables), 1)
                raise ArchiveError(
                    f"forecast tables: {name} is missing (found: {', '.join(sorted(tables)) or 'none'}); "
                    f"every forecast needs it{f' – is it the one called {hint[0]}?' if hint else ''}"
                )
            continue
        _check_columns(table, tables[name])
        _check_probabilities(table, tables[name])
    _check_ladder(tables["ladder"])


def _check_columns(table: Table, frame: pd.DataFrame) -> None:
    missing = [name for name in table.names if name not in frame.columns]
    extra = [str(name) for name in frame.columns if name not in table.names]
    if missing or extra:
        raise ArchiveError(
            f"forecast table {table.name}: missing columns {missing}, unknown columns {extra}; "
            f"right are {list(table.names)} (see docs/schema.md)"
        )


def _check_probabilities(table: Table, frame: pd.DataFrame) -> None:
    for column in table.columns:
        if column.kind != "probability":
            continue
        values = pd.to_numeric(frame[column.name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        wrong = (np.isnan(values) & (not table.conditional)) | (values < -2e-9) | (values > 1 + 2e-9)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise ArchiveError(
                f"forecast table {table.name}, row {row}, column {column.name}: {frame[column.name].iloc[row]!r} is "
                "not a probability between 0 and 1; mend the step that made the table"
            )


def _check_ladder(ladder: pd.DataFrame) -> None:
    if ladder.empty:
        raise ArchiveError("forecast table ladder: it has no rows; it needs one row per horizon and rung")
    for horizon, rows in ladder.groupby("horizon_days"):
        if sorted(rows["rung"]) != list(LADDER):
            raise ArchiveError(
                f"forecast table ladder, horizon {horizon}: rungs are {sorted(rows['rung'])}; right is one row for "
                f"each of {list(LADDER)}"
            )
        total = float(rows["probability"].sum())
        if abs(total - 1) > 1e-6:
            raise ArchiveError(
                f"forecast table ladder, horizon {horizon}: probabilities sum to {total:.8f}; they must sum to 1"
            )


def check_meta(meta: Meta) -> None:
    """Refuse meta data without the keys of `REQUIRED_META`.

    Raises
    ------
    ArchiveError
        A key is missing.
    """
    missing = [key for key in REQUIRED_META if key not in meta]
    if missing:
        raise ArchiveError(f"forecast meta: {missing} missing; every forecast carries {list(REQUIRED_META)}")
