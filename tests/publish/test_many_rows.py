"""A report of a hundred thousand rows of news stays small: the newest are listed, equal marks drawn once."""

from __future__ import annotations

import pandas as pd
from made_up_forecast import example_meta, example_tables

from forecast.publish import render_report
from forecast.publish.news import LISTED, listed_signals

ROWS = 100_000
MORE_BYTES = 250_000


def test_the_page_lists_the_newest_and_says_so():
    meta, tables = example_meta(), example_tables()
    few = tables["signals"]
    many = pd.concat([few] * (ROWS // len(few) + 1), ignore_index=True)
    many["move_id"] = [f"row-{number:06d}" for number in range(len(many))]
    page = render_report(meta, tables | {"signals": many})
    assert len(page.encode()) < len(render_report(meta, tables).encode()) + MORE_BYTES
    assert f"newest first (the newest {LISTED}; all are in tables/signals.csv)" in page
    listed = listed_signals(meta, many)
    assert len(listed) == LISTED
    keys = [(str(row["date"]), row["move_id"]) for row in listed]
    assert keys == sorted(keys, reverse=True)
    assert keys[0] == max((str(date), name) for date, name in zip(many["date"], many["move_id"], strict=True))
