"""Futures of a case by the episode model: draws of everything that is uncertain, and the days on which steps come."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from forecast.outside.clocks import NEVER, by_age, draw_hazard, draw_lag, first_days, lag_days
from forecast.outside.episodes import MODES, Model, with_usual
from forecast.outside.standing import Standing
from forecast.outside.utilities import draw_predictions

WATCHED_BEFORE: Final = 182
"""Days before its onset for which a past crisis is watched: one onset in so many days, where a question is posed."""


class Course(NamedTuple):
    """Days [path] from the as-of day on which each step comes; `NEVER` if it does not."""

    strike: np.ndarray
    reply: np.ndarray
    campaign: np.ndarray
    wide: np.ndarray
    full: np.ndarray
    deal: np.ndarray


class Draws(NamedTuple):
    """Draws of all that is uncertain: chances of the steps [draw, …], and clocks (a list over draws, or [draw, bin]).

    `campaign`, `full` and `regional` [draw, again, answered] depend on whether force was used before in the crisis and
    on whether the strike is answered; `answered` [draw, again].
    """

    strike: np.ndarray
    answered: np.ndarray
    campaign: np.ndarray
    full: np.ndarray
    regional: np.ndarray
    settled: np.ndarray
    ends_with: np.ndarray
    lags: dict[str, list[np.ndarray]]
    renewal: list[np.ndarray]
    ending: list[np.ndarray]
    deal: list[np.ndarray]
    halt: list[np.ndarray]
    onset: list[np.ndarray]
    recurrence: np.ndarray
    stray: np.ndarray
    posed: np.ndarray


def draw_all(model: Model, at: Standing, draws: int, rng: np.random.Generator) -> Draws:
    """Draw coefficients and clocks for a case."""
    row = with_usual(at.row, model.usual)
    kinds = pd.concat([row] * 4, ignore_index=True).assign(again=[0.0, 0, 1, 1], answered=[0.0, 1, 0, 1])
    game = draw_predictions(model.opening, row, draws, rng)[:, 0]
    strike = 1.0 - game[:, 0]
    answered = game[:, 2] / np.maximum(strike, 1e-12)

    def chance(name: str) -> np.ndarray:
        return draw_predictions(model.further[name], kinds, draws, rng)[:, :, 1].reshape(draws, 2, 2)

    return Draws(
        strike=strike,
        answered=np.column_stack([answered, rng.beta(*model.again, size=draws)]),
        campaign=chance("campaign"),
        full=chance("full"),
        regional=chance("regional"),
        settled=draw_predictions(model.further["settled"], row, draws, rng)[:, 0, 1],
        ends_with=rng.beta(*model.ends_with, size=draws),
        lags={name: [draw_lag(lag, rng) for _ in range(draws)] for name, lag in model.lags.items()},
        renewal=[draw_hazard(at.renewal, rng) for _ in range(draws)],
        ending=[draw_hazard(model.ending, rng) for _ in range(draws)],
        deal=[draw_hazard(model.deal, rng) for _ in range(draws)],
        halt=[draw_hazard(model.halt, rng) for _ in range(draws)],
        onset=[draw_hazard(model.onset, rng) for _ in range(draws)],
        recurrence=rng.gamma(at.recurrence.shape, 1.0 / at.recurrence.rate, size=draws),
        stray=rng.gamma(at.stray.shape, 1.0 / at.stray.rate, size=draws),
        posed=rng.gamma(model.crises + 1.0, 1.0 / ((model.crises + 1.0) * WATCHED_BEFORE), size=draws),
    )


def futures(
    some: Draws, number: int, model: Model, at: Standing, days: int, size: int, rng: np.random.Generator
) -> Course:
    """Futures [path] of one draw, from where the case stands."""
    now, again = np.zeros(size, int), np.zeros(size, int)
    match at.state:
        case "open":
            strike, deal = _opening(some, number, model, now, at.age, days, rng)
        case "struck":
            strike, deal, again = _next_round(some, number, model, now, at.gap, days, rng)
        case "campaign":
            last = _last_day(some, number, model, at, days, size, rng)
            strike, deal, again = _next_round(some, number, model, np.maximum(last, 0), 1, days, rng)
            runs = last >= 1
            course = _depth(some, number, np.where(runs, NEVER, strike), deal, again, rng)
            return _running(some, number, at, course, runs, last, rng)
        case "posed":
            onset = first_days(np.full(days, some.posed[number]), size, rng)
            strike, deal = _opening(some, number, model, onset, -1, days, rng)
        case _:
            strike, deal = _quiet(some, number, model, now, at.quiet, days, rng)
    return _depth(some, number, strike, deal, again, rng)


def _opening(
    some: Draws, number: int, model: Model, onset: np.ndarray, age: int, days: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Day of the opening strike and of a deal without one, in crises that began `age` days before `onset` [path].

    That none has come by an age speaks for a crisis without one, by the two clocks (a cure model; Farewell 1982).
    """
    size, elapsed = len(onset), max(age, 0)
    clocks = [some.lags[name][number] for name in ("strike", "deal", "end")]
    calm = 1.0 - some.strike[number]
    beforehand = np.array([some.strike[number], calm * some.settled[number], calm * (1.0 - some.settled[number])])
    still = beforehand * [clock[elapsed + (age >= 0) :].sum() for clock in clocks]
    chance = still / still.sum() if still.sum() > 0 else np.array([0.0, 0.0, 1.0])
    ends_by = rng.choice(3, size=size, p=chance)
    strike, deal, end = (
        onset + np.maximum(lag_days(clock, age, size, rng) - elapsed, 1 if age >= 0 else 0) for clock in clocks
    )
    later = _quiet(some, number, model, np.where(ends_by == 1, deal, end), 0, days, rng)[0]
    return np.where(ends_by == 0, np.maximum(strike, 1), later), np.where(ends_by == 1, np.maximum(deal, 1), NEVER)


