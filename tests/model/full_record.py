"""A small record in which every kind of cell of the model occurs: all forms of force, a campaign, talks, signals."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import xarray as xr
from hand_made import CASE, Row, campaign, coverage, crisis, move, outcome, record

from forecast.record import Record
from forecast.record.panel import build_panel

DAY = dt.date(2024, 6, 30)
CALM = dt.date(2024, 5, 31)  # no campaign runs
ALL = "force;verbal;posture;diplomacy;economic;nuclear;audience;credibility"


OWN = {"january": "2024-01-22", "spring": "2024-03-04", "may": "2024-05-13"}
"""Crises of the case and their first days; the last is still open."""


def case_moves() -> list[Row]:
    """Half a year of the case: signals, single strikes, a campaign that ends by truce, another on the as-of day."""
    return [
        move("2024-01-03", "AAA", "BBB", "threat", level=2),
        move("2024-01-04", "AAA", "BBB", "deployment", level=3),
        move("2024-01-09", "AAA", "BBB", "threat_not_fulfilled"),
        move("2024-01-10", "BBB", "AAA", "harassment", rung=1),
        move("2024-01-12", "BBB", "AAA", "enrichment_step", level=1),
        move("2024-01-17", "EEE", "AAA", "proxy_attack", rung=2),
        move("2024-01-18", "AAA", "BBB", "sanctions", level=2),
        move("2024-01-24", "AAA", "BBB", "symbolic_strike", rung=3),
        move("2024-01-26", "BBB", "AAA", "limited_strike", rung=4),
        move("2024-01-30", "AAA", "BBB", "leadership_strike", rung=5),
        move("2024-02-01", "BBB", "AAA", "capability_loss"),
        move("2024-02-03", "BBB", "AAA", "public_commitment", level=3),
        move("2024-02-06", "AAA", "BBB", "talks", level=2),
        move("2024-02-08", "BBB", "AAA", "concession", level=2),
        move("2024-02-20", "BBB", "AAA", "limited_strike", rung=4),
        move("2024-03-05", "BBB", "AAA", "chokepoint_closure", rung=7),
        campaign("2024-03-06", "AAA", "BBB"),
        move("2024-03-07", "BBB", "AAA", "limited_strike", rung=4),
        campaign("2024-03-13", "AAA", "BBB"),
        move("2024-03-14", "BBB", "AAA", "symbolic_strike", rung=3),
        campaign("2024-03-20", "AAA", "BBB", rung=7),
        campaign("2024-03-21", "BBB", "AAA"),
        campaign("2024-03-27", "BBB", "AAA"),
        move("2024-04-01", "AAA", "BBB", "ceasefire"),
        move("2024-04-09", "AAA", "BBB", "talks", level=3),
        move("2024-04-16", "BBB", "AAA", "deal", level=3),
        move("2024-04-18", "AAA", "BBB", "threat_fulfilled"),
        move("2024-05-14", "AAA", "BBB", "ultimatum", level=3),
        move("2024-05-15", "BBB", "AAA", "alert", level=1),
        campaign("2024-06-12", "AAA", "BBB"),
        campaign("2024-06-13", "BBB", "AAA"),
        campaign("2024-06-19", "AAA", "BBB"),
        move("2024-06-25", "BBB", "AAA", "chokepoint_closure", rung=7),
        campaign("2024-06-26", "AAA", "BBB"),
        campaign("2024-06-26", "BBB", "AAA", rung=8),
    ]


def crises() -> dict[str, list[Row]]:
    """Three crises of the case, four others: an exchange, a widening campaign, a war known by its end, an open one."""
    strike, war = "exchange", "war"
    return {
        "crises": [
            crisis(strike, "2010-01-04", capability_ratio="stronger", challenger_nuclear="1"),
            crisis("campaign", "2012-05-07", challenger="HHH", target="GGG", demand="territory", chokepoint="1"),
            crisis(war, "1995-03-06", challenger="YYY", target="ZZZ", ground_access="1", demand="regime"),
            crisis("open", "2024-02-05", challenger="YYY", target="GGG", capability_ratio="weaker"),
            *(crisis(name, start, challenger="AAA", target="BBB", case_id=CASE) for name, start in OWN.items()),
        ],
        "outcomes": [
            outcome(strike, "2010-01-04", "2010-03-01", rung_a=4, rung_b=5, days=2, ended_by="no_force_deal"),
            outcome("campaign", "2012-05-07", "2012-08-06", rung_a=7, rung_b=6, days=44, ended_by="ceasefire"),
            outcome(war, "1995-03-06", "1995-12-04", rung_a=8, rung_b=8, days=200, ended_by="ceasefire"),
            outcome("january", OWN["january"], "2024-02-03", rung_a=5, rung_b=4, days=3, ended_by="tacit_halt"),
            outcome("spring", OWN["spring"], "2024-04-01", rung_a=7, rung_b=6, days=25, ended_by="ceasefire"),
        ],
        "covered": [
            coverage(strike, "2009-07-01", observes="force;verbal;posture;diplomacy"),
            coverage("campaign", "2011-11-01", density="sampled", observes="force;verbal;audience"),
            coverage(war, "1994-09-01"),
            coverage("open", "2023-08-01", known="2024-02-05"),
            *(coverage(name, start) for name, start in OWN.items()),
        ],
        "moves": [
            move("2010-01-05", "GGG", "HHH", "ultimatum", level=2, episode=strike),
            move("2010-01-12", "GGG", "HHH", "limited_strike", rung=4, episode=strike),
            move("2010-01-13", "HHH", "GGG", "leadership_strike", rung=5, episode=strike),
            move("2010-02-03", "HHH", "GGG", "talks", episode=strike),
            move("2010-03-01", "GGG", "HHH", "deal", episode=strike),
            move("2012-05-09", "GGG", "HHH", "threat", level=1, episode="campaign"),
            move("2012-05-10", "HHH", "GGG", "chokepoint_closure", rung=7, episode="campaign"),
            campaign("2012-05-16", "HHH", "GGG", episode="campaign"),
            campaign("2012-05-17", "GGG", "HHH", episode="campaign"),
            campaign("2012-05-30", "HHH", "GGG", rung=7, episode="campaign"),
            move("2012-07-30", "HHH", "GGG", "ceasefire", episode="campaign"),
            move("1995-03-15", "YYY", "ZZZ", "limited_strike", rung=4, episode=war),
            campaign("2024-02-14", "YYY", "GGG", rung=8, episode="open"),
        ],
    }


def full_record(folder: Path, *, reference: str = "shipped") -> Record:
    past = crises()
    watch = [
        coverage(CASE, "2024-01-01", "2024-04-30", density="regular", observes=ALL),
        coverage(CASE, "2024-05-01", density="dense", observes=ALL),
    ]
    return record(
        folder,
        moves=case_moves() + past["moves"],
        crises=past["crises"],
        outcomes=past["outcomes"],
        covered=watch + past["covered"],
        case={"chokepoint": "1", "ground_access": "1", "capability_ratio": "much_stronger", "challenger_nuclear": "1"},
        only=True,
        reference=reference,
    )


def full_panel(folder: Path, *, period_days: int = 7) -> xr.Dataset:
    return build_panel(full_record(folder), DAY, period_days=period_days)
