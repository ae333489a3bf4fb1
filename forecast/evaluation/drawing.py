"""One compiled run over the periods of every episode: all outcomes of a panel, drawn by the tree of the model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numba
import numpy as np

from forecast.evaluation.chances import TRUE_SHARES
from forecast.model.cells import PHASES
from forecast.model.course import ESCALATION_CAP_WEEKS
from forecast.model.past import AUDIENCE, CAMPAIGN, FULL, HIGHEST_LEVEL, LEADERSHIP, OLDEST_DAYS, OVERT, REGIONAL
from forecast.terms import SIGNAL_CHANNELS

if TYPE_CHECKING:
    from forecast.evaluation.chances import Chances

DIPLOMACY = SIGNAL_CHANNELS.index("diplomacy")
CHANNELS = len(SIGNAL_CHANNELS)
BEFORE, DURING, AFTER = (PHASES.index(name) for name in ("before", "during", "after"))
# All compiled code stands here: numba does not renew a cached function when one that it calls in another file changes.


class Cells(NamedTuple):
    """The panel's own arrays, written to by the run."""

    length: np.ndarray
    force: np.ndarray
    force_confidence: np.ndarray
    rung: np.ndarray
    signal: np.ndarray
    signal_confidence: np.ndarray
    closure: np.ndarray
    talks: np.ndarray
    deal: np.ndarray
    ceasefire: np.ndarray
    campaign: np.ndarray
    scope: np.ndarray
    density: np.ndarray
    phase: np.ndarray
    crisis_age: np.ndarray
    crisis_closed: np.ndarray
    crisis_observed: np.ndarray
    force_observed: np.ndarray
    sub_threshold_observed: np.ndarray
    signal_observed: np.ndarray
    talks_observed: np.ndarray
    deal_observed: np.ndarray


class Spells(NamedTuple):
    """Campaigns in the order of their noise, [spell]; those that were not needed have episode -1."""

    episode: np.ndarray
    onset: np.ndarray
    days: np.ndarray
    halted: np.ndarray
    truce: np.ndarray
    opening: np.ndarray
    scope: np.ndarray


class Latents(NamedTuple):
    """Resolve and credibility [episode, side, period]; the run fills resolve, but the case's and crises if kept."""

    resolve: np.ndarray
    credibility: np.ndarray
    levels: np.ndarray  # resolve of past crises [episode, side, phase]
    kept: bool
    shocks: np.ndarray  # [side, step], of the case
    standing: np.ndarray  # [side], of the case
    scale: float
    persistence: float
    hit: float


def run(cells: Cells, latents: Latents, chances: Chances, spells: Spells, rng: np.random.Generator) -> int:
    """Draw all outcomes, in place; the number of campaigns, or -1 if there is no room for another."""
    return _run(cells, latents, chances, spells, rng)


@numba.njit(cache=True)
def _happens(logit, rng):  # noqa: ANN001, ANN202
    return rng.random() < 1.0 / (1.0 + np.exp(-logit))


@numba.njit(cache=True)
def _pattern(a, b, coupling, neither, rng):  # noqa: ANN001, ANN202
    """Joint choice of both sides: 0 neither, 1 first only, 2 second only, 3 both."""
    top = max(0.0, a, b, a + b + coupling)
    w0 = np.exp(-top) if neither else 0.0
    w1, w2, w3 = np.exp(a - top), np.exp(b - top), np.exp(a + b + coupling - top)
    u = rng.random() * (w0 + w1 + w2 + w3)
    if u < w0:
        return 0
    if u < w0 + w1:
        return 1
    return 2 if u < w0 + w1 + w2 else 3


@numba.njit(cache=True)
def _coded(happened, confidence, at, k, rng, mistaken=True):  # noqa: ANN001, ANN202
    """Whether a watched cell gets a row, true or (where rows may be mistaken) invented, and the row's confidence."""
    row = happened or (mistaken and rng.random() < k.false_row.sum())
    if row:
        weight = np.array(TRUE_SHARES) if happened else k.false_row
        u = rng.random() * weight.sum()
        confidence[at] = 1 if u < weight[0] else (2 if u < weight[0] + weight[1] else 3)
    return row


@numba.njit(cache=True)
def _lately(values, e, t, periods):  # noqa: ANN001, ANN202
    return values[e, max(t - periods, 0) : t].any()


