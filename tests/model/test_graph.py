"""The picture of the model shows every node, and credibility only where the model lets it act: on the opponent."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

from forecast import model_graph
from forecast.evaluation.worlds import small_design
from forecast.model.build import nodes_of
from forecast.model.graph import graph_edges


@pytest.fixture(scope="module")
def panel():
    return small_design()


def test_credibility_reaches_overt_force_and_signals_only(panel):
    edges = graph_edges(panel)
    reached = edges[(edges["kind"] == "latent") & (edges["source"] == "credibility")]
    assert dict(zip(reached["node"], reached["through"], strict=True)) == {
        "overt": "overt_credibility", "signal": "concession_credibility"
    }  # fmt: skip


def test_resolve_moves_signals_and_force(panel):
    edges = graph_edges(panel)
    reached = set(edges.loc[(edges["kind"] == "latent") & (edges["source"] == "resolve"), "node"])
    assert {"signal", "overt", "talks", "deal", "halt"} <= reached


@pytest.mark.parametrize("given", [True, False], ids=["a panel", "the shipped record"])
def test_it_draws_one_box_for_each_node(panel, given):
    figure = model_graph(panel) if given else model_graph()
    texts = {text.get_text() for axes in figure.axes for text in axes.texts}
    names = {node.name.replace("_", " ") for node in nodes_of(panel)}
    assert names <= texts
    plt.close(figure)
