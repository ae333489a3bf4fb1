"""From the rows of ICBe to moves: who did or said what to whom, and who stands on which side."""

from __future__ import annotations

from typing import Final

import pandas as pd

from forecast.record.importers.draft import Act, Tally
from forecast.record.importers.icbe_words import (
    ACTS,
    ANNOUNCED_HARM,
    ANNOUNCED_RESTRAINT,
    ANNOUNCEMENTS,
    CONTENT_COLUMNS,
    ENDING_THOUGHTS,
    FATALITIES,
    HOSTILE_TYPES,
    INVASION,
    LARGE_FORCES,
    ONE_SIDED_TYPES,
    REAL_THOUGHTS,
    SPEECH,
)
from forecast.record.importers.shape import as_moves, mirrored, side_rows
from forecast.record.importers.states import STATE_NAMES

BACKGROUND_DAYS: Final = 182
DOMESTIC: Final = ("DOMESTIC", "Own public, parliament or elite of the acting state")

_WHO_ACTS: Final = {
    "action": "do_actor_a acts",
    "speech": "say_actor_a acts, by the kind of statement; its content is no act",
    "thought": "do_actor_a acts, as perceived by think_actor_a",
}

_MEANINGS: Final[dict[str, Act]] = {
    **ACTS,
    **{f"say={kind}": act for kind, act in SPEECH.items()},
    "say=harm": ANNOUNCED_HARM,
    "say=restraint": ANNOUNCED_RESTRAINT,
}


def crisis_acts(
    rows: pd.DataFrame, who: dict[str, dict[str, str]], episodes: pd.DataFrame, ends: pd.DataFrame
) -> tuple[pd.DataFrame, list[Tally]]:
    """Return one act for every pair of actor and target, from 182 days before the onset to the end of the crisis.

    Parameters
    ----------
    rows : DataFrame
        Dated rows of ICBe.
    who : dict
        Name in ICBe to actor id, name and kind.
    episodes, ends : DataFrame
        Crises, and the day on which each ended.
    """
    rows = rows[rows["episode_id"].isin(episodes["episode_id"])]
    thought = rows["event_type"].eq("thought")
    ending = thought & rows["thinkkind"].map(lambda cell: bool(words(cell) & set(ENDING_THOUGHTS)))
    seen = rows["thinkkind"].map(lambda cell: words(cell) <= set(REAL_THOUGHTS)) & rows["thinkkind"].ne("")
    real = thought & ~ending & seen
    unreal = thought & ~ending & ~real
    tallies = [
        Tally("dropped", "thoughts of an end of the crisis, of victory or defeat", int(ending.sum()),
              "they tell the ending; the day of the last end of crisis stands in the outcome"),
        Tally("dropped", "thoughts about what did not happen", int(unreal.sum()),
              "fears, wishes, plans and thoughts of no agreed kind: what they are about is no act"),
    ]  # fmt: skip
    kept = rows[~ending & ~unreal]
    kept = kept.assign(act=meaning(kept))
    without = kept["act"].isna() | kept["act"].eq("")
    tallies += [
        Tally("dropped", f"{kind} rows without counterpart", int((without & kept["event_type"].eq(kind)).sum()),
              "no word of the row is a type of move")
        for kind in _WHO_ACTS
    ]  # fmt: skip
    kept = kept[~without]
    pairs = actor_pairs(kept, who)
    several = pairs.loc[pairs["joined"], "line"].nunique()
    alone = len(kept) - pairs["line"].nunique()
    tallies += [
        Tally("assumed", "rows with several actors or targets", several, "one move for every pair"),
        Tally("dropped", "rows without actor, or of one actor at itself", alone, "who acts on whom cannot be told"),
    ]
    acts = _as_acts(pairs, episodes)
    onset = acts["episode_id"].map(episodes.set_index("episode_id")["start"])
    early = acts["date"] < onset - pd.Timedelta(days=BACKGROUND_DAYS)
    late = acts["date"] > acts["episode_id"].map(ends["date"])
    tallies += [
        Tally("dropped", f"moves more than {BACKGROUND_DAYS} days before the onset", int(early.sum()), "background"),
        Tally("dropped", "moves after the end of the crisis", int((late & ~early).sum()), "aftermath"),
        Tally("assumed", "moves before the onset", int(((acts["date"] < onset) & ~early).sum()),
              "background of the crisis: known with its onset"),
    ]  # fmt: skip
    tallies += [
        Tally("mapped", f"moves from {kind} rows", int((acts["event_type"].eq(kind) & ~early & ~late).sum()), why)
        for kind, why in _WHO_ACTS.items()
    ]
    return acts[~early & ~late], tallies


def words(cell: object) -> set[str]:
    """Return the words of a ``;``-joined cell."""
    return {word for word in str(cell).split(";") if word}


