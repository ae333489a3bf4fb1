"""With flat priors the games reach the log-likelihoods of their publications, in an equilibrium, and identified."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forecast.evaluation.benchmarks import sanctions, war

pytestmark = pytest.mark.corpora


def test_the_escalation_game_on_disputes(corpora: Path):
    table = war.data(corpora)
    found = war.posteriors(table)[0]
    assert len(table.outcome) == 282
    assert found.log_likelihood == pytest.approx(-286.12, abs=0.005)
    assert found.slope < 1e-3
    assert np.isnan(found.log_evidence)


def test_the_signalling_game_on_sanctions(corpora: Path):
    table = sanctions.data(corpora)
    assert table.frame["game"].nunique() == 418
    checks = sanctions.checks(table, sanctions.posterior(table))
    assert checks.log_likelihood == pytest.approx(-3927.9, abs=0.05)
    assert checks.slope < 1e-2
    assert checks.violation < 1e-8
    assert checks.several == 0
    assert np.isfinite(checks.condition)


@pytest.mark.slow
def test_the_other_lines_of_the_publication(corpora: Path):
    lines = sanctions.reference_lines(sanctions.data(corpora))
    assert lines == pytest.approx(
        {
            "pooled null": -4023.2,
            "saturated": -3416.4,
            "constrained ML": -3927.9,
            "pseudo-likelihood": -3964.0,
            "nested": -3932.5,
        },
        abs=0.06,
    )
