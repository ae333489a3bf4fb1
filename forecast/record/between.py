"""What came into the moves of a case between two days, what was corrected or vanished, and records with part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from forecast.record.acts import case_moves, find_case, with_sides
from forecast.record.asof import as_of as cut
from forecast.terms import SIDES

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping
    from datetime import date

    import xarray as xr

    from forecast.record.acts import Case
    from forecast.record.read import Record

CONTENT = ("date", "actor", "target", "channel", "type", "level", "rung", "direction", "confidence")
MOST_GROUPS = 24


class Group(NamedTuple):
    """Moves that are told together: of one side and channel in the same periods of the panel, or a single one."""

    label: str
    side: str  # a, b, or empty
    channel: str
    date: date  # of the move that stands for the group
    moves: tuple[str, ...]


class Between(NamedTuple):
    """Two states of the record of a case, and what lies between them.

    `knew` holds the moves of the case as the earlier forecast had them, `has` those of the later day, both from the
    start of the panel on; `before` and `after` are the whole records.
    """

    case: Case
    before: Record
    after: Record
    knew: pd.DataFrame
    has: pd.DataFrame
    day: date  # the earlier day

    @property
    def fresh(self) -> pd.DataFrame:
        """Moves of the case that the earlier forecast did not have."""
        return self.has[~self.has["move_id"].isin(self.knew["move_id"])]

    @property
    def corrected(self) -> pd.DataFrame:
        """The moves that the earlier forecast had, as they stand on the later day."""
        return self.has[self.has["move_id"].isin(self.knew["move_id"])]

    def _elsewhere(self, record: Record) -> pd.DataFrame:
        return record.moves[~record.moves["move_id"].isin(_own(record, self.case)["move_id"])]

    def with_moves(self, moves: pd.DataFrame, *, later: bool) -> Record:
        """The earlier record, or the later one, with these moves of the case from the start of its panel on."""
        base = self.after if later else self.before
        rest = self._elsewhere(base)
        if not later:  # a correction is put in the place of what was known by then
            day = pd.Timestamp(self.day)
            moves = moves.assign(known_date=moves["known_date"].mask(moves["known_date"] > day, day))
        together = pd.concat([rest, moves[list(rest.columns)]], ignore_index=True).astype(dict(base.moves.dtypes))
        return base.with_tables({**base.tables, "moves": together})


def between(
    record: Record,
    case: str,
    before: date,
    after: date,
    listed: tuple[pd.DataFrame | None, pd.DataFrame | None] = (None, None),
) -> Between:
    """Compare the record of a case as of two days.

    Parameters
    ----------
    record
        A checked record with its reference class, not cut before `after`.
    case
        Id of the case.
    before, after
        The two days.
    listed
        Table `signals` of the forecasts that were made as of the two days: what it says of a move holds, also where the
        row was changed in place since, came in late, or is gone. Without it, what the record knew by then.
    """
    then, now = cut(record, before), cut(record, after)
    chosen = find_case(now, case)
    knew, has = _own(then, chosen), _own(now, chosen)
    together = pd.concat([knew, has]).drop_duplicates("move_id")
    knew, has = (
        own if told is None else _as_listed(own, together, told) for own, told in zip((knew, has), listed, strict=True)
    )
    return Between(chosen, then, now, knew, has, before)


def corrections(found: Between) -> list[Group]:
    """Moves whose content changed, or that are gone, in order of their dates."""
    later = found.has.set_index("move_id")
    out = []
    for row in with_sides(found.after, found.knew, found.case.episode_id).sort_values(["date", "move_id"]).itertuples():
        name = str(row.move_id)
        if name not in later.index:
            changes = "gone from the record"
        else:
            new = later.loc[name]
            pairs = {column: (_said(getattr(row, column)), _said(new[column])) for column in CONTENT}
            changes = "; ".join(f"{c} {a or 'none'} → {b or 'none'}" for c, (a, b) in pairs.items() if a != b)
        if changes:
            side = str(row.side) if row.side in SIDES else ""
            label = f"{row.actor}: {str(row.type).replace('_', ' ')} ({changes})"
            out.append(Group(label, side, str(row.channel), pd.Timestamp(str(row.date)).date(), (name,)))
    return out


def groups(found: Between, panel: xr.Dataset, most: int = MOST_GROUPS) -> list[Group]:
    """The fresh moves in groups: one for each side, channel and period, or some periods together where there are many.

    A cell of the panel holds the highest level of its period, so that the moves behind it cannot be told apart.

    Parameters
    ----------
    found
        From `between`.
    panel
        Of the later day.
    most
        How many groups there are at most; periods are joined until there are no more.
    """
    moves = with_sides(found.after, found.fresh, found.case.episode_id)
    if moves.empty:
        return []
    first = pd.Timestamp(panel["period_start"].values[0, 0])
    period = (moves["date"] - first).dt.days // int(panel.attrs["period_days"])
    keys = pd.DataFrame({
        "side": moves["side"].where(moves["side"].isin(SIDES), ""),
        "channel": moves["signal"].where(moves["signal"] != "", moves["channel"]),
        "block": period.max() - period,
    })  # fmt: skip
    while len(keys.drop_duplicates()) > most and keys["block"].max() > 0:
        keys["block"] //= 2
    out = [_group(part, str(side), str(channel)) for (side, channel, _), part in moves.groupby(
        [keys["side"], keys["channel"], keys["block"]])]  # fmt: skip
    return sorted(out, key=lambda group: (group.date, group.side, group.channel))


def without(moves: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Moves but for those with these ids."""
    return moves[~moves["move_id"].isin(list(names))]


