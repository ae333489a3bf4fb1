"""The episode model gets back what crises were drawn from, and an expected answer deters where a fight costs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn_crises import CAMPAIGN, FIGHT, LATER, RESIST, STATUS_QUO, drawn
from scipy.special import ndtr

from forecast.errors import UsageError
from forecast.outside.crises import Crises
from forecast.outside.episodes import FEWEST, OPENING, fit_episodes
from forecast.outside.escalation import ESCALATION, probabilities
from forecast.outside.utilities import Prior, Terms, draw_predictions, fit, identification, predict

NOW = pd.Timestamp("2010-01-01")
LOOSE = (Prior(3.0, 1.0, 0.01),)  # the drawn actors have no effects of their own


@pytest.fixture(scope="module")
def crises() -> Crises:
    return drawn(2000)


@pytest.fixture(scope="module")
def model(crises: Crises):
    return fit_episodes(crises, NOW, LOOSE)


def test_payoffs_come_back(model):
    table = identification(model.opening[0])[1].set_index("name")
    spread = model.opening[0].design.spread
    for utility, terms in {"u11": STATUS_QUO, "u14": FIGHT, "u24": RESIST}.items():
        for name, true in terms.items():
            row = table.loc[f"{utility}:{name}", ["mean", "sd"]].astype(float) / spread.get(name, 1.0)
            assert abs(row["mean"] - true) < 3 * row["sd"], (utility, name)
            if name != "1":
                assert row["mean"] == pytest.approx(true, abs=0.3), (utility, name)
    assert abs(table.loc["u11:chokepoint", "mean"]) < 0.15


def test_posterior_holds_the_truth_as_often_as_it_says():
    inside = []
    for seed in range(10):
        crises = drawn(300, seed=100 + seed)
        counts = np.eye(3)[np.where(crises.table["struck"], 1 + crises.table["answered"], 0).astype(int)]
        posterior = fit(ESCALATION, OPENING, crises.table, counts, LOOSE[0])
        table = identification(posterior)[1].set_index("name")
        spread = posterior.design.spread
        for name, true in {"u11:retaliation": -0.8, "u14:capability": 0.5, "u24:high_stake": 0.7}.items():
            row = table.loc[name]
            inside.append(abs(row["mean"] - true * spread[name.split(":")[1]]) < 1.282 * row["sd"])
    assert 0.6 <= np.mean(inside) <= 0.97


def test_campaigns_and_clocks_come_back(crises: Crises, model):
    found = dict(zip(model.further["campaign"][0].design.names(), model.further["campaign"][0].mode, strict=True))
    posterior = model.further["campaign"][0]
    frame = crises.table.assign(again=0.0)[:2].assign(answered=[0.0, 1.0])
    chance = predict(posterior, frame, draws=0)[:, 1]
    assert found["u:answered"] > 0
    assert chance[0] == pytest.approx(ndtr(CAMPAIGN["1"]), abs=0.08)
    assert chance[1] == pytest.approx(ndtr(CAMPAIGN["1"] + CAMPAIGN["answered"]), abs=0.08)
    weight = model.lags["strike"].weight
    assert 1 - weight[0] / weight.sum() == pytest.approx(LATER, abs=0.05)


def test_an_expected_answer_deters_only_where_a_fight_is_worth_less_than_giving_way():
    resist = np.linspace(-2, 2, 9)

    def strikes(fight: float) -> np.ndarray:
        at = np.column_stack([np.zeros(9), np.zeros(9), np.full(9, fight), resist])
        return 1 - probabilities(at)[:, 0]

    assert (np.diff(strikes(-1.0)) < 0).all()
    assert (np.diff(strikes(1.0)) > 0).all()
    assert np.ptp(strikes(0.0)) == pytest.approx(0, abs=1e-12)


def test_the_fitted_game_strikes_less_where_it_expects_an_answer(crises: Crises, model):
    frame = crises.table[:1].loc[[0, 0]].assign(high_stake=[-2.0, 2.0], capability=-1.0)
    chance = draw_predictions(model.opening, frame, 200, np.random.default_rng(0))
    assert (chance[:, 1, 2] / (1 - chance[:, 1, 0])).mean() > (chance[:, 0, 2] / (1 - chance[:, 0, 0])).mean() + 0.2
    assert chance[:, 1, 0].mean() > chance[:, 0, 0].mean()


def test_flat_priors_on_constants_give_the_shares_that_were_seen(crises: Crises):
    table = crises.table
    counts = np.eye(3)[np.where(table["struck"], 1 + table["answered"], 0).astype(int)]
    found = fit(ESCALATION, Terms({"u11": ("1",), "u24": ("1",)}), table, counts)
    assert predict(found, table[:1], draws=0)[0] == pytest.approx(counts.mean(axis=0), abs=1e-6)


def test_what_the_data_cannot_tell_apart_is_seen():
    rng = np.random.default_rng(2)
    outcome = rng.choice(3, p=[0.4, 0.3, 0.3], size=500)
    frame = pd.DataFrame({"capability": rng.normal(size=500)})
    both, one = (Terms({"u11": ("1",), "u14": names, "u24": ("1",)}) for names in (("1",), ("capability",)))
    prior = Prior(10.0, 1.0)
    confounded, table = identification(fit(ESCALATION, both, frame, np.eye(3)[outcome], prior))
    told, _ = identification(fit(ESCALATION, one, frame, np.eye(3)[outcome], prior))
    assert confounded > 20 * told  # only a weighted sum of the two constants of the challenger shows in the data
    assert table.set_index("name").loc["u24:1", "contraction"] > 0.99


def test_too_few_crises_are_refused(crises: Crises):
    few = Crises(crises.table[: FEWEST - 1], crises.acts[crises.acts["row"] < FEWEST - 1])
    with pytest.raises(UsageError, match="past crises were over"):
        fit_episodes(few, NOW)
