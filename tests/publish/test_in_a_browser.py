"""In a real browser the report fits a phone, can be read and heard, works by keyboard, sorts, downloads and prints."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from browser import Tab, browser, find_browser
from made_up_forecast import example_meta, example_tables
from test_report import earlier_run

from forecast.publish import render_report, write_index, write_run

pytestmark = pytest.mark.skipif(
    find_browser() is None,
    reason="no Chromium found (apt-get install chromium, or name one in $FORECAST_BROWSER): the page is not looked at",
)
SIZES = {"phone": (390, 844), "tablet": (820, 1180), "desk": (1280, 900)}

# Contrast of every visible text with the first opaque background behind it; WCAG 2.2, AA.
CONTRAST = """
(() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || element.closest("svg, script, style, .skip") || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const [high, low] = [light(parse(style.color)), light(behind(element))].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < (large ? 3 : 4.5)) poor.push([text.slice(0, 40), ratio.toFixed(2)]);
  }
  return poor;
})()
"""
LABELS = """
[...document.querySelectorAll("figure svg")].flatMap((svg) => {
  const box = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].map((text) => text.getBoundingClientRect())
    .filter((text) => text.width && (text.right > box.right + 1 || text.left < box.left - 1))
    .map(() => svg.querySelector("title").textContent);
})
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    html = render_report(example_meta(), example_tables(), earlier_run(folder / "archive"))
    (folder / "report.html").write_text(html, encoding="utf-8")
    return folder / "report.html"


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_wider_than_the_window(tab: Tab, page: Path, size: str) -> None:
    width, height = SIZES[size]
    tab.open(page, width=width, height=height)
    assert tab.evaluate("innerWidth") == width
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    wide = (
        "[...document.querySelectorAll('main > section > *')].filter(e => e.getBoundingClientRect().right > innerWidth)"
    )
    assert tab.evaluate(f"{wide}.length") == 0
    assert tab.evaluate(
        "[...document.querySelectorAll('figure svg')].every(e => e.getBoundingClientRect().width > 250)"
    )
    assert tab.evaluate(LABELS) == []


def test_the_index_fits_a_phone(tab: Tab, tmp_path: Path) -> None:
    write_run(tmp_path, example_meta(), example_tables(), extra_files={"report.html": "x"})
    broken = write_run(tmp_path, {**example_meta(), "as_of": "2026-02-06"}, example_tables())
    (broken / "forecast.csv").write_text("x", encoding="utf-8")
    tab.open(write_index(tmp_path), width=390, height=844)
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    assert tab.evaluate(CONTRAST) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(tab: Tab, page: Path, scheme: str) -> None:
    tab.open(page, scheme=scheme)
    dark = tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 23, 27)"
    assert dark == (scheme == "dark")
    assert tab.evaluate(CONTRAST) == []


def test_no_script_fails_and_nothing_is_fetched(tab: Tab, page: Path) -> None:
    tab.open(page)
    tab.evaluate("new Promise(done => setTimeout(done, 200))")
    assert tab.told("Runtime.exceptionThrown") == []
    assert [entry["entry"]["text"] for entry in tab.told("Log.entryAdded") if entry["entry"]["level"] == "error"] == []
    fetched = [request["request"]["url"] for request in tab.told("Network.requestWillBeSent")]
    assert fetched == [page.resolve().as_uri()]


def test_a_screen_reader_finds_names_headings_and_tables(tab: Tab, page: Path) -> None:
    tab.open(page)
    tab.ask("Accessibility.enable")
    nodes = [node for node in tab.ask("Accessibility.getFullAXTree")["nodes"] if not node["ignored"]]
    tab.ask("Accessibility.disable")

    def named(role: str) -> list[str]:
        return [node.get("name", {}).get("value", "") for node in nodes if node["role"]["value"] == role]

    pictures = named("image") + named("img")
    assert len(pictures) == 10
    assert all(len(name) > 5 for name in pictures)
    described = [n for n in nodes if n["role"]["value"] in {"image", "img"}]
    assert all("description" in node or len(node["name"]["value"]) > 60 for node in described)
    assert len(named("table")) > 15
    assert all(named("table"))
    assert all(named("button"))
    assert all(named("link"))
    for role in ("main", "navigation", "banner", "contentinfo"):
        assert len(named(role)) == 1
    levels = tab.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_keyboard_reaches_everything_and_shows_where_it_is(tab: Tab, page: Path) -> None:
    tab.open(page)
    seen = []
    for _ in range(40):
        for kind in ("rawKeyDown", "keyUp"):
            tab.ask("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
        seen.append(
            tab.evaluate(
                "(e => [e.tagName, e.textContent.slice(0, 30), getComputedStyle(e).outlineStyle])"
                "(document.activeElement)"
            )
        )
    assert seen[0][1] == "Skip to the contents"
    assert {"A", "BUTTON", "DIV"} <= {name for name, _, _ in seen}  # links, sort buttons, tables that scroll
    assert all(outline != "none" for _, _, outline in seen)


def test_tables_sort_and_download(tab: Tab, page: Path) -> None:
    tab.open(page)
    column = "[...document.querySelectorAll('[data-name=ladder] tbody tr')].map(r => Number(r.cells[2].dataset.value))"
    before = tab.evaluate(column)
    button = "document.querySelectorAll('[data-name=ladder] thead button')[2]"
    tab.evaluate(f"{button}.click()")
    assert tab.evaluate(column) == sorted(before)
    assert tab.evaluate(f"{button}.parentElement.getAttribute('aria-sort')") == "ascending"
    tab.evaluate(f"{button}.click()")
    assert tab.evaluate(column) == sorted(before, reverse=True)
    tab.evaluate(
        "window.kept = []; URL.createObjectURL = (blob) => { kept.push(blob); return '#'; };"
        "document.querySelector('[data-name=ladder] .tools button').click()"
    )
    text = tab.evaluate("kept[0].text()")
    lines = text.strip().split("\r\n")
    assert len(lines) == 8
    assert lines[0].startswith('"outcome","7 days"')
    numbers = {float(cell.strip('"')) for line in lines[1:] for cell in line.split(",")[-4:]}
    assert numbers == set(example_tables()["ladder"]["probability"])


def test_it_prints_without_cutting_tables(tab: Tab, page: Path) -> None:
    tab.open(page, media="print")
    scrolls = "[...document.querySelectorAll('.scroll')].filter(e => getComputedStyle(e).overflow !== 'visible').length"
    assert tab.evaluate(scrolls) == 0
    assert tab.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    printed = base64.b64decode(tab.ask("Page.printToPDF", printBackground=True)["data"])
    assert printed.startswith(b"%PDF")
    tab.ask("Emulation.setEmulatedMedia", media="", features=[])
