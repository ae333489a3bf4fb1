"""Parts of the news that hinge on a few numbers: which scalars, and which choices depend on them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from forecast.inference.columns import SOURCES, labelled_coords
from forecast.inference.likelihood import touching
from forecast.model.build import DERIVED_SHAPES, all_positions, model_coords
from forecast.model.cells import PHASES, dyads, padded
from forecast.model.latent import actor_index, region_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import xarray as xr

    from forecast.inference.likelihood import Choices
    from forecast.model.priors import Prior

    type Index = Mapping[str, tuple[int, tuple[int, ...]]]
    type Scalars = dict[str, np.ndarray]  # name of a parameter → entries of its flat values

# Parameters that a few dozen choices depend on, with those they are tied to; of campaigns and episodes, the case's.
SHARED = {
    "closures": ("closure_intercept", "closure_campaign", "closure_recent"),
    "participation": ("participation_intercept", "participation_last", "participation_coupling"),
    "limited acts": ("limited_in_campaign",),
    "truce": ("truce_intercept",),
    "symbolic strikes": ("symbolic_intercept", "symbolic_reply"),
    "full war": ("war_opening", "war_escalation", "war_ground", "war_case"),
    "regional war": ("regional_opening", "regional_escalation", "regional_chokepoint", "regional_case"),
    "length of campaigns": (
        "campaign_days", "campaign_days_case", "campaign_days_ground", "campaign_days_sd", "campaign_days_spell",
        "halt_resolve",
    ),
    "opening of campaigns": (
        "onset_intercept", "onset_case", "onset_resolve", "onset_after_overt", "onset_relapse", "onset_ground",
        "onset_coupling", "onset_episode_sd", "onset_episode",
    ),
}  # fmt: skip
OF_A_CRISIS = (
    "episode_resolve", "onset_episode", "campaign_days_spell", "overt_dyad", "actor_resolve", "actor_credibility",
    "dyad_resolve", "region_resolve",
)  # fmt: skip


class Units(NamedTuple):
    """Which actors [episode, side], which regions [actor] and which dyads [episode]."""

    actor: np.ndarray
    region: np.ndarray
    dyad: np.ndarray


NOTHING = np.zeros(0, dtype=int)


class Block(NamedTuple):
    """A few scalars, and the positions of what depends on them."""

    name: str
    scalars: Scalars
    parameters: np.ndarray  # positions in the vector of all parameters, derived ones included
    latents: np.ndarray  # positions in the vector of latents
    episode: np.ndarray  # positions of the latents of the past crisis that it belongs to; none for one of `SHARED`

    def claims(self, choices: Choices) -> np.ndarray:
        """News that is taken in through this block [choice]: about its parameters, or about its past crisis."""
        if len(self.episode):
            return touching(choices, NOTHING, self.episode)
        return touching(choices, self.parameters, NOTHING)

    def moves(self, choices: Choices) -> np.ndarray:
        """Choices that depend on the block [choice]."""
        return touching(choices, self.parameters, self.latents)


def blocks_of(fresh: Choices, old: xr.Dataset, new: xr.Dataset, priors: Mapping[str, Prior]) -> Iterator[Block]:
    """The blocks that news is about: those of `SHARED`, then what belongs to one past crisis alone.

    Of a past crisis these are its resolve, its noise of openings and lengths of campaigns, the sides of its dyad unless
    it is the case's, and those of its actors, its dyad and its regions that the earlier panel does not know.

    Parameters
    ----------
    fresh
        The news, at the positions of the later panel.
    old, new
        Earlier and later panel.
    priors
        They say which parameter lies where.
    """
    coords, before, index = labelled_coords(new), labelled_coords(old), all_positions(priors, model_coords(new))
    steps = padded(int(new["length"].values[0]))
    resolves = 2 * steps + 2 * len(PHASES) * (new.sizes["episode"] - 1)
    units = Units(actor_index(new)[1], region_index(new)[1], dyads(new)[2])
    case = [str(new["episode"].values[0])]
    for name, members in SHARED.items():
        kept = {"episode": case, "spell": _spells(coords, case[0])}
        scalars = {member: _entries(priors[member], coords, kept) for member in members}
        yield Block(name, scalars, _touched(scalars, index, priors), NOTHING, NOTHING)
    for e, episode in enumerate(coords["episode"][1:], start=1):
        own = 2 * steps + 2 * len(PHASES) * (e - 1) + np.arange(2 * len(PHASES))
        own = np.concatenate([own, own + resolves])
        if touching(fresh, NOTHING, own).any():
            kept = _of_crisis(e, units, coords, before)
            scalars = {member: _entries(priors[member], coords, kept) for member in OF_A_CRISIS}
            scalars = {member: at for member, at in scalars.items() if len(at)}
            latents = _latents(scalars, units, steps)
            yield Block(episode, scalars, _touched(scalars, index, priors), latents, own)


def _of_crisis(e: int, units: Units, coords: Mapping[str, list], before: Mapping[str, list]) -> dict[str, list[str]]:
    """Labels by dim that belong to a past crisis alone."""
    episode, dyad = coords["episode"][e], coords["dyad"][units.dyad[e]]
    new = {
        "actor": [coords["actor"][a] for a in units.actor[e]],
        "dyad": [dyad],
        "region": [coords["region"][units.region[a]] for a in units.actor[e]],
    }
    return {
        "reference_side": [f"{episode}: {side}" for side in coords["side"]],
        "episode": [episode],
        "spell": _spells(coords, episode),
        "dyad_side": [x for x in coords["dyad_side"]
                      if units.dyad[e] != units.dyad[0] and x.startswith(f"{dyad}: ")],
    } | {dim: [label for label in labels if label not in before[dim]] for dim, labels in new.items()}  # fmt: skip


def _touched(scalars: Scalars, index: Index, priors: Mapping[str, Prior]) -> np.ndarray:
    """Positions of parameters that are among scalars or follow from them."""
    found = [index[member][0] + at for member, at in scalars.items()]
    for derived, sources in SOURCES.items():
        begin, shape = index[derived]
        for source in scalars.keys() & set(sources):
            same = priors[source].dims == DERIVED_SHAPES[derived]
            found.append(begin + (scalars[source] if same else np.arange(math.prod(shape))))
    return np.unique(np.concatenate(found))


def _latents(scalars: Scalars, units: Units, steps: int) -> np.ndarray:
    """Positions of the latents of past crises that depend on scalars."""
    episodes = len(units.dyad)
    side = np.repeat(np.arange(2), len(PHASES))
    own = np.arange(len(side) * (episodes - 1)).reshape(episodes - 1, len(side))  # entries of `episode_resolve`
    past = np.arange(1, episodes)[:, None]
    actor = units.actor[past, side]
    shocks = np.isin(own, scalars.get("episode_resolve", [])).reshape(episodes - 1, 2, len(PHASES))
    shocks[:, 1] |= shocks[:, 0]  # the second side's resolve takes part of the shocks of the first
    hit = shocks.reshape(own.shape) | np.isin(units.dyad[past], scalars.get("dyad_resolve", []))
    hit |= np.isin(actor, scalars.get("actor_resolve", []))
    hit |= np.isin(units.region[actor], scalars.get("region_resolve", []))
    believed = np.isin(actor, scalars.get("actor_credibility", []))
    resolves = 2 * steps + own.size
    return np.concatenate([2 * steps + own[hit], resolves + 2 * steps + own[believed]])


def _spells(coords: Mapping[str, list], episode: str) -> list[str]:
    return [label for label in coords["spell"] if label.rpartition(": ")[0] == episode]


def _entries(prior: Prior, coords: Mapping[str, list], kept: Mapping[str, list[str]]) -> np.ndarray:
    """Entries of a flat parameter whose labels are among those kept, by dim; all of a dim that is not named."""
    out = np.zeros(1, dtype=int)
    for dim in prior.dims:
        at = [i for i, label in enumerate(coords[dim]) if dim not in kept or str(label) in kept[dim]]
        out = (out[:, None] * len(coords[dim]) + np.array(at, dtype=int)).ravel()
    return out
