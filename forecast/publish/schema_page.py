"""The page `docs/schema.md`, generated from the same tables that check a forecast."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from forecast.publish.manifest import Manifest
from forecast.publish.summary import json_schema
from forecast.publish.tables import META, REQUIRED_META, TABLES

PAGE: Final = Path("docs") / "schema.md"
INTRODUCTION: Final = "schema.md"


def schema_page() -> str:
    """Text of `docs/schema.md`."""
    introduction = files("forecast.publish") / "templates" / INTRODUCTION
    parts = [introduction.read_text(encoding="utf-8"), "## Tables\n"]
    for table in TABLES.values():
        presence = "in every forecast" if table.required else "where the run made it"
        gaps = " A probability is blank where its condition never held." if table.conditional else ""
        parts.append(f"### {table.name}\n\n{_capital(table.meaning)} ({presence}).{gaps}\n")
        rows = [(f"`{column.name}`", column.kind, column.meaning) for column in table.columns]
        parts.append(_markdown(("column", "kind", "meaning"), rows))
    parts.append(
        "`passed`, `side` and the like hold exactly the words given. Tables of other names may be added to a run.\n"
    )
    parts.append("## Meta data\n\nIn `manifest.json` under `meta`; those marked * are required.\n")
    keys = [(f"`{key}`{' *' if key in REQUIRED_META else ''}", meaning) for key, meaning in META.items()]
    parts.append(_markdown(("key", "meaning"), keys))
    parts.append(_manifest_part())
    parts.append(_document_part())
    return "\n".join(parts)


def _manifest_part() -> str:
    meanings = {
        "schema_version": "version of this layout",
        "meta": "all meta data of the forecast, as above",
        "tables": "by table: `rows`, and `columns` with the kind of each",
        "files": "by file: `sha256` and `size` in bytes",
        "digest": "SHA-256 of the manifest's content without this field (JSON, sorted keys, no spaces)",
    }
    rows = [(f"`{name}`", meanings.get(name, META.get(name, ""))) for name in Manifest.model_fields]
    return "## manifest.json\n\n" + _markdown(("field", "meaning"), rows)


def _document_part() -> str:
    schema = json_schema()
    rows = []
    for name, of in schema["properties"].items():
        kind = of.get("type") or ("constant" if "const" in of else "one of " + ", ".join(of.get("enum", [])))
        kind = kind if isinstance(kind, str) else " or ".join(kind)
        rows.append((f"`{name}`", kind, of.get("description", META.get(name, _DOCUMENT_MEANINGS.get(name, "")))))
    text = (
        "## JSON document\n\n`forecast.publish.json_document` gives one document per forecast, with exact numbers. Its "
        "JSON Schema is `forecast/publish/schema/forecast.schema.json`, in Python `publish.summary.json_schema()`.\n\n"
    )
    return text + _markdown(("field", "kind", "meaning"), rows)


_DOCUMENT_MEANINGS: Final = {
    "sides": "names of side a and side b",
    "interval": "level of all intervals and the quantiles that bound them",
    "horizons": "by window: `days`, `until`, `ladder` (code, name, probability, low, high, mcse) and `quantities`",
    "questions": "questions: wording, rule, condition, window, whether expressible or why not, estimate",
    "gate": "whether all checks passed, and each check",
    "prior_sets": "ladders under other sets of priors, with method and check, and their `range`; `note` says why none",
    "views": "ladder by single view and by pool, which is `published`, and why (`note`)",
    "provenance": "commit, seed and hashes",
}


def _markdown(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines) + "\n"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


if __name__ == "__main__":
    PAGE.write_text(schema_page(), encoding="utf-8", newline="\n")
