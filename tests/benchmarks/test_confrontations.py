"""Rows of M are those of its definition, and no feature of a row knows anything later than the row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up_events import made_up_events

from forecast.errors import UsageError
from forecast.evaluation.benchmarks import confrontations, contest, mie, replies, weekly


def found_in(events: pd.DataFrame, folder: Path) -> mie.Confrontations:
    file = folder / "events.csv"
    events.to_csv(file, index=False)
    return mie.read(file)


def first_task(found: mie.Confrontations) -> contest.Task:
    return confrontations.reply_task(found, confrontations.parts_of(found)[0])


@pytest.mark.slow
@pytest.mark.corpora
def test_the_rows_are_those_of_the_definition(corpora: Path):
    found = mie.read(corpora / confrontations.FILE)
    weeks = weekly.weekly_table(found)
    early = weeks["year"] <= 1989
    assert early.sum() == 60_736
    assert np.bincount(weeks["outcome"][early]).tolist() == [57_695, 104, 694, 1_709, 534]
    within_2002 = ~early & (weeks["year"] <= 2002)
    assert np.bincount(weeks["outcome"][within_2002]).tolist() == [24_963, 40, 423, 734, 46]
    attacks = replies.reply_table(found)
    early = attacks["year"] <= 1989
    assert np.bincount(attacks["outcome"][early]).tolist() == [618, 12, 91, 644, 66]
    assert attacks["confrontation"][early].nunique() == 365
    within_2002 = ~early & (attacks["year"] <= 2002)
    assert np.bincount(attacks["outcome"][within_2002]).tolist() == [251, 3, 39, 182, 12]


def test_later_events_change_no_week_before_them(tmp_path: Path):
    events = made_up_events(12)
    whole = weekly.weekly_table(found_in(events, tmp_path))
    date = pd.to_datetime({"year": events["styear"], "month": events["stmon"], "day": 15})
    compared = 0
    for number in (3, 4, 5):
        mine = events["micnum"] == number
        cut = date[mine].sort_values().iloc[mine.sum() // 2] + pd.Timedelta(days=40)
        changed = events.assign(hostlev=events["hostlev"].mask(mine & (date > cut), 5), action=events["action"])
        later = weekly.weekly_table(found_in(changed, tmp_path))
        first = date[mine].min() - pd.Timedelta(days=16)
        known = whole[(whole["confrontation"] == number) & (whole["week"] < (cut - first).days // 7 - 8)]
        same = later.merge(known[["confrontation", "side", "week"]], on=["confrontation", "side", "week"])
        names = list(weekly.features(whole))
        assert np.array_equal(known[names].to_numpy(), same[names].to_numpy())
        compared += len(known)
    assert compared > 20


def test_later_events_change_no_attack_before_them(tmp_path: Path):
    events = made_up_events(12)
    whole = replies.reply_table(found_in(events, tmp_path))
    date = pd.to_datetime({"year": events["styear"], "month": events["stmon"], "day": 15})
    cut = pd.Timestamp(1993, 1, 1)
    changed = events.assign(hostlev=events["hostlev"].mask(date > cut + pd.Timedelta(days=31), 5))
    later = replies.reply_table(found_in(changed, tmp_path))
    names = list(replies.features(whole))
    known = whole["date"] < cut
    assert known.sum() > 20
    assert np.array_equal(whole[known][names].to_numpy(), later[later["date"] < cut][names].to_numpy())


def test_a_hand_made_confrontation(tmp_path: Path):
    rows = [
        (1, 1, 5, 9, 1, 1, 1960, 7, 3, 0, 0),
        (1, 2, 9, 5, 1, 3, 1960, 16, 4, 0, 0),
        (1, 3, 5, 9, 2, 1, 1960, 17, 4, 0, 0),
    ]
    events = pd.DataFrame(rows, columns=made_up_events(1).columns)
    found = found_in(events, tmp_path)
    assert found.pairs.iloc[0][["low", "high", "last_week"]].tolist() == [5, 9, 30]
    weeks = weekly.weekly_table(found).set_index(["side", "week"])
    assert len(weeks) == 60
    assert weeks.loc[(0, 0), ["own", "opponent", "outcome"]].tolist() == [2, 3, 0]
    assert weeks.loc[(0, 3), "outcome"] == weeks.loc[(1, 3), "outcome"] == 3  # the clash is an act of both
    attack = replies.reply_table(found).iloc[0]
    assert attack[["own", "opponent", "outcome"]].tolist() == [2, 0, 3]


def test_later_confrontations_are_a_test_of_their_own(tmp_path: Path):
    events = made_up_events(40)
    found = found_in(events.assign(styear=events["styear"] + 8 * (events["micnum"] % 4 == 2)), tmp_path)
    there = confrontations.parts_of(found)
    assert [part.suffix for part in there] == ["", " after 2002", " after 2002, trained to 2002"]
    for task_of in (confrontations.reply_task, lambda *of: confrontations.weekly_task(of[0], 4, of[1])):
        tasks = [task_of(found, part) for part in there]
        year = tasks[0].table.frame["year"].to_numpy()
        ((train, test),), ((same, later),), ((more, last),) = (task.splits for task in tasks)
        assert np.array_equal(train, same)
        assert np.array_equal(later, last)
        assert np.array_equal(np.union1d(train, test), more)
        assert year[train].max() <= 1989 < year[test].min() <= year[test].max() <= 2002 < year[later].min()
    assert confrontations.parts_of(found_in(events[events["styear"] < 2000], tmp_path)) == there[:1]


def test_other_pairs_are_seen_as_if_they_were_the_main_one(tmp_path: Path):
    rows = [
        (7, 1, 5, 9, 1, 1, 1960, 7, 3, 0, 0),
        (7, 2, 9, 5, 20, 1, 1960, 16, 4, 0, 0),
        (7, 3, 9, 2, 3, 2, 1960, 16, 4, 0, 0),
        (7, 4, 2, 9, 12, 2, 1960, 15, 4, 0, 0),
    ]
    columns = ["micnum", "eventnum", "ccode1", "ccode2", "stday", "stmon", "styear", "action", "hostlev",
               "fatalmin1", "fatalmin2"]  # fmt: skip
    rest, of = mie.other_pairs(found_in(pd.DataFrame(rows, columns=pd.Index(columns)), tmp_path))
    assert of.tolist() == [7]
    assert rest.pairs[["confrontation", "low", "high"]].to_numpy().tolist() == [[0, 2, 9]]
    assert rest.pairs.iloc[0][["start", "first"]].tolist() == [pd.Timestamp(1960, 1, 1), pd.Timestamp(1960, 2, 3)]
    assert rest.events["side"].tolist() == [-1, -1, 1, 0]
    assert rest.events["week"].tolist() == [-5, -2, 0, 1]
    attack = replies.reply_table(rest).iloc[0]
    assert attack[["number", "outcome", "struck_ever"]].tolist() == [3, 3, 0.0]
    assert attack["third_30"] == pytest.approx(np.log1p(1))  # the attack of the main pair; its show is 33 days old


def test_what_all_acts_add_is_of_confrontations_that_are_not_forecast_and_were_over(tmp_path: Path):
    found = found_in(made_up_events(40), tmp_path)
    task, widen = first_task(found), replies.all_acts(found)
    added = 0
    for train, test in (task.splits[0], *task.renewals):
        own = task.table.take(train)
        wide = widen(own)
        more = wide.frame.iloc[len(train) :]
        assert not set(more["confrontation"]) & set(task.table.cluster[test])
        assert more["over"].max() <= own.frame["over"].max()
        assert more["year"].max() <= own.frame["year"].max()
        assert np.array_equal(wide.frame["confrontation"], wide.cluster)
        assert np.array_equal(wide.frame["outcome"], wide.outcome)
        assert (wide.frame[list(replies.MARKS)].iloc[: len(train)] == 1).all(axis=None)
        assert not wide.frame.duplicated(["confrontation", "number"]).any()
        weight = pd.Series(wide.weight[len(train) :]).groupby([more["confrontation"].to_numpy(), more["main"]]).sum()
        assert np.allclose(weight, 1.0)
        added += len(more)
    assert added > 100


def test_a_frailty_moves_chances_by_closed_replies_of_the_same_attacker_only():
    day = pd.to_datetime(["1991-01-01", "1991-02-01", "1991-06-01", "1991-06-02", "1991-06-01"])
    frame = pd.DataFrame(
        {"confrontation": [1, 1, 1, 1, 2], "attacker_is_low": [1.0, 1.0, 1.0, 0.0, 1.0], "date": day,
         "outcome": [3, 4, 0, 0, 3]}
    )  # fmt: skip
    chance = np.tile([0.5, 0.05, 0.05, 0.3, 0.1], (5, 1))
    moved = replies.with_frailty(frame, chance)
    assert np.allclose(moved.sum(axis=1), 1.0)
    assert np.allclose(moved[[0, 1, 3, 4]], chance[[0, 1, 3, 4]])  # nothing is closed yet, or it is of others
    wide = np.linspace(-4, 4, 80_001)  # the mode by search: two replies with force, each expected at odds 0.4 to 0.6
    odds = np.log(0.4 / 0.6)
    mode = wide[np.argmax(2 * (odds + wide - np.log1p(np.exp(odds + wide))) - 0.5 * (wide / 0.5) ** 2)]
    assert moved[2, 3] / moved[2, 0] == pytest.approx(0.6 * np.exp(mode), rel=1e-3)
    assert moved[2, 4] / moved[2, 3] == pytest.approx(1 / 3)
    later = replies.with_frailty(frame.assign(outcome=[3, 4, 4, 4, 0]), chance)
    assert np.array_equal(moved, later)


def test_renewed_fits_see_confrontations_that_were_over_before_the_year_began(tmp_path: Path):
    task = first_task(found_in(made_up_events(40), tmp_path))
    frame, (_, test) = task.table.frame, task.splits[0]
    blocks = [block for _, block in task.renewals]
    assert np.array_equal(np.sort(np.concatenate(blocks)), test)
    grown = 0
    for past, block in task.renewals:
        year = frame["date"].dt.year.to_numpy()[block]
        assert len(set(year)) == 1
        assert (frame["over"].to_numpy()[past] < np.datetime64(f"{year[0]}-01-01")).all()
        assert not set(frame["confrontation"].iloc[past]) & set(frame["confrontation"].iloc[block])
        grown += len(np.intersect1d(past, test)) > 0
    assert grown > 3


def test_an_event_without_militarised_action_is_none(tmp_path: Path):
    events = made_up_events(3)
    more = pd.concat([events, events.assign(eventnum=events["eventnum"] + 500, hostlev=1)], ignore_index=True)
    for one, other in zip(found_in(events, tmp_path), found_in(more, tmp_path), strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_a_wrong_file_is_told_where(tmp_path: Path):
    events = made_up_events(2)
    with pytest.raises(UsageError, match="lacks column hostlev"):
        found_in(events.drop(columns="hostlev"), tmp_path)
    with pytest.raises(UsageError, match=r"line 3, hostlev: found 9; right is 1 to 5"):
        found_in(events.assign(hostlev=np.where(events.index == 1, 9, events["hostlev"])), tmp_path)
    with pytest.raises(UsageError, match="cannot be read"):
        mie.read(tmp_path / "nothing.csv")
