"""Machine-coded feeds keep the day on which an act became known, and count an act once, however many tell it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from made_up import gdelt_file, imported, polecat_file, rows_of

from forecast.errors import RecordError
from forecast.record.importers import cameo, polecat
from forecast.record.importers.cameo import cameo_acts
from forecast.record.importers.shape import CHANNEL_OF
from forecast.record.vocabulary import PLOVER, RUNGS_BY_TYPE


def test_gdelt_tells_who_did_what_to_whom(tmp_path: Path):
    record, _ = imported("gdelt", gdelt_file(tmp_path, {}, {"EventCode": "0871", "QuadClass": 2}), tmp_path)
    moves = record.moves.set_index("type")
    assert (moves.loc["limited_strike", "actor"], moves.loc["limited_strike", "target"]) == ("USA", "IRN")
    assert "ceasefire" in moves.index
    assert list(record.episodes["episode_id"]) == ["irn-usa"]
    assert record.config.cases[0].id == "irn-usa"
    assert record.config.reference == "shipped"


def test_gdelt_is_known_when_it_was_added(tmp_path: Path):
    record, _ = imported("gdelt", gdelt_file(tmp_path, {"Day": 20200103}), tmp_path)
    move = record.moves.iloc[0]
    assert (move["date"].day, move["known_date"].day) == (3, 6)
    assert set(record.coverage["start"]) == {pd.Timestamp(2020, 1, 6)}


def test_many_reports_of_one_act_are_one_move_known_from_the_first(tmp_path: Path):
    again = {"DATEADDED": 20200107000000}
    record, done = imported("gdelt", gdelt_file(tmp_path, again, {}, {"EventCode": "193"}), tmp_path)
    assert len(record.moves) == 1
    assert record.moves["known_date"].iloc[0].day == 6
    assert rows_of(done, "dropped", "further reports") == 2


def test_gdelt_drops_and_counts(tmp_path: Path):
    dropped = [
        ({"Day": 20190105}, "more than 31 days", 2), ({"Day": 20200110}, "more than 31 days", 2),
        ({"Actor2CountryCode": "USA"}, "not between two states", 3),
        ({"Actor1CountryCode": "EUR"}, "not between two states", 3),
        ({"Actor1CountryCode": ""}, "not between two states", 3),
        ({"Actor1Type1Code": "REB"}, "of others than governments", 1),
        ({"IsRootEvent": 0}, "outside the lead paragraph", 1),
        ({"EventCode": "010", "QuadClass": 1}, "without counterpart", 2),
        ({"EventCode": "141", "QuadClass": 3}, "without counterpart", 2),
    ]  # fmt: skip
    rows = [change for change, _, _ in dropped]
    record, done = imported("gdelt", gdelt_file(tmp_path, *rows, {"EventCode": "130", "QuadClass": 3}), tmp_path)
    assert list(record.moves["type"]) == ["threat"]
    for change, why, count in dropped:
        assert rows_of(done, "dropped", why) == count, change


def test_a_folder_of_exports_is_read_once(tmp_path: Path):
    folder = gdelt_file(tmp_path / "in", {}).parent
    (folder / "20200106121500.export.CSV").write_bytes((folder / "20200106120000.export.CSV").read_bytes())
    record, done = imported("gdelt", folder, tmp_path)
    assert len(record.moves) == 1
    assert rows_of(done, "dropped", "in two files") == 1


def test_the_longest_listed_prefix_of_a_cameo_code_decides():
    codes = pd.Series(["0871", "087", "0874", "08", "1384", "138", "139", "010", "14", "1411", "20", "2042", "042"])
    assert cameo_acts(codes).tolist() == [
        "0871", "087", "087", "08", "1384", "13", "139", "", "", "", "20", "20", "042",
    ]  # fmt: skip


@pytest.mark.parametrize("table", [cameo.ACTS, polecat.ACTS])
def test_every_meaning_is_a_move_with_a_rung_that_fits(table: dict):
    for act in table.values():
        assert act.type in PLOVER
        assert act.level in (1, 2, 3)
        assert (act.rung > 0) == (CHANNEL_OF[act.type] == "force")
        assert act.rung in RUNGS_BY_TYPE.get(act.type, (0,))


def test_polecat_tells_category_and_mode(tmp_path: Path):
    rows = [
        {}, {"Event Type": "ASSAULT", "Event Mode": "beat"}, {"Event Type": "CONSULT", "Event Mode": "visit"},
        {"Event Type": "RETREAT", "Event Mode": "ceasefire"}, {"Event Type": "THREATEN", "Event Mode": "None"},
        {"Event Type": "MOBILIZE", "Event Mode": "weapons"}, {"Event Type": "SANCTION", "Event Mode": "new mode"},
    ]  # fmt: skip
    record, _ = imported("polecat", polecat_file(tmp_path, *rows), tmp_path)
    assert set(record.moves["type"]) == {
        "limited_strike", "harassment", "talks", "ceasefire", "threat", "alert", "sanctions",
    }  # fmt: skip
    assert set(record.moves["known_date"]) == {pd.Timestamp(2020, 1, 6)}


def test_polecat_drops_and_counts(tmp_path: Path):
    dropped = [
        ({"Event Type": "AID"}, "without counterpart", 2),
        ({"Event Type": "RETREAT", "Event Mode": "resign"}, "without counterpart", 2),
        ({"Event Date": ""}, "without a usable date", 1),
        ({"Recipient Country": "USA; IRN"}, "not between two states", 2),
        ({"Recipient Country": "None"}, "not between two states", 2),
        ({"Primary Actor Sector": "REB"}, "of others", 1),
    ]
    record, done = imported("polecat", polecat_file(tmp_path, {}, *(change for change, _, _ in dropped)), tmp_path)
    assert len(record.moves) == 1
    for change, why, count in dropped:
        assert rows_of(done, "dropped", why) == count, change


def test_shifted_columns_are_refused(tmp_path: Path):
    with pytest.raises(RecordError, match=r"line 3, column Event Type.*shifted"):
        imported("polecat", polecat_file(tmp_path, {}, {"Event Type": "2020-01-05"}), tmp_path)
