"""Scenarios on an archived run or a posterior: what a changed record would say, and what to watch next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from forecast.errors import ArchiveError, UsageError
from forecast.inference.fit import load_posterior
from forecast.outlook.concessions import concession_table
from forecast.outlook.counterfactual import TOTAL_PATHS, comparison
from forecast.outlook.next_moves import next_move_table
from forecast.outlook.scenarios import scenario_table
from forecast.publish.archive import kept_posterior
from forecast.publish.manifest import MANIFEST, POSTERIOR, read_manifest, what_else
from forecast.publish.scenario_figure import concession_figure, event_name, near_horizon, next_move_figure
from forecast.publish.scenario_figure import scenario_figure as changes_figure
from forecast.record.acts import find_case
from forecast.record.interventions import read_scenarios
from forecast.record.read import Record, read_record
from forecast.terms import HORIZONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr
    from matplotlib.figure import Figure

    from forecast.record.interventions import Scenario

TABLES = ("scenarios", "concessions", "next_moves")
SHOWN = ("p_strike", "p_strike_a", "p_strike_b", "p_campaign", "p_deal")


@dataclass(frozen=True)
class ScenarioResult:
    """What scenarios say: facts about the base (`meta`) and tables by name (`TABLES`; columns in docs/schema.md)."""

    meta: dict[str, Any]
    tables: dict[str, pd.DataFrame] = field(repr=False)

    def to_dataframe(self, name: str = "scenarios") -> pd.DataFrame:
        """One of the tables: scenarios, concessions (the concession curve) or next_moves.

        Raises
        ------
        UsageError
            There is no such table in this result.
        """
        if name not in self.tables:
            raise UsageError(f"no table {name!r} in this result; it holds {', '.join(self.tables)}")
        return self.tables[name]

    def wide(self, horizon_days: int | None = None) -> pd.DataFrame:
        """Scenarios by event: probability without and with, and the difference in percentage points."""
        table = self.to_dataframe()
        horizon = near_horizon(table) if horizon_days is None else horizon_days
        rows = table[(table["horizon_days"] == horizon) & table["name"].isin(SHOWN)]
        sides = {side: str(self.meta[f"side_{side}_short"]) for side in ("a", "b")}
        told = rows.assign(
            event=[event_name(name, sides) for name in rows["name"]],
            change=[_told(*row) for row in rows[["base", "probability", "difference"]].itertuples(index=False)],
        )
        return told.pivot_table(index="title", columns="event", values="change", aggfunc="first", sort=False)

    def plot(self, name: str = "scenarios", *, event: str = "p_strike", horizon_days: int | None = None) -> Figure:
        """Draw one of the tables; the horizon is that nearest to 30 days, for the concession curve to 90.

        Raises
        ------
        UsageError
            There is no such table in this result.
        """
        table = self.to_dataframe(name)
        sides = {side: str(self.meta[f"side_{side}_short"]) for side in ("a", "b")}
        if name == "concessions":
            return concession_figure(table, horizon_days=horizon_days, sides=sides)
        if name == "next_moves":
            return next_move_figure(table, event=event, horizon_days=horizon_days, sides=sides)
        return changes_figure(table, event=event, horizon_days=horizon_days)

    def save(self, folder: Path | str) -> list[Path]:
        """Write every table as CSV into a folder; return the files."""
        out = Path(folder)
        out.mkdir(parents=True, exist_ok=True)
        files = [out / f"{name}.csv" for name in self.tables]
        for file, table in zip(files, self.tables.values(), strict=True):
            table.to_csv(file, index=False, lineterminator="\n")
        return files

    def _repr_html_(self) -> str:
        title = f"<p><b>{self.meta['title']}</b>, as of {self.meta['as_of']}: "
        if "scenarios" not in self.tables or self.tables["scenarios"].empty:
            return title + f"{', '.join(self.tables) or 'no scenario'}</p>"
        horizon = near_horizon(self.tables["scenarios"])
        told = f"probability within {horizon} days, without → with the scenario (change in points)"
        return title + told + "</p>" + self.wide().to_html(border=0)


def scenario(
    base: xr.DataTree | Path | str,
    scenarios: Path | str | Sequence[Scenario] | None = None,
    *,
    record: Record | Path | str | None = None,
    concessions: bool = True,
    next_moves: bool = True,
    horizons: tuple[int, ...] = HORIZONS,
    seed: int = 1,
    total_paths: int = TOTAL_PATHS,
    progress: Callable[[str], None] = lambda _: None,
) -> ScenarioResult:
    """Compare scenarios with an archived forecast, draw its concession curve, and tell what to watch next.

    No sampling: the posterior is moved by weights, or updated. The comparison is that of the inside view.

    Parameters
    ----------
    base
        Folder of an archived run, a posterior file, or what `fit` returned.
    scenarios
        A file (`docs/scenarios.md`), a folder that holds one, or what `read_scenarios` gave; by default those of the
        record.
    record
        The record that the base was made from, or its folder; the shipped one by default.
    concessions, next_moves
        Whether to compute the concession curve and the worth of next moves; each takes some ten seconds.
    horizons
        In days.
    seed, total_paths
        Of the simulated futures.
    progress
        Called with a line of text at each stage.

    Raises
    ------
    RecordError
        A scenario breaks a rule.
    UsageError
        Nothing to do, a move that is not there, or a day outside the panel.
    ArchiveError
        The run keeps no posterior.
    """
    tree, as_of = _posterior(base)
    own = record if isinstance(record, Record) else read_record(record)
    given = (
        scenarios if scenarios is not None and not isinstance(scenarios, str | Path) else read_scenarios(scenarios, own)
    )
    if not (given or concessions or next_moves):
        raise UsageError(f"{own.path}: no scenarios.yaml, and nothing else is asked; name a file of scenarios")
    panel = tree["panel"].to_dataset()
    found = find_case(own, panel.attrs["case"])
    between = comparison(
        tree, own, as_of=as_of, horizons=horizons, seed=seed, total_paths=total_paths, progress=progress
    )
    tables = {}
    if given:
        tables["scenarios"] = scenario_table(between, given)
    if concessions:
        tables["concessions"] = concession_table(between)
    if next_moves:
        tables["next_moves"] = next_move_table(between)
    meta = {
        "case": found.episode_id, "title": found.title, "as_of": between.as_of.isoformat(),
        "side_a_short": found.short_a, "side_b_short": found.short_b,
    }  # fmt: skip
    return ScenarioResult(meta, tables)


def _posterior(base: xr.DataTree | Path | str) -> tuple[xr.DataTree, date | None]:
    """The posterior of a run; of an update that of the fit which it came from, and the as-of day of the update."""
    if not isinstance(base, str | Path):
        return base, None
    path, as_of = Path(base), None
    if (path / MANIFEST).is_file():
        meta = read_manifest(path).meta
        if meta.get("updated_from"):
            path, as_of = path.parent / str(meta["updated_from"]), date.fromisoformat(str(meta["as_of"]))
    if (path / MANIFEST).is_file():
        return load_posterior(kept_posterior(path)), as_of
    file = path / POSTERIOR if path.is_dir() else path
    if not file.is_file():
        if path.is_dir():
            raise ArchiveError(f"{path}: no {MANIFEST} and no {POSTERIOR}, {what_else(path)}")
        raise ArchiveError(f"{file}: no such file; name the folder of an archived run, or a posterior")
    return load_posterior(file), as_of


def _told(before: float, after: float, change: float) -> str:
    if pd.isna(after):
        return "–"
    sign = "+" if change > 0 else "−" if change < 0 else ""
    return f"{100 * before:.0f} → {100 * after:.0f} % ({sign}{abs(100 * change):.1f})"
