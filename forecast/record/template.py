"""An empty record for any pair of states: it passes the check and says what to fill in."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from pathlib import Path
from typing import Final

from forecast.errors import UsageError
from forecast.record.columns import TABLES
from forecast.record.config import CONFIG_FILE
from forecast.record.facts import FACT_COLUMNS, FACTS_FILE
from forecast.record.interventions import SCENARIOS_FILE
from forecast.record.questions import QUESTIONS_FILE
from forecast.record.read import shipped_path
from forecast.record.sheet import read_sheet

_CODE: Final = re.compile(r"[A-Z][A-Z0-9-]{1,19}")
_SHORT: Final = 15
"""Letters of a name that a figure has room for; a longer one is told there by its code."""

_CONFIG: Final = """\
# What this record is. Lines that begin with # are comments.
title: "{name_a} - {name_b}"

# shipped: the past crises that come with the package are added as reference class (a new record should
# keep this: it has too few endings of its own to learn from). none: only the rows of this record are used.
reference: shipped

# Last day that your sources cover, for example 2026-10-09. null: you keep the record up to date.
covered_until: null

# What can be forecast. `id` is an episode of kind `case` in episodes.csv. Side a is its challenger, side b its
# target; `short` is used in figures. The panel starts on panel_start: from there on coverage.csv should hold.
cases:
  - id: {case}
    title: "{name_a} - {name_b}"
    side_a: {{name: "{name_a}", short: "{short_a}"}}
    side_b: {{name: "{name_b}", short: "{short_b}"}}
    panel_start: {start}
"""

_QUESTIONS: Final = """\
# What every forecast of this record is asked, beside the questions that each forecast is asked anyway (strikes by
# either side, a campaign, several theatres, a closed chokepoint, full war, talks, a deal). `forecast questions` lists
# them all and says which the model can express; the words of a rule are in docs/questions.md of the package.
questions:
  - id: reply-to-first-strike             # never used again for another question
    wording: "If {{a}} strikes first by {{closes}}: does {{b}} reply directly within 14 days?"
    case: {case}
    rule: {{reply: [symbolic, bounded, widening], within: 14, to: a}}
    given: {{event: first_strike, by: a}}   # asked only where this holds; otherwise void
    window: 90                            # days after the as-of day

  - id: campaign-opens
    wording: "By {{closes}}: does a campaign of several days open?"
    case: {case}
    rule: {{event: campaign_opens}}
    window: [30, 180]                     # two questions, campaign-opens-30d and -180d

  # More rules to start from; take the signs # away and give each an id, a wording and a window.
  #   rule: {{event: strike, by: b, rung: 5}}                                  a leadership strike or more by side b
  #   rule: {{all: [{{event: deal}}, {{not: {{event: strike}}}}]}}                   a deal without force
  #   rule: {{after: {{event: talks}}, then: {{event: strike}}, within: 30}}       talks, then force within 30 days
  #   rule: {{after: {{event: ceasefire}}, without: {{event: strike}}, within: 30}}  a truce that holds for 30 days
  #   rule: {{ladder: O4}}                                                      the outcome is O4 or worse
  #   window: {{opens: 2026-03-01, closes: 2026-03-31}}                         fixed days, both included
"""

_SCENARIOS: Final = """\
# What if: each scenario is compared with every forecast of this record. More words (drop, shift, fix, days ahead) are
# in docs/scenarios.md of the package.
scenarios:
  - id: concession
    title: "{name_b} concedes at the highest level"
    interventions:
      - concede: {{by: b, level: 3}}

  - id: withdrawal
    title: "{name_a} pulls forces back"
    interventions:
      - withdraw: {{by: a, level: 3}}

  - id: strike
    title: "{name_a} strikes once"
    interventions:
      - add: {{actor: {side_a}, target: {side_b}, type: limited_strike}}
"""

_GUIDE: Final = """\
# {name_a} – {name_b}: how to fill this record

The folder holds one case, `{case}`, with its two leads and nothing else. `forecast check .` tells at any time what is
missing or wrong, with file, line and column. The words that each column takes are in the codebook (`data/README.md`
of the package). A column that would be blank in every row may be left out.

1. **`actors.csv`**: `name` and `region` of the two leads{known}. Add everyone who acts or is acted upon: allies, armed
   groups (kind `proxy`, with their `sponsor`), mediators. `known_date`: no later than the first row that
   names the actor.
2. **`episodes.csv`**: correct the row of the case: when the rivalry that you follow began, what the challenger wants
   (`demand`), who has nuclear weapons, how the two compare, force between them in the five years before
   (`prior_force_5y`), whether they share a land border (`ground_access`) or one sits on a strait (`chokepoint`).
   When a crisis breaks out between the two, add a row of kind `crisis` with `case_id` {case} and its first day as
   `start`; when it is over, its end goes to `outcomes.csv`. Force is most likely in the first days of a crisis: without
   this row the forecast takes none to be on.
