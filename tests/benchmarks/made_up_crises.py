"""Made-up crises, actors and narratives in the columns of the published files; no row is from them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from forecast.evaluation.benchmarks import icb

STATES = {"United States of America": 2, "Iran": 630, "Iraq": 645, "Israel": 666, "Georgia": 372}
WHOLE_CRISIS = ("gravcr", "timvio", "stressad", "issues", "noactr", "cractr", "crismg", "cenviosy", "sevviosy",
                "geostr", "sourdt", "period", "forout", "subout", "usinv", "globorg", "mediate")  # fmt: skip
WHOLE_ACTOR = (
    "gravty",
    "chissu",
    "majres",
    "sizedu",
    "comlev",
    "stainsys",
    "outcom",
    "crismg",
    "sourdt",
    "viol",
    "iwc",
)
DOINGS = (
    {"interact_escalate": "attack", "do_interact_kind": "escalatory", "interact_domains": "land"},
    {"interact_escalate": "battle/clash", "interact_fatalities": "hundreds"},
    {"interact_escalate": "mobilization"},
    {"interact_deescalate": "cease fire"},
    {"interact_increasecoop": "meeting"},
    {"act_uncooperative": "protest"},
)


class Files(NamedTuple):
    """The three tables."""

    crises: pd.DataFrame
    actors: pd.DataFrame
    events: pd.DataFrame


def made_up_files(crises: int = 48, seed: int = 0, first: int = 1950, last: int = 2001) -> Files:
    """Crises from year to year; what triggers one says much about how violent it becomes."""
    rng = np.random.default_rng(seed)
    codes = list(STATES.values())
    rows, actors, events = [], [], []
    for number in range(1, crises + 1):
        year = first + (number - 1) * (last - first) // max(crises - 1, 1)
        trigger = pd.Timestamp(year, int(rng.integers(1, 13)), int(rng.integers(1, 28)))
        length = int(rng.integers(10, 200))
        end = trigger + pd.Timedelta(days=length)
        kind = int(rng.choice([2, 6, 7, 9]))
        violence = int(rng.choice([2, 3, 4])) if kind == 9 else int(rng.choice([1, 1, 2, 3]))
        one, other = (int(code) for code in rng.choice(codes, 2, replace=False))
        rows.append(
            {"crisno": number, "break": kind, "trigent": other, "yrtrig": year, "motrig": trigger.month,
             "datrig": trigger.day, "yrterm": end.year, "moterm": end.month, "daterm": end.day, "viol": violence,
             "iwcmb": int(rng.choice([1, 1, 1, 2, 5])), "hetero": int(rng.integers(1, 6)),
             "geog": int(rng.choice([12, 15, 31])), "geogrel": int(rng.integers(1, 4)),
             "syslevsy": 1, "protrac": int(rng.integers(1, 4)),
             "pcid": int(rng.choice([1, 2, 40])), "powdissy": int(rng.integers(1, 20)), "ethnic": 3,
             **{name: int(rng.integers(1, 5)) for name in WHOLE_CRISIS}}
        )  # fmt: skip
        for place, actor in enumerate((one, other)):
            began = trigger + pd.Timedelta(days=9 * place)
            actors.append(
                {"crisno": number, "cracno": 2 * number + place, "cracid": actor, "triggr": kind, "yrtrig": began.year,
                 "motrig": began.month, "datrig": began.day, "trigent": other if place == 0 else one,
                 "southv": other if place == 0 else one,
                 **{name: int(rng.integers(1, 4)) for name in icb.ACTOR_COLUMNS[9:]},
                 **{name: int(rng.integers(1, 5)) for name in WHOLE_ACTOR}}
            )  # fmt: skip
        events += _events(rng, number, trigger, length, (one, other))
    return Files(pd.DataFrame(rows), pd.DataFrame(actors), event_table(events))


def event_table(rows: list[dict]) -> pd.DataFrame:
    """Rows of narratives in every column that is read, numbered."""
    blank = dict.fromkeys(icb.EVENT_COLUMNS, "")
    return pd.DataFrame([blank | row | {"row_id": str(number)} for number, row in enumerate(rows, 1)])


def write_files(files: Files, folder: Path) -> Path:
    """Write them as the publishers do; return the folder of corpora."""
    for name in ("icb", "icbe"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    files.crises.to_csv(folder / "icb" / "icb1v15.csv", index=False, encoding="utf-8-sig")
    files.actors.to_csv(folder / "icb" / "icb2v15.csv", index=False, encoding="utf-8-sig")
    files.events.to_csv(folder / "icbe" / "icbe_v1.1_events_agreed.csv", index=False)
    names = "actor,gwcode,gw_wrong\n" + "".join(f"{name},{code},\n" for name, code in STATES.items())
    (folder / "icbe" / "icb_actor_qcodes.csv").write_text(names, encoding="utf-8")
    return folder


def crises_of(files: Files, folder: Path) -> icb.Crises:
    """Write and read."""
    return icb.read(write_files(files, folder) / "icb" / "icb1v15.csv")


def event(crisis: int, day: pd.Timestamp, **cells: str) -> dict:
    """One row of a narrative."""
    return {
        "crisno": crisis, "event_type": "action", "date_earliest_day": str(day.day),
        "date_earliest_month": str(day.month), "date_earliest_year": str(day.year), **cells,
    }  # fmt: skip


def _events(rng: np.random.Generator, crisis: int, trigger: pd.Timestamp, length: int, pair: tuple[int, int]) -> list:
    names = {code: name for name, code in STATES.items()}
    rows = []
    for day in sorted({0, length, *rng.integers(-5, length, 12).tolist()}):
        who = pair if rng.random() < 0.5 else pair[::-1]
        one, other = names[who[0]], names[who[1]]
        when = trigger + pd.Timedelta(days=int(day))
        if rng.random() < 0.3:
            rows.append(
                event(crisis, when, event_type="speech", say_actor_a=one, say_actor_b=other, sayintkind="demand")
            )
        else:
            doing = DOINGS[int(rng.integers(len(DOINGS)))]
            rows.append(event(crisis, when, do_actor_a=one, do_actor_b=other, **doing))
    return rows
