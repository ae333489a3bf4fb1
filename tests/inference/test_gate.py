"""The gate lets good draws pass, refuses bad ones, and says which quantity failed and what to try."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from forecast.inference.gate import ESS, RHAT, convergence, energy_bfmi, gate
from forecast.outlook.forecast import Forecast
from forecast.release import gate_failure

PREDICTIVE = pd.DataFrame({"margin": ["periods with an overt act"], "observed": [12], "p_value": [0.4]})


def draws(**changes: np.ndarray) -> xr.Dataset:
    rng = np.random.default_rng(1)
    made = {"good": rng.standard_normal((4, 500)), "vector": rng.standard_normal((4, 500, 2))}
    made |= changes
    dims = {2: ("chain", "draw"), 3: ("chain", "draw", "role")}
    return xr.Dataset(
        {name: (dims[values.ndim], values) for name, values in made.items()}, coords={"role": ["challenger", "target"]}
    )


def stats(**changes: np.ndarray) -> xr.Dataset:
    rng = np.random.default_rng(2)
    made = {"diverging": np.zeros((4, 500), dtype=bool), "energy": rng.standard_normal((4, 500))} | changes
    return xr.Dataset({name: (("chain", "draw"), values) for name, values in made.items()})


def verdicts(**given: object) -> pd.Series:
    parts = {"parameters": convergence(draws()), "reported": convergence(draws()), "stats": stats(),
             "predictive": PREDICTIVE}  # fmt: skip
    return gate(**parts | given).set_index("check")["passed"]


def test_independent_draws_pass():
    table = convergence(draws())
    assert list(table["name"]) == ["good", "vector[challenger]", "vector[target]"]
    assert table["passed"].all()
    assert (table["rhat"] <= RHAT).all()
    assert (table["ess_bulk"] > 1500).all()
    assert verdicts().all()


def test_one_bad_chain_is_flagged():
    bad = np.random.default_rng(3).standard_normal((4, 500))
    bad[2] += 1.0
    table = convergence(draws(bad=bad)).set_index("name")
    assert table.loc["bad", "rhat"] > 1.05
    assert not table.loc["bad", "passed"]
    assert table.drop("bad")["passed"].all()


def test_one_wide_chain_is_flagged_by_rank():
    bad = np.random.default_rng(4).standard_normal((4, 500))
    bad[1] *= 5
    assert not convergence(draws(bad=bad)).set_index("name").loc["bad", "passed"]


def test_slow_mixing_is_flagged():
    rng = np.random.default_rng(5)
    slow = np.zeros((4, 500))
    for t in range(1, 500):
        slow[:, t] = 0.98 * slow[:, t - 1] + rng.standard_normal(4)
    row = convergence(draws(slow=slow)).set_index("name").loc["slow"]
    assert row["ess_bulk"] < ESS
    assert not row["passed"]


@pytest.mark.parametrize("value", [0.0, 1.0, 0.3])
def test_a_constant_passes_since_nothing_is_estimated(value: float):
    table = convergence(draws(constant=np.full((4, 500), value))).set_index("name")
    assert table.loc["constant", "constant"]
    assert table.loc["constant", "passed"]
    assert verdicts(reported=convergence(draws(constant=np.full((4, 500), value)))).all()


def test_chains_stuck_at_different_values_do_not_pass():
    stuck = np.repeat(np.arange(4.0)[:, None], 500, axis=1)
    table = convergence(draws(stuck=stuck))
    assert not table.set_index("name").loc["stuck", "passed"]
    assert not verdicts(parameters=table).all()


def test_a_quantity_that_is_not_a_number_does_not_pass():
    broken = np.random.default_rng(6).standard_normal((4, 500))
    broken[0, 3] = np.nan
    table = convergence(draws(broken=broken))
    assert not table.set_index("name").loc["broken", "passed"]
    assert not verdicts(reported=table).all()


def failing() -> dict[str, dict[str, object]]:
    rng = np.random.default_rng(7)
    shifted = rng.standard_normal((4, 500)) + np.array([0, 0, 0, 1.0])[:, None]
    some = np.zeros((4, 500), dtype=bool)
    some[1, :3] = True
    walk = np.cumsum(rng.standard_normal((4, 500)), axis=1)
    low = PREDICTIVE.assign(p_value=0.004)
    high = PREDICTIVE.assign(p_value=0.996)
    return {
        "R-hat, parameters and latent paths": {"parameters": convergence(draws(bad=shifted))},
        "R-hat, forecast quantities": {"reported": convergence(draws(bad=shifted))},
        "bulk ESS, parameters and latent paths": {"parameters": convergence(draws(bad=shifted[:, :60], **short()))},
        "tail ESS, forecast quantities": {"reported": convergence(draws(**short()))},
        "divergent share": {"stats": stats(diverging=some)},
        "E-BFMI": {"stats": stats(energy=walk)},
        "posterior predictive p, periods with an overt act": {"predictive": low},
        "posterior predictive p, periods with an overt act (high)": {"predictive": high},
    }


def short() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(8)
    return {"good": rng.standard_normal((4, 60)), "vector": rng.standard_normal((4, 60, 2))}


@pytest.mark.parametrize("check", failing())
def test_each_fault_fails_its_own_check_with_advice(check: str):
    parts = {"parameters": convergence(draws()), "reported": convergence(draws()), "stats": stats(),
             "predictive": PREDICTIVE}  # fmt: skip
    table = gate(**parts | failing()[check]).set_index("check")
    row = table.loc[check.removesuffix(" (high)")]
    assert not row["passed"]
    assert row["advice"]
    assert (table.loc[table["passed"], "advice"] == "").all()


def test_up_to_one_divergence_in_a_thousand_is_let_through():
    few = np.zeros((4, 500), dtype=bool)
    few[0, :2] = True
    assert verdicts(stats=stats(diverging=few))["divergent share"]


def test_the_worst_quantity_is_named():
    rng = np.random.default_rng(9)
    bad = rng.standard_normal((4, 500, 2))
    bad[3, :, 1] += 2
    table = gate(convergence(draws(vector=bad)), convergence(draws()), stats(), PREDICTIVE).set_index("check")
    assert table.loc["R-hat, parameters and latent paths", "where"] == "vector[target]"


def test_forecast_quantities_that_are_all_constant_pass():
    certain = xr.Dataset({"P(O6 or higher, 7 days)": (("chain", "draw"), np.zeros((4, 500)))})
    assert verdicts(reported=convergence(certain)).all()


def test_the_energy_diagnostic_is_the_ratio_of_steps_to_spread():
    energy = np.array([[0.0, 2.0, 0.0, 2.0]])
    assert energy_bfmi(energy)[0] == pytest.approx(4.0)
    assert energy_bfmi(np.random.default_rng(3).standard_normal((2, 4000))) == pytest.approx([2.0, 2.0], rel=0.1)


def test_the_refusal_names_quantity_value_and_way_out():
    bad = np.random.default_rng(3).standard_normal((4, 500))
    bad[2] += 1.0
    table = gate(convergence(draws(overt_resolve=bad)), convergence(draws()), stats(), PREDICTIVE.assign(p_value=0.001))
    error = gate_failure(Forecast({"title": "A - B", "as_of": "2026-02-13"}, {"gate": table}))
    text = str(error)
    assert error.exit_code == 3
    for words in (
        "A - B",
        "2026-02-13",
        "overt_resolve",
        "<= 1.01",
        "--attempts",
        "periods with an overt act",
        "0.001",
    ):
        assert words in text, words
    assert "E-BFMI" not in text
