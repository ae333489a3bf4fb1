"""The tables of `docs/benchmarks.md`, from stored scores: `python -m forecast.evaluation.benchmarks.page`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pandas as pd

from forecast.errors import UsageError
from forecast.evaluation.markdown import column_interval, interval

SCORES: Final = Path("benchmarks/scores")
PAGE: Final = Path("docs/benchmarks.md")
_PLACE: Final = r"(?s)<!-- {name} -->\n.*?<!-- end -->"


def filled(page: str, folder: Path = SCORES) -> str:
    """Text of the page with its tables written anew from the documents of a folder.

    Raises
    ------
    UsageError
        The page has no place for a document or a table of trials, from ``<!-- scores NAME -->`` or
        ``<!-- trials NAME -->`` to ``<!-- end -->``.
    """
    for file in sorted(folder.glob("*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        page = _placed(page, f"scores {document['benchmark']}", _section(document))
    for file in sorted(folder.glob("*-trials.csv")):
        page = _placed(page, f"trials {file.stem.removesuffix('-trials')}", _trials(pd.read_csv(file)))
    return page


def _placed(page: str, name: str, text: str) -> str:
    whole = f"<!-- {name} -->\n{text}<!-- end -->"
    page, found = re.subn(_PLACE.format(name=name), lambda _match: whole, page)
    if found != 1:
        raise UsageError(f"{PAGE}: {found} places for {name}; one is wanted, from <!-- {name} --> to <!-- end -->")
    return page


def _trials(trials: pd.DataFrame) -> str:
    """What was tried within training years, each against the first line."""
    first = trials.iloc[0]
    lines = [f"{first['rows']:,} rows in {first['clusters']:,} clusters, commit {first['commit']}.", ""]
    lines += ["| trial | log | less first line | rps | less first line |", "|---|---|---|---|---|"]
    for trial, scores in trials.groupby("trial", sort=False):
        cells = [str(trial)]
        for one in (scores[scores["score"] == name].iloc[0] for name in ("log", "rps")):
            less = interval(one["difference"], one["low"], one["high"], digits=4)
            cells += [f"{one['mean']:.4f}", "0" if trial == first["trial"] else less]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def _section(document: dict[str, Any]) -> str:
    data = document["data"]
    hashes = document.get("facts", {}).get("files", {data["file"]: data["sha256"]})
    files = ", ".join(f"`{file}` (SHA-256 {sha256[:12]})" for file, sha256 in hashes.items())
    lines = [f"{files}, {_run(document)}."]
    lines += [f"From an earlier run, {_run(run)}: {', '.join(run['tasks'])}." for run in document.get("earlier", ())]
    lines.append("")
    scores = pd.DataFrame(document["scores"])
    if document["benchmark"] in _SHORT:
        return "\n".join([*lines, *_SHORT[document["benchmark"]](scores), ""])
    weights = pd.DataFrame(document["weights"], columns=pd.Index(["benchmark", "task", "pool", "member", "weight"]))
    for task in scores["task"].unique():
        lines += _task(task, scores[scores["task"] == task], weights[weights["task"] == task])
    return "\n".join(lines)


def _run(run: dict[str, Any]) -> str:
    """Commit, day and length of a run."""
    code, minutes = run["code"], run["seconds"] / 60
    state = " with changes" if code.get("changed") else ""
    length = f"{minutes:.0f} minutes on one busy core" if minutes >= 1 else f"{run['seconds']:.0f} seconds"
    return f"commit {str(code.get('commit', 'unknown'))[:10]}{state}, {run['began'][:10]}, {length}"


def _ladder(scores: pd.DataFrame) -> list[str]:
    """Every entrant and the best baseline, by days ahead, of all origins."""
    lines = [
        "| days ahead | entrant | log | less best baseline | rps | less best baseline |",
        "|---|---|---|---|---|---|",
    ]
    counted = []
    for task in dict.fromkeys(scores["task"][scores["task"].str.startswith("all origins")]):
        mine = scores[(scores["task"] == task) & scores["score"].isin(["log", "rps"])]
        counted.append(mine[["rows", "clusters"]].iloc[0])
        best = mine["candidate"] == mine["reference"]
        for entrant in dict.fromkeys(mine["candidate"][best | (mine["role"] != "baseline")]):
            one = mine[mine["candidate"] == entrant].set_index("score")
            cells = [c for name in ("log", "rps") for c in (_mean(one.loc[name]), _difference(one.loc[name], entrant))]
            ahead = task.partition(", ")[2].removesuffix(" days ahead").replace("all horizons", "all")
            lines.append(f"| {ahead} | {entrant} | " + " | ".join(cells) + " |")
    rows, clusters = max(int(c["rows"]) for c in counted), max(int(c["clusters"]) for c in counted)
    return [f"{rows:,} windows of crises in {clusters:,} stories; all scores are in the folder.", "", *lines]


def _calibration(scores: pd.DataFrame) -> list[str]:
    """What was found, what was wanted, and whether it was reached."""
    quantities, simulations = scores[["rows", "clusters"]].iloc[0]
    lines = [f"{simulations:,} simulations, {quantities:,} quantities.", ""]
    lines += ["| what | found | wanted | reached |", "|---|---|---|---|"]
    for row in scores.to_dict("records"):
        found = f"{row['mean']:,.4g}" if row["low"] is None or pd.isna(row["low"]) else _mean(pd.Series(row))
        what = row["task"] if row["task"] == "simulations" else f"{row['task']}: {row['score']}"
        lines.append(f"| {what} | {found} | {row['reference']} | {'yes' if row['reached'] else '**no**'} |")
    return lines


_SHORT: Final[dict[str, Callable[[pd.DataFrame], list[str]]]] = {"U": _ladder, "K": _calibration}
"""Benchmarks whose section is one table."""


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
            cells.append(_mean(against[0]))
            cells += [_difference(one, entrant) for one in against]
        lines.append("| " + " | ".join(cells) + " |")
    for pool, part in weights.groupby("pool"):
        shares = ", ".join(
            f"{member} {weight:.2f}" for member, weight in zip(part["member"], part["weight"], strict=True)
        )
        lines += ["", f"Weights of the {pool}, learned in training: {shares}."]
    return [*lines, ""]


def _mean(one: pd.Series) -> str:
    mean = interval(one["mean"], one["low"], one["high"], _digits(one["mean"]), sign="")
    return f"**{mean}**" if one["better"] else mean


def _difference(one: pd.Series, entrant: str) -> str:
    return "0" if entrant == one["reference"] else column_interval(one, digits=_digits(one["mean"]))


def _digits(mean: float) -> int:
    return 5 if mean < 0.2 else 4


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
