"""Recovery: worlds of the record's size with known parameters, fitted, and the truth set beside the posterior."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from forecast.evaluation.worlds import draw_world, with_spells
from forecast.inference.fit import Sampling, compile_panel, global_names, named_draws, sample, samples
from forecast.model.build import model_coords, model_data
from forecast.model.priors import Prior, prior_draws, read_priors
from forecast.outlook.forecast import priors_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

LEVELS = (0.5, 0.8, 0.95)
SAMPLING = Sampling(tune=500, draws=500, chains=2, attempts=1)
SPARE_SPELLS = 30
PLACEBO_PERIODS = 26
UNIT_SCALE = ("actor_resolve", "region_resolve", "dyad_resolve", "actor_credibility", "overt_dyad")


def design_of(panel: xr.Dataset) -> xr.Dataset:
    """The panel as a design for drawn worlds: its masks and covariates, with room for more campaigns."""
    return with_spells(panel.drop_dims("spell"), [], panel.sizes["spell"] + SPARE_SPELLS)


def plausible_truth(tree: xr.DataTree, design: xr.Dataset, number: int) -> xr.Dataset:
    """One draw of all parameters: the global ones from a posterior, the effects of units and the shocks drawn anew.

    Prior draws would give many worlds of endless war or none at all; a posterior keeps to worlds like the recorded one.
    """
    priors = priors_of(tree)
    fresh = prior_draws(priors, model_coords(design), draws=1, seed=number).isel(sample=0)
    posterior = samples(tree["posterior"].to_dataset())
    draw = posterior.isel(sample=int(np.random.default_rng(number).integers(posterior.sizes["sample"])))
    known = [*global_names(priors, tree["posterior"].to_dataset()), *UNIT_SCALE]
    return fresh.assign({name: (fresh[name].dims, draw[name].transpose(*fresh[name].dims).values) for name in known})


def recover(
    tree: xr.DataTree,
    numbers: Iterable[int],
    *,
    sampling: Sampling = SAMPLING,
    change: Mapping[str, float] | None = None,
    dense_track: bool = False,
    shift: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """Fit drawn worlds and set the truth beside the posterior.

    Parameters
    ----------
    tree
        A posterior; its panel is the design and its draws give the true parameters.
    numbers
        Numbers of the worlds, which are their seeds.
    sampling
        Sampler settings.
    change
        Parameters whose true value is set by hand, such as ``{"overt_credibility": 0.5}``.
    dense_track
        Whether the case gets a dense track record (one act in seven weeks of each kind) in place of its own.
    shift
        Periods by which the track record is moved after the world was drawn and before it is fitted: a placebo.
    progress
        Called with a line of text after each world.

    Returns
    -------
    DataFrame
        One row a world and scalar: world, name, truth, mean, sd, prior_sd, and whether the central 50, 80 and 95 %
        intervals hold the truth; the latent paths as `resolve[a], path`, with the share of periods covered; and
        `effect_of_act[...]`, by how much an act of the track record raises the log-odds of the opponent's force.
    """
    priors = read_priors()
    design = design_of(tree["panel"].to_dataset())
    if dense_track:
        design = _with_dense_track(design)
    compiled = compile_panel(design, priors)
    fixed = {name: np.array(p.parameters[0]) for name, p in priors.items() if p.family == "fixed"}
    tables = []
    for number in numbers:
        truth = plausible_truth(tree, design, number)
        for name, value in (change or {}).items():
            truth[name] = (truth[name].dims, np.full(truth[name].shape, value))
        try:
            world = draw_world(design, truth, fixed, seed=number)
        except ValueError as error:
            progress(f"world {number}: {error}")
            continue
        shown = shifted(world.panel, shift) if shift else world.panel
        ready = compiled.with_data(model_data(shown, priors))
        draws, statistics = sample(ready, Sampling(**{**sampling.__dict__, "seed": number}))
        posterior = named_draws(draws, ready, shown, priors)
        table = pd.concat(
            [_globals(posterior, truth, priors), _effects_of_acts(posterior, truth, priors),
             _latents(posterior, world.resolve[0], world.credibility[0])]
        )  # fmt: skip
        tables.append(table.assign(world=number, divergent=float(statistics["diverging"].mean())))
        progress(f"world {number}: {int((world.panel['force'].values[0] >= 2).sum())} overt acts in the case")
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def coverage(table: pd.DataFrame) -> pd.DataFrame:
    """Coverage of the truth by parameter over worlds, and how far the data narrow it.

    Returns
    -------
    DataFrame
        Columns name, worlds, cover_50, cover_80, cover_95, contraction (1 - mean posterior variance / prior variance),
        bias (mean error in posterior sd) and correlation of posterior mean and truth over worlds.
    """
    rows = []
    for name, part in table.groupby("name", sort=False):
        error = (part["mean"] - part["truth"]) / part["sd"]
        moved = part["truth"].std() > 0 and part["mean"].std() > 0 and len(part) > 2
        rows.append(
            (name, len(part), *(part[f"cover_{round(100 * v)}"].mean() for v in LEVELS),
             1 - (part["sd"] ** 2).mean() / (part["prior_sd"] ** 2).mean(), error.mean(),
             np.corrcoef(part["mean"], part["truth"])[0, 1] if moved else np.nan)
        )  # fmt: skip
    columns = ["name", "worlds", "cover_50", "cover_80", "cover_95", "contraction", "bias", "correlation"]
    return pd.DataFrame(rows, columns=columns)


def shifted(panel: xr.Dataset, periods: int) -> xr.Dataset:
    """The panel with the track record of its case moved by whole periods, what falls off the end put in front."""
    out, length = panel.copy(deep=True), int(panel["length"].values[0])
    acts = out["track_record"].values[0, :, :length]
    out["track_record"].values[0, :, :length] = np.roll(acts, periods, axis=1)
    return out


def _effects_of_acts(posterior: xr.Dataset, truth: xr.Dataset, priors: Mapping[str, Prior]) -> pd.DataFrame:
    """What the data can tell of a weight: its product with the effect of credibility, whose scale is free."""
    names = ("overt_credibility", "track_weight")
    before = prior_draws({n: priors[n] for n in names}, {"track": list(truth["track"].values)}, draws=2000, seed=1)
    after, real, known = (-d[names[0]] * d[names[1]] for d in (posterior, truth, before))
    rows = []
    for kind in truth["track"].values:
        mine, true = after.sel(track=kind).values.ravel(), float(real.sel(track=kind))
        inside = {f"cover_{round(100 * v)}": float(_inside(mine, true, v)) for v in LEVELS}
        rows.append({"name": f"effect_of_act[{kind}]", "truth": true, "mean": mine.mean(), "sd": mine.std(),
                     "prior_sd": float(known.sel(track=kind).std()), **inside})  # fmt: skip
    return pd.DataFrame(rows)


def _globals(posterior: xr.Dataset, truth: xr.Dataset, priors: Mapping[str, Prior]) -> pd.DataFrame:
    coords = {str(d): list(posterior[d].values) for d in posterior.dims if d in posterior.coords}
    names = global_names(priors, posterior)
    before = prior_draws({n: priors[n] for n in names}, coords, draws=2000, seed=1)
    rows = []
    for name in names:
        dims = [d for d in posterior[name].dims if d not in ("chain", "draw")]
        values = posterior[name].stack(flat=("chain", "draw")).transpose("flat", *dims).values
        real, known = truth[name].transpose(*dims).values, before[name].transpose("sample", *dims).values
        labels = [[str(v) for v in posterior[d].values] for d in dims]
        for at in np.ndindex(real.shape):
            label = f"{name}[{', '.join(axis[i] for axis, i in zip(labels, at, strict=True))}]" if at else name
            mine, true = values[(slice(None), *at)], float(real[at])
            inside = {f"cover_{round(100 * v)}": float(_inside(mine, true, v)) for v in LEVELS}
            rows.append({"name": label, "truth": true, "mean": mine.mean(), "sd": mine.std(),
                         "prior_sd": known[(slice(None), *at)].std(), **inside})  # fmt: skip
    return pd.DataFrame(rows)


def _latents(posterior: xr.Dataset, resolve: np.ndarray, credibility: np.ndarray) -> pd.DataFrame:
    rows = []
    for name, real in (("resolve", resolve), ("credibility", credibility)):
        values = posterior[name].stack(flat=("chain", "draw")).transpose("flat", "side", "period").values
        mean, length = values.mean(axis=0), values.shape[2]
        for s, side in enumerate("ab"):
            true = real[s, :length]
            inside = {
                f"cover_{round(100 * v)}": float(
                    np.mean((np.quantile(values[:, s], (1 - v) / 2, axis=0) <= true)
                            & (true <= np.quantile(values[:, s], (1 + v) / 2, axis=0)))
                )
                for v in LEVELS
            }  # fmt: skip
            rows.append({"name": f"{name}[{side}], path", "truth": true.mean(), "mean": mean[s].mean(),
                         "sd": values[:, s].std(axis=0).mean(), "prior_sd": 1.0, "path_correlation":
                         float(np.corrcoef(mean[s], true)[0, 1]) if true.std() > 0 else np.nan, **inside})  # fmt: skip
    return pd.DataFrame(rows)


def _inside(draws: np.ndarray, truth: float, level: float) -> bool:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return bool(low <= truth <= high)


def _with_dense_track(design: xr.Dataset) -> xr.Dataset:
    """The design with a track record of about one act of each kind in seven weeks, drawn once."""
    dense = design.copy(deep=True)
    shape = dense["track_record"].values[0].shape
    dense["track_record"].values[0] = np.random.default_rng(7).poisson(0.15, shape)
    return dense
