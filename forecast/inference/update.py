"""Fast update: new rows move the draws of an earlier fit by a particle filter and weights, and say when to fit anew."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from forecast.errors import UsageError
from forecast.inference.anneal import anneal
from forecast.inference.blocks import Block, blocks_of
from forecast.inference.carry import Grid, carried, episode_part, grid_of, moved, priors_of, with_window
from forecast.inference.fit import samples
from forecast.inference.gate import ESS
from forecast.inference.likelihood import NONE, Choices, joined, log_likelihood, some
from forecast.inference.news import News, Told, news, told
from forecast.inference.particles import Filtered, filter_paths, moves_of, observed_in
from forecast.inference.reweight import KHAT, Weights, smoothed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast.model.priors import Prior

LEAST_PARTICLES = 0.1  # effective share, on average over draws in the worst period, below which a full fit is due
MOST_WEEKS = 4  # since the fit, the longest for which updates were compared with fits


@dataclass(frozen=True)
class Updating:
    """Settings of an update: periods of the fit to filter anew, particles and paths of each draw, and the seed."""

    back: int = 8
    particles: int = 64
    copies: int = 16
    seed: int = 20260228


@dataclass(frozen=True)
class Diagnosis:
    """What an update says about itself.

    `khat` and `ess_draws` are of the weights of the draws, `ess_particles` is the smallest over periods of the mean
    effective number of particles. `reasons` tell why a full fit is due; none where the update may be used.
    """

    fitted_as_of: str
    weeks: float
    khat: float
    ess_draws: float
    draws: int
    ess_particles: float
    particles: int
    aligned: bool
    annealed: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def full_fit_due(self) -> bool:
        """Whether the update should not be used."""
        return bool(self.reasons)


class Side(NamedTuple):
    """One of the two panels, with the draws on its labels and the first period of the window that is filtered."""

    panel: xr.Dataset
    told: Told
    draws: xr.Dataset
    first: int

    @property
    def window(self) -> np.ndarray:
        """Numbers of the choices that depend on the case's resolve in the window."""
        return np.flatnonzero(self.told.choices.step >= self.first)


class Hinging(NamedTuple):
    """The part of the news that hinges on a block of scalars (see `anneal`)."""

    block: Block
    known: Choices  # all else that depends on the block
    fresh: Choices
    inside: bool  # whether some of it depends on the resolve of the window
    independent: bool  # whether no choice ties the block to any other unknown


class Portions(NamedTuple):
    """How the news is taken in: at once, by the filter, or by annealing."""

    fresh: Choices  # outside the window; at the positions of the later panel
    lost: Choices  # and of the earlier
    window: np.ndarray  # numbers of the choices of the later panel that the filter sees
    counts: np.ndarray  # [choice, 4] with which it sees them
    hinging: list[Hinging]


def update_posterior(tree: xr.DataTree, panel: xr.Dataset, settings: Updating | None = None) -> xr.DataTree:
    """Move the draws of an earlier fit to a later panel of the same case, without sampling anew.

    Each draw of the parameters keeps its path of resolve up to some periods before the fit's last one; from there on
    the path is filtered anew within the draw by particles. The draw's weight is the chance that it gave to what the
    later panel says and the earlier did not: the filter's evidence for the new periods, and the likelihood of rows that
    came in late, of past crises and of choices that no latent enters. Where such news hinges on a few parameters these
    move with it (`anneal`). Weights are Pareto-smoothed (Vehtari et al. 2024) and the draws resampled, so that they
    count alike. Apart from the error of particles and weights this is the posterior of a new fit.

    Parameters
    ----------
    tree
        From `fit`.
    panel
        From `build_panel`, of the same case and period length, as of the same or a later day.
    settings
        Seed, particles, and how far the filter goes back.

    Returns
    -------
    DataTree
        Groups, dims and names as `fit` returns them, with as many draws; `sample_stats` are those of the fit. The
        attribute `update` holds the diagnosis, see `diagnosis_of`.

    Raises
    ------
    UsageError
        Another case or period length, an earlier day, or a tree that is itself an update.
    """
    chosen = Updating() if settings is None else settings
    old, priors = tree["panel"].to_dataset(), priors_of(tree)
    _check(tree, old, panel)
    draws, grid = samples(tree["posterior"].to_dataset()), grid_of(old, panel, chosen.back)
    ids: dict[str, int] = {}
    before = Side(old, told(old, priors, ids), draws, grid.old_first)
    carry = moved(carried(draws, old, panel, priors, chosen.seed + 1), draws, old, panel, grid, chosen.seed + 2)
    after = Side(panel, told(panel, priors, ids), carry, grid.new_first)
    portions = _portions(news(before.told, after.told), before, after, grid, priors)
    log_weight = log_likelihood(portions.fresh, carry, panel, priors)
    log_weight += log_likelihood(portions.lost, draws, old, priors)
    found, evidence = _filtered(before, after, portions, grid, priors, chosen)
    log_weight += evidence
    moving = with_window(carry, panel, found.path[:, 0], grid.new_first)
    apart, annealed = [], []
    for seed, part in enumerate(portions.hinging, start=chosen.seed + 3):
        moving, weight, moves = anneal(moving, panel, priors, part.block, part.known, part.fresh, seed)
        if moves:
            annealed.append(part.block.name)
        if part.independent:
            apart.append(smoothed(weight))
            moving = _dealt_anew(moving, tuple(part.block.scalars), apart[-1], seed)
        else:
            log_weight += weight
    weights = smoothed(log_weight)
    # paths are alike within a draw unless its weight was taken at one of them
    copies = 1 if any(part.inside for part in portions.hinging) else chosen.copies
    kept = _resampled(moving, weights, panel, found.path[:, :copies], grid.new_first, chosen.seed)
    out = xr.DataTree.from_dict(
        {"posterior": _by_chain(kept, tree["posterior"].to_dataset()), "panel": panel,
         "sample_stats": tree["sample_stats"].to_dataset()}
    )  # fmt: skip
    diagnosis = _diagnosis(old, panel, [weights, *apart], found, grid, chosen, tuple(annealed))
    out.attrs = tree.attrs | {"update": json.dumps(asdict(diagnosis) | {"settings": asdict(chosen)})}
    return out


