"""Worlds with known parameters: panels drawn from the model itself, for recovery and simulation-based calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from forecast.evaluation.chances import chances_of
from forecast.evaluation.drawing import Cells, Latents, Spells, run
from forecast.model.cells import PHASES
from forecast.model.latent import correlated, latent_inputs
from forecast.terms import DENSITIES, SIDES, SIGNAL_CHANNELS, TRACK_RECORD

if TYPE_CHECKING:
    from collections.abc import Mapping

OUTCOMES = ("force", "rung", "force_confidence", "signal", "signal_confidence", "closure", "talks", "deal", "ceasefire",
            "campaign", "scope")  # fmt: skip
EMPTY = {"episode": -1, "onset": 0, "days": 1.0, "halted": False, "truce": False, "opening": 4, "scope": 4,
         "dated": True}  # fmt: skip
KINDS = {"episode": int, "onset": int, "days": float, "halted": bool, "truce": bool, "opening": int, "scope": int,
         "dated": bool}  # fmt: skip


class World(NamedTuple):
    """A drawn panel and the latents behind it."""

    panel: xr.Dataset
    resolve: np.ndarray  # [episode, side, period]
    credibility: np.ndarray


def small_design(
    *, periods: int = 32, crises: int = 8, crisis_periods: int = 24, spells: int = 24, seed: int = 1
) -> xr.Dataset:
    """An empty panel of a small made-up record: one case and past crises between few actors, all of it watched.

    Covariates and the track record of the case are drawn once from `seed`; densities and masks are mixed so that every
    parameter of the model meets data.

    Returns
    -------
    Dataset
        As from `build_panel`, with `spells` spells in reserve.
    """
    rng = np.random.default_rng(seed)
    episodes = crises + 1
    length = np.r_[periods, np.full(crises, crisis_periods)]
    shape = (episodes, periods)
    inside = np.arange(periods) < length[:, None]
    actors = np.array([f"A{k:02d}" for k in range(10)])
    pairs = np.array([[actors[0], actors[1]], *(rng.choice(actors, 2, replace=False) for _ in range(crises))])
    region_of = dict(zip(actors, np.array(["north", "south", "east"])[rng.integers(0, 3, len(actors))], strict=True))
    phase = np.zeros(shape, np.int8)
    onset = crisis_periods // 3
    phase[1:, onset:] = 1
    age = np.full(shape, -1, np.int16)
    age[1:, onset:] = rng.integers(0, 7, (crises, 1)) + 7 * np.arange(periods - onset)
    density = rng.integers(1, len(DENSITIES), shape).astype(np.int8)
    starts = np.datetime64("2020-01-06", "ns") + np.arange(periods) * np.timedelta64(7, "D")
    pair, cell = ("episode", "period"), ("episode", "side", "period")
    track = rng.poisson(0.15, (2, periods, len(TRACK_RECORD))).astype(np.int8)
    tracks = np.zeros((episodes, 2, periods, len(TRACK_RECORD)), np.int8)
    tracks[0] = track
    panel = xr.Dataset(
        {
            "period_start": (pair, np.where(inside, starts, np.datetime64("NaT", "ns"))),
            "force": (cell, np.zeros((episodes, 2, periods), np.int8)),
            "force_confidence": (cell, np.zeros((episodes, 2, periods), np.int8)),
            "rung": (cell, np.zeros((episodes, 2, periods), np.int8)),
            "signal": ((*cell, "channel"), np.zeros((episodes, 2, periods, len(SIGNAL_CHANNELS)), np.int8)),
            "signal_confidence": ((*cell, "channel"), np.zeros((episodes, 2, periods, len(SIGNAL_CHANNELS)), np.int8)),
            "track_record": ((*cell, "track"), tracks),
            **{n: (pair, np.zeros(shape, bool)) for n in ("closure", "talks", "deal", "ceasefire", "campaign")},
            "scope": (pair, np.zeros(shape, np.int8)),
            "density": (pair, density),
            "phase": (pair, phase),
            "crisis_age": (pair, age),
            "crisis_closed": (pair, np.zeros(shape, bool)),
            "crisis_observed": (pair, inside & ((np.arange(episodes) == 0)[:, None] | (phase == 1))),
            "force_observed": (pair, inside & ((rng.random(shape) < 0.95) | (np.arange(episodes) == 0)[:, None])),
            "sub_threshold_observed": (pair, inside),
            "talks_observed": (pair, inside & (rng.random(shape) < 0.95)),
            "deal_observed": (pair, np.zeros(shape, bool)),
            "signal_observed": ((*pair, "channel"), inside[..., None] & (rng.random((*shape, 6)) < 0.9)),
            "actor": (("episode", "side"), pairs),
            "region": (("episode", "side"), np.vectorize(region_of.get)(pairs)),
            "capability": (("episode", "side"), np.outer(rng.integers(-2, 3, episodes), [1.0, -1.0])),
            "nuclear": (("episode", "side"), rng.integers(0, 2, (episodes, 2)).astype(float)),
            "high_stake": ("episode", rng.integers(0, 2, episodes).astype(float)),
            "ground_access": ("episode", rng.integers(0, 2, episodes).astype(float)),
            "chokepoint": ("episode", np.r_[1.0, rng.integers(0, 2, crises)]),
        },
        coords={
            "episode": ["case", *(f"crisis-{k:02d}" for k in range(crises))], "side": list(SIDES),
            "period": np.arange(periods), "channel": list(SIGNAL_CHANNELS), "track": list(TRACK_RECORD),
            "length": ("episode", length),
        },
    )  # fmt: skip
    panel["deal_observed"] = panel["talks_observed"].copy()
    panel.attrs = {"case": "case", "title": "made up", "as_of": "2021-03-28", "period_days": 7}
    return with_spells(panel, [], spells)


def with_spells(panel: xr.Dataset, spells: list[dict], room: int) -> xr.Dataset:
    """Write the table of campaign spells, with empty rows (episode -1) up to `room`.

    Raises
    ------
    ValueError
        More spells than room: the world is too warlike for its design.
    """
    if len(spells) > room:
        raise ValueError(f"{len(spells)} campaigns, room for {room}")
    columns = {}
    for name, kind in KINDS.items():
        values = np.full(room, EMPTY[name], dtype=kind)
        values[: len(spells)] = [spell[name] for spell in spells]
        columns[f"spell_{name}"] = ("spell", values)
    kept = panel.drop_dims("spell", errors="ignore")
    return kept.assign(columns).assign_coords(spell=np.arange(room))


def draw_world(
    design: xr.Dataset,
    draw: xr.Dataset,
    fixed: Mapping[str, np.ndarray],
    seed: int,
    *,
    resolve: np.ndarray | None = None,
) -> World:
    """Draw all outcomes of a panel from the model, period by period, what was not watched recorded as nothing.

    Covariates, masks, densities, lengths, track record and the onsets of past crises are those of the design; campaigns
    of past crises are masked while they last and enter by their days, as in `build_panel`. Rows may be invented and
    levels miscoded with the chances of the model.

    Parameters
    ----------
    design
        A panel; its outcomes are overwritten.
    draw
        One draw of all parameters, dims of the prior table, with `resolve_innovation`.
    fixed
        `false_row` and `level_error`, by confidence.
    seed
        Seed of the outcomes.
    resolve
        A path of the case's resolve to keep [side, period], in place of one drawn from the shocks of `draw`; when
        crises open and close is then kept too.

    Raises
    ------
    ValueError
        More campaigns than the design has room for: the world is too warlike for it.
    """
    p = {str(name): variable.values for name, variable in draw.data_vars.items()}
    panel = design.copy(deep=True)
    for name in OUTCOMES:
        panel[name].values[...] = 0
    room = design.sizes["spell"]
    spells = Spells(*(np.full(room, EMPTY[name], dtype=KINDS[name]) for name in Spells._fields))
    cells = Cells(*(panel[name].values for name in Cells._fields))
    latents = latents_of(panel, p, resolve)
    if run(cells, latents, chances_of(panel, p, fixed), spells, np.random.default_rng(seed)) < 0:
        raise ValueError(f"more than {room} campaigns drawn: the world is too warlike for its design")
    end = int(panel["length"].values[0])
    latents.resolve[0, :, end:] = latents.resolve[0, :, end - 1 : end]
    columns = {name: ("spell", np.full(room, EMPTY[name], dtype=kind)) for name, kind in KINDS.items()}
    columns |= {name: ("spell", values) for name, values in spells._asdict().items()}
    kept = panel.drop_dims("spell").assign({f"spell_{name}": column for name, column in columns.items()})
    later = np.repeat(panel["phase"].values[1:, None], 2, axis=1)
    latents.resolve[1:] = np.take_along_axis(latents.levels[1:], later, axis=2)
    return World(kept.assign_coords(spell=np.arange(room)), latents.resolve, latents.credibility)


def latents_of(panel: xr.Dataset, p: Mapping[str, np.ndarray], kept: np.ndarray | None) -> Latents:
    """Resolve and credibility of all episodes; the case's resolve is left to the run, which knows its hits."""
    given, step = latent_inputs(panel), int(panel.attrs["period_days"])
    region, actor, dyad, scale = np.sqrt(p["resolve_share"])
    own = region * p["region_resolve"][given["region_of_actor"]] + actor * p["actor_resolve"]
    standing = own[given["actor_of"]] + dyad * p["dyad_resolve"][given["dyad_of"]][:, None]
    episodes, periods = panel.sizes["episode"], panel.sizes["period"]
    past, together = p["episode_resolve"].reshape(episodes - 1, 2, len(PHASES)), np.tanh(p["shared_shocks"])
    past = np.stack(correlated(past[:, 0], past[:, 1], together), axis=1)
    resolve = np.zeros((episodes, 2, periods))
    levels = np.zeros((episodes, 2, len(PHASES)))
    levels[1:] = standing[1:, :, None] + scale * past + p["stake_effect"] * given["stake"][:, None, None]
    length = int(panel["length"].values[0])
    if kept is not None:
        resolve[0] = kept[:, np.minimum(np.arange(periods), kept.shape[1] - 1)]
    known = (
        p["capability_credibility"] * given["capability"] + p["nuclear_credibility"] * given["nuclear"]
        + p["actor_credibility_sd"] * p["actor_credibility"][given["actor_of"]]
    )  # fmt: skip
    credibility = np.repeat(known[:, :, None], periods, axis=2)
    memory, trace = 0.5 ** (step / 7.0 / p["credibility_half_life"]), np.zeros(2)
    for t in range(1, length):
        trace = memory * trace + panel["track_record"].values[0, :, t - 1] @ p["track_weight"]
        credibility[0, :, t] += trace
    shocks = np.stack(correlated(p["resolve_innovation"][0], p["resolve_innovation"][1], together))
    return Latents(
        resolve=resolve, credibility=credibility, levels=levels, kept=kept is not None, shocks=shocks,
        standing=standing[0], scale=float(scale), persistence=float(0.5 ** (step / 7.0 / p["resolve_half_life"])),
        hit=float(p["hit_effect"]),
    )  # fmt: skip
