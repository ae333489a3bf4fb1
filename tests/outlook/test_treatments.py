"""A treatment moves the forecast the way the model fixes it, and gives no number where its weights are not trusted."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from full_record import CALM, full_record
from interpreted import interpreted_density

from forecast.errors import ArchiveError
from forecast.inference.compile import Compiled
from forecast.inference.reweight import Weights, log_densities, points
from forecast.model.build import model_coords, model_data
from forecast.model.latent import paths as latent_paths
from forecast.model.priors import Prior, prior_draws, read_priors
from forecast.outlook import treatments as module
from forecast.outlook.estimate import Outcome, effect
from forecast.outlook.treatments import (
    UNTRUSTED,
    Treatment,
    changed,
    treatment_table,
    treatments_of,
)
from forecast.record.panel import build_panel

DRAWS = 40


@pytest.fixture(scope="module")
def priors() -> dict[str, Prior]:
    return dict(read_priors())


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    return build_panel(full_record(tmp_path_factory.mktemp("calm") / "record"), CALM)


@pytest.fixture(scope="module")
def tree(calm: xr.Dataset, priors: dict[str, Prior]) -> xr.DataTree:
    """Forty draws with the same parameters that differ in the last shock to the resolve of side a."""
    one = prior_draws(priors, model_coords(calm), draws=1, seed=11)
    draws = one.isel(sample=np.zeros(DRAWS, dtype=int)).copy(deep=True)
    last = int(calm["length"].values[0]) - 1
    shocks = draws["resolve_innovation"].transpose("sample", "side", "step").copy(deep=True)
    shocks.values[:, 0, last] = np.linspace(-2, 2, DRAWS)
    draws = draws.assign(
        resolve_innovation=shocks, track_weight=xr.full_like(draws["track_weight"], 0.5),
        overt_credibility=xr.full_like(draws["overt_credibility"], 0.6),
    )  # fmt: skip
    draws = draws.merge(latent_paths(draws, calm)).drop_vars("resolve_innovation")
    made = xr.DataTree.from_dict({"posterior": draws.rename(sample="draw").expand_dims("chain"), "panel": calm})
    made.attrs = {"priors": json.dumps({k: p.model_dump() for k, p in priors.items()})}
    return made


@pytest.fixture(scope="module")
def interpreted(calm: xr.Dataset, priors: dict[str, Prior]) -> Compiled:
    return interpreted_density(calm, priors)


def named(panel: xr.Dataset, name: str, side: int = 0) -> Treatment:
    return next(t for t in treatments_of(panel) if t.name == name and t.side == side)


def test_only_the_last_period_is_changed(calm: xr.Dataset):
    last = int(calm["length"].values[0]) - 1
    for treatment in treatments_of(calm):
        treated, control = changed(calm, treatment.treated), changed(calm, treatment.control)
        before = {"period": slice(0, last)}
        for other in (treated, control):
            xr.testing.assert_identical(other.isel(before), calm.isel(before))
            xr.testing.assert_identical(other.isel(episode=slice(1, None)), calm.isel(episode=slice(1, None)))
        apart = [n for n in calm.data_vars if not treated[n].equals(control[n])]
        assert set(apart) <= {"signal", "signal_confidence", "track_record", "force", "rung", "force_confidence"}
        assert apart


@pytest.mark.parametrize("name", ["cheap threat", "costly threat", "costly, not cheap", "carrier"])
def test_threats_and_carriers_tell_of_resolve(
    tree: xr.DataTree, calm: xr.Dataset, priors: dict[str, Prior], interpreted: Compiled, name: str
):
    few = xr.DataTree.from_dict({"posterior": tree["posterior"].to_dataset().isel(draw=[0, 13, 26, 39]), "panel": calm})
    at = points(few, priors, interpreted)
    treatment = named(calm, name)
    densities = [
        log_densities(interpreted.with_data(model_data(changed(calm, changes), priors)), at)
        for changes in (treatment.treated, treatment.control)
    ]
    assert (np.diff(densities[0] - densities[1]) > 0).all()


def test_a_costly_threat_raises_the_chance_that_its_sender_strikes(
    tree: xr.DataTree, calm: xr.Dataset, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("forecast.inference.reweight.KHAT", np.inf)  # forty draws on a line are no posterior
    table = treatment_table(tree, [named(calm, "costly threat")], total_paths=8000)
    row = table.set_index("outcome").loc["strike by a in 30 days"]
    assert row["expected"] == "+"
    assert row["difference"] > 0
    assert row["treated"] - row["control"] == pytest.approx(row["difference"])


@pytest.mark.parametrize(("maker", "opponent"), [(0, "b"), (1, "a")])
def test_an_act_that_adds_to_credibility_restrains_the_opponent(
    tree: xr.DataTree, calm: xr.Dataset, maker: int, opponent: str
):
    table = treatment_table(tree, [named(calm, "threat fulfilled", maker)], total_paths=20_000)
    row = table.set_index("outcome").loc[f"strike by {opponent} in 30 days"]
    assert row["difference"] < 0
    assert row["expected"] == "open"
    assert (row["khat"], row["ess"]) == (0, DRAWS)


def test_where_the_opponent_does_not_heed_credibility_the_record_moves_nothing(tree: xr.DataTree, calm: xr.Dataset):
    posterior = tree["posterior"].to_dataset()
    deaf = tree.copy()
    deaf["posterior"] = xr.DataTree(posterior.assign(overt_credibility=0 * posterior["overt_credibility"]))
    table = treatment_table(deaf, [named(calm, "threat broken")], total_paths=2000)
    assert (table["difference"] == 0).all()


def test_no_number_is_given_where_weights_cannot_be_trusted(
    tree: xr.DataTree, calm: xr.Dataset, monkeypatch: pytest.MonkeyPatch
):
    bad = Weights(np.full(DRAWS, 1 / DRAWS), 0.9, 3.0)
    monkeypatch.setattr(module, "panel_weights", lambda _tree, panels, *_: dict.fromkeys(panels, bad))
    table = treatment_table(tree, [named(calm, "carrier")], total_paths=2000)
    assert table[["control", "treated", "difference", "mcse"]].isna().all(axis=None)
    assert (table["note"] == UNTRUSTED).all()
    assert (table["khat"] == 0.9).all()


def test_a_posterior_of_another_version_is_refused(tree: xr.DataTree, calm: xr.Dataset):
    older = tree.copy()
    older["panel"] = xr.DataTree(calm.drop_vars("closure"))
    with pytest.raises(ArchiveError, match="closure"):
        treatment_table(older, [named(calm, "threat broken")], total_paths=2000)


def test_no_strike_is_added_while_a_campaign_runs(panel: xr.Dataset, calm: xr.Dataset):
    assert "strike absorbed" not in {t.name for t in treatments_of(panel)}
    assert "strike absorbed" in {t.name for t in treatments_of(calm)}


def test_the_error_of_an_effect_is_that_of_repeated_runs():
    rng = np.random.default_rng(5)
    found = []
    for _ in range(800):
        resolve = rng.standard_normal(300)
        share = 1 / (1 + np.exp(-resolve))
        ratio = np.exp(0.4 * resolve)
        treated, control = Weights(ratio / ratio.sum(), 0.1, 250.0), Weights(np.full(300, 1 / 300), 0.0, 300.0)
        found.append(effect(Outcome(0.6 * share, share), treated, Outcome(share**2, share), control))
    assert np.mean([f.mcse for f in found]) == pytest.approx(np.std([f.difference for f in found]), rel=0.08)
    same = effect(Outcome(share, share), treated, Outcome(share, share), treated)
    assert (same.difference, same.mcse) == (0, 0)
