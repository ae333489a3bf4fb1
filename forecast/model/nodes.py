"""What a part of the model hands over: binary choices and joint choices, each with its data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytensor.tensor as pt

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from pytensor.tensor import TensorVariable

PATTERNS = ["n00", "n10", "n01", "n11"]
RULED_OUT = -40.0  # log weight of a pattern that cannot occur


class Binary(NamedTuple):
    """A node of binary choices: logits [cell], events and trials [cell]."""

    name: str
    logit: TensorVariable
    events: np.ndarray
    trials: np.ndarray


class Joint(NamedTuple):
    """A node of joint choices of both sides: log weights [cell, 4] of neither, a only, b only, both; counts alike."""

    name: str
    weight: TensorVariable
    counts: np.ndarray


def binary(name: str, rows: pd.DataFrame, logit: TensorVariable) -> Binary:
    """A binary node from its table; the logit may be one number for all cells."""
    cells = pt.zeros(len(rows)) + logit
    return Binary(name, cells, rows["y"].to_numpy(dtype=int), rows["n"].to_numpy(dtype=int))


def joint(name: str, rows: pd.DataFrame, a: TensorVariable, b: TensorVariable, coupling: TensorVariable) -> Joint:
    """A joint node: P(x, y) proportional to exp(x * a + y * b + x * y * coupling) (autologistic; Besag 1974).

    A table without the pattern `n00` rules that pattern out: at least one side must choose it.
    """
    zero = pt.zeros_like(a)
    table = rows if "n00" in rows else rows.assign(n00=0)
    neither = zero if "n00" in rows else zero + RULED_OUT
    weight = pt.stack([neither, a, b, a + b + coupling], axis=1)
    return Joint(name, weight, table[PATTERNS].to_numpy(dtype=int))


def logit_of_hazard(exposure: TensorVariable) -> TensorVariable:
    """Logit of 1 - exp(-exposure), the chance of at least one event at a cumulated hazard."""
    return exposure + pt.log(-pt.expm1(-exposure))
