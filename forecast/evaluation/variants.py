"""Named variants of the model for comparison: priors, history, periods, reference class; the code stays the same."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

from forecast.errors import UsageError
from forecast.model.learned import applied
from forecast.model.prior_sets import Change, PriorSet, changed
from forecast.model.priors import read_priors

if TYPE_CHECKING:
    from datetime import date

    from forecast.model.priors import Prior

PINNED: Final = 0.01
"""Scale of a prior that fixes its parameter; not smaller, so that the sampler finds it from where it starts."""
PUBLISHED: Final = "published"


class Variant(NamedTuple):
    """One variant: what it is, the priors it changes, days of a period, whether crises pool, the power of history."""

    meaning: str
    changes: tuple[Change, ...] = ()
    period_days: int = 7
    reference: bool = True
    history: float = 0.0


def _pin(name: str, value: float, *, log: bool = False, scale: float = PINNED) -> Change:
    family = "lognormal" if log else "normal"
    return Change(name=name, family=family, parameters=(value, scale), reason="pinned to compare models")


VARIANTS: Final[dict[str, Variant]] = {
    PUBLISHED: Variant("the published model"),
    "no-credibility": Variant(
        "credibility moves neither the other side's force nor its concessions",
        (_pin("overt_credibility", 0.001, log=True), _pin("concession_credibility", 0.0)),
    ),
    "no-pooling": Variant("the case and the priors alone, without past crises", reference=False),
    "no-crisis-state": Variant(
        "overt force does not depend on whether a crisis of the case is open, nor on how old a crisis is",
        (
            Change(
                name="overt_intercept", family="normal", parameters=(-4.7, 0.8), reason="an average week of them all"
            ),
            _pin("overt_between_crises", 0.0),
            _pin("overt_outside_crisis", 0.0),
            _pin("overt_fresh_crisis", 0.0),
        ),
    ),
    "no-crisis-age": Variant(
        "a crisis is as prone to force in its tenth week as in its first",
        (_pin("overt_fresh_crisis", 0.0),),
    ),
    "some-history": Variant("priors with published history up to the day, at power 0.25", history=0.25),
    "all-history": Variant("priors with published history up to the day, at power 1", history=1.0),
    "independent-shocks": Variant("shocks to resolve of the two sides are independent", (_pin("shared_shocks", 0.0),)),
    "no-dynamics": Variant(
        "resolve of a side stays as it is through the case", (_pin("resolve_half_life", 100_000.0, log=True),)
    ),
    "no-campaign-state": Variant(
        "a campaign is one act: it lasts about a week whatever came before",
        (
            _pin("campaign_days", 7.0, log=True),
            _pin("campaign_days_sd", 0.01, log=True),
            _pin("campaign_days_case", 0.0),
            _pin("campaign_days_ground", 0.0),
            _pin("halt_resolve", 0.0, scale=0.002),  # the lengths of past wars pull at it hard
        ),
    ),
    "half-weeks": Variant("periods of 4 days", period_days=4),
    "months": Variant("periods of 30 days", period_days=30),
}
"""Every variant by name."""


def variant(name: str) -> Variant:
    """Return the variant of a name.

    Raises
    ------
    UsageError
        There is none; the message names the nearest.
    """
    if name not in VARIANTS:
        near = get_close_matches(name, VARIANTS, 1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"variant {name!r} is not known; {hint}use one of {', '.join(VARIANTS)}")
    return VARIANTS[name]


def priors_of_variant(name: str, day: date) -> dict[str, Prior]:
    """Return the shipped priors with the changes of a variant, and with history as far as it had gone by a day."""
    found = variant(name)
    priors, _ = applied(read_priors(), found.history, day)
    if not found.changes:
        return priors
    return changed(priors, PriorSet(name=name, meaning=found.meaning, changes=found.changes))
