"""Past crises of the shipped record as the reference class of another record."""

from __future__ import annotations

from typing import Final

import pandas as pd

from forecast.record.columns import TABLES
from forecast.record.read import Record, read_record

_OF_EPISODES: Final = ("sides", "preludes", "moves", "outcomes", "coverage")
_SHARED: Final = ("actors", "sources")


def with_reference(record: Record) -> Record:
    """Add the shipped past crises to a record that asks for them.

    Crises whose id the record uses itself, or that are between two leads who face each other in the record, are left
    out. Where both records name an actor or a source, the record's own row holds, known from the earlier of the two
    days. A crisis that belongs to a case of the shipped record only loses its ``case_id``.

    Parameters
    ----------
    record : Record
        Any record, not yet cut by :func:`forecast.record.as_of`.

    Returns
    -------
    Record
        `record` itself if its ``reference`` is ``none``.
    """
    if record.config.reference == "none":
        return record
    shipped = read_record()
    crises = _foreign_crises(record, shipped)
    ids = set(crises["episode_id"])
    added = {name: _of(shipped.tables[name], ids) for name in _OF_EPISODES}
    tables = {name: _joined(record.tables[name], rows) for name, rows in added.items()}
    known_cases = set(record.episodes["episode_id"])
    crises = crises.assign(case_id=crises["case_id"].where(crises["case_id"].isin(known_cases), ""))
    tables["episodes"] = _joined(record.episodes, crises)
    for name in _SHARED:
        tables[name] = _shared(record.tables[name], _named(shipped.tables[name], name, {**added, "episodes": crises}))
    return record.with_tables({name: tables[name] for name in TABLES})


def _foreign_crises(record: Record, shipped: Record) -> pd.DataFrame:
    own_ids = set(record.episodes["episode_id"])
    own_pairs = set(map(frozenset, zip(record.episodes["challenger"], record.episodes["target"], strict=True)))
    episodes = shipped.episodes
    pairs = zip(episodes["challenger"], episodes["target"], strict=True)
    foreign = pd.Series([frozenset(pair) not in own_pairs for pair in pairs], index=episodes.index, dtype=bool)
    return episodes[(episodes["kind"] == "crisis") & ~episodes["episode_id"].isin(own_ids) & foreign]


def _of(frame: pd.DataFrame, episodes: set[str]) -> pd.DataFrame:
    return frame[frame["episode_id"].isin(episodes)]


def _joined(own: pd.DataFrame, added: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([own, added], ignore_index=True) if len(own) else added.reset_index(drop=True)


def _named(frame: pd.DataFrame, table: str, rows: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the actors or sources of `frame` that `rows` name, with those that these name in turn."""
    names: set[str] = set()
    for name, part in rows.items():
        for column in TABLES[name].columns:
            if column.table == table and column.kind in ("ref", "refs"):
                names.update(word for cell in part[column.name].unique() for word in cell.split(";"))
    onward = next(column.name for column in TABLES[table].columns if column.table == table)
    key = TABLES[table].key[0]
    while more := set(frame.loc[frame[key].isin(names), onward]) - names - {""}:
        names |= more
    return frame[frame[key].isin(names)]


def _shared(own: pd.DataFrame, added: pd.DataFrame) -> pd.DataFrame:
    key = next(table.key[0] for table in TABLES.values() if table.names == tuple(own.columns))
    if added.empty:
        return own
    earlier = added.groupby(key)["known_date"].min()
    first = own.groupby(key)["known_date"].transform("min") == own["known_date"]
    moved = own[key].map(earlier).fillna(own["known_date"]).clip(upper=own["known_date"])
    own = own.assign(known_date=own["known_date"].mask(first, moved))
    return _joined(own, added[~added[key].isin(own[key])])
