"""Forecasts of a case over time: what each archived run said, as-of day by as-of day."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pandas as pd

from forecast.errors import ArchiveError
from forecast.publish.archive import Run, list_runs, read_run
from forecast.publish.changes import OVERT
from forecast.publish.manifest import created_time, run_id
from forecast.publish.tables import TABLES, Meta, Tables, rows_of
from forecast.terms import OVERT_RUNG

SENIOR: Final = 2
LATEST: Final = 104
"""As-of days that a history goes back at most."""
HASHED_UP_TO: Final = 5_000_000
"""Files up to this size (bytes) are checked by their hash, larger ones (posteriors) by their size."""


def good_runs(out: Path | str, case: str, before: Meta | None = None) -> list[Run]:
    """Archived forecasts of a case that passed the gate, oldest first; quick and damaged runs are left out.

    Parameters
    ----------
    out, case
        Archive folder and id of the case.
    before
        Meta data of a forecast: only runs before it, by as-of day, then by creation.
    """
    runs = rows_of(list_runs(out, case))
    good = [row for row in runs if row["state"] == "complete" and row["gate_passed"] and not row["quick"]]
    if before is not None:
        now = (pd.Timestamp(str(before["as_of"])).date(), created_time(before))
        good = [row for row in good if (row["as_of"], row["created"]) < now]
    found = []
    for row in good:
        try:
            found.append(read_run(row["path"], hashed_up_to=HASHED_UP_TO))
        except ArchiveError:
            continue  # the index of the archive names damaged runs, with the reason
    return found


def history_of(out: Path | str, meta: Meta, tables: Tables) -> pd.DataFrame:
    """Table `history` of a forecast: the archived ones of its case before it, and itself as the last."""
    before = [(run.meta, run.tables) for run in good_runs(out, str(meta["case"]), meta)]
    return history_table([*before, (meta, tables)])


def history_table(forecasts: Iterable[tuple[Meta, Tables]]) -> pd.DataFrame:
    """Ladder and P(overt strike) of several forecasts; of those with the same as-of day the last one counts.

    Parameters
    ----------
    forecasts
        Meta data and tables of each, by as-of day, then by creation.

    Returns
    -------
    DataFrame
        Table `history` of `publish.tables`.
    """
    by_day = {str(meta["as_of"])[:10]: (meta, tables) for meta, tables in forecasts}
    parts = [_rows(meta, tables) for meta, tables in list(by_day.values())[-LATEST:]]
    columns = list(TABLES["history"].names)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _rows(meta: Meta, tables: Tables) -> pd.DataFrame:
    ladder = tables["ladder"].rename(columns={"rung": "name"})
    strikes = tables["quantities"][tables["quantities"]["name"] == OVERT]
    both = pd.concat([ladder, strikes[ladder.columns]], ignore_index=True)
    about = {
        "as_of": pd.Timestamp(str(meta["as_of"])).date(),
        "created": str(meta["created"]),
        "run_id": str(meta.get("run_id") or run_id(meta)),
        "stamp": str(meta["stamp"]),
    }
    return both.assign(**about)[list(TABLES["history"].names)]


def notable(signals: pd.DataFrame) -> pd.DataFrame:
    """What happened between the sides, of the rows that came in: columns `date` and `kind`, each kind once a day.

    Kinds are `overt strike` (an act of force of rung 3 or above by either side), `talks` (level 2 or above) and `deal`
    (deals of that level and cease-fires).
    """
    sided = signals[signals["side"].isin(["a", "b"])]
    level, rung = (pd.to_numeric(sided[name], errors="coerce").fillna(0) for name in ("level", "rung"))
    kinds = {
        "overt strike": (sided["channel"] == "force") & (rung >= OVERT_RUNG),
        "talks": (sided["type"] == "talks") & (level >= SENIOR),
        "deal": ((sided["type"] == "deal") & (level >= SENIOR)) | (sided["type"] == "ceasefire"),
    }
    parts = [pd.DataFrame({"date": sided.loc[chosen, "date"], "kind": kind}) for kind, chosen in kinds.items()]
    return pd.concat(parts).drop_duplicates(ignore_index=True)