def _dead(cell: object) -> tuple[object, object]:
    """Return the least and greatest number of dead that the words of a cell allow."""
    known = [FATALITIES[word] for word in words(cell) if word in FATALITIES]
    return (min(low for low, _ in known), max(high for _, high in known)) if known else (pd.NA, pd.NA)


def meaning(rows: pd.DataFrame) -> pd.Series:
    """Return the key of the act of each row: ``column=word`` of what was done, or what was said; blank: none."""
    found = pd.Series("", index=rows.index, dtype="str")
    padded = {column: ";" + rows[column] + ";" for column in CONTENT_COLUMNS}
    done = rows["event_type"].isin(["action", "thought"])
    present = {f"{column}={word}" for column in CONTENT_COLUMNS for word in words(";".join(rows[column].unique()))}
    for key in [key for key in reversed(ACTS) if key in present]:
        column, word = key.split("=", 1)
        found[done & padded[column].str.contains(f";{word};", regex=False)] = key
    said = ";" + rows["sayintkind"] + ";"
    for kind in [kind for kind in reversed(SPEECH) if said.str.contains(f";{kind};", regex=False).any()]:
        found[~done & said.str.contains(f";{kind};", regex=False)] = f"say={kind}"
    announced = ~done & found.eq("") & said.str.contains("|".join(ANNOUNCEMENTS))
    content = rows["do_interact_kind"] + ";" + rows["do_kind"]
    harm = content.str.contains("escalatory|uncooperative") & ~content.str.contains("deescalatory")
    found[announced & harm] = "say=harm"
    found[announced & ~harm & content.str.contains("deescalatory|cooperative")] = "say=restraint"
    return found


def actor_pairs(rows: pd.DataFrame, who: dict[str, dict[str, str]]) -> pd.DataFrame:
    """Return one row for every pair of actor and target; the target is blank where the row names none.

    Parameters
    ----------
    rows : DataFrame
        Dated rows of ICBe with the key of their act in ``act`` (see `meaning`).
    who : dict
        Name in ICBe to actor id, name and kind.
    """
    speech = rows["event_type"].eq("speech")
    actor = rows["say_actor_a"].where(speech, rows["do_actor_a"])
    target = rows["do_actor_b"].where(~speech, rows["say_actor_b"])
    about = rows["do_actor_a"].where(rows["do_actor_a"].ne(rows["say_actor_a"]), rows["do_actor_b"])
    target = target.where(target.ne("") | ~speech, about)
    target = target.where(target.ne("") | ~rows["event_type"].eq("thought"), rows["think_actor_a"])
    joined = actor.str.contains(";") | target.str.contains(";")
    out = rows.assign(actor=actor.str.split(";"), target=target.str.split(";"), joined=joined)
    out = out.explode("actor").reset_index(names="line").explode("target").reset_index(drop=True)
    ids = {name: entry["actor_id"] for name, entry in who.items()} | {"": ""}
    out["actor"], out["target"] = out["actor"].str.strip().map(ids), out["target"].str.strip().map(ids)
    domestic = as_moves(out["act"], _MEANINGS)["type"].isin(ONE_SIDED_TYPES)
    out["target"] = out["target"].mask(domestic, DOMESTIC[0])
    return out[out["actor"].ne("") & out["actor"].ne(out["target"])]


def _as_acts(pairs: pd.DataFrame, episodes: pd.DataFrame) -> pd.DataFrame:
    onset = pairs["episode_id"].map(episodes.set_index("episode_id")["known_date"])
    dead = pairs["interact_fatalities"].where(pairs["event_type"].ne("speech"), "")
    low, high = dead.map(lambda cell: _dead(cell)[0]), dead.map(lambda cell: _dead(cell)[1])
    acts = pd.DataFrame({
        "move_id": pairs["episode_id"] + "/" + pairs["row_id"].str.strip(),
        "episode_id": pairs["episode_id"],
        "date": pairs["date"],
        "date_precision": pairs["date_precision"],
        "known_date": pairs["known_date"].clip(lower=onset),
        "actor": pairs["actor"],
        "target": pairs["target"],
        **as_moves(pairs["act"], _MEANINGS),
        "fatalities_low": low.astype("Int64"),
        "fatalities_high": high.astype("Int64"),
        "summary": pairs["event_type"].str.capitalize() + " in sentence "
        + pairs["sentence_number_int_aligned"] + ": " + pairs["act"].str.split("=").str[1],
        "confidence": pairs["raterconfidence"].str.contains("low|none").map({True: "disputed", False: "reported"}),
        "basis": "dataset",
        "event_type": pairs["event_type"],
        "order": pairs["order"],
        "clash": pairs["act"].eq("interact_escalate=battle/clash"),
    })  # fmt: skip
    forces = ";" + pairs["interact_forces"] + ";"
    large = pairs["interact_territory"].str.contains("large gain") | forces.str.contains(
        "|".join(f";{word};" for word in LARGE_FORCES)
    )
    acts["rung"] = acts["rung"].mask(acts["type"].eq("ground_operation") & large, INVASION.rung)
    return acts.sort_values(["episode_id", "date", "order"], kind="stable").reset_index(drop=True)


