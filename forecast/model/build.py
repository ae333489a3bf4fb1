"""The model, written as the model section of a paper: latents, signals, choices, settlement."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from forecast.model.cells import PHASES, dyads, node_tables, padded
from forecast.model.choices import campaign_course, campaign_onset, campaign_scope, kinds_of_force, overt_force
from forecast.model.crises import state_of_crisis
from forecast.model.design import assemble
from forecast.model.latent import actor_index, autoregression, credibility_of, latent_inputs, region_index, resolve_of
from forecast.model.priors import VECTORS, Prior, declare, positions, prior_arrays, read_priors, vector_coords
from forecast.model.settlement import talks_and_deals
from forecast.model.signals import ANCHORS, FREE, REPORTED, signal_levels
from forecast.terms import CONFIDENCES, SIDES, SIGNAL_CHANNELS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import xarray as xr
    from pytensor.tensor import TensorVariable

    from forecast.model.latent import Filter
    from forecast.model.nodes import Node

    type Parameters = Mapping[str, TensorVariable]
    type Likelihood = Callable[[Parameters, Parameters, TensorVariable, TensorVariable], None]


class Steps(NamedTuple):
    """The two steps of the model that take the time; a sampler may do them in native code."""

    autoregression: Filter
    observe: Likelihood


def build_model(
    panel: xr.Dataset, priors: Mapping[str, Prior] | None = None, *, steps: Steps | None = None
) -> pm.Model:
    """Build the model of one panel.

    resolve and credibility of both sides are latent. Own resolve moves a side's signals and its force; the opponent's
    credibility restrains its force and moves its concessions: that exclusion is what tells the two apart. Force is a
    tree: overt or not, by both sides jointly; the opening of a campaign, a state with a duration and a scope; within
    single acts leadership and symbolic strikes; below the threshold any act. Talks and deals have hazards. Coded acts
    and levels may be mistaken, the more so the less sure the coder was.

    Parameters
    ----------
    panel
        From `forecast.build_panel`; dims (episode, side, period, channel, track, spell).
    priors
        From `read_priors`; the shipped table by default.
    steps
        Other functions that give what `autoregression` gives, and add the log-density that `observe` adds.

    Returns
    -------
    pymc.Model
        With named dims; its free variables are vectors that hold the parameters of the prior table by name. All
        numbers of the panel and of the priors are `pm.Data`, so that a compiled model takes another panel of the
        same dims (`model_data`).
    """
    priors = read_priors() if priors is None else priors
    filtered, observed = steps or Steps(autoregression, observe)
    coords = model_coords(panel)
    data = panel_data(panel, priors, coords)
    step = int(panel.attrs["period_days"])
    with pm.Model(coords=coords | vector_coords(priors, coords)) as model:
        vectors = declare(priors, coords)
        given = {name: pm.Data(name, values) for name, values in data.items()}
        flat = pt.concatenate([vectors["normal"], vectors["log_normal"]])
        p = named(flat, positions(priors, coords)) | vectors
        resolve = resolve_of(given, p, step, filtered)
        credibility = credibility_of(given, p, step, filtered)
        parameters = pt.concatenate([flat, *(pt.atleast_1d(v) for v in derived(p, coords, math.log(step / 7.0)))])
        observed(given, p, parameters, pt.concatenate([resolve, credibility]))
    return model


DIRECT = (
    "resolve_half_life", "resolve_innovation", "shared_shocks", "hit_effect", "region_resolve", "actor_resolve",
    "dyad_resolve", "episode_resolve", "stake_effect", "capability_credibility", "nuclear_credibility",
    "actor_credibility_sd", "actor_credibility", "track_weight", "credibility_half_life", "overt_intercept",
    "overt_resolve", "overt_reply", "overt_dyad_sd", "overt_dyad", "onset_episode_sd", "onset_episode", "campaign_days",
    "campaign_days_sd", "campaign_days_spell", "war_escalation", "regional_escalation", "signal_resolve_anchor",
    "signal_resolve_free",
)  # fmt: skip


def named(flat: TensorVariable, index: Mapping[str, tuple[int, tuple[int, ...]]]) -> Parameters:
    """Parameters that the latents and `derived` need by name; the rest is gathered by position (see `design`)."""
    sizes = [math.prod(index[name][1]) for name in DIRECT]
    where = np.concatenate([index[name][0] + np.arange(n) for name, n in zip(DIRECT, sizes, strict=True)])
    parts = pt.split(flat[where], np.array(sizes), n_splits=len(sizes))
    return {
        name: part.reshape(index[name][1]) if len(index[name][1]) > 1 else part if index[name][1] else part[0]
        for name, part in zip(DIRECT, parts, strict=True)
    }


DERIVED_SHAPES = {
    "overt_typical": ("role",),
    "overt_coupling": (),
    "overt_dyad_effect": ("dyad_side",),
    "onset_episode_effect": ("episode",),
    "campaign_log_days": ("spell",),
    "war_escalation_log": (),
    "regional_escalation_log": (),
    "signal_resolve": ("channel",),
}


def derived(p: Parameters, coords: Mapping[str, Sequence], offset: float) -> list[TensorVariable]:
    """Quantities that enter the predictors but are not free, in the order of `DERIVED_SHAPES`.

    `offset` shifts intercepts per week to the length of a period; the log-odds of a reply are per period.
    """
    # the intercept is that of the average rate: a log-normal rate exceeds its median by half the variance
    typical = p["overt_intercept"] - 0.5 * p["overt_resolve"] ** 2
    loadings = pt.concatenate([p["signal_resolve_anchor"], p["signal_resolve_free"]])
    order = [ANCHORS.index(c) if c in ANCHORS else len(ANCHORS) + FREE.index(c) for c in coords["channel"]]
    return [
        typical,
        p["overt_reply"] - pt.mean(typical) - offset,
        p["overt_dyad_sd"] * p["overt_dyad"],
        p["onset_episode_sd"] * p["onset_episode"],
        pt.log(p["campaign_days"]) + p["campaign_days_sd"] * p["campaign_days_spell"],
        pt.log(p["war_escalation"]),
        pt.log(p["regional_escalation"]),
        pm.Deterministic("signal_resolve", loadings[order], dims="channel"),
    ]


def all_positions(
    priors: Mapping[str, Prior], coords: Mapping[str, Sequence]
) -> dict[str, tuple[int, tuple[int, ...]]]:
    """First position and shape of each parameter, derived ones included, in the vector of all parameters."""
    index = positions(priors, coords)
    begin = max(start + math.prod(shape) for start, shape in index.values())
    for name, dims in DERIVED_SHAPES.items():
        shape = tuple(len(coords[d]) for d in dims)
        index[name] = begin, shape
        begin += math.prod(shape)
    return index


def nodes_of(panel: xr.Dataset) -> list[Node]:
    """All nodes of the likelihood of one panel."""
    tables = node_tables(panel)
    step = int(panel.attrs["period_days"])
    offset = math.log(step / 7.0)  # intercepts are per week
    return [
        *signal_levels(tables["signal"], tables["signal_step"], offset),
        *overt_force(tables["overt"], offset),
        *campaign_onset(tables, panel["ground_access"].values),
        *campaign_course(tables, step),
        *campaign_scope(tables),
        *kinds_of_force(tables, offset),
        *talks_and_deals(tables, offset),
        *state_of_crisis(tables, offset),
    ]


def panel_data(panel: xr.Dataset, priors: Mapping[str, Prior], coords: Mapping[str, Sequence]) -> dict[str, np.ndarray]:
    """Numbers of the panel that the model takes as data."""
    resolves = 2 * padded(int(panel["length"].values[0])) + 2 * len(PHASES) * (panel.sizes["episode"] - 1)
    return latent_inputs(panel) | assemble(nodes_of(panel), all_positions(priors, coords), resolves)


def model_data(panel: xr.Dataset, priors: Mapping[str, Prior] | None = None) -> dict[str, np.ndarray]:
    """All data of the model of a panel, those of the priors included, by the names that `build_model` gives them."""
    priors = read_priors() if priors is None else priors
    coords = model_coords(panel)
    out = panel_data(panel, priors, coords)
    for family, vector in VECTORS.items():
        out[f"{vector}_location"], out[f"{vector}_scale"] = prior_arrays(priors, coords, family)
    for name, prior in priors.items():
        if prior.family == "dirichlet":
            out[f"{name}_weights"] = np.array(prior.parameters, dtype=float)
        elif prior.family == "fixed":
            out[name] = np.array(prior.parameters[0], dtype=float)
    return out


def observe(given: Parameters, p: Parameters, parameters: TensorVariable, latents: TensorVariable) -> None:
    """Likelihood: binary choices, joint choices of both sides, and days of fighting."""
    fixed = parameters[given["fixed_parameter"]] * given["fixed_value"]
    moved = parameters[given["latent_parameter"]] * latents[given["latent_position"]] * given["latent_value"]
    predictor = pt.inc_subtensor(given["offset"][given["fixed_cell"]], fixed)
    predictor = pt.inc_subtensor(predictor[given["latent_cell"]], moved)
    missed, invented = coding_errors(p)
    pm.CustomDist(
        "choices",
        pt.concatenate([predictor[given["logit_cell"]], logit_of_hazard(predictor[given["hazard_cell"]])]),
        given["trials"],
        logp=binary_log_density,
        random=_draw_binary,
        dtype="float64",
        observed=given["events"],
    )
    pm.CustomDist(
        "coded_choices",
        predictor[given["coded_cell"]],
        missed[given["coded_error"]],
        invented[given["coded_error"]],
        given["coded_trials"],
        logp=coded_log_density,
        random=_draw_coded,
        dtype="float64",
        observed=given["coded_events"],
    )
    pm.CustomDist(
        "joint_choices",
        joint_weights(given, predictor, parameters),
        invented[given["joint_error_a"]],
        invented[given["joint_error_b"]],
        logp=joint_log_density,
        signature="(p),(),()->(p)",
        dtype="float64",
        observed=given["joint_counts"],
    )
    log_hazard = predictor[given["duration_cell"]]
    days = pt.sum(given["duration_ended"] * log_hazard - given["duration_days"] * pt.exp(log_hazard))
    pm.Potential("days_of_fighting", days)


def coding_errors(p: Parameters) -> tuple[TensorVariable, TensorVariable]:
    """Chances of a missed and of an invented act by class of coding error, class 0 for none."""
    none = pt.zeros(1)
    missed = pt.concatenate([none, pt.zeros_like(p["false_row"]), p["level_error"]])
    return missed, pt.concatenate([none, p["false_row"], p["level_error"]])


def logit_of_hazard(log_exposure: TensorVariable) -> TensorVariable:
    """Logit of 1 - exp(-exposure), the chance of at least one event at a cumulated hazard."""
    exposure = pt.exp(log_exposure)
    return exposure + pt.log(-pt.expm1(-exposure))


def joint_weights(given: Parameters, predictor: TensorVariable, parameters: TensorVariable) -> TensorVariable:
    """Log weights [joint choice, 4] of neither, a only, b only and both."""
    a, b = predictor[given["joint_cell_a"]], predictor[given["joint_cell_b"]]
    return pt.stack([given["joint_neither"], a, b, a + b + parameters[given["joint_coupling"]]], axis=1)


def binary_log_density(events: TensorVariable, logit: TensorVariable, trials: TensorVariable) -> TensorVariable:
    """Log-likelihood of binary choices [cell], without the binomial coefficient (cells are sums of single choices)."""
    return events * logit - trials * pt.softplus(logit)


def coded_log_density(
    events: TensorVariable,
    logit: TensorVariable,
    missed: TensorVariable,
    invented: TensorVariable,
    trials: TensorVariable,
) -> TensorVariable:
    """Log-likelihood of binary choices [cell] that may be coded wrongly.

    log((1 - m) p + f (1 - p)) for a coded event, log(m p + (1 - f) (1 - p)) for none: m the chance that one is missed,
    f that one is invented.
    """
    chance = pt.sigmoid(logit)
    coded = invented + (1.0 - missed - invented) * chance
    return events * pt.log(coded) + (trials - events) * pt.log1p(-coded)


def joint_log_density(
    counts: TensorVariable, weight: TensorVariable, invented_a: TensorVariable, invented_b: TensorVariable
) -> TensorVariable:
    """Log-likelihood of coded joint choices [cell], without the coefficient; a coded act may be invented."""
    neither, a, b, both = (pt.special.softmax(weight, axis=-1)[..., k] for k in range(4))
    coded_a, coded_b = a + invented_a * neither, b + invented_b * neither
    coded_both = both + invented_a * b + invented_b * coded_a
    return pt.sum(counts * pt.log(pt.stack([neither, coded_a, coded_b, coded_both], axis=-1) + TINY), axis=-1)


TINY = 1e-300


def _draw_binary(
    logit: np.ndarray, trials: np.ndarray, rng: np.random.Generator | None = None, size: tuple[int, ...] | None = None
) -> np.ndarray:
    return _draw_coded(logit, np.zeros(1), np.zeros(1), trials, rng, size)


def _draw_coded(
    logit: np.ndarray,
    missed: np.ndarray,
    invented: np.ndarray,
    trials: np.ndarray,
    rng: np.random.Generator | None = None,
    size: tuple[int, ...] | None = None,
) -> np.ndarray:
    generator = np.random.default_rng() if rng is None else rng
    chance = 1 / (1 + np.exp(-np.asarray(logit)))
    coded = (1 - missed) * chance + invented * (1 - chance)
    return generator.binomial(np.asarray(trials, dtype=int), coded, size=size).astype(float)


def model_coords(panel: xr.Dataset) -> dict[str, list]:
    """Coordinates of every named dim of the model."""
    length = int(panel["length"].values[0])
    actors, _ = actor_index(panel)
    names, side_names, _, _ = dyads(panel)
    episodes = [str(e) for e in panel["episode"].values]
    return {
        "side": list(SIDES),
        "role": ["challenger", "target"],
        "step": list(range(padded(length))),
        "component": ["region", "actor", "dyad", "episode"],
        "region": region_index(panel)[0],
        "actor": actors,
        "dyad": names,
        "dyad_side": side_names,
        "episode": episodes,
        "reference_side": [f"{e}: {s}" for e in episodes[1:] for s in SIDES],
        "phase": list(PHASES),
        "spell": list(range(panel.sizes["spell"])),
        "track": [str(t) for t in panel["track"].values],
        "channel": list(SIGNAL_CHANNELS),
        "anchor_channel": list(ANCHORS),
        "free_channel": list(FREE),
        "density": list(REPORTED),
        "level": ["senior", "highest"],
        "confidence": list(CONFIDENCES),
    }
