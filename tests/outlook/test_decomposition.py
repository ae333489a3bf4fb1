"""The parts of a change add up to it: corrected rows, time, new rows and what is left, each by its name."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from full_record import full_record
from hand_made import CASE
from prior_trees import drawn, tree_of

from forecast.inference.reweight import Weights
from forecast.inference.update import update_posterior
from forecast.outlook import parts as module
from forecast.outlook.decomposition import CORRECTED, MODEL, NAMES, NEW, REFIT, TIME, UNSPLIT, Side, decompose, frame_of
from forecast.outlook.explain import signal_table
from forecast.outlook.parts import Futures, State, batch_error
from forecast.record import Record, as_of
from forecast.record.between import between
from forecast.record.panel import build_panel

EARLY, LATE = dt.date(2024, 5, 10), dt.date(2024, 5, 31)
ULTIMATUM, ALERT = "2024-05-14-aaa-bbb-ultimatum", "2024-05-15-bbb-aaa-alert"
AHEAD = Futures((30, 90), seed=3, total=2000)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return full_record(tmp_path_factory.mktemp("decomposed") / "record", reference="none")


@pytest.fixture(scope="module")
def early(record: Record) -> xr.DataTree:
    panel = build_panel(record, EARLY)
    return tree_of(drawn(panel, draws=80, seed=2), panel)


@pytest.fixture(scope="module")
def late(record: Record) -> xr.DataTree:
    panel = build_panel(record, LATE)
    return tree_of(drawn(panel, draws=80, seed=7), panel)


@pytest.fixture(autouse=True)
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eighty draws of a prior are no posterior."""
    monkeypatch.setattr(Weights, "trusted", property(lambda self: True))
    monkeypatch.setattr(module, "KHAT", np.inf)
    monkeypatch.setattr(module, "LEAST_PARTICLES", 0.0)


def side(tree: xr.DataTree, listed: pd.DataFrame, *, base: xr.DataTree | None = None, **more: object) -> Side:
    shares = State(tree, AHEAD).shares
    ladder, day = shares.mean(axis=0), dt.date.fromisoformat(tree["panel"].attrs["as_of"])
    error = shares.std(axis=0) / np.sqrt(len(shares))
    made = Side(day, ladder, error, ladder, listed, AHEAD, 7, {"priors": "these"}, "code", tree, base or tree)
    return made._replace(**more)


def listed(record: Record, day: dt.date) -> pd.DataFrame:
    return signal_table(as_of(record, day), CASE, dt.date(2024, 1, 1))


def total(parts: list) -> np.ndarray:
    return np.sum([part.effect.difference for part in parts], axis=0)


def test_parts_add_up_to_the_change_at_every_rung_and_horizon(record: Record, early: xr.DataTree, late: xr.DataTree):
    one, other = side(early, listed(record, EARLY)), side(late, listed(record, LATE))
    parts = decompose(one, other, record, CASE)
    np.testing.assert_allclose(total(parts), other.ladder - one.ladder, atol=1e-12)
    assert [part.kind for part in parts] == [TIME, REFIT, NEW, NEW, NEW, "interplay"]
    new = [part for part in parts if part.kind == NEW]
    assert [part.moves for part in new] == [(ULTIMATUM,), (ALERT,), ()]
    assert new[-1].label.startswith("Crises"), "a crisis of the case breaks out in between"
    assert "21 days" in parts[0].label
    for part in parts:
        rungs = part.effect.difference[:, :-1]
        np.testing.assert_allclose(rungs.sum(axis=1), 0.0, atol=1e-12)  # what one rung gains the others lose
        assert np.all(part.effect.mcse >= 0)
    assert max(np.abs(part.effect.difference).max() for part in parts if part.kind == NEW) > 0
    table = frame_of(parts, one, other)
    whole = table.groupby(["horizon_days", "name"])["difference"].sum()
    ends = table.drop_duplicates(["horizon_days", "name"]).set_index(["horizon_days", "name"])
    np.testing.assert_allclose(whole, (ends["now"] - ends["before"]).reindex(whole.index), atol=1e-12)
    assert set(table["name"]) == set(NAMES)


def test_equal_forecasts_give_nothing_but_zeros(record: Record, late: xr.DataTree):
    same = side(late, listed(record, LATE))
    parts = decompose(same, same, record, CASE)
    assert {part.kind for part in parts} == {TIME, REFIT}
    assert not total(parts).any()
    assert not any(part.effect.difference.any() or part.effect.mcse[:, :0].any() for part in parts)


