"""The report is one offline, accessible page whose numbers are those of the JSON document and the archive."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from made_up_forecast import example_meta, example_tables
from test_report_hostile import FIGURES

from forecast.publish import Run, compose_report, json_document, read_run, render_report, write_run
from forecast.publish.changes import compared
from forecast.publish.sections import track_record_section
from forecast.publish.wording import percent
from forecast.terms import LADDER

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Tags of a page with their attributes and text; fails on tags that are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in {"style", "script"}:
            self.words.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def earlier_run(folder) -> Run:
    meta, tables = example_meta(), example_tables()
    earlier = {
        **meta,
        "as_of": "2026-01-31",
        "information_cutoff": "2026-01-30",
        "created": "2026-11-22T08:00:00+00:00",
    }
    ladder = tables["ladder"].copy()
    rows = ladder["horizon_days"] == 30
    ladder.loc[rows, "probability"] = [0.05, 0.64, 0.13, 0.05, 0.09, 0.03, 0.01]
    older = {**tables, "ladder": ladder, "signals": tables["signals"].iloc[:-20]}
    return read_run(write_run(folder, earlier, older))


@pytest.fixture(scope="module")
def html(tmp_path_factory) -> str:
    return render_report(example_meta(), example_tables(), earlier_run(tmp_path_factory.mktemp("archive")))


def test_the_page_is_whole_small_and_quick(meta, tables) -> None:
    start = time.process_time()
    html = render_report(meta, tables)
    assert time.process_time() - start < 5
    assert len(html.encode()) < 1_000_000
    page = Page(html)
    assert page.open == []
    text = " ".join(page.words)
    for words in ("13 February 2026", "12 February 2026", "retrospective", "23 November 2026", "1 day before"):
        assert words in text.replace("\u00a0", " ")


def test_nothing_is_loaded_from_elsewhere(html) -> None:
    page = Page(html)
    for tag, attributes in page.tags:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form", "image", "use"} or (
            (attributes.get("href") or "").startswith("#")
        )
        assert not {"src", "srcset", "data", "action", "poster", "background"} & set(attributes)
        for key in ("href", "xlink:href"):
            if tag != "a" and key in attributes:
                assert attributes[key].startswith("#")
    for anchor in page.named("a"):
        assert re.match(r"#|https?://", anchor["href"])
    assert not re.search(r"@import|url\((?!#)", html)
    policy = next(tag for tag in page.named("meta") if tag.get("http-equiv") == "Content-Security-Policy")["content"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe-inline" not in policy.split("script-src")[1]


def test_every_figure_says_what_it_shows(html) -> None:
    page = Page(html)
    figures = re.findall(r"<figure.*?</figure>", html, re.DOTALL)
    assert len(figures) == len(FIGURES) + 1  # and the change since the last forecast
    for figure in figures:
        identifier = re.search(r'aria-labelledby="(\S+) (\S+)"', figure)
        assert 'role="img"' in figure
        title, alt = (re.search(rf'id="{name}">([^<]+)<', figure)[1] for name in identifier.groups())
        assert len(title) > 5
        assert len(alt) > 60
        assert re.search(r"\d", alt)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.tags:
        for target in (attributes.get("aria-labelledby") or "").split():
            assert target in ids
        if (attributes.get("href") or "").startswith("#"):
            assert attributes["href"][1:] in ids
    assert "lang" in page.named("html")[0]
    assert len(page.named("h1")) == 1


def test_numbers_agree_in_page_json_and_csv(tmp_path, meta, tables, html) -> None:
    grid = html[html.index('data-name="ladder"') :]
    grid = grid[: grid.index("</table>")]
    cells = re.findall(r'data-value="([^"]+)"><bdi>([^<]+)</bdi>', grid)
    document = json_document(meta, tables)
    stored = pd.read_csv(write_run(tmp_path, meta, tables) / "forecast.csv", dtype=str, keep_default_na=False)
    stored = stored[stored["target"] == "ladder"]
    keys = zip(stored["output_type_id"], stored["horizon"].astype(int), strict=True)
    ladder = dict(zip(keys, stored["value"].astype(float), strict=True))
    spread = {(row["rung"], row["horizon_days"]): row["mcse"] for row in tables["ladder"].to_dict("records")}
    in_json = {
        (rung["code"], window["days"]): rung["probability"]
        for window in document["horizons"]
        for rung in window["ladder"]
    }
    keys = [(rung, horizon) for rung in LADDER for horizon in (7, 30, 90, 180)]
    assert len(cells) == len(keys)
    for key, (value, shown) in zip(keys, cells, strict=True):
        assert float(value) == in_json[key] == ladder[key]
        assert shown == percent(ladder[key], spread[key]).replace("<", "&lt;").replace(">", "&gt;")
    text = html.replace("\u00a0", " ")
    row = tables["questions"].iloc[0]
    assert repr(float(row["probability"])) in text


def test_change_is_shown_against_the_last_forecast(meta, tables, html) -> None:
    html = html.replace("\u00a0", " ")
    assert "The last forecast was made as of 31 January 2026" in html
    assert "64 % → 55 %" in html or "64 % → 54 %" in html
    assert re.search(r"Rows that are new since the last forecast: 20 \(\w+ \d+, ", html)
    assert "resolve of US/Israel" in html


ORDER = (
    "ladder", "change", "history", "track-record", "resolve", "sequence", "waiting", "scenarios", "questions",
    "analogues", "views", "claims", "basis", "prior-sets", "tail", "gate", "parameters", "sources", "provenance",
)  # fmt: skip


def test_sections_stand_in_their_order_and_only_where_the_run_has_their_tables(meta, tables) -> None:
    assert [section.name for section in compose_report(meta, tables).sections] == list(ORDER)
    lacking = {
        "history": "history", "waiting": ("waiting", "hazard"), "treatments": "scenarios", "analogues": "analogues",
        "baselines": "views", "claims": "claims", "questions": "questions",
    }  # fmt: skip
    for table, section in lacking.items():
        gone = section if isinstance(section, tuple) else (table,)
        few = {name: frame for name, frame in tables.items() if name not in gone}
        left = [one.name for one in compose_report(meta, few).sections]
        assert left == [name for name in ORDER if name != (table if isinstance(section, tuple) else section)]


def test_scores_of_windows_that_are_open_are_not_shown(meta, tables) -> None:
    later = tables["scores"].assign(horizon_days=180, forecasts=0, mean=np.nan, low=np.nan, high=np.nan)
    both = track_record_section({"scores": pd.concat([tables["scores"], later], ignore_index=True)})
    assert both == track_record_section({"scores": tables["scores"]})
    assert "has closed" in track_record_section({"scores": later}).words[0]


def test_scores_are_shown_or_their_absence_is_told(meta, tables) -> None:
    page = render_report(meta, tables).replace("\u00a0", " ")
    assert "67 forecasts" in page
    assert "−0.050" in page
    without = render_report(meta, {name: frame for name, frame in tables.items() if name != "scores"})
    assert "Nothing in this report shows that its probabilities are calibrated" in without.replace("\n", " ")


def test_an_archived_run_knows_what_it_was_compared_with(tmp_path, meta, tables) -> None:
    earlier = earlier_run(tmp_path / "first")
    told, more = compared(meta, tables, earlier)
    run = read_run(write_run(tmp_path / "second", told, more))
    assert run.meta["previous_run"] == earlier.path.name
    assert len(run.tables["news"]) == 20
    assert set(run.tables["change"]["name"]) == {*LADDER, "p_strike"}
    identified = {**meta, "run_id": run.path.name}
    assert render_report(run.meta, run.tables).replace(run.path.name, "") == render_report(
        identified, tables, earlier
    ).replace(run.path.name, "")


def test_runs_that_must_not_be_published_say_so(meta, tables, html) -> None:
    assert "Not for publication" not in html
    gate = tables["gate"].copy()
    gate.loc[0, "passed"] = False
    few = {name: tables[name] for name in ("ladder", "quantities", "basis")} | {"gate": gate}
    changed = {"quick": True, "gate_passed": False, "dirty": True, "information_cutoff": "2026-01-10"}
    text = render_report({**meta, **changed}, few)
    assert text.index("Not for publication") < text.index("<h1>")
    for words in ("failed its checks", "made again exactly", "1 of 7 checks failed", "draw longer",
                  "old: nothing newer was on record", "There is no earlier archived forecast"):  # fmt: skip
        assert words in text
    assert 'id="ladder"' in text
    assert 'id="hazard"' not in text
    assert Page(text).open == []


def test_conditions_that_never_held_leave_gaps(tmp_path, meta, tables) -> None:
    columns = ["probability", "low", "high", "mcse"]
    for name, rows in (("hazard", slice(20, None)), ("replies", slice(0, 15)), ("quantities", slice(24, None))):
        tables[name] = tables[name].copy()
        tables[name].loc[tables[name].index[rows], columns] = np.nan
    run = read_run(write_run(tmp_path, meta, tables))
    html = render_report(run.meta, run.tables)
    assert not re.search(r"\bnan\b", re.sub(r"<[^>]+>", " ", html), re.IGNORECASE)
    assert Page(html).open == []
    assert "runaway" not in (run.path / "forecast.csv").read_text(encoding="utf-8")
    for name in ("hazard", "replies", "quantities"):
        tables[name].loc[:, columns] = np.nan
    assert Page(render_report(meta, tables)).open == []


def test_empty_tables_do_no_harm(meta, tables) -> None:
    emptied = {name: table if name == "ladder" else table.iloc[:0] for name, table in tables.items()}
    assert Page(render_report(meta, emptied)).open == []


def test_readers_copy_of_the_archive_renders_alike(tmp_path, meta, tables) -> None:
    run = read_run(write_run(tmp_path, meta, tables))
    meta["run_id"] = run.path.name
    assert render_report(run.meta, run.tables) == render_report(meta, tables)
