"""The table of questions: each rule read off the same futures as the ladder, or the reason why it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.outlook.estimate import Estimate, estimate
from forecast.outlook.expressible import Parties, Told, by_sides, why_not
from forecast.outlook.ladder import Paths, acts, event_days
from forecast.outlook.rules import Futures, futures, holds
from forecast.record.rule import reach, rule_json
from forecast.record.rule_said import in_words

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from forecast.record.questions import Question

COLUMNS = (
    "question_id", "wording", "rule", "given", "in_words", "opens", "closes", "horizon_days", "expressible", "reason",
    *Estimate._fields,
)  # fmt: skip
LONG_AGO = -10_000  # days; no window reaches back so far
NEVER_GIVEN = "its condition holds on no simulated future"
UNKNOWN = Estimate(np.nan, np.nan, np.nan, np.nan)


def question_table(
    questions: Sequence[Question],
    paths: Paths,
    parties: Parties,
    names: tuple[str, str],
    as_of: dt.date,
    *,
    scope: int = 0,
    told: Told | None = None,
    longer: Callable[[int], Paths] | None = None,
) -> pd.DataFrame:
    """Probability of every question, in their order.

    Parameters
    ----------
    questions
        Of the case that is forecast.
    paths
        Simulated futures, arrays [draw, path, period].
    parties
        Who stands where.
    names
        Short names of the sides.
    as_of
        As-of day.
    scope
        Category of force that the campaign which runs on the as-of day has reached; 0 without one.
    told
        The days before the as-of day that windows hold.
    longer
        Simulates futures of so many days; called once, for questions that look past the end of `paths`.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`; no estimate, but a reason, where the model cannot express a question, and where its
        condition holds on no path.
    """
    span = paths.day.shape[2] * paths.period_days
    reasons = [why_not(question, parties, as_of, told) for question in questions]
    ends = [_end(question, as_of) for question in questions]
    found = [UNKNOWN] * len(questions)
    late = [n for n, end in enumerate(ends) if not reasons[n] and end > span]
    if late and longer is None:
        reasons = [
            f"it looks {ends[n]} days past the as-of day; {span} are simulated" if n in late else reason
            for n, reason in enumerate(reasons)
        ]
    batches = [([n for n, end in enumerate(ends) if not reasons[n] and end <= span], paths)]
    if late and longer is not None:
        batches.append((late, longer(max(ends[n] for n in late))))
    for wanted, made in batches:
        ahead = futures(joined(made, scope, told))
        for n in wanted:
            found[n] = _estimate(questions[n], ahead, parties, as_of)
            if np.isnan(found[n].probability):
                reasons[n] = NEVER_GIVEN
    rows = [
        (
            question.id, question.worded(names, as_of), rule_json(question.rule),
            "" if question.given is None else rule_json(question.given),
            in_words(question.rule, names, given=question.given), *question.window.dates(as_of),
            (question.window.dates(as_of)[1] - as_of).days, reason in ("", NEVER_GIVEN), reason, *number,
        )
        for question, reason, number in zip(questions, reasons, found, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def joined(paths: Paths, scope: int = 0, told: Told | None = None) -> Paths:
    """Return simulated futures with the recorded days before them, and the campaign that runs on the as-of day.

    Recorded days on which nothing happened are left out: they tell rules nothing. The campaign stands in a period of
    its own, dated so long ago that no window holds it, so that its halt is seen and its opening is not.
    """
    past, when = _past(told)
    state = {name: np.zeros((1, 1, 1, *values.shape[3:]), values.dtype) for name, values in acts(paths).items()}
    state["scope"][...] = scope
    draws, futures_each = paths.day.shape[:2]
    arrays = {
        name: np.concatenate(
            [
                np.broadcast_to(part, (draws, futures_each, *part.shape[2:])).astype(values.dtype)
                for part in (past[name], state[name])
                if part.shape[2]
            ]
            + [values],
            axis=2,
        )
        for name, values in acts(paths).items()
    }
    early = len(when) + 1
    days = np.concatenate([when, [LONG_AGO]]) - np.arange(early) * paths.period_days
    before = np.broadcast_to(days, (draws, futures_each, early)).astype(paths.day.dtype)
    day = np.concatenate([before, paths.day - early * paths.period_days], axis=2)
    return paths._replace(**arrays, day=day, crisis=None)


def _past(told: Told | None) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Recorded days on which something happened or a campaign had stopped, and their days up to 0, the as-of day."""
    if told is None:
        none = np.zeros((1, 1, 0, 2), np.int8)
        return {name: none if name == "rung" else none[..., 0] for name in Paths._fields}, np.zeros(0, int)
    arrays = acts(told.paths)
    days = told.paths.day.shape[2]
    active = np.zeros(days, dtype=bool)
    for values in arrays.values():
        active |= values[0, 0].reshape(days, -1).any(axis=1)
    active[1:] |= (arrays["scope"][0, 0, :-1] > 0) & (arrays["scope"][0, 0, 1:] == 0)
    when = event_days(told.paths)[0, 0] - days
    return {name: values[:, :, active] for name, values in arrays.items()}, when[active]


def _end(question: Question, as_of: dt.date) -> int:
    """Last day that a question looks at, from the as-of day."""
    rules = [rule for rule in (question.rule, question.given) if rule is not None]
    return (question.window.dates(as_of)[1] - as_of).days + max(map(reach, rules))


def _estimate(question: Question, ahead: Futures, parties: Parties, as_of: dt.date) -> Estimate:
    first, last = ((day - as_of).days for day in question.window.dates(as_of))
    came = holds(by_sides(question.rule, parties), ahead, first, last)
    given = None if question.given is None else holds(by_sides(question.given, parties), ahead, first, last)
    return estimate(came, given)
