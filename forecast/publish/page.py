"""The parts of the report: cells, grids, figures and sections, as plain records for the page and for the PDF."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from forecast.publish.style import drawn, svg_element
from forecast.publish.tables import Row, horizons_of, is_blank, rows_of
from forecast.publish.wording import clean, interval, percent


@dataclass(frozen=True, slots=True)
class Link:
    """Text, with the address it leads to if that may be followed."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a grid: text, a second smaller line, the exact value behind it, links, and a tone for its look."""

    text: str
    note: str = ""
    value: str = ""
    links: tuple[Link, ...] = ()
    tone: str = ""


NOTHING = Cell("–")


@dataclass(frozen=True, slots=True)
class Grid:
    """One table of the page; the first cell of each row names the row.

    `anchors` are the rows' own anchors. Where `paper` is given, only these rows are printed on paper, and `rest` says
    where the others are.
    """

    name: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    anchors: tuple[str, ...] = ()
    paper: tuple[int, ...] | None = None
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Plate:
    """One figure, drawn once: SVG as Matplotlib wrote it, what it shows in words, a caption, and the table it draws."""

    name: str
    title: str
    alt: str
    caption: str
    drawing: str
    table: str = ""

    @property
    def image(self) -> Markup:
        """SVG for a page that switches between light and dark."""
        text = svg_element(self.drawing, f"fig-{self.name}", self.title, self.alt)
        return Markup(text)  # noqa: S704 - built by an XML writer


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the page; `beside` puts its table next to its figure where there is room."""

    name: str
    title: str
    words: tuple[str, ...] = ()
    bullets: tuple[str, ...] = ()
    plates: tuple[Plate, ...] = ()
    grids: tuple[Grid, ...] = ()
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report: what opens it (headline, stamps as name, value and note, warnings), sections, and a last word.

    `name` is its title in a window or a list, `header` and `footer` run along the top and the foot of printed pages.
    """

    name: str
    title: str
    headline: tuple[str, ...]
    sections: tuple[Section, ...]
    stamps: tuple[tuple[str, str, str], ...] = ()
    banners: tuple[str, ...] = ()
    closing: str = ""
    header: str = ""
    footer: str = ""
    created: str = ""


def plate(figure: Figure, name: str, title: str, alt: str, caption: str, table: str = "") -> Plate:
    """Figure with its text alternative and caption; `table` is the table of the run that it draws."""
    told = f"{caption} Data: tables/{table}.csv" if table else caption
    return Plate(name, title, alt, told, drawn(figure), table)


def text_cell(value: object, *, tone: str = "", note: object = "") -> Cell:
    """Cell of text from the record or the run; blank for a missing value."""
    return Cell(words(value), note=words(note), tone=tone)


def words(value: object) -> str:
    """Text of a value from the record or the run; empty where it is missing."""
    return "" if is_blank(value) else clean(value)


def number_cell(value: object, digits: int = 2, *, tone: str = "") -> Cell:
    """Cell of a number at a fixed count of digits, with the exact number behind it."""
    if is_blank(value):
        return NOTHING
    number = float(str(value))
    return Cell(f"{number:.{digits}f}".replace("-", "−"), value=repr(number), tone=f"number {tone}".strip())


def percent_cell(row: Row) -> Cell:
    """Cell of a probability with its 80 % interval beneath, in the digits its Monte Carlo error supports."""
    if is_blank(row["probability"]):
        return NOTHING
    shown = percent(row["probability"], row["mcse"])
    return Cell(
        shown, note=interval(row["low"], row["high"], row["mcse"]), value=repr(float(row["probability"])), tone="number"
    )


def horizon_grid(
    table: pd.DataFrame, key: str, labels: Iterable[tuple[str, Cell]], *, name: str, caption: str, first: str
) -> Grid:
    """Grid of one line per key and one column per horizon, each with probability and interval."""
    horizons = horizons_of(table)
    found = {(row[key], row["horizon_days"]): row for row in rows_of(table)}
    lines = tuple(
        (label, *(percent_cell(found[value, days]) if (value, days) in found else NOTHING for days in horizons))
        for value, label in labels
    )
    return Grid(name, caption, (first, *(f"{days} days" for days in horizons)), lines)


def key_value_grid(name: str, caption: str, pairs: Sequence[tuple[str, object]]) -> Grid:
    """Grid of two columns: what, and its value."""
    rows = tuple((Cell(key), text_cell(value, tone="code")) for key, value in pairs)
    return Grid(name, caption, ("item", "value"), rows)


def web_link(text: object, url: object) -> Link:
    """Link to a page of the web; any address that is not plain http or https stays text."""
    address = words(url).strip()
    safe = address.lower().startswith(("http://", "https://")) and not any(c.isspace() for c in address)
    return Link(words(text), address if safe else "")
