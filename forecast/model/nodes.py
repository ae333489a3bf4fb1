"""The nodes of the model as data: which parameters and latents make up the log-odds of every choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

PATTERNS = ["n00", "n10", "n01", "n11"]
RULED_OUT = -40.0  # log weight of a pattern that cannot occur
NO_ERROR = 0  # class of cells that nobody coded: nothing to mistake


class Term(NamedTuple):
    """One term of a linear predictor: value * parameter[at], times a latent where `latent` is given."""

    parameter: str
    at: tuple[np.ndarray | int, ...] = ()
    value: np.ndarray | float = 1.0
    latent: np.ndarray | None = None
    kind: str = ""  # "resolve" or "credibility" where `latent` is given


class Binary(NamedTuple):
    """Binary choices: events out of trials per cell, by logit or by the log of a cumulated hazard.

    `error` is the class of coding error of each cell, 0 for none.
    """

    name: str
    terms: Sequence[Term]
    events: np.ndarray
    trials: np.ndarray
    offset: np.ndarray | float = 0.0
    error: np.ndarray | int = NO_ERROR
    link: str = "logit"


class Joint(NamedTuple):
    """Joint choices of both sides: P(x, y) proportional to exp(x * a + y * b + x * y * coupling).

    The autologistic form (Besag 1974). `counts` [cell, 4] of neither, a only, b only, both; without `neither` at least
    one side must choose it.
    """

    name: str
    a: Sequence[Term]
    b: Sequence[Term]
    coupling: str
    counts: np.ndarray
    offset: float = 0.0
    error_a: np.ndarray | int = NO_ERROR
    error_b: np.ndarray | int = NO_ERROR
    neither: bool = True


class Duration(NamedTuple):
    """Durations in days, exponential given their log hazard per day; not `ended` ones are censored."""

    name: str
    terms: Sequence[Term]
    days: np.ndarray
    ended: np.ndarray


type Node = Binary | Joint | Duration


def effect(parameter: str, value: np.ndarray | pd.Series | float = 1.0, at: Sequence | np.ndarray | int = ()) -> Term:
    """A parameter, or the entry `at` of a vector of parameters, times a covariate."""
    where = at if isinstance(at, tuple) else (at,)
    return Term(parameter, tuple(np.asarray(i) for i in where), _numbers(value))


def on_resolve(parameter: str, latent: np.ndarray, value: np.ndarray | float = 1.0, at: Sequence | int = ()) -> Term:
    """A parameter times the resolve at positions `latent` [cell]."""
    return effect(parameter, value, at)._replace(latent=np.asarray(latent, dtype=int), kind="resolve")


def on_credibility(parameter: str, latent: np.ndarray, value: np.ndarray | float = 1.0) -> Term:
    """A parameter times the credibility at positions `latent` [cell]."""
    return effect(parameter, value)._replace(latent=np.asarray(latent, dtype=int), kind="credibility")


def on_both(parameter: str, rows: pd.DataFrame) -> list[Term]:
    """A parameter times the mean resolve of the two sides, from columns latent_a and latent_b."""
    return [on_resolve(parameter, rows[f"latent_{side}"].to_numpy(), 0.5) for side in "ab"]


def binary(
    name: str,
    rows: pd.DataFrame,
    terms: Sequence[Term],
    *,
    offset: np.ndarray | float = 0.0,
    error: np.ndarray | int = NO_ERROR,
    link: str = "logit",
) -> Binary:
    """A binary node from its table, with columns y (events) and n (trials)."""
    return Binary(name, terms, rows["y"].to_numpy(dtype=int), rows["n"].to_numpy(dtype=int), offset, error, link)


def joint(name: str, rows: pd.DataFrame, a: Sequence[Term], b: Sequence[Term], coupling: str, **extra: object) -> Joint:
    """A joint node from its table; one without the column n00 rules out that neither side chooses it."""
    table = rows if "n00" in rows else rows.assign(n00=0)
    counts = table[PATTERNS].to_numpy(dtype=int)
    return Joint(name, a, b, coupling, counts, neither="n00" in rows, **extra)  # type: ignore[arg-type]


def _numbers(value: np.ndarray | pd.Series | float) -> np.ndarray:
    return np.asarray(value, dtype=float)
