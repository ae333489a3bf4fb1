"""All forecasts of an archive together: any of their tables as one tidy frame, their ladders as one labelled array."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd
import xarray as xr

from forecast.publish.archive import list_runs, read_run
from forecast.publish.tables import TABLES, rows_of
from forecast.terms import LADDER

FACTS: Final = ("run_id", "case", "as_of", "created", "stamp", "quick", "gate_passed")
VALUES: Final = ("probability", "low", "high", "mcse")


def archive_table(out: Path | str, name: str, case: str | None = None) -> pd.DataFrame:
    """One table of all complete runs, such as `questions` or `latents`, with the facts of each run before its columns.

    Parameters
    ----------
    out
        Folder of the archive.
    name
        Name of the table (docs/schema.md); runs without it are left out.
    case
        Only this case.

    Returns
    -------
    DataFrame
        `run_id`, `case`, `as_of`, `created`, `stamp`, `quick`, `gate_passed`, then the columns of the table; oldest
        as-of day first.

    Raises
    ------
    ArchiveError
        A file of a complete run is damaged.
    """
    parts = []
    for row in rows_of(list_runs(out, case).query("state == 'complete'")):
        tables = read_run(row["path"]).tables
        if name in tables:
            about = pd.DataFrame({fact: [row[fact]] * len(tables[name]) for fact in FACTS})
            parts.append(pd.concat([about, tables[name].reset_index(drop=True)], axis=1))
    columns = [*FACTS, *(TABLES[name].names if name in TABLES else ())]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def archive_ladders(out: Path | str, case: str) -> xr.Dataset:
    """Ladders of the forecasts of a case that passed the gate; of several as of one day the last made counts.

    Parameters
    ----------
    out
        Folder of the archive.
    case
        Id of the case.

    Returns
    -------
    Dataset
        `probability`, `low`, `high` and `mcse` with dims (as_of, horizon_days, rung), and `run_id` and `stamp` (as_of);
        missing where a forecast has not that horizon. A posterior is read by `forecast.load_posterior`.

    Raises
    ------
    ArchiveError
        A file of a complete run is damaged.
    """
    table = archive_table(out, "ladder", case)
    good = table[table["gate_passed"].astype(bool) & ~table["quick"].astype(bool)]
    last = good.drop_duplicates(["as_of", "horizon_days", "rung"], keep="last")
    last = last[last["run_id"] == last.groupby("as_of")["run_id"].transform("last")]
    keys = ["as_of", "horizon_days", "rung"]
    found = xr.Dataset.from_dataframe(last.assign(as_of=pd.to_datetime(last["as_of"])).set_index(keys)[list(VALUES)])
    runs = last.drop_duplicates("as_of")
    about = {name: ("as_of", runs[name].to_numpy(dtype=str)) for name in ("run_id", "stamp")}
    return found.reindex(rung=list(LADDER)).assign(about).assign_attrs(case=case)
