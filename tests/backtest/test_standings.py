"""Every crisis weighs the same, void windows count as void, and a better forecaster is seen to be better."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecast.errors import UsageError
from forecast.evaluation.backtest import COLUMNS
from forecast.evaluation.scores import LADDER_SCORES
from forecast.evaluation.standings import ALL, SCORE_COLUMNS, Scored, behaviour, flip_flops, scored, standings, voids
from forecast.terms import LADDER

CASES = [f"c{k:02d}" for k in range(30)]


def drawn(seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Forecasts of three forecasters over crises of 1 to 5 origins, and what came: "sharp" knows the chances."""
    rng = np.random.default_rng(seed)
    forecasts, came = [], []
    for n, case in enumerate(CASES):
        for day in range(1 + n % 5):
            for horizon in (7, 30):
                truth = rng.dirichlet(np.full(7, 0.3))
                models = {"climatology": np.full(7, 1 / 7), "flat": 0.8 / 7 + 0.2 * truth, "sharp": truth}
                date = f"2000-01-{1 + day:02d}"
                for name, chance in models.items():
                    forecasts += [(name, date, "ladder", horizon, case, "pmf", rung, p, "retrospective")
                                  for rung, p in zip(LADDER, chance, strict=True)]  # fmt: skip
                rung = LADDER[rng.choice(7, p=truth)]
                void = n % 10 == 9 and horizon == 30
                came.append((case, date, horizon, "" if void else rung, "not watched" if void else "", f"s{n // 2}",
                             "quiet" if day == 0 else "inside"))  # fmt: skip
    columns = ["case", "origin", "horizon_days", "rung", "void", "cluster", "kind"]
    return pd.DataFrame(forecasts, columns=pd.Index(COLUMNS)), pd.DataFrame(came, columns=pd.Index(columns))


@pytest.fixture(scope="module")
def found() -> Scored:
    return scored(*drawn())


@pytest.fixture(scope="module")
def table(found: Scored) -> pd.DataFrame:
    return standings(found, ["climatology", "flat"])


def test_means_are_those_of_crises_not_of_rows(found: Scored, table: pd.DataFrame):
    outcome = found.windows["place"].to_numpy()
    for score, function in LADDER_SCORES.items():
        value = pd.Series(function(found.chances["sharp"], outcome))
        for horizon in (7, 30):
            at = found.windows["horizon_days"] == horizon
            expected = value[at].groupby(found.windows["case"][at]).mean().mean()
            row = table[(table["model"] == "sharp") & (table["score"] == score) & (table["horizon_days"] == horizon)]
            assert row["mean"].item() == pytest.approx(expected)
    assert tuple(table.columns) == SCORE_COLUMNS


def test_means_can_be_those_of_windows(found: Scored):
    table = standings(found, ["climatology", "flat"], weigh="windows")
    outcome = found.windows["place"].to_numpy()
    seven = (found.windows["horizon_days"] == 7).to_numpy()
    row = table[(table["model"] == "sharp") & (table["score"] == "log") & (table["horizon_days"] == 7)]
    assert row["mean"].item() == pytest.approx(LADDER_SCORES["log"](found.chances["sharp"], outcome)[seven].mean())


def test_void_windows_are_counted_and_score_nothing(table: pd.DataFrame, found: Scored):
    of = table[(table["model"] == "sharp") & (table["score"] == "rps")].set_index("horizon_days")
    assert of["void"].to_dict() == {7: 0, 30: 15, ALL: 15}
    assert of["cases"].to_dict() == {7: 30, 30: 27, ALL: 30}
    assert (of["stories"] == 15).all()
    told = voids(found).set_index(["horizon_days", "reason"])["windows"]
    assert told[30, "not watched"] == 15


def test_the_forecaster_that_knows_more_is_better_with_an_interval_that_excludes_zero(table: pd.DataFrame):
    for score in ("rps", "log"):
        of = table[(table["horizon_days"] == ALL) & (table["score"] == score)].set_index("model")
        assert of.loc["sharp", "better"]
        assert of.loc["sharp", "skill_low"] > 0
        assert of.loc["sharp", "reference"] == "flat"
        assert of.loc["flat", ["difference", "difference_low", "difference_high"]].tolist() == [0.0, 0.0, 0.0]
        assert not of.loc["climatology", "better"]
        assert of.loc["climatology", "skill"] == 0
        assert (of["role"] == ["baseline", "baseline", "candidate"]).all()


def test_origins_of_one_kind_can_be_scored_alone(found: Scored):
    quiet = standings(found, ["climatology"], "quiet")
    assert quiet[(quiet["horizon_days"] == 7) & (quiet["score"] == "rps")]["rows"].tolist() == [30] * 3


def test_flip_flops_are_those_of_successive_origins_inside_a_crisis(found: Scored):
    of = flip_flops(found).set_index(["horizon_days", "model"])
    assert of.loc[(7, "climatology"), "flip_flop"] == 0
    assert of.loc[(7, "sharp"), "flip_flop"] > of.loc[(7, "flat"), "flip_flop"] > 0
    assert of.loc[(7, "sharp"), "cases"] == 12


def test_a_calibrated_forecaster_scores_what_it_expects_and_a_flat_one_better_than_it_fears(found: Scored):
    of = behaviour(found).set_index(["horizon_days", "model"])
    assert of.loc[7, "windows"].tolist() == [90] * 3
    assert of.loc[30, "void"].tolist() == [15] * 3
    assert of.loc[(7, "climatology"), "expected_rps"] == pytest.approx(sum(k * (7 - k) for k in range(1, 7)) / 49)
    assert of.loc[(7, "climatology"), "entropy"] == pytest.approx(np.log(7))
    assert of.loc[(7, "climatology"), "overt_said"] == pytest.approx(5 / 7)
    sharp, flat = (of.xs(name, level="model") for name in ("sharp", "flat"))
    assert ((sharp["excess_low"] < 0) & (sharp["excess_high"] > 0)).all()
    assert (flat["excess_high"] < 0.001).all()
    assert (sharp["expected_rps"] < flat["expected_rps"]).all()
    assert np.allclose(of["excess"], of["rps"] - of["expected_rps"])
    seven = found.windows[found.windows["horizon_days"] == 7]
    came = (seven["place"] >= 2).mean()
    assert of.loc[7, "overt_came"].tolist() == pytest.approx([came] * 3)
    assert of["flip_flop"].tolist() == flip_flops(found)["flip_flop"].tolist()


def test_only_windows_that_all_forecast_are_compared():
    forecasts, came = drawn()
    some = forecasts[(forecasts["model_id"] != "sharp") | (forecasts["location"] < "c10")]
    assert set(scored(some, came).windows["case"]) == set(CASES[:10])
    apart = (forecasts["model_id"] == "sharp") == (forecasts["location"] < "c10")
    with pytest.raises(UsageError, match="no window was forecast by every forecaster"):
        scored(forecasts[apart], came)
    with pytest.raises(UsageError, match="stands twice"):
        scored(pd.concat([forecasts, forecasts.head(7)]), came)
    with pytest.raises(UsageError, match="nothing is said of"):
        scored(forecasts, came[came["case"] != "c03"])
