"""The model once more, in plain loops over the cells of a panel and named numbers: slow, independent of the package.

Written from the description of the model, not from its code: latents by recursion, one probability for each choice.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import NamedTuple

import numpy as np
import xarray as xr

from forecast.terms import SIGNAL_CHANNELS, TRACK_RECORD

ROLE = ("challenger", "target")
SIDE = ("a", "b")
CAP_WEEKS = 13.0


class Values:
    """Parameters by name and labels: `v("overt_intercept", "target")`."""

    def __init__(self, numbers: dict[str, float]) -> None:
        self.numbers = numbers

    def __call__(self, name: str, *labels: str) -> float:
        return self.numbers[f"{name}[{', '.join(labels)}]" if labels else name]


def named(labels: dict[str, list[str]], vectors: dict[str, np.ndarray]) -> Values:
    """Label the entries of the vector variables; log-normal ones come on the log scale."""
    numbers: dict[str, float] = {}
    for vector, names in labels.items():
        scale = np.exp if vector == "log_normal" else np.asarray
        numbers |= dict(zip(names, map(float, scale(vectors[vector])), strict=True))
    shares = zip(("region", "actor", "dyad", "episode"), map(float, vectors["resolve_share"]), strict=True)
    return Values(numbers | {f"resolve_share[{part}]": share for part, share in shares})


def chance(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def at_least_one(exposure: float) -> float:
    return 1 - math.exp(-exposure)


def patterns(a: float, b: float, coupling: float, *, neither: bool = True) -> dict[tuple[bool, bool], float]:
    """Probabilities of (a acts, b acts) with weights exp(a), exp(b), exp(a + b + coupling)."""
    weights = {(True, False): math.exp(a), (False, True): math.exp(b), (True, True): math.exp(a + b + coupling)}
    if neither:
        weights[False, False] = 1.0
    total = sum(weights.values())
    return {key: weight / total for key, weight in weights.items()}


class Before(NamedTuple):
    """What the periods before one showed of a pair of sides."""

    own: tuple[bool, bool]  # overt act outside a campaign in the last period
    sub: tuple[bool, bool]
    big: tuple[bool, bool]
    campaign: bool
    fought: bool  # a campaign ran in the last thirteen weeks
    audience: tuple[float, float]  # own public commitments in the last period, level / 3
    truce: bool  # in the last six weeks
    talks: bool  # in the last four weeks
    force: bool  # overt act or campaign in the last four weeks
    closure: bool  # in the last six weeks
    crisis: bool  # one was open in the last half-year
    open: bool  # one is open at the end of the last period


class State(NamedTuple):
    """Whether a crisis is open in a period, and how many days old it is at its end."""

    open: bool
    days: int = 0


def fresh(days: int, step: int) -> float:
    """Log of the mean of 1 / (1 + day) over the days of a period that ends so long after the onset, in quarters."""
    last = min(days, 364)
    mean = sum(1 / (1 + day) for day in range(max(last - step + 1, 0), last + 1)) / step
    return round(4 * math.log(mean)) / 4 + 4


def overt_logits(
    v: Values, r: list[float], c: list[float], dyad: list[str], past: Before, *, case: bool, step: int, state: State
):
    """Logit of an overt act of each side when the other does not act, and the coupling of the two."""
    out = []
    shift = math.log(step / 7) - v("overt_resolve") ** 2 / 2  # the intercept is that of the average rate
    for s, o in ((0, 1), (1, 0)):
        logit = v("overt_intercept", ROLE[s]) + shift + v("overt_dyad_sd") * v("overt_dyad", dyad[s])
        logit += v("overt_resolve") * r[s] - v("overt_credibility") * c[o]
        logit += v("overt_own_last") * past.own[s] + v("overt_opponent_last") * past.own[o]
        logit += v("overt_own_sub") * past.sub[s] + v("overt_opponent_sub") * past.sub[o]
        logit += v("overt_after_campaign") * past.campaign + v("overt_audience") * past.audience[s]
        logit += v("overt_truce_case" if case else "overt_truce_past") * past.truce
        if state.open:
            logit += v("overt_fresh_crisis") * fresh(state.days, step)
        else:
            logit += v("overt_between_crises" if case else "overt_outside_crisis")
        out.append(logit)
    level = (v("overt_intercept", ROLE[0]) + v("overt_intercept", ROLE[1])) / 2 + shift
    return out[0], out[1], v("overt_reply") - level


def onset_logit(v: Values, s: int, r: float, past: Before, episode: str, ground: float, *, case: bool) -> float:
    logit = v("onset_intercept", ROLE[s]) + v("onset_case") * case + v("onset_episode_sd") * v("onset_episode", episode)
    logit += v("onset_relapse") * past.fought
    return logit + v("onset_resolve") * r + v("onset_after_overt") * any(past.own) + v("onset_ground") * ground


def participation_logits(v: Values, past: Before) -> tuple[float, float]:
    return tuple(v("participation_intercept", SIDE[s]) + v("participation_last") * past.big[s] for s in (0, 1))


def halt_chance(v: Values, mean: float, log_days: float, step: int) -> float:
    return at_least_one(step * math.exp(v("halt_resolve") * mean - log_days))


def leadership_logit(v: Values, s: int, r: float, *, case: bool) -> float:
    return v("leadership_intercept", ROLE[s]) + v("leadership_resolve") * r + v("leadership_case", SIDE[s]) * case


def symbolic_logit(v: Values, reply: bool) -> float:
    return v("symbolic_intercept") + v("symbolic_reply") * reply


def sub_logit(v: Values, s: int, r: float, past: Before, step: int) -> float:
    logit = v("sub_intercept", SIDE[s]) + math.log(step / 7) + v("sub_resolve") * r
    return logit + v("sub_own_last") * past.sub[s] + v("sub_opponent_last") * past.sub[1 - s]


def closure_logit(v: Values, campaign: bool, past: Before, step: int) -> float:
    logit = v("closure_intercept") + math.log(step / 7)
    return logit + v("closure_campaign") * campaign + v("closure_recent") * past.closure


def talks_logit(v: Values, mean: float, past: Before, *, case: bool, step: int) -> float:
    fighting = past.campaign or any(past.own)
    logit = v("talks_intercept") + v("talks_case") * case + math.log(step / 7) + v("talks_resolve") * mean
    return logit + v("talks_recent") * past.talks + v("talks_fighting") * fighting + v("talks_truce") * past.truce


def deal_logit(v: Values, mean: float, past: Before, *, case: bool, step: int) -> float:
    logit = v("deal_intercept") + v("deal_case") * case + math.log(step / 7) + v("deal_resolve") * mean
    return logit + v("deal_talks") * past.talks + v("deal_fighting") * past.force + v("deal_truce") * past.truce


def opening_logit(v: Values, mean: float, past: Before, step: int) -> float:
    logit = v("crisis_opens") + math.log(step / 7) + v("crisis_opens_resolve") * mean
    return logit + v("crisis_opens_recent") * past.crisis + v("crisis_opens_force") * any(past.own)


def closing_logit(v: Values, days: int, *, force: bool, settled: bool, case: bool, step: int) -> float:
    logit = v("crisis_closes") + math.log(step / 7) + v("crisis_closes_case") * case
    logit += v("crisis_closes_fresh") * fresh(days, step)
    return logit + v("crisis_closes_force") * force + v("crisis_closes_settled") * settled


def pair(panel: xr.Dataset, e: int) -> tuple[str, list[str]]:
    """Name of an episode's dyad and of its two sides in it."""
    actors = [str(a) for a in panel["actor"].values[e]]
    name = "-".join(sorted(actors))
    return name, [f"{name}: {actor}" for actor in actors]