def _next_round(
    some: Draws, number: int, model: Model, since: np.ndarray, gap: int, days: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Day of the next overt act after a round whose last was `gap` days before the day `since` [path].

    Returns
    -------
    ndarray, ndarray, ndarray
        The day, the day of a deal without it, and whether it is a later round of the same crisis [path].
    """
    size = len(since)
    act = since + first_days(by_age(model.renewal, some.renewal[number], gap, days), size, rng)
    end = since + first_days(by_age(model.ending, some.ending[number], gap, days), size, rng)
    deal = since + first_days(by_age(model.deal, some.deal[number], gap, days), size, rng)
    goes_on = act <= end
    later = _quiet(some, number, model, end, 0, days, rng)[0]
    return np.where(goes_on, act, later), np.where(deal <= end, deal, NEVER), goes_on.astype(int)


def _quiet(
    some: Draws, number: int, model: Model, since: np.ndarray, age: int, days: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Day of the next strike, in a next crisis or outside any, and of a deal in a next crisis without one."""
    size = len(since)
    per_day = some.recurrence[number] * by_age(model.onset, some.onset[number], age, days)
    onset = since + first_days(per_day, size, rng)
    strikes = rng.random(size) < some.strike[number]
    strike = np.where(strikes, onset + lag_days(some.lags["strike"][number], -1, size, rng), NEVER)
    settled = ~strikes & (rng.random(size) < some.settled[number])
    deal = np.where(settled, onset + lag_days(some.lags["deal"][number], -1, size, rng), NEVER)
    stray = since + first_days(np.full(days, some.stray[number]), size, rng)
    return np.minimum(strike, stray), deal


def _last_day(
    some: Draws, number: int, model: Model, at: Standing, days: int, size: int, rng: np.random.Generator
) -> np.ndarray:
    """Last day [path] of the running campaign, from the as-of day; 0 or below if it has halted unseen.

    Where a narrative has told nothing of it for some days, it may have halted in them; that its crisis is still open
    speaks against an early halt.
    """
    begin = at.fought - at.silent
    last = first_days(by_age(model.halt, some.halt[number], begin, days + at.silent + 1), size, rng) - 1 - at.silent
    if at.silent == 0:
        return last
    ending = np.cumsum(by_age(model.ending, some.ending[number], 1, at.silent + 1))
    without = (1.0 - some.ends_with[number]) * np.exp(-ending[np.clip(-last, 0, at.silent)])
    open_still = np.where(last >= 1, 1.0, without)
    return rng.choice(last, size=size, p=open_still / open_still.sum())


def _depth(
    some: Draws, number: int, strike: np.ndarray, deal: np.ndarray, again: np.ndarray, rng: np.random.Generator
) -> Course:
    """How far a round goes that opens on a day [path]: answer, campaign, several theatres, full war."""
    size = len(strike)

    def lag(name: str) -> np.ndarray:
        return lag_days(some.lags[name][number], -1, size, rng)

    answered = (rng.random(size) < some.answered[number][again]).astype(int)
    campaign = rng.random(size) < some.campaign[number][again, answered]
    full = campaign & (rng.random(size) < some.full[number][again, answered])
    regional = campaign & ~full & (rng.random(size) < some.regional[number][again, answered])
    opens = strike + lag("campaign")
    at_full = opens + lag("full")
    return Course(
        strike=strike,
        reply=np.where(answered > 0, strike + lag("reply"), NEVER),
        campaign=np.where(campaign, opens, NEVER),
        wide=np.where(full, at_full, np.where(regional, opens + lag("wide"), NEVER)),
        full=np.where(full, at_full, NEVER),
        deal=deal,
    )


def _running(
    some: Draws, number: int, at: Standing, course: Course, runs: np.ndarray, last: np.ndarray, rng: np.random.Generator
) -> Course:
    """Futures in which the running campaign goes on for at least a day; it widens while it runs, if at all."""
    so_far, size = at.fought - 1, len(last)

    def widened(name: str, chance: float, reached: int) -> np.ndarray:
        if at.scope >= reached:
            return np.where(runs, 1, NEVER)
        lag = some.lags[name][number]
        yes = chance * lag[so_far + 1 :].sum()
        day = np.maximum(lag_days(lag, so_far, size, rng) - so_far, 1)
        comes = runs & (rng.random(size) < yes / (yes + 1.0 - chance)) & (day <= last)
        return np.where(comes, day, NEVER)

    full = widened("full", float(some.full[number][0, 1]), 6)
    wide = np.minimum(full, widened("wide", float(some.regional[number][0, 1]), 5))
    one = np.where(runs, 1, NEVER)
    return Course(
        strike=np.minimum(course.strike, one),
        reply=np.minimum(course.reply, one),
        campaign=np.minimum(course.campaign, one),
        wide=np.minimum(course.wide, wide),
        full=np.minimum(course.full, full),
        deal=course.deal,
    )


def stages(some: Draws, model: Model, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Chances of the steps of a crisis like this one, from its onset, and of the modes of reply [draw]."""
    draws = len(some.strike)
    first = some.answered[:, 0]

    def over_answers(chance: np.ndarray) -> np.ndarray:
        return first * chance[:, 0, 1] + (1.0 - first) * chance[:, 0, 0]

    full, regional = over_answers(some.full), over_answers(some.regional)
    found = {
        "a strike": some.strike,
        "settlement without a strike": (1.0 - some.strike) * some.settled,
        "campaign, given a strike": over_answers(some.campaign),
        "several theatres or full war, given a campaign": full + (1.0 - full) * regional,
        "full war, given a campaign": full,
        "talks within 90 days, given a strike": rng.beta(*model.talks, size=draws),
    }
    for answered, modes in MODES.items():
        share = rng.dirichlet(model.modes[answered], size=draws) * (first if answered else 1.0 - first)[:, None]
        names = ["no reply" if mode == "none" else f"a {mode} reply" for mode in modes]
        found |= {f"{name}, given a strike": share[:, k] for k, name in enumerate(names)}
    return found
