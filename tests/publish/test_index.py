"""The index of an archive lists every run with links and numbers, refuses nothing, and says what is damaged and why."""

from __future__ import annotations

import datetime as dt
import re
import time
from pathlib import Path
from urllib.parse import unquote

import pytest
from made_up_forecast import AS_OF, example_meta, example_tables, ladder
from test_report import Page

from forecast.publish import read_run, render_report, write_index, write_run
from forecast.publish.history import good_runs, history_of, history_table
from forecast.publish.index import index_page
from forecast.publish.manifest import MANIFEST
from forecast.publish.tables import TABLES
from forecast.terms import LADDER

FILES = {"report.html": "x", "report.pdf": b"%PDF", "forecast.json": "{}"}


def run_of(out: Path, weeks_back: int, **changes: object) -> Path:
    day = str(AS_OF - dt.timedelta(weeks=weeks_back))
    tables = {**example_tables(), "ladder": ladder(0.1 * weeks_back)}
    tables.pop("history")
    return write_run(
        out, {**example_meta(), "as_of": day, "information_cutoff": day, **changes}, tables, extra_files=FILES
    )


@pytest.fixture
def archive(tmp_path: Path) -> dict[str, Path]:
    """Runs by what is the matter with them."""
    out = tmp_path / "archive"
    found = {"new": run_of(out, 0), "quick": run_of(out, 1, quick=True), "good": run_of(out, 2)}
    found |= {"changed": run_of(out, 3), "torn": run_of(out, 4), "garbled": run_of(out, 5), "old": run_of(out, 6)}
    found |= {"other": run_of(out, 0, case="india-pakistan", title="India <b>& Pakistan</b>"), "out": out}
    (found["changed"] / "tables" / "ladder.csv").write_text("other\n", encoding="utf-8")
    (found["torn"] / MANIFEST).unlink()
    (found["garbled"] / MANIFEST).write_text("{", encoding="utf-8")
    return found


def rows_of_case(html: str, case: str) -> list[str]:
    grid = html[html.index(f'data-name="runs-{case}"') :]
    return re.findall(r"<tr>(<th scope=\"row\".*?)</tr>", grid[: grid.index("</table>")])


def test_every_run_is_listed_newest_first_with_its_state(archive) -> None:
    html = index_page(archive["out"])
    assert Page(html).open == []
    rows = rows_of_case(html, "us-iran")
    days = [re.search(r"\d{4}-\d\d-\d\d", row)[0] for row in rows]
    assert days == [str(AS_OF - dt.timedelta(weeks=back)) for back in range(7)]
    told = [
        "passed",
        "quick: not for publication",
        "passed",
        "SHA-256",
        "no manifest.json",
        "manifest.json: damaged",
        "passed",
    ]
    for row, words in zip(rows, told, strict=True):
        assert words in row
    assert ["not used" in row for row in rows] == [False, False, False, True, True, True, False]
    assert str(archive["out"]) not in html


def test_links_lead_to_the_files_of_the_run(archive) -> None:
    html = write_index(archive["out"]).read_text(encoding="utf-8")
    targets = re.findall(r'href="([^"#][^"]*)"', html)
    assert len(targets) == 3 * 5
    for target in targets:
        assert target.startswith("./")
        assert (archive["out"] / unquote(target)).is_file()


def test_the_strike_is_that_of_the_run(archive) -> None:
    row = rows_of_case(index_page(archive["out"]), "us-iran")[0]
    strikes = example_tables()["quantities"].query("name == 'p_strike' and horizon_days == 30")
    assert f'data-value="{float(strikes["probability"].iloc[0])!r}"' in row
    assert "18–68\u00a0% in 30\u00a0days" in row


def test_the_ladder_over_time_leaves_out_what_is_no_forecast(archive) -> None:
    html = index_page(archive["out"])
    section = html[html.index('id="case-us-iran"') :]
    assert section.count('role="img"') == 1
    assert "as of 2 January 2026 to 13 February 2026" in section.replace("\u00a0", " ")
    runs = good_runs(archive["out"], "us-iran")
    assert [run.path for run in runs] == [archive["old"], archive["good"], archive["new"]]
    assert 'id="case-india-pakistan"' in html
    assert "India &lt;b&gt;&amp; Pakistan&lt;/b&gt;" in html


def test_an_empty_archive_has_an_index(tmp_path: Path) -> None:
    assert "No run yet" in write_index(tmp_path).read_text(encoding="utf-8")


def test_large_files_are_checked_by_size(archive, monkeypatch) -> None:
    monkeypatch.setattr("forecast.publish.index.HASHED_UP_TO", 2)
    (archive["new"] / "report.pdf").write_bytes(b"%PDX")
    assert "not used" not in rows_of_case(index_page(archive["out"]), "us-iran")[0]
    (archive["new"] / "report.pdf").write_bytes(b"%P")
    assert "not used" in rows_of_case(index_page(archive["out"]), "us-iran")[0]


def test_fifty_runs_are_listed_in_seconds(tmp_path: Path) -> None:
    small = {name: example_tables()[name] for name in ("ladder", "quantities", "basis", "gate")}
    for back in range(50):
        day = str(AS_OF - dt.timedelta(days=back))
        write_run(tmp_path, {**example_meta(), "as_of": day, "information_cutoff": day}, small)
    start = time.process_time()
    assert len(rows_of_case(index_page(tmp_path), "us-iran")) == 50
    assert time.process_time() - start < 10


def test_a_history_holds_the_earlier_forecasts_and_this_one(archive) -> None:
    meta, tables = example_meta(), example_tables()
    later = {**meta, "created": "2026-12-01T00:00:00+00:00"}
    history = history_of(archive["out"], later, tables)
    assert list(history.columns) == list(TABLES["history"].names)
    days = sorted(set(map(str, history["as_of"])))
    assert days == [str(AS_OF - dt.timedelta(weeks=back)) for back in (6, 2, 0)]
    last = history[history["as_of"] == AS_OF]
    assert set(last["created"]) == {later["created"]}  # the later of two forecasts for a day
    assert set(last["name"]) == {*LADDER, "p_strike"}
    old = history[(history["name"] == "O1") & (history["horizon_days"] == 30)]["probability"].iloc[0]
    assert (
        old
        == read_run(archive["old"]).tables["ladder"].query("rung == 'O1' and horizon_days == 30")["probability"].iloc[0]
    )
    assert history_table([]).empty


def test_a_run_with_its_history_reads_back_and_renders(tmp_path: Path, meta, tables) -> None:
    run = read_run(write_run(tmp_path, meta, tables))
    assert len(run.tables["history"]) == len(tables["history"])
    assert Page(render_report(run.meta, run.tables)).open == []
