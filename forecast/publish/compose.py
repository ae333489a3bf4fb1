"""What the report says, in which order: the same document for the page and for the PDF."""

from __future__ import annotations

from typing import Final

from forecast.publish import ahead, grounds, news, prior_sets, questions, scenarios, sections, views
from forecast.publish.changes import Earlier, compared
from forecast.publish.manifest import run_id
from forecast.publish.page import Document, Section
from forecast.publish.tables import Meta, Tables, check_meta, check_tables
from forecast.publish.wording import clean, date_of, day, days, headline

STALE_DAYS: Final = 14
CLOSING: Final = (
    "Probabilities are printed with no more digits than the error of the simulation supports. The exact numbers are in "
    "the archive beside this report."
)
STAMPS: Final = {
    "prospective": "computed before the outcome could be known",
    "retrospective": "computed after the outcome could be known; it counts as an exercise, not as a forecast",
}


def compose_report(
    meta: Meta, tables: Tables, previous: Earlier | None = None, *, notices: tuple[str, ...] = ()
) -> Document:
    """The report of a forecast, not yet typeset.

    Parameters
    ----------
    meta, tables
        The forecast (see `docs/schema.md`).
    previous
        An earlier forecast to compare with; by default the one that the run itself was compared with, if any.
    notices
        Further warnings at its head.

    Raises
    ------
    ArchiveError
        The tables break the contract of `publish.tables`.
    """
    meta, tables = compared(meta, tables, previous)
    check_meta(meta)
    check_tables(tables)
    title, as_of = clean(meta["title"]), day(meta["as_of"])
    return Document(
        name=f"{title} – forecast as of {as_of}",
        title=title,
        headline=(
            *headline(meta["as_of"], tables["ladder"], tables["quantities"]),
            *(clean(note) for note in meta.get("notes") or () if "crisis" in note),
            *prior_sets.range_sentence(tables),
            *views.view_sentence(tables),
        ),
        sections=tuple(report_sections(meta, tables)),
        stamps=tuple(_stamps(meta)),
        banners=(*map(clean, notices), *_banners(meta)),
        closing=CLOSING,
        header=f"as of {as_of} · {clean(meta['stamp'])}",
        footer=str(meta.get("run_id") or run_id(meta)),
        created=str(meta["created"]),
    )


def report_sections(meta: Meta, tables: Tables) -> list[Section]:
    """Sections of the report in order; those whose tables the run did not make are left out."""
    found = (
        sections.ladder_section(tables),
        news.change_section(meta, tables),
        sections.history_section(tables),
        sections.track_record_section(tables),
        sections.resolve_section(meta, tables),
        ahead.sequence_section(meta, tables),
        ahead.waiting_section(tables),
        scenarios.scenario_section(meta, tables),
        questions.question_section(tables),
        grounds.analogue_section(tables),
        views.view_section(meta, tables),
        grounds.claim_section(tables),
        grounds.basis_section(meta, tables),
        prior_sets.prior_set_section(meta, tables),
        grounds.tail_section(tables),
        grounds.gate_section(meta, tables),
        grounds.parameter_section(tables),
        grounds.source_section(meta, tables),
        grounds.provenance_section(meta),
    )
    return [section for section in found if section is not None]


def _stamps(meta: Meta) -> list[tuple[str, str, str]]:
    age = (date_of(meta["as_of"]) - date_of(meta["information_cutoff"])).days
    age_text = "the as-of day itself" if age == 0 else f"{days(age)} before the as-of day"
    stale = " – old: nothing newer was on record" if age > STALE_DAYS else ""
    stamp = str(meta["stamp"])
    fitted = (meta.get("update") or {}).get("fitted_as_of")
    kind = [("fast update of the fit as of", day(fitted), "new rows moved its draws")] if fitted else []
    return [
        ("as of", day(meta["as_of"]), "what was known by the end of this day"),
        ("information cut-off", day(meta["information_cutoff"]), age_text + stale),
        (f"{stamp}, computed", day(str(meta["created"])[:10]), STAMPS.get(stamp, "")),
        ("checks", "passed" if meta["gate_passed"] else "failed", "see the checks below"),
        *kind,
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
