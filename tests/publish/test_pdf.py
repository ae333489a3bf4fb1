"""The PDF says what the page says: the same numbers, figures and sources, on A4, with headers and links."""

from __future__ import annotations

import io
import re
import time

import pandas as pd
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_forecast import example_meta, example_tables
from pypdf import PdfReader
from test_report import Page, earlier_run
from test_report_hostile import COLUMNS, HOSTILE

from forecast.errors import ReportError
from forecast.publish import compose_report, html_page, pdf_pages, render_pdf
from forecast.publish.page import Cell, Document, Grid, Section, text_cell, web_link
from forecast.publish.typeset import LONG_WORD, breakable, on_paper
from forecast.publish.wording import clean

A4 = (595.3, 841.9)


@pytest.fixture(scope="module")
def document(tmp_path_factory) -> Document:
    return compose_report(example_meta(), example_tables(), earlier_run(tmp_path_factory.mktemp("archive")))


@pytest.fixture(scope="module")
def pdf(document) -> PdfReader:
    return PdfReader(io.BytesIO(pdf_pages(document)))


@pytest.fixture(scope="module")
def text(pdf) -> str:
    return plain("\n".join(page.extract_text() for page in pdf.pages))


def plain(text: str) -> str:
    """Text as both forms share it: no soft or zero-width breaks, one kind of space."""
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ").replace("\u200b", "").replace("\u00ad", ""))


def cells(html: str, name: str) -> list[tuple[str, str]]:
    """Number and interval of every cell of a grid of the page, row by row."""
    grid = html[html.index(f'data-name="{name}"') :]
    grid = grid[: grid.index("</table>")].replace("&lt;", "<").replace("&gt;", ">")
    return re.findall(r'data-value="[^"]+"><bdi>([^/]+)</bdi><small><bdi>([^/]+)</bdi>', grid)


def test_every_number_of_the_ladder_is_the_same_in_both(document, text) -> None:
    page = html_page(document)
    start = text.index("Probability of each outcome inside the window, with its 80 % interval")
    printed = text[start:]
    shown = [(plain(number), plain(spread)) for number, spread in cells(page, "ladder")]
    assert len(shown) == 4 * 7
    for row in range(7):
        line = shown[4 * row : 4 * row + 4]
        place = printed.index(f"O{row} ")
        found = re.findall(r"[<>]?[\d.]+ %|[<>]?[\d.]+(?:–| to )[<>]?[\d.]+ %", printed[place : place + 400])[:8]
        assert found == [part for pair in line for part in pair]
        printed = printed[place:]


def test_all_numbers_of_all_tables_are_in_both(document, text) -> None:
    squeezed = text.replace(" ", "")
    for section in document.sections:
        for grid in section.grids:
            assert plain(grid.caption).replace(" ", "") in squeezed
            for row in on_paper(grid).rows:
                for cell in row:
                    if "number" in cell.tone:
                        assert plain(cell.text).replace(" ", "") in squeezed
                        assert plain(cell.note).replace(" ", "") in squeezed


def test_it_opens_with_title_headline_and_stamps(pdf, text, document) -> None:
    first = plain(pdf.pages[0].extract_text())
    assert document.title in first
    for words in ("13 February 2026", "retrospective, computed", "12 February 2026", "42 % (80 % interval 18–68 %)"):
        assert words in first
    assert pdf.metadata.title == "United States and Israel – Iran – forecast as of 13 February 2026"
    for section in document.sections:
        assert section.title in text


def test_every_page_is_a4_with_header_and_number(pdf, document) -> None:
    assert len(pdf.pages) > 5
    for number, page in enumerate(pdf.pages, start=1):
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(A4, abs=0.2)
        words = plain(page.extract_text())
        assert f"page {number} of {len(pdf.pages)}" in words
        assert document.footer in words
        if number > 1:
            assert "as of 13 February 2026 · retrospective" in words


def test_figures_and_tables_are_numbered(text, document) -> None:
    plates = sum(len(section.plates) for section in document.sections)
    grids = sum(len(section.grids) for section in document.sections)
    assert [int(n) for n in re.findall(r"Figure (\d+)\. ", text)] == list(range(1, plates + 1))
    assert [int(n) for n in re.findall(r"Table (\d+)\. ", text)] == list(range(1, grids + 1))
    assert "US/Israel" in text  # labels of figures are text, not outlines


def test_sources_are_linked(pdf) -> None:
    links = [note.get_object() for page in pdf.pages for note in page.get("/Annots") or []]
    addresses = {str(note["/A"]["/URI"]) for note in links if "/URI" in note.get("/A", {})}
    assert {"https://example.org/wire", "https://example.org/briefing?a=1&b=2"} <= addresses
    assert all(address.startswith(("https://", "http://")) for address in addresses)
    assert len(links) > len(addresses)  # rows of the record lead to their sources on a later page


def test_it_is_accessible_small_and_quick(document) -> None:
    assert len(pdf_pages(document, standards=("ua-1",))) < 1_000_000
    start = time.process_time()
    again = compose_report(example_meta(), example_tables())
    html_page(again), pdf_pages(again)
    assert time.process_time() - start < 5


def elements(pdf: pikepdf.Pdf) -> list[tuple[str, ...]]:
    """What every structure element of a tagged PDF says, in reading order: kind, text alternative, title, language."""
    said, waiting = [], [pdf.Root.StructTreeRoot]
    while waiting:
        element = waiting.pop()
        said.append(tuple(str(element.get(key, "")) for key in ("/S", "/Alt", "/ActualText", "/T", "/Lang")))
        below = element.get("/K", [])
        below = list(below) if isinstance(below, pikepdf.Array) else [below]
        waiting += [one for one in reversed(below) if isinstance(one, pikepdf.Dictionary) and "/S" in one]
    return said