3. **`sides.csv`**: one row for every actor of the case: `lead` (exactly one a side), `member` (fights beside the lead),
   `partner` (host or friend), `proxy`, or `observer` with side `none`.
4. **`sources.csv`**: one row for every page that you cite. Replace the row `coder`.
5. **`moves.csv`**: one row for every dated signal or act of force. The short way: write the facts into `facts.csv`,
   eight cells each, and `forecast add .` makes moves of them, with their sources, and fills in what is usual. It may be
   done again and again; what is there already is passed over. A fact, and the move that follows from it:

   ```
   {fact}
   {example}
   ```

   The two dates matter most: `date` is when it happened, `known_date` when it could be known. Never write into a move
   what was learnt later; add a row with the same `move_id` and the later `known_date` instead. `sponsor` stays blank
   but for an act of a proxy, `rung` but on rows of channel `force`.
6. **`coverage.csv`**: say from when to when, how closely and in which channels you watched. A week without a row counts
   as quiet only inside such a stretch. The row given here claims a regular watch on all channels: make it true.
7. **`outcomes.csv`** and **`preludes.csv`**: one row for every crisis that is over (kind `crisis` in
   `episodes.csv`). The case itself has none.
8. **`record.yaml`**: title, names of the sides, first day of the panel.
9. **`questions.yaml`**: what each forecast is asked beyond the standing questions, if anything. `forecast questions
   --record .` lists the questions and says which the model can express.
10. **`scenarios.yaml`**: what each forecast is compared with: a concession, a withdrawal, a strike.

Then `forecast run --record .`
"""


def init_record(
    folder: Path | str,
    *,
    side_a: str = "AAA",
    side_b: str = "BBB",
    case: str | None = None,
    start: dt.date | None = None,
    onset: dt.date | None = None,
) -> None:
    """Write an empty record into `folder`: it passes the check, and its README says what to fill in.

    Parameters
    ----------
    folder : path-like
        A new or empty folder.
    side_a, side_b : str
        Codes of the challenger and of the target: capitals, digits and ``-``, such as ``IND``.
    case : str, optional
        Id of the case; by default the two codes in lower case.
    start : date, optional
        First day of the case and of its panel; by default 1 January two years ago.
    onset : date, optional
        Day on which the crisis that is on broke out, if one is.

    Raises
    ------
    UsageError
        If the folder holds anything, cannot be written, a code is not valid, or the crisis is older than the case.
    """
    target = Path(folder)
    for code in (side_a, side_b):
        if not _CODE.fullmatch(code):
            message = f"{code!r} is no actor code – use capitals, digits and -, at least two, for example IND"
            raise UsageError(message)
    if side_a == side_b:
        message = f"both sides are {side_a} – name two different actors"
        raise UsageError(message)
    name = case or f"{side_a}-{side_b}".lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        message = f"{name!r} is no case id – use small letters, digits and -"
        raise UsageError(message)
    first = start or dt.datetime.now(tz=dt.UTC).date().replace(month=1, day=1)
    if start is None:
        first = first.replace(year=first.year - 2)
    if onset is not None and onset < first:
        message = (
            f"the crisis broke out on {onset}, before the first day that is followed, {first} – give an earlier start"
        )
        raise UsageError(message)
    _write(target, _contents(name, side_a, side_b, first.isoformat(), onset.isoformat() if onset else None))


def _write(target: Path, contents: dict[str, str]) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True)
        if any(target.iterdir()):
            message = f"{target} is not empty – name a new folder; nothing was written"
            raise UsageError(message)
        for file, text in contents.items():
            (target / file).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        message = f"{target} cannot be written ({error.strerror}) – name another folder"
        raise UsageError(message) from error


def _contents(case: str, side_a: str, side_b: str, start: str, onset: str | None) -> dict[str, str]:
    rows = _first_rows(case, side_a, side_b, start)
    if onset is not None:
        crisis = {"episode_id": f"{case}-{onset}", "kind": "crisis", "stratum": "purposive", "start": onset}
        rows["episodes"].append(rows["episodes"][0] | crisis | {"known_date": onset})
    contents = {table.file: _csv(_columns(table.name), rows.get(table.name, [])) for table in TABLES.values()}
    example = _csv(_columns("moves"), [_example(case, side_a, side_b, start)]).splitlines()[1]
    name_a, name_b = (_known_actor(code).get("name", code) for code in (side_a, side_b))
    known = " are those of the package's own record" if name_a != side_a and name_b != side_b else " (replace them)"
    fact = f"{start},{side_a},{side_b},exercise,2,Navy opens a three-day drill near the strait,coder,"
    words = {"case": case, "side_a": side_a, "side_b": side_b, "start": start, "example": example, "known": known,
             "name_a": name_a, "name_b": name_b, "fact": fact,
             "short_a": name_a if len(name_a) <= _SHORT else side_a,
             "short_b": name_b if len(name_b) <= _SHORT else side_b}  # fmt: skip
    return {
        CONFIG_FILE: _CONFIG.format(**words),
        QUESTIONS_FILE: _QUESTIONS.format(**words),
        SCENARIOS_FILE: _SCENARIOS.format(**words),
        "README.md": _GUIDE.format(**words),
        FACTS_FILE: ",".join(FACT_COLUMNS) + "\n",
        **contents,
    }


def _columns(table: str) -> tuple[str, ...]:
    """Columns of a new table: of moves those that a first row needs."""
    columns = TABLES[table].columns
    return tuple(c.name for c in columns if table != "moves" or c.required or c.name in ("sponsor", "rung"))


def _known_actor(code: str) -> dict[str, str]:
    """Name and region that the shipped record gives an actor; empty if it has none."""
    sheet, _ = read_sheet(shipped_path(), TABLES["actors"])
    found = list(zip(*(sheet.column(c) for c in ("actor_id", "name", "region")), strict=True))
    return next(({"name": name, "region": region} for actor, name, region in reversed(found) if actor == code), {})


def _known_pair(side_a: str, side_b: str, start: str) -> dict[str, str]:
    """What the latest shipped episodes known by a day say of the two: nuclear weapons, regime, and the pair's land."""
    sheet, _ = read_sheet(shipped_path(), TABLES["episodes"])
    rows = [dict(zip(sheet.header, row, strict=True)) for row in sheet.rows]
    rows = sorted((row for row in rows if row["known_date"] <= start), key=lambda row: row["start"])
    found = {}
    for row in rows:
        for side, code in (("challenger", side_a), ("target", side_b)):
            for role in ("challenger", "target"):
                if row[role] == code:
                    found[f"{side}_nuclear"] = row[f"{role}_nuclear"]
        if row["challenger"] == side_a:
            found["challenger_democracy"] = row["challenger_democracy"]
        if {row["challenger"], row["target"]} == {side_a, side_b}:
            found |= {name: row[name] for name in ("ground_access", "chokepoint")}
        if (row["challenger"], row["target"]) == (side_a, side_b):
            found["capability_ratio"] = row["capability_ratio"]
    return {name: value for name, value in found.items() if value}


