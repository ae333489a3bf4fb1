"""What moved between two archived forecasts of a case, and why: the change in parts that add up."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import date
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from forecast.errors import ArchiveError, UsageError
from forecast.evaluation.pool import INSIDE
from forecast.evaluation.sbc import model_hash
from forecast.inference.carry import priors_of
from forecast.inference.fit import load_posterior
from forecast.outlook.decomposition import NAMES, Side, decompose, frame_of
from forecast.outlook.forecast import TOTAL_PATHS
from forecast.outlook.parts import FEW_PATHS, Futures
from forecast.publish.archive import Run, previous_run, read_run
from forecast.publish.manifest import POSTERIOR, run_id
from forecast.publish.scenario_figure import near_horizon
from forecast.publish.tables import horizons_of
from forecast.publish.waterfall import waterfall_figure
from forecast.record.between import MOST_GROUPS
from forecast.record.read import Record, read_record
from forecast.record.reference import with_reference
from forecast.terms import LADDER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from matplotlib.figure import Figure

    from forecast.outlook.forecast import Forecast

WITHIN_A_RUN = 3000  # draws of each posterior, and ten futures of each, where a run compares itself with the last one
GROUPS_WITHIN_A_RUN = 12
OVERT = "O2"  # the lowest rung with an overt strike
FACTS = ("run_id", "as_of", "created", "stamp")


@dataclass(frozen=True)
class Comparison:
    """What moved between two forecasts: facts about them (`meta`), and the table `movers` (docs/schema.md)."""

    meta: dict[str, Any]
    table: pd.DataFrame = field(repr=False)

    def to_dataframe(self) -> pd.DataFrame:
        """The table `movers`: one row for each part, horizon and name."""
        return self.table

    def wide(self, horizon_days: int | None = None) -> pd.DataFrame:
        """Parts by name (rungs of the ladder, p_strike), in percentage points; the last row is the whole change.

        Parameters
        ----------
        horizon_days
            The horizon nearest to 30 days by default.
        """
        rows = at_horizon(self.table, horizon_days)
        found = 100 * rows.pivot_table(index=["part", "label"], columns="name", values="difference", sort=True)
        found = found.droplevel("part")[list(NAMES)].rename_axis(index="part", columns=None)
        return pd.concat([found, found.sum().rename("in all").to_frame().T]).rename_axis("part")

    def plot(self, *, event: str = "p_strike", horizon_days: int | None = None) -> Figure:
        """Draw the parts as a waterfall; the horizon is the one nearest to 30 days by default."""
        return waterfall_figure(self.table, event=event, horizon_days=horizon_days)

    def save(self, folder: Path | str) -> list[Path]:
        """Write the table as `movers.csv` into a folder; return the files."""
        out = Path(folder)
        out.mkdir(parents=True, exist_ok=True)
        self.table.to_csv(out / "movers.csv", index=False, lineterminator="\n")
        return [out / "movers.csv"]

    def _repr_html_(self) -> str:
        before, after = self.meta["before"]["as_of"], self.meta["after"]["as_of"]
        horizon = int(at_horizon(self.table)["horizon_days"].iloc[0])
        told = f"change within {horizon} days in percentage points, in parts that add up"
        head = f"<p><b>{escape(str(self.meta['title']))}</b>, from {before} to {after}: {told}</p>"
        return head + self.wide().to_html(border=0, float_format=lambda value: f"{value:+.1f}")


def compare(
    before: Run | Path | str,
    after: Run | Path | str,
    *,
    record: Record | Path | str | None = None,
    total_paths: int = TOTAL_PATHS,
    progress: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Split the change between two archived forecasts of a case into parts that add up to it.

    Corrected rows, the passage of time, another model or priors, the refit, and each new row; no sampling. What each
    part is, and is not: docs/how-to/what-moved-a-forecast.md. Where a posterior is missing, or is of another version of
    the model, what needs it is told as one part, with the reason.

    Parameters
    ----------
    before, after
        Two archived runs or their folders, the earlier first.
    record
        The record that they were made from, or its folder, as it is now; the shipped one by default.
    total_paths
        Futures of each forecast on the way; those on one way share their random numbers.
    progress
        Called with a line of text at each stage.

    Returns
    -------
    Comparison
        Shows itself in notebooks; `to_dataframe()`, `wide()`, `plot()`.

    Raises
    ------
    UsageError
        Different cases, the later forecast first, or no horizon in common.
    ArchiveError
        A run is damaged.
    """
    runs = [run if isinstance(run, Run) else read_run(run) for run in (before, after)]
    first, last = (run.meta for run in runs)
    if first["case"] != last["case"]:
        raise UsageError(
            f"{runs[0].path} is a forecast of {first['case']}, {runs[1].path} of {last['case']}; name two of one case"
        )
    if str(first["as_of"]) > str(last["as_of"]):
        raise UsageError(
            f"{runs[0].path} is as of {first['as_of']}, {runs[1].path} as of {last['as_of']}; name the earlier first"
        )
    own = record if isinstance(record, Record) else read_record(record)
    kept = [_kept(run) for run in runs]
    progress("posteriors read")
    table = _table(
        [(run.meta, run.tables, one) for run, one in zip(runs, kept, strict=True)], own, total_paths, progress
    )
    meta = {name: last[name] for name in ("case", "title", "side_a_short", "side_b_short") if name in last}
    return Comparison(
        meta | {what: {name: run.meta.get(name) for name in FACTS} | {"run_id": run.path.name}
                for what, run in zip(("before", "after"), runs, strict=True)}, table,
    )  # fmt: skip


