"""Small made-up files in the publishers' formats: no row of a published data set is in here."""

from __future__ import annotations

import csv
from pathlib import Path

from forecast.record import Record, read_record
from forecast.record.importers import gdelt, icb, icbe, import_record, mie, polecat, ucdp
from forecast.record.importers.draft import Import

MIE_EVENT = {
    "micnum": 9001, "eventnum": 1, "ccode1": 2, "ccode2": 630, "stmon": 3, "stday": 10, "styear": 1990, "endmon": 3,
    "endday": 10, "endyear": 1990, "sidea1": 1, "action": 16, "hostlev": 4, "fatalmin1": 0, "fatalmax1": 0,
    "fatalmin2": 0, "fatalmax2": 0, "version": "mie-1.0",
}  # fmt: skip
ICBE_ROW = {
    "row_id": 1, "crisno": 901, "sentence_number_int_aligned": 1, "date_earliest_day": 10, "date_earliest_month": 3,
    "date_earliest_year": 1990, "raterconfidence": "high",
}  # fmt: skip
BEGINS = {
    "event_type": "thought", "thinkkind": "start of crisis", "think_actor_a": "Iran",
    "do_actor_a": "United States of America", "do_actor_b": "Iran", "interact_escalate": "deployment to area",
}  # fmt: skip
NAMES = "actor,gwcode,gwname,gw_wrong,qcode,trash_actor,notes\n" + "".join(
    f"{name},{code},,{wrong},,,\n"
    for name, code, wrong in (("Iran", 630, ""), ("Iraq", 645, ""), ("Israel", 666, ""), ("A Rebel Army", 645, 1))
)
ICB_CRISIS = {
    "icb1": "ICB1", "crisno": 901, "crisname": "MADE-UP WAR", "yrtrig": 1990, "motrig": 3, "datrig": 10, "yrterm": 1990,
    "moterm": 6, "daterm": 20, "viol": 3, "forout": 1, "protrac": 1, "pcid": "",
}  # fmt: skip
ICB_ACTOR = {
    "icb2": "ICB2", "crisno": 901, "cracno": 1, "cracid": 630, "triggr": 7, "yrtrig": 1990, "motrig": 3, "datrig": 10,
    "trigent": 2, "southv": 2, "majres": 8, "yerres": 1990, "monres": 3, "dayres": 14,
}  # fmt: skip
GDELT_EVENT = {
    "GlobalEventID": 1, "Day": 20200105, "Actor1CountryCode": "USA", "Actor1Type1Code": "GOV",
    "Actor2CountryCode": "IRN", "Actor2Type1Code": "GOV", "IsRootEvent": 1, "EventCode": "190", "QuadClass": 4,
    "DATEADDED": 20200106120000, "SOURCEURL": "https://example.org/a",
}  # fmt: skip
POLECAT_EVENT = {
    "Event ID": "E1", "Event Date": "2020-01-05", "Event Type": "ASSAULT", "Event Mode": "aerial",
    "Actor Country": "USA", "Primary Actor Sector": "MIL", "Recipient Country": "IRN",
    "Primary Recipient Sector": "GOV", "Publication Date": "2020-01-06", "Version": "V1",
}  # fmt: skip
GED_EVENT = {
    "id": 1, "type_of_violence": 1, "side_a": "Government of Eritrea", "side_b": "Government of Ethiopia", "gwnoa": 531,
    "gwnob": 530, "date_prec": 1, "date_start": "1998-05-06 00:00:00.000", "date_end": "1998-05-06 00:00:00.000",
    "low": 3, "best": 5, "high": 9,
}  # fmt: skip


def write_rows(file: Path, names: tuple[str, ...], rows: list[dict], *, sep: str = ",", header: bool = True) -> Path:
    """Write rows with blanks for what they leave out."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as out:
        if header:
            out.write(sep.join(names) + "\n")
        csv.DictWriter(out, names, restval="", delimiter=sep, lineterminator="\n").writerows(rows)
    return file


def mie_file(folder: Path, *changes: dict) -> Path:
    return write_rows(folder / "mie-1.0.csv", mie.COLUMNS, [MIE_EVENT | change for change in changes])


def icbe_files(folder: Path, *changes: dict) -> Path:
    """Write rows after one that begins the crisis on 10 March 1990; each keeps its place in the text."""
    rows = [ICBE_ROW | BEGINS, *(ICBE_ROW | {"row_id": n, "sentence_number_int_aligned": n} | change
                                 for n, change in enumerate(changes, 2))]  # fmt: skip
    file = write_rows(folder / "icbe_v1.1_events_agreed.csv", icbe.COLUMNS, rows)
    (folder / "icb_actor_qcodes.csv").write_text(NAMES, encoding="utf-8")
    return file.parent


def icb_files(folder: Path, crises: list[dict], actors: list[dict]) -> Path:
    for name, columns, rows in (
        ("icb1v15.csv", icb.CRISIS_COLUMNS, crises),
        ("icb2v15.csv", icb.ACTOR_COLUMNS, actors),
    ):
        file = write_rows(folder / name, columns, rows)
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())  # the publisher's files begin with a byte order mark
    return folder


def gdelt_file(folder: Path, *changes: dict) -> Path:
    rows = [GDELT_EVENT | {"GlobalEventID": n} | change for n, change in enumerate(changes, 1)]
    return write_rows(folder / "20200106120000.export.CSV", gdelt.COLUMNS, rows, sep="\t", header=False)


def polecat_file(folder: Path, *changes: dict) -> Path:
    rows = [POLECAT_EVENT | {"Event ID": f"E{n}"} | change for n, change in enumerate(changes, 1)]
    return write_rows(folder / "ngecEvents.2020.txt", (*polecat.COLUMNS, "Version"), rows, sep="\t")


def ged_file(folder: Path, *changes: dict) -> Path:
    rows = [GED_EVENT | {"id": n} | change for n, change in enumerate(changes, 1)]
    return write_rows(folder / "GEDEvent_v25_1.csv", ucdp.COLUMNS, rows)


def imported(name: str, path: Path, tmp_path: Path) -> tuple[Record, Import]:
    """Import and read back; reading holds the record to every rule."""
    done = import_record(name, path, tmp_path / "record")
    return read_record(done.folder), done


def rows_of(done: Import, fate: str, words: str) -> int | None:
    """Return the count of the one tally of that fate whose subject holds `words`."""
    found = [tally for tally in done.tallies if tally.fate == fate and words in tally.what]
    assert len(found) == 1, [tally.what for tally in done.tallies]
    return found[0].rows
