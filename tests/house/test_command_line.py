"""Every verb of the command line answers: help and work with exit code 0, a wrong request with its own code."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path

import pytest

from forecast import cli
from forecast.cli import main
from forecast.publish import read_run, write_run
from forecast.publish.manifest import Manifest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "publish"))
from made_up_forecast import example_meta, example_tables

VERBS = (
    "run",
    "update",
    "check",
    "questions",
    "init",
    "add",
    "import",
    "report",
    "export",
    "score",
    "schedule",
    "watch",
    "doctor",
    "thin",
    "prior",
    "benchmark",
    "backtest",
    "treatments",
    "sensitivity",
    "scenario",
    "compare",
)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Run the command in an empty folder; gives exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["forecast", *words])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capsys.readouterr()

    return call


def test_help_lists_the_verbs_and_the_exit_codes(command):
    code, out, _ = command("--help")
    assert code == 0
    assert all(verb in out for verb in (*VERBS, "Exit codes"))


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(command, verb: str):
    code, out, _ = command(verb, "--help")
    assert code == 0
    assert "Example" in out


def test_long_verbs_can_be_told_to_be_quiet_but_not_their_errors(command):
    assert "--quiet" in command("run", "--help")[1]
    code, _, error = command("scenario", "--quiet", "--run", "nowhere")
    assert (code, "nowhere: no such file" in error) == (4, True)
    code, out, error = command("questions", "--quiet")
    assert (code, error) == (0, "")
    assert "\x1b[" not in out


def test_checks_and_questions_speak_json(command, tmp_path: Path):
    code, out, _ = command("questions", "--json", "--as-of", "2026-02-13")
    told = json.loads(out)
    assert (code, told[0]["opens"]) == (0, "2026-02-14")
    command("init", "mine")
    table = tmp_path / "mine" / "sides.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("lead", "led", 1), encoding="utf-8")
    code, out, _ = command("check", "mine", "--json")
    found = json.loads(out)
    assert code == 1
    assert ("sides.csv", "role", "led") in {(one["file"], one["column"], one["value"]) for one in found}


def test_a_new_record_begins_on_the_day_asked_for(command, tmp_path: Path):
    assert command("init", "mine", "--start", "2020-01-01")[0] == 0
    assert "panel_start: 2020-01-01" in (tmp_path / "mine" / "record.yaml").read_text(encoding="utf-8")
    code, _, error = command("init", "other", "--start", "1.1.2020")
    assert (code, "--start '1.1.2020' is not a day" in error) == (2, True)


def test_completion_is_offered_for_the_shell(command, monkeypatch: pytest.MonkeyPatch):
    assert "--install-completion" in command("--help")[1]
    monkeypatch.setenv("_FORECAST_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "forecast sc")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert "scenario" in command()[1].split()


def test_the_shipped_record_is_checked(command):
    code, out, _ = command("check")
    assert code == 0
    assert "keeps every rule" in out


def test_a_new_record_passes_and_a_broken_one_does_not(command, tmp_path: Path):
    assert command("init", "mine", "--side-a", "GRC", "--side-b", "TUR")[0] == 0
    assert command("check", "mine")[0] == 0
    table = tmp_path / "mine" / "episodes.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("parity", "equal"), encoding="utf-8")
    code, out, error = command("check", "mine")
    assert code == 1
    assert "episodes.csv line 2, column capability_ratio" in out
    assert "1 problem found" in error


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "--as-of", "13-02-2026"), "YYYY-MM-DD"),
        (("run", "--as-of", "2999-01-01"), "future"),
        (("run", "--as-of", "1999-01-01"), "panel_start"),
        (("run", "--case", "nowhere"), "us-iran"),
        (("run", "--nothing",), "No such option"),
        (("nothing",), "No such command"),
        (("init", "."), ""),
    ],
)  # fmt: skip
def test_a_wrong_request_is_refused_before_any_work(command, tmp_path: Path, words: tuple[str, ...], told: str):
    if words == ("init", "."):
        (tmp_path / "something").touch()
        told = "not empty"
    code, _, error = command(*words)
    assert code == 2
    assert told in error
    assert not (tmp_path / "forecasts").exists()


def test_questions_are_listed_resolved_and_refused(command, tmp_path: Path):
    asked = tmp_path / "mine.yaml"
    entry = "questions:\n  - {id: mine, wording: x, rule: {event: strike, by: ISR}, window: 30}\n"
    asked.write_text(entry, encoding="utf-8")
    code, out, error = command("questions", "mine.yaml", "--as-of", "2026-02-13")
    assert (code, "37 questions, as of 2026-02-13: 1 not expressible, 36 expressible" in error) == (0, True)
    assert "mine 2026-02-14 to 2026-03-15 An overt strike by ISR – not expressible: the model moves two sides" in out
    code, out, error = command("questions", "mine.yaml", "--as-of", "2026-02-13", "--answers")
    assert (code, "An overt strike by ISR – yes" in out) == (0, True)
    asked.write_text(entry.replace("strike,", "strkie,"), encoding="utf-8")
    code, _, error = command("questions", "mine.yaml")
    assert (code, "did you mean strike?" in error) == (1, True)
    code, _, error = command("run", "--questions", "mine.yaml")
    assert (code, "did you mean strike?" in error) == (1, True)
    assert command("questions", "none.yaml")[0] == 2


def test_questions_of_an_archived_run_are_resolved(command, tmp_path: Path):
    folder = write_run(tmp_path / "archive", example_meta(), example_tables())
    code, out, error = command("questions", str(folder), "--answers")
    assert code == 0
    assert "strike-a-30 2026-02-14 to 2026-03-15" in out
    assert "4 questions, as of 2026-02-13: 2 yes, 2 no" in error


def test_a_report_is_rendered_anew_and_the_archive_stays(command, tmp_path: Path):
    meta = example_meta()
    folder = write_run(tmp_path / "archive", meta, example_tables())
    code, out, _ = command("report", str(folder), "--out", "page.html")
    assert code == 0
    assert "page.html" in out
    assert (tmp_path / "page.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    code, out, _ = command("report", str(folder), "--pdf", "page.pdf")
    assert (code, "page.html" in out) == (0, False)
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    assert read_run(folder).meta["case"] == meta["case"]


def test_the_report_of_another_version_is_rendered_without_its_other_tables(command, tmp_path: Path):
    folder = write_run(tmp_path / "archive", example_meta(), example_tables())
    _renamed(folder, "questions", "in_words", "told")
    code, _, error = command("report", str(folder), "--out", "page.html")
    assert (code, error) == (0, "")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Made by another version, whose tables differ: left out here are questions." in page
    assert 'id="questions"' not in page
    assert 'id="ladder"' in page
    _renamed(folder, "ladder", "rung", "outcome")
    code, _, error = command("report", str(folder), "--out", "page.html")
    assert (code, "render it with that one" in error) == (4, True)


def _renamed(folder: Path, table: str, old: str, new: str) -> None:
    """Stands for a run of another version: a column has another name, and the manifest says so."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    file = folder / "tables" / f"{table}.csv"
    head, _, rest = file.read_text(encoding="utf-8").partition("\n")
    raw = f"{head.replace(old, new)}\n{rest}".encode()
    file.write_bytes(raw)
    columns = manifest["tables"][table]["columns"]
    manifest["tables"][table]["columns"] = {new if name == old else name: kind for name, kind in columns.items()}
    manifest["files"][f"tables/{table}.csv"] = {"sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw)}
    sealed = Manifest.model_validate(manifest).sealed()
    (folder / "manifest.json").write_text(sealed.model_dump_json(), encoding="utf-8")


def test_an_index_is_written_over_an_archive(command, tmp_path: Path):
    write_run(tmp_path / "archive", example_meta(), example_tables())
    code, out, _ = command("report", "--index", "archive")
    assert (code, "index.html" in out) == (0, True)
    assert "us-iran" in (tmp_path / "archive" / "index.html").read_text(encoding="utf-8")
    assert not (tmp_path / "report.html").exists()
    assert command("report")[0] == 2
    assert command("report", "--index", "nowhere")[0] == 4


def test_a_damaged_archive_has_its_own_code(command, tmp_path: Path):
    folder = write_run(tmp_path / "archive", example_meta(), example_tables())
    (folder / "tables" / "ladder.csv").write_text("changed\n", encoding="utf-8")
    code, _, error = command("report", str(folder))
    assert code == 4
    assert "ladder.csv" in error
    shutil.rmtree(folder)
    assert command("report", str(folder))[0] == 4


def test_a_command_that_is_stopped_says_what_stays(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def stopped() -> None:
        raise SystemExit(cli.INTERRUPTED)

    monkeypatch.setattr(cli, "app", stopped)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == cli.INTERRUPTED
    assert "stopped; nothing half-made counts as a forecast" in capsys.readouterr().err
