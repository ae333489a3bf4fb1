"""Panels of equal dims: episodes and campaigns of which nothing was seen are added, so one compilation serves all."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from forecast.terms import CAMPAIGN_RUNG

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forecast.record.read import Record

MARK = "~"
"""Names of what pads a panel begin with it."""
SPELLS_OF_THE_CASE = 20


class Sizes(NamedTuple):
    """Numbers of episodes, leads, dyads, regions and campaign spells of a panel."""

    episodes: int
    actors: int
    dyads: int
    regions: int
    spells: int

    @classmethod
    def of(cls, panel: xr.Dataset) -> Sizes:
        """Return those of one panel."""
        pairs = {frozenset(pair) for pair in panel["actor"].values.tolist()}
        leads, regions = np.unique(panel["actor"].values), np.unique(panel["region"].values)
        return cls(panel.sizes["episode"], len(leads), len(pairs), len(regions), panel.sizes["spell"])


def sizes_for(record: Record) -> Sizes:
    """Return sizes that no panel of a record exceeds."""
    episodes = record.episodes.drop_duplicates("episode_id", keep="last")
    leads = sorted({*episodes["challenger"], *episodes["target"]})
    pairs = {frozenset(pair) for pair in zip(episodes["challenger"], episodes["target"], strict=True)}
    region = record.actors.drop_duplicates("actor_id", keep="last").set_index("actor_id")["region"]
    regions = {region.get(lead, "") or "elsewhere" for lead in leads}
    fought = record.outcomes.loc[record.outcomes["max_rung"] >= CAMPAIGN_RUNG, "episode_id"].nunique()
    return Sizes(len(episodes) + 4, len(leads) + 2, len(pairs) + 3, len(regions) + 1, fought + SPELLS_OF_THE_CASE)


def padded(panel: xr.Dataset, sizes: Sizes) -> xr.Dataset:
    """Return the panel with episodes at its end of which nothing was seen, up to the sizes; as it is where it cannot.

    What is added has no observation, so its parameters keep their priors and every other posterior stays as it is.

    Parameters
    ----------
    panel
        From `build_panel`.
    sizes
        Sizes to reach; see `sizes_for`.
    """
    pairs = _pairs(panel, sizes)
    if not pairs:
        return panel
    known = dict(zip(panel["actor"].values.ravel(), panel["region"].values.ravel(), strict=True))
    new = sorted({actor for pair in pairs for actor in pair} - set(known))
    lacking = sizes.regions - len(set(known.values()))
    regions = [f"{MARK}{k}" for k in range(lacking)]
    if len(new) < lacking:
        return panel
    known |= {actor: regions[k] if k < lacking else panel["region"].values[0, 0] for k, actor in enumerate(new)}
    count = len(pairs)
    blank = {
        str(name): (variable.dims, np.zeros([count if d == "episode" else panel.sizes[d] for d in variable.dims],
                                            variable.dtype))
        for name, variable in panel.data_vars.items()
        if "episode" in variable.dims
    }  # fmt: skip
    blank["density"][1][:] = -1
    blank["crisis_age"][1][:] = -1
    blank["period_start"][1][:] = np.datetime64("NaT", "ns")
    blank["actor"] = (("episode", "side"), np.array(pairs))
    blank["region"] = (("episode", "side"), np.array([[known[actor] for actor in pair] for pair in pairs]))
    blank["high_stake"][1][:] = panel["high_stake"].values[1:].mean() if panel.sizes["episode"] > 1 else 0.0
    names = [f"{MARK}{k}" for k in range(count)]
    coords = {"episode": names, "length": ("episode", np.full(count, 2, panel["length"].dtype))}
    whole = [v for v in panel.data_vars if "episode" in panel[v].dims]
    joined = xr.concat([panel[whole], xr.Dataset(blank, coords=coords)], dim="episode", join="override")
    joined = joined.merge(_spells(panel, sizes.spells))
    return joined.assign_attrs(panel.attrs)


def _pairs(panel: xr.Dataset, sizes: Sizes) -> list[tuple[str, str]] | None:
    """Leads of the episodes to add, so that numbers of leads and dyads come out right; None where they cannot."""
    own = Sizes.of(panel)
    episodes, actors, dyads, _, spells = (want - have for want, have in zip(sizes, own, strict=True))
    if min(episodes, actors, dyads, spells, sizes.regions - own.regions) < 0 or episodes < dyads or actors > 2 * dyads:
        return None
    leads = sorted(np.unique(panel["actor"].values).tolist())
    new = [f"{MARK}{k:03d}" for k in range(actors)]
    found = [(new[k], new[k + 1]) for k in range(0, actors - 1, 2)]
    if actors % 2:
        found.append((leads[0], new[-1]))
    taken = {frozenset(pair) for pair in [*found, *panel["actor"].values.tolist()]}
    found += _others(leads + new, taken, dyads - len(found))
    if len(found) != dyads:
        return None
    again = found[:1] or [tuple(panel["actor"].values[0].tolist())]
    return found + again * (episodes - dyads)


def _others(names: list[str], taken: set[frozenset[str]], count: int) -> list[tuple[str, str]]:
    """The first pairs of names that are not taken."""
    free: Iterable[tuple[str, str]] = (pair for pair in combinations(names, 2) if frozenset(pair) not in taken)
    return [pair for pair, _ in zip(free, range(count), strict=False)]


def _spells(panel: xr.Dataset, count: int) -> xr.Dataset:
    """Spells of a panel, with reserved ones (episode -1) up to a number."""
    names = [v for v in panel.data_vars if panel[v].dims == ("spell",)]
    table = panel[names].drop_vars("spell", errors="ignore")
    more = count - panel.sizes["spell"]
    reserved = xr.Dataset(
        {str(v): ("spell", np.full(more, -1 if v == "spell_episode" else 0).astype(panel[v].dtype)) for v in names}
    )
    return xr.concat([table, reserved], dim="spell").assign_coords(spell=np.arange(count))
