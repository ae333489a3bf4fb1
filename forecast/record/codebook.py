"""The codebook: `data/README.md`, written from the column table. Refresh it by `python -m forecast.record.codebook`."""

from __future__ import annotations

from collections.abc import Iterator

from forecast.record.columns import MOVES, OUTCOMES, TABLES, WORD_MEANINGS
from forecast.record.read import shipped_path
from forecast.record.schema import Column, Table
from forecast.record.vocabulary import DIRECTION, PLOVER, RUNGS_BY_TYPE, TYPE_MEANINGS
from forecast.terms import CHANNELS, LADDER_NAMES, LADDER_RULES, RUNGS, TYPES_BY_CHANNEL

_INTRODUCTION = """\
# The record and its codebook

Written from the column table in `forecast/record/columns.py`; do not edit it by hand.

A record is a folder: `record.yaml` and eight CSV tables (UTF-8, RFC 4180, header in the first line).
`forecast check` holds it to every rule below, `forecast init` writes an empty one. Beside them may stand
`questions.yaml`: what every forecast of the record is asked; `docs/questions.md` of the package tells its words.

## Rules that every table keeps

1. **Two dates.** `date` or `start` says when something happened, `known_date` when it could be known. The record as of
   a day is the rows with `known_date` up to that day, and nothing else is asked. Nothing that is known later may be
   told by an earlier row: not in a number, not in a name, not in a summary.
2. **Corrections are new rows.** A row that repeats an id with a later `known_date` replaces the earlier one from that
   day on; a move with status `withdrawn` removes it. No row is ever edited away.
3. **One fact per row**, with its sources and how sure they are. `confirmed`: not contested; `reported`: one side or one
   outlet; `disputed`: contested.
4. **Closed words.** Lists are given below; an unknown word is an error that names the nearest valid one.
5. **What a row points to is known no later than the row**: actors, sources, episodes and sides.
6. **Silence is not quiet.** `coverage.csv` says which channels were watched; elsewhere nothing is known.
7. Blank means not known or not applicable, never zero. Lists inside a cell are joined by `;`.
"""

_MOVES_NOTE = """\
How acts are rated:

- The rung is the height of the act. A salvo that was announced beforehand is a symbolic strike (rung 3) however large.
  A single round at the opponent's bases in a third state is a limited strike (rung 4); the same within a running
  campaign on several states, or at a third state's own cities, energy or ports, is a widening (rung 7).
- An open attack on merchant ships is a limited strike (4); a mine or an attack that nobody owns is covert (1).
- A blockade of one state's ports leaves the strait open to others: it is an `embargo` and carries no rung. An act or
  declaration that closes a strait to all is a `chokepoint_closure` (7).
- What an armed group does for its sponsor is a `proxy_attack` (2). If an armed group or a third party is struck, it is
  the target, not its sponsor; its sponsor is the target if the sponsor's own personnel or sites were struck.
- Rows with basis `state` say that a campaign went on between dated strikes. They keep a week of war from looking quiet.
- A move before the onset belongs to the crisis and becomes part of the record with it.
"""

_OUTCOMES_NOTE = """\
Rules of known dates and places:

- An outcome is known on its last day. Talks that came after it are added by a second version of the row, known on the
  day of the talks (`strike_date` + `talks_after_days`). An open outcome is known from its first strike, with that
  strike only, and once more on the last day that the sources cover.
- `max_rung_a` and `max_rung_b` are the highest rungs of the two sides between `start` and `date`; force of a proxy, or
  against one, counts as rung 2 at most. `outcome` follows from them:
"""

_COVERAGE_NOTE = """\
The end of a stretch that hangs on the ending of a crisis must not tell that ending: the row is known at the onset with
a blank `end`, and its version with an `end` is known when the crisis has ended. Density: `sparse` large steps only,
`regular` a few rows a quarter, `dense` every day read, `sampled` some days read, `narrative` written afterwards.
A case without rows of its own is covered by the crises that name it in `case_id`.
"""

