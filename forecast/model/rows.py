"""Rows of likelihood terms: one for each cell of a mask, equal rows added up."""

from __future__ import annotations

import numpy as np
import pandas as pd


def rows_of(mask: np.ndarray, **columns: np.ndarray | float) -> pd.DataFrame:
    """One row for each cell of the mask, with the columns broadcast to its shape."""
    return pd.DataFrame({name: np.broadcast_to(values, mask.shape)[mask] for name, values in columns.items()})


def numbered(first: np.ndarray, *others: np.ndarray) -> np.ndarray:
    """Number of each combination of the columns [row], in the order in which they first appear.

    Not by groupby, whose fixed cost is many times that of a small table.
    """
    group = pd.factorize(first)[0]
    for column in others:
        label, values = pd.factorize(column)
        group = pd.factorize(group * len(values) + label)[0]
    return group


def collapse(table: pd.DataFrame, counts: list[str]) -> pd.DataFrame:
    """Add up the counts of rows that are equal in everything else."""
    keys = [c for c in table.columns if c not in counts]
    if table.empty:
        return table
    if not keys:
        return table[counts].sum().to_frame().T
    group = numbered(*(table[key].to_numpy() for key in keys))
    first = np.flatnonzero(np.diff(np.maximum.accumulate(group), prepend=-1))
    out = {key: table[key].to_numpy()[first] for key in keys}
    for name in counts:
        summed = np.bincount(group, weights=table[name].to_numpy())
        out[name] = summed if table[name].dtype.kind == "f" else summed.astype(np.int64)
    return pd.DataFrame(out)
