"""What the forecast rests on: latent paths, signals that came in, parameters before and after, coverage, sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.record.acts import case_moves, find_case, with_sides
from forecast.terms import DENSITIES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import xarray as xr

    from forecast.model.priors import Prior
    from forecast.record.read import Record

INFORMED = 0.15  # contraction below which a parameter is called uninformed by the data
CREDIBILITY_PARAMETERS = ("overt_credibility", "track_weight", "credibility_half_life", "concession_credibility")


def latent_table(posterior: xr.Dataset, panel: xr.Dataset) -> pd.DataFrame:
    """Latent paths of both sides: date (end of period), side, latent, mean, low, high (80 %), observed."""
    length = int(panel["length"].values[0])
    step = np.timedelta64(int(panel.attrs["period_days"]) - 1, "D")
    ends = pd.DatetimeIndex(panel["period_start"].values[0, :length] + step).date
    observed = panel["force_observed"].values[0, :length]
    tables = []
    for latent in ("resolve", "credibility"):
        draws = posterior[latent]
        low, high = draws.quantile([0.1, 0.9], dim=("chain", "draw")).transpose("quantile", "side", "period").values
        mean = draws.mean(("chain", "draw")).transpose("side", "period").values
        for s, side in enumerate(panel["side"].values):
            tables.append(
                pd.DataFrame(
                    {"date": ends, "side": side, "latent": latent, "mean": mean[s], "low": low[s], "high": high[s],
                     "observed": observed}
                )
            )  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def signal_table(record: Record, case: str | None, since: date) -> pd.DataFrame:
    """Moves of the case that fall on or after a day, with sides, newest first."""
    chosen = find_case(record, case)
    moves = with_sides(record, case_moves(record, chosen), chosen.episode_id)
    rows = moves[moves["date"] >= pd.Timestamp(since)].sort_values(["date", "move_id"], ascending=False)
    columns = ["date", "known_date", "side", "actor", "target", "channel", "type", "level", "rung", "direction",
               "summary", "sources", "confidence", "move_id"]  # fmt: skip
    out = rows[columns].copy()
    out["date"], out["known_date"] = out["date"].dt.date, out["known_date"].dt.date
    return out.reset_index(drop=True)


def parameter_table(
    posterior: xr.Dataset, prior: xr.Dataset, priors: Mapping[str, Prior], names: list[str], checks: pd.DataFrame
) -> pd.DataFrame:
    """Every global parameter: prior, posterior, contraction (1 - posterior variance / prior variance), convergence.

    Parameters
    ----------
    posterior, prior
        Draws of each.
    priors
        Priors by name.
    names
        The global parameters.
    checks
        From `convergence`; it may hold other quantities too.
    """
    checks = checks.set_index("name")
    rows = []
    for name in names:
        dims = [d for d in posterior[name].dims if d not in ("chain", "draw")]
        after = posterior[name].stack(flat=("chain", "draw")).transpose("flat", *dims).values
        before = prior[name].transpose("sample", *dims).values
        after, before = after.reshape(len(after), -1), before.reshape(len(before), -1)
        labels = [n for n in checks.index if n == name or n.startswith(f"{name}[")]
        for k, label in enumerate(labels):
            known, now = before[:, k], after[:, k]
            low, high = np.quantile(now, [0.1, 0.9])
            check, about = checks.loc[label], priors[name]
            rows.append(
                (label, about.meaning, about.text, about.unit, about.reason, about.source, known.mean(), known.std(),
                 now.mean(), now.std(), low, high, 1 - now.var() / known.var(), check["rhat"], check["ess_bulk"],
                 check["ess_tail"])
            )  # fmt: skip
    columns = ["name", "meaning", "prior", "unit", "reason", "source", "prior_mean", "prior_sd", "mean", "sd", "low",
               "high", "contraction", "rhat", "ess_bulk", "ess_tail"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def credibility_note(parameters: pd.DataFrame, difference: pd.DataFrame) -> str:
    """Whether the record informs credibility, and what leaving its effect out changes, in words."""
    mine = parameters[parameters["name"].str.split("[").str[0].isin(CREDIBILITY_PARAMETERS)]
    informed = mine[mine["contraction"] >= INFORMED]
    largest = difference.iloc[int(difference["difference"].abs().to_numpy().argmax())]
    moved = 100 * abs(float(largest["difference"]))
    size = "as much as a point" if moved < 1 else f"more than {moved:.0f} points"
    where = "" if moved < 1 else f" ({largest['rung']} at {int(largest['horizon_days'])} days)"
    change = (
        f"Setting its effect on force to zero in the fitted model moves no rung by {size}{where}; "
        "this is not a re-fit without it."
    )
    if informed.empty:
        return (
            "Credibility: prior, not yet informed by data. None of its parameters is narrower than its prior by more "
            f"than {100 * INFORMED:.0f} % of variance. {change}"
        )
    listed = ", ".join(f"{n} ({100 * c:.0f} %)" for n, c in zip(informed["name"], informed["contraction"], strict=True))
    return (
        f"Credibility is weakly informed: the data narrowed {listed}; the rest of its {len(mine)} parameters is prior. "
        "In the shipped case a track record moved in time fits nearly as well, so it is no evidence for the theory. "
        f"{change}"
    )


def basis_table(record: Record, panel: xr.Dataset, case: str | None) -> pd.DataFrame:
    """What the forecast rests on, as item, value, note."""
    length = int(panel["length"].values[0])
    one = panel.isel(episode=0, period=slice(0, length))
    seen = one["force_observed"].values
    step = int(panel.attrs["period_days"])
    masked_tail = int(np.argmax(seen[::-1])) if seen.any() else length
    used = [DENSITIES[d] for d in one["density"].values if d >= 0]
    mix = ", ".join(f"{name} {used.count(name)}" for name in DENSITIES if used.count(name))
    chosen = find_case(record, case)
    moves = with_sides(record, case_moves(record, chosen), chosen.episode_id)
    inside = moves[moves["date"] >= chosen.panel_start]
    past = panel.isel(episode=slice(1, None))
    overt = (one["force"].values >= 2).any(axis=0) & seen
    rows = [
        ("periods of the case", f"{length}", f"{step} days each, since {chosen.panel_start.date()}"),
        ("of these observed", f"{int(seen.sum())}", f"coverage: {mix}"),
        ("unobserved periods at the end", f"{masked_tail}",
         "the record stops before the as-of date" if masked_tail else ""),
        ("moves of the case in the panel", f"{len(inside)}", f"{len(moves)} since {moves['date'].min().date()}"
         if len(moves) else "none"),
        ("periods with an overt act", f"{int(overt.sum())}",
         f"{100 * overt.sum() / max(seen.sum(), 1):.1f} % of those observed"),
        ("periods of the case in crisis", f"{int((one['crisis_age'].values >= 0).sum())}",
         "by its crises in the record" if one["crisis_observed"].values.any() else "the record tells of none"),
        ("past crises", f"{past.sizes['episode']}", f"{int(past['force_observed'].sum())} observed periods"),
        ("campaigns", f"{panel.sizes['spell']}",
         f"{int((panel['spell_episode'].values == 0).sum())} of them in the case"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["item", "value", "note"])


def source_table(record: Record, case: str | None) -> pd.DataFrame:
    """Sources of the case's moves with the number of moves that cite them: source_id, citation, url, rows."""
    moves = case_moves(record, find_case(record, case))
    cited = moves["sources"].astype(str).str.split(";").explode().str.strip()
    counts = cited[cited != ""].value_counts().rename("rows")
    table = record.sources.set_index("source_id")[["citation", "url"]].join(counts, how="inner")
    return table.sort_values(["rows", "citation"], ascending=[False, True]).reset_index(names="source_id")
