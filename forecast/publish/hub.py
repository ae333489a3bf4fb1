"""A forecast in the table shape of the hubverse, one row per predicted value."""

from __future__ import annotations

from typing import Final

import pandas as pd

from forecast.publish.tables import Meta, Tables

FORECAST_COLUMNS: Final[tuple[str, ...]] = (
    "reference_date", "target", "horizon", "location", "output_type", "output_type_id", "value",
)  # fmt: skip
INTERVAL_COLUMNS: Final[tuple[str, ...]] = (
    "reference_date", "target", "horizon", "location", "category", "output_type", "output_type_id", "value",
)  # fmt: skip
NO_CATEGORY: Final = "NA"
_MEASURES: Final = (("low", "quantile", "0.1"), ("high", "quantile", "0.9"), ("mcse", "mcse", NO_CATEGORY))


def forecast_table(meta: Meta, tables: Tables) -> pd.DataFrame:
    """Rows of `forecast.csv`.

    The ladder is a `pmf` of target `ladder` whose `output_type_id` is the outcome code. Each further event is a binary
    target: its probability is the `mean`, with `output_type_id` NA; questions have the target `question:<question_id>`.
    An event whose condition never held on any path has no row.

    Returns
    -------
    DataFrame
        Columns `FORECAST_COLUMNS`; `horizon` in days, `location` the id of the case.
    """
    rows = _long(meta, tables)
    rows["output_type"] = ["pmf" if target == "ladder" else "mean" for target in rows["target"]]
    rows = rows.rename(columns={"category": "output_type_id", "probability": "value"})
    return rows[list(FORECAST_COLUMNS)]


def interval_table(meta: Meta, tables: Tables) -> pd.DataFrame:
    """Rows of `intervals.csv`: what is uncertain about each value of `forecast.csv`.

    Three rows per value, matched by target, horizon and `category` (= its `output_type_id`): its 0.1 and 0.9 quantiles
    over posterior draws (`output_type` quantile) and its Monte Carlo standard error (`output_type` mcse).
    """
    rows = _long(meta, tables)
    parts = [
        rows.assign(output_type=output_type, output_type_id=level, value=rows[column])
        for column, output_type, level in _MEASURES
    ]
    return pd.concat(parts, ignore_index=True)[list(INTERVAL_COLUMNS)]


def _long(meta: Meta, tables: Tables) -> pd.DataFrame:
    ladder = tables["ladder"].rename(columns={"rung": "category"}).assign(target="ladder")
    parts = [ladder, tables["quantities"].assign(target=tables["quantities"]["name"], category=NO_CATEGORY)]
    if "questions" in tables:
        questions = tables["questions"]
        parts.append(questions.assign(target="question:" + questions["question_id"].astype(str), category=NO_CATEGORY))
    kept = ["target", "horizon_days", "category", "probability", "low", "high", "mcse"]
    rows = pd.concat([part[kept] for part in parts if not part.empty], ignore_index=True)
    rows = rows[rows["probability"].notna()].rename(columns={"horizon_days": "horizon"})
    return rows.assign(reference_date=str(meta["as_of"]), location=str(meta["case"]))