@numba.njit(cache=True)
def _close(e, number, periods, halted, begin_by, c, k, spells, rng):  # noqa: ANN001, ANN202
    """Settle how far a campaign went in the time it lasted, from which period on, and whether it ended by truce."""
    weeks = min(periods * k.step / 7.0, ESCALATION_CAP_WEEKS)
    opening = spells.opening[number]
    scope = opening
    if scope < FULL and rng.random() < -np.expm1(-weeks * k.widens_full[e]):
        scope = FULL
    elif scope < REGIONAL and rng.random() < -np.expm1(-weeks * k.widens_regional[e]):
        scope = REGIONAL
    if scope > opening:  # at a uniform moment: the hazard is constant and small
        onset = spells.onset[number]
        begin = onset + int(rng.random() * min(begin_by - onset, weeks * 7.0 / k.step))
        c.scope[e, begin:begin_by] = scope
    spells.scope[number] = scope
    spells.days[number] = periods * k.step
    spells.halted[number] = halted
    spells.truce[number] = halted and _happens(k.truce, rng)


@numba.njit(cache=True)
def _goes_on(e, t, number, fought, log_days, big, c, x, k, spells, rng):  # noqa: ANN001, ANN202
    """One more period of a campaign: whether it goes on, and who fights."""
    lasted = t - spells.onset[number]
    if e > 0:
        over = lasted >= max(math.ceil(fought / k.step), 1)
        periods = fought / k.step
    else:
        rate = np.exp(k.halt_resolve * 0.5 * (x.resolve[0, 0, t] + x.resolve[0, 1, t]) - log_days)
        over = rng.random() < -np.expm1(-k.step * rate)
        periods = float(lasted)
    if over:
        _close(e, number, periods, True, t, c, k, spells, rng)
        c.ceasefire[e, t] = spells.truce[number]
        return False
    c.campaign[e, t] = True
    c.scope[e, t] = spells.opening[number]
    if e > 0:
        c.force_observed[e, t] = c.talks_observed[e, t] = c.deal_observed[e, t] = False
    elif c.force_observed[e, t]:
        both = _pattern(
            k.participation[0] + k.participation_last * big[0], k.participation[1] + k.participation_last * big[1],
            k.participation_coupling, False, rng,
        )  # fmt: skip
        for s in range(2):
            if both == 3 or both == s + 1:
                c.force[e, s, t] = CAMPAIGN
            elif _happens(k.limited, rng):
                c.force[e, s, t] = OVERT
    return True


@numba.njit(cache=True)
def _opens(e, t, count, u, both, overt, c, x, k, spells, rng):  # noqa: ANN001, ANN202
    """Whether an overt act opens a campaign, of which days of fighting if of a past crisis (-1 if none opens)."""
    joint = _pattern(u[0], u[1], k.onset_coupling, True, rng) if both else 0
    any_big = False
    big = np.zeros(2, np.bool_)
    for s in range(2):
        if overt[s]:
            big[s] = (joint == 3 or joint == s + 1) if both else _happens(u[s], rng)
            any_big = any_big or big[s]
    if not any_big:
        return -1.0
    if count >= len(spells.episode):
        return np.nan
    opening = CAMPAIGN
    if _happens(k.opens_full[e], rng):
        opening = FULL
    elif _happens(k.opens_regional[e], rng):
        opening = REGIONAL
    spells.episode[count], spells.onset[count], spells.opening[count] = e, t, opening
    c.campaign[e, t] = True
    c.scope[e, t] = opening
    for s in range(2):
        if big[s]:
            c.force[e, s, t] = opening
    rate = np.exp(
        k.halt_resolve * 0.5 * (x.resolve[e, 0, t] + x.resolve[e, 1, t]) - k.log_days[e] - k.spell_noise[count]
    )
    return max(rng.exponential(1.0 / rate), 1e-3)


@numba.njit(cache=True)
def _kinds(e, t, own, sub, overt, c, x, k, rng):  # noqa: ANN001, ANN202
    """Kinds of single acts, and acts below the threshold."""
    on = c.campaign[e, t]
    for s in range(2):
        if overt[s] and not on and _happens(k.leadership[e, s] + k.leadership_resolve * x.resolve[e, s, t], rng):
            c.force[e, s, t] = LEADERSHIP
    for s in range(2):
        if overt[s] and not on:
            reply = c.force[e, 1 - s, t] >= OVERT or own[1 - s] > 0
            symbolic = _happens(k.symbolic + k.symbolic_reply * reply, rng)
            c.rung[e, s, t] = 5 if c.force[e, s, t] == LEADERSHIP else (3 if symbolic else 4)
    if e > 0 or not (c.sub_threshold_observed[e, t] and c.force_observed[e, t]):
        return
    for s in range(2):
        if c.force[e, s, t] < OVERT:
            below = _happens(
                k.sub[s] + k.sub_effects[0] * x.resolve[e, s, t] + k.sub_effects[1] * sub[s]
                + k.sub_effects[2] * sub[1 - s], rng,
            )  # fmt: skip
            if _coded(below, c.force_confidence, (e, s, t), k, rng):
                c.force[e, s, t] = 1


