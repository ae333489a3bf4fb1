"""The tables of `docs/benchmarks.md`, from stored scores: `python -m forecast.evaluation.benchmarks.page`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pandas as pd

from forecast.errors import UsageError

SCORES: Final = Path("benchmarks/scores")
PAGE: Final = Path("docs/benchmarks.md")
_PLACE: Final = r"(?s)<!-- scores {name} -->\n.*?<!-- end -->"


def filled(page: str, folder: Path = SCORES) -> str:
    """Text of the page with its tables written anew from the documents of a folder.

    Raises
    ------
    UsageError
        The page has no place for a document, from ``<!-- scores NAME -->`` to ``<!-- end -->``.
    """
    for file in sorted(folder.glob("*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        name = document["benchmark"]
        text = f"<!-- scores {name} -->\n{_section(document)}<!-- end -->"
        page, found = re.subn(_PLACE.format(name=name), lambda _match, text=text: text, page)
        if found != 1:
            raise UsageError(
                f"{PAGE}: {found} places for {name}; one is wanted, from <!-- scores {name} --> to <!-- end -->"
            )
    return page


def _section(document: dict[str, Any]) -> str:
    data, code = document["data"], document["code"]
    state = " with changes" if code.get("changed") else ""
    lines = [
        f"`{data['file']}` (SHA-256 {data['sha256'][:12]}), commit {str(code.get('commit', 'unknown'))[:10]}{state}, "
        f"{document['began'][:10]}, {document['seconds'] / 60:.0f} minutes on one busy core.",
        "",
    ]
    scores = pd.DataFrame(document["scores"])
    weights = pd.DataFrame(document["weights"], columns=pd.Index(["benchmark", "task", "pool", "member", "weight"]))
    for task in scores["task"].unique():
        lines += _task(task, scores[scores["task"] == task], weights[weights["task"] == task])
    return "\n".join(lines)


def _task(task: str, scores: pd.DataFrame, weights: pd.DataFrame) -> list[str]:
    rows, clusters = scores[["rows", "clusters"]].iloc[0]
    names = [score for score in ("log", "rps") if score in set(scores["score"])]
    lines = [f"### {task}", "", f"{rows:,} rows in {clusters:,} clusters.", ""]
    lines.append("| entrant | " + " | ".join(f"{name} | difference" for name in names) + " |")
    lines.append("|---|" + "---|---|" * len(names))
    by = scores.set_index(["candidate", "score"])
    for entrant in scores["candidate"].unique():
        cells = [entrant]
        for name in names:
            one = by.loc[(entrant, name)]
            mean = f"{one['mean']:.4f} [{one['low']:.4f}, {one['high']:.4f}]"
            gap = f"{one['difference']:+.4f} [{one['difference_low']:+.4f}, {one['difference_high']:+.4f}]"
            gap = "best baseline" if entrant == one["reference"] else gap
            cells += [f"**{mean}**" if one["better"] else mean, gap]
        lines.append("| " + " | ".join(cells) + " |")
    for pool, part in weights.groupby("pool"):
        shares = ", ".join(
            f"{member} {weight:.2f}" for member, weight in zip(part["member"], part["weight"], strict=True)
        )
        lines += ["", f"Weights of the {pool}, learned in training: {shares}."]
    return [*lines, ""]


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
