"""The figure of calibration draws the numbers of its tables, and its words give them."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest
from drawn_forecasts import Drawn

from forecast.evaluation.calibration import Reliability, ladder_reliability, reliability
from forecast.publish.calibration_figure import calibration_alt, calibration_figure
from forecast.publish.style import svg
from forecast.terms import LADDER


@pytest.fixture
def found(calibrated: Drawn) -> Reliability:
    return ladder_reliability(*calibrated[:2], replicates=20)


def test_one_panel_for_each_threshold(found: Reliability):
    panels = calibration_figure(*found).axes
    for axes, rung in zip(panels, LADDER[1:], strict=True):
        curve = found.curve[found.curve["threshold"] == rung]
        line = axes.get_lines()[-1]
        np.testing.assert_array_equal(line.get_xdata(), curve["forecast"])
        np.testing.assert_array_equal(line.get_ydata(), curve["recalibrated"])
        assert axes.get_title(loc="left").startswith(rung)
        row = found.decomposition.set_index(["threshold", "score"]).loc[(rung, "brier")]
        assert axes.texts[0].get_text() == f"MCB {row['mcb']:.3f} DSC {row['dsc']:.3f} UNC {row['unc']:.3f}"


def test_a_question_has_one_panel_and_may_have_no_band():
    figure = calibration_figure(*reliability([0.1, 0.4, 0.9], [0, 0, 1], replicates=0, label="talks <soon>"))
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["talks <soon>"]


def test_the_svg_is_valid_and_fixed(found: Reliability):
    text = svg(calibration_figure(*found), "calibration", "Calibration", "alt")
    assert text == svg(calibration_figure(*found), "calibration", "Calibration", "alt")
    assert ElementTree.fromstring(text)[0].text == "Calibration"
    assert len(text) < 200_000


def test_words_give_the_numbers(found: Reliability):
    words = calibration_alt(found.decomposition)
    row = found.decomposition[found.decomposition["score"] == "brier"].iloc[1]
    assert f"O2 limited strike or more: Brier score {row['mean_score']:.3f}" in words
    assert "O6 full war: Brier score" in words
    assert f"({row['n']} forecasts)" in words