@numba.njit(cache=True)
def _signals(e, t, incoming, audience, c, x, k, rng):  # noqa: ANN001, ANN202
    for s in range(2):
        for channel in range(CHANNELS):
            if not c.signal_observed[e, t, channel]:
                continue
            loading = k.signal_resolve[channel] * x.resolve[e, s, t]
            last = c.signal[e, s, t - 1, channel] / HIGHEST_LEVEL if t > 0 else 0.0
            logit = k.signal[c.density[e, t], s, channel] + loading + k.signal_last[channel] * last
            logit += k.signal_incoming[channel] * incoming[s]
            if channel == DIPLOMACY:
                logit += k.concession[0] * x.credibility[e, 1 - s, t] + k.concession[1] * audience[s]
            if not _coded(_happens(logit, rng), c.signal_confidence, (e, s, t, channel), k, rng):
                continue
            wrong = k.level_error[c.signal_confidence[e, s, t, channel] - 1]
            level = 1
            for step in range(2):
                if level == step + 1:
                    raised = _happens(k.signal_step[channel, step] + loading, rng)
                    if raised != (rng.random() < wrong):
                        level += 1
            c.signal[e, s, t, channel] = level


@numba.njit(cache=True)
def _begin_crisis(e, t, fought, own, lately, c, x, k, rng):  # noqa: ANN001, ANN202
    """Whether a crisis is open in this period: one of the case by its hazard, a past one from its onset on."""
    was = c.crisis_age[e, t - 1] >= 0 and not c.crisis_closed[e, t - 1]
    if was:
        c.crisis_age[e, t] = c.crisis_age[e, t - 1] + k.step
    elif e == 0:
        f = k.opens_effects
        logit = k.opens + f[0] * 0.5 * (x.resolve[0, 0, t] + x.resolve[0, 1, t]) + f[1] * lately
        logit += f[2] * (own[0] > 0 or own[1] > 0)
        watched = c.crisis_observed[e, t] and c.crisis_observed[e, t - 1]
        opens = fought or (watched and _happens(logit, rng))
        c.crisis_age[e, t] = k.step // 2 if opens else -1
    elif c.crisis_age[e, :t].max() >= 0:
        c.crisis_age[e, t] = -1  # a past crisis is over once
    _set_phase(e, t, c)


@numba.njit(cache=True)
def _set_phase(e, t, c):  # noqa: ANN001, ANN202
    if c.crisis_age[e, t] >= 0:
        c.phase[e, t] = DURING
    else:
        c.phase[e, t] = AFTER if t > 0 and c.crisis_age[e, :t].max() >= 0 else BEFORE


@numba.njit(cache=True)
def _end_crisis(e, t, force, c, k, rng):  # noqa: ANN001, ANN202
    if c.crisis_age[e, t] < 0 or c.campaign[e, t] or not c.crisis_observed[e, t]:
        return
    settled = c.ceasefire[e, t] or c.deal[e, t] or c.ceasefire[e, t - 1] or c.deal[e, t - 1]
    f = k.closes_effects
    c.crisis_closed[e, t] = _happens(
        k.closes[e] + f[0] * k.fresh[min(c.crisis_age[e, t], OLDEST_DAYS)] + f[1] * force + f[2] * settled, rng
    )


