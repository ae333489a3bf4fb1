"""The notebooks store no outputs, define nothing, use public names only, and run from top to bottom."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest

import forecast

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def notebook(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    return nbformat.read(request.param, as_version=4)


def test_there_are_notebooks():
    assert NOTEBOOKS


def test_stored_without_outputs(notebook: nbformat.NotebookNode):
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


def test_nothing_is_defined_and_only_public_names_are_used(notebook: nbformat.NotebookNode):
    tree = ast.parse("\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code"))
    nodes = list(ast.walk(tree))
    assert not [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda))]
    modules = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name for name in modules if name and name.startswith("forecast")} <= {"forecast.terms"}
    used = {
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "forecast"
    }
    assert used <= set(forecast.__all__)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_runs_from_top_to_bottom(notebook: nbformat.NotebookNode, tmp_path: Path):
    from nbclient import NotebookClient

    NotebookClient(notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
