"""What is needed is pinned and installed as pinned, both lists of pins agree, and what is imported is declared."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import distributions, packages_distributions
from pathlib import Path
from sysconfig import get_path

import pytest

NOT_IMPORTED = {"netcdf4", "pyarrow"}  # xarray and pandas find them by name


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pins(root: Path) -> list[str]:
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_both_lists_agree(project: dict, pins: list[str]):
    uv = project["tool"]["uv"]
    repeated = uv["constraint-dependencies"] + uv["build-constraint-dependencies"]
    assert repeated == pins, "renew them by: .ci/refresh-constraints"


def test_every_line_is_one_exact_version(pins: list[str]):
    assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9-]+==[0-9][\w.]*(; [a-z_]+ [=!<>]=? .+)?", pin)] == []


def test_what_is_needed_is_pinned_and_installed_as_pinned(project: dict, pins: list[str]):
    wanted = {pin.split("==")[0]: pin.split("==")[1].split(";")[0] for pin in pins}
    other = {name: found for name, found in installed().items() if wanted.get(name, found) != found}
    assert other == {}, "use the pinned versions: uv sync"
    needed = {normal(re.match(r"[\w.-]+", entry)[0]) for entry in direct(project)}
    assert needed - set(wanted) == set(), "renew the pins by: .ci/refresh-constraints"


def test_direct_dependencies_are_those_that_are_imported(root: Path, project: dict):
    declared = {normal(re.match(r"[\w.-]+", entry)[0]) for entry in project["project"]["dependencies"]}
    extras = {normal(re.match(r"[\w.-]+", entry)[0])
              for entries in project["project"]["optional-dependencies"].values() for entry in entries}  # fmt: skip
    owners = packages_distributions()
    imported = {normal(owners[name][0]) for name in imports(root / "forecast") if name in owners}
    assert imported - {project["project"]["name"]} == (declared - NOT_IMPORTED) | extras


def direct(project: dict) -> list[str]:
    return (
        project["project"]["dependencies"] + project["dependency-groups"]["dev"] + project["build-system"]["requires"]
    )


def imports(folder: Path) -> set[str]:
    found = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names)


def installed() -> dict[str, str]:
    # setuptools puts the packages that it carries on the path when something imports it
    return {normal(found.name): found.version for found in distributions(path=[get_path("purelib")])}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
