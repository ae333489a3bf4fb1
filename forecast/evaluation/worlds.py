"""Worlds with known parameters: panels drawn from the model itself, for recovery and simulation-based calibration."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from forecast.model.cells import (
    AUDIENCE,
    CAMPAIGN,
    ESCALATION_CAP_WEEKS,
    FULL,
    HIGHEST_LEVEL,
    LEADERSHIP,
    OVERT,
    PHASES,
    RECENT_DAYS,
    REGIONAL,
    RELAPSE_DAYS,
    TRUCE_DAYS,
    dyads,
)  # fmt: skip
from forecast.model.latent import actor_index, latent_inputs, region_index
from forecast.model.signals import REPORTED
from forecast.terms import DENSITIES, SIDES, SIGNAL_CHANNELS, TRACK_RECORD

if TYPE_CHECKING:
    from collections.abc import Mapping

TRUE_SHARES = (0.80, 0.17, 0.03)  # confidence of rows that are true
DIPLOMACY = SIGNAL_CHANNELS.index("diplomacy")
OUTCOMES = ("force", "rung", "force_confidence", "signal", "signal_confidence", "closure", "talks", "deal", "ceasefire",
            "campaign", "scope")  # fmt: skip


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
    phase[0] = 1
    phase[1:, crisis_periods // 3 : 2 * crisis_periods // 3] = 1
    phase[1:, 2 * crisis_periods // 3 :] = 2
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
        raise ValueError(f"{len(spells)} campaigns drawn, room for {room}")
    empty = {"episode": -1, "onset": 0, "days": 1.0, "halted": False, "truce": False, "opening": 4, "scope": 4,
             "dated": True}  # fmt: skip
    rows = [*spells, *[empty] * (room - len(spells))]
    kinds = {"episode": int, "onset": int, "days": float, "halted": bool, "truce": bool, "opening": int, "scope": int,
             "dated": bool}  # fmt: skip
    columns = {f"spell_{n}": ("spell", np.array([r[n] for r in rows], dtype=k)) for n, k in kinds.items()}
    kept = panel.drop_dims("spell", errors="ignore")
    return kept.assign(columns).assign_coords(spell=np.arange(room))


def draw_world(design: xr.Dataset, draw: xr.Dataset, fixed: Mapping[str, np.ndarray], seed: int) -> World:
    """Draw all outcomes of a panel from the model, period by period, what was not watched recorded as nothing.

    Covariates, masks, densities, lengths and track record are those of the design; campaigns of past crises are
    masked while they last and enter by their days, as in `build_panel`. Rows may be invented and levels miscoded with
    the chances of the model.

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
    """
    p = {str(name): variable.values for name, variable in draw.data_vars.items()}
    rng = np.random.default_rng(seed)
    panel = design.copy(deep=True)
    for name in OUTCOMES:
        panel[name].values[...] = 0
    resolve, credibility, spells = _Drawing(panel, p, fixed, rng).run()
    return World(with_spells(panel, spells, design.sizes["spell"]), resolve, credibility)


class _State(NamedTuple):
    """What the last periods left behind, [episode] or [episode, side]."""

    own: np.ndarray
    sub: np.ndarray
    big: np.ndarray
    audience: np.ndarray
    was: np.ndarray
    fought: np.ndarray
    truce: np.ndarray
    closure: np.ndarray
    talks: np.ndarray
    overt: np.ndarray


class _Drawing:
    """One run over the periods, all episodes side by side; writes into the panel."""

    def __init__(self, panel: xr.Dataset, p: dict, fixed: Mapping[str, np.ndarray], rng: np.random.Generator) -> None:
        self.panel, self.p, self.fixed, self.rng = panel, p, fixed, rng
        self.step = int(panel.attrs["period_days"])
        self.offset = math.log(self.step / 7.0)
        self.v = {name: panel[name].values for name in panel.data_vars}
        self.length = panel["length"].values
        self.episodes, self.periods = self.v["density"].shape
        self.given = latent_inputs(panel)
        self.case = np.arange(self.episodes) == 0
        self.running: list[dict | None] = [None] * self.episodes
        self.spells: list[dict] = []
        _, _, _, self.dyad_side = dyads(panel)
        self.resolve = np.zeros((self.episodes, 2, self.periods))
        self.credibility = np.zeros((self.episodes, 2, self.periods))
        self._standing()

    def run(self) -> tuple[np.ndarray, np.ndarray, list[dict]]:
        self.x, self.trace = self.p["resolve_innovation"][:, 0].copy(), np.zeros(2)
        for t in range(self.periods):
            self._latents(t)
            state = self._state(t)
            if t > 0:
                self._force(t, state)
                self._settlement(t, state)
            self._signals(t, state)
        for episode, spell in enumerate(self.running):
            if spell is not None:
                self._cut(episode, spell)
        self.spells.sort(key=lambda s: s["number"])  # the model takes row k of the table for entry k of the noise
        return self.resolve, self.credibility, self.spells

    # -- latents ---------------------------------------------------------------------------------------------------

    def _standing(self) -> None:
        p, actor_of = self.p, actor_index(self.panel)[1]
        region, actor, dyad, self.episode_sd = np.sqrt(p["resolve_share"])
        own = region * p["region_resolve"][region_index(self.panel)[1]] + actor * p["actor_resolve"]
        self.standing = own[actor_of] + dyad * p["dyad_resolve"][self.given["dyad_of"]][:, None]
        self.known = (
            p["capability_credibility"] * self.given["capability"] + p["nuclear_credibility"] * self.given["nuclear"]
            + p["actor_credibility_sd"] * p["actor_credibility"][actor_of]
        )  # fmt: skip
        self.rho = 0.5 ** (self.step / 7.0 / p["resolve_half_life"])
        self.memory = 0.5 ** (self.step / 7.0 / p["credibility_half_life"])

    def _latents(self, t: int) -> None:
        p = self.p
        if t > 0:
            hit = self.v["force"][0, ::-1, t - 1] >= OVERT
            shock = p["resolve_innovation"][:, t]
            self.x = self.rho * self.x + math.sqrt(1 - self.rho**2) * shock + p["hit_effect"] * (1 - self.rho) * hit
            self.trace = self.memory * self.trace + self.v["track_record"][0, :, t - 1] @ p["track_weight"]
        self.resolve[0, :, t] = self.standing[0] + self.episode_sd * self.x
        self.credibility[0, :, t] = self.known[0] + self.trace
        own = p["episode_resolve"].reshape(-1, 2, len(PHASES))
        phase = self.v["phase"][1:, t]
        past = own[np.arange(self.episodes - 1)[:, None], np.arange(2), phase[:, None]]
        self.resolve[1:, :, t] = (
            self.standing[1:] + self.episode_sd * past + p["stake_effect"] * self.given["stake"][:, None]
        )
        self.credibility[1:, :, t] = self.known[1:]

    def _state(self, t: int) -> _State:
        def back(name: str, days: int) -> np.ndarray:
            return self.v[name][:, max(t - max(round(days / self.step), 1), 0) : t].any(axis=1)

        last = t - 1
        force = self.v["force"][:, :, last] if t else np.zeros((self.episodes, 2))
        was = self.v["campaign"][:, last] if t else np.zeros(self.episodes, bool)
        recent = max(t - max(round(RECENT_DAYS / self.step), 1), 0)
        overt = (self.v["force"][:, :, recent:t] >= OVERT).any(axis=(1, 2)) | back("campaign", RECENT_DAYS)
        return _State(
            own=(force >= OVERT) & ~was[:, None],
            sub=force == 1,
            big=force >= CAMPAIGN,
            audience=self.v["signal"][:, :, last, AUDIENCE] / HIGHEST_LEVEL if t else np.zeros((self.episodes, 2)),
            was=was,
            fought=back("campaign", RELAPSE_DAYS),
            truce=back("ceasefire", TRUCE_DAYS) | back("deal", TRUCE_DAYS),
            closure=back("closure", TRUCE_DAYS),
            talks=back("talks", RECENT_DAYS),
            overt=overt,
        )

    # -- force -----------------------------------------------------------------------------------------------------

    def _force(self, t: int, s: _State) -> None:
        for e in np.flatnonzero(s.was):
            self._campaign(int(e), t, s)
        seen = self.v["force_observed"][:, t] & (t < self.length)
        free = seen & ~self.v["campaign"][:, t]
        overt = self._overt(t, s) & free[:, None]
        overt |= self._invented(free, self.v["force_confidence"][:, :, t], overt)
        self._openings(t, s, overt)
        self._singles(t, s, overt)
        shut = self._chance(
            self.offset + self.p["closure_intercept"] + self.p["closure_campaign"] * self.v["campaign"][:, t]
            + self.p["closure_recent"] * s.closure
        )  # fmt: skip
        self.v["closure"][:, t] = shut & seen & (self.v["chokepoint"] > 0)

    def _overt(self, t: int, s: _State) -> np.ndarray:
        p, r, c = self.p, self.resolve[:, :, t], self.credibility[:, :, t]
        typical = p["overt_intercept"] - 0.5 * p["overt_resolve"] ** 2 + self.offset
        truce = np.where(self.case, p["overt_truce_case"], p["overt_truce_past"]) * s.truce
        u = (
            typical + p["overt_dyad_sd"] * p["overt_dyad"][self.dyad_side] + p["overt_resolve"] * r
            - p["overt_credibility"] * c[:, ::-1]
            + p["overt_own_last"] * s.own + p["overt_opponent_last"] * s.own[:, ::-1]
            + p["overt_own_sub"] * s.sub + p["overt_opponent_sub"] * s.sub[:, ::-1]
            + p["overt_audience"] * s.audience + (p["overt_after_campaign"] * s.was + truce)[:, None]
        )  # fmt: skip
        return self._pattern(u[:, 0], u[:, 1], p["overt_reply"] - typical.mean())

    def _openings(self, t: int, s: _State, overt: np.ndarray) -> None:
        p = self.p
        u = (
            p["onset_intercept"] + p["onset_resolve"] * self.resolve[:, :, t]
            + (p["onset_case"] * self.case + p["onset_episode_sd"] * p["onset_episode"]
               + p["onset_after_overt"] * s.own.any(axis=1) + p["onset_relapse"] * s.fought
               + p["onset_ground"] * self.v["ground_access"])[:, None]
        )  # fmt: skip
        both = self._pattern(u[:, 0], u[:, 1], p["onset_coupling"])
        big = np.where(overt.all(axis=1)[:, None], both, self._chance(u)) & overt & ~s.was[:, None]
        for e in np.flatnonzero(big.any(axis=1)):
            self._open(int(e), t, big[e])
        rest = overt & ~big
        self.v["force"][:, :, t] = np.maximum(self.v["force"][:, :, t], np.where(rest, OVERT, 0))

    def _open(self, e: int, t: int, big: np.ndarray) -> None:
        p, case = self.p, e == 0
        full = p["war_opening"] + p["war_ground"] * self.v["ground_access"][e] + p["war_case"] * case
        wide = p["regional_opening"] + p["regional_chokepoint"] * self.v["chokepoint"][e] + p["regional_case"] * case
        opening = FULL if self._chance(full) else REGIONAL if self._chance(wide) else CAMPAIGN
        number = len(self.spells) + sum(s is not None for s in self.running)
        if number >= len(p["campaign_days_spell"]):
            raise ValueError(f"more than {number} campaigns drawn: the world is too warlike for its design")
        spell = {"episode": e, "onset": t, "opening": opening, "dated": True, "number": number}
        noise = p["campaign_days_sd"] * p["campaign_days_spell"][number]
        log_days = math.log(p["campaign_days"]) + p["campaign_days_ground"] * self.v["ground_access"][e] + noise
        spell["log_days"] = log_days + p["campaign_days_case"] * case
        if not case:
            rate = math.exp(p["halt_resolve"] * self.resolve[e, :, t].mean() - spell["log_days"])
            spell["fought"] = max(self.rng.exponential(1 / rate), 1e-3)
        self.running[e] = spell
        self.v["campaign"][e, t] = True
        self.v["scope"][e, t] = opening
        self.v["force"][e, big, t] = opening

    def _campaign(self, e: int, t: int, s: _State) -> None:
        """One more period of a campaign: it halts or goes on."""
        spell = self.running[e]
        assert spell is not None
        lasted = t - spell["onset"]
        if e > 0:
            over = lasted >= max(math.ceil(spell["fought"] / self.step), 1)
            days = spell["fought"]
        else:
            mean = self.resolve[0, :, t].mean()
            rate = math.exp(self.p["halt_resolve"] * mean - spell["log_days"])
            over, days = bool(self.rng.random() < -math.expm1(-self.step * rate)), lasted * self.step
        if t >= self.length[e]:
            return
        if over:
            self._close(e, spell, days / self.step, halted=True)
            self.v["ceasefire"][e, t] = self.spells[-1]["truce"]
            self.running[e] = None
            return
        self.v["campaign"][e, t] = True
        self.v["scope"][e, t] = spell["opening"]
        if e > 0:
            for watched in ("force_observed", "talks_observed", "deal_observed"):
                self.v[watched][e, t] = False
        elif self.v["force_observed"][0, t]:
            p = self.p
            a, b = p["participation_intercept"] + p["participation_last"] * s.big[0]
            weight = np.exp([a, b, a + b + p["participation_coupling"]])
            chosen = self.rng.choice(3, p=weight / weight.sum())
            big = np.array([chosen in (0, 2), chosen in (1, 2)])
            limited = ~big & self._chance(np.full(2, p["limited_in_campaign"]))
            self.v["force"][0, :, t] = np.where(big, CAMPAIGN, np.where(limited, OVERT, 0))

    def _cut(self, e: int, spell: dict) -> None:
        """A campaign that reaches the end of its panel: censored, unless its days ran out within the last period."""
        periods = self.length[e] - spell["onset"]
        over = e > 0 and spell["fought"] <= periods * self.step
        self._close(e, spell, spell["fought"] / self.step if over else periods, halted=over)

    def _close(self, e: int, spell: dict, periods: float, *, halted: bool) -> None:
        """Settle how far a campaign went in the time it lasted, and whether it ended by truce."""
        p, days = self.p, periods * self.step
        weeks = min(days / 7.0, ESCALATION_CAP_WEEKS)
        full = math.exp(p["war_ground"] * self.v["ground_access"][e] + p["war_case"] * (e == 0))
        wide = math.exp(p["regional_chokepoint"] * self.v["chokepoint"][e] + p["regional_case"] * (e == 0))
        scope = spell["opening"]
        if scope < FULL and self.rng.random() < -math.expm1(-weeks * p["war_escalation"] * full):
            scope = FULL
        elif scope < REGIONAL and self.rng.random() < -math.expm1(-weeks * p["regional_escalation"] * wide):
            scope = REGIONAL
        truce = halted and bool(self._chance(p["truce_intercept"]))
        kept = {k: spell[k] for k in ("episode", "onset", "opening", "dated", "number")}
        self.spells.append(kept | {"days": float(days), "halted": halted, "truce": truce, "scope": scope})

    def _singles(self, t: int, s: _State, overt: np.ndarray) -> None:
        """Kinds of single acts, and acts below the threshold."""
        p, r = self.p, self.resolve[:, :, t]
        force, rung = self.v["force"][:, :, t], self.v["rung"][:, :, t]
        on = self.v["campaign"][:, t]
        single = overt & (force < CAMPAIGN) & ~on[:, None]
        lead = p["leadership_intercept"] + p["leadership_resolve"] * r + p["leadership_case"] * self.case[:, None]
        force[single & self._chance(lead)] = LEADERSHIP
        reply = (force >= OVERT)[:, ::-1] | s.own[:, ::-1]
        symbolic = self._chance(p["symbolic_intercept"] + p["symbolic_reply"] * reply)
        rung[...] = np.where(single & (force == OVERT), np.where(symbolic, 3, 4), np.where(force == LEADERSHIP, 5, 0))
        sub = self._chance(
            self.offset + p["sub_intercept"] + p["sub_resolve"] * r + p["sub_own_last"] * s.sub
            + p["sub_opponent_last"] * s.sub[:, ::-1]
        )  # fmt: skip
        watched = (self.v["sub_threshold_observed"][:, t] & self.v["force_observed"][:, t] & self.case)[:, None]
        quiet = watched & (force < OVERT) & (t < self.length)[:, None]
        below = quiet & sub
        below |= self._invented(quiet, self.v["force_confidence"][:, :, t], below)
        force[below] = 1

    # -- settlement and signals ------------------------------------------------------------------------------------

    def _settlement(self, t: int, s: _State) -> None:
        p, mean = self.p, self.resolve[:, :, t].mean(axis=1)
        fighting = s.own.any(axis=1) | s.was
        for node, recent, fought in (("talks", "talks_recent", fighting), ("deal", "deal_talks", s.overt)):
            logit = (
                self.offset + p[f"{node}_intercept"] + p[f"{node}_case"] * self.case + p[f"{node}_resolve"] * mean
                + p[recent] * s.talks + p[f"{node}_fighting"] * fought + p[f"{node}_truce"] * s.truce
            )  # fmt: skip
            self.v[node][:, t] = self._chance(logit) & self.v[f"{node}_observed"][:, t] & (t < self.length)

    def _signals(self, t: int, s: _State) -> None:
        p, r, c = self.p, self.resolve[:, :, t, None], self.credibility[:, ::-1, t, None]
        density = self.v["density"][:, t]
        column = np.array([REPORTED.index(d) if d in REPORTED else 0 for d in DENSITIES])[density]
        thick = np.isin(density, [DENSITIES.index(d) for d in REPORTED])[:, None]
        effort = thick * (p["signal_density"][column][:, None] + p["signal_density_channel"][column])
        loading = np.r_[p["signal_resolve_anchor"], p["signal_resolve_free"]]  # anchors are the first channels
        last = self.v["signal"][:, :, t - 1] / HIGHEST_LEVEL if t else np.zeros((self.episodes, 2, len(loading)))
        incoming = (s.own[:, ::-1] | s.was[:, None])[..., None]
        logit = self.offset + p["signal_any"].T + effort[:, None] + loading * r + p["signal_last"] * last
        logit = logit + p["signal_incoming"] * incoming
        logit[..., DIPLOMACY] += p["concession_credibility"] * c[..., 0] + p["concession_audience"] * s.audience
        seen = (self.v["signal_observed"][:, t] & (t < self.length)[:, None])[:, None]
        seen = np.broadcast_to(seen, logit.shape)
        confidence = self.v["signal_confidence"][:, :, t]
        some = self._chance(logit) & seen
        some |= self._invented(seen, confidence, some)
        level = some.astype(np.int8)
        wrong = np.r_[0.0, self.fixed["level_error"]][confidence]
        for k in range(2):
            raised = self._chance(p["signal_step"][:, k] + loading * r)
            coded = raised ^ (self.rng.random(raised.shape) < wrong)
            level += (level == k + 1) & coded
        self.v["signal"][:, :, t] = level

    # -- chance ----------------------------------------------------------------------------------------------------

    def _chance(self, logit: np.ndarray | float) -> np.ndarray:
        return self.rng.random(np.shape(logit)) < 1 / (1 + np.exp(-np.asarray(logit)))

    def _pattern(self, a: np.ndarray, b: np.ndarray, coupling: float) -> np.ndarray:
        """Joint choices of both sides [episode, 2]."""
        weight = np.exp(np.stack([0 * a, a, b, a + b + coupling], axis=1))
        total = np.cumsum(weight, axis=1)
        chosen = (self.rng.random(len(a))[:, None] * total[:, -1:] > total).sum(axis=1)
        return np.stack([(chosen == 1) | (chosen == 3), chosen >= 2], axis=1)

    def _invented(self, cells: np.ndarray, confidence: np.ndarray, true: np.ndarray) -> np.ndarray:
        """Invented rows among watched cells without a true act; writes the confidence of both kinds of rows."""
        share = np.array(TRUE_SHARES)
        false = self.fixed["false_row"] * share
        cells = np.broadcast_to(cells if cells.ndim == confidence.ndim else cells[:, None], confidence.shape)
        made_up = cells & ~true & (self.rng.random(confidence.shape) < false.sum())
        confidence[true] = 1 + self.rng.choice(3, int(true.sum()), p=share)
        confidence[made_up] = 1 + self.rng.choice(3, int(made_up.sum()), p=false / false.sum())
        return made_up
