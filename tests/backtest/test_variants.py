"""Variants of the model are changes of priors, periods or reference class, and pin what they say they pin."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from forecast.errors import UsageError
from forecast.evaluation.variants import PINNED, PUBLISHED, VARIANTS, priors_of_variant, variant
from forecast.model.learned import newest, read_history
from forecast.model.priors import read_priors

TODAY = date(2026, 10, 9)


def test_the_published_model_is_unchanged():
    assert priors_of_variant(PUBLISHED, TODAY) == read_priors()
    assert VARIANTS[PUBLISHED] == VARIANTS["no-pooling"]._replace(meaning=VARIANTS[PUBLISHED].meaning, reference=True)


@pytest.mark.parametrize("name", [name for name, one in VARIANTS.items() if one.changes])
def test_a_variant_pins_parameters_and_leaves_the_others(name: str):
    before, after = read_priors(), priors_of_variant(name, TODAY)
    changed = {prior for prior in before if before[prior] != after[prior]}
    assert changed == {change.name for change in VARIANTS[name].changes}
    for prior in changed:
        location, scale = after[prior].parameters
        assert np.ndim(location) == 0
        assert 0 < scale <= PINNED or (name, prior) == ("no-crisis-state", "overt_intercept")
        assert (after[prior].family, after[prior].dims) == (before[prior].family, before[prior].dims)


def test_each_differs_from_the_published_model_in_one_way():
    for name, one in VARIANTS.items():
        ways = [bool(one.changes), one.period_days != 7, not one.reference, one.history > 0]
        assert sum(ways) == (name != PUBLISHED), name


def test_history_is_what_had_been_learned_by_the_day():
    day, hand = date(1986, 1, 1), read_priors()
    cut_off = newest(read_history(), day)
    assert cut_off is not None
    assert cut_off.as_of <= day
    scalars = read_history().scalars
    taught = {scalars[one.label].parameter for one in cut_off.learned}
    some, whole = (priors_of_variant(name, day) for name in ("some-history", "all-history"))
    assert {name for name in hand if whole[name] != hand[name]} == taught
    assert some != whole
    assert priors_of_variant("all-history", date(1960, 1, 1)) == hand


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="did you mean half-weeks"):
        variant("half-week")
