"""The report: one offline HTML file from the tables of a forecast."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from forecast.publish import grounds, prior_sets, sections
from forecast.publish.page import Section
from forecast.publish.sections import Earlier
from forecast.publish.style import css_variables
from forecast.publish.tables import Meta, Tables, check_meta, check_tables
from forecast.publish.wording import NO_BREAK_SPACE, clean, date_of, day, days, headline

STALE_DAYS: Final = 14
STAMPS: Final = {
    "prospective": "computed before the outcome could be known",
    "retrospective": "computed after the outcome could be known; it counts as an exercise, not as a forecast",
}


def render_report(meta: Meta, tables: Tables, previous: Earlier | None = None) -> str:
    """Report as one HTML page that needs no network and no scripts.

    Parameters
    ----------
    meta, tables
        The forecast (see `docs/schema.md`).
    previous
        The last archived forecast of the case, if there is one; its changes are shown.

    Returns
    -------
    str
        HTML. Text that came from the record is escaped; addresses other than http and https are not linked.

    Raises
    ------
    ArchiveError
        The tables break the contract of `publish.tables`.
    """
    check_meta(meta)
    check_tables(tables)
    script = _asset("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            title=clean(meta["title"]),
            headline=headline(meta["as_of"], tables["ladder"], tables["quantities"]),
            stamps=_stamps(meta),
            banners=_banners(meta),
            sections=report_sections(meta, tables, previous),
            style=Markup(css_variables() + _asset("report.css")),  # noqa: S704 - shipped with the package
            script=Markup(script),  # noqa: S704 - shipped with the package
            script_hash=digest,
        )
    )


def report_sections(meta: Meta, tables: Tables, previous: Earlier | None) -> list[Section]:
    """Sections of the page in order; those whose tables the run did not make are left out."""
    found = (
        sections.ladder_section(tables),
        prior_sets.prior_set_section(meta, tables),
        sections.change_section(tables, previous),
        sections.signal_section(meta, tables, previous),
        sections.hazard_section(tables),
        sections.reply_section(meta, tables),
        sections.quantity_section(tables),
        sections.question_section(tables),
        grounds.basis_section(meta, tables),
        grounds.claim_section(tables),
        grounds.credibility_section(meta, tables),
        grounds.tail_section(tables),
        grounds.gate_section(meta, tables),
        grounds.parameter_section(tables),
        grounds.source_section(tables),
        grounds.provenance_section(meta),
    )
    return [section for section in found if section is not None]


def _stamps(meta: Meta) -> list[tuple[str, str, str]]:
    age = (date_of(meta["as_of"]) - date_of(meta["information_cutoff"])).days
    age_text = "the as-of day itself" if age == 0 else f"{days(age)} before the as-of day"
    stale = " – old: nothing newer was on record" if age > STALE_DAYS else ""
    stamp = str(meta["stamp"])
    return [
        ("as of", day(meta["as_of"]), "what was known by the end of this day"),
        ("information cut-off", day(meta["information_cutoff"]), age_text + stale),
        (f"{stamp}, computed", day(str(meta["created"])[:10]), STAMPS.get(stamp, "")),
        ("checks", "passed" if meta["gate_passed"] else "failed", "see the checks below"),
    ]


def _banners(meta: Meta) -> list[str]:
    banners = []
    if meta["quick"]:
        banners.append("Not for publication: a quick run with too few draws, made to try things out.")
    if not meta["gate_passed"]:
        banners.append("The computation failed its checks; do not use these numbers.")
    if meta.get("dirty"):
        banners.append(
            "The code had changes that are not in its commit, so this forecast cannot be made again exactly."
        )
    return banners


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