def _csv(names: tuple[str, ...], rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _first_rows(case: str, side_a: str, side_b: str, start: str) -> dict[str, list[dict[str, str]]]:
    dated = {"known_date": start}
    leads = ((side_a, "a"), (side_b, "b"))
    known = {code: {"name": code} | _known_actor(code) for code in (side_a, side_b)}
    named = " - ".join(known[code]["name"] for code in (side_a, side_b))
    episode = {"episode_id": case, "name": named, "kind": "case", "case_id": case, "cluster": case}
    episode |= {"stratum": "case", "challenger": side_a, "target": side_b, "start": start, "date_precision": "day"}
    episode |= {"demand": "other", "challenger_nuclear": "0", "target_nuclear": "0", "capability_ratio": "parity"}
    episode |= {"challenger_democracy": "0", "prior_force_5y": "0", "ground_access": "0", "chokepoint": "0"}
    episode |= _known_pair(side_a, side_b, start)
    return {
        "actors": [{"actor_id": code, "kind": "state"} | known[code] | dated for code, _ in leads],
        "episodes": [episode | {"sources": "coder", "confidence": "reported"} | dated],
        "sides": [{"episode_id": case, "actor": code, "side": side, "role": "lead"} | dated for code, side in leads],
        "coverage": [
            {"coverage_id": f"{case}/{start}", "episode_id": case, "start": start, "density": "regular"}
            | {"observes": "force;verbal;posture;diplomacy;economic;nuclear;audience;credibility"}
            | dated
        ],
        "sources": [
            {"source_id": "coder", "kind": "reference", "citation": "Judgement of the coder; replace by a page"} | dated
        ],
    }


def _example(case: str, side_a: str, side_b: str, start: str) -> dict[str, str]:
    row = {"move_id": f"{start}-{side_a.lower()}-exercise", "episode_id": case, "date": start, "date_precision": "day"}
    row |= {"known_date": start, "status": "active", "actor": side_a, "target": side_b, "channel": "posture"}
    row |= {"type": "exercise", "level": "2", "direction": "escalatory", "sources": "coder", "confidence": "reported"}
    return row | {"basis": "reference_knowledge", "summary": "Navy opens a three-day drill near the strait"}
