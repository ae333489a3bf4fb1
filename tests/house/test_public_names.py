"""Every public name can be imported, and `import forecast` alone loads neither the sampler nor the table libraries."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import forecast

BUILDER = Path(__file__).parents[2] / ".ci" / "build-reference"
HEAVY = ("pymc", "pytensor", "nutpie", "arviz", "numba", "pandas", "xarray", "matplotlib")


@pytest.mark.parametrize("name", forecast.__all__)
def test_name_is_there_and_says_what_it_does(name: str):
    assert callable(getattr(forecast, name))
    assert getattr(forecast, name).__doc__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        forecast.nothing  # noqa: B018


def test_the_reference_says_what_each_name_is_for():
    """Figures stand together in it; every other public name is under a heading, and under one only."""
    found = [
        ast.literal_eval(node.value)
        for node in ast.parse(BUILDER.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "GUIDE"
    ]
    told = sorted(name for names in found[0].values() for name in names.split())
    assert told == sorted(name for name in forecast.__all__ if not name.startswith("plot_"))


def test_the_door_loads_nothing_heavy():
    code = f"import sys, forecast; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    assert run(code) == ""


def test_record_and_archive_load_no_sampler():
    code = (
        "import sys, forecast; from forecast.publish import render_report, write_run, json_document; "
        "forecast.read_record, forecast.check_record, forecast.as_of, forecast.init_record, forecast.build_panel; "
        "forecast.archive, forecast.read_run, forecast.render_report; "
        f"print(*[name for name in {HEAVY[:5]!r} if name in sys.modules])"
    )
    assert run(code) == ""


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
