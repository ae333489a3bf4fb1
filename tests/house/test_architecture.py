"""ARCHITECTURE.md says what the tree is, module by module and panel variable by variable, and no link is dead."""

from __future__ import annotations

import ast
import datetime as dt
import re
from pathlib import Path

import pytest
import xarray as xr

from forecast.record import init_record, read_record
from forecast.record.panel import build_panel

ROW = re.compile(r"^\| `([^`]+)` \| ([^|]+) \| (\w+) \|", re.MULTILINE)
KINDS = {"i": "int", "b": "bool", "f": "float", "U": "text", "O": "text", "T": "text", "M": "date"}


@pytest.fixture(scope="module")
def page() -> str:
    return (Path(__file__).resolve().parents[2] / "ARCHITECTURE.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    folder = tmp_path_factory.mktemp("record") / "small"
    init_record(folder, start=dt.date(2025, 1, 1))
    return build_panel(read_record(folder), dt.date(2025, 6, 30))


def test_every_module_is_listed_and_every_listed_module_exists(root: Path, page: str):
    listed = re.findall(r"^\| `(forecast/[^`]+\.py)` \| \S", page, re.MULTILINE)
    present = {str(file.relative_to(root)): file for file in (root / "forecast").rglob("*.py")}
    lacking = [f"| `{name}` | {first_line(present[name])} |" for name in sorted(set(present) - set(listed))]
    assert not lacking, "add to ARCHITECTURE.md:\n" + "\n".join(lacking)
    assert not set(listed) - set(present), "remove from ARCHITECTURE.md"
    assert len(listed) == len(set(listed))


def test_every_panel_variable_is_described_as_it_is(page: str, panel: xr.Dataset):
    section = page.split("## The panel")[1].split("\n## ")[0]
    described = {name: (tuple(dims.split(", ")), kind) for name, dims, kind in ROW.findall(section)}
    found = {str(name): (tuple(map(str, v.dims)), KINDS[v.dtype.kind]) for name, v in panel.variables.items()}
    assert described == found
    assert all(f"`{name}`" in section for name in panel.attrs)


def test_links_lead_somewhere(root: Path):
    for name in ("README.md", "ARCHITECTURE.md"):
        text = (root / name).read_text(encoding="utf-8")
        targets = re.findall(r"\]\(([^)#]+)\)", text)
        assert [target for target in targets if "://" not in target and not (root / target).exists()] == []


def first_line(module: Path) -> str:
    return (ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or "").split("\n")[0]
