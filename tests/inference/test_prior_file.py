"""A prior table of one's own that does not fit the model is refused before anything is computed, with every fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from forecast.errors import UsageError
from forecast.inference.prior_file import SIZES, read_priors
from forecast.model.build import model_coords
from forecast.model.priors import SHIPPED, prior_hash
from forecast.model.priors import read_priors as read_table
from forecast.stages import Settings, begin, key_of

ROWS = [prior.model_dump(mode="json") for prior in read_table().values()]
DIMS = {row["name"]: row["dims"] for row in ROWS}


def table(folder: Path, change: Callable[[dict[str, dict]], Any] = lambda rows: None) -> Path:
    """The shipped table as a file of one's own, after a change of its rows by name."""
    rows = {row["name"]: dict(row) for row in ROWS}
    change(rows)
    file = folder / "mine.yaml"
    file.write_text(yaml.safe_dump(list(rows.values()), sort_keys=False), encoding="utf-8")
    return file


def told(folder: Path, change: Callable[[dict[str, dict]], Any]) -> str:
    with pytest.raises(UsageError) as caught:
        read_priors(table(folder, change))
    return str(caught.value)


def test_a_copy_is_the_shipped_table_in_any_order(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(ROWS[::-1]), encoding="utf-8")
    assert list(read_priors(file).items()) == list(read_table().items())
    assert prior_hash(read_priors(file)) == prior_hash(read_priors())


def test_a_sensible_change_is_taken(tmp_path: Path) -> None:
    changed = table(tmp_path, lambda rows: rows["overt_reply"].update(parameters=[-1.4, 0.7]))
    assert read_priors(changed)["overt_reply"].parameters == (-1.4, 0.7)


ONE = {
    "unknown": (lambda r: r["overt_reply"].update(name="overt_replay"), "is no parameter of the model – did you mean"),
    "missing": (lambda r: r.pop("overt_reply"), "overt_reply is missing"),
    "few": (lambda r: r["overt_reply"].update(parameters=[-1.4]), "holds 1 parameters – normal takes 2: mean, sd"),
    "many": (lambda r: r["overt_reply"].update(parameters=[-1.4, 0.7, 1.0]), "holds 3 parameters"),
    "negative": (lambda r: r["overt_reply"].update(parameters=[-1.4, -0.7]), "has a sd that is not positive"),
    "zero": (lambda r: r["overt_reply"].update(parameters=[-1.4, 0.0]), "has a sd that is not positive"),
    "nan": (lambda r: r["overt_reply"].update(parameters=[float("nan"), 0.7]), "is not finite"),
    "median": (lambda r: r["resolve_half_life"].update(parameters=[-2.3, 0.5]), "write the median itself"),
    "weights": (lambda r: r["resolve_share"].update(parameters=[1.0, 2.0, 0.0, 6.0]), "has a weight that is not"),
    "components": (lambda r: r["resolve_share"].update(parameters=[1.0, 2.0]), "holds 2 parameters"),
    "share": (lambda r: r["level_error"].update(parameters=[[0.05, 0.1, 1.5]]), "does not lie between 0 and 1"),
    "by element": (lambda r: r["level_error"].update(parameters=[[0.05, 0.1]]), "another number of values"),
    "family": (lambda r: r["overt_reply"].update(family="lognormal"), "lognormal is not the family of overt_reply"),
    "no family": (lambda r: r["overt_reply"].update(family="norml"), "norml is no family – did you mean normal"),
    "dims": (lambda r: r["overt_reply"].update(dims=["side"]), "write no dims"),
    "list": (lambda r: r["actor_resolve"].update(parameters=[[0.0, 1.0], 1.0]), "where one number stands"),
    "length": (lambda r: r["signal_step"].update(parameters=[[0.0, 1.0, 2.0], 1.0]), "or 2 of them: one by level"),
    "key": (lambda r: r["overt_reply"].update(sorce="me"), "is no known key – did you mean source"),
    "reason": (lambda r: r["overt_reply"].pop("reason"), "overt_reply.reason: is missing – add the key"),
    "words": (lambda r: r["overt_reply"].update(parameters="some"), "is no list of numbers"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "telling"), ONE.values(), ids=ONE.keys())
def test_a_fault_is_told_with_the_way_out(tmp_path: Path, change: Callable, telling: str) -> None:
    found = told(tmp_path, change)
    assert telling in found
    assert found.startswith(f"{tmp_path / 'mine.yaml'}: ")


def test_every_fault_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    def change(rows: dict[str, dict]) -> None:
        rows["overt_reply"].update(parameters=[-1.4, -0.7])
        rows["resolve_half_life"].update(parameters=[10.0])
        rows.pop("hit_effect")

    found = told(tmp_path, change)
    text = (tmp_path / "mine.yaml").read_text(encoding="utf-8").splitlines()
    assert "3 problems" in found
    at = text.index("- name: overt_reply")
    line = next(n for n, words in enumerate(text[at:], start=at + 1) if words.strip() == "parameters:")
    assert f"line {line}, column overt_reply.parameters" in found
    assert str(SHIPPED) in found


@pytest.mark.parametrize("raw", [b"", b"just text", b"- 1\n- 2\n", b"\xff\xfe\xff", b"a: [", b"- name: x\n  name: y\n"])
def test_what_is_no_table_is_refused(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(raw)
    with pytest.raises(UsageError, match=r"mine\.yaml"):
        read_priors(file)
    with pytest.raises(UsageError, match="nowhere"):
        read_priors(tmp_path / "nowhere.yaml")


def test_a_list_of_aliases_does_not_fill_the_memory(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(UsageError, match="values through its aliases"):
        read_priors(file)
    file.write_text("- &a [1, 1]\n" + "\n".join(f"- &b{n} [*a, *a]" for n in range(9)), encoding="utf-8")
    with pytest.raises(UsageError, match="is no row"):
        read_priors(file)


def test_lengths_are_those_of_the_model(panel) -> None:
    coords = model_coords(panel)
    assert {dim: len(coords[dim]) for dim in SIZES} == SIZES
    assert {dims[-1] for dims in DIMS.values() if dims} <= set(coords)


def test_a_run_is_refused_before_it_begins_to_compute(tmp_path: Path) -> None:
    priors = table(tmp_path, lambda rows: rows["overt_reply"].update(parameters=[-1.4, -0.7]))
    settings = Settings(priors=priors)
    start = begin(None, settings, {}, lambda *_: None)
    with pytest.raises(UsageError, match="not positive"):
        key_of(start, settings)
