"""The nearest past crises are those that agree with the case; nothing known after the as-of day moves the list."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from forecast.outlook.analogues import COLUMNS, NEAREST, TRAITS, analogue_table, case_traits, past_traits
from forecast.publish.tables import TABLES
from forecast.record import Record, as_of, read_record
from forecast.record.acts import find_case

DAY = date(2026, 2, 13)


@pytest.fixture(scope="module")
def whole() -> Record:
    return read_record()


@pytest.fixture(scope="module")
def record(whole: Record) -> Record:
    return as_of(whole, DAY)


def test_the_list_is_sorted_by_distance_and_holds_both_kinds(record: Record):
    table = analogue_table(record, None, DAY)
    assert tuple(table.columns) == COLUMNS == TABLES["analogues"].names
    assert table["distance"].is_monotonic_increasing
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    assert table["same_case"].sum() == NEAREST
    assert (~table["same_case"]).sum() == NEAREST
    assert (table["outcome"] != "").all()


def test_the_distance_is_the_root_mean_square_of_standardised_differences(record: Record):
    table = analogue_table(record, None, DAY, number=1000)
    traits, now = past_traits(record), case_traits(record, find_case(record), DAY)
    known = traits.loc[traits.index.isin(table["episode_id"])]
    usual = known.std(ddof=0)
    for row in table.to_dict("records"):
        one = known.loc[row["episode_id"]]
        gaps = [(one[t] - now[t]) / usual[t] for t in TRAITS if not np.isnan(one[t] - now[t]) and usual[t] > 0]
        assert row["distance"] == pytest.approx(np.sqrt(np.mean(np.square(gaps))))
        assert row["traits"] == len(gaps)
        assert len(row["alike"].split("; ")) == sum(gap == 0 for gap in gaps)


def test_a_twin_of_the_case_is_nearest(record: Record):
    case = find_case(record)
    now = case_traits(record, case, DAY)
    twin = analogue_table(record, None, DAY, number=1)["episode_id"].iloc[-1]
    episodes, preludes = record.episodes.copy(), record.preludes.copy()
    about = episodes["episode_id"] == twin
    own = episodes[episodes["episode_id"] == case.episode_id].iloc[0]
    for column in ("challenger_nuclear", "target_nuclear", "capability_ratio", "demand", "challenger_democracy",
                   "ground_access", "chokepoint"):  # fmt: skip
        episodes.loc[about, column] = own[column]
    episodes.loc[about, "prior_force_5y"] = int(now["prior_force_5y"])
    seen = preludes["episode_id"] == twin
    for column in ("public_threat", "deployment", "deadline", "target_allies_engaged"):
        preludes.loc[seen, column] = int(now[column])
    preludes.loc[seen, "talks_before"] = "direct" if now["talks_before"] else "none"
    changed = record.with_tables({**record.tables, "episodes": episodes, "preludes": preludes})
    first = analogue_table(changed, None, DAY).iloc[0]
    assert (first["episode_id"], first["distance"], first["differs"]) == (twin, 0.0, "")


def test_the_case_is_read_off_its_rows(record: Record):
    now = case_traits(record, find_case(record), DAY)
    assert list(now.index) == list(TRAITS)
    assert now["capability"] == 2.0
    assert now["prior_force_5y"] == 1.0  # June 2025
    moves = record.moves
    quiet = record.with_tables({**record.tables, "moves": moves[moves["date"] < pd.Timestamp("2025-10-01")]})
    before = case_traits(quiet, find_case(quiet), DAY)
    assert before[["talks_before", "public_threat", "deployment", "deadline"]].tolist() == [0.0] * 4
    assert before[["challenger_nuclear", "prior_force_5y"]].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("day", [date(1990, 8, 2), date(2019, 6, 30), DAY])
def test_nothing_known_later_moves_the_list(whole: Record, day: date):
    table = analogue_table(as_of(whole, day), None, day)
    later = {}
    for name, frame in whole.tables.items():
        after = frame["known_date"] > pd.Timestamp(day)
        spoilt = frame.copy()
        for column in ("outcome", "summary", "ended_by", "capability_ratio", "demand"):
            if column in spoilt:
                spoilt.loc[after, column] = spoilt[column].iloc[0]
        later[name] = spoilt
    pd.testing.assert_frame_equal(analogue_table(as_of(whole.with_tables(later), day), None, day), table)
    known = as_of(whole, day)
    ended = known.outcomes.set_index("episode_id")["outcome"]
    assert all(ended[row["episode_id"]] == row["outcome"] for row in table.to_dict("records"))


def test_a_record_without_past_crises_has_an_empty_list(record: Record):
    bare = record.with_tables({**record.tables, "preludes": record.preludes.iloc[:0]})
    table = analogue_table(bare, None, DAY)
    assert table.empty
    assert tuple(table.columns) == COLUMNS
