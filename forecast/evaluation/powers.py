"""How much of published history to believe: crises kept back, scored under priors that hold more and less of it."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import logsumexp

from forecast.errors import UsageError
from forecast.evaluation.intervals import paired_difference
from forecast.inference.fit import Sampling, compile_panel, fit, global_names, samples
from forecast.model.build import model_coords, model_data
from forecast.model.learned import newest, with_history
from forecast.model.priors import VECTORS, Prior, prior_draws, read_priors, vector_coords
from forecast.record import as_of as cut
from forecast.record.history.confrontations import MOST_CAMPAIGNS, confrontation_panel
from forecast.record.history.shape import NOBODY, with_nobody
from forecast.record.importers import mie
from forecast.record.panel import build_panel
from forecast.record.spells import spell_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from forecast.inference.compile import Compiled
    from forecast.model.learned import History
    from forecast.record.importers.draft import Draft
    from forecast.record.read import Record

POWERS: Final = (0.0, 0.1, 0.25, 0.5, 1.0)
SAMPLING: Final = Sampling(tune=500, draws=500, chains=2, attempts=1, seed=19851231)
DRAWS: Final = 2000
FEWER_DRAWS: Final = 400
ORIGINS: Final = (date(1965, 12, 31), date(1975, 12, 31), date(1985, 12, 31), date(2002, 12, 31))
UNSEEN: Final = {"truce_intercept": 0.0}
"""MIE does not say how a campaign ended."""
PARTS: Final = {
    "force": ("talks_observed", "deal_observed", "signal_observed", "crisis_observed"),
    "agreements": ("force_observed", "sub_threshold_observed", "signal_observed", "crisis_observed"),
}
"""What is scored, and the masks that are taken away for it."""


def study(
    record: Record,
    history: History,
    corpora: Path | None = None,
    *,
    without: str = "",
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score crises kept back from each of `ORIGINS` until the next, and compare the powers of history on them.

    Parameters
    ----------
    record
        Record with past crises.
    history
        From `read_history`.
    corpora
        Folder with a folder `mie`: the confrontations of MIE are then kept back and scored too, by their force.
    without
        Id of a case whose crises are left out.
    progress
        Called with a line of text at each stage.

    Returns
    -------
    DataFrame, DataFrame
        One row a crisis, part and power; and `compared` of them, by `kept_back` (all or randomly chosen crises of the
        record, confrontations of MIE).
    """
    priors, strata = read_priors(), record.episodes.set_index("episode_id")["stratum"]
    draft = None if corpora is None else mie.read(corpora / "mie")
    rows = []
    for origin, until in pairwise(ORIGINS):
        found = posteriors(record, history, origin, without=without, progress=progress)
        crises = later_crises(record, origin, until, without=without)
        progress(f"{origin}: {len(crises)} crises until {until}")
        scored = score_panels(crises, found, priors)
        rows.append(scored.assign(origin=origin, kept_back=scored["crisis"].map(strata)))
        if draft is not None:
            later = later_confrontations(draft, origin, until)
            progress(f"{origin}: {len(later)} confrontations until {until}")
            scored = score_panels(later, found, priors, parts=("force",), fixed=UNSEEN, draws=FEWER_DRAWS)
            rows.append(scored.assign(origin=origin, kept_back="MIE"))
    table = pd.concat(rows, ignore_index=True)
    own = table["kept_back"] != "MIE"
    groups = {"record": own, "record, chosen at random": own & table["kept_back"].str.startswith("random"), "MIE": ~own}
    parts = [compared(table[rows]).assign(kept_back=name) for name, rows in groups.items() if rows.any()]
    return table, pd.concat(parts, ignore_index=True)


