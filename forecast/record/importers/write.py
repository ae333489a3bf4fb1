"""One import from the file to a finished record folder: whole or not at all, with its provenance and report."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Final

import pandas as pd
import yaml

from forecast.errors import RecordError, UsageError
from forecast.record.check import check_record
from forecast.record.columns import TABLES
from forecast.record.config import CONFIG_FILE
from forecast.record.importers.draft import Draft, Import
from forecast.record.importers.report import REPORT_FILE, episode_weights, report_json, report_text
from forecast.record.importers.shape import as_tables
from forecast.record.problem import nearest
from forecast.record.schema import Column

IMPORTERS: Final = ("icbe", "icb", "mie", "gdelt", "polecat", "ucdp")
_SHOWN: Final = 10


def import_record(name: str, path: Path | str, out: Path | str) -> Import:
    """Write a published data set as a record: the tables that `check_record` accepts, provenance, and a report.

    Parameters
    ----------
    name : {"icbe", "icb", "mie", "gdelt", "polecat", "ucdp"}
        Which data set.
    path : path-like
        The publisher's file, or the folder that holds its files.
    out : path-like
        A new or empty folder. It appears only when everything is written and checked.

    Returns
    -------
    Import
        The folder, the size of each table, and what was mapped, masked, dropped and assumed.

    Raises
    ------
    UsageError
        Unknown name, no such file, or a folder in use.
    RecordError
        The file is not the data set, is cut off, or is not UTF-8; nothing is written then.
    """
    if name not in IMPORTERS:
        raise UsageError(f"{name!r} is no data set that can be imported – {nearest(name, IMPORTERS)}")
    folder = Path(out)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is in use – name a new folder; nothing was written")
    draft: Draft = import_module(f"forecast.record.importers.{name}").read(Path(path))
    if draft.acts.empty or draft.episodes.empty:
        raise RecordError(f"{path}: no row of it can be told in the words of the record – is it the whole file?")
    tables = as_tables(draft)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise UsageError(f"{folder} cannot be written ({error.strerror}) – name another folder") from error
    with ExitStack() as undone:
        undone.callback(shutil.rmtree, work, ignore_errors=True)
        _write(work, draft, tables)
        _hold_to_the_rules(work, path)
        work.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        work.rename(folder)
        undone.pop_all()  # whole: nothing is left to remove
    return Import(folder, {table: len(frame) for table, frame in tables.items()}, draft.tallies)


def _write(work: Path, draft: Draft, tables: dict[str, pd.DataFrame]) -> None:
    for name, table in TABLES.items():
        cells = [_cells(tables[name][column.name], column) for column in table.columns]
        with (work / table.file).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(table.names)
            writer.writerows(zip(*cells, strict=True))
    config = yaml.safe_dump(_config(draft, tables), allow_unicode=True, sort_keys=False, width=110)
    (work / CONFIG_FILE).write_text("# Written by `forecast import`.\n" + config, encoding="utf-8")
    weights = episode_weights(tables)
    weights.to_csv(work / "import-weights.csv", index=False, lineterminator="\n")
    (work / f"{REPORT_FILE}.md").write_text(report_text(draft, tables), encoding="utf-8")
    document = json.dumps(report_json(draft, tables), indent=1, ensure_ascii=False)
    (work / f"{REPORT_FILE}.json").write_text(document + "\n", encoding="utf-8")


def _hold_to_the_rules(work: Path, path: Path | str) -> None:
    problems = check_record(work)
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems[:_SHOWN])
        raise RecordError(
            f"{path}: the record made from it breaks {len(problems)} rules; nothing was written – "
            f"the file may be of another version\n{listed}",
            problems,
        )


def _config(draft: Draft, tables: dict[str, pd.DataFrame]) -> dict[str, object]:
    last = max(frame["known_date"].max() for frame in tables.values() if len(frame))
    names = dict(zip(tables["actors"]["actor_id"], tables["actors"]["name"], strict=True))
    rows = tables["episodes"].set_index("episode_id")
    cases = []
    for case in draft.cases:
        row = rows.loc[case]
        sides = {
            f"side_{side}": {"name": names[row[column]], "short": row[column]}
            for side, column in (("a", "challenger"), ("b", "target"))
        }
        cases.append({"id": case, "title": row["name"], **sides, "panel_start": row["start"].date()})
    title = f"{draft.data_set.title}, version {draft.data_set.version}"
    return {"title": title, "reference": draft.reference, "covered_until": last.date(), "cases": cases}


def _cells(values: pd.Series, column: Column) -> list[str]:
    if column.kind == "date":
        return [day if isinstance(day, str) else "" for day in pd.to_datetime(values).dt.strftime("%Y-%m-%d")]
    if column.kind == "int":
        return [str(number) for number in values.astype("Int64").to_numpy(dtype=object, na_value="")]
    return ["" if text is None or text != text else str(text) for text in values]
