"""Parameters and latents of many draws as columns, in the order in which the model's design refers to them."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np

from forecast.model.build import DERIVED_SHAPES, all_positions, model_coords
from forecast.model.cells import PHASES, dyads, padded
from forecast.model.latent import actor_index, correlated, region_index
from forecast.model.priors import vector_coords
from forecast.model.signals import ANCHORS, FREE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import xarray as xr

    from forecast.model.priors import Prior

    type Get = Callable[[str], np.ndarray]  # name of a parameter, or of a path of the case → values [sample, ...]

# The free parameters that each derived quantity follows from (see `model.build.derived`).
SOURCES = {
    "overt_typical": ("overt_intercept", "overt_resolve"),
    "overt_coupling": ("overt_reply", "overt_intercept", "overt_resolve"),
    "overt_dyad_effect": ("overt_dyad_sd", "overt_dyad"),
    "onset_episode_effect": ("onset_episode_sd", "onset_episode"),
    "campaign_log_days": ("campaign_days", "campaign_days_sd", "campaign_days_spell"),
    "war_escalation_log": ("war_escalation",),
    "regional_escalation_log": ("regional_escalation",),
    "signal_resolve": ("signal_resolve_anchor", "signal_resolve_free"),
}


def values(draws: xr.Dataset, name: str) -> np.ndarray:
    """A variable of draws with the sample first [sample, ...], in double precision."""
    return draws[name].transpose("sample", ...).values.astype(float)


def looked_up(draws: xr.Dataset) -> Get:
    """Values of draws by name, each converted once."""
    return functools.cache(lambda name: values(draws, name))


def labelled_coords(panel: xr.Dataset) -> dict[str, list]:
    """Coordinates of the model's dims; campaign spells, which have no name, are numbered within their episode."""
    episodes = [*panel["episode"].values.astype(str), "reserved"]  # a reserved spell has episode -1
    seen: dict[str, int] = {}
    names = []
    for number in panel["spell_episode"].values:
        seen[episodes[number]] = seen.get(episodes[number], 0) + 1
        names.append(f"{episodes[number]}: {seen[episodes[number]]}")
    return model_coords(panel) | {"spell": names}


def parameter_labels(panel: xr.Dataset, priors: Mapping[str, Prior]) -> list[str]:
    """Labels of the positions of the vector of all parameters (`model.build.all_positions`), the same in any panel."""
    coords = labelled_coords(panel)
    labels = [label for vector in vector_coords(priors, coords).values() for label in vector]
    for name, dims in DERIVED_SHAPES.items():
        labels += [f"{name}[{label}]" for label in coords[dims[0]]] if dims else [name]
    return labels