def movers_since_last(
    forecast: Forecast,
    tree: xr.DataTree,
    record: Record,
    out: Path | str,
    *,
    base: xr.DataTree | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Forecast:
    """A forecast with the table `movers` against the last archived one of its case, where there is one.

    A quick forecast, or one that did not pass the gate, comes back as it is.

    Parameters
    ----------
    forecast, tree
        The forecast, with the facts of its run, and its posterior.
    record
        The record, not cut.
    out
        Folder of the archive.
    base
        The fit that an update came from.
    progress
        Called with a line of text at each stage.
    """
    began, meta = time.perf_counter(), forecast.meta
    if meta["quick"] or not forecast.passed:
        return forecast
    last = previous_run(out, meta["case"], meta["as_of"], meta["created"])
    if last is None or not set(horizons_of(last.tables["ladder"])) & set(horizons_of(forecast.ladder)):
        return forecast
    now = _Kept(_thinned(tree), _thinned(tree if base is None else base), "")
    then = _kept(last)
    if then.tree is not None and then.base is not None:
        then = _Kept(_thinned(then.tree), _thinned(then.base), "")
    given = [(last.meta, last.tables, then), (meta, forecast.tables, now)]
    table = _table(given, record, FEW_PATHS // 2, progress, most=GROUPS_WITHIN_A_RUN)
    about = {
        "movers_since": str(last.meta.get("run_id") or run_id(last.meta)),
        "wall_seconds": meta.get("wall_seconds", {}) | {"compare": round(time.perf_counter() - began, 2)},
    }
    return replace(forecast, meta=meta | about, tables=forecast.tables | {"movers": table})


def at_horizon(table: pd.DataFrame, horizon_days: int | None = None) -> pd.DataFrame:
    """Rows of `movers` at a horizon, the one nearest to 30 days by default."""
    chosen = near_horizon(table) if horizon_days is None else horizon_days
    return table[table["horizon_days"] == chosen]


class _Kept(NamedTuple):
    """What is left of the posterior of a run: its draws, the fit that they came from, or why there are none."""

    tree: xr.DataTree | None
    base: xr.DataTree | None
    reason: str


def _kept(run: Run) -> _Kept:
    source = run.meta.get("updated_from")
    fit = run.path.parent / str(source) if source else run.path
    for path in (run.path, fit):
        if not (path / POSTERIOR).exists():
            return _Kept(None, None, f"its posterior is not kept ({path.name})")
    try:
        tree = load_posterior(run.path / POSTERIOR)
        base = load_posterior(fit / POSTERIOR) if source else tree
    except ArchiveError:
        return _Kept(None, None, f"its posterior cannot be read ({run.path.name})")
    other = _Kept(None, None, "its posterior is of another model version")
    try:
        own = model_hash(priors_of(tree))
    except (KeyError, TypeError, ValueError):  # priors were written otherwise
        return other
    if run.meta.get("model_hash") != own:
        return other
    return _Kept(tree, base, "")


def _table(
    given: list[tuple[Mapping[str, Any], Mapping[str, pd.DataFrame], _Kept]],
    record: Record,
    total: int,
    progress: Callable[[str], None],
    *,
    most: int = MOST_GROUPS,
) -> pd.DataFrame:
    """The table `movers` of two forecasts, each by its meta data, its tables and its posterior."""
    common = set.intersection(*({*horizons_of(tables["ladder"])} for _, tables, _ in given))
    if not common:
        raise UsageError("the two forecasts have no horizon in common; compare forecasts that do")
    earlier, later = (_side(meta, tables, kept, tuple(sorted(common)), total) for meta, tables, kept in given)
    parts = decompose(earlier, later, with_reference(record), str(given[1][0]["case"]), progress, most=most)
    return frame_of(parts, earlier, later)


def _side(
    meta: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], kept: _Kept, horizons: tuple[int, ...], total: int
) -> Side:
    strikes = tables["quantities"][tables["quantities"]["name"] == NAMES[-1]].set_index("horizon_days")
    ladder = _wide(tables["ladder"], strikes["probability"], horizons)
    inside = ladder
    if meta.get("published", INSIDE) != INSIDE and "baselines" in tables:
        own = tables["baselines"][tables["baselines"]["candidate"] == INSIDE]
        overt = own[own["rung"] >= OVERT].groupby("horizon_days")["probability"].sum()
        inside = _wide(own, overt, horizons)
    return Side(
        day=date.fromisoformat(str(meta["as_of"])[:10]),
        ladder=ladder,
        error=_wide(tables["ladder"], strikes["mcse"], horizons, "mcse"),
        inside=inside,
        listed=tables.get("signals"),
        ahead=Futures(horizons, int(meta["seed"]), total),
        period_days=int(meta["period_days"]),
        settings={"priors": str(meta.get("prior_hash")), "period length": str(meta["period_days"])},
        code=str(meta.get("code_hash")),
        tree=kept.tree,
        base=kept.base,
        reason=kept.reason,
    )


def _wide(
    table: pd.DataFrame, strikes: pd.Series, horizons: tuple[int, ...], column: str = "probability"
) -> np.ndarray:
    """Rungs, and last an overt strike, by horizon [horizon, name]."""
    rungs = table.pivot_table(index="horizon_days", columns="rung", values=column).loc[list(horizons), list(LADDER)]
    return np.column_stack([rungs.to_numpy(dtype=float), strikes.reindex(list(horizons)).to_numpy(dtype=float)])


def _thinned(tree: xr.DataTree) -> xr.DataTree:
    """Evenly spaced draws of each chain, about as many as `WITHIN_A_RUN` in all."""
    sizes = tree["posterior"].sizes
    every = max(sizes["chain"] * sizes["draw"] // WITHIN_A_RUN, 1)
    if every == 1:
        return tree
    groups = {name: tree[name].to_dataset() for name in ("posterior", "sample_stats", "panel")}
    groups |= {name: groups[name].isel(draw=slice(None, None, every)) for name in ("posterior", "sample_stats")}
    out = xr.DataTree.from_dict(groups)
    out.attrs = tree.attrs
    return out