def test_time_alone_is_time_and_nothing_else(record: Record, early: xr.DataTree):
    later_day = EARLY - dt.timedelta(days=7), EARLY
    quiet = build_panel(record, later_day[0])
    before = tree_of(drawn(quiet, draws=80, seed=4), quiet)
    after = update_posterior(before, build_panel(record, EARLY))
    one, other = side(before, listed(record, later_day[0])), side(after, listed(record, EARLY), base=before)
    parts = decompose(one, other, record, CASE)
    assert [part.kind for part in parts] == [TIME, REFIT]
    np.testing.assert_allclose(parts[0].effect.difference, other.ladder - one.ladder, atol=1e-12)
    assert np.abs(parts[0].effect.difference).max() > 0
    np.testing.assert_allclose(parts[1].effect.difference, 0.0, atol=1e-12)


def test_a_row_that_vanished_or_changed_is_a_corrected_row(record: Record, late: xr.DataTree):
    now = listed(record, LATE)
    then = pd.concat([now, now[now["move_id"] == ALERT].assign(move_id="gone", date=dt.date(2024, 5, 22), level=3)])
    then.loc[then["move_id"] == ULTIMATUM, "level"] = 1
    found = between(record, CASE, LATE, LATE, (then, now))
    panel = build_panel(found.with_moves(found.knew, later=False), LATE)
    one = side(tree_of(drawn(panel, draws=80, seed=7), panel), then)
    parts = decompose(one, side(late, now), record, CASE)
    corrected = [part for part in parts if part.kind == CORRECTED]
    assert [part.moves for part in corrected if part.moves] == [(ULTIMATUM,), ("gone",)]
    assert [part.label for part in corrected][:2] == [
        "AAA: ultimatum (level 1 → 3)", "BBB: alert (gone from the record)",
    ]  # fmt: skip
    assert all(np.abs(part.effect.difference).max() > 0 for part in corrected[:2])
    assert not any(part.kind == NEW for part in parts)
    assert not next(part for part in parts if part.kind == TIME).effect.difference.any()


def test_what_cannot_be_told_apart_is_one_part_with_the_reason(record: Record, early: xr.DataTree, late: xr.DataTree):
    one, other = side(early, listed(record, EARLY)), side(late, listed(record, LATE))
    gone = {"tree": None, "base": None, "reason": "its posterior is not kept (RUN)"}
    cases = {
        "earlier": (one._replace(**gone), other, {UNSPLIT, NEW, "interplay"}, "time and corrected rows, refit"),
        "later": (one, other._replace(**gone), {TIME, UNSPLIT}, "new rows, refit"),
        "both": (one._replace(**gone), other._replace(**gone), {UNSPLIT}, "time and corrected rows, new rows, refit"),
    }
    for first, last, kinds, label in cases.values():
        parts = decompose(first, last, record, CASE)
        assert {part.kind for part in parts} == kinds
        rest = next(part for part in parts if part.kind == UNSPLIT)
        assert rest.label == f"Not told apart: {label}"
        assert "its posterior is not kept (RUN)" in rest.note
        np.testing.assert_allclose(total(parts), other.ladder - one.ladder, atol=1e-12)


def test_weights_that_are_not_to_be_trusted_split_nothing(
    record: Record, early: xr.DataTree, late: xr.DataTree, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "KHAT", -np.inf)
    one, other = side(early, listed(record, EARLY)), side(late, listed(record, LATE))
    parts = decompose(one, other, record, CASE)
    assert [part.kind for part in parts] == [UNSPLIT]
    assert "cannot be moved that far" in parts[0].note
    np.testing.assert_allclose(total(parts), other.ladder - one.ladder, atol=1e-12)


def test_other_settings_are_named_and_a_pool_is_a_part(record: Record, late: xr.DataTree):
    one = side(late, listed(record, LATE), settings={"priors": "these", "period length": "7"})
    shifted = np.zeros_like(one.ladder)
    shifted[:, 0], shifted[:, 1] = 0.01, -0.01
    other = one._replace(settings={"priors": "these", "period length": "30"}, ladder=one.ladder + shifted)
    parts = {part.kind: part for part in decompose(one, other, record, CASE)}
    assert parts[MODEL].label == "Other period length, and the refit"
    np.testing.assert_allclose(parts["views"].effect.difference, shifted)


def test_the_error_of_a_mean_grows_where_draws_are_alike():
    rng = np.random.default_rng(1)
    fresh = rng.standard_normal((4000, 1))
    alike = np.repeat(rng.standard_normal((400, 1)), 10, axis=0)
    errors = [float(batch_error((x - x.mean(axis=0)) / len(x), (4, 1000))[0]) for x in (fresh, alike)]
    assert errors[0] == pytest.approx(1 / np.sqrt(4000), rel=0.25)
    assert errors[1] == pytest.approx(1 / np.sqrt(400), rel=0.25)