def diagnosis_of(tree: xr.DataTree) -> Diagnosis | None:
    """What an update says about itself; None for a fit."""
    if "update" not in tree.attrs:
        return None
    found = json.loads(str(tree.attrs["update"]))
    found.pop("settings")
    return Diagnosis(**found | {name: tuple(found[name]) for name in ("annealed", "reasons")})


def _check(tree: xr.DataTree, old: xr.Dataset, panel: xr.Dataset) -> None:
    if diagnosis_of(tree) is not None:
        raise UsageError("this posterior is itself an update; update the fit that it came from")
    for name, what in (("case", "case"), ("period_days", "period length")):
        if old.attrs[name] != panel.attrs[name]:
            raise UsageError(
                f"the posterior is of {what} {old.attrs[name]}, the panel of {panel.attrs[name]}; fit anew"
            )
    if panel.attrs["as_of"] < old.attrs["as_of"]:
        raise UsageError(f"the panel is as of {panel.attrs['as_of']}, before the fit ({old.attrs['as_of']}); fit anew")


def _portions(fresh: News, before: Side, after: Side, grid: Grid, priors: Mapping[str, Prior]) -> Portions:
    whole, new, place = after.told.choices, fresh.fresh, fresh.place
    # where the periods of the case do not compare, all that depends on its resolve is left to the filter
    able = np.ones(len(place), dtype=bool) if grid.aligned else new.step == NONE
    inside = new.step >= grid.new_first
    claims, rest = [], able.copy()
    for block in blocks_of(new, before.panel, after.panel, priors):
        mine = np.flatnonzero(rest & block.claims(new))
        if len(mine) and not (inside[mine] & (place[mine] == NONE)).any():  # taken back in the window: for the filter
            claims.append((block, mine))
            rest[mine] = False
    counts, hinging = whole.counts.copy(), []
    for block, mine in reversed(claims):  # what blocks after this one take in is not known yet
        added = mine[place[mine] != NONE]
        counts[place[added]] -= new.counts[added]
        own, back = np.flatnonzero(block.moves(whole)), some(new, mine[place[mine] == NONE])
        hinging.append(
            Hinging(
                block,
                joined(some(whole, own)._replace(counts=counts[own]), back._replace(counts=-back.counts)),
                some(new, mine),
                bool(inside[mine].any()),
                _apart(some(whole, own), block),
            )
        )
    window = after.window[counts[after.window].any(axis=1)]
    rest &= ~inside
    lost = fresh.lost.step < grid.old_first if grid.aligned else fresh.lost.step == NONE
    return Portions(
        some(new, np.flatnonzero(rest)), some(fresh.lost, np.flatnonzero(lost)), window, counts, hinging[::-1]
    )


def _apart(choices: Choices, block: Block) -> bool:
    """Whether choices have no unknowns in their terms but those of the block."""
    alone = np.isin(choices.fixed.parameter, block.parameters).all()
    couplings = choices.coupling[choices.coupling != NONE]
    return bool(alone and not len(choices.latent.parameter) and np.isin(couplings, block.parameters).all())