@numba.njit(cache=True)
def _run(c, x, k, spells, rng):  # noqa: ANN001, ANN202, C901
    own, sub, big, audience, incoming = np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2)
    u, deviation = np.zeros(2), np.zeros(2)
    overt = np.zeros(2, np.bool_)
    pull, shake = x.hit * (1.0 - x.persistence), np.sqrt(1.0 - x.persistence**2)
    count = 0
    for e in range(len(c.length)):
        number, fought, log_days = -1, 0.0, 0.0
        if not x.kept:
            c.crisis_closed[e] = False
        for t in range(c.length[e]):
            was = t > 0 and c.campaign[e, t - 1]
            for s in range(2):
                before = c.force[e, s, t - 1] if t > 0 else 0
                own[s] = before >= OVERT and not was
                sub[s] = before == 1
                big[s] = before >= CAMPAIGN
                audience[s] = c.signal[e, s, t - 1, AUDIENCE] / HIGHEST_LEVEL if t > 0 else 0.0
            if e == 0 and not x.kept:
                for s in range(2):
                    hit = t > 0 and c.force[0, 1 - s, t - 1] >= OVERT
                    moved = x.persistence * deviation[s] + shake * x.shocks[s, t] + pull * hit
                    deviation[s] = moved if t > 0 else x.shocks[s, 0]
                    x.resolve[0, s, t] = x.standing[s] + x.scale * deviation[s]
            for s in range(2):
                incoming[s] = own[1 - s] > 0 or was
            if t > 0 and not x.kept:
                lately = (c.crisis_age[e, max(t - k.crisis_back, 0) : t] >= 0).any()
                _begin_crisis(e, t, was, own, lately, c, x, k, rng)
            if e > 0:
                for s in range(2):
                    x.resolve[e, s, t] = x.levels[e, s, c.phase[e, t]]
            if t == 0:
                _signals(e, t, incoming, audience, c, x, k, rng)
                continue
            truce = _lately(c.ceasefire, e, t, k.truce_back) or _lately(c.deal, e, t, k.truce_back)
            talked = _lately(c.talks, e, t, k.recent_back)
            struck = _lately(c.campaign, e, t, k.recent_back)
            for s in range(2):
                struck = struck or (c.force[e, s, max(t - k.recent_back, 0) : t] >= OVERT).any()
            if was and not _goes_on(e, t, number, fought, log_days, big, c, x, k, spells, rng):
                number = -1
            seen = c.force_observed[e, t]
            on = c.crisis_age[e, t] >= 0
            outside = e > 0 and not on
            level = k.overt_fresh * k.fresh[min(c.crisis_age[e, t], OLDEST_DAYS)] if on else k.overt_outside[e]
            overt[:] = False
            if seen and not c.campaign[e, t]:
                for s in range(2):
                    f = k.overt_effects
                    u[s] = (
                        k.overt[e, s] + k.overt_resolve * x.resolve[e, s, t]
                        - k.overt_credibility * x.credibility[e, 1 - s, t] + f[0] * own[s] + f[1] * own[1 - s]
                        + f[2] * sub[s] + f[3] * sub[1 - s] + f[4] * was + f[5] * audience[s] + k.overt_truce[e] * truce
                        + level
                    )  # fmt: skip
                both = _pattern(u[0], u[1], k.overt_coupling, True, rng)
                for s in range(2):
                    overt[s] = _coded(both == 3 or both == s + 1, c.force_confidence, (e, s, t), k, rng, not outside)
                    if overt[s]:
                        c.force[e, s, t] = OVERT
                if (overt[0] or overt[1]) and not was:
                    after = k.onset_after * (own[0] > 0 or own[1] > 0)
                    after += k.onset_relapse * _lately(c.campaign, e, t, k.relapse_back)
                    for s in range(2):
                        u[s] = k.onset[e, s] + k.onset_resolve * x.resolve[e, s, t] + after
                    fought = _opens(e, t, count, u, overt[0] and overt[1], overt, c, x, k, spells, rng)
                    if np.isnan(fought):
                        return -1
                    if fought > 0:
                        number, count, log_days = count, count + 1, k.log_days[e] + k.spell_noise[count]
            _kinds(e, t, own, sub, overt, c, x, k, rng)
            if seen:
                c.closure[e, t] = _happens(
                    k.closure[e] + k.closure_campaign * c.campaign[e, t]
                    + k.closure_recent * _lately(c.closure, e, t, k.truce_back), rng,
                )  # fmt: skip
            mean = 0.5 * (x.resolve[e, 0, t] + x.resolve[e, 1, t])
            fighting = was or own[0] > 0 or own[1] > 0
            f = k.talks_effects
            if c.talks_observed[e, t]:
                c.talks[e, t] = _happens(k.talks[e] + f[0] * mean + f[1] * talked + f[2] * fighting + f[3] * truce, rng)
            f = k.deal_effects
            if c.deal_observed[e, t]:
                c.deal[e, t] = _happens(k.deal[e] + f[0] * mean + f[1] * talked + f[2] * struck + f[3] * truce, rng)
            _signals(e, t, incoming, audience, c, x, k, rng)
            if not x.kept:
                force = was or c.force[e, 0, t] >= OVERT or c.force[e, 1, t] >= OVERT
                _end_crisis(e, t, force, c, k, rng)
        if number >= 0:  # it reaches the end of its panel: censored, unless its days ran out within the last period
            periods = c.length[e] - spells.onset[number]
            over = e > 0 and fought <= periods * k.step
            lasted = fought / k.step if over else float(periods)
            _close(e, number, lasted, over, c.length[e], c, k, spells, rng)
    return count
