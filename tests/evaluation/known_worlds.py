"""Worlds with frequent events and known parameters, and the likelihood's own chances of what happened in them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from forecast.evaluation.chances import TRUE_SHARES
from forecast.evaluation.worlds import World, draw_world
from forecast.model.build import DERIVED_SHAPES, all_positions, model_coords, nodes_of
from forecast.model.cells import LEVEL_ERROR, PHASES, latent_index, padded
from forecast.model.design import assemble, cell_names
from forecast.model.nodes import Binary, Duration, Joint
from forecast.model.priors import prior_draws, read_priors

LIVELY = {
    "overt_intercept": [-1.8, -1.5], "overt_resolve": 0.7, "overt_reply": 0.0, "overt_between_crises": 0.2,
    "overt_outside_crisis": -0.4, "onset_intercept": [-1.2, -1.4], "onset_case": 0.0, "campaign_days": 20.0,
    "campaign_days_sd": 0.6, "closure_intercept": -2.0, "sub_intercept": [-1.0, -0.7], "talks_intercept": -1.2,
    "deal_intercept": -2.0, "war_opening": -1.5, "war_escalation": 0.1, "regional_opening": -0.7,
    "regional_escalation": 0.1, "overt_fresh_crisis": 0.2, "crisis_opens": -2.0,
    "crisis_closes": -2.6,
}  # fmt: skip
PRIORS = read_priors()
FIXED = {name: np.array(p.parameters[0], dtype=float) for name, p in PRIORS.items() if p.family == "fixed"}


class Told(NamedTuple):
    """Residuals of one world: by cell its node, what came and what the likelihood expects; by parameter the score."""

    cells: pd.DataFrame  # node, came, expected, variance
    score: dict[str, float]  # derivative by parameter of each predictor, times observed less expected


def lively(design: xr.Dataset, seed: int, **changes: object) -> xr.Dataset:
    """All parameters from the prior, but intercepts such that every node of the model meets events."""
    draw = prior_draws(PRIORS, model_coords(design), draws=1, seed=seed).isel(sample=0)
    for name, value in (LIVELY | changes).items():
        draw[name] = (draw[name].dims, np.broadcast_to(np.asarray(value, dtype=float), draw[name].shape).copy())
    return draw


def world_of(design: xr.Dataset, truth: xr.Dataset, seed: int) -> World:
    return draw_world(design, truth, FIXED, seed)


def told(world: World, truth: xr.Dataset) -> Told:
    """Set what happened in a world beside the chances that the likelihood gives at the true parameters and latents."""
    panel, nodes = world.panel, nodes_of(world.panel)
    coords = model_coords(panel)
    index = all_positions(PRIORS, coords)
    resolves = 2 * padded(int(panel["length"].values[0])) + 2 * len(PHASES) * (panel.sizes["episode"] - 1)
    design = assemble(nodes, index, resolves)
    theta = np.zeros(max(start + max(int(np.prod(shape)), 1) for start, shape in index.values()))
    for name, value in (truth_values(truth) | derived(truth, int(panel.attrs["period_days"]))).items():
        if name in index:
            start, shape = index[name]
            theta[start : start + max(int(np.prod(shape)), 1)] = np.ravel(value)
    latents = np.zeros(2 * resolves)
    latents[latent_index(panel)] = world.resolve
    latents[resolves + latent_index(panel)] = world.credibility
    slope = latents[design["latent_position"]] * design["latent_value"]
    size = len(design["offset"])
    predictor = (
        design["offset"]
        + np.bincount(design["fixed_cell"], theta[design["fixed_parameter"]] * design["fixed_value"], size)
        + np.bincount(design["latent_cell"], theta[design["latent_parameter"]] * slope, size)
    )
    cells = residuals(nodes, predictor, theta, index)
    assert list(cells["node"][:size]) == cell_names(nodes)
    error = (cells["came"] - cells["expected"]).to_numpy()[:size]
    names = np.empty(len(theta), dtype=object)
    for name, (start, shape) in index.items():
        names[start : start + max(int(np.prod(shape)), 1)] = name
    parts = pd.DataFrame(
        {
            "parameter": names[np.r_[design["fixed_parameter"], design["latent_parameter"]]],
            "score": np.r_[design["fixed_value"] * error[design["fixed_cell"]], slope * error[design["latent_cell"]]],
        }
    )
    return Told(cells, parts.groupby("parameter")["score"].sum().to_dict())


def truth_values(truth: xr.Dataset) -> dict[str, np.ndarray]:
    return {str(name): variable.values for name, variable in truth.data_vars.items()}


def derived(truth: xr.Dataset, step: int) -> dict[str, np.ndarray]:
    """Quantities in the predictors that are functions of parameters, written out once more."""
    p = truth_values(truth)
    typical = p["overt_intercept"] - 0.5 * p["overt_resolve"] ** 2
    out = {
        "overt_typical": typical,
        "overt_coupling": p["overt_reply"] - typical.mean() - np.log(step / 7.0),
        "overt_dyad_effect": p["overt_dyad_sd"] * p["overt_dyad"],
        "onset_episode_effect": p["onset_episode_sd"] * p["onset_episode"],
        "campaign_log_days": np.log(p["campaign_days"]) + p["campaign_days_sd"] * p["campaign_days_spell"],
        "war_escalation_log": np.log(p["war_escalation"]),
        "regional_escalation_log": np.log(p["regional_escalation"]),
        "signal_resolve": np.r_[p["signal_resolve_anchor"], p["signal_resolve_free"]],
    }
    assert out.keys() == DERIVED_SHAPES.keys()
    return out


def residuals(nodes: list, predictor: np.ndarray, theta: np.ndarray, index: dict) -> pd.DataFrame:
    """What came, what was expected and its variance given the past, by cell in the order of the predictors.

    Rows named `<node> both` for joint choices of both sides follow at the end.
    """
    singles = [n for n in nodes if isinstance(n, Binary)]
    rows, begin, both = [], 0, []
    for node in [n for link in ("logit", "hazard") for n in singles if n.link == link]:
        u = predictor[begin : begin + len(node.events)]
        begin += len(u)
        chance = -np.expm1(-np.exp(u)) if node.link == "hazard" else 1 / (1 + np.exp(-u))
        chance = coded(node, chance)
        rows.append((node.name, node.events, node.trials * chance, node.trials * chance * (1 - chance)))
    joints = [n for n in nodes if isinstance(n, Joint)]
    count = sum(len(n.counts) for n in joints)
    sides: dict[str, list] = {"a": [], "b": []}
    for node in joints:
        n = len(node.counts)
        a, b = predictor[begin : begin + n], predictor[begin + count : begin + count + n]
        begin += n
        weight = np.exp(np.stack([0 * a, a, b, a + b + theta[index[node.coupling][0]]], axis=1))
        weight[:, 0] *= node.neither
        p = weight / weight.sum(axis=1, keepdims=True)
        f = invented() if node.name == "overt" else 0.0
        at_a, at_b = p[:, 1] + p[:, 3], p[:, 2] + p[:, 3]
        at_ab = p[:, 3] + f * (p[:, 1] + p[:, 2]) + f**2 * p[:, 0]
        trials = node.counts.sum(axis=1)
        for side, chance, came in (("a", at_a + f * (1 - at_a), (1, 3)), ("b", at_b + f * (1 - at_b), (2, 3))):
            seen = node.counts[:, came].sum(axis=1)
            sides[side].append((f"{node.name}_{side}", seen, trials * chance, trials * chance * (1 - chance)))
        both.append((f"{node.name} both", node.counts[:, 3], trials * at_ab, trials * at_ab * (1 - at_ab)))
    rows += sides["a"] + sides["b"]
    begin += count
    for node in [n for n in nodes if isinstance(n, Duration)]:
        hazard = node.days * np.exp(predictor[begin : begin + len(node.days)])
        begin += len(node.days)
        rows.append((node.name, node.ended, hazard, hazard))
    columns = ["node", "came", "expected", "variance"]
    return pd.concat([pd.DataFrame(dict(zip(columns, row, strict=True))) for row in rows + both], ignore_index=True)


def coded(node: Binary, chance: np.ndarray) -> np.ndarray:
    """Chance that an event is coded: rows may be invented, levels one off."""
    if node.name in ("signal", "sub_threshold"):
        return chance + invented() * (1 - chance)
    if node.name == "signal_level":
        wrong = FIXED["level_error"][np.broadcast_to(node.error, chance.shape) - LEVEL_ERROR - 1]
        return chance + wrong * (1 - 2 * chance)
    return chance


def invented() -> float:
    """Chance of an invented row in a cell in which nothing happened, of whatever confidence."""
    return float(FIXED["false_row"] @ np.array(TRUE_SHARES))
