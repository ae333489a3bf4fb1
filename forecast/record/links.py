"""Rules between tables: what a row points to must exist, and must be known no later than the row itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from forecast.record.columns import TABLES
from forecast.record.config import CONFIG_FILE, RecordConfig
from forecast.record.problem import Problem, nearest
from forecast.record.sheet import Sheet

Sheets = Mapping[str, Sheet]


def check_links(sheets: Sheets, config: RecordConfig | None, lines: Mapping[str, int]) -> Iterator[Problem]:
    """Yield a finding for every reference or agreement between tables that does not hold.

    Parameters
    ----------
    sheets : mapping of str to Sheet
        All tables; rows with a faulty key or date are left out of the comparisons that need it.
    config : RecordConfig or None
        ``record.yaml``, if it is valid.
    lines : mapping of str to int
        Line of every key path of ``record.yaml``.
    """
    first_known = {name: _first_known(sheet) for name, sheet in sheets.items()}
    for sheet in sheets.values():
        yield from _references(sheet, first_known)
    yield from _leads(sheets)
    yield from _parties(sheets)
    yield from _same_episode(sheets)
    yield from _cases_of_crises(sheets)
    if config:
        yield from _known_within(sheets, config)
        yield from _cases(sheets, config, lines)


def _first_known(sheet: Sheet) -> dict[str, str]:
    first: dict[str, str] = {}
    if len(sheet.table.key) == 1:
        for key, known in zip(sheet.column(sheet.table.key[0]), sheet.column("known_date"), strict=True):
            if key not in first or known < first[key]:
                first[key] = known
    return first


def _references(sheet: Sheet, first_known: Mapping[str, Mapping[str, str]]) -> Iterator[Problem]:
    known_dates = sheet.column("known_date")
    for column in sheet.table.columns:
        if column.kind not in ("ref", "refs") or column.name not in sheet.header:
            continue
        valid = first_known[column.table]
        for index, cell in enumerate(sheet.column(column.name)):
            for part in cell.split(";") if column.kind == "refs" else [cell]:
                if not part:
                    continue
                if part not in valid:
                    rule = f"is not in {column.table}.csv"
                    advice = nearest(part, valid)
                    advice += " If not, add its row" if advice.endswith("?") else ", or add its row"
                    yield sheet.problem(index, column.name, part, rule, advice)
                elif known_dates[index] and valid[part] > known_dates[index]:
                    rule = f"is known only from {valid[part]}, after this row ({known_dates[index]})"
                    advice = f"make known_date in {column.table}.csv no later than this row's"
                    yield sheet.problem(index, column.name, part, rule, advice)


def _leads(sheets: Sheets) -> Iterator[Problem]:
    sides, episodes = sheets["sides"], sheets["episodes"]
    leads: dict[tuple[str, str], set[str]] = {}
    columns = [sides.column(name) for name in ("episode_id", "side", "role", "actor")]
    for episode, side, role, actor in zip(*columns, strict=True):
        if role == "lead":
            leads.setdefault((episode, side), set()).add(actor)
    named = {column: episodes.column(column) for column in ("challenger", "target")}
    told, home = {episode for episode, _ in leads}, episodes.column("case_id")
    for index, episode in enumerate(episodes.column("episode_id")):
        if episode not in told and home[index] != episode and home[index] in told:
            continue  # a crisis between the sides of its case, which are told there
        for side, column in (("a", "challenger"), ("b", "target")):
            actor = named[column][index]
            found = leads.get((episode, side), set())
            if found != {actor}:
                rule = f"should be the one lead of side {side} in sides.csv; found {', '.join(sorted(found)) or 'none'}"
                advice = f"add the row {episode},{actor},{side},lead to sides.csv, or correct it"
                yield episodes.problem(index, column, actor, rule, advice)


def _parties(sheets: Sheets) -> Iterator[Problem]:
    sides, moves = sheets["sides"], sheets["moves"]
    known: dict[tuple[str, str], str] = {}
    columns = [sides.column(name) for name in ("episode_id", "actor", "known_date")]
    for episode, actor, day in zip(*columns, strict=True):
        known[episode, actor] = min(day, known.get((episode, actor), day))
    episodes, days = moves.column("episode_id"), moves.column("known_date")
    for column in ("actor", "target"):
        for index, actor in enumerate(moves.column(column)):
            day = known.get((episodes[index], actor))
            if actor and episodes[index] and day is None:
                rule = f"has no row in sides.csv for episode {episodes[index]}"
                yield moves.problem(index, column, actor, rule, "add one; role observer, side none, if of neither side")
            elif day and days[index] and day > days[index]:
                rule = f"takes part in {episodes[index]} only from {day} (sides.csv), after this row ({days[index]})"
                yield moves.problem(index, column, actor, rule, "make known_date in sides.csv no later")


def _same_episode(sheets: Sheets) -> Iterator[Problem]:
    for name in ("moves", "outcomes", "coverage"):
        sheet = sheets[name]
        home: dict[str, str] = {}
        for index, (key, episode) in enumerate(
            zip(sheet.column(TABLES[name].key[0]), sheet.column("episode_id"), strict=True)
        ):
            if home.setdefault(key, episode) != episode:
                rule = f"is not the episode of the other version of {key} ({home[key]})"
                yield sheet.problem(index, "episode_id", episode, rule, "versions of a row keep their episode")


def _cases_of_crises(sheets: Sheets) -> Iterator[Problem]:
    episodes = sheets["episodes"]
    kinds = dict(zip(episodes.column("episode_id"), episodes.column("kind"), strict=True))
    cases = [name for name, kind in kinds.items() if kind == "case"]
    for index, case in enumerate(episodes.column("case_id")):
        if case and kinds.get(case) == "crisis":
            yield episodes.problem(index, "case_id", case, "is a crisis, not a case", nearest(case, cases))
    covered = set(sheets["coverage"].column("episode_id"))
    pairs = zip(episodes.column("episode_id"), episodes.column("case_id"), strict=True)
    through_crises = {case for crisis, case in pairs if crisis in covered}
    home = dict(zip(episodes.column("episode_id"), episodes.column("case_id"), strict=True))
    for index, episode in enumerate(episodes.column("episode_id")):
        seen = episode in covered or (kinds[episode] == "case" and episode in through_crises)
        seen = seen or home[episode] in covered  # a crisis of a case that is followed anyway
        if episode and not seen:
            rule = "has no row in coverage.csv, so nothing in it would count as observed"
            yield episodes.problem(index, "episode_id", episode, rule, "add the stretch that the sources watched")


def _known_within(sheets: Sheets, config: RecordConfig) -> Iterator[Problem]:
    if config.covered_until is None:
        return
    last = config.covered_until.isoformat()
    for sheet in sheets.values():
        for index, day in enumerate(sheet.column("known_date")):
            if day > last:
                rule = f"lies after covered_until {last} of {CONFIG_FILE}"
                yield sheet.problem(
                    index, "known_date", day, rule, "correct the date, or set covered_until later or null"
                )


def _cases(sheets: Sheets, config: RecordConfig, lines: Mapping[str, int]) -> Iterator[Problem]:
    episodes = sheets["episodes"]
    columns = [episodes.column(name) for name in ("episode_id", "kind", "start")]
    starts = {episode: start for episode, kind, start in zip(*columns, strict=True) if kind == "case"}
    seen: set[str] = set()
    for number, case in enumerate(config.cases):
        at = f"cases.{number}.id"
        line = lines.get(at, 1)
        if case.id not in starts:
            rule = "is no episode of kind case in episodes.csv"
            yield Problem(CONFIG_FILE, line, at, case.id, rule, nearest(case.id, starts))
        elif case.panel_start < _day(starts[case.id], case.panel_start):
            rule = f"lies before the start {starts[case.id]} of the case in episodes.csv"
            at = f"cases.{number}.panel_start"
            yield Problem(CONFIG_FILE, lines.get(at, line), at, str(case.panel_start), rule, "correct one of the two")
        if case.id in seen:
            yield Problem(CONFIG_FILE, line, at, case.id, "stands twice among the cases", "keep it once")
        seen.add(case.id)


def _day(text: str, otherwise: dt.date) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return otherwise
