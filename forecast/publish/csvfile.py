"""Tables as CSV that read back exactly: full float digits, ISO dates, kinds of columns kept in the manifest."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from typing import Final

import pandas as pd
from pandas.api import types

_INFERRED: Final = {
    "boolean": "bool", "integer": "int", "floating": "number", "mixed-integer-float": "number", "date": "date",
    "datetime": "time", "datetime64": "time",
}  # fmt: skip


def kinds(frame: pd.DataFrame) -> dict[str, str]:
    """Kind of each column: date, time, int, number, bool or text."""
    return {str(name): kind(frame[name]) for name in frame.columns}


def kind(column: pd.Series) -> str:
    """Kind of one column, from its type and, for a mixed column, from its values."""
    if types.is_bool_dtype(column):
        return "bool"
    if types.is_integer_dtype(column):
        return "int"
    if types.is_float_dtype(column):
        return "number"
    if types.is_datetime64_any_dtype(column):
        days = column.dropna()
        return "date" if bool((days == days.dt.normalize()).all()) else "time"
    return _INFERRED.get(types.infer_dtype(column, skipna=True), "text")


def csv_text(frame: pd.DataFrame) -> str:
    """CSV of a table (RFC 4180 quoting, one line feed per row), written so that `read_table` gives it back.

    Line ends inside text become line feeds; NUL characters are left out.
    """
    written = {str(name): _written(frame[name]) for name in frame.columns}
    return pd.DataFrame(written, columns=list(written)).to_csv(index=False, lineterminator="\n")


def read_table(source: str, columns: dict[str, str]) -> pd.DataFrame:
    """Table from the CSV text `source`, with columns of the given kinds.

    Blank text is read as an empty string, blank numbers and dates as missing.

    Raises
    ------
    ValueError
        The header is not `columns`, or a value is not of its column's kind.
    """
    raw = pd.read_csv(StringIO(source), dtype=str, keep_default_na=False, na_filter=False)
    if list(raw.columns) != list(columns):
        raise ValueError(f"its columns are {list(raw.columns)}; the manifest says {list(columns)}")
    return pd.DataFrame({name: _read(raw[name], of) for name, of in columns.items()}, columns=list(columns))


def _written(column: pd.Series) -> pd.Series:
    of = kind(column)
    if of in {"date", "time"}:
        return pd.Series([_iso(value, of) for value in column], index=column.index, dtype=object)
    if of == "bool":
        return pd.Series(["" if pd.isna(x) else str(bool(x)).lower() for x in column], index=column.index, dtype=object)
    if of == "number":
        return pd.Series(["" if pd.isna(x) else repr(float(x)) for x in column], index=column.index, dtype=object)
    return pd.Series(["" if pd.isna(x) else _text(str(x)) for x in column], index=column.index, dtype=object)


def _text(text: str) -> str:
    # Readers of CSV disagree on a lone carriage return and stop at a NUL.
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def _iso(value: dt.date, of: str) -> str:
    if pd.isna(value):
        return ""
    stamp = pd.Timestamp(value)
    return stamp.date().isoformat() if of == "date" else stamp.isoformat()


def _read(column: pd.Series, of: str) -> pd.Series:
    if of == "text":
        return column
    blank = column == ""
    if of in {"date", "time"}:
        return pd.to_datetime(column.mask(blank), format="ISO8601")
    if of == "bool":
        words = {"true": True, "false": False}
        unknown = sorted(set(column[~blank]) - set(words))
        if unknown:
            raise ValueError(f"{unknown[0]!r} is neither true nor false")
        return column.map(words).astype("boolean" if blank.any() else bool)
    if of == "int":
        return column.mask(blank).astype("Int64") if blank.any() else column.astype("int64")
    return pd.Series([float("nan") if x == "" else float(x) for x in column], index=column.index, dtype=float)
