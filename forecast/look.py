"""A look at what new rows do to the ladder, seconds after they came: draws of the last fit moved, nothing archived."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from forecast.inference.fit import load_posterior
from forecast.inference.update import Updating, update_posterior
from forecast.publish.manifest import POSTERIOR
from forecast.record import Record, read_record
from forecast.stages import begin
from forecast.update import Newer, changed, fit_due, fit_to_move, glance, said, settings_of

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


class Look(NamedTuple):
    """The ladder as it would be: `ladder` (see docs/schema.md) with `before`, its probability in the fit, and facts."""

    title: str
    as_of: str
    fitted_as_of: str
    ladder: pd.DataFrame
    khat: float
    ess_draws: float
    draws: int
    seconds: float


def look(
    record: Record | Path | str | None = None,
    base: Path | str | None = None,
    newer: Newer | None = None,
    *,
    out: Path | str = "forecasts",
) -> Look:
    """Move the draws of an archived fit to the record as it stands, and read the ladder; nothing is written.

    The draws are those of `forecast update` on the same day, and the ladder is that of fewer futures. No other table
    is made and no predictive check: it is a look, not a forecast.

    Parameters
    ----------
    record, base, newer, out
        As in `update`; questions and `fit` of `newer` are left aside.

    Raises
    ------
    FitDueError
        The draws cannot be moved so far; the message says why.
    UsageError
        There is no fit to look from, or the as-of day lies before it.
    ArchiveError
        The fit is damaged, or its posterior was not kept.
    """
    began = time.perf_counter()
    chosen = Newer() if newer is None else newer
    own = record if isinstance(record, Record) else read_record(record)
    fitted = fit_to_move(own, base, chosen, out)
    settings = settings_of(fitted.meta, chosen)
    start = begin(own, settings, {}, lambda *_: None)
    tree = load_posterior(fitted.path / POSTERIOR)
    reasons = changed(fitted.meta, tree)
    if not reasons:
        tree = update_posterior(tree, start.panel, Updating(seed=settings.sampling.seed))
        reasons = said(tree).reasons
    if reasons:
        raise fit_due(fitted, start.day, reasons)
    ladder, keys = glance(tree, settings), ["horizon_days", "rung"]
    before = fitted.tables["ladder"].set_index(keys)["probability"].rename("before")
    diagnosis = said(tree)
    return Look(
        str(fitted.meta["title"]),
        start.day.isoformat(),
        str(fitted.meta["as_of"]),
        ladder.join(before, on=keys),
        diagnosis.khat,
        diagnosis.ess_draws,
        diagnosis.draws,
        time.perf_counter() - began,
    )