def standing(panel: xr.Dataset, v: Values, e: int) -> tuple[list[float], list[float]]:
    """The lasting part of resolve and of credibility of an episode's two sides."""
    share = {part: math.sqrt(v("resolve_share", part)) for part in ("region", "actor", "dyad")}
    resolve, credibility = [], []
    for s in (0, 1):
        actor = str(panel["actor"].values[e, s])
        dyad = v("dyad_resolve", pair(panel, e)[0])
        region = v("region_resolve", str(panel["region"].values[e, s]))
        resolve.append(share["region"] * region + share["actor"] * v("actor_resolve", actor) + share["dyad"] * dyad)
        rank, arms = float(panel["capability"].values[e, s]), float(panel["nuclear"].values[e, s])
        known = v("capability_credibility") * rank + v("nuclear_credibility") * arms
        credibility.append(known + v("actor_credibility_sd") * v("actor_credibility", actor))
    return resolve, credibility


def shared(v: Values, shocks: list[float]) -> tuple[float, float]:
    """Shocks of the two sides with the correlation of the model, from two independent ones."""
    rho = math.tanh(v("shared_shocks"))
    return shocks[0], rho * shocks[0] + math.sqrt(1 - rho**2) * shocks[1]


def case_latents(panel: xr.Dataset, v: Values) -> tuple[np.ndarray, np.ndarray]:
    """Resolve and credibility of the case [side, period], by recursion."""
    step, length = int(panel.attrs["period_days"]), int(panel["length"].values[0])
    fixed, known = standing(panel, v, 0)
    keep = 0.5 ** (step / 7 / v("resolve_half_life"))
    memory = 0.5 ** (step / 7 / v("credibility_half_life"))
    resolve, credibility = np.zeros((2, length)), np.zeros((2, length))
    for s in (0, 1):
        x = trace = 0.0
        for t in range(length):
            shock = shared(v, [v("resolve_innovation", side, str(t)) for side in SIDE])[s]
            if t == 0:
                x = shock
            else:
                hit = panel["force"].values[0, 1 - s, t - 1] >= 2
                x = keep * x + math.sqrt(1 - keep**2) * shock + v("hit_effect") * (1 - keep) * hit
                acts = panel["track_record"].values[0, s, t - 1]
                moved = sum(v("track_weight", name) * n for name, n in zip(TRACK_RECORD, acts, strict=True))
                trace = memory * trace + moved
            resolve[s, t] = fixed[s] + math.sqrt(v("resolve_share", "episode")) * x
            credibility[s, t] = known[s] + trace
    return resolve, credibility


