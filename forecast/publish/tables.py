"""What a published forecast consists of: its tables, their columns and its meta data (public API)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

import numpy as np
import pandas as pd

from forecast.errors import ArchiveError
from forecast.publish.columns import Table
from forecast.publish.tables_grounds import GROUNDS
from forecast.publish.tables_outlook import OUTLOOK
from forecast.publish.tables_scenarios import SCENARIOS
from forecast.terms import LADDER

Meta = Mapping[str, Any]
Tables = Mapping[str, pd.DataFrame]
Row = dict[str, Any]


TABLES: Final[dict[str, Table]] = {table.name: table for table in (*OUTLOOK, *SCENARIOS, *GROUNDS)}

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
    "key": "SHA-256 of all that the forecast follows from: record as of the day, settings, priors, seed, code",
    "model_hash": "SHA-256 of the model's code and of the numbers of its priors",
    "versions": "versions of Python and the libraries",
    "sampler": "settings and size of the sampling",
    "wall_seconds": "seconds by stage",
    "notes": "list of remarks on this run",
    "credibility_note": "what the credibility term rests on",
    "prior_sets": "which other sets of priors were computed, or why none",
    "what_if": "whether scenarios, the concession curve and next moves were computed, or why not",
    "published": "which view the ladder is of: `inside view`, or a pool of the table `pool`",
    "pool_note": "why that one is published",
    "previous_run": "run id of the last archived forecast of the case, with which this one is compared",
    "previous_as_of": "ISO date: its as-of day",
    "updated_from": "of a fast update: run id of the fit whose draws new rows moved; absent in a fit",
    "update": "of a fast update: as-of day of that fit, weeks since, k-hat and effective draws and particles",
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


def readable_tables(tables: Tables) -> tuple[dict[str, pd.DataFrame], tuple[str, ...]]:
    """Tables of an archived run that keep to the contract of this version, and the names of those that do not.

    A run of another version may have tables with other columns. The report can do without them, unless every forecast
    needs them.

    Raises
    ------
    ArchiveError
        A table that every forecast needs has other columns.
    """
    kept, gone = dict(tables), []
    for name, table in TABLES.items():
        if name not in tables:
            continue
        try:
            _check_columns(table, tables[name])
        except ArchiveError as error:
            if table.required:
                raise ArchiveError(
                    f"{error}; the run comes from another version: render it with that one (`commit` in its manifest)"
                ) from error
            gone.append(name)
            del kept[name]
    return kept, tuple(gone)


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
