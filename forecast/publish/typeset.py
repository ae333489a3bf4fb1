"""The report as a PDF: the same document as the page, typeset by Typst, without network or system fonts."""

from __future__ import annotations

import datetime as dt
import io
import json
import math
import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import pikepdf
import typst

from forecast.errors import ReportError
from forecast.publish.changes import Earlier
from forecast.publish.compose import compose_report
from forecast.publish.page import Cell, Document, Grid, Plate, Section
from forecast.publish.style import COLOUR, svg_element
from forecast.publish.tables import Meta, Tables
from forecast.publish.wording import NO_BREAK_SPACE

TEMPLATE: Final = "report.typ"
NARROW: Final = 14
"""Characters up to which a column is as wide as its longest cell; wider columns share what is left."""
ABREAST: Final = 3
SHORT: Final = 12
"""A table of at most so many narrow columns and more than so many rows is set in as many blocks side by side."""
LINE: Final = 72
"""Characters of a table's line that fit beside each other."""
LONG_WORD: Final = 18
BREAK: Final = "\u200b"
"""Zero-width space: where a long word may go over to the next line."""


def render_pdf(meta: Meta, tables: Tables, previous: Earlier | None = None) -> bytes:
    """Report as a PDF of A4 pages; parameters as in `compose_report`.

    Raises
    ------
    ArchiveError
        The tables break the contract of `publish.tables`.
    """
    return pdf_pages(compose_report(meta, tables, previous))


def pdf_pages(document: Document, *, standards: tuple[typst.PDFStandard, ...] = ()) -> bytes:
    """A composed report as PDF.

    The template reads the document as JSON data, so no text of the record is ever read as markup. The time of creation
    is that of the forecast: the same forecast gives the same bytes.

    Parameters
    ----------
    document
        From `compose_report`.
    standards
        Profiles that the file must keep, e.g. `ua-1` (accessible PDF); Typst refuses what breaks them.

    Raises
    ------
    ReportError
        Typst refused the document.
    """
    template = (files("forecast.publish") / "templates" / TEMPLATE).read_bytes()
    compiler = typst.Compiler(template, font_paths=_fonts(), ignore_system_fonts=True)
    try:
        result = compiler.compile(
            format="pdf",
            sys_inputs={"report": json.dumps(_document(document), ensure_ascii=False)},
            pdf_standards=list(standards),
            timestamp=int(dt.datetime.fromisoformat(document.created).timestamp()),
        )
    except typst.TypstError as error:
        raise ReportError(
            f"report.pdf of {document.footer}: Typst refused it ({error.message}); the page report.html holds the same"
        ) from error
    if not isinstance(result, bytes):
        raise TypeError(f"{TEMPLATE}: one PDF was expected, Typst gave {type(result).__name__}")
    return packed(result)


def packed(pdf: bytes) -> bytes:
    """The same PDF in about two fifths of the bytes: its objects, most of them tags, compressed together, nothing lost.

    Its identifier follows from its contents: the same PDF gives the same bytes.
    """
    small = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        opened.save(
            small,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            deterministic_id=True,
            fix_metadata_version=False,  # the metadata stay as Typst wrote them
        )
    return small.getvalue()


def breakable(text: str) -> str:
    """Text whose long words may be broken: after signs inside them, else every few characters."""

    def broken(match: re.Match[str]) -> str:
        parts = re.split(r"(?<=[/_=&?.,:;\-\]])", match[0])
        return BREAK.join(BREAK.join(re.findall(f".{{1,{LONG_WORD}}}", part)) for part in parts if part)

    return re.sub(rf"\S{{{LONG_WORD + 1},}}", broken, text)


@cache
def _fonts() -> typst.Fonts:
    """Typst's own fonts, and those that Matplotlib brings for the figures."""
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(folder)])


def _document(document: Document) -> dict[str, Any]:
    anchors = {anchor for section in document.sections for grid in section.grids for anchor in on_paper(grid).anchors}
    return {
        "name": document.name,
        "title": document.title,
        "header": document.header,
        "footer": document.footer,
        "closing": document.closing,
        "headline": [_bound(text) for text in document.headline],
        "stamps": [[_bound(text) for text in stamp] for stamp in document.stamps],
        "banners": list(document.banners),
        "colours": COLOUR,
        "sections": [_section(section, anchors) for section in document.sections],
    }


def _section(section: Section, anchors: set[str]) -> dict[str, Any]:
    return {
        "name": section.name,
        "title": section.title,
        "words": [_bound(text) for text in section.words],
        "bullets": [_bound(text) for text in section.bullets],
        "plates": [_plate(plate) for plate in section.plates],
        "grids": [_grid(on_paper(grid), anchors) for grid in section.grids],
    }


def _plate(plate: Plate) -> dict[str, str]:
    drawing = svg_element(plate.drawing, f"fig-{plate.name}", plate.title, plate.alt, themed=False)
    return {"alt": plate.alt, "caption": _bound(plate.caption), "svg": drawing}


def _grid(grid: Grid, anchors: set[str]) -> dict[str, Any]:
    widths = column_widths(grid)
    abreast = not any(widths) and len(grid.head) <= ABREAST and len(grid.rows) > SHORT
    caption = grid.caption if grid.paper is None else f"{grid.caption} ({grid.rest})"
    return {
        "name": grid.name,
        "caption": _bound(caption),
        "head": list(grid.head),
        "columns": widths,
        "right": [_is_numbers(grid, place) for place in range(len(grid.head))],
        "abreast": ABREAST if abreast else 1,
        "anchors": list(grid.anchors),
        "rows": [[_cell(cell, anchors) for cell in row] for row in grid.rows],
    }


def on_paper(grid: Grid) -> Grid:
    """The grid with the rows that are printed on paper only."""
    if grid.paper is None:
        return grid
    rows = tuple(grid.rows[number] for number in grid.paper)
    return replace(grid, rows=rows, anchors=tuple(grid.anchors[number] for number in grid.paper if grid.anchors))


def _cell(cell: Cell, anchors: set[str]) -> dict[str, Any]:
    links = [
        {"text": breakable(link.text), "url": link.href if not link.href.startswith("#") else "",
         "anchor": link.href[1:] if link.href.startswith("#") and link.href[1:] in anchors else ""}
        for link in cell.links
    ]  # fmt: skip
    return {"text": breakable(cell.text), "note": breakable(cell.note), "tone": cell.tone.split(), "links": links}


def column_widths(grid: Grid) -> list[float]:
    """Share of the free width that each column of a grid gets; 0: as wide as its longest cell.

    A column that is short throughout takes what it needs; if all fit beside each other, the table is no wider.
    """
    longest, usual = [], []
    for place, head in enumerate(grid.head):
        lengths = [max(len(cell.text) + sum(len(link.text) for link in cell.links), len(cell.note))
                   for cell in (row[place] for row in grid.rows)]  # fmt: skip
        longest.append(max([*lengths, len(head)]))
        usual.append(sum(lengths) / len(lengths) if lengths else len(head))
    if sum(longest) <= LINE:
        return [0.0] * len(longest)
    both = zip(longest, usual, strict=True)
    widths = [0.0 if length <= NARROW else math.sqrt(min(mean, 150.0)) for length, mean in both]
    return widths if any(widths) else [1.0, *widths[1:]]


def _is_numbers(grid: Grid, place: int) -> bool:
    cells = [row[place] for row in grid.rows]
    return any("number" in cell.tone for cell in cells) and all("number" in c.tone or c.text == "–" for c in cells)


def _bound(text: str) -> str:
    return text.replace(" %", f"{NO_BREAK_SPACE}%")
