"""The forecast in short: a table for the terminal and a JSON document for machines."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pandas as pd
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table as RichTable
from rich.text import Text

from forecast.publish.manifest import plain, run_id
from forecast.publish.tables import Meta, Row, Tables, check_meta, check_tables, horizons_of, rows_of
from forecast.publish.wording import clean, date_of, day, days, headline, interval, percent, rung_name
from forecast.terms import LADDER, LADDER_NAMES

DOCUMENT: Final = "crisis-forecast/forecast/1"
SCHEMA_FILE: Final = "forecast.schema.json"
QUESTION_FACTS: Final = (
    "question_id", "wording", "in_words", "horizon_days", "expressible", "reason",
)  # fmt: skip
PROVENANCE: Final = ("commit", "dirty", "seed", "record_hash", "panel_hash", "code_hash", "prior_hash")


def terminal_summary(meta: Meta, tables: Tables, *, folder: Path | None = None) -> RenderableType:
    """Summary of a forecast for the terminal: ladder with intervals, headline, stamps, gate, and where it lies.

    Parameters
    ----------
    meta, tables
        The forecast (see `docs/schema.md`).
    folder
        Folder of the archived run; without it the summary says that nothing was archived.
    """
    check_meta(meta)
    check_tables(tables)
    title = f"{clean(meta['title'])} – as of {day(meta['as_of'])}"
    grid = _grid(tables["ladder"], title, "beneath: 80 % intervals", _estimate)
    lines = [*headline(meta["as_of"], tables["ladder"], tables["quantities"]), *_state(meta, tables, folder)]
    return Group(grid, *(Text(line) for line in lines))


def look_summary(title: str, as_of: str, fitted_as_of: str, ladder: pd.DataFrame) -> RenderableType:
    """A ladder that draws of an earlier fit were moved to, beside the ladder of that fit.

    Parameters
    ----------
    title, as_of, fitted_as_of
        Of the case; the day of the ladder, and of the fit.
    ladder
        horizon_days, rung, probability, low, high, and `before`: the probability in the fit.
    """

    def cell(row: Row) -> str:
        return f"{percent(row['probability'])} {100 * (row['probability'] - row['before']):+.1f}"

    caption = f"behind each: change since the fit as of {day(fitted_as_of)}, in points"
    return _grid(ladder, f"{clean(title)} – a look as of {day(as_of)}", caption, cell)


def _grid(ladder: pd.DataFrame, title: str, caption: str, cell: Callable[[Row], RenderableType]) -> RichTable:
    """Rungs by horizon, each cell told by a function of its row."""
    grid = RichTable(title=escape(title), caption=caption, title_justify="left", caption_justify="left")
    grid.add_column("outcome", no_wrap=True)
    horizons = horizons_of(ladder)
    found = {(row["rung"], row["horizon_days"]): row for row in rows_of(ladder)}
    for horizon in horizons:
        grid.add_column(f"{horizon} days", justify="right", no_wrap=True)
    for code in LADDER:
        grid.add_row(f"{code} {rung_name(code)}", *(cell(found[code, horizon]) for horizon in horizons))
    return grid


def json_document(meta: Meta, tables: Tables) -> dict[str, Any]:
    """Forecast as one JSON document that follows `schema/forecast.schema.json`, with exact numbers.

    Parameters
    ----------
    meta, tables
        The forecast (see `docs/schema.md`).

    Raises
    ------
    ArchiveError
        The tables break the contract of `publish.tables`.
    """
    check_meta(meta)
    check_tables(tables)
    ladder, quantities, questions = tables["ladder"], tables["quantities"], tables.get("questions")
    as_of = date_of(meta["as_of"])
    windows = [
        {
            "days": horizon,
            "until": (pd.Timestamp(as_of) + pd.Timedelta(days=horizon)).date().isoformat(),
            "ladder": [
                {"code": row["rung"], "name": LADDER_NAMES[row["rung"]], **_numbers(row)}
                for row in sorted(_at(ladder, horizon), key=lambda row: row["rung"])
            ],
            "quantities": [
                {"name": row["name"], "wording": row["wording"], **_numbers(row)} for row in _at(quantities, horizon)
            ],
        }
        for horizon in horizons_of(ladder)
    ]
    document = {
        "document": DOCUMENT,
        "run_id": meta.get("run_id") or run_id(meta),
        "case": meta["case"],
        "title": meta["title"],
        "sides": {"a": meta["side_a"], "b": meta["side_b"]},
        "as_of": as_of,
        "information_cutoff": date_of(meta["information_cutoff"]),
        "created": meta["created"],
        "stamp": meta["stamp"],
        "quick": meta["quick"],
        "interval": {"level": 0.8, "lower_quantile": 0.1, "upper_quantile": 0.9},
        "horizons": windows,
        "questions": [_question(row) for row in (rows_of(questions) if questions is not None else [])],
        "gate": {
            "passed": meta["gate_passed"],
            "checks": [
                {"check": row["check"], "value": row["value"], "threshold": row["threshold"], "passed": row["passed"]}
                for row in rows_of(tables["gate"])
            ],
        },
        "update": {"from": meta["updated_from"], **meta["update"]} if meta.get("updated_from") else None,
        "prior_sets": _prior_sets(meta, tables),
        "views": _views(meta, tables),
        "provenance": {key: meta.get(key) for key in PROVENANCE},
    }
    result = plain(document)
    return result if isinstance(result, dict) else {}


def json_schema() -> dict[str, Any]:
    """JSON Schema of `json_document`."""
    return json.loads((files("forecast.publish") / "schema" / SCHEMA_FILE).read_text(encoding="utf-8"))


def _at(table: pd.DataFrame, horizon: int) -> list[Row]:
    return rows_of(table[table["horizon_days"] == horizon])


def _prior_sets(meta: Meta, tables: Tables) -> Row:
    """Ladders under other sets of priors and their range; empty lists where the run did not compute them."""
    sets, spread = tables.get("prior_sets"), tables.get("prior_range")
    facts = ("set", "method", "khat", "rhat", "ess", "trusted")
    return {
        "note": meta.get("prior_sets"),
        "sets": [
            {key: row[key] for key in facts}
            | {
                "ladder": [
                    {"horizon_days": r["horizon_days"], "code": r["rung"]} | _numbers(r)
                    for r in rows_of(sets[sets["set"] == row["set"]])
                ]
            }
            for row in rows_of(sets.drop_duplicates("set"))
        ]
        if sets is not None
        else [],
        "range": [
            {"horizon_days": r["horizon_days"], "code": r["rung"]}
            | {key: r[key] for key in ("probability", "lowest", "lowest_set", "highest", "highest_set")}
            for r in (rows_of(spread) if spread is not None else [])
        ],
    }


def _views(meta: Meta, tables: Tables) -> Row:
    """The ladder by view and by pool, and which of them is published."""

    def listed(table: pd.DataFrame | None, *facts: str) -> list[Row]:
        return [
            {"name": name}
            | {fact: rows[fact].iloc[0] for fact in facts}
            | {
                "ladder": [
                    {"horizon_days": r["horizon_days"], "code": r["rung"]}
                    | {key: r[key] for key in ("probability", "low", "high")}
                    for r in rows_of(rows)
                ]
            }
            for name, rows in ([] if table is None else table.groupby("candidate", sort=False))
        ]

    return {
        "published": meta.get("published"),
        "note": meta.get("pool_note"),
        "single": listed(tables.get("baselines"), "weight"),
        "pools": listed(tables.get("pool")),
    }


def _question(row: Row) -> Row:
    """One question with its rules as objects."""
    rules = {key: json.loads(row[key]) if row[key] else None for key in ("rule", "given")}
    days = {key: date_of(row[key]) for key in ("opens", "closes")}
    return {key: row[key] for key in QUESTION_FACTS} | rules | days | _numbers(row)


def _numbers(row: Row) -> Row:
    return {key: row[key] for key in ("probability", "low", "high", "mcse")}


def _estimate(row: Row) -> Text:
    shown = percent(row["probability"], row["mcse"])
    return Text.assemble((shown, "bold"), (f"\n{interval(row['low'], row['high'], row['mcse'])}", "dim"))


def _state(meta: Meta, tables: Tables, folder: Path | None) -> list[str]:
    age = (date_of(meta["as_of"]) - date_of(meta["information_cutoff"])).days
    gate = rows_of(tables["gate"])
    failed = [clean(row["check"]) for row in gate if not row["passed"]]
    checks = f"all {len(gate)} passed" if meta["gate_passed"] and not failed else f"FAILED: {'; '.join(failed)}"
    if failed and meta["quick"]:
        checks += " (as is to be expected of so few draws)"
    lines = [
        f"Information cut-off {day(meta['information_cutoff'])} ({days(age)} before the as-of day), {meta['stamp']}.",
        *(clean(note) for note in meta.get("notes") or () if "crisis" in note),
        f"Checks: {checks}.",
    ]
    if meta.get("updated_from"):
        lines.append(f"Fast update of the fit {clean(meta['updated_from'])}: new rows moved its draws.")
    if meta.get("published"):
        lines.append(f"Published: {clean(meta['published'])} ({clean(meta.get('pool_note', ''))}).")
    if meta["quick"]:
        lines.append("Quick run: a look, not for publication; the forecast is made without --quick.")
    if folder is None:
        return [*lines, "Not archived."]
    reports = [folder / name for name in ("report.html", "report.pdf")]
    return [*lines, f"Archive: {folder}", *(f"Report: {report}" for report in reports if report.exists())]
