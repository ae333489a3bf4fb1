"""The section of the report on questions: what was asked, what the model says, and what it cannot express."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from forecast.publish.page import Cell, Grid, Section, horizon_grid, percent_cell, text_cell, words
from forecast.publish.tables import Row, Tables, is_blank, rows_of
from forecast.publish.wording import days
from forecast.record.standing import STANDING

_STANDING: Final = re.compile(rf"({'|'.join(STANDING)})-\d+d")
TEXT: Final = (
    "Each question is resolved later by its rule, from the record alone; the rule is fixed with this forecast. It was "
    "asked of the same simulated futures as the outcomes. Where a question has a condition, its probability is the one "
    "given that condition. What the model cannot express has no number."
)


def question_section(tables: Tables) -> Section | None:
    """Show the questions with their rules in words, those of every forecast by horizon, and those without a number."""
    if "questions" not in tables or tables["questions"].empty:
        return None
    asked = tables["questions"]
    standing = (
        asked["question_id"].map(lambda name: bool(_STANDING.fullmatch(str(name)))) & asked["probability"].notna()
    )
    told = asked["probability"].notna() & ~standing
    grids = (_own(asked[told]), _every(asked[standing]), _untold(asked[asked["probability"].isna()]))
    shown = tuple(grid for grid in grids if grid.rows)
    return Section("questions", "Questions that the record will answer", (TEXT,), grids=shown)


def _own(asked: pd.DataFrame) -> Grid:
    rows = tuple(
        (
            text_cell(row["wording"], note=row["question_id"], tone="long"),
            _window(row),
            percent_cell(row),
            text_cell(row["in_words"]),
        )
        for row in rows_of(asked)
    )
    head = ("question", "window", "probability", "rule")
    return Grid("questions", "Questions and their rules, with 80 % intervals", head, rows)


def _every(asked: pd.DataFrame) -> Grid:
    """The questions that every forecast is asked, one line each."""
    named = asked.assign(name=asked["question_id"].astype(str).str.replace(r"-\d+d$", "", regex=True))
    said = dict(zip(named["name"], named["in_words"], strict=True))
    labels = [(name, text_cell(text, note=name)) for name, text in said.items()]
    caption = "Asked of every forecast: probability inside the window, with its 80 % interval"
    return horizon_grid(named, "name", labels, name="standing-questions", caption=caption, first="event")


def _untold(asked: pd.DataFrame) -> Grid:
    rows = tuple(
        (text_cell(row["wording"], note=row["question_id"], tone="long"), _window(row), text_cell(row["reason"]))
        for row in rows_of(asked)
    )
    return Grid("unanswered", "Asked, but without a number", ("question", "window", "why"), rows)


def _window(row: Row) -> Cell:
    ends = f"{_date(row['opens'])} to {_date(row['closes'])}"
    return Cell(ends, note="" if is_blank(row["closes"]) else days(_length(row)))


def _length(row: Row) -> int:
    return (pd.Timestamp(row["closes"]) - pd.Timestamp(row["opens"])).days + 1


def _date(value: object) -> str:
    return words(value)[:10]