def with_sides(acts: pd.DataFrame, episodes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, list[Tally]]:
    """Place the others by their first hostile act with a lead, or else by their first support of one; name targets."""
    leads = pd.concat([
        episodes[["episode_id", "challenger"]].set_axis(["episode_id", "actor"], axis=1).assign(side="a"),
        episodes[["episode_id", "target"]].set_axis(["episode_id", "actor"], axis=1).assign(side="b"),
    ]).set_index(["episode_id", "actor"])["side"]  # fmt: skip
    other = {"a": "b", "b": "a"}
    met = []
    for one, two in (("actor", "target"), ("target", "actor")):
        known = leads.reindex(pd.MultiIndex.from_frame(acts[["episode_id", two]])).to_numpy()
        part = acts.assign(lead=known, one=acts[one])
        part = part[part["lead"].notna() & ~part["one"].isin(["", DOMESTIC[0]])]
        hostile, friendly = part["type"].isin(HOSTILE_TYPES), part["type"].eq("ally_support")
        met.append(part[hostile].assign(side=part.loc[hostile, "lead"].map(other), rank=0))
        met.append(part[friendly].assign(side=part.loc[friendly, "lead"], rank=1))
    first = pd.concat(met).sort_values(["rank", "known_date", "order"], kind="stable")
    first = first.drop_duplicates(["episode_id", "one"])
    state = first["one"].isin(list(STATE_NAMES)) & first["rank"].eq(0)
    first = first.assign(actor=first["one"], role=state.map({True: "member", False: "partner"}))
    members = side_rows(episodes, first[["episode_id", "actor", "side", "role", "known_date"]])
    acts, tallies = _with_targets(acts, members, leads)
    return members, acts, tallies


def _with_targets(acts: pd.DataFrame, members: pd.DataFrame, leads: pd.Series) -> tuple[pd.DataFrame, list[Tally]]:
    side = members.drop_duplicates(["episode_id", "actor"]).set_index(["episode_id", "actor"])["side"]
    own = pd.Series(side.reindex(pd.MultiIndex.from_frame(acts[["episode_id", "actor"]])).to_numpy(), acts.index)
    by_side = leads.reset_index().set_index(["episode_id", "side"])["actor"]
    opposite = pd.MultiIndex.from_arrays([acts["episode_id"], own.map({"a": "b", "b": "a"})])
    rival = pd.Series(by_side.reindex(opposite).to_numpy(), acts.index)
    blank = acts["target"].eq("")
    lost = blank & rival.isna()
    acts = acts.assign(target=acts["target"].mask(blank, rival), own=own)[~lost]
    theirs = pd.Series(side.reindex(pd.MultiIndex.from_frame(acts[["episode_id", "target"]])).to_numpy(), acts.index)
    opposed = acts["own"].isin(["a", "b"]) & theirs.isin(["a", "b"]) & acts["own"].ne(theirs)
    same = acts["own"].isin(["a", "b"]) & acts["own"].eq(theirs)
    agreed = acts["type"].eq("deal") & same
    acts.loc[agreed, ["type", "level"]] = ["ally_support", 1]
    odd = acts["type"].eq("ally_support") & opposed
    acts = acts[~odd].assign(opposed=opposed[~odd])
    twice = acts.duplicated(["episode_id", "date", "actor", "target", "type"])
    acts = acts[~twice]
    number = acts.groupby("move_id").cumcount()
    several = acts.groupby("move_id")["move_id"].transform("size") > 1
    acts["move_id"] = acts["move_id"].where(~several, acts["move_id"] + "." + (number + 1).astype(str))
    both = mirrored(acts, acts["clash"] & acts["type"].eq("limited_strike")).reset_index(drop=True)
    return both, [
        Tally("assumed", "moves without a named target", int((blank & ~lost).sum()), "the lead of the other side"),
        Tally("dropped", "moves without target by someone on no side", int(lost.sum()), "at whom cannot be told"),
        Tally("assumed", "agreements between two of one side", int(agreed.sum()), "support of an ally, not a deal"),
        Tally("dropped", "cooperation between opponents", int(odd.sum()), "no counterpart among the types of moves"),
        Tally("dropped", "moves told twice", int(twice.sum()),
              "same day, actor, target and type: one event, told by two sentences or as act and as thought"),
        Tally("mapped", "battles and clashes, which have no attacker", len(both) - len(acts),
              "two moves each, one per side; the dead stand on the first"),
    ]  # fmt: skip
