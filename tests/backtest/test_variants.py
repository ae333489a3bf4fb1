"""Variants of the model are changes of priors, periods or reference class, and pin what they say they pin."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.errors import UsageError
from forecast.evaluation.variants import PINNED, PUBLISHED, VARIANTS, priors_of_variant, variant
from forecast.model.priors import read_priors


def test_the_published_model_is_unchanged():
    assert priors_of_variant(PUBLISHED) == read_priors()
    assert VARIANTS[PUBLISHED] == VARIANTS["no-pooling"]._replace(meaning=VARIANTS[PUBLISHED].meaning, reference=True)


@pytest.mark.parametrize("name", [name for name, one in VARIANTS.items() if one.changes])
def test_a_variant_pins_parameters_and_leaves_the_others(name: str):
    before, after = read_priors(), priors_of_variant(name)
    changed = {prior for prior in before if before[prior] != after[prior]}
    assert changed == {change.name for change in VARIANTS[name].changes}
    for prior in changed:
        location, scale = after[prior].parameters
        assert np.ndim(location) == 0
        assert 0 < scale <= PINNED or (name, prior) == ("no-crisis-state", "overt_intercept")
        assert (after[prior].family, after[prior].dims) == (before[prior].family, before[prior].dims)


def test_each_differs_from_the_published_model_in_one_way():
    for name, one in VARIANTS.items():
        ways = [bool(one.changes), one.period_days != 7, not one.reference]
        assert sum(ways) == (name != PUBLISHED), name


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="did you mean half-weeks"):
        variant("half-week")
