"""The page `docs/questions.md`, written from the words of rules; run as a module it renews the page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from forecast.record.questions import QUESTIONS_FILE, inspect_questions
from forecast.record.read import shipped_path
from forecast.record.rule import Rule, rule_json, rule_of
from forecast.record.rule_said import in_words
from forecast.record.rule_words import EVENTS, FORMS, NARROWING, QUESTION_KEYS
from forecast.record.standing import STANDING

PAGE: Final = Path("docs") / "questions.md"

_INTRODUCTION: Final = """\
# Questions

Written from `forecast/record/rule_words.py` and `forecast/record/questions_page.py`; do not edit it by hand.

Beside its ladder every forecast answers questions. A question has a rule that a machine can check: the same rule is
asked of simulated futures, which gives the probability, and later of the record, which gives yes, no or void. It is
fixed when the forecast is published and stands in its table `questions`.

```yaml
questions:
  - id: reply-to-first-strike
    wording: "If {a} strikes first by {closes}: does {b} reply directly within 14 days?"
    case: us-iran
    rule: {reply: [symbolic, bounded, widening], within: 14, to: a}
    given: {event: first_strike, by: a}
    window: 90
```

```
forecast questions                        # those of the record: rule in words, and whether the model can express it
forecast questions mine.yaml              # the same for a file
forecast run --questions mine.yaml        # a forecast that answers them
forecast questions forecasts/us-iran/RUN --answers      # what the record says to those of an archived run
```

A file `questions.yaml` in the folder of a record is read without being named; `forecast check` covers it. In Python:
`forecast.read_questions(path)`, `forecast.Settings(questions=path)`, and `outlook.tables["questions"]`.
"""

_RESOLUTION: Final = """\
## How a question is resolved

The record is turned into days: the highest direct act of each side, whether a campaign runs and how far it has spread,
talks, deals, cease-fires, acts of closing. The rule is then asked of these days exactly as it is asked of a simulated
future. Every row counts by its `date`, however sure it is, and of rows that were corrected the last version.

An answer is void, with the reason,

- where the record ends before the last day that the rule may look at (the window, and `within` days after it);
- where a day of these was not watched (`coverage.csv`): for force, for talks and deals if the rule needs them (not in
  stretches of density `sparse`), and closely for a reply `none` or `proxy` (not in narratives either);
- where `given` did not hold;
- where a past crisis is known to have escalated on a day that the record does not tell, and the answer hangs on it.

The first two do not depend on what happened, so that being void tells nothing of the answer.

## What the model cannot express

Such a question stands in the forecast without a probability and with the reason. It is never guessed.

- A single actor inside a side, a place, what is struck, a single type of act, and any signal (threats, deployments,
  sanctions): the model simulates the force of two sides, talks, deals and cease-fires, and no more. A list of actors
  that is the whole of a side (its lead and members, for `at` with its partners) is that side.
- `closure` where the case has no chokepoint, and `quiet` below two periods.
- A window that has closed, or a rule that looks further than 365 days past the as-of day. What looks past the last
  horizon of the ladder is read off a longer simulation of its own, from the same draws.
- A window that opened before the as-of day is read off the record up to that day and off the futures from then on. It
  cannot be expressed where those days were not watched.

## How exact it is

Futures run in periods of a week (`--period-days`); all that happens in a period falls on one day of it, and of several
acts of a side only the highest is kept. A strike and a reply in the same week are simulated, but "within 2 days" is
coarse, and two strikes of a side in one week are one. `then` means a later day, so that what comes in the same
period does not count as following; `reply` counts the same day. A cease-fire is simulated only as the end of a
campaign, while the record may hold one without. Force by partners, and proxies' own wars, are no acts of a side.
"""


def questions_page() -> str:
    """Text of `docs/questions.md`."""
    words = [
        "## A question\n",
        _table(("key", "meaning"), QUESTION_KEYS.items()),
        "## Forms of a rule\n\nA rule has exactly one of these forms; rules may stand inside rules.\n",
        _table(("form", "holds where"), FORMS.values()),
        "## Events\n",
        _table(
            ("event", "happens where", "may be narrowed by"),
            ((f"`{name}`", word.meaning, ", ".join(f"`{key}`" for key in word.takes)) for name, word in EVENTS.items()),
        ),
        _table(("narrowed by", "meaning"), ((f"`{key}`", meaning) for key, meaning in NARROWING.items())),
    ]
    return "\n".join([_INTRODUCTION, *words, _examples(), _RESOLUTION])


def _examples() -> str:
    """The standing questions, and those shipped with the record, as rules with their sentences."""
    names = ("side a", "side b")
    rules = {name: (rule_of(json.dumps(rule)), None) for name, (_, rule) in STANDING.items()}
    questions, _ = inspect_questions(shipped_path() / QUESTIONS_FILE)
    shipped: dict[str, tuple[Rule, Rule | None]] = {}
    for question in questions:  # a window of several lengths makes several questions of one rule
        if (question.rule, question.given) not in shipped.values():
            shipped[question.id] = question.rule, question.given
    parts = []
    for title, entries in (
        ("Every forecast is asked, at each horizon (`<id>-30d` and so on)", rules),
        ("The shipped record adds", shipped),
    ):
        rows = (
            (f"`{name}`", in_words(rule, names, given=given), f"`{rule_json(rule)}`")
            for name, (rule, given) in entries.items()
        )
        parts.append(f"{title}:\n\n{_table(('id', 'asks for', 'rule as JSON'), rows)}")
    return "## Examples\n\n" + "\n".join(parts)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(questions_page(), encoding="utf-8", newline="\n")