def latents(panel: xr.Dataset, v: Values, e: int) -> tuple[np.ndarray, np.ndarray]:
    """Resolve and credibility of one episode [side, period]."""
    if e == 0:
        return case_latents(panel, v)
    length = int(panel["length"].values[e])
    fixed, known = standing(panel, v, e)
    stakes = panel["high_stake"].values
    shift = v("stake_effect") * (stakes[e] - stakes[1:].mean())
    resolve = np.zeros((2, length))
    for s in (0, 1):
        for t in range(length):
            phase = ("before", "during", "after")[int(panel["phase"].values[e, t])]
            name = str(panel["episode"].values[e])
            own = shared(v, [v("episode_resolve", f"{name}: {side}", phase) for side in SIDE])[s]
            resolve[s, t] = fixed[s] + math.sqrt(v("resolve_share", "episode")) * own + shift
    return resolve, np.repeat(np.array(known)[:, None], length, axis=1)


def before(panel: xr.Dataset, e: int, t: int) -> Before:
    """What the periods before `t` of an episode showed."""
    step = int(panel.attrs["period_days"])
    one = panel.isel(episode=e)
    force, campaign = one["force"].values, one["campaign"].values
    long, short, quarter = max(round(42 / step), 1), max(round(28 / step), 1), max(round(91 / step), 1)
    settled = one["ceasefire"].values | one["deal"].values
    overt = (force >= 2).any(axis=0) | campaign

    def recently(happened: np.ndarray, periods: int) -> bool:
        return bool(happened[max(t - periods, 0) : t].any())

    last = t - 1
    own = tuple(bool(t > 0 and force[s, last] >= 2 and not campaign[last]) for s in (0, 1))
    return Before(
        own=own,
        sub=tuple(bool(t > 0 and force[s, last] == 1) for s in (0, 1)),
        big=tuple(bool(t > 0 and force[s, last] >= 4) for s in (0, 1)),
        campaign=bool(t > 0 and campaign[last]),
        fought=recently(campaign, quarter),
        audience=tuple(float(one["signal"].values[s, last, 2]) / 3 if t > 0 else 0.0 for s in (0, 1)),
        truce=recently(settled, long),
        talks=recently(one["talks"].values, short),
        force=recently(overt, short),
        closure=recently(one["closure"].values, long),
        crisis=recently(one["crisis_age"].values >= 0, max(round(182 / step), 1)),
        open=bool(t > 0 and one["crisis_age"].values[last] >= 0 and not one["crisis_closed"].values[last]),
    )


def log_likelihood(panel: xr.Dataset, v: Values) -> dict[str, float]:
    """Log-likelihood of a panel by node."""
    total: dict[str, float] = defaultdict(float)
    for e in range(panel.sizes["episode"]):
        resolve, credibility = latents(panel, v, e)
        for t in range(int(panel["length"].values[e])):
            for node, value in cell(panel, v, e, t, resolve[:, t], credibility[:, t]):
                total[node] += value
            for node, value in signals(panel, v, e, t, resolve[:, t], credibility[:, t]):
                total[node] += value
    for node, value in campaigns(panel, v):
        total[node] += value
    return dict(total)


FALSE_ROW = (0.0, 0.0005, 0.005, 0.04)  # nobody coded it, confirmed, reported, disputed
WRONG_LEVEL = (0.0, 0.05, 0.1, 0.25)


