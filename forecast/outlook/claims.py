"""Twelve claims of bargaining theory: what expresses each in the model, how likely it is before and after the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from forecast.inference.fit import samples
from forecast.outlook.claim_quantities import HALT_DAYS, events_of, parameters_of
from forecast.outlook.estimate import effective_draws
from forecast.outlook.explain import INFORMED
from forecast.outlook.outcomes import REPLY_DAYS
from forecast.outlook.simulate import simulate
from forecast.outlook.world import start_neutral, start_now, world_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr

    from forecast.outlook.claim_quantities import Values
    from forecast.outlook.simulate import Paths
    from forecast.outlook.world import Start

SPAN_DAYS = 180
DRAWS = 400  # that are simulated, of prior and posterior each
PATHS = 250
SHIFTED = 0.5  # prior standard deviations; a smaller shift without contraction is called uninformed
SURE = 0.95
TELLING_ODDS = 3.0  # factor on the odds of a claim that counts as evidence (Kass and Raftery 1995)
NEGLIGIBLE = 0.1  # logit per standard deviation of resolve


class Claim(NamedTuple):
    """One claim, or one part of it: the quantity that expresses it, and which values agree with it."""

    number: int
    claim: str
    quantity: str
    says: str
    holds: Callable[[np.ndarray], np.ndarray]
    would_change: str
    fixed: bool = False  # the model gives the quantity its sign by definition


def _above(bound: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda values: values > bound


def _below(bound: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda values: values < bound


CLAIMS = (
    Claim(1, "Threats and deployments reveal resolve.", "smaller loading of verbal and posture signals on resolve",
          f"above {NEGLIGIBLE} logit per sd", _above(NEGLIGIBLE),
          "periods with strikes but no threats before them, or threats without strikes after", fixed=True),
    Claim(1, "Being struck raises resolve.", "hit_effect", "above 0", _above(0.0),
          "signals and strikes in the months after a side was hit; exchanges in more dyads"),
    Claim(2, "The sides talk more when resolve is high: talks run beside pressure.", "talks_resolve", "above 0",
          _above(0.0), "dated talks in crises that also have dated threats and deployments"),
    Claim(2, "Diplomatic signals come with resolve, not instead of it.", "signal_resolve[diplomacy]", "above 0",
          _above(0.0), "offers coded apart from plain contacts; dated offers in past crises"),
    Claim(3, "A credible opponent restrains.", "overt_credibility", "above 0", _above(0.0),
          "many dyads whose capability or record changes while resolve does not; the sign itself is not testable",
          fixed=True),
    Claim(3, "The track record moves credibility the way theory says.",
          "mean of track_weight, each with the sign of the theory", "above 0", _above(0.0),
          "track records of past crises: the record holds them for the case only"),
    Claim(4, "A public commitment makes the side's own force likelier.", "overt_audience", "above 0", _above(0.0),
          "audience signals in past crises, with what was done in the week after"),
    Claim(4, "A public commitment makes the side's own offers rarer.", "concession_audience", "below 0", _below(0.0),
          "the same, with offers in the week after"),
    Claim(5, "A limited strike is likelier than a leadership strike.", "P(leadership | single overt act)",
          "below one half", _below(0.5), "more single strikes with a known target"),
    Claim(5, "An overt act hardly ever opens full war.", "P(opens full war | overt act)", "below 5 %", _below(0.05),
          "openings in a reference class that does not over-sample wars"),
    Claim(6, "A deal in force holds back force: it comes where no deal comes.", "overt_truce_case", "below 0",
          _below(0.0), "more deals and cease-fires in the case's own dyad"),
    Claim(6, "An offer says less resolve, so a strike is likelier where none comes.", "signal_resolve[diplomacy]",
          "below 0 (against claim 2)", _below(0.0),
          "offers coded apart from plain contacts; the effect on P(strike): `forecast treatments`"),
    Claim(7, "No single mode of reply is to be expected.", "largest share of a reply mode, given a strike",
          "below one half", _below(0.5), "replies in more exchanges, by kind of opening"),
    Claim(7, "A reply that widens the war cannot be left out.", "P(widening reply | strike)", "above 10 %",
          _above(0.1), "openings after which theatres or straits did or did not follow"),
    Claim(8, "A campaign that begins soon halts.", f"P(halt within {HALT_DAYS} days | campaign)", "above one half",
          _above(0.5), "ends of more campaigns, those without ground forces above all"),
    Claim(8, "After a direct reply the striker does not climb.",
          f"P(opener stays at or below its first rung for {REPLY_DAYS} days | direct reply)", "above one half",
          _above(0.5), "exchanges dated to the day, with the second move of the opener"),
    Claim(9, "Crises run past the rung they open on.", "P(runaway | strike)", "above 10 %", _above(0.1),
          "endings of crises that opened with a limited strike"),
    Claim(9, "Violence breeds escalation: after an overt act the next one is more often a campaign.",
          "onset_after_overt", "above 0", _above(0.0),
          "second and third acts of exchanges; noise of choice that grows with violence is not in the model"),
    Claim(10, "Force first, then talks: likelier than a deal without force.",
          "P(force then talks) less P(deal without force)", "above 0", _above(0.0),
          "crises that ended by a deal before any strike"),
    Claim(10, "Talks follow force.", "P(talks follow | force)", "above one half", _above(0.5),
          "talks after strikes in past crises, dated"),
    Claim(11, "Past crises of the actors and the dyad say much about resolve now.",
          "share of region, actor and dyad in the variance of resolve", "above one quarter", _above(0.25),
          "more crises of the same actors"),
    Claim(11, "The case follows its reference class.", "mean departure of the case (logits)", "below 0.4", _below(0.4),
          "the reference class widened to dyads like this one"),
    Claim(12, "Every channel of signals tells of resolve.", "smallest loading on resolve, by size",
          f"above {NEGLIGIBLE} logit per sd", _above(NEGLIGIBLE),
          "more rows in the weak channel; what single signals move: `forecast treatments`"),
)  # fmt: skip


def claim_table(posterior: xr.Dataset, prior: xr.Dataset, panel: xr.Dataset, *, seed: int) -> pd.DataFrame:
    """The claims with their probability before and after the data.

    Parameters of the claim are read off the draws. Events are counted on futures of 180 days simulated from a quiet
    start (no force, talks or truce in sight, resolve drawn from its long-run distribution), for prior and posterior
    draws alike, so that the two differ by what was learnt and not by the state of the crisis; `now` is the same from
    the state at the as-of date.

    Parameters
    ----------
    posterior
        Draws, dims (chain, draw, ...).
    prior
        From `sample_prior`, dims (sample, ...).
    panel
        The panel of the posterior.
    seed
        Of the simulated futures.

    Returns
    -------
    DataFrame
        One row per claim or part of it: number, claim, quantity, says, prior and posterior (probability that the
        quantity is as the claim says; for events, over draws), mcse of the posterior one, now, prior_mean and mean of
        the quantity, contraction (1 - posterior variance / prior variance), verdict, would_change.
    """
    flat = samples(posterior)
    chains = (posterior.sizes["chain"], posterior.sizes["draw"])
    few, fewer = _thin(flat, DRAWS), _thin(prior, DRAWS)
    quiet = [start_neutral(draws, panel, seed) for draws in (fewer, few)]
    before = parameters_of(prior, panel) | events_of(_ahead(fewer, panel, quiet[0], seed))
    after = parameters_of(flat, panel, chains=chains) | events_of(_ahead(few, panel, quiet[1], seed))
    now = events_of(_ahead(few, panel, start_now(few, panel), seed))
    return pd.DataFrame([_row(c, before[c.quantity], after[c.quantity], now.get(c.quantity)) for c in CLAIMS])


def _row(claim: Claim, before: Values, after: Values, now: Values | None) -> dict[str, object]:
    prior, _ = _probability(claim, before)
    posterior, mcse = _probability(claim, after)
    (prior_mean, prior_sd), (mean, sd) = _moments(before), _moments(after)
    contraction = 1 - (sd / prior_sd) ** 2 if prior_sd > 0 else np.nan
    shift = abs(mean - prior_mean) / prior_sd if prior_sd > 0 else np.nan
    return {
        "number": claim.number,
        "claim": claim.claim,
        "quantity": claim.quantity,
        "says": claim.says,
        "prior": prior,
        "posterior": posterior,
        "mcse": mcse,
        "now": np.nan if now is None else _probability(claim, now)[0],
        "prior_mean": prior_mean,
        "mean": mean,
        "contraction": contraction,
        "verdict": verdict(prior, posterior, contraction, shift, fixed=claim.fixed),
        "would_change": claim.would_change,
    }


def verdict(prior: float, posterior: float, contraction: float, shift: float, *, fixed: bool = False) -> str:
    """What the data did to a claim, in words.

    Parameters
    ----------
    prior, posterior
        Probability of the claim before and after the data.
    contraction
        1 - posterior variance / prior variance of its quantity.
    shift
        Distance of the posterior from the prior mean, in prior standard deviations.
    fixed
        Whether the sign is fixed by definition, so that only the size can be informed.
    """
    if np.isnan(contraction) or np.isnan(shift):
        return "never met on a simulated path"
    informed = contraction >= INFORMED or shift >= SHIFTED
    if fixed:
        return f"sign fixed by definition; size {'informed' if informed else 'not informed'}"
    if min(prior, posterior) > SURE or max(prior, posterior) < 1 - SURE:
        return "decided by the prior already"
    odds = _odds(posterior) / _odds(prior)
    if odds >= TELLING_ODDS:
        return "data speak for it"
    if odds <= 1 / TELLING_ODDS:
        return "data speak against it"
    return "informed, but left open" if informed else "not informed: prior"


def _ahead(draws: xr.Dataset, panel: xr.Dataset, start: Start, seed: int) -> Paths:
    step = int(panel.attrs["period_days"])
    return simulate(
        world_of(draws, panel), start, periods=-(-SPAN_DAYS // step), paths=PATHS, period_days=step, seed=seed
    )


def _thin(draws: xr.Dataset, count: int) -> xr.Dataset:
    size = draws.sizes["sample"]
    return draws.isel(sample=np.linspace(0, size - 1, min(count, size), dtype=int))


def _probability(claim: Claim, values: Values) -> tuple[float, float]:
    """Probability that the claim holds, with its Monte Carlo standard error, which is never quite zero."""
    if not len(values.value):
        return np.nan, np.nan
    holds = claim.holds(values.value).astype(float)
    probability = min(float(values.weight @ holds), 1.0)
    effective = 1.0 / float(np.sum(values.weight**2))
    if values.chains is not None:
        effective = effective_draws(holds, values.chains)
    inside = (probability * effective + 0.5) / (effective + 1.0)
    return probability, float(np.sqrt(inside * (1 - inside) / effective))


def _moments(values: Values) -> tuple[float, float]:
    if not len(values.value):
        return np.nan, np.nan
    mean = float(values.weight @ values.value)
    return mean, float(np.sqrt(values.weight @ (values.value - mean) ** 2))


def _odds(probability: float) -> float:
    inside = np.clip(probability, 1e-3, 1 - 1e-3)  # no more is known from a few hundred draws
    return float(inside / (1 - inside))