def _filtered(
    before: Side, after: Side, portions: Portions, grid: Grid, priors: Mapping[str, Prior], chosen: Updating
) -> tuple[Filtered, np.ndarray]:
    """Paths of the window in the later panel, and log evidence of the later window over the earlier [sample]."""

    def run(side: Side, choices: Choices, copies: int) -> Filtered:
        start = episode_part(side.draws, side.panel, side.first - 1) if side.first else None
        observed = observed_in(choices, side.draws, side.panel, priors, side.first)
        moves = moves_of(side.draws, side.panel, side.first, start)
        return filter_paths(moves, observed, particles=chosen.particles, copies=copies, seed=chosen.seed)

    window = some(after.told.choices, portions.window)._replace(counts=portions.counts[portions.window])
    found = run(after, window, chosen.copies)
    periods = int(before.panel["length"].values[0]) - before.first
    shared = _shared(before, after, portions, periods) if grid.aligned else 0
    evidence = found.log_evidence[:, shared:].sum(axis=1)
    if shared < periods:
        earlier = run(before, some(before.told.choices, before.window), 1)
        evidence -= earlier.log_evidence[:, shared:].sum(axis=1)
    return found, evidence


def _shared(before: Side, after: Side, portions: Portions, periods: int) -> int:
    """Number of first periods of the window in which the filter sees the same, so that their evidence cancels."""
    earlier, later = (
        _by_period(side, window, counts)
        for side, window, counts in (
            (before, before.window, before.told.choices.counts), (after, portions.window, portions.counts),
        )
    )  # fmt: skip
    return next((t for t in range(periods) if earlier.get(t) != later.get(t)), periods)


def _by_period(side: Side, window: np.ndarray, counts: np.ndarray) -> dict[int, Counter]:
    out: dict[int, Counter] = {}
    for k in window:
        out.setdefault(int(side.told.choices.step[k]) - side.first, Counter())[
            side.told.keys[k].tobytes() + counts[k].tobytes()
        ] += 1
    return out


def _systematic(weights: Weights, seed: int) -> np.ndarray:
    """Numbers of draws, each as often as its weight asks, in their order (systematic resampling)."""
    size = len(weights.weight)
    place = (np.random.default_rng(seed).random() + np.arange(size)) / size
    return np.minimum(np.searchsorted(np.cumsum(weights.weight), place), size - 1)


def _dealt_anew(draws: xr.Dataset, names: tuple[str, ...], weights: Weights, seed: int) -> xr.Dataset:
    """Draws whose named parameters, which are independent of all others, are drawn by weights of their own."""
    taken = np.random.default_rng(seed).permutation(_systematic(weights, seed))
    return draws.assign({name: draws[name].isel(sample=taken) for name in names})


def _resampled(
    draws: xr.Dataset, weights: Weights, panel: xr.Dataset, path: np.ndarray, first: int, seed: int
) -> xr.Dataset:
    """Draws by their weights (systematic resampling); copies of one draw take different paths of its window."""
    taken = _systematic(weights, seed)
    copy = (np.arange(len(taken)) - np.searchsorted(taken, taken)) % path.shape[1]
    return with_window(draws.isel(sample=taken), panel, path[taken, copy], first)


def _by_chain(draws: xr.Dataset, fitted: xr.Dataset) -> xr.Dataset:
    """Draws with the chains and draws of the fit as dims."""
    lead = ("chain", "draw")
    shape = tuple(fitted.sizes[d] for d in lead)
    return xr.Dataset(
        {n: ((*lead, *v.dims[1:]), v.values.reshape(*shape, *v.shape[1:]))
         for n, v in draws.transpose("sample", ...).data_vars.items()},
        coords={d: v.values for d, v in draws.coords.items() if d != "sample"} | {d: fitted[d].values for d in lead},
    )  # fmt: skip


def _diagnosis(
    old: xr.Dataset,
    panel: xr.Dataset,
    weights: list[Weights],
    found: Filtered,
    grid: Grid,
    chosen: Updating,
    blocks: tuple[str, ...],
) -> Diagnosis:
    weeks = (date.fromisoformat(panel.attrs["as_of"]) - date.fromisoformat(old.attrs["as_of"])).days / 7.0
    particles = float((weights[0].weight @ found.ess).min())
    draws = len(weights[0].weight)
    khat, ess = max(w.khat for w in weights), min(w.ess for w in weights)
    least = min(ESS, draws // 4)
    reasons = []
    if khat > KHAT:
        reasons.append(f"the weights of the draws have a Pareto k-hat of {khat:.2f}, above {KHAT}")
    if ess < least:
        reasons.append(f"{ess:.0f} effective draws are left of {draws}, fewer than {least}")
    if particles < LEAST_PARTICLES * chosen.particles:
        reasons.append(f"{particles:.0f} effective particles are left of {chosen.particles} in one period")
    if weeks > MOST_WEEKS:
        reasons.append(f"the fit is {weeks:.0f} weeks old, more than {MOST_WEEKS}")
    return Diagnosis(
        fitted_as_of=old.attrs["as_of"],
        weeks=weeks,
        khat=khat,
        ess_draws=ess,
        draws=draws,
        ess_particles=particles,
        particles=chosen.particles,
        aligned=grid.aligned,
        annealed=blocks,
        reasons=tuple(reasons),
    )