def binary(happened: bool, logit: float, invented: float = 0.0, missed: float = 0.0) -> float:
    p, q = chance(logit), chance(-logit)
    return math.log((1 - missed) * p + invented * q if happened else missed * p + (1 - invented) * q)


def coded_patterns(true: dict[tuple[bool, bool], float], invented: list[float]) -> dict[tuple[bool, bool], float]:
    """Chances of what is coded, up to a constant, when an act of a side may be invented."""
    out: dict[tuple[bool, bool], float] = defaultdict(float)
    for real, p in true.items():
        for coded in ((False, False), (True, False), (False, True), (True, True)):
            if any(r and not c for r, c in zip(real, coded, strict=True)):
                continue
            out[coded] += p * math.prod(f for r, c, f in zip(real, coded, invented, strict=True) if c and not r)
    return out


def cell(panel: xr.Dataset, v: Values, e: int, t: int, r: np.ndarray, c: np.ndarray):
    """Force, closure, talks and deal of one period."""
    step, case = int(panel.attrs["period_days"]), e == 0
    episode, ground = str(panel["episode"].values[e]), float(panel["ground_access"].values[e])
    force, rung = panel["force"].values[e, :, t], panel["rung"].values[e, :, t]
    campaign = bool(panel["campaign"].values[e, t])
    overt, big = tuple(map(bool, force >= 2)), tuple(map(bool, force >= 4))
    sure = panel["force_confidence"].values[e, :, t]
    past = before(panel, e, t)
    if t == 0:
        return
    if panel["force_observed"].values[e, t]:
        if past.campaign and campaign:
            if any(big):
                odds = patterns(*participation_logits(v, past), v("participation_coupling"), neither=False)
                yield "participation", math.log(odds[big])
            for s in (0, 1):
                if not big[s]:
                    yield "limited", binary(overt[s], v("limited_in_campaign"))
        else:
            names, days = pair(panel, e)[1], int(panel["crisis_age"].values[e, t])
            state = State(days >= 0, days)
            a, b, coupling = overt_logits(v, list(r), list(c), names, past, case=case, step=step, state=state)
            told = case or state.open  # quiet half-years of a narrative are not coded act by act
            wrong = [FALSE_ROW[sure[s]] if overt[s] and told else 0.0 for s in (0, 1)]
            yield "overt", math.log(coded_patterns(patterns(a, b, coupling), wrong)[overt])
            if any(overt) and not past.campaign:
                opens = [onset_logit(v, s, r[s], past, episode, ground, case=case) for s in (0, 1)]
                if all(overt):
                    yield "onset_both", math.log(patterns(*opens, v("onset_coupling"))[big])
                else:
                    s = overt.index(True)
                    yield "onset_one", binary(big[s], opens[s])
        for s in (0, 1):
            if overt[s] and not big[s] and not campaign:
                yield "leadership", binary(force[s] == 3, leadership_logit(v, s, r[s], case=case))
                if force[s] == 2:
                    yield "symbolic", binary(rung[s] == 3, symbolic_logit(v, overt[1 - s] or past.own[1 - s]))
            if case and not overt[s] and panel["sub_threshold_observed"].values[e, t]:
                wrong = FALSE_ROW[sure[s]] if force[s] == 1 else 0.0
                yield "sub", binary(force[s] == 1, sub_logit(v, s, r[s], past, step), wrong)
        if panel["chokepoint"].values[e]:
            shut = bool(panel["closure"].values[e, t])
            yield "closure", binary(shut, closure_logit(v, campaign, past, step))
    mean = float(r.mean())
    yield from crisis(panel, v, e, t, mean, past)
    if panel["talks_observed"].values[e, t]:
        yield "talks", binary(panel["talks"].values[e, t], talks_logit(v, mean, past, case=case, step=step))
    if panel["deal_observed"].values[e, t]:
        yield "deal", binary(panel["deal"].values[e, t], deal_logit(v, mean, past, case=case, step=step))


def crisis(panel: xr.Dataset, v: Values, e: int, t: int, mean: float, past: Before):
    """Whether a crisis of the case opens in a period, and whether one closes."""
    step, case = int(panel.attrs["period_days"]), e == 0
    days, watched = int(panel["crisis_age"].values[e, t]), panel["crisis_observed"].values[e]
    if case and watched[t - 1 : t + 1].all() and not past.open and not past.campaign:
        yield "crisis_opens", binary(days >= 0, opening_logit(v, mean, past, step))
    if days >= 0 and watched[t] and not panel["campaign"].values[e, t]:
        force = past.campaign or bool((panel["force"].values[e, :, t] >= 2).any())
        settled = any(bool(panel[name].values[e, t - 1 : t + 1].any()) for name in ("ceasefire", "deal"))
        closes = closing_logit(v, days, force=force, settled=settled, case=case, step=step)
        yield "crisis_closes", binary(panel["crisis_closed"].values[e, t], closes)


