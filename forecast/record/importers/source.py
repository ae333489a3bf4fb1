"""A published file as it came: its bytes hashed, its text decoded, its columns checked before anything is mapped."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd

from forecast.errors import RecordError, UsageError

_FIELD_LIMIT: Final = 10_000_000


class Published(NamedTuple):
    """One file of a published data set.

    Attributes
    ----------
    path : Path
        Where it was read from.
    sha256 : str
        Hash of its bytes.
    rows : DataFrame
        Every cell as text, blanks as ``""``; the index is the line of the file on which the row begins.
    """

    path: Path
    sha256: str
    rows: pd.DataFrame


def read_published(
    path: Path, needed: tuple[str, ...], what: str, *, sep: str = ",", names: tuple[str, ...] | None = None
) -> Published:
    """Read one file and hold it to the columns that the importer needs.

    Parameters
    ----------
    path : Path
        The file as downloaded (unpacked).
    needed : tuple of str
        Columns without which it is another file.
    what : str
        The data set and its file, for messages.
    sep : str
        Separator of the cells; with a tab, quotes are letters like any other.
    names : tuple of str, optional
        Names of the columns of a file that has no header.

    Returns
    -------
    Published
        Rows in the order of the file.

    Raises
    ------
    UsageError
        If there is no such file.
    RecordError
        If it is not UTF-8, cut off, lacks a column, or holds no row.
    """
    raw = _bytes(path, what)
    text = _decoded(raw, path)
    lines, records = _records(text, path, sep)
    if names is None:
        if not records:
            raise RecordError(f"{path}: the file is empty – it should be {what}; download it again")
        header, lines, records = tuple(records[0]), lines[1:], records[1:]
    else:
        header = names
    _check_header(header, needed, path, what)
    width = len(header)
    for line, cells in zip(lines, records, strict=True):
        if len(cells) != width:
            raise RecordError(
                f"{path} line {line}: {len(cells)} cells where {what} has {width} – "
                "the file was cut off or is another one; download it again"
            )
    if not records:
        raise RecordError(f"{path}: no row follows the header – it should be {what}; download it again")
    if not text.endswith(("\n", "\r")) and lines and _shortened(records[-1], records[:-1]):
        raise RecordError(f"{path} line {lines[-1]}: the last row breaks off – download the file again")
    rows = pd.DataFrame(records, columns=list(header), index=pd.Index(lines, name="line"), dtype="str")
    return Published(path, hashlib.sha256(raw).hexdigest(), rows)


def find_file(path: Path, pattern: str, what: str) -> Path:
    """Return `path`, or the one file that `pattern` finds where `path` is a folder.

    Raises
    ------
    UsageError
        If the folder holds no such file, or several.
    """
    if not path.is_dir():
        return path
    found = sorted(path.glob(pattern))
    if len(found) != 1:
        listed = ", ".join(file.name for file in found) or "none"
        raise UsageError(f"{path}: {what} should be one file like {pattern}; found {listed} – name the file itself")
    return found[0]


def to_number(rows: pd.DataFrame, column: str, published: Path) -> pd.Series:
    """Return a column of whole numbers; blanks are <NA>.

    Raises
    ------
    RecordError
        If a cell is no whole number; the message names its line.
    """
    cells = rows[column].str.strip()
    numbers = pd.to_numeric(cells.where(cells.ne(""), None), errors="coerce")
    wrong = (numbers.isna() & cells.ne("")) | (numbers.notna() & numbers.mod(1).ne(0))
    refuse_where(wrong, published, column, cells, "is no whole number – the file was changed or is another one")
    return numbers.astype("Int64")


def refuse_where(wrong: pd.Series, path: Path, column: str, cells: pd.Series, why: str) -> None:
    """Refuse a file for the first row in which `wrong` holds.

    Parameters
    ----------
    wrong : Series of bool
        Index: the lines of the file.
    path : Path
        The file.
    column : str
        Name of the column at fault.
    cells : Series
        The cells of that column.
    why : str
        What is wrong with the cell and the way out, to be read after it.

    Raises
    ------
    RecordError
        If any row is wrong.
    """
    at = int(wrong.to_numpy(dtype=bool).argmax()) if len(wrong) else 0
    if len(wrong) and bool(wrong.iloc[at]):
        cell = str(cells.iloc[at])
        raise RecordError(f"{path} line {wrong.index[at]}, column {column}: {cell!r} {why}")


def _bytes(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file – name {what}") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}) – name {what}") from error


def _decoded(raw: bytes, path: Path) -> str:
    if raw[:2] == b"PK":
        raise RecordError(f"{path}: the file is packed (zip) – unpack it first")
    if (at := raw.find(b"\0")) >= 0:
        raise RecordError(f"{path}: byte {at} is NUL, so this is no text – name the CSV file of the data set")
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise RecordError(
            f"{path} line {line}: byte {error.start} (0x{raw[error.start]:02x}) is not UTF-8 – "
            "save the file as UTF-8, or download it again"
        ) from None


def _records(text: str, path: Path, sep: str) -> tuple[list[int], list[list[str]]]:
    csv.field_size_limit(_FIELD_LIMIT)
    quoting = csv.QUOTE_NONE if sep == "\t" else csv.QUOTE_MINIMAL
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sep, quoting=quoting, strict=sep != "\t")
    lines, records, line = [], [], 1
    try:
        for cells in reader:
            if cells:
                lines.append(line)
                records.append(cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise RecordError(
            f"{path} line {line}: the row cannot be read from here on ({error}) – "
            "the file was cut off or changed; download it again"
        ) from None
    return lines, records


def _check_header(header: tuple[str, ...], needed: tuple[str, ...], path: Path, what: str) -> None:
    missing = [name for name in needed if name not in header]
    if missing:
        raise RecordError(
            f"{path}: lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing[:6])} – "
            f"it should be {what}; found {', '.join(header[:6])} …"
        )
    twice = sorted({name for name in needed if header.count(name) > 1})
    if twice:
        raise RecordError(f"{path}: the header names {', '.join(twice)} twice – it should be {what}")


def _shortened(last: list[str], before: list[list[str]]) -> bool:
    """Whether the last cell of a file without final line end is blank where it never was before."""
    return bool(before) and not last[-1] and all(cells[-1] for cells in before[-100:])
