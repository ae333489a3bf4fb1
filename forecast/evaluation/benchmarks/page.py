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
    hashes = document.get("facts", {}).get("files", {data["file"]: data["sha256"]})
    files = ", ".join(f"`{file}` (SHA-256 {sha256[:12]})" for file, sha256 in hashes.items())
    lines = [
        f"{files}, commit {str(code.get('commit', 'unknown'))[:10]}{state}, "
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
    role = dict(zip(scores["candidate"], scores["role"], strict=True))
    references = list(dict.fromkeys(scores["reference"]))
    rivals = [name for name in references if role[name] != "baseline"]
    heads = ["best baseline", *rivals]
    lines = [f"### {task}", "", f"{rows:,} rows in {clusters:,} clusters.", ""]
    lines.append("| entrant | " + " | ".join(f"{n} | " + " | ".join(f"less {h}" for h in heads) for n in names) + " |")
    lines.append("|---|" + "---|" * (len(names) * (1 + len(heads))))
    for entrant in scores["candidate"].unique():
        cells = [entrant]
        for name in names:
            own = scores[(scores["candidate"] == entrant) & (scores["score"] == name)]
            against = [own[~own["reference"].isin(rivals)].iloc[0]]
            against += [own[own["reference"] == rival].iloc[0] for rival in rivals]
            first = against[0]
            digits = _digits(first["mean"])
            mean = f"{first['mean']:.{digits}f} [{first['low']:.{digits}f}, {first['high']:.{digits}f}]"
            cells += [f"**{mean}**" if first["better"] else mean]
            cells += [_difference(one, entrant) for one in against]
        lines.append("| " + " | ".join(cells) + " |")
    for pool, part in weights.groupby("pool"):
        shares = ", ".join(
            f"{member} {weight:.2f}" for member, weight in zip(part["member"], part["weight"], strict=True)
        )
        lines += ["", f"Weights of the {pool}, learned in training: {shares}."]
    return [*lines, ""]


def _difference(one: pd.Series, entrant: str) -> str:
    if entrant == one["reference"]:
        return "0"
    digits = _digits(one["mean"])
    return (
        f"{one['difference']:+.{digits}f} [{one['difference_low']:+.{digits}f}, {one['difference_high']:+.{digits}f}]"
    )


def _digits(mean: float) -> int:
    return 5 if mean < 0.2 else 4


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