def signals(panel: xr.Dataset, v: Values, e: int, t: int, r: np.ndarray, c: np.ndarray):
    """Signals of one period: any, then senior, then highest."""
    step, past = int(panel.attrs["period_days"]), before(panel, e, t)
    density = {0: "sparse", 1: "regular", 2: "dense", 3: "sampled", 4: "narrative"}.get(
        int(panel["density"].values[e, t]), "regular"
    )
    for k, channel in enumerate(SIGNAL_CHANNELS):
        if not panel["signal_observed"].values[e, t, k]:
            continue
        anchor = "signal_resolve_anchor" if channel in ("verbal", "posture") else "signal_resolve_free"
        for s in (0, 1):
            level = panel["signal"].values[e, s, :, k]
            last = level[t - 1] / 3 if t > 0 else 0.0
            logit = v("signal_any", channel, SIDE[s]) + math.log(step / 7) + v(anchor, channel) * r[s]
            if density in ("dense", "sampled", "narrative"):
                logit += v("signal_density", density) + v("signal_density_channel", density, channel)
            logit += v("signal_last", channel) * last
            logit += v("signal_incoming", channel) * (past.own[1 - s] or past.campaign)
            if channel == "diplomacy":
                logit += v("concession_credibility") * c[1 - s] + v("concession_audience") * past.audience[s]
            sure = panel["signal_confidence"].values[e, s, t, k]
            yield "signal", binary(level[t] >= 1, logit, FALSE_ROW[sure] if level[t] >= 1 else 0.0)
            for height, name in ((1, "senior"), (2, "highest")):
                if level[t] >= height:
                    raised = v("signal_step", channel, name) + v(anchor, channel) * r[s]
                    yield "signal_step", binary(level[t] > height, raised, WRONG_LEVEL[sure], WRONG_LEVEL[sure])


def campaigns(panel: xr.Dataset, v: Values):
    """How long campaigns last, how they open, widen and end."""
    step = int(panel.attrs["period_days"])
    for k in range(panel.sizes["spell"]):
        spell = {n: panel[f"spell_{n}"].values[k].item() for n in
                 ("episode", "onset", "days", "halted", "truce", "opening", "scope", "dated")}  # fmt: skip
        e = spell["episode"]
        case, ground = e == 0, float(panel["ground_access"].values[e])
        resolve, _ = latents(panel, v, e)
        log_days = math.log(v("campaign_days")) + v("campaign_days_ground") * ground
        log_days += v("campaign_days_sd") * v("campaign_days_spell", str(k))
        if case:
            log_days += v("campaign_days_case")
            t = spell["onset"] + 1
            while t < resolve.shape[1]:
                running = bool(panel["campaign"].values[0, t])
                stop = halt_chance(v, float(resolve[:, t].mean()), log_days, step)
                yield "halt", math.log(1 - stop if running else stop)
                if not running:
                    break
                t += 1
        else:
            mean = float(resolve[:, spell["onset"]].mean())
            rate = math.exp(v("halt_resolve") * mean - log_days)
            yield "spell_days", spell["halted"] * math.log(rate) - spell["days"] * rate
        full = v("war_ground") * ground + v("war_case") * case
        wide = v("regional_case") * case + v("regional_chokepoint") * float(panel["chokepoint"].values[e])
        if spell["dated"]:
            yield "opens_full", binary(spell["opening"] == 6, v("war_opening") + full)
            if spell["opening"] != 6:
                yield "opens_regional", binary(spell["opening"] == 5, v("regional_opening") + wide)
        weeks = min(spell["days"] / 7, CAP_WEEKS)
        if spell["opening"] < 6:
            p = at_least_one(weeks * v("war_escalation") * math.exp(full))
            yield "widens_full", math.log(p if spell["scope"] == 6 else 1 - p)
            if spell["opening"] < 5 and spell["scope"] != 6:
                p = at_least_one(weeks * v("regional_escalation") * math.exp(wide))
                yield "widens_regional", math.log(p if spell["scope"] == 5 else 1 - p)
        if spell["halted"]:
            yield "truce", binary(spell["truce"], v("truce_intercept"))
