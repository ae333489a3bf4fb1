"""Predictive checks are calibrated on worlds of the model, find planted misfits, and replicates keep the masks."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from known_worlds import FIXED, PRIORS, lively

from forecast.evaluation.predictive import (
    EXPERIMENTS,
    PATHS,
    PRIOR,
    PROCESS,
    Experiment,
    Source,
    compare,
    failures,
    open_design,
    replicate,
    replicates,
    truths,
)
from forecast.evaluation.predictive_figure import PAGES, pages
from forecast.evaluation.quantities import quantities
from forecast.evaluation.worlds import draw_world, small_design
from forecast.model.build import model_coords
from forecast.model.priors import prior_draws
from forecast.terms import DENSITIES

WORLDS = 40
MOVED = {"hit_effect": 0.0, "resolve_half_life": 8.0, "overt_resolve": 1.5, "resolve_share": [0.05, 0.05, 0.05, 0.85]}


def made(periods: int, crises: int, **changes: object) -> tuple[xr.Dataset, xr.Dataset]:
    """A design with room for campaigns and lively parameters for it."""
    design = open_design(small_design(periods=periods, crises=crises, crisis_periods=16))
    return design, lively(design, 5, **(MOVED | changes))


def posterior_of(truth: xr.Dataset, path: np.ndarray) -> xr.Dataset:
    """One posterior draw that is the truth, with a path of resolve."""
    one = truth.drop_vars("resolve_innovation").assign(resolve=(("side", "period"), path))
    return one.expand_dims("sample")


def one_replicate(source: Source, kind: str, change: Experiment = EXPERIMENTS["plain"]) -> xr.Dataset:
    truth = {name: values[0] for name, values in truths(source, kind, [7], change).items()}
    return replicate(source, truth, 7, change)


def standardised(observed: list, drawn: pd.DataFrame) -> pd.Series:
    """Mann–Whitney statistic of observed panels against replicates, in standard errors, by quantity."""
    ranks = pd.concat([compare(o, drawn, "").set_index(["topic", "quantity"])["rank"] for o in observed], axis=1)
    known = ranks.notna().sum(axis=1)
    others = drawn.notna().sum().reindex(known.index)
    enough = (known > 10) & (others > 10)
    error = np.sqrt((known + others + 1) / (12.0 * known * others))
    return ((ranks.mean(axis=1) - 0.5) / error)[enough]


@pytest.mark.parametrize("kind", [PRIOR, PROCESS, PATHS])
def test_worlds_of_the_model_have_uniform_ranks(kind: str):
    design, truth = made(40, 3)
    coords = model_coords(design)
    path = draw_world(design, truth, FIXED, 99).resolve[0]
    source = Source(design, PRIORS, posterior_of(truth, path))
    observed = []
    for k in range(WORLDS):
        fresh = prior_draws(PRIORS, coords, draws=1, seed=10_000 + k).isel(sample=0)
        anew = ["resolve_innovation", "campaign_days_spell"]
        anew += ["episode_resolve", "onset_episode"] if kind == PROCESS else []
        draw = fresh if kind == PRIOR else truth.assign({name: fresh[name] for name in anew})
        kept = path if kind == PATHS else None
        observed.append(quantities(draw_world(design, draw, FIXED, 20_000 + k, resolve=kept).panel))
    drawn = replicates(source, kind, range(WORLDS))
    z = standardised(observed, drawn)
    assert len(z) > 120
    assert z.abs().max() < 4, z.sort_values()
    p = np.concatenate([compare(o, drawn, kind)["p_value"].dropna() for o in observed])
    assert 0.02 < np.mean(p <= 0.1) < 0.13  # discrete counts make it conservative
    assert 0.3 < np.mean(p <= 0.5) < 0.55


@pytest.fixture(scope="module")
def long_world() -> tuple[xr.Dataset, pd.DataFrame]:
    """A world whose force and signals follow resolve, and replicates on its path."""
    changes = {"campaign_days": 8.0, "onset_intercept": -2.5, "overt_own_last": 0.0, "overt_opponent_last": 0.0}
    design, truth = made(240, 1, overt_intercept=[-2.2, -2.0], **changes)
    truth["signal_resolve_anchor"].values[...] = 1.5
    world = draw_world(design, truth, FIXED, 4)
    source = Source(design, PRIORS, posterior_of(truth, world.resolve[0]))
    return world.panel, replicates(source, PATHS, range(100))


def p_of(panel: xr.Dataset, drawn: pd.DataFrame) -> pd.Series:
    return compare(quantities(panel), drawn, PATHS).set_index(["topic", "quantity"])["p_value"]


def test_the_world_itself_passes(long_world: tuple[xr.Dataset, pd.DataFrame]):
    table = compare(quantities(long_world[0]), long_world[1], PATHS)
    assert len(failures(table)) < 0.08 * len(table)


def test_force_that_is_independent_of_the_latents_is_found(long_world: tuple[xr.Dataset, pd.DataFrame]):
    panel, drawn = long_world
    other = panel.copy(deep=True)
    order = np.random.default_rng(8).permutation(np.arange(1, panel.sizes["period"]))
    for name in ("force", "rung"):
        other[name].values[0, :, 1:] = panel[name].values[0][:, order]
    p = p_of(other, drawn)
    assert p[("correlations", "verbal – own force")] < 0.05 < p_of(panel, drawn)[("correlations", "verbal – own force")]


def test_doubled_runs_are_found(long_world: tuple[xr.Dataset, pd.DataFrame]):
    panel, drawn = long_world
    other = panel.copy(deep=True)
    for name in ("force", "rung", "campaign", "scope"):
        values = panel[name].values[0]
        other[name].values[0] = np.repeat(values, 2, axis=-1)[..., : panel.sizes["period"]]
    single = ("runs", "violence: share of one period")
    assert p_of(other, drawn)[single] < 0.05 < p_of(panel, drawn)[single]


def test_replicates_keep_the_masks_of_the_panel():
    design, truth = made(60, 4)
    rng = np.random.default_rng(2)
    for name in ("force_observed", "talks_observed", "deal_observed"):
        design[name].values &= rng.random(design[name].shape) < 0.7
    design["signal_observed"].values &= rng.random(design["signal_observed"].shape) < 0.7
    path = np.zeros((2, 60))
    source = Source(design, PRIORS, posterior_of(truth, path))
    for kind in (PRIOR, PROCESS, PATHS):
        panel = one_replicate(source, kind)
        blind = ~design["force_observed"].values
        assert not (panel["force"].values.max(axis=1)[blind]).any()
        assert not (panel["closure"].values[blind]).any()
        for name in ("talks", "deal"):
            assert not panel[name].values[~design[f"{name}_observed"].values].any()
        unseen = ~np.broadcast_to(design["signal_observed"].values[:, None], panel["signal"].shape)
        assert not panel["signal"].values[unseen].any()
        assert (panel["density"] == design["density"]).all()
        assert (panel["track_record"] == design["track_record"]).all()
        outside = np.arange(60) >= design["length"].values[:, None]
        assert not panel["force"].values.max(axis=1)[outside].any()


def test_weeks_masked_by_an_observed_campaign_are_open_to_replicates():
    panel = small_design(periods=20, crises=2, crisis_periods=18)
    panel["campaign"].values[1, 8:11] = True  # during the crisis: weeks 6 to 11
    for name in ("force_observed", "talks_observed", "deal_observed"):
        panel[name].values[1, 9:11] = False
        panel[name].values[2] = False
    design = open_design(panel)
    for name in ("force_observed", "talks_observed", "deal_observed"):
        assert design[name].values[1, 9:11].all()
        assert (design[name].values[0] == panel[name].values[0]).all()
        assert not design[name].values[2].any()


def test_a_kept_path_is_kept_and_a_widened_campaign_is_seen_to_widen():
    design, truth = made(80, 2, war_escalation=0.4, regional_escalation=1.0, campaign_days=40.0)
    path = np.random.default_rng(1).standard_normal((2, 80))
    world = draw_world(design, truth, FIXED, 4, resolve=path)
    assert (world.resolve[0] == path).all()
    spells = world.panel[[n for n in world.panel.data_vars if str(n).startswith("spell_")]].to_dataframe()
    mine = spells[spells["spell_episode"] == 0]
    assert (mine["spell_scope"] > mine["spell_opening"]).any()
    for spell in mine.itertuples():
        weeks = slice(spell.spell_onset, spell.spell_onset + round(spell.spell_days / 7))
        scope = world.panel["scope"].values[0, weeks]
        assert scope[-1] == spell.spell_scope
        assert (np.diff(scope) >= 0).all()


def test_experiments_change_what_they_say():
    design, truth = made(40, 3)
    source = Source(design, PRIORS, posterior_of(truth, np.zeros((2, 40))))
    assert (one_replicate(source, PROCESS)["signal_confidence"].values[:, :, 1:] == 3).any()
    told = one_replicate(source, PROCESS, EXPERIMENTS["no-invented-rows"])
    share = np.mean(told["signal_confidence"].values[told["signal_confidence"].values > 0] == 3)
    assert share < 0.06  # of true rows 3 % are disputed
    source.posterior["episode_resolve"].values[..., 1] += 3
    drawn = [
        truths(source, PROCESS, range(60), EXPERIMENTS[name])["episode_resolve"]
        for name in ("plain", "phases-of-crises")
    ]
    raised = (drawn[1] - drawn[0]).mean(axis=(0, 1))
    assert raised == pytest.approx(source.posterior["episode_resolve"].values.mean(axis=(0, 1)))


def test_close_coverage_can_follow_resolve():
    design, truth = made(40, 2, resolve_half_life=3.0)
    design["density"].values[0] = DENSITIES.index("regular")
    design["density"].values[0, 30:] = DENSITIES.index("dense")
    design["signal_observed"].values[0] = (np.arange(40) >= 30)[:, None]
    source = Source(design, PRIORS, posterior_of(truth, np.zeros((2, 40))))
    one = {name: values[0] for name, values in truths(source, PROCESS, [1]).items()}
    one["resolve_innovation"][:, 8:18] += 5
    panel = replicate(source, one, 1, EXPERIMENTS["coverage-follows"])
    dense = np.flatnonzero(panel["density"].values[0] == DENSITIES.index("dense"))
    assert len(dense) == 10
    assert 8 <= dense[0] <= 11
    assert (np.flatnonzero(panel["signal_observed"].values[0, :, 0]) == dense).all()


def test_p_values_count_the_observed_panel_among_the_replicates():
    drawn = pd.DataFrame({("force", "x"): [1.0, 2.0, 3.0, 3.0], ("force", "y"): [0.0, np.nan, 0.0, 0.0]})
    table = compare({("force", "x"): 3.0, ("force", "y"): 1.0}, drawn, PRIOR).set_index("quantity")
    assert table.loc["x", "rank"] == 0.75  # two below, two equal
    assert table.loc["x", "p_value"] == pytest.approx(1.0)  # 2 x (2 equal + itself) of five
    assert table.loc["y", "p_value"] == pytest.approx(2 / 4)
    assert table.loc["y", "n"] == 3


def test_every_quantity_stands_on_one_page():
    design, truth = made(30, 2)
    source = Source(design, PRIORS, posterior_of(truth, np.zeros((2, 30))))
    drawn = replicates(source, PROCESS, range(6))
    observed = quantities(draw_world(design, truth, FIXED, 1).panel)
    table = pd.concat([compare(observed, drawn, kind) for kind in (PRIOR, PROCESS, PATHS)])
    for name, figure in pages(table).items():
        titles = [axes.get_title(loc="left") for axes in figure.axes]
        assert titles == [part.title for column in PAGES[name] for part in column]
    parts = [part for columns in PAGES.values() for column in columns for part in column]
    for topic, name in observed:
        shown = [p.title for p in parts if re.fullmatch(p.topic, topic) and re.match(p.match, name)]
        assert len(shown) == 1, (topic, name, shown)
