"""Crises of ICB and ICBe as reference episodes: talks, deals and signals as told, and how heavy fighting ended."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from forecast.errors import UsageError
from forecast.record.history.shape import FIRST_DAY, NOBODY, attributes, covariates, thinned, with_nobody
from forecast.record.importers.icb import CRISIS_COLUMNS, CRISIS_FILE
from forecast.record.importers.shape import month_end
from forecast.record.importers.source import find_file, read_published, to_number
from forecast.record.importers.write import import_record
from forecast.record.panel import build_panel
from forecast.record.read import Record, read_record
from forecast.record.spells import spell_table

AGREED: Final = (1, 2)  # forout: formal and semi-formal agreement
HEAVY: Final = (3, 4)  # viol: serious clashes, full-scale war
WATCHED_WEEKS: Final = 26
TOLD_DAYS: Final = 25.0  # a number is needed where none is learned from


def read_crises(icbe: Path, icb: Path) -> tuple[Record, pd.DataFrame]:
    """Read ICBe as a record, and how each of its crises ended by ICB.

    Parameters
    ----------
    icbe, icb
        Folders with the files of ICBe 1.1 and of ICB version 15.

    Returns
    -------
    Record, DataFrame
        The record of ICBe; index episode_id with `end` (last day), `agreed` and `heavy` (bool).

    Raises
    ------
    UsageError, RecordError
        A file is missing, or is not the data set.
    """
    with tempfile.TemporaryDirectory() as folder:
        record = read_record(import_record("icbe", icbe, Path(folder) / "icbe").folder)
    file = read_published(find_file(icb, "icb1v*.csv", CRISIS_FILE), CRISIS_COLUMNS, CRISIS_FILE)
    numbers = ("crisno", "yrterm", "moterm", "daterm", "viol", "forout")
    crises = pd.DataFrame({name: to_number(file.rows, name, file.path) for name in numbers})
    day = crises["daterm"].where(crises["daterm"].between(1, 31))
    parts = pd.DataFrame({"year": crises["yrterm"], "month": crises["moterm"], "day": day.fillna(1)}).astype("Float64")
    end = pd.to_datetime(parts, errors="coerce")
    return record, pd.DataFrame(
        {
            "end": end.where(day.notna(), month_end(end)),
            "agreed": crises["forout"].isin(AGREED),
            "heavy": crises["viol"].isin(HEAVY),
        }
    ).set_index("icbe-" + crises["crisno"].astype(int).astype(str))


def agreement_panel(
    record: Record, endings: pd.DataFrame, as_of: dt.date, *, since: pd.Timestamp = FIRST_DAY
) -> xr.Dataset:
    """Build a panel of the crises that were over by a day: talks, deals and signals, and truces of heavy fighting.

    Talks and signals are those that the narrative of ICBe tells from the onset to the last act told; its force enters
    as what went before, not as outcome. A crisis without heavy fighting that ICB says to have ended by a formal or
    semi-formal agreement has a deal in the week of its end. Where there were serious clashes or full-scale war, ICB
    does not tell a cease-fire from a deal: no deals are watched there, and the ending counts as truce or silence of
    one campaign. At most `WATCHED_WEEKS` weeks of a crisis count.

    Parameters
    ----------
    record, endings
        From `read_crises`.
    as_of
        Crises that ended later are left out.
    since
        Crises that began earlier are left out.

    Raises
    ------
    UsageError
        Nothing was over by that day.
    """
    now = pd.Timestamp(as_of)
    known = record.outcomes[(record.outcomes["known_date"] <= now) & (record.outcomes["date"] <= now)]
    over = endings[endings["end"] <= now].index.intersection(pd.Index(known["episode_id"]))
    crises = record.episodes[record.episodes["episode_id"].isin(over) & (record.episodes["start"] >= since)]
    if crises.empty:
        raise UsageError(f"no crisis was over by {now.date()}; choose a later day")
    panel = build_panel(with_nobody(_with_endings(record, crises, endings), now), as_of, case=NOBODY["id"])
    rows = crises.set_index("episode_id").loc[panel["episode"].values[1:]]
    told = endings.loc[rows.index]
    for name in ("force_observed", "sub_threshold_observed"):
        panel[name].values[:] = False
    for number, (name, row) in enumerate(told.iterrows(), 1):
        watched = panel["talks_observed"].values[number] | panel["deal_observed"].values[number]
        kept = thinned(watched, WATCHED_WEEKS, str(name))
        panel["talks_observed"].values[number] &= kept
        panel["deal_observed"].values[number] &= kept & (not row["heavy"])
        panel["signal_observed"].values[number] &= kept[:, None]
    heavy = np.flatnonzero(told["heavy"]) + 1
    agreed = told["agreed"].to_numpy()
    spells = [
        {"episode": int(k), "onset": 1, "days": TOLD_DAYS, "halted": True, "truce": bool(agreed[k - 1]), "opening": 4,
         "scope": 4, "dated": False}
        for k in heavy
    ]  # fmt: skip
    panel = panel.drop_vars([str(v) for v in panel.variables if str(v).startswith("spell")]).merge(spell_table(spells))
    panel = panel.assign(covariates(rows))
    panel.attrs = attributes(now, record.config.title)
    return panel


def _with_endings(record: Record, crises: pd.DataFrame, endings: pd.DataFrame) -> Record:
    """The crises that were over, their endings by ICB."""
    outcomes = record.outcomes[record.outcomes["episode_id"].isin(crises["episode_id"])].copy()
    told = endings.loc[outcomes["episode_id"]]
    settled = np.where(told["agreed"], "negotiated_settlement", "tacit_halt")
    outcomes["ended_by"] = np.where(told["heavy"], "unknown", settled)
    outcomes["date"] = told["end"].to_numpy()
    outcomes["date"] = outcomes[["start", "date"]].max(axis=1)
    outcomes["days_of_fighting"] = outcomes["days_of_fighting"].fillna(1)
    return record.with_tables({**record.tables, "episodes": crises, "outcomes": outcomes})
