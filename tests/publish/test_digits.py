"""No printed probability shows more than its Monte Carlo error supports; none claims to be impossible or certain."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.publish.wording import STEPS, headline, interval, odds, percent, points, step

PROBABILITY = st.floats(0, 1)
ERROR = st.floats(0, 0.2)


@pytest.mark.parametrize(
    ("probability", "mcse", "text"),
    [
        (0.412, 0.004, "41 %"),
        (0.412, 0.0055, "42 %"),
        (0.412, 0.012, "40 %"),
        (0.412, 0.04, "40 %"),
        (0.412, 0.08, "40 %"),
        (0.412, None, "40 %"),
        (0.412, float("nan"), "40 %"),
        (0.004, 0.004, "<1 %"),
        (0.006, 0.004, "1 %"),
        (0.0042, 0.0003, "0.4 %"),
        (0.0003, 0.0002, "<0.1 %"),
        (0.996, 0.004, ">99 %"),
        (0.9962, 0.0003, "99.6 %"),
        (0.0, 0.0, "<0.1 %"),
        (1.0, 0.0, ">99.9 %"),
        (0.02, 0.02, "<5 %"),
        (float("nan"), 0.01, "–"),
    ],
)
def test_percent(probability: float, mcse: float | None, text: str) -> None:
    assert percent(probability, mcse).replace("\u00a0", " ") == text


@given(PROBABILITY, ERROR)
def test_rounding_covers_the_error_of_the_simulation(probability: float, mcse: float) -> None:
    size = step(mcse)
    assert size in STEPS
    assert size >= min(200 * mcse, STEPS[-1])
    text = percent(probability, mcse, sign=False)
    number = float(text.strip("<>"))
    assert abs(number - 100 * probability) <= size + 1e-9
    assert not re.fullmatch(r"0(\.0)?|100(\.0)?", text)
    if "." in text:
        assert 200 * mcse <= 0.1


@given(PROBABILITY, ERROR, ERROR)
def test_a_larger_error_never_prints_finer(probability: float, one: float, two: float) -> None:
    small, large = sorted((one, two))
    assert step(small) <= step(large)


def test_intervals_and_differences() -> None:
    assert interval(0.281, 0.566, 0.004).replace("\u00a0", " ") == "28–57 %"
    assert interval(0.001, 0.053, 0.004).replace("\u00a0", " ") == "<1 to 5 %"
    assert interval(0.301, 0.302, 0.004).replace("\u00a0", " ") == "30 %"
    assert [points(d, 0.004) for d in (0.061, -0.034, 0.004, -0.004)] == ["+6", "−3", "0", "0"]


def test_headline_follows_the_numbers(tables) -> None:
    first, second, third = (
        s.replace("\u00a0", " ") for s in headline("2026-02-13", tables["ladder"], tables["quantities"])
    )
    row = tables["quantities"].query("name == 'p_strike' and horizon_days == 30").iloc[0]
    assert first.startswith("As of 13 February 2026 the model gives ")
    assert percent(row["probability"], row["mcse"]).replace("\u00a0", " ") in first
    assert interval(row["low"], row["high"], row["mcse"]).replace("\u00a0", " ") in first
    assert "within 30 days" in first
    assert "spans even odds" in second
    assert "within 7 days standoff (86 %)" in third
    assert "within 180 days sustained campaign" in third
    assert "less likely" in odds(0.1, 0.4)
    assert "more likely" in odds(0.6, 0.9)


def test_a_close_race_names_both(tables) -> None:
    ladder = tables["ladder"].copy()
    at = ladder["horizon_days"] == 90
    ladder.loc[at, "probability"] = [0.05, 0.10, 0.28, 0.10, 0.30, 0.11, 0.06]
    sentences = headline("2026-02-13", ladder, tables["quantities"])
    assert re.search(r"90.days sustained campaign \(30.%\), hardly ahead of limited strike \(28.%\)", sentences[-1])
