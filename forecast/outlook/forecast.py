"""From a posterior to a forecast: simulate, read the ladder, gate, and gather every table that is published."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from forecast.errors import UsageError
from forecast.inference.carry import PATHS, priors_of
from forecast.inference.fit import global_names, samples
from forecast.inference.gate import convergence, convergence_of, gate, predictive_checks
from forecast.outlook.analogues import analogue_table
from forecast.outlook.claims import claim_table
from forecast.outlook.explain import (
    basis_table,
    credibility_note,
    latent_table,
    parameter_table,
    signal_table,
    source_table,
)
from forecast.outlook.expressible import Told, parties_of
from forecast.outlook.ladder import first_events
from forecast.outlook.outcomes import (
    hazard_table,
    ladder_shares,
    ladder_table,
    quantity_table,
    reply_table,
    rung_draws,
)
from forecast.outlook.predictive import one_step_check
from forecast.outlook.questions import question_table
from forecast.outlook.sequence import sequence_table
from forecast.outlook.simulate import Paths, simulate
from forecast.outlook.tail import base_rates, tail_table
from forecast.outlook.waiting import waiting_table
from forecast.outlook.world import crisis_now, start_now, world_of
from forecast.record.acts import find_case, reference_episodes
from forecast.record.asof import as_of as cut
from forecast.record.questions import Question, standing_questions
from forecast.terms import HORIZONS, LADDER, LADDER_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from forecast.record.read import Record

TOTAL_PATHS = 200_000
TAIL_DRAWS = 500
OF_A_FIT = ("parameters", "claims", "tail")
"""Tables of parameters before and after the data, which an update takes from its fit."""


@dataclass(frozen=True)
class Forecast:
    """A forecast: facts about it (`meta`) and tidy tables by name (see docs/schema.md).

    `by_draw` [draw, horizon, rung] is the ladder of each posterior draw, which no table holds.
    """

    meta: dict
    tables: dict[str, pd.DataFrame]
    by_draw: np.ndarray | None = field(default=None, repr=False, compare=False)

    @property
    def ladder(self) -> pd.DataFrame:
        """Probability of every rung at every horizon."""
        return self.tables["ladder"]

    @property
    def passed(self) -> bool:
        """Whether the publication gate passed."""
        return bool(self.tables["gate"]["passed"].all())

    def ladder_wide(self) -> pd.DataFrame:
        """The ladder as a table of rungs by horizon."""
        return self.ladder.pivot_table(index="rung", columns="horizon_days", values="probability")

    def to_dataframe(self, name: str = "ladder") -> pd.DataFrame:
        """One of the tables, the ladder by default (all names: `list(forecast.tables)`).

        Raises
        ------
        UsageError
            The forecast holds no such table.
        """
        if name not in self.tables:
            raise UsageError(f"no table {name!r} in this forecast; it holds {', '.join(self.tables)}")
        return self.tables[name]

    def to_xarray(self) -> xr.Dataset:
        """The ladder with named dims: probability, low, high, mcse [horizon_days, rung], and by draw where it is known.

        Returns
        -------
        Dataset
            `by_draw` [draw, horizon_days, rung] is the ladder of each draw of the parameters.
        """
        index = self.ladder.set_index(["horizon_days", "rung"])[["probability", "low", "high", "mcse"]]
        found = xr.Dataset.from_dataframe(index)
        if self.by_draw is not None:
            horizons = list(dict.fromkeys(self.ladder["horizon_days"]))
            labels = {"horizon_days": horizons, "rung": list(LADDER)}
            found["by_draw"] = xr.DataArray(self.by_draw, labels, ("draw", "horizon_days", "rung"))
        return found.assign_attrs({key: str(self.meta[key]) for key in ("case", "as_of") if key in self.meta})

    def _repr_html_(self) -> str:
        told = self.ladder.assign(
            outcome=[f"{code} {LADDER_NAMES[code].replace('_', ' ')}" for code in self.ladder["rung"]],
            text=[f"{100 * p:.0f} % ({100 * low:.0f}–{100 * high:.0f})"
                  for p, low, high in self.ladder[["probability", "low", "high"]].itertuples(index=False)],
        )  # fmt: skip
        wide = told.pivot_table(index="outcome", columns="horizon_days", values="text", aggfunc="first")
        gate = "passed" if self.passed else "not passed: not for publication"
        head = f"<b>{escape(str(self.meta['title']))}</b>, as of {self.meta['as_of']} (gate: {gate})"
        note = "probability by days ahead, with the 80 % interval"
        return f"<p>{head}; {note}</p>{wide.to_html(border=0)}"


def paths_ahead(tree: xr.DataTree, *, days: int, seed: int, total: int = TOTAL_PATHS) -> Paths:
    """Simulated futures of the case from the as-of date of the posterior's panel, over all its draws."""
    panel, draws = tree["panel"].to_dataset(), samples(tree["posterior"].to_dataset())
    step = int(panel.attrs["period_days"])
    return simulate(
        world_of(draws, panel),
        start_now(draws, panel),
        periods=-(-days // step),
        paths=max(total // draws.sizes["sample"], 10),
        period_days=step,
        seed=seed,
    )


def predict(
    tree: xr.DataTree,
    record: Record,
    prior: xr.Dataset | None,
    *,
    horizons: tuple[int, ...] = HORIZONS,
    seed: int = 1,
    total_paths: int = TOTAL_PATHS,
    questions: Sequence[Question] = (),
    told: Told | None = None,
    fitted: Mapping[str, pd.DataFrame] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Forecast:
    """Forecast from a posterior.

    Parameters
    ----------
    tree
        From `fit`.
    record
        The record the panel was built from; cut here at the panel's as-of date.
    prior
        Prior draws from `sample_prior`, for the comparison of prior and posterior; None where `fitted` is given.
    horizons
        Days ahead.
    seed
        Seed of the simulated paths.
    total_paths
        Futures in all, shared between the posterior draws.
    questions
        What is asked beside the standing questions (`read_questions`); those about another case are left out.
    told
        The days before the as-of date that windows of questions hold (`forecast.evaluation.answers.days_told`).
    fitted
        Tables of the forecast of the fit from which the posterior was updated: what only a fit can tell
        (`OF_A_FIT`) stands as it told it, and the gate holds the predictive checks alone. None of a fit.
    progress
        Called with a line of text at each stage.

    Returns
    -------
    Forecast
        Its `meta` holds what is known here; a run adds stamps, hashes and times.
    """
    panel, posterior = tree["panel"].to_dataset(), tree["posterior"].to_dataset()
    day = date.fromisoformat(panel.attrs["as_of"])
    case = find_case(record, panel.attrs["case"])
    seen = cut(record, day)
    priors, draws = priors_of(tree), samples(posterior)
    paths = paths_ahead(tree, days=max(horizons), seed=seed, total=total_paths)
    events = first_events(paths)
    progress(f"{paths.day.shape[0] * paths.day.shape[1]:,} futures simulated to {max(horizons)} days")
    names = (case.short_a, case.short_b)
    ladder = ladder_table(events, horizons)
    tables = {
        "ladder": ladder,
        "hazard": hazard_table(events, day, max(horizons)),
        "replies": reply_table(paths, events, max(horizons)),
        "sequence": sequence_table(paths, events, max(horizons)),
        "waiting": waiting_table(paths, events, max(horizons), crisis_now(panel)),
        "quantities": quantity_table(paths, events, names, horizons),
        "questions": question_table(
            [*(q for q in questions if q.case in ("", case.episode_id)), *standing_questions(horizons)],
            paths,
            parties_of(seen, case, period_days=paths.period_days),
            names,
            day,
            scope=int(panel["scope"].values[0, int(panel["length"].values[0]) - 1]),
            told=told,
            longer=lambda days: paths_ahead(tree, days=days, seed=seed, total=total_paths),
        ),
        "without_credibility": _without_credibility(draws, panel, ladder, horizons, paths.day.shape[1], seed),
        "latents": latent_table(posterior, panel),
        "signals": signal_table(seen, case.episode_id, case.panel_start.date()),
        "basis": basis_table(seen, panel, case.episode_id),
        "sources": source_table(seen, case.episode_id),
        "analogues": analogue_table(seen, case.episode_id, day),
        "predictive": one_step_check(draws, panel, seed=seed),
    }
    progress("posterior predictive margins computed")
    if prior is not None:
        parameters = global_names(priors, posterior)
        checks = convergence_of(tree, [*parameters, *PATHS])
        tables["parameters"] = parameter_table(posterior, prior, priors, parameters, checks)
        tables["claims"] = claim_table(posterior, prior, panel, seed=seed)
        some = np.linspace(0, draws.sizes["sample"] - 1, min(TAIL_DRAWS, draws.sizes["sample"]), dtype=int)
        rates = base_rates(seen, reference_episodes(seen, case))
        tables["tail"] = tail_table(draws.isel(sample=some), panel, rates, seed=seed)
        reported = convergence(_by_chain(ladder_shares(events, horizons), posterior))
        tables["gate"] = gate(checks, reported, tree["sample_stats"].to_dataset(), tables["predictive"])
    elif fitted is not None:
        tables |= {name: fitted[name] for name in OF_A_FIT}
        tables["gate"] = predictive_checks(tables["predictive"])
    else:
        raise UsageError("give prior draws (`sample_prior`), or the tables of the fit that was updated")
    meta = {
        "case": case.episode_id,
        "title": case.title,
        "side_a": case.side_a,
        "side_b": case.side_b,
        "side_a_short": case.short_a,
        "side_b_short": case.short_b,
        "as_of": day.isoformat(),
        "period_days": int(panel.attrs["period_days"]),
        "horizons": list(horizons),
        "last_day": (day + timedelta(days=max(horizons))).isoformat(),
        "credibility_note": credibility_note(tables["parameters"], tables["without_credibility"]),
        "gate_passed": bool(tables["gate"]["passed"].all()),
    }
    return Forecast(meta, tables, rung_draws(events, horizons))


def _without_credibility(
    draws: xr.Dataset, panel: xr.Dataset, ladder: pd.DataFrame, horizons: tuple[int, ...], paths: int, seed: int
) -> pd.DataFrame:
    """The ladder with the effect of credibility on force set to zero (same draws, same random numbers).

    Credibility is measured from its mean over draws at the start, so that dropping it does not shift the level of
    force that the intercepts were fitted with.
    """
    world, start = world_of(draws, panel), start_now(draws, panel)
    length = int(panel["length"].values[0])
    usual = draws["credibility"].transpose("sample", "side", "period").values[:, :, :length].mean(axis=2)
    shift = world.overt - world.overt_credibility[:, None] * usual[:, ::-1]
    without = world._replace(overt=shift, overt_credibility=np.zeros_like(world.overt_credibility))
    step = int(panel.attrs["period_days"])
    ahead = simulate(without, start, periods=-(-max(horizons) // step), paths=paths, period_days=step, seed=seed)
    other = ladder_table(first_events(ahead), horizons)
    return other[["horizon_days", "rung", "probability"]].assign(
        difference=other["probability"] - ladder["probability"]
    )


def _by_chain(shares: dict[str, np.ndarray], posterior: xr.Dataset) -> xr.Dataset:
    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    return xr.Dataset({name: (("chain", "draw"), values.reshape(shape)) for name, values in shares.items()})
