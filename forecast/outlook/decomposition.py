"""The change between two forecasts of a case in parts that add up: corrections, time, model, refit, new rows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from forecast.outlook.parts import Effect, Futures, State, other_priors, single, step, updated_state
from forecast.record.between import MOST_GROUPS, Between, Group, between, corrections, groups, only, without
from forecast.record.panel import build_panel
from forecast.record.patched import patched_panel, same_panel
from forecast.terms import LADDER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr

    from forecast.record.read import Record

CORRECTED, TIME, MODEL, REFIT, VIEWS, NEW, JOINT, UNSPLIT = (
    "corrected", "time", "model", "refit", "views", "new", "interplay", "unsplit"
)  # fmt: skip
NAMES = (*LADDER, "p_strike")
PRIORS = "priors"
COLUMNS = ["horizon_days", "name", "part", "kind", "label", "side", "channel", "date", "moves", "before", "now",
           "mcse_before", "mcse_now", "difference", "mcse", "khat", "note"]  # fmt: skip


class Side(NamedTuple):
    """One of the two forecasts.

    `ladder` and `error` [horizon, name] are what was published and its Monte Carlo error, `inside` what the inside view
    said. `tree` is its posterior, `base` the fit that it came from (itself, unless it is an update); both are None
    where they cannot be used, and `reason` says why. `settings` are those that shape the model; `code` is the hash of
    the code.
    """

    day: date
    ladder: np.ndarray
    error: np.ndarray
    inside: np.ndarray
    listed: pd.DataFrame | None
    ahead: Futures
    period_days: int
    settings: dict[str, str]
    code: str
    tree: xr.DataTree | None = None
    base: xr.DataTree | None = None
    reason: str = ""

    @property
    def state(self) -> State | None:
        """The forecast as its posterior has it."""
        return None if self.tree is None else State(self.tree, self.ahead)

    def moved(self, near: State, panel: xr.Dataset) -> State | None:
        """The forecast on another panel: `near` itself where that says the same; None where its draws degenerate."""
        if same_panel(near.panel, panel):
            return near
        return None if self.base is None else updated_state(self.base, panel, self.ahead)


class Part(NamedTuple):
    """One part of the change: its kind, what it is, what it moved, and the rows of the record behind it."""

    kind: str
    label: str
    effect: Effect
    side: str = ""
    channel: str = ""
    date: date | None = None
    moves: tuple[str, ...] = ()
    note: str = ""


class Change(NamedTuple):
    """A change of the record: panels that lack nothing but it, and that have nothing but it."""

    group: Group
    lacking: xr.Dataset
    having: xr.Dataset


def decompose(
    earlier: Side,
    later: Side,
    record: Record,
    case: str,
    progress: Callable[[str], None] = lambda _: None,
    *,
    most: int = MOST_GROUPS,
) -> list[Part]:
    """Split the change from one forecast to a later one of the same case into parts that add up to it.

    The way goes from the earlier forecast over (1) its own record with the rows that were corrected since, (2) that
    record on the later day, and (3) the later posterior without the new rows, to the later forecast. Each stop is a
    forecast of its own, and a part is the difference of two stops: corrected rows, time, other priors or model and the
    refit, new rows. What the stops leave unexplained is a part of its own.

    Parameters
    ----------
    earlier, later
        The forecasts, with the same horizons.
    record
        A checked record with its reference class, not cut before the later day.
    case
        Id of the case.
    progress
        Called with a line of text at each stage.
    most
        In how many groups the new rows are told at most.
    """
    found = between(record, case, earlier.day, later.day, (earlier.listed, later.listed))
    first, aged = _from_earlier(earlier, later.day, found, progress)
    last, bare = _from_later(later, found, aged, most, progress)
    middle: list[Part] = []
    if aged is not None and bare is not None and _differing(earlier, later) == [PRIORS]:
        effect = other_priors(aged, bare.priors)
        if effect is not None:
            middle.append(Part(MODEL, "Other priors", effect))
    views = (later.ladder - later.inside) - (earlier.ladder - earlier.inside)
    if np.abs(views).max() > 0:
        middle.append(Part(VIEWS, "The other views of the pool", Effect(views, np.zeros_like(views))))
    rest = later.ladder - earlier.ladder - _sum([*first, *middle, *last], later.ladder)
    effect = Effect(rest, np.hypot(earlier.error, later.error))
    untold = [what for what, state in (("time and corrected rows", aged), ("new rows", bare)) if state is None]
    told = any(part.kind == MODEL for part in middle)
    return [*first, *middle, _rest(earlier, later, effect, untold, told=told), *last]


def frame_of(parts: Sequence[Part], earlier: Side, later: Side) -> pd.DataFrame:
    """The table `movers`: one row for each part, horizon and name."""
    rows = [
        (horizon, name, number, part.kind, part.label, part.side, part.channel, part.date, ";".join(part.moves),
         earlier.ladder[h, n], later.ladder[h, n], earlier.error[h, n], later.error[h, n],
         part.effect.difference[h, n], part.effect.mcse[h, n], part.effect.khat, part.note)
        for number, part in enumerate(parts)
        for h, horizon in enumerate(later.ahead.horizons)
        for n, name in enumerate(NAMES)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _from_earlier(
    side: Side, until: date, found: Between, progress: Callable[[str], None]
) -> tuple[list[Part], State | None]:
    """Corrected rows and time, and the earlier forecast of the corrected record on the later day."""
    start = side.state
    if start is None:
        return [], None
    kept = found.with_moves(found.corrected, later=False)
    fixed = side.moved(start, patched_panel(start.panel, kept))
    if fixed is None:
        return [], None
    listed = corrections(found)
    changes = []
    for group in listed:
        as_was, as_is = (
            pd.concat([without(most, group.moves), only(few, group.moves)], ignore_index=True)
            for most, few in ((found.corrected, found.knew), (found.knew, found.corrected))
        )
        changes.append(Change(
            group, patched_panel(fixed.panel, found.with_moves(as_was, later=False)),
            patched_panel(start.panel, found.with_moves(as_is, later=False)),
        ))  # fmt: skip
    parts = _split(CORRECTED, changes, start, fixed)
    progress(f"{len(listed)} corrected rows")
    aged = side.moved(fixed, build_panel(kept, until, case=found.case.episode_id, period_days=side.period_days))
    if aged is None:
        return parts, None
    days = (until - side.day).days
    label = f"{days} day{'' if days == 1 else 's'} more, had nothing new been reported"
    progress(label)
    return [*parts, Part(TIME, label, step(fixed, aged))], aged


def _from_later(
    side: Side, found: Between, aged: State | None, most: int, progress: Callable[[str], None]
) -> tuple[list[Part], State | None]:
    """New rows, and the later forecast without them; `aged` is the earlier one of the same record on the same day."""
    end = side.state
    if end is None:
        return [], None
    case, fresh = found.case.episode_id, found.fresh
    if aged is not None and int(aged.panel.attrs["period_days"]) == side.period_days:
        empty = aged.panel
    else:
        kept = found.with_moves(found.corrected, later=False)
        empty = build_panel(kept, side.day, case=case, period_days=side.period_days)
    bare = side.moved(end, empty)
    changes = []
    for group in groups(found, end.panel, most):
        more = pd.concat([found.corrected, only(fresh, group.moves)], ignore_index=True)
        changes.append(Change(
            group, patched_panel(end.panel, found.with_moves(without(found.has, group.moves), later=True)),
            patched_panel(empty, found.with_moves(more, later=False)),
        ))  # fmt: skip
    group = Group("Crises, coverage and other tables of the record", "", "", side.day, ())
    changes.append(Change(
        group, patched_panel(empty, found.with_moves(found.has, later=False)),
        patched_panel(end.panel, found.with_moves(found.corrected, later=True)),
    ))  # fmt: skip
    progress(f"{len(fresh)} new rows in {len(changes) - 1} groups")
    return _split(NEW, changes, bare, end), bare


def _split(kind: str, changes: list[Change], before: State | None, after: State) -> list[Part]:
    """Parts of the way between two states by single changes of the record, with what they do together."""
    parts, untrusted = [], []

    def tells(change: Change) -> bool:
        if not same_panel(after.panel, change.lacking):
            return True
        return before is not None and not same_panel(before.panel, change.having)

    telling = [change for change in changes if tells(change)]
    total = None if before is None else step(before, after)
    for change in telling:
        effect = total if total is not None and len(telling) == 1 else single(
            after, change.lacking, before, change.having)  # fmt: skip
        if effect is None:
            untrusted.append(change.group.label)
            continue
        g = change.group
        parts.append(Part(kind, g.label, effect, g.side, g.channel, g.date if g.moves else None, g.moves))
    told = {name for change in telling for name in change.group.moves}
    moves = tuple(name for change in changes for name in change.group.moves if name not in told)
    if moves:
        nothing = np.zeros_like(after.shares[0])
        what = {CORRECTED: "Corrected rows", NEW: "New rows"}[kind]
        parts.append(Part(kind, f"{what} that change no cell of the model", Effect(nothing, nothing), moves=moves))
    if total is not None:
        left = total.difference - _sum(parts, total.difference)
        if len(telling) > 1 or np.abs(left).max() > 0:
            error = np.sqrt(np.sum([total.mcse**2, *(part.effect.mcse**2 for part in parts)], axis=0))
            what = {CORRECTED: "corrected rows", NEW: "new rows"}[kind]
            note = f"with those whose weights are not to be trusted: {'; '.join(untrusted)}" if untrusted else ""
            label = f"What the {what} do together" if telling else "Other changes of the record"
            parts.append(Part(JOINT if kind == NEW else kind, label,
                              Effect(left, error, total.khat), note=note))  # fmt: skip
    return parts


def _rest(earlier: Side, later: Side, effect: Effect, untold: list[str], *, told: bool) -> Part:
    """What the stops leave unexplained, by its name."""
    differing = _differing(earlier, later)
    notes = [f"forecast as of {side.day}: {side.reason}" for side in (earlier, later) if side.reason]
    if earlier.code != later.code:
        notes.append("the code changed between the two")
    if untold:
        others = ["other " + " and ".join(differing)] if differing else []
        label = f"Not told apart: {', '.join([*untold, *others, 'refit'])}"
        degenerate = [w for w, side in zip(("time and corrected rows", "new rows"), (earlier, later), strict=True)
                      if w in untold and not side.reason]  # fmt: skip
        notes += [f"the draws cannot be moved that far: {w}" for w in degenerate]
        return Part(UNSPLIT, label, effect, note="; ".join(notes))
    if differing and not told:
        return Part(MODEL, f"Other {' and '.join(differing)}, and the refit", effect, note="; ".join(notes))
    return Part(REFIT, "Refit and noise of the computation", effect, note="; ".join(notes))


def _differing(earlier: Side, later: Side) -> list[str]:
    """Names of the settings in which the two differ."""
    return [name for name in earlier.settings if earlier.settings[name] != later.settings.get(name)]


def _sum(parts: Sequence[Part], like: np.ndarray) -> np.ndarray:
    return sum((part.effect.difference for part in parts), np.zeros_like(like))
