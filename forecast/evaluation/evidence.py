"""The tables of `docs/evidence.md`, from stored results: `python -m forecast.evaluation.evidence`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from forecast.errors import UsageError
from forecast.evaluation.bars import bars, others, reproduced
from forecast.evaluation.markdown import column_interval, grid
from forecast.evaluation.resolution import course_of, places
from forecast.evaluation.standings_page import backtest, behaviour, pool, reliability, thresholds
from forecast.evaluation.updates import BAR, summary
from forecast.record import read_record
from forecast.terms import LADDER

FOLDER: Final = Path("docs/evidence")
PAGE: Final = Path("docs/evidence.md")
MISSING: Final = "*Not yet measured for the present model.*"
_PLACE: Final = r"(?s)<!-- table {name} -->\n.*?<!-- end -->"
_OVERT: Final = LADDER.index("O2")

NO_EFFECT = 1e-3  # spread of true effects below which there is nothing to recover


def filled(page: str, folder: Path = FOLDER) -> str:
    """Text of the page with its tables written anew from the results of a folder.

    Raises
    ------
    UsageError
        The page has no place for a table, from ``<!-- table NAME -->`` to ``<!-- end -->``.
    """
    for name, (file, section) in SECTIONS.items():
        told = section(folder) if (folder / file).exists() else MISSING
        text = f"<!-- table {name} -->\n{told}\n<!-- end -->"
        page, found = re.subn(_PLACE.format(name=name), lambda _match, text=text: text, page)
        if found != 1:
            raise UsageError(
                f"{PAGE}: {found} places for {name}; one is wanted, from <!-- table {name} --> to <!-- end -->"
            )
    return page


def calibration(_folder: Path) -> str:
    """The calibration certificate in words."""
    found = json.loads(Path(__file__).with_name("sbc.json").read_text(encoding="utf-8"))
    cover, spread = found["mean_coverage"], found["range_of_coverage"]["cover_80"]
    rows = [
        ("simulations", f"{found['simulations']:,}"),
        ("quantities", found["quantities"]),
        ("smallest p of a rank test, Holm-adjusted", f"{found['smallest_p_holm']:.3f} ({found['worst_quantity']})"),
        ("mean coverage of 50 / 80 / 95 % intervals", " / ".join(f"{cover[k]:.3f}" for k in sorted(cover))),
        ("range of coverage over quantities, 80 %", "–".join(f"{v:.3f}" for v in spread)),
        ("divergent draws", f"{found['divergent_share']:.1e}"),
        ("hash of model code and priors", found["model_hash"][:12]),
    ]  # fmt: skip
    return grid(("what", "found"), rows)


def recovery(folder: Path) -> str:
    """Coverage by group of parameters, and of the latent paths."""
    table = pd.read_csv(folder / "recovery-coverage.csv")
    paths = table["name"].str.contains("path")
    acts = table["name"].str.startswith("effect_of_act")
    groups = {"all global scalars": table[~paths & ~acts], "effects of single acts": table[acts]}
    groups |= {str(name): table[table["name"] == name] for name in table.loc[paths, "name"]}
    rows = [
        (name, len(part), *(f"{part[c].mean():.2f}" for c in ("cover_50", "cover_80", "cover_95")),
         "" if name.endswith("path") else f"{(part['contraction'] > 0.5).sum()} / {(part['contraction'] < 0.15).sum()}")
        for name, part in groups.items() if len(part)
    ]  # fmt: skip
    head = ("quantity", "scalars", "50 %", "80 %", "95 %", "narrowed by more than half / by less than 15 %")
    return f"{int(table['worlds'].max())} worlds.\n\n{grid(head, rows)}"


def credibility(folder: Path) -> str:
    """What comes back of a true effect of credibility, and of one whose track record is moved in time."""
    table = pd.read_csv(folder / "recovery-credibility.csv.gz")
    rows = []
    for run, part in table.groupby("run", sort=False):
        effect = part[part["name"] == "overt_credibility"]
        acts = part[part["name"].str.startswith("effect_of_act")]
        slope = np.polyfit(acts["truth"], acts["mean"], 1)[0] if acts["truth"].std() > NO_EFFECT else np.nan
        path = part[part["name"].str.startswith("credibility[")]
        resolve = part[part["name"].str.startswith("resolve[")]
        rows.append(
            (run, effect["world"].nunique(), f"{effect['mean'].mean():.2f} ± {effect['sd'].mean():.2f}",
             "" if np.isnan(slope) else f"{slope:.2f}", f"{acts['cover_80'].mean():.2f}",
             f"{path['path_correlation'].mean():.2f}", f"{resolve['path_correlation'].mean():.2f}")
        )  # fmt: skip
    head = ("true effect", "worlds", "posterior of it", "effects of acts: slope on truth", "80 % coverage of them",
            "correlation, path of credibility", "correlation, path of resolve")  # fmt: skip
    return grid(head, rows)


def placebo(folder: Path) -> str:
    """The record with its track record moved in time."""
    table = pd.read_csv(folder / "placebo.csv")
    rows = []
    for shift, part in table.groupby("shift", sort=False):
        effect = part[part["quantity"] == "overt_credibility"].iloc[0]
        acts = part[part["quantity"] != "overt_credibility"]
        rows.append(
            (f"{shift} weeks", f"{effect['mean']:.2f} ± {effect['sd']:.2f}", f"{effect['contraction']:.2f}",
             f"{acts['contraction'].max():.2f}", f"{effect['log_evidence']:+.2f} ± {effect['noise']:.2f}")
        )  # fmt: skip
    before = table[table["quantity"] == "overt_credibility"].iloc[0]
    head = ("moved by", "effect on force", "narrowed by", "most narrowed act", "log evidence against unmoved")
    return f"Prior of the effect: {before['prior_mean']:.2f} ± {before['prior_sd']:.2f}.\n\n{grid(head, rows)}"


def gate(folder: Path) -> str:
    """The publication gate at weekly as-of dates: how many passed, and the extremes."""
    table = pd.read_csv(folder / "gates.csv")
    days = f"{len(table)} dates from {table['as_of'].min()} to {table['as_of'].max()}"
    rows = [
        ("passed", f"{int(table['passed'].sum())} of {len(table)}"),
        ("largest R-hat, median and worst date", f"{table['rhat'].median():.4f}, {table['rhat'].max():.4f}"),
        ("smallest ESS, median and worst date", f"{table['ess'].median():.0f}, {table['ess'].min()}"),
        ("dates with a divergent draw", int((table["divergent"] > 0).sum())),
        ("smallest E-BFMI", f"{table['bfmi'].min():.2f}"),
        ("predictive p, range", f"{table['p_low'].min():.3f}–{table['p_high'].max():.3f}"),
        ("seconds a date, median and longest", f"{table['wall_s'].median():.0f}, {table['wall_s'].max():.0f}"),
    ]
    failed = table.loc[~table["passed"], ["as_of", "failed"]]
    told = "".join(f"\n- {day}: failed {why}" for day, why in failed.itertuples(index=False))
    return f"{days}.\n\n{grid(('what', 'found'), rows)}{told}"


def updates(folder: Path) -> str:
    """Updates against fits, by the age of the fit: how many may be used, and how far their ladders lie apart."""
    table = pd.read_csv(folder / "updates.csv")
    speed = table["fit_s"] / table["update_s"]
    rows = [
        (f"{row['weeks']:.0f}", f"{row['comparisons']:.0f}", f"{row['used']:.0f}", f"{row['agree']:.0f}",
         f"{row['median']:.4f}", f"{row['largest']:.4f}", f"{row['largest_not_used']:.4f}")
        for _, row in summary(table).iterrows()
    ]  # fmt: skip
    head = ("weeks since the fit", "dates", "usable by their own diagnosis", f"of these within {BAR}",
            "median distance of these", "largest", "largest of those refused")  # fmt: skip
    took = f"{table['update_s'].median():.1f} s, the sampling of a fit {speed.median():.0f} times as long"
    return f"{grid(head, rows)}\n\nMoving the draws took {took} (medians, beside other work)."


def comparison(folder: Path) -> str:
    """Variants of the model against the published one, all horizons together."""
    table = pd.read_csv(folder / "comparison.csv")
    table = table[table["horizon_days"] == 0]
    parts = []
    for kind, part in table.groupby("origins", sort=False):
        if parts and part["rows"].iloc[0] == table["rows"].iloc[0]:
            continue  # the same windows once more
        rows = []
        for name, mine in part.groupby("model", sort=False):
            scores = mine.set_index("score")
            cells = []
            for score in ("log", "rps"):
                one = scores.loc[score]
                less = column_interval(one)
                cells += [f"{one['mean']:.3f}", "" if name == "published" else less]
            rows.append((name, mine["meaning"].iloc[0], *cells))
        first = part.iloc[0]
        head = ("variant", "what it is", "log", "less published (95 %)", "RPS", "less published (95 %)")
        told = f"*{kind}*: {first['rows']} windows of {first['cases']} crises ({first['stories']} stories)."
        parts.append(f"{told}\n\n{grid(head, rows)}")
    return "\n\n".join(parts)


def history(folder: Path) -> str:
    """The forecast of the seed case at weekly as-of dates, and what happened."""
    ladder = pd.read_csv(folder / "gates-ladder.csv")
    record = read_record()
    course = course_of(record)
    days = sorted(ladder["as_of"].unique())
    horizons = sorted(int(h) for h in ladder["horizon_days"].unique())
    happened = places(course, [date.fromisoformat(d) for d in days], horizons)
    rows = []
    for day, outcomes in zip(days, happened, strict=True):
        mine = ladder[ladder["as_of"] == day]
        cells = []
        for horizon, outcome in zip(horizons, outcomes, strict=True):
            at = mine[mine["horizon_days"] == horizon].set_index("rung")["probability"]
            overt = at[list(LADDER[_OVERT:])].sum()
            found = "void" if outcome.place is None else f"{LADDER[outcome.place]} ({at[LADDER[outcome.place]]:.2f})"
            cells.append(f"{overt:.2f} → {found}")
        rows.append((day, *cells))
    return grid(("as of", *(f"{h} days" for h in horizons)), rows)


SECTIONS: Final[Mapping[str, tuple[str, Callable[[Path], str]]]] = {
    "bars": ("", bars),
    "others": ("", others),
    "reproduced": ("", reproduced),
    "calibration": ("", calibration),
    "recovery": ("recovery-coverage.csv", recovery),
    "credibility": ("recovery-credibility.csv.gz", credibility),
    "placebo": ("placebo.csv", placebo),
    "backtest": ("backtest.csv", backtest),
    "thresholds": ("backtest.csv", thresholds),
    "behaviour": ("behaviour.csv", behaviour),
    "reliability": ("reliability.csv", reliability),
    "pool": ("pool.csv", pool),
    "comparison": ("comparison.csv", comparison),
    "gate": ("gates.csv", gate),
    "updates": ("updates.csv", updates),
    "history": ("gates-ladder.csv", history),
}
"""Name of each table → the file that it needs, and the function that writes it."""


def main() -> None:
    """Write the page's tables anew."""
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
