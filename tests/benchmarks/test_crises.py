"""Rows of I are those of its definition, and no feature knows what came later or was coded of the whole crisis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up_crises import (
    WHOLE_ACTOR,
    WHOLE_CRISIS,
    Files,
    crises_of,
    event,
    event_table,
    made_up_files,
    write_files,
)

from forecast.errors import UsageError
from forecast.evaluation.benchmarks import course, icb, onset, violence


@pytest.fixture(scope="module")
def files() -> Files:
    return made_up_files()


@pytest.fixture(scope="module")
def read(files: Files, tmp_path_factory: pytest.TempPathFactory) -> icb.Crises:
    return crises_of(files, tmp_path_factory.mktemp("crises"))


@pytest.fixture(scope="module")
def published(corpora: Path) -> icb.Crises:
    return icb.read(corpora / violence.FILE)


@pytest.mark.corpora
def test_the_crises_are_those_of_the_definition(published: icb.Crises):
    task = violence.make_task(published, "I1", violence.parts_of(published)[0])
    train, test = task.splits[0]
    assert np.bincount(task.table.outcome[train]).tolist() == [83, 75, 71, 81]
    assert np.bincount(task.table.outcome[test]).tolist() == [32, 47, 37, 16]


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("kind", "rows", "crises"), [("I2", (882, 381), (294, 127)), ("I2cal", (667, 261), (288, 122))]
)
def test_the_cuts_are_those_of_the_definition(published: icb.Crises, kind: str, rows: tuple, crises: tuple):
    task = violence.make_task(published, kind, violence.parts_of(published)[0])
    train, test = task.splits[0]
    assert (len(train), len(test)) == rows
    assert (len(np.unique(task.table.cluster[train])), len(np.unique(task.table.cluster[test]))) == crises
    assert task.table.weight[train].sum() == pytest.approx(crises[0])


@pytest.mark.corpora
def test_no_published_crisis_with_a_violent_trigger_was_without_violence(published: icb.Crises):
    violent = published.crises["break"].eq(onset.VIOLENT)
    assert violent.sum() > 150
    assert not (published.crises["outcome"][violent] == 0).any()


def whole_table(found: icb.Crises) -> pd.DataFrame:
    table = onset.onset_table(found)
    return table.set_index("crisis")[list(onset.features(table))]


def test_nothing_that_is_coded_of_the_whole_crisis_is_read(files: Files, read: icb.Crises, tmp_path: Path):
    assert {"gravcr", "timvio", "stressad", "issues", "noactr"} < set(WHOLE_CRISIS)
    assert {"gravty", "chissu", "majres", "sizedu", "comlev"} < set(WHOLE_ACTOR)
    crises = files.crises.assign(**{name: 9 - files.crises[name] for name in WHOLE_CRISIS})
    actors = files.actors.assign(**{name: 9 - files.actors[name] for name in WHOLE_ACTOR})
    changed = crises_of(files._replace(crises=crises, actors=actors), tmp_path)
    pd.testing.assert_frame_equal(whole_table(changed), whole_table(read))


def test_of_intra_war_crises_only_that_a_war_was_running_is_known(files: Files, read: icb.Crises, tmp_path: Path):
    war = files.crises["iwcmb"]
    assert {1, 2, 5} <= set(war)
    known = whole_table(read)
    begun = crises_of(files._replace(crises=files.crises.assign(iwcmb=war.replace({2: 1}))), tmp_path / "begun")
    pd.testing.assert_frame_equal(whole_table(begun), known)
    running = crises_of(files._replace(crises=files.crises.assign(iwcmb=war.replace({5: 1}))), tmp_path / "running")
    differs = whole_table(running).ne(known).any()
    assert set(differs.index[differs]) == {"setting_war_ongoing"}


def test_an_actor_that_joined_later_adds_nothing(files: Files, read: icb.Crises, tmp_path: Path):
    second = files.actors["cracno"] % 2 == 1
    changed = files.actors.assign(**{name: files.actors[name].mask(second, 3) for name in icb.ACTOR_COLUMNS[9:]})
    found = crises_of(files._replace(actors=changed.assign(triggr=changed["triggr"].mask(second, 1))), tmp_path)
    pd.testing.assert_frame_equal(whole_table(found), whole_table(read))


def test_history_is_that_of_crises_that_were_over(files: Files, read: icb.Crises, tmp_path: Path):
    known, crises = whole_table(read), read.crises
    at = crises.iloc[30]
    late = crises["crisis"][~(crises["over"] < at["trigger"])]
    assert at["crisis"] in set(late)
    outcome = files.crises["viol"].mask(files.crises["crisno"].isin(late), 5 - files.crises["viol"])
    again = whole_table(crises_of(files._replace(crises=files.crises.assign(viol=outcome)), tmp_path / "late"))
    pd.testing.assert_series_equal(again.loc[at["crisis"]], known.loc[at["crisis"]])
    early = files.crises["viol"].mask(~files.crises["crisno"].isin(late), 5 - files.crises["viol"])
    again = whole_table(crises_of(files._replace(crises=files.crises.assign(viol=early)), tmp_path / "early"))
    assert (again.loc[at["crisis"]] != known.loc[at["crisis"]]).any()


def test_a_later_crisis_changes_nothing_before_it(files: Files, read: icb.Crises, tmp_path: Path):
    kept = files.crises["crisno"] <= 30
    fewer = Files(files.crises[kept], *(part[part["crisno"] <= 30] for part in files[1:]))
    again = whole_table(crises_of(fewer, tmp_path))
    pd.testing.assert_frame_equal(again, whole_table(read).loc[again.index])


@pytest.mark.parametrize("by_share", [True, False])
def test_no_event_from_the_cut_on_is_known(files: Files, read: icb.Crises, tmp_path: Path, *, by_share: bool):
    known = course.course_table(read, by_share=by_share).set_index(["crisis", "cut"])
    events = files.events.assign(crisno=files.events["crisno"].astype(int))
    date = pd.to_datetime(events[[f"date_earliest_{part}" for part in ("year", "month", "day")]].rename(
        columns=lambda name: name.rsplit("_", 1)[1]))  # fmt: skip
    trigger = events["crisno"].map(read.crises.set_index("crisis")["trigger"])
    length = (date.groupby(events["crisno"]).transform("max") - trigger).dt.days
    cut = 0.5 * length if by_share else 30
    late = (date - trigger).dt.days >= cut
    assert late.sum() > 50
    war = events.assign(
        interact_escalate=events["interact_escalate"].mask(late, "declaration of war"),
        interact_fatalities=events["interact_fatalities"].mask(late, "thousands"),
    )
    found = course.course_table(crises_of(files._replace(events=war), tmp_path), by_share=by_share)
    again = found.set_index(["crisis", "cut"])
    early = again.index.get_level_values("cut") <= 1
    pd.testing.assert_frame_equal(again[early], known[early])
    assert (again[~early] != known[~early]).any(axis=None)


def story(days: tuple[int, ...], **last: str) -> Files:
    """One crisis whose acts fall on some days."""
    files = made_up_files(1)
    trigger = pd.Timestamp(files.crises["yrtrig"][0], files.crises["motrig"][0], files.crises["datrig"][0])
    acts = ("mobilization", "attack", "attack", "battle/clash", "exercise")
    rows = [
        event(1, trigger + pd.Timedelta(days=day), do_actor_a="Iran", do_actor_b="Iraq", interact_escalate=act)
        for day, act in zip(days, acts, strict=True)
    ]
    rows[-1] |= last
    return files._replace(events=event_table(rows))


def test_neither_length_nor_rate_shows_at_a_share_of_the_course(tmp_path: Path):
    short = course.course_table(crises_of(story((0, 2, 4, 6, 10)), tmp_path / "short"), by_share=True)
    long = course.course_table(crises_of(story((0, 4, 8, 12, 20)), tmp_path / "long"), by_share=True)
    pd.testing.assert_frame_equal(short, long)
    assert short["level_so_far"].tolist() == [3, 3, 3]
    assert np.expm1(short["course_n_force"]).round().tolist() == [1, 2, 3]


@pytest.mark.parametrize("thought", ["end of crisis", "victory", "defeat"])
def test_a_thought_of_the_end_is_no_event(tmp_path: Path, thought: str):
    seen = {"event_type": "thought", "think_actor_a": "Iraq", "thinkkind": thought}
    told = crises_of(story((0, 2, 4, 6, 10), **seen), tmp_path / "told")
    assert (told.events["date"].max() - told.crises["trigger"][0]).days == 6


def test_speech_is_the_speaker_s_and_its_content_is_no_act(tmp_path: Path):
    said = {"event_type": "speech", "say_actor_a": "Iraq", "sayintkind": "threaten", "interact_escalate": "attack"}
    whole = course.course_table(crises_of(story((0, 20, 21, 22, 3), **said), tmp_path / "said"), by_share=False)
    row = whole.iloc[0]
    assert (row["course_n_force"], row["level_so_far"]) == (0, 2)
    assert np.expm1(row["course_s_threaten"]) == pytest.approx(1)


def test_later_crises_are_a_test_of_their_own(tmp_path: Path, files: Files, read: icb.Crises):
    assert set(violence.task_names(read).values()) == set(violence.NAMES.values())
    more = crises_of(made_up_files(60, first=1950, last=2012), tmp_path)
    names = violence.task_names(more)
    assert len(names) == 9
    found = [violence.make_task(more, "I1", part) for part in violence.parts_of(more)]
    years = [[task.table.frame["year"].to_numpy()[rows] for rows in task.splits[0]] for task in found]
    assert [train.max() <= limit for (train, _), limit in zip(years, (1979, 1979, 2002), strict=True)] == [True] * 3
    assert [(test.min() > low, test.max() <= high) for (_, test), low, high in
            zip(years, (1979, 2002, 2002), (2002, 9999, 9999), strict=True)] == [(True, True)] * 3  # fmt: skip
    assert violence.facts(more)["crises"]["later"] == (more.crises["year"] > 2002).sum()


def test_a_renewal_knows_only_crises_that_were_over(read: icb.Crises):
    task = violence.make_task(read, "I2", violence.parts_of(read)[0])
    frame = task.table.frame
    for past, block in task.renewals:
        assert frame["over"].iloc[past].max() < frame["trigger"].iloc[block].min()
    assert sorted(np.concatenate([block for _, block in task.renewals])) == sorted(task.splits[0][1])


def test_wrong_files_are_told(files: Files, tmp_path: Path):
    with pytest.raises(UsageError, match=r"line 2, viol: found 7; right is 1 to 4"):
        crises_of(files._replace(crises=files.crises.assign(viol=7)), tmp_path / "a")
    with pytest.raises(UsageError, match="lacks the column break"):
        crises_of(files._replace(crises=files.crises.drop(columns="break")), tmp_path / "b")
    with pytest.raises(UsageError, match="crisis 1 has no crisis actor"):
        crises_of(files._replace(actors=files.actors[files.actors["crisno"] > 1]), tmp_path / "c")
    folder = write_files(files, tmp_path / "d")
    (folder / "icbe" / "icb_actor_qcodes.csv").unlink()
    with pytest.raises(UsageError, match="names of ICBe"):
        icb.read(folder / violence.FILE)
