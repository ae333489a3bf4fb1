"""Had the last period shown another signal: what each would move, by re-weighting the draws of one posterior."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import ArchiveError
from forecast.inference.carry import priors_of
from forecast.inference.fit import samples
from forecast.inference.ratios import panel_weights
from forecast.model.past import AUDIENCE, OVERT
from forecast.outlook.estimate import Effect, Outcome, effect
from forecast.outlook.ladder import first_events
from forecast.outlook.outcomes import REPLY_DAYS
from forecast.outlook.simulate import simulate
from forecast.outlook.world import start_now, world_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr

    from forecast.outlook.simulate import Paths

STRIKE_DAYS = 30
DEAL_DAYS = 90
LIMITED_RUNG = 4
CONFIRMED = 1  # class of coding error of an act that is sure
TOTAL_PATHS = 200_000
UNTRUSTED = "weights not to be trusted"


class Change(NamedTuple):
    """One cell of the last period of the case: variable of the panel, side (0 a, 1 b), its column, and the value."""

    variable: str  # signal, track_record or force
    side: int
    column: str  # channel or kind of act; empty for force
    value: int


class Treatment(NamedTuple):
    """Two versions of the last period that differ in one thing; the rest of the record stays as it is.

    `expected` is the sign of the effect on P(own overt strike) where the model fixes it: verbal and posture signals
    load on resolve, and resolve on force, by definition positively. All other effects are open.
    """

    name: str
    wording: str
    side: int  # of the actor
    treated: tuple[Change, ...]
    control: tuple[Change, ...]
    expected: int = 0


def treatments_of(panel: xr.Dataset) -> list[Treatment]:
    """All treatments of a panel, side by side; a strike only where no campaign runs in the last period."""
    last = int(panel["length"].values[0]) - 1
    running = bool(panel["campaign"].values[0, last])
    return [t for side in range(2) for t in _of_side(side) if not (running and t.name == "strike absorbed")]


def _of_side(side: int) -> list[Treatment]:
    def says(channel: str, level: int) -> Change:
        return Change("signal", side, channel, level)

    def record(act: str, number: int) -> Change:
        return Change("track_record", side, act, number)

    def against(name: str, wording: str, treated: Change, control: Change, expected: int = 0) -> Treatment:
        return Treatment(name, wording, side, (treated,), (control,), expected)

    threat = says("verbal", 2)
    return [
        against("cheap threat", "a verbal threat of level 1, against none", says("verbal", 1), says("verbal", 0), 1),
        against("costly threat", "a verbal threat of level 3, against none", says("verbal", 3), says("verbal", 0), 1),
        against("costly, not cheap", "a verbal threat of level 3, against level 1", says("verbal", 3),
                says("verbal", 1), 1),
        Treatment("public, not private", "a threat of level 2 with a public commitment of level 3, against without",
                  side, (threat, says("audience", 3)), (threat, says("audience", 0))),
        against("carrier", "a deployment of level 3, against none", says("posture", 3), says("posture", 0), 1),
        against("offer", "a conciliatory signal of level 2, against none", says("diplomacy", 2), says("diplomacy", 0)),
        against("concession", "a conciliatory signal of level 3, against none", says("diplomacy", 3),
                says("diplomacy", 0)),
        against("threat broken", "a threat not carried out, against none", record("threat_not_fulfilled", 1),
                record("threat_not_fulfilled", 0)),
        against("threat fulfilled", "a threat carried out, against none", record("threat_fulfilled", 1),
                record("threat_fulfilled", 0)),
        against("ally lost", "an ally lost, against none", record("ally_loss", 1), record("ally_loss", 0)),
        against("ally gained", "support by an ally, against none", record("ally_support", 1),
                record("ally_support", 0)),
        against("strike absorbed", "a limited strike by the opponent, against none",
                Change("force", 1 - side, "", OVERT), Change("force", 1 - side, "", 0)),
    ]  # fmt: skip


def changed(panel: xr.Dataset, changes: tuple[Change, ...]) -> xr.Dataset:
    """The panel with cells of its last period set, confirmed, and that period watched in all channels."""
    out = panel.copy(deep=True)
    last = int(panel["length"].values[0]) - 1
    for name in ("force_observed", "signal_observed"):
        out[name].values[0, last] = True
    for change in changes:
        if change.variable == "force":
            at = (0, change.side, last)
            out["force"].values[at] = change.value
            out["rung"].values[at] = LIMITED_RUNG if change.value else 0
            out["force_confidence"].values[at] = CONFIRMED if change.value else 0
            continue
        labels = panel["channel" if change.variable == "signal" else "track"].values
        at = (0, change.side, last, int(np.flatnonzero(labels == change.column)[0]))
        out[change.variable].values[at] = change.value
        if change.variable == "signal":
            out["signal_confidence"].values[at] = CONFIRMED if change.value else 0
    return out


def treatment_table(
    tree: xr.DataTree,
    treatments: Sequence[Treatment] | None = None,
    *,
    seed: int = 1,
    total_paths: int = TOTAL_PATHS,
    progress: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """What the forecast would be, had the last period shown another signal.

    The parameters keep their posterior but for what the changed cell itself teaches; latent states of the past follow
    (importance weights). Signals of resolve are read as news about a side, not as causes: a threat raises P(strike) as
    far as it reveals resolve. Public commitments, the track record and strikes also act on what comes next.

    Parameters
    ----------
    tree
        From `fit`.
    treatments
        Those of `treatments_of` by default.
    seed, total_paths
        Of the simulated paths; all treatments share draws and random numbers.
    progress
        Called with a line of text at each stage.

    Returns
    -------
    DataFrame
        One row per treatment and outcome: treatment, side, wording, outcome, control, treated (probabilities),
        difference, mcse (its Monte Carlo standard error), khat and ess (the worse of the two sets of weights), expected
        (+ where the model fixes the sign, else open), note. Where the weights cannot be trusted (k-hat above 0.7) the
        probabilities are missing and the note says so.

    Raises
    ------
    ArchiveError
        The posterior comes from a version of the model with other parameters or another panel.
    """
    panel, priors = tree["panel"].to_dataset(), priors_of(tree)
    chosen = treatments_of(panel) if treatments is None else treatments
    panels = {c: changed(panel, c) for t in chosen for c in (t.treated, t.control)}
    try:
        weights = panel_weights(tree, panels, priors)
    except KeyError as error:
        raise ArchiveError(f"posterior of another version of the model ({error} is missing); fit again") from error
    futures = _outcomes_by_start(tree, seed, total_paths)
    chains = (tree["posterior"].sizes["chain"], tree["posterior"].sizes["draw"])
    rows = []
    for number, t in enumerate(chosen):
        treated, control = weights[t.treated], weights[t.control]
        after, before = futures(panels[t.treated]), futures(panels[t.control])
        sure = treated.trusted and control.trusted
        for name in after:
            found = effect(after[name], treated, before[name], control, chains) if sure else Effect(*[np.nan] * 4)
            own = name == f"strike by {'ab'[t.side]} in {STRIKE_DAYS} days"
            rows.append(
                (t.name, "ab"[t.side], t.wording, name, *found, max(treated.khat, control.khat),
                 min(treated.ess, control.ess), "+" if own and t.expected > 0 else "open", "" if sure else UNTRUSTED)
            )  # fmt: skip
        progress(f"treatment {number + 1} of {len(chosen)}: {t.name} of side {'ab'[t.side]}")
    columns = ["treatment", "side", "wording", "outcome", *Effect._fields, "khat", "ess", "expected", "note"]
    return pd.DataFrame(rows, columns=columns)


def outcomes(paths: Paths) -> dict[str, Outcome]:
    """The outcomes of a table of treatments, as shares of the paths of each draw."""
    events = first_events(paths)
    always = np.ones(len(events.strike))
    struck = events.strike <= STRIKE_DAYS
    direct = struck & (events.direct_reply <= events.strike + REPLY_DAYS)
    return {
        f"strike by a in {STRIKE_DAYS} days": Outcome((events.strike_a <= STRIKE_DAYS).mean(axis=1), always),
        f"strike by b in {STRIKE_DAYS} days": Outcome((events.strike_b <= STRIKE_DAYS).mean(axis=1), always),
        "direct reply, given a strike": Outcome(direct.mean(axis=1), struck.mean(axis=1)),
        f"deal in {DEAL_DAYS} days": Outcome((events.deal <= DEAL_DAYS).mean(axis=1), always),
    }


def _outcomes_by_start(tree: xr.DataTree, seed: int, total: int) -> Callable[[xr.Dataset], dict[str, Outcome]]:
    """Outcomes of a panel; panels whose state at the as-of date is the same share their paths."""
    own, draws = tree["panel"].to_dataset(), samples(tree["posterior"].to_dataset())
    step, last = int(own.attrs["period_days"]), int(own["length"].values[0]) - 1
    world = world_of(draws, own)
    known: dict[bytes, dict[str, Outcome]] = {}

    def of(panel: xr.Dataset) -> dict[str, Outcome]:
        acts, force = panel["track_record"].values[0, :, last], panel["force"].values[0, :, last]
        key = b"".join(v.tobytes() for v in (acts, force, panel["signal"].values[0, :, last, AUDIENCE]))
        if key not in known:
            known[key] = outcomes(
                simulate(
                    world, start_now(draws, panel), periods=-(-DEAL_DAYS // step),
                    paths=max(total // draws.sizes["sample"], 10), period_days=step, seed=seed,
                )
            )  # fmt: skip
        return known[key]

    return of
