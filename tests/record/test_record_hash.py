"""The hash says which record it is: the same for any order of rows, line endings or BOM, another for any change."""

from __future__ import annotations

from pathlib import Path

from forecast.record import read_record, record_hashes


def test_order_line_endings_and_bom_do_not_matter(small: Path):
    before = read_record(small)
    header, *rows = (small / "sides.csv").read_text(encoding="utf-8").splitlines()
    (small / "sides.csv").write_text("\r\n".join([header, *reversed(rows)]) + "\r\n", encoding="utf-8-sig", newline="")
    moves = (small / "moves.csv").read_bytes()
    (small / "moves.csv").write_bytes(moves.replace(b"\n", b"\r\n"))
    assert read_record(small).hash == before.hash
    assert record_hashes(read_record(small)) == record_hashes(before)


def test_order_of_columns_does_not_matter(small: Path):
    before = read_record(small).hash
    rows = [line.split(",") for line in (small / "preludes.csv").read_text(encoding="utf-8").splitlines()]
    (small / "preludes.csv").write_text("\n".join(",".join(reversed(row)) for row in rows) + "\n", encoding="utf-8")
    assert read_record(small).hash == before


def test_a_change_shows_in_its_table_and_in_the_whole(small: Path):
    before = record_hashes(read_record(small))
    path = small / "moves.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("A reply", "The reply"), encoding="utf-8")
    after = record_hashes(read_record(small))
    assert {name for name in before if before[name] != after[name]} == {"moves", "record"}


def test_config_is_part_of_it(small: Path):
    before = record_hashes(read_record(small))
    path = small / "record.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("reference: shipped", "reference: none"), encoding="utf-8")
    after = record_hashes(read_record(small))
    assert {name for name in before if before[name] != after[name]} == {"config", "record"}


def test_blanks_are_the_same_after_reading(small: Path):
    record = read_record(small)
    assert record.moves["sponsor"].tolist() == ["", ""]
    assert record.coverage["end"].isna().all()
    assert record.outcomes["talks_after_days"].isna().all()
    assert record.moves["summary"][0] == 'A raid, said to be "limited",\nhits two posts'
