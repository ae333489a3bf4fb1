"""Prior sets are data: each changes what it says, keeps families and dims, and every fault names its way out."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from forecast.errors import UsageError
from forecast.inference.fit import global_names
from forecast.model.prior_sets import Change, PriorSet, changed, read_prior_sets
from forecast.model.priors import prior_hash, read_priors

CHANGE = {"name": "overt_reply", "family": "normal", "parameters": [0.0, 0.7], "reason": "because"}


def test_three_sets_are_shipped_and_each_has_its_reasons():
    sets = read_prior_sets()
    assert list(sets) == ["sceptical", "hawkish", "weak"]
    assert all(change.reason for one in sets.values() for change in one.changes)
    assert sets["weak"].reason
    assert len({prior_hash(changed(read_priors(), one)) for one in sets.values()} | {prior_hash(read_priors())}) == 4


@pytest.mark.parametrize("name", ["sceptical", "hawkish"])
def test_a_set_changes_what_it_lists_and_nothing_else(name: str):
    priors, one = read_priors(), read_prior_sets()[name]
    new = changed(priors, one)
    listed = {change.name for change in one.changes}
    assert {n for n in priors if new[n] != priors[n]} == listed
    assert all(new[n].family == priors[n].family and new[n].dims == priors[n].dims for n in priors)


def test_the_two_lean_opposite_ways():
    priors, sets = read_priors(), read_prior_sets()
    shifts = {
        name: {c.name: c.parameters[0] - priors[c.name].parameters[0] for c in sets[name].changes}  # type: ignore[operator]
        for name in ("sceptical", "hawkish")
    }
    assert shifts["sceptical"].keys() == shifts["hawkish"].keys()
    assert all(shifts["sceptical"][n] * shifts["hawkish"][n] < 0 for n in shifts["sceptical"])


def test_a_wider_set_widens_every_scale_but_those_of_unit_effects():
    priors = read_priors()
    new = changed(priors, PriorSet(name="wide", meaning="", widen=1.5, reason="because"))
    drawn = {n: None for n, p in priors.items() if p.family in ("normal", "lognormal")}
    assert {n for n in priors if new[n] != priors[n]} == set(global_names(priors, drawn))  # type: ignore[arg-type]
    assert new["overt_reply"].parameters == (priors["overt_reply"].parameters[0], pytest.approx(1.05))


def test_a_change_is_applied_after_the_widening():
    one = PriorSet(name="both", meaning="", widen=2.0, reason="because", changes=(Change(**CHANGE),))
    assert changed(read_priors(), one)["overt_reply"].parameters == (0.0, 0.7)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"name": "a", "meaning": "", "changes": [CHANGE | {"name": "overt_replay"}]}], "did you mean overt_reply"),
        ([{"name": "a", "meaning": "", "changes": [CHANGE | {"family": "lognormal"}]}], "is normal, not lognormal"),
        ([{"name": "a", "meaning": "", "changes": [CHANGE | {"family": "gamma"}]}], "not a table of prior sets"),
        ([{"name": "a", "meaning": "", "changes": [CHANGE | {"parameters": [0.0, -1.0]}]}], "positive scale"),
        ([{"name": "a", "meaning": "", "changes": [CHANGE | {"parameters": [[0.0, 1.0], 1.0]}]}], "location"),
        ([{"name": "a", "meaning": "", "changes": [CHANGE, CHANGE]}], "changed twice"),
        ([{"name": "a", "meaning": "", "changes": [CHANGE | {"name": "actor_resolve"}]}], "unit-scale effect"),
        (
            [{"name": "a", "meaning": "",
              "changes": [CHANGE | {"name": "war_escalation", "family": "lognormal", "parameters": [-1.0, 0.7]}]}],
            "must be positive",
        ),
        ([{"name": "a", "meaning": ""}], "changes nothing"),
        ([{"name": "a", "meaning": "", "widen": 2.0}], "without a reason"),
        ([{"name": "published", "meaning": "", "changes": [CHANGE]}], "the name is taken"),
        ([{"name": "a", "meaning": "", "changes": [CHANGE]}] * 2, "the name is taken"),
        ([{"name": "a", "changes": [CHANGE]}], "meaning"),
        ("none", "not a table of prior sets"),
    ],
)  # fmt: skip
def test_a_fault_names_the_set_and_the_way_out(tmp_path: Path, rows: object, told: str):
    file = tmp_path / "sets.yaml"
    file.write_text(yaml.safe_dump(rows), encoding="utf-8")
    with pytest.raises(UsageError, match=told):
        read_prior_sets(file)
