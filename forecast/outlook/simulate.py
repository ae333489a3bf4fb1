"""Simulate both sides forward, period by period, by the same tree as the model; one compiled loop over paths."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np

from forecast.model.past import OLDEST_DAYS, freshness
from forecast.outlook.ladder import Paths
from forecast.outlook.world import Start, World, memory_periods

UNIFORMS = 20  # fixed slots of random numbers per period, so that scenarios share them


def simulate(
    world: World, start: Start, *, periods: int, paths: int, period_days: int, seed: int, chunk: int = 25
) -> Paths:
    """Simulate `paths` futures for each draw.

    Random numbers sit in fixed slots keyed by (seed, chunk of draws, path, period), so two calls with the same seed
    differ only by what differs in `world` and `start` (common random numbers). Batches run side by side in as many
    threads as Numba may use (`NUMBA_NUM_THREADS`, all cores by default); the numbers do not depend on it.

    Parameters
    ----------
    world, start
        Parameters and state, one draw along the first axis.
    periods
        Number of periods to simulate.
    paths
        Futures per draw.
    period_days
        Length of a period in days.
    seed
        Seed of the random numbers.
    chunk
        Draws per batch of random numbers; changes memory, and the numbers drawn.

    Returns
    -------
    Paths
    """
    draws = len(world.persistence)
    shape = (draws, paths, periods)
    out = Paths(
        rung=np.zeros((*shape, 2), np.int8),
        scope=np.zeros(shape, np.int8),
        first=np.zeros(shape, np.int8),
        closure=np.zeros(shape, np.bool_),
        talks=np.zeros(shape, np.bool_),
        deal=np.zeros(shape, np.bool_),
        truce=np.zeros(shape, np.bool_),
        day=np.zeros(shape, np.int16),
        period_days=period_days,
        crisis=np.zeros(shape, np.int8),
    )
    back, freshly = memory_periods(period_days), freshness(period_days)
    world, start = _in_rows(world), _in_rows(start)

    def batch(number: int) -> None:
        begin = number * chunk
        size = min(chunk, draws - begin)
        rng = np.random.default_rng([seed, number])
        uniform = rng.random((size, paths, periods, UNIFORMS), dtype=np.float32)
        normal = rng.standard_normal((size, paths, periods, 3), dtype=np.float32)
        _run(world, start, begin, uniform, normal, back, freshly, period_days, out)

    with ThreadPoolExecutor(numba.get_num_threads()) as pool:
        list(pool.map(batch, range(-(-draws // chunk))))
    return out


def _in_rows[State: (World, Start)](state: State) -> State:
    """Arrays row by row: the loop is compiled anew for every other layout."""
    arrays = {name: value for name, value in state._asdict().items() if isinstance(value, np.ndarray)}
    return state._replace(**{name: np.asarray(value, order="C") for name, value in arrays.items()})


@numba.njit(cache=True)
def _chance(logit: float) -> float:
    return 1.0 / (1.0 + np.exp(-logit))


@numba.njit(cache=True)
def _pattern(first: float, second: float, coupling: float, neither: bool, u: float) -> int:
    """Draw 0 neither, 1 first only, 2 second only, 3 both."""
    top = max(0.0, first, second, first + second + coupling)
    w0 = np.exp(-top) if neither else 0.0
    w1, w2, w3 = np.exp(first - top), np.exp(second - top), np.exp(first + second + coupling - top)
    u = u * (w0 + w1 + w2 + w3)
    if u < w0:
        return 0
    if u < w0 + w1:
        return 1
    return 2 if u < w0 + w1 + w2 else 3


@numba.njit(cache=True, nogil=True)
def _run(w, start, begin, uniform, normal, back, freshly, period_days, out):  # noqa: ANN001, ANN202, C901
    truce_back, talks_back, relapse_back, crisis_back = back
    draws, paths, periods, _ = uniform.shape
    x, r, c, mem = np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2)
    logit = np.zeros(2)
    own, sub, struck, fought = np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2)
    overt, big = np.zeros(2, np.bool_), np.zeros(2, np.bool_)
    for k in range(draws):
        d = begin + k
        shock = np.sqrt(1.0 - w.persistence[d] ** 2)
        pull = w.hit[d] * (1.0 - w.persistence[d])
        apart = np.sqrt(1.0 - w.together[d] ** 2)
        for p in range(paths):
            for s in range(2):
                x[s], mem[s] = start.deviation[d, s], start.track[d, s]
                own[s], sub[s], struck[s] = start.own_last[s], start.own_sub[s], start.struck[s]
                fought[s] = start.fought[s]
            campaign, scope, log_days = start.campaign, start.scope, start.spell_log_days[d]
            truce_age, talks_age = start.since_truce, start.since_talks
            overt_age, closure_age, campaign_age = start.since_overt, start.since_closure, start.since_campaign
            crisis, crisis_days, crisis_age = start.crisis, start.crisis_days, start.since_crisis
            settled = truce_age == 0
            for t in range(periods):
                u, z = uniform[k, p, t], normal[k, p, t]
                for s in range(2):
                    moved = z[0] if s == 0 else w.together[d] * z[0] + apart * z[1]
                    x[s] = w.persistence[d] * x[s] + shock * moved + pull * struck[s]
                    mem[s] *= w.memory[d]
                    r[s] = start.standing[d, s] + w.scale[d] * x[s]
                    c[s] = start.credibility[d, s] + mem[s]
                mean = 0.5 * (r[0] + r[1])
                truce = 1.0 if truce_age < truce_back else 0.0
                recent = 1.0 if talks_age < talks_back else 0.0
                fresh = 1.0 if overt_age < talks_back else 0.0
                was = campaign
                fighting = 1.0 if was or own[0] + own[1] > 0 else 0.0
                ended = False
                if campaign:
                    rate = np.exp(w.halt_resolve[d] * mean - log_days)
                    if u[0] < 1.0 - np.exp(-period_days * rate):
                        campaign, scope = False, 0
                        ended = u[1] < _chance(w.truce[d])
                opens = False
                if crisis:
                    crisis_days += period_days
                elif was:
                    opens = True
                else:
                    e = w.opens_effects[d]
                    lately = 1.0 if crisis_age < crisis_back else 0.0
                    opens = u[18] < _chance(w.opens[d] + e[0] * mean + e[1] * lately + e[2] * fighting)
                if opens:
                    crisis, crisis_days = True, period_days // 2
                level = w.overt_crisis[d, 0]
                if crisis:
                    level = w.overt_crisis[d, 1] * freshly[min(crisis_days, OLDEST_DAYS)]
                overt[:] = False
                big[:] = False
                first = 0
                if campaign:
                    both = _pattern(
                        w.participation[d, 0] + w.participation_last[d] * fought[0],
                        w.participation[d, 1] + w.participation_last[d] * fought[1],
                        w.participation_coupling[d], False, u[2],
                    )  # fmt: skip
                    for s in range(2):
                        big[s] = both == 3 or both == s + 1
                        overt[s] = big[s] or u[3 + s] < _chance(w.limited[d])
                    if scope < 6 and u[5] < 1.0 - np.exp(-w.widens_full[d] * period_days / 7.0):
                        scope = 6
                    elif scope < 5 and u[6] < 1.0 - np.exp(-w.widens_regional[d] * period_days / 7.0):
                        scope = 5
                    first = 1 if big[0] else 2
                else:
                    for s in range(2):
                        logit[s] = (
                            w.overt[d, s] + w.overt_resolve[d] * r[s] - w.overt_credibility[d] * c[1 - s]
                            + w.overt_effects[d, 0] * own[s] + w.overt_effects[d, 1] * own[1 - s]
                            + w.overt_effects[d, 2] * sub[s] + w.overt_effects[d, 3] * sub[1 - s]
                            + w.overt_effects[d, 4] * was + w.overt_effects[d, 5] * truce + level
                            + w.overt_audience[d] * (start.audience[s] if t == 0 else start.audience_usual[s])
                        )  # fmt: skip
                    both = _pattern(logit[0], logit[1], w.overt_coupling[d], True, u[2])
                    for s in range(2):
                        overt[s] = both == 3 or both == s + 1
                    first = both
                    if both == 3:
                        first = 1 if u[7] < _chance(logit[0] - logit[1]) else 2
                    if both > 0 and not was:
                        after = w.onset_after[d] if own[0] + own[1] > 0 else 0.0
                        after += w.onset_relapse[d] if campaign_age < relapse_back else 0.0
                        for s in range(2):
                            logit[s] = w.onset[d, s] + w.onset_resolve[d] * r[s] + after
                        if both == 3:
                            opens = _pattern(logit[0], logit[1], w.onset_coupling[d], True, u[3])
                            big[0], big[1] = opens == 1 or opens == 3, opens >= 2
                        else:
                            big[both - 1] = u[3] < _chance(logit[both - 1])
                        if big[0] or big[1]:
                            campaign, scope = True, 4
                            log_days = w.log_days[d] + w.days_sd[d] * z[2]
                            if u[4] < _chance(w.opens_full[d]):
                                scope = 6
                            elif u[5] < _chance(w.opens_regional[d]):
                                scope = 5
                for s in range(2):
                    act = 0
                    if big[s]:
                        act = 6
                    elif overt[s]:
                        act = 4
                        if not campaign:
                            reply = 1.0 if overt[1 - s] or own[1 - s] > 0 else 0.0
                            if u[8 + s] < _chance(w.leadership[d, s] + w.leadership_resolve[d] * r[s]):
                                act = 5
                            elif u[10 + s] < _chance(w.symbolic[d] + w.symbolic_reply[d] * reply):
                                act = 3
                    elif u[12 + s] < _chance(
                        w.sub[d, s] + w.sub_resolve[d] * r[s] + w.sub_own[d] * sub[s] + w.sub_opponent[d] * sub[1 - s]
                    ):
                        act = 1
                    out.rung[d, p, t, s] = act
                shut = u[14] < _chance(
                    w.closure[d] + w.closure_campaign[d] * campaign
                    + w.closure_recent[d] * (1.0 if closure_age < truce_back else 0.0)
                )  # fmt: skip
                e = w.talks_effects[d]
                talk = u[15] < _chance(w.talks[d] + e[0] * mean + e[1] * recent + e[2] * fighting + e[3] * truce)
                e = w.deal_effects[d]
                deal = u[16] < _chance(w.deal[d] + e[0] * mean + e[1] * recent + e[2] * fresh + e[3] * truce)
                out.scope[d, p, t] = scope
                out.first[d, p, t] = first
                out.closure[d, p, t] = shut
                out.talks[d, p, t] = talk
                out.deal[d, p, t] = deal
                out.truce[d, p, t] = ended
                out.day[d, p, t] = 1 + int(u[17] * period_days)
                out.crisis[d, p, t] = 1 if crisis else 0
                crisis_age = 0 if crisis else crisis_age + 1
                now = ended or deal
                if crisis and not campaign:
                    e = w.closes_effects[d]
                    force = 1.0 if was or overt[0] or overt[1] else 0.0
                    over = 1.0 if now or settled else 0.0
                    if u[19] < _chance(
                        w.closes[d] + e[0] * freshly[min(crisis_days, OLDEST_DAYS)] + e[1] * force + e[2] * over
                    ):
                        crisis = False
                        out.crisis[d, p, t] = 2
                settled = now
                truce_age = 0 if ended or deal else truce_age + 1
                talks_age = 0 if talk else talks_age + 1
                closure_age = 0 if shut else closure_age + 1
                campaign_age = 0 if campaign else campaign_age + 1
                overt_age = 0 if campaign or overt[0] or overt[1] else overt_age + 1
                for s in range(2):
                    struck[s] = 1.0 if overt[1 - s] else 0.0
                    own[s] = 1.0 if overt[s] and not campaign else 0.0
                    sub[s] = 1.0 if out.rung[d, p, t, s] == 1 else 0.0
                    fought[s] = 1.0 if big[s] else 0.0
