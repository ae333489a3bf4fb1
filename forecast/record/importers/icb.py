"""ICB version 15: international crises and the trigger and major response of each crisis actor (Brecher and others)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pandas as pd

from forecast.errors import RecordError
from forecast.record.importers.draft import DataSet, Draft, Tally, told
from forecast.record.importers.icb_words import (
    DOMESTIC,
    INTERNAL_CHALLENGE,
    NO_RESPONSE,
    NOT_A_STATE,
    RESPONSE_NAMES,
    RESPONSES,
    TRIGGER_NAMES,
    TRIGGERS,
)
from forecast.record.importers.shape import as_moves, month_end, outcome_rows, side_rows
from forecast.record.importers.source import Published, find_file, read_published, refuse_where, to_number
from forecast.record.importers.states import STATE_NAMES, state_ids

DATA_SET: Final = DataSet(
    "icb",
    "15",
    "International Crisis Behavior",
    "Brecher, Michael, Jonathan Wilkenfeld, Kyle Beardsley, Patrick James and David Quinn (2023). International Crisis "
    "Behavior Data Codebook, Version 15.",
    "https://sites.duke.edu/icbdata",
    "free download, citation asked",
)
CRISIS_FILE: Final = "the crisis file of ICB version 15 (icb1v15.csv)"
ACTOR_FILE: Final = "the actor file of ICB version 15 (icb2v15.csv)"
CRISIS_COLUMNS: Final = (
    "icb1", "crisno", "crisname", "yrtrig", "motrig", "datrig", "yrterm", "moterm", "daterm", "viol", "forout",
    "protrac", "pcid",
)  # fmt: skip
ACTOR_COLUMNS: Final = (
    "icb2", "crisno", "cracno", "cracid", "triggr", "yrtrig", "motrig", "datrig", "trigent", "southv", "majres",
    "yerres", "monres", "dayres",
)  # fmt: skip
PART_OF_MONTH: Final = {66: 5, 77: 15, 88: 25, 99: 15}
WITHOUT_VIOLENCE: Final = 1
FULL_SCALE_WAR: Final = 4
AGREEMENTS: Final = (1, 2, 5)
ENDINGS: Final = {1: "ceasefire", 2: "ceasefire", 3: "tacit_halt", 5: "military_victory", 7: "tacit_halt"}


def read(path: Path) -> Draft:
    """Read both levels of ICB and tell them in the words of the record.

    One crisis is one episode. Its target is the crisis actor whose crisis begins first, its challenger the source of
    the threat that this actor saw. Each crisis actor gives two acts: what triggered its crisis, and its major response.

    Parameters
    ----------
    path : Path
        The folder with both files, or the crisis file with the actor file beside it.

    Raises
    ------
    UsageError, RecordError
        If the two files of version 15 are not there.
    """
    folder = path if path.is_dir() else path.parent
    crisis_path = find_file(path, "icb1v*.csv", CRISIS_FILE)
    _check_version(crisis_path)
    crises_file = read_published(crisis_path, CRISIS_COLUMNS, CRISIS_FILE)
    actor_path = find_file(folder, "icb2v*.csv", ACTOR_FILE)
    _check_version(actor_path)
    actors_file = read_published(actor_path, ACTOR_COLUMNS, ACTOR_FILE)
    crises, actors = _crises(crises_file), _crisis_actors(actors_file)
    why = f"is not in {crisis_path.name} – take both files from the same version"
    refuse_where(~actors["crisno"].isin(crises["crisno"]), actor_path, "crisno", actors["crisno"], why)
    episodes = _episodes(crises, actors)
    acts, tallies = _acts(actors, episodes)
    members = side_rows(episodes, _joined(actors, episodes))
    ends = _ends(crises[crises["crisno"].isin(actors["crisno"])])
    outcomes = outcome_rows(episodes, members, acts, ends)
    names = {**STATE_NAMES, **dict(NOT_A_STATE.values()), DOMESTIC[0]: DOMESTIC[1]}
    kinds = {DOMESTIC[0]: "domestic", **dict.fromkeys((code for code, _ in NOT_A_STATE.values()), "unknown")}
    known = pd.DataFrame({"actor_id": list(names), "name": list(names.values())})
    known["kind"] = known["actor_id"].map(kinds).fillna("state")
    return Draft(
        DATA_SET,
        (crises_file, actors_file),
        episodes.drop(columns="crisno"),
        members,
        acts,
        outcomes,
        _coverage(episodes, crises, ends),
        known,
        (*tallies, *_remarks(crises, actors, ends)),
    )


def _check_version(file: Path) -> None:
    version = re.search(r"v(\d+)", file.stem)
    if version and version[1] != DATA_SET.version:
        raise RecordError(f"{file}: version {version[1]} by its name – this importer reads version {DATA_SET.version}")


def _crises(published: Published) -> pd.DataFrame:
    rows = published.rows
    if set(rows["icb1"].str.strip()) != {"ICB1"}:
        raise RecordError(f"{published.path}: column icb1 does not say ICB1 – it should be {CRISIS_FILE}")
    numbers = [name for name in CRISIS_COLUMNS if name not in ("icb1", "crisname")]
    crises = pd.DataFrame({name: to_number(rows, name, published.path) for name in numbers})
    crises["crisname"] = rows["crisname"].str.strip()
    twice = crises["crisno"].duplicated()
    refuse_where(twice, published.path, "crisno", crises["crisno"], "stands twice – download the file again")
    crises["episode_id"] = "icb-" + crises["crisno"].astype(str)
    return crises


def _crisis_actors(published: Published) -> pd.DataFrame:
    numbers = [name for name in ACTOR_COLUMNS if name != "icb2"]
    actors = pd.DataFrame({name: to_number(published.rows, name, published.path) for name in numbers})
    actors["episode_id"] = "icb-" + actors["crisno"].astype(str)
    others = {number: code for number, (code, _) in NOT_A_STATE.items()}
    for column, name in (("actor", "cracid"), ("trigger", "trigent"), ("threat", "southv")):
        ids = state_ids(actors[name])
        actors[column] = ids.where(ids.ne(""), actors[name].map(others).fillna(""))
    nameless = actors["actor"].eq("") | actors["cracid"].isin(list(others))
    refuse_where(nameless, published.path, "cracid", actors["cracid"], "is no state number – download the file again")
    actors["source"] = actors["threat"].where(~actors["threat"].isin(["", *others.values()]), actors["trigger"])
    actors["source"] = actors["source"].where(
        actors["source"].ne("") & actors["source"].ne(actors["actor"]), "INTERNAL"
    )
    dated = pd.DataFrame(_dates(actors, "yrtrig", "motrig", "datrig"))
    actors[["date", "date_precision", "known_date"]] = dated
    return actors.sort_values(["crisno", "date", "cracno"], kind="stable")


def _dates(rows: pd.DataFrame, year: str, month: str, day: str) -> pd.DataFrame:
    """Return date, precision and known_date; days 66, 77, 88 (early, middle, late) and missing ones leave the month."""
    number = rows[day].astype("Int64")
    exact = number.between(1, 31).fillna(False)
    parts = {"year": rows[year], "month": rows[month], "day": number.replace(PART_OF_MONTH).fillna(15)}
    dates = pd.to_datetime(pd.DataFrame(parts).astype("Float64"), errors="coerce")
    known = dates.where(exact, month_end(dates))
    return pd.DataFrame(
        {"date": dates, "date_precision": exact.map({True: "day", False: "month"}), "known_date": known}
    )


def _episodes(crises: pd.DataFrame, actors: pd.DataFrame) -> pd.DataFrame:
    first = actors.drop_duplicates("episode_id").set_index("episode_id")
    rows = crises.set_index("episode_id").loc[lambda frame: frame.index.isin(first.index)]
    first = first.loc[rows.index]
    start = _dates(rows, "yrtrig", "motrig", "datrig")
    story = rows["protrac"].ne(1) & rows["pcid"].notna()
    episodes = pd.DataFrame({
        "crisno": rows["crisno"],
        "challenger": first["source"],
        "target": first["actor"],
        "start": start["date"],
        "date_precision": start["date_precision"],
        "known_date": start["known_date"],
        "kind": "crisis",
        "stratum": "dataset",
        "cluster": ("icb-pc-" + rows["pcid"].astype(str)).where(story, rows.index.to_series()),
        "confidence": "reported",
    })  # fmt: skip
    episodes["name"] = episodes["challenger"] + " - " + episodes["target"] + ", " + start["date"].dt.strftime("%B %Y")
    return episodes.reset_index()


def _acts(actors: pd.DataFrame, episodes: pd.DataFrame) -> tuple[pd.DataFrame, list[Tally]]:
    onset = episodes.set_index("episode_id")["known_date"]
    triggers = actors.assign(**as_moves(actors["triggr"], TRIGGERS), code=actors["triggr"].map(TRIGGER_NAMES))
    triggers["part"] = "trigger"
    internal = triggers["triggr"] == INTERNAL_CHALLENGE
    triggers["by"] = triggers["trigger"].where(~internal, triggers["actor"])
    triggers["on"] = triggers["actor"].where(~internal, DOMESTIC[0])
    own = triggers["by"].isin(["", "INTERNAL"]) & ~internal | triggers["by"].eq(triggers["on"])
    triggers.loc[own, "by"] = triggers["source"]
    responses = actors.assign(**as_moves(actors["majres"], RESPONSES), code=actors["majres"].map(RESPONSE_NAMES))
    responses = responses.assign(part="response", by=actors["actor"], on=actors["source"])
    responses[["date", "date_precision", "known_date"]] = _dates(responses, "yerres", "monres", "dayres")
    both = pd.concat([triggers, responses], ignore_index=True)
    told = both[both["type"].notna() & both["date"].notna()]
    acts = pd.DataFrame({
        "move_id": told["episode_id"] + "/" + told["cracno"].astype(str) + "-" + told["part"],
        "episode_id": told["episode_id"],
        "date": told["date"],
        "date_precision": told["date_precision"],
        "known_date": told["known_date"].clip(lower=told["episode_id"].map(onset)),
        "actor": told["by"],
        "target": told["on"],
        **{name: told[name] for name in ("type", "level", "rung")},
        "fatalities_low": pd.NA,
        "fatalities_high": pd.NA,
        "summary": told["part"].str.capitalize() + " of " + told["actor"] + ": " + told["code"],
        "confidence": "reported",
        "basis": "dataset",
    })  # fmt: skip
    return acts, _counted(both)


def _counted(both: pd.DataFrame) -> list[Tally]:
    tallies = []
    for part, mapping in (("trigger", TRIGGERS), ("response", RESPONSES)):
        rows = both[(both["part"] == part) & both["date"].notna()]
        column = "triggr" if part == "trigger" else "majres"
        for code, count in rows[column].value_counts().sort_index().items():
            act = mapping.get(int(str(code)))
            names = TRIGGER_NAMES if part == "trigger" else RESPONSE_NAMES
            what = f"{part} {code} ({names.get(int(str(code)), 'unknown code')})"
            if act:
                tallies.append(Tally("mapped", what, int(count), told(act)))
            elif part == "response" and code == NO_RESPONSE:
                why = "no move: inaction was observed, and stands in the outcome as retaliation_rung 0"
                tallies.append(Tally("masked", what, int(count), why))
            else:
                tallies.append(Tally("dropped", what, int(count), "no counterpart among the types of moves"))
    missing = both[both["date"].isna()]
    tallies.append(Tally("dropped", "responses without month or year", len(missing), "no usable date"))
    return tallies


def _joined(actors: pd.DataFrame, episodes: pd.DataFrame) -> pd.DataFrame:
    """Place the further crisis actors: against whom a side threatens, and beside whom the other one stands."""
    rows = []
    leads = episodes.set_index("episode_id")
    for episode, group in actors.groupby("episode_id", sort=False):
        lead = leads.loc[str(episode)]
        side = {str(lead["challenger"]): "a", str(lead["target"]): "b"}
        pairs = list(zip(group["actor"], group["source"], group["known_date"], strict=True))
        for _ in range(3):
            for actor, source, known in pairs:
                for one, other in ((actor, source), (source, actor)):
                    if one not in side and other in side:
                        side[one] = "b" if side[other] == "a" else "a"
                        rows.append((episode, one, side[one], max(known, lead["known_date"])))
    joined = pd.DataFrame(rows, columns=["episode_id", "actor", "side", "known_date"])
    states = joined["actor"].isin(list(STATE_NAMES))
    return joined.assign(role=states.map({True: "member", False: "partner"}))


def _ends(crises: pd.DataFrame) -> pd.DataFrame:
    end = _dates(crises, "yrterm", "moterm", "daterm").assign(episode_id=crises["episode_id"])
    month = end["date_precision"] == "month"
    end["date"] = end["date"].where(~month, end["known_date"])
    peaceful, war = crises["viol"] == WITHOUT_VIOLENCE, crises["viol"] == FULL_SCALE_WAR
    rung = pd.Series(pd.NA, crises.index, dtype="Int64").mask(peaceful, 0).mask(war, 8)
    calm = crises["forout"].isin(AGREEMENTS).map({True: "no_force_deal", False: "no_force_standoff"})
    end["ended_by"] = crises["forout"].map(ENDINGS).fillna("unknown").where(~peaceful, calm)
    end["max_a"] = end["max_b"] = rung
    end["name"] = crises["crisname"]
    end["summary"] = (
        "ICB violence " + crises["viol"].astype(str) + " of 4, form of outcome " + crises["forout"].astype(str)
        + ", of the whole crisis."
    )  # fmt: skip
    return end[end["date"].notna()].set_index("episode_id")


def _coverage(episodes: pd.DataFrame, crises: pd.DataFrame, ends: pd.DataFrame) -> pd.DataFrame:
    """Return the day of the trigger, and, known at the end, the whole of a crisis that saw no violence."""
    rows = pd.DataFrame({
        "coverage_id": episodes["episode_id"] + "/trigger",
        "episode_id": episodes["episode_id"],
        "start": episodes["start"],
        "end": episodes["known_date"],
        "known_date": episodes["known_date"],
        "density": "narrative",
        "observes": "force",
        "note": "One trigger and one major response per crisis actor; what else happened is not told.",
    })  # fmt: skip
    peaceful = crises.loc[crises["viol"] == WITHOUT_VIOLENCE, "episode_id"]
    calm = rows[rows["episode_id"].isin(peaceful) & rows["episode_id"].isin(ends.index)].copy()
    calm["coverage_id"] = calm["episode_id"] + "/calm"
    calm["end"] = ends["date"].reindex(calm["episode_id"]).to_numpy()
    calm["known_date"] = ends["known_date"].reindex(calm["episode_id"]).to_numpy()
    calm["note"] = "ICB codes the whole crisis as without violence; known when it was over."
    return pd.concat([rows, calm[calm["end"] >= calm["start"]]], ignore_index=True)


def _remarks(crises: pd.DataFrame, actors: pd.DataFrame, ends: pd.DataFrame) -> list[Tally]:
    parts = sum(int(rows[day].isin(list(PART_OF_MONTH)).sum()) for rows, day in
                ((crises, "datrig"), (crises, "daterm"), (actors, "datrig"), (actors, "dayres")))  # fmt: skip
    open_ladder = int(crises["viol"].isin([2, 3]).sum())
    without = int((~crises["crisno"].isin(actors["crisno"])).sum())
    return [
        Tally("dropped", "crises without a crisis actor in the actor file", without, "no side can be named"),
        Tally("assumed", "day codes 66, 77, 88, 99", parts,
              "month precision: early, middle or late in the month; known at its end"),
        Tally("assumed", "known_date of all moves", None,
              "the day of the act; ICB was coded afterwards and does not say when it could be known"),
        Tally("assumed", "violent triggers and responses", None,
              "rung 4: ICB says that they were violent, not how far they went"),
        Tally("assumed", "viol 4 (full-scale war)", int((crises["viol"] == FULL_SCALE_WAR).sum()),
              "rung 8 on both sides, in the outcome only"),
        Tally("masked", "viol 2 and 3 (minor and serious clashes)", open_ladder,
              "violence of the whole crisis, not of a side: highest rungs and place on the ladder are blank"),
        Tally("masked", "crises without a date of termination", len(crises) - without - len(ends), "no outcome row"),
        Tally("masked", "everything between trigger and response", None,
              "coverage holds the day of the trigger; of crises without violence also the whole crisis"),
        Tally("masked", "gravcr, gravty, timvio, stressad, issues, noactr, iwcmb", None,
              "coded over the whole crisis: they would tell its course at the onset"),
        Tally("masked", "demand, capability, democracy, ground access, chokepoint, earlier force", None,
              "blank: ICB does not code them for the challenger"),
    ]  # fmt: skip
