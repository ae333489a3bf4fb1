"""As history a confrontation counts once, is known only when it is over, and is a campaign, war or widening by rule."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from made_up_wars import IRAN, IRAQ, KUWAIT, TURKEY, drafted, event, strikes

from forecast.errors import UsageError
from forecast.model.cells import node_tables
from forecast.record.history import confrontation_panel
from forecast.record.history.borders import ground_access
from forecast.record.history.confrontations import WATCHED_WEEKS

LATER = dt.date(2000, 1, 1)
COUNTS = ["n00", "n10", "n01", "n11"]
REPLY = {"ccode1": IRAN, "ccode2": IRAQ, "sidea1": 0}
WAR = strikes(1, "1980-09-22", tuple(range(0, 700, 3)), 22, fatalmin1=50, fatalmax1=90)
EXCHANGE = [event(2, 1, "1990-03-12"), event(2, 2, "1990-03-15", **REPLY), event(2, 3, "1990-04-10")]
THREAT = [event(3, 1, "1975-05-05", 7, ccode2=TURKEY)]


def panel_of(folder: Path, *events: dict, as_of: dt.date = LATER) -> xr.Dataset:
    return confrontation_panel(drafted(folder, *events), as_of)


def overt(panel: xr.Dataset) -> dict[str, int]:
    return node_tables(panel)["overt"][COUNTS].sum().to_dict()


def spells(panel: xr.Dataset) -> list[tuple[float, int, int]]:
    columns = (panel[f"spell_{name}"].values.tolist() for name in ("days", "opening", "scope"))
    return list(zip(*columns, strict=True))


def test_a_war_that_is_listed_twice_counts_once(tmp_path: Path):
    turned = [
        row | {"micnum": 9, "ccode1": row["ccode2"], "ccode2": row["ccode1"], "sidea1": 1 - row["sidea1"]}
        for row in WAR
    ]
    once, twice = panel_of(tmp_path / "one", *WAR, *EXCHANGE), panel_of(tmp_path / "two", *WAR, *EXCHANGE, *turned)
    assert sum(overt(once).values()) > 0
    for name, table in node_tables(once).items():
        assert table.equals(node_tables(twice)[name]), name
    assert spells(twice) == spells(once)


def test_a_war_of_years_weighs_no_more_than_a_threat(tmp_path: Path):
    harassed = strikes(4, "1960-01-04", tuple(range(0, 700, 20)), ccode2=KUWAIT)
    panel = panel_of(tmp_path, *WAR, *EXCHANGE, *THREAT, *harassed)
    watched = panel["force_observed"].values.sum(axis=1)
    assert watched[0] == 0
    assert set(watched[1:]) <= set(range(WATCHED_WEEKS + 1))
    by_name = dict(zip(panel["episode"].values, watched, strict=True))
    assert by_name["mie-3"] == by_name["mie-2"] == by_name["mie-4"] == WATCHED_WEEKS
    assert by_name["mie-1"] < WATCHED_WEEKS  # its years of war are one campaign
    assert len(spells(panel)) == 1


def test_which_weeks_count_does_not_depend_on_what_happened_in_them(tmp_path: Path):
    often = strikes(4, "1960-01-04", tuple(range(0, 700, 20)))
    calm = [row if k in (0, len(often) - 1) else row | {"action": 7, "hostlev": 3} for k, row in enumerate(often)]
    one, other = panel_of(tmp_path / "often", *often), panel_of(tmp_path / "calm", *calm)
    assert (one["force_observed"].values == other["force_observed"].values).all()
    assert overt(one)["n10"] > overt(other)["n10"] > 0


def test_weeks_of_a_pair_count_once_where_confrontations_follow_each_other(tmp_path: Path):
    soon = [event(5, 1, "1990-06-04")]
    panel = panel_of(tmp_path, *EXCHANGE, *soon)
    days = panel["period_start"].values[panel["force_observed"].values]
    assert len(days) == len(set(days))
    alone = panel_of(tmp_path / "alone", *EXCHANGE)
    assert overt(panel)["n10"] == overt(alone)["n10"] + 1


def test_nothing_that_was_not_over_and_known_by_the_day_is_used(tmp_path: Path):
    day = dt.date(1985, 1, 1)
    before = panel_of(tmp_path / "as-it-was", *THREAT, *WAR, *EXCHANGE, as_of=day)
    assert list(before["episode"].values[1:]) == ["mie-3", "mie-1"]
    corrupted = [
        row | {"action": 20, "hostlev": 5, "ccode2": KUWAIT, "fatalmin1": 9999, "fatalmax1": 9999} for row in EXCHANGE
    ]
    more = strikes(7, "1986-02-03", (0, 1, 2, 3, 4, 5), ccode2=TURKEY)
    after = panel_of(tmp_path / "corrupted", *THREAT, *WAR, *corrupted, *more, as_of=day)
    xr.testing.assert_identical(before, after)
    last = dt.date(1990, 4, 10) + dt.timedelta(days=182)
    assert "mie-2" not in panel_of(tmp_path / "early", *THREAT, *EXCHANGE, as_of=last - dt.timedelta(days=1))["episode"]
    assert "mie-2" in panel_of(tmp_path / "known", *THREAT, *EXCHANGE, as_of=last)["episode"]


def test_a_confrontation_that_goes_on_is_left_out_until_it_is_over(tmp_path: Path):
    panel = panel_of(tmp_path, *THREAT, *WAR, as_of=dt.date(1981, 12, 31))
    assert list(panel["episode"].values[1:]) == ["mie-3"]
    with pytest.raises(UsageError, match="no confrontation was over and known by 1970-01-01"):
        panel_of(tmp_path / "none", *WAR, as_of=dt.date(1970, 1, 1))


@pytest.mark.parametrize(
    ("offsets", "found"),
    [
        ((0, 1, 2, 3), []),
        ((0, 3, 6, 9, 14), []),
        ((0, 3, 6, 9, 13), [14.0]),
        ((0, 1, 2, 3, 4, 32), [33.0]),
        ((0, 1, 2, 3, 4, 33), [5.0]),
        ((0, 1, 2, 3, 4, 40, 41, 42, 43, 44), [5.0, 5.0]),
    ],
)
def test_five_days_in_a_fortnight_open_a_campaign_and_four_quiet_weeks_end_it(
    tmp_path: Path, offsets: tuple[int, ...], found: list[float]
):
    panel = panel_of(tmp_path, *strikes(1, "1990-03-12", offsets))
    assert panel["spell_days"].values.tolist() == found
    if found:
        assert panel["spell_onset"].values[0] == 26
        assert panel["campaign"].values[1, 26]
        assert panel["force"].values[1, :, 26].tolist() == [4, 0]


def test_days_of_two_sides_do_not_add_up_and_long_events_are_no_days_of_fighting(tmp_path: Path):
    both = [*strikes(1, "1990-03-12", (0, 2, 4)), *strikes(1, "1990-03-12", (1, 3, 5), **REPLY)]
    both = [row | {"eventnum": k} for k, row in enumerate(both, 1)]
    assert spells(panel_of(tmp_path / "both", *both)) == []
    assert spells(panel_of(tmp_path / "long", event(1, 1, "1990-03-12", days=60))) == []
    assert spells(panel_of(tmp_path / "fortnight", event(1, 1, "1990-03-12", days=15))) == [(15.0, 4, 4)]
    assert spells(panel_of(tmp_path / "held", event(1, 1, "1990-03-12", 14, days=9))) == []
    month = {"stday": -9, "endday": -9}
    assert spells(panel_of(tmp_path / "month", *strikes(1, "1990-03-12", (0, 1, 2, 3, 4), **month))) == []


def test_a_clash_is_fought_by_both_sides(tmp_path: Path):
    panel = panel_of(tmp_path, *strikes(1, "1990-03-12", (0, 1, 2, 3, 4), 17))
    assert panel["force"].values[1, :, 26].tolist() == [4, 4]
    assert node_tables(panel)["onset_both"][COUNTS].sum().tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(("deaths", "opening"), [(19, 4), (20, 6)])
def test_a_war_opens_as_full_war_if_its_first_week_cost_a_hundred_lives(tmp_path: Path, deaths: int, opening: int):
    panel = panel_of(tmp_path, *strikes(1, "1990-03-12", (0, 1, 2, 3, 4, 9), 22, fatalmin1=deaths, fatalmax1=999))
    assert spells(panel) == [(10.0, opening, 6)]


def test_two_states_of_one_side_that_are_struck_are_several_theatres(tmp_path: Path):
    narrow = strikes(1, "1990-03-12", (0, 1, 2, 3, 4))
    widened = [*narrow, event(1, 6, "1990-03-26", ccode2=KUWAIT)]
    joined = [*narrow, event(1, 6, "1990-03-26", ccode1=TURKEY)]
    assert spells(panel_of(tmp_path / "widened", *widened)) == [(15.0, 4, 5)]
    assert spells(panel_of(tmp_path / "joined", *joined)) == [(15.0, 4, 4)]


def test_only_force_is_watched_and_the_case_tells_nothing(tmp_path: Path):
    panel = panel_of(tmp_path, *WAR, *EXCHANGE, *THREAT)
    for name in ("talks_observed", "deal_observed", "signal_observed", "sub_threshold_observed"):
        assert not panel[name].values.any()
    assert not panel["force_observed"].values[0].any()
    assert not panel["force"].values[0].any()
    assert panel["phase"].values[panel["episode"].values == "mie-2", 20:54].tolist() == [[0] * 6 + [1] * 26 + [2] * 2]


def test_access_on_land_is_a_border_or_troops_in_place():
    assert ground_access("IRQ", "IRN", 1980)
    assert ground_access("IRN", "IRQ", 1980)
    assert not ground_access("USA", "IRN", 1988)
    assert (ground_access("RUS", "IRN", 1991), ground_access("RUS", "IRN", 1992)) == (True, False)
    assert (ground_access("IND", "BGD", 1970), ground_access("IND", "BGD", 1971)) == (False, True)
    assert ground_access("CHN", "TWN", 1958)
    assert np.isclose(float(ground_access("NOBODY", "IRN", 1980)), 0.0)
