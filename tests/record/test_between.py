"""What came in, changed or vanished between two forecasts is found, also where rows were changed in place."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import pandas as pd
import pytest

sys.path.extend(str(Path(__file__).parents[1] / name) for name in ("panel", "model"))

from full_record import full_record
from hand_made import CASE

from forecast.outlook.explain import signal_table
from forecast.record import Record, as_of
from forecast.record.between import between, corrections, groups, only, without
from forecast.record.panel import build_panel
from forecast.record.patched import patched_panel, same_panel

BEFORE, AFTER = dt.date(2024, 5, 10), dt.date(2024, 6, 7)
ULTIMATUM, ALERT = "2024-05-14-aaa-bbb-ultimatum", "2024-05-15-bbb-aaa-alert"
DEAL = "2024-04-16-bbb-aaa-deal"


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return full_record(tmp_path_factory.mktemp("between") / "record", reference="none")


def listed(record: Record, day: dt.date) -> pd.DataFrame:
    return signal_table(as_of(record, day), CASE, dt.date(2024, 1, 1))


def test_rows_that_came_in_are_told_one_for_each_cell(record: Record):
    found = between(record, CASE, BEFORE, AFTER)
    assert set(found.fresh["move_id"]) == {ULTIMATUM, ALERT}
    assert corrections(found) == []
    told = groups(found, build_panel(record, AFTER))
    assert [(g.side, g.channel, g.date.isoformat(), g.moves) for g in told] == [
        ("a", "verbal", "2024-05-14", (ULTIMATUM,)), ("b", "posture", "2024-05-15", (ALERT,)),
    ]  # fmt: skip
    assert told[0].label == "AAA: ultimatum, level 3"


def test_many_rows_are_told_in_few_groups_and_none_is_lost(record: Record):
    found = between(record, CASE, dt.date(2024, 1, 20), AFTER)
    panel = build_panel(record, AFTER)
    every, few = groups(found, panel), groups(found, panel, most=14)
    assert len(few) <= 14 < len(every)
    for told in (every, few):
        assert sorted(name for group in told for name in group.moves) == sorted(found.fresh["move_id"])


def test_a_changed_row_and_one_that_is_gone_are_corrections_and_a_late_one_is_new(record: Record):
    then = listed(record, BEFORE)
    assert between(record, CASE, BEFORE, BEFORE, (then, then)).knew["move_id"].isin(then["move_id"]).all()
    late = then["move_id"] == "2024-01-18-aaa-bbb-sanctions"
    changed = then[~late].copy()
    changed.loc[changed["move_id"] == DEAL, "level"] = 1
    gone = changed.iloc[:1].assign(move_id="gone", type="threat", channel="verbal", level=2, rung=pd.NA)
    found = between(record, CASE, BEFORE, BEFORE, (pd.concat([changed, gone]), None))
    assert set(found.fresh["move_id"]) == {"2024-01-18-aaa-bbb-sanctions"}
    told = {group.moves[0]: group.label for group in corrections(found)}
    assert told == {DEAL: "BBB: deal (level 1 → 3)", "gone": f"{gone['actor'].iloc[0]}: threat (gone from the record)"}
    knew = build_panel(found.with_moves(found.knew, later=False), BEFORE)
    assert not knew["deal"].values[0].any(), "a deal of level 1 settles nothing"
    assert build_panel(record, BEFORE)["deal"].values[0].any()


def test_the_record_is_put_together_again_from_its_parts(record: Record):
    found = between(record, CASE, BEFORE, AFTER)
    assert same_panel(build_panel(found.with_moves(found.has, later=True), AFTER), build_panel(record, AFTER))
    early = build_panel(found.with_moves(found.corrected, later=False), BEFORE)
    assert same_panel(early, build_panel(record, BEFORE))


@pytest.mark.parametrize(
    "name", [ULTIMATUM, "2024-03-06-aaa-bbb-sustained-campaign", "2024-01-26-bbb-aaa-limited-strike"]
)
def test_a_patched_panel_is_the_panel(record: Record, name: str):
    found, whole = between(record, CASE, BEFORE, AFTER), build_panel(record, AFTER)
    assert len(only(found.has, [name])) == 1
    other = found.with_moves(without(found.has, [name]), later=True)
    patched = patched_panel(whole, other)
    assert same_panel(patched, build_panel(other, AFTER))
    assert not same_panel(patched, whole)