def posteriors(
    record: Record,
    history: History,
    origin: date,
    *,
    powers: Sequence[float] = POWERS,
    without: str = "",
    sampling: Sampling = SAMPLING,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[float, xr.Dataset]:
    """Draws of the global parameters from the past crises known on a day, for each power given to history.

    Parameters
    ----------
    record
        Record with past crises.
    history
        From `read_history`; its newest cut-off up to `origin` is used.
    origin
        The record is cut on this day.
    powers
        Powers between 0 and 1.
    without
        Id of a case whose crises are left out.
    sampling
        Settings of the fit for each power.
    progress
        Called with a line of text after each fit.

    Raises
    ------
    UsageError
        No crisis was known by `origin`, or the summary has no cut-off up to it.
    """
    past = cut(_of_others(record, without), origin)
    if past.episodes.empty or newest(history, origin) is None:
        raise UsageError(f"no crisis was known, or history has no cut-off, up to {origin}; choose a later day")
    panel, priors = build_panel(with_nobody(past, pd.Timestamp(origin)), origin, case=NOBODY["id"]), read_priors()
    ready = compile_panel(panel, priors)
    found = {}
    for power in powers:
        chosen = with_history(priors, history, power, origin)
        tree = fit(panel, chosen, sampling, compiled=ready, progress=progress)
        found[power] = samples(tree["posterior"].to_dataset())
    return found


def later_crises(record: Record, origin: date, until: date, *, without: str = "") -> dict[str, xr.Dataset]:
    """Panels of the crises of a record that began after `origin` and up to `until` and are over, one each."""
    whole = _of_others(record, without)
    over = whole.outcomes.loc[whole.outcomes["status"].eq("closed"), "episode_id"]
    last = whole.outcomes["known_date"].max().date()
    inside = whole.episodes["start"].between(pd.Timestamp(origin), pd.Timestamp(until), inclusive="right")
    names = whole.episodes.loc[inside & whole.episodes["episode_id"].isin(over), "episode_id"]
    return {str(name): _alone(whole, str(name), last) for name in names}


def later_confrontations(draft: Draft, origin: date, until: date) -> dict[str, xr.Dataset]:
    """Panels of the confrontations of MIE that began after `origin` and were over by `until`, one each."""
    panel = confrontation_panel(draft, until, since=pd.Timestamp(origin) + pd.Timedelta(days=1))
    columns = [str(name) for name in panel.data_vars if str(name).startswith("spell_")]
    spells = panel[columns].to_dataframe().rename(columns=lambda name: name.removeprefix("spell_"))
    panels = {}
    for number, name in enumerate(panel["episode"].values[1:], 1):
        own = spells[spells["episode"] == number].assign(episode=1)
        alone = panel.isel(episode=[0, number]).drop_vars([*columns, "spell"])
        alone["region"] = xr.full_like(alone["region"], "elsewhere")
        panels[str(name)] = _with_spells(alone, own.to_dict("records"), MOST_CAMPAIGNS)
    return panels


def score_panels(
    panels: Mapping[str, xr.Dataset],
    posteriors: Mapping[float, xr.Dataset],
    priors: Mapping[str, Prior],
    *,
    parts: Sequence[str] = tuple(PARTS),
    fixed: Mapping[str, float] = MappingProxyType({}),
    draws: int = DRAWS,
    seed: int = 1,
) -> pd.DataFrame:
    """Log predictive density of each panel of one crisis under each set of draws of the global parameters.

    A crisis is scored whole: its pattern of strikes, its campaigns and their scope, its talks and its deal, averaged
    over draws of the global parameters with new actors, dyad and episode. A difference of two log-densities of one
    compiled model, with the crisis watched and with nothing watched, is its log-likelihood; the draws of unit effects
    are the same for every set, so that differences are sharp.

    Parameters
    ----------
    panels
        From `later_crises` or `later_confrontations`.
    posteriors
        From `posteriors`, by power.
    priors
        From `read_priors`.
    parts
        Which of `PARTS` to score.
    fixed
        Parameters that are held at a value in every set, since the panels do not see what they are about.
    draws
        Draws of the parameters and of new unit effects for each crisis.

    Returns
    -------
    DataFrame
        One row a crisis, part and power: `crisis`, `part`, `power`, `log_density`, `mcse`.
    """
    rows, ready = [], None
    for name, panel in panels.items():
        ready = compile_panel(panel, priors) if ready is None else ready
        held = {p: d.assign({n: xr.full_like(d[n], v) for n, v in fixed.items()}) for p, d in posteriors.items()}
        points = {power: _points(draw, panel, priors, ready, draws, seed) for power, draw in held.items()}
        blank = _density(ready, _blank(panel), priors, points)
        for part in parts:
            told = panel.assign({mask: xr.zeros_like(panel[mask]) for mask in PARTS[part]})
            told = told if part == "force" else _without_spells(told)
            found = _density(ready, told, priors, points)
            for power in posteriors:
                ratio = found[power] - blank[power]
                mean = float(logsumexp(ratio) - np.log(len(ratio)))
                error = float(np.exp(ratio - mean).std() / np.sqrt(len(ratio)))
                rows.append((name, part, power, mean, error))
    return pd.DataFrame(rows, columns=["crisis", "part", "power", "log_density", "mcse"])


def compared(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean log score of each power, and its difference to power 0 with a 95 % interval over crises.

    The log score is the negative log predictive density of a whole crisis: lower is better.
    """
    wide = rows.assign(score=-rows["log_density"]).pivot_table(
        index=["crisis", "part"], columns="power", values="score"
    )
    out = []
    found = [str(part) for part in wide.index.unique("part")]
    for part, table in [
        ("all", wide.groupby("crisis").sum()),
        *((part, wide.xs(part, level="part")) for part in found),
    ]:
        for power in table.columns:
            gap = paired_difference(table[power], table[0.0], table.index)
            out.append((part, power, len(table), table[power].mean(), gap.estimate, gap.low, gap.high))
    columns = ["part", "power", "crises", "log_score", "difference", "difference_low", "difference_high"]
    return pd.DataFrame(out, columns=columns)


def _of_others(record: Record, case: str) -> Record:
    """The past crises of a record but those of one case."""
    kept = record.episodes["kind"].eq("crisis") & (record.episodes["case_id"].ne(case) if case else True)
    return record.with_tables({**record.tables, "episodes": record.episodes[kept]})


def _alone(record: Record, crisis: str, day: date) -> xr.Dataset:
    """Panel of one crisis, with one campaign spell in reserve, and no region, so that all panels have the same dims."""
    one = record.with_tables({**record.tables, "episodes": record.episodes[record.episodes["episode_id"] == crisis]})
    panel = build_panel(with_nobody(cut(one, day), pd.Timestamp(day)), day, case=NOBODY["id"])
    panel["region"] = xr.full_like(panel["region"], "elsewhere")
    return panel if panel.sizes["spell"] else _without_spells(panel)


_RESERVED: Final = {"episode": -1, "onset": 0, "days": 1.0, "halted": False, "truce": False, "opening": 4, "scope": 4,
                    "dated": False}  # fmt: skip


def _with_spells(panel: xr.Dataset, spells: list[dict], room: int) -> xr.Dataset:
    """Write the table of campaign spells, with empty rows up to `room`."""
    return panel.merge(spell_table([*spells, *[_RESERVED] * (room - len(spells))]))


def _without_spells(panel: xr.Dataset) -> xr.Dataset:
    names = [str(name) for name in panel.variables if str(name).startswith("spell")]
    return _with_spells(panel.drop_vars(names), [], max(panel.sizes["spell"], 1))


def _blank(panel: xr.Dataset) -> xr.Dataset:
    """The same panel with nothing watched."""
    masks = {str(name): xr.zeros_like(panel[name]) for name in panel.data_vars if str(name).endswith("_observed")}
    return _without_spells(panel.assign(masks))


def _density(
    compiled: Compiled, panel: xr.Dataset, priors: Mapping[str, Prior], points: Mapping[float, np.ndarray]
) -> dict[float, np.ndarray]:
    value = compiled.with_data(model_data(panel, priors)).density()
    return {power: np.array([value(point)[0] for point in at]) for power, at in points.items()}


def _points(
    draws: xr.Dataset, panel: xr.Dataset, priors: Mapping[str, Prior], compiled: Compiled, size: int, seed: int
) -> np.ndarray:
    """Unconstrained points [sample, unknown]: global parameters from draws, effects of new units from their priors."""
    coords = model_coords(panel)
    new = prior_draws(priors, coords, draws=size, seed=seed)
    chosen = np.linspace(0, draws.sizes["sample"] - 1, size).round().astype(int)
    shared = [name for name in global_names(priors, draws) if name in new]
    new = new.assign({name: draws[name].isel(sample=chosen).transpose("sample", ...) for name in shared})
    parts = {}
    for family, vector in VECTORS.items():
        labels = vector_coords(priors, coords)[f"{vector}_parameter"]
        names = dict.fromkeys(label.split("[")[0] for label in labels)
        blocks = [new[n].transpose("sample", *priors[n].dims).values.reshape(size, -1) for n in names]
        values = np.concatenate(blocks, axis=1).astype(float)
        parts[vector] = np.log(values) if family == "lognormal" else values
    for name, prior in priors.items():
        if prior.family == "dirichlet":
            logs = np.log(new[name].transpose("sample", ...).values.astype(float))
            parts[f"{name}_simplex__"] = (logs - logs.mean(axis=1, keepdims=True))[:, :-1]
    return np.concatenate([parts[name].reshape(size, -1) for name, _ in compiled.variables], axis=1)
