"""The published corpora, where they are present, import whole, with the counts that are known of them."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pytest
from made_up import imported, rows_of

pytestmark = pytest.mark.corpora


@pytest.mark.slow
def test_mie(corpora: Path, tmp_path: Path):
    began = time.perf_counter()
    record, done = imported("mie", corpora / "mie", tmp_path)
    assert time.perf_counter() - began < 60
    source = pd.read_csv(corpora / "mie" / "mie-1.0.csv")
    assert len(record.episodes) == source["micnum"].nunique()
    assert rows_of(done, "assumed", "start day -9") <= (source["stday"] == -9).sum()
    mapped = sum(t.rows for t in done.tallies if t.fate == "mapped" and t.what.startswith("action"))
    assert mapped + rows_of(done, "dropped", "on one side") == len(source)
    wars = source.loc[source["hostlev"] == 5, "micnum"].nunique()
    assert (record.outcomes["outcome"] == "O6").sum() == wars
    told = record.moves[record.moves["basis"] == "dataset"]
    undirected = told["move_id"].str.endswith((".1", ".2")).sum()
    assert undirected == 2 * rows_of(done, "mapped", "no attacker")


@pytest.mark.slow
def test_icbe(corpora: Path, tmp_path: Path):
    record, done = imported("icbe", corpora / "icbe", tmp_path)
    source = pd.read_csv(corpora / "icbe" / "icbe_v1.1_events_agreed.csv", dtype=str, keep_default_na=False)
    assert (len(source), source["crisno"].nunique()) == (16440, 441)
    assert len(record.episodes) + rows_of(done, "dropped", "crises without dated") == 441
    assert rows_of(done, "dropped", "without an agreed kind") == (source["event_type"] == "").sum()
    assert rows_of(done, "dropped", "years outside") == 1
    # The content of speech would more than double the cease-fires.
    content = source[source["event_type"] == "speech"]["interact_deescalate"].str.contains("cease fire").sum()
    truces = record.moves[(record.moves["type"] == "ceasefire")]
    assert content > 100
    assert truces["summary"].str.startswith("Speech").sum() == 0
    moves = record.moves.sort_index()
    assert moves.groupby("episode_id")["date"].apply(lambda days: days.is_monotonic_increasing).all()
    missiles = record.episodes.set_index("episode_id").loc["icbe-196"]
    assert (missiles["challenger"], missiles["target"], str(missiles["start"].date())) == ("RUS", "USA", "1962-10-16")


def test_icb(corpora: Path, tmp_path: Path):
    record, done = imported("icb", corpora / "icb", tmp_path)
    source = pd.read_csv(corpora / "icb" / "icb1v15.csv", encoding="utf-8-sig")
    actors = pd.read_csv(corpora / "icb" / "icb2v15.csv", encoding="utf-8-sig")
    assert len(record.episodes) == len(source) == 442
    assert len(record.outcomes) + rows_of(done, "masked", "without a date of termination") == 442
    assert (record.outcomes["outcome"] == "O6").sum() == (source["viol"] == 4).sum()
    assert rows_of(done, "masked", "no response") <= (actors["majres"] == 1).sum()
    assert rows_of(done, "mapped", "trigger 9") == (actors["triggr"] == 9).sum()
