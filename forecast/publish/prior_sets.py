"""The section of the report on other priors: range of the ladder, how each was computed, what each set changes."""

from __future__ import annotations

import pandas as pd

from forecast.publish import alt, figures
from forecast.publish.page import Cell, Grid, Section, number_cell, plate, text_cell, words
from forecast.publish.sections import rung_cell
from forecast.publish.tables import Meta, Row, Tables, horizons_of, is_blank, rows_of
from forecast.publish.views import inside_ladder
from forecast.publish.wording import HEADLINE_HORIZON, days, interval, percent
from forecast.terms import LADDER

TITLE = "What other priors would say"
WHOLE = 0.005  # stands in for a Monte Carlo error of sums: rounds to whole percentage points
SKIPPED = "The ladder under other sets of priors was not computed in this run"


def prior_set_section(meta: Meta, tables: Tables) -> Section:
    """Show the ladder under other sets of priors; where the run did not compute it, say so."""
    if "prior_sets" not in tables or "prior_range" not in tables or tables["prior_sets"].empty:
        why = words(meta.get("prior_sets"))
        return Section("prior-sets", TITLE, (f"{SKIPPED}{f': {why}' if why else ''}.",))
    sets, ladder = tables["prior_sets"], inside_ladder(tables)
    errors = {(row["rung"], row["horizon_days"]): row["mcse"] for row in rows_of(ladder)}
    found = {(row["rung"], row["horizon_days"]): row for row in rows_of(tables["prior_range"])}
    horizons = horizons_of(tables["prior_range"])
    grid = Grid(
        "prior-range",
        "Published probability, and its range over the published and the other priors",
        ("outcome", *(f"{horizon} days" for horizon in horizons)),
        tuple(
            (rung_cell(code), *(_range_cell(found[code, h], errors.get((code, h))) for h in horizons))
            for code in LADDER
        ),
    )
    drawn = spread(tables)
    figure = plate(
        figures.ladder_interval_figure(drawn),
        "prior-range",
        "Outcomes with their range over sets of priors",
        "Ranges over sets of priors, not intervals. "
        + alt.ladder_interval_alt(drawn).replace("80 % intervals", "Range"),
        "Dot: published probability. Line: range over sets of priors.",
        "prior_range",
    )
    text = (
        f"{strike_range(ladder, sets)} A set is named for what it assumes, not for what comes out: where the record is "
        "long, what one parameter is denied another takes over. The range shows what rests on judgements that others "
        "would make otherwise; it is no part of the 80 % intervals."
    )
    grids = (grid, _method_grid(sets), *_change_grid(tables))
    return Section("prior-sets", TITLE, (text,), plates=(figure,), grids=grids)


def range_sentence(tables: Tables) -> list[str]:
    """Sentence for the headline on how far other priors would move it; none where they were not computed."""
    if "prior_sets" not in tables or not tables["prior_sets"]["trusted"].any():
        return []
    ladder, sets = inside_ladder(tables), tables["prior_sets"]
    horizon = min(horizons_of(ladder), key=lambda h: abs(h - HEADLINE_HORIZON))
    trusted = sets[sets["trusted"]]
    values = [_strike(rows, horizon) for _, rows in trusted.groupby("set", sort=False)]
    ends = [percent(value, WHOLE) for value in (min(values), max(values))]
    return [
        f"With {len(values)} other set{'s' if len(values) > 1 else ''} of priors a limited strike or worse within "
        f"{days(horizon)} comes out at {' to '.join(dict.fromkeys(ends))}, against "
        f"{percent(_strike(ladder, horizon), WHOLE)} with the published ones."
    ]


def strike_range(ladder: pd.DataFrame, sets: pd.DataFrame) -> str:
    """Sentence on P(O2 or higher) at the horizon nearest to 30 days, as published and over the sets to be trusted."""
    horizon = min(horizons_of(ladder), key=lambda h: abs(h - HEADLINE_HORIZON))
    now = _strike(ladder, horizon)
    others = {str(name): _strike(rows, horizon) for name, rows in sets[sets["trusted"]].groupby("set", sort=False)}
    told = ", ".join(f"{name} {percent(value, WHOLE)}" for name, value in others.items())
    return (
        f"A limited strike or worse within {days(horizon)}: {percent(now, WHOLE)} with the published priors; "
        f"{told or 'no other'}."
    )


def spread(tables: Tables) -> pd.DataFrame:
    """The range in the columns of a ladder: lowest and highest in place of the interval."""
    drawn = tables["prior_range"].rename(columns={"lowest": "low", "highest": "high"})
    return drawn.merge(tables["ladder"][["horizon_days", "rung", "mcse"]], on=["horizon_days", "rung"])


def _strike(ladder: pd.DataFrame, horizon: int) -> float:
    rows = ladder[(ladder["horizon_days"] == horizon) & ladder["rung"].isin(LADDER[2:])]
    return float(rows["probability"].sum())


def _range_cell(row: Row, mcse: float | None) -> Cell:
    shown = percent(row["probability"], mcse)
    return Cell(
        shown, note=interval(row["lowest"], row["highest"], mcse), value=repr(float(row["probability"])), tone="number"
    )


def _method_grid(sets: pd.DataFrame) -> Grid:
    rows = []
    for row in rows_of(sets.drop_duplicates("set")):
        refit = not is_blank(row["rhat"])
        verdict = (
            Cell("passed", tone="passed") if row["trusted"] else Cell("FAILED", "left out of the range", tone="failed")
        )
        rows.append(
            (text_cell(row["set"]), text_cell(row["method"]), number_cell(row["khat"]),
             number_cell(row["rhat"], 3), number_cell(row["ess"], 0), verdict if refit else Cell("k-hat ≤ 0.7"),
             number_cell(row["seconds"], 0))
        )  # fmt: skip
    return Grid(
        "prior-methods",
        "How each set was computed: by weights where k-hat is at most 0.7, else by a shorter fit",
        ("set", "method", "k-hat of weights", "R-hat", "ESS", "check", "seconds"),
        tuple(rows),
    )


def _change_grid(tables: Tables) -> tuple[Grid, ...]:
    if "prior_changes" not in tables:
        return ()
    rows = tuple(
        (text_cell(row["set"]), text_cell(row["name"]), text_cell(row["published"]), text_cell(row["changed"]),
         text_cell(row["reason"]))
        for row in rows_of(tables["prior_changes"])
    )  # fmt: skip
    head = ("set", "parameter", "published", "in the set", "reason")
    return (Grid("prior-changes", "What each set changes, and why", head, rows),)
