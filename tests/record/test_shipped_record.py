"""The shipped record keeps every rule of the codebook, is complete, and carries its provenance."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from forecast.record import Record, check_record
from forecast.record.columns import TABLES
from forecast.record.rules import ladder_places


def test_no_problem_is_found(shipped_folder: Path):
    assert [str(problem) for problem in check_record(shipped_folder)] == []


def test_every_crisis_has_its_rows(shipped: Record):
    crises = set(shipped.episodes.query("kind == 'crisis'")["episode_id"])
    assert len(crises) == 104
    assert set(shipped.preludes["episode_id"]) == crises
    assert crises <= set(shipped.outcomes["episode_id"])
    assert set(shipped.coverage["episode_id"]) == crises | {"us-iran"}


def test_the_chronology_and_the_moves_of_crises_are_all_there(shipped: Record):
    moves = shipped.moves.drop_duplicates("move_id")
    chronology = moves[moves["episode_id"] == "us-iran"]
    added = chronology["move_id"].str.contains("war-continues")
    assert (~added).sum() == 573 + 8, "573 coded rows and 8 split off from rows that told two facts"
    coded = moves["move_id"].str.fullmatch(r".+/\d\d")
    assert coded.sum() == 390 + 1


def test_every_opening_strike_is_among_the_moves(shipped: Record):
    closed = shipped.outcomes.drop_duplicates("outcome_id")
    struck = closed[(closed["outcome_id"] == closed["episode_id"]) & closed["strike_date"].notna()]
    force = shipped.moves[shipped.moves["channel"] == "force"]
    for row in struck.itertuples():
        days = set(force.loc[force["episode_id"] == row.episode_id, "date"])
        assert row.strike_date in days, row.outcome_id


def test_rounds_of_war_have_no_silent_stretch(shipped: Record):
    force = shipped.moves.query("episode_id == 'us-iran' and channel == 'force' and rung >= 3")
    rounds = shipped.outcomes.query("outcome_id in ['us-iran/2025-06', 'us-iran/2026-02', 'us-iran/2026-07']")
    for row in rounds.drop_duplicates("outcome_id").itertuples():
        for actors in (["USA", "ISR"], ["IRN"]):
            days = force.loc[force["actor"].isin(actors) & force["date"].between(row.start, row.date), "date"]
            gaps = days.drop_duplicates().sort_values().diff().dt.days
            assert gaps.max() <= 4, (row.outcome_id, actors)


def test_places_on_the_ladder_follow_from_the_rungs(shipped: Record):
    rungs = shipped.outcomes[["max_rung_a", "max_rung_b"]].fillna(0).astype(int)
    for row, sides in zip(shipped.outcomes.itertuples(), rungs.itertuples(index=False), strict=True):
        assert row.outcome in ladder_places(*sides, deal=row.ended_by == "no_force_deal"), row.outcome_id


@pytest.mark.parametrize("table", TABLES)
def test_no_file_is_large_and_none_names_a_machine(shipped_folder: Path, table: str):
    raw = (shipped_folder / f"{table}.csv").read_bytes()
    assert len(raw) < 1_000_000
    assert not re.search(rb"/(home|Users|work|tmp|root|mnt)/|[A-Z]:\\|file://", raw)


def test_a_mirror_is_not_counted_as_a_second_source(shipped: Record):
    sources = shipped.sources.set_index("source_id")
    mirrored = sources[sources["derived_from"] != ""]
    assert len(mirrored) > 100
    assert (sources.loc[mirrored["derived_from"], "kind"] == "portal").all()


def test_each_source_is_listed_once_and_used(shipped: Record):
    urls = shipped.sources.loc[shipped.sources["kind"] != "dataset_narrative", "url"]
    repeated = urls[(urls != "") & urls.duplicated()]
    assert set(repeated) <= {url for url in urls if re.fullmatch(r"https://github\.com/[^/]+/[^/]+", url)}
    cited = {
        s
        for name in ("episodes", "moves", "outcomes")
        for cell in shipped.tables[name]["sources"]
        for s in cell.split(";")
    }
    assert set(shipped.sources["source_id"]) == cited | set(shipped.sources["derived_from"]) - {""}
