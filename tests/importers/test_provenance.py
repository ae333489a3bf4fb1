"""Every import passes the check and says what it was made from, on which terms, and what became of the rows."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pandas as pd
import pytest
from test_refusals import good

import forecast
from forecast.cli import main
from forecast.record import as_of, check_record, read_record
from forecast.record.importers import IMPORTERS, Import, import_record
from forecast.record.importers.states import STATE_NAMES, STATES


@pytest.fixture(scope="module", params=IMPORTERS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Import]:
    """The name of a data set, a small file of it, and what was made from it."""
    folder = tmp_path_factory.mktemp(request.param)
    path = good(request.param, folder / "in")
    return request.param, path, forecast.import_record(request.param, path, folder / "out")


def test_provenance_is_written(made: tuple[str, Path, Import]):
    name, path, done = made
    assert check_record(done.folder) == ()
    told = json.loads((done.folder / "import-report.json").read_text(encoding="utf-8"))
    assert told["files"][0]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert told["files"][0]["file"] == path.name
    assert all(told["data_set"][key] for key in ("version", "citation", "terms", "url"))
    assert told["tables"] == done.sizes
    page = (done.folder / "import-report.md").read_text(encoding="utf-8")
    assert all(words in page for words in ("Mapped", "Masked", "Dropped", "Assumed", told["data_set"]["citation"]))
    source = read_record(done.folder).sources.iloc[0]
    assert (source["kind"], source["source_id"]) == ("dataset", name)
    assert told["data_set"]["terms"] in source["note"]


def test_nothing_is_known_before_it_happened(made: tuple[str, Path, Import]):
    record = read_record(made[2].folder)
    assert (record.moves["known_date"] >= record.moves["date"]).all()
    first = record.episodes["known_date"].min()
    assert as_of(record, str((first - pd.Timedelta(days=1)).date())).moves.empty


def test_the_same_file_gives_the_same_record(made: tuple[str, Path, Import], tmp_path: Path):
    name, path, done = made
    again = import_record(name, path, tmp_path / "again").folder
    for file in sorted(done.folder.iterdir()):
        assert file.read_bytes() == (again / file.name).read_bytes(), file.name


def test_the_command_imports_and_refuses(tmp_path: Path, monkeypatch, capsys):
    path = good("mie", tmp_path / "in")

    def call(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["forecast", *words])
        try:
            main()
        except SystemExit as stop:
            return int(stop.code or 0), "".join(capsys.readouterr())
        return 0, "".join(capsys.readouterr())

    monkeypatch.setenv("COLUMNS", "200")
    code, told = call("import", "mie", str(path), "--out", str(tmp_path / "out"))
    assert code == 0
    assert "import-report.md" in told
    assert call("check", str(tmp_path / "out"))[0] == 0
    assert call("import", "mie", str(path), "--out", str(tmp_path / "out"))[0] == 2
    assert call("import", "nothing", str(path), "--out", str(tmp_path / "new"))[0] == 2
    path.write_text("a\n1\n", encoding="utf-8")
    assert call("import", "mie", str(path), "--out", str(tmp_path / "new"))[0] == 1
    code, told = call("import", "--help")
    assert code == 0
    assert "Example" in told


def test_states_have_one_name_each():
    assert len(STATE_NAMES) == len({state.name for state in STATES.values()})
    assert all(len(code) == 3 and code.isupper() for code in STATE_NAMES)
