"""The codebook beside the data is what the column table says, and the word lists are complete."""

from __future__ import annotations

from pathlib import Path

from forecast.record.codebook import codebook
from forecast.record.columns import ENDINGS, TABLES, WORD_MEANINGS
from forecast.record.vocabulary import CHANNEL_MEANINGS, DIRECTION, PLOVER, RUNGS_BY_TYPE, TYPE_MEANINGS
from forecast.terms import CHANNELS, RUNGS, TYPES_BY_CHANNEL

TYPES = {kind for kinds in TYPES_BY_CHANNEL.values() for kind in kinds}


def test_the_readme_is_the_codebook(shipped_folder: Path):
    text = (shipped_folder / "README.md").read_text(encoding="utf-8")
    assert text == codebook(), "refresh it by: python -m forecast.record.codebook"


def test_every_type_has_a_meaning_a_direction_and_a_plover_root():
    assert set(TYPE_MEANINGS) == set(DIRECTION) == set(PLOVER) == TYPES
    assert set(CHANNEL_MEANINGS) == set(CHANNELS)
    assert set(RUNGS_BY_TYPE) == set(TYPES_BY_CHANNEL["force"])
    assert {rung for rungs in RUNGS_BY_TYPE.values() for rung in rungs} == set(RUNGS) - {0}


def test_the_codebook_names_every_column_word_and_rung():
    text = codebook()
    for table in TABLES.values():
        for column in table.columns:
            assert f"| `{column.name}` |" in text
            assert all(f"`{word}`" in text for word in column.words)
    for meanings in (*WORD_MEANINGS.values(), TYPE_MEANINGS, ENDINGS, {str(k): v for k, v in RUNGS.items()}):
        assert all(meaning in text for meaning in meanings.values())


def test_every_table_can_be_cut_in_time():
    for table in TABLES.values():
        assert "known_date" in table.names
        assert set(table.key) <= set(table.names)
