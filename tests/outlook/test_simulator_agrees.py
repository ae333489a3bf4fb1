"""One step of the simulator has the probabilities of the plain transcription of the model, whatever went before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import plain_tree as tree
import pytest
import xarray as xr

from forecast.outlook.simulate import Paths, simulate
from forecast.outlook.world import Start, start_neutral, states, world_of

STEP = 7
ENOUGH = 1500  # paths in a group that is compared
DAY_LONG = 1e7  # weeks: resolve and credibility stand still, so that every probability has a closed form
FIXED = {
    "resolve_half_life": DAY_LONG, "credibility_half_life": DAY_LONG, "overt_intercept": [-1.6, -1.2],
    "overt_reply": 0.2, "overt_own_sub": 0.5, "overt_after_campaign": 0.6, "overt_truce_case": -0.9,
    "overt_dyad_sd": 0.3, "overt_between_crises": 0.2,
    "onset_intercept": [-1.0, -0.6], "onset_coupling": 0.8, "campaign_days": 40.0, "campaign_days_sd": 1e-9,
    "campaign_days_ground": 0.3, "campaign_days_case": -0.2, "halt_resolve": -0.3, "war_opening": -1.0,
    "war_ground": 0.4, "war_escalation": 0.15, "regional_opening": -1.2, "regional_escalation": 0.5,
    "participation_intercept": [0.4, -0.3], "participation_last": 0.9, "participation_coupling": 0.3,
    "limited_in_campaign": -0.4, "leadership_intercept": [-0.8, -0.4], "symbolic_intercept": -0.5,
    "symbolic_reply": 0.8,
    "sub_intercept": [-1.0, -0.5], "closure_intercept": -2.5, "closure_campaign": 1.2, "closure_recent": 0.9,
    "truce_intercept": 0.3, "talks_intercept": -1.4, "talks_recent": 0.8, "talks_fighting": -0.6, "talks_truce": 0.5,
    "deal_intercept": -2.2, "deal_talks": 0.7, "deal_fighting": -0.5, "deal_truce": 0.4, "overt_fresh_crisis": 0.2,
    "crisis_opens": -1.0, "crisis_opens_recent": 0.6, "crisis_opens_force": 0.4,
    "crisis_closes": -1.2, "crisis_closes_case": 0.3, "crisis_closes_fresh": 0.4, "crisis_closes_force": 0.9,
    "crisis_closes_settled": 0.8,
}  # fmt: skip


@pytest.fixture(scope="module")
def fixed(panel: xr.Dataset, draws: xr.Dataset) -> xr.Dataset:
    """One draw in a busy region, with its latent paths."""
    draw = draws.isel(sample=[3])
    draw = draw.assign({name: (draw[name].dims, np.full(draw[name].shape, value)) for name, value in FIXED.items()})
    resolve, credibility = tree.case_latents(panel, values_of(draw))
    dims = ("sample", "side", "period")
    return draw.assign(resolve=(dims, resolve[None]), credibility=(dims, credibility[None]))


def values_of(draw: xr.Dataset) -> tree.Values:
    numbers = {}
    for name, variable in draw.isel(sample=0).data_vars.items():
        for at, number in np.ndenumerate(variable.values):
            where = [str(variable[d].values[i]) for d, i in zip(variable.dims, at, strict=True)]
            numbers[f"{name}[{', '.join(where)}]" if where else str(name)] = float(number)
    return tree.Values(numbers)


def recently(happened: np.ndarray, since: int, periods: int) -> np.ndarray:
    """Whether it happened in the `periods` before each one; `since` periods before the first simulated one."""
    paths, length = happened.shape
    old = np.zeros((paths, periods), dtype=bool)
    if since < periods:
        old[:, periods - 1 - since] = True
    padded = np.concatenate([old, happened], axis=1)
    return np.stack([padded[:, t : t + periods].any(axis=1) for t in range(length)], axis=1)


def pasts(paths: Paths, start: Start) -> np.ndarray:
    """Code of what went before each simulated period [path, period]."""
    rung, scope = paths.rung[0], paths.scope[0]
    overt, settled = rung >= 3, paths.truce[0] | paths.deal[0]

    def last(values: np.ndarray, first: np.ndarray) -> np.ndarray:
        return np.concatenate([np.broadcast_to(first, (len(values), 1, *values.shape[2:])), values[:, :-1]], axis=1)

    bits = [
        *np.moveaxis(last(overt & (scope == 0)[..., None], start.own_last[None]), 2, 0),
        *np.moveaxis(last(rung == 1, start.own_sub[None]), 2, 0),
        *np.moveaxis(last(rung == 6, start.fought[None]), 2, 0),
        last(scope > 0, np.array([start.campaign])),
        recently(scope > 0, start.since_campaign, 13),
        recently(paths.truce[0] | paths.deal[0], start.since_truce, 6),
        recently(paths.talks[0], start.since_talks, 4),
        recently(overt.any(axis=2) | (scope > 0), start.since_overt, 4),
        recently(paths.closure[0], start.since_closure, 6),
        recently(paths.crisis[0] > 0, start.since_crisis, 26),
        last(paths.crisis[0] == 1, np.array([start.crisis])),
        last(settled, np.array([start.since_truce == 0])),
    ]
    code = sum(bit.astype(np.int64) << k for k, bit in enumerate(bits))
    code += last(scope, np.array([start.scope])).astype(np.int64) << len(bits)
    days = last(days_open(paths, start), np.array([start.crisis_days if start.crisis else 0]))
    return code + (days.astype(np.int64) << len(bits) + 3)


def days_open(paths: Paths, start: Start) -> np.ndarray:
    """Age in days of the crisis that is open at the end of each simulated period, 0 where none is [path, period]."""
    state = paths.crisis[0]
    out = np.zeros(state.shape, int)
    days = np.full(len(state), start.crisis_days if start.crisis else 0)
    was = np.full(len(state), start.crisis)
    for t in range(state.shape[1]):
        days = np.where(was, days + STEP, STEP // 2)
        was = state[:, t] == 1
        out[:, t] = days * was
    return out


class Ahead(NamedTuple):
    """What else went before: scope of the campaign, whether a truce or deal came last period, days of the crisis."""

    scope: int
    settled: bool
    days: int


def decode(code: int, start: Start) -> tuple[tree.Before, Ahead]:
    bit = [bool(code >> k & 1) for k in range(15)]
    audience = tuple(map(float, start.audience))
    past = tree.Before((bit[0], bit[1]), (bit[2], bit[3]), (bit[4], bit[5]), bit[6], bit[7], audience, *bit[8:14])
    return past, Ahead(code >> 15 & 7, bit[14], code >> 18)


Checks = Iterator[tuple[str, np.ndarray, float]]


def of_crisis(paths: Paths, mask: np.ndarray, past: tree.Before, ahead: Ahead, v: tree.Values, mean: float) -> Checks:
    state, on = paths.crisis[0][mask], paths.scope[0][mask] > 0
    if not past.open:
        p = 1.0 if past.campaign else tree.chance(tree.opening_logit(v, mean, past, STEP))
        yield "crisis opens", state > 0, p
    yield "crisis goes on while a campaign runs", state[on & (state > 0)] == 1, 1.0
    days = ahead.days + STEP if past.open else STEP // 2
    overt = (paths.rung[0][mask] >= 3).any(axis=1) | past.campaign
    now = (paths.truce[0] | paths.deal[0])[mask] | ahead.settled
    for force in (False, True):
        for settled in (False, True):
            at = (state > 0) & ~on & (overt == force) & (now == settled)
            closes = tree.closing_logit(v, days, force=force, settled=settled, case=True, step=STEP)
            yield "crisis closes", state[at] == 2, tree.chance(closes)


def checks(paths: Paths, mask: np.ndarray, past: tree.Before, ahead: Ahead, v: tree.Values, about: dict) -> Checks:
    """Name, indicator over the paths concerned, and probability, of every choice of one period after one past."""
    rung, now = paths.rung[0][mask], paths.scope[0][mask]
    overt, big = rung >= 3, rung == 6
    r, c, names, episode, ground = (about[k] for k in ("r", "c", "dyad", "episode", "ground"))
    mean, on = (r[0] + r[1]) / 2, now > 0
    free = ~on if past.campaign else np.ones(len(now), dtype=bool)
    wide = v("regional_case") + v("regional_chokepoint")
    scope, state = ahead.scope, paths.crisis[0][mask] > 0
    yield from of_crisis(paths, mask, past, ahead, v, mean)
    both = overt.all(axis=1) & free
    for opened in (False, True):
        at = free & (state == opened)
        days = ahead.days + STEP if past.open else STEP // 2
        crisis = tree.State(opened, days)
        a, b, coupling = tree.overt_logits(v, r, c, names, past, case=True, step=STEP, state=crisis)
        for (first, second), p in tree.patterns(a, b, coupling).items():
            yield "overt", ((overt[:, 0] == first) & (overt[:, 1] == second))[at], p
        yield "opener", paths.first[0][mask][both & at] == 1, tree.chance(a - b)
    if past.campaign:
        log_days = np.log(v("campaign_days")) + v("campaign_days_ground") * ground + v("campaign_days_case")
        yield "halt", ~on, tree.halt_chance(v, mean, log_days, STEP)
        yield "truce", paths.truce[0][mask][~on], tree.chance(v("truce_intercept"))
        odds = tree.patterns(*tree.participation_logits(v, past), v("participation_coupling"), neither=False)
        for (first, second), p in odds.items():
            yield "participation", ((big[:, 0] == first) & (big[:, 1] == second))[on], p
        for s in (0, 1):
            yield "limited", overt[on & ~big[:, s], s], tree.chance(v("limited_in_campaign"))
        full = tree.at_least_one(v("war_escalation") * np.exp(v("war_ground") * ground + v("war_case")))
        regional = tree.at_least_one(v("regional_escalation") * np.exp(wide))
        if scope < 6:
            yield "widens to full war", now[on] == 6, full
        if scope < 5:
            yield "widens", now[on & (now < 6)] == 5, regional
        if scope == 6:
            yield "stays full war", now[on] == 6, 1.0
    else:
        opens = [tree.onset_logit(v, s, r[s], past, episode, ground, case=True) for s in (0, 1)]
        for (first, second), p in tree.patterns(*opens, v("onset_coupling")).items():
            yield "onset of both", ((big[:, 0] == first) & (big[:, 1] == second))[both], p
        for s in (0, 1):
            yield "onset", on[overt[:, s] & ~overt[:, 1 - s]], tree.chance(opens[s])
        yield "opens full", now[on] == 6, tree.chance(v("war_opening") + v("war_ground") * ground + v("war_case"))
        yield "opens wide", now[on & (now < 6)] == 5, tree.chance(v("regional_opening") + wide)
    for s in (0, 1):
        single = overt[:, s] & ~on
        yield "leadership", rung[single, s] == 5, tree.chance(tree.leadership_logit(v, s, r[s], case=True))
        for reply in (False, True):
            answers = (overt[:, 1 - s] | past.own[1 - s]) == reply
            limited = single & (rung[:, s] != 5) & answers
            yield "symbolic", rung[limited, s] == 3, tree.chance(tree.symbolic_logit(v, reply))
        yield "sub", rung[~overt[:, s], s] == 1, tree.chance(tree.sub_logit(v, s, r[s], past, STEP))
    for running in (False, True):
        shut = paths.closure[0][mask][on == running]
        yield "closure", shut, tree.chance(tree.closure_logit(v, running, past, STEP))
    yield "talks", paths.talks[0][mask], tree.chance(tree.talks_logit(v, mean, past, case=True, step=STEP))
    yield "deal", paths.deal[0][mask], tree.chance(tree.deal_logit(v, mean, past, case=True, step=STEP))


def compare(
    paths: Paths, start: Start, fixed: xr.Dataset, panel: xr.Dataset, r: list[float], c: list[float]
) -> set[str]:
    v = values_of(fixed)
    about = {
        "r": r, "c": c, "dyad": tree.pair(panel, 0)[1], "episode": str(panel["episode"].values[0]),
        "ground": float(panel["ground_access"].values[0]),
    }  # fmt: skip
    codes = pasts(paths, start)
    flat = Paths(*(x.reshape(1, codes.size, *x.shape[3:]) if isinstance(x, np.ndarray) else x for x in paths))
    seen, far = set(), []
    found, counts = np.unique(codes, return_counts=True)
    for code in found[counts >= ENOUGH]:
        past, ahead = decode(int(code), start)
        for name, events, p in checks(flat, codes.ravel() == code, past, ahead, v, about):
            if len(events) * min(p, 1 - p) < 20 and p < 1:
                continue
            seen.add(name)
            noise = np.sqrt(p * (1 - p) / len(events))
            off = abs(events.mean() - p)
            if off > 4 * noise + 1e-12:
                far.append((name, past, float(events.mean()), p, len(events)))
    assert far == []
    return seen


EVERY_NODE = {
    "overt", "opener", "halt", "truce", "participation", "limited", "widens to full war", "widens", "stays full war",
    "onset of both", "onset", "opens full", "opens wide", "leadership", "symbolic", "sub", "closure", "talks", "deal",
    "crisis opens", "crisis closes", "crisis goes on while a campaign runs",
}  # fmt: skip


def test_every_step_from_a_quiet_start(fixed: xr.Dataset, panel: xr.Dataset):
    start = start_neutral(fixed, panel, 1)
    world = world_of(fixed, panel)
    paths = simulate(world, start, periods=9, paths=120_000, period_days=STEP, seed=13)
    fixed_part, known = tree.standing(panel, values_of(fixed), 0)
    spread = np.sqrt(values_of(fixed)("resolve_share", "episode"))
    r = [fixed_part[s] + spread * float(start.deviation[0, s]) for s in (0, 1)]
    assert compare(paths, start, fixed, panel, r, known) == EVERY_NODE


@pytest.mark.parametrize("period", [2, 4, 8, 11, 12, 15, 24, 25])
def test_the_first_step_from_states_of_the_panel(fixed: xr.Dataset, panel: xr.Dataset, period: int):
    start = states(fixed, panel)(period)
    paths = simulate(world_of(fixed, panel), start, periods=1, paths=40_000, period_days=STEP, seed=period)
    longer = one_period_more(panel)
    resolve, credibility = tree.case_latents(longer, values_of(extended(fixed, longer)))
    r = [float(resolve[s, period]) for s in (0, 1)]
    c = [float(credibility[s, period + 1]) for s in (0, 1)]
    assert decode(int(pasts(paths, start)[0, 0]), start)[0] == tree.before(longer, 0, period + 1)
    assert {"overt", "sub", "talks", "deal", "closure"} <= compare(paths, start, fixed, panel, r, c)


def one_period_more(panel: xr.Dataset) -> xr.Dataset:
    return panel.assign_coords(length=panel["length"] + 1)


def extended(fixed: xr.Dataset, panel: xr.Dataset) -> xr.Dataset:
    assert fixed.sizes["step"] >= int(panel["length"].values[0])
    return fixed.drop_vars(["resolve", "credibility"])
