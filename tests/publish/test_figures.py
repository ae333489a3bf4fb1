"""Every figure draws the numbers of its table, in colours that can be read in light and dark."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter

import forecast
from forecast.publish import alt, figures
from forecast.publish.changes import ladder_change, new_signals
from forecast.publish.course import day_of_share, history_figure, ladder_line_figure, waiting_figure
from forecast.publish.history import notable
from forecast.publish.sequence_figure import HEIGHT, STEPS, is_node, node_label, place, row_key, sequence_figure
from forecast.publish.style import RUNG_COLOUR, THEME, css_variables, svg
from forecast.publish.timeline import latent_figure
from forecast.publish.wording import percent
from forecast.terms import LADDER


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", [0, 1])
def test_text_has_contrast(mode) -> None:
    page = ("#ffffff", "#13171b")[mode]
    for name in ("ink", "soft", "side-a", "side-b", "side-none"):
        assert contrast(THEME[name][mode], page) >= 4.5, name
    for name in THEME:
        if name.startswith("on-"):
            assert contrast(THEME[name][mode], THEME[name.removeprefix("on-")][mode]) >= 4.5, name


def test_severity_is_ordered_by_lightness() -> None:
    shades = [luminance(RUNG_COLOUR[code][0]) for code in LADDER[2:]]
    assert shades == sorted(shades, reverse=True)
    assert len({values[0] for values in THEME.values()}) == len(THEME)


def test_bars_have_the_lengths_of_the_table(tables) -> None:
    ladder = tables["ladder"]
    axes = figures.ladder_figure(ladder).axes[0]
    widths = [patch.get_width() for patch in axes.patches]
    np.testing.assert_allclose(widths, ladder["probability"], atol=1e-12)
    labels = {text.get_text() for text in axes.texts}
    row = ladder[(ladder["horizon_days"] == 7) & (ladder["rung"] == "O1")].iloc[0]
    assert percent(row["probability"], row["mcse"], sign=False) in labels


def test_dots_and_lines_stand_where_the_table_says(tables) -> None:
    ladder = tables["ladder"]
    panels = figures.ladder_interval_figure(ladder).axes
    for axes, horizon in zip(panels, (7, 30, 90, 180), strict=True):
        rows = ladder[ladder["horizon_days"] == horizon]
        lines = axes.get_lines()
        assert [tuple(line.get_xdata()) for line in lines[::2]] == list(zip(rows["low"], rows["high"], strict=True))
        assert [line.get_xdata()[0] for line in lines[1::2]] == list(rows["probability"])


def test_change_marks_only_what_exceeds_noise(tables) -> None:
    before = tables["ladder"].copy()
    at = before.index[(before["horizon_days"] == 30) & before["rung"].isin(["O1", "O2"])]
    before.loc[at, "probability"] += [0.1, -0.1]
    change = ladder_change(tables["ladder"], before)
    assert set(change.loc[change["beyond_noise"], "rung"]) == {"O1", "O2"}
    figure = figures.change_figure(change)
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert sorted(texts) == ["+10", "−10"]
    assert "standoff −10 points" in alt.change_alt(change)
    assert new_signals(tables["signals"], tables["signals"].iloc[3:])["move_id"].nunique() == 3


@pytest.mark.parametrize(
    "name", ["ladder", "intervals", "hazard", "replies", "latents", "sequence", "waiting", "history", "line"]
)
def test_svg_is_small_valid_and_fixed(tables, name) -> None:
    sides = {"a": "A & <b>", "b": "B"}
    draw = {
        "ladder": lambda: figures.ladder_figure(tables["ladder"]),
        "intervals": lambda: figures.ladder_interval_figure(tables["ladder"]),
        "hazard": lambda: figures.hazard_figure(tables["hazard"]),
        "replies": lambda: figures.reply_figure(tables["replies"]),
        "latents": lambda: latent_figure(tables["latents"], tables["signals"], sides),
        "sequence": lambda: sequence_figure(tables["sequence"]),
        "waiting": lambda: waiting_figure(tables["waiting"]),
        "history": lambda: history_figure(tables["history"], notable(tables["signals"])),
        "line": lambda: ladder_line_figure(tables["history"]),
    }[name]
    with mpl.rc_context({"font.size": 40, "svg.fonttype": "path"}):
        text = svg(draw(), name, "a title", 'an "alternative" & more')
    assert text == svg(draw(), name, "a title", 'an "alternative" & more')
    assert len(text) < 80_000
    root = ElementTree.fromstring(text)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert not tags & {"metadata", "style", "script", "image"}
    assert "text" in tags
    assert root[0].text == "a title"
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert all(found.startswith(f"{name}-") for found in ids)
    for used in re.findall(r"var\(--([\w-]+)\)", text):
        assert f"--{used}:" in css_variables()
    plain = svg(draw(), name, "a title", "alt", themed=False)
    assert "var(" not in plain


def test_streams_have_the_widths_of_the_table(tables) -> None:
    sequence = tables["sequence"]
    rows = [row for row in sequence.to_dict("records") if is_node(row)]
    shares = {row_key(row): (row["share_probability"], row) for row in rows}
    nodes = place(shares)
    assert len(nodes) == 3 + 5 + 3 + 3
    scale = {key: node.height / shares[key][0] for key, node in nodes.items()}
    np.testing.assert_allclose(list(scale.values()), next(iter(scale.values())))
    for step in range(len(STEPS)):
        column = sorted((node for key, node in nodes.items() if key[0] == step), key=lambda node: node.top)
        for upper, lower in pairwise(column):
            assert upper.top + upper.height < lower.top
            centres = [node.top + node.height / 2 for node in (upper, lower)]
            lines = [node.label.count("\n") + 1 for node in (upper, lower)]
            assert centres[1] - centres[0] >= 11 * sum(lines) / 2  # no label covers another
        assert column[-1].top + column[-1].height <= HEIGHT + 40
    texts = {text.get_text() for text in sequence_figure(sequence).axes[0].texts}
    for row in rows:
        assert node_label(row_key(row)[1], row) in texts


def test_curves_of_waiting_start_at_nothing_and_mark_the_half(tables) -> None:
    waiting = tables["waiting"]
    figure = waiting_figure(waiting)
    for axes, event in zip(figure.axes, ("strike", "halt", "talks", "crisis opens"), strict=True):
        rows = waiting[waiting["event"] == event]
        line = axes.get_lines()[0]
        assert list(line.get_xdata()) == [0, *rows["days"]]
        np.testing.assert_allclose(line.get_ydata(), [0, *rows["probability"]])
        half = day_of_share(rows)
        assert np.interp(half, line.get_xdata(), line.get_ydata()) == pytest.approx(0.5)
    assert day_of_share(waiting.assign(probability=0.4)) is None


def test_a_history_draws_every_forecast_and_stacks_to_one(tables) -> None:
    history = tables["history"]
    _, upper, lower = history_figure(history).axes
    strikes = history[(history["horizon_days"] == 30) & (history["name"] == "p_strike")]
    np.testing.assert_allclose(upper.get_lines()[0].get_ydata(), strikes["probability"])
    tops = [band.get_paths()[0].vertices[:, 1].max() for band in lower.collections]
    assert len(tops) == len(LADDER)
    assert tops[-1] == pytest.approx(1.0)


def test_what_is_notable_is_between_the_sides_high_enough_and_told_once_a_day(tables) -> None:
    signals = tables["signals"]
    found = notable(signals)
    strikes = signals[signals["side"].isin(["a", "b"]) & (signals["channel"] == "force") & (signals["rung"] >= 3)]
    assert (found["kind"] == "overt strike").sum() == strikes["date"].nunique() > 0
    assert set(found["kind"]) == {"overt strike", "talks", "deal"}


def test_a_figure_shows_itself_in_a_notebook_without_more(tables) -> None:
    data, _ = DisplayFormatter().format(forecast.plot_ladder(tables["ladder"]))
    assert "standoff" in data["image/svg+xml"]


def test_alternatives_give_the_numbers(tables) -> None:
    assert "Within 7 days: settlement 2\u00a0%, standoff 86\u00a0%" in alt.ladder_alt(tables["ladder"])
    assert "first week (from 14 February 2026) 13\u00a0%" in alt.hazard_alt(tables["hazard"])
    assert "After any opening: none 20\u00a0%" in alt.reply_alt(tables["replies"])
    text = alt.latent_alt(tables["latents"], tables["signals"], {"a": "A", "b": "B"}, 52)
    assert "resolve of A: from" in text
    assert "credibility of B: from" in text
    assert "First strike: limited strike 56\u00a0%" in alt.sequence_alt(tables["sequence"])
    assert "Next move: stops 40\u00a0%" in alt.sequence_alt(tables["sequence"])
    assert "halt (days since a campaign began): by day 18 in half of the futures" in alt.waiting_alt(tables["waiting"])
    assert "over 7 forecasts: first forecast" in alt.history_alt(tables["history"], notable(tables["signals"]), 30)
