"""Learning from history: the shared parameters fitted to published data sets, as likelihood parts for other priors."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from forecast.errors import UsageError
from forecast.inference.fit import Sampling, fit
from forecast.inference.gate import convergence
from forecast.model.build import model_coords
from forecast.model.learned import Correlation, CutOff, History, Learned, Scalar, terms_hash
from forecast.model.priors import Prior, prior_arrays, read_priors
from forecast.record.history import agreement_panel, confrontation_panel
from forecast.record.history.agreements import read_crises
from forecast.record.importers import mie

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    import xarray as xr

CUT_OFFS: Final = (*(date(year, 12, 31) for year in range(1965, 2001, 5)), date(2003, 12, 31))
SAMPLING: Final = Sampling(tune=600, draws=600, chains=2, attempts=1, seed=20031231)
RHAT: Final = 1.05
INFORMED: Final = 0.1
"""Least contraction of a parameter that counts as learned: below it Monte Carlo error and information look alike."""
CORRELATED: Final = 0.3


class Lesson(NamedTuple):
    """What a data set is taken to teach, and the priors held fixed because it does not see what they are about."""

    data_set: str
    parameters: tuple[str, ...]
    unseen: Mapping[str, tuple[float, float]]


class Taught(NamedTuple):
    """What one data set taught up to one cut-off, what it did not and why, and which scalars move together."""

    scalars: dict[str, Scalar]
    learned: tuple[Learned, ...]
    not_learned: dict[str, str]
    correlations: tuple[Correlation, ...]


_NO_CREDIBILITY: Final = {"nuclear_credibility": (0.0, 0.001), "actor_credibility_sd": (0.01, 0.01)}
CONFRONTATIONS: Final = Lesson(
    "MIE 1.0",
    (
        *("overt_intercept", "onset_intercept", "onset_relapse", "onset_ground", "campaign_days"),
        *("campaign_days_ground", "campaign_days_sd", "war_opening", "war_ground", "war_escalation"),
        *("regional_opening", "regional_escalation"),
    ),
    # No strike is coded as symbolic or at leaders, and no ending at all: nothing may be learned from that. Clashes have
    # no attacker, so that campaigns seem to open on both sides at once: what is learned holds at the coupling given.
    {
        "leadership_intercept": (-20.0, 0.01),
        "leadership_resolve": (0.0, 0.001),
        "symbolic_intercept": (-20.0, 0.01),
        "truce_intercept": (-20.0, 0.01),
        "onset_coupling": (1.5, 0.05),
        "onset_episode_sd": (0.5, 0.05),
        **_NO_CREDIBILITY,
    },
)
AGREEMENTS: Final = Lesson(
    "ICB 15 and ICBe 1.1",
    (
        *("talks_recent", "talks_fighting", "talks_truce", "deal_intercept", "deal_talks", "deal_fighting"),
        *("deal_truce", "truce_intercept", "signal_last", "signal_incoming"),
    ),
    # heavy fighting stands for a campaign whose length and scope are not told
    {"halt_resolve": (0.0, 0.001), **_NO_CREDIBILITY},
)


def pretrain(
    corpora: Path,
    cut_offs: Sequence[date] = CUT_OFFS,
    *,
    priors: Mapping[str, Prior] | None = None,
    sampling: Sampling = SAMPLING,
    earlier: History | None = None,
    save: Callable[[History], None] = lambda _: None,
    progress: Callable[[str], None] = lambda _: None,
) -> History:
    """Learn the shared parameters from confrontations (MIE) and crises (ICB, ICBe), once for every cut-off.

    Parameters
    ----------
    corpora
        Folder with the publishers' files in `mie`, `icb` and `icbe`.
    cut_offs
        Each uses only what was over, and known to be, on that day.
    priors
        Those to learn under; the shipped table by default. They are divided out again.
    sampling
        Settings of each of the two fits of a cut-off.
    earlier
        A summary whose cut-offs are kept and not made again.
    save
        Called with the summary so far after each cut-off.
    progress
        Called with a line of text at each stage.

    Raises
    ------
    UsageError, RecordError
        A file is missing or is not the data set, nothing was over by a cut-off, or `earlier` was made from other files,
        terms or priors.
    """
    table = dict(read_priors() if priors is None else priors)
    draft = mie.read(corpora / "mie")
    record, endings = read_crises(corpora / "icbe", corpora / "icb")
    history = History(
        made=datetime.now(UTC).date(), terms_hash=terms_hash(table), corpora=_hashes(corpora), scalars={}, cut_offs=()
    )
    if earlier is not None:
        history = _continued(history, earlier)
    for day in sorted(set(cut_offs) - {cut.as_of for cut in history.cut_offs}):
        results, episodes = [], {}
        for lesson, panel in (
            (CONFRONTATIONS, confrontation_panel(draft, day)),
            (AGREEMENTS, agreement_panel(record, endings, day)),
        ):
            episodes[lesson.data_set] = panel.sizes["episode"] - 1
            progress(f"{day}, {lesson.data_set}: {episodes[lesson.data_set]} episodes")
            results.append(learn(panel, lesson, table, sampling, progress))
        cut_off = CutOff(
            as_of=day,
            episodes=episodes,
            learned=tuple(one for result in results for one in result.learned),
            not_learned={name: why for result in results for name, why in result.not_learned.items()},
            correlations=tuple(pair for result in results for pair in result.correlations),
        )
        scalars = {label: scalar for result in results for label, scalar in result.scalars.items()}
        if any(history.scalars.get(label, scalar) != scalar for label, scalar in scalars.items()):
            raise UsageError("the earlier summary was learned under other priors; write to a new file")
        done = sorted([*history.cut_offs, cut_off], key=lambda cut: cut.as_of)
        history = history.model_copy(update={"scalars": history.scalars | scalars, "cut_offs": tuple(done)})
        save(history)
    return history


def _continued(new: History, earlier: History) -> History:
    if (new.terms_hash, new.corpora) != (earlier.terms_hash, earlier.corpora):
        raise UsageError(
            "the earlier summary was made from other files or other terms of the model; write to a new file"
        )
    return earlier.model_copy(update={"made": new.made})


def learn(
    panel: xr.Dataset,
    lesson: Lesson,
    priors: Mapping[str, Prior],
    sampling: Sampling = SAMPLING,
    progress: Callable[[str], None] = lambda _: None,
) -> Taught:
    """Fit one panel of history and divide the priors out of the posterior of what it is taken to teach.

    On the unconstrained scale prior and posterior are taken as normal, scalar by scalar: the precision of the
    likelihood part is that of the posterior less that of the prior. Where an R-hat exceeds `RHAT`, the fit is made once
    more, twice as long; a scalar that still exceeds it is left out.

    Parameters
    ----------
    panel
        From `confrontation_panel` or `agreement_panel`.
    lesson
        `CONFRONTATIONS` or `AGREEMENTS`.
    priors
        From `read_priors`.
    """
    held = {n: priors[n].model_copy(update={"parameters": values}) for n, values in lesson.unseen.items()}
    coords = model_coords(panel)
    draws, quality = _drawn(panel, lesson, {**priors, **held}, sampling, progress)
    if quality.max() > RHAT:
        longer = replace(sampling, tune=2 * sampling.tune, draws=2 * sampling.draws)
        progress(f"R-hat of {quality.idxmax()} is {quality.max():.3f}: once more with {longer.draws} draws a chain")
        draws, quality = _drawn(panel, lesson, {**priors, **held}, longer, progress)
    scalars, learned, absent, columns = {}, [], {}, {}
    for name in lesson.parameters:
        prior = priors[name]
        location, scale = prior_arrays({name: prior}, coords, prior.family)
        values = draws[name].transpose("chain", "draw", *prior.dims).values.reshape(-1, len(location)).astype(float)
        values = np.log(values) if prior.family == "lognormal" else values
        entries = [str(label) for label in coords[prior.dims[0]]] if prior.dims else [""]
        for k, entry in enumerate(entries):
            label = f"{name}[{entry}]" if entry else name
            rhat = float(quality[label])
            part = likelihood_part(values[:, k], location[k], scale[k])
            if part is None or rhat > RHAT:
                absent[label] = f"R-hat {rhat:.2f}" if rhat > RHAT else "the data hardly narrow it"
                continue
            columns[label] = values[:, k]
            scalars[label] = Scalar(
                parameter=name,
                index=k if entry else None,
                size=len(entries) if entry else None,
                family="lognormal" if prior.family == "lognormal" else "normal",
                data_set=lesson.data_set,
                prior=(_digits(location[k]), _digits(scale[k])),
            )
            moments = _digits(values[:, k].mean()), _digits(values[:, k].std())
            learned.append(
                Learned(label=label, mean=_digits(part[0]), sd=_digits(part[1]), posterior=moments, rhat=round(rhat, 3))
            )
    return Taught(scalars, tuple(learned), absent, _correlations(columns))


def _drawn(
    panel: xr.Dataset,
    lesson: Lesson,
    priors: Mapping[str, Prior],
    sampling: Sampling,
    progress: Callable[[str], None],
) -> tuple[xr.Dataset, pd.Series]:
    """Draws of a fit, and R-hat of every scalar that it is to teach."""
    draws = fit(panel, priors, sampling, progress=progress)["posterior"].to_dataset()
    return draws, convergence(draws[list(lesson.parameters)]).set_index("name")["rhat"]


def likelihood_part(values: np.ndarray, location: float, scale: float) -> tuple[float, float] | None:
    """Mean and sd of the normal by which a normal prior has to be multiplied to give the moments of draws [sample].

    None where the draws are hardly narrower than the prior.
    """
    variance = float(np.var(values))
    if 1 - variance / scale**2 < INFORMED:
        return None
    precision = 1 / variance - 1 / scale**2
    return (float(values.mean()) / variance - location / scale**2) / precision, precision**-0.5


def _correlations(columns: Mapping[str, np.ndarray]) -> tuple[Correlation, ...]:
    names = list(columns)
    if len(names) < 2:
        return ()
    found = np.corrcoef(np.stack([columns[name] for name in names]))
    pairs = [(i, j) for i in range(len(names)) for j in range(i) if abs(found[i, j]) >= CORRELATED]
    return tuple(Correlation(one=names[j], other=names[i], value=round(float(found[i, j]), 2)) for i, j in pairs)


def _digits(value: float) -> float:
    return float(f"{value:.5g}")


def _hashes(corpora: Path) -> dict[str, str]:
    """SHA-256 of the files that were read, by folder and name."""
    files = sorted(file for name in ("mie", "icb", "icbe") for file in (corpora / name).glob("*.csv"))
    return {f"{file.parent.name}/{file.name}": hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
