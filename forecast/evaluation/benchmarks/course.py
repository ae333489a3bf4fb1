"""I2: what has happened in a crisis up to a day – counts of acts by class and kind, how far they went, who acted.

An event counts if its date lies before the cut-off. Neither the time since the trigger nor a rate is a feature: at a
cut-off that is a share of the crisis it would tell how long the crisis lasted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from forecast.record.importers.icbe_acts import words
from forecast.record.importers.icbe_words import FATALITIES

if TYPE_CHECKING:
    from forecast.evaluation.benchmarks.icb import Crises

SHARES: Final = (0.25, 0.5, 0.75)
DAYS: Final = (7, 30, 90)
SHORTEST_DAYS: Final = 4
CLASSES: Final = ("force", "signal", "speech", "war", "calm", "cooperation", "cut", "other")
"""Class of an act: force, signal (military, without force), speech, war (declared or joined), de-escalation,
cooperation, cut ties, other."""
LEVELS: Final = ("none", "threat", "signal", "force", "war")
KINDS: Final[dict[str, tuple[str, ...]]] = {
    "invasion": ("invasion/occupation",),
    "attack": ("attack",),
    "battle": ("battle/clash",),
    "bombardment": ("bombard",),
    "fighting": ("continuation of previous fighting",),
    "deployment": ("deployment to area",),
    "mobilisation": ("mobilization",),
    "border": ("border violation",),
    "display": ("show of force", "exercise", "weapons test", "raise in alert", "fortify"),
    "blockade": ("blockade", "no fly zone"),
    "truce": ("cease fire", "declaration of peace", "surrender"),
    "withdrawal": ("withdraw from area", "withdraw behind border", "withdraw from war", "retreat", "de-mobilization"),
    "talks": ("meeting", "discussion", "mediation"),
    "agreement": ("sign formal agreement", "settle dispute"),
}
SPEECH: Final = (
    "ultimatum", "threaten", "demand", "reject", "accept", "offer", "accuse", "disapprove", "appeal", "harm",
)  # fmt: skip
WAR_ACTS: Final = ("declaration of war", "join ongoing war", "join war on behalf")
FORCE_ACTS: Final = (*KINDS["invasion"], "attack", "battle/clash", "bombard", *KINDS["fighting"], "assassination",
                     "terrorism")  # fmt: skip
THREATS: Final = ("ultimatum", "threaten", "harm")
THOUSANDS: Final = 4
MUTUAL_FORCE: Final = 4
_BY_COLUMN: Final = {
    "interact_escalate": "signal", "act_escalate": "signal", "interact_decreasecoop": "cut",
    "interact_deescalate": "calm", "act_deescalate": "calm", "interact_increasecoop": "cooperation",
    "act_cooperative": "other", "act_uncooperative": "other", "say": "speech", "": "other",
}  # fmt: skip
_SIZES: Final = {name: size for size, name in enumerate(FATALITIES)}
_LAST: Final = 3
_LAST_CLASSES: Final = ("force", "speech", "signal", "cooperation")
_MARKS: Final = ("land", "air", "sea", "wmd", "gain", "loss")
_WATCHED: Final = {"un": "UNO", "usa": "USA", "ussr": "RUS"}


class _Told(NamedTuple):
    """Events of one crisis by date; arrays [event], or [event, column] of flags.

    `day` counts from the trigger, `once` is False where date, actor, class and word of an earlier row come again,
    `force` marks force of an actor on a named target.
    """

    day: np.ndarray
    row: np.ndarray
    of: np.ndarray
    once: np.ndarray
    thought: np.ndarray
    threat: np.ndarray
    kinds: np.ndarray
    speech: np.ndarray
    dead: np.ndarray
    troops: np.ndarray
    marks: np.ndarray
    actor: np.ndarray
    target: np.ndarray
    state: np.ndarray
    force: np.ndarray

    def where(self, which: np.ndarray) -> _Told:
        """Return some of the events."""
        return _Told(*(values[which] for values in self))


def course_table(found: Crises, *, by_share: bool) -> pd.DataFrame:
    """Rows of I2 or, with days instead of shares, of I2cal, without the features of the onset.

    Parameters
    ----------
    found
        What `icb.read` gives.
    by_share
        Cut at shares of the time from the trigger to the last event (`SHARES`; crises of at least four days); else at
        `DAYS` after the trigger, for crises whose coded end lies later.

    Returns
    -------
    DataFrame
        `crisis`, `cut` (0, 1, 2), `level_so_far` (0-4, see `LEVELS`), and features whose names begin with ``course_``.
    """
    told = _by_crisis(found)
    rows = []
    for crisis, trigger, end in found.crises[["crisis", "trigger", "end"]].itertuples(index=False, name=None):
        if crisis not in told:
            continue
        events = told[crisis]
        if by_share:
            length = events.day[-1]
            days = [share * length for share in SHARES] if length >= SHORTEST_DAYS else []
        else:
            days = [day for day in DAYS if trigger + pd.Timedelta(days=day) < end]
        rows += [{"crisis": crisis, "cut": cut, **_so_far(events, day)} for cut, day in enumerate(days)]
    return pd.DataFrame(rows)


def features(table: pd.DataFrame) -> tuple[str, ...]:
    """Names of the feature columns of `course_table`."""
    return tuple(name for name in table.columns if name.startswith("course_"))


def _by_crisis(found: Crises) -> dict[int, _Told]:
    """Events of each crisis by date, with the class of their act and the size of what they did."""
    events = found.events
    key = events["act"].str.partition("=")
    word = key[2]
    done = events["kind"].ne("speech")
    of = key[0].map(_BY_COLUMN).fillna("other")
    of = of.mask(word.isin(FORCE_ACTS), "force").mask(word.isin(WAR_ACTS), "war").mask(~done, "speech")
    day = (events["date"] - events["crisis"].map(found.crises.set_index("crisis")["trigger"])).dt.days
    again = events.assign(of=of, word=word).duplicated(["crisis", "date", "actor", "of", "word"])
    what = (events["interact_domains"] + ";" + events["interact_territory"]).where(done, "")
    whole = _Told(
        day=day.to_numpy(),
        row=events["row"].to_numpy(),
        of=of.map({name: at for at, name in enumerate(CLASSES)}).to_numpy(int),
        once=~again.to_numpy(),
        thought=events["kind"].eq("thought").to_numpy(),
        threat=word.isin(THREATS).to_numpy(),
        kinds=np.column_stack([word.isin(wanted) & done for wanted in KINDS.values()]),
        speech=np.column_stack([word.eq(name) & ~done for name in SPEECH]),
        dead=_size(events["interact_fatalities"].where(done, "")).to_numpy(),
        troops=_size(events["interact_forces"].where(done, "")).to_numpy(),
        marks=np.column_stack([what.str.contains(name, regex=False) for name in _MARKS]),
        actor=events["actor"].to_numpy(str),
        target=events["target"].to_numpy(str),
        state=events["state"].to_numpy(bool),
        force=(of.eq("force") & events["actor"].ne("") & events["target"].ne("")).to_numpy(),
    )
    at = events.groupby("crisis", sort=False).indices
    return {int(str(number)): whole.where(np.asarray(rows)) for number, rows in at.items()}


def _size(cells: pd.Series) -> pd.Series:
    """Greatest order of magnitude that the words of each cell name; 0 where none is named."""
    return cells.map(lambda cell: max((_SIZES[word] for word in words(cell) if word in _SIZES), default=0))


def _so_far(events: _Told, cut: float) -> dict[str, float]:
    """Every feature of a crisis, from its events before the cut-off in days."""
    early = events.where(events.day < 0)
    known = events.where((events.day >= 0) & (events.day < cut))
    once = known.where(known.once)
    acts, seen = once.where(~once.thought), once.where(once.thought)
    count = np.bincount(acts.of, minlength=len(CLASSES))
    number = dict(zip(CLASSES, count.tolist(), strict=True))
    out = {f"n_{name}": np.log1p(found) for name, found in number.items()}
    out |= {f"k_{name}": np.log1p(found) for name, found in zip(KINDS, acts.kinds.sum(axis=0), strict=True)}
    out |= {f"s_{name}": np.log1p(found) for name, found in zip(SPEECH, acts.speech.sum(axis=0), strict=True)}
    out |= {f"seen_{name}": np.log1p(_number(seen, name)) for name in ("force", "signal")}
    out["early_force"] = np.log1p(_number(early, "force", "war"))
    out["early_any"] = np.log1p(len(early.day))
    done = max(len(acts.day), 1)
    out["share_force"] = number["force"] / done
    out["share_peace"] = (number["cooperation"] + number["calm"]) / done
    both_ways = _force(known.where(known.force), out)
    out["dead"] = float(known.dead.max(initial=0))
    out["troops"] = float(known.troops.max(initial=0))
    for at, name in enumerate(_MARKS):
        out[name] = np.log1p(len(np.unique(known.row[known.marks[:, at]])))
    out["actors"] = np.log1p(len(np.unique(known.actor[known.actor != ""])))
    out["states"] = np.log1p(len(np.unique(known.actor[known.state])))
    for name, actor in _WATCHED.items():
        out[name] = np.log1p(len(np.unique(known.row[known.actor == actor])))
    for back in range(1, _LAST + 1):
        last = CLASSES[acts.of[-back]] if len(acts.of) >= back else ""
        out |= {f"last_{back}_{name}": float(last == name) for name in _LAST_CLASSES}
    level = _level(once, out["dead"], both_ways)
    out |= {f"level_{at}": float(level >= at) for at in range(1, len(LEVELS))}
    return {"level_so_far": level, **{f"course_{name}": float(value) for name, value in out.items()}}


def _number(events: _Told, *classes: str) -> int:
    return int(np.isin(events.of, [CLASSES.index(name) for name in classes]).sum())


def _force(forced: _Told, out: dict[str, float]) -> int:
    """Add which pairs used force on each other; return the acts of the one who used less, of the hottest pair."""
    used: dict[tuple[str, str], int] = {}
    for pair in zip(forced.actor.tolist(), forced.target.tolist(), strict=True):
        used[pair] = used.get(pair, 0) + 1
    both_ways = max((min(times, used.get((b, a), 0)) for (a, b), times in used.items()), default=0)
    out["two_way"] = float(both_ways > 0)
    out["two_way_acts"] = np.log1p(both_ways)
    out["force_pairs"] = np.log1p(len(used))
    return both_ways


def _level(once: _Told, dead: float, both_ways: int) -> int:
    """How far it went, see `LEVELS`: war is declared or joined, kills thousands, or is four acts of force both ways."""
    if _number(once, "war") or dead >= THOUSANDS or both_ways >= MUTUAL_FORCE:
        return 4
    if _number(once, "force"):
        return 3
    return 2 if _number(once, "signal") else int(once.threat.any())
