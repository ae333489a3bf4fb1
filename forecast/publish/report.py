"""The report as one offline HTML file, from the tables of a forecast."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from forecast.publish.changes import Earlier
from forecast.publish.compose import compose_report
from forecast.publish.page import Document
from forecast.publish.style import css_variables
from forecast.publish.tables import Meta, Tables
from forecast.publish.wording import NO_BREAK_SPACE


def render_report(meta: Meta, tables: Tables, previous: Earlier | None = None) -> str:
    """Report as one HTML page that needs no network and no scripts; parameters as in `compose_report`.

    Returns
    -------
    str
        HTML. Text that came from the record is escaped; addresses other than http and https are not linked.

    Raises
    ------
    ArchiveError
        The tables break the contract of `publish.tables`.
    """
    return html_page(compose_report(meta, tables, previous))


def html_page(document: Document) -> str:
    """A composed report as HTML."""
    script = _asset("report.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            document=document,
            style=Markup(css_variables() + _asset("report.css")),  # noqa: S704 - shipped with the package
            script=Markup(script),  # noqa: S704 - shipped with the package
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("forecast.publish"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["bound"] = lambda text: str(text).replace(" %", f"{NO_BREAK_SPACE}%")
    return environment


def _asset(name: str) -> str:
    return (files("forecast.publish") / "templates" / name).read_text(encoding="utf-8")
