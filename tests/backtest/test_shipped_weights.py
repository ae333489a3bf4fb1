"""The file of pool weights reads back as written, holds for its days only, and is refused with a reason when wrong."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecast.errors import UsageError
from forecast.evaluation.pool import INSIDE, KINDS, Entry
from forecast.evaluation.pool_file import (
    FORMAT,
    NOTHING_YET,
    SHIPPED,
    Weights,
    digest,
    document,
    read_weights,
    write_weights,
)

MEMBERS = (INSIDE, "outside view")


def entry(day: dt.date, published: str = INSIDE) -> Entry:
    weights = {"linear": np.array([0.25, 0.75]), "logarithmic": np.array([0.5, 0.9])}
    return Entry(day, 80, 20, weights, dict.fromkeys(KINDS, (0.1, 1.2)), published, "linear pool", -0.1, -0.2, -0.01)


@pytest.fixture
def weights() -> Weights:
    days = (dt.date(2020, 1, 1), dt.date(2021, 1, 1))
    return Weights("made up", {"record_hash": "ab"}, MEMBERS, (entry(days[0]), entry(days[1], "linear pool")))


def test_it_reads_back(weights: Weights, tmp_path: Path):
    file = tmp_path / "weights.json"
    write_weights(weights, file)
    found = read_weights(file)
    assert document(found) == document(weights)
    assert found.entries[1].published == "linear pool"


def test_only_what_was_learned_by_a_day_holds_on_it(weights: Weights):
    assert weights.on(dt.date(2019, 12, 31)) is None
    for day, right in ((dt.date(2020, 6, 1), 0), (dt.date(2020, 12, 31), 0), (dt.date(2021, 1, 1), 1)):
        assert weights.on(day) == weights.entries[right]


def test_the_shipped_file_is_sound():
    found = read_weights(SHIPPED)
    assert found.entries or found.note == NOTHING_YET
    assert found.on(dt.date(1900, 1, 1)) is None


def changed(key: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda data: data["entries"][1].__setitem__(key, value)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (changed("weights", {"linear": [0.5, 0.6], "logarithmic": [1, 1]}), "sum to 1.1"),
        (changed("weights", {"linear": [1.5, -0.5], "logarithmic": [1, 1]}), "from 0 up"),
        (changed("weights", {"linear": [1.0], "logarithmic": [1, 1]}), "one number"),
        (changed("recalibration", {"linear": [0, 0], "logarithmic": [0, 1]}), "slope above 0"),
        (changed("published", "the best"), "published is 'the best'"),
        (changed("day", "2019-01-01"), "not in order"),
        (changed("day", "soon"), "another kind of value"),
        (lambda data: data["entries"][0].pop("best"), "has the keys"),
        (lambda data: data.__setitem__("format", "other/1"), "format is 'other/1'"),
    ],
)
def test_faults_are_told(weights: Weights, tmp_path: Path, wrong: Callable[[dict[str, Any]], None], told: str):
    data = document(weights)
    wrong(data)
    data["digest"] = digest(data)
    file = tmp_path / "weights.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(UsageError, match=told) as caught:
        read_weights(file)
    assert "forecast study pool" in str(caught.value)


def test_a_change_by_hand_is_told(weights: Weights, tmp_path: Path):
    data = document(weights)
    data["entries"][0]["published"] = "linear pool"
    file = tmp_path / "weights.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(UsageError, match="changed by hand"):
        read_weights(file)
    file.write_text('{"format":', encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be read as JSON"):
        read_weights(file)
    assert json.loads(SHIPPED.read_text(encoding="utf-8"))["format"] == FORMAT
