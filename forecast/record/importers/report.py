"""The report of an import: provenance, counts, and what was mapped, masked, dropped and assumed, with reasons."""

from __future__ import annotations

from typing import Final

import pandas as pd

from forecast.record.importers.draft import Draft, Tally

REPORT_FILE: Final = "import-report"
_FATES: Final = {
    "mapped": "Mapped: rows that became rows of the record",
    "masked": "Masked: what the data set does not observe",
    "dropped": "Dropped: rows that were read and not used",
    "assumed": "Assumed: what the data set does not say by itself",
}


def episode_weights(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return one row per episode with its moves and the weight of each move, so that every episode weighs 1.

    A few wars hold most rows of an event data set; a mean over rows would be a mean over those wars.
    """
    counts = tables["moves"]["episode_id"].value_counts()
    ids = tables["episodes"]["episode_id"]
    moves = ids.map(counts).fillna(0).astype(int)
    weight = (1 / moves.where(moves > 0)).round(8)
    return pd.DataFrame({"episode_id": ids, "moves": moves, "weight_per_move": weight})


def report_json(draft: Draft, tables: dict[str, pd.DataFrame]) -> dict[str, object]:
    """Return provenance and tallies as plain data."""
    data_set = draft.data_set
    files = [{"file": file.path.name, "sha256": file.sha256, "rows": len(file.rows)} for file in draft.files]
    return {
        "data_set": data_set._asdict(),
        "files": files,
        "tables": {name: len(frame) for name, frame in tables.items()},
        "tallies": [tally._asdict() for tally in draft.tallies],
    }


def report_text(draft: Draft, tables: dict[str, pd.DataFrame]) -> str:
    """Return the report as a Markdown page."""
    data_set = draft.data_set
    lines = [f"# Import of {data_set.title}, version {data_set.version}", "", "## Provenance", ""]
    lines += [f"- `{file.path.name}`: {len(file.rows)} rows, SHA-256 `{file.sha256}`" for file in draft.files]
    lines += [f"- Cite: {data_set.citation}", f"- Terms: {data_set.terms}", f"- Source: {data_set.url}", ""]
    lines += ["## Tables written", ""]
    lines += [f"- `{name}.csv`: {len(frame)} rows" for name, frame in tables.items()]
    lines += ["- `import-weights.csv`: weight of a move, so that every episode weighs 1", ""]
    for fate, heading in _FATES.items():
        lines += [f"## {heading}", "", "| what | rows | why, or what they became |", "| --- | --- | --- |"]
        lines += [_line(tally) for tally in draft.tallies if tally.fate == fate]
        lines.append("")
    return "\n".join(lines)


def _line(tally: Tally) -> str:
    rows = "" if tally.rows is None else str(tally.rows)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in (tally.what, rows, tally.why)) + " |"
