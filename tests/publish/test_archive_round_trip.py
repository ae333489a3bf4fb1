"""What is read from the archive is what was written, in every table and every digit."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.errors import ArchiveError
from forecast.publish import list_runs, previous_run, read_archive, read_run, run_id, write_run
from forecast.publish.csvfile import csv_text, kinds, read_table


def test_tables_and_meta_come_back(tmp_path, meta, tables) -> None:
    path = write_run(tmp_path, meta, tables, extra_files={"report.html": "<p>ü</p>", "figures/ladder.svg": b"<svg/>"})
    run = read_run(path)
    assert path == tmp_path / "us-iran" / run_id(meta)
    assert run.meta == {**meta, "run_id": path.name}
    assert (path / "report.html").read_text(encoding="utf-8") == "<p>ü</p>"
    assert set(run.tables) == set(tables)
    for name, table in tables.items():
        back = run.tables[name]
        assert list(back.columns) == list(table.columns)
        for column in table.columns:
            if pd.api.types.is_float_dtype(table[column]):
                np.testing.assert_array_equal(back[column].to_numpy(), table[column].to_numpy())
            elif isinstance(table[column].iloc[0], dt.date):
                assert list(back[column].dt.date) == list(table[column])
            else:
                assert list(back[column].astype(str)) == list(table[column].astype(str))


def test_a_table_is_read_when_it_is_asked_for_and_once(tmp_path, meta, tables) -> None:
    run = read_run(write_run(tmp_path, meta, tables))
    first, other = sorted(tables)[:2]
    assert run.tables[first] is run.tables[first]
    (run.path / "tables" / f"{other}.csv").unlink()
    assert other in run.tables
    assert "nothing" not in run.tables
    assert run.tables.get("nothing") is None
    with pytest.raises(FileNotFoundError):
        run.tables[other]


def test_forecast_csv_has_the_shape_of_the_hubverse(tmp_path, meta, tables) -> None:
    path = write_run(tmp_path, meta, tables)
    rows = pd.read_csv(path / "forecast.csv", keep_default_na=False)
    assert list(rows.columns) == [
        "reference_date", "target", "horizon", "location", "output_type", "output_type_id", "value",
    ]  # fmt: skip
    keys = ["target", "horizon", "output_type_id"]
    assert not rows.duplicated(keys).any()
    pmf = rows[rows["output_type"] == "pmf"]
    assert set(pmf["target"]) == {"ladder"}
    np.testing.assert_allclose(pmf.groupby("horizon")["value"].sum(), 1, atol=1e-12)
    assert set(rows.loc[rows["output_type"] == "mean", "output_type_id"]) == {"NA"}
    assert "question:strike-a-30" in set(rows["target"])
    spread = pd.read_csv(path / "intervals.csv", keep_default_na=False)
    assert len(spread) == 3 * len(rows)
    lower = spread[spread["output_type_id"] == "0.1"].merge(
        rows, left_on=["target", "horizon", "category"], right_on=keys
    )
    assert len(lower) == len(rows)
    assert (lower["value_x"] <= lower["value_y"] + 1e-12).all()


def test_archive_gathers_all_runs(tmp_path, meta, tables) -> None:
    write_run(tmp_path, meta, tables)
    write_run(tmp_path, {**meta, "as_of": "2026-02-20", "information_cutoff": "2026-02-19"}, tables)
    rows = read_archive(tmp_path)
    per_run = len(tables["ladder"]) + len(tables["quantities"]) + tables["questions"]["probability"].count()
    assert len(rows) == 2 * per_run
    ladder = rows[(rows["target"] == "ladder") & (rows["as_of"] == dt.date(2026, 2, 20))]
    np.testing.assert_array_equal(ladder["value"], tables["ladder"]["probability"])
    np.testing.assert_array_equal(ladder["high"], tables["ladder"]["high"])
    np.testing.assert_array_equal(ladder["mcse"], tables["ladder"]["mcse"])
    with pytest.raises(ArchiveError, match="no such folder"):
        read_archive(tmp_path / "nothing")


def test_last_forecast_is_earlier_passed_and_not_quick(tmp_path, meta, tables) -> None:
    def add(as_of: str, created: str, **changes: object) -> str:
        return write_run(tmp_path, {**meta, "as_of": as_of, "created": created, **changes}, tables).name

    now = ("2026-02-13", "2026-11-23T10:00:00+00:00")
    assert previous_run(tmp_path, "us-iran", *now) is None
    add("2026-02-13", "2026-11-23T09:00:00+00:00", quick=True)
    add("2026-02-12", "2026-11-23T09:00:00+00:00", gate_passed=False)
    add("2026-02-20", "2026-11-23T09:00:00+00:00")
    assert previous_run(tmp_path, "us-iran", *now) is None
    first = add("2026-01-31", "2026-11-23T11:00:00+00:00")
    assert previous_run(tmp_path, "us-iran", *now).path.name == first
    second = add("2026-02-13", "2026-11-23T10:59:00+01:00")
    assert previous_run(tmp_path, "us-iran", *now).path.name == second
    assert previous_run(tmp_path, "another-case", *now) is None
    runs = list_runs(tmp_path, "us-iran")
    assert len(runs) == 5
    assert list(runs["as_of"]) == sorted(runs["as_of"])
    assert runs.loc[runs["quick"] == True, "path"].iloc[0].parent.name == "quick"  # noqa: E712


def test_extra_files_may_be_copied_or_written(tmp_path, meta, tables) -> None:
    source = tmp_path / "draws.nc"
    source.write_bytes(b"\x00draws")
    extra = {"posterior.nc": source, "notes/a.txt": lambda path: path.write_text("a", encoding="utf-8")}
    run = read_run(write_run(tmp_path / "out", meta, tables, extra_files=extra))
    assert {"posterior.nc", "notes/a.txt"} <= set(run.manifest.files)
    assert (run.path / "posterior.nc").read_bytes() == b"\x00draws"


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", ".hidden", "manifest.json", "forecast.csv", ""])
def test_extra_files_stay_inside(tmp_path, meta, tables, name) -> None:
    with pytest.raises(ArchiveError, match="file"):
        write_run(tmp_path, meta, tables, extra_files={name: "x"})
    assert not list(tmp_path.rglob("manifest.json"))


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=True, allow_infinity=False),
            TEXT,
            st.none() | st.integers(-(2**53), 2**53),
            st.none() | st.dates(dt.date(1700, 1, 1), dt.date(2200, 1, 1)),
            st.booleans(),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_table_survives_csv(rows) -> None:
    table = pd.DataFrame(rows, columns=["number", "text", "count", "day", "flag"]).astype({"count": "Int64"})
    back = read_table(csv_text(table), kinds(table))
    np.testing.assert_array_equal(back["number"].to_numpy(dtype=float), table["number"].to_numpy())
    written = [row[1].replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "") for row in rows]
    assert list(back["text"]) == written
    assert [None if pd.isna(x) else int(x) for x in back["count"]] == [row[2] for row in rows]
    if any(row[3] for row in rows):
        assert [None if pd.isna(x) else x.date() for x in back["day"]] == [row[3] for row in rows]
    assert [bool(x) for x in back["flag"]] == [row[4] for row in rows]
