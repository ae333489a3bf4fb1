"""The report shows what was asked: own questions with window and rule, standing ones by horizon, reasons elsewhere."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from forecast.publish.questions import question_section
from forecast.record.standing import STANDING


def with_standing(table: pd.DataFrame) -> pd.DataFrame:
    first = table.iloc[[0]]
    rows = [
        first.assign(question_id=f"{name}-{days}d", horizon_days=days, in_words=f"{name} comes")
        for name in STANDING
        for days in (7, 30)
    ]
    return pd.concat([table, *rows], ignore_index=True)


def test_each_kind_of_question_has_its_table(tables) -> None:
    section = question_section({"questions": with_standing(tables["questions"])})
    assert section is not None
    own, standing, untold = section.grids
    assert [grid.name for grid in section.grids] == ["questions", "standing-questions", "unanswered"]
    assert [row[0].note for row in own.rows] == ["strike-a-30", "deal-90", "strait-90"]
    assert (own.rows[1][1].text, own.rows[1][1].note) == ("2026-02-14 to 2026-05-14", "90\u00a0days")
    assert own.rows[0][3].text == "What strike-a-30 asks"
    assert standing.head == ("event", "7 days", "30 days")
    assert [row[0].note for row in standing.rows] == list(STANDING)
    assert all(cell.value for row in standing.rows for cell in row[1:])
    assert [row[2].text for row in untold.rows] == ["acts of type cyber_attack are not simulated"]


def test_tables_without_rows_are_left_out(tables) -> None:
    asked = tables["questions"]
    section = question_section({"questions": asked[asked["expressible"]]})
    assert section is not None
    assert [grid.name for grid in section.grids] == ["questions"]
    assert question_section({"questions": asked[:0]}) is None
    assert question_section({}) is None


def test_a_question_of_another_name_is_not_taken_for_a_standing_one(tables) -> None:
    row = tables["questions"].iloc[[0]].assign(question_id="deal-30d-x", opens=dt.date(2026, 3, 1))
    section = question_section({"questions": row})
    assert section is not None
    assert [grid.name for grid in section.grids] == ["questions"]
