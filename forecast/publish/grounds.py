"""The second half of the report: what the forecast rests on, where it is weak, and how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from forecast.publish.page import NOTHING, Cell, Grid, Section, key_value_grid, number_cell, text_cell, web_link, words
from forecast.publish.sections import SOURCE, rung_cell
from forecast.publish.tables import META, Meta, Row, Tables, horizons_of, is_blank, rows_of
from forecast.publish.wording import interval, percent, points
from forecast.terms import LADDER

WHOLE_POINTS: Final = 0.005
"""Stands in for the Monte Carlo error where a table has none: rounds to whole percentage points."""
WEAK_CONTRACTION: Final = 0.1


def claim_section(tables: Tables) -> Section | None:
    """Show the claims of bargaining theory before and after the data."""
    if "claims" not in tables or tables["claims"].empty:
        return None
    rows = tuple(
        (
            text_cell(f"{row['number']}. {row['claim']}", note=f"{row['quantity']}: {row['says']}"),
            Cell(percent(row["posterior"], row["mcse"]), note=f"before {percent(row['prior'], WHOLE_POINTS)}",
                 value=repr(float(row["posterior"])), tone="number"),
            text_cell(row["verdict"], note=f"would tell more: {row['would_change']}"),
        )
        for row in rows_of(tables["claims"])
    )  # fmt: skip
    text = (
        "What the model makes of twelve claims of bargaining theory: how likely each is after the data and, beneath, "
        "before them. Claims on events are judged from a quiet start, not from the state of the crisis. A claim that "
        "the data did not inform rests on its prior; one whose sign is fixed by definition is not tested at all."
    )
    grid = Grid("claims", "Claims, before and after the data", ("claim", "probability", "what the data did"), rows)
    return Section("claims", "What the data say about the theory", (text,), grids=(grid,))


def basis_section(meta: Meta, tables: Tables) -> Section:
    """Show what the forecast rests on, with the remarks on this run."""
    rows = tuple(
        (text_cell(row["item"]), text_cell(row["value"]), text_cell(row["note"])) for row in rows_of(tables["basis"])
    )
    grid = Grid("basis", "What was counted", ("item", "value", "how to read it"), rows)
    notes = tuple(words(note) for note in meta.get("notes") or ())
    return Section("basis", "What the forecast rests on", bullets=notes, grids=(grid,))


def credibility_section(meta: Meta, tables: Tables) -> Section | None:
    """Show what credibility rests on, and the ladder without it."""
    note, table = words(meta.get("credibility_note")), tables.get("without_credibility")
    if table is None or table.empty:
        return Section("credibility", "What credibility adds", (note,)) if note else None
    horizons = horizons_of(table)
    errors = {(row["rung"], row["horizon_days"]): row["mcse"] for row in rows_of(tables["ladder"])}
    found = {(row["rung"], row["horizon_days"]): row for row in rows_of(table)}
    rows = tuple(
        (rung_cell(code), *(_without_cell(found.get((code, n)), errors.get((code, n))) for n in horizons))
        for code in LADDER
    )
    head = ("outcome", *(f"{horizon} days" for horizon in horizons))
    grid = Grid("without-credibility", "Outcomes without credibility, and the difference that makes", head, rows)
    return Section("credibility", "What credibility adds", (note,) if note else (), grids=(grid,))


def tail_section(tables: Tables) -> Section | None:
    """Show severe outcomes beside past base rates."""
    if "tail" not in tables or tables["tail"].empty:
        return None
    rows = tuple(
        (
            text_cell(row["quantity"]),
            Cell(percent(row["model_mean"], WHOLE_POINTS), interval(row["model_low"], row["model_high"], WHOLE_POINTS),
                 repr(float(row["model_mean"])), tone="number"),
            Cell(percent(row["base_rate"], WHOLE_POINTS), tone="number"),
            text_cell(row["reference"], note=row["source"]),
        )
        for row in rows_of(tables["tail"])
    )  # fmt: skip
    grid = Grid("tail", "Severe outcomes: model and past cases", ("event", "model", "past cases", "which cases"), rows)
    text = (
        "Rare outcomes are where a model errs most easily. Beside each stands what past cases say, where there are any."
    )
    return Section("tail", "The severe end against past cases", (text,), grids=(grid,))


def gate_section(meta: Meta, tables: Tables) -> Section:
    """Show the checks that a forecast passes before it is published."""
    gate = rows_of(tables["gate"])
    rows = tuple(
        (
            text_cell(row["check"]),
            text_cell(f"{row['value']:.4g}" if isinstance(row["value"], float) else row["value"]),
            text_cell(row["threshold"]),
            Cell("passed", tone="passed") if row["passed"] else Cell("FAILED", tone="failed"),
            text_cell(row["where"], note="" if row["passed"] else row["advice"]),
        )
        for row in gate
    )
    failed = sum(not row["passed"] for row in gate)
    verdict = f"All {len(gate)} checks passed." if not failed else f"{failed} of {len(gate)} checks failed."
    if not failed and not meta["gate_passed"]:
        verdict = "The run is marked as failed though no check of this table did."
    text = f"{verdict} They say whether the computation can be trusted, not whether the forecast is right."
    grid = Grid("gate", "Checks of the computation", ("check", "found", "asked", "result", "worst at"), rows)
    return Section("gate", "Checks before publication", (text,), grids=(grid,))


def parameter_section(tables: Tables) -> Section | None:
    """Show every prior and what the record made of it."""
    if "parameters" not in tables or tables["parameters"].empty:
        return None
    head = (
        "parameter",
        "prior",
        "posterior",
        "contraction",
        "R-hat",
        "ESS bulk / tail",
        "reason and source of the prior",
    )
    rows = tuple(_parameter_row(row) for row in rows_of(tables["parameters"]))
    text = (
        "Contraction is 1 − (posterior sd / prior sd)². Near 0 the record taught nothing and the prior speaks alone "
        "(below 0.1 in red); near 1 the record decides. Beneath each posterior: its 80 % interval."
    )
    grid = Grid("parameters", "Priors and posteriors", head, rows)
    return Section("parameters", "Every prior, and what the record made of it", (text,), grids=(grid,))


def source_section(tables: Tables) -> Section | None:
    """Show the sources of the moves that were used."""
    if "sources" not in tables or tables["sources"].empty:
        return None
    rows = tuple(
        (
            text_cell(row["source_id"]),
            Cell("", links=(web_link(row["citation"], row["url"]),)),
            number_cell(row["rows"], 0),
        )
        for row in rows_of(tables["sources"])
    )
    anchors = tuple(f"{SOURCE}{number}" for number in range(1, len(rows) + 1))
    grid = Grid(
        "sources", "Sources, and the number of rows that cite each", ("source", "citation", "rows"), rows, anchors
    )
    return Section("sources", "Sources", grids=(grid,))


def provenance_section(meta: Meta) -> Section:
    """Show how the forecast was made: versions, settings and hashes."""
    elsewhere = {"notes", "credibility_note", "prior_sets", "title"}
    keys = [key for key in META if key in meta and key not in elsewhere] + [key for key in meta if key not in META]
    pairs: list[tuple[str, object]] = []
    for key in keys:
        value = meta[key]
        if isinstance(value, Mapping):
            pairs += [(f"{key}: {name}", item) for name, item in value.items()]
        else:
            pairs.append((key, ", ".join(map(str, value)) if isinstance(value, list | tuple) else value))
    grid = key_value_grid("provenance", "Run, versions and hashes", pairs)
    return Section("provenance", "How it was made", grids=(grid,))


def _without_cell(row: Row | None, mcse: float | None) -> Cell:
    if row is None:
        return NOTHING
    shown, note = percent(row["probability"], mcse), f"{points(row['difference'], mcse)} points"
    return Cell(shown, note, repr(float(row["probability"])), tone="number")


def _parameter_row(row: Row) -> tuple[Cell, ...]:
    weak = not is_blank(row["contraction"]) and row["contraction"] < WEAK_CONTRACTION
    return (
        text_cell(row["name"], note=row["meaning"]),
        text_cell(row["prior"], note=row["unit"]),
        Cell(f"{_number(row['mean'])} ± {_number(row['sd'])}", f"{_number(row['low'])} to {_number(row['high'])}",
             repr(row["mean"]), tone="number"),
        number_cell(row["contraction"], tone="weak" if weak else ""),
        number_cell(row["rhat"], 3),
        Cell(f"{_number(row['ess_bulk'], 0)} / {_number(row['ess_tail'], 0)}", tone="number"),
        text_cell(row["reason"], note=row["source"]),
    )  # fmt: skip


def _number(value: float, digits: int = 2) -> str:
    return number_cell(value, digits).text
