"""What was said: the archive of forecasts, and the figures, report and summary drawn from its tables."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forecast.publish.archive import Run, list_runs, previous_run, read_archive, read_run
    from forecast.publish.compose import compose_report
    from forecast.publish.index import write_index
    from forecast.publish.manifest import run_id
    from forecast.publish.report import html_page, render_report
    from forecast.publish.summary import json_document, look_summary, terminal_summary
    from forecast.publish.typeset import pdf_pages, render_pdf
    from forecast.publish.write import write_run

__all__ = [
    "Run", "compose_report", "html_page", "json_document", "list_runs", "look_summary", "pdf_pages", "previous_run",
    "read_archive", "read_run", "render_pdf", "render_report", "run_id", "terminal_summary", "write_index", "write_run",
]  # fmt: skip

_HOME = {
    "Run": "archive",
    "read_archive": "archive",
    "list_runs": "archive",
    "previous_run": "archive",
    "read_run": "archive",
    "compose_report": "compose",
    "run_id": "manifest",
    "html_page": "report",
    "render_report": "report",
    "json_document": "summary",
    "look_summary": "summary",
    "terminal_summary": "summary",
    "pdf_pages": "typeset",
    "render_pdf": "typeset",
    "write_index": "index",
    "write_run": "write",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - names of many kinds
    """Load a public name on first use, so that reading an archive does not load the drawing libraries."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
