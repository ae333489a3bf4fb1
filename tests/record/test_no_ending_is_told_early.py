"""No row of the shipped record tells an ending before it came."""

from __future__ import annotations

import pandas as pd

from forecast.record import Record, as_of


def test_outcomes_are_known_at_their_end_or_later(shipped: Record):
    closed = shipped.outcomes[shipped.outcomes["status"] == "closed"]
    assert (closed["known_date"] >= closed["date"]).all()
    talks = closed["strike_date"] + pd.to_timedelta(closed["talks_after_days"].astype("float"), unit="D")
    assert (closed["known_date"] >= talks)[talks.notna()].all()


def test_an_open_outcome_tells_its_first_strike_only(shipped: Record):
    first = shipped.outcomes[shipped.outcomes["status"] == "open"].drop_duplicates("outcome_id")
    assert len(first) == 2
    assert (first["known_date"] == first["strike_date"]).all()
    assert first[["retaliation_rung", "days_of_fighting", "talks_after_days"]].isna().all(axis=None)


def test_the_end_of_coverage_does_not_tell_the_end_of_a_crisis(shipped: Record):
    ended = shipped.coverage[shipped.coverage["end"].notna() & (shipped.coverage["density"] == "narrative")]
    known = shipped.outcomes.groupby("episode_id")["known_date"].min()
    open_at_first = {"2021-ukraine-invasion"}
    checked = ended[~ended["episode_id"].isin(open_at_first)]
    assert (checked["known_date"] >= checked["episode_id"].map(known)).all()


def test_preludes_wait_for_the_strike_or_the_end(shipped: Record):
    first = shipped.outcomes.drop_duplicates("outcome_id").set_index("outcome_id")
    for row in shipped.preludes.itertuples():
        outcome = first.loc[row.episode_id]
        opening = outcome["strike_date"] if pd.notna(outcome["strike_date"]) else outcome["date"]
        assert row.known_date >= opening, row.episode_id


def test_on_the_eve_of_the_war_the_record_does_not_know_it(shipped: Record):
    eve = as_of(shipped, "2026-02-27")
    assert "2026-us-iran-war" not in set(eve.outcomes["episode_id"])
    assert "2026-us-iran-war" not in set(eve.preludes["episode_id"])
    row = eve.episodes.set_index("episode_id").loc["2026-us-iran-war"]
    assert row["name"] == "US-Iran, late January 2026"
    assert eve.moves["date"].max() <= pd.Timestamp("2026-02-27")


def test_names_of_episodes_do_not_tell_what_came(shipped: Record):
    telling = "invasion|war |war$|strikes?$|called.off|raid|capture|exchange|deal"
    started = shipped.outcomes.drop_duplicates("outcome_id").set_index("outcome_id")
    for row in shipped.episodes.query("kind == 'crisis'").itertuples():
        struck = started.loc[row.episode_id, "strike_date"]
        if pd.notna(struck) and struck <= row.start:
            continue
        assert not pd.Series([row.name]).str.contains(telling, case=False).any(), row.name
