"""The second half of the report: past crises, claims, what the forecast rests on, where it is weak, how it was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from forecast.publish.news import listed_signals, source_ids
from forecast.publish.page import (
    Cell,
    Grid,
    Section,
    key_value_grid,
    number_cell,
    text_cell,
    web_link,
    words,
)
from forecast.publish.sections import SOURCE
from forecast.publish.tables import META, Meta, Row, Tables, is_blank, rows_of
from forecast.publish.wording import day, days, interval, percent, rung_name

WHOLE_POINTS: Final = 0.005
"""Stands in for the Monte Carlo error where a table has none: rounds to whole percentage points."""
WEAK_CONTRACTION: Final = 0.1
MOST_CITED: Final = 20
ELEMENTS: Final = 6
"""Elements of one parameter that are all printed on paper."""
METHOD: Final = (
    "A Bayesian model follows two unobserved states of each side, resolve and credibility, period by period. It learns "
    "from the case and from past crises, as they were known on the as-of day. Each draw from its posterior is "
    "simulated forward many times, and each simulated future is sorted onto the ladder by rule: a probability is the "
    "share of futures, an 80 % interval its spread over draws. Equations and priors stand in docs/model.md of the "
    "package, the columns of the tables beside this report in docs/schema.md."
)


def analogue_section(tables: Tables) -> Section | None:
    """Show the nearest past crises and how they ended."""
    table = tables.get("analogues")
    if table is None or table.empty:
        return None
    rows = tuple(
        (
            text_cell(row["name"], note=f"{str(row['start'])[:10]}{', the same case' if row['same_case'] else ''}"),
            number_cell(row["distance"]),
            Cell(
                f"{row['outcome']} {rung_name(str(row['outcome']))}",
                note=_ending(row),
                tone=f"rung {row['outcome'].lower()}",
            ),
            text_cell(row["differs"] or "in nothing that is compared"),
        )
        for row in rows_of(table)
    )
    text = (
        "Past crises that looked most like the case on the as-of day, by what was known then: covariates, and what was "
        "seen before a first strike (talks, threats, deployments, deadlines, support of allies). The distance is the "
        "root mean square of the differences in standard deviations. Crises of the case itself are picked apart from "
        "others, as they agree with it in most covariates. They are a look, no part of the computation."
    )
    heading = ("crisis", "distance", "how it ended", "where it differs")
    grid = Grid("analogues", "The nearest past crises, and how they ended", heading, rows)
    return Section("analogues", "The nearest past crises", (text,), grids=(grid,))


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
    text = (
        f"Only what was known by the end of {day(meta['as_of'])} was used; the newest row that was used became known "
        f"on {day(meta['information_cutoff'])}."
    )
    return Section("basis", "What the forecast rests on", (text,), bullets=notes, grids=(grid,))


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
    head = ("parameter", "prior", "posterior", "contraction", "R-hat, ESS", "reason and source of the prior")
    listed = rows_of(tables["parameters"])
    rows = tuple(_parameter_row(row, before) for row, before in zip(listed, [None, *listed[:-1]], strict=True))
    text = (
        "Contraction is 1 − (posterior sd / prior sd)². Near 0 the record taught nothing and the prior speaks alone "
        "(below 0.1 in red; below 0 it left the parameter less certain); near 1 the record decides. Beneath each "
        "posterior: its 80 % interval; beneath R-hat: bulk and tail ESS."
    )
    paper = first_of_each(tuple(str(row["name"]) for row in listed))
    rest = (
        f"{len(paper)} of {len(rows)}: of a parameter with more than {ELEMENTS} elements the first; the others are in "
        "tables/parameters.csv"
    )
    cut = paper if len(paper) < len(rows) else None
    grid = Grid("parameters", "Priors and posteriors", head, rows, paper=cut, rest=rest)
    return Section("parameters", "Every prior, and what the record made of it", (text,), grids=(grid,))


def first_of_each(names: tuple[str, ...]) -> tuple[int, ...]:
    """Positions of all elements of small parameters, and of the first element of those with many (`name[label]`)."""
    stems = [name.partition("[")[0] for name in names]
    size = Counter(stems)
    return tuple(n for n, stem in enumerate(stems) if size[stem] <= ELEMENTS or stems.index(stem) == n)


def source_section(meta: Meta, tables: Tables) -> Section | None:
    """Show the sources of the moves that were used; on paper those of the rows that the report lists."""
    if "sources" not in tables or tables["sources"].empty:
        return None
    sources = rows_of(tables["sources"])
    rows = tuple(
        (
            text_cell(row["source_id"]),
            Cell("", links=(web_link(row["citation"], row["url"]),)),
            number_cell(row["rows"], 0),
        )
        for row in sources
    )
    listed = listed_signals(meta, tables["signals"]) if "signals" in tables else []
    cited = {source for row in listed for source in source_ids(row)}
    paper = tuple(n for n, row in enumerate(sources) if n < MOST_CITED or words(row["source_id"]) in cited)
    anchors = tuple(f"{SOURCE}{number}" for number in range(1, len(rows) + 1))
    rest = (
        f"{len(paper)} of {len(rows)}: the most cited, and those of the rows in this report; the others are in "
        "tables/sources.csv"
    )
    grid = Grid(
        "sources", "Sources, and the number of rows that cite each", ("source", "citation", "rows"), rows, anchors,
        paper if len(paper) < len(rows) else None, rest,
    )  # fmt: skip
    return Section("sources", "Sources", grids=(grid,))


def provenance_section(meta: Meta) -> Section:
    """Show how the forecast was made: versions, settings and hashes."""
    elsewhere = {"notes", "credibility_note", "prior_sets", "what_if", "title"}
    keys = [key for key in META if key in meta and key not in elsewhere] + [key for key in meta if key not in META]
    pairs: list[tuple[str, object]] = []
    for key in keys:
        value = meta[key]
        if isinstance(value, Mapping):
            pairs += [(f"{key}: {name}", item) for name, item in value.items()]
        else:
            pairs.append((key, ", ".join(map(str, value)) if isinstance(value, list | tuple) else value))
    grid = key_value_grid("provenance", "Run, versions and hashes", pairs)
    return Section("provenance", "How it was made", (METHOD,), grids=(grid,))


def _parameter_row(row: Row, before: Row | None) -> tuple[Cell, ...]:
    told = ("meaning", "prior", "reason", "source")
    same = before is not None and all(row[key] == before[key] for key in told)
    weak = not is_blank(row["contraction"]) and row["contraction"] < WEAK_CONTRACTION
    return (
        text_cell(row["name"], note="" if same else row["meaning"]),
        Cell("as above") if same else text_cell(row["prior"], note=row["unit"]),
        Cell(f"{_number(row['mean'])} ± {_number(row['sd'])}", f"{_number(row['low'])} to {_number(row['high'])}",
             repr(row["mean"]), tone="number"),
        number_cell(row["contraction"], tone="weak" if weak else ""),
        Cell(_number(row["rhat"], 3), f"{_number(row['ess_bulk'], 0)} / {_number(row['ess_tail'], 0)}",
             repr(row["rhat"]), tone="number"),
        Cell("as above") if same else text_cell(row["reason"], note=row["source"]),
    )  # fmt: skip


def _number(value: float, digits: int = 2) -> str:
    return number_cell(value, digits).text


def _ending(row: Row) -> str:
    parts = ["" if is_blank(row["first_strike_rung"]) else f"first strike of rung {row['first_strike_rung']}"]
    parts.append("" if is_blank(row["reply"]) or row["reply"] == "none" else f"reply {words(row['reply'])}")
    if not is_blank(row["days_of_fighting"]) and row["days_of_fighting"] > 0:
        parts.append(f"{days(int(row['days_of_fighting']))} of fighting")
    parts.append(words(row["ended_by"]).replace("_", " "))
    if not is_blank(row["talks_after_days"]):
        parts.append(f"talks after {days(int(row['talks_after_days']))}")
    return ", ".join(part for part in parts if part)
