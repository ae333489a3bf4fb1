"""A wrong, old, cut, packed or mis-encoded file is refused with its place and the way out, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up import (
    ICB_ACTOR,
    ICB_CRISIS,
    MIE_EVENT,
    gdelt_file,
    ged_file,
    icb_files,
    icbe_files,
    mie_file,
    polecat_file,
    write_rows,
)

from forecast.errors import ForecastError, RecordError, UsageError
from forecast.record.importers import IMPORTERS, import_record, mie

EVENT = {"event_type": "action", "do_actor_a": "Iran", "do_actor_b": "Iraq", "interact_escalate": "attack"}


def good(name: str, folder: Path) -> Path:
    """Write a good file of the data set and return it."""
    writers = {
        "mie": lambda: mie_file(folder, {}, {"eventnum": 2}),
        "icbe": lambda: icbe_files(folder, EVENT) / "icbe_v1.1_events_agreed.csv",
        "icb": lambda: icb_files(folder, [ICB_CRISIS], [ICB_ACTOR]) / "icb1v15.csv",
        "gdelt": lambda: gdelt_file(folder, {}, {"Day": 20200104}),
        "polecat": lambda: polecat_file(folder, {}, {"Event Date": "2020-01-04"}),
        "ucdp": lambda: ged_file(folder, {}, {"best": 4}),
    }
    return writers[name]()


def refused(name: str, path: Path, tmp_path: Path, telling: str) -> None:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ForecastError, match=telling) as caught:
        import_record(name, path, tmp_path / "out")
    assert " – " in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", IMPORTERS)
def test_another_file_is_refused(name: str, tmp_path: Path):
    path = good(name, tmp_path / "in")
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    refused(name, path, tmp_path, "lacks the column|cells where")


@pytest.mark.parametrize("name", IMPORTERS)
def test_an_empty_file_is_refused(name: str, tmp_path: Path):
    path = good(name, tmp_path / "in")
    path.write_bytes(b"")
    refused(name, path, tmp_path, "empty|no row")


@pytest.mark.parametrize("name", IMPORTERS)
def test_a_file_cut_off_in_a_row_is_refused(name: str, tmp_path: Path):
    path = good(name, tmp_path / "in")
    raw = path.read_bytes().rstrip(b"\n")
    path.write_bytes(raw[: raw.rindex(b"\n") + 20])
    refused(name, path, tmp_path, r"line \d+: \d+ cells where")


@pytest.mark.parametrize("name", IMPORTERS)
def test_a_file_that_is_not_utf8_is_refused(name: str, tmp_path: Path):
    path = good(name, tmp_path / "in")
    raw = path.read_bytes()
    path.write_bytes(raw[:-3] + b"\xe9" + raw[-3:])
    refused(name, path, tmp_path, r"line \d+: byte \d+ \(0xe9\) is not UTF-8")


@pytest.mark.parametrize("name", IMPORTERS)
def test_a_packed_file_is_refused(name: str, tmp_path: Path):
    path = good(name, tmp_path / "in")
    path.write_bytes(b"PK\x03\x04" + bytes(30))
    refused(name, path, tmp_path, "unpack")


@pytest.mark.parametrize("name", IMPORTERS)
def test_a_missing_file_is_refused(name: str, tmp_path: Path):
    refused(name, tmp_path / "nowhere.csv", tmp_path, "no such file")
    (tmp_path / "bare").mkdir()
    refused(name, tmp_path / "bare", tmp_path, "name ")


def test_another_version_is_refused(tmp_path: Path):
    refused("mie", mie_file(tmp_path / "m", {"version": "mie-2.0"}), tmp_path, "version mie-2.0")
    old = good("icbe", tmp_path / "i")
    refused("icbe", old.rename(old.with_name("icbe_v1.0_events_agreed.csv")), tmp_path, "version 1.0")
    newer = good("icb", tmp_path / "c")
    newer = newer.rename(newer.with_name("icb1v16.csv"))
    refused("icb", newer, tmp_path, "version 16")
    refused("gdelt", gdelt_file(tmp_path / "g", {"DATEADDED": "20200106"}), tmp_path, "GDELT 1.0 have other columns")


@pytest.mark.parametrize(
    ("change", "telling"),
    [({"action": 30}, "line 3, column action: '30' is no code"), ({"hostlev": 9}, "column hostlev"),
     ({"stmon": 13}, "line 3, column stday: '10' is no day"),
     ({"stday": "x"}, "line 3, column stday: 'x' is no whole"), ({"eventnum": 1}, "line 3, column eventnum"),
     ({"ccode1": 999}, "line 3, column ccode1: '999' is in no list")],
)  # fmt: skip
def test_a_changed_cell_is_named_with_its_line(tmp_path: Path, change: dict, telling: str):
    refused("mie", mie_file(tmp_path / "in", {}, {"eventnum": 2} | change), tmp_path, telling)


def test_two_files_of_unlike_versions_are_refused(tmp_path: Path):
    folder = icb_files(tmp_path / "in", [ICB_CRISIS], [ICB_ACTOR, ICB_ACTOR | {"crisno": 902, "cracno": 2}])
    refused("icb", folder, tmp_path, "line 3, column crisno: '902' is not in icb1v15.csv")
    (folder / "icb2v15.csv").unlink()
    refused("icb", folder, tmp_path, "found none")


def test_a_folder_in_use_is_left_alone(tmp_path: Path):
    path = good("mie", tmp_path / "in")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="in use"):
        import_record("mie", path, tmp_path / "out")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_an_unknown_data_set_names_the_nearest(tmp_path: Path):
    with pytest.raises(UsageError, match="icbe"):
        import_record("icbee", tmp_path, tmp_path / "out")


def test_a_failure_while_writing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = good("mie", tmp_path / "in")
    monkeypatch.setattr("forecast.record.importers.write.check_record", lambda folder: ("a rule is broken",))
    refused("mie", path, tmp_path, "breaks 1 rules; nothing was written")


def test_quoted_text_may_hold_separators_and_line_ends(tmp_path: Path):
    rows = [MIE_EVENT, MIE_EVENT | {"eventnum": 2}]
    path = write_rows(
        tmp_path / "in" / "mie-1.0.csv", (*mie.COLUMNS, "note"), [row | {"note": "a,\nb"} for row in rows]
    )
    assert import_record("mie", path, tmp_path / "out").sizes["moves"] == 2


def test_a_last_cell_that_breaks_off_is_seen(tmp_path: Path):
    path = good("mie", tmp_path / "in")
    text = path.read_text(encoding="utf-8").rstrip("\n").removesuffix("mie-1.0")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match="breaks off"):
        import_record("mie", path, tmp_path / "out")