def test_packing_loses_nothing_and_more_than_halves_the_file(document, monkeypatch) -> None:
    small = pdf_pages(document, standards=("ua-1",))
    monkeypatch.setattr("forecast.publish.typeset.packed", lambda pdf: pdf)
    large = pdf_pages(document, standards=("ua-1",))
    assert len(small) < len(large) / 2
    with pikepdf.open(io.BytesIO(large)) as before, pikepdf.open(io.BytesIO(small)) as after:
        assert after.pdf_version == before.pdf_version
        assert not after.check_pdf_syntax()
        told = elements(after)
        assert told == elements(before)
        assert {"/Figure", "/Table", "/TH", "/H1"} <= {kind for kind, *_ in told}
        for key in ("/Lang", "/MarkInfo", "/ViewerPreferences"):
            assert str(after.Root[key]) == str(before.Root[key])
        assert after.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
        with before.open_outline() as was, after.open_outline() as now:
            assert [one.title for one in now.root] == [one.title for one in was.root]
    pages = [[page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages] for pdf in (large, small)]
    assert pages[0] == pages[1]


def test_fonts_are_those_that_come_along(pdf) -> None:
    names = {
        str(font.get_object()["/BaseFont"]).split("+")[-1].split("-")[0]
        for page in pdf.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert names <= {"LibertinusSerif", "DejaVuSans", "DejaVuSansMono"}


def test_the_same_forecast_gives_the_same_bytes(document) -> None:
    assert pdf_pages(document) == pdf_pages(document)


def test_a_forecast_with_few_tables_has_a_pdf(meta, tables) -> None:
    few = {name: tables[name] for name in ("ladder", "quantities", "basis", "gate")}
    gate = few["gate"].assign(passed=False)
    words = PdfReader(io.BytesIO(render_pdf({**meta, "gate_passed": False, "quick": True}, {**few, "gate": gate})))
    assert "Not for publication" in plain(words.pages[0].extract_text())
    emptied = {name: table if name == "ladder" else table.iloc[:0] for name, table in tables.items()}
    assert render_pdf(meta, emptied).startswith(b"%PDF")


TYPST = (
    '#import "@preview/x:1.0.0"',
    '#read("/etc/passwd")',
    "$x^2$ *bold* _it_ `code` <label> @ref //c \\",
    "= heading",
)


def test_long_tables_are_cut_on_paper_and_say_where_the_rest_is(meta, tables) -> None:
    many = pd.concat([tables["parameters"].iloc[[k]].assign(name=f"step[{k}]") for k in range(9)], ignore_index=True)
    tables["parameters"] = pd.concat([tables["parameters"].iloc[:2], many], ignore_index=True)
    tables["sources"] = pd.concat(
        [
            tables["sources"].assign(source_id=[f"{name}-{k}" for name in tables["sources"]["source_id"]])
            for k in range(15)
        ]
    )
    document = compose_report(meta, tables)
    grids = {grid.name: grid for section in document.sections for grid in section.grids}
    assert (len(grids["parameters"].rows), len(on_paper(grids["parameters"]).rows)) == (11, 3)
    assert (len(grids["sources"].rows), len(on_paper(grids["sources"]).rows)) == (45, 20)
    assert len(on_paper(grids["sources"]).anchors) == 20
    words = plain("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf_pages(document))).pages))
    assert "3 of 11: of a parameter with more than 6 elements the first" in words
    assert "step[1]" not in words
    assert "step[8]" in html_page(document)


def test_hostile_text_is_text(meta, tables) -> None:
    for text in (" ".join((*TYPST, *HOSTILE)), "".join(reversed((*TYPST, *HOSTILE)))):
        hostile = {name: table.assign(**dict.fromkeys(COLUMNS.get(name, ()), text)) for name, table in tables.items()}
        hostile["sources"] = hostile["sources"].assign(url="https://example.org/?q=" + text)
        sides = dict.fromkeys(("title", "side_a", "side_b", "side_a_short", "side_b_short"), text)
        words = PdfReader(io.BytesIO(render_pdf({**meta, **sides, "notes": [text], "credibility_note": text}, hostile)))
        shown = plain("".join(page.extract_text() for page in words.pages)).replace(" ", "")
        for part in TYPST:
            assert plain(part).replace(" ", "") in shown
        assert "root:" not in shown


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=60))
def test_no_text_stops_the_typesetter(text: str) -> None:
    shown = clean(text)
    link = web_link(text, f"https://example.org/{text}")
    row = (text_cell(text, note=text), Cell(shown * 30), Cell("", links=(link,)))
    section = Section("some", shown, (shown,), (shown,), grids=(Grid("grid", shown, ("a", "b", shown), (row,)),))
    document = Document(
        shown,
        shown,
        (shown,),
        (section,),
        ((shown, shown, shown),),
        (shown,),
        shown,
        shown,
        shown,
        "2026-11-23T06:45+00:00",
    )
    assert pdf_pages(document).startswith(b"%PDF")


def test_what_typst_refuses_is_told(document, monkeypatch) -> None:
    monkeypatch.setattr("forecast.publish.typeset.COLOUR", {})
    with pytest.raises(ReportError, match=r"report\.pdf of 2026-02-13.*report\.html holds the same"):
        pdf_pages(document)


def test_long_words_can_break() -> None:
    assert breakable("short words stay as they are") == "short words stay as they are"
    broken = breakable("https://example.org/" + "a" * 50 + " " + "b" * 64)
    assert broken.replace("\u200b", "") == "https://example.org/" + "a" * 50 + " " + "b" * 64
    assert max(map(len, re.split(r"[\u200b ]", broken))) <= LONG_WORD


def test_the_page_is_that_of_the_same_document(document) -> None:
    assert Page(html_page(document)).open == []
