"""I1: what is known of a crisis on the day that it begins – trigger, setting, first actors, their pair, history.

Only what the codebooks of ICB define at the onset is used. Left out as outcome or coded over the whole crisis:
`gravcr`, `gravty`, `timvio`, `iwcmb` = 2 (crisis and war began together), `noactr`, `cractr`, `crismg`, `cenviosy`,
`sevviosy`, `stressad`, `issues`, `chissu`, `geostr`, `sourdt`, `period`, `majres`, `sizedu`, `comlev`, and everything
on great powers, organisations, mediation and outcomes. History is that of crises which were over before the trigger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from forecast.record.importers.states import is_nuclear, state_ids

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forecast.evaluation.benchmarks.icb import Crises, States

VIOLENT: Final = 9
"""Code of `break` for a violent act; a crisis that it triggers is never without violence."""
ONGOING_WAR: Final = range(3, 11)
NO_CONFLICT: Final = 40
"""From this number on `pcid` names a region, not a conflict."""
_YEAR: Final = 365.25
_NEVER: Final = 40.0
_RECENT: Final = 20
_NONE: Final = frozenset[int]()


def onset_table(found: Crises) -> pd.DataFrame:
    """Rows, features and outcome of I1.

    Returns
    -------
    DataFrame
        `crisis`, `year`, `trigger`, `over`, `outcome`; `violent` and `last_of_conflict` (0 none, 1 `viol` 1-2, 2 `viol`
        3-4), the states of the Markov chain; and the features, whose names begin with ``trigger_``, ``setting_``,
        ``first_``, ``pair_`` or ``history_``.
    """
    crises = found.crises
    first = first_actors(found)
    parts = [_trigger(crises), _setting(crises), _first(crises, first), _pair(found, first), _history(found, first)]
    table = pd.concat([crises[["crisis", "year", "trigger", "over", "outcome"]], *parts], axis=1)
    last = table["history_conflict_last"]
    return table.assign(
        violent=table["trigger_is_9"].astype(int), last_of_conflict=np.select([last == 0, last <= 2], [0, 1], 2)
    )


def features(table: pd.DataFrame) -> tuple[str, ...]:
    """Names of the feature columns of `onset_table`."""
    kinds = ("trigger_", "setting_", "first_", "pair_", "history_")
    return tuple(name for name in table.columns if name.startswith(kinds))


def first_actors(found: Crises) -> pd.DataFrame:
    """Rows of the crisis actors whose crisis began first, each with `source`: who threatened it, else who triggered."""
    actors = found.actors
    first = actors[actors["date"].eq(actors.groupby("crisis")["date"].transform("min"))]
    trigger = found.crises.set_index("crisis")["trigent"]
    source = first["source"].fillna(first["crisis"].map(trigger.where(trigger.lt(990))))
    return first.assign(source=source.where(source.ne(first["actor"])))


def _trigger(crises: pd.DataFrame) -> pd.DataFrame:
    columns = {f"trigger_is_{code}": crises["break"].eq(code) for code in range(1, 10)}
    columns |= {f"trigger_by_{code}": crises["trigent"].eq(code) for code in (995, 996, 997)}
    return _numeric(columns)


def _setting(crises: pd.DataFrame) -> pd.DataFrame:
    power = crises["powdissy"].abs().astype(float)
    return _numeric(
        {
            "setting_differences": crises["hetero"],
            "setting_distance": crises["geogrel"],
            "setting_neighbours": crises["geogrel"].eq(1),
            "setting_level": crises["syslevsy"],
            "setting_dominant": crises["syslevsy"].ge(3),
            **{f"setting_protracted_{code}": crises["protrac"].eq(code) for code in (2, 3)},
            "setting_power_gap": pd.Series(np.log1p(power)),
            "setting_power_gap_unknown": power.isna(),
            **{f"setting_ethnic_{code}": crises["ethnic"].eq(code) for code in (1, 2)},
            **{f"setting_region_{decade}": (crises["geog"] // 10).eq(decade) for decade in (1, 2, 3, 4)},
            "setting_middle_east": crises["geog"].eq(15),
            "setting_war_ongoing": crises["iwcmb"].isin(list(ONGOING_WAR)),
        }
    )


def _first(crises: pd.DataFrame, first: pd.DataFrame) -> pd.DataFrame:
    """Means over the first actors, and the greatest where one actor suffices."""
    coded = {
        "violent": first["triggr"].eq(VIOLENT),
        "democracy": first["regime"].eq(1),
        "military": first["regime"].ge(3),
        "nuclear": first["nuclear"].ge(3),
        **{f"issue_{code}": first["issue"].eq(code) for code in (1, 2, 3, 4)},
        "ally": first["allycap"],
        "ally_leader": first["allycap"].eq(4),
        "age_of_regime": first["durreg"],
        "territory": first["territ"],
        **{f"more_{name}": first[name].eq(1) for name in ("massvl", "socunr", "gvinst", "econdt")},
        "new_state": first["massvl"].eq(4),
        "protracted": first["pc"].ge(2),
        "long_war": first["pc"].eq(3),
        "power": first["powsta"],
    }
    table = pd.DataFrame({name: values.astype("Float64") for name, values in coded.items()})
    groups = table.groupby(first["crisis"])
    means = groups.mean().add_prefix("first_")
    means["first_highest_power"] = groups["power"].max()
    means["first_number"] = np.log(groups.size())
    return filled(means.reindex(crises["crisis"]).reset_index(drop=True))


def _pair(found: Crises, first: pd.DataFrame) -> pd.DataFrame:
    """The first actor and the source of its threat; means stand for what is not known."""
    lead = first.drop_duplicates("crisis").set_index("crisis").reindex(found.crises["crisis"])
    one, other = lead["actor"], lead["source"]
    years = found.crises["year"].set_axis(lead.index)
    known = other.notna()
    columns = {"pair_state": known}
    nuclear = [is_nuclear(state_ids(side), years) for side in (one, other)]
    columns |= {"pair_nuclear_threat": nuclear[1], "pair_both_nuclear": nuclear[0] * nuclear[1]}
    if found.states is not None:
        keys = list(zip(_whole(one), _whole(other), years.astype(int), strict=True))
        columns |= _standing(found.states, keys)
    table = _numeric({name: pd.Series(np.asarray(values), lead.index) for name, values in columns.items()})
    return table.reset_index(drop=True)


def _standing(states: States, keys: list[tuple[int, int, int]]) -> dict[str, np.ndarray]:
    """Capability, rank, rivalry and alliance of each (state, state, year), as of the year before; 0 is no state."""
    power = np.array([[_capability(states, state, year) for state in pair] for *pair, year in keys])
    typical = np.log(0.005)
    log = np.where(np.isfinite(power), np.log(np.maximum(power, 1e-5)), typical)
    ratio = np.where(np.isfinite(power).all(axis=1), log[:, 0] - log[:, 1], 0.0)
    majors = np.array([[_is_major(states, state, year) for state in pair] for *pair, year in keys])
    return {
        "pair_capability": log[:, 0],
        "pair_capability_threat": log[:, 1],
        "pair_ratio": ratio,
        "pair_gap": np.abs(ratio),
        "pair_major": majors[:, 0],
        "pair_major_threat": majors[:, 1],
        "pair_rivals": np.array([_are_rivals(states, *key) for key in keys]),
        "pair_pact": np.array([(min(a, b), max(a, b), year - 1) in states.pacts for a, b, year in keys]),
    }


def _capability(states: States, state: int, year: int) -> float:
    """Capability in the year before, or in the nearest of the ten years before that."""
    known = (states.capability.get((state, before)) for before in range(year - 1, year - 12, -1))
    return next((value for value in known if value is not None), np.nan)


def _is_major(states: States, state: int, year: int) -> bool:
    rows = states.majors
    return bool((rows["ccode"].eq(state) & rows["styear"].lt(year) & rows["endyear"].ge(year - 1)).any())


def _are_rivals(states: States, one: int, other: int, year: int) -> bool:
    """Whether a rivalry that began in an earlier year had not ended two years before."""
    rows = states.rivalries
    pair = rows["low"].eq(min(one, other)) & rows["high"].eq(max(one, other))
    return bool((pair & rows["start"].lt(year) & rows["end"].fillna(9999).ge(year - 1)).any())


def _history(found: Crises, first: pd.DataFrame) -> pd.DataFrame:
    """Earlier crises of the same conflict, of an actor, of a pair, of the region, and the latest of all."""
    crises = found.crises
    everyone = _sets(found.actors["crisis"], found.actors["actor"])
    pairs = _sets(found.actors["crisis"], _pair_codes(found.actors["actor"], found.actors["source"]))
    mine = _sets(first["crisis"], first["actor"])
    my_pairs = _sets(first["crisis"], _pair_codes(first["actor"], first["source"]))
    conflict = crises["pcid"].where(crises["pcid"].lt(NO_CONFLICT))
    over, outcome = crises["over"].to_numpy(), crises["outcome"].to_numpy(int)
    region = (crises["geog"] // 10).to_numpy()
    numbers = crises["crisis"].tolist()
    rows = []
    for at, number in enumerate(numbers):
        trigger = crises["trigger"].iloc[at]
        past = np.flatnonzero(over < trigger.to_datetime64())
        past = past[np.argsort(over[past], kind="stable")]
        same = {
            "conflict": conflict.iloc[past].eq(conflict.iloc[at]).fillna(False).to_numpy(bool),
            "actor": _meet(everyone, numbers, past, mine[number]),
            "pair": _meet(pairs, numbers, past, my_pairs.get(number, _NONE)),
            "region": region[past] == region[at],
        }
        row: dict[str, float] = {}
        for name, which in same.items():
            row |= _record(name, outcome[past[which]] + 1, (trigger - pd.DatetimeIndex(over[past[which]])).days)
        row["history_recent"] = (outcome[past[-_RECENT:]].sum() + 5 * 1.5) / (len(past[-_RECENT:]) + 5)
        rows.append(row)
    return pd.DataFrame(rows)


def _record(name: str, levels: np.ndarray, days: Iterable[float]) -> dict[str, float]:
    """Number, mean (drawn to 2.5 by one crisis) and last `viol`, and time since the last end, of past crises."""
    years = np.asarray(list(days), float) / _YEAR
    return {
        f"history_{name}_number": float(np.log1p(len(levels))),
        f"history_{name}_mean": float((levels.sum() + 2.5) / (len(levels) + 1)),
        f"history_{name}_last": float(levels[-1]) if len(levels) else 0.0,
        f"history_{name}_war": float((levels == 4).any()),
        f"history_{name}_years": float(np.log1p(min(years[-1], _NEVER) if len(levels) else _NEVER)),
    }


def _sets(crisis: pd.Series, values: pd.Series) -> dict[int, frozenset[int]]:
    """Values that each crisis holds."""
    known = values.notna()
    return {int(number): frozenset(part) for number, part in values[known].astype(int).groupby(crisis[known])}


def _pair_codes(one: pd.Series, other: pd.Series) -> pd.Series:
    """One number for each unordered pair of states."""
    both = pd.DataFrame({"one": one, "other": other}).astype("Float64")
    return both.min(axis=1, skipna=False) * 1000 + both.max(axis=1, skipna=False)


def _meet(sets: dict[int, frozenset[int]], numbers: list[int], past: np.ndarray, mine: frozenset[int]) -> np.ndarray:
    return np.array([bool(sets.get(numbers[p], _NONE) & mine) for p in past], dtype=bool)


def _whole(codes: pd.Series) -> list[int]:
    return codes.fillna(0).astype(int).tolist()


def _numeric(columns: dict[str, pd.Series]) -> pd.DataFrame:
    return filled(pd.DataFrame({name: values.astype("Float64") for name, values in columns.items()}))


def filled(table: pd.DataFrame) -> pd.DataFrame:
    """Return floats; what is not coded becomes the median of the rows above, which are earlier crises."""
    known = table.astype(float)
    return known.fillna(known.expanding().median().shift()).fillna(0.0)
