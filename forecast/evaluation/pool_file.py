"""The shipped file of pool weights by cut-off: written from a back-test, checked when read, bound to what it came from.

A forecast uses the last entry whose day is not after its as-of date, and no other, so nothing that was learned later
can reach it.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from forecast.errors import UsageError
from forecast.evaluation.pool import ENTRANTS, INSIDE, KINDS, Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast.evaluation.pool import Components

FORMAT: Final = "crisis-forecast/pool/1"
SHIPPED: Final = Path(__file__).with_name("pool_weights.json")
NOTHING_YET: Final = "no weights for a pool have been learned yet"
_KEYS: Final = ("format", "note", "made_from", "members", "entries", "digest")
_ENTRY: Final = ("day", "windows", "stories", "weights", "recalibration", "published", "best", "evidence")
_HINT: Final = "write the file anew: forecast study pool BACKTEST_DIR --ship"


class Weights(NamedTuple):
    """Contents of the file: a remark, hashes of what it was made from, members, and entries in order of their day."""

    note: str
    made_from: Mapping[str, Any]
    members: tuple[str, ...]
    entries: tuple[Entry, ...]

    def on(self, day: date) -> Entry | None:
        """The entry that holds on a day; None before the first."""
        return next((entry for entry in reversed(self.entries) if entry.day <= day), None)


def document(weights: Weights) -> dict[str, Any]:
    """Return the file as JSON data, with the digest of the rest."""
    body = {
        "format": FORMAT,
        "note": weights.note,
        "made_from": dict(weights.made_from),
        "members": list(weights.members),
        "entries": [_entry(entry) for entry in weights.entries],
    }
    return body | {"digest": digest(body)}


def digest(body: Mapping[str, Any]) -> str:
    """SHA-256 of the contents but for the digest itself, as canonical JSON."""
    rest = {key: value for key, value in body.items() if key != "digest"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def components_hash(parts: Components) -> str:
    """SHA-256 of the forecasts and outcomes that weights were learned from."""
    found = hashlib.sha256(json.dumps([parts.members, parts.horizons]).encode())
    for name in ("case", "cluster", "origin", "kind"):
        found.update("\n".join(parts.rows[name].astype(str)).encode())
    for values in (parts.chances.round(12), parts.place, parts.ready.astype("U")):
        found.update(np.ascontiguousarray(values).tobytes())
    return found.hexdigest()


def write_weights(weights: Weights, path: Path = SHIPPED) -> None:
    """Write the file."""
    path.write_text(json.dumps(document(weights), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_weights(path: Path = SHIPPED) -> Weights:
    """Read the file.

    Raises
    ------
    UsageError
        It cannot be read, is of another format, was changed by hand, or holds weights that are none.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read as JSON ({error}); {_HINT}") from error
    if not isinstance(data, dict) or sorted(data) != sorted(_KEYS) or data["format"] != FORMAT:
        found = data.get("format") if isinstance(data, dict) else type(data).__name__
        raise UsageError(f"{path}: format is {found!r}; right is {FORMAT!r} with the keys {', '.join(_KEYS)}; {_HINT}")
    if data["digest"] != digest(data):
        raise UsageError(f"{path}: its digest is not that of its contents, so it was changed by hand; {_HINT}")
    members = tuple(data["members"])
    try:
        entries = tuple(_read_entry(one, members, f"{path}: entry {k}") for k, one in enumerate(data["entries"]))
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path}: an entry lacks a part or holds another kind of value ({error}); {_HINT}") from error
    days = [entry.day for entry in entries]
    if days != sorted(set(days)):
        raise UsageError(f"{path}: entries are not in order of their day, or two have the same; {_HINT}")
    return Weights(data["note"], data["made_from"], members, entries)


def _entry(entry: Entry) -> dict[str, Any]:
    told = not np.isnan(entry.difference)
    return {
        "day": entry.day.isoformat(),
        "windows": entry.windows,
        "stories": entry.stories,
        "weights": {kind: [round(float(w), 6) for w in entry.weights[kind]] for kind in KINDS},
        "recalibration": {kind: [round(value, 6) for value in entry.recalibration[kind]] for kind in KINDS},
        "published": entry.published,
        "best": entry.best,
        "evidence": [round(v, 6) for v in (entry.difference, entry.low, entry.high)] if told else [],
    }


def _read_entry(data: Mapping[str, Any], members: tuple[str, ...], where: str) -> Entry:
    if sorted(data) != sorted(_ENTRY):
        raise UsageError(f"{where}: has the keys {', '.join(sorted(data))}; right are {', '.join(_ENTRY)}; {_HINT}")
    weights = {kind: np.array(data["weights"][kind], float) for kind in KINDS}
    for kind, values in weights.items():
        if values.shape != (len(members),) or not np.isfinite(values).all() or (values < 0).any():
            raise UsageError(
                f"{where}: {kind} weights are {values.tolist()}; right is one number from 0 up for each of "
                f"{', '.join(members)}; {_HINT}"
            )
    total = weights["linear"].sum()
    if abs(total - 1) > 1e-4:
        raise UsageError(f"{where}: weights of the linear pool sum to {total:.6f}; they must sum to 1; {_HINT}")
    pairs = {kind: (float(data["recalibration"][kind][0]), float(data["recalibration"][kind][1])) for kind in KINDS}
    if not all(np.isfinite(pair).all() and pair[1] > 0 for pair in pairs.values()):
        raise UsageError(f"{where}: recalibration is {pairs}; right is a shift and a slope above 0; {_HINT}")
    if data["published"] not in (INSIDE, *ENTRANTS):
        raise UsageError(
            f"{where}: published is {data['published']!r}; right is one of {', '.join((INSIDE, *ENTRANTS))}; {_HINT}"
        )
    difference, low, high = data["evidence"] or (np.nan, np.nan, np.nan)
    day = date.fromisoformat(data["day"])
    return Entry(
        day, int(data["windows"]), int(data["stories"]), weights, pairs, data["published"], data["best"],
        float(difference), float(low), float(high),
    )  # fmt: skip
