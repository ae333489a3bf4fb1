"""Random numbers are shared between calls, and resolve, hits, credibility and campaigns last as long as they should."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from forecast.outlook.simulate import Paths, simulate
from forecast.outlook.world import LONG_AGO, Start, World, start_neutral, world_of

NEVER = -50.0
ARRAYS = [name for name in Paths._fields if name != "period_days"]


@pytest.fixture(scope="module")
def still(panel: xr.Dataset, draws: xr.Dataset) -> tuple[World, Start]:
    """A world in which nothing happens by itself, and a quiet start."""
    world = world_of(draws.isel(sample=[0]), panel)
    nothing = {
        name: np.full_like(getattr(world, name), NEVER)
        for name in ("overt", "sub", "closure", "talks", "deal", "opens")
    }
    effects = (
        "hit",
        "overt_coupling",
        "sub_resolve",
        "overt_resolve",
        "overt_credibility",
        "halt_resolve",
        "days_sd",
        "overt_crisis",
    )
    for name in effects:
        nothing[name] = np.zeros_like(getattr(world, name))
    start = start_neutral(draws.isel(sample=[0]), panel, 1)
    zero = np.zeros((1, 2))
    start = start._replace(standing=zero, deviation=zero, credibility=zero, track=zero)
    return world._replace(**nothing, scale=np.ones(1)), start


def run(world: World, start: Start, *, periods: int = 20, paths: int = 4000, step: int = 7, seed: int = 1) -> Paths:
    return simulate(world, start, periods=periods, paths=paths, period_days=step, seed=seed)


def logit(share: np.ndarray) -> np.ndarray:
    return np.log(share / (1 - share))


def test_the_same_seed_gives_the_same_paths_and_another_does_not(panel: xr.Dataset, draws: xr.Dataset):
    world, start = world_of(draws, panel), start_neutral(draws, panel, 1)
    one, two, three = (run(world, start, paths=50, seed=s) for s in (5, 5, 6))
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert (one.day != three.day).any()
    assert (one.day >= 1).all()
    assert (one.day <= 7).all()


def test_a_label_of_acts_changes_nothing_else(panel: xr.Dataset, draws: xr.Dataset):
    world, start = world_of(draws, panel), start_neutral(draws, panel, 1)
    one = run(world, start, paths=100)
    two = run(world._replace(symbolic=world.symbolic + 3), start, paths=100)
    for name in ARRAYS:
        if name != "rung":
            np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    changed = one.rung != two.rung
    assert changed.any()
    assert set(one.rung[changed]) == {4}
    assert set(two.rung[changed]) == {3}


@pytest.mark.parametrize("name", ["talks", "deal", "closure", "overt"])
def test_a_changed_chance_changes_only_what_follows_from_it(panel: xr.Dataset, draws: xr.Dataset, name: str):
    world, start = world_of(draws, panel), start_neutral(draws, panel, 1)
    one = run(world, start, paths=100, periods=30)
    two = run(world._replace(**{name: getattr(world, name) + 0.5}), start, paths=100, periods=30)
    own = {"overt": "rung"}.get(name, name)
    differs = getattr(one, own) != getattr(two, own)
    differs = differs.any(axis=3) if differs.ndim == 4 else differs
    assert differs.any()
    first = np.where(differs.any(axis=2), differs.argmax(axis=2), one.day.shape[2])
    before = np.arange(one.day.shape[2]) < first[..., None]
    for other in ARRAYS:
        np.testing.assert_array_equal(getattr(one, other)[before], getattr(two, other)[before])


def test_draws_added_later_leave_earlier_ones_alone(panel: xr.Dataset, draws: xr.Dataset):
    few = draws.isel(sample=slice(0, 10))
    start = start_neutral(few, panel, 1)
    one = simulate(world_of(few, panel), start, periods=5, paths=20, period_days=7, seed=3, chunk=5)
    lone = draws.isel(sample=slice(0, 5))
    cut = start._replace(**{n: getattr(start, n)[:5] for n in ("standing", "deviation", "credibility", "track",
                                                               "spell_log_days")})  # fmt: skip
    two = simulate(world_of(lone, panel), cut, periods=5, paths=20, period_days=7, seed=3, chunk=5)
    np.testing.assert_array_equal(one.rung[:5], two.rung)


def talks_by_resolve(still: tuple[World, Start], **changes: np.ndarray) -> World:
    """Talks as a gauge: log-odds 0 plus a twentieth of the mean resolve."""
    world, _ = still
    gauge = {"talks": np.zeros(1), "talks_effects": np.array([[0.05, 0.0, 0.0, 0.0]])}
    return world._replace(**gauge | changes)


@pytest.mark.parametrize("weeks", [2, 5, 10])
def test_a_departure_of_resolve_is_halved_after_one_half_life(still: tuple[World, Start], weeks: int):
    world = talks_by_resolve(still, persistence=np.array([0.5 ** (1 / weeks)]))
    start = still[1]._replace(deviation=np.full((1, 2), 30.0))
    gauge = logit(run(world, start, periods=2 * weeks, paths=60_000).talks[0].mean(axis=0)) / 0.05
    expected = 30.0 * 0.5 ** (np.arange(1, 2 * weeks + 1) / weeks)
    noise = 1 / (0.05 * np.sqrt(60_000 * 0.15))
    assert np.abs(gauge - expected).max() < 4 * noise
    assert gauge[weeks - 1] == pytest.approx(15.0, abs=4 * noise)


def test_the_spread_of_resolve_stays_one(still: tuple[World, Start]):
    world = talks_by_resolve(still, persistence=np.array([0.5]), talks_effects=np.array([[12.0, 0, 0, 0]]))
    world = world._replace(talks=np.array([-12.0]))
    share = run(world, still[1], periods=12, paths=60_000).talks[0].mean(axis=0)[-1]
    both = 0.5 * (1.0 + float(world.together[0]))  # variance of the mean of two sides of variance 1
    mean = np.random.default_rng(1).standard_normal(400_000) * np.sqrt(both)
    assert share == pytest.approx((1 / (1 + np.exp(12 - 12 * mean))).mean(), abs=0.004)


def test_constant_hits_move_resolve_by_the_hit_effect(still: tuple[World, Start]):
    always = np.array([[NEVER, -NEVER]])
    world = talks_by_resolve(still, persistence=np.array([0.6]), overt=always, onset=np.full((1, 2), NEVER))
    world = world._replace(hit=np.array([20.0]))
    gauge = logit(run(world, still[1], periods=14, paths=60_000).talks[0].mean(axis=0)) / 0.05
    struck_from = np.concatenate([[0], 20 * (1 - 0.6 ** np.arange(1, 14))]) / 2  # one of the two sides is hit
    assert np.abs(gauge - struck_from).max() < 4 / (0.05 * np.sqrt(60_000 * 0.2))


def test_a_track_record_fades_by_its_own_half_life(still: tuple[World, Start]):
    world, start = still
    world = world._replace(
        overt=np.array([[0.0, NEVER]]), overt_credibility=np.array([0.05]), memory=np.array([0.5]),
        onset=np.full((1, 2), NEVER), overt_effects=np.zeros((1, 6)),
    )  # fmt: skip
    start = start._replace(track=np.array([[0.0, 40.0]]))
    share = (run(world, start, periods=4, paths=60_000).rung[0, ..., 0] >= 3).mean(axis=0)
    expected = -40 * 0.5 ** np.arange(1, 5)
    assert np.abs(logit(share) / 0.05 - expected).max() < 4 / (0.05 * np.sqrt(60_000 * 0.15))


@pytest.mark.parametrize("step", [1, 7, 30])
@pytest.mark.parametrize("days", [10.0, 60.0])
def test_a_running_campaign_halts_by_its_mean_length(still: tuple[World, Start], step: int, days: float):
    world, start = still
    world = world._replace(widens_full=np.zeros(1), widens_regional=np.zeros(1))
    start = start._replace(campaign=True, scope=4, fought=np.array([True, True]), spell_log_days=np.log([days]))
    paths = run(world, start, periods=6, paths=40_000, step=step)
    halted = (paths.scope[0] == 0).mean(axis=0)
    expected = 1 - np.exp(-step * np.arange(1, 7) / days)
    assert (np.abs(halted - expected) < 4 * np.sqrt(expected * (1 - expected) / 40_000) + 1e-4).all()
    assert set(np.unique(paths.scope)) <= {0, 4}


def test_a_start_in_a_campaign_keeps_its_scope(still: tuple[World, Start]):
    start = still[1]._replace(campaign=True, scope=6, spell_log_days=np.log([1e6]))
    assert (run(still[0], start, periods=4, paths=50).scope == 6).all()
    assert start.since_truce == LONG_AGO


def test_a_still_world_stays_still(still: tuple[World, Start]):
    paths = run(*still, paths=500)
    for name in ARRAYS:
        if name != "day":
            assert not getattr(paths, name).any(), name


@pytest.mark.parametrize(("step", "long", "short"), [(1, 42, 28), (7, 6, 4), (30, 1, 1)])
@pytest.mark.parametrize("late", [0, 1])
def test_what_happened_counts_for_six_or_four_weeks_and_no_longer(
    still: tuple[World, Start], step: int, long: int, short: int, late: int
):
    """Effects of +50 on log-odds of -25 tell by certainty whether an event that long ago still counts."""
    world, start = still
    low = np.array([-25.0])
    talks, force, truce = (np.array([row]) for row in ([0, 50.0, 0, 0], [0, 0, 50.0, 0], [0, 0, 0, 50.0]))
    for state, back, changes, seen in (
        ("since_truce", long, {"talks": low, "talks_effects": truce}, "talks"),
        ("since_truce", long, {"deal": low, "deal_effects": truce}, "deal"),
        ("since_talks", short, {"talks": low, "talks_effects": talks}, "talks"),
        ("since_talks", short, {"deal": low, "deal_effects": talks}, "deal"),
        ("since_overt", short, {"deal": low, "deal_effects": force}, "deal"),
        ("since_closure", long, {"closure": low, "closure_recent": np.array([50.0])}, "closure"),
    ):
        paths = run(
            world._replace(**changes), start._replace(**{state: back - 1 + late}), periods=1, paths=20, step=step
        )
        assert (getattr(paths, seen) == (late == 0)).all(), (state, seen)


def test_a_truce_restrains_force_for_six_weeks(still: tuple[World, Start]):
    world = still[0]._replace(overt=np.array([[25.0, NEVER]]), onset=np.full((1, 2), NEVER))
    world = world._replace(overt_effects=np.array([[0, 0, 0, 0, 0, -50.0]]))
    paths = run(world, still[1]._replace(since_truce=2), periods=6, paths=20)
    assert (paths.rung[0, :, :, 0] >= 3).all(axis=0).tolist() == [False, False, False, False, True, True]
    assert not (paths.rung[0, :, :4] >= 3).any()


def test_a_crisis_opens_and_closes_at_its_rates_and_moves_force_while_it_lasts(still: tuple[World, Start]):
    """Without force or truce the share of paths in crisis follows a chain of two states; force comes in crisis only."""
    world = still[0]._replace(
        opens=np.array([-1.0]), opens_effects=np.array([[0.0, 0.5, 0.0]]), closes=np.array([-0.5]),
        closes_effects=np.zeros((1, 3)),
    )  # fmt: skip
    paths = run(world, still[1], periods=6, paths=40_000)
    share, open_now = [], 0.0
    first, later, close = (1 / (1 + np.exp(-x)) for x in (-1.0, -0.5, -0.5))
    never = 1.0  # share of paths that have seen no crisis yet
    for _ in range(6):
        opened = never * first + (1 - never - open_now) * later
        never *= 1 - first
        open_now += opened
        share.append(open_now)
        open_now *= 1 - close
    assert (paths.crisis[0] > 0).mean(axis=0) == pytest.approx(np.array(share), abs=0.01)
    forceful = world._replace(overt=np.array([[0.0, NEVER]]), overt_crisis=np.array([[NEVER, 0.0]]))
    forceful = forceful._replace(onset=np.full((1, 2), NEVER), overt_effects=np.zeros((1, 6)))
    paths = run(forceful, still[1], periods=6, paths=40_000)
    overt = paths.rung[0, ..., 0] >= 3
    assert not overt[paths.crisis[0] == 0].any()
    assert overt[paths.crisis[0] > 0].mean() == pytest.approx(0.5, abs=0.01)


def test_force_fades_with_the_age_of_a_crisis(still: tuple[World, Start]):
    world = still[0]._replace(
        overt=np.array([[0.0, NEVER]]), onset=np.full((1, 2), NEVER), overt_crisis=np.array([[0.0, 0.5]]),
        closes=np.array([NEVER]), overt_effects=np.zeros((1, 6)),
    )  # fmt: skip
    paths = run(world, still[1]._replace(crisis=True, crisis_days=0, since_crisis=0), periods=8, paths=40_000)
    days = np.arange(1, 57).reshape(8, 7)
    fresh = np.round(4 * np.log((1 / (1 + days)).mean(axis=1))) / 4 + 4
    assert logit((paths.rung[0, ..., 0] >= 3).mean(axis=0)) == pytest.approx(0.5 * fresh, abs=0.06)


def test_a_crisis_lasts_as_long_as_its_campaign(still: tuple[World, Start]):
    world = still[0]._replace(closes=np.array([-NEVER]))
    start = still[1]._replace(campaign=True, scope=4, spell_log_days=np.log([30.0]))
    paths = run(world, start, periods=12, paths=2000)
    fights = paths.scope[0] > 0
    assert (paths.crisis[0][fights] == 1).all()
    ended = (~fights[:, 1:]) & fights[:, :-1]
    assert (paths.crisis[0, :, 1:][ended] == 2).all()
