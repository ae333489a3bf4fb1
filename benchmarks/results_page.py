"""The tables of docs/performance.md, written from what the benchmarks measured.

Usage: uv run python benchmarks/results_page.py
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Final

from measured import RESULTS

PAGE: Final = Path(__file__).parents[1] / "docs" / "performance.md"
HEAD: Final = ("what", "median [95 %]", "bar", "kept", "repeats", "commit, day, load")


def main() -> None:
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def filled(text: str) -> str:
    """The page with every part between `<!-- NAME -->` and `<!-- end -->` written anew."""
    with RESULTS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    parts = {claim: speeds([row for row in rows if row["claim"] == claim]) for claim in {row["claim"] for row in rows}}
    parts |= {file.stem: figures(file) for file in sorted(RESULTS.parent.glob("scale*.json"))}
    for name, part in parts.items():
        before, mark, rest = text.partition(f"<!-- {name} -->\n")
        if not mark:
            raise SystemExit(f"{PAGE}: no place for {name}; add the lines '<!-- {name} -->' and '<!-- end -->'")
        _, end, after = rest.partition("<!-- end -->")
        text = f"{before}{mark}{part}{end}{after}"
    return text


def speeds(rows: list[dict[str, str]]) -> str:
    """Rows of one claim as a table in Markdown."""
    lines = [f"| {' | '.join(HEAD)} |", "|---|" + "---:|" + "---|" * (len(HEAD) - 2)]
    for row in rows:
        what = row["what"] + (f" ({row['setting']})" if row["setting"] else "")
        spread = f" [{row['low']}, {row['high']}]" if row["low"] and row["low"] != row["high"] else ""
        unit = "" if row["unit"] == "ratio" else f" {row['unit']}"
        stamp = f"{row['commit']}, {row['date']}, {row['load']}"
        met = f"**{row['met']}**" if row["met"] == "no" else row["met"]
        lines.append(f"| {what} | {row['value']}{spread}{unit} | {row['bar']} | {met} | {row['repeats']} | {stamp} |")
    return "\n".join(lines) + "\n"


def figures(file: Path) -> str:
    """Figures of a run of `scale.py` as a table in Markdown."""
    lines = ["| | |", "|---|---|"]
    for name, value in json.loads(file.read_text(encoding="utf-8")).items():
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        lines.append(f"| {name} | {' '.join(shown) if isinstance(shown, list) else shown} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
