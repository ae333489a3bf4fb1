"""Every baseline gives probabilities of every class, learns what is there to learn, and sees training rows only."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecast.errors import UsageError
from forecast.evaluation.baselines import (
    BASELINES,
    Ruled,
    Table,
    Widened,
    extra_trees,
    mean_log_score,
    out_of_fold,
    settled,
)

MODELS = {**BASELINES, "extra trees": extra_trees}


def made_up(rows: int = 240, seed: int = 0) -> Table:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": rng.normal(size=rows), "z": rng.normal(size=rows), "state": rng.integers(0, 3, rows)})
    outcome = np.digitize(1.5 * frame["x"] + rng.logistic(size=rows), [0.0, 1.0, 2.5])
    return Table(frame, ("x", "z"), outcome, 4, np.arange(rows) // 4, np.ones(rows), ("state",))


@pytest.mark.parametrize("name", BASELINES)
def test_probabilities_of_every_class(name: str):
    table = made_up()
    rare = table._replace(classes=5)  # a class that the training rows lack
    for asked in (table, rare):
        chance = MODELS[name](asked)(table.frame[:50].assign(state=7))
        assert chance.shape == (50, asked.classes)
        assert chance.sum(axis=1) == pytest.approx(np.ones(50))
        assert (chance > 0).all()


LEARNERS = [name for name in BASELINES if name not in ("climatology", "Markov chain")]


@pytest.mark.parametrize("name", [*LEARNERS, pytest.param("extra trees", marks=pytest.mark.slow)])
def test_a_signal_is_found(name: str):
    table, later = made_up(), made_up(seed=1)
    base = mean_log_score(MODELS["climatology"](table)(later.frame), later)
    assert mean_log_score(MODELS[name](table)(later.frame), later) < base - 0.05


def test_climatology_and_markov_are_counts():
    table = made_up()._replace(outcome=np.array([0, 1] * 120), classes=2)
    assert MODELS["climatology"](table)(table.frame[:1])[0] == pytest.approx([0.5, 0.5])
    told = table._replace(frame=table.frame.assign(state=table.outcome))
    chance = MODELS["Markov chain"](told)(told.frame[:2])
    assert chance[0, 0] == pytest.approx((120 + 5) / 130)
    assert chance[1, 1] == pytest.approx((120 + 5) / 130)


def test_the_ordered_logit_has_one_slope_and_ordered_cuts():
    table = made_up(2000)
    asked = pd.DataFrame({"x": [-1.0, 0.0, 1.0], "z": 0.0, "state": 0})
    above = 1 - np.cumsum(MODELS["ridge ordered logit"](table)(asked), axis=1)[:, :-1]
    odds = np.log(above / (1 - above))
    assert np.diff(odds, axis=0) == pytest.approx(np.full((2, 3), 1.5), abs=0.25)


def test_a_row_is_never_predicted_from_its_own_cluster():
    table = made_up()
    seen = []

    def spy(part: Table):
        seen.append(set(part.cluster))
        return lambda frame: np.full((len(frame), 4), 0.25)

    out_of_fold(table, spy)
    for part, (_, held) in zip(seen, table.splits(), strict=True):
        assert not part & set(table.cluster[held])


def test_tuning_is_settled_before_folds_are_predicted():
    table = made_up()
    chosen = settled(MODELS["hurdle and level"], table)
    assert chosen(table)(table.frame) == pytest.approx(MODELS["hurdle and level"](table)(table.frame))


def test_a_widened_model_learns_from_more_rows_and_tells_them_apart():
    table, more = made_up(40), made_up(400, seed=1)

    def widen(own: Table) -> Table:
        frame = pd.concat([own.frame.assign(mark=1.0), more.frame.assign(mark=0.0)], ignore_index=True)
        return own._replace(
            frame=frame,
            features=(*own.features, "mark"),
            outcome=np.concatenate([own.outcome, (more.outcome + 1) % 4]),
            cluster=np.concatenate([own.cluster, 1000 + more.cluster]),
            weight=np.ones(len(frame)),
        )

    model = Widened(widen, ("mark",), MODELS["extra trees"])
    wide = widen(table)
    of_both = MODELS["extra trees"](wide)
    assert model(table)(table.frame) == pytest.approx(of_both(table.frame.assign(mark=1.0)))
    assert settled(model, table)(table)(table.frame) == pytest.approx(model(table)(table.frame))
    assert model(table)(table.frame) != pytest.approx(of_both(table.frame.assign(mark=0.0)))


def test_one_cluster_cannot_be_held_out():
    table = made_up()._replace(cluster=np.zeros(240))
    with pytest.raises(UsageError, match="1 cluster"):
        MODELS["ridge multinomial logit"](table)


def test_a_rule_keeps_class_0_away_and_leaves_other_rows_alone():
    table = made_up()
    marked = (table.outcome > 0) & (np.arange(240) % 2 == 0)
    told = table._replace(frame=table.frame.assign(barred=marked.astype(int)))
    free, ruled = MODELS["ridge multinomial logit"], Ruled("barred", MODELS["ridge multinomial logit"])
    plain, chance = free(told)(told.frame), ruled(told)(told.frame)
    assert chance[~marked] == pytest.approx(plain[~marked])
    rows = marked.sum() * 60 / 240  # a row of four that share a crisis counts a quarter
    assert chance[marked, 0] == pytest.approx(np.full(marked.sum(), 0.5 / (rows + 1)))
    assert chance.sum(axis=1) == pytest.approx(np.ones(240))
    assert chance[marked, 1] / chance[marked, 3] == pytest.approx(plain[marked, 1] / plain[marked, 3])
    assert settled(ruled, told)(told)(told.frame) == pytest.approx(chance)


def test_a_rule_that_is_broken_in_training_gives_way():
    table = made_up()
    told = table._replace(frame=table.frame.assign(barred=1))
    chance = Ruled("barred", MODELS["climatology"])(told)(told.frame)
    assert chance[0, 0] == pytest.approx(MODELS["climatology"](told)(told.frame)[0, 0], abs=0.01)