_NOTES = {"moves": _MOVES_NOTE, "outcomes": _OUTCOMES_NOTE, "coverage": _COVERAGE_NOTE}


def codebook() -> str:
    """Return the codebook of the record as Markdown."""
    return "\n".join([_INTRODUCTION, *_config_part(), *(part for table in TABLES.values() for part in _table(table))])


def _config_part() -> Iterator[str]:
    yield "## record.yaml\n"
    yield from _rows(
        ("key", "meaning"),
        [
            ("title", "title of the record"),
            (
                "reference",
                "`shipped`: the past crises of the shipped record are added when this one is run; `none`: not",
            ),
            ("covered_until", "last day that the sources cover; `null`: kept up to date"),
            ("cases", "what can be forecast, the first being the default; `[]` in a record of past crises alone"),
            ("cases[].id", "an episode of kind `case`"),
            ("cases[].title", "its title"),
            ("cases[].side_a, side_b", "`name` in full and `short` of each side; side a is the challenger's"),
            ("cases[].panel_start", "first day of its panel"),
        ],
    )


def _table(table: Table) -> Iterator[str]:
    key = " + ".join(f"`{name}`" for name in table.key)
    yield f"## {table.file}\n"
    yield f"{table.meaning} A row is named by {key}; its versions differ in `known_date`.\n"
    yield from _rows(
        ("column", "holds", "meaning", "rule"),
        [(f"`{column.name}`", _holds(column), column.meaning, column.rule) for column in table.columns],
    )
    if table.name in _NOTES:
        yield _NOTES[table.name]
    for column in table.columns:
        meanings = WORD_MEANINGS.get(f"{table.name}.{column.name}")
        if meanings and table is not MOVES:
            yield from _rows((column.name, "meaning"), [(f"`{word}`", text) for word, text in meanings.items()])
    if table is MOVES:
        yield from _moves_words()
    if table is OUTCOMES:
        yield from _ladder()


def _holds(column: Column) -> str:
    match column.kind:
        case "word":
            text = ", ".join(f"`{word}`" for word in column.words) if len(column.words) <= len(CHANNELS) else "one word"
        case "words":
            text = "list of words"
        case "ref":
            text = f"row of {column.table}"
        case "refs":
            text = f"rows of {column.table}"
        case "int":
            text = _bounds(column)
        case _:
            text = column.kind
    return text if column.required else f"{text}, or blank"


def _bounds(column: Column) -> str:
    if column.high is None:
        return f"whole number from {column.low}"
    return f"{column.low} or {column.high}" if column.high - (column.low or 0) == 1 else f"{column.low}–{column.high}"


def _moves_words() -> Iterator[str]:
    channels = WORD_MEANINGS["moves.channel"]
    yield from _rows(("channel", "meaning"), [(f"`{channel}`", channels[channel]) for channel in CHANNELS])
    yield from _rows(
        ("channel", "type", "meaning", "usual direction", "rung", "PLOVER"),
        [
            (channel, f"`{kind}`", TYPE_MEANINGS[kind], DIRECTION[kind], _rungs(kind), f"`{PLOVER[kind]}`")
            for channel in CHANNELS
            for kind in TYPES_BY_CHANNEL[channel]
        ],
    )
    yield from _rows(("rung", "meaning"), [(str(rung), text) for rung, text in RUNGS.items()])
    struck = next(column for column in MOVES.columns if column.name == "targets_struck")
    yield "`targets_struck` takes " + ", ".join(f"`{word}`" for word in struck.words) + ".\n"


def _rungs(kind: str) -> str:
    return ", ".join(str(rung) for rung in RUNGS_BY_TYPE.get(kind, ()))


def _ladder() -> Iterator[str]:
    yield from _rows(
        ("code", "name", "rule"), [(f"`{code}`", LADDER_NAMES[code], rule) for code, rule in LADDER_RULES.items()]
    )


def _rows(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    lines = [header, tuple("---" for _ in header), *rows]
    yield "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def main() -> None:
    """Write the codebook beside the shipped record."""
    (shipped_path() / "README.md").write_text(codebook(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
