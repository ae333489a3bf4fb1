"""As history a crisis of ICBe tells talks, deals and signals, ICB how it ended; neither is known before the end."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr
from made_up import ICB_ACTOR, ICB_CRISIS, icb_files, icbe_files

from forecast.errors import UsageError
from forecast.model.cells import node_tables
from forecast.record.history import agreement_panel
from forecast.record.history.agreements import WATCHED_WEEKS, read_crises
from forecast.terms import SIGNAL_CHANNELS

USA, IRAN = "United States of America", "Iran"
STRIKE = {"event_type": "action", "do_actor_a": IRAN, "do_actor_b": USA, "interact_escalate": "attack"}
END = {"event_type": "thought", "think_actor_a": IRAN, "thinkkind": "end of crisis", "do_actor_a": USA,
       "do_actor_b": IRAN, "interact_deescalate": "withdraw from area", "date_earliest_month": 6,
       "date_earliest_day": 20}  # fmt: skip
THREAT = {"event_type": "speech", "say_actor_a": IRAN, "say_actor_b": USA, "sayintkind": "threaten",
          "interact_escalate": "attack", "date_earliest_day": 17}  # fmt: skip
LATER = dt.date(2000, 1, 1)


def panel_of(folder: Path, *rows: dict, as_of: dt.date = LATER, **crisis: int) -> xr.Dataset:
    folder.mkdir(parents=True, exist_ok=True)
    icbe = icbe_files(folder / "icbe", *rows, END)
    (folder / "icb").mkdir()
    icb = icb_files(folder / "icb", [ICB_CRISIS | crisis], [ICB_ACTOR])
    return agreement_panel(*read_crises(icbe, icb), as_of)


def deal_day(panel: xr.Dataset) -> pd.Timestamp | None:
    weeks = panel["period_start"].values[1][panel["deal"].values[1]]
    return pd.Timestamp(weeks[0]) if len(weeks) else None


@pytest.mark.parametrize(
    ("viol", "forout", "deal", "truce"),
    [(1, 1, True, []), (2, 2, True, []), (2, 3, False, []), (3, 1, False, [True]), (4, 3, False, [False])],
)
def test_an_agreement_is_a_deal_unless_heavy_fighting_makes_it_a_truce(
    tmp_path: Path, viol: int, forout: int, deal: bool, truce: list[bool]
):
    panel = panel_of(tmp_path, THREAT, viol=viol, forout=forout)
    told = node_tables(panel)
    assert told["truce"]["y"].repeat(told["truce"]["n"]).astype(bool).tolist() == truce
    assert told["deal"]["y"].sum() == int(deal)
    assert (told["deal"]["n"].sum() == 0) == bool(truce)
    day = deal_day(panel)
    if deal:
        assert day is not None
        assert day <= pd.Timestamp(1990, 6, 20) < day + pd.Timedelta(days=7)


def test_force_is_what_went_before_and_never_an_outcome(tmp_path: Path):
    panel = panel_of(tmp_path, STRIKE, THREAT, viol=2)
    assert panel["force"].values[1].max() > 0
    assert not panel["force_observed"].values.any()
    tables = node_tables(panel)
    assert all(tables[name].empty for name in ("overt", "onset_one", "onset_both", "leadership", "symbolic", "sub"))
    assert tables["deal"].query("fighting == 1")["n"].sum() > 0


def test_signals_count_in_weeks_of_which_something_is_told(tmp_path: Path):
    last = THREAT | {"date_earliest_day": 28}  # the week in which the narrative stops is not watched to its end
    signals = node_tables(panel_of(tmp_path, THREAT, last, viol=1))["signal"]
    told = signals[signals["y"] > 0].groupby("channel")["y"].sum()
    assert told.to_dict() == {SIGNAL_CHANNELS.index("verbal"): 1, SIGNAL_CHANNELS.index("posture"): 1}
    assert signals.groupby("channel")["n"].sum().max() == 2 * 2  # two weeks are told, of both sides


def test_a_crisis_of_a_year_counts_half_a_year(tmp_path: Path):
    panel = panel_of(tmp_path, THREAT, THREAT | {"date_earliest_year": 1991}, END | {"date_earliest_year": 1991},
                     viol=1, yrterm=1991)  # fmt: skip
    assert panel["deal_observed"].values[1].sum() == WATCHED_WEEKS
    assert not panel["deal_observed"].values[0].any()


def test_a_crisis_is_used_only_when_it_was_over(tmp_path: Path):
    whole = panel_of(tmp_path / "over", THREAT, as_of=dt.date(1990, 6, 20), viol=1)
    assert whole.sizes["episode"] == 2
    with pytest.raises(UsageError, match="no crisis was over by 1990-06-19"):
        panel_of(tmp_path / "before", THREAT, as_of=dt.date(1990, 6, 19), viol=1)
    with pytest.raises(UsageError, match="no crisis was over by 1990-06-30"):
        panel_of(tmp_path / "later", THREAT, as_of=dt.date(1990, 6, 30), viol=1, moterm=7)