def places(
    panel: xr.Dataset, priors: Mapping[str, Prior], wanted: np.ndarray
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Where wanted positions lie: name of a parameter → columns of `wanted`, and entries of the flat parameter."""
    out = {}
    for name, (begin, shape) in all_positions(priors, model_coords(panel)).items():
        inside = np.flatnonzero((wanted >= begin) & (wanted < begin + math.prod(shape)))
        if len(inside):
            out[name] = inside, wanted[inside] - begin
    return out


def fill(
    get: Get, panel: xr.Dataset, where: Mapping[str, tuple[np.ndarray, np.ndarray]], columns: int, size: int
) -> np.ndarray:
    """Parameters, derived ones included, in columns [sample, column].

    Parameters
    ----------
    get
        Values of a free parameter by its name [sample, ...].
    panel
        The panel that the parameters are those of.
    where
        From `places`; other columns are zero.
    columns, size
        Number of columns and of draws.
    """
    out = np.zeros((size, columns))
    for name, (column, entry) in where.items():
        found = derived_value(name, get, panel) if name in SOURCES else get(name)
        out[:, column] = found.reshape(size, -1)[:, entry]
    return out


def derived_value(name: str, get: Get, panel: xr.Dataset) -> np.ndarray:
    """One quantity of `model.build.derived` at each draw [sample, ...]."""
    if name == "overt_typical":
        return get("overt_intercept") - 0.5 * get("overt_resolve")[:, None] ** 2
    if name == "overt_coupling":
        offset = math.log(int(panel.attrs["period_days"]) / 7.0)
        return get("overt_reply") - derived_value("overt_typical", get, panel).mean(axis=1) - offset
    if name in ("overt_dyad_effect", "onset_episode_effect"):
        spread, effect = (get(source) for source in SOURCES[name])
        return spread[:, None] * effect
    if name == "campaign_log_days":
        mean, spread, effect = (get(source) for source in SOURCES[name])
        return np.log(mean)[:, None] + spread[:, None] * effect
    if name == "signal_resolve":
        loadings = np.concatenate([get(source) for source in SOURCES[name]], axis=1)
        channels = [str(c) for c in panel["channel"].values]
        order = [ANCHORS.index(c) if c in ANCHORS else len(ANCHORS) + FREE.index(c) for c in channels]
        return loadings[:, order]
    return np.log(get(SOURCES[name][0]))  # war_escalation_log, regional_escalation_log


def latent_columns(get: Get, panel: xr.Dataset, wanted: np.ndarray, size: int) -> np.ndarray:
    """Resolve and credibility at positions of the flat vector of latents (`model.latent`) [sample, wanted].

    Those of the case are read from its paths, `resolve` and `credibility` [sample, side, period], those of past crises
    follow from the parameters.
    """
    steps = padded(int(panel["length"].values[0]))
    resolves = 2 * steps + 2 * len(PHASES) * (panel.sizes["episode"] - 1)
    out = np.empty((size, len(wanted)))
    for begin, name in ((0, "resolve"), (resolves, "credibility")):
        inside = np.flatnonzero((wanted >= begin) & (wanted < begin + resolves))
        case, past = inside[wanted[inside] - begin < 2 * steps], inside[wanted[inside] - begin >= 2 * steps]
        if len(case):
            at = wanted[case] - begin
            out[:, case] = get(name)[:, at // steps, at % steps]
        if len(past):
            at = wanted[past] - begin - 2 * steps
            episode, side = 1 + at // (2 * len(PHASES)), at // len(PHASES) % 2
            if name == "resolve":
                out[:, past] = past_resolve(get, panel, episode, side, at % len(PHASES))
            else:
                out[:, past] = standing_credibility(get, panel, episode, side)
    return out


def past_resolve(get: Get, panel: xr.Dataset, episode: np.ndarray, side: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Resolve of sides of past crises in one of their phases [sample, wanted] (see `model.latent.resolve_of`)."""
    actor = actor_index(panel)[1][episode, side]
    of_a, of_b = (get("episode_resolve")[:, 2 * (episode - 1) + k, phase] for k in range(2))
    first, second = correlated(of_a, of_b, np.tanh(get("shared_shocks"))[:, None])
    parts = (
        get("region_resolve")[:, region_index(panel)[1][actor]],
        get("actor_resolve")[:, actor],
        get("dyad_resolve")[:, dyads(panel)[2][episode]],
        np.where(side == 0, first, second),
    )
    share = np.sqrt(get("resolve_share"))
    stake = panel["high_stake"].values
    raised = get("stake_effect")[:, None] * (stake[episode] - stake[1:].mean())
    return sum(share[:, [k]] * part for k, part in enumerate(parts)) + raised


def standing_credibility(get: Get, panel: xr.Dataset, episode: np.ndarray, side: np.ndarray) -> np.ndarray:
    """The lasting part of the credibility of sides of episodes [sample, wanted]."""
    actor = actor_index(panel)[1][episode, side]
    return (
        get("capability_credibility")[:, None] * panel["capability"].values[episode, side]
        + get("nuclear_credibility")[:, None] * panel["nuclear"].values[episode, side]
        + get("actor_credibility_sd")[:, None] * get("actor_credibility")[:, actor]
    )