def only(moves: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """The moves with these ids."""
    return moves[moves["move_id"].isin(list(names))]


def _own(record: Record, case: Case) -> pd.DataFrame:
    moves = case_moves(record, case)
    return moves[moves["date"] >= case.panel_start]


def _group(moves: pd.DataFrame, side: str, channel: str) -> Group:
    """One group, told by its highest move, the last of several."""
    height = moves[["rung", "level"]].astype("Float64").fillna(0.0).astype(float)
    order = np.lexsort((moves["date"].to_numpy(), height["level"], height["rung"]))
    top = moves.iloc[int(order[-1])]
    degree = f"rung {top['rung']}" if not pd.isna(top["rung"]) else f"level {top['level']}"
    rest = f" and {len(moves) - 1} more" if len(moves) > 1 else ""
    label = f"{top['actor']}: {str(top['type']).replace('_', ' ')}, {degree}{rest}"
    return Group(label, side, channel, pd.Timestamp(str(top["date"])).date(), tuple(sorted(moves["move_id"])))


def _as_listed(own: pd.DataFrame, together: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """The moves that a table `signals` lists, with what it says of them; the rest as the record has it, if it does."""
    told = {str(row["move_id"]): _values(row) for row in listed.to_dict("records")}
    known = pd.concat([own, together]).drop_duplicates("move_id")
    known = known[known["move_id"].isin(list(told))]
    episode = str(together["episode_id"].iloc[-1]) if len(together) else ""
    blank: dict[str, Any] = dict.fromkeys(own.columns, "") | {
        "episode_id": episode, "status": "active", "fatalities_low": pd.NA, "fatalities_high": pd.NA,
    }  # fmt: skip
    rows = [row | told.pop(str(row["move_id"])) for row in known.to_dict("records")]
    rows += [blank | {"move_id": name} | values for name, values in told.items()]
    return pd.DataFrame(rows, columns=list(own.columns)).astype(dict(own.dtypes))


def _values(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    """What a row of `signals` says of a move, in the types of the record."""
    dates = {name: pd.Timestamp(str(row[name])) for name in ("date", "known_date")}
    numbers = {name: pd.NA if _said(row[name]) == "" else int(float(_said(row[name]))) for name in ("level", "rung")}
    texts = {name: _said(row[name]) for name in CONTENT if name not in (*dates, *numbers)}
    return dates | numbers | texts


def _said(value: object) -> str:
    """A value of a move as text, the same for the types of the record and of a table."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float):
        return str(int(value))
    text = str(value)
    return text.removesuffix(" 00:00:00")
